//! What the project's code prints: kept apart from the protocol, the end of it only, and shown without secrets.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::task::JoinHandle;

/// How many bytes are kept.
const KEPT: usize = 1024 * 1024;

/// Parts of names whose values are nobody's business.
const SECRET: [&str; 8] = ["password", "passwd", "pwd", "secret", "token", "key", "credential", "dsn"];

/// The end of what was printed.
#[derive(Clone, Debug, Default)]
pub(super) struct Output(Arc<Mutex<VecDeque<u8>>>);

impl Output {
    /// Takes everything that comes out of a pipe, in the background.
    pub(super) fn take(&self, mut pipe: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<()> {
        let kept = Arc::clone(&self.0);
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = pipe.read(&mut buffer).await {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(&buffer[..read]);
                let excess = kept.len().saturating_sub(KEPT);
                kept.drain(..excess);
            }
        })
    }

    /// All lines that are kept, as they are.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(kept.make_contiguous()).into_owned();
        // A tab is a control character, too, and would go with the colours.
        let stripped = |line: &str| line.split('\t').map(strip_ansi_escapes::strip_str).collect::<Vec<_>>().join("\t");
        text.lines().map(stripped).collect()
    }

    /// The last lines, without what `secrets` are.
    pub(super) fn tail(&self, lines: usize, secrets: &[String]) -> Vec<String> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(kept.make_contiguous()).into_owned();
        let text = strip_ansi_escapes::strip_str(&text);
        let all: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        all[all.len().saturating_sub(lines)..].iter().map(|line| redacted(line, secrets)).collect()
    }
}

/// The secrets that an environment holds, by the names of its variables; short values are words that occur anyway.
pub(super) fn secrets_of(environment: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let mut secrets: Vec<String> =
        environment.filter(|(name, value)| is_secret(name) && value.len() >= 4).map(|(_, value)| value).collect();
    // A secret that begins with another one would else leave its end behind.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

/// Whether the value of this name is not to be shown.
fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    // The folder where a shell is, and where it was.
    if matches!(name.as_str(), "pwd" | "oldpwd") {
        return false;
    }
    SECRET.iter().any(|part| name.contains(part))
}

/// A line without secrets: known ones, passwords in URLs, values of names that tell of one.
pub(super) fn redacted(line: &str, secrets: &[String]) -> String {
    without_assigned(&without_url_passwords(&without_known(line, secrets)))
}

fn without_known(line: &str, secrets: &[String]) -> String {
    secrets.iter().fold(line.to_owned(), |line, secret| line.replace(secret.as_str(), "***"))
}

/// A message of several lines without known secrets and passwords in URLs. What looks like a setting stays: `token: x` is
/// what parsers say.
pub(super) fn redacted_all(text: &str, secrets: &[String]) -> String {
    text.lines().map(|line| without_url_passwords(&without_known(line, secrets))).collect::<Vec<_>>().join("\n")
}

/// `scheme://user:***@host`.
fn without_url_passwords(line: &str) -> String {
    let mut told = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, behind) = rest.split_at(at + 3);
        told.push_str(before);
        let end =
            behind.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>')).unwrap_or(behind.len());
        let (authority, after) = behind.split_at(end);
        match authority.rfind('@').and_then(|at| Some((at, authority[..at].find(':')?))) {
            Some((at, colon)) => {
                told.push_str(&authority[..=colon]);
                told.push_str("***");
                told.push_str(&authority[at..]);
            }
            None => told.push_str(authority),
        }
        rest = after;
    }
    told.push_str(rest);
    told
}

/// `NAME=***` and `'NAME': ***` where the name tells of a secret.
fn without_assigned(line: &str) -> String {
    let Some(at) = line.find(['=', ':']).filter(|at| !line[*at..].starts_with("://")) else { return line.to_owned() };
    let name = line[..at].trim_matches(|c: char| !c.is_alphanumeric());
    let word = name.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let value = line[at + 1..].trim();
    let tells = is_secret(word) && !word.to_lowercase().ends_with("error") && !word.eq_ignore_ascii_case("key");
    if tells && !value.is_empty() { format!("{} ***", &line[..=at]) } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let environment = [
            ("APP_SECRET", "rosebud"),
            ("PATH", "/usr/bin"),
            ("API_TOKEN", "rosebud-2"),
            ("PIN_KEY", "no"),
            ("PWD", "/srv/shop"),
        ];
        let secrets = secrets_of(environment.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(secrets, ["rosebud-2", "rosebud"]);
        let shown = |line: &str| redacted(line, &secrets);
        assert_eq!(shown("it is rosebud-2, or rosebud"), "it is ***, or ***");
        assert_eq!(shown("mysql://me:p@ss@host/db now"), "mysql://me:***@host/db now");
        assert_eq!(shown("MAIL_PASSWORD=hunter2"), "MAIL_PASSWORD= ***");
        assert_eq!(shown("  'DB_PASSWORD': 'x y',"), "  'DB_PASSWORD': ***");
        assert_eq!(shown("see https://example.org/a:b"), "see https://example.org/a:b");
        for line in ["Error: no such table", "KeyError: 'x'", "duplicate key: 5"] {
            assert_eq!(shown(line), line);
        }
        assert_eq!(redacted_all("token: x\npostgresql://me:p@h/d", &secrets), "token: x\npostgresql://me:***@h/d");
    }
}
