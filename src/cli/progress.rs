//! What a person sees while a check runs: a bar on a terminal, a line now and then in a log. Standard output stays free
//! for reports; everything here goes to standard error.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::replay::{Event, Outcome};
use crate::report::{counted, one_clean_line, without_commands};

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ProgressMode {
    /// A bar where standard error is a terminal, else plain lines.
    #[default]
    Auto,
    /// A bar. Where standard error is no terminal nothing is drawn.
    Bar,
    /// A line at the start, one every few seconds, one at the end.
    Plain,
    /// Nothing.
    None,
}

/// Shows the events of a replay as they come.
pub struct Progress {
    display: Display,
    tally: Tally,
}

enum Display {
    Bar(ProgressBar),
    Lines { out: Box<dyn Write + Send>, pace: Pace },
    Nothing,
}

impl Progress {
    /// A display on standard error.
    pub fn new(mode: ProgressMode) -> Self {
        let display = match mode {
            ProgressMode::Auto if io::stderr().is_terminal() => Display::Bar(bar()),
            ProgressMode::Bar => Display::Bar(bar()),
            ProgressMode::Auto | ProgressMode::Plain => lines(Box::new(io::stderr())),
            ProgressMode::None => Display::Nothing,
        };
        Self { display, tally: Tally::default() }
    }

    /// Plain lines to another place than standard error.
    pub fn plain_to(out: Box<dyn Write + Send>) -> Self {
        Self { display: lines(out), tally: Tally::default() }
    }

    /// Shows a line that cannot wait for the end.
    pub fn say(&mut self, line: &str) {
        // As in each line: a name in it is no command to a CI runner.
        let line = without_commands(&one_clean_line(line));
        match &mut self.display {
            Display::Bar(bar) => bar.println(line),
            Display::Lines { out, .. } => {
                writeln!(out, "{line}").ok();
            }
            Display::Nothing => {}
        }
    }

    /// Shows one event.
    pub fn handle(&mut self, event: &Event) {
        self.handle_at(event, Instant::now());
    }

    fn handle_at(&mut self, event: &Event, now: Instant) {
        self.tally.count(event);
        match &mut self.display {
            Display::Bar(bar) => draw(bar, &self.tally, event),
            Display::Lines { out, pace } => {
                if let Some(line) = pace.line(&self.tally, event, now) {
                    // A log that cannot be written to must not end the check. A name in it is no command to a CI runner.
                    writeln!(out, "{}", without_commands(&line)).ok();
                }
            }
            Display::Nothing => {}
        }
    }
}

impl Drop for Progress {
    /// Takes the bar off the terminal, also when the check ends early.
    fn drop(&mut self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }
}

fn lines(out: Box<dyn Write + Send>) -> Display {
    Display::Lines { out, pace: Pace::default() }
}

/// What was seen so far. Databases that are checked at the same time are counted together.
#[derive(Default)]
struct Tally {
    open: usize,
    planned: usize,
    finished: usize,
    failed: usize,
    skipped: usize,
}

impl Tally {
    fn count(&mut self, event: &Event) {
        match event {
            Event::DatabaseStarted { steps, .. } => {
                if self.open == 0 {
                    *self = Self::default();
                }
                self.open += 1;
                self.planned += steps;
            }
            Event::StepFinished { outcome, .. } => {
                self.finished += 1;
                match outcome {
                    Outcome::Passed => {}
                    Outcome::Failed => self.failed += 1,
                    Outcome::Skipped => self.skipped += 1,
                }
            }
            Event::DatabaseFinished { .. } => self.open = self.open.saturating_sub(1),
            Event::Preparing { .. }
            | Event::ServerReady { .. }
            | Event::StepStarted { .. }
            | Event::Restoring { .. } => {}
        }
    }

    /// How many steps there are; a plan that turns out too short grows.
    fn total(&self) -> usize {
        self.planned.max(self.finished)
    }

    /// Whole tenths of the plan that are done.
    fn tenths(&self) -> usize {
        (self.finished * 10).checked_div(self.total()).unwrap_or(0)
    }

