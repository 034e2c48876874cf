//! Statements of dumps that are about whole databases: whoever loads a dump does so into a database of his own. Pure.

use super::lexer::{Kind, Lexer, Rules};
use super::split::split_as_client;

/// What a statement of a dump does besides making what is in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfDump {
    /// What comes behind it is about this database.
    Uses(String),
    /// It makes a database. The second is a statement that gives the present one the same properties, where it names any.
    Makes(String, Option<String>),
    /// It drops a database, or tells the server what it has replicated.
    OfServer,
    /// Nothing of that.
    Other,
}

/// What a statement does besides making what is in a database.
pub fn of_dump(statement: &str, rules: Rules) -> OfDump {
    let mut tokens = Lexer::new(statement, rules, ";", 0)
        .filter(|token| !matches!(token.kind, Kind::Enter | Kind::Leave))
        .map(|token| (token.kind, token.span.clone(), &statement[token.span]));
    let is = |text: &str, words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    let Some((_, _, verb)) = tokens.next() else { return OfDump::Other };
    if is(verb, &["USE"]) {
        return tokens.next().map_or(OfDump::Other, |(_, _, name)| OfDump::Uses(unquoted(name)));
    }
    if is(verb, &["SET"]) {
        let replicated = tokens.any(|(kind, _, word)| kind == Kind::Word && is(word, &["GTID_PURGED"]));
        // The variable is a name behind its `@@GLOBAL.`.
        return if replicated { OfDump::OfServer } else { OfDump::Other };
    }
    if !tokens.next().is_some_and(|(_, _, noun)| is(noun, &["DATABASE", "SCHEMA"])) {
        return OfDump::Other;
    }
    if is(verb, &["DROP"]) {
        return OfDump::OfServer;
    }
    let named = tokens.find(|(_, _, word)| !is(word, &["IF", "NOT", "EXISTS"]));
    match named {
        Some((_, span, name)) if is(verb, &["CREATE"]) => {
            let properties = statement[span.end..].trim();
            let instead = (!properties.is_empty()).then(|| format!("ALTER DATABASE {properties}"));
            OfDump::Makes(unquoted(name), instead)
        }
        _ => OfDump::Other,
    }
}

/// A name without its quotes.
fn unquoted(name: &str) -> String {
    match name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) {
        Some(inner) => inner.replace("``", "`"),
        None => name.to_owned(),
    }
}

/// A script with the statements of dumps left out that are about whole databases, so that it makes in one database what it
/// would make in another. Every line keeps its number.
///
/// # Errors
/// When it is about several databases; as a predicate.
pub fn into_one_database(text: &str, rules: Rules) -> Result<String, String> {
    let Ok(statements) = split_as_client(text, rules) else {
        // Whoever runs it says what is wrong with it.
        return Ok(text.to_owned());
    };
    let mut names: Vec<String> = Vec::new();
    let mut adapted = String::new();
    let mut at = 0;
    for statement in statements {
        let sql = &text[statement.span.clone()];
        let instead = match of_dump(sql, rules) {
            OfDump::Other => continue,
            OfDump::OfServer => None,
            OfDump::Uses(name) => {
                names.push(name);
                None
            }
            OfDump::Makes(name, instead) => {
                names.push(name);
                instead
            }
        };
        adapted.push_str(&text[at..statement.span.start]);
        adapted.extend(instead.map(|instead| instead.replace('\n', " ")));
        adapted.extend(sql.chars().filter(|c| *c == '\n'));
        at = statement.span.end;
    }
    adapted.push_str(&text[at..]);
    names.sort();
    names.dedup();
    if names.len() > 1 {
        return Err(format!(
            "is about several databases ({}); keep the one that the migrations begin from",
            names.join(", ")
        ));
    }
    Ok(adapted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::EngineKind;

    #[test]
    fn statements_about_databases_are_known() {
        let rules = Rules::newest(EngineKind::Mysql);
        let makes = |name: &str, instead: Option<&str>| OfDump::Makes(name.to_owned(), instead.map(str::to_owned));
        for (statement, expected) in [
            ("USE `my ``app`", OfDump::Uses("my `app".to_owned())),
            ("use app", OfDump::Uses("app".to_owned())),
            (
                "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `app` /*!40100 DEFAULT CHARACTER SET utf8mb4 */",
                makes("app", Some("ALTER DATABASE /*!40100 DEFAULT CHARACTER SET utf8mb4 */")),
            ),
            ("create schema app", makes("app", None)),
            ("/*!40000 DROP DATABASE IF EXISTS `app`*/", OfDump::OfServer),
            ("SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ ''", OfDump::OfServer),
            ("SET NAMES utf8mb4", OfDump::Other),
            ("CREATE TABLE `database` (a int)", OfDump::Other),
            ("", OfDump::Other),
        ] {
            assert_eq!(of_dump(statement, rules), expected, "{statement}");
        }
    }

    #[test]
    fn a_dump_of_one_database_goes_into_another() {
        let rules = Rules::newest(EngineKind::Mariadb);
        let dump = "/*M!999999\\- enable the sandbox mode */ \nCREATE DATABASE\n `app` CHARACTER SET latin1;\n\nUSE `app`;\nCREATE TABLE a (b int);\n";
        let expected = "/*M!999999\\- enable the sandbox mode */ \nALTER DATABASE CHARACTER SET latin1\n;\n\n;\nCREATE TABLE a (b int);\n";
        assert_eq!(into_one_database(dump, rules).unwrap(), expected);
        let error = into_one_database("USE a; SELECT 1; USE b;", rules).unwrap_err();
        assert!(error.contains("(a, b)"), "{error}");
        assert_eq!(into_one_database("SELECT 'a", rules).unwrap(), "SELECT 'a");
    }
}
