//! What a command has to say when it is done. Only `main` prints it.

/// The result of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// For standard output.
    pub stdout: String,
    /// For standard error.
    pub stderr: String,
    /// The exit code, as the README documents it.
    pub code: u8,
}

impl Output {
    /// Text on standard output and exit code 0.
    pub fn text(stdout: String) -> Self {
        Self { stdout, ..Self::default() }
    }

    /// An error that kept the command from doing anything: exit code 2.
    pub fn cannot(message: impl std::fmt::Display) -> Self {
        Self { stderr: format!("error: {message}\n"), code: 2, ..Self::default() }
    }
}
