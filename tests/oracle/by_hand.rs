//! The oracle itself against small cases whose numbers were worked out by hand.

use std::fmt::Write as _;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::oracle::{By, Options, load, tables};

/// The expected numbers for one file with the given name and text.
fn numbers(name: &str, text: &str, options: &Options) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    tables::expected(&load::file(&path, options).unwrap(), options)
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The example of the API of 2023-09-01 as published, without the keys that no number depends on.
const PUBLISHED: &str = r#"{"value": [{
  "parentId": null, "id": "7bcde71f-4a4e-4e01-9226-c99d15fa0f30",
  "resourceId": "/subscriptions/x/providers/Microsoft.Sql/servers/yongyu-sqlservers-0724",
  "status": "Succeeded", "diagnostics": {"notifications": [], "exceptionCountMap": {}},
  "startTime": "2023-07-31T01:40:22.6764952Z", "endTime": "2023-07-31T01:41:48.6834379Z",
  "scanLevelType": "Incremental", "errorMessage": null, "error": null, "runType": "Manual",
  "dataSourceType": "AzureSqlDatabase",
  "discoveryExecutionDetails": {"discoveryStartTime": "2023-07-31T01:41:14Z", "discoveryEndTime": "2023-07-31T01:41:14Z",
    "status": "Succeeded", "statistics": {"assets": {"discovered": 3, "classified": 0, "failed": 0}}},
  "ingestionExecutionDetails": {"ingestionStartTime": "2023-07-31T01:41:10.8601338Z",
    "ingestionEndTime": "2023-07-31T01:41:48.6834379Z", "status": "Succeeded",
    "statistics": {"assets": {"succeeded": 2, "failed": 0, "processing": 0},
      "relationships": {"succeeded": 0, "failed": 0, "processing": 0}}}}],
  "count": 1, "nextLink": null}"#;

#[test]
fn the_published_api_answer_is_one_healthy_incremental_run_with_an_expected_gap() {
    let got = numbers("runs.json", PUBLISHED, &Options::default());
    // One run on 2023-07-31, which is also the newest day, so that the window of 30 days begins on 2023-07-02.
    assert_eq!(got["as_of"], "2023-07-31");
    assert_eq!(
        got["window"],
        json!({"first": "2023-07-02", "last": "2023-07-31", "days": 30, "previous": null})
    );
    let sections = &got["sections"];
    assert_eq!(sections["overview"]["figures"]["succeeded"], 1);
    assert_eq!(sections["overview"]["figures"]["success_rate"], 1.0);
    assert_eq!(sections["overview"]["previous"], Value::Null);
    // 01:41:48.683437 − 01:40:22.676495 = 86.006942 s. The 7th digit of both times is cut.
    let scan = &sections["scans"]["scans"][0];
    assert_eq!(scan["duration_p50_ms"], 86_006);
    assert_eq!(scan["last_run_at"], "2023-07-31T01:40:22.676495Z");
    assert_eq!(scan["source"], "yongyu-sqlservers-0724");
    assert_eq!(scan["scan"], Value::Null);
    // Discovered 3, ingested 2: one unchanged asset, which an incremental run need not ingest again.
    let gap = &sections["gaps"]["scans"][0];
    assert_eq!(
        (&gap["unaccounted"], &gap["missing"], &gap["kind"]),
        (&json!(1), &json!(0), &json!("expected"))
    );
}

#[test]
fn a_stale_snapshot_is_superseded_and_gives_only_its_early_times() {
    let text = "source,scan,run_id,status,queued_at,started_at,ended_at,assets_discovered,observed_at\n\
        a,s,7,InProgress,2024-05-01T08:00:00Z,2024-05-01T08:01:00Z,,99,2024-05-03T00:00:00Z\n\
        a,s,7,Succeeded,,,2024-05-01T08:31:00Z,,2024-05-02T00:00:00Z\n";
    let got = numbers("runs.csv", text, &Options::default());
    // The finished record wins although it was observed earlier. Its start comes from the snapshot: 30 minutes.
    // The count of the snapshot is not taken. The newest time that is left is 2024-05-02, the winner's.
    assert_eq!(got["as_of"], "2024-05-02");
    let scan = &got["sections"]["scans"]["scans"][0];
    assert_eq!(
        (&scan["succeeded"], &scan["duration_p50_ms"]),
        (&json!(1), &json!(1_800_000))
    );
    let books = &got["sections"]["inputs"]["reconciliation"];
    assert_eq!(
        *books,
        json!({"read": 2, "used": 1, "superseded": 1, "rejected": 0, "filtered": 0,
        "outside_window": 0, "conflicts": 0, "balanced": true})
    );
}

