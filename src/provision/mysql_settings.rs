//! The settings of a disposable MySQL or MariaDB server: fast ones of ours, and over them the user's. All are arguments of the
//! server's program, `--name=value`.
//!
//! What changes how a migration runs stays as the product's packages and images have it: `sql_mode`, character sets, `lower_case_table_names`,
//! `innodb_strict_mode`, `explicit_defaults_for_timestamp`, the performance schema, and the binary log. MySQL writes one unless
//! it is told not to, and then refuses functions that do not say whether they are deterministic (error 1418); MariaDB
//! writes none, and takes them.

use std::collections::BTreeMap;

use super::ProvisionError;
use crate::history::EngineKind;

/// Fast and forgetful: the data lives as long as the run. `loose` has a server of another version that does not know a setting
/// pass over it.
const FAST: [(&str, &str); 9] = [
    ("innodb_flush_log_at_trx_commit", "0"),
    ("loose_innodb_flush_method", "nosync"),
    ("loose_innodb_doublewrite", "0"),
    ("sync_binlog", "0"),
    ("innodb_buffer_pool_size", "64M"),
    // Nothing is kept of what was in memory.
    ("innodb_buffer_pool_load_at_startup", "0"),
    ("key_buffer_size", "1M"),
    // A machine has few of the handles that these take, and many servers may run at a time.
    ("loose_innodb_use_native_aio", "0"),
    // Messages are part of reports.
    ("lc_messages", "en_US"),
];

/// A server without this, and a user's collation of another character set, do not go together.
const CHARACTER_SET: &str = "character_set_server";

/// What only MySQL has.
const FAST_MYSQL: [(&str, &str); 7] = [
    // Since 8.0.30.
    ("loose_innodb_redo_log_capacity", "16M"),
    // The second protocol, with a port and a socket of its own.
    ("loose_mysqlx", "0"),
    // The performance schema stays on, as it is unless told otherwise, but its longer memories take a tenth of a second to make.
    ("loose_performance_schema_digests_size", "100"),
    ("loose_performance_schema_events_statements_history_long_size", "0"),
    ("loose_performance_schema_events_waits_history_long_size", "0"),
    ("loose_performance_schema_events_stages_history_long_size", "0"),
    ("loose_performance_schema_events_transactions_history_long_size", "0"),
];

/// What only MariaDB has.
const FAST_MARIADB: [(&str, &str); 4] = [
    // As Debian's packages and the images configure it. What is compiled in before 11.6 is latin1, where keys are four times
    // shorter, and a key that is too long in production would pass.
    (CHARACTER_SET, "utf8mb4"),
    ("innodb_log_file_size", "16M"),
    ("loose_aria_pagecache_buffer_size", "8M"),
    // Reports to the makers.
    ("loose_feedback", "0"),
];

/// Settings that say how we reach the server and where its files are, and options that are no settings.
const OURS: [&str; 36] = [
    "port",
    "bind_address",
    "socket",
    "skip_networking",
    "skip_grant_tables",
    "skip_name_resolve",
    "init_file",
    "datadir",
    "basedir",
    "tmpdir",
    "pid_file",
    "log_error",
    "console",
    "user",
    "chroot",
    "daemonize",
    "defaults_file",
    "defaults_extra_file",
    "defaults_group_suffix",
    "no_defaults",
    "print_defaults",
    "login_path",
    "no_login_paths",
    "help",
    "verbose",
    "version",
    "validate_config",
    "initialize",
    "initialize_insecure",
    "bootstrap",
    "upgrade",
    "server_id_bits",
    "port_open_timeout",
    "shared_memory",
    "named_pipe",
    "innodb_force_recovery",
];

/// By this, who comes through TCP is never `localhost`: through the socket root needs no password, through TCP it does.
const ALWAYS: &str = "--skip-name-resolve";

/// Settings that the data is made with for good.
const AT_INITIALISATION: [&str; 5] = [
    "lower_case_table_names",
    "innodb_page_size",
    "innodb_undo_tablespaces",
    "innodb_data_file_path",
    "innodb_checksum_algorithm",
];

/// The settings of a server, split by when they are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Arguments of the program that makes the data.
    pub(crate) initialisation: Vec<String>,
    /// Arguments of the server: ours, and behind them the user's, which win.
    pub(crate) server: Vec<String>,
}

