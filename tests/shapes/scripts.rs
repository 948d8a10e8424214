//! What PowerShell, scripts and the portal make of Purview's runs, each with numbers worked out by hand.

use serde_json::{Value, json};

use crate::case::{Case, everything, guid};

/// The header that a notebook writes whatever the API answers, and one run of the older API under it.
const NOTEBOOK: &str = "assetsClassified,assetsDiscovered,dataSourceType,endTime,error,errorMessage,id,\
    ingestionJobId,parentId,pipelineStartTime,queuedTime,resourceId,runType,scanLevelType,scanRulesetType,\
    scanRulesetVersion,startTime,status,webScanResults,source,scanName\n";

fn notebook_row() -> String {
    format!(
        "4,11,AdlsGen2,2023-05-10T09:12:40.1182736Z,,,{0},{0},,2023-05-10T09:06:45Z,2023-05-10T09:06:12.6310582Z,\
         /subscriptions/s/storageAccounts/exampleadls,Manual,Full,System,5,2023-05-10T09:06:12.4017325Z,Succeeded,,\
         adls,daily\n",
        guid(1)
    )
}

#[test]
fn the_table_of_the_notebook_is_read() {
    // 09:12:40.118273 − 09:06:12.401732 = 387.716541 s; 09:06:45 − 09:06:12.631058 = 32.368942 s.
    Case::of(&[("output.csv", &(NOTEBOOK.to_owned() + &notebook_row()))]).says(
        &json!({"gaps": {"figures": {"runs_compared": 0, "not_available_runs": 1}, "scans": []}}),
        &[json!({
            "run_id": guid(1), "system": "purview", "source": "adls", "scan": "daily", "source_type": "AdlsGen2",
            "run_type": "full", "trigger": "manual", "status": "completed", "assets_discovered": 11,
            "assets_classified": 4, "assets_ingested": null, "duration_ms": 387_716, "queue_ms": 32_368,
            "error_message": null,
        })],
    );
}

#[test]
fn nothing_is_used_of_a_notebook_table_whose_columns_are_shifted() {
    // The newer API has 17 values, and each lands under the name of another.
    let values = [
        "AzureSqlDatabase",
        "\"{'discoveryStartTime': '2026-11-01T01:00:00Z', 'status': 'Succeeded'}\"",
        "2026-11-01T01:10:00Z",
        "",
        "",
        "0000000a-aaaa-4bbb-8ccc-0000000000da",
        "\"{'ingestionStartTime': '2026-11-01T01:00:00Z', 'status': 'Succeeded'}\"",
        "0000000a-aaaa-4bbb-8ccc-0000000000da",
        "",
        "/subscriptions/s/servers/sql",
        "Manual",
        "Full",
        "System",
        "5",
        "2026-11-01T01:00:00Z",
        "Succeeded",
        "",
    ];
    let bare = values.join(",");
    let named = format!("{bare},sql,daily");
    for row in [
        bare.clone(),
        named.clone(),
        format!("{named},,"),
        format!("{bare},,,sql,daily"),
    ] {
        let shifted = format!("{NOTEBOOK}{row}\n{row}\n");
        let good = NOTEBOOK.to_owned() + &notebook_row();
        let case = Case::of(&[("shifted.csv", &shifted), ("good.csv", &good)]);
        for read in [case.expected(), case.read()] {
            assert_eq!(read.runs.len(), 1, "{row}");
            assert_eq!(read.runs[0]["run_id"], guid(1), "{row}");
            assert!(read.books("rejected") > 0, "{row}");
        }
        // Alone it is no export at all.
        let alone = Case::of(&[("shifted.csv", &shifted)]);
        let Err(error) = alone.try_read(alone.paths(), &[]) else {
            panic!("{row} was used");
        };
        assert!(error.is::<rundown::Unusable>(), "{error:#}");
    }
}

