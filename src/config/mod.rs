//! rollproof.yml: read with positions, validated as a whole; and what is detected where it says nothing.
//!
//! [`locate`] finds the file, [`load`] reads it into a [`Project`]. All problems of a file are found in one go, each with
//! its line and column, in a [`ConfigError`]. What only later rooms can judge (whether a rule of that name exists) they
//! report in the same form, with the positions in [`Places`].

mod commands;
mod database;
mod field;
mod image;
mod later;
mod locate;
mod migrations;
mod model;
mod places;
mod problem;
mod read;

pub(crate) use database::misfit;
pub use image::{ImageError, ImageRef};
pub use later::{FormatError, check_format, is_supported};
pub use locate::{FILE_NAME, LocateError, locate, named};
pub use model::{Database, Excluded, Exclusion, Project, Skip};
pub use places::{DatabasePlaces, Places};
pub use problem::ConfigError;
pub use read::{load, read};

pub use crate::yaml::{Place, Problem};
