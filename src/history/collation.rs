//! The order in which programs in JavaScript sort names: `localeCompare`, which differs from the order of bytes.
//!
//! The source is the root collation of Unicode (UCA, "DUCET"; <https://www.unicode.org/reports/tr10/>), which a name in ASCII
//! needs little of: signs come before digits, digits before letters, and letters differ by their case only where nothing else
//! tells two names apart, the small one first. What is not ASCII keeps its place behind the letters.

/// What to sort by.
pub(super) fn key(name: &str) -> (Vec<u32>, Vec<bool>) {
    (name.chars().map(weight).collect(), name.chars().map(char::is_uppercase).collect())
}

/// Signs in the order in which the collation has them.
const SIGNS: &str = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

fn weight(c: char) -> u32 {
    let sign = || SIGNS.chars().zip(0..).find(|(sign, _)| *sign == c).map(|(_, place)| place);
    match c {
        '0'..='9' => 100 + u32::from(c),
        'a'..='z' | 'A'..='Z' => 200 + u32::from(c.to_ascii_lowercase()),
        _ => sign().unwrap_or(1000 + u32::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_number_comes_first_where_a_sign_ends_it() {
        let mut names = vec!["10_b", "1_a", "B", "a", "b", "1-a", "20200101_x", "2_y", "A"];
        names.sort_by_key(|name| key(name));
        assert_eq!(names, ["1_a", "1-a", "10_b", "2_y", "20200101_x", "a", "A", "b", "B"]);
    }
}
