//! `rollproof diff`: compares two schemas.

use super::Output;
use super::schema::WHAT;
use super::sides::{SideArgs, for_programs, run as run_sides};
use crate::run::{Leaving, compare};
use crate::schema::Class;

/// What was typed.
#[derive(Debug, clap::Args)]
#[command(after_help = WHAT)]
pub(super) struct Args {
    /// The schema before: @head, @base, @empty, @<version>, a database URL, or a file.
    from: String,
    /// The schema after, likewise.
    to: String,
    /// Differences of these classes are not shown and do not count; may be given several times.
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    ignore: Vec<Ignored>,
    #[command(flatten)]
    sides: SideArgs,
}

/// The classes that may be ignored: where the structure differs, something does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Ignored {
    Comment,
    Name,
    Order,
    Privilege,
    Storage,
}

impl Ignored {
    fn class(self) -> Class {
        match self {
            Self::Comment => Class::Comment,
            Self::Name => Class::Name,
            Self::Order => Class::Order,
            Self::Privilege => Class::Privilege,
            Self::Storage => Class::Storage,
        }
    }
}

pub(super) async fn run(args: Args) -> Output {
    let Args { from, to, ignore, sides: args } = args;
    let ignored = ignore.into_iter().map(Ignored::class).collect();
    let leaving = Leaving { ignored, cluster_objects: args.cluster_objects };
    run_sides(&args, &[&from, &to], |sides| {
        let [from, to] = sides.as_slice() else { return Err("two schemas were asked for".to_owned()) };
        let compared = compare(from, to, &leaving)?;
        let report = &compared.report;
        let text = for_programs(args.format, report)?.unwrap_or_else(|| report.page(&compared.diff));
        let code = match (report.cannot_tell.is_empty(), report.changes.is_empty()) {
            (false, _) => 2,
            (true, false) => 1,
            (true, true) => 0,
        };
        Ok(Output { code, ..Output::text(text) })
    })
    .await
}
