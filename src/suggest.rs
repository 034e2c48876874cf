//! The word that was meant by an unknown one.

/// How many words are suggested at the most.
const MOST: usize = 3;

/// The longest word, in bytes, for which others are looked for. Long texts are no slips, and comparing them takes time in
/// the product of the lengths.
const LONGEST: usize = 64;

/// The known words that `word` may be a slip of the pen for, the nearest first, three at most: those of which about a
/// quarter of the letters differ, and those that contain it. Case and the choice between `-` and `_` count for nothing.
pub fn near<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    if word.len() > LONGEST {
        return Vec::new();
    }
    let word = plain(word);
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let other = plain(candidate);
            let distance = strsim::osa_distance(&word, &other);
            let slip = distance <= 1 + other.len() / 4 && distance < word.len();
            let part = word.len() >= 3 && other.contains(&word);
            (slip || part).then_some((distance, candidate))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(MOST).map(|(_, candidate)| candidate).collect()
}

/// The end of a problem's sentence: `; did you mean a or b?`, or nothing where no known word is near.
pub fn hint<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let near: Vec<String> = near(word, known).into_iter().map(|known| format!("`{known}`")).collect();
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) }
}

/// As [`hint`]; where no known word is near, the end says which there are.
pub fn hint_or_all(word: &str, known: &[&str]) -> String {
    match hint(word, known.iter().copied()) {
        hint if hint.is_empty() => format!("; known are {}", known.join(", ")),
        hint => hint,
    }
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
            ("on", None),
            ("unrelated", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(near(word, keys), Vec::from_iter(found), "{word}");
        }
        assert_eq!(near("PostgreSQL", ["postgres", "sqlite"]), ["postgres"]);
        assert!(near(&"a".repeat(1000), ["a"]).is_empty());
    }

    #[test]
    fn the_nearest_word_comes_first() {
        let known = ["down-fails", "down-empty", "down-missing", "up-fails"];
        assert_eq!(near("down-fail", known), ["down-fails"]);
        assert_eq!(near("up-fials", known), ["up-fails"]);
        assert_eq!(near("empty", known), ["down-empty"]);
        assert_eq!(near("fails", known), ["up-fails", "down-fails"]);
        assert_eq!(near("down", known).len(), MOST);
        assert_eq!(near("fase", ["phase", "fact", "fact"]), ["fact", "phase"], "each once");
        assert!(near("something", known).is_empty());
    }

    #[test]
    fn a_hint_ends_a_sentence() {
        assert_eq!(hint("missing", ["down-missing"]), "; did you mean `down-missing`?");
        assert_eq!(hint("fase", ["fact", "phase"]), "; did you mean `fact` or `phase`?");
        assert_eq!(hint("zzz", ["fact", "phase"]), "");
        assert_eq!(hint_or_all("zzz", &["fact", "phase"]), "; known are fact, phase");
    }
}
