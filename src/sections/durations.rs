//! How long do runs take and wait, which are the slowest, and when do they start?

use std::cmp::Reverse;

use anyhow::Result;
use polars::prelude::DataFrame;

use super::Context;
use super::bounds::Bounded;
use super::columns::{Basics, Days, Names, Numbers, Statuses};
use super::frames::{Values, column, figure, figures, percentiles, plural, scan_columns};
use super::history::{History, Run, Scan};
use super::runs::to_scan;
use crate::render::format;
use crate::report::{Block, Cell, Column, Drawing, Place, Row, Section, Table, Unit};
use crate::runs::calendar::{WeekStart, local_time};
use crate::runs::frame::column::{AT, OUTCOME};
use crate::runs::schema::{Field, Outcome, Status};

/// Runs listed as the slowest.
const SLOWEST: usize = 10;

const QUEUE: &str = "The middle value (nearest rank) of the runs of the period that state it: from queued (else start) to the start of discovery; without a discovery, from queued to start.";
const QUEUE_SHARE: &str = "Time in the queue, of the whole time from queued (else start) to the end, summed over the runs of the period with a queue time and a duration. A dash: there is none.";
const THROTTLED: &str = "Active runs of the period with the status throttled, of the run or of a phase. A run that has ended no longer says so.";

/// What the runs of a scan, or all runs, waited of the time that they took, and how many of them wait.
#[derive(Clone, Copy, Default)]
struct Waits {
    queue_ms: i64,
    whole_ms: i64,
    queued: i64,
    throttled: i64,
    /// Queued or throttled.
    waiting: i64,
}

impl Waits {
    fn add(&mut self, other: Waits) {
        let sums = [
            (&mut self.queue_ms, other.queue_ms),
            (&mut self.whole_ms, other.whole_ms),
            (&mut self.queued, other.queued),
            (&mut self.throttled, other.throttled),
            (&mut self.waiting, other.waiting),
        ];
        for (sum, more) in sums {
            *sum = sum.wrapping_add(more);
        }
    }

    /// The part of the time that runs with a queue time and a duration waited: null where there is none, or no time.
    fn share(self) -> Cell {
        let whole = self.whole_ms as f64;
        Cell::float((whole > 0.0).then(|| self.queue_ms as f64 / whole))
    }
}

/// The columns that say what a run waited.
struct Waiting<'a> {
    basics: Basics<'a>,
    duration: Numbers<'a>,
    queue: Numbers<'a>,
    queued: Numbers<'a>,
    started: Numbers<'a>,
    statuses: [Statuses<'a>; 3],
}

impl<'a> Waiting<'a> {
    fn new(frame: &'a DataFrame) -> Result<Waiting<'a>> {
        Ok(Waiting {
            basics: Basics::new(frame)?,
            duration: Numbers::new(frame, "duration_ms")?,
            queue: Numbers::new(frame, "queue_ms")?,
            queued: Numbers::new(frame, "queued_at")?,
            started: Numbers::new(frame, "started_at")?,
            statuses: [
                Statuses::new(frame, "status")?,
                Statuses::new(frame, "discovery_status")?,
                Statuses::new(frame, "ingestion_status")?,
            ],
        })
    }

    /// A run lasts from queued (else start) to its end, and waits for no longer than that.
    fn of(&self, row: usize) -> Waits {
        let mut waits = Waits::default();
        if let (Some(duration), Some(queue)) = (self.duration.get(row), self.queue.get(row)) {
            let before_start = self.started.get(row).zip(self.queued.get(row));
            let before_start = before_start.map_or(0, |(start, queued)| start - queued);
            waits.whole_ms = duration.wrapping_add(before_start.max(0) / 1_000);
            waits.queue_ms = queue.min(waits.whole_ms);
        }
        if self.basics.outcome(row) == Outcome::Active {
            let says = |status| {
                self.statuses
                    .iter()
                    .any(|column| column.get(row) == Some(status))
            };
            let (queued, throttled) = (says(Status::Queued), says(Status::Throttled));
            waits.queued = i64::from(queued);
            waits.throttled = i64::from(throttled);
            waits.waiting = i64::from(queued || throttled);
        }
        waits
    }
}

/// A scan with runs of the period that went well and have a duration.
struct Timed<'a> {
    scan: &'a Scan,
    runs: i64,
    p50: i64,
    p95: i64,
    /// The first of the runs that took longest.
    slowest: &'a Run,
    queue: Option<[i64; 2]>,
}

