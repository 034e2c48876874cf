//! What was typed for a schema: which kind it is of. Pure.

use std::path::PathBuf;

use crate::history::History;
use crate::suggest;

/// What there is, for messages.
pub(super) const THERE_IS: &str = "write @head, @base, @empty or @<version> for a revision of the project's history, a \
                                   database URL (postgres://..., sqlite:...), or the path of an SQL dump, of an SQLite \
                                   database or of a schema printed by `rollproof schema --format json`";

/// A schema that is asked for. Has no `Debug`: a URL may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub enum What {
    /// A state of the project's history.
    Revision(Revision),
    /// A database.
    Url(String),
    /// A file.
    File(PathBuf),
}

/// A state of the project's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revision {
    /// Before the first migration, behind the base schema.
    Empty,
    /// Behind the last migration.
    Head,
    /// Behind the last migration of the commit at which this branch parts from that of `--base`.
    Base,
    /// Behind this migration.
    Version(String),
}

impl What {
    /// What `text` asks for.
    ///
    /// # Errors
    /// When it can be nothing; says what there is.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(revision) = text.strip_prefix('@') {
            return match revision {
                "" => Err(format!("`@` names no revision; {THERE_IS}")),
                "head" => Ok(Self::Revision(Revision::Head)),
                "base" => Ok(Self::Revision(Revision::Base)),
                "empty" => Ok(Self::Revision(Revision::Empty)),
                version => Ok(Self::Revision(Revision::Version(version.to_owned()))),
            };
        }
        match text {
            "" => Err(format!("an empty text names no schema; {THERE_IS}")),
            "models" => {
                Err("`models`: this version reads no models yet, a later one will; a file of that name is ./models"
                    .to_owned())
            }
            _ if is_url(text) => Ok(Self::Url(text.to_owned())),
            _ if connects(text) => Err(format!(
                "this looks like a connection string, which is not read (and not repeated here, since it may hold a \
                 password); write it as a URL: postgres://USER@HOST:PORT/DATABASE; {THERE_IS}"
            )),
            _ => Ok(Self::File(PathBuf::from(text))),
        }
    }
}

/// Whether a text is meant for a URL: paths have no scheme of two letters or more.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let known = ["postgres", "postgresql", "sqlite", "mysql", "mariadb"].contains(&scheme);
    let well_formed = scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    known || (well_formed && rest.starts_with("//"))
}

/// Whether a text says how to connect in another way than a URL does; such a text may hold a password.
fn connects(text: &str) -> bool {
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    squeezed.contains("://") || ["password=", "pwd=", "passwd="].iter().any(|word| squeezed.contains(word))
}

impl Revision {
    /// How many migrations of the history lie below this state. [`Revision::Base`] is the head of another history.
    ///
    /// # Errors
    /// When no migration or several fit.
    pub(super) fn height(&self, history: &History) -> Result<usize, String> {
        let migrations = &history.migrations;
        let version = match self {
            Self::Empty => return Ok(0),
            Self::Head | Self::Base => return Ok(migrations.len()),
            Self::Version(version) => version,
        };
        let ids = || migrations.iter().map(|migration| migration.id.as_str());
        let stages: [&Stage<'_>; 4] = [
            &|id, _| id == version,
            &|_, own| own == version,
            // The tool pads its numbers, and whoever types them does not.
            &|_, own| same_number(own, version),
            &|id, own| id.starts_with(version.as_str()) || own.starts_with(version.as_str()),
        ];
        for stage in stages {
            let fitting: Vec<usize> = migrations
                .iter()
                .enumerate()
                .filter(|(_, migration)| stage(&migration.id, &migration.version))
                .map(|(at, _)| at)
                .collect();
            match fitting.as_slice() {
                [] => {}
                [one] => return Ok(one + 1),
                several => {
                    let shown: Vec<String> =
                        several.iter().take(8).map(|at| format!("@{}", migrations[*at].id)).collect();
                    let more = if several.len() > shown.len() { ", ..." } else { "" };
                    return Err(format!(
                        "@{version} fits {} migrations; write more of its id: {}{more}",
                        several.len(),
                        shown.join(", ")
                    ));
                }
            }
        }
        let words = ["head", "base", "empty"];
        let hint = suggest::near(version, words.into_iter().chain(ids()));
        let hint: Vec<String> = hint.iter().map(|near| format!("`@{near}`")).collect();
        let hint = if hint.is_empty() { String::new() } else { format!("; did you mean {}?", hint.join(" or ")) };
        let ends = match (ids().next(), ids().next_back()) {
            (Some(first), Some(last)) if first != last => format!(" (the first is @{first}, the last @{last})"),
            (Some(only), _) => format!(" (the only one is @{only})"),
            (None, _) => String::new(),
        };
        Err(format!("@{version}: no migration in {} has this id or version{ends}{hint}", history.folder.display()))
    }
}

