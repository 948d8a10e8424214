//! Data Factory and Synapse: the API, Log Analytics, and what is odd about them.

use serde_json::{Value, json};

use crate::case::{Case, guid};

/// A pipeline run of the API; `details` replaces what it names.
fn pipeline(number: u32, details: &Value) -> Value {
    let mut run = json!({
        "id": format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.DataFactory/factories/adf-data/pipelineruns/{}", guid(number)),
        "runId": guid(number),
        "runGroupId": guid(number),
        "isLatest": true,
        "pipelineName": "copy-orders",
        "parameters": {}, "runDimensions": {}, "annotations": [],
        "invokedBy": {"name": "nightly", "id": "x", "invokedByType": "ScheduleTrigger"},
        "lastUpdated": format!("2026-11-0{number}T01:10:01.68834Z"),
        "runStart": format!("2026-11-0{number}T01:00:00.6257014Z"),
        "runEnd": format!("2026-11-0{number}T01:10:00.216097Z"),
        "durationInMs": 599_590,
        "status": "Succeeded",
        "message": "",
    });
    for (key, value) in details.as_object().unwrap() {
        run[key] = value.clone();
    }
    run
}

#[test]
fn pipeline_runs_of_the_api_say_when_how_and_why() {
    let records = [
        pipeline(1, &json!({})),
        pipeline(
            2,
            &json!({"status": "Failed", "message": "Execution Timeout Expired", "invokedBy": {"invokedByType": "Manual"}}),
        ),
        // Started by an activity of the first run.
        pipeline(
            3,
            &json!({"invokedBy": {"invokedByType": "PipelineActivity", "pipelineRunId": guid(1).to_uppercase()}}),
        ),
        pipeline(
            4,
            &json!({"invokedBy": {"invokedByType": "TumblingWindowTrigger"}, "pipelineName": "build-mart"}),
        ),
    ];
    // The seventh digit is cut; five and six digits are digits like any others. Run 3 is a child of run 1.
    let expected = [
        json!({
            "run_id": guid(1), "system": "adf", "source": "adf-data", "scan": "copy-orders", "trigger": "scheduled",
            "status": "completed", "started_at": "2026-11-01T01:00:00.625701Z",
            "ended_at": "2026-11-01T01:10:00.216097Z", "observed_at": "2026-11-01T01:10:01.688340Z",
            "duration_ms": 599_590, "error_message": null, "parent_id": null,
        }),
        json!({
            "run_id": guid(2), "trigger": "manual", "outcome": "failed", "error_message": "Execution Timeout Expired",
        }),
        json!({"run_id": guid(3), "trigger": "PipelineActivity", "parent_id": guid(1)}),
        json!({"run_id": guid(4), "trigger": "scheduled", "scan": "build-mart"}),
    ];
    let tables = json!({
        "overview": {"figures": {"runs": 3, "succeeded": 2, "failed": 1, "child_runs": 1, "scans": 2, "sources": 1}},
        "errors": {"categories": [{"category": "timeout", "runs": 1, "scans": 1, "share": 1.0}]},
    });
    let page = json!({"continuationToken": null, "value": records}).to_string();
    Case::of(&[("page.json", &page)]).says(&tables, &expected);
    // As the command line prints it, and as two pages one after the other.
    let list = json!(records).to_string();
    Case::of(&[("az.json", &list)]).says(&tables, &expected);
    let pages =
        json!({"value": records[..2]}).to_string() + &json!({"value": records[2..]}).to_string();
    Case::of(&[("pages.json", &pages)]).says(&tables, &expected);
}

#[test]
fn one_to_seven_digits_of_a_second_are_the_same_kind_of_time() {
    // Trailing zeros are not written, so that any number of digits is normal.
    let fractions = [
        ("", "01:00:00Z"),
        (".6", "01:00:00.600Z"),
        (".62", "01:00:00.620Z"),
        (".625", "01:00:00.625Z"),
        (".6257", "01:00:00.625700Z"),
        (".62570", "01:00:00.625700Z"),
        (".625701", "01:00:00.625701Z"),
        (".6257019", "01:00:00.625701Z"),
    ];
    let mut records = Vec::new();
    let mut expected = Vec::new();
    for (number, (fraction, clock)) in (1..).zip(fractions) {
        let start = format!("2026-11-0{number}T01:00:00{fraction}Z");
        records.push(pipeline(number, &json!({"runStart": start})));
        expected.push(
            json!({"run_id": guid(number), "started_at": format!("2026-11-0{number}T{clock}")}),
        );
    }
    Case::of(&[("adf.json", &json!(records).to_string())]).says(&json!({}), &expected);
}