/// Runs of the period that went well and have a duration, with that.
fn timed<'a>(history: &'a History<'_>, scan: &'a Scan) -> impl Iterator<Item = (i64, &'a Run)> {
    let inside = scan.runs.iter().filter(|run| history.is_inside(run));
    inside
        .filter(|run| run.went_well())
        .filter_map(|run| Some((run.duration_ms()?, run)))
}

/// The queue times of the runs of the period.
fn queues<'a>(history: &'a History<'_>, scan: &'a Scan) -> impl Iterator<Item = i64> + 'a {
    let inside = scan.runs.iter().filter(|run| history.is_inside(run));
    inside.filter_map(Run::queue_ms)
}

/// Every such scan, the longest 95th percentile first.
fn scans<'a>(history: &'a History<'_>) -> Vec<Timed<'a>> {
    let mut waited = Vec::new();
    let scans = history.scans.iter().filter_map(|scan| {
        let [p50, p95] = scan.durations?;
        let mut runs = timed(history, scan);
        let first = runs.next()?;
        let (count, (_, slowest)) = runs.fold((1, first), |(count, longest), run| {
            (count + 1, if run.0 > longest.0 { run } else { longest })
        });
        waited.clear();
        waited.extend(queues(history, scan));
        Some(Timed {
            scan,
            runs: count,
            p50,
            p95,
            slowest,
            queue: percentiles(&mut waited),
        })
    });
    let mut scans: Vec<_> = scans.collect();
    scans.sort_by_key(|timed| (Reverse(timed.p95), timed.scan.key));
    scans
}

/// The same over all scans.
fn totals(history: &History<'_>, waits: Waits) -> Values {
    let scans = || history.scans.iter();
    let all = scans().flat_map(|scan| timed(history, scan));
    let durations = percentiles(&mut all.map(|(duration, _)| duration).collect::<Vec<_>>());
    let all = scans().flat_map(|scan| queues(history, scan));
    let queue = percentiles(&mut all.collect::<Vec<_>>());
    let nth = |both: Option<[i64; 2]>, at: usize| Cell::int(both.map(|both| both[at]));
    Values::from([
        ("duration_p50_ms", nth(durations, 0)),
        ("duration_p95_ms", nth(durations, 1)),
        ("queue_p50_ms", nth(queue, 0)),
        ("queue_p95_ms", nth(queue, 1)),
        ("queue_share", waits.share()),
        ("queued_runs", Cell::Int(waits.queued)),
        ("throttled_runs", Cell::Int(waits.throttled)),
    ])
}

