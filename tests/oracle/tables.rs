//! The numbers of the report, as JSON under the same paths as the report itself.
//!
//! Every table starts again from the runs and counts with a loop or a filter of its own.

use serde_json::{Map, Value, json};

use super::reconcile::{Run, runs};
use super::times::json_time;
use super::window::{Dates, Period};
use super::{Identity, Loaded, Options, words};

pub(super) const OUTCOMES: [&str; 6] = [
    "succeeded",
    "partial",
    "failed",
    "cancelled",
    "active",
    "unknown",
];

/// The parts of the report that this oracle knows. There must be at least one usable record.
pub(crate) fn expected(loaded: &Loaded, options: &Options) -> Value {
    let all = runs(&loaded.records, options.tz);
    let dates = Dates::of(&all, options);
    let kept: Vec<Run> = all
        .iter()
        .filter(|run| options.system.as_ref().is_none_or(|s| *s == run.rec.system))
        .cloned()
        .collect();
    // Children are in no count but that of the children.
    let counted: Vec<Run> = kept.iter().filter(|run| !run.child).cloned().collect();
    let mut errors = Map::new();
    if let Some(categories) = error_categories(&counted, dates.window) {
        errors.insert("categories".to_owned(), categories);
    }
    let mut report = dates.json();
    report["sections"] = json!({
        "overview": {
            "figures": figures(&kept, dates.window),
            "previous": dates.previous.map(|period| figures(&kept, period)),
            "portal": if kept.is_empty() || kept.iter().any(|run| run.rec.system == "purview") {
                portal(&counted, dates.window)
            } else {
                Value::Null
            },
        },
        "outcomes": { "by_period": by_period(&counted, &dates) },
        "scans": {
            "scans": scans(&counted, dates.window),
            "source_types": source_types(&counted, dates.window),
        },
        "gaps": { "figures": gap_figures(&counted, dates.window), "scans": gap_scans(&counted, dates.window) },
        "errors": errors,
        "inputs": {
            "reconciliation": reconciliation(loaded, &all, &kept, dates.window),
            "systems": systems(&kept),
        },
    });
    report
}

/// The runs whose day lies in the period.
pub(super) fn inside(runs: &[Run], period: Period) -> Vec<&Run> {
    runs.iter().filter(|run| period.holds(run.day)).collect()
}

fn count(runs: &[&Run], outcome: &str) -> i64 {
    runs.iter().filter(|run| run.outcome == outcome).count() as i64
}

/// Succeeded over succeeded, partial and failed; null without any of them.
fn success_rate(runs: &[&Run]) -> Value {
    let denominator = count(runs, "succeeded") + count(runs, "partial") + count(runs, "failed");
    if denominator == 0 {
        Value::Null
    } else {
        json!(count(runs, "succeeded") as f64 / denominator as f64)
    }
}

/// The different values, in order.
pub(super) fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values.dedup();
    values
}

pub(super) fn identity_row(identity: &Identity) -> Value {
    json!({"system": identity.0, "account": identity.1, "source": identity.2, "scan": identity.3})
}

/// Adds the number of runs with each outcome, and of all.
fn add_counts(row: &mut Value, runs: &[&Run]) {
    for outcome in OUTCOMES {
        row[outcome] = json!(count(runs, outcome));
    }
    row["runs"] = json!(runs.len());
}

pub(super) fn figures(kept: &[Run], period: Period) -> Value {
    let counted: Vec<Run> = kept.iter().filter(|run| !run.child).cloned().collect();
    let here = inside(&counted, period);
    let scans = distinct(here.iter().map(|run| run.rec.identity()));
    let sources = distinct(
        here.iter()
            .filter(|run| run.rec.source.is_some())
            .map(|run| (&run.rec.system, &run.rec.account, &run.rec.source)),
    );
    let seen_by_the_end = distinct(
        counted
            .iter()
            .filter(|run| run.day <= period.last)
            .map(|run| run.rec.identity()),
    );
    let silent = seen_by_the_end
        .iter()
        .filter(|scan| !scans.contains(scan))
        .count();
    let children = kept
        .iter()
        .filter(|run| run.child && period.holds(run.day))
        .count();
    let mut row = json!({
        "success_rate": success_rate(&here),
        "scans": scans.len(),
        "sources": sources.len(),
        "silent_scans": silent,
        "child_runs": children,
    });
    add_counts(&mut row, &here);
    row
}

