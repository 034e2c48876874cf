//! Java's properties files.

/// The keys and values of a properties file, in their order: `key=value`, `key: value`, `key value`, comments by `#` and `!`,
/// a `\` at the end goes on (<https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html>).
pub(super) fn properties(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut line = line.trim_start().to_owned();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        while line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1 {
            line.pop();
            let Some(next) = lines.next() else { break };
            line.push_str(next.trim_start());
        }
        let end = key_end(&line);
        let (key, rest) = line.split_at(end);
        let rest = rest.trim_start();
        let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim();
        found.push((unescaped(key), unescaped(value)));
    }
    found
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
}
