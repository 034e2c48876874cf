//! What a command has to say when it is done. Only `main` prints it.

use std::fmt::Display;

/// The result of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// For standard output.
    pub stdout: String,
    /// For standard error.
    pub stderr: String,
    /// The exit code, as the README documents it.
    pub code: u8,
    /// What went wrong beside the command's own work, each of which made the exit code 2: a report that could not be
    /// written. Standard error has it already.
    pub problems: Vec<String>,
}

impl Output {
    /// Text on standard output and exit code 0.
    pub fn text(stdout: String) -> Self {
        Self { stdout, ..Self::default() }
    }

    /// An error that kept the command from doing anything: exit code 2.
    pub fn cannot(message: impl Display) -> Self {
        Self { stderr: format!("error: {message}\n"), code: 2, ..Self::default() }
    }

    /// Adds something that went wrong beside what the command was to do. What it came to stays, but for the exit code.
    pub fn amiss(&mut self, problem: impl Display) {
        let problem = problem.to_string();
        self.stderr.push_str(&format!("error: {problem}\n"));
        self.code = 2;
        self.problems.push(problem);
    }
}
