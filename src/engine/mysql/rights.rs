//! What a user may see, told by SHOW GRANTS: `information_schema` leaves out what a user has no privilege on, and says nothing
//! of it. Pure.

use std::collections::BTreeSet;

/// Any of these on a whole database shows every table, view and sequence in it.
pub(super) const TO_SEE_TABLES: [&str; 12] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "REFERENCES",
    "INDEX",
    "ALTER",
    "CREATE VIEW",
    "SHOW VIEW",
    "TRIGGER",
];

/// The privileges of a user and of the roles that are active.
#[derive(Clone, Debug, Default)]
pub(super) struct Rights {
    grants: Vec<Grant>,
    /// Whether names of databases are patterns, which MySQL's `partial_revokes` ends.
    patterns: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Grant {
    /// To the user or to a role.
    whom: String,
    takes_away: bool,
    privileges: BTreeSet<String>,
    /// `None` for every database, of which the first is a pattern; with a table for that one only.
    on: Option<(String, Option<String>)>,
}

impl Grant {
    fn gives(&self, privilege: &str) -> bool {
        self.privileges.contains(privilege) || self.privileges.contains("ALL PRIVILEGES")
    }
}

impl Rights {
    /// The rights that the lines of SHOW GRANTS tell; what is no privilege on databases or tables is passed over.
    pub(super) fn read<'l>(lines: impl IntoIterator<Item = &'l str>, patterns: bool) -> Self {
        Self { grants: lines.into_iter().filter_map(grant).collect(), patterns }
    }

    /// Whether a privilege is held on all databases.
    pub(super) fn everywhere(&self, privilege: &str) -> bool {
        self.grants.iter().any(|grant| !grant.takes_away && grant.on.is_none() && grant.gives(privilege))
    }

    /// Whether a privilege is held on everything in a database. Of several patterns that fit, a server looks at the most
    /// exact one only.
    pub(super) fn on_database(&self, database: &str, privilege: &str) -> bool {
        let of_databases = self.grants.iter().filter_map(|grant| match &grant.on {
            Some((pattern, None)) => Some((grant, pattern)),
            _ => None,
        });
        let taken =
            of_databases.clone().any(|(grant, name)| grant.takes_away && name == database && grant.gives(privilege));
        if self.everywhere(privilege) && !taken {
            return true;
        }
        let fitting: Vec<(&Grant, usize)> = of_databases
            .filter(|(grant, _)| !grant.takes_away)
            .filter_map(|(grant, pattern)| Some((grant, self.exactness(pattern, database)?)))
            .collect();
        let most = |whom: &str| fitting.iter().filter(|(grant, _)| grant.whom == whom).map(|(_, exact)| *exact).max();
        fitting.iter().any(|(grant, exact)| grant.gives(privilege) && Some(*exact) == most(&grant.whom))
    }

    /// Whether a privilege is held on a table.
    pub(super) fn on_table(&self, database: &str, table: &str, privilege: &str) -> bool {
        let on_it = |grant: &Grant| {
            let on = grant.on.as_ref().and_then(|(database, table)| Some((database.as_str(), table.as_deref()?)));
            !grant.takes_away && on == Some((database, table)) && grant.gives(privilege)
        };
        self.on_database(database, privilege) || self.grants.iter().any(on_it)
    }

    /// How exactly a pattern names a database: by how many characters before the first that stands for others.
    fn exactness(&self, pattern: &str, database: &str) -> Option<usize> {
        if pattern == database {
            return Some(usize::MAX);
        }
        if !self.patterns {
            return None;
        }
        let first = pattern.replace("\\_", "x").replace("\\%", "x").find(['_', '%']).unwrap_or(usize::MAX);
        let (pattern, database): (Vec<char>, Vec<char>) = (pattern.chars().collect(), database.chars().collect());
        fits(&pattern, &database).then_some(first)
    }
}

/// Whether a name fits a pattern of LIKE.
fn fits(pattern: &[char], name: &[char]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        (['%', rest @ ..], _) => (0..=name.len()).any(|from| fits(rest, &name[from..])),
        (['\\', own @ ('_' | '%' | '\\'), rest @ ..], [first, name @ ..]) => own == first && fits(rest, name),
        (['_', rest @ ..], [_, name @ ..]) => fits(rest, name),
        ([own, rest @ ..], [first, name @ ..]) => own == first && fits(rest, name),
        _ => false,
    }
}

/// A word of a line: a name in quotes, or anything else in capitals.
#[derive(Debug, PartialEq)]
enum Word {
    Name(String),
    Other(String),
}

fn words(line: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        if c == '`' {
            let mut name = String::new();
            while let Some(c) = characters.next() {
                if c == '`' && characters.next_if_eq(&'`').is_none() {
                    break;
                }
                name.push(c);
            }
            words.push(Word::Name(name));
        } else if c.is_alphanumeric() || c == '_' {
            let mut word = c.to_uppercase().to_string();
            while let Some(c) = characters.next_if(|c| c.is_alphanumeric() || *c == '_') {
                word.extend(c.to_uppercase());
            }
            words.push(Word::Other(word));
        } else if !c.is_whitespace() {
            words.push(Word::Other(c.to_string()));
        }
    }
    words
}

