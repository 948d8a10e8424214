//! Which scans ran how often, how do they stand, and since when?

use anyhow::Result;
use polars::prelude::{DataFrame, DataType, JoinArgs, JoinType, col, lit};

use super::Context;
use super::bounds::Bounded;
use super::frames::{
    OUTCOMES, again, cells, collect, column, counts, during, first_int, is, numbers,
    outcome_counts, percentile, plural, rows, scan_columns, scan_name, scan_names, sorted,
    success_rate, until, went_well,
};
use super::history::{History, Scan};
use crate::report::{Block, Cell, Column, Drawing, MARKS, NO_DATA, NO_RUN, Place, Section, Unit};
use crate::runs::calendar::{Bucket, epoch_day};
use crate::runs::frame::column::{AT, OUTCOME, SCAN_KEY};
use crate::runs::schema::Outcome;

/// One row for each scan with a run on or before the last day of the window.
///
/// Counts and durations look at the window. State looks at all loaded runs up to its last day: the failing streak
/// counts failed runs since the newest succeeded or partial one and skips cancelled, active and unknown runs.
pub(super) fn scans(context: &Context<'_>) -> Result<DataFrame> {
    let window = context.prepared.window.span;
    // Rows are in order of bucket time and run id, so a row number orders the runs of a scan.
    let seen = context
        .prepared
        .runs
        .lazy()
        .filter(counts().and(until(window.last)))
        .with_row_index("position", None);
    let key = || [col(SCAN_KEY)];
    let left = || JoinArgs::new(JoinType::Left);

    let state = seen.clone().group_by(key()).agg([
        col("source_type").last_non_null(),
        col(AT).last().alias("last_run_at"),
        col(OUTCOME).last().alias("last_outcome"),
        col(AT).filter(went_well()).last().alias("last_success_at"),
        col("position")
            .filter(went_well())
            .max()
            .alias("last_success"),
    ]);
    let state = collect(state)?;
    let since = again(&state).select([col(SCAN_KEY), col("last_success")]);
    let streak = seen
        .clone()
        .filter(is(Outcome::Failed))
        .join(since, key(), key(), left())
        .filter(
            col("last_success")
                .is_null()
                .or(col("position").gt(col("last_success"))),
        )
        .group_by(key())
        .agg([
            rows().alias("failing_streak"),
            col(AT).first().alias("failing_since"),
        ]);

    let mut measures = outcome_counts();
    measures.push(percentile("duration_ms", went_well(), 50).alias("duration_p50_ms"));
    measures.push(percentile("duration_ms", went_well(), 95).alias("duration_p95_ms"));
    let counted = seen
        .clone()
        .filter(during(window))
        .group_by(key())
        .agg(measures);

    let mut zeros = vec![
        col("failing_streak").fill_null(lit(0i64)),
        col("runs").fill_null(lit(0i64)),
    ];
    zeros.extend(
        OUTCOMES
            .iter()
            .map(|outcome| col(outcome.key()).fill_null(lit(0i64))),
    );
    let joined = again(&state)
        .join(scan_names(seen), key(), key(), left())
        .join(streak, key(), key(), left())
        .join(counted, key(), key(), left())
        .with_columns(zeros)
        .with_columns([
            success_rate(),
            (col("runs").gt(lit(0i64)))
                .cast(DataType::Int64)
                .alias("ran"),
        ]);
    // Worst first: failing now, then most failures, then most exceptions; silent scans last.
    collect(sorted(
        joined,
        &[
            ("failing_streak", true),
            ("failed", true),
            ("partial", true),
            ("ran", true),
            (SCAN_KEY, false),
        ],
    ))
}

/// One row for each type of source, from the rows of the scans: those with a run in the window, each under its newest
/// type. Scans that state none are left out.
fn source_types(scans: &DataFrame) -> Result<DataFrame> {
    let mut sums = vec![rows().alias("scans"), col("runs").sum()];
    sums.extend(OUTCOMES.iter().map(|outcome| col(outcome.key()).sum()));
    let types = again(scans)
        .filter(
            col("runs")
                .gt(lit(0i64))
                .and(col("source_type").is_not_null()),
        )
        .group_by([col("system"), col("source_type")])
        .agg(sums)
        .with_column(success_rate());
    collect(sorted(
        types,
        &[
            ("failed", true),
            ("partial", true),
            ("runs", true),
            ("system", false),
            ("source_type", false),
        ],
    ))
}

