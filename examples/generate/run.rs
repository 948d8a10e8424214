//! A run, in one of the states that it goes through.

use super::errors::{self, Fault};
use super::random::{Random, Series};
use super::scan::Scan;
use super::time::{Ticks, whole_second};

/// State of a run or of one of its phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Absent,
    Succeeded,
    Partial,
    Failed,
    Cancelled,
    InProgress,
    Queued,
    Delayed,
    Throttled,
}

/// Whose words a status is written in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Words {
    /// The words of rundown.
    Native,
    /// Purview, the run's own status. It has no word for a partial success.
    Run,
    /// Purview, `discoveryExecutionDetails`.
    Discovery,
    /// Purview, `ingestionExecutionDetails`.
    Ingestion,
    /// Purview's diagnostic log. No partial success is documented.
    Monitor,
    /// Zscaler UVM. No partial success and no unfinished run is documented; the words for those are a guess.
    Uvm,
    /// Azure Data Factory. It has no partial success.
    DataFactory,
}

#[rustfmt::skip] // one line for each status
const WORDS: [[&str; 7]; 9] = [
    // Native       Run           Discovery                  Ingestion           Monitor      Uvm            DataFactory
    ["",            "",           "",                        "None",             "",          "",            ""],
    ["completed",   "Succeeded",  "Succeeded",               "Succeeded",        "Succeeded", "Completed",   "Succeeded"],
    ["partial",     "Succeeded",  "CompletedWithExceptions", "PartialSucceeded", "Succeeded", "Completed",   "Succeeded"],
    ["failed",      "Failed",     "Failed",                  "Failed",           "Failed",    "Failed",      "Failed"],
    ["cancelled",   "Canceled",   "Cancelled",               "Canceled",         "Cancelled", "Canceled",    "Cancelled"],
    ["in_progress", "InProgress", "Running",                 "InProgress",       "Running",   "In Progress", "InProgress"],
    ["queued",      "Accepted",   "Queued",                  "Queued",           "Queued",    "Queued",      "Queued"],
    ["queued",      "Accepted",   "Delayed",                 "Queued",           "Delayed",   "Queued",      "Queued"],
    ["throttled",   "Accepted",   "Throttled",               "Queued",           "Throttled", "Queued",      "Queued"],
];

impl Status {
    pub(crate) fn word(self, words: Words) -> &'static str {
        WORDS[self as usize][words as usize]
    }

    /// What is left of the status where there is no word for a partial success.
    pub(crate) fn without_partial(self) -> Status {
        if self == Status::Partial {
            Status::Succeeded
        } else {
            self
        }
    }

    pub(crate) fn is_active(self) -> bool {
        matches!(
            self,
            Status::InProgress | Status::Queued | Status::Delayed | Status::Throttled
        )
    }
}

/// What was scanned and what became of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) discovered: i64,
    pub(crate) classified: i64,
    /// Not discovered.
    pub(crate) failed: i64,
    pub(crate) ingested: i64,
    pub(crate) ingest_failed: i64,
    pub(crate) pending: i64,
    pub(crate) relationships: i64,
    pub(crate) relationships_failed: i64,
}

/// One state of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Position among all runs.
    pub(crate) index: i64,
    /// Number of earlier runs of its scan.
    pub(crate) round: i64,
    /// Position of its scan.
    pub(crate) scan: usize,
    pub(crate) id: u128,
    /// Second and later attempts are known to GitHub only.
    pub(crate) attempt: i64,
    pub(crate) full: bool,
    pub(crate) manual: bool,
    /// The run's own status; partial if only its exceptions tell.
    pub(crate) status: Status,
    pub(crate) discovery: Status,
    pub(crate) ingestion: Status,
    /// When the run was asked for and queued.
    pub(crate) started_at: Ticks,
    pub(crate) ended_at: Option<Ticks>,
    /// Discovery's times are whole seconds, as Purview writes them.
    pub(crate) discovery_started_at: Option<Ticks>,
    pub(crate) discovery_ended_at: Option<Ticks>,
    pub(crate) ingestion_started_at: Option<Ticks>,
    pub(crate) ingestion_ended_at: Option<Ticks>,
    /// When the run was in this state.
    pub(crate) observed_at: Ticks,
    pub(crate) counts: Counts,
    pub(crate) fault: Option<Fault>,
}

fn part_of(whole: i64, percent: i64) -> i64 {
    whole * percent / 100
}

fn moment(from: Ticks, to: Ticks, percent: i64) -> Ticks {
    from + part_of(to - from, percent)
}

