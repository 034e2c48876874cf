//! `rollproof init`: looks at the project and writes `rollproof.yml`.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::Output;
use crate::config::{self, FILE_NAME};
use crate::git;
use crate::init::{self, Found, FoundDatabase};

/// What was typed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The project's folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Replace a rollproof.yml that is there.
    #[arg(long, conflicts_with = "print")]
    force: bool,
    /// Print the file on standard output and write nothing.
    #[arg(long)]
    print: bool,
}

pub(super) fn run(args: &Args) -> Output {
    initialised(args).unwrap_or_else(Output::cannot)
}

fn initialised(args: &Args) -> Result<Output, String> {
    if !args.dir.is_dir() {
        return Err(format!("{} is not a folder; name the project's folder", args.dir.display()));
    }
    let file = if args.dir == Path::new(".") { PathBuf::from(FILE_NAME) } else { args.dir.join(FILE_NAME) };
    if !args.print && !args.force {
        refuse_existing(&file)?;
    }
    let found = init::look(&args.dir);
    if found.databases.is_empty() {
        return Err(nothing_to_write(&args.dir, &found));
    }
    let text = init::configuration(&found);
    let defect =
        |error| format!("what was found makes no configuration that can be read:\n{error}\nnothing is written");
    config::read(&text, &file).map_err(defect)?;
    if args.print {
        return Ok(Output { stdout: text, stderr: summary(&found), ..Output::default() });
    }
    write(&file, &text, args.force)?;
    config::load(&file).map_err(|error| error.to_string())?;
    let mut said = format!("wrote {}\n{}", file.display(), summary(&found));
    said.push_str("\nTo check pull requests on GitHub, as .github/workflows/migrations.yml:\n\n");
    said.push_str(&indented(&init::snippet(&below_repository(&args.dir))));
    said.push_str(&format!("\nNext: {}\n", next(&found, &args.dir)));
    Ok(Output::text(said))
}

/// A file that is there, under either ending, is somebody's work.
fn refuse_existing(file: &Path) -> Result<(), String> {
    let other = file.with_extension("yaml");
    if other.symlink_metadata().is_ok() {
        return Err(format!("{} is there; rename it to {FILE_NAME}, the name that is read", other.display()));
    }
    match file.symlink_metadata() {
        Ok(_) => Err(exists(file)),
        Err(_) => Ok(()),
    }
}

fn exists(file: &Path) -> String {
    format!("{} is there already; --force replaces it, --print shows what would be written", file.display())
}

fn write(file: &Path, text: &str, force: bool) -> Result<(), String> {
    let opened = if force { File::create(file) } else { OpenOptions::new().write(true).create_new(true).open(file) };
    opened.and_then(|mut opened| opened.write_all(text.as_bytes())).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(file),
        _ => format!("cannot write {}: {error}; --print shows what would be written", file.display()),
    })
}

fn nothing_to_write(dir: &Path, found: &Found) -> String {
    let mut message = if found.others.is_empty() {
        format!(
            "no migrations found in {} or below; name their folder in a rollproof.yml of your own, or try \
             `rollproof check --migrations PATH`",
            dir.display()
        )
    } else {
        let list: Vec<String> = found.others.iter().map(|tool| format!("{} ({})", tool.title, tool.from)).collect();
        format!(
            "found {}; this version of rollproof does not read such migrations, and nothing else was found to check",
            list.join(", ")
        )
    };
    message.push_str("; nothing is written");
    for note in &found.notes {
        message.push_str(&format!("\nnote: {note}"));
    }
    message
}

fn summary(found: &Found) -> String {
    let mut said = String::new();
    for database in &found.databases {
        said.push_str(&format!("  {}\n", described(database)));
    }
    for tool in &found.others {
        said.push_str(&format!(
            "note: {} was found ({}), whose migrations this version does not read\n",
            tool.title, tool.from
        ));
    }
    for note in &found.notes {
        said.push_str(&format!("note: {note}\n"));
    }
    said
}

/// `main: PostgreSQL, postgres:15.4, sqlx, 12 migrations in migrations`.
fn described(found: &FoundDatabase) -> String {
    let engine = found.engine.as_ref().map_or_else(|| untold(found), |clue| clue.engine.title().to_owned());
    let image = found.image.as_ref().map(|image| format!("{}, ", image.value)).unwrap_or_default();
    let format = found.format.as_ref().map_or("a format that no file tells", |format| *format);
    let history = match &found.counts {
        Ok((1, _)) => format!("1 migration in {}", found.migrations.display()),
        Ok((count, _)) => format!("{count} migrations in {}", found.migrations.display()),
        Err(reason) => format!("but {reason}"),
    };
    format!("{}: {engine}, {image}{format}, {history}", found.name)
}

/// What is said of an engine that is not known.
fn untold(found: &FoundDatabase) -> String {
    let said: Vec<String> =
        found.undecided.iter().map(|clue| format!("{} by {}", clue.engine.title(), clue.from)).collect();
    if said.is_empty() { "an engine that no file tells".to_owned() } else { said.join(" or ") }
}

/// What to do now.
fn next(found: &Found, dir: &Path) -> String {
    let open: Vec<&str> = [
        ("engine", found.databases.iter().any(|database| database.engine.is_none())),
        ("format", found.databases.iter().any(|database| database.format.is_err())),
    ]
    .iter()
    .filter_map(|(what, is_open)| is_open.then_some(*what))
    .collect();
    let command =
        if dir == Path::new(".") { "rollproof check".to_owned() } else { format!("rollproof check {}", dir.display()) };
    if open.is_empty() { command } else { format!("say the {} in {FILE_NAME}, then {command}", open.join(" and the ")) }
}

/// The project's folder as seen from the root of its repository; empty where it is that root or there is none.
fn below_repository(dir: &Path) -> PathBuf {
    let Ok(dir) = dir.canonicalize() else { return PathBuf::new() };
    git::own_top(&dir).and_then(|top| dir.strip_prefix(top).ok()).map(Path::to_owned).unwrap_or_default()
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
