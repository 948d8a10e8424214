//! Published collections of hostile files, where they are at hand.

// The test harness hides what `println!` says in a test that passes, so skips go to standard error directly.
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{object, options, put};

/// The files of a collection in order; empty, said aloud, where it is absent.
fn files(collection: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/corpora")
        .join(collection);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        let _ = writeln!(std::io::stderr(), "skipped: {collection} is not here");
        return Vec::new();
    };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Runs the program on one file; its exit code and what it said.
fn ends(path: &Path) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rundown"))
        .current_dir(folder.path())
        .env_clear()
        .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
        .args(["report", "-o", "out.json", "--max-rejects", "100%"])
        .arg(path)
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    let written = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(
        written,
        usize::from(output.status.success()),
        "{}",
        path.display()
    );
    (output.status.code(), err)
}

/// No file of these collections holds a run, so each ends with 3 and says why.
fn refused(collection: &str, ending: &str) {
    for path in files(collection) {
        if path.extension().is_some_and(|found| found == ending) {
            let (code, err) = ends(&path);
            assert_eq!(code, Some(3), "{}\n{err}", name(&path));
            assert!(err.starts_with("error: "), "{}\n{err}", name(&path));
            let empty = std::fs::metadata(&path).unwrap().len() == 0;
            let no_record = err.contains("no record, so there is no date");
            assert!(
                empty || no_record || err.contains(&name(&path)),
                "{}\n{err}",
                name(&path)
            );
        }
    }
}

#[test]
fn json_that_holds_no_run_is_refused_cleanly() {
    refused("JSONTestSuite/test_parsing", "json");
    refused("JSONTestSuite/test_transform", "json");
}

#[test]
fn damaged_parquet_files_are_refused_cleanly() {
    refused("parquet-testing/bad_data", "parquet");
}

#[test]
fn csv_files_that_hold_no_run_are_refused_cleanly() {
    refused("csv-spectrum/csvs", "csv");
}

/// Ids of the runs in a file, or none when it cannot be used.
fn used(path: &Path) -> Vec<String> {
    match rundown::load(&options(path)) {
        Ok(log) => {
            let totals = rundown::totals(&log);
            assert!(totals.balanced, "{}: {totals:?}", path.display());
            let frame = log.prepared.runs.frame();
            let ids = frame.column("run_id").unwrap().as_materialized_series();
            ids.iter()
                .map(|id| id.to_string().trim_matches('"').to_owned())
                .collect()
        }
        Err(error) => {
            assert!(
                error.is::<rundown::Unusable>(),
                "{}: {error:#}",
                path.display()
            );
            Vec::new()
        }
    }
}

/// The record is closed before the mistake, which lies behind it.
const WHOLE_BEFORE: [&str; 1] = ["n_structure_object_followed_by_closing_object.json"];

#[test]
fn a_record_that_holds_bad_json_is_never_used_and_one_that_holds_good_json_always() {
    let folder = tempfile::tempdir().unwrap();
    for path in files("JSONTestSuite/test_parsing") {
        let content = std::fs::read(&path).unwrap();
        let open = object(2)
            .replace("good-2", "with")
            .replace('}', ",\"extra\":");
        let record = [open.as_bytes(), &content, b"}"].concat();
        let array = [b"[".as_slice(), object(1).as_bytes(), b",", &record, b"]"].concat();
        let lines = [
            object(1).as_bytes(),
            b"\n",
            &record,
            b"\n",
            object(3).as_bytes(),
        ]
        .concat();
        let one_line = !content.contains(&b'\n');
        let file = name(&path);
        for (kind, bytes) in [("a.json", &array), ("a.ndjson", &lines)] {
            if kind == "a.ndjson" && !one_line {
                continue;
            }
            let ids = used(&put(folder.path(), kind, bytes));
            let with = ids.iter().any(|id| id == "with");
            if file.starts_with("y_") {
                assert!(with, "{file} in {kind}");
            }
            if file.starts_with("n_") {
                let whole = kind == "a.json" && WHOLE_BEFORE.contains(&file.as_str());
                assert_eq!(with, whole, "{file} in {kind}");
            }
            // A bad line costs itself; a bad byte may cost the whole array, but nothing else does.
            if kind == "a.ndjson" {
                for good in ["good-1", "good-3"] {
                    assert!(ids.iter().any(|id| id == good), "{file} in {kind}: {good}");
                }
            } else if std::str::from_utf8(&content).is_ok() {
                assert!(ids.iter().any(|id| id == "good-1"), "{file} in {kind}");
            }
        }
    }
}
