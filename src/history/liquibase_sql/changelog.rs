//! A file in formatted SQL as its changesets.

use std::collections::BTreeMap;

use super::line::{Attributes, Said, attribute, is_for, said};

/// A changeset with what belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Changeset {
    pub(super) author: String,
    pub(super) id: String,
    pub(super) attributes: Attributes,
    /// Its statements; the first line is that of the changeset.
    pub(super) sql: Text,
    /// Its rollback, as it stands there.
    pub(super) rollback: Option<Text>,
    /// Where its first precondition stands.
    pub(super) precondition: Option<usize>,
}

/// A text that stands in a file at these lines; what else stands between is left empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub(super) first_line: usize,
    pub(super) text: String,
}

impl Text {
    fn new(first_line: usize) -> Self {
        Self { first_line, text: String::new() }
    }

    fn put(&mut self, line: usize, content: &str) {
        let written = self.text.matches('\n').count();
        self.text.extend(std::iter::repeat_n('\n', line.saturating_sub(self.first_line + written)));
        self.text.push_str(content);
        self.text.push('\n');
    }

    /// Puts a line directly behind the one before it.
    fn glue(&mut self, content: &str) {
        self.text.pop();
        self.text.push_str(content);
        self.text.push('\n');
    }
}

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Changelog {
    pub(super) changesets: Vec<Changeset>,
    /// The first line that is SQL and in no changeset: the tool passes it over.
    pub(super) outside: Option<usize>,
}

/// Where the tool stops, and why.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) line: usize,
    pub(super) why: String,
}

/// The properties that are known so far: those of the configuration, then those of files in their order. The first counts.
#[derive(Debug)]
pub(super) struct Properties {
    values: BTreeMap<String, String>,
    product: &'static str,
}

impl Properties {
    pub(super) fn new(given: &BTreeMap<String, String>, product: &'static str) -> Self {
        Self { values: given.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect(), product }
    }

    fn note(&mut self, line: &str) {
        let value = |name: &str| {
            let at = line.to_ascii_lowercase().rfind(&format!("{name}:"))?;
            line[at + name.len() + 1..].split_whitespace().next().map(|value| self.expanded(value))
        };
        let dbms = attribute(line, "dbms", |c| c.is_alphanumeric() || "_!,".contains(c));
        if let (Some(name), Some(value)) = (value("name"), value("value"))
            && dbms.is_none_or(|dbms| is_for(dbms, self.product))
        {
            self.values.entry(name.to_lowercase()).or_insert(value);
        }
    }

    /// The text with `${name}` replaced where the name is known; others stay, `${:name}` is for one that is not meant.
    pub(super) fn expanded(&self, text: &str) -> String {
        let (mut result, mut rest) = (String::new(), text);
        while let Some((before, behind)) = rest.split_once("${") {
            result.push_str(before);
            let Some((name, after)) = behind.split_once('}') else {
                rest = &rest[before.len()..];
                break;
            };
            match (name.strip_prefix(':'), self.values.get(&name.trim().to_lowercase())) {
                (Some(meant), _) => result.extend(["${", meant, "}"]),
                (None, Some(value)) => result.push_str(value),
                (None, None) => result.extend(["${", name, "}"]),
            }
            rest = after;
        }
        result.push_str(rest);
        result
    }
}

/// Whether a text is a changelog: its first line that is not empty says so.
pub(super) fn is_changelog(text: &str) -> bool {
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| said(line, false) == Said::Header)
}

/// Reads a changelog.
pub(super) fn parse(text: &str, properties: &mut Properties) -> Result<Changelog, Refusal> {
    let mut log = Changelog::default();
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    while let Some((number, line)) = lines.next() {
        let refuse = |why: &str| Err(Refusal { line: number, why: why.to_owned() });
        let current = log.changesets.last_mut();
        match said(line, current.is_some()) {
            Said::Refused(why) => return refuse(why),
            Said::Property => properties.note(line),
            Said::IgnoreLines("start") => {
                lines.find(|(_, line)| said(line, false) == Said::IgnoreLines("end"));
            }
            Said::IgnoreLines(count) => match count.parse::<usize>() {
                Ok(0) => {}
                Ok(count) => drop(lines.nth(count - 1)),
                Err(_) => return refuse("lines are ignored with `--ignoreLines:<count>` or `--ignoreLines:start`"),
            },
            Said::Changeset { author, id } => {
                if let Some(before) = current
                    && before.sql.text.trim().is_empty()
                {
                    let why = format!("the changeset {}:{} has no SQL", before.author, before.id);
                    return Err(Refusal { line: before.sql.first_line, why });
                }
                let mut sql = Text::new(number);
                sql.put(number, "");
                log.changesets.push(Changeset {
                    author: properties.expanded(author),
                    id: properties.expanded(id),
                    attributes: Attributes::of(&properties.expanded(line)),
                    sql,
                    rollback: None,
                    precondition: None,
                });
            }
            said => match (current, said) {
                (Some(current), Said::Rollback(sql)) => {
                    let sql = properties.expanded(sql);
                    current.rollback.get_or_insert_with(|| Text::new(number)).put(number, &sql);
                }
                (Some(current), Said::RollbackBlock) => block(current, &mut lines, number, properties)?,
                (Some(current), Said::Precondition) => {
                    current.precondition.get_or_insert(number);
                }
                (Some(current), Said::Plain | Said::Header) => current.sql.put(number, &properties.expanded(line)),
                (None, Said::Plain) if !line.trim().is_empty() && !line.trim_start().starts_with("--") => {
                    log.outside.get_or_insert(number);
                }
                (Some(_) | None, _) => {}
            },
        }
    }
    Ok(log)
}

