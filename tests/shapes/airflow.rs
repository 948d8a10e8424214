//! Airflow: the API, the command line, the metadata database, and what is odd about them.

use serde_json::{Value, json};

use crate::case::Case;

/// A DAG run of the API; `details` adds to it or replaces what it names. Run n began on 1 November 2026 at n:00.
fn dag_run(number: u32, details: &Value) -> Value {
    let mut run = json!({
        "dag_id": "load_sales",
        "dag_run_id": format!("scheduled__2026-11-01T0{number}:00:00+00:00"),
        "logical_date": format!("2026-10-31T0{number}:00:00Z"),
        "queued_at": format!("2026-11-01T0{number}:00:00.250000Z"),
        "start_date": format!("2026-11-01T0{number}:00:01.500000Z"),
        "end_date": format!("2026-11-01T0{number}:01:03.250000Z"),
        "duration": 61.75,
        "run_type": "scheduled", "triggered_by": "timetable", "state": "success",
        "conf": {}, "note": null, "dag_versions": [],
    });
    for (key, value) in details.as_object().unwrap() {
        run[key] = value.clone();
    }
    run
}

fn id(number: u32) -> String {
    format!("load_sales#scheduled__2026-11-01T0{number}:00:00+00:00")
}

#[test]
fn dag_runs_of_the_api_say_when_how_and_why() {
    let open = json!({"end_date": null, "duration": null});
    let with = |number: u32, details: Value| {
        let mut run = dag_run(number, &open);
        for (key, value) in details.as_object().unwrap() {
            run[key] = value.clone();
        }
        run
    };
    let records = [
        dag_run(1, &json!({})),
        dag_run(
            2,
            &json!({"state": "failed", "run_type": "manual", "note": "Execution Timeout Expired"}),
        ),
        with(3, json!({"state": "running", "run_type": "backfill"})),
        // Not started: it has the time at which it may begin.
        with(
            4,
            json!({"state": "queued", "start_date": null, "queued_at": null, "run_after": "2026-11-01T04:00:00Z"}),
        ),
        with(5, json!({"state": null, "start_date": null})),
        with(6, json!({"state": "wobbling"})),
    ];
    let expected = [
        json!({
            "run_id": id(1), "system": "airflow", "source": null, "scan": "load_sales", "trigger": "scheduled",
            "status": "completed", "queued_at": "2026-11-01T01:00:00.250Z",
            "started_at": "2026-11-01T01:00:01.500Z", "ended_at": "2026-11-01T01:01:03.250Z",
            "duration_ms": 61_750, "error_message": null,
        }),
        json!({
            "run_id": id(2), "trigger": "manual", "outcome": "failed", "error_message": "Execution Timeout Expired",
        }),
        json!({"run_id": id(3), "trigger": "backfill", "status": "in_progress", "ended_at": null}),
        json!({"run_id": id(4), "status": "queued", "started_at": null, "queued_at": "2026-11-01T04:00:00Z"}),
        json!({"run_id": id(5), "status": "queued", "outcome": "active"}),
        json!({"run_id": id(6), "status": "unknown", "outcome": "unknown"}),
    ];
    let tables = json!({
        "overview": {"figures": {
            "runs": 6, "succeeded": 1, "failed": 1, "active": 3, "unknown": 1, "success_rate": 0.5, "sources": 0,
        }},
        "errors": {"categories": [{"category": "timeout", "runs": 1, "scans": 1, "share": 1.0}]},
    });
    let page = json!({"dag_runs": records, "total_entries": 6}).to_string();
    Case::of(&[("runs.json", &page)]).says(&tables, &expected);
    let list = json!(records).to_string();
    Case::of(&[("runs.json", &list)]).says(&tables, &expected);
}

/// The table `dag_run` as the database writes it: times without a zone, which are UTC.
const DAG_RUN: &str = "\
id,dag_id,queued_at,execution_date,start_date,end_date,state,run_id,external_trigger,run_type,data_interval_start,updated_at
1,load_sales,2026-11-01 01:00:00.25,2026-10-31 01:00:00,2026-11-01 01:00:01.5,2026-11-01 01:01:03.25,success,scheduled__2026-11-01T01:00:00+00:00,f,scheduled,2026-10-31 01:00:00,2026-11-01 01:01:04
2,load_sales,,2026-10-31 02:00:00,2026-11-01 02:00:01.5,,success,scheduled__2026-11-01T02:00:00+00:00,f,scheduled,2026-10-31 02:00:00,
3,load_sales,,2024-12-30 03:00:00,2026-11-01 03:00:01.5,2026-11-01 03:30:01.5,failed,backfill__2024-12-30T03:00:00+00:00,f,backfill,2024-12-30 03:00:00,
";

