//! What stands behind the columns of a table's definition.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::column::Context;
use super::cursor::Cursor;
use super::tokens::Kind;
use super::words::collation_name;

/// Options that say how rows are kept. Their attribute is their name behind `storage_`.
const STORAGE: [&str; 30] = [
    "AUTOEXTEND_SIZE",
    "AVG_ROW_LENGTH",
    "CHECKSUM",
    "COMPRESSION",
    "DATA DIRECTORY",
    "DELAY_KEY_WRITE",
    "ENCRYPTED",
    "ENCRYPTION",
    "ENCRYPTION_KEY_ID",
    "INDEX DIRECTORY",
    "KEY_BLOCK_SIZE",
    "MAX_ROWS",
    "MIN_ROWS",
    "PACK_KEYS",
    "PAGE_CHECKSUM",
    "PAGE_COMPRESSED",
    "PAGE_COMPRESSION_LEVEL",
    "RAID_TYPE",
    "ROW_FORMAT",
    "SECONDARY_ENGINE",
    "STATS_AUTO_RECALC",
    "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES",
    "STORAGE",
    "TABLESPACE",
    "TABLE_CHECKSUM",
    "TRANSACTIONAL",
    "NODEGROUP",
    "DEFAULT_PARTITIONS",
    "IETF_QUOTES",
];

/// The engine of a table, which stands somewhere among its options.
pub(super) fn engine(mut at: Cursor<'_>) -> String {
    while !at.is_done() && !at.sees("PARTITION BY") {
        if at.take("ENGINE") {
            return at.value().unwrap_or_default();
        }
        at.next();
    }
    String::new()
}

/// The collation of a table, likewise.
pub(super) fn collation(mut at: Cursor<'_>, context: &Context<'_>) -> Option<String> {
    let (mut character_set, mut collation) = (None, None);
    while !at.is_done() && !at.sees("PARTITION BY") {
        if at.take("CHARSET") || at.take("CHARACTER SET") {
            character_set = at.value();
        } else if at.take("COLLATE") {
            collation = at.value();
        } else {
            at.next();
        }
    }
    collation.or_else(|| context.collations.of(character_set.as_deref()?)).map(|name| collation_name(&name))
}

/// The attributes that options give. What stands behind PARTITION BY is left to the caller.
pub(super) fn options(at: &mut Cursor<'_>, context: &Context<'_>) -> Map<String, Value> {
    let mut this = Map::new();
    let mut more: Vec<String> = Vec::new();
    while !at.is_done() && !at.take("PARTITION BY") {
        if at.take("WITH SYSTEM VERSIONING") {
            this.insert("system_versioning".into(), json!(true));
        } else if at.take("START TRANSACTION") || at.take(",") {
        } else if at.take("DEFAULT CHARSET") || at.take("CHARSET") || at.take("COLLATE") || at.take("AUTO_INCREMENT") {
            // Which collation that is was asked before; the counter moves with every row.
            at.value();
        } else if at.take("ENGINE") {
            this.insert("engine".into(), json!(at.value()));
        } else if at.take("COMMENT") {
            this.insert("comment".into(), json!(at.value()));
        } else if at.take("CONNECTION") {
            // It may hold a password.
            let hash = Sha256::digest(at.value().unwrap_or_default());
            let hash: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            this.insert("connection_checksum".into(), json!(hash));
        } else if let Some(words) = STORAGE.iter().find(|words| names(at, words)) {
            let name = format!("storage_{}", words.to_ascii_lowercase().replace(' ', "_"));
            this.insert(name, json!(at.value()));
        } else {
            let begins = |at: &Cursor<'_>| at.peek().is_some_and(|token| token.spaced) || at.sees("PARTITION BY");
            more.push(context.printer.text(at.until(begins)));
        }
    }
    if !more.is_empty() {
        this.insert("options".into(), json!(more));
    }
    this
}

/// Passes over these words, or over one name in backticks that is spelled so: options of storage engines.
fn names(at: &mut Cursor<'_>, words: &str) -> bool {
    let quoted = at.peek().is_some_and(|token| token.kind == Kind::Name && token.value().eq_ignore_ascii_case(words));
    if quoted {
        at.next();
    }
    quoted || at.take(words)
}
