//! Makes cargo notice new files in the folders that are embedded as a whole.

fn main() {
    for folder in ["policies", "migrations", "src/engine/postgres/catalog", "src/engine/sqlite/catalog"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
