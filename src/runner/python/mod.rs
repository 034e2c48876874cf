//! Migrations that are written in Python: the project's own Alembic, Flask-Migrate or Django, in one process that imports the
//! project once and then runs one revision at a time.

mod interpreter;
mod process;
mod protocol;
mod tool;

pub use interpreter::{Interpreter, find_interpreter};
pub use protocol::{Direct, Listed};
pub use tool::{Python, Spec, Started};
