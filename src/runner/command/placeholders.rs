//! `${revision}` and its like in a command line, as the shell is to see them.

/// What stands in command lines for something that Rollproof fills in, each with the variable that holds it.
pub(super) const VARIABLES: [(&str, &str); 7] = [
    ("url", "ROLLPROOF_URL"),
    ("host", "ROLLPROOF_HOST"),
    ("port", "ROLLPROOF_PORT"),
    ("user", "ROLLPROOF_USER"),
    ("password", "ROLLPROOF_PASSWORD"),
    ("name", "ROLLPROOF_NAME"),
    ("revision", "ROLLPROOF_REVISION"),
];

/// How the shell quotes what it is at (POSIX.1-2024, XCU 2.2).
#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    None,
    Single,
    Double,
}

/// The command line with its placeholders replaced by quoted references to variables. What is no placeholder of ours stays: it may
/// be a variable of the project's.
pub(super) fn for_shell(command: &str) -> String {
    let (mut out, mut quotes, mut rest) = (String::with_capacity(command.len()), Quotes::None, command);
    while let Some(c) = rest.chars().next() {
        let placeholder = rest.strip_prefix("${").and_then(|behind| {
            let (name, behind) = behind.split_once('}')?;
            let (_, variable) = VARIABLES.iter().find(|(known, _)| *known == name)?;
            Some((variable, behind))
        });
        if let Some((variable, behind)) = placeholder {
            out.push_str(&match quotes {
                Quotes::None => format!("\"${{{variable}}}\""),
                Quotes::Double => format!("${{{variable}}}"),
                Quotes::Single => format!("'\"${{{variable}}}\"'"),
            });
            rest = behind;
            continue;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
        quotes = match (quotes, c) {
            (Quotes::None, '\'') => Quotes::Single,
            (Quotes::None, '"') => Quotes::Double,
            (Quotes::Single, '\'') | (Quotes::Double, '"') => Quotes::None,
            (Quotes::None | Quotes::Double, '\\') => {
                if let Some(escaped) = rest.chars().next() {
                    out.push(escaped);
                    rest = &rest[escaped.len_utf8()..];
                }
                quotes
            }
            _ => quotes,
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_takes_a_value_for_one_word_and_no_command() {
        let value = "a b'\"; $(echo no) `echo no` \\ *";
        let commands = [
            ("printf '<%s>' ${revision}", format!("<{value}>")),
            ("printf '<%s>' \"x ${revision}\"", format!("<x {value}>")),
            ("printf '<%s>' 'x ${revision} y'", format!("<x {value} y>")),
            ("printf '<%s>' VERSION=${revision}", format!("<VERSION={value}>")),
            ("printf '<%s>' \\\"${revision}\\'", format!("<\"{value}'>")),
            ("printf '<%s>' \"${OTHER}\"", "<of the project>".to_owned()),
        ];
        for (command, expected) in commands {
            let output = std::process::Command::new("sh")
                .args(["-c", &for_shell(command)])
                .env("ROLLPROOF_REVISION", value)
                .env("OTHER", "of the project")
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{command}");
        }
    }
}
