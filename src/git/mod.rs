//! What git knows of a project: its repository, the commit that a change starts from, the files of that commit, and those
//! that changed since.
//!
//! The `git` program is asked, which may take its time and can be given up at any moment, and never told to change or to fetch anything: whatever is not here is an error that says
//! which command brings it.

mod changed;
mod command;
mod error;
mod files;
mod links;
mod reference;
mod repository;

pub use command::version;
pub use error::GitError;
pub use repository::{Repository, head_revision, own_top};
