//! Which server version a container image holds, as far as its name tells.

use crate::history::EngineKind;

/// What an image's name tells about its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageVersion {
    /// The newest there is: no tag, `latest`, or a tag that names only the base system.
    Any,
    /// This major version.
    Major(u32),
    /// The name does not tell.
    Unknown,
    /// Another product than the engine.
    Other(&'static str),
}

/// Reads the version of a PostgreSQL image from its name.
///
/// `pgNN` in the tag names the version wherever it stands (`timescale/timescaledb:2.17.2-pg16`). Otherwise the number
/// that the tag begins with counts, but only where the image is named after PostgreSQL or `PostGIS`: other products
/// number their own releases.
pub(crate) fn version(image: &str, engine: EngineKind) -> ImageVersion {
    let (image, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let last = image.rsplit('/').next().unwrap_or(image);
    let (name, tag) = last.split_once(':').map_or((last, None), |(name, tag)| (name, Some(tag)));
    let others = [("mysql", "MySQL"), ("mariadb", "MariaDB")];
    if engine == EngineKind::Postgres
        && let Some((_, product)) = others.into_iter().find(|(word, _)| name.contains(word))
    {
        return ImageVersion::Other(product);
    }
    let named_after = name.contains("postgres") || name.contains("postgis");
    if let Some(major) = tag.and_then(version_after_pg) {
        return ImageVersion::Major(major);
    }
    match tag {
        _ if !named_after => ImageVersion::Unknown,
        None if digest.is_some() => ImageVersion::Unknown,
        None => ImageVersion::Any,
        Some(tag) => match leading_number(tag) {
            Some(major) => ImageVersion::Major(major),
            None if tag.starts_with(|c: char| c.is_ascii_digit()) => ImageVersion::Unknown,
            None => ImageVersion::Any,
        },
    }
}

/// The number after `pg` in a tag: 16 in `2.17.2-pg16`.
fn version_after_pg(tag: &str) -> Option<u32> {
    tag.match_indices("pg").find_map(|(at, word)| leading_number(&tag[at + word.len()..]))
}

fn leading_number(text: &str) -> Option<u32> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    text[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_versions() {
        for (image, expected) in [
            ("postgres:17", ImageVersion::Major(17)),
            ("postgres:15.4-alpine3.18", ImageVersion::Major(15)),
            ("postgres:17@sha256:0123", ImageVersion::Major(17)),
            ("registry.example:5000/library/postgres:16", ImageVersion::Major(16)),
            ("postgis/postgis:17-3.4", ImageVersion::Major(17)),
            ("bitnami/postgresql:16.2.0", ImageVersion::Major(16)),
            ("pgvector/pgvector:pg17", ImageVersion::Major(17)),
            ("pgvector/pgvector:0.8.0-pg16", ImageVersion::Major(16)),
            ("timescale/timescaledb:2.17.2-pg16", ImageVersion::Major(16)),
            ("postgres", ImageVersion::Any),
            ("postgres:latest", ImageVersion::Any),
            ("postgres:alpine", ImageVersion::Any),
            ("registry.example:5000/postgres", ImageVersion::Any),
            ("postgres@sha256:0123", ImageVersion::Unknown),
            ("ghcr.io/acme/db:2024-01", ImageVersion::Unknown),
            ("citusdata/citus:12.1", ImageVersion::Unknown),
            ("mysql:9", ImageVersion::Other("MySQL")),
            ("bitnami/mariadb:11.4", ImageVersion::Other("MariaDB")),
            ("postgres:99999999999999", ImageVersion::Unknown),
        ] {
            assert_eq!(version(image, EngineKind::Postgres), expected, "{image}");
        }
    }
}
