//! Exports that nobody knows: guessed, corrected, read. The figures are counted by hand from the files.

use serde_json::{Value, json};

use crate::{folder_of, report, rundown};

/// A sheet with lines above its header, semicolons, German words and numbers, and a total below.
const SHEET: &str =
    "Weekly list;;;;;\nMade by: operations;;;;;\n\nJob;Beginn;Ende;Ergebnis;Zeilen;Fehler
load-customers;01.11.2026 02:00;01.11.2026 02:40;Erfolgreich;1.234.567;
load-orders;01.11.2026 03:00;01.11.2026 03:10;Fehlgeschlagen;0;ORA-01017: invalid username/password
load-customers;02.11.2026 02:00;02.11.2026 02:45;Erfolgreich;1.240;
Summe;;;;1.235.807;\n";

/// Jobs of several teams, each under its id, a list of parts inside, seconds since 1970.
const KEYED: &str = r#"{"generated": "2026-11-20", "teams": {
  "crm": {"jobs": {
    "a1": {"title": "sync", "phase": "DONE", "clock": {"begin": 1793498400, "finish": 1793502000}, "out": [{"rows": 3}, {"rows": 4}]},
    "a2": {"title": "sync", "phase": "BROKEN", "clock": {"begin": 1793584800, "finish": 1793588400}, "out": []}}},
  "erp": {"jobs": {
    "b1": {"title": "load", "phase": "DONE", "clock": {"begin": 1793498400, "finish": 1793498460}, "out": [{"rows": 5}]},
    "b2": {"title": "load", "phase": "HALTED", "clock": {"begin": 1793584800, "finish": 1793588400}, "out": []}}}}}"#;

/// A stream of events, the end of each run told in JSON inside a text; one run has not ended.
const STREAM: &str = r#"{"ts":"2026-11-01T02:00:00Z","event":"sync_start","sync_id":"s1","connector":"crm","detail":"{}"}
{"ts":"2026-11-01T02:10:00Z","event":"sync_end","sync_id":"s1","connector":"crm","detail":"{\"status\":\"SUCCESSFUL\",\"rows\":12}"}
{"ts":"2026-11-02T02:00:00Z","event":"sync_start","sync_id":"s2","connector":"crm","detail":"{}"}
{"ts":"2026-11-02T02:05:00Z","event":"sync_end","sync_id":"s2","connector":"crm","detail":"{\"status\":\"FAILURE\",\"reason\":\"token expired\"}"}
{"ts":"2026-11-03T02:00:00Z","event":"sync_start","sync_id":"s3","connector":"crm","detail":"{}"}
"#;

/// The report of a file by a guessed mapping, after these corrections, each a line and what it becomes. Fails when the
/// mapping has more than 20 lines, or more than three of them had to be corrected.
#[track_caller]
fn by_guess(file: &str, content: &str, corrections: &[(&str, &str)]) -> Value {
    let folder = folder_of(&[(file, content)]);
    rundown(folder.path(), &["check", file, "--init-mapping", "m.toml"]).ends(0);
    let path = folder.path().join("m.toml");
    let mut mapping = std::fs::read_to_string(&path).unwrap();
    assert!(corrections.len() <= 3);
    for (guessed, right) in corrections {
        assert!(mapping.contains(guessed), "{guessed}\n{mapping}");
        mapping = mapping.replace(guessed, right);
    }
    assert!(mapping.lines().count() <= 20, "{mapping}");
    std::fs::write(&path, mapping).unwrap();
    rundown(folder.path(), &["check", file, "--mapping", "m.toml"]).ends(0);
    report(
        folder.path(),
        &[file, "--mapping", "m.toml", "--last", "all"],
    )
}

#[track_caller]
fn is_figures(report: &Value, expected: &Value) {
    let figures = &report["sections"]["overview"]["figures"];
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&figures[key], value, "{key}");
    }
}

