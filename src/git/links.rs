//! Where symbolic links of a commit led at that commit.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::files::Entry;
use super::{GitError, Repository};

/// How many links may lead to one another.
const LONGEST_CHAIN: usize = 8;

/// What stands in the place of a file.
pub(super) enum Link {
    /// The contents of this entry.
    Contents(Entry),
    /// Something outside of the repository, or nothing at all: a path of today.
    Outside(PathBuf),
}

impl Link {
    /// The entry whose contents are wanted.
    pub(super) fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Contents(entry) => Some(entry),
            Self::Outside(_) => None,
        }
    }
}

/// The files below `place`, by their paths there, with what links led to in the place of links.
pub(super) async fn followed(
    repository: &Repository,
    commit: &str,
    place: &Path,
    entries: Vec<Entry>,
) -> Result<Vec<(PathBuf, Link)>, GitError> {
    // Each entry with the path that it is to have, below the top.
    let mut waiting: Vec<(PathBuf, Entry)> = entries.into_iter().map(|entry| (entry.path.clone(), entry)).collect();
    let mut found = Vec::new();
    for _ in 0..LONGEST_CHAIN {
        let (links, files): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, entry)| entry.link);
        found.extend(files.into_iter().map(|(path, entry)| (path, Link::Contents(entry))));
        waiting = Vec::new();
        if links.is_empty() {
            break;
        }
        let texts =
            repository.contents(commit, place, &links.iter().map(|(_, entry)| entry).collect::<Vec<_>>()).await?;
        let targets: Vec<_> = links.iter().zip(&texts).map(|((_, entry), text)| target(&entry.path, text)).collect();
        let inside: Vec<&Path> = targets.iter().flatten().map(PathBuf::as_path).collect();
        // Without a place git would list everything.
        let there = if inside.is_empty() { Vec::new() } else { repository.entries(commit, &inside).await? };
        for (((path, entry), text), target) in links.into_iter().zip(texts).zip(targets) {
            let before = waiting.len();
            if let Some(target) = target {
                waiting.extend(there.iter().filter_map(|found| {
                    let below = found.path.strip_prefix(&target).ok()?;
                    let path = if below.as_os_str().is_empty() { path.clone() } else { path.join(below) };
                    Some((path, found.clone()))
                }));
            }
            if waiting.len() == before {
                let beside = entry.path.parent().unwrap_or(Path::new(""));
                let outside = repository.top.join(beside).join(OsStr::from_bytes(&text));
                found.push((path, Link::Outside(outside)));
            }
        }
    }
    let below = |(path, link): (PathBuf, Link)| Some((path.strip_prefix(place).ok()?.to_owned(), link));
    // A file at the place itself is no folder of migrations.
    Ok(found.into_iter().filter_map(below).filter(|(path, _)| !path.as_os_str().is_empty()).collect())
}

/// Where a link at this path with this text leads below the top; `None` where it leaves the repository, and for the top
/// itself, in which the link would be found again.
fn target(link: &Path, text: &[u8]) -> Option<PathBuf> {
    let text = Path::new(OsStr::from_bytes(text));
    let mut path = link.parent().unwrap_or(Path::new("")).to_owned();
    for part in text.components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!path.as_os_str().is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_from_where_they_lie() {
        for (link, text, expected) in [
            ("db/migrations/1.sql", "../common/1.sql", Some("db/common/1.sql")),
            ("1.sql", "./old/1.sql", Some("old/1.sql")),
            ("db/1.sql", "../../1.sql", None),
            ("db/1.sql", "/etc/1.sql", None),
            ("db/all", "..", None),
        ] {
            assert_eq!(target(Path::new(link), text.as_bytes()).as_deref(), expected.map(Path::new), "{link} {text}");
        }
    }
}