/// A run of the script that saves the history of all scans.
fn saved(number: u32, status: &str, end: &Value, duration: &str) -> Value {
    json!({
        "dataSource": "sql-sales", "scanName": "daily", "runId": guid(number), "status": status,
        "scanType": "Unknown", "startTime": format!("2026-11-0{number}T01:00:00.1234567Z"), "endTime": end,
        "duration": duration, "assetsDiscovered": 12, "assetsClassified": 3, "scanRulesetName": "System",
    })
}

#[test]
fn the_saved_history_of_all_scans_is_read() {
    let mut runs = [
        saved(
            1,
            "Succeeded",
            &json!("2026-11-01T01:06:27.9663974Z"),
            "0:06:27.842000",
        ),
        saved(
            2,
            "Failed",
            &json!("2026-11-03T03:03:04Z"),
            "1 day, 2:03:04",
        ),
        saved(
            3,
            "Canceled",
            &json!("2026-11-05T01:00:01Z"),
            "2 days, 0:00:01.5",
        ),
        saved(4, "InProgress", &Value::Null, "N/A"),
        saved(
            5,
            "Succeeded",
            &json!("2026-11-05T01:00:10.1234567Z"),
            "N/A",
        ),
    ];
    // The same column may say either of two things; most often it says nothing.
    runs[1]["scanType"] = json!("Full");
    runs[2]["scanType"] = json!("Scheduled");
    let history = json!({
        "collectedAt": "2026-11-06T00:00:00Z", "purviewAccount": "contoso", "dataSources": {"count": 1},
        "scanRuns": {"totalCount": 5, "runs": runs}, "classificationRules": {},
    });
    // 26 h 3 min 4 s = 93,784 s; 48 h and 1.5 s = 172,801.5 s. The last states no duration: ten seconds.
    Case::of(&[("scan-history.json", &history.to_string())]).says(
        &json!({
            "overview": {"figures": {"runs": 5, "succeeded": 2, "failed": 1, "cancelled": 1, "active": 1}},
            "gaps": {"figures": {"runs_compared": 0, "not_available_runs": 2}},
        }),
        &[
            json!({
                "run_id": guid(1), "system": "purview", "source": "sql-sales", "scan": "daily", "duration_ms": 387_842,
                "assets_discovered": 12, "assets_classified": 3, "run_type": null, "trigger": null,
            }),
            json!({"run_id": guid(2), "duration_ms": 93_784_000, "run_type": "full", "trigger": null}),
            json!({"run_id": guid(3), "duration_ms": 172_801_500, "run_type": null, "trigger": "scheduled"}),
            json!({"run_id": guid(4), "outcome": "active", "duration_ms": null, "ended_at": null}),
            json!({"run_id": guid(5), "duration_ms": 10_000}),
        ],
    );
}

/// The columns of the script that validates triggers, and its rows.
fn trigger_validation() -> String {
    let header = "scan_name,last_run_status,schedule,scan_rule_set,last_scan_time,collection,data_source,\
        schedule_detail,runs_30d,completed,completed_with_exceptions,failed,other,scheduled_runs,manual_runs,\
        run_start,run_end,duration_min,run_status,triggered_by,run_type_raw,scan_level,assets_discovered,\
        ingestion_status,error,run_id\n";
    // The totals of a scan stand in each of its rows.
    let daily =
        "daily,Completed,Weekly,System,25/11/2026 05:36:22 UTC,root/sales,sql-sales,,4,1,1,1,1,3,1";
    let row = |start: &str, end: &str, minutes: &str, rest: &str, number: u32| {
        format!("{daily},{start},{end},{minutes},{rest},{}\n", guid(number))
    };
    [
        header.to_owned(),
        row(
            "25/11/2026 05:30:22 UTC",
            "25/11/2026 05:36:50 UTC",
            "6.46",
            "Completed,Scheduled,Scheduled,Full,12,Succeeded,",
            1,
        ),
        row(
            "05/11/2026 05:30:22 UTC",
            "05/11/2026 05:40:22 UTC",
            "10",
            "Completed with exceptions,Manual,Manual,Incremental,12,PartialSucceeded,",
            2,
        ),
        row(
            "04/11/2026 05:30:22 UTC",
            "04/11/2026 05:31:22 UTC",
            "",
            "Failed,Scheduled,Scheduled,Full,0,,Execution Timeout Expired",
            3,
        ),
        row(
            "03/11/2026 05:30:22 UTC",
            "",
            "",
            "Transient failure,Scheduled,Scheduled,Full,,,",
            4,
        ),
        // A scan that never ran has a row as well.
        "weekly,Never run,None,System,,root/hr,sql-hr,,0,0,0,0,0,0,0,,,,,,,,,,,\n".to_owned(),
    ]
    .concat()
}

