//! The word that was meant.

/// The candidate that `word` is most likely a slip of the pen for, if one is near enough. Case and the choice between
/// `-` and `_` count for nothing.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // Long texts are no slips, and comparing them takes time in the product of the lengths.
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let word = plain(word);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4 && *distance < word.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `; did you mean ...?` where a candidate is near, else nothing.
pub(super) fn hint<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> String {
    nearest(word, candidates).map_or_else(String::new, |found| format!("; did you mean `{found}`?"))
}

fn plain(word: &str) -> String {
    word.to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word() {
        let keys = ["databases", "rules", "policies", "fail-on"];
        for (word, found) in [
            ("databse", Some("databases")),
            ("Database", Some("databases")),
            ("rule", Some("rules")),
            ("policy", Some("policies")),
            ("fail_on", Some("fail-on")),
            ("failon", Some("fail-on")),
            ("unrelated", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, keys), found, "{word}");
        }
        assert_eq!(nearest("PostgreSQL", ["postgres", "sqlite"]), Some("postgres"));
        assert_eq!(nearest(&"a".repeat(1000), ["a"]), None);
    }
}
