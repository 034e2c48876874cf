//! What kind of file a schema may be kept in, told by its first bytes; and what a dump says of where it is from. Pure.

use crate::engine::mysql::Flavour;
use crate::history::EngineKind;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A database of SQLite.
    SqliteDatabase,
    /// Text that is taken for SQL.
    Sql,
    /// A schema as `rollproof schema --format json` prints it.
    Json,
    /// The same as YAML.
    Yaml,
    /// Something that cannot be read; the text says what it is and what to do.
    Other(&'static str),
    /// No byte at all.
    Empty,
}

/// What a file is whose first bytes these are; a few hundred are enough.
pub fn kind_of(head: &[u8]) -> FileKind {
    let restored = "is a dump in pg_dump's custom format; write it as SQL with `pg_restore --file=dump.sql FILE`, or \
                    dump with `pg_dump --schema-only --format=plain`";
    match head {
        [] => FileKind::Empty,
        _ if head.starts_with(b"SQLite format 3\0") => FileKind::SqliteDatabase,
        _ if head.starts_with(b"PGDMP") => FileKind::Other(restored),
        [0x1f, 0x8b, ..] => FileKind::Other("is compressed with gzip; unpack it with `gunzip` first"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => FileKind::Other("is compressed with zstd; unpack it with `unzstd` first"),
        [0x04, 0x22, 0x4d, 0x18, ..] => FileKind::Other("is compressed with lz4; unpack it with `unlz4` first"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => FileKind::Other("is compressed with xz; unpack it with `unxz` first"),
        [b'B', b'Z', b'h', ..] => FileKind::Other("is compressed with bzip2; unpack it with `bunzip2` first"),
        [b'P', b'K', 3, 4, ..] => FileKind::Other("is a zip archive; unpack it first"),
        _ if head.get(257..262) == Some(b"ustar") => FileKind::Other(
            "is a tar archive; where `pg_dump --format=tar` made it, write it as SQL with `pg_restore --file=dump.sql FILE`",
        ),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            FileKind::Other("is text in UTF-16; save it as UTF-8, or let pg_dump write it itself with --file")
        }
        _ if head.contains(&0) => FileKind::Other("is no text and no database that Rollproof knows"),
        _ => kind_of_text(head),
    }
}

fn kind_of_text(head: &[u8]) -> FileKind {
    let text = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head).trim_ascii_start();
    if text.starts_with(b"{") {
        FileKind::Json
    } else if text.starts_with(b"version:") {
        FileKind::Yaml
    } else {
        FileKind::Sql
    }
}

/// What the first lines of a dump tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The product that it is from.
    pub engine: Option<EngineKind>,
    /// The version of the server that it is from: `15.18`.
    pub version: Option<String>,
    /// Whether its end ought to say that it is complete.
    pub says_complete: bool,
}

impl Origin {
    /// The major version of the server that it is from.
    pub fn major(&self) -> Option<u32> {
        let version = self.version.as_ref()?;
        version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }
}

/// What the first lines of a text tell of where it was dumped.
pub fn origin_of(head: &str) -> Origin {
    let mut origin = Origin::default();
    for line in head.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("-- Dumped from database version ") {
            origin.engine = Some(EngineKind::Postgres);
            origin.version = rest.split_whitespace().next().map(str::to_owned);
        } else if ["-- PostgreSQL database dump", "-- PostgreSQL database cluster dump"].contains(&line) {
            origin.engine = Some(EngineKind::Postgres);
            origin.says_complete = true;
        } else if line.starts_with("-- MySQL dump ") {
            origin.engine = Some(EngineKind::Mysql);
            origin.says_complete = true;
        } else if line.contains("-- MariaDB dump ") {
            origin.engine = Some(EngineKind::Mariadb);
            origin.says_complete = true;
        } else if let Some(version) = line.strip_prefix("-- Server version").filter(|_| origin.says_complete) {
            if let Some(flavour) = Flavour::read(version.trim()) {
                // MariaDB's program called itself that of MySQL for a long time.
                origin.engine = Some(flavour.product);
                let (major, minor, patch) = flavour.version;
                origin.version = Some(format!("{major}.{minor}.{patch}"));
            }
        } else if line.starts_with("/*M!") {
            origin.engine = origin.engine.or(Some(EngineKind::Mariadb));
        } else if line.starts_with("/*!40101 SET @OLD_") || line.starts_with("/*!40101 SET NAMES") {
            origin.engine = origin.engine.or(Some(EngineKind::Mysql));
        } else if line.eq_ignore_ascii_case("PRAGMA foreign_keys=OFF;") {
            origin.engine = origin.engine.or(Some(EngineKind::Sqlite));
        } else if line.starts_with("\\restrict ") || line.starts_with("SELECT pg_catalog.set_config('search_path'") {
            origin.engine = origin.engine.or(Some(EngineKind::Postgres));
        }
    }
    origin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        let mut tar = vec![b'x'; 300];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, kind) in [
            (&b"SQLite format 3\0\x10"[..], FileKind::SqliteDatabase),
            (b"-- PostgreSQL database dump", FileKind::Sql),
            (b"  \n{\"version\": 1", FileKind::Json),
            (b"version: 1\n", FileKind::Yaml),
            (b"", FileKind::Empty),
        ] {
            assert_eq!(kind_of(head), kind, "{head:?}");
        }
        for (head, part) in [
            (&b"PGDMP\x01\x0e"[..], "pg_restore --file="),
            (b"\x1f\x8b\x08", "gunzip"),
            (b"\x28\xb5\x2f\xfd", "unzstd"),
            (&tar, "tar archive"),
            (b"\xff\xfeS\0", "UTF-16"),
            (b"\x7fELF\0", "is no text"),
        ] {
            let FileKind::Other(reason) = kind_of(head) else { panic!("{head:?}") };
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[test]
    fn heads_tell_the_origin() {
        let head = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n-- Dumped from database version 15.18 (Debian \
                    15.18-0+deb12u1)\n-- Dumped by pg_dump version 17.2\n";
        let origin = origin_of(head);
        assert_eq!((origin.engine, origin.version.as_deref()), (Some(EngineKind::Postgres), Some("15.18")));
        assert_eq!((origin.major(), origin.says_complete), (Some(15), true));
        let newest = Origin { version: Some("19beta1".to_owned()), ..Origin::default() };
        assert_eq!(newest.major(), Some(19));
        assert_eq!(origin_of("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;").engine, Some(EngineKind::Sqlite));
        assert_eq!(origin_of("-- MySQL dump 10.13  Distrib 8.0.36").engine, Some(EngineKind::Mysql));
        let sandboxed = "/*M!999999\\- enable the sandbox mode */\n-- MariaDB dump 10.19";
        assert_eq!(origin_of(sandboxed).engine, Some(EngineKind::Mariadb));
        let told = |head: &str| (origin_of(head).engine, origin_of(head).version);
        let of_mysql = "-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)\n-- Server version\t9.7.4-2\n";
        assert_eq!(told(of_mysql), (Some(EngineKind::Mysql), Some("9.7.4".to_owned())));
        let of_mariadb = "-- MySQL dump 10.19  Distrib 10.6.22-MariaDB\n-- Server version\t10.6.22-MariaDB-log\n";
        assert_eq!(told(of_mariadb), (Some(EngineKind::Mariadb), Some("10.6.22".to_owned())));
        assert_eq!(told("/*!40101 SET NAMES utf8mb4 */;\n").0, Some(EngineKind::Mysql));
        assert_eq!(origin_of("CREATE TABLE a (b int);"), Origin::default());
    }
}
