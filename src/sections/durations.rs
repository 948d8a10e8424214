//! How long do runs take and wait, which are the slowest, and when do they start?

use anyhow::Result;
use polars::prelude::{
    DataFrame, DataType, Expr, JoinArgs, JoinType, LazyFrame, NULL, col, lit, when,
};

use super::Context;
use super::bounds::Bounded;
use super::frames::{
    again, cells, collect, column, counts, during, figure, figures, first_int, is, number_of,
    percentile, plural, rows, scan_columns, scan_names, sorted, table, went_well,
};
use super::runs::to_scan;
use crate::render::format;
use crate::report::{Block, Cell, Column, Drawing, Place, Row, Section, Table, Unit};
use crate::runs::calendar::{WeekStart, local_time};
use crate::runs::frame::column::{AT, OUTCOME, SCAN_KEY};
use crate::runs::schema::{Field, Outcome};

/// Runs listed as the slowest.
const SLOWEST: usize = 10;

const QUEUE: &str = "The middle value (nearest rank) of the runs of the period that state it: from queued (else start) to the start of discovery; without a discovery, from queued to start.";
const QUEUE_SHARE: &str = "Time in the queue, of the whole time from queued (else start) to the end, summed over the runs of the period with a queue time and a duration. A dash: there is none.";
const THROTTLED: &str = "Active runs of the period with the status throttled, of the run or of a phase. A run that has ended no longer says so.";

/// Runs that went well and have a duration.
fn timed() -> Expr {
    went_well().and(col("duration_ms").is_not_null())
}

/// The part of the time that runs with a queue time and a duration waited: null where there is none, or no time. A run
/// lasts from queued (else start) to its end, and waits for no longer than that.
fn queue_share() -> Expr {
    let micros = |name: &str| col(name).cast(DataType::Int64);
    let before_start = micros("started_at") - micros("queued_at");
    // Whole milliseconds; the quotient is exact enough to be cut for any instant.
    let millis =
        (before_start.clone().cast(DataType::Float64) / lit(1_000.0)).cast(DataType::Int64);
    let before_start = when(before_start.gt(lit(0i64)))
        .then(millis)
        .otherwise(lit(0i64));
    let whole = col("duration_ms") + before_start;
    let queue = when(col("queue_ms").gt(whole.clone()))
        .then(whole.clone())
        .otherwise(col("queue_ms"));
    let both = || {
        col("duration_ms")
            .is_not_null()
            .and(col("queue_ms").is_not_null())
    };
    let sum = |values: Expr| values.filter(both()).sum().cast(DataType::Float64);
    when(sum(whole.clone()).gt(lit(0.0)))
        .then(sum(queue) / sum(whole))
        .otherwise(lit(NULL).cast(DataType::Float64))
        .alias("queue_share")
}

/// Active runs with this status in any phase.
fn in_any_phase(word: &str) -> Expr {
    let statuses = ["status", "discovery_status", "ingestion_status"];
    let says = statuses.map(|status| col(status).eq(lit(word)).fill_null(lit(false)));
    let any = says.into_iter().fold(lit(false), Expr::or);
    is(Outcome::Active).and(any)
}

/// One row for each scan with such runs in the period, the longest 95th percentile first.
fn scans(inside: &LazyFrame) -> Result<DataFrame> {
    let slowest = inside
        .clone()
        .filter(timed())
        .group_by([col(SCAN_KEY)])
        .agg([
            col("run_id")
                .filter(col("duration_ms").eq(col("duration_ms").max()))
                .first()
                .alias("slowest_run_id"),
            col("duration_ms").max().alias("max_ms"),
        ]);
    let measures = inside.clone().group_by([col(SCAN_KEY)]).agg([
        number_of(timed()).alias("runs"),
        percentile("duration_ms", went_well(), 50).alias("p50_ms"),
        percentile("duration_ms", went_well(), 95).alias("p95_ms"),
        percentile("queue_ms", lit(true), 50).alias("queue_p50_ms"),
        percentile("queue_ms", lit(true), 95).alias("queue_p95_ms"),
        queue_share(),
        number_of(in_any_phase("throttled")).alias("throttled_runs"),
    ]);
    let key = || [col(SCAN_KEY)];
    let left = || JoinArgs::new(JoinType::Left);
    let measures = measures.filter(col("runs").gt(lit(0i64)));
    let joined = again(&collect(measures)?)
        .join(scan_names(inside.clone()), key(), key(), left())
        .join(slowest, key(), key(), left());
    collect(sorted(joined, &[("p95_ms", true), (SCAN_KEY, false)]))
}

