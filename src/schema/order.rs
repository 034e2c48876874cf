//! Which entries of a list moved, where two lists hold the same ones in another order.

use serde_json::Value;

/// The entries that moved, as clauses: `c was behind a, is last`. As few as explain the difference: the longest run of
/// entries that kept their order is what the others moved about. Entries of one list alone are passed over.
pub(super) fn moves(before: &[Value], after: &[Value], shown: impl Fn(&Value) -> String) -> Vec<String> {
    let (before, after) = (in_common(before, after), in_common(after, before));
    let kept = longest_common(&before, &after);
    let place = |list: &[Value], entry: &Value| match list.iter().position(|other| other == entry) {
        Some(0) | None => "first".to_owned(),
        Some(at) if at + 1 == list.len() => "last".to_owned(),
        Some(at) => format!("behind {}", shown(&list[at - 1])),
    };
    let moved = after.iter().filter(|entry| !kept.contains(entry));
    moved.map(|entry| format!("{} was {}, is {}", shown(entry), place(&before, entry), place(&after, entry))).collect()
}

/// The entries of a list that another one holds too, in the order of the first.
pub(super) fn in_common(list: &[Value], other: &[Value]) -> Vec<Value> {
    list.iter().filter(|entry| other.contains(entry)).cloned().collect()
}

/// The longest list of entries that stand in both lists in the same order.
fn longest_common<'v>(before: &'v [Value], after: &[Value]) -> Vec<&'v Value> {
    let width = after.len() + 1;
    let mut lengths = vec![0_u32; (before.len() + 1) * width];
    for (row, was) in before.iter().enumerate().rev() {
        for (column, is) in after.iter().enumerate().rev() {
            lengths[row * width + column] = if was == is {
                lengths[(row + 1) * width + column + 1] + 1
            } else {
                lengths[(row + 1) * width + column].max(lengths[row * width + column + 1])
            };
        }
    }
    let (mut row, mut column, mut kept) = (0, 0, Vec::new());
    while row < before.len() && column < after.len() {
        if before[row] == after[column] {
            kept.push(&before[row]);
            (row, column) = (row + 1, column + 1);
        } else if lengths[(row + 1) * width + column] >= lengths[row * width + column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_few_entries_moved_as_explain_it() {
        let list = |text: &str| text.split(' ').map(Value::from).collect::<Vec<_>>();
        let told = |before: &str, after: &str| {
            moves(&list(before), &list(after), |entry| entry.as_str().unwrap_or_default().to_owned()).join("; ")
        };
        assert_eq!(told("a b c d", "a c d b"), "b was behind a, is last");
        assert_eq!(told("a b c d", "d a b c"), "d was last, is first");
        assert_eq!(told("a b c d e", "a d b gone c e"), "d was behind c, is behind a");
        assert_eq!(told("a b", "b a"), "a was first, is last");
        assert_eq!(told("a b", "a b"), "");
    }
}
