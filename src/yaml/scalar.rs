//! Scalars, and what they stand for.

use serde_yaml::Number;

/// A text, a number, a boolean or null, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text, without quotes and with escapes resolved.
    pub text: String,
    /// Whether it is written without quotes, not as a block and not tagged `!!str`; only then can it be anything but text.
    pub plain: bool,
}

/// What a scalar stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarKind {
    /// Nothing at all, `~` or `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// An integer or a floating-point number.
    Number,
    /// Anything else.
    Text,
}

impl Scalar {
    /// What it stands for, by the core schema of YAML 1.2 (section 10.3.2) as `serde_yaml` reads it: digits behind a
    /// leading zero are text, since their zeros would be lost.
    pub fn kind(&self) -> ScalarKind {
        if !self.plain {
            return ScalarKind::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
            "true" | "True" | "TRUE" => ScalarKind::Boolean(true),
            "false" | "False" | "FALSE" => ScalarKind::Boolean(false),
            text if text.parse::<Number>().is_ok() => ScalarKind::Number,
            _ => ScalarKind::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Scalar {
        Scalar { text: text.to_owned(), plain: true }
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for text in ["", "~", "null", "NULL"] {
            assert_eq!(plain(text).kind(), ScalarKind::Null, "{text}");
        }
        for text in ["0", "-1", "+7", "0o17", "0xfF", "1.5", ".5", "1.", "1e3", "-2.5E-3", ".inf", "-.INF", ".nan"] {
            assert_eq!(plain(text).kind(), ScalarKind::Number, "{text}");
        }
        for text in
            ["off", "yes", "1_000", "007", "1.2.3", "0o8", "0x", ".", "e3", "1e", "+", "+.nan", "inf", "12:30", "nULL"]
        {
            assert_eq!(plain(text).kind(), ScalarKind::Text, "{text}");
        }
        assert_eq!(plain("True").kind(), ScalarKind::Boolean(true));
        assert_eq!(Scalar { text: "true".into(), plain: false }.kind(), ScalarKind::Text);
    }
}
