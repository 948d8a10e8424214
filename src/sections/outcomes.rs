//! How do outcomes distribute over the days, weeks or months of the window?

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::NaiveDate;

use super::Context;
use super::columns::{Basics, Days};
use super::frames::{OUTCOMES, column};
use crate::report::{Block, Cell, Drawing, Place, Row, Section, Span, Table, Unit};
use crate::runs::calendar::{self, By, Window, from_epoch_day};
use crate::runs::schema::Outcome;

/// Counts of a bucket, in the order of [`OUTCOMES`], and of all its runs.
const COUNTS: usize = OUTCOMES.len() + 1;

/// The counts of each day of the period, and of the one before, that has a run.
#[derive(Debug)]
pub(super) struct DayCounts(BTreeMap<NaiveDate, [i64; COUNTS]>);

impl DayCounts {
    pub(super) fn new(context: &Context<'_>) -> Result<DayCounts> {
        let window = &context.prepared.window;
        let inside = Days::of(window.span);
        let first = window
            .previous
            .map_or(inside.first, |before| Days::of(before).first);
        let basics = Basics::new(context.prepared.runs.frame())?;
        let places = Outcome::ALL.iter().map(|outcome| {
            let place = OUTCOMES.iter().position(|known| known == outcome);
            place.unwrap_or_default()
        });
        let places: Vec<usize> = places.collect();
        let mut days: BTreeMap<i32, [i64; COUNTS]> = BTreeMap::new();
        let mut known = (first, [0; COUNTS]);
        // Runs are in order of time, so most follow one of their day.
        for row in basics.rows(Days { first, ..inside }) {
            let day = basics.day(row);
            if day != known.0 {
                days.insert(known.0, known.1);
                known = (day, days.get(&day).copied().unwrap_or_default());
            }
            known.1[places[basics.outcome(row) as usize]] += 1;
            known.1[COUNTS - 1] += 1;
        }
        days.insert(known.0, known.1);
        let days = days.into_iter();
        Ok(DayCounts(
            days.map(|(day, counts)| (from_epoch_day(day), counts))
                .collect(),
        ))
    }

    /// The runs of a span with an outcome.
    pub(super) fn count(&self, span: Span, outcome: Outcome) -> i64 {
        let place = OUTCOMES.iter().position(|known| *known == outcome);
        place.map_or(0, |place| self.sum(span.first, span.last)[place])
    }

    /// The sums over the dates from one to another, both inclusive; zeros where the last is before the first.
    fn sum(&self, first: NaiveDate, last: NaiveDate) -> [i64; COUNTS] {
        let mut sums = [0i64; COUNTS];
        if first <= last {
            for counts in self.0.range(first..=last).map(|(_, counts)| counts) {
                for (sum, count) in sums.iter_mut().zip(counts) {
                    *sum += count;
                }
            }
        }
        sums
    }
}

/// More bars than this say less than fewer.
const MOST_BARS: usize = 190;

/// The lengths of a bucket that readers may switch to.
fn others(window: &Window) -> Vec<Window> {
    let other = |by| Window { by, ..*window };
    let worth = |other: &Window| {
        let buckets = other.buckets().len();
        other.by != window.by && (2..=MOST_BARS).contains(&buckets)
    };
    [By::Day, By::Week, By::Month]
        .map(other)
        .into_iter()
        .filter(worth)
        .collect()
}

fn table(window: &Window, days: &DayCounts) -> Table {
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
    columns.extend([
        column("runs", "Runs", Unit::Count, Place::Column)
            .means("Runs of every outcome. Child runs are left out."),
        column("previous_runs", "Runs before", Unit::Count, Place::Column)
            .means("Runs on the dates of the period before that have the same places in it: as many days earlier as the period has. A dash: no earlier data, or none of these dates."),
        column("previous_failed", "Failed before", Unit::Count, Place::Column)
            .means("Failed runs on those dates."),
    ]);
    let failed = OUTCOMES
        .iter()
        .position(|outcome| *outcome == Outcome::Failed);
    // How far the period before lies back.
    let length = window
        .previous
        .and_then(|_| u64::try_from(calendar::days(window.span)).ok())
        .map(chrono::Days::new);
    let rows = window.buckets().into_iter().map(|bucket| {
        let first = bucket.span.first.max(window.span.first);
        let last = bucket.span.last.min(window.span.last);
        let mut cells = vec![
            Cell::Date(bucket.span.first),
            Cell::Date(bucket.span.last),
            Cell::Bool(bucket.partial_period),
            Cell::Bool(bucket.no_data),
        ];
        cells.extend(days.sum(first, last).map(Cell::Int));
        // There is nothing to compare where there is no data.
        let length = length.filter(|_| !bucket.no_data);
        let before = length.and_then(|length| {
            Some(days.sum(
                first.checked_sub_days(length)?,
                last.checked_sub_days(length)?,
            ))
        });
        cells.push(Cell::int(before.map(|sums| sums[COUNTS - 1])));
        cells.push(Cell::int(before.and_then(|sums| Some(sums[failed?]))));
        Row {
            cells,
            ..Row::default()
        }
    });
    let (id, title) = match window.by {
        By::Day => ("by_day", "Runs by day"),
        By::Week => ("by_week", "Runs by week"),
        By::Month => ("by_month", "Runs by month"),
    };
    Table {
        drawing: Some(Drawing::Bars {
            by: window.by.key(),
            stack: STACK.to_vec(),
        }),
        ..Table::new(id, title, String::new(), columns, rows.collect())
    }
}

/// From the baseline up: failures first, where they can be compared.
const STACK: [&str; 6] = [
    "failed",
    "partial",
    "cancelled",
    "active",
    "unknown",
    "succeeded",
];

/// The id of the table whose buckets are as long as the user asked for.
const CHOSEN: &str = "by_period";

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let window = &context.prepared.window;
    let days = context.days()?;
    let mut blocks = vec![Block::Table(Table {
        id: CHOSEN,
        ..table(window, days)
    })];
    blocks.extend(others(window).iter().map(|other| {
        Block::Table(Table {
            variant_of: Some(CHOSEN),
            ..table(other, days)
        })
    }));
    let weeks = match (window.by, window.week_start.key()) {
        (By::Week, "sunday") => " Weeks begin on Sunday, as in the Purview portal.",
        (By::Week, _) => {
            " Weeks begin on Monday (the Purview portal's begin on Sunday: --week-start sunday)."
        }
        _ => "",
    };
    Ok(Section {
        id: "outcomes",
        title: "Outcomes over time",
        lead: format!(
            "A run counts on the day it started (time zone {}).{weeks}",
            context.prepared.zone.name()
        ),
        blocks,
    })
}