#[test]
fn a_cancelled_run_without_an_end_ended_when_it_was_last_updated() {
    let open = json!({"runEnd": null, "durationInMs": null});
    let with = |number: u32, status: &str| {
        let mut run = pipeline(number, &open);
        run["status"] = json!(status);
        run
    };
    // The same product spells it with one l and with two.
    let records = [
        with(1, "Cancelled"),
        with(2, "Canceled"),
        with(3, "Canceling"),
        with(4, "InProgress"),
        with(5, "Queued"),
        with(6, "Sleeping"),
    ];
    // From 01:00:00.625701 to 01:10:01.688340 it is 601.062639 s.
    let cancelled = |number: u32| {
        json!({
            "run_id": guid(number), "outcome": "cancelled",
            "ended_at": format!("2026-11-0{number}T01:10:01.688340Z"), "duration_ms": 601_062,
        })
    };
    let open = |number: u32, outcome: &str, status: &str| {
        json!({
            "run_id": guid(number), "outcome": outcome, "status": status, "ended_at": null, "duration_ms": null,
        })
    };
    Case::of(&[("adf.json", &json!(records).to_string())]).says(
        &json!({"overview": {"figures": {"runs": 6, "cancelled": 2, "active": 3, "unknown": 1, "success_rate": null}}}),
        &[
            cancelled(1),
            cancelled(2),
            open(3, "active", "in_progress"),
            open(4, "active", "in_progress"),
            open(5, "active", "queued"),
            open(6, "unknown", "unknown"),
        ],
    );
}

/// Rows of the table of pipeline runs: time, run, status, end, code and message.
const ANALYTICS: &str = "\
TimeGenerated,RunId,PipelineName,Status,Start,End,ErrorCode,ErrorMessage,OperationName,ResourceId,_ResourceId
2026-11-01T01:00:05Z,#1,copy-orders,Queued,2026-11-01T01:00:00Z,1601-01-01T00:00:00Z,,,copy-orders - Queued,@,@
2026-11-01T01:00:09Z,#1,copy-orders,InProgress,2026-11-01T01:00:00Z,1601-01-01T00:00:00Z,,,copy-orders - InProgress,@,@
2026-11-01T01:10:09Z,#1,copy-orders,Succeeded,2026-11-01T01:00:00Z,2026-11-01T01:10:00.5Z,,,copy-orders - Succeeded,@,@
2026-11-02T01:00:05Z,#2,copy-orders,Queued,2026-11-02T01:00:00Z,,,,copy-orders - Queued,@,@
2026-11-02T01:05:00Z,#2,copy-orders,Failed,2026-11-02T01:00:00Z,2026-11-02T01:04:00Z,JreNotFound,Execution Timeout Expired,copy-orders - Failed,@,@
2026-11-03T01:00:05Z,#3,copy-orders,InProgress,2026-11-03T01:00:00Z,,,,copy-orders - InProgress,@,@
";

fn analytics(resource: &str) -> String {
    (1..=3).fold(ANALYTICS.replace('@', resource), |text, number| {
        text.replace(&format!("#{number}"), &guid(number))
    })
}

/// Each column of a table as a key of an object.
fn as_json(table: &str) -> String {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<std::collections::BTreeMap<String, String>> =
        reader.deserialize().map(Result::unwrap).collect();
    json!(rows).to_string()
}

#[test]
fn the_rows_of_log_analytics_about_one_run_are_one_run() {
    for (resource, source) in [
        (
            "/subscriptions/s/resourcegroups/g/providers/microsoft.datafactory/factories/adf-data",
            "adf-data",
        ),
        (
            "/subscriptions/s/resourcegroups/g/providers/microsoft.synapse/workspaces/syn-data",
            "syn-data",
        ),
    ] {
        let table = analytics(resource);
        let expected = [
            // Ten minutes and half a second.
            json!({
                "run_id": guid(1), "system": "adf", "source": source, "scan": "copy-orders", "outcome": "succeeded",
                "started_at": "2026-11-01T01:00:00Z", "ended_at": "2026-11-01T01:10:00.500Z",
                "duration_ms": 600_500, "observed_at": "2026-11-01T01:10:09Z",
            }),
            json!({
                "run_id": guid(2), "outcome": "failed", "duration_ms": 240_000, "error_code": "JreNotFound",
                "error_message": "Execution Timeout Expired",
            }),
            json!({"run_id": guid(3), "outcome": "active", "ended_at": null}),
        ];
        // The code of an error says more than its text.
        let tables = json!({
            "overview": {"figures": {"runs": 3, "succeeded": 1, "failed": 1, "active": 1, "success_rate": 0.5}},
            "errors": {"categories": [{"category": "integration_runtime", "runs": 1, "scans": 1, "share": 1.0}]},
            "inputs": {"reconciliation": {"read": 6, "used": 3, "superseded": 3, "rejected": 0}},
        });
        Case::of(&[("query_data.csv", &table)]).says(&tables, &expected);
        Case::of(&[("query.json", &as_json(&table))]).says(&tables, &expected);
        // As the portal exports it.
        let portal = table
            .replace("TimeGenerated,", "\"TimeGenerated [UTC]\",")
            .replace(",Start,", ",\"Start [UTC]\",")
            .replace(",End,", ",\"End [UTC]\",");
        Case::of(&[("query_data.csv", &portal)]).says(&tables, &expected);
    }
}

