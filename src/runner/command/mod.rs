//! Migrations that are run by command lines of the configuration, whatever the tool: one that brings one migration, one that
//! takes it back, and perhaps one that lists them.
//!
//! What stands for the disposable database in a command line reaches the shell as a reference to an environment variable, never
//! as text of the command: no name and no password can be read as a command.

mod placeholders;
mod shell;
mod tool;
mod words;

pub use tool::{CommandLines, Spec};
