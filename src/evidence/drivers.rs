//! The packages of each language that speak to a database, and to which.

use super::NearbyFolder;
use super::manifests::{self, Manifest};
use crate::history::EngineKind;

/// The packages whose presence tells an engine.
pub(super) type Drivers = &'static [(&'static str, EngineKind)];

const GO: Drivers = &[
    ("github.com/lib/pq", EngineKind::Postgres),
    ("github.com/jackc/pgx", EngineKind::Postgres),
    ("github.com/go-sql-driver/mysql", EngineKind::Mysql),
    ("github.com/mattn/go-sqlite3", EngineKind::Sqlite),
    ("modernc.org/sqlite", EngineKind::Sqlite),
];

pub(super) const PYTHON: Drivers = &[
    ("psycopg", EngineKind::Postgres),
    ("psycopg2", EngineKind::Postgres),
    ("psycopg2-binary", EngineKind::Postgres),
    ("psycopg-binary", EngineKind::Postgres),
    ("psycopg2cffi", EngineKind::Postgres),
    ("asyncpg", EngineKind::Postgres),
    ("pg8000", EngineKind::Postgres),
    ("mysqlclient", EngineKind::Mysql),
    ("pymysql", EngineKind::Mysql),
    ("aiomysql", EngineKind::Mysql),
    ("asyncmy", EngineKind::Mysql),
    ("mysql-connector-python", EngineKind::Mysql),
    ("mysql-connector", EngineKind::Mysql),
    ("mariadb", EngineKind::Mariadb),
    ("aiosqlite", EngineKind::Sqlite),
];

const JAVASCRIPT: Drivers = &[
    ("pg", EngineKind::Postgres),
    ("postgres", EngineKind::Postgres),
    ("pg-promise", EngineKind::Postgres),
    ("mysql", EngineKind::Mysql),
    ("mysql2", EngineKind::Mysql),
    ("mariadb", EngineKind::Mariadb),
    ("sqlite3", EngineKind::Sqlite),
    ("better-sqlite3", EngineKind::Sqlite),
];

const RUBY: Drivers = &[
    ("pg", EngineKind::Postgres),
    ("mysql2", EngineKind::Mysql),
    ("trilogy", EngineKind::Mysql),
    ("sqlite3", EngineKind::Sqlite),
];

const JVM: Drivers = &[
    ("org.postgresql:postgresql", EngineKind::Postgres),
    ("org.postgresql:r2dbc-postgresql", EngineKind::Postgres),
    ("com.impossibl.pgjdbc-ng:pgjdbc-ng", EngineKind::Postgres),
    ("org.flywaydb:flyway-database-postgresql", EngineKind::Postgres),
    ("io.quarkus:quarkus-jdbc-postgresql", EngineKind::Postgres),
    ("mysql:mysql-connector-java", EngineKind::Mysql),
    ("com.mysql:mysql-connector-j", EngineKind::Mysql),
    ("io.asyncer:r2dbc-mysql", EngineKind::Mysql),
    ("io.quarkus:quarkus-jdbc-mysql", EngineKind::Mysql),
    ("org.mariadb.jdbc:mariadb-java-client", EngineKind::Mariadb),
    ("org.mariadb:r2dbc-mariadb", EngineKind::Mariadb),
    ("io.quarkus:quarkus-jdbc-mariadb", EngineKind::Mariadb),
    ("org.xerial:sqlite-jdbc", EngineKind::Sqlite),
];

/// A language with manifests.
pub(super) struct Language {
    /// The manifests of a folder.
    pub(super) manifests: fn(&NearbyFolder) -> Vec<Manifest>,
    /// Its drivers.
    pub(super) drivers: Drivers,
}

/// The languages, in the order in which they are asked.
pub(super) const LANGUAGES: [Language; 5] = [
    Language { manifests: manifests::go, drivers: GO },
    Language { manifests: manifests::python, drivers: PYTHON },
    Language { manifests: manifests::javascript, drivers: JAVASCRIPT },
    Language { manifests: manifests::ruby, drivers: RUBY },
    Language { manifests: manifests::jvm, drivers: JVM },
];
