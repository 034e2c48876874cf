//! Text from elsewhere (a server's message, a script) made safe to show.

const ESCAPE: char = '\u{1b}';

/// `text` without terminal escape sequences, and with `\n` as its only line end.
pub(super) fn without_ansi(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.contains(ESCAPE) {
        return text;
    }
    // The stripper drops tabs as well, which separate words.
    let lines = text.split('\n').map(|line| strip_ansi_escapes::strip_str(closed(&line.replace('\t', "    "))));
    lines.collect::<Vec<_>>().join("\n")
}

/// `line` without the beginnings of strings (a window title, a hyperlink) that are never closed: such a string would
/// swallow everything behind it, and the rest of a message matters more.
fn closed(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once(ESCAPE) {
        out.push_str(before);
        rest = after;
        match after.chars().next() {
            Some(']') if !after.contains(['\u{7}', ESCAPE]) => rest = &after[1..],
            Some('P' | 'X' | '^' | '_') if !after.contains(ESCAPE) => rest = &after[1..],
            _ => out.push(ESCAPE),
        }
    }
    out + rest
}

/// `text` without escape sequences on one line, with single spaces.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<String> = without_ansi(text).split_whitespace().map(str::to_owned).collect();
    words.join(" ")
}

/// At most `longest` characters of `text`; a cut shows as ` ...`.
pub(super) fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text.to_owned(),
    }
}

/// `text` as it may go to a terminal: no escape sequence, no control character but line ends, nothing that reverses the
/// direction of what follows.
pub(super) fn for_terminal(text: &str) -> String {
    without_ansi(text).replace('\t', "    ").chars().map(visible).collect()
}

/// `text` as it may go to a terminal, on one line.
pub(crate) fn one_clean_line(text: &str) -> String {
    for_terminal(&one_line(text))
}

/// A character that shows as itself, or the picture that stands for it. Line ends stay.
pub(super) fn visible(c: char) -> char {
    match c {
        '\n' => c,
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        // C1 controls; line and paragraph separators; directional marks, embeddings, overrides and isolates; byte order
        // marks.
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_go_and_words_stay() {
        assert_eq!(without_ansi("\u{1b}[31mred\u{1b}[0m\tand\r\nplain"), "red    and\nplain");
        assert_eq!(without_ansi("tab\tstays"), "tab\tstays");
    }

    #[test]
    fn a_string_that_is_never_closed_swallows_nothing() {
        assert_eq!(without_ansi("a \u{1b}]0;title\u{7}b\u{1b}]the cause\nand more"), "a bthe cause\nand more");
        assert_eq!(without_ansi("\u{1b}]8;;http://a\u{1b}\\link\u{1b}]8;;\u{1b}\\ \u{1b}Prest"), "link rest");
    }

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        let shown = for_terminal("bell \u{7} nul \0 csi \u{9b}31m override \u{202e} del \u{7f} tab\tend\nnext");
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
        assert!(!shown.contains('\u{202e}'));
        assert!(shown.contains("tab    end\nnext"), "{shown:?}");
    }

    #[test]
    fn a_message_fits_on_one_line() {
        assert_eq!(one_line(" two\n  lines\t"), "two lines");
        assert_eq!(shortened("schäden", 4), "schä ...");
        assert_eq!(shortened("four", 4), "four");
    }
}
