//! Where the conversation with the container engine goes on, whatever becomes of the one who began it.
//!
//! A future that is dropped in the middle of a request leaves the engine to finish it, and a container behind that nobody
//! knows. So everything that makes or removes something runs on threads of its own, to its end. More than one thread,
//! because testcontainers blocks the one on which a container is dropped.

use std::future::Future;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// Lives as long as the process: the connections to the engine are tied to it.
static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();

fn runtime() -> io::Result<&'static Runtime> {
    let make = || Builder::new_multi_thread().worker_threads(2).thread_name("container-engine").enable_all().build();
    let runtime = RUNTIME.get_or_init(|| make().map_err(|error| error.to_string()));
    runtime.as_ref().map_err(|error| io::Error::other(error.clone()))
}

/// Runs `work` to its end, also when the caller is dropped before.
///
/// # Errors
/// When threads cannot be had, or the work panicked.
pub(super) async fn finish<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> io::Result<T> {
    runtime()?.spawn(work).await.map_err(io::Error::other)
}

/// Runs `work`, and stops it when the caller is dropped.
///
/// # Errors
/// As [`finish`].
pub(super) async fn attempt<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> io::Result<T> {
    let mut task = Stopping(runtime()?.spawn(work));
    (&mut task.0).await.map_err(io::Error::other)
}

struct Stopping<T>(JoinHandle<T>);

impl<T> Drop for Stopping<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs `work` while the calling thread waits for it, at most for `patience`; the work itself goes on. For guards,
/// which cannot await. `None` when it did not end in time.
pub(super) fn wait<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static, patience: Duration) -> Option<T> {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    runtime().ok()?.spawn(async move {
        let _ = sender.send(work.await);
    });
    receiver.recv_timeout(patience).ok()
}