/// Whether a migration of this id and version fits.
type Stage<'s> = dyn Fn(&str, &str) -> bool + 's;

/// Whether both are the same whole number, written with other zeros in front.
fn same_number(one: &str, other: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(one) && digits(other) && one.trim_start_matches('0') == other.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::history::{Migration, Script, TransactionMode};

    #[test]
    fn each_form_is_told_by_its_text() {
        let parsed = |text: &str| What::parse(text).ok();
        assert!(parsed("@head") == Some(What::Revision(Revision::Head)));
        assert!(parsed("@0042") == Some(What::Revision(Revision::Version("0042".to_owned()))));
        for url in ["postgres://h/d", "postgresql://h/d", "sqlite:a.db", "sqlite://a.db", "mysql://h/d", "oracle://x"] {
            assert!(parsed(url) == Some(What::Url(url.to_owned())), "{url}");
        }
        for file in ["dump.sql", "./models", "a:b", "c:/x", "head"] {
            assert!(parsed(file) == Some(What::File(file.into())), "{file}");
        }
        for (text, part) in [("@", "names no revision"), ("", "an empty text"), ("models", "./models")] {
            let error = What::parse(text).err().unwrap();
            assert!(error.contains(part), "{error}");
        }
    }

    fn history(ids: &[(&str, &str)]) -> History {
        let script = || Script::new(PathBuf::from("x.sql"), Arc::from(""), TransactionMode::Autocommit);
        let migration = |(id, version): &(&str, &str)| Migration {
            id: (*id).to_owned(),
            version: (*version).to_owned(),
            parents: Vec::new(),
            up: script(),
            down: None,
            language: None,
            skip: None,
            overtaken_by: None,
            repeatable: false,
            of_a_package: false,
            parents_at: None,
            depends_on: Vec::new(),
            replaces: Vec::new(),
            branch: None,
        };
        History {
            format: "sqlx",
            folder: PathBuf::from("migrations"),
            migrations: ids.iter().map(migration).collect(),
            unmatched: Vec::new(),
            one_way: false,
            declares_parents: false,
        }
    }

    #[test]
    fn a_version_finds_its_migration() {
        let history = history(&[("0001_books", "1"), ("0002_titles", "2"), ("0020_more", "20"), ("0021_most", "21")]);
        let height = |text: &str| Revision::Version(text.to_owned()).height(&history);
        for (text, expected) in
            [("0001_books", 1), ("2", 2), ("0002", 2), ("002", 2), ("0020", 3), ("20", 3), ("0021_m", 4), ("0001", 1)]
        {
            assert_eq!(height(text), Ok(expected), "{text}");
        }
        assert_eq!(Revision::Empty.height(&history), Ok(0));
        assert_eq!(Revision::Head.height(&history), Ok(4));
        assert_eq!(height("002_").unwrap_err().split(' ').next(), Some("@002_:"));
        assert_eq!(
            height("00").unwrap_err(),
            "@00 fits 4 migrations; write more of its id: @0001_books, @0002_titles, @0020_more, @0021_most"
        );
        assert_eq!(
            height("0002_title_").unwrap_err(),
            "@0002_title_: no migration in migrations has this id or version (the first is @0001_books, the last @0021_most); \
             did you mean `@0002_titles`?"
        );
        assert!(height("haed").unwrap_err().ends_with("did you mean `@head`?"));
    }
}