impl Run {
    /// The worst of its statuses.
    pub(crate) fn overall(&self) -> Status {
        let statuses = [self.status, self.discovery, self.ingestion];
        [Status::Failed, Status::Cancelled]
            .into_iter()
            .find(|status| statuses.contains(status))
            .or(self.status.is_active().then_some(self.status))
            .or(statuses
                .contains(&Status::Partial)
                .then_some(Status::Partial))
            .unwrap_or(Status::Succeeded)
    }

    /// The run when it was queued.
    pub(crate) fn queued(&self) -> Run {
        Run {
            status: Status::Queued,
            discovery: Status::Queued,
            ingestion: Status::Absent,
            ended_at: None,
            discovery_started_at: None,
            discovery_ended_at: None,
            ingestion_started_at: None,
            ingestion_ended_at: None,
            observed_at: self.started_at,
            counts: Counts::default(),
            fault: None,
            ..*self
        }
    }

    /// The run when it had done so many percent of its discovery; none if that never began.
    pub(crate) fn discovering(&self, percent: i64) -> Option<Run> {
        let started_at = self.discovery_started_at?;
        let ended_at = self.discovery_ended_at.unwrap_or(self.observed_at);
        Some(Run {
            status: Status::InProgress,
            discovery: Status::InProgress,
            ingestion: Status::Queued,
            discovery_started_at: self.discovery_started_at,
            observed_at: moment(started_at, ended_at, percent),
            counts: Counts {
                discovered: part_of(self.counts.discovered, percent),
                classified: part_of(self.counts.classified, percent),
                ..Counts::default()
            },
            ..self.queued()
        })
    }

    /// The run when it had done so many percent of its ingestion; none if that never began.
    pub(crate) fn ingesting(&self, percent: i64) -> Option<Run> {
        let started_at = self.ingestion_started_at?.max(self.discovery_ended_at?);
        let ingested = part_of(self.counts.ingested, percent);
        Some(Run {
            status: Status::InProgress,
            discovery: Status::Succeeded,
            ingestion: Status::InProgress,
            discovery_started_at: self.discovery_started_at,
            discovery_ended_at: self.discovery_ended_at,
            ingestion_started_at: self.ingestion_started_at,
            observed_at: moment(started_at, self.ingestion_ended_at?, percent),
            counts: Counts {
                ingested,
                pending: self.counts.ingested - ingested,
                relationships: part_of(self.counts.relationships, percent),
                ..self.counts
            },
            ..self.queued()
        })
    }

    /// Stops the run in its present state: the phase at work and the run end in `status`.
    pub(crate) fn stop(&mut self, status: Status) {
        let now = self.observed_at;
        self.ended_at = Some(now);
        self.status = status;
        if self.ingestion == Status::InProgress {
            self.ingestion = status;
            self.ingestion_ended_at = Some(now);
            if status == Status::Failed {
                self.counts.ingest_failed = self.counts.pending;
            }
            self.counts.pending = 0;
        } else {
            self.discovery = status;
            self.ingestion = Status::Absent;
            self.discovery_ended_at = self.discovery_started_at.map(|_| whole_second(now));
        }
    }

    /// Milliseconds from start to end, of microseconds.
    pub(crate) fn duration_ms(&self) -> Option<i64> {
        self.ended_at
            .map(|ended_at| (ended_at / 10 - self.started_at / 10) / 1_000)
    }

    /// Random numbers for details that one vendor has.
    pub(crate) fn random(&self, index: i64) -> Random {
        let seed = u64::try_from(self.id >> 64).expect("64 bits");
        Random::of(seed, Series::Detail, index)
    }
}

/// A state of a run with what a writer needs to know besides.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub(crate) run: &'a Run,
    pub(crate) scan: &'a Scan,
    pub(crate) id: String,
    pub(crate) error: Option<Error>,
}

/// The error of a run, in words.
#[derive(Debug)]
pub(crate) struct Error {
    pub(crate) code: &'static str,
    /// Its class in Zscaler UVM.
    pub(crate) class: &'static str,
    pub(crate) message: String,
}

impl<'a> Record<'a> {
    pub(crate) fn new(run: &'a Run, scan: &'a Scan) -> Record<'a> {
        Record {
            run,
            scan,
            id: errors::guid_text(run.id),
            error: run.fault.map(|fault| Error {
                code: fault.template().code,
                class: fault.template().class,
                message: fault.message(&scan.source, run.ended_at.unwrap_or(run.observed_at)),
            }),
        }
    }

    pub(crate) fn error_code(&self) -> &'static str {
        self.error.as_ref().map_or("", |error| error.code)
    }

    pub(crate) fn error_message(&self) -> &str {
        self.error.as_ref().map_or("", |error| &error.message)
    }
}
