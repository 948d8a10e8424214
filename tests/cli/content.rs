//! The same call gives the same bytes, filters account for what they leave out, converted runs give the same
//! report, and secrets stay out of everything.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::{names, report, rundown, samples};

#[test]
fn the_same_call_gives_the_same_bytes_in_every_format() {
    let folder = samples();
    for (command, format) in [
        ("report", "html"),
        ("report", "markdown"),
        ("report", "json"),
        ("report", "text"),
        ("convert", "csv"),
        ("convert", "ndjson"),
        ("convert", "parquet"),
    ] {
        let args = [command, "sample_data", "-o", "-", "--format", format];
        let first = rundown(folder.path(), &args).ends(0);
        assert!(first.bytes.len() > 1000, "{command} {format}");
        for _ in 0..2 {
            let again = rundown(folder.path(), &args).ends(0);
            assert!(first.bytes == again.bytes, "{command} {format} differs");
            assert_eq!(first.err, again.err, "{command} {format}");
        }
    }
}

#[test]
fn a_page_keeps_to_its_limit_and_leaves_its_script_out_when_asked() {
    let folder = samples();
    let page = |args: &[&str]| {
        let all = [&["report", "sample_data", "-o", "a.html"], args].concat();
        rundown(folder.path(), &all).ends(0);
        std::fs::read_to_string(folder.path().join("a.html")).unwrap()
    };
    let whole = page(&[]);
    assert!(whole.contains("<script>") && !whole.contains("this page leaves out"));
    assert_eq!(
        page(&["--max-bytes", "0"]).len(),
        whole.len() + " --max-bytes 0".len()
    );
    let small = page(&["--max-bytes", "450kB"]);
    assert!(
        small.len() <= 450_000 && whole.len() > 450_000,
        "{}",
        small.len()
    );
    assert!(small.contains("To open fast and stay near 450.0 kB, this page leaves out "));
    // The failures of the scan that broke are all there.
    let failures = |page: &str| page.matches("<b class=\"fail\">Failed</b>").count();
    assert_eq!(failures(&small), failures(&whole));
    let plain = page(&["--no-script"]);
    assert!(!plain.contains("<script") && plain.contains("and holds no script."));
}

#[test]
fn a_file_and_standard_output_hold_the_same_bytes() {
    let folder = samples();
    for (command, format, name) in [
        ("report", "html", "a.html"),
        ("report", "markdown", "a.md"),
        ("report", "json", "a.json"),
        ("report", "text", "a.txt"),
        ("convert", "csv", "b.csv"),
        ("convert", "ndjson", "b.ndjson"),
        ("convert", "parquet", "b.parquet"),
    ] {
        let args = [command, "sample_data", "-o", "-", "--format", format];
        let printed = rundown(folder.path(), &args).ends(0).bytes;
        rundown(folder.path(), &[command, "sample_data", "-o", name]).ends(0);
        let written = std::fs::read(folder.path().join(name)).unwrap();
        if command == "convert" {
            assert!(printed == written, "{name} differs from standard output");
            continue;
        }
        // A report says by which call it was made.
        let without = |bytes, call: &str| {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(call), "{name}");
            text.replace(call, "")
        };
        assert!(
            without(printed, &format!(" -o - --format {format}"))
                == without(written, &format!(" -o {name}")),
            "{name} differs from standard output"
        );
    }
}

/// Findings about the files that were read, not about the runs in them.
const OF_FILES: [&str; 3] = [
    "export_may_be_cut",
    "conflicting_records",
    "unmapped_status",
];

/// The sections of a report but `inputs`, and without what they say of the files.
fn sections(mut report: Value) -> Value {
    let mut sections = report["sections"].take();
    sections.as_object_mut().unwrap().remove("inputs").unwrap();
    let overview = sections["overview"].as_object_mut().unwrap();
    overview.remove("books").unwrap();
    let findings = sections["findings"]["findings"].as_array_mut().unwrap();
    findings.retain(|row| !OF_FILES.contains(&row["kind"].as_str().unwrap()));
    sections
}

