//! Which product and version a server is, and what follows from that: all knowledge of versions is a named question here.

use std::fmt;

use crate::history::EngineKind;

/// A MySQL or MariaDB server of some version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flavour {
    /// MySQL or MariaDB.
    pub product: EngineKind,
    /// Major, minor and patch number.
    pub version: (u32, u32, u32),
}

impl Flavour {
    /// The flavour of a server that says this of itself (`SELECT VERSION()`).
    ///
    /// MariaDB puts its name behind its number, and some packagers `5.5.5-` before it for old replication clients
    /// (<https://mariadb.com/docs/server/reference/sql-functions/secondary-functions/information-functions/version>).
    /// `None` where it begins with no number.
    pub fn read(version: &str) -> Option<Self> {
        let maria = version.to_ascii_lowercase().contains("mariadb");
        let number = if maria { version.strip_prefix("5.5.5-").unwrap_or(version) } else { version };
        let number = number.split(|c: char| !(c.is_ascii_digit() || c == '.')).next().unwrap_or_default();
        let mut parts = number.split('.').map(|part| part.parse::<u32>().ok());
        let major = parts.next().flatten()?;
        let (minor, patch) = (parts.next().flatten().unwrap_or(0), parts.next().flatten().unwrap_or(0));
        let product = if maria { EngineKind::Mariadb } else { EngineKind::Mysql };
        Some(Self { product, version: (major, minor, patch) })
    }

    /// Whether it is this product, of this version or later; what is not said of a version counts as zero.
    pub(super) fn is_since(self, product: EngineKind, version: (u32, u32, u32)) -> bool {
        self.product == product && self.version >= version
    }

    /// Whether it is MariaDB.
    pub fn is_mariadb(self) -> bool {
        self.product == EngineKind::Mariadb
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor, patch) = self.version;
        write!(f, "{} {major}.{minor}.{patch}", self.product.title())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_name_themselves_in_many_ways() {
        let cases = [
            ("9.4.0", "MySQL 9.4.0"),
            ("8.0.43-0ubuntu0.24.04.1", "MySQL 8.0.43"),
            ("8.4.6-6", "MySQL 8.4.6"),
            ("10.11.14-MariaDB-0+deb12u2", "MariaDB 10.11.14"),
            ("5.5.5-10.6.22-MariaDB-ubu2204", "MariaDB 10.6.22"),
            ("11.8.3-MariaDB-log", "MariaDB 11.8.3"),
        ];
        for (version, expected) in cases {
            assert_eq!(Flavour::read(version).unwrap().to_string(), expected);
        }
        assert_eq!(Flavour::read("unknown"), None);
    }
}
