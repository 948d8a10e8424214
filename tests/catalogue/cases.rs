//! Cases that no other test has.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type, Int96, Int96Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::Value;

use crate::common::small::{HEADER, put, row};

fn rundown(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rundown"))
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
        .args(args)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The report of one file as JSON.
fn report(folder: &Path, name: &str, bytes: &[u8], args: &[&str]) -> Value {
    put(folder, name, bytes);
    let output = rundown(
        folder,
        &[&["report", name, "-o", "-", "--format", "json"], args].concat(),
    );
    assert_eq!(output.status.code(), Some(0), "{name}: {}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// CSV of a hundred rows, of which so many are in another encoding.
fn in_another_encoding(count: u32) -> Vec<u8> {
    let mut bytes = format!("{HEADER}\n").into_bytes();
    for number in 0..100 {
        let scan: &[u8] = if number < count {
            b"t\xe4glich"
        } else {
            "täglich".as_bytes()
        };
        bytes.extend(scan);
        let day = number % 28 + 1;
        bytes.extend(format!(",r-{number},completed,2026-11-{day:02}T02:00:00Z,1\n").bytes());
    }
    bytes
}

#[test]
fn rows_in_another_encoding_are_set_aside_and_too_many_of_them_end_with_3() {
    for (count, code) in [(4, 0), (6, 3)] {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "runs.csv", &in_another_encoding(count));
        let output = rundown(folder.path(), &["report", "runs.csv", "-o", "out.json"]);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(
            said(&output).contains("--encoding windows-1252"),
            "{}",
            said(&output)
        );
        // The report is there in both cases, and counts what is not in it.
        let report = std::fs::read(folder.path().join("out.json")).unwrap();
        let report: Value = serde_json::from_slice(&report).unwrap();
        let inputs = &report["sections"]["inputs"];
        assert_eq!(inputs["reconciliation"]["rejected"], count);
        assert_eq!(inputs["reconciliation"]["used"], 100 - count);
        let rejects = inputs["rejects"].as_array().unwrap();
        assert!(
            rejects.iter().all(|reject| reject["code"] == "E-ENCODING"),
            "{rejects:?}"
        );
        // With the encoding named there is nothing to set aside, but then all of the file is in it.
        let named = [
            "report",
            "runs.csv",
            "-o",
            "out.json",
            "--encoding",
            "windows-1252",
        ];
        assert_eq!(rundown(folder.path(), &named).status.code(), Some(0));
    }
}

#[test]
fn columns_that_no_field_takes_change_nothing_and_are_named_by_check() {
    let folder = tempfile::tempdir().unwrap();
    let plain = format!("{HEADER}\n{}\n{}\n", row(1), row(2));
    let wide = format!(
        "{HEADER},Weather,shoe size\n{},rain,40\n{},sun,41\n",
        row(1),
        row(2)
    );
    let figures = |name: &str, text: &str| {
        report(folder.path(), name, text.as_bytes(), &[])["sections"]["overview"].clone()
    };
    assert_eq!(figures("plain.csv", &plain), figures("wide.csv", &wide));
    let output = rundown(folder.path(), &["check", "wide.csv"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let named = text.lines().filter(|line| line.contains("Weather")).count();
    assert_eq!(named, 1, "{text}");
    assert!(text.contains("Weather, shoe size"), "{text}");
}

/// When runs started, by their ids.
fn starts(report: &Value) -> Vec<(String, String)> {
    let rows = report["sections"]["runs"]["runs"].as_array().unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let mut starts: Vec<_> = rows
        .iter()
        .map(|row| (text(row, "run_id"), text(row, "started_at")))
        .collect();
    starts.sort();
    starts
}

#[test]
fn every_number_since_1970_tells_its_unit_also_among_others_in_its_column() {
    let folder = tempfile::tempdir().unwrap();
    // 2026-11-01T02:00:00Z. The years 2000 to 2100 of one unit are none of those years of another.
    let text = "scan,run_id,status,started_at\n\
        a,s,failed,1793498400\n\
        a,ms,failed,1793498400250\n\
        a,us,failed,1793498400250000\n\
        a,ns,failed,1793498400250000999\n";
    let report = report(folder.path(), "runs.csv", text.as_bytes(), &[]);
    let expected = [
        ("ms", "2026-11-01T02:00:00.250Z"),
        ("ns", "2026-11-01T02:00:00.250Z"),
        ("s", "2026-11-01T02:00:00Z"),
        ("us", "2026-11-01T02:00:00.250Z"),
    ];
    let starts = starts(&report);
    let starts: Vec<_> = starts
        .iter()
        .map(|(id, at)| (id.as_str(), at.as_str()))
        .collect();
    assert_eq!(starts[0], expected[0]);
    assert_eq!(starts[2..], expected[2..]);
    // A number of nanoseconds has more digits than a floating-point number, so its last microsecond may be another.
    assert!(
        starts[1].1.starts_with("2026-11-01T02:00:00.25"),
        "{starts:?}"
    );
}

/// One run as Parquet, with a time in each of the ways in which Parquet can hold one.
fn times() -> Vec<u8> {
    let schema = "message runs {
        optional binary run_id (UTF8);
        optional binary status (UTF8);
        optional int96 started_at;
        optional int64 ended_at (TIMESTAMP(NANOS,true));
        optional int64 queued_at (TIMESTAMP(MILLIS,false));
        optional int32 observed_at (DATE);
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let there = Some(&[1_i16][..]);
    for text in ["r-1", "completed"] {
        let mut column = group.next_column().unwrap().unwrap();
        let values = [ByteArray::from(text)];
        column
            .typed::<ByteArrayType>()
            .write_batch(&values, there, None)
            .unwrap();
        column.close().unwrap();
    }
    // Two hours of nanoseconds in a day, and the day: 2026-11-01 is 20,758 days after 1970-01-01, day 2,440,588.
    let of_day: u64 = 7_200_000_000_000;
    let mut start = Int96::new();
    let word = |at: u64| u32::try_from(at & 0xffff_ffff).unwrap();
    start.set_data(word(of_day), word(of_day >> 32), 2_440_588 + 20_758);
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<Int96Type>()
        .write_batch(&[start], there, None)
        .unwrap();
    column.close().unwrap();
    let day: i64 = 20_758 * 86_400;
    for value in [
        (day + 10_800) * 1_000_000_000 + 250_000_999,
        (day + 3_600) * 1_000,
    ] {
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&[value], there, None)
            .unwrap();
        column.close().unwrap();
    }
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<Int32Type>()
        .write_batch(&[20_759], there, None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn every_kind_of_time_that_parquet_has_is_the_instant_that_it_says() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "runs.parquet", &times());
    let args = ["convert", "runs.parquet", "-o", "-", "--format", "ndjson"];
    let output = rundown(folder.path(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let run: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (field, expected) in [
        ("started_at", "2026-11-01T02:00:00Z"),
        ("ended_at", "2026-11-01T03:00:00.250Z"),
        ("queued_at", "2026-11-01T01:00:00Z"),
        ("observed_at", "2026-11-02T00:00:00Z"),
    ] {
        assert_eq!(run[field], expected, "{field}");
    }
}

/// NDJSON of failed runs with these messages.
fn failed(messages: &[String]) -> String {
    let lines = messages.iter().enumerate().map(|(number, message)| {
        let run = serde_json::json!({
            "scan": "daily", "run_id": format!("r-{number}"), "status": "failed",
            "started_at": format!("2026-11-{:02}T02:00:00Z", number % 28 + 1), "error_message": message,
        });
        format!("{run}\n")
    });
    lines.collect()
}

#[test]
fn a_message_of_a_megabyte_is_grouped_by_its_beginning_and_cut_with_its_length() {
    let folder = tempfile::tempdir().unwrap();
    // Same in the first 8,000 bytes, and other behind them.
    let message = |end: &str| format!("the disk is full {}{end}", "word ".repeat(210_000));
    let messages = ["tail", "another"].map(message);
    let text = failed(&messages);
    assert!(messages[0].len() > 1_000_000);
    put(folder.path(), "runs.ndjson", text.as_bytes());
    let output = rundown(
        folder.path(),
        &[
            "report",
            "runs.ndjson",
            "-o",
            "a.html",
            "-o",
            "a.md",
            "-o",
            "a.json",
            "-o",
            "a.txt",
        ],
    );
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let json: Value = serde_json::from_str(&read("a.json")).unwrap();
    let errors = json["sections"]["errors"]["signatures"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["runs"], 2);
    // JSON has the newest message whole.
    assert_eq!(
        errors[0]["example"].as_str().map(str::trim),
        Some(messages[1].as_str())
    );
    // Behind the first 500 characters there are 17 + 5 × 210,000 + 7 − 500 more.
    let html = read("a.html");
    assert!(html.contains("… cut here, 1,049,524 more characters"));
    for (name, most) in [("a.html", 200_000), ("a.md", 65_000 * 4), ("a.txt", 20_000)] {
        assert!(
            read(name).len() < most,
            "{name} has {} bytes",
            read(name).len()
        );
    }
}

#[test]
fn messages_that_are_hard_on_patterns_are_read_in_seconds() {
    let size = 200_000;
    let of = |piece: &str| piece.repeat(size / piece.len());
    let messages: Vec<String> = [
        "a",
        "(",
        "[",
        "\"",
        "'",
        "\\",
        "=",
        "a=",
        "; pwd=x ",
        "password=",
        "Bearer ",
        "1.",
        "10.0.0.",
        "aaaaaaaaa!",
        "0123456789abcdef",
        "https://a:b@",
        "{\"a\":",
        "<a ",
        "%25",
        "a@",
        "Type=a,Message=",
        "2026-11-01T",
        "-----BEGIN ",
        "/a",
        "\u{e9}\u{301}",
        "eyJhbGciOi.",
        "&quot;",
        "\n",
        "x \t",
    ]
    .map(of)
    .to_vec();
    let count = messages.len();
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let report = report(
        folder.path(),
        "runs.ndjson",
        failed(&messages).as_bytes(),
        &["--last", "all"],
    );
    let books = &report["sections"]["inputs"]["reconciliation"];
    assert_eq!(books["used"], count, "{books}");
    // Six megabytes; a pattern whose time grows with the square would take hours.
    assert!(
        began.elapsed() < Duration::from_mins(1),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn calls_at_the_same_time_leave_one_whole_report() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{HEADER}\n{}\n{}\n", row(1), row(2));
    put(folder.path(), "runs.csv", text.as_bytes());
    let names = ["a.html", "a.json", "a.md"];
    let args = [
        "report", "runs.csv", "-o", "a.html", "-o", "a.json", "-o", "a.md",
    ];
    let read = || names.map(|name| std::fs::read(folder.path().join(name)).unwrap());
    assert!(rundown(folder.path(), &args).status.success());
    let expected = read();
    for _ in 0..3 {
        std::thread::scope(|scope| {
            let calls: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| rundown(folder.path(), &args)))
                .collect();
            for call in calls {
                let output = call.join().unwrap();
                assert_eq!(output.status.code(), Some(0), "{}", said(&output));
            }
        });
        assert!(read() == expected);
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(
        left.len(),
        names.len() + 1,
        "nothing else is left: {left:?}"
    );
}
