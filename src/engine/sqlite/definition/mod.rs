//! What `sqlite_schema.sql` says of an object, in parts that two schemas can be compared by.
//!
//! Checks, collations, conflict clauses, deferrability, generated expressions, triggers and the arguments of virtual tables
//! show nowhere else in SQLite. White space, comments, the case of words and the quotes around identifiers make no
//! difference. The readers of this folder follow SQLite's grammar to the last token: a text that holds anything else gives
//! `None`, and its object is then compared by its whole text.

mod column;
mod cursor;
mod index;
mod table;
mod tokens;
mod trigger;
mod view;

pub use index::{IndexText, index_text};
pub use table::{ColumnText, ConstraintText, TableText, table_text};
pub use tokens::{names_in, normalise_tokens};
pub use trigger::{TriggerText, trigger_text};
pub use view::{ViewText, view_text};
