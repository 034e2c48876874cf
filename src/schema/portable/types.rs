//! Whether two types of two products hold the same values, by the table in `types.yml`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

const TABLE: &str = include_str!("types.yml");

/// A product as the table of types knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Product {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// SQLite.
    Sqlite,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    family: String,
    postgres: Vec<String>,
    mysql: Vec<String>,
    sqlite: Vec<String>,
}

/// The families of each type.
type Families = BTreeMap<(Product, String), BTreeSet<String>>;

static FAMILIES: LazyLock<Families> = LazyLock::new(|| read().unwrap_or_default());

fn read() -> Result<Families, serde_yaml::Error> {
    let list: Vec<Family> = serde_yaml::from_str(TABLE)?;
    let mut families = Families::new();
    for Family { family, postgres, mysql, sqlite } in list {
        for (product, types) in [(Product::Postgres, postgres), (Product::Mysql, mysql), (Product::Sqlite, sqlite)] {
            for name in types {
                families.entry((product, name)).or_default().insert(family.clone());
            }
        }
    }
    Ok(families)
}

/// A type as it is looked up: its name without what stands in parentheses, and that.
#[derive(Debug, PartialEq, Eq)]
struct Parsed {
    name: String,
    arguments: Option<String>,
}

fn parse(text: &str) -> Parsed {
    let text = text.to_lowercase();
    let (before, rest) = text.split_once('(').unwrap_or((&text, ""));
    let (arguments, after) = rest.rsplit_once(')').unwrap_or(("", ""));
    let words: Vec<&str> = before.split_whitespace().chain(after.split_whitespace()).collect();
    let arguments: String = arguments.split_whitespace().collect();
    Parsed { name: words.join(" "), arguments: (!arguments.is_empty()).then_some(arguments) }
}

/// The families of a type; `None` where the table does not tell.
fn families(product: Product, parsed: &Parsed) -> Option<&'static BTreeSet<String>> {
    let find = |name: &str| FAMILIES.get(&(product, name.to_owned()));
    let whole = parsed.arguments.as_ref().and_then(|arguments| find(&format!("{}({arguments})", parsed.name)));
    let found = whole.or_else(|| find(&parsed.name));
    match product {
        Product::Postgres if parsed.name.ends_with("[]") => find("[]"),
        Product::Postgres => found.or_else(|| parsed.name.contains('.').then(|| find("*")).flatten()),
        Product::Mysql => found,
        Product::Sqlite => found.or_else(|| find(affinity(&parsed.name))),
    }
}

/// The type that stands for all of an affinity, which the name of a type gives (SQLite manual, "Datatypes In SQLite", 3.1).
fn affinity(name: &str) -> &'static str {
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if has(&["int"]) {
        "integer"
    } else if has(&["char", "clob", "text"]) {
        "text"
    } else if name.is_empty() || has(&["blob"]) {
        "blob"
    } else if has(&["real", "floa", "doub"]) {
        "real"
    } else {
        "numeric"
    }
}

/// Why two types do not hold the same values, as a clause; `None` where they do, and where nobody can tell.
pub(super) fn disagreement(left: (Product, &str), right: (Product, &str)) -> Option<String> {
    let (one, other) = (parse(left.1), parse(right.1));
    let (Some(of_one), Some(of_other)) = (families(left.0, &one), families(right.0, &other)) else { return None };
    if of_one.is_disjoint(of_other) {
        return Some(format!("its type is {}, there {}", left.1, right.1));
    }
    // SQLite keeps to no length.
    let counts = left.0 != Product::Sqlite && right.0 != Product::Sqlite;
    let lengthy =
        ["text", "decimal", "bytes"].iter().any(|family| of_one.contains(*family) && of_other.contains(*family));
    match (&one.arguments, &other.arguments) {
        (Some(length), Some(there)) if counts && lengthy && length != there && !is_enumeration(&one, &other) => {
            Some(format!("its type is {}, there {}", left.1, right.1))
        }
        _ => None,
    }
}

fn is_enumeration(one: &Parsed, other: &Parsed) -> bool {
    [one, other].iter().any(|parsed| matches!(parsed.name.as_str(), "enum" | "set"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Product::{Mysql, Postgres, Sqlite};

    #[test]
    fn the_table_can_be_read() {
        assert!(read().unwrap().len() > 100);
    }

    #[test]
    fn types_agree_by_family_and_length() {
        let agree = [
            ((Postgres, "boolean"), (Mysql, "tinyint(1)")),
            ((Postgres, "integer"), (Mysql, "int(11)")),
            ((Postgres, "integer"), (Mysql, "int")),
            ((Postgres, "bigint"), (Sqlite, "INTEGER")),
            ((Postgres, "character varying(100)"), (Mysql, "varchar(100)")),
            ((Postgres, "text"), (Mysql, "varchar(100)")),
            ((Postgres, "character varying(100)"), (Sqlite, "varchar(40)")),
            ((Postgres, "timestamp(6) without time zone"), (Mysql, "datetime")),
            ((Postgres, "public.mood"), (Mysql, "enum('sad','ok')")),
            ((Postgres, "text[]"), (Sqlite, "text")),
            ((Postgres, "uuid"), (Mysql, "char(36)")),
            ((Postgres, "public.unheard_of"), (Sqlite, "text")),
            ((Mysql, "geometry"), (Sqlite, "text")),
            ((Sqlite, "LONGTEXT"), (Mysql, "longtext")),
        ];
        for (one, other) in agree {
            assert_eq!(disagreement(one, other), None, "{one:?} {other:?}");
            assert_eq!(disagreement(other, one), None, "{other:?} {one:?}");
        }
        let differ = [
            ((Postgres, "boolean"), (Mysql, "varchar(1)")),
            ((Postgres, "integer"), (Mysql, "bigint")),
            ((Postgres, "integer"), (Sqlite, "text")),
            ((Postgres, "character varying(100)"), (Mysql, "varchar(255)")),
            ((Postgres, "numeric(10,2)"), (Mysql, "decimal(12,2)")),
            ((Postgres, "bytea"), (Mysql, "text")),
            ((Postgres, "timestamp with time zone"), (Mysql, "bigint")),
        ];
        for (one, other) in differ {
            assert!(disagreement(one, other).is_some(), "{one:?} {other:?}");
        }
    }
}
