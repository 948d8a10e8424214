//! Each shape by itself: the facts that went into it come out, and nothing else does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::case::{Case, Read, everything};
use crate::common::scans::{ACCOUNT, ScanRun, iso, plain_runs, utc};
use crate::common::shapes::{API, EVENTS, NATIVE, RUNS, Shape};
use crate::oracle::Options;
use crate::oracle::times::json_time;

/// Every run under the name of its account, which only some shapes know.
pub(crate) fn options(shape: &Shape) -> Options {
    Options {
        set: vec![("account".to_owned(), ACCOUNT.to_lowercase())],
        path_template: shape.path_template,
        ..everything()
    }
}

pub(crate) fn written(shape: &Shape, runs: &[ScanRun]) -> Case {
    Case::new(&(shape.files)(runs), options(shape))
}

/// Runs of each day by outcome, counted from the facts.
fn outcomes_by_day(runs: &[ScanRun]) -> BTreeMap<(String, &'static str), i64> {
    let mut counts = BTreeMap::new();
    for run in runs {
        let day = utc(run.start).date_naive().to_string();
        *counts.entry((day, run.outcome())).or_insert(0) += 1;
    }
    counts
}

fn assert_outcomes_by_day(shape: &Shape, runs: &[ScanRun], got: &Read) {
    let expected = outcomes_by_day(runs);
    let mut found = BTreeMap::new();
    for row in got.at("outcomes/by_period").as_array().unwrap() {
        for outcome in [
            "succeeded",
            "partial",
            "failed",
            "cancelled",
            "active",
            "unknown",
        ] {
            let count = row[outcome].as_i64().unwrap();
            if count > 0 {
                found.insert((row["start"].as_str().unwrap().to_owned(), outcome), count);
            }
        }
    }
    assert_eq!(found, expected, "{}", shape.name);
}

/// The fields of a run as the facts have them, where the shape can say them.
fn fields(shape: &Shape, run: &ScanRun) -> Value {
    let time = |ticks: i64| json_time(Some(iso(ticks).parse().unwrap()));
    let (discovered, classified) = run.counts.unzip();
    let ingestion = run.ingestion.as_ref().filter(|_| shape.ingestion);
    let mut fields = json!({
        "run_id": run.id,
        "system": "purview",
        "account": "contoso",
        "source": run.source,
        "scan": run.scan,
        "source_type": run.source_type,
        "trigger": run.trigger().to_lowercase(),
        "outcome": run.outcome(),
        "started_at": time(run.start),
        "ended_at": run.ended().map(time),
        "assets_discovered": discovered,
        "assets_classified": classified,
        "assets_ingested": ingestion.map(|it| it.ingested),
        "assets_ingest_failed": ingestion.map(|it| it.failed),
        "assets_pending": ingestion.map(|_| 0),
        "relationships_ingested": ingestion.map(|_| 2),
        "relationships_failed": ingestion.map(|_| 0),
        "error_message": run.error,
        "run_type": shape.run_type.then(|| run.run_type().to_lowercase()),
    });
    if run.end.is_finished() {
        // The seventh digit of either time is cut before they are subtracted.
        let micros = |ticks: i64| ticks.div_euclid(10);
        let span = micros(run.start + run.length) - micros(run.start);
        fields["duration_ms"] = json!(span / 1000);
        fields["queue_ms"] = json!(run.queue * 1000);
    } else {
        fields["duration_ms"] = Value::Null;
    }
    if run.ingestion.is_none() || !shape.ingestion {
        for name in ["ingestion_started_at", "ingestion_ended_at"] {
            fields[name] = Value::Null;
        }
    }
    if !shape.ingestion {
        fields["ingestion_status"] = Value::Null;
    }
    if !shape.own_status {
        fields["status"] = Value::Null;
    }
    fields
}