#[test]
fn the_table_of_the_database_is_in_utc_and_may_lack_ends() {
    Case::of(&[("dag_run.csv", DAG_RUN)]).says(
        // Run 3 catches up on 2024, but it ran on 1 November 2026 like the others. Only run 1 has a duration.
        &json!({
            "overview": {"figures": {"runs": 3, "succeeded": 2, "failed": 1, "success_rate": 2.0 / 3.0}},
            "outcomes": {"by_period": [{"start": "2026-11-01", "runs": 3}]},
            "scans": {"scans": [{
                "system": "airflow", "account": null, "source": null, "scan": "load_sales", "last_outcome": "failed",
                "last_success_at": "2026-11-01T02:00:01.500Z", "duration_p50_ms": 61_750, "duration_p95_ms": 61_750,
            }]},
        }),
        &[
            json!({"run_id": id(1), "duration_ms": 61_750, "queued_at": "2026-11-01T01:00:00.250Z"}),
            json!({"run_id": id(2), "outcome": "succeeded", "ended_at": null, "duration_ms": null}),
            json!({
                "run_id": "load_sales#backfill__2024-12-30T03:00:00+00:00", "trigger": "backfill",
                "started_at": "2026-11-01T03:00:01.500Z", "duration_ms": 1_800_000,
            }),
        ],
    );
}

#[test]
fn the_api_and_the_table_know_the_same_run() {
    let page = json!({"dag_runs": [dag_run(1, &json!({})), dag_run(2, &json!({}))]}).to_string();
    // Two of five records are of a run that another record is of too. The end that the table lacks is there.
    Case::of(&[("dag_run.csv", DAG_RUN), ("runs.json", &page)]).says(
        &json!({"inputs": {"reconciliation": {"read": 5, "used": 3, "superseded": 2, "conflicts": 0}}}),
        &[
            json!({"run_id": id(1), "duration_ms": 61_750}),
            json!({"run_id": id(2), "ended_at": "2026-11-01T02:01:03.250Z", "duration_ms": 61_750}),
            json!({"run_id": "load_sales#backfill__2024-12-30T03:00:00+00:00"}),
        ],
    );
}

#[test]
fn without_a_type_the_old_flag_says_who_set_a_run_off() {
    // The list of the command line has times with an offset, after a `T` or after a space.
    let run = |run: &str, external: Value, start: &str| {
        json!({
            "dag_id": "old", "run_id": run, "state": "success", "execution_date": "2026-10-31T00:00:00+00:00",
            "start_date": start, "end_date": null, "external_trigger": external,
        })
    };
    let list = json!([
        run("one", json!(true), "2026-11-01T01:00:00.123456+00:00"),
        run("two", json!(false), "2026-11-01 02:00:00+00:00"),
        run("three", json!(null), "2026-11-01 03:00:00.5 +00:00"),
    ]);
    Case::of(&[("runs.json", &list.to_string())]).says(
        &json!({"overview": {"figures": {"runs": 3, "succeeded": 3}}}),
        &[
            json!({"run_id": "old#one", "trigger": "manual", "started_at": "2026-11-01T01:00:00.123456Z"}),
            json!({"run_id": "old#two", "trigger": "scheduled", "started_at": "2026-11-01T02:00:00Z"}),
            json!({"run_id": "old#three", "trigger": null, "started_at": "2026-11-01T03:00:00.500Z"}),
        ],
    );
}

/// A task instance of the first DAG run.
fn task(name: &str, state: &Value, details: &Value) -> Value {
    let mut task = json!({
        "dag_id": "load_sales", "dag_run_id": "scheduled__2026-11-01T01:00:00+00:00", "task_id": name,
        "try_number": 1, "state": state, "operator": "PythonOperator", "queue": "default", "note": null,
        "queued_when": "2026-11-01T01:00:02Z", "start_date": "2026-11-01T01:00:03Z",
        "end_date": "2026-11-01T01:00:13Z", "duration": 10.0,
    });
    for (key, value) in details.as_object().unwrap() {
        task[key] = value.clone();
    }
    task
}

