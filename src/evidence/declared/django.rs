//! The backend in Django's settings.

use super::{Declaration, Source, rank_in};

/// The modules of settings, those of production first; what is for development and tests alone says nothing.
const FILES: [&str; 7] =
    ["production.py", "prod.py", "settings.py", "base.py", "common.py", "defaults.py", "default.py"];

/// The last part of a backend's name, with the product (<https://docs.djangoproject.com/en/5.2/ref/settings/#engine>).
const BACKENDS: [(&str, &str); 6] = [
    ("postgresql", "postgres"),
    ("postgresql_psycopg2", "postgres"),
    ("postgis", "postgres"),
    ("mysql", "mysql"),
    ("sqlite3", "sqlite"),
    ("spatialite", "sqlite"),
];

/// What comes before it.
const MARK: &str = "db.backends.";

pub(super) const SOURCE: Source = Source {
    title: "ENGINE in Django's settings",
    places: &["", "*", "*/settings", "settings"],
    rank: |name| rank_in(&FILES, name),
    read: |_, text| {
        let code = text.lines().map(|line| line.split('#').next().unwrap_or_default());
        let named = code.flat_map(|line| line.split(MARK).skip(1)).filter_map(|rest| {
            let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
            BACKENDS.iter().find(|(backend, _)| *backend == name)
        });
        named.map(|(_, product)| Declaration::product("ENGINE", product)).collect()
    },
};

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn backends_are_found_in_code() {
        for (text, expected) in [
            ("DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql'}}", &["ENGINE: postgres"][..]),
            ("x = \"django.contrib.gis.db.backends.postgis\"", &["ENGINE: postgres"]),
            (
                "    # 'ENGINE': 'django.db.backends.sqlite3',\n  'ENGINE': 'django.db.backends.mysql',",
                &["ENGINE: mysql?"],
            ),
            ("'ENGINE': 'django_tenants.postgresql_backend'", &[]),
        ] {
            assert_eq!(read(&SOURCE, "settings.py", text), expected, "{text}");
        }
    }
}