/// The runs that took longest, beside what is usual for their scan.
fn slowest(history: &History<'_>, names: Names<'_>, scans: &[Timed<'_>]) -> Table {
    // The longest first, of equals the first.
    let mut longest: Vec<(Reverse<i64>, u32, &Run, &Timed<'_>)> = Vec::new();
    for of_scan in scans {
        for (duration, run) in timed(history, of_scan.scan) {
            let next = (Reverse(duration), run.position);
            let is_longer = |last: &(Reverse<i64>, u32, &Run, &Timed<'_>)| next < (last.0, last.1);
            if longest.len() < SLOWEST || longest.last().is_some_and(is_longer) {
                let at = longest.partition_point(|known| (known.0, known.1) < next);
                longest.insert(at, (next.0, next.1, run, of_scan));
                longest.truncate(SLOWEST);
            }
        }
    }
    let mut columns = scan_columns();
    columns.extend([
        column("duration_ms", "Duration", Unit::Duration, Place::Column)
            .means(super::runs::definition(Field::DurationMs)),
        column(
            "usual_ms",
            "Usual for the scan",
            Unit::Duration,
            Place::Column,
        )
        .means("The median of the scan's runs of the period that went well."),
        column(OUTCOME, "Outcome", Unit::Status, Place::Column)
            .means("The worst of the run's statuses."),
        column(AT, "Run", Unit::Time, Place::Column).means("Its start, else queue time, else end."),
        column("run_id", "Run id", Unit::Id, Place::Column),
    ]);
    let note = match longest.len() {
        0 => "No run of this period went well and has a duration.".to_owned(),
        _ => "Of the runs that went well.".to_owned(),
    };
    let rows = longest
        .into_iter()
        .map(|(duration, position, run, of_scan)| {
            let mut cells = names.cells(position as usize).to_vec();
            cells.extend([
                Cell::Int(duration.0),
                Cell::Int(of_scan.p50),
                Cell::Text(run.outcome.key().to_owned()),
                Cell::Time(run.at),
                history.cell("run_id", position),
            ]);
            to_scan(Row {
                cells,
                ..Row::default()
            })
        });
    Table::new("slowest", "Slowest runs", note, columns, rows.collect())
}

/// The keys of the columns of hours.
const HOURS: [&str; 24] = [
    "h00", "h01", "h02", "h03", "h04", "h05", "h06", "h07", "h08", "h09", "h10", "h11", "h12",
    "h13", "h14", "h15", "h16", "h17", "h18", "h19", "h20", "h21", "h22", "h23",
];
const HOUR_LABELS: [&str; 24] = [
    "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15",
    "16", "17", "18", "19", "20", "21", "22", "23",
];
const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;

/// Runs by local weekday and hour.
fn starts(context: &Context<'_>, basics: &Basics<'_>) -> Table {
    let zone = context.prepared.zone;
    let mut counts = [[0_i64; 24]; 7];
    // Runs are in order of time, and no clock is put forward or back within a minute.
    let mut known: Option<(i64, usize, usize)> = None;
    for row in basics.rows(Days::of(context.prepared.window.span)) {
        let minute = basics.at(row).div_euclid(MINUTE);
        let (weekday, hour) = match known {
            Some((of, weekday, hour)) if of == minute => (weekday, hour),
            _ => {
                let local = local_time(zone, minute * MINUTE);
                let weekday = chrono::Datelike::weekday(&local).num_days_from_monday() as usize;
                (weekday, chrono::Timelike::hour(&local) as usize)
            }
        };
        known = Some((minute, weekday, hour));
        counts[weekday][hour] += 1;
    }
    let first = match context.prepared.window.week_start {
        WeekStart::Monday => 0,
        WeekStart::Sunday => 6,
    };
    let hours = HOURS.iter().zip(HOUR_LABELS);
    let mut columns = vec![
        column("weekday", "Weekday", Unit::Text, Place::Name)
            .means("Day of the week, in the report's time zone."),
    ];
    columns.extend(hours.map(|(&key, label)| Column {
        definition: "Runs of the period whose time lies in this local hour.",
        ..column(key, label, Unit::Count, Place::Column)
    }));
    let rows: Vec<Row> = (first..first + 7)
        .map(|day| {
            let mut cells = vec![Cell::Text(WEEKDAYS[day % 7].to_owned())];
            cells.extend(counts[day % 7].map(Cell::Int));
            Row {
                cells,
                ..Row::default()
            }
        })
        .collect();
    Table {
        drawing: Some(Drawing::Shades),
        ..Table::new(
            "starts",
            "When runs start",
            format!("Runs by weekday and hour, {}.", zone.name()),
            columns,
            rows,
        )
    }
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let frame = context.prepared.runs.frame();
    let (waiting, names) = (Waiting::new(frame)?, Names::new(frame)?);
    let mut by_scan = vec![Waits::default(); waiting.basics.scans()];
    let mut all = Waits::default();
    for row in waiting.basics.rows(Days::of(context.prepared.window.span)) {
        let waits = waiting.of(row);
        by_scan[waiting.basics.key(row) as usize].add(waits);
        all.add(waits);
    }
    let history = context.history()?;
    let totals = totals(history, all);
    let known = vec![
        figure(
            "duration_p50_ms",
            "Usual duration (median)",
            Unit::Duration,
            "The middle value (nearest rank) of the runs of the period that went well and have a duration: from start to end, with the time in the queue where the export's start is before it.",
        ),
        figure(
            "duration_p95_ms",
            "Long duration (95th percentile)",
            Unit::Duration,
            "95 of 100 of the same runs took this or less (nearest rank).",
        ),
        figure(
            "queue_p50_ms",
            "Usual time in queue (median)",
            Unit::Duration,
            QUEUE,
        ),
        figure(
            "queue_p95_ms",
            "Long time in queue (95th percentile)",
            Unit::Duration,
            "95 of 100 of the same runs waited this or less (nearest rank).",
        ),
        figure(
            "queue_share",
            "Share of the time spent in the queue",
            Unit::Share,
            QUEUE_SHARE,
        ),
        figure(
            "queued_runs",
            "Runs in the queue",
            Unit::Count,
            "Active runs of the period with the status queued, of the run or of a phase.",
        ),
        figure("throttled_runs", "Runs throttled", Unit::Count, THROTTLED),
    ];
    let timed = scans(history);
    let mut columns = scan_columns();
    columns.extend([
        column("p50_ms", "Usual (median)", Unit::Duration, Place::Column).means("The middle value (nearest rank) of the scan's runs of the period that went well and have a duration."),
        column(
            "p95_ms",
            "Long (95th percentile)",
            Unit::Duration,
            Place::Column,
        )
        .means("95 of 100 of the same runs took this or less (nearest rank)."),
        column("max_ms", "Longest", Unit::Duration, Place::Column)
            .means("The longest of the same runs."),
        column(
            "queue_p50_ms",
            "Queue, usual",
            Unit::Duration,
            Place::Column,
        )
        .means(QUEUE),
        column("queue_p95_ms", "Queue, long", Unit::Duration, Place::Column)
            .means("95 of 100 of the same runs waited this or less (nearest rank)."),
        column("queue_share", "Queue, share", Unit::Share, Place::Column).means(QUEUE_SHARE),
        column("throttled_runs", "Throttled", Unit::Count, Place::Column).means(THROTTLED),
        column("runs", "Runs", Unit::Count, Place::Column)
            .means("Runs of the period that went well and have a duration."),
        column("slowest_run_id", "Slowest run", Unit::Id, Place::Detail)
            .means("The first of the runs that took longest."),
    ]);
    let note = match timed.len() {
        0 => "No run of this period went well and has a duration.".to_owned(),
        _ => "The longest 95th percentile first.".to_owned(),
    };
    let bounds = context.bounds;
    let rows = timed.iter().map(|of_scan| {
        let slowest = of_scan.slowest.position;
        let waits = by_scan[usize::try_from(of_scan.scan.key).unwrap_or_default()];
        let mut cells = names.cells(slowest as usize).to_vec();
        cells.extend([
            Cell::Int(of_scan.p50),
            Cell::Int(of_scan.p95),
            Cell::int(of_scan.slowest.duration_ms()),
            Cell::int(of_scan.queue.map(|[p50, _]| p50)),
            Cell::int(of_scan.queue.map(|[_, p95]| p95)),
            waits.share(),
            Cell::Int(waits.throttled),
            Cell::Int(of_scan.runs),
            history.cell("run_id", slowest),
        ]);
        Row {
            cells,
            ..Row::default()
        }
    });
    let Bounded { table: scans, rest } = bounds.rows("scans", "By scan", note, columns, rows);
    let lead = match totals.get("duration_p50_ms") {
        Some(Cell::Int(median)) => {
            let waiting = match all.waiting {
                0 => String::new(),
                waiting => format!(
                    " {} queued or throttled when the data was exported.",
                    plural(waiting, "run was", "runs were")
                ),
            };
            let runs = timed.iter().map(|of_scan| of_scan.runs).sum();
            format!(
                "Half of {} that went well took {} or less.{waiting}",
                plural(runs, "run", "runs"),
                format::duration(*median)
            )
        }
        _ => "No run of this period went well and has a duration.".to_owned(),
    };
    let mut blocks = vec![
        figures("figures", "", known, &totals),
        Block::Table(Table {
            drawing: Some(Drawing::Ranges {
                keys: ["p50_ms", "p95_ms", "max_ms"],
            }),
            rows: scans.rows.into_iter().map(to_scan).collect(),
            ..scans
        }),
    ];
    blocks.extend(rest);
    blocks.push(Block::Table(slowest(history, names, &timed)));
    blocks.push(Block::Table(starts(context, &waiting.basics)));
    Ok(Section {
        id: "durations",
        title: "How long runs take",
        lead,
        blocks,
    })
}