/// The class that the portal would show a run in, in its words.
fn portal_class(run: &Run) -> &'static str {
    match run.rec.status {
        None => match run.outcome {
            "partial" => "completed_with_exceptions",
            "active" => "in_progress",
            same => same,
        },
        Some("completed") => {
            let exceptions = run.rec.discovery_status == Some("partial")
                || run.rec.ingestion_status == Some("partial")
                || run.rec.ingestion_status == Some("failed");
            if exceptions {
                "completed_with_exceptions"
            } else {
                "succeeded"
            }
        }
        Some("partial") => "completed_with_exceptions",
        Some("in_progress" | "queued" | "throttled") => "in_progress",
        Some(same) => same,
    }
}

/// Null where runs are loaded and none of them is one of Purview, whose portal it is.
fn portal(counted: &[Run], window: Period) -> Value {
    let here: Vec<&Run> = inside(counted, window)
        .into_iter()
        .filter(|run| run.rec.system == "purview")
        .collect();
    let shown = |class: &str| here.iter().filter(|run| portal_class(run) == class).count();
    let differs = |run: &Run| match (portal_class(run), run.outcome) {
        ("completed_with_exceptions", "partial") | ("in_progress", "active") => false,
        (class, outcome) => class != outcome,
    };
    json!({
        "succeeded": shown("succeeded"),
        "completed_with_exceptions": shown("completed_with_exceptions"),
        "failed": shown("failed"),
        "cancelled": shown("cancelled"),
        "in_progress": shown("in_progress"),
        "unknown": shown("unknown"),
        "differing_runs": here.iter().filter(|run| differs(run)).count(),
    })
}

fn by_period(counted: &[Run], dates: &Dates) -> Value {
    let mut rows = Vec::new();
    for bucket in &dates.buckets {
        let here: Vec<&Run> = inside(counted, dates.window)
            .into_iter()
            .filter(|run| bucket.holds(run.day))
            .collect();
        let mut row = json!({
            "start": bucket.first.to_string(),
            "last": bucket.last.to_string(),
            "partial_period": dates.partial(*bucket),
            "no_data": dates.no_data(*bucket),
        });
        add_counts(&mut row, &here);
        // The dates of the bucket inside the window, each as many days earlier as the window has.
        let length = chrono::Days::new(dates.window.days().unsigned_abs());
        let before = |run: &&Run| {
            let later = run.day + length;
            bucket.holds(later) && dates.window.holds(later)
        };
        let before: Vec<&Run> = counted.iter().filter(before).collect();
        let known = dates.previous.is_some() && !dates.no_data(*bucket);
        row["previous_runs"] = json!(known.then_some(before.len()));
        row["previous_failed"] = json!(known.then_some(count(&before, "failed")));
        rows.push(row);
    }
    Value::Array(rows)
}

/// Nearest rank: the value at position ⌈p·n/100⌉, counted from one.
pub(super) fn percentile(sorted: &[i64], p: usize) -> Value {
    let rank = (p * sorted.len()).div_ceil(100);
    if rank == 0 {
        Value::Null
    } else {
        json!(sorted[rank - 1])
    }
}