fn rows(report: &Value) -> Vec<Option<i64>> {
    let runs = report["sections"]["runs"]["runs"].as_array().unwrap();
    let mut rows: Vec<_> = runs.iter().map(|run| run["row_count"].as_i64()).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn a_sheet_with_a_title_and_a_total_is_read_as_it_was_guessed() {
    let report = by_guess("week.csv", SHEET, &[]);
    let expected = json!({"runs": 3, "succeeded": 2, "failed": 1, "scans": 2});
    is_figures(&report, &expected);
    // 1.240 alone could be a little more than one; 1.234.567 shows that points separate thousands.
    assert_eq!(rows(&report), [Some(0), Some(1_240), Some(1_234_567)]);
    let category = &report["sections"]["errors"]["categories"][0]["category"];
    assert_eq!(category, "credentials");
    // Its runs took 40 and 45 minutes; of two, the 95th percentile by nearest rank is the longer.
    let scans = report["sections"]["scans"]["scans"].as_array().unwrap();
    let customers = scans
        .iter()
        .find(|scan| scan["scan"] == "load-customers")
        .unwrap();
    assert_eq!(customers["duration_p95_ms"], 45 * 60_000);
    assert_eq!(
        report["sections"]["inputs"]["rejects"][0]["code"],
        "E-CSV-FOOTER"
    );
}

#[test]
fn jobs_under_their_ids_are_found_and_their_lists_summed() {
    let corrections = [
        // A word of its own, and two columns that no name gives away.
        (
            "\"BROKEN\" = \"unknown\"   # what does it mean?",
            "\"BROKEN\" = \"failed\"",
        ),
        (
            "\"HALTED\" = \"unknown\"   # what does it mean?",
            "\"HALTED\" = \"cancelled\"",
        ),
        (
            "run_id = \"@key\"",
            "row_count = { path = \"out[].rows\", fold = \"sum\" }\nrun_id = \"@key\"",
        ),
    ];
    let report = by_guess("jobs.json", KEYED, &corrections);
    let expected =
        json!({"runs": 4, "succeeded": 2, "failed": 1, "cancelled": 1, "success_rate": 2.0 / 3.0});
    is_figures(&report, &expected);
    assert_eq!(rows(&report), [None, None, Some(5), Some(7)]);
}

#[test]
fn events_become_runs_with_a_start_an_end_and_an_error() {
    let report = by_guess("stream.ndjson", STREAM, &[]);
    let expected = json!({"runs": 3, "succeeded": 1, "failed": 1, "active": 1, "scans": 1});
    is_figures(&report, &expected);
    let books = &report["sections"]["inputs"]["reconciliation"];
    assert_eq!(
        (&books["read"], &books["superseded"]),
        (&5.into(), &2.into())
    );
    let runs = report["sections"]["runs"]["runs"].as_array().unwrap();
    let failed = runs.iter().find(|run| run["run_id"] == "s2").unwrap();
    assert_eq!(failed["duration_ms"], 5 * 60_000);
    assert_eq!(failed["error_message"], "token expired");
}

/// A mapping is guessed from the first 4 MiB of a text. That nothing more is read shows a packed file that is damaged behind
/// them: a call that reads it to its end fails.
#[test]
fn of_a_huge_file_only_the_beginning_is_read_for_a_first_mapping() {
    let record = r#"{"job":"load","state":"ok","Beginn":"2026-11-01T02:00:00Z"},"#;
    let mut text = "[".to_owned();
    while text.len() < 32 << 20 {
        text.push_str(record);
    }
    text.push_str("{}]");
    let mut packed = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let damaged = packed.len() - 8;
    packed.truncate(damaged);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("runs.json.zst"), packed).unwrap();
    let guess = ["check", "runs.json.zst", "--init-mapping", "m.toml"];
    rundown(folder.path(), &guess).ends(0);
    let mapping = std::fs::read_to_string(folder.path().join("m.toml")).unwrap();
    for line in [
        "scan = \"job\"",
        "status = \"state\"",
        "started_at = \"Beginn\"",
    ] {
        assert!(mapping.contains(line), "{line}\n{mapping}");
    }
    let whole = ["check", "runs.json.zst", "--mapping", "m.toml"];
    rundown(folder.path(), &whole).ends(3);
}
