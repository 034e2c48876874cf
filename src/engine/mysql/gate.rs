//! What need not be asked again: what was read of a MariaDB server of our own, and what its answers hang on.
//!
//! Files tell which tables, views and sequences were written anew ([`super::files`]), and CHECKSUM TABLE which of the
//! server's own tables. What else a definition shows:
//! - foreign keys stand in `InnoDB`'s dictionary, with the present names of the table and columns that they point at: a
//!   definition that names a changed table is asked again, which tables that are made of others (MERGE) do too;
//! - what could not be printed may be printable now;
//! - a view's columns are what its tables, views and functions make of it: all views are asked again when any changed;
//! - what a sequence is like stands in its only row: sequences are always asked for;
//! - the number of a table changes with its files.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{Look, Relations};
use super::reading::Listed;

/// What the answer to a question hangs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Which tables, views and sequences the database has, and what they are like.
    Tables,
    /// The database's triggers.
    Triggers,
    /// The database's own options.
    Options,
    /// Other databases and what they have.
    Databases,
    /// A table of the server.
    Table(String),
    /// What the server keeps in memory of the tables that are named with it. It may have been loaded at any time since one of
    /// them changed.
    Memory,
}

impl Hold {
    /// The words of a catalog file.
    pub(super) fn all(words: &str) -> Vec<Self> {
        let one = |word: &str| match word {
            "tables" => Self::Tables,
            "triggers" => Self::Triggers,
            "options" => Self::Options,
            "databases" => Self::Databases,
            "memory" => Self::Memory,
            table => Self::Table(table.to_owned()),
        };
        words.split_whitespace().map(one).collect()
    }
}

/// A definition as the server gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Defined {
    /// `table`, `view` or `sequence`.
    pub(super) kind: String,
    /// The number of a table.
    pub(super) identity: String,
    /// The server's text, with what else was asked of the object.
    pub(super) text: String,
    /// The rows that were made of it.
    pub(super) rows: String,
}

/// Checksums of tables of the server.
pub(super) type Sums = BTreeMap<String, String>;

/// What the last reading saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) look: Option<Look>,
    pub(super) sums: Sums,
    pub(super) definitions: BTreeMap<String, Defined>,
}

impl Seen {
    /// Whether the server may have databases beside ours and its own.
    pub(super) fn may_have_other_databases(&self) -> bool {
        self.look.as_ref().is_none_or(Look::has_other_databases)
    }

    /// What was there.
    pub(super) fn listed(&self) -> Vec<Listed> {
        let listed = |(name, defined): (&String, &Defined)| Listed {
            kind: defined.kind.clone(),
            name: name.clone(),
            identity: defined.identity.clone(),
        };
        self.definitions.iter().map(listed).collect()
    }
}

/// What may have changed since.
#[derive(Debug)]
pub(super) struct Gate {
    /// `None`: everything.
    relations: Option<Relations>,
    triggers: bool,
    options: bool,
    databases: bool,
}

impl Gate {
    /// What may have changed between what was seen and this look. Everything, where there is only one of the two.
    pub(super) fn between(seen: Option<&Seen>, now: Option<&Look>) -> Self {
        match (seen.and_then(|seen| seen.look.as_ref()), now) {
            (Some(before), Some(now)) => Self {
                relations: Some(now.relations_since(before)),
                triggers: now.triggers_since(before),
                options: now.options_since(before),
                databases: now.databases_since(before),
            },
            _ => Self { relations: None, triggers: true, options: true, databases: true },
        }
    }

    /// Whether everything has to be asked, whatever checksums say.
    pub(super) fn is_open(&self) -> bool {
        self.relations.is_none()
    }

    /// Whether a table, view or sequence may have come, gone or changed.
    pub(super) fn relations_changed(&self) -> bool {
        self.relations.as_ref() != Some(&Relations::Named(BTreeSet::new()))
    }

    /// Whether the answer to a question that hangs on these may have changed, as far as files tell.
    pub(super) fn lets_through(&self, holds: &[Hold]) -> bool {
        holds.is_empty()
            || self.is_open()
            || holds.iter().any(|hold| match hold {
                Hold::Tables => self.relations_changed(),
                Hold::Triggers => self.triggers,
                Hold::Options => self.options,
                Hold::Databases => self.databases,
                Hold::Table(_) | Hold::Memory => false,
            })
    }