#[test]
fn the_api_and_log_analytics_know_the_same_run() {
    let table = analytics(
        "/subscriptions/s/resourcegroups/g/providers/microsoft.datafactory/factories/adf-data",
    );
    let api = json!({"value": [pipeline(1, &json!({})), pipeline(4, &json!({}))]}).to_string();
    // Run 1 of the table was observed later, at 01:10:09 rather than at 01:10:01.7: its end is taken. The
    // length that only the API states is filled in.
    Case::of(&[("a.csv", &table), ("b.json", &api)]).says(
        &json!({"inputs": {"reconciliation": {"read": 8, "used": 4, "superseded": 4, "conflicts": 0}}}),
        &[
            json!({"run_id": guid(1), "ended_at": "2026-11-01T01:10:00.500Z", "duration_ms": 599_590, "trigger": "scheduled"}),
            json!({"run_id": guid(2)}),
            json!({"run_id": guid(3)}),
            json!({"run_id": guid(4)}),
        ],
    );
}

/// An activity run of the API, part of the pipeline run 9.
fn activity(number: u32, name: &str, status: &str, output: &Value, error: &Value) -> Value {
    json!({
        "id": format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.DataFactory/factories/adf-data/pipelineruns/{}/activityruns/{}", guid(9), guid(number)),
        "pipelineName": "copy-orders", "pipelineRunId": guid(9), "activityName": name, "activityType": "Copy",
        "activityRunId": guid(number), "linkedServiceName": "", "status": status,
        "activityRunStart": format!("2026-11-01T0{number}:00:00.1Z"),
        "activityRunEnd": format!("2026-11-01T0{number}:05:00.35Z"), "durationInMs": 300_250,
        "input": {}, "output": output, "error": error, "userProperties": {}, "retryAttempt": null,
    })
}

fn activities() -> Vec<Value> {
    let none = json!({"errorCode": "", "message": "", "failureType": "", "target": "x"});
    let failed = json!({"errorCode": "SqlFailedToConnect", "message": "Cannot connect", "failureType": "UserError"});
    vec![
        activity(
            1,
            "Copy",
            "Succeeded",
            &json!({"rowsRead": 100, "rowsCopied": 90, "rowsSkipped": 10, "dataRead": 5}),
            &none,
        ),
        // It succeeded, and nothing arrived.
        activity(
            2,
            "Copy all",
            "Succeeded",
            &json!({"rowsRead": 50, "rowsCopied": 0}),
            &none,
        ),
        // There was nothing to copy; no rate of it may be made.
        activity(
            3,
            "Copy none",
            "Succeeded",
            &json!({"rowsRead": 0, "rowsCopied": 0}),
            &none,
        ),
        activity(4, "Copy more", "Failed", &json!({"rowsRead": 7}), &failed),
        activity(5, "Look up", "Succeeded", &json!({"count": 3}), &none),
    ]
}

