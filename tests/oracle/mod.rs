//! A second implementation of the report's numbers, written from the contract alone.
//!
//! Everything here works row by row over plain structs, and prefers a loop that anybody can check by eye
//! over speed. It shares no code with the product: a number that both compute the same way by accident
//! would hide the mistake that this file exists to find.
//!
//! The order of the work is the order of the files: `load` (with `presets`, `words` and `times`) makes
//! records from files, `reconcile` makes runs from records, `window` finds the dates, `tables` counts, and
//! `state` (with `cadence`, `findings`, `changes` and `durations`) judges each scan by its history.

pub(crate) mod cadence;
pub(crate) mod changes;
pub(crate) mod durations;
pub(crate) mod facts;
pub(crate) mod findings;
pub(crate) mod load;
pub(crate) mod presets;
pub(crate) mod reconcile;
pub(crate) mod state;
pub(crate) mod tables;
pub(crate) mod times;
pub(crate) mod window;
pub(crate) mod words;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// An instant, cut to microseconds.
pub(crate) type Time = DateTime<Utc>;

/// One record with the canonical fields.
///
/// The fields stand in schema order and the order is derived, because the last tie-break of reconcile is
/// "the greater record, compared field by field in schema order": null before any value, text by bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rec {
    pub(crate) system: String,
    pub(crate) account: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) source_type: Option<String>,
    pub(crate) collection: Option<String>,
    pub(crate) scan: Option<String>,
    pub(crate) run_id: Option<String>,
    pub(crate) parent_id: Option<String>,
    pub(crate) run_type: Option<String>,
    pub(crate) trigger: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) status: Option<&'static str>,
    pub(crate) discovery_status: Option<&'static str>,
    pub(crate) ingestion_status: Option<&'static str>,
    pub(crate) queued_at: Option<Time>,
    pub(crate) started_at: Option<Time>,
    pub(crate) ended_at: Option<Time>,
    pub(crate) discovery_started_at: Option<Time>,
    pub(crate) discovery_ended_at: Option<Time>,
    pub(crate) ingestion_started_at: Option<Time>,
    pub(crate) ingestion_ended_at: Option<Time>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) queue_ms: Option<i64>,
    pub(crate) assets_discovered: Option<i64>,
    pub(crate) assets_classified: Option<i64>,
    pub(crate) assets_failed: Option<i64>,
    pub(crate) assets_ingested: Option<i64>,
    pub(crate) assets_ingest_failed: Option<i64>,
    pub(crate) assets_pending: Option<i64>,
    pub(crate) relationships_ingested: Option<i64>,
    pub(crate) relationships_failed: Option<i64>,
    pub(crate) file_reader: Option<String>,
    pub(crate) file_count: Option<i64>,
    pub(crate) byte_count: Option<i64>,
    pub(crate) row_count: Option<i64>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) error_phase: Option<String>,
    pub(crate) observed_at: Option<Time>,
    /// No field of a run: when it began, reckoned back from its end.
    pub(crate) estimated_start: Option<Time>,
}

impl Rec {
    /// The bucket time: started, else queued, else ended.
    pub(crate) fn time(&self) -> Option<Time> {
        self.started_at.or(self.queued_at).or(self.ended_at)
    }

    /// The outcome of this record alone: the worst of the statuses that it states.
    pub(crate) fn outcome(&self) -> &'static str {
        words::worst_outcome([self.status, self.discovery_status, self.ingestion_status])
    }

    /// The scan that this record belongs to.
    pub(crate) fn identity(&self) -> Identity {
        (
            self.system.clone(),
            self.account.clone(),
            self.source.clone(),
            self.scan.clone(),
        )
    }
}

/// A scan's identity: system, account, source, scan.
pub(crate) type Identity = (String, Option<String>, Option<String>, Option<String>);

/// What the files held.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loaded {
    /// The usable records, in no order that matters.
    pub(crate) records: Vec<Rec>,
    /// How many records were read, usable or not.
    pub(crate) read: i64,
    /// How many of them were set aside.
    pub(crate) rejected: i64,
    /// How many of the usable records have a status word that nobody knows.
    pub(crate) unmapped: i64,
    /// For each file that may be cut, how many records were read of it.
    pub(crate) cut: Vec<i64>,
}

/// The bucket size that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Auto,
    Day,
    Week,
    Month,
}

/// What the caller asks of the report; the same value makes the command line and the expected numbers.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) tz: Tz,
    pub(crate) by: By,
    pub(crate) sunday: bool,
    pub(crate) last: Option<&'static str>,
    pub(crate) from: Option<NaiveDate>,
    pub(crate) to: Option<NaiveDate>,
    pub(crate) as_of: Option<NaiveDate>,
    /// `--system`, one plain name.
    pub(crate) system: Option<String>,
    /// `--set FIELD=VALUE`.
    pub(crate) set: Vec<(String, String)>,
    /// `--path-template`, each part with at most one name, such as `{source}/{scan}.csv`.
    pub(crate) path_template: Option<&'static str>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tz: Tz::UTC,
            by: By::Auto,
            sunday: false,
            last: None,
            from: None,
            to: None,
            as_of: None,
            system: None,
            set: Vec::new(),
            path_template: None,
        }
    }
}

impl Options {
    /// The arguments of `rundown report` that ask for these options.
    pub(crate) fn args(&self) -> Vec<String> {
        let mut args = vec!["--tz".to_owned(), self.tz.name().to_owned()];
        let mut push = |name: &str, value: String| args.extend([name.to_owned(), value]);
        match self.by {
            By::Auto => {}
            By::Day => push("--by", "day".to_owned()),
            By::Week => push("--by", "week".to_owned()),
            By::Month => push("--by", "month".to_owned()),
        }
        if self.sunday {
            push("--week-start", "sunday".to_owned());
        }
        if let Some(last) = self.last {
            push("--last", last.to_owned());
        }
        for (name, date) in [
            ("--from", self.from),
            ("--to", self.to),
            ("--as-of", self.as_of),
        ] {
            if let Some(date) = date {
                push(name, date.to_string());
            }
        }
        if let Some(system) = &self.system {
            push("--system", system.clone());
        }
        for (field, value) in &self.set {
            push("--set", format!("{field}={value}"));
        }
        if let Some(template) = self.path_template {
            push("--path-template", template.to_owned());
        }
        args
    }
}
