//! Azure Monitor's events: a run is put together from them, in whatever order and however many are missing.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::alone::{COMMON, assert_same_tables, options, written};
use crate::case::{Case, Read, guid as id};
use crate::common::Random;
use crate::common::scans::{Precision, ScanRun, TICKS, plain_runs};
use crate::common::shapes::monitor::{Event, events, events_of, lines_of, scattered};
use crate::common::shapes::{API, EVENTS};

const STORAGE: &crate::common::shapes::Shape = &EVENTS[0];

/// The events of the runs over 1,000 files of an hour each, in no order.
fn over_a_thousand_files(events: &[Event], seed: u64) -> Case {
    let files = scattered(events, 1000, &mut Random::new(seed));
    assert_eq!(files.len(), 1000);
    Case::new(&files, options(STORAGE))
}

#[test]
fn events_in_any_order_over_a_thousand_files_are_the_same_runs() {
    let runs = plain_runs(70, 600, Precision::Seconds);
    let api = written(&API, &runs).read();
    let all = events(&runs);
    let got = over_a_thousand_files(&all, 1).read_folder();
    assert_same_tables(&api, &got, &COMMON, "1,000 files");
    assert_eq!(got.books("read"), all.len() as i64);
    assert_eq!(got.books("used"), 600);
    assert_eq!(got.books("superseded"), all.len() as i64 - 600);
    assert_eq!(got.books("conflicts"), 0);
}

/// Of some finished runs the first events are lost, of some all but the last.
fn with_lost_beginnings(runs: &[ScanRun], seed: u64) -> Vec<Event> {
    let mut random = Random::new(seed);
    let mut left = Vec::new();
    for run in runs {
        let events = events_of(run);
        let lost = match random.below(3) {
            _ if !run.end.is_finished() => 0,
            0 => 0,
            1 => events.len().saturating_sub(2),
            _ => events.len() - 1,
        };
        left.extend_from_slice(&events[lost..]);
    }
    random.shuffle(&mut left);
    left
}

#[test]
fn runs_whose_first_events_are_lost_still_begin_when_they_began() {
    for seed in 80..83 {
        // Whole seconds, so that end and length give the start to the digit.
        let runs = plain_runs(seed, 120, Precision::Seconds);
        let api = written(&API, &runs).read();
        let left = with_lost_beginnings(&runs, seed);
        assert!(left.len() < events(&runs).len());
        let files = [("PT1H.json".to_owned(), lines_of(&left))];
        let got = Case::new(&files, options(STORAGE)).agreed("lost beginnings");
        assert_same_tables(&api, &got, &COMMON, "lost beginnings");
    }
}