/// Splits the user's settings for a server of this product and puts ours before them.
///
/// # Errors
/// When a name is none, or is a setting by which we reach the server.
pub(crate) fn settings(user: &BTreeMap<String, String>, product: EngineKind) -> Result<Settings, ProvisionError> {
    let mut given = Vec::new();
    for (name, value) in user {
        let key = name.to_ascii_lowercase().replace('-', "_");
        let wrong = |reason: &str| ProvisionError::Setting { name: name.clone(), reason: reason.to_owned() };
        if !is_name(&key) {
            return Err(wrong("is not a name of a setting; see `SHOW VARIABLES` for those there are"));
        }
        let plain =
            ["loose_", "skip_", "enable_", "disable_", "maximum_"].iter().find_map(|word| key.strip_prefix(word));
        if OURS.contains(&key.as_str()) || plain.is_some_and(|plain| OURS.contains(&plain)) {
            return Err(wrong("is how Rollproof starts and reaches the server; remove it"));
        }
        if value.contains('\0') {
            return Err(wrong("holds a NUL character; remove it"));
        }
        given.push((key, value));
    }
    let is_given = |name: &str| {
        let plain = |name: &str| name.strip_prefix("loose_").unwrap_or(name).to_owned();
        let with_collation = |key: &str| name == CHARACTER_SET && plain(key) == "collation_server";
        given.iter().any(|(key, _)| plain(key) == plain(name) || with_collation(key))
    };
    let own: &[_] = if product == EngineKind::Mariadb { &FAST_MARIADB } else { &FAST_MYSQL };
    let ours = FAST.iter().chain(own).filter(|(name, _)| !is_given(name)).map(|(name, value)| argument(name, value));
    let server = [ALWAYS.to_owned()]
        .into_iter()
        .chain(ours)
        .chain(given.iter().map(|(key, value)| argument(key, value)))
        .collect();
    let at_initialisation = |(key, _): &&(String, &String)| AT_INITIALISATION.contains(&key.as_str());
    let initialisation = given.iter().filter(at_initialisation).map(|(key, value)| argument(key, value)).collect();
    Ok(Settings { initialisation, server })
}

fn argument(name: &str, value: &str) -> String {
    // With dashes the prefix `loose` is known to every version.
    format!("--{}={value}", name.replace('_', "-"))
}

/// Letters, digits, underscores; a dot for the settings of components, a colon is none of MySQL's.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let user = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        settings(&user, EngineKind::Mysql).map_err(|error| error.to_string())
    }

    #[test]
    fn the_users_settings_win() {
        let made = of(&[("SQL_MODE", "ANSI_QUOTES,STRICT_ALL_TABLES"), ("innodb-doublewrite", "1")]).unwrap().server;
        assert!(made.contains(&"--sql-mode=ANSI_QUOTES,STRICT_ALL_TABLES".to_owned()), "{made:?}");
        assert!(made.contains(&"--innodb-doublewrite=1".to_owned()), "{made:?}");
        assert!(!made.contains(&"--loose-innodb-doublewrite=0".to_owned()), "{made:?}");
        assert!(made.contains(&"--sync-binlog=0".to_owned()), "{made:?}");
    }

    #[test]
    fn mariadb_has_the_character_set_of_its_packages() {
        let made = |user: &[(&str, &str)]| {
            let user = user.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            settings(&user, EngineKind::Mariadb).unwrap().server
        };
        let ours = "--character-set-server=utf8mb4".to_owned();
        assert!(made(&[]).contains(&ours));
        assert!(!made(&[("collation-server", "latin1_swedish_ci")]).contains(&ours));
        assert!(!made(&[("character_set_server", "latin1")]).contains(&ours));
        assert!(!of(&[]).unwrap().server.contains(&ours));
    }

    #[test]
    fn what_the_data_is_made_with_goes_there_too() {
        assert!(of(&[("sql_mode", "")]).unwrap().initialisation.is_empty());
        let made = of(&[("lower-case-table-names", "1")]).unwrap();
        assert_eq!(made.initialisation, ["--lower-case-table-names=1"]);
        assert!(made.server.contains(&"--lower-case-table-names=1".to_owned()));
    }

    #[test]
    fn wrong_settings_are_refused() {
        for name in ["port", "Init-File", "skip_networking", "loose-datadir", "skip-grant-tables", "disable_console"] {
            assert!(of(&[(name, "1")]).unwrap_err().contains("remove it"), "{name}");
        }
        for name in ["sql_mode=x --port", "", "--port", "a b"] {
            assert!(of(&[(name, "on")]).unwrap_err().contains("is not a name"), "{name}");
        }
        assert!(of(&[("sql_mode", "a\0b")]).is_err());
    }
}
