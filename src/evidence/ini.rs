//! Files as Python's `configparser` reads them: `alembic.ini`.

use std::collections::BTreeMap;

/// The sections, each with its keys in lower case (<https://docs.python.org/3/library/configparser.html>, "Supported INI File
/// Structure"): `key = value` or `key: value`, comment lines by `#` and `;`, lines that are indented go on.
pub(crate) fn sections(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut section: Option<String> = None;
    let mut key: Option<String> = None;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let trimmed = line.trim();
        if trimmed.starts_with(['#', ';']) {
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        let keys = section.as_ref().and_then(|section| found.get_mut(section));
        match (&key, keys) {
            (Some(key), Some(keys)) if indented && !trimmed.is_empty() => {
                let value = keys.entry(key.clone()).or_default();
                value.push('\n');
                value.push_str(trimmed);
                continue;
            }
            (_, keys) => {
                if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                    found.entry(name.to_owned()).or_default();
                    (section, key) = (Some(name.to_owned()), None);
                } else if let (Some((name, value)), Some(keys)) = (trimmed.split_once(['=', ':']), keys) {
                    let name = name.trim().to_lowercase();
                    keys.insert(name.clone(), value.trim().to_owned());
                    key = Some(name);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_values_that_go_on() {
        let text = "# x\n[alembic]\n; y\nScript_Location = %(here)s/db\nversion_locations =\n    a\n    # no\n    b\nurl: x=y\n\n[post]\na=1\n";
        let read = sections(text);
        let alembic = &read["alembic"];
        assert_eq!(alembic["script_location"], "%(here)s/db");
        assert_eq!(alembic["version_locations"], "\na\nb");
        assert_eq!((alembic["url"].as_str(), read["post"]["a"].as_str()), ("x=y", "1"));
    }
}