/// The lines of `/* liquibase rollback ... */`. The tool strings them together without their ends, which matters where a line
/// ends in the middle of a statement or in a comment; elsewhere they keep their places here.
fn block<'t>(
    current: &mut Changeset,
    lines: &mut impl Iterator<Item = (usize, &'t str)>,
    begin: usize,
    properties: &Properties,
) -> Result<(), Refusal> {
    let rollback = current.rollback.get_or_insert_with(|| Text::new(begin + 1));
    let mut comment = false;
    let mut first = true;
    for (number, line) in lines {
        let last = line.trim_end().strip_suffix("*/");
        let line = properties.expanded(last.unwrap_or(line));
        let apart = rollback.text.trim_end_matches('\n').ends_with([' ', '\t', ';']) || line.starts_with([' ', '\t']);
        if !line.trim().is_empty() || last.is_none() {
            if first || !comment && (apart || line.is_empty()) {
                rollback.put(number, &line);
            } else {
                rollback.glue(&line);
            }
        }
        first = false;
        comment |= line.contains("--");
        if last.is_some() {
            return Ok(());
        }
    }
    Err(Refusal { line: begin, why: "the comment `/* liquibase rollback` is not closed".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Changeset>, Refusal> {
        parse(text, &mut Properties::new(&BTreeMap::new(), "postgresql")).map(|log| log.changesets)
    }

    #[test]
    fn changesets_have_their_lines() {
        let text = "--liquibase formatted sql\n\n--changeset me:1\n--comment one\nA;\n--rollback X;\n\nB;\n--rollback Y;\n--changeset me:2\nC;\n";
        let found = read(text).unwrap();
        assert_eq!((found[0].sql.first_line, found[0].sql.text.as_str()), (3, "\n\nA;\n\n\nB;\n"));
        assert_eq!(found[0].rollback, Some(Text { first_line: 6, text: "X;\n\n\nY;\n".to_owned() }));
        assert_eq!((found[1].sql.first_line, found[1].sql.text.as_str(), &found[1].rollback), (10, "\nC;\n", &None));
    }

    #[test]
    fn lines_of_a_block_are_strung_together() {
        let rollback = |block: &str| {
            let text = format!("--liquibase formatted sql\n--changeset me:1\nA;\n/* liquibase rollback\n{block}");
            read(&text).map(|found| found[0].rollback.clone().unwrap().text)
        };
        assert_eq!(rollback("X;\nY;\n*/\n").unwrap(), "X;\nY;\n");
        assert_eq!(rollback(" X\n Y; */\n").unwrap(), " X\n Y; \n");
        assert_eq!(rollback("ALTER\nTABLE\n*/\n").unwrap(), "ALTERTABLE\n");
        assert_eq!(rollback("X; -- not\n Y;\n*/\n").unwrap(), "X; -- not Y;\n");
        assert_eq!(rollback("X;\n").unwrap_err().line, 4);
    }

    #[test]
    fn properties_are_replaced_and_the_first_counts() {
        let text = "--liquibase formatted sql\n--property name:t value:books dbms:postgresql\n--property name:t value:no\n\
                    --property name:u value:${t}s dbms:!postgresql\n--changeset me:${t}\nA ${T} ${u} ${:t} ${t;\n--rollback D ${t};\n";
        let found = read(text).unwrap();
        assert_eq!((found[0].id.as_str(), found[0].sql.text.trim()), ("books", "A books ${u} ${t} ${t;"));
        assert_eq!(found[0].rollback.as_ref().unwrap().text, "D books;\n");
    }

    #[test]
    fn lines_can_be_ignored() {
        let text = "--liquibase formatted sql\n--changeset me:1\nA;\n--ignoreLines:start\nB;\n--ignoreLines:end\nC;\n--ignoreLines:1\nD;\nE;\n";
        assert_eq!(read(text).unwrap()[0].sql.text.split_whitespace().collect::<Vec<_>>(), ["A;", "C;", "E;"]);
    }

    #[test]
    fn what_the_tool_refuses_is_told_with_its_line() {
        for (text, line) in [
            ("--liquibase formatted sql\n--changeset me:1\n--changeset me:2\nA;\n", 2),
            ("--liquibase formatted sql\n--changeset me\nA;\n", 2),
            ("--liquibase formatted sql\n--ignoreLines:x\n", 2),
        ] {
            assert_eq!(read(text).unwrap_err().line, line, "{text}");
        }
        let outside = parse("--liquibase formatted sql\n-- x\nA;\n", &mut Properties::new(&BTreeMap::new(), "sqlite"));
        assert_eq!(outside.unwrap().outside, Some(3));
    }
}
