//! What the name of a container image tells about the server inside.

use thiserror::Error;

use crate::history::EngineKind;

/// A container image's name, taken apart: `[registry/]repository[:tag][@digest]`, by the grammar of the package
/// `reference` of the CNCF's distribution project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRef {
    /// The registry's host, with its port where one is given; `None` is the container engine's default.
    pub registry: Option<String>,
    /// The path in the registry: `postgres`, `postgis/postgis`.
    pub repository: String,
    /// The tag.
    pub tag: Option<String>,
    /// The digest with its algorithm: `sha256:...`.
    pub digest: Option<String>,
    /// The product inside, where the last part of the repository says it.
    pub product: Option<EngineKind>,
    /// The version of the product as far as the tag tells it, most significant number first: `[17, 2]`.
    pub version: Vec<u32>,
}

/// A name of an image that no container engine accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ImageError {
    /// Nothing where the repository should be.
    #[error("the name of the repository is missing; expected a name such as postgres:17")]
    NoRepository,
    /// A registry that is no host.
    #[error(
        "its registry is no host name with an optional port; expected a name such as registry.example.com:5000/postgres:17"
    )]
    Registry,
    /// A repository with characters it may not have.
    #[error(
        "its repository has to be lower-case letters and digits, with single `.`, `_` or `-` between, parts parted by `/`"
    )]
    Repository,
    /// A tag that is no tag.
    #[error("its tag has to be 1 to 128 letters, digits, `_`, `.` or `-`, and not to begin with `.` or `-`")]
    Tag,
    /// A digest that is no digest.
    #[error("its digest has to be an algorithm, `:` and at least 32 hexadecimal digits (64 for sha256)")]
    Digest,
}

impl ImageRef {
    /// Takes a name apart.
    ///
    /// # Errors
    /// Which part is malformed.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash belongs to the registry's port.
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (name, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
            _ => (None, name),
        };
        if repository.is_empty() {
            return Err(ImageError::NoRepository);
        }
        check(registry.is_none_or(is_host), ImageError::Registry)?;
        check(repository.split('/').all(is_path_part), ImageError::Repository)?;
        check(tag.is_none_or(is_tag), ImageError::Tag)?;
        check(digest.is_none_or(is_digest), ImageError::Digest)?;

        let last = repository.rsplit('/').next().unwrap_or(repository);
        let product = product_of(last);
        let version = tag.map_or_else(Vec::new, |tag| version_of(product, last, tag));
        Ok(Self {
            registry: registry.map(str::to_owned),
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
            product,
            version,
        })
    }

    /// The first number of the version.
    pub fn major(&self) -> Option<u32> {
        self.version.first().copied()
    }
}

fn check(holds: bool, error: ImageError) -> Result<(), ImageError> {
    if holds { Ok(()) } else { Err(error) }
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, "")) => return is_ipv6(address),
        Some((address, port)) if is_ipv6(address) => (None, port.strip_prefix(':')),
        Some(_) => return false,
        None => match host.split_once(':') {
            Some((name, port)) => (Some(name), Some(port)),
            None => return host.split('.').all(is_label),
        },
    };
    name.is_none_or(|name| name.split('.').all(is_label)) && port.is_some_and(|port| port.parse::<u16>().is_ok())
}

