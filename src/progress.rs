//! One line on a terminal that says how far a call is, where that takes more than a second.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rundown::meter::{Meter, Progress, Step, size};
use rundown::render::format::plural;
use terminal_size::{Width, terminal_size_of};
use unicode_width::UnicodeWidthStr;

/// What takes no longer is not told.
const QUIET: Duration = Duration::from_secs(1);

/// How long the line stands as it is.
const TURN: Duration = Duration::from_millis(200);

/// The end of the program waits no longer for a terminal.
const MOMENT: Duration = Duration::from_millis(100);

/// Columns of a terminal that does not say how many it has.
const COLUMNS: u16 = 80;

/// Columns of the line that stands on the terminal now.
static SHOWN: Mutex<usize> = Mutex::new(0);

/// The line, as long as this lives.
pub(crate) struct Line(Option<(Sender<()>, JoinHandle<()>)>);

impl Line {
    /// Begins to tell what a meter says, if standard error is a terminal.
    pub(crate) fn begin(meter: &Arc<Meter>) -> Line {
        if !io::stderr().is_terminal() {
            return Line(None);
        }
        let meter = Arc::clone(meter);
        let (end, ended) = channel();
        let telling = std::thread::spawn(move || {
            let mut pace = Pace::begin();
            let (mut wait, mut before) = (QUIET, String::new());
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = TURN;
                let columns = terminal_size_of(io::stderr()).map_or(COLUMNS, |(Width(n), _)| n);
                let progress = meter.progress();
                let text = line(progress, pace.of(progress), usize::from(columns));
                if text != before {
                    show(&mut shown(), &text);
                    before = text;
                }
            }
        });
        Line(Some((end, telling)))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some((end, telling)) = self.0.take() {
            drop(end);
            // It has nothing to say of its own end.
            let _ended = telling.join();
            show(&mut shown(), "");
        }
    }
}

fn shown() -> MutexGuard<'static, usize> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes a line over the one before. Blanks do that on every terminal.
fn show(before: &mut usize, text: &str) {
    let width = text.width();
    if width == 0 && *before == 0 {
        return;
    }
    let blanks = " ".repeat(before.saturating_sub(width));
    let end = if width == 0 { "\r" } else { "" };
    let mut out = io::stderr().lock();
    // There is nobody to be told that it cannot be told.
    let _unheard = write!(out, "\r{text}{blanks}{end}").and_then(|()| out.flush());
    *before = width;
}

/// Removes the line for good, before the program ends. A terminal that takes nothing more is not waited for.
pub(crate) fn remove() {
    let (done, is_done) = channel();
    std::thread::spawn(move || {
        let mut before = shown();
        show(&mut before, "");
        // No other line comes after it.
        std::mem::forget(before);
        let _gone = done.send(());
    });
    let _waited = is_done.recv_timeout(MOMENT);
}

/// How long the bytes so far took.
struct Pace {
    since: Instant,
    bytes: u64,
}

impl Pace {
    fn begin() -> Pace {
        Pace {
            since: Instant::now(),
            bytes: 0,
        }
    }

    fn of(&mut self, progress: Progress) -> Duration {
        // Inputs may be read a second time.
        if progress.bytes < self.bytes {
            self.since = Instant::now();
        }
        self.bytes = progress.bytes;
        self.since.elapsed()
    }
}

/// What the line says: as much as there is room for, the most wanted first.
fn line(progress: Progress, taken: Duration, columns: usize) -> String {
    let records = usize::try_from(progress.records).unwrap_or(usize::MAX);
    let records = plural(records, "record", "records");
    let parts = match progress.step {
        Step::Begin => vec!["finding inputs".to_owned()],
        Step::Read => [reading(progress, taken), vec![records]].concat(),
        Step::Merge => vec![format!("merging {records}")],
        Step::Report => vec![format!("making a report of {records}")],
        Step::Write => vec![format!("writing the runs of {records}")],
    };
    let mut line = String::new();
    for part in parts {
        let comma = if line.is_empty() { "" } else { ", " };
        // The last column would begin a new line on some terminals.
        if line.width() + comma.len() + part.width() >= columns {
            break;
        }
        line.push_str(comma);
        line.push_str(&part);
    }
    line
}