    /// `, 1 failed, 2 skipped`; what is none is left out.
    fn troubles(&self) -> String {
        let told = |count: usize, word: &str| if count > 0 { format!(", {count} {word}") } else { String::new() };
        told(self.failed, "failed") + &told(self.skipped, "skipped")
    }
}

/// When the last line was written, so that a log gets few: one every five seconds, or one a tenth of the way if a second
/// has passed.
#[derive(Default)]
struct Pace {
    started: Option<Instant>,
    last: Option<Instant>,
    tenths: usize,
}

impl Pace {
    const LONGEST_SILENCE: Duration = Duration::from_secs(5);
    const SHORTEST_SILENCE: Duration = Duration::from_secs(1);

    fn line(&mut self, tally: &Tally, event: &Event, now: Instant) -> Option<String> {
        let line = match event {
            Event::DatabaseStarted { database, steps } => {
                if tally.open == 1 {
                    (self.started, self.tenths) = (Some(now), 0);
                }
                format!("{}: {}", one_clean_line(database), counted(*steps, "step"))
            }
            Event::Preparing { what } => one_clean_line(what),
            Event::ServerReady { server, provision, millis } => {
                format!("{} is ready ({provision}, {millis:.0} ms)", one_clean_line(server))
            }
            Event::StepFinished { migration, phase, .. } => {
                let silence = self.last.map_or(Duration::MAX, |last| now.saturating_duration_since(last));
                let tenth = tally.tenths() > self.tenths && silence >= Self::SHORTEST_SILENCE;
                if !tenth && silence < Self::LONGEST_SILENCE {
                    return None;
                }
                self.tenths = tally.tenths();
                let (done, total) = (tally.finished, tally.total());
                format!(
                    "{done} of {}{}; {} {}",
                    counted(total, "step"),
                    tally.troubles(),
                    phase.word(),
                    one_clean_line(migration)
                )
            }
            Event::DatabaseFinished { database } => {
                let seconds = self.started.map_or(0.0, |start| now.saturating_duration_since(start).as_secs_f64());
                let (done, troubles) = (counted(tally.finished, "step"), tally.troubles());
                format!("{}: finished, {done}{troubles} in {seconds:.1} s", one_clean_line(database))
            }
            Event::StepStarted { .. } | Event::Restoring { .. } => return None,
        };
        self.last = Some(now);
        Some(line)
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    // Without the template the library's own style shows.
    if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} {elapsed} {wide_msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

/// What is going on, in the message of the bar.
fn draw(bar: &ProgressBar, tally: &Tally, event: &Event) {
    match event {
        Event::DatabaseStarted { database, .. } => {
            if tally.open == 1 {
                bar.reset();
            }
            bar.set_prefix(one_clean_line(database));
            bar.set_message("waiting for a server");
            // A long step must not look like a hang.
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Event::Preparing { what } => bar.set_message(one_clean_line(what)),
        Event::ServerReady { server, provision, .. } => {
            bar.set_message(format!("{} ({provision})", one_clean_line(server)));
        }
        Event::StepStarted { migration, phase } => {
            bar.set_message(format!("{} {}", phase.word(), one_clean_line(migration)));
        }
        Event::StepFinished { .. } => {}
        Event::Restoring { how } => bar.set_message(one_clean_line(how)),
        Event::DatabaseFinished { .. } => {
            if tally.open == 0 {
                bar.finish_and_clear();
                return;
            }
        }
    }
    bar.set_length(tally.total() as u64);
    bar.set_position(tally.finished as u64);
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::replay::Phase;

    fn started(database: &str, steps: usize) -> Event {
        Event::DatabaseStarted { database: database.to_owned(), steps }
    }

    fn finished(number: usize, outcome: Outcome) -> Event {
        Event::StepFinished { migration: format!("m{number}"), phase: Phase::Up, outcome, millis: 1.0 }
    }

    fn ready() -> Event {
        Event::ServerReady { server: "PostgreSQL 17.11".to_owned(), provision: "local", millis: 93.4 }
    }

    fn ended(database: &str) -> Event {
        Event::DatabaseFinished { database: database.to_owned() }
    }

    /// The lines for these events, each so many milliseconds behind the one before.
    fn lines(events: &[(u64, Event)]) -> Vec<String> {
        let (mut tally, mut pace, mut now) = (Tally::default(), Pace::default(), Instant::now());
        let mut line = |(millis, event): &(u64, Event)| {
            now += Duration::from_millis(*millis);
            tally.count(event);
            pace.line(&tally, event, now)
        };
        events.iter().filter_map(&mut line).collect()
    }

    #[test]
    fn a_short_run_has_three_lines() {
        let mut events = vec![(0, started("main", 100)), (90, ready())];
        events.extend((0..99).map(|n| (5, finished(n, Outcome::Passed))));
        events.push((5, finished(99, Outcome::Failed)));
        events.push((15, ended("main")));
        assert_eq!(
            lines(&events),
            [
                "main: 100 steps",
                "PostgreSQL 17.11 is ready (local, 93 ms)",
                "main: finished, 100 steps, 1 failed in 0.6 s"
            ]
        );
    }

    #[test]
    fn a_long_run_has_a_line_for_every_tenth() {
        let mut events = vec![(0, started("main", 1000)), (90, ready())];
        events.extend((0..1000).map(|n| (40, finished(n, Outcome::Passed))));
        let lines = lines(&events);
        assert_eq!(lines.len(), 12, "{lines:?}");
        assert_eq!(lines[2], "100 of 1000 steps; up m99");
    }

    #[test]
    fn slow_steps_have_a_line_each_five_seconds() {
        let mut events = vec![(0, started("main", 1000))];
        events.extend((0..20).map(|n| (1000, finished(n, Outcome::Skipped))));
        assert_eq!(lines(&events).len(), 1 + 4);
    }

    #[test]
    fn every_event_and_a_plan_that_was_too_short() {
        let events = [
            (0, started("main", 1)),
            (0, Event::StepStarted { migration: "m".to_owned(), phase: Phase::Down }),
            (0, Event::Restoring { how: "replaying 12 migrations".to_owned() }),
            (9000, finished(1, Outcome::Passed)),
            (9000, finished(2, Outcome::Failed)),
            (0, ended("main")),
            (0, started("other\u{1b}[31m", 0)),
            (0, ended("other")),
        ];
        assert_eq!(
            lines(&events),
            [
                "main: 1 step",
                "1 of 1 step; up m1",
                "2 of 2 steps, 1 failed; up m2",
                "main: finished, 2 steps, 1 failed in 18.0 s",
                "other: 0 steps",
                "other: finished, 0 steps in 0.0 s",
            ]
        );
    }

    #[test]
    fn databases_at_the_same_time_are_counted_together() {
        let events =
            [(0, started("a", 4)), (0, started("b", 4)), (6000, finished(1, Outcome::Passed)), (0, ended("a"))];
        assert_eq!(lines(&events)[2], "1 of 8 steps; up m1");
    }

    /// Keeps what is written, as a log would.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn plain_lines_are_written_as_they_come() {
        let log = Log::default();
        let mut progress = Progress::plain_to(Box::new(log.clone()));
        progress.handle(&started("main", 3));
        progress.handle(&ready());
        assert_eq!(
            String::from_utf8(log.0.lock().unwrap().clone()).unwrap(),
            "main: 3 steps\nPostgreSQL 17.11 is ready (local, 93 ms)\n"
        );
    }

    #[test]
    fn a_bar_follows_the_tally_and_is_gone_when_dropped() {
        let shown = bar();
        shown.set_draw_target(ProgressDrawTarget::hidden());
        let mut progress = Progress { display: Display::Bar(shown.clone()), tally: Tally::default() };
        progress.handle(&started("main", 2));
        progress.handle(&ready());
        progress.handle(&finished(1, Outcome::Passed));
        assert_eq!((shown.position(), shown.length()), (1, Some(2)));
        assert_eq!((shown.prefix(), shown.message()), ("main".to_owned(), "PostgreSQL 17.11 (local)".to_owned()));
        drop(progress);
        assert!(shown.is_finished());
    }

    #[test]
    fn none_shows_nothing() {
        let mut progress = Progress::new(ProgressMode::None);
        progress.handle(&started("main", 2));
        assert!(matches!(progress.display, Display::Nothing));
    }
}
