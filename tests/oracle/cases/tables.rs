//! Whole tables of what changed, of durations, and of what sources delivered.

use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::oracle::Options;

/// A file, and cells of the report that were worked out by hand.
pub(crate) struct TableCase {
    pub(crate) name: &'static str,
    pub(crate) csv: String,
    pub(crate) options: Options,
    /// Under the paths of the report; of each table that is named, every row.
    pub(crate) expected: Value,
}

pub(crate) fn tables() -> Vec<TableCase> {
    vec![
        changed(),
        first_period(),
        first_data_of_a_system(),
        waited(),
        waited_before_the_start(),
        delivered(),
    ]
}

/// Seven days from 8 to 14 May and the seven before them.
fn changed() -> TableCase {
    let identity =
        |scan: &str| json!({"system": "other", "account": null, "source": "x", "scan": scan});
    let row = |scan: &str, change: &str, at: &str, runs: i64, before: i64| {
        let mut row = identity(scan);
        row["change"] = json!(change);
        row["at"] = json!(format!("2024-05-{at}:00Z"));
        row["runs"] = json!(runs);
        row["runs_before"] = json!(before);
        row
    };
    let count = |figure: &str, now: i64, before: i64| json!({"figure": figure, "now": now, "before": before, "change": now - before});
    let counts = [
        ("runs", 9, 6),
        ("succeeded", 4, 4),
        ("partial", 0, 0),
        ("failed", 4, 2),
        ("cancelled", 1, 0),
        ("active", 0, 0),
        ("unknown", 0, 0),
        // breaks, mends, starts and idles; before: breaks, mends, ends, idles.
        ("scans", 4, 4),
        ("sources", 1, 1),
        // `ends` and `old`; before: `old`.
        ("silent_scans", 2, 1),
        ("child_runs", 0, 0),
        ("runs_compared", 1, 0),
        ("discovered", 9, 0),
        ("classified", 0, 0),
        ("ingested", 8, 0),
        ("ingest_failed", 0, 0),
        // The type of the run is not known, so that the one asset is not missing.
        ("missing", 0, 0),
        ("pending", 0, 0),
        ("not_again", 1, 0),
        ("missing_runs", 0, 0),
        ("surplus", 0, 0),
        ("surplus_runs", 0, 0),
        ("pending_runs", 0, 0),
        ("not_available_runs", 3, 4),
        ("relationships_ingested", 0, 0),
        ("relationships_failed", 0, 0),
    ];
    TableCase {
        name: "two periods",
        csv: "source,scan,run_id,status,started_at,assets_discovered,assets_ingested\n\
            x,old,1,Succeeded,2024-04-01T01:00:00Z,,\n\
            x,old,2,Failed,2024-04-02T01:00:00Z,,\n\
            x,breaks,3,Failed,2024-05-02T01:00:00Z,,\n\
            x,breaks,4,Succeeded,2024-05-03T01:00:00Z,,\n\
            x,breaks,5,Failed,2024-05-08T01:00:00Z,,\n\
            x,breaks,6,Succeeded,2024-05-09T01:00:00Z,,\n\
            x,breaks,7,Failed,2024-05-10T01:00:00Z,,\n\
            x,breaks,8,Failed,2024-05-11T01:00:00Z,,\n\
            x,breaks,9,Canceled,2024-05-12T01:00:00Z,,\n\
            x,mends,10,Failed,2024-05-07T01:00:00Z,,\n\
            x,mends,11,Failed,2024-05-08T01:00:00Z,,\n\
            x,mends,12,Succeeded,2024-05-09T02:00:00Z,,\n\
            x,ends,13,Succeeded,2024-05-05T01:00:00Z,,\n\
            x,ends,14,Succeeded,2024-05-06T01:00:00Z,,\n\
            x,starts,15,Succeeded,2024-05-13T01:00:00Z,9,8\n\
            x,idles,16,Succeeded,2024-05-01T01:00:00Z,,\n\
            x,idles,17,Succeeded,2024-05-14T01:00:00Z,,\n"
            .to_owned(),
        options: Options {
            last: Some("7d"),
            ..Options::default()
        },
        expected: json!({"sections": {"changes": {
            "counts": counts.map(|(figure, now, before)| count(figure, now, before)),
            // 4 of 8 now; 4 of 6 before.
            "rates": [{"figure": "success_rate", "now": 0.5, "before": 4.0 / 6.0, "change": 0.5 - 4.0 / 6.0}],
            "scans": [
                // The failing streak is the runs 7 and 8.
                row("breaks", "newly_failing", "10T01:00", 5, 2),
                row("ends", "silent", "06T01:00", 0, 2),
                row("mends", "recovered", "09T02:00", 2, 1),
                row("starts", "new", "13T01:00", 1, 0),
            ],
            // Failures without text were there all the time, and `idles` has none.
            "errors": [],
        }}}),
    }
}

