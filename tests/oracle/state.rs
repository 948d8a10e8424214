//! What is judged by the history of the scans: the findings, what changed, and the durations.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::reconcile::{Run, runs};
use super::tables::distinct;
use super::window::Dates;
use super::{Identity, Loaded, Options, Time, cadence, changes, durations, findings};

/// The category of an error and the id of its signature, by its code and its message.
pub(crate) type KnownErrors<'a> = &'a dyn Fn(Option<&str>, Option<&str>) -> (String, String);

/// What the tables of this module are made from.
pub(crate) struct World<'a> {
    /// Every run that the filters let pass, children included.
    pub(crate) kept: &'a [Run],
    /// The same without children.
    pub(crate) counted: &'a [Run],
    pub(crate) scans: Vec<Scan<'a>>,
    pub(crate) dates: &'a Dates,
    pub(crate) options: &'a Options,
}

/// A scan and its state runs, oldest first. There is at least one.
pub(crate) struct Scan<'a> {
    pub(crate) identity: Identity,
    pub(crate) history: Vec<&'a Run>,
}

impl<'a> Scan<'a> {
    /// The runs for which a condition holds, oldest first.
    pub(crate) fn only(&self, holds: impl Fn(&Run) -> bool) -> Vec<&'a Run> {
        self.history
            .iter()
            .copied()
            .filter(|run| holds(run))
            .collect()
    }
}

impl World<'_> {
    /// When the scan's system and account are last heard of, at most the end of the period.
    pub(crate) fn horizon(&self, scan: &Scan<'_>) -> Time {
        let mut newest: Option<Time> = None;
        for other in &self.scans {
            if other.identity.0 != scan.identity.0 || other.identity.1 != scan.identity.1 {
                continue;
            }
            for run in &other.history {
                let rec = &run.rec;
                for time in [rec.queued_at, rec.started_at, rec.ended_at, rec.observed_at] {
                    newest = newest.max(time);
                }
            }
        }
        let end = self.dates.window.last + Days::new(1);
        newest.unwrap().min(cadence::instant(
            end.and_hms_opt(0, 0, 0).unwrap(),
            self.options.tz,
        ))
    }
}

/// Succeeded, perhaps with exceptions.
pub(crate) fn went_well(run: &Run) -> bool {
    run.outcome == "succeeded" || run.outcome == "partial"
}

pub(crate) fn failed(run: &Run) -> bool {
    run.outcome == "failed"
}

/// Nearest rank, which for an even number is the lower of the two in the middle; null of nothing.
pub(crate) fn median(values: &[i64]) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = sorted.len().div_ceil(2);
    if rank == 0 {
        None
    } else {
        Some(sorted[rank - 1])
    }
}

/// The runs of the failing streak, oldest first: back from the newest run to one that went well.
pub(crate) fn streak<'a>(history: &[&'a Run]) -> Vec<&'a Run> {
    let mut found = Vec::new();
    for run in history.iter().rev() {
        if went_well(run) {
            break;
        }
        if failed(run) {
            found.push(*run);
        }
    }
    found.reverse();
    found
}

/// The newest run on this day or before that went well or failed.
pub(crate) fn standing<'a>(history: &[&'a Run], day: NaiveDate) -> Option<&'a Run> {
    history
        .iter()
        .rev()
        .find(|run| run.day <= day && (went_well(run) || failed(run)))
        .copied()
}

fn scans<'a>(counted: &'a [Run], last: NaiveDate) -> Vec<Scan<'a>> {
    let state: Vec<&Run> = counted.iter().filter(|run| run.day <= last).collect();
    let mut scans = Vec::new();
    for identity in distinct(state.iter().map(|run| run.rec.identity())) {
        let mut history: Vec<&'a Run> = state
            .iter()
            .copied()
            .filter(|run| run.rec.identity() == identity)
            .collect();
        history
            .sort_by(|a, b| (a.time, &a.rec.run_id, &a.rec).cmp(&(b.time, &b.rec.run_id, &b.rec)));
        scans.push(Scan { identity, history });
    }
    scans
}

/// The tables, under the same paths as in the report. There must be at least one usable record.
pub(crate) fn expected(loaded: &Loaded, options: &Options, known: KnownErrors<'_>) -> Value {
    let all = runs(&loaded.records, options.tz);
    let dates = Dates::of(&all, options);
    let kept: Vec<Run> = all
        .iter()
        .filter(|run| options.system.as_ref().is_none_or(|s| *s == run.rec.system))
        .cloned()
        .collect();
    let counted: Vec<Run> = kept.iter().filter(|run| !run.child).cloned().collect();
    let world = World {
        kept: &kept,
        counted: &counted,
        scans: scans(&counted, dates.window.last),
        dates: &dates,
        options,
    };
    let errors = changes::error_rows(&world, known);
    let conflicts = all.iter().filter(|run| run.conflict).count() as i64;
    json!({
        "sections": {
            "findings": { "findings": findings::table(&world, loaded, conflicts, &errors) },
            "changes": {
                "counts": changes::counts(&world),
                "rates": changes::rates(&world),
                "scans": changes::scans(&world),
                "errors": changes::errors(&world, &errors),
            },
            "durations": {
                "scans": durations::scans(&world),
                "figures": durations::figures(&world),
                "slowest": durations::slowest(&world),
                "starts": durations::starts(&world),
            },
            "errors": { "signatures": changes::signatures(&errors) },
            "gaps": { "sources": durations::sources(&world) },
        },
    })
}