#[test]
fn converted_runs_give_the_report_of_the_files_they_come_from() {
    let folder = samples();
    let options = ["--last", "all", "--tz", "Europe/Berlin"];
    let direct = report(folder.path(), &[&["sample_data"], &options[..]].concat());
    // 1221 distinct runs, as sample_data/README.md says.
    let used = |report: &Value| report["sections"]["inputs"]["reconciliation"]["used"].clone();
    assert_eq!(used(&direct), 1221);
    for name in ["runs.parquet", "runs.csv", "runs.ndjson"] {
        rundown(folder.path(), &["convert", "sample_data", "-o", name]).ends(0);
        let back = report(folder.path(), &[&[name], &options[..]].concat());
        assert_eq!(used(&back), 1221, "{name}");
        assert_eq!(
            back["sections"]["inputs"]["reconciliation"]["superseded"], 0,
            "{name}"
        );
        for key in ["as_of", "window", "time_zone", "title"] {
            assert_eq!(direct[key], back[key], "{name}: {key}");
        }
        let (one, other) = (sections(direct.clone()), sections(back));
        for (section, value) in one.as_object().unwrap() {
            assert_eq!(&other[section], value, "{name}: {section}");
        }
        // What was converted once is converted again without a change.
        let args = ["convert", name, "-o", "-", "--format", "ndjson"];
        let again = rundown(folder.path(), &args).ends(0);
        let args = ["convert", "sample_data", "-o", "-", "--format", "ndjson"];
        let first = rundown(folder.path(), &args).ends(0);
        assert!(
            again.bytes == first.bytes,
            "{name}: converting twice changes something"
        );
    }
}

fn book(report: &Value, key: &str) -> i64 {
    report["sections"]["inputs"]["reconciliation"][key]
        .as_i64()
        .unwrap()
}

#[test]
fn a_filter_and_its_opposite_add_up_to_everything() {
    let folder = samples();
    let all = report(folder.path(), &["sample_data", "--last", "all"]);
    for (option, pattern) in [
        ("--system", "purview"),
        ("--source", "sql-*,snow-dwh"),
        ("--source-type", "Azure*"),
        ("--scan", "daily"),
        ("--outcome", "failed,partial"),
        ("--run-type", "full"),
        ("--trigger", "manual"),
    ] {
        let filtered = |pattern: &str| {
            report(
                folder.path(),
                &["sample_data", "--last", "all", option, pattern],
            )
        };
        let opposite: Vec<String> = pattern.split(',').map(|word| format!("!{word}")).collect();
        let (with, without) = (filtered(pattern), filtered(&opposite.join(",")));
        let what = format!("{option} {pattern}");
        assert!(
            book(&with, "used") > 0 && book(&without, "used") > 0,
            "{what}"
        );
        assert_eq!(
            book(&with, "used") + book(&without, "used"),
            book(&all, "used"),
            "{what}"
        );
        // What one leaves out is what the other takes.
        assert_eq!(book(&with, "filtered"), book(&without, "used"), "{what}");
        assert_eq!(book(&without, "filtered"), book(&with, "used"), "{what}");
        for report in [&with, &without] {
            for key in ["read", "rejected", "superseded"] {
                assert_eq!(book(report, key), book(&all, key), "{what}: {key}");
            }
            assert_eq!(
                report["sections"]["inputs"]["reconciliation"]["balanced"], true,
                "{what}"
            );
            assert_eq!(report["as_of"], all["as_of"], "{what}");
        }
        let figure = |report: &Value, key: &str| {
            report["sections"]["overview"]["figures"][key]
                .as_i64()
                .unwrap()
        };
        for key in [
            "runs",
            "succeeded",
            "partial",
            "failed",
            "cancelled",
            "active",
            "unknown",
        ] {
            assert_eq!(
                figure(&with, key) + figure(&without, key),
                figure(&all, key),
                "{what}: {key}"
            );
        }
    }
}

