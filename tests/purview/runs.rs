//! The same runs as the API gives them and, worked out by hand, as rundown's own columns.

use serde_json::{Value, json};

/// One run as the API gives it, and where it comes from.
pub(crate) struct Run {
    pub(crate) source: &'static str,
    pub(crate) scan: &'static str,
    pub(crate) record: Value,
}

pub(crate) fn id(number: u32) -> String {
    format!("0000000{number}-aaaa-4bbb-8ccc-0000000000d{number}")
}

/// A phase of the newer generation.
fn phase(name: &str, status: &str, start: &str, end: &str, assets: &Value) -> Value {
    let mut statistics = json!({"assets": assets});
    if name == "ingestion" {
        statistics["relationships"] = json!({"succeeded": 4, "failed": 1, "processing": 0});
    }
    json!({
        format!("{name}StartTime"): start,
        format!("{name}EndTime"): end,
        "status": status,
        "statistics": statistics,
        "isErrorLogAvailable": false,
    })
}

/// Runs of API version 2023-09-01. The last segment of `resourceId` is no name that may be taken here.
pub(crate) fn newer() -> Vec<Run> {
    let run = |number: u32, source, scan, details: Value| {
        let mut record = json!({
            "id": id(number),
            "parentId": null,
            "resourceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/not-the-source",
            "scanRulesetType": "System",
            "scanLevelType": "Full",
            "runType": "Scheduled",
            "dataSourceType": "AzureSqlDatabase",
            "startTime": format!("2026-11-0{number}T02:00:00.1234567Z"),
            "endTime": format!("2026-11-0{number}T02:30:00Z"),
            "status": "Succeeded",
            "diagnostics": {"notifications": [], "exceptionCountMap": {}},
            "errorMessage": null,
            "error": null,
        });
        for (key, value) in details.as_object().unwrap() {
            record[key] = value.clone();
        }
        Run {
            source,
            scan,
            record,
        }
    };
    let discovery = |number: u32, status: &str, assets: Value| {
        let day = format!("2026-11-0{number}");
        phase(
            "discovery",
            status,
            &format!("{day}T02:01:00Z"),
            &format!("{day}T02:10:00Z"),
            &assets,
        )
    };
    let ingestion = |number: u32, status: &str, assets: Value| {
        let day = format!("2026-11-0{number}");
        phase(
            "ingestion",
            status,
            &format!("{day}T02:10:00Z"),
            &format!("{day}T02:29:00Z"),
            &assets,
        )
    };
    vec![
        run(
            1,
            "sql-1",
            "daily",
            json!({
                "discoveryExecutionDetails": discovery(1, "Succeeded", json!({"discovered": 10, "classified": 3, "failed": 0})),
                "ingestionExecutionDetails": ingestion(1, "Succeeded", json!({"succeeded": 8, "failed": 0, "processing": 0})),
            }),
        ),
        run(
            2,
            "sql-1",
            "daily",
            json!({
                "scanLevelType": "Incremental", "runType": "Manual", "queuedTime": "2026-11-02T01:59:00Z",
                "discoveryExecutionDetails": discovery(2, "Succeeded", json!({"discovered": 10, "classified": 3, "failed": 0})),
                "ingestionExecutionDetails": ingestion(2, "Failed", json!({"succeeded": 0, "failed": 7, "processing": 0})),
            }),
        ),
        run(
            3,
            "sql-1",
            "weekly",
            json!({
                "status": "Failed",
                "discoveryExecutionDetails": discovery(3, "Failed", json!({"discovered": 0, "classified": 0, "failed": 0})),
                "error": {"code": "Outer", "message": "The scan failed.", "details": [
                    {"code": "Login", "message": "Login failed for user 'x'", "details": []}]},
            }),
        ),
        run(
            4,
            "adls",
            "daily",
            json!({
                "dataSourceType": "AdlsGen2",
                "diagnostics": {"notifications": [], "exceptionCountMap": {"Skipped": 0, "Denied": 2}},
                "discoveryExecutionDetails": discovery(4, "PartialSucceeded", json!({"discovered": 20, "classified": 1, "failed": 2})),
                "ingestionExecutionDetails": ingestion(4, "PartialSucceeded", json!({"succeeded": 17, "failed": 3, "processing": 0})),
            }),
        ),
        run(
            5,
            "adls",
            "daily",
            json!({
                "dataSourceType": "AdlsGen2", "status": "InProgress", "endTime": null,
                "discoveryExecutionDetails": discovery(5, "Succeeded", json!({"discovered": 20, "classified": 1, "failed": 0})),
                "ingestionExecutionDetails": ingestion(5, "InProgress", json!({"succeeded": 4, "failed": 0, "processing": 16})),
            }),
        ),
        run(
            6,
            "adls",
            "daily",
            json!({
                "dataSourceType": "AdlsGen2", "parentId": id(4), "status": "Canceled",
                "ingestionExecutionDetails": {"status": "None"},
            }),
        ),
    ]
}

