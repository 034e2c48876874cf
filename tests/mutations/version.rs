//! Versions of servers, and the marks that keep something for some of them.

use std::fmt;

/// A version as far as it is told: `17`, `3.40.1`. Where one folder serves several products, with the product: `mariadb 11.8`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    product: Option<&'static str>,
    numbers: Vec<u32>,
}

impl Version {
    /// The version of a text.
    ///
    /// # Panics
    /// When it is none.
    pub(crate) fn of(text: &str) -> Self {
        let number = |part: &str| part.parse().unwrap_or_else(|_| panic!("{text} is no version"));
        Self { product: None, numbers: text.trim().split('.').map(number).collect() }
    }

    /// The version of a product that shares its lists with another one.
    pub(crate) fn of_product(product: &'static str, text: &str) -> Self {
        Self { product: Some(product), ..Self::of(text) }
    }

    /// The product, where the lists tell it.
    pub(crate) fn product(&self) -> Option<&'static str> {
        self.product
    }

    /// The version without its product.
    pub(crate) fn number(&self) -> String {
        self.numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
    }

    /// Whether it lies within these bounds, which count whole: 17.2 is within `until 17`. An empty bound is none, nor is one
    /// of another product: `mariadb:11.5`.
    pub(crate) fn is_within(&self, since: &str, until: &str) -> bool {
        let bound = |text: &str| -> Option<Vec<u32>> {
            let (product, number) = text.split_once(':').unwrap_or(("", text));
            let ours = product.is_empty() || self.product == Some(product);
            (ours && !number.is_empty()).then(|| Self::of(number).numbers)
        };
        let cut = |bound: &[u32]| self.numbers.iter().take(bound.len()).copied().collect::<Vec<u32>>();
        bound(since).is_none_or(|since| cut(&since) >= since) && bound(until).is_none_or(|until| cut(&until) <= until)
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
        match self.product {
            Some(product) => write!(f, "{product} {}", self.number()),
            None => f.write_str(&self.number()),
        }
    }
}
