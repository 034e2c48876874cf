//! Which format a folder is of, told by marks in its scripts, by its names and by the project files around it.

use std::cmp::Reverse;
use std::path::Path;

use super::{Evidence, Format, HistoryError, Listing, formats};
use crate::evidence::Nearby;

/// The format of the migrations in `folder`.
///
/// Formats whose marks the folder carries go before all others. Among those that read some of its names the one wins whose
/// tool a project file names, the nearest file first; then the one that reads the most.
///
/// # Errors
/// The folder cannot be read, no format reads any of its names, or two formats fit equally well.
pub fn detect(folder: &Path) -> Result<&'static dyn Format, HistoryError> {
    among(&Listing::read(folder, folder)?, &Nearby::around(folder, None))
}

/// The format of a folder that was listed before.
pub(super) fn among(listing: &Listing, nearby: &Nearby) -> Result<&'static dyn Format, HistoryError> {
    let mut fitting: Vec<_> = formats()
        .iter()
        .filter_map(|format| format.recognise(listing, nearby).map(|evidence| (*format, evidence)))
        .collect();
    // What the scripts themselves say goes before what their names allow.
    if fitting.iter().any(|(format, _)| format.is_marked(listing)) {
        fitting.retain(|(format, _)| format.is_marked(listing));
    }
    let (specific, general): (Vec<_>, Vec<_>) = fitting.into_iter().partition(|(_, evidence)| evidence.specific);
    let plainest = general.iter().max_by_key(|(_, evidence)| evidence.scripts);
    let Some((_, strongest)) = specific.iter().min_by_key(|(_, evidence)| order(evidence)) else {
        return plainest.map(|(format, _)| *format).ok_or_else(|| HistoryError::no_migration(listing, formats()));
    };
    // A tool that is not even named, and whose names are fewer than the plain ones, would pass over the others.
    let named = strongest.project.is_some_and(|project| !project.language_only);
    if let Some((format, _)) = plainest.filter(|(_, evidence)| !named && evidence.scripts > strongest.scripts) {
        return Ok(*format);
    }
    let best: Vec<_> = specific.iter().filter(|(_, evidence)| order(evidence) == order(strongest)).collect();
    match best.as_slice() {
        [(format, _)] => Ok(*format),
        several => Err(HistoryError::Ambiguous {
            folder: listing.shown.clone(),
            names: several.iter().map(|(format, _)| format.name()).collect(),
        }),
    }
}