/// What the five activities say when their pipeline run is not there.
fn activity_tables() -> Value {
    let scan = |name: &str, row: Value| {
        let mut row = row;
        row["system"] = json!("adf");
        row["account"] = Value::Null;
        row["source"] = json!("adf-data");
        row["scan"] = json!(format!("copy-orders / {name}"));
        row
    };
    // Compared are runs 1, 2 and 3: 100 + 50 + 0 discovered, 90 + 0 + 0 ingested. Of run 1 the 10 skipped are
    // missing. Of run 2 it is not known whether all its 50 should have come: unclear, and not in the sum.
    // Run 4 failed; run 5 has no counts.
    json!({
        "overview": {"figures": {"runs": 5, "succeeded": 4, "failed": 1, "child_runs": 0, "success_rate": 0.8}},
        "gaps": {
            "figures": {
                "runs_compared": 3, "discovered": 150, "ingested": 90, "ingest_failed": 10, "missing": 10,
                "missing_runs": 1, "surplus": 0, "surplus_runs": 0, "pending_runs": 0, "not_available_runs": 1,
            },
            "scans": [
                scan("Copy", json!({"runs_compared": 1, "unaccounted": 0, "missing": 10, "kind": "loss"})),
                scan("Copy all", json!({"runs_compared": 1, "unaccounted": 50, "missing": 0, "kind": "unclear"})),
                scan("Copy none", json!({"runs_compared": 1, "discovered": 0, "missing": 0, "kind": "complete"})),
            ],
        },
        "errors": {"categories": [{"category": "network", "runs": 1, "scans": 1, "share": 1.0}]},
    })
}

fn activity_runs() -> Vec<Value> {
    let mut runs: Vec<Value> = (1..=5)
        .map(|number| {
            json!({
                "run_id": guid(number), "parent_id": guid(9), "system": "adf", "source": "adf-data",
                "started_at": format!("2026-11-01T0{number}:00:00.100Z"),
                "ended_at": format!("2026-11-01T0{number}:05:00.350Z"),
            })
        })
        .collect();
    runs[1]["assets_discovered"] = json!(50);
    runs[1]["assets_ingested"] = json!(0);
    runs[1]["assets_ingest_failed"] = Value::Null;
    runs[2]["error_code"] = Value::Null;
    runs[3]["error_code"] = json!("SqlFailedToConnect");
    runs[3]["error_message"] = json!("Cannot connect");
    runs[4]["assets_discovered"] = Value::Null;
    runs
}

#[test]
fn activity_runs_tell_what_was_read_and_what_arrived() {
    let page = json!({"value": activities()}).to_string();
    let got = Case::of(&[("activities.json", &page)]).says(&activity_tables(), &activity_runs());
    assert_eq!(got.run(&guid(1))["duration_ms"], 300_250);
}

/// The activities as rows of Log Analytics, where `Output` and `Error` are JSON inside text.
fn activity_table(encode: fn(&Value) -> String) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    #[rustfmt::skip]
    writer.write_record([
        "TimeGenerated", "ActivityRunId", "PipelineRunId", "PipelineName", "ActivityName", "ActivityType",
        "Status", "Start", "End", "Output", "Error", "_ResourceId",
    ]).unwrap();
    for activity in activities() {
        let text = |key: &str| activity[key].as_str().unwrap().to_owned();
        writer
            .write_record([
                text("activityRunEnd"),
                text("activityRunId"),
                text("pipelineRunId"),
                text("pipelineName"),
                text("activityName"),
                text("activityType"),
                text("status"),
                text("activityRunStart"),
                text("activityRunEnd"),
                encode(&activity["output"]),
                encode(&activity["error"]),
                "/subscriptions/s/resourcegroups/g/providers/microsoft.datafactory/factories/adf-data"
                    .to_owned(),
            ])
            .unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn json_inside_a_cell_is_read() {
    let table = activity_table(Value::to_string);
    Case::of(&[("query_data.csv", &table)]).says(&activity_tables(), &activity_runs());
    Case::of(&[("query.json", &as_json(&table))]).says(&activity_tables(), &activity_runs());
}

#[test]
fn json_inside_json_inside_a_cell_is_read() {
    let table = activity_table(|value| json!(value.to_string()).to_string());
    Case::of(&[("query_data.csv", &table)]).says(&activity_tables(), &activity_runs());
}

#[test]
fn activities_of_a_pipeline_run_that_is_there_are_in_no_count() {
    let page = json!({"value": activities()}).to_string();
    let parent = json!([pipeline(9, &json!({}))]).to_string();
    let mut runs = activity_runs();
    runs.push(json!({"run_id": guid(9), "scan": "copy-orders"}));
    Case::of(&[("activities.json", &page), ("pipelines.json", &parent)]).says(
        &json!({
            "overview": {"figures": {"runs": 1, "succeeded": 1, "child_runs": 5, "success_rate": 1.0}},
            "gaps": {"figures": {"runs_compared": 0, "discovered": 0, "not_available_runs": 1}, "scans": []},
            "errors": {"categories": []},
        }),
        &runs,
    );
}
