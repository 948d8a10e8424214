//! Which scans ran how often, how do they stand, and since when?

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::Result;

use super::Context;
use super::bounds::Bounded;
use super::columns::{Names, Words};
use super::frames::{column, plural, scan_columns, scan_name, success_rate};
use super::history::{History, Run, Scan};
use crate::report::{
    Block, Cell, Column, Drawing, MARKS, NO_DATA, NO_RUN, Place, Row, Section, Unit,
};
use crate::runs::calendar::{Bucket, epoch_day};
use crate::runs::schema::Outcome;

/// How a scan stands. Counts and durations look at the window; the rest looks at all loaded runs up to its last day.
struct Standing<'a> {
    scan: &'a Scan,
    last_success: Option<&'a Run>,
    /// Failed runs since the last success, however many cancelled, active and unknown runs lie between; and the first.
    failing_streak: i64,
    failing_since: Option<&'a Run>,
}

impl<'a> Standing<'a> {
    fn of(scan: &'a Scan) -> Standing<'a> {
        let good = scan.runs.iter().rposition(Run::went_well);
        let since = &scan.runs[good.map_or(0, |at| at + 1)..];
        let mut failed = since.iter().filter(|run| run.failed());
        let failing_since = failed.next();
        let streak = failed.count() + usize::from(failing_since.is_some());
        Standing {
            scan,
            last_success: good.map(|at| &scan.runs[at]),
            failing_streak: i64::try_from(streak).unwrap_or(i64::MAX),
            failing_since,
        }
    }

    fn row(&self, names: Names<'_>, source_types: Words<'_>) -> Row {
        let (scan, newest) = (self.scan, self.scan.newest());
        let count = |outcome| Cell::Int(scan.count(outcome));
        let time = |run: Option<&Run>| Cell::time(run.map(|run| run.at));
        let source_type = scan.source_type.and_then(|code| source_types.word(code));
        let mut cells = names.cells(newest.position as usize).to_vec();
        cells.extend([
            Cell::text(source_type),
            Cell::Text(newest.outcome.key().to_owned()),
            success_rate(|outcome| scan.count(outcome)),
            count(Outcome::Failed),
            count(Outcome::Partial),
            count(Outcome::Cancelled),
            count(Outcome::Succeeded),
            Cell::Int(scan.inside()),
            Cell::Time(newest.at),
            count(Outcome::Active),
            count(Outcome::Unknown),
            time(self.last_success),
            Cell::Int(self.failing_streak),
            time(self.failing_since),
            Cell::int(scan.durations.map(|[p50, _]| p50)),
            Cell::int(scan.durations.map(|[_, p95]| p95)),
        ]);
        Row {
            cells,
            ..Row::default()
        }
    }
}

/// Every scan with a run on or before the last day of the window. Worst first: failing now, then most failures, then most
/// exceptions; silent scans last.
fn scans<'a>(history: &'a History<'_>) -> Vec<Standing<'a>> {
    let mut scans: Vec<_> = history.scans.iter().map(Standing::of).collect();
    scans.sort_by_cached_key(|standing| {
        let scan = standing.scan;
        let worse = [
            standing.failing_streak,
            scan.count(Outcome::Failed),
            scan.count(Outcome::Partial),
            i64::from(scan.inside() > 0),
        ];
        (Reverse(worse), scan.key)
    });
    scans
}

/// The scans of a type of source with a run in the window, and those runs by outcome.
#[derive(Default)]
struct OfType {
    scans: i64,
    runs: i64,
    counts: [i64; Outcome::ALL.len()],
}

/// One for each system and type of source, most failures first. A scan counts under its newest type; those that state none
/// are left out.
fn source_types(history: &History<'_>, names: Names<'_>) -> Vec<((Option<u32>, u32), OfType)> {
    let mut types: BTreeMap<(Option<u32>, u32), OfType> = BTreeMap::new();
    for scan in history.scans.iter().filter(|scan| scan.inside() > 0) {
        if let Some(source_type) = scan.source_type {
            let system = names.system.get(scan.newest().position as usize);
            let of_type = types.entry((system, source_type)).or_default();
            of_type.scans += 1;
            of_type.runs += scan.inside();
            for &outcome in Outcome::ALL {
                of_type.counts[outcome as usize] += scan.count(outcome);
            }
        }
    }
    let mut types: Vec<_> = types.into_iter().collect();
    // In order of names so far.
    types.sort_by_key(|(_, of)| {
        let count = |outcome: Outcome| of.counts[outcome as usize];
        Reverse([count(Outcome::Failed), count(Outcome::Partial), of.runs])
    });
    types
}

fn source_type_table(
    context: &Context<'_>,
    history: &History<'_>,
    names: Names<'_>,
    source_types: Words<'_>,
) -> Bounded {
    let count = |outcome: Outcome| {
        column(outcome.key(), outcome.label(), Unit::Count, Place::Column).means(outcome.meaning())
    };
    let place = |place, column| Column { place, ..column };
    let columns = vec![
        column("source_type", "Source type", Unit::Text, Place::Name),
        column("system", "System", Unit::Text, Place::Under),
        count(Outcome::Failed),
        count(Outcome::Partial),
        count(Outcome::Cancelled),
        count(Outcome::Succeeded),
        column("runs", "Runs", Unit::Count, Place::Column)
            .means("Runs of the period. Child runs are left out."),
        column("success_rate", "Success rate", Unit::Share, Place::Column)
            .means("Succeeded of succeeded, partial and failed. A dash: none of these."),
        column("scans", "Scans", Unit::Count, Place::Column).means(
            "Scans with a run in the period. A scan of several types counts under its newest.",
        ),
        place(Place::Machine, count(Outcome::Active)),
        place(Place::Machine, count(Outcome::Unknown)),
    ];
    let untyped = history
        .scans
        .iter()
        .filter(|scan| scan.source_type.is_none());
    let untyped = untyped.map(Scan::inside).sum();
    let title = "By source type";
    let types = self::source_types(history, names);
    let note = match (types.len(), untyped) {
        (0, 0) => "No run lies in this period.".to_owned(),
        (0, _) => "No scan states the type of its source.".to_owned(),
        (_, 0) => "Most failures first.".to_owned(),
        (_, runs) => format!(
            "Most failures first. {} of scans that state no type {} not in it.",
            plural(runs, "run", "runs"),
            if runs == 1 { "is" } else { "are" }
        ),
    };
    let rows = types.into_iter().map(|((system, source_type), of)| {
        let count = |outcome: Outcome| of.counts[outcome as usize];
        let system = system.and_then(|code| names.system.word(code));
        Row {
            cells: vec![
                Cell::text(source_types.word(source_type)),
                Cell::text(system),
                Cell::Int(count(Outcome::Failed)),
                Cell::Int(count(Outcome::Partial)),
                Cell::Int(count(Outcome::Cancelled)),
                Cell::Int(count(Outcome::Succeeded)),
                Cell::Int(of.runs),
                success_rate(count),
                Cell::Int(of.scans),
                Cell::Int(count(Outcome::Active)),
                Cell::Int(count(Outcome::Unknown)),
            ],
            ..Row::default()
        }
    });
    let mut bounded = (context.bounds).rows("source_types", title, note, columns, rows);
    bounded.table.drawing = Some(Drawing::Parts {
        whole: "runs",
        parts: vec!["failed", "succeeded"],
        rest: "Other outcomes",
    });
    bounded
}

/// The bucket of each day of the period, in order.
fn places(history: &History<'_>, buckets: &[Bucket]) -> Vec<usize> {
    let firsts: Vec<i32> = (buckets.iter())
        .map(|bucket| epoch_day(bucket.span.first))
        .collect();
    (history.first_day..=history.last_day)
        .map(|day| {
            firsts
                .partition_point(|&first| first <= day)
                .saturating_sub(1)
        })
        .collect()
}

/// The worst outcome of a scan in each bucket, as a letter each. `places` tells the bucket of each day.
fn strip(history: &History<'_>, scan: &Scan, buckets: &[Bucket], places: &[usize]) -> String {
    let mut worst: Vec<Option<Outcome>> = vec![None; buckets.len()];
    for run in scan.runs.iter().filter(|run| history.is_inside(run)) {
        let day = usize::try_from(run.day - history.first_day).ok();
        let place = day.and_then(|day| places.get(day));
        if let Some(worst) = place.and_then(|&place| worst.get_mut(place)) {
            *worst = (*worst).max(Some(run.outcome));
        }
    }
    let letters = worst.iter().zip(buckets).map(|(outcome, bucket)| {
        let letter = |outcome: &Outcome| {
            MARKS
                .iter()
                .find(|(_, word)| *word == outcome.key())
                .map_or(NO_RUN, |(letter, _)| *letter)
        };
        match outcome {
            Some(outcome) => letter(outcome),
            None if bucket.no_data => NO_DATA,
            None => NO_RUN,
        }
    });
    letters.collect()
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let history = context.history()?;
    let frame = context.prepared.runs.frame();
    let (names, types) = (Names::new(frame)?, Words::new(frame, "source_type")?);
    let scans = scans(history);
    let mut columns = scan_columns();
    columns.extend([
        column("source_type", "Source type", Unit::Text, Place::Under),
        column("last_outcome", "Last run", Unit::Status, Place::Column)
            .means("Outcome of the newest run up to the end of the period."),
        column("success_rate", "Success rate", Unit::Share, Place::Column)
            .means("Succeeded of succeeded, partial and failed. A dash: none of these."),
        column("failed", "Failed", Unit::Count, Place::Column)
            .means(Outcome::Failed.meaning()),
        column("partial", "Partial", Unit::Count, Place::Column)
            .means(Outcome::Partial.meaning()),
        column("cancelled", "Cancelled", Unit::Count, Place::Column)
            .means(Outcome::Cancelled.meaning()),
        column("succeeded", "Succeeded", Unit::Count, Place::Column)
            .means(Outcome::Succeeded.meaning()),
        column("runs", "Runs", Unit::Count, Place::Column)
            .means("Runs of the period. Child runs are left out."),
        column("last_run_at", "Last run at", Unit::Time, Place::Column)
            .means("Start (else queue time, else end) of the newest run up to the end of the period."),
        column("active", "Active", Unit::Count, Place::Detail)
            .means(Outcome::Active.meaning()),
        column("unknown", "Unknown", Unit::Count, Place::Detail)
            .means(Outcome::Unknown.meaning()),
        column(
            "last_success_at",
            "Last success at",
            Unit::Time,
            Place::Detail,
        )
        .means("The newest succeeded or partial run."),
        column(
            "failing_streak",
            "Failures in a row",
            Unit::Count,
            Place::Detail,
        )
        .means(
            "Failed runs since the last success. Cancelled, active and unknown runs are skipped.",
        ),
        column("failing_since", "Failing since", Unit::Time, Place::Detail)
            .means("Start of the first of the failures in a row. A dash: nothing failed since the last success."),
        column(
            "duration_p50_ms",
            "Usual duration (median)",
            Unit::Duration,
            Place::Detail,
        )
        .means("The middle value (nearest rank) of succeeded and partial runs of the period."),
        column(
            "duration_p95_ms",
            "Long duration (95th percentile)",
            Unit::Duration,
            Place::Detail,
        )
        .means("95 of 100 of the same runs took this or less (nearest rank)."),
    ]);
    let (note, bounds) = (String::new(), context.bounds);
    let rows = scans.iter().map(|standing| standing.row(names, types));
    let Bounded { mut table, rest } = bounds.rows("scans", "Scan by scan", note, columns, rows);
    table.filters = vec!["system", "source_type", "last_outcome"];
    let mut nested = super::runs::by_scan(context)?;
    let buckets = context.prepared.window.buckets();
    let places = places(history, &buckets);
    table.drawing = Some(Drawing::Strips {
        buckets: buckets.iter().map(|bucket| bucket.span).collect(),
    });
    table.columns.push(
        column("strip", "Over time", Unit::Text, Place::Column)
            .means("The worst outcome of each day, week or month of the period."),
    );
    for (row, Standing { scan, .. }) in table.rows.iter_mut().zip(&scans) {
        row.cells
            .push(Cell::Text(strip(history, scan, &buckets, &places)));
        row.anchor = Some(super::runs::scan_anchor(&row.cells));
        row.detail
            .extend(nested.remove(&scan.key).map(Block::Table));
    }
    let failing = scans.iter().filter(|standing| standing.failing_streak > 0);
    let failing = failing.count();
    table.note = match scans.len() {
        0 => "No scan has a run up to the end of this period.".to_owned(),
        _ => "Every scan in the exports, also those without a run in this period; worst first."
            .to_owned(),
    };
    let worst = || {
        let first = scans.first();
        let [scan, source, ..] = first
            .map_or([Cell::Null, Cell::Null, Cell::Null, Cell::Null], |first| {
                names.cells(first.scan.newest().position as usize)
            });
        let name = scan_name(&scan, &source).unwrap_or_else(|| "a scan without a name".to_owned());
        let streak = first.map_or(0, |first| first.failing_streak);
        format!(
            "{name}, {} since the last success",
            plural(streak, "failure", "failures")
        )
    };
    let lead = match failing {
        0 => "No scan has failed since its last success.".to_owned(),
        1 => format!(
            "One scan has not succeeded since its last failure: {}.",
            worst()
        ),
        n => format!(
            "{n} scans have not succeeded since their last failure. The longest streak: {}.",
            worst()
        ),
    };
    let types = source_type_table(context, history, names, types);
    let mut blocks = Vec::new();
    for Bounded { table, rest } in [types, Bounded { table, rest }] {
        blocks.push(Block::Table(table));
        blocks.extend(rest);
    }
    Ok(Section {
        id: "scans",
        title: "All scans",
        lead,
        blocks,
    })
}