    /// Whether the definition of this object has to be asked for again.
    pub(super) fn asks_again(&self, name: &str, before: Option<&Defined>, functions_changed: bool) -> bool {
        let Some(before) = before else { return true };
        if before.kind == "sequence" || !before.text.starts_with("CREATE") {
            return true;
        }
        let changed = match &self.relations {
            None | Some(Relations::Unknown) => return true,
            Some(Relations::Named(names)) => names,
        };
        if before.kind == "view" {
            return functions_changed || !changed.is_empty();
        }
        let names_one = || {
            // Servers that store names in lower case print them so.
            let text = before.text.to_lowercase();
            changed.iter().any(|name| text.contains(&name.to_lowercase().replace('`', "``")))
        };
        changed.contains(name) || (!changed.is_empty() && names_one())
    }
}

/// Whether the answer to a question that hangs on these may have changed, as far as checksums tell. `first` are those of the
/// first reading.
pub(super) fn sums_let_through(holds: &[Hold], first: &Sums, before: &Sums, now: &Sums) -> bool {
    let differs = |from: &Sums| {
        holds.iter().any(|hold| match hold {
            Hold::Table(table) => from.get(table).is_none() || from.get(table) != now.get(table),
            Hold::Tables | Hold::Triggers | Hold::Options | Hold::Databases | Hold::Memory => false,
        })
    };
    differs(before) || (holds.contains(&Hold::Memory) && differs(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defined(kind: &str, text: &str) -> Defined {
        Defined { kind: kind.into(), identity: "1".into(), text: text.into(), rows: String::new() }
    }

    fn changed(names: &[&str]) -> Gate {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Gate { relations: Some(Relations::Named(names)), triggers: false, options: false, databases: false }
    }

    #[test]
    fn what_hangs_on_a_changed_table_is_asked_again() {
        let plain = defined("table", "CREATE TABLE `t` (`a` int)");
        let child = defined("table", "CREATE TABLE `c` (... FOREIGN KEY (`p`) REFERENCES `Parent` (`id`))");
        let view = defined("view", "CREATE VIEW `v` AS select 1");
        let gate = changed(&["parent"]);
        assert!(!gate.asks_again("t", Some(&plain), true) && gate.asks_again("c", Some(&child), false));
        assert!(gate.asks_again("v", Some(&view), false) && gate.asks_again("parent", Some(&plain), false));
        assert!(gate.asks_again("new", None, false));
        let gate = changed(&[]);
        assert!(gate.asks_again("s", Some(&defined("sequence", "CREATE SEQUENCE `s`")), false));
        assert!(!gate.asks_again("c", Some(&child), true) && !gate.asks_again("v", Some(&view), false));
        assert!(gate.asks_again("v", Some(&view), true), "a function of another type changes the view's column");
        let gate = Gate { relations: Some(Relations::Unknown), ..gate };
        assert!(gate.asks_again("t", Some(&plain), false));
    }

    #[test]
    fn questions_that_hang_on_nothing_known_are_always_asked() {
        let gate = changed(&[]);
        assert!(gate.lets_through(&[]) && !gate.lets_through(&Hold::all("tables options triggers mysql.db memory")));
        assert!(changed(&["t"]).lets_through(&Hold::all("mysql.db tables")));
        assert!(Gate::between(None, None).lets_through(&Hold::all("mysql.db")));
    }

    #[test]
    fn what_is_in_memory_may_change_long_after_its_table() {
        let sums = |sum: &str| Sums::from([("mysql.global_priv".to_owned(), sum.to_owned())]);
        let (first, other) = (sums("1"), sums("2"));
        let (table, memory) = (Hold::all("mysql.global_priv"), Hold::all("mysql.global_priv memory"));
        assert!(!sums_let_through(&table, &first, &first, &first) && sums_let_through(&table, &first, &first, &other));
        assert!(!sums_let_through(&table, &first, &other, &other) && sums_let_through(&memory, &first, &other, &other));
        assert!(sums_let_through(&table, &first, &Sums::new(), &first), "what was never seen may have changed");
    }
}
