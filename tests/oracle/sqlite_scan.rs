//! Cuts SQLite's texts into words, for the oracle alone.

/// A word in the one form that all its spellings have, and as it is spelled, without quotes.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    /// In the form that all its spellings have.
    pub(crate) text: String,
    /// Without quotes.
    pub(crate) raw: String,
    /// Whether it stood in quotes.
    pub(crate) quoted: bool,
}

/// Words, names, numbers, strings and marks. A name that needs its quotes has double ones; others are in lower case.
pub(crate) fn scan(sql: &str) -> Vec<Word> {
    let text: Vec<char> = sql.chars().collect();
    let mut words: Vec<Word> = Vec::new();
    let mut at = 0;
    while let Some(first) = text.get(at).copied() {
        let next = text.get(at + 1).copied();
        let begin = at;
        match (first, next) {
            (first, _) if first.is_ascii_whitespace() || first == '\u{feff}' => at += 1,
            ('-', Some('-')) => at += text[at..].iter().position(|c| *c == '\n').unwrap_or(text.len() - at),
            ('/', Some('*')) => {
                let end = text[at + 2..].windows(2).position(|pair| pair == ['*', '/']);
                at = end.map_or(text.len(), |end| at + 2 + end + 2);
            }
            ('\'' | '"' | '`' | '[', _) => {
                let raw = quoted(&text, &mut at);
                let text = if first == '\'' { text[begin..at].iter().collect() } else { name(&raw) };
                words.push(Word { text, raw, quoted: true });
            }
            ('x' | 'X', Some('\'')) => {
                at += 1;
                let raw = quoted(&text, &mut at);
                words.push(Word { text: text[begin..at].iter().collect(), raw, quoted: true });
            }
            (first, _) if in_a_word(first) || (first == '.' && next.is_some_and(|next| next.is_ascii_digit())) => {
                let number = !(first.is_alphabetic() || first == '_');
                while let Some(now) = text.get(at) {
                    let sign = matches!(now, '+' | '-') && number && matches!(text[at - 1], 'e' | 'E');
                    if !(in_a_word(*now) || (number && *now == '.') || sign) {
                        break;
                    }
                    at += 1;
                }
                let raw: String = text[begin..at].iter().collect();
                words.push(Word { text: raw.to_ascii_lowercase(), raw, quoted: false });
            }
            _ => {
                let length = if matches!(first, '(' | ')' | ',' | ';') { 1 } else { operator(&text[at..]) };
                at += length;
                let raw: String = text[begin..at].iter().collect();
                words.push(Word { text: raw.clone(), raw, quoted: false });
            }
        }
    }
    words
}

fn in_a_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

fn operator(text: &[char]) -> usize {
    let two: String = text.iter().take(2).collect();
    usize::from(["||", "<>", "<=", ">=", "<<", ">>", "==", "!=", "->"].contains(&two.as_str())) + 1
}

/// Moves behind the quotes that begin here, and gives what is inside.
fn quoted(text: &[char], at: &mut usize) -> String {
    let close = if text[*at] == '[' { ']' } else { text[*at] };
    let mut inside = String::new();
    *at += 1;
    while let Some(now) = text.get(*at).copied() {
        *at += 1;
        if now == close {
            if close == ']' || text.get(*at) != Some(&close) {
                break;
            }
            *at += 1;
        }
        inside.push(now);
    }
    inside
}

/// A name as it is written without quotes, where that is still clearly a name.
pub(crate) fn name(inside: &str) -> String {
    const CLEARLY_WORDS: [&str; 8] =
        ["null", "check", "primary", "unique", "constraint", "foreign", "select", "default"];
    let lower = inside.to_ascii_lowercase();
    let plain = lower.chars().all(in_a_word) && lower.starts_with(|c: char| !c.is_ascii_digit() && c != '$');
    if plain && !CLEARLY_WORDS.contains(&lower.as_str()) { lower } else { format!("\"{lower}\"") }
}
