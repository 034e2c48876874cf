//! The migrations of dbmate: `dbmate up`, `dbmate rollback`.
//!
//! The facts are those of dbmate 2.35 (`pkg/dbmate/migration.go`, `pkg/dbmate/db.go`, `pkg/driver`) and of its issue 820:
//! - A name is digits, anything, `.sql`; the digits, as they are written, are the version. Other files and folders are passed
//!   over in silence. Files run in the order of the bytes of their names.
//! - A line `-- migrate:up` begins the up, `-- migrate:down` the down; the space behind `--` may be missing. Both blocks must be
//!   there, and before the first only comments. A block is sent in one message, with that line.
//! - `transaction:false` behind either takes the transaction from that block.
//! - A file may have several such pairs, but the tool records the version behind each, and its table refuses it the second
//!   time: the first pair stays, the file fails.
//! - On PostgreSQL its table is looked for in the schema that is current behind the script, in the same transaction
//!   (`quotedMigrationsTableNameParts`): a script that sets `search_path` to another one fails.
//! - PostgreSQL is reached by lib/pq, which sets the encoding and the style of dates, and which stops at the commit of a script that
//!   has ended the transaction itself: all that it did is there then, and the version is recorded; MySQL and MariaDB by go-sql-driver with
//!   `multiStatements`, SQLite by mattn/go-sqlite3, which runs one statement after another and leaves foreign keys off.

use std::ops::Range;

use super::section::{Line, lines, section};
use super::{
    Callbacks, Conduct, Cutting, EngineKind, Entry, Evidence, Format, History, HistoryError, Kind, Listing, Migration,
    Script, TransactionMode, Unmatched, marks,
};
use crate::evidence::Nearby;

/// The format.
pub(super) struct Dbmate;

const NAME: &str = "dbmate";

impl Format for Dbmate {
    fn name(&self) -> &'static str {
        NAME
    }

    fn looked_for(&self) -> &'static str {
        "<version>_<name>.sql with `-- migrate:up`"
    }

    fn recognise(&self, listing: &Listing, nearby: &Nearby) -> Option<Evidence> {
        let scripts = listing.files().filter(|entry| version(&entry.name).is_some()).count();
        let project = nearby.nearest(|folder| {
            let says = |file| folder.text(file).is_some_and(|text| text.contains("dbmate"));
            let files = ["package.json", "Makefile", "justfile", "docker-compose.yml", "compose.yml", "compose.yaml"];
            files.into_iter().any(says).then_some(false)
        });
        (scripts > 0 && self.is_marked(listing)).then_some(Evidence { scripts, project, specific: true })
    }

    fn is_marked(&self, listing: &Listing) -> bool {
        marks::any_line(listing, |name| version(name).is_some(), |line| options(line, "up").is_some())
    }

    fn read(&self, listing: &Listing, engine: EngineKind) -> Result<History, HistoryError> {
        let (mut migrations, mut unmatched) = (Vec::new(), Vec::new());
        // The listing is ordered by the bytes of the names.
        for entry in listing.entries.iter().filter(|entry| !entry.is_harmless()) {
            let reason = match (&entry.kind, version(&entry.name)) {
                (Kind::File, Some(version)) => {
                    migrations.push(migration(entry, version, engine)?);
                    continue;
                }
                (Kind::File, None) => "its name is not digits, anything and .sql",
                (Kind::Folder(_), _) => "it is a folder, and dbmate does not look into folders",
                (Kind::Other, _) => "it is neither a file nor a folder",
            };
            unmatched.push(Unmatched { path: entry.shown.clone(), reason: reason.to_owned() });
        }
        Ok(History::in_a_row(NAME, listing.shown.clone(), migrations, unmatched))
    }

    fn conduct(&self, engine: EngineKind) -> Conduct {
        let (session, table): (&[&str], _) = match engine {
            EngineKind::Postgres => (
                &["SET client_encoding = 'UTF8'", "SET DateStyle = 'ISO, MDY'"],
                "create table if not exists public.schema_migrations (version varchar primary key)",
            ),
            EngineKind::Mysql | EngineKind::Mariadb => (
                &["SET NAMES utf8mb4 COLLATE utf8mb4_general_ci"],
                "create table if not exists `schema_migrations` (version varchar(128) primary key)",
            ),
            EngineKind::Sqlite => (
                &["PRAGMA foreign_keys = OFF"],
                "create table if not exists \"schema_migrations\" (version varchar(128) primary key)",
            ),
        };
        Conduct::new(session, &[table], &["schema_migrations"])
    }
}

