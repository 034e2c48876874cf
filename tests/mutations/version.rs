//! Versions of servers, and the marks that keep something for some of them.

use std::fmt;

/// A version as far as it is told: `17`, `3.40.1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(Vec<u32>);

impl Version {
    /// The version of a text.
    ///
    /// # Panics
    /// When it is none.
    pub(crate) fn of(text: &str) -> Self {
        let number = |part: &str| part.parse().unwrap_or_else(|_| panic!("{text} is no version"));
        Self(text.trim().split('.').map(number).collect())
    }

    /// Whether it lies within these bounds, which count whole: 17.2 is within `until 17`. An empty bound is none.
    pub(crate) fn is_within(&self, since: &str, until: &str) -> bool {
        let cut = |bound: &Self| Self(self.0.iter().take(bound.0.len()).copied().collect());
        let since = (!since.is_empty()).then(|| Self::of(since));
        let until = (!until.is_empty()).then(|| Self::of(until));
        since.is_none_or(|since| cut(&since) >= since) && until.is_none_or(|until| cut(&until) <= until)
    }

    /// A script without the lines that their marks shut out: `-- since 15` at the end of a line keeps it for 15 and later,
    /// `-- until 14` for 14 and earlier.
    pub(crate) fn keep(&self, script: &str) -> String {
        let fits = |line: &&str| {
            let mark = line.rsplit_once("-- ").map_or("", |(_, mark)| mark.trim());
            let number = |word: &str| mark.strip_prefix(word).filter(|rest| !rest.contains(' ')).unwrap_or_default();
            self.is_within(number("since "), number("until "))
        };
        script.lines().filter(fits).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&parts.join("."))
    }
}
