//! The settings of a disposable server: fast ones of ours, and over them the user's.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{ProvisionError, Wanted};

/// Fast and forgetful: the data lives as long as the run. Placement in memory gains most; these add a little, and keep
/// background work from disturbing what is measured.
const FAST: [(&str, &str); 11] = [
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("shared_buffers", "32MB"),
    ("jit", "off"),
    // Inside the data folder, so that even a killed server leaves nothing in /dev/shm.
    ("dynamic_shared_memory_type", "mmap"),
    // As in the official images, and not that of the machine on which the check runs.
    ("timezone", "Etc/UTC"),
    // Messages are part of reports.
    ("lc_messages", "C"),
];

/// Settings that say how we reach the server, and directives that are no settings.
const OURS: [&str; 15] = [
    "port",
    "listen_addresses",
    "unix_socket_directories",
    "unix_socket_group",
    "unix_socket_permissions",
    "data_directory",
    "config_file",
    "hba_file",
    "ident_file",
    "external_pid_file",
    "logging_collector",
    "log_destination",
    "include",
    "include_dir",
    "include_if_exists",
];

/// What makes a server write every statement into a file that SQL can read. The file for people lies beside it under the same
/// name, since the collector takes what the server else writes to standard error.
const OVERHEARD: [(&str, &str); 8] = [
    ("logging_collector", "on"),
    ("log_destination", "stderr,csvlog"),
    ("log_directory", "log"),
    ("log_filename", "rollproof.log"),
    ("log_rotation_age", "0"),
    ("log_rotation_size", "0"),
    ("log_statement", "all"),
    ("log_min_error_statement", "error"),
];

/// Where that file lies in the data folder.
pub(crate) const OVERHEARD_LOG: &str = "log/rollproof.log";

/// Settings that a server takes only when it writes more than the minimal write-ahead log.
const NEED_WAL: [&str; 3] = ["max_wal_senders", "archive_mode", "summarize_wal"];

/// Settings that initdb makes for good, and its option for each.
const AT_INITDB: [(&str, &str); 6] = [
    ("locale", "--locale"),
    ("lc_collate", "--lc-collate"),
    ("lc_ctype", "--lc-ctype"),
    ("encoding", "--encoding"),
    ("locale_provider", "--locale-provider"),
    ("icu_locale", "--icu-locale"),
];

/// The settings of a server, split by when they are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Options of initdb.
    pub(crate) initdb: Vec<String>,
    /// Whether the locale is ours to choose, so that a plainer one may be tried when the system lacks the first.
    pub(crate) default_locale: bool,
    /// The settings of the server, by name: the user's, and ours where the user says nothing.
    pub(crate) made: Vec<(String, String)>,
}

impl Settings {
    /// The same, and every statement is logged.
    pub(crate) fn overheard(mut self) -> Self {
        self.made.retain(|(name, _)| !OVERHEARD.iter().any(|(ours, _)| name.eq_ignore_ascii_case(ours)));
        self.made.extend(OVERHEARD.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// Whether every statement is logged.
    pub(crate) fn is_overheard(&self) -> bool {
        self.made.iter().any(|(name, _)| name == OVERHEARD[0].0)
    }

    /// Lines to append to postgresql.conf. Being there and not on the command line, `ALTER SYSTEM` in a migration works as
    /// it does in production.
    pub(crate) fn conf(&self) -> String {
        self.made.iter().fold("\n# Rollproof\n".to_owned(), |mut conf, (name, value)| {
            let _ = writeln!(conf, "{name} = {}", quoted(value));
            conf
        })
    }
}

/// The settings of the server that is wanted.
///
/// # Errors
/// As [`settings`].
pub(crate) fn wanted_settings(wanted: &Wanted) -> Result<Settings, ProvisionError> {
    let settings = settings(&wanted.server_settings)?;
    Ok(if wanted.overheard { settings.overheard() } else { settings })
}

/// Splits the user's settings and puts ours under them.
///
/// # Errors
/// When a name is none, or is a setting by which we reach the server.
pub(crate) fn settings(user: &BTreeMap<String, String>) -> Result<Settings, ProvisionError> {
    let mut made: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    for (name, value) in FAST {
        made.insert(name.to_owned(), (name, value));
    }
    let mut given: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    for (name, value) in user {
        let key = name.to_ascii_lowercase();
        let wrong = |reason: &str| ProvisionError::Setting { name: name.clone(), reason: reason.to_owned() };
        if !is_name(name) {
            return Err(wrong("is not a name of a setting; see `SHOW ALL` for those there are"));
        }
        if OURS.contains(&key.as_str()) {
            return Err(wrong("is how Rollproof reaches the server; remove it"));
        }
        if value.contains('\0') {
            return Err(wrong("holds a NUL character; remove it"));
        }
        given.insert(key, (name, value));
    }
    let needs_wal = NEED_WAL.iter().any(|name| given.get(*name).is_some_and(|(_, value)| !is_off(value)));
    if needs_wal {
        made.insert("wal_level".to_owned(), ("wal_level", "replica"));
    }
    let mut initdb: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, option) in AT_INITDB {
        if let Some((_, value)) = given.remove(name) {
            initdb.insert(option, value);
        }
    }
    let default_locale = !initdb.keys().any(|option| *option != "--encoding");
    initdb.entry("--encoding").or_insert("UTF8");
    made.extend(given);
    let made = made.into_values().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let initdb = initdb.into_iter().map(|(option, value)| format!("{option}={value}")).collect();
    Ok(Settings { initdb, default_locale, made })
}

/// Letters, digits, underscores; dots for the settings of extensions.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$'))
}

