//! Which product a URL names.

use super::engine::{engine_of, product};
use crate::history::EngineKind;

/// Words that stand before the product in a URL of Java, for what is put between the program and its driver.
const WRAPPERS: [&str; 9] =
    ["jdbc", "r2dbc", "vertx-reactive", "pool", "tc", "p6spy", "otel", "log4jdbc", "aws-wrapper"];

/// The product that a URL names, and whether it means just that: `mysql:` is what programs write for MariaDB, too. `None`
/// where a placeholder without a default stands in its place, and for products that are not known.
pub(super) fn engine_of_url(url: &str) -> Option<(EngineKind, bool)> {
    let url = defaulted(url.trim());
    let mut rest = url.as_str();
    let mut is_image = false;
    loop {
        let (scheme, after) = rest.split_once(':')?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme == "docker" {
            // Atlas: the image that the database is made of.
            let image = after.trim_start_matches('/').split('/').next()?;
            return product(image).map(|engine| (engine, true));
        }
        let told = if is_image { product(&scheme) } else { scheme.split('+').find_map(engine_of) };
        if let Some(engine) = told {
            return Some((engine, is_image || engine != EngineKind::Mysql));
        }
        match scheme.as_str() {
            // Prisma and libSQL.
            "file" | "libsql" | "turso" if rest.len() == url.len() => return Some((EngineKind::Sqlite, true)),
            "tc" => is_image = true,
            _ if WRAPPERS.contains(&scheme.as_str()) => {}
            _ => return None,
        }
        rest = after;
    }
}

/// The text with the placeholder that it begins with replaced by its default: `${URL:jdbc:...}`, `${URL:-mysql:...}`.
fn defaulted(text: &str) -> String {
    let Some(inner) = text.strip_prefix("${") else { return text.to_owned() };
    // Placeholders nest in defaults.
    let mut depth = 1;
    let end = inner.char_indices().find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    });
    let Some((placeholder, rest)) = end.map(|end| (&inner[..end], &inner[end + 1..])) else { return String::new() };
    match placeholder.split_once(':') {
        Some((_, default)) => defaulted(default.strip_prefix('-').unwrap_or(default)) + rest,
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_stands_at_the_start() {
        use EngineKind::{Mariadb, Mysql, Postgres, Sqlite};
        for (url, expected) in [
            ("postgres://u:p@h/d", Some((Postgres, true))),
            ("postgresql+psycopg://h/d", Some((Postgres, true))),
            ("mysql://h/d", Some((Mysql, false))),
            ("mysql+unix:///run/sock", Some((Mysql, false))),
            ("maria://h/d", Some((Mariadb, true))),
            ("jdbc:mariadb:replication://h/d", Some((Mariadb, true))),
            ("jdbc:aws-wrapper:postgresql://h/d", Some((Postgres, true))),
            ("jdbc:tc:mysql:8.4:///d", Some((Mysql, true))),
            ("r2dbc:pool:postgresql://h/d", Some((Postgres, true))),
            ("docker://mysql/8/dev", Some((Mysql, true))),
            ("docker+postgres://ghcr.io/acme/db:1/dev", Some((Postgres, true))),
            ("docker://maria/latest/x", Some((Mariadb, true))),
            ("jdbc:sqlite:x.db", Some((Sqlite, true))),
            ("file:./dev.db", Some((Sqlite, true))),
            ("jdbc:h2:file:./x", None),
            ("jdbc:sqlserver://h", None),
            ("${URL}", None),
            ("${URL:jdbc:postgresql://${HOST:localhost}/d}", Some((Postgres, true))),
            ("${A:${B:-mysql://h}}", Some((Mysql, false))),
            ("jdbc:postgresql://${HOST}/d", Some((Postgres, true))),
            ("jdbc:${KIND}://h", None),
            ("${URL", None),
            ("data.db", None),
        ] {
            assert_eq!(engine_of_url(url), expected, "{url}");
        }
    }
}