/// The privileges of a line on databases or tables; those on some columns only are none here.
fn grant(line: &str) -> Option<Grant> {
    let words = words(line);
    let is = |nth: usize, text: &str| matches!(words.get(nth), Some(Word::Other(word)) if word == text);
    let takes_away = is(0, "REVOKE");
    let on = (1..words.len()).find(|nth| is(*nth, "ON"))?;
    if !(takes_away || is(0, "GRANT")) {
        return None;
    }
    let mut privileges = BTreeSet::new();
    let (mut privilege, mut depth, mut of_columns) = (Vec::new(), 0, false);
    for word in words[1..on].iter().chain(&[Word::Other(",".to_owned())]) {
        match word {
            Word::Other(word) if word == "," && depth == 0 => {
                if !std::mem::take(&mut of_columns) {
                    privileges.insert(privilege.join(" "));
                }
                privilege.clear();
            }
            Word::Other(word) if word == "(" => (depth, of_columns) = (depth + 1, true),
            Word::Other(word) if word == ")" => depth -= 1,
            Word::Other(word) if depth == 0 => privilege.push(word.clone()),
            _ => {}
        }
    }
    let first = if is(on + 1, "TABLE") { on + 2 } else { on + 1 };
    let named = match (words.get(first), words.get(first + 2)) {
        (Some(Word::Other(all)), Some(Word::Other(_))) if all == "*" => None,
        (Some(Word::Name(database)), Some(Word::Other(all))) if all == "*" => Some((database.clone(), None)),
        (Some(Word::Name(database)), Some(Word::Name(table))) => Some((database.clone(), Some(table.clone()))),
        // Routines and proxies.
        _ => return None,
    };
    let whom = words[first + 3..].iter().filter_map(|word| match word {
        Word::Name(name) => Some(name.as_str()),
        Word::Other(_) => None,
    });
    Some(Grant { whom: whom.collect::<Vec<_>>().join("@"), takes_away, privileges, on: named })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn privileges_are_told_by_where_they_hold() {
        let rights = Rights::read(
            [
                "GRANT PROCESS ON *.* TO `a`@`%`",
                "GRANT SELECT, SHOW VIEW ON `app`.* TO `a`@`%` WITH GRANT OPTION",
                "GRANT TRIGGER ON `app%`.* TO `a`@`%`",
                "GRANT EVENT ON `my\\_app`.* TO `a`@`%`",
                "GRANT INDEX ON `a_c`.* TO `a`@`%`",
                "GRANT SELECT (`x`, `y`), INSERT, UPDATE (`z`) ON `other`.`ta``ble` TO `a`@`%`",
                "GRANT EXECUTE ON PROCEDURE `other`.`p` TO `a`@`%`",
                "GRANT `reader`@`%` TO `a`@`%`",
                "GRANT EXECUTE ON `app`.* TO `reader`",
                "SET DEFAULT ROLE `reader` FOR `a`@`%`",
            ],
            true,
        );
        for (database, privilege, held) in [
            ("app", "PROCESS", true),
            ("app", "SELECT", true),
            ("app", "SHOW VIEW", true),
            ("app", "TRIGGER", false),
            ("apple", "TRIGGER", true),
            ("apple", "SELECT", false),
            ("my_app", "EVENT", true),
            ("my-app", "EVENT", false),
            ("abc", "INDEX", true),
            ("app", "EXECUTE", true),
            ("other", "INSERT", false),
            ("other", "EXECUTE", false),
        ] {
            assert_eq!(rights.on_database(database, privilege), held, "{privilege} ON {database}");
        }
        assert!(rights.on_table("other", "ta`ble", "INSERT") && rights.on_table("app", "any", "SELECT"));
        assert!(!rights.on_table("other", "ta`ble", "SELECT") && !rights.on_table("other", "ta`ble", "UPDATE"));
        assert!(!rights.on_table("other", "table", "INSERT") && !rights.everywhere("SELECT"));
    }

    #[test]
    fn what_is_taken_away_is_not_held() {
        let lines = ["GRANT ALL PRIVILEGES ON *.* TO `a`@`%`", "REVOKE TRIGGER ON `app`.* FROM `a`@`%`"];
        let rights = Rights::read(lines, false);
        assert!(rights.everywhere("EVENT") && rights.on_database("app", "EVENT"));
        assert!(!rights.on_database("app", "TRIGGER") && rights.on_database("other", "TRIGGER"));
        let rights = Rights::read(["GRANT EVENT ON `a%`.* TO `a`@`%`"], false);
        assert!(!rights.on_database("app", "EVENT"));
    }
}