fn scans(counted: &[Run], window: Period) -> Value {
    // State looks at every run up to the window's last day, also at those before its first.
    let loaded: Vec<&Run> = counted
        .iter()
        .filter(|run| run.day <= window.last)
        .collect();
    let mut rows = Vec::new();
    for scan in distinct(loaded.iter().map(|run| run.rec.identity())) {
        let mut history: Vec<&Run> = loaded
            .iter()
            .copied()
            .filter(|run| run.rec.identity() == scan)
            .collect();
        history.sort_by(|a, b| (a.time, &a.rec.run_id).cmp(&(b.time, &b.rec.run_id)));
        let here: Vec<&Run> = history
            .iter()
            .copied()
            .filter(|run| window.holds(run.day))
            .collect();

        let mut streak = 0;
        let mut failing_since = None;
        for run in history.iter().rev() {
            if run.outcome == "failed" {
                streak += 1;
                failing_since = Some(run.time);
            }
            if run.outcome == "succeeded" || run.outcome == "partial" {
                break;
            }
        }
        let last_success = history
            .iter()
            .rev()
            .find(|run| run.outcome == "succeeded" || run.outcome == "partial");
        let mut durations: Vec<i64> = here
            .iter()
            .filter(|run| run.outcome == "succeeded" || run.outcome == "partial")
            .filter_map(|run| run.rec.duration_ms)
            .collect();
        durations.sort_unstable();

        let newest = history.last().unwrap();
        let mut row = identity_row(&scan);
        add_counts(&mut row, &here);
        row["source_type"] = json!(
            history
                .iter()
                .rev()
                .find_map(|run| run.rec.source_type.clone())
        );
        row["success_rate"] = success_rate(&here);
        row["last_run_at"] = json_time(Some(newest.time));
        row["last_outcome"] = json!(newest.outcome);
        row["last_success_at"] = json_time(last_success.map(|run| run.time));
        row["failing_streak"] = json!(streak);
        row["failing_since"] = json_time(failing_since);
        row["duration_p50_ms"] = percentile(&durations, 50);
        row["duration_p95_ms"] = percentile(&durations, 95);
        rows.push(row);
    }
    Value::Array(rows)
}

/// The runs of the window by system and type of source; a scan has the newest type that one of its runs states.
fn source_types(counted: &[Run], window: Period) -> Value {
    let type_of = |run: &Run| {
        counted
            .iter()
            .filter(|other| other.rec.identity() == run.rec.identity())
            .filter(|other| other.day <= window.last && other.rec.source_type.is_some())
            .max_by(|a, b| (a.time, &a.rec.run_id).cmp(&(b.time, &b.rec.run_id)))
            .and_then(|newest| newest.rec.source_type.clone())
    };
    let here: Vec<(&Run, String)> = inside(counted, window)
        .into_iter()
        .filter_map(|run| Some((run, type_of(run)?)))
        .collect();
    let kinds = distinct(here.iter().map(|(run, kind)| (&run.rec.system, kind)));
    let mut rows: Vec<Value> = kinds
        .into_iter()
        .map(|(system, kind)| {
            let of: Vec<&Run> = here
                .iter()
                .filter(|(run, own)| run.rec.system == *system && own == kind)
                .map(|(run, _)| *run)
                .collect();
            let scans = distinct(of.iter().map(|run| run.rec.identity()));
            let mut row = json!({
                "system": system,
                "source_type": kind,
                "success_rate": success_rate(&of),
                "scans": scans.len(),
            });
            add_counts(&mut row, &of);
            row
        })
        .collect();
    // A stable sort of rows that are in order of system and type.
    rows.sort_by_key(|row| ["failed", "partial", "runs"].map(|key| -row[key].as_i64().unwrap()));
    Value::Array(rows)
}

/// What is loaded of each system and account, on any day, child runs included but in the count.
fn systems(kept: &[Run]) -> Value {
    let names = distinct(kept.iter().map(|run| (&run.rec.system, &run.rec.account)));
    let rows = names.into_iter().map(|(system, account)| {
        let of: Vec<&Run> = kept
            .iter()
            .filter(|run| run.rec.system == *system && run.rec.account == *account)
            .collect();
        let newest = of.iter().flat_map(|run| {
            let rec = &run.rec;
            [rec.started_at, rec.queued_at, rec.ended_at, rec.observed_at]
        });
        json!({
            "system": system,
            "account": account,
            "runs": of.iter().filter(|run| !run.child).count(),
            "first_at": json_time(of.iter().map(|run| run.time).min()),
            "newest_at": json_time(newest.flatten().max()),
        })
    });
    rows.collect()
}