fn is_off(value: &str) -> bool {
    matches!(value.trim().to_ascii_lowercase().as_str(), "0" | "off" | "false" | "no" | "f" | "n" | "of" | "fa")
}

/// A value as postgresql.conf holds it: in quotation marks, in which a backslash escapes (config file grammar, `GUC_scanstr`).
fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('\'');
    for c in value.chars() {
        match c {
            '\'' => text.push_str("''"),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            _ => text.push(c),
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let user = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        settings(&user).map_err(|error| error.to_string())
    }

    #[test]
    fn the_users_settings_win() {
        let conf = of(&[("FSYNC", "on"), ("work_mem", "8MB"), ("plpgsql.extra_warnings", "all")]).unwrap().conf();
        assert!(conf.contains("FSYNC = 'on'\n") && !conf.contains("fsync = "), "{conf}");
        assert!(conf.contains("work_mem = '8MB'\n") && conf.contains("plpgsql.extra_warnings = 'all'\n"), "{conf}");
        assert!(conf.contains("jit = 'off'\n"), "{conf}");
    }

    #[test]
    fn settings_that_need_the_log_get_it() {
        for (pairs, level) in [
            (vec![], "minimal"),
            (vec![("wal_level", "logical")], "logical"),
            (vec![("max_wal_senders", "4")], "replica"),
            (vec![("max_wal_senders", "0"), ("archive_mode", "off")], "minimal"),
            (vec![("archive_mode", "on")], "replica"),
            (vec![("max_wal_senders", "4"), ("wal_level", "logical")], "logical"),
        ] {
            let conf = of(&pairs).unwrap().conf();
            assert!(conf.contains(&format!("wal_level = '{level}'\n")), "{pairs:?}: {conf}");
        }
    }

    #[test]
    fn what_initdb_makes_goes_to_initdb() {
        let plain = of(&[]).unwrap();
        assert_eq!((plain.initdb, plain.default_locale), (vec!["--encoding=UTF8".to_owned()], true));
        let made = of(&[("locale", "de_DE.UTF-8"), ("encoding", "LATIN1")]).unwrap();
        assert_eq!(made.initdb, ["--encoding=LATIN1", "--locale=de_DE.UTF-8"]);
        assert!(!made.default_locale && !made.conf().contains("locale"), "{}", made.conf());
    }

    #[test]
    fn wrong_settings_are_refused() {
        assert!(of(&[("port", "5432")]).unwrap_err().contains("port is how Rollproof reaches the server"));
        assert!(of(&[("Include", "/etc/passwd")]).unwrap_err().contains("remove it"));
        assert!(of(&[("work_mem = 1\nfsync", "on")]).unwrap_err().contains("is not a name"));
        assert!(of(&[("", "on")]).is_err());
    }

    #[test]
    fn values_are_quoted() {
        assert_eq!(quoted(r#"it's "a\b""#), r#"'it''s "a\\b"'"#);
        assert_eq!(quoted("a\nport = 1"), r"'a\nport = 1'");
    }
}
