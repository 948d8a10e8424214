//! Examples that others have published, where they are at hand.

// The test harness hides what `println!` says in a test that passes, so skips go to standard error directly.
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::common::report;
use crate::common::report::run;

/// A published example, where it is at hand.
fn published(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/examples/purview");
    let path = folder.join(name);
    if !path.exists() {
        let _ = writeln!(std::io::stderr(), "skipped: {name} is not here");
        return None;
    }
    Some(path)
}

/// The runs of a published file, by id; nothing of it is set aside.
fn runs_of(path: PathBuf) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let report = run(folder.path(), &[path], &[]);
    assert_eq!(report.json["sections"]["inputs"]["rejects"], json!([]));
    let mut runs = report.json["sections"]["runs"]["runs"]
        .as_array()
        .unwrap()
        .clone();
    runs.sort_by_key(|run| run["run_id"].to_string());
    runs
}

/// Fails unless the run says exactly this; fields that are not named must be null.
fn assert_run(run: &Value, expected: &Value) {
    for (key, value) in run.as_object().unwrap() {
        // Derived texts that no file states.
        if !matches!(key.as_str(), "error_id" | "error_meaning" | "error_action") {
            assert_eq!(value, &expected[key], "{key} of {}", run["run_id"]);
        }
    }
    for key in expected.as_object().unwrap().keys() {
        assert!(run.get(key).is_some(), "{key} is missing");
    }
}

#[test]
fn the_published_example_of_2023_is_read_value_by_value() {
    let Some(path) = published("api_2023-09-01_ScanResult_ListScanHistory.json") else {
        return;
    };
    let runs = runs_of(path);
    assert_eq!(runs.len(), 1);
    // The seventh digit of a second is cut. 01:41:48.683437 - 01:40:22.676495 = 86.006942 s, and discovery began
    // 01:41:14 - 01:40:22.676495 = 51.323505 s after the start.
    assert_run(
        &runs[0],
        &json!({
            "at": "2023-07-31T01:40:22.676495Z", "outcome": "succeeded",
            "system": "purview", "source": "DataSource1", "source_type": "AzureSqlDatabase", "scan": "scan1",
            "run_id": "7bcde71f-4a4e-4e01-9226-c99d15fa0f30", "run_type": "incremental", "trigger": "manual",
            "status": "completed", "discovery_status": "completed", "ingestion_status": "completed",
            "started_at": "2023-07-31T01:40:22.676495Z", "ended_at": "2023-07-31T01:41:48.683437Z",
            "discovery_started_at": "2023-07-31T01:41:14Z", "discovery_ended_at": "2023-07-31T01:41:14Z",
            "ingestion_started_at": "2023-07-31T01:41:10.860133Z", "ingestion_ended_at": "2023-07-31T01:41:48.683437Z",
            "duration_ms": 86006, "queue_ms": 51323,
            "assets_discovered": 3, "assets_classified": 0, "assets_failed": 0,
            "assets_ingested": 2, "assets_ingest_failed": 0, "assets_pending": 0,
            "relationships_ingested": 0, "relationships_failed": 0,
        }),
    );
}

#[test]
fn the_published_example_of_2022_is_read_value_by_value() {
    let Some(path) = published("api_2022-07-01-preview_ScanResult_ListScanHistory.json") else {
        return;
    };
    let runs = runs_of(path);
    let run = |details: Value| {
        let start = "2018-11-14T04:47:52.961495Z";
        let mut run = json!({
            "at": start, "system": "purview", "source": "DataSource1", "scan": "scan1",
            "queued_at": start, "started_at": start, "discovery_started_at": start, "queue_ms": 0,
        });
        run.as_object_mut()
            .unwrap()
            .extend(details.as_object().unwrap().clone());
        run
    };
    // Half an hour is 1,800,000 ms.
    let end = "2018-11-14T05:17:52.961495Z";
    let expected = [
        run(json!({
            "run_id": "556ac46f-bd42-4e84-b1f5-2ac335384b9b", "status": "in_progress", "outcome": "active",
            "trigger": "manual", "assets_discovered": 950, "assets_classified": 345,
        })),
        run(json!({
            "run_id": "565e518f-da15-486d-8f0d-5269ea404df6", "status": "failed", "outcome": "failed",
            "trigger": "manual", "assets_discovered": 0, "assets_classified": 0,
            "ended_at": end, "duration_ms": 1_800_000,
            "error_message": "You did a bad thing", "error_signature": "You did a bad thing",
            "error_category": "unknown",
        })),
        run(json!({
            "run_id": "6346cde3-467e-41f1-9436-af096fd83247", "status": "completed", "outcome": "succeeded",
            "trigger": "scheduled", "assets_discovered": 950, "assets_classified": 945,
            "ended_at": end, "duration_ms": 1_800_000,
        })),
    ];
    assert_eq!(runs.len(), expected.len());
    for (run, expected) in runs.iter().zip(&expected) {
        assert_run(run, expected);
    }
}

#[test]
fn the_published_event_that_is_not_quite_json_is_refused_with_its_line() {
    let name = "azuremonitor_ScanStatusLogEvent_docs_sample.jsonish";
    let Some(path) = published(name) else { return };
    let folder = tempfile::tempdir().unwrap();
    let ran = report(folder.path(), &[path], &[]);
    assert_eq!(ran.output.status.code(), Some(3), "{}", ran.stderr());
    assert!(ran.json.is_none());
    // A comma stands before the closing brace of line 24.
    let err = ran.stderr();
    assert!(err.contains(&format!("{name}:24, byte ")), "{err}");
    let what = ": E-JSON-SYNTAX\n       found \"}\"\n       ";
    let (_, reason) = err.split_once(what).unwrap();
    assert!(reason.contains("column 1"), "{reason}");
}
