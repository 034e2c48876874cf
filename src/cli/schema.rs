//! `rollproof schema`: prints a schema.

use super::Output;
use super::sides::{SideArgs, for_programs, run as run_sides};
use crate::report::schema_text;
use crate::run::printed;

/// What was typed.
#[derive(Debug, clap::Args)]
#[command(after_help = WHAT)]
pub(super) struct Args {
    /// The schema: @head, @base, @empty, @<version>, a database URL, or a file.
    what: String,
    #[command(flatten)]
    sides: SideArgs,
}

/// What a schema can be named by, for `--help`.
pub(super) const WHAT: &str = "\
A schema is named by
  @head, @empty     the project's history behind its last migration, before its first
  @<version>        behind this migration: its id, its version, or an unambiguous beginning of either
  @base             with --base REF: the head of the history where this branch and REF part
  a database URL    postgres://..., sqlite:...; the database is only read
  a file            an SQL dump (pg_dump, pg_dumpall, .dump of sqlite3), an SQLite database, or a schema that was
                    printed with --format json or yaml";

pub(super) async fn run(args: Args) -> Output {
    let Args { what, sides: args } = args;
    run_sides(&args, &[&what], |sides| {
        let side = sides.first().ok_or("no schema was read")?;
        let report = printed(side, args.cluster_objects);
        let text = for_programs(args.format, &report)?.unwrap_or_else(|| schema_text(&report, &side.what));
        // What could not be read makes it a part of a schema, which must not pass for a whole one.
        let code = if report.cannot_tell.is_empty() { 0 } else { 2 };
        Ok(Output { code, ..Output::text(text) })
    })
    .await
}