/// Column names and rows of the same runs, worked out by hand.
pub(crate) const NEWER: &str = "\
system,source,source_type,scan,run_id,parent_id,run_type,trigger,status,discovery_status,ingestion_status,\
queued_at,started_at,ended_at,discovery_started_at,discovery_ended_at,ingestion_started_at,ingestion_ended_at,\
assets_discovered,assets_classified,assets_failed,assets_ingested,assets_ingest_failed,assets_pending,\
relationships_ingested,relationships_failed,error_code,error_message,error_phase
purview,sql-1,AzureSqlDatabase,daily,#1,,full,scheduled,completed,completed,completed,\
,@1T02:00:00.123456Z,@1T02:30:00Z,@1T02:01:00Z,@1T02:10:00Z,@1T02:10:00Z,@1T02:29:00Z,10,3,0,8,0,0,4,1,,,
purview,sql-1,AzureSqlDatabase,daily,#2,,incremental,manual,completed,completed,failed,\
@2T01:59:00Z,@2T02:00:00.123456Z,@2T02:30:00Z,@2T02:01:00Z,@2T02:10:00Z,@2T02:10:00Z,@2T02:29:00Z,10,3,0,0,7,0,4,1,,,ingestion
purview,sql-1,AzureSqlDatabase,weekly,#3,,full,scheduled,failed,failed,\
,,@3T02:00:00.123456Z,@3T02:30:00Z,@3T02:01:00Z,@3T02:10:00Z,,,0,0,0,,,,,,Login,Login failed for user 'x',discovery
purview,adls,AdlsGen2,daily,#4,,full,scheduled,partial,partial,partial,\
,@4T02:00:00.123456Z,@4T02:30:00Z,@4T02:01:00Z,@4T02:10:00Z,@4T02:10:00Z,@4T02:29:00Z,20,1,2,17,3,0,4,1,,,ingestion
purview,adls,AdlsGen2,daily,#5,,full,scheduled,in_progress,completed,in_progress,\
,@5T02:00:00.123456Z,,@5T02:01:00Z,@5T02:10:00Z,@5T02:10:00Z,@5T02:29:00Z,20,1,0,4,0,16,4,1,,,
purview,adls,AdlsGen2,daily,#6,#4,full,scheduled,cancelled,,\
,,@6T02:00:00.123456Z,@6T02:30:00Z,,,,,,,,,,,,,,,
";

/// Runs of API version 2022-07-01-preview: flat counts, nothing on ingestion.
pub(crate) fn older() -> Vec<Run> {
    let run = |number: u32, source, scan, status: &str, end: Value, message: Value| Run {
        source,
        scan,
        record: json!({
            "id": id(number),
            "status": status,
            "assetsDiscovered": 90 + number,
            "assetsClassified": number,
            "queuedTime": format!("2026-11-0{number}T01:58:00Z"),
            "startTime": format!("2026-11-0{number}T02:00:00.1234567Z"),
            "pipelineStartTime": format!("2026-11-0{number}T02:01:00Z"),
            "endTime": end,
            "errorMessage": message,
            "runType": "Manual",
            "scanRulesetType": "Custom",
        }),
    };
    let end = |number: u32| json!(format!("2026-11-0{number}T02:30:00Z"));
    vec![
        run(1, "sql-1", "daily", "Succeeded", end(1), json!(null)),
        run(
            2,
            "sql-1",
            "daily",
            "Failed",
            end(2),
            json!("Execution Timeout Expired"),
        ),
        run(3, "oracle", "weekly", "Running", json!(null), json!(null)),
        run(
            4,
            "oracle",
            "weekly",
            "CompletedWithExceptions",
            end(4),
            json!(null),
        ),
    ]
}

pub(crate) const OLDER: &str = "\
system,source,scan,run_id,trigger,status,queued_at,started_at,ended_at,discovery_started_at,assets_discovered,assets_classified,error_message
purview,sql-1,daily,#1,manual,completed,@1T01:58:00Z,@1T02:00:00.123456Z,@1T02:30:00Z,@1T02:01:00Z,91,1,
purview,sql-1,daily,#2,manual,failed,@2T01:58:00Z,@2T02:00:00.123456Z,@2T02:30:00Z,@2T02:01:00Z,92,2,Execution Timeout Expired
purview,oracle,weekly,#3,manual,in_progress,@3T01:58:00Z,@3T02:00:00.123456Z,,@3T02:01:00Z,93,3,
purview,oracle,weekly,#4,manual,partial,@4T01:58:00Z,@4T02:00:00.123456Z,@4T02:30:00Z,@4T02:01:00Z,94,4,
";