#[test]
fn each_state_of_a_task_has_its_outcome() {
    let states = [
        ("success", "completed"),
        ("failed", "failed"),
        ("upstream_failed", "failed"),
        ("removed", "cancelled"),
        ("skipped", "cancelled"),
        ("shutdown", "cancelled"),
        ("queued", "queued"),
        ("scheduled", "queued"),
        ("up_for_reschedule", "queued"),
        ("running", "in_progress"),
        ("restarting", "in_progress"),
        ("up_for_retry", "in_progress"),
        ("deferred", "in_progress"),
        ("awaiting_input", "in_progress"),
        ("sensing", "in_progress"),
    ];
    let mut records: Vec<Value> = states
        .iter()
        .map(|(state, _)| task(&format!("t_{state}"), &json!(state), &json!({})))
        .collect();
    records.push(task("t_none", &Value::Null, &json!({})));
    let mut expected: Vec<Value> = states
        .iter()
        .map(|(state, status)| {
            json!({
                "run_id": format!("{}#t_{state}", id(1)), "parent_id": id(1), "source": "load_sales",
                "scan": format!("t_{state}"), "status": status, "queued_at": "2026-11-01T01:00:02Z",
                "started_at": "2026-11-01T01:00:03Z", "duration_ms": 10_000,
            })
        })
        .collect();
    expected.push(json!({"run_id": format!("{}#t_none", id(1)), "status": "queued"}));
    let page = json!({"task_instances": records, "total_entries": 16}).to_string();
    // 1 succeeded, 2 failed, 3 cancelled, 4 queued (one of them without a state) and 6 going.
    Case::of(&[("tasks.json", &page)]).says(
        &json!({"overview": {"figures": {
            "runs": 16, "succeeded": 1, "failed": 2, "cancelled": 3, "active": 10, "success_rate": 1.0 / 3.0,
            "sources": 1, "scans": 16, "child_runs": 0,
        }}}),
        &expected,
    );
}

#[test]
fn mapped_tasks_are_runs_of_their_own_and_children_of_the_dag_run() {
    let tasks = json!({"task_instances": [
        task("load", &json!("success"), &json!({"map_index": 0})),
        task("load", &json!("failed"), &json!({"map_index": 1})),
        task("send", &json!("success"), &json!({})),
    ]});
    let expected = [
        json!({"run_id": format!("{}#load#0", id(1)), "outcome": "succeeded"}),
        json!({"run_id": format!("{}#load#1", id(1)), "outcome": "failed"}),
        json!({"run_id": format!("{}#send", id(1)), "outcome": "succeeded"}),
    ];
    Case::of(&[("tasks.json", &tasks.to_string())]).says(
        &json!({"overview": {"figures": {"runs": 3, "failed": 1, "scans": 2, "child_runs": 0}}}),
        &expected,
    );
    // With the DAG run beside them they are in no count.
    let dags = json!({"dag_runs": [dag_run(1, &json!({}))]}).to_string();
    let all = [&expected[..], &[json!({"run_id": id(1)})]].concat();
    Case::of(&[("tasks.json", &tasks.to_string()), ("dags.json", &dags)]).says(
        &json!({
            "overview": {"figures": {"runs": 1, "failed": 0, "scans": 1, "child_runs": 3, "success_rate": 1.0}},
            "errors": {"categories": []},
        }),
        &all,
    );
}

#[test]
fn the_table_of_task_instances_is_read_like_the_api() {
    let table = "\
task_id,dag_id,run_id,map_index,start_date,end_date,duration,state,try_number,queued_dttm,operator\n\
load,load_sales,scheduled__2026-11-01T01:00:00+00:00,0,2026-11-01 01:00:03,2026-11-01 01:00:13,10,success,1,2026-11-01 01:00:02,PythonOperator\n";
    let api =
        json!({"task_instances": [task("load", &json!("success"), &json!({"map_index": 0}))]});
    let expected = [json!({
        "run_id": format!("{}#load#0", id(1)), "queued_at": "2026-11-01T01:00:02Z", "duration_ms": 10_000,
        "started_at": "2026-11-01T01:00:03Z", "ended_at": "2026-11-01T01:00:13Z",
    })];
    Case::of(&[("task_instance.csv", table)]).says(&json!({}), &expected);
    Case::of(&[
        ("task_instance.csv", table),
        ("tasks.json", &api.to_string()),
    ])
    .says(
        &json!({"inputs": {"reconciliation": {"read": 2, "used": 1, "superseded": 1}}}),
        &expected,
    );
}