#[test]
fn a_thousand_files_without_the_beginnings_give_the_same_runs() {
    let runs = plain_runs(85, 800, Precision::Seconds);
    let api = written(&API, &runs).read();
    let left = with_lost_beginnings(&runs, 85);
    let got = over_a_thousand_files(&left, 2).read_folder();
    assert_same_tables(&api, &got, &COMMON, "1,000 files");
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// The run's start by the program, in ticks since 1970.
fn start(got: &Read, run: &ScanRun) -> i64 {
    instant(&got.run(&run.id)["started_at"]).timestamp_micros() * (TICKS / 1_000_000)
}

#[test]
fn a_length_in_whole_seconds_moves_no_start_that_is_known() {
    let runs = plain_runs(90, 120, Precision::Ticks);
    for up in [0, 1] {
        // The service may round the length down or up.
        let rounded: Vec<Event> = events(&runs)
            .into_iter()
            .map(|event| Event {
                total: if event.is_last() { event.total + up } else { 0 },
                ..event
            })
            .collect();
        let files = [("PT1H.json".to_owned(), lines_of(&rounded))];
        let got = Case::new(&files, options(STORAGE)).agreed("rounded lengths");
        for run in &runs {
            let cut = run.start - run.start.rem_euclid(10);
            assert_eq!(start(&got, run), cut, "{}", got.run(&run.id));
        }
    }
}

#[test]
fn a_start_reckoned_from_the_end_is_less_than_a_second_off() {
    let runs = plain_runs(91, 120, Precision::Ticks);
    let left = with_lost_beginnings(&runs, 91);
    let files = [("PT1H.json".to_owned(), lines_of(&left))];
    let got = Case::new(&files, options(STORAGE)).agreed("lost beginnings");
    for run in &runs {
        let off = (start(&got, run) - run.start).abs();
        assert!(off < TICKS, "{off} ticks: {}", got.run(&run.id));
    }
}

/// One event as a line, with the details that matter here. Times are of 3 November 2026.
fn event(run: u32, word: &str, clock: &str, total: &str) -> String {
    json!({
        "time": format!("2026-11-03T{clock}Z"),
        "resultType": word,
        "resultDescription": "empty_value",
        "resourceId": "/SUBSCRIPTIONS/S/PROVIDERS/MICROSOFT.PURVIEW/ACCOUNTS/ConTOSO",
        "category": "ScanStatusLogEvent",
        "properties": {
            "dataSourceName": "sql", "dataSourceType": "AzureSqlDatabase", "scanName": "daily",
            "scanResultId": id(run), "runType": "Manual", "errorDetails": "empty_value",
            "assetsDiscovered": "3", "assetsClassified": "0",
            "scanQueueTimeInSeconds": "57", "scanTotalRunTimeInSeconds": total,
        },
    })
    .to_string()
}

fn case(lines: &[String]) -> Case {
    Case::of(&[("PT1H.json", &lines.join("\n"))])
}

#[test]
fn a_reckoned_start_is_taken_only_when_it_is_more_than_a_second_before_the_first_event() {
    // The end is 10:30:00 and the length 1,800 s, so that the start is reckoned as 10:00:00.
    let first = [
        ("10:00:00.5", "10:00:00.500"), // half a second later: known better than reckoned
        ("10:00:01", "10:00:01"),       // a second later: still
        ("10:00:01.000001", "10:00:00"), // more: an event before it is missing
        ("09:59:58", "09:59:58"),       // earlier than reckoned
    ];
    let mut lines = Vec::new();
    let mut expected = Vec::new();
    for (run, (clock, start)) in (1..).zip(first) {
        lines.push(event(run, "Running", clock, "0"));
        lines.push(event(run, "Succeeded", "10:30:00", "1800"));
        expected.push(json!({
            "run_id": id(run), "outcome": "succeeded",
            "started_at": format!("2026-11-03T{start}Z"), "ended_at": "2026-11-03T10:30:00Z",
        }));
    }
    case(&lines).says(&json!({}), &expected);
}

#[test]
fn a_last_event_alone_gives_a_run_with_a_start_if_it_gives_a_length() {
    let lines = [
        event(1, "Failed", "00:20:00", "3600"),
        event(2, "Succeeded", "00:20:00", "0"),
        event(3, "Cancelled", "00:20:00", "empty_value"),
    ];
    // An hour before 00:20 on the 3rd is 23:20 on the 2nd, which is the day of the run. Without a length the
    // only time is the end, and no duration is made up.
    case(&lines).says(
        &json!({
            "overview": {"figures": {"runs": 3, "failed": 1, "succeeded": 1, "cancelled": 1, "success_rate": 0.5}},
            "outcomes": {"by_period": [
                {"start": "2026-11-02", "runs": 1, "failed": 1},
                {"start": "2026-11-03", "runs": 2, "failed": 0},
            ]},
        }),
        &[
            json!({
                "run_id": id(1), "started_at": "2026-11-02T23:20:00Z", "ended_at": "2026-11-03T00:20:00Z",
                "duration_ms": 3_600_000, "queue_ms": 57_000, "account": "contoso", "status": null,
                "discovery_status": "failed", "assets_discovered": 3, "assets_classified": 0,
            }),
            json!({"run_id": id(2), "started_at": null, "ended_at": "2026-11-03T00:20:00Z", "duration_ms": null}),
            json!({"run_id": id(3), "started_at": null, "outcome": "cancelled", "duration_ms": null}),
        ],
    );
}

#[test]
fn the_state_of_a_run_is_that_of_its_last_event_whatever_the_order() {
    let transitions = [
        event(1, "Succeeded", "10:30:00.000000009", "1800"),
        event(1, "Queued", "10:00:00", "0"),
        event(1, "Running", "10:05:00", "0"),
        event(2, "Queued", "11:00:00", "0"),
        event(2, "Throttled", "11:02:00", "0"),
        event(2, "Running", "11:05:00", "0"),
        event(3, "Wobbling", "12:00:00", "0"),
    ];
    let expected = [
        json!({
            "run_id": id(1), "outcome": "succeeded", "started_at": "2026-11-03T10:00:00Z",
            "ended_at": "2026-11-03T10:30:00Z", "duration_ms": 1_800_000, "queue_ms": 57_000,
        }),
        // A run that goes on began with its first event, too. It says nothing final: neither an end nor a time in
        // the queue.
        json!({
            "run_id": id(2), "outcome": "active", "discovery_status": "in_progress", "status": null,
            "started_at": "2026-11-03T11:00:00Z", "ended_at": null, "queue_ms": null,
        }),
        json!({
            "run_id": id(3), "outcome": "unknown", "discovery_status": "unknown",
            "started_at": "2026-11-03T12:00:00Z", "ended_at": null,
        }),
    ];
    let mut lines = transitions.to_vec();
    for _ in 0..lines.len() {
        lines.rotate_left(1);
        let got = case(&lines).says(
            &json!({"inputs": {"reconciliation": {"read": 7, "used": 3, "superseded": 4}}}),
            &expected,
        );
        assert_eq!(got.books("conflicts"), 0);
    }
}

#[test]
fn an_error_is_the_deepest_text_that_an_event_has_and_never_a_word_for_nothing() {
    let failed = |run: u32, details: &str, description: &str| {
        let mut event: Value =
            serde_json::from_str(&event(run, "Failed", "10:30:00", "60")).unwrap();
        event["properties"]["errorDetails"] = json!(details);
        event["resultDescription"] = json!(description);
        event.to_string()
    };
    let nested = r#"{"message": "outer", "details": [{"message": "Execution Timeout Expired"}]}"#;
    let lines = [
        failed(1, "Execution Timeout Expired", "The scan failed."),
        failed(2, nested, "The scan failed."),
        failed(3, "empty_value", "Execution Timeout Expired"),
        failed(4, "{}", "empty_value"),
        failed(5, "empty_value", "empty_value"),
    ];
    let message = |run: u32| match run {
        4 | 5 => Value::Null,
        _ => json!("Execution Timeout Expired"),
    };
    let expected: Vec<Value> = (1..=5)
        .map(|run| json!({"run_id": id(run), "outcome": "failed", "error_message": message(run)}))
        .collect();
    // Three of five by their text, two without any.
    case(&lines).says(
        &json!({"errors": {"categories": [
            {"category": "timeout", "runs": 3, "scans": 1, "share": 0.6},
            {"category": "unknown", "runs": 2, "scans": 1, "share": 0.4},
        ]}}),
        &expected,
    );
}
