//! What single lines of a changelog in formatted SQL say (`AbstractFormattedChangeLogParser.java`, Liquibase 5.0).
//!
//! Words are read in letters of either case. An attribute is `name:value` anywhere in the line; of several the last counts, and
//! `rollbackSplitStatements:false` is found where `splitStatements` is looked for.

use super::statements::How;

/// What a line is.
#[derive(Debug, PartialEq)]
pub(super) enum Said<'l> {
    /// Nothing of the tool's: SQL, where a changeset is open.
    Plain,
    /// The line that makes a file a changelog.
    Header,
    /// `--property name:... value:...`.
    Property,
    /// `--ignoreLines:`, with what follows.
    IgnoreLines(&'l str),
    /// `--changeset author:id`.
    Changeset { author: &'l str, id: &'l str },
    /// `--comment`, `--validCheckSum`.
    Remark,
    /// `--rollback`, with what follows.
    Rollback(&'l str),
    /// `/* liquibase rollback`.
    RollbackBlock,
    /// `--preconditions`, `--precondition-...`.
    Precondition,
    /// The tool stops, for this reason.
    Refused(&'static str),
}

/// What a line says, inside of a changeset or not.
pub(super) fn said(line: &str, inside: bool) -> Said<'_> {
    let trimmed = line.trim_start();
    let Some(comment) = trimmed.strip_prefix("--") else {
        return match trimmed.strip_prefix('-') {
            Some(rest) if is_command_after_one_dash(rest.trim_start()) => {
                Said::Refused("one dash stands before its command; write two")
            }
            _ if inside && is_block(trimmed) => Said::RollbackBlock,
            _ => Said::Plain,
        };
    };
    let comment = comment.trim_start();
    let at_margin = line.starts_with('-');
    if let Some(rest) = word(comment, "liquibase")
        && word(rest.trim_start(), "formatted").is_some()
    {
        return Said::Header;
    }
    if let Some(rest) = word(comment, "property").filter(|rest| rest.starts_with(char::is_whitespace)) {
        let pairs = rest.split_whitespace().filter(|pair| pair.contains(':')).count();
        return if pairs > 1 {
            Said::Property
        } else {
            Said::Refused("a property is `--property name:<name> value:<value>`")
        };
    }
    if let Some(rest) = word(comment, "ignoreLines:").filter(|_| at_margin) {
        return Said::IgnoreLines(rest);
    }
    if at_margin && word(comment, "ignore:").is_some_and(|rest| !rest.is_empty() && rest.chars().all(is_word)) {
        return Said::Refused("lines are ignored with `--ignoreLines:<count>` or `--ignoreLines:start`");
    }
    if let Some(rest) = word(comment, "changeset") {
        return changeset(rest);
    }
    let remark = |name| {
        word(comment, name).map(|rest| rest.strip_prefix(':').unwrap_or(rest)).filter(|rest| rest.starts_with(' '))
    };
    if !inside {
        return match remark("comment").filter(|_| at_margin) {
            Some(_) => Said::Refused("`--comment` stands outside of every changeset"),
            None => Said::Plain,
        };
    }
    for (name, shown) in [
        ("rollbackSqlFile ", "`--rollbackSqlFile` takes a license of Liquibase"),
        ("tagDatabase: ", "`--tagDatabase` takes a license of Liquibase"),
        ("includeAll ", "`--includeAll` takes a license of Liquibase"),
        ("include file:", "`--include` takes a license of Liquibase"),
    ] {
        if word(comment, name).is_some() {
            return Said::Refused(shown);
        }
    }
    if at_margin && (remark("comment").is_some() || remark("validCheckSum").is_some()) {
        return Said::Remark;
    }
    if at_margin && remark("comments").is_some() {
        return Said::Refused("a comment of a changeset is `--comment`");
    }
    if let Some(rest) = word(comment, "rollback ") {
        return Said::Rollback(rest);
    }
    if word(comment, "preconditions").is_some() {
        return Said::Precondition;
    }
    match word(comment, "precondition-").map(|rest| rest.split_once(' ').unwrap_or((rest, ""))) {
        None => Said::Plain,
        Some((_, "")) => Said::Refused("the precondition says nothing"),
        Some(("sql-check" | "table-exists" | "view-exists", _)) => Said::Precondition,
        Some(_) => Said::Refused("preconditions are sql-check, table-exists and view-exists"),
    }
}

/// What follows a word at the beginning, in letters of either case.
fn word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.get(..word.len()).filter(|found| found.eq_ignore_ascii_case(word)).map(|_| &text[word.len()..])
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_command_after_one_dash(rest: &str) -> bool {
    let commands = ["changeset", "rollback", "preconditions", "property", "comment"];
    commands.into_iter().any(|name| word(rest, name).is_some_and(|rest| rest.starts_with([' ', '\t', ':'])))
}

fn is_block(line: &str) -> bool {
    let rest = line.strip_prefix("/*").and_then(|rest| word(rest.trim_start(), "liquibase"));
    rest.and_then(|rest| word(rest.trim_start(), "rollback")).is_some_and(|rest| rest.trim().is_empty())
}

fn changeset(rest: &str) -> Said<'_> {
    const FORM: Said<'_> = Said::Refused("a changeset begins with `--changeset <author>:<id>`");
    let named = rest.trim_start();
    if named.len() == rest.len() {
        return FORM;
    }
    let quoted = |text: &'_ str| text.strip_prefix('"').and_then(|text| text.find('"')).filter(|end| *end > 0);
    let author_ends = match quoted(named).filter(|end| named[end + 2..].starts_with(':')) {
        Some(end) => end + 2,
        None => match named.find(':') {
            Some(end) if end > 0 => end,
            _ => return FORM,
        },
    };
    let (author, rest) = (&named[..author_ends], &named[author_ends + 1..]);
    let id_ends = match quoted(rest) {
        Some(end) => end + 2,
        None => rest.find(char::is_whitespace).unwrap_or(rest.len()),
    };
    let id = &rest[..id_ends];
    if id.trim_matches(['"', ':', ' ']).is_empty() {
        return FORM;
    }
    Said::Changeset { author: author.trim_matches('"'), id: id.trim_matches('"') }
}