#[test]
fn the_table_of_the_trigger_validation_is_read_and_a_scan_without_runs_is_no_record() {
    // 6.46 minutes are 387.6 s, as the table says, although the times are 388 s apart. The run of 25 November
    // tells that the day comes first, also in the rows where it could be the month; so do the ends.
    Case::of(&[("report.csv", &trigger_validation())]).says(
        &json!({
            "overview": {"figures": {
                "runs": 4, "succeeded": 1, "partial": 1, "failed": 1, "active": 1, "scans": 1, "sources": 1,
            }},
            "errors": {"categories": [{"category": "timeout", "runs": 1, "scans": 1, "share": 1.0}]},
            "inputs": {"reconciliation": {"read": 4, "used": 4, "superseded": 0, "rejected": 0}},
        }),
        &[
            json!({
                "run_id": guid(1), "source": "sql-sales", "scan": "daily", "collection": "root/sales",
                "run_type": "full", "trigger": "scheduled", "status": "completed", "ingestion_status": "completed",
                "started_at": "2026-11-25T05:30:22Z", "ended_at": "2026-11-25T05:36:50Z", "duration_ms": 387_600,
                "assets_discovered": 12,
            }),
            json!({
                "run_id": guid(2), "run_type": "incremental", "trigger": "manual", "outcome": "partial",
                "started_at": "2026-11-05T05:30:22Z", "duration_ms": 600_000,
            }),
            json!({
                "run_id": guid(3), "outcome": "failed", "error_message": "Execution Timeout Expired",
                "assets_discovered": 0, "duration_ms": 60_000, "started_at": "2026-11-04T05:30:22Z",
            }),
            json!({"run_id": guid(4), "status": "in_progress", "assets_discovered": null, "ended_at": null}),
        ],
    );
}

/// The grid of runs in the portal, as it is pasted into a sheet: its first columns, of which there are eight.
fn grid(columns: usize, delimiter: u8) -> Case {
    #[rustfmt::skip]
    let rows = [
        ["Status", "Run type", "Scan type", "Assets discovered", "Assets ingested", "Start time", "End time"],
        ["Completed", "Full scan", "Manual", "10", "8", "08/06/2022, 1:00 AM", "08/06/2022, 1:30 AM"],
        ["Completed", "Incremental scan", "Scheduled", "10", "2", "08/07/2022, 12:00 PM", "08/07/2022, 12:05 PM"],
        ["Completed", "Full scan", "Lineage extraction", "8", "41", "08/08/2022, 1:00 AM", "08/08/2022, 1:30 AM"],
        ["In progress", "Full scan", "Manual", "3", "0", "08/09/2022, 1:00 AM", ""],
        ["Canceled", "Full scan", "Manual", "", "", "08/10/2022, 1:00 AM", "08/10/2022, 1:30 AM"],
    ];
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    for (number, row) in (0..).zip(rows) {
        let id = match number {
            0 => "Run ID".to_owned(),
            _ => guid(number),
        };
        let cells = std::iter::once(id.as_str()).chain(row).take(columns);
        writer.write_record(cells).unwrap();
    }
    let ending = if delimiter == b',' { "csv" } else { "tsv" };
    let file = (format!("grid.{ending}"), writer.into_inner().unwrap());
    Case::new(&[file], everything())
}

