//! dbt: the results of calls, and what is odd about them.

use serde_json::{Value, json};

use crate::case::Case;

/// One node of a call on the nth of November 2026, executed from 05:00:01.5 to 05:00:04.75.
fn node(day: u32, name: &str, status: &str, details: &Value) -> Value {
    let at = |clock: &str| format!("2026-11-0{day}T05:00:0{clock}Z");
    let mut node = json!({
        "status": status, "unique_id": format!("model.shop.{name}"), "thread_id": "Thread-1 (worker)",
        "timing": [
            {"name": "compile", "started_at": at("1.000000"), "completed_at": at("1.400000")},
            {"name": "execute", "started_at": at("1.500000"), "completed_at": at("4.750000")},
        ],
        "execution_time": 3.75, "adapter_response": {"_message": "SELECT 12", "code": "SELECT", "rows_affected": 12},
        "message": "SELECT 12", "failures": null,
    });
    for (key, value) in details.as_object().unwrap() {
        node[key] = value.clone();
    }
    node
}

/// The results of the call of the nth of November 2026.
fn results(day: u32, nodes: &[Value]) -> String {
    json!({
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "dbt_version": "1.10.0",
            "generated_at": format!("2026-11-0{day}T05:00:10.123456Z"), "invocation_id": invocation(day), "env": {},
        },
        "results": nodes, "elapsed_time": 9.5, "args": {"which": "build", "select": []},
    })
    .to_string()
}

fn invocation(day: u32) -> String {
    format!("0000000{day}-dddd-4bbb-8ccc-000000000000")
}

fn id(day: u32, name: &str) -> String {
    format!("{}#model.shop.{name}", invocation(day))
}

#[test]
fn each_node_of_a_call_is_a_run() {
    let text = results(
        1,
        &[
            node(1, "orders", "success", &json!({})),
            node(
                1,
                "broken",
                "error",
                &json!({"message": "Execution Timeout Expired", "adapter_response": {}}),
            ),
            // Never begun: it is dated by the call.
            node(
                1,
                "after_broken",
                "skipped",
                &json!({"timing": [], "execution_time": 0.0, "adapter_response": {}, "message": "Skipped"}),
            ),
            node(
                1,
                "not_counted",
                "success",
                &json!({"adapter_response": {"rows_affected": -1}}),
            ),
            // Only compiled.
            node(
                1,
                "looked_at",
                "pass",
                &json!({"timing": [{"name": "compile", "started_at": "2026-11-01T05:00:01Z", "completed_at": "2026-11-01T05:00:02Z"}], "execution_time": 1.0}),
            ),
            // Cut short: there is a start and no end.
            node(
                1,
                "cut_short",
                "fail",
                &json!({"timing": [{"name": "execute", "started_at": "2026-11-01T05:00:03Z", "completed_at": null}], "execution_time": null, "message": null}),
            ),
        ],
    );
    let expected = [
        json!({
            "run_id": id(1, "orders"), "system": "dbt", "source": null, "scan": "model.shop.orders",
            "status": "completed", "started_at": "2026-11-01T05:00:01.500Z", "ended_at": "2026-11-01T05:00:04.750Z",
            "observed_at": "2026-11-01T05:00:10.123456Z", "duration_ms": 3750, "row_count": 12, "error_message": null,
        }),
        json!({
            "run_id": id(1, "broken"), "outcome": "failed", "row_count": null,
            "error_message": "Execution Timeout Expired",
        }),
        json!({
            "run_id": id(1, "after_broken"), "outcome": "cancelled", "started_at": null,
            "ended_at": "2026-11-01T05:00:10.123456Z", "duration_ms": 0, "error_message": null,
        }),
        json!({"run_id": id(1, "not_counted"), "row_count": null}),
        json!({
            "run_id": id(1, "looked_at"), "outcome": "succeeded", "started_at": "2026-11-01T05:00:01Z",
            "ended_at": "2026-11-01T05:00:02Z", "duration_ms": 1000,
        }),
        // From 05:00:03 to the time at which the results were written: 7.123456 s.
        json!({
            "run_id": id(1, "cut_short"), "outcome": "failed", "ended_at": "2026-11-01T05:00:10.123456Z",
            "duration_ms": 7123,
        }),
    ];
    Case::of(&[("run_results.json", &text)]).says(
        &json!({
            "overview": {"figures": {"runs": 6, "succeeded": 3, "failed": 2, "cancelled": 1, "success_rate": 0.6}},
            "inputs": {"reconciliation": {"read": 6, "used": 6, "rejected": 0}},
        }),
        &expected,
    );
}