fn first_period() -> TableCase {
    TableCase {
        name: "no period before",
        csv: "source,scan,run_id,status,started_at\n\
            x,a,1,Succeeded,2024-05-02T01:00:00Z\n\
            x,a,2,Failed,2024-05-14T01:00:00Z\n"
            .to_owned(),
        options: Options {
            last: Some("7d"),
            ..Options::default()
        },
        expected: json!({"sections": {"changes": {"counts": [], "rates": [], "scans": [], "errors": []}}}),
    }
}

fn waited() -> TableCase {
    let row = |weekday: &str, starts: &[(&str, i64)]| {
        let mut row = json!({"weekday": weekday});
        for hour in 0..24 {
            row[format!("h{hour:02}")] = json!(0);
        }
        for (hour, runs) in starts {
            row[*hour] = json!(runs);
        }
        row
    };
    let slow = |scan: &str, id: &str, at: &str, outcome: &str, duration: i64, usual: i64| {
        json!({"system": "other", "account": null, "source": "x", "scan": scan, "run_id": id, "at": at,
            "outcome": outcome, "duration_ms": duration, "usual_ms": usual})
    };
    TableCase {
        name: "durations",
        // Kolkata is five and a half hours ahead of UTC. 13 May 2024 is a Monday.
        csv: "source,scan,run_id,status,discovery_status,started_at,duration_ms,queue_ms\n\
            x,a,1,Succeeded,,2024-05-13T01:00:00Z,100,10\n\
            x,a,2,Succeeded,,2024-05-13T01:10:00Z,300,20\n\
            x,a,3,PartialSucceeded,,2024-05-13T02:00:00Z,300,\n\
            x,a,4,Failed,,2024-05-13T20:00:00Z,900,40\n\
            x,b,5,Succeeded,,2024-05-14T01:00:00Z,400,\n\
            x,c,6,Queued,,2024-05-14T01:00:00Z,,70\n\
            x,c,7,Running,Throttled,2024-05-14T01:00:00Z,,\n\
            x,c,8,Failed,Queued,2024-05-14T01:00:00Z,,\n"
            .to_owned(),
        options: Options {
            tz: Tz::Asia__Kolkata,
            sunday: true,
            ..Options::default()
        },
        expected: json!({"sections": {"durations": {
            // Longest p95 first. Scan c has no run that went well. Run 2 is as slow as run 3, and earlier.
            "scans": [
                {"system": "other", "account": null, "source": "x", "scan": "b", "runs": 1, "p50_ms": 400, "p95_ms": 400,
                    "max_ms": 400, "queue_p50_ms": null, "queue_p95_ms": null, "queue_share": null, "throttled_runs": 0,
                    "slowest_run_id": "5"},
                {"system": "other", "account": null, "source": "x", "scan": "a", "runs": 3, "p50_ms": 300, "p95_ms": 300,
                    "max_ms": 300, "queue_p50_ms": 20, "queue_p95_ms": 40, "queue_share": 70.0 / 1300.0, "throttled_runs": 0,
                    "slowest_run_id": "2"},
            ],
            // Durations 100, 300, 300, 400; queues 10, 20, 40, 70. Runs 1, 2 and 4 have both: 70 of 1300.
            "figures": {"duration_p50_ms": 300, "duration_p95_ms": 400, "queue_p50_ms": 20, "queue_p95_ms": 70,
                "queue_share": 70.0 / 1300.0, "queued_runs": 1, "throttled_runs": 1},
            "slowest": [
                slow("b", "5", "2024-05-14T01:00:00Z", "succeeded", 400, 400),
                slow("a", "2", "2024-05-13T01:10:00Z", "succeeded", 300, 300),
                slow("a", "3", "2024-05-13T02:00:00Z", "partial", 300, 300),
                slow("a", "1", "2024-05-13T01:00:00Z", "succeeded", 100, 300),
            ],
            // 06:30, 06:40, 07:30 on Monday; 01:30 and four times 06:30 on Tuesday.
            "starts": [
                row("Sunday", &[]),
                row("Monday", &[("h06", 2), ("h07", 1)]),
                row("Tuesday", &[("h01", 1), ("h06", 4)]),
                row("Wednesday", &[]),
                row("Thursday", &[]),
                row("Friday", &[]),
                row("Saturday", &[]),
            ],
        }}}),
    }
}

