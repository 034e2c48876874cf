//! A run as `check` and `lint` have it: from what was typed to what is printed, raced with the signals that end a job.

use std::pin::{Pin, pin};
use std::time::Duration;

use super::Output;
use super::github;
use super::progress::{Progress, ProgressMode};
use super::recording::{RecordingArgs, prepare};
use super::reports::{ReportArgs, not_begun, refused, reported};
use crate::provision::interrupted;
use crate::replay::Event;
use crate::run::{self, Settings};

/// Long enough for the runtime to look for signals once.
const A_LOOK: Duration = Duration::from_millis(1);

/// Runs what the settings say, writes its reports and records it. A signal ends it at any moment: what was started is gone
/// before this returns, and the exit code is that of the signal and not the verdict.
pub(super) async fn run(
    reports: &ReportArgs,
    recording: &RecordingArgs,
    shown: ProgressMode,
    settings: impl FnOnce() -> Result<Settings, String>,
) -> Output {
    // Where one file has two uses, writing to it would destroy what is there.
    if let Err(message) = reports.check().and_then(|()| recording.check(reports)) {
        return refused(reports, &message);
    }
    let settings = match settings() {
        Ok(settings) => settings,
        Err(message) => return not_begun(reports, message),
    };
    let mut signals = pin!(interrupted());
    let work = async {
        let recording = prepare(recording).await;
        let mut progress = Progress::new(shown);
        if let Some(warning) = recording.warning() {
            progress.say(&warning);
        }
        let report = run::run(&settings, &mut |event: &Event| progress.handle(event)).await;
        (recording, report)
    };
    // Dropping the work drops its guards: servers, folders, databases and the git that is asked.
    let (recording, report) = match raced(work, signals.as_mut()).await {
        Ok(done) => done,
        Err(code) => return interruption(Output::default(), code),
    };
    let mut output = reported(reports, &report);
    // A ledger that another process keeps locked is waited for; the reports are written already.
    let recorded = raced(recording.finish(&report, settings, &mut output), signals).await;
    match recorded {
        Ok(()) if reports.github => github::tell(&report, &mut output),
        Ok(()) => {}
        Err(code) => {
            output = interruption(output, code);
            if reports.github {
                github::silence(&mut output);
            }
        }
    }
    output
}

/// What the work comes to, or what is to be printed where a signal ended it: what it had started is gone.
pub(super) async fn until_interrupted<T>(work: impl Future<Output = T>) -> Result<T, Output> {
    let signals = pin!(interrupted());
    raced(work, signals).await.map_err(|code| interruption(Output::default(), code))
}

/// What the work comes to, or the exit code of the signal that came while it was done.
async fn raced<T>(work: impl Future<Output = T>, mut signals: Pin<&mut impl Future<Output = i32>>) -> Result<T, i32> {
    let done = tokio::select! {
        biased;
        code = &mut signals => return Err(code),
        done = work => done,
    };
    // Work that waits for nothing leaves the runtime no moment to hear of a signal, which is then still to be heard of.
    tokio::select! {
        biased;
        code = signals => Err(code),
        () = tokio::time::sleep(A_LOOK) => Ok(done),
    }
}

fn interruption(output: Output, code: i32) -> Output {
    let stderr = output.stderr + "interrupted; everything that was started is gone\n";
    Output { stderr, code: u8::try_from(code).unwrap_or(130), ..output }
}
