//! Schemas from wherever they are: revisions of the project's history, databases, dumps, kept ones. What `rollproof schema`
//! prints and `rollproof diff` compares.

mod compare;
mod files;
mod gather;
mod project;
mod servers;
mod sources;
mod untold;
mod what;

pub use compare::{Compared, Leaving, compare, printed};
pub use gather::{Asked, schemas};
pub use sources::{Side, Whose};
pub use what::{Revision, What};
