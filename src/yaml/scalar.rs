//! Scalars, and what they stand for.

use serde_json::Value;

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
    /// What it stands for, by the core schema of YAML 1.2 (section 10.3.2).
    pub fn kind(&self) -> ScalarKind {
        if !self.plain {
            return ScalarKind::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
            "true" | "True" | "TRUE" => ScalarKind::Boolean(true),
            "false" | "False" | "FALSE" => ScalarKind::Boolean(false),
            text if is_number(text) => ScalarKind::Number,
            _ => ScalarKind::Text,
        }
    }

    /// The value in JSON; a number that JSON has no form for as its text.
    pub(super) fn to_json(&self) -> Value {
        match self.kind() {
            ScalarKind::Null => Value::Null,
            ScalarKind::Boolean(value) => Value::Bool(value),
            ScalarKind::Number => number(&self.text).unwrap_or_else(|| Value::String(self.text.clone())),
            ScalarKind::Text => Value::String(self.text.clone()),
        }
    }
}

/// Whether a plain text is an integer or a floating-point number of the core schema.
fn is_number(text: &str) -> bool {
    if let Some(digits) = text.strip_prefix("0o") {
        return !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_holds = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()),
        None => digits(mantissa) && !mantissa.is_empty(),
    };
    mantissa_holds && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

/// A number of the core schema in JSON, where JSON has a form for it.
fn number(text: &str) -> Option<Value> {
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8).ok().map(Value::from);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().map(Value::from);
    }
    let unplussed = text.strip_prefix('+').unwrap_or(text);
    if let Ok(whole) = unplussed.parse::<i64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = unplussed.parse::<u64>() {
        return Some(whole.into());
    }
    serde_json::Number::from_f64(unplussed.parse().ok()?).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(text: &str) -> Scalar {
        Scalar { text: text.to_owned(), plain: true }
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for text in ["", "~", "null", "NULL"] {
            assert_eq!(plain(text).kind(), ScalarKind::Null, "{text}");
        }
        for text in
            ["0", "-1", "+7", "007", "0o17", "0xfF", "1.5", ".5", "1.", "1e3", "-2.5E-3", ".inf", "-.INF", ".nan"]
        {
            assert_eq!(plain(text).kind(), ScalarKind::Number, "{text}");
        }
        for text in
            ["off", "yes", "1_000", "1.2.3", "0o8", "0x", ".", "e3", "1e", "+", "+.nan", "12:30", "nULL", "-0x1"]
        {
            assert_eq!(plain(text).kind(), ScalarKind::Text, "{text}");
        }
        assert_eq!(plain("True").kind(), ScalarKind::Boolean(true));
        assert_eq!(Scalar { text: "true".into(), plain: false }.kind(), ScalarKind::Text);
    }

    #[test]
    fn numbers_become_json() {
        for (text, value) in [
            ("007", json!(7)),
            ("-3", json!(-3)),
            ("0o17", json!(15)),
            ("0xff", json!(255)),
            ("18446744073709551615", json!(u64::MAX)),
            ("1.5e1", json!(15.0)),
            (".5", json!(0.5)),
            (".inf", json!(".inf")),
            ("1e999", json!("1e999")),
            ("true", json!(true)),
            ("~", json!(null)),
            ("off", json!("off")),
        ] {
            assert_eq!(plain(text).to_json(), value, "{text}");
        }
    }
}