/// What the line of a changeset says besides its name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attributes {
    pub(super) split: bool,
    pub(super) strip: bool,
    pub(super) delimiter: Option<String>,
    pub(super) rollback_split: bool,
    pub(super) rollback_delimiter: Option<String>,
    pub(super) in_transaction: bool,
    pub(super) ignore: bool,
    pub(super) dbms: Option<String>,
}

impl Attributes {
    pub(super) fn of(line: &str) -> Self {
        let flag = |name: &str, default: bool| {
            attribute(line, name, is_word).map_or(default, |value| value.eq_ignore_ascii_case("true"))
        };
        let delimiter = |name: &str| attribute(line, name, |c| !c.is_whitespace()).map(str::to_owned);
        // A word of its own: not the end of `rollbackEndDelimiter`.
        let own = line.to_ascii_lowercase().replace("rollbackenddelimiter:", "--------------------:");
        let plain = attribute(&own, "endDelimiter", |c| !c.is_whitespace()).map(str::to_owned);
        Self {
            split: flag("splitStatements", true),
            strip: flag("stripComments", true),
            delimiter: plain,
            rollback_split: flag("rollbackSplitStatements", true),
            rollback_delimiter: delimiter("rollbackEndDelimiter"),
            in_transaction: flag("runInTransaction", true),
            ignore: flag("ignore", false),
            dbms: attribute(line, "dbms", |c| is_word(c) || c == '!' || c == ',').map(str::to_owned),
        }
    }

    /// How its statements are cut.
    pub(super) fn forward(&self) -> How<'_> {
        How { split: self.split, strip: self.strip, slash: true, delimiter: self.delimiter.as_deref() }
    }

    /// How those of its rollback are cut.
    pub(super) fn back(&self) -> How<'_> {
        How { split: self.rollback_split, strip: false, slash: false, delimiter: self.rollback_delimiter.as_deref() }
    }

    /// Those of a file without changesets: it is sent as it stands, in a transaction.
    pub(super) fn raw() -> Self {
        Self { split: false, strip: false, ..Self::of("") }
    }
}

