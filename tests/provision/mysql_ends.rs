//! MySQL and MariaDB from binaries of this machine: that nothing of them is left, however their owner ends.

use std::fs;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use rollproof::provision::{Wanted, sweep};
use sqlx::{Connection, MySqlConnection};

use super::hold::Holder;
use super::mysql::{Test, admin, ask, start};
use super::places::Ground;
use super::{block_on, processes_in};

pub(crate) const TESTS: &[Test] = &[
    ("leaves_nothing_after_drop", leaves_nothing_after_drop),
    ("leaves_nothing_when_start_is_cut_off", leaves_nothing_when_start_is_cut_off),
    ("interrupts_end_in_order", interrupts_end_in_order),
    ("killed_owner_leaves_no_server", killed_owner_leaves_no_server),
    ("sweep_ends_abandoned_servers_only", sweep_ends_abandoned_servers_only),
    ("says_when_the_server_died", says_when_the_server_died),
];

fn leaves_nothing_after_drop(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let server = start(wanted, &ground).await;
        let mut busy = MySqlConnection::connect_with(admin(&server)).await.unwrap();
        let endless = sqlx::raw_sql("SELECT SLEEP(1000)").execute(&mut busy);
        assert!(tokio::time::timeout(Duration::from_millis(100), endless).await.is_err());
        assert!(!processes_in(&ground.runs()).is_empty(), "the check for processes sees none");
        let begin = Instant::now();
        drop(server);
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    });
    ground.assert_nothing_left();
    Ok(())
}

fn leaves_nothing_when_start_is_cut_off(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        // While the data is made, between that and the server, while the server starts; the later ones with a seed.
        for patience in [20, 100, 300, 600, 1500, 4000, 30, 100, 200, 400] {
            let _ = tokio::time::timeout(Duration::from_millis(patience), start(wanted, &ground)).await;
            ground.wait_until_no_process();
            assert!(ground.run_folders().is_empty(), "after {patience} ms");
        }
    });
    Ok(())
}

fn interrupts_end_in_order(wanted: &Wanted) -> Result<(), Failed> {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let ground = Ground::new();
        let holder = Holder::start_local(&ground, wanted);
        assert!(!processes_in(&ground.runs()).is_empty());
        assert_eq!(holder.end_with(signal), Some(code));
        ground.assert_nothing_left();
    }
    Ok(())
}

fn killed_owner_leaves_no_server(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    let holder = Holder::start_local(&ground, wanted);
    assert!(!processes_in(&ground.runs()).is_empty());
    assert_eq!(holder.end_with("-KILL"), None);
    ground.wait_until_no_process();
    assert_eq!(ground.run_folders().len(), 1, "its folder stays for the sweep");
    block_on(async {
        let server = start(wanted, &ground).await;
        assert_eq!(ground.run_folders().len(), 1, "the next start removed it");
        drop(server);
    });
    ground.assert_nothing_left();
    Ok(())
}

fn sweep_ends_abandoned_servers_only(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    let holder = Holder::start_local(&ground, wanted);
    let abandoned = ground.run_folders().pop().unwrap();
    block_on(async {
        let mut server = start(wanted, &ground).await;
        assert_eq!(ground.run_folders().len(), 2, "a living owner's folder stays");
        // As if the owner had died where nothing signals its children.
        let file = abandoned.join("owner");
        let text = fs::read_to_string(&file).unwrap().replace(&holder.process.id().to_string(), "4194305");
        fs::write(&file, text).unwrap();
        assert!(!processes_in(&abandoned).is_empty());
        assert_eq!(sweep(&ground.places()), std::slice::from_ref(&abandoned));
        assert!(processes_in(&abandoned).is_empty());
        assert!(!abandoned.exists() && server.is_alive().await);
        assert_eq!(ask(admin(&server), "'still here'").await, "still here");
    });
    ground.assert_nothing_left();
    Ok(())
}

fn says_when_the_server_died(wanted: &Wanted) -> Result<(), Failed> {
    let ground = Ground::new();
    block_on(async {
        let mut server = start(wanted, &ground).await;
        let pid = fs::read_to_string(ground.run_folders()[0].join("socket/pid")).unwrap();
        assert!(server.is_alive().await);
        assert!(std::process::Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap().success());
        let deadline = Instant::now() + Duration::from_secs(5);
        while server.is_alive().await {
            assert!(Instant::now() < deadline);
        }
        assert!(server.log_tail(50).await.iter().any(|line| line.contains("ready for connections")));
        drop(server);
    });
    ground.assert_nothing_left();
    Ok(())
}
