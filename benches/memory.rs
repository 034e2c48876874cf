//! What the snapshots of a long history hold in memory: many tables, and a snapshot after each of many small changes, all of
//! them kept.
//!
//!     cargo bench --bench memory [-- --tables N] [--snapshots N] [--limit MEGABYTES]
//!
//! It fails when the process has ever held more than the limit. A debug build proves each partial reading by a whole one
//! and is of no use here.

#![expect(clippy::print_stdout, reason = "what was measured is the output")]

use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use rollproof::engine::postgres::{Postgres, Terms};
use rollproof::engine::{Engine as _, EngineError, Moment, SessionSpec};
use rollproof::history::EngineKind;
use rollproof::provision::{Address, Mode, Wanted, provide};
use rollproof::schema::{Diff, Snapshot};

/// Tables of ten columns with two indexes besides the key, and a foreign key to the table before.
const TABLE: &str = "CREATE TABLE t%1$s (\
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint REFERENCES t%2$s, \
    name text NOT NULL, state varchar(20) NOT NULL DEFAULT ''new'', amount numeric(12, 2) CHECK (amount >= 0), \
    created timestamptz NOT NULL DEFAULT now(), updated timestamptz, note text, flags integer[] NOT NULL DEFAULT ''{}'', \
    payload jsonb); CREATE INDEX ON t%1$s (parent); CREATE INDEX ON t%1$s (state, created)";

/// Small changes as migrations make them; each table gets them all before the next.
const CHANGES: &[&str] = &[
    "ALTER TABLE {} ADD COLUMN extra text NOT NULL DEFAULT ''",
    "CREATE INDEX {}_extra ON {} (extra)",
    "ALTER TABLE {} ALTER COLUMN note SET DEFAULT 'none'",
    "ALTER TABLE {} ADD CONSTRAINT {}_note CHECK (length(note) < 1000)",
    "COMMENT ON COLUMN {}.extra IS 'what came later'",
    "ALTER TABLE {} ALTER COLUMN state TYPE varchar(40)",
    "DROP INDEX {}_extra",
    "ALTER TABLE {} DROP COLUMN payload",
];

struct Size {
    tables: usize,
    snapshots: usize,
    limit: usize,
}

fn main() -> ExitCode {
    let mut size = Size { tables: 2_000, snapshots: 5_000, limit: 300 };
    let mut args = std::env::args().skip(1);
    if args.any(|arg| arg == "--list") {
        // Test runners ask what there is to run.
        return ExitCode::SUCCESS;
    }
    let mut args = std::env::args().skip(1);
    if !std::env::args().any(|arg| arg == "--bench") {
        // `cargo test --all-targets` runs this too, with flags of its own: whether it works is all that is asked.
        size = Size { tables: 8, snapshots: 16, limit: 300 };
        args.by_ref().for_each(drop);
    }
    while let Some(arg) = args.next() {
        let of = match arg.as_str() {
            "--tables" => &mut size.tables,
            "--snapshots" => &mut size.snapshots,
            "--limit" => &mut size.limit,
            // Cargo says so to every bench.
            "--bench" => continue,
            other => {
                println!("there is no flag {other}; there are --tables, --snapshots and --limit");
                return ExitCode::from(2);
            }
        };
        match args.next().and_then(|number| number.parse().ok()) {
            Some(number) => *of = number,
            None => {
                println!("{arg} wants a number");
                return ExitCode::from(2);
            }
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match runtime.block_on(measure(&size)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("cannot measure: {error}");
            ExitCode::from(2)
        }
    }
}

async fn measure(size: &Size) -> Result<bool, Box<dyn std::error::Error>> {
    if cfg!(debug_assertions) {
        println!("a debug build: these are not the figures of the program");
    }
    let wanted = Wanted { mode: Mode::Local, ..Wanted::new(EngineKind::Postgres) };
    let server = provide(&wanted, &|_| ()).await?;
    let Address::Postgres { admin, .. } = server.address() else { return Err("no PostgreSQL".into()) };
    let prefix = server.database_prefix().to_owned();
    let terms = Terms { owned: true, allow_cluster_objects: false, prefix, owner: None };
    let mut engine = Postgres::create((**admin).clone(), terms).await?;
    println!("PostgreSQL {}, {} tables", server.version, size.tables);

    // Each in a transaction of its own would take longer; all in one would lock too much.
    for first in (0..size.tables).step_by(100) {
        let last = (first + 100).min(size.tables) - 1;
        let make = format!(
            "DO $$ BEGIN FOR n IN {first}..{last} LOOP EXECUTE format('{TABLE}', n, greatest(n - 1, 0)); END LOOP; END $$"
        );
        step(&mut engine, &make).await?;
    }
    let start = resident();
    let clock = Instant::now();
    let mut snapshots = vec![engine.snapshot(Moment::Committed).await?];
    let whole = clock.elapsed().as_secs_f64() * 1000.0;
    let first = resident();
    let objects = snapshots[0].len();
    println!("before the first snapshot {}, after it {}", megabytes(start.now), megabytes(first.now));
    println!("{objects} objects, read in {whole:.0} ms, {} bytes an object", (first.now - start.now) / objects.max(1));

    let mut reading = 0.0;
    for number in 1..=size.snapshots {
        let table = format!("t{}", (number - 1) / CHANGES.len() % size.tables);
        let change = CHANGES[(number - 1) % CHANGES.len()].replace("{}", &table);
        let clock = Instant::now();
        snapshots.push(step(&mut engine, &change).await?);
        reading += clock.elapsed().as_secs_f64() * 1000.0;
    }
    let end = resident();
    let steps = size.snapshots.max(1);
    println!("{} snapshots later {}, at most {}", size.snapshots, megabytes(end.now), megabytes(end.most));
    println!("{} bytes a snapshot", end.now.saturating_sub(first.now) / steps);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let each = reading / steps as f64;
    println!("{each:.1} ms for a change, its commit and its snapshot");

    let (bytes, told) = differences(&snapshots);
    println!(
        "the differences of each snapshot from the one before, as a trace holds them: {told} changes, {bytes} bytes"
    );
    engine.close().await?;
    server.stop().await?;
    let fits = end.most <= size.limit * 1_000_000;
    if !fits {
        println!("that is more than {} MB", size.limit);
    }
    Ok(fits)
}

/// A transaction as the replay makes one, and the snapshot after it.
async fn step(engine: &mut Postgres, sql: &str) -> Result<Snapshot, EngineError> {
    engine.open_session(&SessionSpec::default()).await?;
    engine.begin().await?;
    let statements = engine.split(sql).map_err(|error| EngineError::unexpected(error.message))?;
    for statement in &statements {
        engine.execute(sql, statement).await?;
    }
    engine.commit().await?;
    engine.snapshot(Moment::Committed).await
}

/// What a trace keeps beside snapshots: how much memory the differences take, and how many changes they tell.
fn differences(snapshots: &[Snapshot]) -> (usize, usize) {
    let before = resident();
    let diffs: Vec<Diff> = snapshots.windows(2).map(|pair| Diff::between(&pair[0], &pair[1])).collect();
    let told = diffs.iter().map(|diff| diff.changes.len()).sum();
    (resident().now.saturating_sub(before.now), told)
}

/// What this process holds, in bytes, now and at most.
#[derive(Clone, Copy)]
struct Resident {
    now: usize,
    most: usize,
}

fn resident() -> Resident {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok()).unwrap_or_default()
    };
    Resident { now: kilobytes("VmRSS") * 1024, most: kilobytes("VmHWM") * 1024 }
}

fn megabytes(bytes: usize) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
