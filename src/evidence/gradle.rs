//! What the build files of Gradle declare, as far as it stands there in quotes: they are programs, in Groovy or Kotlin.

/// A text in quotes.
pub(super) struct Literal {
    /// The text, with `${...}` as it stands.
    pub(super) text: String,
    /// What stands before it in its line.
    before: String,
}

impl Literal {
    /// The word that it is given to: `url` in `url = '...'`, `url.set("...")`, `group: '...'`.
    pub(super) fn key(&self) -> Option<&str> {
        let before = self.before.trim_end().trim_end_matches(['=', ':', '(', ' ']);
        let before = before.strip_suffix(".set").unwrap_or(before);
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        Some(&before[start..]).filter(|word| !word.is_empty())
    }
}

/// The texts in quotes of a build file, without those in comments.
pub(super) fn literals(text: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    let mut before = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
        } else if matches!(c, '\'' | '"') {
            let triple = c.to_string().repeat(3);
            let mark = if rest.starts_with(&triple) { triple } else { c.to_string() };
            let inner = &rest[mark.len()..];
            let end = closing(inner, &mark);
            found.push(Literal { text: inner[..end].to_owned(), before: before.clone() });
            before.push_str(&mark);
            rest = inner.get(end + mark.len()..).unwrap_or_default();
        } else {
            if c == '\n' {
                before.clear();
            } else {
                before.push(c);
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    found
}

/// Where a text in quotes ends; a short one at the latest with its line.
fn closing(inner: &str, mark: &str) -> usize {
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if inner[at..].starts_with(mark) || (mark.len() == 1 && c == '\n') {
            return at;
        }
    }
    inner.len()
}

/// What a build file depends on but for its tests, as `group:artifact`.
pub(super) fn dependencies(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut group: Option<String> = None;
    for literal in literals(text) {
        if literal.before.trim_start().starts_with("test") {
            continue;
        }
        match literal.key() {
            Some("group") => group = Some(literal.text),
            Some("name") => found.extend(group.take().map(|group| format!("{group}:{}", literal.text))),
            _ => found.extend(module(&literal.text)),
        }
    }
    found
}

/// The libraries that a version catalog lists, as `group:artifact`.
pub(super) fn catalog(text: &str) -> Vec<String> {
    let table: toml::Table = text.parse().unwrap_or_default();
    let libraries = table.get("libraries").and_then(toml::Value::as_table);
    let name = |library: &toml::Value| {
        let text = |key: &str| library.get(key).and_then(toml::Value::as_str);
        let whole = library.as_str().or_else(|| text("module"));
        whole.and_then(module).or_else(|| Some(format!("{}:{}", text("group")?, text("name")?)))
    };
    libraries.into_iter().flat_map(toml::Table::values).filter_map(name).collect()
}

/// `group:artifact` of `group:artifact:version`.
fn module(text: &str) -> Option<String> {
    let mut parts = text.split(':');
    let (group, artifact) = (parts.next()?, parts.next()?);
    let is_name = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    (is_name(group) && is_name(artifact)).then(|| format!("{group}:{artifact}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_found_as_people_write_them() {
        for (text, expected) in [
            ("runtimeOnly 'org.postgresql:postgresql:42.7.3'", &["org.postgresql:postgresql"][..]),
            ("runtimeOnly(\"org.postgresql:postgresql\")", &["org.postgresql:postgresql"]),
            (
                "implementation group: 'com.mysql', name: 'mysql-connector-j', version: '9'",
                &["com.mysql:mysql-connector-j"],
            ),
            ("testRuntimeOnly 'org.xerial:sqlite-jdbc:3'\n// runtimeOnly 'a:b:1'\n/* 'c:d:2' */", &[]),
            ("url = \"https://x.org/m2\" // 'a:b'\nruntimeOnly \"a:b:$v\"", &["a:b"]),
            ("x = \"\"\"\n'q:r'\n\"\"\"\ny = 'it\\'s'\nz 's:t'", &["s:t"]),
            ("x = 'never closed\nruntimeOnly 'a:b'", &["a:b"]),
        ] {
            assert_eq!(dependencies(text), expected, "{text}");
        }
        let text =
            "[libraries]\na = 'g:one:1'\nb = {module = 'g:two', version = '1'}\nc = {group = 'g', name = 'three'}\n";
        let mut libraries = catalog(text);
        libraries.sort();
        assert_eq!(libraries, ["g:one", "g:three", "g:two"]);
    }
}