#[test]
fn the_trigger_validation_writes_the_day_first_also_where_no_row_tells_it() {
    let text = trigger_validation().replace("25/11/2026", "02/11/2026");
    Case::of(&[("report.csv", &text)]).says(
        &json!({"inputs": {"reconciliation": {"read": 4, "used": 4, "rejected": 0}}}),
        &[
            json!({"run_id": guid(1), "started_at": "2026-11-02T05:30:22Z", "ended_at": "2026-11-02T05:36:50Z"}),
            json!({"run_id": guid(2), "started_at": "2026-11-05T05:30:22Z"}),
            json!({"run_id": guid(3), "started_at": "2026-11-04T05:30:22Z"}),
            json!({"run_id": guid(4), "started_at": "2026-11-03T05:30:22Z"}),
        ],
    );
}

#[test]
fn the_grid_of_the_portal_is_read_by_its_values_not_by_its_titles() {
    let expected = [
        json!({
            "run_id": guid(1), "system": "purview", "source": null, "scan": null, "run_type": "full",
            "trigger": "manual", "started_at": "2022-08-06T01:00:00Z", "duration_ms": 1_800_000,
            "assets_discovered": 10, "assets_ingested": 8,
        }),
        json!({
            "run_id": guid(2), "run_type": "incremental", "trigger": "scheduled",
            "started_at": "2022-08-07T12:00:00Z",
        }),
        json!({"run_id": guid(3), "run_type": "full", "trigger": "Lineage extraction"}),
        json!({"run_id": guid(4), "outcome": "active", "ended_at": null}),
        json!({"run_id": guid(5), "outcome": "cancelled", "assets_discovered": null}),
    ];
    // Of the ten assets of the full run 2 are missing; an incremental one need not bring all. Lineage extraction
    // brings 33 more than it discovers. The run that goes on is not compared.
    let tables = json!({
        "overview": {"figures": {"runs": 5, "succeeded": 3, "active": 1, "cancelled": 1}},
        "gaps": {"figures": {
            "runs_compared": 3, "discovered": 28, "ingested": 51, "missing": 2, "missing_runs": 1, "surplus": 33,
            "surplus_runs": 1, "not_available_runs": 0, "pending_runs": 1,
        }},
    });
    grid(8, b',').says(&tables, &expected);
    grid(8, b'\t').says(&tables, &expected);
    // The end is optional.
    let without_end = expected.map(|mut run| {
        run["ended_at"] = Value::Null;
        run["duration_ms"] = Value::Null;
        run
    });
    grid(7, b',').says(&tables, &without_end);
}

/// A run of the newer API, as the history and the list of scans have it.
fn newest(number: u32) -> Value {
    json!({
        "parentId": null, "id": guid(number), "resourceId": "/subscriptions/s/storageAccounts/zz", "status": "Succeeded",
        "startTime": format!("2026-11-0{number}T01:00:00Z"), "endTime": format!("2026-11-0{number}T01:10:00Z"),
        "scanLevelType": "Full", "runType": "Scheduled", "dataSourceType": "AdlsGen2", "error": null,
        "errorMessage": null, "diagnostics": {"notifications": [], "exceptionCountMap": {}},
        "discoveryExecutionDetails": {"status": "Succeeded", "statistics": {"assets": {"discovered": 5, "classified": 0, "failed": 0}}},
        "ingestionExecutionDetails": {"status": "Succeeded", "statistics": {"assets": {"succeeded": 4, "failed": 0, "processing": 0}}},
    })
}

