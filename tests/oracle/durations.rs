//! How long runs took and waited, when they began, and what the sources delivered.

use chrono::{Datelike, Timelike, Weekday};
use serde_json::{Value, json};

use super::reconcile::Run;
use super::state::{Scan, World, median, went_well};
use super::tables::{distinct, identity_row, inside, percentile};
use super::times::json_time;

/// The values from the smallest on.
fn sorted(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut values: Vec<i64> = values.collect();
    values.sort_unstable();
    values
}

fn durations(runs: &[&Run]) -> Vec<i64> {
    sorted(
        runs.iter()
            .filter(|run| went_well(run))
            .filter_map(|run| run.rec.duration_ms),
    )
}

fn queues(runs: &[&Run]) -> Vec<i64> {
    sorted(runs.iter().filter_map(|run| run.rec.queue_ms))
}

/// How much of the time from queued (else start) to the end the runs spent in the queue.
fn queue_share(runs: &[&Run]) -> Value {
    let mut waited = 0;
    let mut whole = 0;
    for run in runs {
        let (Some(queue), Some(duration)) = (run.rec.queue_ms, run.rec.duration_ms) else {
            continue;
        };
        // The duration begins with the start, so that what lies before it comes on top.
        let mut time = duration;
        if let (Some(queued), Some(started)) = (run.rec.queued_at, run.rec.started_at) {
            time += (started - queued).num_milliseconds().max(0);
        }
        waited += queue.min(time);
        whole += time;
    }
    if whole == 0 {
        Value::Null
    } else {
        json!(waited as f64 / whole as f64)
    }
}

/// Active runs of which the run itself or one of its phases has this status.
fn in_phase(runs: &[&Run], word: &str) -> usize {
    let mut count = 0;
    for run in runs {
        let rec = &run.rec;
        let phases = [rec.status, rec.discovery_status, rec.ingestion_status];
        if run.outcome == "active" && phases.contains(&Some(word)) {
            count += 1;
        }
    }
    count
}

/// The runs that went well and have a duration, longest first; of equally long ones the earlier, then by run id.
fn longest_first<'a>(runs: &[&'a Run]) -> Vec<&'a Run> {
    let mut long: Vec<&Run> = runs
        .iter()
        .copied()
        .filter(|run| went_well(run) && run.rec.duration_ms.is_some())
        .collect();
    long.sort_by(|a, b| {
        (b.rec.duration_ms.cmp(&a.rec.duration_ms))
            .then_with(|| (a.time, &a.rec.run_id).cmp(&(b.time, &b.rec.run_id)))
    });
    long
}

fn in_period<'a>(world: &World<'_>, scan: &Scan<'a>) -> Vec<&'a Run> {
    scan.only(|run| world.dates.window.holds(run.day))
}

pub(super) fn scans(world: &World<'_>) -> Value {
    let mut rows = Vec::new();
    for scan in &world.scans {
        let here = in_period(world, scan);
        let durations = durations(&here);
        if durations.is_empty() {
            continue;
        }
        let queues = queues(&here);
        let mut row = identity_row(&scan.identity);
        row["runs"] = json!(durations.len());
        row["p50_ms"] = percentile(&durations, 50);
        row["p95_ms"] = percentile(&durations, 95);
        row["max_ms"] = json!(durations.last());
        row["queue_p50_ms"] = percentile(&queues, 50);
        row["queue_p95_ms"] = percentile(&queues, 95);
        row["queue_share"] = queue_share(&here);
        row["throttled_runs"] = json!(in_phase(&here, "throttled"));
        row["slowest_run_id"] = json!(longest_first(&here)[0].rec.run_id);
        rows.push(row);
    }
    rows.sort_by_key(|row| -row["p95_ms"].as_i64().unwrap());
    Value::Array(rows)
}

