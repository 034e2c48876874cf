//! Dumps without what says nothing of the schema, in an order that is nobody's.
//!
//! `pg_dump` writes entries, each under a title, in an order that partly depends on the order in which objects were made.
//! This knows its output and nothing of Rollproof.

/// Lines that `pg_dump` writes for the session that loads the dump.
const FOR_THE_SESSION: &[&str] = &[
    "SET statement_timeout = ",
    "SET lock_timeout = ",
    "SET idle_in_transaction_session_timeout = ",
    "SET transaction_timeout = ",
    "SET client_encoding = ",
    "SET standard_conforming_strings = ",
    "SET check_function_bodies = ",
    "SET xmloption = ",
    "SET client_min_messages = ",
    "SET row_security = ",
    // The title of an entry names its tablespace.
    "SET default_tablespace = ",
    "SELECT pg_catalog.set_config('search_path', ",
    "\\connect ",
    "\\restrict ",
    "\\unrestrict ",
];

/// The entries of `pg_dump`, sorted; the first line of each is its title.
pub(crate) fn entries(dump: &str) -> Vec<String> {
    let dump = dump.split("\n--\n-- PostgreSQL database dump complete").next().unwrap_or_default();
    let lines: Vec<&str> = dump.lines().collect();
    let mut entries: Vec<Vec<&str>> = Vec::new();
    // The access method of the tables that follow is a setting of the session too, and is in no title.
    let mut access_methods: Vec<&str> = Vec::new();
    let mut access_method = "";
    let mut at = 0;
    while at < lines.len() {
        if let [rule, title, other_rule, ..] = lines[at..]
            && (rule, other_rule) == ("--", "--")
            && title.starts_with("-- Name: ")
            && title.contains("; Type: ")
        {
            entries.push(vec![title]);
            access_methods.push(access_method);
            at += 3;
            continue;
        }
        let line = lines[at];
        at += 1;
        if let Some(named) = line.strip_prefix("SET default_table_access_method = ") {
            access_method = named;
        } else if let Some(entry) = entries.last_mut()
            && !FOR_THE_SESSION.iter().any(|prefix| line.starts_with(prefix))
        {
            entry.push(line);
        }
    }
    let mut entries: Vec<String> =
        entries.into_iter().zip(access_methods).map(|(entry, access_method)| finished(entry, access_method)).collect();
    entries.sort();
    entries
}

/// One entry as a text.
fn finished(mut lines: Vec<&str>, access_method: &str) -> String {
    let is = |kind: &str| lines[0].contains(&format!("; Type: {kind};"));
    let partitioned = lines.iter().any(|line| line.starts_with("PARTITION BY "));
    let with_access_method = (is("TABLE") && !partitioned) || is("MATERIALIZED VIEW");
    let privileges = is("ACL") || is("DEFAULT ACL");
    // In the middle of a text blank lines stay.
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    if privileges {
        return privileges_in_order(&lines);
    }
    let lines: Vec<String> = lines.into_iter().filter_map(options_in_order).collect();
    let mut text = lines.join("\n");
    if with_access_method {
        text.push_str("\n-- access method ");
        text.push_str(access_method);
    }
    text
}

/// A line with its storage parameters sorted, which are kept in the order in which they were set. PostgreSQL 17.12 writes a
/// number of its own into an option of each column, which a `pg_dump` of another version takes for somebody's: such a line
/// says nothing.
fn options_in_order(line: &str) -> Option<String> {
    for opening in ["WITH (", " SET ("] {
        if let Some((before, rest)) = line.split_once(opening)
            && let Some((inside, after)) = rest.split_once(')')
            && inside.contains('=')
        {
            let mut options: Vec<&str> =
                inside.split(", ").filter(|option| !option.starts_with("pg_attver=")).collect();
            options.sort_unstable();
            return (!options.is_empty()).then(|| format!("{before}{opening}{}){after}", options.join(", ")));
        }
    }
    Some(line.to_owned())
}

/// GRANT and REVOKE, each with who says it, sorted: the order of an access control list means nothing.
fn privileges_in_order(lines: &[&str]) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut speaker = "";
    for line in lines[1..].iter().filter(|line| !line.is_empty()) {
        if line.starts_with("SET SESSION AUTHORIZATION ") {
            speaker = line;
        } else if line.starts_with("RESET SESSION AUTHORIZATION") {
            speaker = "";
        } else {
            said.push(format!("{speaker}{line}"));
        }
    }
    said.sort();
    format!("{}\n{}", lines[0], said.join("\n"))
}

/// A verifier is salted anew whenever the same password is set: only its kind stays.
fn without_verifier(line: &str) -> String {
    for kind in ["SCRAM-SHA-256$", "md5"] {
        if let Some((before, rest)) = line.split_once(&format!(" PASSWORD '{kind}")) {
            let after = rest.split_once('\'').map_or("", |(_, after)| after);
            return format!("{before} PASSWORD {kind}{after}");
        }
    }
    line.to_owned()
}

/// What `pg_dumpall --globals-only` says of roles and tablespaces, as one entry.
pub(crate) fn globals(dump: &str) -> String {
    let is_said = |line: &&str| {
        !line.is_empty() && !line.starts_with("--") && !FOR_THE_SESSION.iter().any(|prefix| line.starts_with(prefix))
    };
    let mut privileges: Vec<String> = Vec::new();
    let mut rest: Vec<String> = Vec::new();
    for line in dump.lines().filter(is_said) {
        let of = if line.starts_with("GRANT ") || line.starts_with("REVOKE ") { &mut privileges } else { &mut rest };
        of.push(without_verifier(line));
    }
    privileges.sort_unstable();
    rest.append(&mut privileges);
    format!("-- Roles and tablespaces\n{}", rest.join("\n"))
}