#[test]
fn guids_are_one_run_however_they_are_spelled_and_other_ids_only_within_their_scan() {
    let text = "source,scan,run_id,status,started_at\n\
        a,s,0F0F0F0F-1111-4222-8333-444444444444,Failed,2024-05-01T08:00:00Z\n\
        b,t,{0f0f0f0f-1111-4222-8333-444444444444},Succeeded,2024-05-01T08:00:00Z\n\
        a,s,7,Succeeded,2024-05-01T09:00:00Z\n\
        b,t,7,Succeeded,2024-05-01T09:00:00Z\n";
    let got = numbers("runs.csv", text, &Options::default());
    // The first two are one run; both are terminal without observation or end, so the worse wins: failed, scan s.
    let figures = &got["sections"]["overview"]["figures"];
    assert_eq!(
        (&figures["runs"], &figures["failed"], &figures["succeeded"]),
        (&json!(3), &json!(1), &json!(2))
    );
    assert_eq!(got["sections"]["inputs"]["reconciliation"]["conflicts"], 1);
}

#[test]
fn the_outcome_is_the_worst_status_and_the_portal_counts_otherwise() {
    let text = "source,run_id,status,discovery_status,ingestion_status,started_at\n\
        a,1,Succeeded,Succeeded,Failed,2024-05-01T01:00:00Z\n\
        a,2,Succeeded,Succeeded,PartialSucceeded,2024-05-01T02:00:00Z\n\
        a,3,Succeeded,Succeeded,None,2024-05-01T03:00:00Z\n\
        a,4,Exploded,,,2024-05-01T04:00:00Z\n\
        a,5,Canceled,Throttled,,2024-05-01T05:00:00Z\n";
    let options = Options {
        set: vec![("system".to_owned(), "purview".to_owned())],
        ..Options::default()
    };
    let got = numbers("runs.csv", text, &options);
    // Outcomes: failed, partial, succeeded, unknown, cancelled. Rate: 1 of 3.
    let figures = &got["sections"]["overview"]["figures"];
    for outcome in ["failed", "partial", "succeeded", "unknown", "cancelled"] {
        assert_eq!(figures[outcome], 1, "{outcome}");
    }
    assert_eq!(figures["success_rate"], 1.0 / 3.0);
    // The portal shows run 1 as completed with exceptions, like run 2; only run 1 differs.
    assert_eq!(
        got["sections"]["overview"]["portal"],
        json!({"succeeded": 1, "completed_with_exceptions": 2,
        "failed": 0, "cancelled": 1, "in_progress": 0, "unknown": 1, "differing_runs": 1})
    );
    // Runs of another system are in no portal of Purview.
    let other = numbers("runs.csv", text, &Options::default());
    assert_eq!(other["sections"]["overview"]["portal"], Value::Null);
}