/// Errors of a system whose data begins in the period, of one that is older, and of both; and one without a text.
fn first_data_of_a_system() -> TableCase {
    let row = |id: &str, category: &str, runs: i64, at: &str, new: Value| {
        json!({"id": id, "category": category, "runs": runs, "scans": runs,
            "first_seen": format!("2024-05-{at}:00Z"), "new": new})
    };
    TableCase {
        name: "what a system without earlier data shows is not new",
        csv: "system,source,scan,run_id,status,error_code,started_at\n\
            old,x,a,1,Succeeded,,2024-05-01T01:00:00Z\n\
            old,x,a,2,Failed,Alpha,2024-05-09T01:00:00Z\n\
            old,x,a,3,Failed,Gamma,2024-05-10T01:00:00Z\n\
            old,x,a,4,Failed,,2024-05-11T01:00:00Z\n\
            old,x,a,5,Succeeded,,2024-05-14T01:00:00Z\n\
            fresh,y,b,6,Failed,Beta,2024-05-12T01:00:00Z\n\
            fresh,y,b,7,Failed,Gamma,2024-05-13T01:00:00Z\n"
            .to_owned(),
        options: Options {
            last: Some("7d"),
            ..Options::default()
        },
        expected: json!({"sections": {
            "changes": {
                "scans": [],
                "errors": [
                    {"id": id("Gamma"), "change": "new", "runs": 2, "runs_before": 0},
                    {"id": id("Alpha"), "change": "new", "runs": 1, "runs_before": 0},
                ],
            },
            "errors": {"signatures": [
                row(&id("Alpha"), "unknown", 1, "09T01:00", json!(true)),
                row(&id("Gamma"), "unknown", 2, "10T01:00", json!(true)),
                row(&id("(no error text)"), "unknown", 1, "11T01:00", Value::Null),
                row(&id("Beta"), "unknown", 1, "12T01:00", Value::Null),
            ]},
        }}),
    }
}

/// The id of an error.
fn id(signature: &str) -> String {
    rundown::errors::signature_id(signature)
}

