//! Published collections of hostile files, where they are at hand.

// The test harness hides what `println!` says in a test that passes, so skips go to standard error directly.
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use std::collections::BTreeMap;

use rundown::cli::Job;
use rundown::mapping::reject::Code;
use rundown::runs::schema::Field;
use serde_json::Value;

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
    let all = files("JSONTestSuite/test_parsing");
    let of_kind = |kind: &str| {
        all.iter()
            .filter(|path| name(path).starts_with(kind))
            .count()
    };
    if !all.is_empty() {
        assert_eq!((of_kind("y_"), of_kind("n_"), of_kind("i_")), (95, 188, 35));
    }
    for path in all {
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

/// The options of a call with these arguments.
fn called(path: &Path, args: &[String]) -> rundown::Options {
    let mut line: Vec<std::ffi::OsString> = vec!["rundown".into(), "report".into(), path.into()];
    line.extend(args.iter().map(Into::into));
    let cli = rundown::cli::config::read(line, []).unwrap();
    match rundown::cli::job(cli).unwrap() {
        Job::Run(job) => job.options,
        other => panic!("report is a run, not {other:?}"),
    }
}

/// A file of CSV with two more columns, which make runs of its rows. A line break ends a row where the number of
/// quotation marks before it is even.
fn as_runs(text: &str) -> String {
    let mut out = String::new();
    let mut row = String::new();
    let mut rows = 0;
    for line in text.split_inclusive('\n') {
        row.push_str(line);
        if row.matches('"').count() % 2 == 1 {
            continue;
        }
        let end = row.trim_end_matches(['\r', '\n']);
        if !end.is_empty() {
            let more = if rows == 0 {
                "status,started_at"
            } else {
                "failed,2026-11-01"
            };
            out.push_str(&format!("{end},{more}{}", &row[end.len()..]));
            rows += 1;
        }
        row.clear();
    }
    assert!(row.is_empty(), "a quotation mark is open at the end");
    out
}

/// The answer has another number for the telephone than the file, which is a mistake of the collection.
const WRONG_ANSWER: (&str, &str) = ("location_coordinates.csv", "Contact Phone Number");

#[test]
fn every_value_of_csv_spectrum_comes_out_as_its_answer_says() {
    const FIELDS: [Field; 5] = [
        Field::Source,
        Field::Scan,
        Field::Account,
        Field::Collection,
        Field::SourceType,
    ];
    let folder = tempfile::tempdir().unwrap();
    let all = files("csv-spectrum/csvs");
    let mut values = 0;
    for path in &all {
        let file = name(path);
        let text = std::fs::read_to_string(path).unwrap();
        let answer = path.with_extension("json");
        let answer = answer
            .parent()
            .unwrap()
            .parent()
            .unwrap()
            .join("json")
            .join(name(&answer));
        let answer: Value = serde_json::from_slice(&std::fs::read(answer).unwrap()).unwrap();
        let expected = match answer {
            Value::Array(rows) => rows,
            one => vec![one],
        };
        let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
        let mut args = Vec::new();
        for (field, column) in FIELDS.iter().zip(&header) {
            args.extend(["--column".to_owned(), format!("{}={column}", field.key())]);
        }
        assert!(header.len() <= FIELDS.len(), "{file}");
        let path = put(folder.path(), &file, as_runs(&text).as_bytes());
        let options = called(&path, &args);
        let loaded = rundown::input::load(&options.inputs, &options.input).unwrap();
        assert_eq!(loaded.records.len(), expected.len(), "{file}");
        for (at, row) in expected.iter().enumerate() {
            for (field, column) in FIELDS.iter().zip(&header) {
                if (file.as_str(), *column) == WRONG_ANSWER {
                    continue;
                }
                let got = loaded.records.text(*field, at).unwrap_or_default();
                assert_eq!(
                    Some(got),
                    row[*column].as_str(),
                    "{file}, row {at}, {column}"
                );
                values += 1;
            }
        }
    }
    assert!(
        all.is_empty() || (all.len(), values) == (12, 60),
        "{} files, {values} values",
        all.len()
    );
}

/// The names of the columns of a Parquet file that hold plain values, and the number of its rows; nothing if it does not
/// say.
fn described(path: &Path) -> (Vec<String>, i64) {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    let path = path.to_owned();
    let read = std::panic::catch_unwind(move || {
        let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).ok()?;
        let about = reader.metadata().file_metadata();
        let columns = about.schema_descr().columns().iter();
        let plain = columns.filter(|column| column.path().parts().len() == 1);
        let names = plain.map(|column| column.name().to_owned());
        Some((names.collect(), about.num_rows()))
    });
    read.ok().flatten().unwrap_or_default()
}

#[test]
fn every_column_of_a_damaged_parquet_file_is_refused_or_read_as_what_it_is() {
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all = files("parquet-testing/bad_data");
    all.retain(|path| path.extension().is_some_and(|ending| ending == "parquet"));
    for path in &all {
        let (columns, rows) = described(path);
        for column in columns {
            // The column is read for the status, so its pages are decoded; a run has no time in it.
            let args = [
                "--preset",
                "native",
                "--column",
                &format!("status={column}"),
            ];
            let what = format!("{}, {column}", name(path));
            let options = called(path, &args.map(str::to_owned));
            let loaded = match rundown::input::load(&options.inputs, &options.input) {
                Ok(loaded) => loaded,
                Err(error) => panic!("{what}: {error:#}"),
            };
            let file = &loaded.files[0];
            assert_eq!(loaded.records.len(), 0, "{what}");
            assert_eq!(file.tally.read, file.rejects.total, "{what}");
            // Either nothing of the file is taken, or every row that it says to have is there.
            let end = if file.rejects.by_code.contains_key(&Code::Parquet) {
                assert_eq!(file.rejects.total, 1, "{what}");
                "refused"
            } else {
                assert_eq!(file.tally.read, rows, "{what}");
                "read"
            };
            *ends.entry(end).or_default() += 1;
        }
    }
    // No file of the collection has values that are published, so none can be called right.
    let _ = writeln!(
        std::io::stderr(),
        "columns of {} damaged Parquet files: {ends:?}",
        all.len()
    );
    assert!(
        all.is_empty() || ends.get("refused") >= Some(&4),
        "{ends:?}"
    );
}
