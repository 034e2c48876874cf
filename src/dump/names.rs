//! The name that a statement is about, where the words before it say that one follows. Pure.

/// The third word of a statement, `app` in `CREATE DATABASE app WITH ...`, as the server would read it.
pub(super) fn third(statement: &str) -> Option<String> {
    let mut rest = statement;
    for _ in 0..2 {
        rest = after_word(rest.trim_start());
    }
    for optional in ["IF", "NOT", "EXISTS"] {
        let trimmed = rest.trim_start();
        let word = &trimmed[..trimmed.len() - after_word(trimmed).len()];
        if word.eq_ignore_ascii_case(optional) {
            rest = after_word(trimmed);
        }
    }
    name(rest.trim_start())
}

fn after_word(text: &str) -> &str {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_')).map_or("", |end| &text[end..])
}

/// The identifier at the start of a text.
fn name(text: &str) -> Option<String> {
    match text.strip_prefix('"') {
        Some(quoted) => {
            let mut name = String::new();
            let mut characters = quoted.chars().peekable();
            while let Some(c) = characters.next() {
                if c == '"' && characters.next_if_eq(&'"').is_none() {
                    return Some(name);
                }
                name.push(c);
            }
            None
        }
        None => {
            let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(text.len());
            (end > 0).then(|| text[..end].to_lowercase())
        }
    }
}

/// What is in double quotes behind these words in a server's message: `x` in `role "x" does not exist`.
pub(super) fn quoted_behind<'m>(message: &'m str, word: &str) -> Option<&'m str> {
    message.match_indices(word).find_map(|(at, _)| {
        let rest = message[at + word.len()..].strip_prefix(" \"")?;
        rest.split_once("\" does not exist").map(|(name, _)| name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_the_server_does() {
        for (statement, expected) in [
            ("CREATE DATABASE App WITH TEMPLATE = template0", Some("app")),
            ("create database \"My \"\"App\"\"\" WITH", Some("My \"App\"")),
            ("DROP DATABASE IF EXISTS app", Some("app")),
            ("ALTER ROLE postgres WITH SUPERUSER", Some("postgres")),
            ("CREATE DATABASE", None),
        ] {
            assert_eq!(third(statement).as_deref(), expected, "{statement}");
        }
        assert_eq!(quoted_behind("role \"a \"b\" does not exist", "role"), Some("a \"b"));
        let detail = "invalid value for \"default_tablespace\": \"x\"\nDETAIL: Tablespace \"x\" does not exist.";
        assert_eq!(quoted_behind(detail, "ablespace"), Some("x"));
        assert_eq!(quoted_behind("type \"a\" does not exist", "role"), None);
    }
}
