//! The configuration file, as text: what was found, each fact with what tells it, and in comments what this version does
//! not do yet.

use std::path::Path;

use super::model::{Found, FoundDatabase, FoundModel, FoundTool};
use crate::config::{ImageRef, is_supported};
use crate::history::EngineKind;

/// The column where comments stand, where the line before them is not longer.
const COMMENTS: usize = 50;

/// The text of a `rollproof.yml` for what was found. It names at least one database.
pub fn configuration(found: &Found) -> String {
    let mut text =
        "# What rollproof checks. Behind each line stands what told it; change what is not so.\ndatabases:\n"
            .to_owned();
    for each in &found.databases {
        database(&mut text, each);
    }
    if !found.models.is_empty() {
        let list: Vec<String> = found.models.iter().map(|model| commented(&shown_model(model))).collect();
        text.push_str(&format!(
            "  # No file tells which database these models describe; `models` goes with that one{}\n  #   {}\n",
            if is_supported("models") { ":" } else { ", once this version compares them:" },
            list.join("\n  #   ")
        ));
    }
    for tool in &found.others {
        other(&mut text, tool);
    }
    text.push_str(
        "\n# Levels of rules: error, warning, note, off. `rollproof explain` lists the rules.\n\
         # rules: {down-reorders-columns: warning}\n\
         # The level from which findings make a run fail: error, warning, note, never.\n\
         # fail-on: error\n",
    );
    text
}

fn database(text: &mut String, found: &FoundDatabase) {
    line(text, &format!("  - name: {}", scalar(&found.name)), "");
    match &found.engine {
        Some(clue) => {
            line(text, &format!("    engine: {}", clue.engine), &format!("from {}", clue.from));
        }
        None if !found.undecided.is_empty() => {
            for clue in &found.undecided {
                line(text, &format!("    # engine: {}", clue.engine), &format!("from {}; files disagree", clue.from));
            }
        }
        None => line(
            text,
            "    # engine: postgres",
            "no file tells which: postgres, mysql, mariadb or sqlite; name it here",
        ),
    }
    image(text, found);
    let path = scalar(&found.migrations.to_string_lossy());
    let count = match &found.counts {
        Ok((count, downs)) => format!("{count} {}, {downs} with a down script", plural(*count, "migration")),
        Err(reason) => format!("cannot be read: {reason}"),
    };
    match &found.format {
        Ok(format) => line(text, &format!("    migrations: {{format: {format}, path: {path}}}"), &count),
        Err(reason) => {
            line(text, &format!("    # {}", commented(reason)), "");
            line(text, &format!("    migrations: {{path: {path}}}"), "add `format: ...`");
        }
    }
    models(text, found);
}

/// The line that names the image, and those of the project's other images of that product.
fn image(text: &mut String, found: &FoundDatabase) {
    let Some(image) = &found.image else {
        if found.engine.as_ref().is_some_and(|clue| clue.engine == EngineKind::Postgres) {
            line(text, "    # image: postgres:17", "no file tells the version; name that of production");
        }
        return;
    };
    let versionless = ImageRef::parse(&image.value).is_ok_and(|image| image.version.is_empty());
    let advice = if versionless { "; it tells no version of the server" } else { "" };
    line(text, &format!("    image: {}", scalar(&image.value)), &format!("from {}{advice}", image.from));
    for other in &found.other_images {
        line(text, &format!("    # image: {}", scalar(&other.value)), &format!("from {}", other.from));
    }
}

/// The line that names the models.
fn models(text: &mut String, found: &FoundDatabase) {
    if found.models.is_empty() {
        return;
    }
    let list: Vec<String> = found.models.iter().map(shown_model).collect();
    let list = format!("models: [{}]", list.join(", "));
    if is_supported("models") && found.engine.is_some() {
        line(text, &format!("    {list}"), "");
    } else {
        line(text, &format!("    # {list}"), "this version compares no models yet");
    }
}

fn shown_model(model: &FoundModel) -> String {
    if model.path == Path::new("") {
        return format!("{{format: {}}}", model.format);
    }
    format!("{{format: {}, path: {}}}", model.format, scalar(&model.path.to_string_lossy()))
}

/// A tool that this version does not read, as the entry that a later one may take.
fn other(text: &mut String, tool: &FoundTool) {
    let from = commented(&tool.from);
    match tool.format {
        Some(format) => {
            let path = tool.path.as_deref().unwrap_or_else(|| Path::new(&tool.from).parent().unwrap_or(Path::new("")));
            let path = if path == Path::new("") { ".".to_owned() } else { scalar(&path.to_string_lossy()) };
            text.push_str(&format!(
                "  # {} was found ({from}); this version does not read its migrations yet.\n\
                 \x20 # - name: {format}\n  #   migrations: {{format: {format}, path: {}}}\n",
                tool.title,
                commented(&path)
            ));
        }
        None => text
            .push_str(&format!("  # {} was found ({from}); this version does not read its migrations.\n", tool.title)),
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// A line with a comment behind it.
fn line(text: &mut String, content: &str, comment: &str) {
    if comment.is_empty() {
        text.push_str(&format!("{content}\n"));
    } else {
        text.push_str(&format!("{content:COMMENTS$}  # {}\n", commented(comment)));
    }
}

/// A text as a comment may hold it: on one line.
fn commented(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

/// A text as a YAML scalar that means this text, inside braces too.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    // A colon means something only before a space, but inside braces not every reader agrees.
    let inner = text.chars().all(|c| plain(c) || c == ':' || c == '@') && !text.ends_with(':');
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '/')
        || (text.starts_with('.') && text.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic() || c == '/'));
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"];
    if inner && begins_well && !words.contains(&text.to_ascii_lowercase().as_str()) {
        text.to_owned()
    } else {
        // A text of JSON is one of YAML, but for characters that break lines in YAML only.
        let quoted = serde_json::Value::from(text).to_string();
        quoted.replace('\u{85}', "\\u0085").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_mean_their_text() {
        for text in [
            "migrations",
            "db/a b",
            "true",
            "Null",
            ".5",
            ".inf",
            "2024",
            "0x1f",
            "a: b",
            "a#b",
            "{x}",
            "-",
            "é",
            "a\"b",
            "a:",
            "./x",
            ".sqlx",
            "postgres:17",
            "r:5000/x/postgres@sha256:00",
            "*a",
            "&a",
            "!x",
            "",
            "'q'",
            "a,b",
            "\u{85}",
        ] {
            let yaml = format!("outer: {{path: {}}}", scalar(text));
            let read: serde_yaml::Value = serde_yaml::from_str(&yaml).unwrap();
            assert_eq!(read["outer"]["path"].as_str(), Some(text), "{yaml}");
            let mut problems = Vec::new();
            let ours = crate::yaml::document(&yaml, &mut problems).unwrap();
            let path = ours.get("outer").unwrap().value.get("path").unwrap().value.text();
            assert_eq!((path, problems.len()), (Some(text), 0), "{yaml}");
        }
    }

    #[test]
    fn comments_stay_on_their_line() {
        let mut text = String::new();
        line(&mut text, "a: 1", "x\ny: 2\r\u{2028}z");
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}
