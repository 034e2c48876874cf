//! Ctrl-C, the wish of a CI system to end the job, and a terminal that goes away.

use std::future::{Future, pending};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for SIGINT (130), SIGTERM (143), SIGHUP (129) or SIGQUIT (131); gives the exit code that says so.
///
/// The signals are caught from the call on, not from the first poll: call it before anything is started, race the
/// pipeline against it, and afterwards call [`super::Server::stop`] with a timeout. A second signal during the cleanup
/// does nothing. Must be called inside a tokio runtime with its I/O driver. Where the system refuses to have a signal caught,
/// it ends the process as ever, and what was started ends with it or is swept by the next run.
pub fn interrupted() -> impl Future<Output = i32> {
    let interrupt = signal(SignalKind::interrupt()).ok();
    let terminate = signal(SignalKind::terminate()).ok();
    let hangup = hangup();
    let quit = signal(SignalKind::quit()).ok();
    async move {
        tokio::select! {
            () = received(interrupt) => 130,
            () = received(terminate) => 143,
            () = received(hangup) => 129,
            () = received(quit) => 131,
        }
    }
}

/// `nohup` has a program ignore that its terminal goes away, and it stays so.
fn hangup() -> Option<Signal> {
    let ignored = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?.trim().to_owned();
        u64::from_str_radix(&mask, 16).ok()
    });
    // Bit 0 stands for signal 1, which is SIGHUP (proc(5)).
    let ignored = ignored.is_some_and(|mask| mask & 1 == 1);
    if ignored { None } else { signal(SignalKind::hangup()).ok() }
}

async fn received(signal: Option<Signal>) {
    if let Some(mut signal) = signal
        && signal.recv().await.is_some()
    {
        return;
    }
    pending::<()>().await;
}