#[test]
fn a_streak_counts_failures_skips_what_says_nothing_and_ends_at_a_success() {
    let text = "source,scan,run_id,status,started_at,ended_at\n\
        a,s,1,Failed,2024-05-01T00:00:00Z,\n\
        a,s,2,Succeeded,2024-05-02T00:00:00Z,2024-05-02T00:00:10Z\n\
        a,s,3,Failed,2024-05-03T00:00:00Z,\n\
        a,s,4,Canceled,2024-05-04T00:00:00Z,\n\
        a,s,5,Failed,2024-05-05T00:00:00.25Z,\n\
        a,s,6,Running,2024-05-06T00:00:00Z,\n";
    let options = Options {
        from: Some(date("2024-05-05")),
        to: Some(date("2024-05-06")),
        ..Options::default()
    };
    let got = numbers("runs.csv", text, &options);
    // Going back: 6 and 4 are skipped, 5 and 3 count, 2 ends it. State looks before the window, counts do not.
    let scan = &got["sections"]["scans"]["scans"][0];
    assert_eq!(
        (&scan["failing_streak"], &scan["failing_since"]),
        (&json!(2), &json!("2024-05-03T00:00:00Z"))
    );
    assert_eq!(
        (&scan["last_outcome"], &scan["last_success_at"]),
        (&json!("active"), &json!("2024-05-02T00:00:00Z"))
    );
    assert_eq!(
        (&scan["runs"], &scan["failed"], &scan["duration_p50_ms"]),
        (&json!(2), &json!(1), &Value::Null)
    );
    assert_eq!(
        got["sections"]["inputs"]["reconciliation"]["outside_window"],
        4
    );
    // The two days before the window are 3 and 4 May, and data begins before them.
    assert_eq!(
        got["window"]["previous"],
        json!({"first": "2024-05-03", "last": "2024-05-04"})
    );
    assert_eq!(got["sections"]["overview"]["previous"]["failed"], 1);
    assert_eq!(got["sections"]["overview"]["previous"]["cancelled"], 1);
}

