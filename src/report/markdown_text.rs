//! Text from elsewhere put into Markdown as GitHub shows it: whatever it holds, it shows as itself.

use super::plain_text::{one_clean_line, shortened};

/// What GitHub would link or call somebody by (`@name`, `#1`, `https://`, `www.`) is parted by a comment, which shows as
/// nothing and copies as nothing.
const APART: &str = "<!-- -->";

/// `text` as running text on one line, at most `longest` characters of it.
pub(super) fn words(text: &str, longest: usize) -> String {
    let text = shortened(&one_clean_line(text), longest);
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // GitHub sets what stands between two of these as a formula, unless they are elements of their own.
            '$' => safe.push_str("<span>&#36;</span>"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '^' | '{' | '}' => safe.extend(['\\', c]),
            '@' | '#' if rest.peek().is_some_and(|next| next.is_alphanumeric()) => {
                safe.push(c);
                safe.push_str(APART);
            }
            ':' if rest.peek() == Some(&'/') => {
                safe.push(c);
                safe.push_str(APART);
            }
            '.' if safe.len() >= 3
                && safe.is_char_boundary(safe.len() - 3)
                && safe[safe.len() - 3..].eq_ignore_ascii_case("www") =>
            {
                safe.push_str(APART);
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    safe
}

/// `text` as code where it holds nothing but what is safe there, else as running text.
pub(super) fn code(text: &str, longest: usize) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if !text.is_empty() && text.len() <= longest && text.chars().all(plain) {
        format!("`{text}`")
    } else {
        words(text, longest)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    /// What a reader of Markdown sees of `text`: its words, and the names of the elements that are not text.
    pub(in crate::report) fn shown(text: &str) -> (String, Vec<String>) {
        let (mut words, mut others) = (String::new(), Vec::new());
        for event in
            Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH)
        {
            match event {
                Event::Text(text) => words.push_str(&text),
                Event::Start(Tag::Paragraph) | Event::End(_) => {}
                Event::InlineHtml(html) if ["<!-- -->", "<span>", "</span>", "<br>"].contains(&&*html) => {}
                other => others.push(format!("{other:?}")),
            }
        }
        (words, others)
    }

    #[test]
    fn text_shows_as_itself() {
        for text in [
            "a | b || c \\| d \\",
            "`x` ``y` *b* _i_ ~~s~~ **",
            "<script>alert(1)</script> <br> <!-- a &lt; &amp; &#64;",
            "@team and me@example.org, #12, GH-3, see https://example.org or www.example.org",
            "[link](https://example.org) ![image](x) [ref]: y",
            "$1 and $2, $$x$$ costs 5$",
            "{{ a }} ^[note] [^1] :smile:",
            "ends with \\",
            "www",
            ".",
        ] {
            let (seen, others) = shown(&format!("x {}", words(text, 999)));
            assert_eq!(seen, format!("x {text}"));
            assert!(others.is_empty(), "{text}: {others:?}");
        }
    }

    #[test]
    fn nothing_is_linked_and_nobody_is_called() {
        assert_eq!(words("@team #12 http://a WWW.b", 99), "@<!-- -->team #<!-- -->12 http:<!-- -->//a WWW<!-- -->.b");
        assert_eq!(words("a @ b # c", 99), "a @ b # c");
    }

    #[test]
    fn code_is_only_what_is_safe_in_it() {
        assert_eq!(code("migrations/1_a.up.sql:3", 99), "`migrations/1_a.up.sql:3`");
        assert_eq!(code("a b", 99), "a b");
        assert_eq!(code("a`b", 99), "a\\`b");
        assert_eq!(code("", 99), "");
        assert_eq!(code("abcdef", 3), "abc ...");
    }

    proptest! {
        #[test]
        fn any_text_shows_as_itself(any in any::<String>(), marks in "[ |`<>&@#$\\\\*_~\\[\\]()!:/.w;a1-]{0,30}") {
            for text in [any, marks] {
                let (seen, others) = shown(&format!("x {}.", words(&text, 999)));
                let text = format!("x {}.", shortened(&one_clean_line(&text), 999));
                prop_assert_eq!(seen, text);
                prop_assert!(others.is_empty(), "{:?}", others);
            }
        }
    }
}
