//! Words of a deparsed definition, only as finely as telling needs: no language is understood.

/// A word, a quoted name, or a single other character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    name: String,
}

impl Token {
    /// The word, without quotes if it was a quoted name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// The tokens of a text, without white space.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        let mut name = String::new();
        match first {
            '"' => {
                // A doubled quote stands for one in the name.
                while let Some(next) = rest.next() {
                    if next == '"' && rest.next_if_eq(&'"').is_none() {
                        break;
                    }
                    name.push(next);
                }
            }
            _ if first.is_whitespace() => continue,
            _ if is_word(first) => {
                name.push(first);
                while let Some(next) = rest.next_if(|next| is_word(*next)) {
                    name.push(next);
                }
            }
            _ => name.push(first),
        }
        found.push(Token { name });
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_quotes_and_nothing_else() {
        let names = |text| tokens(text).iter().map(|token| token.name().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            names(r#"app."Weird ""T""".a_1 = 'x y'"#),
            ["app", ".", "Weird \"T\"", ".", "a_1", "=", "'", "x", "y", "'"]
        );
        assert_eq!(names("\"open"), ["open"]);
        assert!(names(" \n").is_empty());
    }
}