fn source_type_table(context: &Context<'_>, scans: &DataFrame) -> Result<Bounded> {
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
    let untyped = again(scans).filter(col("source_type").is_null());
    let untyped = first_int(&collect(untyped.select([col("runs").sum()]))?, "runs")?;
    let (title, frame) = ("By source type", source_types(scans)?);
    let note = match (frame.height(), untyped) {
        (0, 0) => "No run lies in this period.".to_owned(),
        (0, _) => "No scan states the type of its source.".to_owned(),
        (_, 0) => "Most failures first.".to_owned(),
        (_, runs) => format!(
            "Most failures first. {} of scans that state no type {} not in it.",
            plural(runs, "run", "runs"),
            if runs == 1 { "is" } else { "are" }
        ),
    };
    let mut bounded = (context.bounds).table("source_types", title, note, columns, &frame)?;
    bounded.table.drawing = Some(Drawing::Parts {
        whole: "runs",
        parts: vec!["failed", "succeeded"],
        rest: "Other outcomes",
    });
    Ok(bounded)
}

/// The worst outcome of a scan in each bucket, as a letter each.
fn strip(history: &History, scan: &Scan, buckets: &[Bucket]) -> String {
    let mut worst: Vec<Option<Outcome>> = vec![None; buckets.len()];
    for run in scan.runs.iter().filter(|run| history.is_inside(run)) {
        let bucket = buckets.partition_point(|bucket| epoch_day(bucket.span.first) <= run.day);
        if let Some(worst) = bucket.checked_sub(1).and_then(|at| worst.get_mut(at)) {
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
    let frame = scans(context)?;
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
    let Bounded { mut table, rest } =
        bounds.table("scans", "Scan by scan", note, columns, &frame)?;
    table.filters = vec!["system", "source_type", "last_outcome"];
    let keys = numbers(&frame, SCAN_KEY)?;
    let mut nested = super::runs::by_scan(context)?;
    let buckets = context.prepared.window.buckets();
    table.drawing = Some(Drawing::Strips {
        buckets: buckets.iter().map(|bucket| bucket.span).collect(),
    });
    let history = context.history()?;
    table.columns.push(
        column("strip", "Over time", Unit::Text, Place::Column)
            .means("The worst outcome of each day, week or month of the period."),
    );
    for (row, key) in table.rows.iter_mut().zip(keys.iter().flatten()) {
        let scan = history.scan(key);
        let strip = scan.map(|scan| strip(history, scan, &buckets));
        row.cells.push(Cell::text(strip));
        row.anchor = Some(super::runs::scan_anchor(&row.cells));
        row.detail.extend(nested.remove(&key).map(Block::Table));
    }
    let streaks = numbers(&frame, "failing_streak")?;
    let failing = streaks
        .iter()
        .flatten()
        .filter(|&streak| streak > 0)
        .count();
    table.note = match frame.height() {
        0 => "No scan has a run up to the end of this period.".to_owned(),
        _ => "Every scan in the exports, also those without a run in this period; worst first."
            .to_owned(),
    };
    let worst = || -> Result<String> {
        let first = |name: &str| {
            let first = cells(&frame.head(Some(1)), name)?.into_iter().next();
            Ok::<_, anyhow::Error>(first.unwrap_or(Cell::Null))
        };
        let name = scan_name(&first("scan")?, &first("source")?)
            .unwrap_or_else(|| "a scan without a name".to_owned());
        Ok(match first("failing_streak")? {
            Cell::Int(streak) => {
                format!(
                    "{name}, {} since the last success",
                    plural(streak, "failure", "failures")
                )
            }
            _ => name,
        })
    };
    let lead = match failing {
        0 => "No scan has failed since its last success.".to_owned(),
        1 => format!(
            "One scan has not succeeded since its last failure: {}.",
            worst()?
        ),
        n => format!(
            "{n} scans have not succeeded since their last failure. The longest streak: {}.",
            worst()?
        ),
    };
    let types = source_type_table(context, &frame)?;
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
