//! What somebody should look at, and since when.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::cadence::{self, Series, Slot};
use super::changes::ErrorRow;
use super::reconcile::Run;
use super::state::{Scan, World, failed, median, streak, went_well};
use super::tables::{distinct, gap};
use super::times::json_time;
use super::{Loaded, Time, words};

/// The kinds in the order of the report, which is by severity first.
pub(crate) const KINDS: [(&str, &str); 17] = [
    ("stopped_succeeding", "high"),
    ("never_succeeded", "high"),
    ("ingestion_loss", "high"),
    ("unexplained_gap", "medium"),
    ("nothing_discovered", "medium"),
    ("stuck", "medium"),
    ("missed_runs", "medium"),
    ("volume_drop", "medium"),
    ("new_error", "medium"),
    ("export_may_be_cut", "medium"),
    ("flapping", "low"),
    ("slower", "low"),
    ("queue_pressure", "low"),
    ("silent_scan", "low"),
    ("inconsistent_record", "low"),
    ("conflicting_records", "low"),
    ("unmapped_status", "low"),
];

const FILE_SOURCES: [&str; 11] = [
    "adlsgen1",
    "adlsgen2",
    "azurestorage",
    "azureblob",
    "azureblobstorage",
    "azurefileservice",
    "azurefiles",
    "amazons3",
    "hdfs",
    "googlecloudstorage",
    "gcs",
];

/// System, account, source and scan; all null where a finding is about none.
type Place = (
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

struct Finding {
    kind: &'static str,
    place: Place,
    since: Option<Time>,
    runs: i64,
}

/// When the first of these runs was, and how many there are.
type Evidence = (Time, i64);

fn evidence(runs: &[&Run]) -> Option<Evidence> {
    Some((runs.first()?.time, runs.len() as i64))
}

pub(super) fn table(
    world: &World<'_>,
    loaded: &Loaded,
    conflicts: i64,
    errors: &[ErrorRow],
) -> Value {
    let mut found = Vec::new();
    for (kind, place, (since, runs)) in missed_runs(world) {
        found.push(Finding {
            kind,
            place,
            since: Some(since),
            runs,
        });
    }
    for scan in &world.scans {
        let place = place(scan);
        let missed = found
            .iter()
            .any(|finding| finding.kind == "missed_runs" && finding.place == place);
        let stopped = stopped_succeeding(scan);
        let of_scan = [
            ("stopped_succeeding", stopped),
            ("never_succeeded", never_succeeded(scan)),
            ("ingestion_loss", ingestion_loss(scan)),
            ("unexplained_gap", unexplained_gap(scan)),
            (
                "nothing_discovered",
                by_type(world, scan, measure, nothing_discovered),
            ),
            ("stuck", stuck(scan, world.horizon(scan))),
            ("volume_drop", by_type(world, scan, measure, volume_drop)),
            ("flapping", flapping(scan).filter(|_| stopped.is_none())),
            (
                "slower",
                by_type(world, scan, |run| run.rec.duration_ms, slower),
            ),
            ("queue_pressure", queue_pressure(world, scan)),
            ("silent_scan", silent_scan(world, scan).filter(|_| !missed)),
            ("inconsistent_record", inconsistent_record(world, scan)),
        ];
        for (kind, evidence) in of_scan {
            if let Some((since, runs)) = evidence {
                found.push(Finding {
                    kind,
                    place: place.clone(),
                    since: Some(since),
                    runs,
                });
            }
        }
    }
    for error in errors
        .iter()
        .filter(|error| error.new == Some(true) && error.runs >= 2)
    {
        let place = match &error.scans[..] {
            [(system, account, source, scan)] => (
                Some(system.clone()),
                account.clone(),
                source.clone(),
                scan.clone(),
            ),
            _ => Place::default(),
        };
        found.push(Finding {
            kind: "new_error",
            place,
            since: Some(error.first_seen),
            runs: error.runs,
        });
    }
    let mut of_files = vec![
        ("conflicting_records", conflicts),
        ("unmapped_status", loaded.unmapped),
    ];
    of_files.retain(|(_, runs)| *runs > 0);
    of_files.extend(loaded.cut.iter().map(|read| ("export_may_be_cut", *read)));
    for (kind, runs) in of_files {
        found.push(Finding {
            kind,
            place: Place::default(),
            since: None,
            runs,
        });
    }
    let rank = |finding: &Finding| KINDS.iter().position(|(kind, _)| *kind == finding.kind);
    found.sort_by(|a, b| (rank(a), &a.place, a.since).cmp(&(rank(b), &b.place, b.since)));
    let rows = found.iter().map(|finding| {
        let (_, severity) = KINDS[rank(finding).unwrap()];
        json!({
            "kind": finding.kind,
            "severity": severity,
            "system": finding.place.0,
            "account": finding.place.1,
            "source": finding.place.2,
            "scan": finding.place.3,
            "since": json_time(finding.since),
            "runs": finding.runs,
        })
    });
    Value::Array(rows.collect())
}

fn place(scan: &Scan<'_>) -> Place {
    let (system, account, source, name) = scan.identity.clone();
    (Some(system), account, source, name)
}

fn stopped_succeeding(scan: &Scan<'_>) -> Option<Evidence> {
    let streak = streak(&scan.history);
    let long = match streak[..] {
        [] | [_] => false,
        [first, last] => last.time - first.time >= TimeDelta::hours(24),
        _ => true,
    };
    if long && scan.history.iter().any(|run| went_well(run)) {
        evidence(&streak)
    } else {
        None
    }
}

fn never_succeeded(scan: &Scan<'_>) -> Option<Evidence> {
    let finished = scan.only(|run| went_well(run) || failed(run) || run.outcome == "cancelled");
    let fires = finished.len() >= 3
        && !finished.iter().any(|run| went_well(run))
        && finished.iter().any(|run| failed(run));
    if fires { evidence(&finished) } else { None }
}

/// The newest of the runs for which a condition holds without a break, oldest first.
fn newest_row<'a>(runs: &[&'a Run], holds: impl Fn(&Run) -> bool) -> Vec<&'a Run> {
    let mut row = Vec::new();
    for run in runs.iter().rev() {
        if !holds(run) {
            break;
        }
        row.push(*run);
    }
    row.reverse();
    row
}

