//! Dates such as 5/11/2026: the values of a column say what comes first, and without them nobody guesses.

use serde_json::{Value, json};

use crate::case::Case;

/// A run and the time that a file gives for it.
type Given<'a> = (&'a str, &'a str);

/// Rows of native columns. A row with a plain time, which says nothing about the others, comes first.
fn table(first: &str, rows: &[Given<'_>]) -> String {
    let mut text = "scan,run_id,status,started_at\n".to_owned();
    text += &format!("s,{first},completed,2026-11-30T00:00:00Z\n");
    for (run, time) in rows {
        text += &format!("s,{run},completed,\"{time}\"\n");
    }
    text
}

/// Fails unless the runs begin at these times; one without a time is rejected because it could be either.
fn assert_begin(case: &Case, expected: &[(&str, Option<&str>)]) {
    let used: Vec<Value> = expected
        .iter()
        .filter_map(|(run, start)| Some(json!({"run_id": run, "started_at": (*start)?})))
        .collect();
    let rejected = expected.len() - used.len();
    let books = json!({"inputs": {"reconciliation": {
        "read": expected.len(), "used": used.len(), "rejected": rejected,
    }}});
    let got = case.says(&books, &used);
    let rejects = got.at("inputs/rejects").as_array().unwrap();
    assert_eq!(rejects.len(), rejected);
    for reject in rejects {
        assert_eq!(reject["code"], "E-TIME-AMBIGUOUS", "{reject}");
    }
}

/// The same for one file, which begins with run 0.
fn assert_one(rows: &[Given<'_>], expected: &[(&str, Option<&str>)]) {
    let plain = ("0", Some("2026-11-30T00:00:00Z"));
    let expected = [&[plain], expected].concat();
    assert_begin(&Case::of(&[("runs.csv", &table("0", rows))]), &expected);
    // The same rows as JSON and in the opposite order.
    let mut lines: Vec<String> = rows
        .iter()
        .chain(&[("0", "2026-11-30T00:00:00Z")])
        .map(|(run, time)| {
            json!({"scan": "s", "run_id": run, "status": "completed", "started_at": time})
                .to_string()
        })
        .collect();
    lines.reverse();
    assert_begin(&Case::of(&[("runs.ndjson", &lines.join("\n"))]), &expected);
}

#[test]
fn one_value_with_25_in_front_decides_for_the_column() {
    assert_one(
        &[("a", "5/11/2026 05:30:22"), ("b", "25/11/2026 05:30:22")],
        &[
            ("a", Some("2026-11-05T05:30:22Z")),
            ("b", Some("2026-11-25T05:30:22Z")),
        ],
    );
}

#[test]
fn one_value_with_25_behind_decides_for_the_column() {
    assert_one(
        &[("a", "5/11/2026 05:30:22"), ("b", "11/25/2026 05:30:22")],
        &[
            ("a", Some("2026-05-11T05:30:22Z")),
            ("b", Some("2026-11-25T05:30:22Z")),
        ],
    );
}

#[test]
fn without_a_value_that_decides_the_ambiguous_ones_are_rejected() {
    assert_one(
        &[("a", "5/11/2026 05:30:22"), ("b", "12/10/2026 17:30:22")],
        &[("a", None), ("b", None)],
    );
}

#[test]
fn am_and_pm_mean_that_the_month_comes_first() {
    // Half past noon and half past midnight.
    assert_one(
        &[
            ("a", "5/11/2026, 12:30:22 PM"),
            ("b", "6/8/2026 12:30:22 am"),
        ],
        &[
            ("a", Some("2026-05-11T12:30:22Z")),
            ("b", Some("2026-06-08T00:30:22Z")),
        ],
    );
}

#[test]
fn am_and_pm_give_way_to_a_value_with_25_in_front() {
    assert_one(
        &[
            ("a", "5/11/2026 1:30:22 PM"),
            ("b", "25/11/2026 1:30:22 AM"),
        ],
        &[
            ("a", Some("2026-11-05T13:30:22Z")),
            ("b", Some("2026-11-25T01:30:22Z")),
        ],
    );
}

#[test]
fn values_that_contradict_each_other_decide_for_themselves_only() {
    for half in ["", " AM"] {
        let value = |date: &str| format!("{date} 5:30:22{half}");
        let (a, b, c) = (value("25/11/2026"), value("11/25/2026"), value("5/11/2026"));
        assert_one(
            &[("a", &a), ("b", &b), ("c", &c)],
            &[
                ("a", Some("2026-11-25T05:30:22Z")),
                ("b", Some("2026-11-25T05:30:22Z")),
                ("c", None),
            ],
        );
    }
}

#[test]
fn a_value_of_another_file_decides_too_whichever_comes_first() {
    let ambiguous = table("0", &[("a", "5/11/2026 05:30:22")]);
    let evidence = table("1", &[("b", "25/11/2026 05:30:22")]);
    let expected = [
        ("0", Some("2026-11-30T00:00:00Z")),
        ("1", Some("2026-11-30T00:00:00Z")),
        ("a", Some("2026-11-05T05:30:22Z")),
        ("b", Some("2026-11-25T05:30:22Z")),
    ];
    for (one, two) in [(&ambiguous, &evidence), (&evidence, &ambiguous)] {
        assert_begin(&Case::of(&[("one.csv", one), ("two.csv", two)]), &expected);
    }
    // As JSON, the same column.
    let object = json!({"run_id": "b", "status": "failed", "Started At": "25/11/2026 05:30:22"});
    let case = Case::of(&[("one.csv", &ambiguous), ("two.json", &object.to_string())]);
    assert_begin(&case, &[expected[0], expected[2], expected[3]]);
    // Two files that contradict each other.
    let other = table("2", &[("c", "11/25/2026 05:30:22")]);
    let case = Case::of(&[
        ("one.csv", &ambiguous),
        ("two.csv", &evidence),
        ("three.csv", &other),
    ]);
    let mut expected = expected.to_vec();
    expected[2].1 = None;
    expected.push(("2", Some("2026-11-30T00:00:00Z")));
    expected.push(("c", Some("2026-11-25T05:30:22Z")));
    assert_begin(&case, &expected);
}

#[test]
fn another_column_decides_nothing() {
    let text = "scan,run_id,status,started_at,ended_at\n\
        s,0,completed,25/11/2026 05:00,\n\
        s,a,completed,5/11/2026 05:00,\n\
        s,b,completed,5/11/2026 05:00,5/11/2026 06:00\n";
    // The end of run b could be in May or in November, although its start cannot.
    let case = Case::of(&[("runs.csv", text)]);
    assert_begin(
        &case,
        &[
            ("0", Some("2026-11-25T05:00:00Z")),
            ("a", Some("2026-11-05T05:00:00Z")),
            ("b", None),
        ],
    );
    assert_eq!(case.read().at("inputs/rejects/0/column"), "ended_at");
}

#[test]
fn a_day_above_12_needs_no_help() {
    assert_one(
        &[("a", "25/11/2026 05:30:22")],
        &[("a", Some("2026-11-25T05:30:22Z"))],
    );
}

#[test]
fn the_time_of_a_log_analytics_table_has_the_month_first() {
    // Hours up to 24, so that nothing but the header tells it.
    let text = "\"TimeGenerated [UTC]\",ResultType,ScanResultId,ScanName,DataSourceName\n\
        \"2/3/2026, 17:19:25.391\",Succeeded,0a0a0a0a-1111-4222-8333-444444444444,s,d\n";
    Case::of(&[("query_data.csv", text)]).says(
        &json!({"overview": {"figures": {"runs": 1, "succeeded": 1}}}),
        &[json!({
            "run_id": "0a0a0a0a-1111-4222-8333-444444444444", "ended_at": "2026-02-03T17:19:25.391Z",
        })],
    );
}