/// The digits at the beginning of a script's name.
fn version(name: &str) -> Option<&str> {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0 && name.ends_with(".sql")).then(|| &name[..digits])
}

/// What stands behind `-- migrate:up` or `-- migrate:down`, where a line is that.
fn options<'l>(line: &'l str, direction: &str) -> Option<&'l str> {
    let rest = line.strip_prefix("--")?.trim_start().strip_prefix("migrate:")?.strip_prefix(direction)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(rest)
}

/// How the tool wraps the block that such a line begins.
fn transaction(options: &str, engine: EngineKind) -> TransactionMode {
    // Of several the last counts.
    let last = options.split_whitespace().filter_map(|option| option.strip_prefix("transaction:")).next_back();
    match engine {
        EngineKind::Postgres if last != Some("false") => TransactionMode::WrappedOnce,
        _ if last != Some("false") => TransactionMode::Wrapped,
        EngineKind::Postgres => TransactionMode::Batch,
        EngineKind::Mysql | EngineKind::Mariadb | EngineKind::Sqlite => TransactionMode::Autocommit,
    }
}

fn migration(entry: &Entry, version: &str, engine: EngineKind) -> Result<Migration, HistoryError> {
    let text = entry.text_with_mark()?;
    let id = entry.name.strip_suffix(".sql").unwrap_or(&entry.name).to_owned();
    let blocks = blocks(&text);
    let (up, down) = match blocks {
        Ok(Blocks { up, down, second }) => {
            let script = |block: Block<'_>| {
                let transaction = transaction(block.options, engine);
                recorded(section(entry, &text, block.span, transaction, Cutting::Server), engine)
            };
            let then = second.map_or_else(Vec::new, |Second { block, refusal }| {
                let span = block.span.clone();
                let runs = script(block);
                let end =
                    Script { then: Vec::new(), ..section(entry, &text, span, runs.transaction, refused(refusal)) };
                // What runs in a transaction is taken back with what cannot be recorded; what does not has run for good.
                let wrapped = matches!(runs.transaction, TransactionMode::Wrapped | TransactionMode::WrappedOnce);
                let kept = !wrapped || commits_definitions(engine);
                if kept { vec![runs, end] } else { vec![end] }
            });
            (Script { then, ..script(up) }, Some(script(down)))
        }
        Err(refusal) => (section(entry, &text, 0..text.len(), TransactionMode::Wrapped, refused(refusal)), None),
    };
    Ok(Migration::new(id, version.to_owned(), up, down))
}

/// The script with what the tool asks behind it in the same session and transaction, where that can go wrong: it records the
/// version in the schema that is then the current one, and finds no table there if the script has changed `search_path`.
fn recorded(script: Script, engine: EngineKind) -> Script {
    const NAME: &str = "search_path";
    let named = script.text.to_ascii_lowercase().find(NAME).filter(|_| engine == EngineKind::Postgres);
    let Some(at) = named else { return script };
    let question = "DO $$ BEGIN\n  IF to_regclass(format('%I.schema_migrations', coalesce(current_schema(), 'public'))) IS NULL THEN\n    \
                    RAISE EXCEPTION 'dbmate finds no table %.schema_migrations in which to record the version: the script sets \
                    search_path to another schema; name schemas in it instead, or put search_path back at its end', \
                    current_schema() USING ERRCODE = '55000';\n  END IF;\nEND $$";
    let first_line = script.first_line + script.text[..at].matches('\n').count();
    let record =
        Script { first_line, joined: true, ..Script::new(script.path.clone(), question.into(), script.transaction) };
    Script { callbacks: Callbacks { behind: vec![record], ..Callbacks::default() }, ..script }
}

fn refused(Refusal { span, why }: Refusal) -> Cutting {
    Cutting::Refused { span, message: format!("dbmate stops at this file: {why}") }
}

