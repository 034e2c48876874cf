//! Every column of the tables that tell of schemas and privileges is either read by a query file or left out for a reason.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use libtest_mimic::Failed;

use crate::Test;
use crate::ground::{Ground, block_on, ensure};

pub(crate) const TESTS: &[Test] =
    &[("every_column_is_read_or_left_out_for_a_reason", |ground| block_on(every_column(ground)))];

/// The versions that the list is about. Others have columns that it does not know, or lack some.
const LISTED: [&str; 2] = ["9.", "10.11."];

/// What the list says of one column: the query files that read it, and why it is left out where none does.
struct Said {
    files: Vec<String>,
    why: String,
}

/// Compares the server's tables with the list, and the list with the query files.
async fn every_column(ground: &Ground) -> Result<(), Failed> {
    if !LISTED.iter().any(|version| ground.name.starts_with(version)) {
        return Ok(());
    }
    let product = if ground.is_mariadb() { "mariadb" } else { "mysql" };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(folder.join("tests/mysql/columns.tsv"))?;
    let said = list(&text, product)?;
    // All tables of the list, also those that only the other product has.
    let tables = text.lines().skip(1).filter_map(|line| line.split('\t').next());
    let tables: Vec<String> = tables.map(|table| format!("'{table}'")).collect();
    let there = ground
        .ask(&format!(
            "SELECT lower(concat(table_schema, '.', table_name, '\t', column_name)) FROM information_schema.columns \
             WHERE lower(concat(table_schema, '.', table_name)) IN ({})",
            tables.join(", ")
        ))
        .await?;
    let mut wrong = Vec::new();
    for column in there.iter().filter(|column| !said.contains_key(*column)) {
        wrong.push(format!("{column}: columns.tsv does not say whether snapshots show it"));
    }
    for (column, Said { files, why }) in &said {
        if !there.contains(column) {
            wrong.push(format!("{column}: this version does not have it"));
        }
        if files.is_empty() && why.is_empty() {
            wrong.push(format!("{column}: is left out without a reason"));
        }
        let name = column.rsplit('\t').next().unwrap_or_default();
        for file in files {
            let code = fs::read_to_string(folder.join("src/engine/mysql/catalog").join(file)).unwrap_or_default();
            if !reads(&code, name, product) {
                wrong.push(format!("{column}: not read by {file}"));
            }
        }
    }
    ensure(wrong.is_empty(), wrong.join("\n"))
}

/// What the list says of a product, by table and column.
fn list(text: &str, product: &str) -> Result<BTreeMap<String, Said>, Failed> {
    let mut said = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [table, column, only, snapshot, files, why] = cells[..] else {
            return Err(format!("columns.tsv: not six cells: {line}").into());
        };
        let files: Vec<String> = files.split(' ').filter(|file| !file.is_empty()).map(str::to_owned).collect();
        ensure((snapshot == "read") != files.is_empty(), format!("columns.tsv: read by no file, or left out: {line}"))?;
        if only.is_empty() || only == product {
            said.insert(format!("{table}\t{column}"), Said { files, why: why.to_owned() });
        }
    }
    Ok(said)
}

/// Whether the code of a query file has this word on a line that such servers are asked.
fn reads(text: &str, word: &str, product: &str) -> bool {
    let other = if product == "mysql" { "mariadb" } else { "mysql" };
    let lines = text.lines().map(|line| line.split_once("--").unwrap_or((line, "")));
    let is_asked = |mark: &str| !["only", "since"].iter().any(|word| mark.contains(&format!("{word} {other}")));
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    lines
        .filter(|(_, mark)| is_asked(mark))
        .flat_map(|(code, _)| code.split(|c| !is_word(c)))
        .any(|found| found.eq_ignore_ascii_case(word))
}
