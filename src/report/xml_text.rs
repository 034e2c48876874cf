//! Text made fit for XML 1.0. The JUnit writer passes on what it is given: escape sequences, control characters and
//! `]]>` would all make its file malformed.

use super::plain_text;

/// Whether XML 1.0 allows the character ([Char](https://www.w3.org/TR/xml/#charsets)) and does not advise against it as
/// a control character.
fn fit(c: char) -> bool {
    match c {
        '\t' | '\n' => true,
        '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => c >= ' ',
    }
}

/// `text` for the value of an attribute: one line, at most `longest` characters. The writer escapes the rest.
pub(super) fn attribute(text: &str, longest: usize) -> String {
    let text: String = plain_text::without_ansi(text).chars().filter(|c| fit(*c)).collect();
    plain_text::shortened(&plain_text::one_line(&text), longest)
}

/// `text` for the inside of a CDATA section. Where it contains the section's own end, the section is closed in the
/// middle of that and a new one is opened, so that a reader gets the text back whole.
pub(super) fn cdata(text: &str) -> String {
    let text: String = plain_text::without_ansi(text).chars().filter(|c| fit(*c)).collect();
    text.replace("]]>", "]]]]><![CDATA[>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_characters_of_xml_remain() {
        assert_eq!(cdata("a\0b\u{8}c\u{fffe}d\u{ffff}\té\u{1f600}\u{1b}[1mbold\u{85}"), "abcd    é\u{1f600}bold");
        assert_eq!(attribute("a\nb\u{c}\tc", 99), "a b c");
        assert_eq!(attribute("abcdef", 3), "abc ...");
    }

    #[test]
    fn the_end_of_a_section_is_read_back() {
        for text in ["]]>", "]]", "]", ">", "a]]>b]]]>c", "]]>]]>", "]\u{0}]>"] {
            let xml = format!("<a><![CDATA[{}]]></a>", cdata(text));
            let document = roxmltree::Document::parse(&xml).unwrap();
            assert_eq!(document.root_element().text().unwrap(), text.replace('\0', ""), "{xml}");
        }
    }
}
