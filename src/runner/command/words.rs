//! What a tool says when it fails: the line of its output that says it, and where in the migration's file that was.

/// How many lines are shown besides the one.
const SHOWN: usize = 12;

/// Words of lines that say what went wrong.
const TELLING: [&str; 5] = ["error", "fail", "exception", "abort", "cannot"];

/// The line that says what went wrong, and the end of the output where there is more. `None` when nothing was printed.
pub(super) fn told(stderr: &[String], stdout: &[String]) -> Option<(String, Option<String>)> {
    let of = |lines: &[String]| -> Vec<String> {
        lines.iter().map(|line| line.trim_end().to_owned()).filter(|line| !is_noise(line)).collect()
    };
    let lines = [of(stderr), of(stdout)].into_iter().find(|lines| !lines.is_empty())?;
    let telling = lines.iter().rev().find(|line| {
        let line = line.to_lowercase();
        TELLING.iter().any(|word| line.contains(word))
    });
    let message = telling.or(lines.last())?.trim().to_owned();
    let shown = &lines[lines.len().saturating_sub(SHOWN)..];
    let detail = (shown.len() > 1).then(|| shown.join("\n"));
    Some((message, detail))
}

/// A frame of a stack, or what npm says of itself.
fn is_noise(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty()
        || line.starts_with("at ") && line.contains(':')
        || ["npm warn", "npm notice", "Node.js v", "node:internal"].iter().any(|start| line.starts_with(start))
        || line.chars().all(|c| matches!(c, '{' | '}' | '^' | '~' | '-'))
}

/// The line of the file of this name that the output speaks of first: `<name>:<line>`, as stacks have it.
pub(super) fn line_in(file: &str, output: &[String]) -> Option<usize> {
    let marked = format!("{file}:");
    output.iter().find_map(|line| {
        let behind = &line[line.find(&marked)? + marked.len()..];
        let digits = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        behind[..digits].parse().ok().filter(|number| *number > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_telling_line_is_found() {
        let stderr = lines(
            "npm warn old\nmigration failed with error: x\nerror: no table\n    at f (/p/migrations/1_a.js:7:3)\nNode.js v20",
        );
        let (message, detail) = told(&stderr, &lines("Using environment")).unwrap();
        assert_eq!(message, "error: no table");
        assert_eq!(detail.as_deref(), Some("migration failed with error: x\nerror: no table"));
        assert_eq!(line_in("1_a.js", &stderr), Some(7));
        assert_eq!(line_in("2_b.js", &stderr), None);
        assert_eq!(told(&[], &lines("only this")), Some(("only this".to_owned(), None)));
        assert_eq!(told(&lines("npm warn old"), &[]), None);
    }
}
