//! What is different from the period before.

use serde_json::{Value, json};

use super::Identity;
use super::reconcile::Run;
use super::state::{KnownErrors, World, failed, standing, streak, went_well};
use super::tables::{self, OUTCOMES, distinct, identity_row, inside};
use super::times::json_time;
use super::{Time, window::Period};

const GAP_FIGURES: [&str; 15] = [
    "runs_compared",
    "discovered",
    "classified",
    "ingested",
    "ingest_failed",
    "missing",
    "pending",
    "not_again",
    "missing_runs",
    "surplus",
    "surplus_runs",
    "pending_runs",
    "not_available_runs",
    "relationships_ingested",
    "relationships_failed",
];

/// Overview and gaps of a period.
fn figures(world: &World<'_>, period: Period) -> (Value, Value) {
    (
        tables::figures(world.kept, period),
        tables::gap_figures(world.counted, period),
    )
}

pub(super) fn counts(world: &World<'_>) -> Value {
    let Some(previous) = world.dates.previous else {
        return json!([]);
    };
    let (now, gaps_now) = figures(world, world.dates.window);
    let (before, gaps_before) = figures(world, previous);
    let mut overview = vec!["runs"];
    overview.extend(OUTCOMES);
    overview.extend(["scans", "sources", "silent_scans", "child_runs"]);
    let mut rows = Vec::new();
    let mut add = |figure: &str, now: &Value, before: &Value| {
        let (now, before) = (now.as_i64().unwrap(), before.as_i64().unwrap());
        rows.push(json!({"figure": figure, "now": now, "before": before, "change": now - before}));
    };
    for figure in overview {
        add(figure, &now[figure], &before[figure]);
    }
    for figure in GAP_FIGURES {
        add(figure, &gaps_now[figure], &gaps_before[figure]);
    }
    Value::Array(rows)
}

pub(super) fn rates(world: &World<'_>) -> Value {
    let Some(previous) = world.dates.previous else {
        return json!([]);
    };
    let now = &figures(world, world.dates.window).0["success_rate"];
    let before = &figures(world, previous).0["success_rate"];
    let change = match (now.as_f64(), before.as_f64()) {
        (Some(now), Some(before)) => json!(now - before),
        _ => Value::Null,
    };
    json!([{"figure": "success_rate", "now": now, "before": before, "change": change}])
}

/// Whether the system and account of a scan have runs from before the period.
fn has_earlier_runs(world: &World<'_>, scan: &Identity) -> bool {
    world.scans.iter().any(|other| {
        let same = other.identity.0 == scan.0 && other.identity.1 == scan.1;
        same && other.history[0].day < world.dates.window.first
    })
}

pub(super) fn scans(world: &World<'_>) -> Value {
    let Some(previous) = world.dates.previous else {
        return json!([]);
    };
    let window = world.dates.window;
    let mut newly_failing = Vec::new();
    let mut silent = Vec::new();
    let mut recovered = Vec::new();
    let mut new = Vec::new();
    for scan in &world.scans {
        let history = &scan.history;
        let here = scan.only(|run| window.holds(run.day));
        let there = scan.only(|run| previous.holds(run.day));
        let row = |change: &str, at: Time| {
            let mut row = identity_row(&scan.identity);
            row["change"] = json!(change);
            row["at"] = json_time(Some(at));
            row["runs"] = json!(here.len());
            row["runs_before"] = json!(there.len());
            row
        };
        let now = standing(history, window.last);
        let before = standing(history, previous.last);
        if let (Some(now), Some(before)) = (now, before) {
            if failed(now) && went_well(before) {
                newly_failing.push(row("newly_failing", streak(history)[0].time));
            }
            if went_well(now) && failed(before) {
                let first = here.iter().find(|run| went_well(run)).unwrap();
                recovered.push(row("recovered", first.time));
            }
        }
        if here.is_empty() && !there.is_empty() {
            silent.push(row("silent", history.last().unwrap().time));
        }
        let known = has_earlier_runs(world, &scan.identity);
        if !here.is_empty() && history[0].day >= window.first && known {
            new.push(row("new", here[0].time));
        }
    }
    let mut rows = newly_failing;
    rows.extend(silent);
    rows.extend(recovered);
    rows.extend(new);
    Value::Array(rows)
}

