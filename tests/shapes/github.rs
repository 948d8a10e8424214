//! GitHub Actions: the API, the `gh` command, webhooks, and what is odd about them.

use serde_json::{Value, json};

use crate::case::{Case, everything};
use crate::oracle::{By, Options};

/// A run as `gh run list --json …` prints it, attempt 1. Run n began on the nth of November 2026.
fn listed(number: u32, status: &str, conclusion: &str) -> Value {
    json!({
        "attempt": 1, "conclusion": conclusion, "createdAt": format!("2026-11-0{number}T06:00:00Z"),
        "databaseId": 9_876_543_210_u64 + u64::from(number), "displayTitle": "Nightly", "event": "schedule",
        "headBranch": "main", "headSha": "abc", "name": "build", "number": number,
        "startedAt": format!("2026-11-0{number}T06:00:05Z"), "status": status,
        "updatedAt": format!("2026-11-0{number}T06:10:05Z"),
        "url": format!("https://github.com/octo/hello/actions/runs/{}", 9_876_543_210_u64 + u64::from(number)),
        "workflowDatabaseId": 7, "workflowName": "build",
    })
}

fn id(number: u32, attempt: u32) -> String {
    format!("{}#{attempt}", 9_876_543_210_u64 + u64::from(number))
}

/// The same run as the API has it.
fn of_api(number: u32, status: &str, conclusion: &Value) -> Value {
    let address = format!(
        "repos/octo/hello/actions/runs/{}",
        9_876_543_210_u64 + u64::from(number)
    );
    json!({
        "id": 9_876_543_210_u64 + u64::from(number), "name": "build", "node_id": "x", "path": ".github/workflows/build.yml",
        "head_branch": "main", "head_sha": "abc", "display_title": "Nightly", "run_number": number, "run_attempt": 1,
        "event": "schedule", "status": status, "conclusion": conclusion, "workflow_id": 7,
        "url": format!("https://api.github.com/{address}"),
        "html_url": format!("https://github.com/octo/hello/actions/runs/{}", 9_876_543_210_u64 + u64::from(number)),
        "created_at": format!("2026-11-0{number}T06:00:00Z"), "updated_at": format!("2026-11-0{number}T06:10:05Z"),
        "run_started_at": format!("2026-11-0{number}T06:00:05Z"),
        "repository": {"id": 1, "name": "hello", "full_name": "octo/hello"},
        "jobs_url": "x", "actor": {"login": "o"}, "previous_attempt_url": null,
    })
}

#[test]
fn completed_says_nothing_until_there_is_a_conclusion() {
    let records = [
        listed(1, "completed", "success"),
        listed(2, "in_progress", ""),
        listed(3, "queued", ""),
        listed(4, "completed", "failure"),
        listed(5, "completed", ""),
    ];
    let expected = [
        json!({
            "run_id": id(1, 1), "system": "github-actions", "source": "octo/hello", "scan": "build",
            "status": "completed", "trigger": "scheduled", "started_at": "2026-11-01T06:00:05Z",
            "ended_at": "2026-11-01T06:10:05Z", "observed_at": "2026-11-01T06:10:05Z", "duration_ms": 600_000,
            "error_code": null,
        }),
        json!({
            "run_id": id(2, 1), "status": "in_progress", "ended_at": null, "observed_at": "2026-11-02T06:10:05Z",
        }),
        json!({"run_id": id(3, 1), "status": "queued", "ended_at": null}),
        json!({"run_id": id(4, 1), "status": "failed", "error_code": "failure"}),
        json!({"run_id": id(5, 1), "status": null, "outcome": "unknown", "error_code": null}),
    ];
    let tables = json!({"overview": {"figures": {
        "runs": 5, "succeeded": 1, "failed": 1, "active": 2, "unknown": 1, "success_rate": 0.5, "sources": 1,
    }}});
    Case::of(&[("runs.json", &json!(records).to_string())]).says(&tables, &expected);
    // The API has null where the command has nothing.
    let api = [
        of_api(1, "completed", &json!("success")),
        of_api(2, "in_progress", &Value::Null),
        of_api(3, "queued", &Value::Null),
        of_api(4, "completed", &json!("failure")),
        of_api(5, "completed", &Value::Null),
    ];
    let page = json!({"total_count": 5, "workflow_runs": api}).to_string();
    Case::of(&[("runs.json", &page)]).says(&tables, &expected);
    // Both together: five runs, each known twice.
    let mut both = tables;
    both["inputs"] =
        json!({"reconciliation": {"read": 10, "used": 5, "superseded": 5, "conflicts": 0}});
    let list = json!(records).to_string();
    Case::of(&[("list.json", &list), ("page.json", &page)]).says(&both, &expected);
}

