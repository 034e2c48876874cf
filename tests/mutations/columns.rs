//! Every column of every system catalog is either read or left out for a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use libtest_mimic::Failed;
use sqlx::{Connection as _, PgConnection};

use crate::ground::Place;
use crate::version::Version;

/// Ordinary columns of ordinary catalogs. What a later version adds has a low oid too, extensions have no catalogs.
const COLUMNS: &str = "SELECT c.relname::text, a.attname::text \
                       FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
                       WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND c.relkind = 'r' AND a.attnum > 0";

/// What the list says of one column.
enum Said {
    /// These query files read it, by this word: its own name, or a function that does.
    Read { files: Vec<String>, by: String },
    /// No snapshot shows it.
    LeftOut { why: String },
}

/// Compares the server's catalogs with the list, and the list with the query files.
pub(crate) async fn check(place: &Place) -> Result<(), Failed> {
    let said = list(&fs::read_to_string(place.folder().join("columns.tsv"))?, &place.version);
    let server = place.server().await?;
    let options = server.postgres_admin_options().ok_or("it is PostgreSQL")?;
    let mut connection = PgConnection::connect_with(options).await?;
    let there: Vec<(String, String)> = sqlx::query_as(COLUMNS).fetch_all(&mut connection).await?;
    connection.close().await?;
    server.stop().await?;
    let there: BTreeSet<(String, String)> = there.into_iter().collect();
    let mut wrong = Vec::new();
    for (catalog, column) in there.iter().filter(|column| !said.contains_key(*column)) {
        wrong.push(format!("{catalog}.{column}: columns.tsv does not say whether snapshots show it"));
    }
    for (catalog, column) in said.keys().filter(|column| !there.contains(*column)) {
        wrong.push(format!("{catalog}.{column}: this version does not have it"));
    }
    for ((catalog, column), said) in &said {
        let told = |what: &str| format!("{catalog}.{column}: {what}");
        match said {
            Said::LeftOut { why } if why.is_empty() => wrong.push(told("is left out without a reason")),
            Said::LeftOut { .. } => (),
            Said::Read { files, .. } if files.is_empty() => wrong.push(told("is read by no file")),
            Said::Read { files, by } => {
                wrong.extend(
                    files.iter().filter(|file| !reads(file, by)).map(|file| told(&format!("not read by {file}"))),
                );
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// What the list says for this version.
fn list(text: &str, version: &Version) -> BTreeMap<(String, String), Said> {
    let lines = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    lines
        .filter_map(|cells| {
            let [catalog, column, since, until, snapshot, files, by, why] = cells[..] else {
                panic!("columns.tsv: not eight cells: {cells:?}");
            };
            let said = match snapshot {
                "read" => Said::Read {
                    files: files.split(' ').filter(|file| !file.is_empty()).map(str::to_owned).collect(),
                    by: if by.is_empty() { column } else { by }.to_owned(),
                },
                "left out" => Said::LeftOut { why: why.to_owned() },
                other => panic!("columns.tsv: {catalog}.{column} is neither read nor left out but {other:?}"),
            };
            version.is_within(since, until).then(|| ((catalog.to_owned(), column.to_owned()), said))
        })
        .collect()
}

/// Whether the code of a query file has this word.
fn reads(file: &str, word: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/postgres/catalog").join(file);
    let text = fs::read_to_string(path).unwrap_or_default();
    let code = text.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code));
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.flat_map(|line| line.split(|c| !is_word(c))).any(|found| found == word)
}
