//! Ctrl-C and the wish of a CI system to end the job.

use std::future::{Future, pending};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for SIGINT (130) or SIGTERM (143); gives the exit code that says so.
///
/// The signals are caught from the call on, not from the first poll: call it before anything is started, race the
/// pipeline against it, and afterwards call [`super::Server::stop`] with a timeout. A second signal during the cleanup
/// does nothing. Must be called inside a tokio runtime with its I/O driver. Where the system refuses to have a signal caught,
/// it ends the process as ever, and what was started ends with it or is swept by the next run.
pub fn interrupted() -> impl Future<Output = i32> {
    let interrupt = signal(SignalKind::interrupt()).ok();
    let terminate = signal(SignalKind::terminate()).ok();
    async move {
        tokio::select! {
            () = received(interrupt) => 130,
            () = received(terminate) => 143,
        }
    }
}

async fn received(signal: Option<Signal>) {
    if let Some(mut signal) = signal
        && signal.recv().await.is_some()
    {
        return;
    }
    pending::<()>().await;
}
