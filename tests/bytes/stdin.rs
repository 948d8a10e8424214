//! Standard input, which can be read once only.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::common::small::{Column, HEADER, T, gzip, parquet, put};
use crate::encodings::{MARK, marked, utf16le};
use crate::{array, csv, ndjson};

/// The program in a folder, with nothing of the caller's environment but what Windows needs to start one.
pub(crate) fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rundown"));
    command
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs `rundown report ARG…` with these bytes as standard input and the report as standard output.
fn report(folder: &Path, args: &[&str], bytes: &[u8]) -> Output {
    let args = [
        &["report"],
        args,
        &[
            "-o",
            "-",
            "--format",
            "json",
            "--last",
            "all",
            "--max-rejects",
            "100%",
        ],
    ]
    .concat();
    let mut child = command(folder, &args).spawn().unwrap();
    // The program may end before it has read everything.
    let _may_be_closed = child.stdin.take().unwrap().write_all(bytes);
    child.wait_with_output().unwrap()
}

#[track_caller]
fn json(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Ids of the runs of a report, sorted.
pub(crate) fn ids(report: &Value) -> Vec<String> {
    let runs = report["sections"]["runs"]["runs"].as_array().unwrap();
    let mut ids: Vec<_> = runs
        .iter()
        .map(|run| run["run_id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

const GOOD: [&str; 3] = ["good-1", "good-2", "good-3"];

pub(crate) fn table() -> Vec<u8> {
    let text = |texts: [&'static [u8]; 3]| Column::Text(texts.map(Some).to_vec());
    parquet(&[
        (
            "binary run_id (UTF8)",
            text([b"good-1", b"good-2", b"good-3"]),
        ),
        ("binary status (UTF8)", text([b"completed"; 3])),
        (
            "int64 started_at (TIMESTAMP(MICROS,true))",
            Column::Int(vec![Some(T); 3]),
        ),
    ])
}

#[test]
fn every_format_can_come_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    for (bytes, format) in [
        (csv().into_bytes(), "csv"),
        (array().into_bytes(), "json"),
        (ndjson().into_bytes(), "ndjson"),
        (table(), "parquet"),
        (gzip(csv().as_bytes()), "csv+gzip"),
        (gzip(&table()), "parquet+gzip"),
        (marked(b"\xff\xfe", utf16le(&csv())), "csv"),
        (marked(MARK, ndjson()), "ndjson"),
    ] {
        let report = json(&report(folder.path(), &["-"], &bytes));
        assert_eq!(ids(&report), GOOD, "{format}");
        let files = report["sections"]["inputs"]["files"].as_array().unwrap();
        assert_eq!(files.len(), 1, "{format}");
        assert_eq!(files[0]["path"], "standard input", "{format}");
        assert_eq!(files[0]["format"], format);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn standard_input_stands_beside_files_and_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        "other.csv",
        format!("{HEADER}\nweekly,other,completed,2026-11-01,1\n").as_bytes(),
    );
    let both = json(&report(
        folder.path(),
        &["-", "other.csv", "-"],
        csv().as_bytes(),
    ));
    assert_eq!(ids(&both), ["good-1", "good-2", "good-3", "other"]);
    // The same bytes as those of a file are a copy.
    put(folder.path(), "copy.csv", csv().as_bytes());
    let copy = json(&report(folder.path(), &["-", "copy.csv"], csv().as_bytes()));
    assert_eq!(copy["sections"]["inputs"]["reconciliation"]["read"], 3);
    let notes = copy["sections"]["inputs"]["notes"].to_string();
    assert!(notes.contains("the same bytes as "), "{notes}");
}

#[test]
fn standard_input_is_read_again_where_another_file_decides_its_dates() {
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        "b.csv",
        format!("{HEADER}\ndaily,b,completed,25/11/2026,1\n").as_bytes(),
    );
    let open = format!("{HEADER}\ndaily,a,completed,12/11/2026,1\n");
    let report = json(&report(folder.path(), &["-", "b.csv"], open.as_bytes()));
    assert_eq!(ids(&report), ["a", "b"]);
    assert_eq!(
        report["sections"]["inputs"]["reconciliation"]["rejected"],
        0
    );
    assert_eq!(report["as_of"], "2026-11-25");
}

#[test]
fn standard_input_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let whole = gzip(csv().as_bytes());
    for (bytes, says) in [
        (&b""[..], "standard input: the file is empty"),
        (
            b"name,legs\nRex,4\n",
            "standard input: no kind of run record",
        ),
        (b"<html>", "standard input: this is an HTML"),
        (&whole[..whole.len() / 2], "standard input:1: E-COMPRESSED"),
        (b"PAR1", "standard input:1: E-PARQUET"),
    ] {
        let output = report(folder.path(), &["-"], bytes);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(says), "{says}: {said}");
        assert!(output.stdout.is_empty(), "{said}");
    }
}
