//! A product in some version, and which versions stand for one another.

use std::fmt;

use crate::engine::mysql::Flavour;
use crate::history::EngineKind;

/// The part of a version by which servers differ in what they do: the major number of PostgreSQL, the first two numbers of
/// MySQL and MariaDB (8.0 and 8.4 are as far apart as 16 and 17). What is asked for may name the first alone: `mysql:8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The first number.
    pub major: u32,
    /// The second, where it counts and is told.
    pub minor: Option<u32>,
}

impl Release {
    /// What counts of a version of this product; `None` of no numbers.
    pub fn of(engine: EngineKind, numbers: &[u32]) -> Option<Self> {
        let minor = match engine {
            EngineKind::Mysql | EngineKind::Mariadb => numbers.get(1).copied(),
            EngineKind::Postgres | EngineKind::Sqlite => None,
        };
        Some(Self { major: *numbers.first()?, minor })
    }

    /// Whether a server of the release `other` is what this one asks for.
    pub fn covers(self, other: Self) -> bool {
        self.major == other.major && self.minor.is_none_or(|minor| other.minor == Some(minor))
    }

    /// How far a server of the release `other` is from what this one asks for; the smaller, the nearer.
    pub(crate) fn distance(self, other: Self) -> (u32, u32) {
        let minor = self.minor.zip(other.minor).map_or(0, |(own, other)| own.abs_diff(other));
        (self.major.abs_diff(other.major), minor)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            Some(minor) => write!(f, "{}.{minor}", self.major),
            None => write!(f, "{}", self.major),
        }
    }
}

/// What a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// The product.
    pub engine: EngineKind,
    /// Its version, as the product writes it: `15.18`.
    pub version: String,
    /// What of the version decides whether it is what is asked for.
    pub release: Release,
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.engine.title(), self.version)
    }
}

impl From<Flavour> for Product {
    fn from(flavour: Flavour) -> Self {
        let (major, minor, patch) = flavour.version;
        let release = Release { major, minor: Some(minor) };
        Self { engine: flavour.product, version: format!("{major}.{minor}.{patch}"), release }
    }
}

/// Whether one may stand in for the other where a substitute is allowed.
pub(crate) fn are_kin(one: EngineKind, other: EngineKind) -> bool {
    let family = |engine| matches!(engine, EngineKind::Mysql | EngineKind::Mariadb);
    one == other || (family(one) && family(other))
}

/// The oldest major version of PostgreSQL that works.
pub(crate) const OLDEST_POSTGRES: u32 = crate::engine::postgres::TESTED.oldest;

/// The oldest release of a product that works.
pub(crate) fn oldest(engine: EngineKind) -> Release {
    match engine {
        EngineKind::Postgres => Release { major: OLDEST_POSTGRES, minor: None },
        EngineKind::Mysql => Release { major: 8, minor: Some(0) },
        EngineKind::Mariadb => Release { major: 10, minor: Some(6) },
        EngineKind::Sqlite => Release { major: 3, minor: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str, engine: EngineKind) -> Release {
        let numbers: Vec<u32> = text.split('.').map(|number| number.parse().unwrap()).collect();
        Release::of(engine, &numbers).unwrap()
    }

    #[test]
    fn what_counts_is_compared() {
        for (engine, asked, has, covered) in [
            (EngineKind::Postgres, "17.2", "17.6", true),
            (EngineKind::Postgres, "17", "16.1", false),
            (EngineKind::Mysql, "8.0.36", "8.0.40", true),
            (EngineKind::Mysql, "8.0", "8.4.1", false),
            (EngineKind::Mysql, "8", "8.4.1", true),
            (EngineKind::Mariadb, "10.11", "10.6.1", false),
            (EngineKind::Mariadb, "11", "10.11", false),
        ] {
            assert_eq!(release(asked, engine).covers(release(has, engine)), covered, "{asked} and {has}");
        }
        assert!(release("10.11", EngineKind::Mariadb) > release("10.6", EngineKind::Mariadb));
        assert_eq!(release("8.4.3", EngineKind::Mysql).to_string(), "8.4");
        assert_eq!(release("17.2", EngineKind::Postgres).to_string(), "17");
    }

    #[test]
    fn the_nearest_is_the_nearest() {
        let near =
            |asked: &str, has: &str| release(asked, EngineKind::Mariadb).distance(release(has, EngineKind::Mariadb));
        assert!(near("10.11", "10.6") < near("10.11", "11.4"));
        assert!(near("11.8", "11.4") < near("11.8", "10.11"));
    }
}
