//! The commands of psql that stand in dumps: what each asks for. Pure.

/// What a line of psql's own asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Nothing that matters to a schema.
    Nothing,
    /// A connection to this database.
    Connect(String),
    /// Another encoding of what follows.
    Encoding(String),
    /// Something that cannot be done here; the text says what and what to do.
    Refused(String),
}

/// What a line that begins with a backslash asks for. Arguments stay out of messages: they may hold a password.
pub(super) fn command(line: &str) -> Command {
    let rest = line.trim_end().trim_start_matches('\\');
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '!')).unwrap_or(rest.len());
    let (name, arguments) = rest.split_at(end);
    let arguments = words(arguments);
    match name {
        "restrict" | "unrestrict" | "echo" | "qecho" | "warn" | "timing" | "pset" | "a" | "t" | "x" | "H" | "f" => {
            Command::Nothing
        }
        "set" | "unset" => variable(name, arguments.first().map(String::as_str)),
        "c" | "connect" => connect(&arguments),
        "encoding" => match arguments.into_iter().next() {
            Some(encoding) => Command::Encoding(encoding),
            None => Command::Nothing,
        },
        "" => Command::Refused(
            "a backslash outside quotes is not SQL, and no line of COPY's rows is open here: remove it".to_owned(),
        ),
        "i" | "ir" | "include" | "include_relative" => Command::Refused(format!(
            "`\\{name}` takes in another file, which is not done here; put its text in this one, or load both into a \
             database and name its URL"
        )),
        _ => Command::Refused(format!(
            "`\\{name}` is a command of psql that is not done here; remove it, or load the file with psql into a database \
             and name its URL"
        )),
    }
}

/// Variables by which psql itself goes change nothing in what a dump makes; others stand in its statements.
fn variable(command: &str, name: Option<&str>) -> Command {
    const ITS_OWN: [&str; 11] = [
        "ON_ERROR_STOP",
        "ECHO",
        "ECHO_HIDDEN",
        "QUIET",
        "VERBOSITY",
        "SHOW_CONTEXT",
        "PROMPT1",
        "PROMPT2",
        "HISTFILE",
        "HISTSIZE",
        "FETCH_COUNT",
    ];
    match name {
        None => Command::Nothing,
        Some(name) if ITS_OWN.contains(&name) => Command::Nothing,
        Some(name) => Command::Refused(format!(
            "`\\{command} {name}` is about a variable of psql, and statements with such variables cannot be run without \
             psql; write the values into them, or load the file into a database and name its URL"
        )),
    }
}

fn connect(arguments: &[String]) -> Command {
    let named = arguments.iter().find(|argument| !argument.starts_with("-reuse-previous"));
    match named.map(String::as_str) {
        None | Some("-") => Command::Nothing,
        Some(text) if text.contains('=') => match text.split_once("dbname=") {
            Some((_, value)) => Command::Connect(connection_value(value)),
            None => Command::Nothing,
        },
        Some(text) if text.contains("://") => Command::Refused(
            "`\\connect` names a server, and a dump is loaded into a database of Rollproof's own; remove the line"
                .to_owned(),
        ),
        Some(name) => Command::Connect(name.to_owned()),
    }
}

/// A value of a connection string: quoted, where a backslash takes the next character as it is, or up to white space.
fn connection_value(text: &str) -> String {
    let (quoted, text) = match text.strip_prefix('\'') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => value.extend(characters.next()),
            '\'' if quoted => break,
            c if !quoted && c.is_whitespace() => break,
            c => value.push(c),
        }
    }
    value
}

/// The arguments of a command: words, with double quotes around names and single quotes around texts, doubled inside.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        if c.is_whitespace() {
            continue;
        }
        let mut word = String::new();
        let mut next = Some(c);
        while let Some(c) = next.filter(|c| !c.is_whitespace()) {
            if matches!(c, '\'' | '"') {
                while let Some(inner) = characters.next() {
                    if inner == c && characters.peek() != Some(&c) {
                        break;
                    }
                    if inner == c {
                        characters.next();
                    }
                    word.push(inner);
                }
            } else {
                word.push(c);
            }
            next = characters.next();
        }
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dumps_hold_is_understood() {
        let to = |name: &str| Command::Connect(name.to_owned());
        for (line, expected) in [
            ("\\restrict Wm9", Command::Nothing),
            ("\\connect app\r\n", to("app")),
            ("\\c app", to("app")),
            ("\\connect \"my \"\"app\"", to("my \"app")),
            ("\\connect -reuse-previous=on \"dbname='my=app'\"", to("my=app")),
            ("\\connect -reuse-previous=on \"dbname='it\\'s'\"", to("it's")),
            ("\\connect - other", Command::Nothing),
            ("\\set ON_ERROR_STOP on", Command::Nothing),
            ("\\encoding LATIN1", Command::Encoding("LATIN1".to_owned())),
            ("\\echo 'two words'", Command::Nothing),
        ] {
            assert_eq!(command(line), expected, "{line}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_named_without_its_arguments() {
        for (line, part) in [
            ("\\i secret.sql", "`\\i` takes in another file"),
            ("\\copy t from 'secret'", "`\\copy` is a command of psql"),
            ("\\gexec", "`\\gexec` is a command of psql"),
            ("\\! rm secret", "`\\!` is a command of psql"),
            ("\\set name secret", "`\\set name` is about a variable"),
            ("\\connect postgres://u:secret@h/d", "names a server"),
            ("\\.", "no line of COPY's rows is open"),
        ] {
            let Command::Refused(message) = command(line) else { panic!("{line}") };
            assert!(message.contains(part) && !message.contains("secret"), "{message}");
        }
    }
}