fn list_of_scans() -> Value {
    let scan = |source: &str, name: &str, last: Value| {
        json!({
            "name": name, "kind": "AdlsGen2Msi", "id": format!("datasources/{source}/scans/{name}"),
            "properties": {"scanRulesetName": "AdlsGen2", "scanRulesetType": "System",
                "collection": {"referenceName": "root", "type": "CollectionReference"}},
            "lastRunResult": last,
        })
    };
    json!({"count": 3, "nextLink": null, "value": [
        scan("adls-raw", "daily", newest(1)),
        scan("adls-raw", "never", Value::Null),
        scan("adls-curated", "daily", newest(2)),
    ]})
}

#[test]
fn a_list_of_scans_gives_the_last_run_of_each_under_its_name() {
    let expected = [
        json!({
            "run_id": guid(1), "source": "adls-raw", "scan": "daily", "assets_discovered": 5, "assets_ingested": 4,
            "outcome": "succeeded", "run_type": "full",
        }),
        json!({"run_id": guid(2), "source": "adls-curated", "scan": "daily"}),
    ];
    let list = list_of_scans().to_string();
    // Two full runs of five assets, of which four arrived.
    Case::of(&[("scans.json", &list)]).says(
        &json!({
            "gaps": {"figures": {"runs_compared": 2, "discovered": 10, "ingested": 8, "missing": 2}},
            "inputs": {"reconciliation": {"read": 2, "used": 2, "rejected": 0}},
        }),
        &expected,
    );
    // With the history beside it each run is still one.
    let mut record = newest(1);
    record["source"] = json!("adls-raw");
    record["scanName"] = json!("daily");
    let history = json!({"value": [record]}).to_string();
    Case::of(&[("scans.json", &list), ("runs.json", &history)]).says(
        &json!({"inputs": {"reconciliation": {"read": 3, "used": 2, "superseded": 1, "conflicts": 0}}}),
        &expected,
    );
}

#[test]
fn purview_has_no_words_of_its_own() {
    let words = ["Success", "Weird", "Complete", "Succeeded"];
    let records: Vec<Value> = (1..)
        .zip(words)
        .map(|(number, word)| {
            let mut record = newest(number);
            record["status"] = json!(word);
            for name in ["discoveryExecutionDetails", "ingestionExecutionDetails"] {
                record[name] = Value::Null;
            }
            record
        })
        .collect();
    let expected: Vec<Value> = (1..=4)
        .map(|number| {
            let outcome = if number == 4 { "succeeded" } else { "unknown" };
            json!({"run_id": guid(number), "outcome": outcome})
        })
        .collect();
    Case::of(&[("runs.json", &json!({"value": records}).to_string())]).says(
        &json!({"overview": {"figures": {"runs": 4, "unknown": 3, "succeeded": 1, "success_rate": 1.0}}}),
        &expected,
    );
}

/// Two runs as Windows PowerShell exports them; the second failed.
fn powershell_csv() -> String {
    let row = |number: u32, times: [&str; 4], status: &str, error: [&str; 2]| {
        let [ended, pipeline, queued, started] = times;
        let [code, message] = error;
        let id = guid(number);
        format!(
            "\"4\",\"11\",\"{code}\",\"AzureSqlDatabase\",\"\",\"System.Object\",\"\",\"{ended}\",\"\",\"{id}\",\"{message}\",\
             \"\",\"{pipeline}\",\"{queued}\",\"/subscriptions/s/servers/sql-sales\",\"Scheduled\",\"Incremental\",\
             \"System\",\"5\",\"{started}\",\"{status}\",\"\"\r\n"
        )
    };
    [
        "#TYPE Microsoft.Azure.PowerShell.Cmdlets.Purview.Models.Api20211001Preview.ScanResult\r\n".to_owned(),
        "\"AssetsClassified\",\"AssetsDiscovered\",\"Code\",\"DataSourceType\",\"Detail\",\
         \"DiagnosticExceptionCountMap\",\"DiagnosticNotification\",\"EndTime\",\"ErrorMessage\",\"Id\",\"Message\",\
         \"ParentId\",\"PipelineStartTime\",\"QueuedTime\",\"ResourceId\",\"RunType\",\"ScanLevelType\",\
         \"ScanRulesetType\",\"ScanRulesetVersion\",\"StartTime\",\"Status\",\"Target\"\r\n"
            .to_owned(),
        row(
            1,
            [
                "2/15/2022 3:02:22 PM",
                "2/15/2022 2:43:00 PM",
                "2/15/2022 2:42:30 PM",
                "2/15/2022 2:42:22 PM",
            ],
            "Succeeded",
            ["", ""],
        ),
        row(
            2,
            [
                "2/3/2022 12:05:00 PM",
                "",
                "",
                "2/3/2022 12:05:00 AM",
            ],
            "Failed",
            ["ScanHistory_ActiveRunExist", "There is already a scan currently running."],
        ),
    ]
    .concat()
}

