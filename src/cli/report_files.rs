//! The reports that go into files, each with a flag of its own.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, Error};

use super::{Output, places};
use crate::report::{Report, to_json, to_junit, to_markdown};

/// A report that can be had as a file.
#[derive(Debug)]
struct Form {
    /// The flag, which takes the file.
    flag: &'static str,
    /// What `--help` says of it.
    help: &'static str,
    /// The report's text.
    text: fn(&Report) -> String,
}

/// Every report that can be had as a file. Another one is a line here.
const FORMS: &[Form] = &[
    Form { flag: "junit", help: "Write a JUnit report; `-` is standard output", text: to_junit },
    Form { flag: "json", help: "Write a JSON report; `-` is standard output", text: to_json },
    Form { flag: "markdown", help: "Write a page of Markdown; `-` is standard output", text: to_markdown },
];

/// The reports that are wanted, each with its file.
#[derive(Debug)]
pub(super) struct ReportFiles(Vec<(&'static Form, PathBuf)>);

impl clap::Args for ReportFiles {
    fn augment_args(command: Command) -> Command {
        command.args(FORMS.iter().map(|form| {
            let file = clap::value_parser!(PathBuf);
            Arg::new(form.flag).long(form.flag).value_name("FILE").value_parser(file).help(form.help)
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for ReportFiles {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let wanted = FORMS.iter().filter_map(|form| Some((form, matches.get_one::<PathBuf>(form.flag)?.clone())));
        Ok(Self(wanted.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl ReportFiles {
    /// # Errors
    /// When two reports would go to one place.
    pub(super) fn check(&self) -> Result<(), String> {
        for (at, (form, file)) in self.0.iter().enumerate() {
            let Some((other, _)) = self.0[..at].iter().find(|(_, other)| places::same(other, file)) else { continue };
            let (other, form) = (other.flag, form.flag);
            return Err(if is_stdout(file) {
                format!("--{other} and --{form} cannot both be standard output; give one of them a file")
            } else {
                format!("--{other} and --{form} name the same file; give each its own")
            });
        }
        Ok(())
    }

    /// The flag whose report goes to this file, if there is one.
    pub(super) fn going_to(&self, file: &Path) -> Option<&'static str> {
        let mut files = self.0.iter().filter(|(_, other)| !is_stdout(other));
        files.find(|(_, other)| places::same(other, file)).map(|(form, _)| form.flag)
    }

    /// The flag whose report goes to standard output, if there is one.
    pub(super) fn on_stdout(&self) -> Option<&'static str> {
        self.0.iter().find(|(_, file)| is_stdout(file)).map(|(form, _)| form.flag)
    }

    /// Writes the files. One that cannot be written makes the run fail.
    pub(super) fn write_files(&self, report: &Report, output: &mut Output) {
        for (form, file) in self.0.iter().filter(|(_, file)| !is_stdout(file)) {
            if let Err(error) = write(file, &(form.text)(report)) {
                output.amiss(format!("cannot write {}: {error}", file.display()));
            }
        }
    }

    /// Puts the report that goes to standard output there.
    pub(super) fn print(&self, report: &Report, output: &mut Output) {
        for (form, _) in self.0.iter().filter(|(_, file)| is_stdout(file)) {
            output.stdout.push_str(&(form.text)(report));
        }
    }
}

fn is_stdout(file: &Path) -> bool {
    file == Path::new("-")
}

fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, text)
}
