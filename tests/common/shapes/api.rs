//! The answers of the scanning API, with the names that the exporting script adds.

use serde_json::{Map, Value, json};

use super::File;
use crate::common::scans::{End, ScanRun, iso};

/// One answer of the API of 2023-09-01.
pub(crate) fn newer(runs: &[ScanRun]) -> Vec<File> {
    vec![(
        "api/runs.json".to_owned(),
        page(runs.iter().map(newer_record)),
    )]
}

/// One answer of the API of 2022-07-01-preview.
pub(crate) fn older(runs: &[ScanRun]) -> Vec<File> {
    vec![(
        "api/runs.json".to_owned(),
        page(runs.iter().map(older_record)),
    )]
}

pub(crate) fn page(records: impl Iterator<Item = Value>) -> Vec<u8> {
    let records: Vec<Value> = records.collect();
    let page = json!({"count": records.len(), "value": records, "nextLink": null});
    serde_json::to_vec_pretty(&page).unwrap()
}

/// The status of the run as a whole.
fn status(end: End, newer: bool) -> &'static str {
    match end {
        End::Succeeded => "Succeeded",
        // The newer API shows exceptions in the phase only.
        End::WithExceptions if newer => "Succeeded",
        End::WithExceptions => "CompletedWithExceptions",
        End::Failed => "Failed",
        End::Cancelled => "Canceled",
        End::Running => "InProgress",
        End::Queued => "Accepted",
    }
}

/// What both generations have.
fn common(run: &ScanRun) -> Map<String, Value> {
    let record = json!({
        "source": run.source,
        "scanName": run.scan,
        "id": run.id,
        "parentId": null,
        "ingestionJobId": run.id,
        "resourceId": run.resource(),
        "dataSourceType": run.source_type,
        "startTime": iso(run.start),
        "endTime": run.ended().map(iso),
        "runType": run.trigger(),
        "scanLevelType": run.run_type(),
        "scanRulesetType": "System",
        "scanRulesetVersion": 5,
        "diagnostics": {"notifications": [], "exceptionCountMap": {}},
        "error": null,
        "errorMessage": null,
    });
    record.as_object().unwrap().clone()
}

pub(crate) fn newer_record(run: &ScanRun) -> Value {
    let mut record = common(run);
    record.insert("status".to_owned(), json!(status(run.end, true)));
    if let Some(message) = run.error {
        let inner = json!({"code": "", "message": message, "target": null, "details": []});
        let error =
            json!({"code": "", "message": "The scan failed.", "target": null, "details": [inner]});
        record.insert("error".to_owned(), error);
    }
    record.insert("discoveryExecutionDetails".to_owned(), discovery(run));
    record.insert("ingestionExecutionDetails".to_owned(), ingestion(run));
    Value::Object(record)
}

fn discovery(run: &ScanRun) -> Value {
    let Some(start) = run.discovery_start() else {
        return Value::Null;
    };
    let status = match run.end {
        End::Succeeded => "Succeeded",
        End::WithExceptions => "CompletedWithExceptions",
        End::Failed => "Failed",
        End::Cancelled => "Cancelled",
        End::Running | End::Queued => "Running",
    };
    json!({
        "discoveryStartTime": iso(start),
        "discoveryEndTime": run.ended().map(iso),
        "status": status,
        "statistics": {
            "assets": run.counts.map(|(discovered, classified)| {
                json!({"discovered": discovered, "classified": classified, "failed": 0})
            }),
            "isErrorLogAvailable": false,
        },
    })
}

fn ingestion(run: &ScanRun) -> Value {
    match (&run.ingestion, run.end) {
        (Some(ingestion), _) => json!({
            "ingestionStartTime": run.discovery_start().map(iso),
            "ingestionEndTime": run.ended().map(iso),
            "status": ingestion.status,
            "statistics": {
                "assets": {"succeeded": ingestion.ingested, "failed": ingestion.failed, "processing": 0},
                "relationships": {"succeeded": 2, "failed": 0, "processing": 0},
            },
            "estimatedTimeRemainingInSeconds": 12,
            "isErrorLogAvailable": false,
        }),
        (None, End::Cancelled) => json!({"status": "Canceled"}),
        (None, _) => json!({"status": "None"}),
    }
}

pub(crate) fn older_record(run: &ScanRun) -> Value {
    let mut record = common(run);
    let (discovered, classified) = run.counts.unzip();
    // Queued at once, so that the wait is as long as in the shapes that state no such time.
    for (name, value) in [
        ("status", json!(status(run.end, false))),
        ("assetsDiscovered", json!(discovered)),
        ("assetsClassified", json!(classified)),
        ("queuedTime", json!(iso(run.start))),
        ("pipelineStartTime", json!(run.discovery_start().map(iso))),
        ("errorMessage", json!(run.error)),
        ("webScanResults", Value::Null),
    ] {
        record.insert(name.to_owned(), value);
    }
    Value::Object(record)
}