#[test]
fn filters_keep_the_named_scans_as_they_are_and_no_other() {
    let folder = samples();
    let scans = |args: &[&str]| -> BTreeSet<String> {
        let report = report(folder.path(), &[&["sample_data"], args].concat());
        let rows = report["sections"]["scans"]["scans"]
            .as_array()
            .unwrap()
            .clone();
        rows.iter().map(Value::to_string).collect()
    };
    let all = scans(&[]);
    let (sql, others) = (
        scans(&["--source", "sql-*"]),
        scans(&["--source", "!sql-*"]),
    );
    assert!(
        sql.iter().all(|row| row.contains("\"source\":\"sql-")),
        "{sql:?}"
    );
    assert!(sql.is_disjoint(&others));
    assert_eq!(sql.union(&others).cloned().collect::<BTreeSet<_>>(), all);
    // Repeated options and lists say the same; several options must all hold.
    let twice = scans(&["--source", "sql-*", "--source", "snow-dwh"]);
    assert_eq!(twice, scans(&["--source", "sql-*,snow-dwh"]));
    let both = scans(&["--source", "sql-*", "--scan", "daily"]);
    assert!(!both.is_empty() && both.is_subset(&sql) && both.len() < sql.len());
}

/// Every file below a folder but the samples themselves.
fn written(folder: &Path) -> Vec<(String, Vec<u8>)> {
    names(folder)
        .into_iter()
        .filter(|name| !name.ends_with('/'))
        .map(|name| {
            let bytes = std::fs::read(folder.join(&name)).unwrap();
            (name, bytes)
        })
        .collect()
}

#[test]
fn the_planted_password_is_in_no_output() {
    let folder = samples();
    let source =
        std::fs::read_to_string(folder.path().join("sample_data/other-systems.csv")).unwrap();
    assert!(
        source.contains("Ex@mple-0nly-Passw0rd"),
        "the sample still holds the planted password"
    );
    let mut outputs: Vec<(String, Vec<u8>)> = Vec::new();
    for args in [
        &["report", "sample_data"][..],
        &[
            "report",
            "sample_data",
            "--last",
            "all",
            "-o",
            "a.html",
            "-o",
            "a.json",
            "-o",
            "a.txt",
            "-o",
            "a.md",
            "--max-chars",
            "0",
        ],
        &["report", "sample_data", "-o", "-", "--format", "html"],
        &["report", "sample_data", "-o", "-", "--format", "json"],
        &["report", "sample_data", "-o", "-", "--format", "text"],
        &[
            "report",
            "sample_data",
            "--scan",
            "copy-orders-to-lake",
            "-o",
            "b.html",
        ],
        &["summary", "sample_data"],
        &[
            "summary",
            "sample_data",
            "--outcome",
            "failed",
            "--color",
            "always",
        ],
        &["convert", "sample_data", "-o", "c.csv"],
        &["convert", "sample_data", "-o", "c.ndjson"],
        // Text in a Parquet file may be compressed, so what it holds is converted back.
        &["convert", "sample_data", "-o", "c.parquet"],
        &["convert", "c.parquet", "-o", "-", "--format", "ndjson"],
    ] {
        let done = rundown(folder.path(), args).ends(0);
        outputs.push((format!("{args:?} stdout"), done.bytes));
        outputs.push((format!("{args:?} stderr"), done.err.into_bytes()));
    }
    // A reject quotes what it found; a row of another width is quoted whole.
    let row = source
        .lines()
        .find(|line| line.contains("Ex@mple"))
        .unwrap();
    let broken = format!("{}\n{row},\n", source.lines().next().unwrap());
    let unclosed = format!("{}\n{row}\"x\n", source.lines().next().unwrap());
    for (name, text) in [("wide.csv", broken), ("quote.csv", unclosed)] {
        std::fs::create_dir_all(folder.path().join("bad")).unwrap();
        std::fs::write(folder.path().join("bad").join(name), text).unwrap();
        let path = format!("bad/{name}");
        let done = rundown(folder.path(), &["report", &path]).ends(3);
        assert!(done.err.contains("E-CSV"), "{}", done.err);
        outputs.push((format!("{name} stderr"), done.err.into_bytes()));
    }
    outputs.extend(written(folder.path()));
    // The message itself is there, with something in the place of the password.
    let seen = outputs
        .iter()
        .filter(|(_, bytes)| has(bytes, "Cannot connect to SQL Server"))
        .count();
    assert!(seen > 5, "the message is shown in {seen} outputs");
    for (name, bytes) in outputs {
        for secret in ["Ex@mple", "mple-0nly", "0nly-Passw0rd", "Passw0rd"] {
            assert!(!has(&bytes, secret), "{secret} in {name}");
        }
    }
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}