/// Whether the newest known type of the scan's source is one of files.
fn has_raw_files(scan: &Scan<'_>) -> bool {
    let source_type = scan
        .history
        .iter()
        .rev()
        .find_map(|run| run.rec.source_type.as_deref());
    source_type.is_some_and(|kind| FILE_SOURCES.contains(&words::plain(kind).as_str()))
}

fn ingestion_loss(scan: &Scan<'_>) -> Option<Evidence> {
    let comparable = scan.only(|run| gap(run).is_some());
    let row = newest_row(&comparable, |run| gap(run).unwrap().kind == "loss");
    let fires = match row[..] {
        [] => false,
        [only] => {
            let gap = gap(only).unwrap();
            let mut missing = gap.missing;
            if has_raw_files(scan) && gap.ingestion != "failed" {
                missing = only.rec.assets_ingest_failed.unwrap_or(0);
            }
            missing >= 100 && 20 * missing >= gap.discovered
        }
        _ => true,
    };
    if fires { evidence(&row) } else { None }
}

fn unexplained_gap(scan: &Scan<'_>) -> Option<Evidence> {
    if has_raw_files(scan) {
        return None;
    }
    let full = scan.only(|run| run.rec.run_type.as_deref() == Some("full") && gap(run).is_some());
    let row = newest_row(&full, |run| gap(run).unwrap().kind == "unexplained");
    let newest = gap(row.last()?).unwrap();
    if newest.unaccounted >= 10 && 100 * newest.unaccounted >= newest.discovered {
        evidence(&row)
    } else {
        None
    }
}

/// What a run found.
fn measure(run: &Run) -> Option<i64> {
    run.rec.assets_discovered.or(run.rec.row_count)
}

