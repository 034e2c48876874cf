//! Java's properties files.

/// The keys and values of a properties file, in their order: `key=value`, `key: value`, `key value`, comments by `#` and `!`,
/// a `\` at the end goes on (<https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html>).
pub(crate) fn properties(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let goes_on = |line: &str, _: &str| line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
    joined(&lines, goes_on).iter().map(|line| pair(line, unescaped)).collect()
}

/// The same for Flyway's own files, in which `\` is a character like any other, as in `C:\migrations`; only at the end of a line
/// does it go on, and not before an empty line or another setting.
pub(crate) fn flyway_properties(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let is_setting = |line: &str| line.trim_start().starts_with("flyway.") && line.contains('=');
    let goes_on = |line: &str, next: &str| line.ends_with('\\') && !next.is_empty() && !is_setting(next);
    joined(&lines, goes_on).iter().map(|line| pair(line, str::to_owned)).collect()
}

/// The lines that say something, each with those that it goes on in.
fn joined(lines: &[&str], goes_on: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = lines.iter().copied().peekable();
    while let Some(line) = lines.next() {
        let mut line = line.trim_start().to_owned();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        while goes_on(&line, lines.peek().copied().unwrap_or_default()) {
            line.pop();
            let Some(next) = lines.next() else { break };
            line.push_str(next.trim_start());
        }
        found.push(line);
    }
    found
}

fn pair(line: &str, read: impl Fn(&str) -> String) -> (String, String) {
    let (key, rest) = line.split_at(key_end(line));
    let rest = rest.trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim();
    (read(key), read(value))
}

/// Where a key ends: at the first separator that no `\` stands before.
fn key_end(line: &str) -> usize {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '=' | ':' => return at,
            c if c.is_whitespace() => return at,
            _ => {}
        }
    }
    line.len()
}

/// The text without the `\` before characters that mean something, as in `jdbc\:mysql`.
fn unescaped(text: &str) -> String {
    let mut result = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        result.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_end_where_java_ends_them() {
        let text = "# a=1\n! b=2\n\nurl=jdbc:x://h?a=b\nkey : value \n  word rest\nalone\nlong=one,\\\n   two\nu\\:v=jdbc\\:y\n";
        let expected = [
            ("url", "jdbc:x://h?a=b"),
            ("key", "value"),
            ("word", "rest"),
            ("alone", ""),
            ("long", "one,two"),
            ("u:v", "jdbc:y"),
        ];
        let expected: Vec<_> = expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        assert_eq!(properties(text), expected);
    }
    #[test]
    fn flyway_keeps_backslashes() {
        let text = "flyway.locations=filesystem:C:\\db,\\\n  filesystem:D:\\more\nflyway.table=t\\\nflyway.mixed = true\nmixed=x\\\n\nend=y\\";
        let expected = [
            ("flyway.locations", r"filesystem:C:\db,filesystem:D:\more"),
            ("flyway.table", r"t\"),
            ("flyway.mixed", "true"),
            ("mixed", r"x\"),
            ("end", r"y\"),
        ];
        let expected: Vec<_> = expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        assert_eq!(flyway_properties(text), expected);
    }
}