pub(super) fn figures(world: &World<'_>) -> Value {
    let here = inside(world.counted, world.dates.window);
    let durations = durations(&here);
    let queues = queues(&here);
    json!({
        "duration_p50_ms": percentile(&durations, 50),
        "duration_p95_ms": percentile(&durations, 95),
        "queue_p50_ms": percentile(&queues, 50),
        "queue_p95_ms": percentile(&queues, 95),
        "queue_share": queue_share(&here),
        "queued_runs": in_phase(&here, "queued"),
        "throttled_runs": in_phase(&here, "throttled"),
    })
}

pub(super) fn slowest(world: &World<'_>) -> Value {
    let here = inside(world.counted, world.dates.window);
    let mut rows = Vec::new();
    for run in longest_first(&here).into_iter().take(10) {
        let identity = run.rec.identity();
        let scan = world
            .scans
            .iter()
            .find(|scan| scan.identity == identity)
            .unwrap();
        let mut row = identity_row(&identity);
        row["run_id"] = json!(run.rec.run_id);
        row["at"] = json_time(Some(run.time));
        row["outcome"] = json!(run.outcome);
        row["duration_ms"] = json!(run.rec.duration_ms);
        row["usual_ms"] = json!(median(&durations(&in_period(world, scan))));
        rows.push(row);
    }
    Value::Array(rows)
}

pub(super) fn starts(world: &World<'_>) -> Value {
    let names = [
        (Weekday::Mon, "Monday"),
        (Weekday::Tue, "Tuesday"),
        (Weekday::Wed, "Wednesday"),
        (Weekday::Thu, "Thursday"),
        (Weekday::Fri, "Friday"),
        (Weekday::Sat, "Saturday"),
        (Weekday::Sun, "Sunday"),
    ];
    let here = inside(world.counted, world.dates.window);
    let mut rows = Vec::new();
    for place in 0..7 {
        let (weekday, name) = names[if world.options.sunday {
            (place + 6) % 7
        } else {
            place
        }];
        let mut row = json!({"weekday": name});
        for hour in 0..24 {
            let runs = here
                .iter()
                .map(|run| run.time.with_timezone(&world.options.tz))
                .filter(|local| local.weekday() == weekday && local.hour() == hour)
                .count();
            row[format!("h{hour:02}")] = json!(runs);
        }
        rows.push(row);
    }
    Value::Array(rows)
}

/// `gaps.sources`.
pub(super) fn sources(world: &World<'_>) -> Value {
    let mut runs = Vec::new();
    for scan in &world.scans {
        runs.extend(scan.only(|run| run.rec.system == "zscaler-uvm"));
    }
    runs.sort_by_key(|run| (run.time, &run.rec.run_id));
    let key = |run: &Run| {
        (
            run.rec.system.clone(),
            run.rec.account.clone(),
            run.rec.source.clone(),
            run.rec.run_type.clone(),
        )
    };
    let mut rows = Vec::new();
    for group in distinct(runs.iter().map(|run| key(run))) {
        let of_it: Vec<&Run> = runs
            .iter()
            .copied()
            .filter(|run| key(run) == group)
            .collect();
        let here: Vec<&&Run> = of_it
            .iter()
            .filter(|run| world.dates.window.holds(run.day))
            .collect();
        if here.is_empty() {
            continue;
        }
        let delivered: Vec<i64> = of_it
            .iter()
            .rev()
            .filter(|run| went_well(run))
            .filter_map(|run| run.rec.row_count)
            .collect();
        let last = delivered.first().copied();
        let previous = delivered.get(1).copied();
        let change = match (last, previous) {
            (Some(last), Some(previous)) if previous != 0 => {
                json!((last - previous) as f64 / previous as f64)
            }
            _ => Value::Null,
        };
        let not_unified = here
            .iter()
            .filter(|run| went_well(run) && run.rec.category.as_deref() == Some("map"))
            .count();
        rows.push(json!({
            "system": group.0,
            "account": group.1,
            "source": group.2,
            "run_type": group.3,
            "runs": here.len(),
            "last_rows": last,
            "previous_rows": previous,
            "change": change,
            "not_unified_runs": not_unified,
        }));
    }
    Value::Array(rows)
}