#[test]
fn each_word_for_a_result_has_its_outcome() {
    let words = [
        ("success", "completed"),
        ("pass", "completed"),
        ("warn", "partial"),
        ("partial success", "partial"),
        ("error", "failed"),
        ("fail", "failed"),
        ("runtime error", "failed"),
        ("skipped", "cancelled"),
        ("no-op", "cancelled"),
        ("reused", "cancelled"),
        ("wobbly", "unknown"),
    ];
    let mut nodes = Vec::new();
    let mut expected = Vec::new();
    for (number, (word, status)) in words.iter().enumerate() {
        let name = format!("node_{number}");
        nodes.push(node(1, &name, word, &json!({"message": "Got 3 results"})));
        // What a node says when all is well is no error.
        let wrong = ["partial", "failed"].contains(status);
        expected.push(json!({
            "run_id": id(1, &name), "status": status, "error_message": wrong.then_some("Got 3 results"),
        }));
    }
    Case::of(&[("run_results.json", &results(1, &nodes))]).says(
        &json!({"overview": {"figures": {
            "runs": 11, "succeeded": 2, "partial": 2, "failed": 3, "cancelled": 3, "unknown": 1,
            "success_rate": 2.0 / 7.0,
        }}}),
        &expected,
    );
}

#[test]
fn calls_are_told_apart_and_the_same_call_twice_is_one() {
    let day = |day: u32| {
        results(
            day,
            &[
                node(day, "orders", "success", &json!({})),
                node(day, "customers", "success", &json!({})),
            ],
        )
    };
    let expected: Vec<Value> = [1, 2]
        .into_iter()
        .flat_map(|day| [id(day, "orders"), id(day, "customers")])
        .map(|id| json!({"run_id": id}))
        .collect();
    let tables = json!({
        "overview": {"figures": {"runs": 4, "scans": 2}},
        "inputs": {"reconciliation": {"read": 6, "used": 4, "superseded": 2}},
    });
    // One file for each call, as dbt leaves them, with the first once more in another layout; and all in one.
    let (first, second) = (day(1), day(2));
    let indented: Value = serde_json::from_str(&first).unwrap();
    let indented = serde_json::to_string_pretty(&indented).unwrap();
    Case::of(&[
        ("1/run_results.json", &first),
        ("2/run_results.json", &second),
        ("again/run_results.json", &indented),
    ])
    .says(&tables, &expected);
    let all = format!("{first}\n{second}{first}");
    Case::of(&[("all.json", &all)]).says(&tables, &expected);
}

#[test]
fn a_call_without_results_is_a_good_file() {
    let nodes = [node(1, "orders", "success", &json!({}))];
    let case = Case::of(&[
        ("1/run_results.json", &results(1, &nodes)),
        ("2/run_results.json", &results(2, &[])),
    ]);
    let got = case.says(
        &json!({"inputs": {"reconciliation": {"read": 1, "used": 1, "rejected": 0}}}),
        &[json!({"run_id": id(1, "orders")})],
    );
    let files = got.at("inputs/files").as_array().unwrap();
    let mut read: Vec<i64> = files.iter().map(|f| f["read"].as_i64().unwrap()).collect();
    read.sort_unstable();
    assert_eq!(read, [0, 1]);
}

#[test]
fn a_message_with_lines_and_marks_comes_through_and_is_no_markup() {
    let message = "Database Error in model orders (models\\orders.sql)\n  column \"a|b\" <script>alert(1)</script> \
        does not exist & 'x' < 3\r\n  compiled code at target\\run\\shop\\orders.sql";
    let text = results(
        1,
        &[node(1, "orders", "error", &json!({"message": message}))],
    );
    let case = Case::of(&[("run_results.json", &text)]);
    case.says(
        &json!({"overview": {"figures": {"runs": 1, "failed": 1}}}),
        &[json!({"run_id": id(1, "orders"), "error_message": message})],
    );
    let page = case.html();
    assert!(!page.contains("<script>alert(1)"));
    assert!(page.contains("alert(1)"));
}