#[test]
fn each_word_for_a_state_or_a_conclusion_has_its_outcome() {
    let words = [
        ("completed", "success", "completed"),
        ("completed", "SUCCESS", "completed"),
        ("completed", "neutral", "partial"),
        ("completed", "failure", "failed"),
        ("completed", "timed_out", "failed"),
        ("completed", "startup_failure", "failed"),
        ("completed", "cancelled", "cancelled"),
        ("completed", "skipped", "cancelled"),
        ("completed", "stale", "cancelled"),
        ("completed", "action_required", "in_progress"),
        ("completed", "wobbly", "unknown"),
        ("waiting", "", "queued"),
        ("requested", "", "queued"),
        ("pending", "", "queued"),
        ("in_progress", "", "in_progress"),
    ];
    let mut records = Vec::new();
    let mut expected = Vec::new();
    for (attempt, (status, conclusion, meaning)) in (1..).zip(words) {
        // Attempts of one run: the id repeats, and each is a run.
        let mut run = listed(1, status, conclusion);
        run["attempt"] = json!(attempt);
        records.push(run);
        let over = ["completed", "partial", "failed", "cancelled"].contains(&meaning);
        let code = ["failure", "timed_out", "startup_failure"].contains(&conclusion);
        expected.push(json!({
            "run_id": id(1, attempt), "status": meaning,
            "ended_at": over.then_some("2026-11-01T06:10:05Z"), "error_code": code.then_some(conclusion),
        }));
    }
    // 2 succeeded, 1 partial, 3 failed; 3 cancelled, 5 active and 1 unknown are in no rate.
    Case::of(&[("runs.json", &json!(records).to_string())]).says(
        &json!({"overview": {"figures": {
            "runs": 15, "succeeded": 2, "partial": 1, "failed": 3, "cancelled": 3, "active": 5, "unknown": 1,
            "success_rate": 2.0 / 6.0, "scans": 1,
        }}}),
        &expected,
    );
}

#[test]
fn pages_one_after_the_other_are_one_list() {
    let page = |numbers: std::ops::Range<u32>| {
        let runs: Vec<Value> = numbers
            .map(|n| of_api(n, "completed", &json!("success")))
            .collect();
        json!({"total_count": 6, "workflow_runs": runs}).to_string()
    };
    let expected: Vec<Value> = (1..=6)
        .map(|number| json!({"run_id": id(number, 1)}))
        .collect();
    let tables = json!({"inputs": {"reconciliation": {"read": 6, "used": 6, "rejected": 0}}});
    // As `gh api --paginate` prints them, and with `--slurp`.
    let text = page(1..4) + &page(4..7);
    Case::of(&[("runs.json", &text)]).says(&tables, &expected);
    let slurped = format!("[{},{}]", page(1..4), page(4..7));
    Case::of(&[("runs.json", &slurped)]).says(&tables, &expected);
    let empty = page(1..7) + &json!({"total_count": 6, "workflow_runs": []}).to_string();
    Case::of(&[("runs.json", &empty)]).says(&tables, &expected);
}

#[test]
fn a_webhook_brings_one_run() {
    let hook = json!({
        "action": "completed", "workflow_run": of_api(1, "completed", &json!("success")),
        "workflow": {"id": 7, "name": "build", "state": "active"}, "sender": {"login": "o"},
    });
    let other = json!({
        "action": "requested", "workflow_run": of_api(2, "requested", &Value::Null),
        "workflow": {"id": 7, "name": "build", "state": "active"}, "sender": {"login": "o"},
    });
    let expected = [
        json!({"run_id": id(1, 1), "scan": "build", "source": "octo/hello", "outcome": "succeeded"}),
        json!({"run_id": id(2, 1), "outcome": "active"}),
    ];
    let lines = format!("{hook}\n{other}\n");
    Case::of(&[("hooks.ndjson", &lines)]).says(&json!({}), &expected);
    Case::of(&[
        ("one.json", &hook.to_string()),
        ("two.json", &other.to_string()),
    ])
    .says(&json!({}), &expected);
}