/// What one comparable run says about discovered and ingested assets.
pub(super) struct Gap {
    pub(super) discovered: i64,
    ingested: i64,
    ingest_failed: i64,
    pending: i64,
    pub(super) unaccounted: i64,
    pub(super) missing: i64,
    surplus: i64,
    pub(super) kind: &'static str,
    /// The status of ingestion.
    pub(super) ingestion: &'static str,
}

fn discovery_done(run: &Run) -> bool {
    matches!(
        run.rec.discovery_status.or(run.rec.status),
        Some("completed" | "partial")
    )
}

fn ingestion_status(run: &Run) -> Option<&'static str> {
    match run.rec.ingestion_status {
        Some(status) => Some(status),
        None if run.rec.assets_ingested.is_some() => run.rec.status,
        None => None,
    }
}

/// The gap of a run, or `None` when its counts cannot be compared.
pub(super) fn gap(run: &Run) -> Option<Gap> {
    let ingestion = ingestion_status(run)?;
    if !discovery_done(run) || !["completed", "partial", "failed"].contains(&ingestion) {
        return None;
    }
    let discovered = run.rec.assets_discovered?;
    let ingested = run.rec.assets_ingested?;
    let ingest_failed = run.rec.assets_ingest_failed.unwrap_or(0);
    let pending = run.rec.assets_pending.unwrap_or(0);
    let unaccounted = discovered - (ingested + ingest_failed + pending);
    let full = run.rec.run_type.as_deref() == Some("full");
    let incremental = run.rec.run_type.as_deref() == Some("incremental");

    let mut missing = ingest_failed;
    if unaccounted > 0 && (full || ingestion == "failed") {
        missing += unaccounted;
    }
    let surplus = if unaccounted < 0 { -unaccounted } else { 0 };
    let kind = if ingest_failed > 0 || ingestion == "failed" {
        "loss"
    } else if unaccounted < 0 {
        "surplus"
    } else if unaccounted == 0 {
        "complete"
    } else if incremental {
        "expected"
    } else if full {
        "unexplained"
    } else {
        "unclear"
    };
    Some(Gap {
        discovered,
        ingested,
        ingest_failed,
        pending,
        unaccounted,
        missing,
        surplus,
        kind,
        ingestion,
    })
}

pub(super) fn gap_figures(counted: &[Run], window: Period) -> Value {
    let here = inside(counted, window);
    let compared: Vec<&Run> = here
        .iter()
        .copied()
        .filter(|run| gap(run).is_some())
        .collect();
    let gaps: Vec<Gap> = here.iter().filter_map(|run| gap(run)).collect();
    let pending = here
        .iter()
        .filter(|run| run.outcome == "active" || run.rec.assets_pending.unwrap_or(0) > 0)
        .count();
    let not_available = here
        .iter()
        .filter(|run| discovery_done(run) && run.outcome != "active")
        .filter(|run| run.rec.ingestion_status.is_none() && run.rec.assets_ingested.is_none())
        .count();
    json!({
        "runs_compared": gaps.len(),
        "discovered": gaps.iter().map(|g| g.discovered).sum::<i64>(),
        "ingested": gaps.iter().map(|g| g.ingested).sum::<i64>(),
        "ingest_failed": gaps.iter().map(|g| g.ingest_failed).sum::<i64>(),
        "missing": gaps.iter().map(|g| g.missing).sum::<i64>(),
        "classified": compared.iter().filter_map(|run| run.rec.assets_classified).sum::<i64>(),
        "pending": gaps.iter().map(|g| g.pending).sum::<i64>(),
        // What was left over and is no loss.
        "not_again": gaps.iter().map(|g| (g.unaccounted.max(0)) - (g.missing - g.ingest_failed)).sum::<i64>(),
        "missing_runs": gaps.iter().filter(|g| g.missing > 0).count(),
        "surplus": gaps.iter().map(|g| g.surplus).sum::<i64>(),
        "surplus_runs": gaps.iter().filter(|g| g.surplus > 0).count(),
        "pending_runs": pending,
        "not_available_runs": not_available,
        "relationships_ingested": compared.iter().filter_map(|run| run.rec.relationships_ingested).sum::<i64>(),
        "relationships_failed": compared.iter().filter_map(|run| run.rec.relationships_failed).sum::<i64>(),
    })
}

