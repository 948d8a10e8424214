//! Purview's own shapes: the same runs under every envelope, in both generations of the API and as
//! rundown's own columns give the same report; and the published examples say what they say.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and says aloud what it skips"
)]
#![allow(dead_code, reason = "each test file uses a part of the shared helpers")]

#[path = "../common/mod.rs"]
mod common;
mod published;
mod runs;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use common::report::{Report, assert_same, run};
use runs::{NEWER, OLDER, Run, id, newer, older};

/// `#1` stands for an id and `@1` for a day.
fn spelled(table: &str) -> String {
    (1..=9).fold(table.replace('@', "2026-11-0"), |text, number| {
        text.replace(&format!("#{number}"), &id(number))
    })
}

impl Run {
    /// The record with the names that exporting scripts add.
    fn named(&self, source: &str, scan: &str) -> Value {
        let mut record = self.record.clone();
        record[source] = json!(self.source);
        record[scan] = json!(self.scan);
        record
    }
}

fn page(records: &Value) -> Value {
    json!({"value": records, "count": 1, "nextLink": null})
}

/// The answer in the shape of the specification's examples.
fn example(source: &str, scan: &str, records: &Value) -> Value {
    json!({
        "parameters": {"Endpoint": "{Endpoint}", "dataSourceName": source, "scanName": scan},
        "responses": {"200": {"headers": {}, "body": page(records)}},
    })
}

/// Writes files below a folder and makes their report, which must use every run.
fn report_of(what: &str, runs: usize, files: Vec<(String, String)>, args: &[&str]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let mut paths: Vec<PathBuf> = Vec::new();
    for (name, text) in files {
        let path = Path::new("in").join(name);
        let place = folder.path().join(&path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
        paths.push(path);
    }
    let report = run(folder.path(), &paths, &[&["--last", "all"], args].concat());
    let books = report.books();
    assert_eq!(
        books["used"],
        i64::try_from(runs).unwrap(),
        "{what}: {books:?}"
    );
    assert_eq!(books["read"], books["used"], "{what}: {books:?}");
    report
}

/// Runs of one scan together, with the names of the scan.
fn by_scan(runs: &[Run]) -> Vec<(&'static str, &'static str, Vec<Value>)> {
    let mut groups: Vec<(&str, &str, Vec<Value>)> = Vec::new();
    for run in runs {
        match groups
            .iter_mut()
            .find(|(source, scan, _)| (*source, *scan) == (run.source, run.scan))
        {
            Some((_, _, records)) => records.push(run.record.clone()),
            None => groups.push((run.source, run.scan, vec![run.record.clone()])),
        }
    }
    groups
}

/// Makes a file for one source and scan.
type Shape = fn(&str, &str, &Value) -> Value;

fn every_way_gives_the_same(runs: &[Run], table: &str) {
    let native = report_of(
        "native",
        runs.len(),
        vec![("runs.csv".to_owned(), spelled(table))],
        &[],
    );
    let same = |what: &str, files: Vec<(String, String)>, args: &[&str]| {
        assert_same(&native, &report_of(what, runs.len(), files, args), what);
    };
    let one = |text: String| vec![("answer.json".to_owned(), text)];

    // Named by the exporting script, under the names that scripts use.
    for (source, scan) in [
        ("source", "scanName"),
        ("dataSourceName", "scan_name"),
        ("dataSource", "scan"),
        ("data_source", "ScanName"),
    ] {
        let records: Vec<Value> = runs.iter().map(|run| run.named(source, scan)).collect();
        same(
            &format!("a page with {source}"),
            one(page(&json!(records)).to_string()),
            &[],
        );
    }
    let named: Vec<Value> = runs
        .iter()
        .map(|run| run.named("source", "scanName"))
        .collect();
    same("an array", one(json!(named).to_string()), &[]);
    same(
        "an indented page",
        one(serde_json::to_string_pretty(&page(&json!(named))).unwrap()),
        &[],
    );
    let pages: Vec<Value> = named.chunks(2).map(|two| page(&json!(two))).collect();
    same("an array of pages", one(json!(pages).to_string()), &[]);
    let back_to_back: String = pages.iter().map(Value::to_string).collect();
    same("pages back to back", one(back_to_back), &[]);
    let lines: Vec<String> = named.iter().map(Value::to_string).collect();
    same("one object a line", one(lines.join("\n")), &[]);
    for key in ["records", "runs", "values", "items"] {
        let envelope: Value = Map::from_iter([(key.to_owned(), json!(named))]).into();
        same(key, one(envelope.to_string()), &[]);
    }
    let each = |of: &dyn Fn(&Value) -> Value| {
        let numbered = named.iter().enumerate();
        numbered
            .map(|(at, record)| (format!("{at}.json"), of(record).to_string()))
            .collect::<Vec<_>>()
    };
    same("single objects", each(&Value::clone), &[]);
    same(
        "one object in an envelope",
        each(&|record| page(record)),
        &[],
    );

    // Named by nothing but the path, or by the parameters of the request.
    let template = ["--path-template", "{source}/{scan}.json"];
    let shapes: [(&str, Shape, &[&str]); 3] = [
        ("raw pages", |_, _, records| page(records), &template),
        ("raw arrays", |_, _, records| records.clone(), &template),
        ("examples of the specification", example, &[]),
    ];
    for (what, shape, args) in shapes {
        let files = by_scan(runs).into_iter().map(|(source, scan, records)| {
            (
                format!("{source}/{scan}.json"),
                shape(source, scan, &json!(records)).to_string(),
            )
        });
        same(what, files.collect(), args);
    }
}

#[test]
fn the_newer_generation_gives_the_same_report_under_every_envelope_and_as_native_csv() {
    every_way_gives_the_same(&newer(), NEWER);
}

#[test]
fn the_older_generation_gives_the_same_report_under_every_envelope_and_as_native_csv() {
    every_way_gives_the_same(&older(), OLDER);
}

#[test]
fn what_a_record_says_wins_over_the_path_and_the_path_over_the_resource() {
    let one = |record: Value, args: &[&str]| {
        let files = vec![(
            "from-path/daily.json".to_owned(),
            page(&json!([record])).to_string(),
        )];
        let report = report_of("one", 1, files, args);
        let run = &report.json["sections"]["runs"]["runs"][0];
        (
            run["source"].clone(),
            run["scan"].clone(),
            run["account"].clone(),
        )
    };
    let template = ["--path-template", "{source}/{scan}.json"];
    let run = &newer()[0];
    assert_eq!(one(run.named("source", "scanName"), &template).0, "sql-1");
    assert_eq!(
        one(run.record.clone(), &template),
        (json!("from-path"), json!("daily"), json!(null))
    );
    let last_segment = one(run.record.clone(), &[]);
    assert_eq!(
        last_segment,
        (json!("not-the-source"), json!(null), json!(null))
    );
    let set = ["--set", "account=contoso", "--set", "source=given"];
    assert_eq!(one(run.record.clone(), &set).0, "given");
    assert_eq!(one(run.record.clone(), &set).2, "contoso");
}