/// Nothing that a shape does not say is counted as if it were said.
fn assert_gaps(shape: &Shape, runs: &[ScanRun], got: &Read) {
    let completed: Vec<&ScanRun> = runs.iter().filter(|run| run.end.is_completed()).collect();
    let unfinished = runs.iter().filter(|run| !run.end.is_finished()).count();
    let sum = |of: fn(&ScanRun) -> i64| completed.iter().map(|run| of(run)).sum::<i64>();
    let expected = if shape.ingestion {
        json!({
            "runs_compared": completed.len(),
            "discovered": sum(|run| run.counts.unwrap().0),
            "ingested": sum(|run| run.ingestion.as_ref().unwrap().ingested),
            "not_available_runs": 0,
        })
    } else {
        json!({
            "runs_compared": 0,
            "discovered": 0,
            "ingested": 0,
            "not_available_runs": completed.len(),
        })
    };
    for (name, value) in expected.as_object().unwrap() {
        let found = got.at(&format!("gaps/figures/{name}"));
        assert_eq!(found, value, "{}: {name}", shape.name);
    }
    for name in [
        "missing",
        "missing_runs",
        "ingest_failed",
        "surplus",
        "surplus_runs",
    ] {
        let found = got.at(&format!("gaps/figures/{name}"));
        assert_eq!(found, &json!(0), "{}: {name}", shape.name);
    }
    assert_eq!(got.at("gaps/figures/pending_runs"), &json!(unfinished));
    let rows = got.at("gaps/scans").as_array().unwrap();
    assert_eq!(rows.is_empty(), !shape.ingestion, "{}", shape.name);
}

/// What every shape can say, in the words of the report.
#[rustfmt::skip]
pub(crate) const COMMON: [&str; 6] = [
    "overview/figures", "overview/portal", "outcomes/by_period", "scans/scans", "errors/categories",
    "errors/signatures",
];

#[track_caller]
pub(crate) fn assert_same_tables(one: &Read, other: &Read, tables: &[&str], what: &str) {
    assert_eq!(one.json["as_of"], other.json["as_of"], "{what}");
    assert_eq!(one.json["window"], other.json["window"], "{what}");
    for table in tables {
        let (one, other) = (one.at(table), other.at(table));
        match (one.as_array(), other.as_array()) {
            (Some(one), Some(other)) => {
                assert_eq!(one.len(), other.len(), "{what}: rows of {table}");
                for (one, other) in one.iter().zip(other) {
                    assert_eq!(one, other, "{what}: a row of {table}");
                }
            }
            _ => assert_eq!(one, other, "{what}: {table}"),
        }
    }
}

fn comes_out_as_it_went_in(shape: &Shape) {
    for seed in [1, 2, 3] {
        let runs = plain_runs(seed, 90, shape.precision);
        let got = written(shape, &runs).agreed(shape.name);
        assert_eq!(got.books("used"), 90, "{}", shape.name);
        assert_eq!(got.books("rejected"), 0, "{}", shape.name);
        assert_eq!(got.books("conflicts"), 0, "{}", shape.name);
        assert_outcomes_by_day(shape, &runs, &got);
        assert_gaps(shape, &runs, &got);
        let expected: Vec<Value> = runs.iter().map(|run| fields(shape, run)).collect();
        crate::case::assert_runs(&got, &expected, shape.name);
        let api = written(&API, &runs).read();
        assert_same_tables(&api, &got, &COMMON, shape.name);
    }
}

#[test]
fn the_newer_api_says_what_happened() {
    comes_out_as_it_went_in(&API);
}

#[test]
fn the_programs_own_columns_say_what_the_newer_api_says() {
    comes_out_as_it_went_in(&NATIVE);
    let runs = plain_runs(4, 90, NATIVE.precision);
    let (api, native) = (written(&API, &runs).read(), written(&NATIVE, &runs).read());
    assert_same_tables(&api, &native, &["gaps/figures", "gaps/scans"], "native");
}

#[test]
fn the_older_api_says_what_happened_but_for_the_ingestion() {
    comes_out_as_it_went_in(&RUNS[0]);
}

#[test]
fn powershells_csv_says_what_happened_but_for_the_ingestion() {
    comes_out_as_it_went_in(&RUNS[1]);
}

#[test]
fn powershells_json_says_what_happened_but_for_the_ingestion() {
    comes_out_as_it_went_in(&RUNS[2]);
    comes_out_as_it_went_in(&RUNS[3]);
}

#[test]
fn the_events_of_storage_and_event_hubs_say_what_happened_in_discovery() {
    for shape in &EVENTS[..4] {
        comes_out_as_it_went_in(shape);
    }
}

#[test]
fn the_table_of_log_analytics_says_what_happened_in_discovery() {
    for shape in &EVENTS[4..] {
        comes_out_as_it_went_in(shape);
    }
}

#[test]
fn nothing_is_called_empty_value() {
    for shape in &EVENTS {
        let runs = plain_runs(5, 90, shape.precision);
        let got = written(shape, &runs).read();
        let whole = got.json["sections"].to_string();
        assert!(!whole.contains("empty_value"), "{}", shape.name);
        for run in &got.runs {
            assert!(!run.to_string().contains("empty_value"), "{run}");
        }
    }
}
