//! SQL dump files: what kind of file one is, cutting it into statements without holding it as a whole, and loading it into
//! a disposable database as the product's own shell would.

mod error;
mod kind;
mod load;
mod mysql;
mod names;
mod postgres;
mod psql;
mod reader;
mod sections;

pub use error::DumpError;
pub use kind::{FileKind, Origin, kind_of, origin_of};
pub use load::{Dump, Loaded, load_sqlite};
pub use mysql::load_mysql;
pub use postgres::load_postgres;
pub use sections::{Sections, sections};
