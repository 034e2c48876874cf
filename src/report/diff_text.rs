//! The difference of two schemas as text for a person: by class, the gravest first, one line for each difference.

use super::plain_text::for_terminal;
use crate::schema::{Class, Diff};

/// The differences, each class under its name, with a line that counts them at the end; empty where nothing differs.
///
/// `+` is only in the later schema, `-` only in the earlier one, `~` is in both and not the same.
pub fn diff_text(diff: &Diff) -> String {
    let told = diff.told();
    let mut text = String::new();
    let mut class: Option<Class> = None;
    for one in &told {
        if class != Some(one.class) {
            let gap = if class.is_some() { "\n" } else { "" };
            text.push_str(&format!("{gap}{}\n", one.class));
            class = Some(one.class);
        }
        text.push_str(&format!("  {} {}\n", one.sign, for_terminal(&one.sentence)));
        for line in &one.lines {
            text.push_str(&format!("      {}\n", for_terminal(line)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{Object, ObjectId, Snapshot};

    #[test]
    fn differences_stand_under_their_class_with_the_lines_that_differ() {
        let schema = |definition: &str, comment: &str| -> Snapshot {
            let attributes = [("definition".into(), json!(definition)), ("comment".into(), json!(comment))].into();
            [(ObjectId::new("view", &["public", "v"]), Object { identity: None, attributes })].into_iter().collect()
        };
        let diff =
            Diff::between(&schema(" SELECT a,\n    b\n   FROM t;", "x"), &schema(" SELECT a,\n    c\n   FROM t;", "y"));
        let expected = "structure\n  ~ view public.v: definition was SELECT a, b FROM t;, is SELECT a, c FROM t;\n\
                        \x20        SELECT a,\n      -     b\n      +     c\n           FROM t;\n\
                        \ncomment\n  ~ view public.v: comment was x, is y\n";
        assert_eq!(diff_text(&diff), expected);
        assert_eq!(diff_text(&Diff::default()), "");
    }
}
