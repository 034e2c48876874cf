//! What is wrong with a configuration file.

use std::fmt;
use std::path::PathBuf;

use super::Problem;

/// Everything that is wrong with one file. Prints one line for each problem: `file:line:column: message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, as it is to be printed.
    pub file: PathBuf,
    /// The problems, in the order of the text.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    /// An error from problems in any order. A problem that is found twice, because an alias repeats its text, is told once.
    pub fn new(file: impl Into<PathBuf>, mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self { file: file.into(), problems }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:{problem}", self.file.display())?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
