//! Which known name was probably meant by an unknown one.

/// The known names that differ from `name` in about a quarter of its letters at most, the nearest first, three at most; a
/// known name that contains `name` counts as near, too.
pub(super) fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let distance = distance(name, candidate);
            let allowed = 1 + name.chars().count() / 4;
            let part = name.chars().count() >= 3 && candidate.contains(name);
            (distance <= allowed || part).then_some((distance, candidate))
        })
        .collect();
    found.sort();
    found.dedup();
    found.into_iter().map(|(_, candidate)| candidate).take(3).collect()
}

/// `; did you mean a or b?`, or nothing where nothing is near.
pub(super) fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near: Vec<String> = near(name, known).into_iter().map(|name| format!("`{name}`")).collect();
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) }
}

/// As [`hint`], and where nothing is near the whole list of what is known.
pub(super) fn hint_or_all(name: &str, known: &[&str]) -> String {
    match hint(name, known.iter().copied()) {
        near if near.is_empty() => format!("; known are {}", known.join(", ")),
        near => near,
    }
}

/// How many letters have to be inserted, removed or replaced (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_comes_first() {
        let known = ["down-fails", "down-empty", "down-missing", "up-fails"];
        assert_eq!(near("down-fail", known), ["down-fails"]);
        assert_eq!(near("up-fials", known), ["up-fails"]);
        assert_eq!(near("empty", known), ["down-empty"]);
        assert!(near("something", known).is_empty());
        assert_eq!(hint("missing", known), "; did you mean `down-missing`?");
        assert_eq!(hint("zzz", known), "");
        assert_eq!(hint_or_all("zzz", &known[..2]), "; known are down-fails, down-empty");
    }
}