/// Times in the queue that lie before the start, after it, and on both sides of it.
fn waited_before_the_start() -> TableCase {
    TableCase {
        name: "time in the queue",
        csv: "source,scan,run_id,status,ingestion_status,queued_at,started_at,discovery_started_at,ended_at,queue_ms\n\
            x,a,1,Succeeded,,2024-05-13T01:00:00Z,2024-05-13T01:00:03Z,,2024-05-13T01:00:10Z,\n\
            x,a,2,Succeeded,,2024-05-13T02:00:00Z,2024-05-13T02:00:01Z,2024-05-13T02:00:04Z,2024-05-13T02:00:20Z,\n\
            x,a,3,Succeeded,,2024-05-13T03:00:02Z,2024-05-13T03:00:00Z,2024-05-13T03:00:07Z,2024-05-13T03:00:10Z,\n\
            x,a,4,Succeeded,,,2024-05-13T04:00:00Z,,2024-05-13T04:00:05Z,60000\n\
            x,a,5,Succeeded,,2024-05-13T05:00:02Z,2024-05-13T05:00:00Z,,2024-05-13T05:00:10Z,\n\
            x,a,6,Queued,,2024-05-13T06:00:00Z,2024-05-13T06:00:08Z,,,\n\
            x,a,7,Succeeded,Throttled,,2024-05-13T07:00:00Z,,,\n"
            .to_owned(),
        options: Options::default(),
        expected: json!({"sections": {"durations": {
            // Run 1 waited 3 of 10 seconds, run 2 4 of 20, run 3 5 of 10. Run 4 cannot have waited for longer than
            // the 5 seconds that it took. Run 5 was queued after its start, and when its work began is not known.
            // Run 6 still waits. Run 7 is throttled.
            "scans": [{"system": "other", "account": null, "source": "x", "scan": "a", "runs": 5, "p50_ms": 10_000,
                "p95_ms": 19_000, "max_ms": 19_000, "queue_p50_ms": 4000, "queue_p95_ms": 60_000,
                "queue_share": 17.0 / 45.0, "throttled_runs": 1, "slowest_run_id": "2"}],
            "figures": {"duration_p50_ms": 10_000, "duration_p95_ms": 19_000, "queue_p50_ms": 4000,
                "queue_p95_ms": 60_000, "queue_share": 17.0 / 45.0, "queued_runs": 1, "throttled_runs": 1},
        }}}),
    }
}

fn delivered() -> TableCase {
    TableCase {
        name: "rows of sources",
        csv: "system,source,scan,run_id,run_type,status,category,row_count,started_at\n\
            zscaler-uvm,a,a,1,full,Succeeded,map,100,2024-04-01T01:00:00Z\n\
            zscaler-uvm,a,a,2,full,Succeeded,map,75,2024-05-13T01:00:00Z\n\
            zscaler-uvm,a,a,3,full,Failed,map,5,2024-05-14T01:00:00Z\n\
            zscaler-uvm,a,a,4,,Succeeded,map_and_aggregate,,2024-05-13T02:00:00Z\n\
            zscaler-uvm,b,b,5,full,Succeeded,,0,2024-05-12T01:00:00Z\n\
            zscaler-uvm,b,b,6,full,PartialSucceeded,map,7,2024-05-13T01:00:00Z\n\
            zscaler-uvm,c,c,7,full,Succeeded,map,7,2024-04-01T01:00:00Z\n\
            zscaler-uvm,d,d,8,full,Succeeded,,,2024-05-13T01:00:00Z\n"
            .to_owned(),
        options: Options {
            last: Some("7d"),
            ..Options::default()
        },
        // Run 3 failed, so that its rows are not the newest. Nothing is a share of 0 rows. Source c has no run in the
        // period; what d delivered is not known.
        expected: json!({"sections": {"gaps": {"sources": [
            {"system": "zscaler-uvm", "account": null, "source": "a", "run_type": null, "runs": 1, "last_rows": null,
                "previous_rows": null, "change": null, "not_unified_runs": 0},
            {"system": "zscaler-uvm", "account": null, "source": "a", "run_type": "full", "runs": 2, "last_rows": 75,
                "previous_rows": 100, "change": -0.25, "not_unified_runs": 1},
            {"system": "zscaler-uvm", "account": null, "source": "b", "run_type": "full", "runs": 2, "last_rows": 7,
                "previous_rows": 0, "change": null, "not_unified_runs": 1},
            {"system": "zscaler-uvm", "account": null, "source": "d", "run_type": "full", "runs": 1, "last_rows": null,
                "previous_rows": null, "change": null, "not_unified_runs": 0},
        ]}}}),
    }
}