/// Whether a transaction keeps no definition back.
fn commits_definitions(engine: EngineKind) -> bool {
    matches!(engine, EngineKind::Mysql | EngineKind::Mariadb)
}

/// A block with the line that begins it.
#[derive(Debug)]
struct Block<'t> {
    span: Range<usize>,
    options: &'t str,
}

#[derive(Debug)]
struct Blocks<'t> {
    up: Block<'t>,
    down: Block<'t>,
    /// The second pair of blocks, where there is one.
    second: Option<Second<'t>>,
}

/// A second pair of blocks: its up runs, and cannot be recorded.
#[derive(Debug)]
struct Second<'t> {
    block: Block<'t>,
    refusal: Refusal,
}

/// What the tool does not take, and why.
#[derive(Debug)]
struct Refusal {
    span: Range<usize>,
    why: &'static str,
}

fn blocks(text: &str) -> Result<Blocks<'_>, Refusal> {
    let refusal = |line: &Line<'_>, why| Refusal { span: line.span.start..line.span.start + line.text.len(), why };
    let beginning =
        |direction: &'static str| lines(text).filter_map(move |line| Some((options(line.text, direction)?, line)));
    let ups: Vec<_> = beginning("up").collect();
    let Some((up_options, up)) = ups.first() else {
        return Err(Refusal {
            span: 0..0,
            why: "it has no block `-- migrate:up`; write that line before its statements",
        });
    };
    let is_statement = |line: &Line<'_>| !line.text.trim().is_empty() && !line.text.trim_start().starts_with("--");
    if let Some(line) = lines(&text[..up.span.start]).find(is_statement) {
        return Err(refusal(&line, "a statement stands before `-- migrate:up`; move it behind that line"));
    }
    let downs: Vec<_> = beginning("down").filter(|(_, line)| line.span.start > up.span.start).collect();
    let section_end = ups.get(1).map_or(text.len(), |(_, second)| second.span.start);
    let Some((down_options, down)) = downs.first().filter(|(_, line)| line.span.start < section_end) else {
        let why = "it has no block `-- migrate:down` behind its `-- migrate:up`; write that line, even with nothing behind it";
        return Err(refusal(up, why));
    };
    let second = ups.get(1).map(|(options, line)| {
        let why = "the version is recorded behind each `-- migrate:up`, and a second time its table refuses it, so that the \
                   first part stays and this one fails (dbmate's issue 820), and the next `dbmate migrate` takes the file for \
                   done; give it a file of its own";
        let down = beginning("down").find(|(_, down)| down.span.start > line.span.start);
        let end = down.map_or(text.len(), |(_, down)| down.span.start);
        Second { block: Block { span: line.span.start..end, options }, refusal: refusal(line, why) }
    });
    if let Some((_, second)) = downs.get(1).filter(|(_, line)| line.span.start < section_end) {
        return Err(refusal(second, "`-- migrate:down` stands in it twice; put all that goes back into one block"));
    }
    Ok(Blocks {
        up: Block { span: up.span.start..down.span.start, options: up_options },
        down: Block { span: down.span.start..section_end, options: down_options },
        second,
    })
}

#[cfg(test)]
mod tests {
    use crate::history::sandbox::{Sandbox, outline};

    use super::*;

    const BOTH: &str = "-- migrate:up\nSELECT 1;\n\n-- migrate:down\nSELECT 2;\n";

    fn read(text: &str, engine: EngineKind) -> Migration {
        let folder = Sandbox::empty();
        folder.write("migrations/1_a.sql", text);
        Dbmate.read(&folder.listing(), engine).unwrap().migrations.remove(0)
    }

    #[test]
    fn names_order_as_text_and_versions_are_their_digits() {
        let files = [
            "9_b.sql",
            "10_a.sql",
            "010_z.sql",
            "10 with spaces.sql",
            "10.sql",
            "11_views.sql.sql",
            "seed.sql",
            "12_x.SQL",
            "13/a.sql",
        ];
        let folder = Sandbox::empty();
        for file in files {
            folder.write(&format!("migrations/{file}"), BOTH);
        }
        let expected = [
            "010_z = 010 up down",
            "10 with spaces = 10 up down",
            "10 = 10 up down",
            "10_a = 10 up down",
            "11_views.sql = 11 up down",
            "9_b = 9 up down",
            "12_x.SQL: its name is not digits, anything and .sql",
            "13: it is a folder, and dbmate does not look into folders",
            "seed.sql: its name is not digits, anything and .sql",
        ];
        assert_eq!(outline(&Dbmate.read(&folder.listing(), EngineKind::Postgres).unwrap()), expected);
        assert_eq!(Dbmate.recognise(&folder.listing(), &Nearby::default()).unwrap().scripts, 6);
    }