/// What a rule finds in the runs of one run type that went well and for which `known` gives a number. Every run type
/// is tried that has such a run in the period, and that of the newest such run; the one with the newest run first.
fn by_type<'a>(
    world: &World<'_>,
    scan: &Scan<'a>,
    known: impl Fn(&Run) -> Option<i64>,
    rule: impl Fn(&[&'a Run]) -> Option<Evidence>,
) -> Option<Evidence> {
    let all = scan.only(|run| went_well(run) && known(run).is_some());
    let mut tried = Vec::new();
    for run in all.iter().rev() {
        let run_type = &run.rec.run_type;
        if tried.contains(&run_type) {
            continue;
        }
        if !tried.is_empty() && !world.dates.window.holds(run.day) {
            break;
        }
        tried.push(run_type);
        let alike: Vec<&Run> = all
            .iter()
            .copied()
            .filter(|other| other.rec.run_type == *run_type)
            .collect();
        if let Some(found) = rule(&alike) {
            return Some(found);
        }
    }
    None
}

fn nothing_discovered(runs: &[&Run]) -> Option<Evidence> {
    let zeros = newest_row(runs, |run| measure(run) == Some(0));
    let before = &runs[..runs.len() - zeros.len()];
    let three_before = before.len() >= 3
        && before[before.len() - 3..]
            .iter()
            .all(|run| measure(run) > Some(0));
    if three_before { evidence(&zeros) } else { None }
}

fn stuck(scan: &Scan<'_>, horizon: Time) -> Option<Evidence> {
    let longest = scan
        .only(went_well)
        .iter()
        .filter_map(|run| run.rec.duration_ms)
        .max()
        .unwrap_or(0);
    let over = |run: &Run| ["succeeded", "partial", "failed", "cancelled"].contains(&run.outcome);
    let later = scan.history.iter().rposition(|run| over(run));
    let after = &scan.history[later.map_or(0, |index| index + 1)..];
    let open: Vec<&Run> = after.to_vec();
    let stuck = scan.only(|run| {
        let age = horizon - run.time;
        run.outcome == "active"
            && open.iter().any(|one| std::ptr::eq(*one, run))
            && age >= TimeDelta::hours(24)
            && age >= TimeDelta::milliseconds(3 * longest)
    });
    evidence(&stuck)
}

fn volume_drop(runs: &[&Run]) -> Option<Evidence> {
    let (newest, before) = runs.split_last()?;
    let looked_at = &before[before.len().saturating_sub(20)..];
    if looked_at.len() < 5 {
        return None;
    }
    let value = |run: &Run| measure(run).unwrap();
    let values: Vec<i64> = looked_at.iter().map(|run| value(run)).collect();
    let m = median(&values)?;
    let deviations: Vec<i64> = values.iter().map(|v| (v - m).abs()).collect();
    let x = value(newest);
    let fires = x != 0 && 2 * x < m && m >= 20 && m - x > 3 * median(&deviations)?;
    if !fires {
        return None;
    }
    let mut all = looked_at.to_vec();
    all.push(newest);
    evidence(&newest_row(&all, |run| 2 * value(run) < m))
}

fn flapping(scan: &Scan<'_>) -> Option<Evidence> {
    let told = scan.only(|run| went_well(run) || failed(run));
    let newest = &told[told.len().saturating_sub(10)..];
    let failures: Vec<&Run> = newest.iter().copied().filter(|run| failed(run)).collect();
    let turns = newest
        .windows(2)
        .filter(|two| failed(two[0]) != failed(two[1]))
        .count();
    if failures.len() >= 3 && turns >= 4 {
        evidence(&failures)
    } else {
        None
    }
}

fn slower(runs: &[&Run]) -> Option<Evidence> {
    let durations: Vec<i64> = runs
        .iter()
        .map(|run| run.rec.duration_ms.unwrap())
        .collect();
    if durations.len() < 3 + 8 {
        return None;
    }
    let (before, newest) = durations.split_at(durations.len() - 3);
    let usual = median(&before[before.len().saturating_sub(20)..])?;
    let now = median(newest)?;
    let fires =
        newest.iter().all(|d| 2 * d > 3 * usual) && now > 2 * usual && now > usual + 10 * 60 * 1000;
    if fires {
        evidence(&runs[runs.len() - 3..])
    } else {
        None
    }
}

fn queue_pressure(world: &World<'_>, scan: &Scan<'_>) -> Option<Evidence> {
    let period = world.dates.window;
    let queued = scan.only(|run| period.holds(run.day) && run.rec.queue_ms.is_some());
    let queues: Vec<i64> = queued.iter().filter_map(|run| run.rec.queue_ms).collect();
    let durations: Vec<i64> = scan
        .only(|run| period.holds(run.day) && went_well(run))
        .iter()
        .filter_map(|run| run.rec.duration_ms)
        .collect();
    let long = 15 * 60 * 1000;
    let (queue, duration) = (median(&queues)?, median(&durations)?);
    if queues.len() < 5 || queue < long || 2 * queue < duration {
        return None;
    }
    evidence(&scan.only(|run| period.holds(run.day) && run.rec.queue_ms >= Some(long)))
}

fn silent_scan(world: &World<'_>, scan: &Scan<'_>) -> Option<Evidence> {
    let history = &scan.history;
    let newest = history.last()?;
    let in_period = history.iter().any(|run| world.dates.window.holds(run.day));
    if history.len() < 3 || in_period {
        return None;
    }
    let mut longest = TimeDelta::days(1);
    for two in history[history.len().saturating_sub(10)..].windows(2) {
        longest = longest.max(two[1].time - two[0].time);
    }
    if world.horizon(scan) - newest.time > longest * 2 {
        Some((newest.time, history.len() as i64))
    } else {
        None
    }
}

fn inconsistent_record(world: &World<'_>, scan: &Scan<'_>) -> Option<Evidence> {
    let uvm_has_categories = world.scans.iter().any(|other| {
        other.identity.0 == "zscaler-uvm"
            && other.history.iter().any(|run| run.rec.category.is_some())
    });
    let odd = scan.only(|run| {
        let rec = &run.rec;
        let more_classified = match (rec.assets_classified, rec.assets_discovered) {
            (Some(classified), Some(discovered)) => classified > discovered,
            _ => false,
        };
        let backwards = match (rec.started_at, rec.ended_at) {
            (Some(started), Some(ended)) => ended < started,
            _ => false,
        };
        let without_category = rec.system == "zscaler-uvm"
            && run.outcome == "succeeded"
            && rec.category.is_none()
            && uvm_has_categories;
        world.dates.window.holds(run.day) && (more_classified || backwards || without_category)
    });
    evidence(&odd)
}

/// The missed slots of each scan, and those that all scans of a system missed together.
fn missed_runs(world: &World<'_>) -> Vec<(&'static str, Place, Evidence)> {
    let mut found = Vec::new();
    let accounts = distinct(
        world
            .scans
            .iter()
            .map(|scan| (scan.identity.0.clone(), scan.identity.1.clone())),
    );
    for (system, account) in accounts {
        let mut scans: Vec<(&Scan<'_>, Vec<Series>)> = Vec::new();
        for scan in &world.scans {
            if scan.identity.0 == system && scan.identity.1 == account {
                let series = cadence::series(
                    &scan.history,
                    world.horizon(scan),
                    world.dates.window,
                    world.options.tz,
                );
                scans.push((scan, series));
            }
        }
        let by_days = |all: &[Series]| -> Vec<Slot> {
            let slots = all.iter().flat_map(|series| &series.slots).copied();
            slots.filter(|slot| slot.by_days).collect()
        };
        let mut pauses = Vec::new();
        for date in distinct(
            scans
                .iter()
                .flat_map(|(_, all)| by_days(all))
                .map(|s| s.date),
        ) {
            let mut due = 0;
            let mut missed = 0;
            for (_, all) in &scans {
                let slots = by_days(all);
                due += i64::from(slots.iter().any(|slot| slot.date == date));
                missed += i64::from(slots.iter().any(|slot| slot.date == date && slot.missed));
            }
            if due >= 3 && 2 * missed > due {
                pauses.push(date);
            }
        }
        let mut together = Vec::new();
        for (scan, all) in &mut scans {
            let mut alone = Vec::new();
            for series in all {
                let paused =
                    |slot: &Slot| slot.missed && slot.by_days && pauses.contains(&slot.date);
                together.extend(
                    series
                        .slots
                        .iter()
                        .filter(|slot| paused(slot))
                        .map(|s| s.at),
                );
                series.slots.retain(|slot| !paused(slot));
                if !series.is_given_up() {
                    alone.extend(series.slots.iter().filter(|slot| slot.missed).map(|s| s.at));
                }
            }
            if let Some(first) = alone.iter().min() {
                found.push(("missed_runs", place(scan), (*first, alone.len() as i64)));
            }
        }
        if let Some(first) = together.iter().min() {
            let place = (Some(system.clone()), account.clone(), None, None);
            found.push(("missed_runs", place, (*first, together.len() as i64)));
        }
    }
    found
}
