//! Servers from binaries of this machine: that nothing of them is left, however their owner ends.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use rollproof::provision::sweep;
use sqlx::{Connection, PgConnection};

use super::hold::Holder;
use super::local::{ask, start};
use super::places::Ground;
use super::{Test, block_on, processes_in};

pub(crate) const TESTS: &[Test] = &[
    ("local_leaves_nothing_after_drop", leaves_nothing_after_drop),
    ("local_leaves_nothing_after_panic", leaves_nothing_after_panic),
    ("local_leaves_nothing_when_start_is_cut_off", leaves_nothing_when_start_is_cut_off),
    ("local_leaves_nothing_when_busy", leaves_nothing_when_busy),
    ("local_interrupts_end_in_order", interrupts_end_in_order),
    ("local_killed_owner_leaves_no_server", killed_owner_leaves_no_server),
    ("local_sweep_ends_abandoned_servers_only", sweep_ends_abandoned_servers_only),
    ("local_says_when_the_server_died", says_when_the_server_died),
];

fn leaves_nothing_after_drop() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let server = start(&ground).await;
        let _busy = PgConnection::connect_with(server.postgres_admin_options().unwrap()).await.unwrap();
        assert!(!processes_in(&ground.runs()).is_empty(), "the check for processes sees none");
        drop(server);
    });
    ground.assert_nothing_left();
    Ok(())
}

fn leaves_nothing_after_panic() -> Result<(), Failed> {
    let ground = Ground::new();
    let end = catch_unwind(AssertUnwindSafe(|| {
        block_on(async {
            let _server = start(&ground).await;
            std::panic::resume_unwind(Box::new("on purpose"));
        });
    }));
    assert_eq!(end.unwrap_err().downcast_ref::<&str>(), Some(&"on purpose"));
    ground.assert_nothing_left();
    Ok(())
}

fn leaves_nothing_when_start_is_cut_off() -> Result<(), Failed> {
    let ground = Ground::new();
    let before = shared_memory_files();
    block_on(async {
        // In initdb, between it and the server, while the server starts; the later ones with a seed.
        for patience in [20, 100, 200, 300, 400, 500, 30, 60, 90] {
            let _ = tokio::time::timeout(Duration::from_millis(patience), start(&ground)).await;
            ground.wait_until_no_process();
            assert!(ground.run_folders().is_empty(), "after {patience} ms");
        }
    });
    // Other tests start servers at the same time; their files go away with them, what was left behind stays.
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut new: BTreeSet<OsString> = shared_memory_files().difference(&before).cloned().collect();
    while !new.is_empty() {
        assert!(Instant::now() < deadline, "shared memory is left in /dev/shm: {new:?}");
        std::thread::sleep(Duration::from_millis(20));
        let now = shared_memory_files();
        new.retain(|file| now.contains(file));
    }
    Ok(())
}

/// The files that PostgreSQL programs keep in shared memory, but for those of servers that were set up by others.
fn shared_memory_files() -> BTreeSet<OsString> {
    let names = fs::read_dir("/dev/shm").into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.filter(|name| name.to_string_lossy().starts_with("PostgreSQL.")).collect()
}

fn leaves_nothing_when_busy() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let server = start(&ground).await;
        let mut connection = PgConnection::connect_with(server.postgres_admin_options().unwrap()).await.unwrap();
        let endless = sqlx::raw_sql("DO $$ BEGIN LOOP END LOOP; END $$").execute(&mut connection);
        assert!(tokio::time::timeout(Duration::from_millis(100), endless).await.is_err());
        let begin = Instant::now();
        drop(server);
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    });
    ground.assert_nothing_left();
    Ok(())
}

fn interrupts_end_in_order() -> Result<(), Failed> {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let ground = Ground::new();
        let holder = Holder::start(&ground, None);
        assert!(!processes_in(&ground.runs()).is_empty());
        assert_eq!(holder.end_with(signal), Some(code));
        ground.assert_nothing_left();
    }
    Ok(())
}

fn killed_owner_leaves_no_server() -> Result<(), Failed> {
    let ground = Ground::new();
    let holder = Holder::start(&ground, None);
    assert!(!processes_in(&ground.runs()).is_empty());
    assert_eq!(holder.end_with("-KILL"), None);
    ground.wait_until_no_process();
    assert_eq!(ground.run_folders().len(), 1, "its folder stays for the sweep");
    block_on(async {
        let server = start(&ground).await;
        assert_eq!(ground.run_folders().len(), 1, "the next start removed it");
        drop(server);
    });
    ground.assert_nothing_left();
    Ok(())
}

fn sweep_ends_abandoned_servers_only() -> Result<(), Failed> {
    let ground = Ground::new();
    let holder = Holder::start(&ground, None);
    let abandoned = ground.run_folders().pop().unwrap();
    block_on(async {
        let mut server = start(&ground).await;
        assert_eq!(ground.run_folders().len(), 2, "a living owner's folder stays");
        // As if the owner had died where nothing signals its children.
        let file = abandoned.join("owner");
        let text = fs::read_to_string(&file).unwrap().replace(&holder.process.id().to_string(), "4194305");
        fs::write(&file, text).unwrap();
        assert!(!processes_in(&abandoned).is_empty());
        assert_eq!(sweep(&ground.places()), std::slice::from_ref(&abandoned));
        assert!(processes_in(&abandoned).is_empty());
        assert!(!abandoned.exists() && server.is_alive().await);
        assert_eq!(ask(server.postgres_admin_options().unwrap(), "SELECT 'still here'").await, "still here");
    });
    ground.assert_nothing_left();
    Ok(())
}

fn says_when_the_server_died() -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let mut server = start(&ground).await;
        let file = ground.run_folders()[0].join("data/postmaster.pid");
        let text = fs::read_to_string(file).unwrap();
        let pid = text.lines().next().unwrap();
        let segment = text.lines().nth(6).unwrap().split_whitespace().nth(1).unwrap();
        assert!(segments().contains(&segment.to_owned()), "{segment}");
        assert!(server.is_alive().await);
        assert!(std::process::Command::new("kill").args(["-KILL", pid]).status().unwrap().success());
        let deadline = Instant::now() + Duration::from_secs(5);
        while server.is_alive().await {
            assert!(Instant::now() < deadline);
        }
        assert!(server.log_tail(50).await.iter().any(|line| line.contains("ready to accept connections")));
        drop(server);
        assert!(!segments().contains(&segment.to_owned()), "its shared memory is left");
    });
    ground.wait_until_no_process();
    ground.assert_nothing_left();
    Ok(())
}

/// The ids of the System V shared memory segments of this machine.
fn segments() -> Vec<String> {
    let table = fs::read_to_string("/proc/sysvipc/shm").unwrap();
    table.lines().filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect()
}
