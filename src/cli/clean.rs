//! `rollproof clean`: removes what runs left that were killed.

use super::Output;
use crate::provision::{self, Cleaned, Places};

/// What was typed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Drop the databases that killed runs left on this server, too.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Remove the kept data folders of new servers, too; the next runs make them anew.
    #[arg(long)]
    cache: bool,
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: Args) -> Output {
    let places = Places::to_clean();
    let mut done = Vec::new();
    let mut problems = Vec::new();
    let cleaned = if args.dry_run { found(&places).await } else { provision::clean(&places).await };
    done.extend(cleaned.folders.iter().map(|folder| format!("folder {}", folder.display())));
    done.extend(cleaned.containers.iter().map(|container| format!("container {container}")));
    problems.extend(cleaned.problems);
    if args.cache {
        let (seeds, kept) = if args.dry_run {
            (provision::cached_seeds(&places), Vec::new())
        } else {
            let cleared = provision::clear_cache(&places);
            (cleared.removed, cleared.problems)
        };
        done.extend(seeds.iter().map(|seed| format!("seed {}", seed.path.display())));
        problems.extend(kept);
    }
    if let Some(url) = &args.url {
        match provision::clean_server(url, args.dry_run).await {
            Ok(cleaned) => {
                done.extend(cleaned.databases.iter().map(|name| format!("database {name}")));
                problems.extend(cleaned.problems);
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    told(&done, &problems, args.dry_run)
}

/// What killed runs left on this machine, untouched.
async fn found(places: &Places) -> Cleaned {
    let containers = provision::leftover_containers().await;
    Cleaned { folders: provision::leftovers(places), containers, problems: Vec::new() }
}

fn told(done: &[String], problems: &[String], dry_run: bool) -> Output {
    let verb = if dry_run { "would remove" } else { "removed" };
    let mut output = Output::default();
    output.stdout.extend(done.iter().map(|what| format!("{verb} {what}\n")));
    if done.is_empty() && problems.is_empty() {
        output.stdout.push_str("nothing was left behind\n");
    }
    output.stderr.extend(problems.iter().map(|problem| format!("error: {problem}\n")));
    output.code = if problems.is_empty() { 0 } else { 2 };
    output
}
