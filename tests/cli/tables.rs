//! Every table of a report as a CSV file.

use std::path::Path;

use crate::{GOOD, folder_of, names, rundown, samples};

/// A scan and a message that a spreadsheet would run.
const HOSTILE: &str = "source,scan,run_id,status,started_at,error_message,duration_ms\n\
     db,=cmd|' /C calc'!A0,r-1,failed,2026-11-01T02:00:00Z,@SUM(1),5\n\
     db,\u{ff1d}1+1,-7,completed,2026-11-01T03:00:00Z,,7\n";

fn rows(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(folder.join(name))
        .unwrap();
    reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

/// The cells of a column.
fn column(folder: &Path, name: &str, key: &str) -> Vec<String> {
    let rows = rows(folder, name);
    let at = rows[0].iter().position(|known| known == key).unwrap();
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

#[test]
fn tables_hold_the_values_of_the_json() {
    let folder = samples();
    rundown(
        folder.path(),
        &["report", "sample_data", "-o", "r.json", "--tables", "a/b"],
    )
    .ends(0);
    let tables = folder.path().join("a/b");
    let text = std::fs::read_to_string(folder.path().join("r.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let as_text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut cells = 0;
    for (section, blocks) in json["sections"].as_object().unwrap() {
        for (block, value) in blocks.as_object().unwrap() {
            if block.ends_with("_total") {
                continue;
            }
            let rows = rows(&tables, &format!("{section}.{block}.csv"));
            let expected: Vec<Vec<String>> = match value {
                serde_json::Value::Object(figures) => figures
                    .iter()
                    .map(|(key, value)| vec![key.clone(), as_text(value)])
                    .collect(),
                serde_json::Value::Array(list) => list
                    .iter()
                    .map(|row| row.as_object().unwrap().values().map(as_text).collect())
                    .collect(),
                _ => Vec::new(),
            };
            assert_eq!(rows.len(), expected.len() + 1, "{section}.{block}");
            // serde_json orders keys by name and reads fractions to 15 digits; guards have a test of their own.
            for (row, expected) in rows[1..].iter().zip(&expected) {
                let sorted = |cells: &[String]| {
                    let mut cells: Vec<String> = cells
                        .iter()
                        .map(|cell| match cell.parse::<f64>() {
                            Ok(number) if cell.contains('.') => format!("{number:.12}"),
                            _ => cell.replace('\'', ""),
                        })
                        .collect();
                    cells.sort();
                    cells
                };
                if value.is_array() {
                    assert_eq!(sorted(row), sorted(expected), "{section}.{block}");
                }
                cells += row.len();
            }
        }
    }
    assert!(cells > 5_000, "{cells}");
    assert!(names(&tables).contains(&"inputs.conflicts.csv".to_owned()));
}

#[test]
fn a_cell_that_a_spreadsheet_would_run_is_guarded() {
    let folder = folder_of(&[("runs.csv", HOSTILE)]);
    rundown(folder.path(), &["report", "runs.csv", "--tables", "t"]).ends(0);
    let tables = folder.path().join("t");
    let mut scans = column(&tables, "scans.scans.csv", "scan");
    scans.sort();
    assert_eq!(scans, ["'=cmd|' /C calc'!A0", "'\u{ff1d}1+1"]);
    assert!(column(&tables, "runs.runs.csv", "error_message").contains(&"'@SUM(1)".to_owned()));
    assert!(column(&tables, "runs.runs.csv", "run_id").contains(&"'-7".to_owned()));
    assert!(column(&tables, "runs.runs.csv", "duration_ms").contains(&"5".to_owned()));
    assert!(column(&tables, "runs.runs.csv", "at").contains(&"2026-11-01T02:00:00Z".to_owned()));
    assert_eq!(
        column(&tables, "outcomes.by_period.csv", "start").len(),
        column(&tables, "outcomes.by_period.csv", "no_data").len()
    );
}

#[test]
fn only_tables_of_before_are_replaced_and_nothing_else_is_touched() {
    let folder = folder_of(&[
        ("runs.csv", GOOD),
        ("t/mine.csv", "mine"),
        ("t/other.txt", "other"),
    ]);
    let args = ["report", "runs.csv", "-o", "r.json", "--tables", "t"];
    rundown(folder.path(), &args).ends(0);
    let tables = folder.path().join("t");
    // No run failed, yet an older list of errors would be one of another report.
    std::fs::write(
        tables.join("errors.signatures.csv"),
        std::fs::read_to_string(tables.join("errors.signatures.csv")).unwrap() + "old\r\n",
    )
    .unwrap();
    rundown(folder.path(), &args).ends(0);
    assert_eq!(rows(&tables, "errors.signatures.csv").len(), 1);
    assert_eq!(
        std::fs::read_to_string(tables.join("mine.csv")).unwrap(),
        "mine"
    );
    assert!(names(&tables).iter().all(|name| !name.starts_with('.')));

    // A file of the name that we did not write is in the way.
    std::fs::write(tables.join("scans.scans.csv"), "my,own\n").unwrap();
    std::fs::remove_file(folder.path().join("r.json")).unwrap();
    let done = rundown(folder.path(), &args).ends(2);
    assert!(
        done.err.contains("scans.scans.csv") && done.err.contains("--force"),
        "{}",
        done.err
    );
    assert_eq!(names(folder.path()), ["runs.csv", "t/"]);
    assert_eq!(
        std::fs::read_to_string(tables.join("scans.scans.csv")).unwrap(),
        "my,own\n"
    );
    rundown(folder.path(), &[&args[..], &["--force"]].concat()).ends(0);
    assert_eq!(column(&tables, "scans.scans.csv", "scan"), ["daily"]);
}

#[test]
fn an_input_is_never_overwritten_and_a_file_is_no_folder() {
    let header = "at,outcome,scan,run_id,status,started_at\n";
    let run = "2026-11-01T02:00:00Z,succeeded,daily,r-1,completed,2026-11-01T02:00:00Z\n";
    let text = format!("{header}{run}");
    let folder = folder_of(&[("in/runs.runs.csv", &text)]);
    let args = ["report", "in", "--tables", "in", "--force"];
    let done = rundown(folder.path(), &args).ends(2);
    assert!(done.err.contains("is an input"), "{}", done.err);
    assert_eq!(names(folder.path()), ["in/"]);
    assert_eq!(names(&folder.path().join("in")), ["runs.runs.csv"]);
    let done = rundown(
        folder.path(),
        &["report", "in", "--tables", "in/runs.runs.csv"],
    )
    .ends(2);
    assert!(done.err.contains("--tables"), "{}", done.err);
    assert_eq!(names(folder.path()), ["in/"]);
}