/// The smaller, the more speaks for a format.
fn order(evidence: &Evidence) -> impl Ord {
    (evidence.project.is_none(), evidence.project, Reverse(evidence.scripts))
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::Sandbox;

    use super::*;

    const SQLX: (&str, &str) = ("Cargo.toml", "[dependencies]\nsqlx = \"0.9\"");
    const GO: (&str, &str) = ("go.mod", "module example.org/shop");
    const GO_MIGRATE: (&str, &str) = ("go.mod", "require github.com/golang-migrate/migrate/v4 v4.18.0");

    fn detected(files: &[&str], project: &[(&str, &str)]) -> String {
        let folder = Sandbox::with(files);
        for (file, text) in project {
            folder.write(file, text);
        }
        match detect(&folder.migrations()) {
            Ok(format) => format.name().to_owned(),
            Err(error) => error.to_string().replace(&format!("{}/", folder.path().display()), ""),
        }
    }

    #[test]
    fn names_tell_the_format_where_they_can() {
        for (files, expected) in [
            (&["1_a.sql"][..], "sqlx"),
            (&["1_a.up.sql", "1_a.down.sql", "2_b.sql"], "sqlx"),
            (&["2020-01-01-000000_a/up.sql", "2020-01-01-000000_a/down.sql"], "diesel"),
            (&["V0001.a.up.sql", "V0001.a.down.sql"], "golang-migrate"),
            (&["users.up.sql", "users.down.sql"], "updown"),
            (&["users.up.sql", "posts.up.sql", "1_a.up.sql"], "updown"),
            (&["0000_a.sql", "meta/_journal.json"], "drizzle"),
            (&["20260101000000_a/migration.sql", "20260101000000_a/snapshot.json"], "drizzle"),
            (&["20260101000000_a/migration.sql"], "prisma"),
            (&["20260101000000_a/migration.sql", "migration_lock.toml"], "prisma"),
            (&["1_a.postgres.up.sql", "1_a.mysql.up.sql", "1_a.down.sql"], "popx"),
            (&["1_a.up.sql", "1_a.down.sql", "2_b.autocommit.up.sql", "2_b.down.sql"], "popx"),
            // What only one of the two that read such names reads.
            (&["V1__a.sql", "R__views.sql"], "flyway"),
            (&["V1__a.sql", "V1.1__b.sql", "U1__a.sql", "V2__add-c.sql"], "flyway"),
        ] {
            assert_eq!(detected(files, &[]), expected, "{files:?}");
        }
    }

    #[test]
    fn project_files_tell_what_names_cannot() {
        let both = &["1_a.up.sql", "1_a.down.sql"][..];
        for (files, project, expected) in [
            (both, &[SQLX][..], "sqlx"),
            (both, &[GO], "golang-migrate"),
            (both, &[GO_MIGRATE], "golang-migrate"),
            (both, &[SQLX, GO], "sqlx"),
            (both, &[(".sqlx/query-1.json", "{}")], "sqlx"),
            (both, &[("migrations/embed.go", "package migrations")], "golang-migrate"),
            (both, &[("Cargo.toml", "[package]\nname = \"shop\"")], "sqlx"),
            // A stray file that only sqlx would read does not turn a Go project into one of sqlx.
            (&["1_a.up.sql", "1_a.down.sql", "2_b.sql"], &[GO], "golang-migrate"),
            (&["users.up.sql", "posts.up.sql", "1_a.up.sql"], &[SQLX], "sqlx"),
            (&["users.up.sql", "posts.up.sql", "1_a.up.sql"], &[GO], "updown"),
            (&["V1__a.sql"], &[("Cargo.toml", "[dependencies]\nrefinery = \"0.9\"")], "refinery"),
            (&["V1__a.sql"], &[("pom.xml", "<artifactId>flyway-core</artifactId>")], "flyway"),
            (&["V1__a.sql"], &[("flyway.toml", ""), ("Cargo.toml", "[package]\nname = \"shop\"")], "flyway"),
            (&["1/V1__a.sql", "2/V2__b.sql"], &[("flyway.conf", "")], "flyway"),
            (both, &[("go.mod", "require github.com/ory/x v0.0.700")], "popx"),
        ] {
            assert_eq!(detected(files, project), expected, "{files:?} {project:?}");
        }
    }

    #[test]
    fn marks_go_before_names_and_project_files() {
        let goose = ("migrations/1_a.sql", "-- +goose Up\nSELECT 1;\n");
        let dbmate = ("migrations/1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\n");
        let liquibase = ("migrations/1_a.sql", "--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n");
        let sum = ("migrations/atlas.sum", "h1:x\n");
        for (files, project, expected) in [
            (&["1_a.sql"][..], &[][..], "sqlx"),
            (&["1_a.sql"], &[goose], "goose"),
            (&["1_a.sql", "2_b.sql"], &[goose, SQLX], "goose"),
            (&["1_a.sql"], &[goose, sum], "goose"),
            (&["1_a.sql"], &[dbmate, GO_MIGRATE], "dbmate"),
            (&["1_a.sql"], &[liquibase, SQLX], "liquibase-sql"),
            (&["1_a.sql"], &[sum, SQLX], "atlas"),
            (&["1_a.up.sql", "1_a.down.sql"], &[sum, GO], "golang-migrate"),
        ] {
            assert_eq!(detected(files, project), expected, "{files:?} {project:?}");
        }
        let two = [goose, ("migrations/2_b.sql", dbmate.1)];
        let error = detected(&["1_a.sql"], &two);
        assert!(error.starts_with("the file names in migrations fit goose and dbmate,"), "{error}");
        assert!(error.contains("say which with --format goose"), "{error}");
    }

    #[test]
    fn what_stays_open_is_asked() {
        let expected = "the file names in migrations fit sqlx and golang-migrate, and no project file nearby tells them \
                        apart: say which with --format sqlx or `migrations: {format: sqlx}` in rollproof.yml";
        assert_eq!(detected(&["1_a.up.sql", "1_a.down.sql"], &[]), expected);
        assert_eq!(detected(&["1_a.up.sql"], &[SQLX, GO_MIGRATE]), expected);
        let expected = "the file names in migrations fit flyway and refinery, and no project file nearby tells them apart: say \
                        which with --format flyway or `migrations: {format: flyway}` in rollproof.yml";
        assert_eq!(detected(&["V1__a.sql"], &[]), expected);
    }

    #[test]
    fn where_nothing_fits_the_names_looked_for_are_listed() {
        let error = detected(&["notes.txt", "schema.sql"], &[]);
        assert!(
            error.starts_with("no migration found in migrations: looked for <version>_<description>.sql"),
            "{error}"
        );
        for format in formats() {
            assert!(error.contains(&format!("({})", format.name())), "{error}");
        }
        assert!(error.ends_with("name another folder with --migrations, or another format with --format"), "{error}");
        let error = detected(&["postgres/1_a/up.sql", "sqlite/1_a/up.sql"], &[]);
        assert!(
            error.ends_with("did you mean migrations/postgres or migrations/sqlite? Name it with --migrations"),
            "{error}"
        );
        assert!(detected(&[], &[]).starts_with("the folder migrations is empty"));
    }
}
