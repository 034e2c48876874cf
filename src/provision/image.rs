//! Which server a container image holds, as far as its name tells.

use super::product::Release;
use crate::history::EngineKind;

/// What an image's name tells about the version of its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageVersion {
    /// The newest there is: no tag, `latest`, or a tag that names only the base system.
    Any,
    /// This release.
    Release(Release),
    /// The name does not tell.
    Unknown,
}

/// What runs when no image is asked for.
pub(crate) fn default_image(engine: EngineKind) -> &'static str {
    match engine {
        EngineKind::Mysql => "mysql:9",
        EngineKind::Mariadb => "mariadb:11.8",
        // SQLite never runs in a container.
        EngineKind::Postgres | EngineKind::Sqlite => "postgres:18",
    }
}

/// The words in the names of images that tell their product.
const PRODUCTS: [(&str, EngineKind); 5] = [
    ("postgres", EngineKind::Postgres),
    ("postgis", EngineKind::Postgres),
    ("mysql", EngineKind::Mysql),
    ("percona", EngineKind::Mysql),
    ("mariadb", EngineKind::Mariadb),
];

/// The product that an image is named after, when it is wanted for `engine`; of several that one. `None` where the name is
/// some other.
pub(crate) fn product(image: &str, engine: EngineKind) -> Option<EngineKind> {
    let name = parts(image).name;
    let named = PRODUCTS.into_iter().filter(|(word, _)| name.contains(word)).map(|(_, product)| product);
    let named: Vec<EngineKind> = named.collect();
    if named.contains(&engine) { Some(engine) } else { named.first().copied() }
}

/// Reads the version of an image of `product` from its name.
///
/// For PostgreSQL `pgNN` in the tag names the version wherever it stands (`timescale/timescaledb:2.17.2-pg16`). Otherwise the
/// numbers that the tag begins with count, but only where the image is named after the product: others number their own
/// releases.
pub(crate) fn version(image: &str, product: EngineKind) -> ImageVersion {
    let Parts { name, tag, has_digest } = parts(image);
    let named_after = PRODUCTS.iter().any(|(word, named)| *named == product && name.contains(word));
    let release = |text: &str| Release::of(product, &leading_numbers(text));
    if product == EngineKind::Postgres
        && let Some(release) = tag.and_then(|tag| tag.match_indices("pg").find_map(|(at, _)| release(&tag[at + 2..])))
    {
        return ImageVersion::Release(release);
    }
    match tag {
        _ if !named_after => ImageVersion::Unknown,
        None if has_digest => ImageVersion::Unknown,
        None => ImageVersion::Any,
        Some(tag) => match release(tag) {
            Some(release) => ImageVersion::Release(release),
            None if tag.starts_with(|c: char| c.is_ascii_digit()) => ImageVersion::Unknown,
            None => ImageVersion::Any,
        },
    }
}

/// What of an image's name tells something.
struct Parts<'a> {
    /// The last part of the repository.
    name: &'a str,
    tag: Option<&'a str>,
    has_digest: bool,
}

fn parts(image: &str) -> Parts<'_> {
    let (image, has_digest) = image.split_once('@').map_or((image, false), |(name, _)| (name, true));
    let last = image.rsplit('/').next().unwrap_or(image);
    let (name, tag) = last.split_once(':').map_or((last, None), |(name, tag)| (name, Some(tag)));
    Parts { name, tag, has_digest }
}

/// The numbers with dots between that a text begins with; none where one of them is too large to be one.
fn leading_numbers(text: &str) -> Vec<u32> {
    let end = text.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(text.len());
    let numbers: Result<Vec<u32>, _> = text[..end].split('.').filter(|part| !part.is_empty()).map(str::parse).collect();
    numbers.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_versions() {
        use EngineKind::{Mariadb, Mysql, Postgres};
        let release = |major, minor| ImageVersion::Release(Release { major, minor });
        for (image, product, expected) in [
            ("postgres:17", Postgres, release(17, None)),
            ("postgres:15.4-alpine3.18", Postgres, release(15, None)),
            ("postgres:18beta2", Postgres, release(18, None)),
            ("postgres:17@sha256:0123", Postgres, release(17, None)),
            ("registry.example:5000/library/postgres:16", Postgres, release(16, None)),
            ("postgis/postgis:17-3.4", Postgres, release(17, None)),
            ("bitnami/postgresql:16.2.0", Postgres, release(16, None)),
            ("pgvector/pgvector:pg17", Postgres, release(17, None)),
            ("pgvector/pgvector:0.8.0-pg16", Postgres, release(16, None)),
            ("timescale/timescaledb:2.17.2-pg16", Postgres, release(16, None)),
            ("postgres", Postgres, ImageVersion::Any),
            ("postgres:latest", Postgres, ImageVersion::Any),
            ("postgres:alpine", Postgres, ImageVersion::Any),
            ("registry.example:5000/postgres", Postgres, ImageVersion::Any),
            ("postgres@sha256:0123", Postgres, ImageVersion::Unknown),
            ("ghcr.io/acme/db:2024-01", Postgres, ImageVersion::Unknown),
            ("citusdata/citus:12.1", Postgres, ImageVersion::Unknown),
            ("postgres:99999999999999", Postgres, ImageVersion::Unknown),
            ("mysql:9", Mysql, release(9, None)),
            ("mysql:8.4.6-oraclelinux9", Mysql, release(8, Some(4))),
            ("mysql:lts", Mysql, ImageVersion::Any),
            ("percona/percona-server:8.0.39-30", Mysql, release(8, Some(0))),
            ("acme/db:8.0", Mysql, ImageVersion::Unknown),
            ("bitnami/mariadb:11.4", Mariadb, release(11, Some(4))),
            ("mariadb:10.11.14-jammy", Mariadb, release(10, Some(11))),
            ("mariadb:noble", Mariadb, ImageVersion::Any),
            // Not asked for a version of its own.
            ("mysql:9", Mariadb, ImageVersion::Unknown),
        ] {
            assert_eq!(version(image, product), expected, "{image}");
        }
    }

    #[test]
    fn names_tell_products() {
        use EngineKind::{Mariadb, Mysql, Postgres};
        for (image, engine, expected) in [
            ("mysql:9", Postgres, Some(Mysql)),
            ("bitnami/mariadb:11.4", Mysql, Some(Mariadb)),
            ("percona:8", Mysql, Some(Mysql)),
            ("percona/percona-distribution-postgresql:17", Postgres, Some(Postgres)),
            ("acme/mysql-to-postgres:1", Postgres, Some(Postgres)),
            ("mysql.example.com/db:1", Mariadb, None),
        ] {
            assert_eq!(product(image, engine), expected, "{image}");
        }
    }
}
