//! The commands that the runner of GitHub Actions reads from the output of a step, and text that it must not read as such.
//!
//! Facts from "Workflow commands for GitHub Actions" and from the runner's own reader (`ActionCommand.cs`): a line that
//! begins with `::`, white space aside, is a command; so is the older form `##[command]` anywhere in a line. `%`, carriage
//! return and line feed are escaped everywhere, `:` and `,` in properties besides.

use std::fmt::Write as _;

/// `::name key=value,key=value::message`, closed by a line end. Properties without a value are left out.
pub(super) fn command(name: &str, properties: &[(&str, Option<String>)], message: &str) -> String {
    let mut line = format!("::{name}");
    let given = properties.iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
    for (at, (key, value)) in given.enumerate() {
        let separator = if at == 0 { ' ' } else { ',' };
        write!(line, "{separator}{key}={}", property(value)).expect("a string takes everything");
    }
    format!("{line}::{}\n", data(message))
}

fn data(text: &str) -> String {
    apart(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A character that takes no room and that the runner does not take for white space.
const APART: char = '\u{200b}';

/// `text` in which the runner finds no command: where one would begin, a character without width stands between. A
/// migration can hold any text, and a line of it must not switch off the commands of a step or hide its output.
pub fn without_commands(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split_inclusive(['\n', '\r']) {
        let start = line.len() - line.trim_start().len();
        let (before, rest) = line.split_at(start);
        safe.push_str(before);
        if rest.starts_with("::") {
            safe.push(APART);
        }
        safe.push_str(&apart(rest));
    }
    safe
}

/// `text` without beginnings of the older form.
fn apart(text: &str) -> String {
    text.replace("##[", &format!("##{APART}["))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_separates_is_escaped() {
        assert_eq!(
            command(
                "error",
                &[("file", Some("a:b,c%.sql".to_owned())), ("line", None), ("title", Some("x\r\ny".to_owned()))],
                "100%: a,\r\n##[b]"
            ),
            "::error file=a%3Ab%2Cc%25.sql,title=x%0D%0Ay::100%25: a,%0D%0A##\u{200b}[b]\n"
        );
        assert_eq!(command("notice", &[], "plain"), "::notice::plain\n");
    }

    #[test]
    fn no_line_of_a_text_is_a_command() {
        assert_eq!(without_commands("a::b\n ::stop-commands::x\nsee ##[add-mask]y\n"), {
            "a::b\n \u{200b}::stop-commands::x\nsee ##\u{200b}[add-mask]y\n"
        });
        assert_eq!(without_commands("error: nothing\nof that # # [kind]"), "error: nothing\nof that # # [kind]");
    }

    proptest! {
        #[test]
        fn nothing_is_a_command_and_nothing_is_lost(text in "[ \t\r\n:#\\[a\u{a0}\u{2028}]{0,40}") {
            let safe = without_commands(&text);
            prop_assert_eq!(safe.replace(APART, ""), text);
            prop_assert!(!safe.contains("##["));
            prop_assert!(safe.split(['\n', '\r']).all(|line| !line.trim_start().starts_with("::")), "{:?}", safe);
        }
    }
}