fn gap_scans(counted: &[Run], window: Period) -> Value {
    let compared: Vec<&Run> = inside(counted, window)
        .into_iter()
        .filter(|run| gap(run).is_some())
        .collect();
    let mut rows = Vec::new();
    for scan in distinct(compared.iter().map(|run| run.rec.identity())) {
        let gaps: Vec<Gap> = compared
            .iter()
            .filter(|run| run.rec.identity() == scan)
            .filter_map(|run| gap(run))
            .collect();
        let kinds = [
            "loss",
            "unexplained",
            "unclear",
            "surplus",
            "expected",
            "complete",
        ];
        let worst = kinds
            .iter()
            .find(|kind| gaps.iter().any(|g| g.kind == **kind));
        let mut row = identity_row(&scan);
        row["runs_compared"] = json!(gaps.len());
        row["discovered"] = json!(gaps.iter().map(|g| g.discovered).sum::<i64>());
        row["ingested"] = json!(gaps.iter().map(|g| g.ingested).sum::<i64>());
        row["ingest_failed"] = json!(gaps.iter().map(|g| g.ingest_failed).sum::<i64>());
        row["unaccounted"] = json!(
            gaps.iter()
                .map(|g| g.unaccounted)
                .filter(|n| *n > 0)
                .sum::<i64>()
        );
        row["missing"] = json!(gaps.iter().map(|g| g.missing).sum::<i64>());
        row["surplus"] = json!(gaps.iter().map(|g| g.surplus).sum::<i64>());
        row["kind"] = json!(worst);
        rows.push(row);
    }
    Value::Array(rows)
}

/// The categories, or `None` when a message is not on the hand-written list.
fn error_categories(counted: &[Run], window: Period) -> Option<Value> {
    let with_error: Vec<&Run> = inside(counted, window)
        .into_iter()
        .filter(|run| {
            let text = run.rec.error_code.is_some() || run.rec.error_message.is_some();
            run.outcome == "failed" || (run.outcome == "partial" && text)
        })
        .collect();
    let mut categories = Vec::new();
    for run in &with_error {
        categories.push(words::category(
            run.rec.error_code.as_deref(),
            run.rec.error_message.as_deref(),
        )?);
    }
    let mut rows = Vec::new();
    for category in distinct(categories.iter().copied()) {
        let here: Vec<&&Run> = with_error
            .iter()
            .zip(&categories)
            .filter(|(_, c)| **c == category)
            .map(|(run, _)| run)
            .collect();
        rows.push(json!({
            "category": category,
            "runs": here.len(),
            "scans": distinct(here.iter().map(|run| run.rec.identity())).len(),
            "share": here.len() as f64 / with_error.len() as f64,
        }));
    }
    Some(Value::Array(rows))
}

fn reconciliation(loaded: &Loaded, all: &[Run], kept: &[Run], window: Period) -> Value {
    let used = inside(kept, window).len() as i64;
    json!({
        "read": loaded.read,
        "used": used,
        "superseded": loaded.records.len() - all.len(),
        "rejected": loaded.rejected,
        "filtered": all.len() - kept.len(),
        "outside_window": kept.len() as i64 - used,
        "conflicts": all.iter().filter(|run| run.conflict).count(),
        "balanced": loaded.read == loaded.records.len() as i64 + loaded.rejected,
    })
}