#[test]
fn weeks_are_calendar_dates_of_the_zone_and_the_newest_one_is_partial() {
    // In São Paulo the clock jumped from 2018-11-03 24:00 to 2018-11-04 01:00, from UTC−3 to UTC−2.
    // 02:59:59Z is still 23:59:59 on Saturday the 3rd; 03:00:00Z is 01:00 on Sunday the 4th.
    let text = "run_id,status,started_at\n\
        1,Succeeded,2018-11-04T02:59:59Z\n\
        2,Failed,2018-11-04T03:00:00Z\n";
    let options = Options {
        tz: Tz::America__Sao_Paulo,
        by: By::Week,
        sunday: true,
        last: Some("7d"),
        ..Options::default()
    };
    let got = numbers("runs.csv", text, &options);
    let rows = &got["sections"]["outcomes"]["by_period"];
    // 7 days up to Sunday the 4th: 29 October to 4 November. Data begins on the 3rd.
    assert_eq!(rows[0]["start"], "2018-10-28");
    assert_eq!(rows[0]["last"], "2018-11-03");
    assert_eq!(
        (&rows[0]["succeeded"], &rows[0]["failed"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(
        (&rows[0]["partial_period"], &rows[0]["no_data"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(rows[1]["start"], "2018-11-04");
    assert_eq!(
        (&rows[1]["succeeded"], &rows[1]["failed"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(rows.as_array().unwrap().len(), 2);
}

#[test]
fn last_week_and_months_end_where_the_calendar_says() {
    let text = "run_id,status,started_at\n1,Succeeded,2024-03-30T12:00:00Z\n";
    let window = |last: &'static str, sunday: bool| {
        let options = Options {
            last: Some(last),
            sunday,
            ..Options::default()
        };
        let got = numbers("runs.csv", text, &options);
        format!(
            "{} {}",
            got["window"]["first"].as_str().unwrap(),
            got["window"]["last"].as_str().unwrap()
        )
    };
    // 2024-03-30 is a Saturday: the last day of a week from Sunday, but not of a week from Monday.
    assert_eq!(window("last-week", true), "2024-03-24 2024-03-30");
    assert_eq!(window("last-week", false), "2024-03-18 2024-03-24");
    // One month before 30 March is 29 February, the last day there is; the window begins a day later.
    assert_eq!(window("1mo", false), "2024-03-01 2024-03-30");
    assert_eq!(window("2w", false), "2024-03-17 2024-03-30");
}

#[test]
fn gaps_are_counted_by_kind_and_never_netted() {
    let text = "source,run_id,run_type,status,ingestion_status,assets_discovered,assets_ingested,assets_ingest_failed,assets_pending,started_at\n\
        a,1,full,Succeeded,Succeeded,10,10,,,2024-05-01T01:00:00Z\n\
        a,2,full,Succeeded,Succeeded,10,7,,1,2024-05-01T02:00:00Z\n\
        b,3,incremental,Succeeded,Succeeded,8,41,,,2024-05-01T03:00:00Z\n\
        c,4,incremental,Succeeded,Failed,10,0,4,,2024-05-01T04:00:00Z\n\
        d,5,,Succeeded,,10,9,,,2024-05-01T05:00:00Z\n\
        e,6,full,Succeeded,,10,,,,2024-05-01T06:00:00Z\n\
        f,7,full,Running,,10,,,,2024-05-01T07:00:00Z\n";
    let got = numbers("runs.csv", text, &Options::default());
    // Run 2: 10 − (7 + 1) = 2 missing. Run 3: surplus 33. Run 4: 4 failed and 6 unaccounted, ingestion failed: 10.
    // Run 5: its own status stands for ingestion; the type is unknown, so its 1 is not missing.
    // Run 6 has no ingestion at all. Run 7 is active. Pending: runs 2 and 7.
    // 48 = 67 + 12 missing + 1 pending + 1 not ingested again - 33.
    assert_eq!(
        got["sections"]["gaps"]["figures"],
        json!({"runs_compared": 5, "discovered": 48, "ingested": 67,
        "classified": 0, "pending": 1, "not_again": 1,
        "ingest_failed": 4, "missing": 12, "missing_runs": 2, "surplus": 33, "surplus_runs": 1, "pending_runs": 2,
        "not_available_runs": 1, "relationships_ingested": 0, "relationships_failed": 0})
    );
    let rows = got["sections"]["gaps"]["scans"].as_array().unwrap();
    let kinds: Vec<&str> = rows
        .iter()
        .map(|row| row["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["unexplained", "surplus", "loss", "unclear"]);
}

#[test]
fn children_are_in_no_count_and_runs_that_are_each_others_parent_are_no_children() {
    let text = "account,source,run_id,parent_id,status,started_at\n\
        x,a,1,,Succeeded,2024-05-01T01:00:00Z\n\
        x,b,2,1,Failed,2024-05-01T02:00:00Z\n\
        y,b,3,1,Failed,2024-05-01T03:00:00Z\n\
        x,c,4,5,Succeeded,2024-05-01T04:00:00Z\n\
        x,c,5,4,Succeeded,2024-05-01T05:00:00Z\n\
        x,c,6,6,Succeeded,2024-05-01T06:00:00Z\n";
    let got = numbers("runs.csv", text, &Options::default());
    // Only run 2 is a child. Run 3 has another account than run 1; 4 and 5 are a cycle; 6 names itself.
    let figures = &got["sections"]["overview"]["figures"];
    assert_eq!(
        (&figures["child_runs"], &figures["runs"], &figures["failed"]),
        (&json!(1), &json!(5), &json!(1))
    );
    // Sources: a and c of account x, b of account y. Source b of account x has a child only.
    assert_eq!(figures["sources"], 3);
    assert_eq!(got["sections"]["inputs"]["reconciliation"]["used"], 6);
}

#[test]
fn records_without_a_usable_time_are_rejects_and_nothing_else_is() {
    let text = "run_id,status,started_at\n\
        1,Succeeded,2024-05-01T01:00:00Z\n\
        2,Succeeded,\n\
        3,Succeeded,0001-01-01T00:00:00Z\n\
        4,Succeeded,yesterday\n\
        5,Succeeded\n";
    let got = numbers("runs.csv", text, &Options::default());
    let books = &got["sections"]["inputs"]["reconciliation"];
    assert_eq!(
        (&books["read"], &books["used"], &books["rejected"]),
        (&json!(5), &json!(1), &json!(4))
    );
}

#[test]
fn percentiles_are_nearest_ranks() {
    let mut text = "run_id,status,started_at,duration_ms\n".to_owned();
    for n in 1..=21 {
        writeln!(text, "{n},Succeeded,2024-05-01T{n:02}:00:00Z,{}", n * 100).unwrap();
    }
    let got = numbers("runs.csv", &text, &Options::default());
    // 21 values: rank ⌈50·21/100⌉ = ⌈10.5⌉ = 11, and ⌈95·21/100⌉ = ⌈19.95⌉ = 20.
    let scan = &got["sections"]["scans"]["scans"][0];
    assert_eq!(
        (&scan["duration_p50_ms"], &scan["duration_p95_ms"]),
        (&json!(1100), &json!(2000))
    );
}