/// A job of the first run.
fn job(number: u32, name: &str, conclusion: &str) -> Value {
    json!({
        "id": number, "run_id": 9_876_543_211_u64, "run_attempt": 1, "workflow_name": "build", "name": name,
        "run_url": "https://api.github.com/repos/octo/hello/actions/runs/9876543211",
        "url": format!("https://api.github.com/repos/octo/hello/actions/jobs/{number}"),
        "html_url": format!("https://github.com/octo/hello/actions/runs/9876543211/job/{number}"),
        "status": "completed", "conclusion": conclusion, "created_at": "2026-11-01T06:00:05Z",
        "started_at": "2026-11-01T06:00:15Z", "completed_at": "2026-11-01T06:09:55Z", "labels": ["ubuntu-latest"],
        "runner_name": "r1",
        // A step may be in local time; it is no run.
        "steps": [{"name": "Check out", "status": "completed", "conclusion": "success", "number": 1,
            "started_at": "2026-11-01T01:00:16.000-05:00", "completed_at": "2026-11-01T01:00:20.000-05:00"}],
    })
}

#[test]
fn jobs_are_children_of_their_run() {
    let jobs =
        json!({"total_count": 2, "jobs": [job(11, "test", "success"), job(12, "lint", "failure")]});
    let expected = [
        json!({
            "run_id": "11", "parent_id": id(1, 1), "scan": "build / test", "source": "octo/hello",
            "queued_at": "2026-11-01T06:00:05Z", "started_at": "2026-11-01T06:00:15Z",
            "ended_at": "2026-11-01T06:09:55Z", "duration_ms": 580_000,
        }),
        json!({"run_id": "12", "scan": "build / lint", "outcome": "failed", "error_code": "failure"}),
    ];
    Case::of(&[("jobs.json", &jobs.to_string())]).says(
        &json!({"overview": {"figures": {"runs": 2, "failed": 1, "child_runs": 0, "scans": 2, "sources": 1}}}),
        &expected,
    );
    let run = json!({"workflow_runs": [of_api(1, "completed", &json!("failure"))]}).to_string();
    let all = [&expected[..], &[json!({"run_id": id(1, 1)})]].concat();
    Case::of(&[("jobs.json", &jobs.to_string()), ("runs.json", &run)]).says(
        &json!({"overview": {"figures": {"runs": 1, "failed": 1, "child_runs": 2, "scans": 1}}}),
        &all,
    );
    let hook =
        json!({"action": "completed", "workflow_job": job(11, "test", "success")}).to_string();
    Case::of(&[("hook.json", &hook)]).says(&json!({}), &expected[..1]);
}

#[test]
fn cancelled_runs_are_in_no_rate_however_many_there_are() {
    let mut records = vec![
        listed(1, "completed", "success"),
        listed(2, "completed", "success"),
        listed(3, "completed", "success"),
        listed(4, "completed", "failure"),
    ];
    for attempt in 2..=40 {
        let mut run = listed(5, "completed", "cancelled");
        run["attempt"] = json!(attempt);
        records.push(run);
    }
    let case = Case::of(&[("runs.json", &json!(records).to_string())]);
    // 3 of 4, not 3 of 43.
    let got = case.agreed("cancelled runs");
    assert_eq!(got.at("overview/figures/cancelled"), 39);
    assert_eq!(got.at("overview/figures/success_rate"), 0.75);
}

#[test]
fn a_week_goes_on_over_the_end_of_the_year() {
    let starts = [
        "2024-12-29",
        "2024-12-30",
        "2024-12-31",
        "2025-01-01",
        "2025-01-05",
        "2025-01-06",
    ];
    let mut records = Vec::new();
    for (attempt, day) in (1..).zip(starts) {
        let mut run = listed(1, "completed", "success");
        run["attempt"] = json!(attempt);
        run["startedAt"] = json!(format!("{day}T12:00:00Z"));
        run["updatedAt"] = json!(format!("{day}T12:10:00Z"));
        records.push(run);
    }
    let mut case = Case::of(&[("runs.json", &json!(records).to_string())]);
    case.options = Options {
        by: By::Week,
        ..everything()
    };
    // 30 December 2024 is a Monday.
    let expected: Vec<Value> = (1..=6)
        .map(|attempt| json!({"run_id": id(1, attempt)}))
        .collect();
    case.says(
        &json!({"outcomes": {"by_period": [
            {"start": "2024-12-23", "last": "2024-12-29", "runs": 1},
            {"start": "2024-12-30", "last": "2025-01-05", "runs": 4},
            {"start": "2025-01-06", "last": "2025-01-12", "runs": 1},
        ]}}),
        &expected,
    );
}