/// One error over all loaded runs.
pub(super) struct ErrorRow {
    pub(super) category: String,
    pub(super) id: String,
    pub(super) first_seen: Time,
    pub(super) runs: i64,
    pub(super) runs_before: i64,
    /// First seen in the period; `None` without a text, and where no system and account that has the error in the
    /// period has runs from before it.
    pub(super) new: Option<bool>,
    /// The scans that have it in the period.
    pub(super) scans: Vec<Identity>,
    /// Its runs say what went wrong.
    pub(super) has_text: bool,
}

/// Every error that a loaded run has, whenever it ran.
pub(super) fn error_rows(world: &World<'_>, known: KnownErrors<'_>) -> Vec<ErrorRow> {
    let mut with_error: Vec<((String, String), &Run)> = Vec::new();
    for run in world.counted {
        let (code, message) = (
            run.rec.error_code.as_deref(),
            run.rec.error_message.as_deref(),
        );
        let text = code.is_some() || message.is_some();
        if failed(run) || (run.outcome == "partial" && text) {
            with_error.push((known(code, message), run));
        }
    }
    let dates = world.dates;
    let mut rows = Vec::new();
    for key in distinct(with_error.iter().map(|(key, _)| key.clone())) {
        let of_it: Vec<Run> = with_error
            .iter()
            .filter(|(other, _)| *other == key)
            .map(|(_, run)| (*run).clone())
            .collect();
        let here = inside(&of_it, dates.window);
        let there = dates.previous.map(|period| inside(&of_it, period).len());
        let first = of_it.iter().min_by_key(|run| run.time).unwrap();
        let known = here
            .iter()
            .any(|run| has_earlier_runs(world, &run.rec.identity()));
        let has_text = first.rec.error_code.is_some() || first.rec.error_message.is_some();
        rows.push(ErrorRow {
            category: key.0,
            id: key.1,
            first_seen: first.time,
            runs: here.len() as i64,
            runs_before: there.unwrap_or(0) as i64,
            new: (known && has_text).then(|| dates.window.holds(first.day)),
            scans: distinct(here.iter().map(|run| run.rec.identity())),
            has_text,
        });
    }
    rows
}

/// `errors.signatures`, as far as it is about time.
pub(super) fn signatures(errors: &[ErrorRow]) -> Value {
    let of_period = errors.iter().filter(|row| row.runs > 0);
    let rows = of_period.map(|row| {
        json!({
            "id": row.id,
            "category": row.category,
            "runs": row.runs,
            "scans": row.scans.len(),
            "first_seen": json_time(Some(row.first_seen)),
            "new": row.new,
        })
    });
    Value::Array(rows.collect())
}

pub(super) fn errors(world: &World<'_>, errors: &[ErrorRow]) -> Value {
    if world.dates.previous.is_none() {
        return json!([]);
    }
    let mut new: Vec<&ErrorRow> = errors.iter().filter(|row| row.new == Some(true)).collect();
    let mut gone: Vec<&ErrorRow> = errors
        .iter()
        .filter(|row| row.has_text && row.runs == 0 && row.runs_before > 0)
        .collect();
    new.sort_by_key(|row| -row.runs);
    gone.sort_by_key(|row| -row.runs_before);
    let mut rows = Vec::new();
    for (change, errors) in [("new", new), ("gone", gone)] {
        for row in errors {
            rows.push(json!({
                "id": row.id,
                "change": change,
                "runs": row.runs,
                "runs_before": row.runs_before,
            }));
        }
    }
    Value::Array(rows)
}
