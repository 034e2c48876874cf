//! Which kinds of objects a catalog file gives, told by its own text.

/// The kinds that a catalog file names in the column that it calls `kind`: a text, or a CASE of texts.
pub(super) fn kinds_of(file: &str) -> Vec<&str> {
    let mut begin = 0;
    for line in file.split_inclusive('\n').take_while(|line| line.starts_with("--")) {
        begin += line.len();
    }
    let column = file[begin..].split(" AS kind").next().unwrap_or_default();
    let mut kinds = Vec::new();
    let mut before = "";
    for (nth, text) in column.split('\'').enumerate() {
        let word = before.split_whitespace().next_back().unwrap_or_default();
        if nth % 2 == 1 && matches!(word, "SELECT" | "THEN" | "ELSE") {
            kinds.push(text);
        }
        before = text;
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_column_names_the_kinds() {
        assert_eq!(kinds_of("-- It isn't SELECT.\nSELECT 'view' AS kind\n , 'x' AS path"), ["view"]);
        assert_eq!(
            kinds_of("SELECT CASE c.relkind WHEN 'v' THEN 'view column'\n  ELSE 'table column' END AS kind"),
            ["view column", "table column"]
        );
    }
}
