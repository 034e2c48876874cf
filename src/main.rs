//! The rollproof command.
fn main() {}