/// The value of the last attribute of this name that has one.
pub(super) fn attribute<'l>(line: &'l str, name: &str, belongs: impl Fn(char) -> bool) -> Option<&'l str> {
    let key = format!("{}:", name.to_ascii_lowercase());
    let lower = line.to_ascii_lowercase();
    lower.rmatch_indices(&key).find_map(|(at, _)| {
        let value = &line[at + key.len()..];
        let end = value.find(|c| !belongs(c)).unwrap_or(value.len());
        (end > 0).then(|| &value[..end])
    })
}

/// Whether a changeset or property is for this product (`DatabaseList.definitionMatches`).
pub(super) fn is_for(dbms: &str, product: &str) -> bool {
    let listed: Vec<String> =
        dbms.split(',').map(|name| name.trim().to_lowercase()).filter(|name| !name.is_empty()).collect();
    let has = |name: &str| listed.iter().any(|listed| listed == name);
    let wanted = || listed.iter().filter(|name| !name.starts_with('!'));
    has("all") || !has("none") && !has(&format!("!{product}")) && (wanted().next().is_none() || has(product))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_the_tool_reads_them() {
        let cases = [
            ("--liquibase formatted sql", Said::Header),
            ("  -- Liquibase Formatted SQL logicalFilePath:x", Said::Header),
            ("--changeset me:1 dbms:mysql", Said::Changeset { author: "me", id: "1" }),
            (" -- ChangeSet two words:a-b", Said::Changeset { author: "two words", id: "a-b" }),
            ("--changeset \"a:b\":\"c d\" x", Said::Changeset { author: "a:b", id: "c d" }),
            ("--changeset me: 1", Said::Refused("a changeset begins with `--changeset <author>:<id>`")),
            ("--changesets follow", Said::Refused("a changeset begins with `--changeset <author>:<id>`")),
            ("- changeset me:1", Said::Refused("one dash stands before its command; write two")),
            ("--rollback DROP TABLE a;", Said::Rollback("DROP TABLE a;")),
            ("  -- rollback  x", Said::Rollback(" x")),
            ("--rollback", Said::Plain),
            ("/* liquibase rollback", Said::RollbackBlock),
            ("/* liquibase rollback now", Said::Plain),
            ("--preconditions onFail:MARK_RAN", Said::Precondition),
            ("--precondition-sql-check expectedResult:0 SELECT 0", Said::Precondition),
            ("--precondition-sql-check", Said::Refused("the precondition says nothing")),
            ("--precondition-x y", Said::Refused("preconditions are sql-check, table-exists and view-exists")),
            ("--comment: why", Said::Remark),
            ("-- comments on it", Said::Refused("a comment of a changeset is `--comment`")),
            ("--property name:a value:b", Said::Property),
            ("--property a", Said::Refused("a property is `--property name:<name> value:<value>`")),
            ("--ignoreLines:start", Said::IgnoreLines("start")),
            ("- 1", Said::Plain),
            ("SELECT 1 --rollback x", Said::Plain),
            ("-- see below", Said::Plain),
        ];
        for (line, expected) in cases {
            assert_eq!(said(line, true), expected, "{line}");
        }
        assert!(matches!(said("--comment x", false), Said::Refused(_)));
        assert_eq!(said("--rollback x", false), Said::Plain);
    }

    #[test]
    fn attributes_stand_anywhere_in_the_line() {
        let found = Attributes::of(
            "--changeset a:1 runInTransaction:FALSE endDelimiter:// rollbackEndDelimiter:/ dbms:postgresql,!h2 ignore:true",
        );
        assert_eq!((found.in_transaction, found.ignore, found.split), (false, true, true));
        assert_eq!((found.delimiter.as_deref(), found.rollback_delimiter.as_deref()), (Some("//"), Some("/")));
        assert_eq!(found.dbms.as_deref(), Some("postgresql,!h2"));
        // The tool finds the one name in the other.
        assert!(!Attributes::of("--changeset a:1 rollbackSplitStatements:false").split);
    }

    #[test]
    fn products_are_listed_or_excluded() {
        for (dbms, product, expected) in [
            ("postgresql", "postgresql", true),
            ("mysql", "mariadb", false),
            ("mysql,MariaDB", "mariadb", true),
            ("!h2", "sqlite", true),
            ("!h2,!sqlite", "sqlite", false),
            ("all", "sqlite", true),
            ("none", "sqlite", false),
        ] {
            assert_eq!(is_for(dbms, product), expected, "{dbms} {product}");
        }
    }
}
