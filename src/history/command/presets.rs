//! What is known of tools with a command line. To add one is to add it to the table.

use super::super::EngineKind;

/// A tool whose command lines are known.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name in the configuration.
    pub name: &'static str,
    /// Brings one migration.
    pub up: &'static str,
    /// Takes one back.
    pub down: &'static str,
    /// How the names of its files end.
    pub endings: &'static [&'static str],
    /// What it calls a migration.
    pub revision: Revision,
    /// The tables in which it remembers what was run.
    pub bookkeeping: &'static [&'static str],
    /// What its environment is to hold besides.
    pub environment: &'static [(&'static str, &'static str)],
    /// How its URLs begin, where that is another way than everywhere else.
    pub schemes: &'static [(EngineKind, &'static str)],
}

/// What a tool calls a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revision {
    /// The name of its file.
    FileName,
    /// The digits at the beginning of that, before a `_`.
    Version,
}

/// All presets.
///
/// - Knex (3.x, `lib/migrations/migrate/migration-list-resolver.js`, `migrate.js`): `migrate:up <name>` and `migrate:down <name>`
///   run the one migration of that file name.
/// - Rails (Active Record, `railties/databases.rake`): `db:migrate:up` and `db:migrate:down` run the migration of `VERSION`, and write
///   the schema to the file that `SCHEMA` names; its adapters are `mysql2` and `sqlite3`.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "knex",
        up: "npx --no-install knex migrate:up ${revision}",
        down: "npx --no-install knex migrate:down ${revision}",
        endings: &[".js", ".ts", ".cjs", ".mjs"],
        revision: Revision::FileName,
        bookkeeping: &["knex_migrations", "knex_migrations_lock"],
        environment: &[],
        schemes: &[],
    },
    Preset {
        name: "rails",
        up: "bin/rails db:migrate:up VERSION=${revision}",
        down: "bin/rails db:migrate:down VERSION=${revision}",
        endings: &[".rb"],
        revision: Revision::Version,
        bookkeeping: &["schema_migrations", "ar_internal_metadata"],
        environment: &[("SCHEMA", "/dev/null")],
        schemes: &[
            (EngineKind::Mysql, "mysql2://"),
            (EngineKind::Mariadb, "mysql2://"),
            (EngineKind::Sqlite, "sqlite3:"),
        ],
    },
];

impl Preset {
    /// The preset of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// A URL as the tool reads it.
    pub fn url(&self, engine: EngineKind, url: &str) -> String {
        let scheme = self.schemes.iter().find(|(of, _)| *of == engine).map(|(_, scheme)| *scheme);
        match (scheme, url.split_once("://")) {
            // Three slashes stand before a path where there is no host.
            (Some(scheme), Some((_, rest))) if engine == EngineKind::Sqlite => {
                format!("{scheme}{}", rest.strip_prefix('/').unwrap_or(rest))
            }
            (Some(scheme), Some((_, rest))) => format!("{scheme}{rest}"),
            _ => url.to_owned(),
        }
    }
}

impl Revision {
    /// What the tool calls the migration in this file; `None` where the file is none.
    pub(super) fn of(self, file: &str) -> Option<String> {
        match self {
            Self::FileName => Some(file.to_owned()),
            Self::Version => {
                let (version, _) = file.split_once('_')?;
                (!version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())).then(|| version.to_owned())
            }
        }
    }
}