    #[test]
    fn each_block_begins_with_its_line() {
        let migration = read(&format!("-- about\n\n{BOTH}"), EngineKind::Postgres);
        let down = migration.down.unwrap();
        assert_eq!((migration.up.first_line, &*migration.up.text), (3, "-- migrate:up\nSELECT 1;\n\n"));
        assert_eq!((down.first_line, &*down.text), (6, "-- migrate:down\nSELECT 2;\n"));
        assert_eq!(migration.up.cutting, Cutting::Server);
    }

    #[test]
    fn each_block_has_its_own_transaction() {
        use EngineKind::{Mysql, Postgres, Sqlite};
        use TransactionMode::{Autocommit, Batch, Wrapped, WrappedOnce};
        let cases = [
            ("-- migrate:up", Postgres, WrappedOnce),
            ("-- migrate:up", Mysql, Wrapped),
            ("-- migrate:up transaction:false", Postgres, Batch),
            ("--migrate:up  a:b transaction:false\r", Sqlite, Autocommit),
            ("-- migrate:up transaction:false", Mysql, Autocommit),
            ("-- migrate:up transaction:true", Postgres, WrappedOnce),
            ("-- migrate:up transaction=false", Postgres, WrappedOnce),
            ("-- migrate:up transaction:false:x", Postgres, WrappedOnce),
        ];
        for (line, engine, expected) in cases {
            let migration = read(&format!("{line}\nSELECT 1;\n-- migrate:down\n"), engine);
            assert_eq!(migration.up.transaction, expected, "{line}");
            let wrapped = if engine == Postgres { WrappedOnce } else { Wrapped };
            assert_eq!(migration.down.unwrap().transaction, wrapped);
        }
    }

    #[test]
    fn a_second_pair_fails_when_the_first_has_run() {
        let migration =
            read("-- migrate:up\nA;\n-- migrate:down\nB;\n-- migrate:up\nC;\n-- migrate:down\n", EngineKind::Mysql);
        let parts: Vec<_> = migration.up.parts().map(|part| (part.first_line, &*part.text)).collect();
        let second = "-- migrate:up\nC;\n";
        assert_eq!(parts, [(1, "-- migrate:up\nA;\n"), (5, second), (5, second)], "what it commits stays");
        assert!(
            matches!(&migration.up.then[1].cutting, Cutting::Refused { message, .. } if message.contains("issue 820"))
        );
        assert_eq!(&*migration.down.unwrap().text, "-- migrate:down\nB;\n");
    }

    #[test]
    fn what_the_tool_refuses_is_told_with_its_place() {
        let cases = [
            ("SELECT 1;\n", "", "it has no block `-- migrate:up`"),
            ("-- migrate:upwards\n", "", "it has no block `-- migrate:up`"),
            (" -- migrate:up\n", "", "it has no block `-- migrate:up`"),
            ("-- migrate:up\nSELECT 1;\n", "-- migrate:up", "it has no block `-- migrate:down`"),
            ("-- migrate:down\n-- migrate:up\n", "-- migrate:up", "it has no block `-- migrate:down`"),
            ("SELECT 0;\n-- migrate:up\n-- migrate:down\n", "SELECT 0;", "a statement stands before"),
            (
                "-- migrate:up\n-- migrate:down\n-- migrate:down x\n",
                "-- migrate:down x",
                "`-- migrate:down` stands in it twice",
            ),
        ];
        for (text, place, why) in cases {
            let up = read(text, EngineKind::Sqlite).up;
            let Cutting::Refused { span, message } = &up.cutting else { panic!("{text}") };
            assert_eq!(&up.text[span.clone()], place);
            assert!(message.starts_with(&format!("dbmate stops at this file: {why}")), "{message}");
        }
    }
}
