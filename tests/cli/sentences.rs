//! What a report says in words.

use serde_json::Value;

use crate::{folder_of, report};

/// The report of these runs: system, source, scan, status and error of each, one an hour from a time on.
fn told(rows: &[&str], args: &[&str]) -> Value {
    let mut text = "system,source,scan,status,error_code,run_id,started_at\n".to_owned();
    for (n, row) in rows.iter().enumerate() {
        text += &format!("{row},{n},2026-11-{:02}T{:02}:00:00Z\n", 1 + n / 24, n % 24);
    }
    let folder = folder_of(&[("runs.csv", &text)]);
    report(folder.path(), &[&["runs.csv"], args].concat())
}

/// The sentences of the summary.
fn summary(report: &Value) -> String {
    let notes = report["sections"]["overview"]["summary"]
        .as_array()
        .unwrap();
    let texts = notes.iter().map(|note| note["text"].as_str().unwrap());
    texts.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn says(rows: &[&str], sentence: &str) {
    let text = summary(&told(rows, &[]));
    assert!(
        text.lines().any(|line| line == sentence),
        "{sentence}\n{text}"
    );
}

#[test]
fn the_most_common_cause_is_named_only_where_there_is_one() {
    let (login, network) = (
        "purview,s,a,Failed,401",
        "purview,s,a,Failed,SqlFailedToConnect",
    );
    let unknown = "purview,s,a,Failed,";
    says(&[login], "The cause of 1 run with an error is credentials.");
    says(
        &[login, login, network],
        "The most common cause is credentials, with 2 of 3 runs.",
    );
    says(
        &[login, network],
        "The most common causes are credentials and network, with 1 run each.",
    );
    says(
        &[unknown, unknown, login],
        "For 2 of 3 runs with an error no cause is known.",
    );
    says(
        &[unknown],
        "For 1 of 1 run with an error no cause is known.",
    );
}

#[test]
fn all_is_said_where_all_finished_runs_succeeded() {
    let good = "adf,s,a,Succeeded,";
    says(&[good], "The only finished run succeeded.");
    says(&[good, good], "All 2 finished runs succeeded.");
    says(
        &[good, good, "adf,s,a,Canceled,"],
        "All 2 finished runs succeeded; cancelled runs are left out.",
    );
    says(
        &[good, "adf,s,a,Failed,"],
        "1 of 2 finished runs succeeded (50.0%).",
    );
}

#[test]
fn the_portal_of_purview_counts_runs_of_purview() {
    let portal = |rows: &[&str]| told(rows, &[])["sections"]["overview"]["portal"].clone();
    assert_eq!(portal(&["adf,s,a,Succeeded,"]), Value::Null);
    let both = portal(&["adf,s,a,Succeeded,", "purview,s,a,Succeeded,"]);
    assert_eq!(both["succeeded"], 1);
}

#[test]
fn a_system_without_earlier_data_is_named_where_periods_are_compared() {
    // 48 hours of one system; on the second day a run of another.
    let mut rows = vec!["purview,s,a,Succeeded,"; 48];
    rows[40] = "airflow,,b,Succeeded,";
    let text = summary(&told(&rows, &["--last", "1d"]));
    let sentence = "Without data before this period: airflow (1 run, 1 scan).";
    assert!(text.contains(sentence), "{text}");
    assert!(
        text.contains("Compared with the period before, no scan is newly failing"),
        "{text}"
    );
}

#[test]
fn a_run_that_contradicts_itself_is_told_with_how() {
    let text = "system,source,run_id,status,category,row_count,started_at,ended_at\n\
        zscaler-uvm,a,r1,Completed,Map,5,2026-11-01T02:00:00Z,2026-11-01T02:10:00Z\n\
        zscaler-uvm,a,r2,Completed,,5,2026-11-02T02:00:00Z,2026-11-02T02:10:00Z\n\
        zscaler-uvm,a,r3,Completed,Map,5,2026-11-03T02:00:00Z,2026-11-03T01:00:00Z\n\
        zscaler-uvm,a,r4,Completed,Map,5,2026-11-04T02:00:00Z,2026-11-04T01:00:00Z\n";
    let folder = folder_of(&[("runs.csv", text)]);
    let json = report(folder.path(), &["runs.csv"]);
    let findings = json["sections"]["findings"]["findings"].as_array().unwrap();
    let finding = findings
        .iter()
        .find(|finding| finding["kind"] == "inconsistent_record");
    assert_eq!(
        finding.unwrap()["evidence"],
        "2 runs that ended before the start: the first 2026-11-03 02:00 (run r3); \
        1 run completed without a category, which others of the system have: 2026-11-02 02:00 (run r2)."
    );
}

#[test]
fn the_first_failure_since_the_last_success_is_listed_and_that_success() {
    // A partial run, 15 failures, with a cancelled run among them.
    let mut rows = vec!["adf,s,a,Failed,"; 18];
    rows[0] = "adf,s,a,Failed,";
    rows[1] = "adf,s,a,PartialSucceeded,";
    rows[9] = "adf,s,a,Canceled,";
    let json = told(&rows, &[]);
    let listed = json["sections"]["runs"]["runs"].as_array().unwrap();
    let ids: Vec<&str> = listed
        .iter()
        .map(|run| run["run_id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            "17", "16", "15", "14", "13", "12", "11", "10", "9", "8", "2", "1"
        ]
    );
    assert_eq!(
        json["sections"]["runs"]["figures"]["not_succeeded_shown"],
        12
    );
    // Where nothing fails now, the newest are enough.
    rows.extend(["adf,s,a,Succeeded,"; 1]);
    let json = told(&rows, &[]);
    let shown = &json["sections"]["runs"]["figures"]["shown"];
    assert_eq!(shown, 11);
}

#[test]
fn runs_of_a_finding_are_counted_with_what_is_listed_beside_them() {
    let mut rows = vec!["adf,s,a,Failed,"; 13];
    rows[0] = "adf,s,a,Succeeded,";
    let json = told(&rows, &[]);
    let runs = json["sections"]["findings"]["runs"].as_array().unwrap();
    let roles: Vec<&str> = runs
        .iter()
        .map(|run| run["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles.iter().filter(|role| **role == "found").count(), 10);
    assert_eq!(
        roles.iter().filter(|role| **role == "last_success").count(),
        1
    );
    assert_eq!(json["sections"]["findings"]["findings"][0]["runs"], 12);
}
