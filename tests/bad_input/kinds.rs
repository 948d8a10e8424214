//! Files that hold no runs: each has a code of its own, in a folder as on the command line.

use crate::common::Ran;
use crate::whole::good_csv;
use crate::{gzip, put, run};

/// The codes that this file is about.
pub(crate) const CODES: [&str; 3] = ["E-FILE-KIND", "E-FILE-UNKNOWN", "E-FILE-EMPTY"];

/// A file, its code, and whether it shows that an export failed.
fn wrong() -> Vec<(&'static str, Vec<u8>, &'static str, bool)> {
    let utf32: Vec<u8> = "scan,status\n"
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    let kind = "E-FILE-KIND";
    vec![
        ("a.csv", b"PK\x03\x04 workbook".to_vec(), kind, true),
        ("a.csv", b"\xd0\xcf\x11\xe0 workbook".to_vec(), kind, true),
        ("a.json", b"%PDF-1.7".to_vec(), kind, true),
        (
            "a.json",
            b"\n<!doctype html><title>Sign in".to_vec(),
            kind,
            true,
        ),
        (
            "a.json",
            br#"{"error":{"code":"403","message":"no"}}"#.to_vec(),
            kind,
            true,
        ),
        (
            "a.parquet",
            b"version https://git-lfs.github.com/spec/v1\n".to_vec(),
            kind,
            true,
        ),
        ("a.csv", utf32, kind, true),
        // A summary is known, holds no runs, and nothing is missing.
        (
            "a.json",
            br#"[{"type":"Succeeded","count":3}]"#.to_vec(),
            kind,
            false,
        ),
        (
            "a.csv",
            b"Product,Price\nBread,2\n".to_vec(),
            "E-FILE-UNKNOWN",
            false,
        ),
        ("a.csv", Vec::new(), "E-FILE-EMPTY", false),
        ("a.json.gz", gzip(b" \n"), "E-FILE-EMPTY", false),
    ]
}

/// The tones and texts of the notes about this file.
fn notes(ran: &Ran, block: &str, file: &str) -> Vec<(String, String)> {
    let json = ran.json.as_ref().unwrap();
    let notes = json.pointer(block).unwrap().as_array().unwrap();
    let said = |note: &serde_json::Value| {
        let of = |key: &str| note[key].as_str().unwrap().to_owned();
        (of("tone"), of("text"))
    };
    let all = notes.iter().map(said);
    all.filter(|(_, text)| text.contains(file)).collect()
}

#[test]
fn a_named_file_is_refused_with_its_code_unless_it_is_empty() {
    for (file, bytes, code, _) in wrong() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), file, &bytes);
        let ran = run(folder.path(), &[file], &[]);
        assert_eq!(ran.output.status.code(), Some(3), "{file} {code}");
        assert!(ran.json.is_none(), "{file} {code}");
        assert!(
            ran.stderr().contains(&format!("({code})")),
            "{}",
            ran.stderr()
        );
        put(folder.path(), "good.csv", good_csv().as_bytes());
        let ran = run(folder.path(), &[file, "good.csv"], &[]);
        let ends = if code == "E-FILE-EMPTY" { 0 } else { 3 };
        assert_eq!(ran.output.status.code(), Some(ends), "{file} {code}");
    }
}

#[test]
fn in_a_folder_it_is_skipped_with_its_code_and_a_failed_export_is_told() {
    for (file, bytes, code, alarming) in wrong() {
        let what = format!("{file} {code} {:?}", String::from_utf8_lossy(&bytes));
        let folder = tempfile::tempdir().unwrap();
        let exports = folder.path().join("exports");
        std::fs::create_dir(&exports).unwrap();
        put(&exports, file, &bytes);
        put(&exports, "good.csv", good_csv().as_bytes());
        let ran = run(folder.path(), &["exports"], &["--rejects", "bad.ndjson"]);
        assert_eq!(
            ran.output.status.code(),
            Some(0),
            "{what}\n{}",
            ran.stderr()
        );
        let warned = ran.stderr().contains(&format!("warning: exports/{file}: "));
        assert_eq!(warned, alarming, "{what}\n{}", ran.stderr());
        let notes = notes(&ran, "/sections/inputs/notes", file);
        assert_eq!(notes.len(), 1, "{what}");
        assert_eq!(notes[0].0 == "warning", alarming, "{what}\n{notes:?}");
        assert!(notes[0].1.contains(&format!("({code})")), "{notes:?}");
        // It is in no book: it has no records.
        let books = ran.json.as_ref().unwrap();
        let books = &books["sections"]["inputs"]["reconciliation"];
        assert_eq!((&books["read"], &books["rejected"]), (&2.into(), &0.into()));
        let lines = std::fs::read_to_string(folder.path().join("bad.ndjson")).unwrap();
        let lines: Vec<serde_json::Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 1, "{what}");
        assert_eq!(lines[0]["rejected"], code, "{what}");
        assert_eq!(lines[0]["path"], format!("exports/{file}"), "{what}");
        assert!(lines[0]["line"].is_null() && lines[0]["byte"].is_null());
        assert!(!lines[0]["hint"].as_str().unwrap().contains('\n'));
    }
}

#[test]
fn strict_ends_with_3_after_the_report_and_says_on_its_first_page_why() {
    for (file, bytes, code, alarming) in wrong() {
        let what = format!("{file} {code} {:?}", String::from_utf8_lossy(&bytes));
        let folder = tempfile::tempdir().unwrap();
        let exports = folder.path().join("exports");
        std::fs::create_dir(&exports).unwrap();
        put(&exports, "good.csv", good_csv().as_bytes());
        put(&exports, file, &bytes);
        let ran = run(folder.path(), &["exports"], &["--strict"]);
        let forbidden = alarming || code != "E-FILE-KIND";
        let ends = if forbidden { 3 } else { 0 };
        assert_eq!(
            ran.output.status.code(),
            Some(ends),
            "{what}\n{}",
            ran.stderr()
        );
        let said = ran.stderr().contains(&format!("error: exports/{file}: "));
        assert_eq!(said, forbidden, "{what}\n{}", ran.stderr());
        let first = notes(&ran, "/sections/overview/summary", file);
        let tones: Vec<_> = first.iter().map(|(tone, _)| tone.as_str()).collect();
        let wanted: &[&str] = if forbidden { &["stop"] } else { &[] };
        assert_eq!(tones, wanted, "{what}\n{first:?}");
    }
}

#[test]
fn a_name_that_is_nearly_right_is_pointed_out_and_the_advice_works() {
    let folder = tempfile::tempdir().unwrap();
    let text = good_csv().replace("started_at", "Startd At");
    put(folder.path(), "a.csv", text.as_bytes());
    let ran = run(folder.path(), &["a.csv"], &[]);
    assert_eq!(ran.output.status.code(), Some(3));
    let says = "\"Startd At\" may be started_at: --preset native --column \"started_at=Startd At\"";
    assert!(ran.stderr().contains(says), "{}", ran.stderr());
    let advice = ["--preset", "native", "--column", "started_at=Startd At"];
    let ran = run(folder.path(), &["a.csv"], &advice);
    assert_eq!(ran.output.status.code(), Some(0), "{}", ran.stderr());
    // A name that is like none is not.
    let text = good_csv().replace("started_at", "Wann");
    put(folder.path(), "a.csv", text.as_bytes());
    let ran = run(folder.path(), &["a.csv"], &[]);
    assert!(!ran.stderr().contains("may be"), "{}", ran.stderr());
}
