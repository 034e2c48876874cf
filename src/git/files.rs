//! The files of a folder at a commit, as a checkout would have them.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::command::{git, git_or_fail};
use super::links::{self, Link};
use super::{GitError, Repository};

/// One file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where it lies below the top.
    pub(super) path: PathBuf,
    /// The id of its contents.
    pub(super) id: String,
    /// Whether it is a symbolic link, whose contents are the path that it leads to.
    pub(super) link: bool,
}

impl Repository {
    /// Writes the files that `folder` had at `commit` to the empty folder `into`, line ends and the like as a checkout
    /// gives them, what links led to in the place of links. Of files more than `depth` folders deep only the folders are
    /// made. Says how many files were written: none where the folder was not there.
    ///
    /// # Errors
    /// The folder is not of this repository, contents are missing, or a file cannot be written.
    pub async fn write_files_at(
        &self,
        commit: &str,
        folder: &Path,
        depth: usize,
        into: &Path,
    ) -> Result<usize, GitError> {
        for place in self.below_top(folder)? {
            let files = links::followed(self, commit, &place, self.entries(commit, &[&place]).await?).await?;
            if files.is_empty() {
                continue;
            }
            let (shallow, deep): (Vec<_>, Vec<_>) =
                files.into_iter().partition(|(path, _)| path.components().count() <= depth);
            for (path, _) in &deep {
                let kept: PathBuf = path.components().take(depth).collect();
                make_folder(&into.join(kept))?;
            }
            return self.write(commit, &place, &shallow, into).await;
        }
        Ok(0)
    }

    /// The text that a file had at `commit`; `None` where it was not there, or is no text.
    ///
    /// # Errors
    /// The file is not of this repository.
    pub async fn text_at(&self, commit: &str, file: &Path) -> Result<Option<String>, GitError> {
        for place in self.below_top(file)? {
            let mut name = OsString::from(format!("{commit}:"));
            name.push(&place);
            let ran = git(&self.top, &[OsStr::new("cat-file"), OsStr::new("blob"), &name]).await?;
            if ran.code == 0 {
                return Ok(String::from_utf8(ran.stdout).ok());
            }
        }
        Ok(None)
    }

    async fn write(
        &self,
        commit: &str,
        place: &Path,
        files: &[(PathBuf, Link)],
        into: &Path,
    ) -> Result<usize, GitError> {
        let wanted: Vec<&Entry> = files.iter().filter_map(|(_, link)| link.entry()).collect();
        let mut contents = self.contents(commit, place, &wanted).await?.into_iter();
        for (path, link) in files {
            let target = into.join(path);
            make_folder(target.parent().unwrap_or(into))?;
            let written = match link {
                Link::Contents(_) => fs::write(&target, contents.next().unwrap_or_default()),
                // What lies outside of the repository has no past that git knows.
                Link::Outside(place) => std::os::unix::fs::symlink(place, &target),
            };
            written.map_err(|source| GitError::File { path: target, source })?;
        }
        Ok(files.len())
    }

    /// The files at or below these places at a commit.
    pub(super) async fn entries(&self, commit: &str, places: &[&Path]) -> Result<Vec<Entry>, GitError> {
        let mut args: Vec<&OsStr> = ["ls-tree", "-r", "-z", "--full-tree", commit, "--"].map(OsStr::new).to_vec();
        args.extend(places.iter().map(|place| place.as_os_str()).filter(|place| !place.is_empty()));
        let ran = git_or_fail(&self.top, &args, &[]).await?;
        Ok(ran.records().filter_map(entry).collect())
    }

    /// The contents of these entries, in their order, by one process.
    pub(super) async fn contents(&self, commit: &str, place: &Path, of: &[&Entry]) -> Result<Vec<Vec<u8>>, GitError> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        // The size that git prints is that of the contents before line ends were converted, so that it does not tell where
        // they end. A mark does that no file can know.
        let mark = format!("{:016x}{:016x}", random(), random());
        let mut input = Vec::new();
        for entry in of {
            input.extend(entry.id.as_bytes());
            input.push(b' ');
            // The path only chooses attributes, and a line end in it would end the request.
            input
                .extend(entry.path.as_os_str().as_bytes().iter().map(|byte| if *byte == b'\n' { b'_' } else { *byte }));
            input.push(b'\n');
        }
        let ran = git_or_fail(&self.top, &["cat-file", "--filters", &format!("--batch={mark}")], &input).await?;
        let found = cut(&ran.stdout, mark.as_bytes());
        if found.len() == of.len() {
            return Ok(found);
        }
        Err(GitError::MissingContents { folder: place.display().to_string(), commit: commit.to_owned() })
    }
}

/// `<mode> <type> <id>\t<path>`.
fn entry(record: &[u8]) -> Option<Entry> {
    let tab = record.iter().position(|byte| *byte == b'\t')?;
    let mut words = std::str::from_utf8(&record[..tab]).ok()?.split(' ');
    let (mode, kind, id) = (words.next()?, words.next()?, words.next()?);
    let path = PathBuf::from(OsStr::from_bytes(&record[tab + 1..]));
    (kind == "blob").then(|| Entry { path, id: id.to_owned(), link: mode == "120000" })
}

/// The pieces behind each line that is the mark, each without the line end that git adds.
fn cut(output: &[u8], mark: &[u8]) -> Vec<Vec<u8>> {
    let line = [mark, b"\n"].concat();
    let starts: Vec<usize> = finds(output, &line);
    let ends = starts.iter().skip(1).copied().chain([output.len()]);
    starts.iter().zip(ends).map(|(start, end)| output[start + line.len()..end.saturating_sub(1)].to_vec()).collect()
}

/// Where `needle` begins in `text`, from left to right.
fn finds(text: &[u8], needle: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut from = 0;
    // The mark begins with a random digit; looking for that first leaves little to compare.
    while let Some(at) = text[from..].iter().position(|byte| *byte == needle[0]) {
        let at = from + at;
        if text[at..].starts_with(needle) {
            found.push(at);
            from = at + needle.len();
        } else {
            from = at + 1;
        }
    }
    found
}

fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

fn make_folder(folder: &Path) -> Result<(), GitError> {
    fs::create_dir_all(folder).map_err(|source| GitError::File { path: folder.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_prints_is_cut_at_the_marks() {
        let cases: &[(&str, &[&str])] =
            &[("", &[]), ("M1\n\n", &[""]), ("M1\na\nb\n\nM1\nM2\n\nM1\nc\n", &["a\nb\n", "M2\n", "c"])];
        for (output, expected) in cases {
            let found: Vec<_> = cut(output.as_bytes(), b"M1").into_iter().map(String::from_utf8).collect();
            assert_eq!(found.into_iter().map(Result::unwrap).collect::<Vec<_>>(), *expected, "{output}");
        }
    }

    #[test]
    fn a_line_of_a_tree_is_read() {
        let read = |text: &str| entry(text.as_bytes());
        let file = Entry { path: "a b/c\td.sql".into(), id: "f00".to_owned(), link: false };
        assert_eq!(read("100644 blob f00\ta b/c\td.sql"), Some(file.clone()));
        assert_eq!(read("120000 blob f00\ta b/c\td.sql"), Some(Entry { link: true, ..file }));
        assert_eq!(read("160000 commit f00\tlib"), None, "a submodule has no files of this repository");
    }
}