fn is_ipv6(address: &str) -> bool {
    address.parse::<std::net::Ipv6Addr>().is_ok()
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Lower-case letters and digits, with `.`, `_`, `__` or any number of `-` between.
fn is_path_part(part: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = part.bytes().next().is_some_and(word) && part.bytes().next_back().is_some_and(word);
    ends && part
        .split(|character: char| character.is_ascii_lowercase() || character.is_ascii_digit())
        .all(|separator| matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-'))
}

fn is_tag(tag: &str) -> bool {
    (1..=128).contains(&tag.len())
        && !tag.starts_with(['.', '-'])
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

fn is_digest(digest: &str) -> bool {
    let Some((algorithm, hex)) = digest.split_once(':') else { return false };
    let parts_hold = algorithm.split(['+', '.', '_', '-']).all(|part| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    let length_holds = if algorithm == "sha256" { hex.len() == 64 } else { hex.len() >= 32 };
    parts_hold && length_holds && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The product that the last part of a repository names, where it names one only.
fn product_of(last: &str) -> Option<EngineKind> {
    let mut found = None;
    for word in last.split(['-', '.', '_']) {
        let product = match word {
            "postgres" | "postgresql" | "postgis" | "pgvector" | "timescaledb" => EngineKind::Postgres,
            "mysql" | "percona" => EngineKind::Mysql,
            "mariadb" => EngineKind::Mariadb,
            _ => continue,
        };
        if found.is_some_and(|other| other != product) {
            return None;
        }
        found = Some(product);
    }
    found
}

/// The product's version in a tag. Images that add an extension to PostgreSQL number the extension, and write the
/// server's version as `pg17` if at all.
fn version_of(product: Option<EngineKind>, last: &str, tag: &str) -> Vec<u32> {
    if product == Some(EngineKind::Postgres) {
        let marked = tag.split(['-', '_']).filter_map(|part| part.strip_prefix("pg")).map(numbers);
        if let Some(version) = marked.into_iter().find(|version| !version.is_empty()) {
            return version;
        }
        if last.contains("pgvector") || last.contains("timescaledb") {
            return Vec::new();
        }
    }
    numbers(tag.split(['-', '_']).next().unwrap_or(tag))
}

/// The numbers that a text begins with: `[17, 2]` for `17.2`, `[18]` for `18beta1`. Nothing for a text that only looks like
/// a version: a date, or a hash with a digit in front.
fn numbers(text: &str) -> Vec<u32> {
    const LARGEST_MAJOR: u32 = 99;
    let end = text.find(|character: char| character != '.' && !character.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let prerelease = ["alpha", "beta", "rc", "devel"].iter().any(|word| rest.starts_with(word));
    if !(rest.is_empty() || prerelease) {
        return Vec::new();
    }
    let version: Result<Vec<u32>, _> = digits.split('.').map(str::parse).collect();
    version.ok().filter(|version| version.first().is_some_and(|major| *major <= LARGEST_MAJOR)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_tell_product_and_version() {
        use EngineKind::{Mariadb, Mysql, Postgres};
        let table: &[(&str, Option<EngineKind>, &[u32])] = &[
            ("postgres:17.2", Some(Postgres), &[17, 2]),
            ("postgres:17", Some(Postgres), &[17]),
            ("postgres:17-alpine3.20", Some(Postgres), &[17]),
            ("postgres:9.6.24-bullseye", Some(Postgres), &[9, 6, 24]),
            ("postgres:18beta1-alpine", Some(Postgres), &[18]),
            ("postgres:latest", Some(Postgres), &[]),
            ("postgres:bookworm", Some(Postgres), &[]),
            ("postgres", Some(Postgres), &[]),
            ("docker.io/library/postgres:16", Some(Postgres), &[16]),
            ("public.ecr.aws/docker/library/postgres:16.4", Some(Postgres), &[16, 4]),
            ("bitnami/postgresql:17.2.0-debian-12-r0", Some(Postgres), &[17, 2, 0]),
            ("postgis/postgis:17-3.5", Some(Postgres), &[17]),
            ("postgis/postgis:16-3.4-alpine", Some(Postgres), &[16]),
            ("pgvector/pgvector:pg17", Some(Postgres), &[17]),
            ("pgvector/pgvector:0.8.0-pg17", Some(Postgres), &[17]),
            ("pgvector/pgvector:0.8.0", Some(Postgres), &[]),
            ("timescale/timescaledb:2.17.2-pg16", Some(Postgres), &[16]),
            ("timescale/timescaledb:latest-pg16", Some(Postgres), &[16]),
            ("timescale/timescaledb:2.17.2", Some(Postgres), &[]),
            ("timescale/timescaledb-ha:pg16.4-ts2.17", Some(Postgres), &[16, 4]),
            ("mysql:8.4.3", Some(Mysql), &[8, 4, 3]),
            ("mysql:lts", Some(Mysql), &[]),
            ("mysql/mysql-server:8.0", Some(Mysql), &[8, 0]),
            ("percona/percona-server:8.0.39-30", Some(Mysql), &[8, 0, 39]),
            ("mariadb:10.11", Some(Mariadb), &[10, 11]),
            ("mariadb:11.8.2-noble", Some(Mariadb), &[11, 8, 2]),
            ("acme/app-postgres:20261124", Some(Postgres), &[]),
            ("acme/postgres:1a2b3c4d", Some(Postgres), &[]),
            ("acme/mysql-to-postgres:1", None, &[1]),
            ("mysql/tools:8", None, &[8]),
            ("acme/database:v3", None, &[]),
        ];
        for (text, product, version) in table {
            let image = ImageRef::parse(text).unwrap();
            assert_eq!(image.product, *product, "{text}");
            assert_eq!(image.version, *version, "{text}");
            assert_eq!(image.major(), version.first().copied(), "{text}");
        }
    }

    #[test]
    fn names_come_apart() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        let parts = |text: &str| {
            let image = ImageRef::parse(text).unwrap();
            (image.registry, image.repository, image.tag, image.digest)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("postgres"), (None, "postgres".into(), None, None));
        assert_eq!(parts("a/b__c/d--e.f:T_1"), (None, "a/b__c/d--e.f".into(), some("T_1"), None));
        assert_eq!(parts("localhost/postgres"), (some("localhost"), "postgres".into(), None, None));
        assert_eq!(parts("registry:5000/postgres"), (some("registry:5000"), "postgres".into(), None, None));
        assert_eq!(
            parts(&format!("reg.example.com:5000/team/postgres:17.2@{digest}")),
            (some("reg.example.com:5000"), "team/postgres".into(), some("17.2"), Some(digest.clone()))
        );
        assert_eq!(parts(&format!("mysql@{digest}")), (None, "mysql".into(), None, Some(digest)));
        assert_eq!(parts("[::1]:5000/postgres:17"), (some("[::1]:5000"), "postgres".into(), some("17"), None));
    }

    #[test]
    fn malformed_names_say_which_part() {
        for (text, error) in [
            ("", ImageError::NoRepository),
            (":17", ImageError::NoRepository),
            ("example.com/", ImageError::NoRepository),
            ("exa_mple.com/postgres", ImageError::Registry),
            ("host:99999/postgres", ImageError::Registry),
            ("host:/postgres", ImageError::Registry),
            ("[::1/postgres", ImageError::Registry),
            ("Postgres", ImageError::Repository),
            ("a//b", ImageError::Repository),
            ("-a", ImageError::Repository),
            ("a..b", ImageError::Repository),
            ("post gres:17", ImageError::Repository),
            ("https://hub.docker.com/_/postgres", ImageError::Registry),
            ("postgres:", ImageError::Tag),
            ("postgres:-17", ImageError::Tag),
            ("postgres:17 ", ImageError::Tag),
            ("postgres@", ImageError::Digest),
            ("postgres@sha256:abc", ImageError::Digest),
            ("postgres:17@17", ImageError::Digest),
        ] {
            assert_eq!(ImageRef::parse(text), Err(error), "{text}");
        }
        assert_eq!(ImageRef::parse(&format!("postgres:{}", "1".repeat(129))), Err(ImageError::Tag));
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "(?s).{0,60}|[a-z0-9.:/@\\[\\]_-]{0,40}") {
            let _ = ImageRef::parse(&text);
        }
    }
}