#[test]
fn powershells_table_is_read_in_every_encoding_that_it_comes_in() {
    // From 14:42:22 to 15:02:22 it is 20 minutes, from 14:42:30 to 14:43:00 half a minute. The second run began
    // five past midnight on 3 February and failed five past noon. The last part of the resource is the source.
    let expected = [
        json!({
            "run_id": guid(1), "source": "sql-sales", "scan": null, "run_type": "incremental",
            "trigger": "scheduled", "started_at": "2022-02-15T14:42:22Z", "ended_at": "2022-02-15T15:02:22Z",
            "queued_at": "2022-02-15T14:42:30Z", "duration_ms": 1_200_000, "queue_ms": 30_000,
            "assets_discovered": 11, "assets_classified": 4, "status": "completed", "error_code": null,
        }),
        json!({
            "run_id": guid(2), "started_at": "2022-02-03T00:05:00Z", "ended_at": "2022-02-03T12:05:00Z",
            "outcome": "failed", "error_code": "ScanHistory_ActiveRunExist",
            "error_message": "There is already a scan currently running.",
        }),
    ];
    let tables = json!({"errors": {"categories": [{"category": "throttling", "runs": 1, "scans": 1, "share": 1.0}]}});
    let text = powershell_csv();
    let utf_16 = |big: bool| -> Vec<u8> {
        let marked = format!("\u{feff}{text}");
        let units = marked.encode_utf16();
        units
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    let untyped = text.split_once('\n').unwrap().1.to_owned();
    for bytes in [
        utf_16(false),
        utf_16(true),
        text.clone().into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        untyped.into_bytes(),
    ] {
        let file = ("history.csv".to_owned(), bytes);
        Case::new(&[file], everything()).says(&tables, &expected);
    }
}

#[test]
fn powershells_two_ways_to_write_a_time_into_json_are_one_instant() {
    // 1,645,000,000 s after 1970 is 2022-02-16T08:26:40Z; half an hour later it is over.
    let run = |start: &str, end: &str| {
        format!(
            r#"[{{"AssetsClassified":4,"AssetsDiscovered":11,"Code":null,"DataSourceType":"AzureSqlDatabase",
            "Detail":null,"EndTime":"{end}","ErrorMessage":null,"Id":"{}","Message":null,"ParentId":null,
            "PipelineStartTime":null,"QueuedTime":null,"ResourceId":"/subscriptions/s/servers/sql-sales",
            "RunType":"Manual","ScanLevelType":"Full","StartTime":"{start}","Status":"Succeeded","Target":null}}]"#,
            guid(1)
        )
    };
    let expected = [json!({
        "run_id": guid(1), "started_at": "2022-02-16T08:26:40.125Z", "ended_at": "2022-02-16T08:56:40.125Z",
        "duration_ms": 1_800_000, "source": "sql-sales", "scan": null, "run_type": "full", "trigger": "manual",
    })];
    for text in [
        run("\\/Date(1645000000125)\\/", "\\/Date(1645001800125)\\/"),
        run("2022-02-16T08:26:40.125Z", "2022-02-16T08:56:40.125Z"),
    ] {
        Case::of(&[("history.json", &text)]).says(&json!({}), &expected);
    }
}