fn reading(progress: Progress, taken: Duration) -> Vec<String> {
    let Progress {
        bytes, all_bytes, ..
    } = progress;
    // A file may grow meanwhile.
    let bytes = bytes.min(all_bytes);
    let mut first = "reading".to_owned();
    if let Some(share) = (bytes * 100).checked_div(all_bytes) {
        let _infallible = write!(first, " {share} % of {}", size(all_bytes));
    }
    let mut parts = vec![first];
    let seconds = taken.as_secs_f64();
    if bytes > 0 && seconds > 0.0 {
        let rate = bytes as f64 / seconds;
        parts.push(format!(
            "{} left",
            length((all_bytes - bytes) as f64 / rate)
        ));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bytes of a second, above 0"
        )]
        let rate = rate as u64;
        parts.push(format!("{}/s", size(rate)));
    }
    parts
}

/// A length of time in its largest unit.
fn length(seconds: f64) -> String {
    let whole = seconds.ceil();
    if whole < 100.0 {
        format!("{whole} s")
    } else if whole < 6_000.0 {
        format!("{} min", (seconds / 60.0).ceil())
    } else {
        format!("{} h", (seconds / 3_600.0).ceil())
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test may panic, and says by that what is wrong"
    )]

    use super::*;

    fn progress(step: Step) -> Progress {
        Progress {
            step,
            bytes: 430_000_000,
            all_bytes: 994_800_000,
            records: 1_204_000,
        }
    }

    #[test]
    fn the_line_says_bytes_time_left_rate_and_records_as_far_as_there_is_room() {
        let second = Duration::from_secs(1);
        let whole = "reading 43 % of 995 MB, 6 s left, 108 MB/s, 1,204,000 records";
        let at = |columns| line(progress(Step::Read), 4 * second, columns);
        assert_eq!(at(80), whole);
        assert_eq!(at(whole.len() + 1), whole);
        assert_eq!(
            at(whole.len()),
            "reading 43 % of 995 MB, 6 s left, 108 MB/s"
        );
        assert_eq!(at(30), "reading 43 % of 995 MB");
        assert_eq!(at(10), "");
        assert_eq!(at(0), "");
        let long = line(progress(Step::Read), 4_000 * second, 80);
        assert_eq!(
            long,
            "reading 43 % of 995 MB, 88 min left, 108 kB/s, 1,204,000 records"
        );
        let days = line(progress(Step::Read), 400_000 * second, 45);
        assert_eq!(days, "reading 43 % of 995 MB, 146 h left, 2 kB/s");
    }

    #[test]
    fn each_step_has_its_words_and_nothing_is_guessed() {
        let taken = Duration::from_secs(9);
        let of = |progress| line(progress, taken, 80);
        assert_eq!(of(Progress::default()), "finding inputs");
        let nothing_yet = Progress {
            bytes: 0,
            records: 0,
            ..progress(Step::Read)
        };
        assert_eq!(of(nothing_yet), "reading 0 % of 995 MB, 0 records");
        let empty = Progress {
            all_bytes: 0,
            ..nothing_yet
        };
        assert_eq!(of(empty), "reading, 0 records");
        let grown = Progress {
            all_bytes: 400_000_000,
            records: 1,
            ..progress(Step::Read)
        };
        assert_eq!(
            of(grown),
            "reading 100 % of 400 MB, 0 s left, 45 MB/s, 1 record"
        );
        assert_eq!(of(progress(Step::Merge)), "merging 1,204,000 records");
        assert_eq!(
            of(progress(Step::Report)),
            "making a report of 1,204,000 records"
        );
        assert_eq!(
            of(progress(Step::Write)),
            "writing the runs of 1,204,000 records"
        );
    }

    #[test]
    fn bytes_that_are_read_again_have_a_pace_of_their_own() {
        let mut pace = Pace {
            since: Instant::now().checked_sub(Duration::from_secs(50)).unwrap(),
            bytes: 0,
        };
        assert!(pace.of(progress(Step::Read)) >= Duration::from_secs(50));
        let again = Progress {
            bytes: 10,
            ..progress(Step::Read)
        };
        assert!(pace.of(again) < Duration::from_secs(40));
    }
}
