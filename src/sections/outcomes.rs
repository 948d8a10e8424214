//! How do outcomes distribute over the days, weeks or months of the window?

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use polars::prelude::{DataFrame, col};

use super::Context;
use super::frames::{OUTCOMES, cells, collect, column, counts, during, outcome_counts, sorted};
use crate::report::{Bars, Block, Cell, Place, Row, Section, Table, Unit};
use crate::runs::calendar::{By, Window};
use crate::runs::frame::column::{DAY, MONTH, WEEK};

/// Counts for each bucket that has a run; the others are added by [`section`].
fn by_period(context: &Context<'_>) -> Result<DataFrame> {
    let bucket = match context.prepared.window.by {
        By::Day => DAY,
        By::Week => WEEK,
        By::Month => MONTH,
    };
    let runs = context
        .prepared
        .runs
        .lazy()
        .filter(counts().and(during(context.prepared.window.span)));
    collect(sorted(
        runs.group_by([col(bucket).alias("start")])
            .agg(outcome_counts()),
        &[("start", false)],
    ))
}

fn by_start(frame: &DataFrame, keys: &[&str]) -> Result<BTreeMap<NaiveDate, Vec<Cell>>> {
    let mut columns = Vec::new();
    for key in keys {
        columns.push(cells(frame, key)?);
    }
    let starts = cells(frame, "start")?;
    Ok(starts
        .into_iter()
        .enumerate()
        .filter_map(|(at, start)| match start {
            Cell::Date(start) => Some((
                start,
                columns.iter().map(|column| column[at].clone()).collect(),
            )),
            _ => None,
        })
        .collect())
}

fn noun(window: &Window) -> &'static str {
    match window.by {
        By::Day => "Runs by day",
        By::Week => "Runs by week",
        By::Month => "Runs by month",
    }
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let window = &context.prepared.window;
    let mut keys: Vec<&str> = OUTCOMES.iter().map(|outcome| outcome.key()).collect();
    keys.push("runs");
    let counted = by_start(&by_period(context)?, &keys).context("table by_period")?;

    let mut columns = vec![
        column("start", "From", Unit::Date, Place::Name)
            .means("First date of the day, week or month, also where it lies before the period. Counts are of runs inside the period."),
        column("last", "To", Unit::Date, if window.by == By::Day { Place::Machine } else { Place::Column })
            .means("Last date of the day, week or month, also where it lies after the period."),
        column("partial_period", "Incomplete", Unit::Flag, Place::Column)
            .means("Some of its days lie outside the period, before the data, or on the day the data ends."),
        column("no_data", "No data", Unit::Flag, Place::Machine).means("The exports hold no day of it. This is not the same as no run."),
    ];
    columns.extend(OUTCOMES.iter().map(|outcome| {
        column(outcome.key(), outcome.label(), Unit::Count, Place::Column).means(outcome.meaning())
    }));
    columns.push(
        column("runs", "Runs", Unit::Count, Place::Column)
            .means("Runs of every outcome. Child runs are left out."),
    );
    let rows: Vec<Row> = window
        .buckets()
        .into_iter()
        .map(|bucket| {
            let mut cells = vec![
                Cell::Date(bucket.span.first),
                Cell::Date(bucket.span.last),
                Cell::Bool(bucket.partial_period),
                Cell::Bool(bucket.no_data),
            ];
            cells.extend(
                counted
                    .get(&bucket.span.first)
                    .cloned()
                    .unwrap_or_else(|| vec![Cell::Int(0); keys.len()]),
            );
            Row {
                cells,
                ..Row::default()
            }
        })
        .collect();
    let weeks = match (window.by, window.week_start.key()) {
        (By::Week, "sunday") => " Weeks begin on Sunday, as in the Purview portal.",
        (By::Week, _) => {
            " Weeks begin on Monday (the Purview portal's begin on Sunday: --week-start sunday)."
        }
        _ => "",
    };
    let table = Table {
        id: "by_period",
        title: noun(window),
        note: String::new(),
        columns,
        total: rows.len(),
        rows,
        nested_in: None,
        filter: None,
    };
    let stack = vec![
        "failed",
        "partial",
        "cancelled",
        "active",
        "unknown",
        "succeeded",
    ];
    Ok(Section {
        id: "outcomes",
        title: "Outcomes over time",
        lead: format!(
            "A run counts on the day it started (time zone {}).{weeks}",
            context.prepared.zone.name()
        ),
        blocks: vec![Block::Bars(Bars { table, stack })],
    })
}