/// The same over all scans, and how many runs still wait.
fn totals(inside: &LazyFrame) -> Result<DataFrame> {
    let waiting = in_any_phase("queued").or(in_any_phase("throttled"));
    collect(inside.clone().select([
        percentile("duration_ms", went_well(), 50).alias("duration_p50_ms"),
        percentile("duration_ms", went_well(), 95).alias("duration_p95_ms"),
        percentile("queue_ms", lit(true), 50).alias("queue_p50_ms"),
        percentile("queue_ms", lit(true), 95).alias("queue_p95_ms"),
        queue_share(),
        number_of(in_any_phase("queued")).alias("queued_runs"),
        number_of(in_any_phase("throttled")).alias("throttled_runs"),
        number_of(waiting).alias("waiting_runs"),
    ]))
}

/// The runs that took longest, beside what is usual for their scan.
fn slowest(inside: &LazyFrame, scans: &DataFrame) -> Result<Table> {
    let usual = again(scans).select([col(SCAN_KEY), col("p50_ms").alias("usual_ms")]);
    let longest = sorted(
        inside
            .clone()
            .filter(timed())
            .with_row_index("position", None),
        &[("duration_ms", true), ("position", false)],
    )
    .limit(u32::try_from(SLOWEST).unwrap_or(u32::MAX));
    let joined = again(&collect(longest)?).join(
        usual,
        [col(SCAN_KEY)],
        [col(SCAN_KEY)],
        JoinArgs::new(JoinType::Left),
    );
    let frame = collect(sorted(
        joined,
        &[("duration_ms", true), ("position", false)],
    ))?;
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
    let note = match frame.height() {
        0 => "No run of this period went well and has a duration.".to_owned(),
        _ => "Of the runs that went well.".to_owned(),
    };
    let mut slowest = table("slowest", "Slowest runs", note, columns, &frame)?;
    slowest.rows = slowest.rows.into_iter().map(to_scan).collect();
    Ok(slowest)
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

/// Runs by local weekday and hour.
fn starts(context: &Context<'_>, inside: &LazyFrame) -> Result<Table> {
    let zone = context.prepared.zone;
    let mut counts = [[0_i64; 24]; 7];
    let frame = collect(inside.clone().select([col(AT)]))?;
    for at in super::frames::ints(&frame, AT)?.into_iter().flatten() {
        let local = local_time(zone, at);
        let weekday = chrono::Datelike::weekday(&local).num_days_from_monday() as usize;
        counts[weekday][chrono::Timelike::hour(&local) as usize] += 1;
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
    Ok(Table {
        drawing: Some(Drawing::Shades),
        ..Table::new(
            "starts",
            "When runs start",
            format!("Runs by weekday and hour, {}.", zone.name()),
            columns,
            rows,
        )
    })
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let inside = context
        .prepared
        .runs
        .lazy()
        .filter(counts().and(during(context.prepared.window.span)));
    let totals = totals(&inside)?;
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
    let frame = scans(&inside)?;
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
    let note = match frame.height() {
        0 => "No run of this period went well and has a duration.".to_owned(),
        _ => "The longest 95th percentile first.".to_owned(),
    };
    let bounds = context.bounds;
    let Bounded { table: scans, rest } = bounds.table("scans", "By scan", note, columns, &frame)?;
    let median = cells(&totals, "duration_p50_ms")?.into_iter().next();
    let lead = match median {
        Some(Cell::Int(median)) => {
            let waiting = match first_int(&totals, "waiting_runs")? {
                0 => String::new(),
                waiting => format!(
                    " {} queued or throttled when the data was exported.",
                    plural(waiting, "run was", "runs were")
                ),
            };
            let timed = first_int(
                &collect(inside.clone().filter(timed()).select([rows().alias("n")]))?,
                "n",
            )?;
            format!(
                "Half of {} that went well took {} or less.{waiting}",
                plural(timed, "run", "runs"),
                format::duration(median)
            )
        }
        _ => "No run of this period went well and has a duration.".to_owned(),
    };
    let mut blocks = vec![
        figures("figures", "", known, &totals)?,
        Block::Table(Table {
            drawing: Some(Drawing::Ranges {
                keys: ["p50_ms", "p95_ms", "max_ms"],
            }),
            rows: scans.rows.into_iter().map(to_scan).collect(),
            ..scans
        }),
    ];
    blocks.extend(rest);
    blocks.push(Block::Table(slowest(&inside, &frame)?));
    blocks.push(Block::Table(starts(context, &inside)?));
    Ok(Section {
        id: "durations",
        title: "How long runs take",
        lead,
        blocks,
    })
}
