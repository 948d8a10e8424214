//! Files that are small or short to write and would take gigabytes or hours to read.

use std::time::{Duration, Instant};

use crate::{Column, HEADER, parquet, put, row, run};

/// The codes that this file is about. That a file became shorter while it was read is tested where files are read.
pub(crate) const CODES: [&str; 2] = ["E-TOO-LONG", "E-FILE-CHANGED"];

/// Bytes of a record that is too long, and of one that is not.
const LONG: usize = 17 << 20;
const SHORT: usize = 15 << 20;

/// A run as NDJSON with a message of this length.
fn line(number: u32, message: usize) -> String {
    format!(
        "{{\"scan\":\"daily\",\"run_id\":\"r{number}\",\"status\":\"failed\",\"started_at\":\"2026-11-01T02:00:00Z\",\"error_message\":\"{}\"}}\n",
        "x ".repeat(message / 2)
    )
}

/// Reads one file; the numbers of records read, used and rejected, and the first reject's line and code.
fn read(name: &str, bytes: &[u8]) -> ([i64; 3], (i64, String)) {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), name, bytes);
    let ran = run(folder.path(), &[name], &[]);
    let json = ran
        .json
        .as_ref()
        .unwrap_or_else(|| panic!("{}", ran.stderr()));
    let inputs = &json["sections"]["inputs"];
    assert_eq!(inputs["reconciliation"]["balanced"], true, "{inputs}");
    let number = |key: &str| inputs["reconciliation"][key].as_i64().unwrap();
    let first = &inputs["rejects"][0];
    let code = first["code"].as_str().unwrap_or_default().to_owned();
    (
        ["read", "used", "rejected"].map(number),
        (first["line"].as_i64().unwrap_or_default(), code),
    )
}

#[test]
fn a_record_that_is_too_long_is_rejected_and_the_next_one_is_read() {
    let too_long = (3, "E-TOO-LONG".to_owned());
    let plain = "x".repeat(LONG);
    let text = format!(
        "{HEADER}\n{}\n{plain},r,failed,2026-11-01,1\n{}\n",
        row(1),
        row(2)
    );
    assert_eq!(
        read("a.csv", text.as_bytes()),
        ([3, 2, 1], too_long.clone())
    );
    // The last line, and lines that end as on an old Mac.
    let text = format!("{HEADER}\n{}\n{plain}", row(1));
    assert_eq!(
        read("b.csv", text.as_bytes()),
        ([2, 1, 1], too_long.clone())
    );
    let text = format!("{HEADER}\r{}\r{plain}\r{}\r", row(1), row(2));
    assert_eq!(
        read("c.csv", text.as_bytes()),
        ([3, 2, 1], too_long.clone())
    );

    let text = [line(1, 0), line(2, 0), line(3, LONG), line(4, 0)].concat();
    assert_eq!(
        read("d.ndjson", text.as_bytes()),
        ([4, 3, 1], too_long.clone())
    );

    let message: &'static [u8] = vec![b'x'; LONG].leak();
    let table = parquet(&[
        (
            "binary run_id (UTF8)",
            Column::Text(vec![Some(b"a"), Some(b"b"), Some(b"c"), Some(b"d")]),
        ),
        (
            "binary status (UTF8)",
            Column::Text(vec![Some(b"failed"); 4]),
        ),
        (
            "int64 started_at (TIMESTAMP(MICROS,true))",
            Column::Int(vec![Some(crate::T); 4]),
        ),
        (
            "binary error_message (UTF8)",
            Column::Text(vec![Some(b"no"), None, Some(message), Some(b"no")]),
        ),
    ]);
    assert_eq!(read("e.parquet", &table), ([4, 3, 1], too_long));
}

#[test]
fn a_record_within_the_limit_is_a_record() {
    let text = [line(1, 0), line(2, SHORT)].concat();
    assert_eq!(read("a.ndjson", text.as_bytes()).0, [2, 2, 0]);
    let long = format!(
        "\"{}\",r,failed,2026-11-01T02:00:00Z,1",
        "x\n".repeat(SHORT / 2)
    );
    let text = format!("{HEADER}\n{}\n{long}\n{}\n", row(1), row(2));
    assert_eq!(read("b.csv", text.as_bytes()).0, [3, 3, 0]);
}

#[test]
fn blank_lines_are_no_record_however_many() {
    for (end, lines) in [("\n", LONG), ("\r\n", LONG / 2)] {
        let text = format!(
            "{HEADER}\n{}\n{}{}\nbad\n",
            row(1),
            end.repeat(lines),
            row(2)
        );
        let bad = i64::try_from(lines).unwrap() + 4;
        assert_eq!(
            read("a.csv", text.as_bytes()),
            ([3, 2, 1], (bad, "E-CSV-WIDTH".to_owned()))
        );
    }
}

/// A mark that is not closed makes a record of everything behind it. Only its own row is lost.
#[test]
fn a_quotation_mark_before_more_rows_than_a_record_may_hold_costs_one_row() {
    let one = format!("daily,{:07},failed,2026-11-01T02:00:00Z,1\n", 0);
    let rows = LONG / one.len();
    let mut text = format!("{HEADER}\n{}\n\"{}\n", row(1), row(2));
    for number in 0..rows {
        text.push_str(&format!(
            "daily,{number:07},failed,2026-11-01T02:00:00Z,1\n"
        ));
    }
    let rows = i64::try_from(rows).unwrap();
    let ([read, used, rejected], (line, _)) = read("a.csv", text.as_bytes());
    assert_eq!((read, used, rejected, line), (rows + 2, rows + 1, 1, 3));
}

#[test]
fn what_unpacks_to_more_than_a_thousand_times_its_size_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let blank = vec![b'\n'; 65 << 20];
    let text = format!("{HEADER}\n{}\n", row(1));
    let mut packed = zstd::encode_all(text.as_bytes(), 1).unwrap();
    packed.extend(zstd::encode_all(&blank[..], 1).unwrap());
    assert!(packed.len() < 60_000, "{}", packed.len());
    put(folder.path(), "bomb.csv.zst", &packed);
    let ran = run(folder.path(), &["bomb.csv.zst"], &[]);
    assert_eq!(ran.output.status.code(), Some(3), "{}", ran.stderr());
    let says = "bomb.csv.zst:1: E-COMPRESSED\n       found \"the zstd data unpacks to more than 1000 times its size\"";
    assert!(ran.stderr().contains(says), "{}", ran.stderr());
}

#[test]
fn a_parquet_file_with_more_rows_than_its_bytes_can_hold_is_refused() {
    let rows = 3_000_000;
    let table = parquet(&[
        (
            "binary status (UTF8)",
            Column::Text(vec![Some(b"failed"); rows]),
        ),
        (
            "int64 started_at (TIMESTAMP(MICROS,true))",
            Column::Int(vec![Some(crate::T); rows]),
        ),
        ("int64 row_count", Column::Int(vec![Some(1); rows])),
    ]);
    assert!(table.len() < 30_000, "{}", table.len());
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "bomb.parquet", &table);
    let ran = run(folder.path(), &["bomb.parquet"], &[]);
    assert_eq!(ran.output.status.code(), Some(3), "{}", ran.stderr());
    let says = format!("it claims to have {rows} rows in {} bytes", table.len());
    assert!(ran.stderr().contains(&says), "{}", ran.stderr());
}

/// Each of these took minutes or hours when a mistake cost as much as all the text behind or before it.
#[test]
fn a_megabyte_of_mistakes_is_read_in_seconds() {
    let header = format!("{HEADER}\n{}\n", row(1));
    let of = |piece: &str| piece.repeat((1 << 20) / piece.len());
    let swallowing = format!("\"{}\n{}\n", row(2), row(3));
    for (name, text) in [
        ("a.json", of("{\n")),
        ("b.json", of("{\"a\":1,}\n")),
        ("c.json", of("{\"a\":\n")),
        (
            "d.json",
            of("{\n \"run_id\": \"a\",\n \"status\": \"failed\",\n}\n"),
        ),
        ("e.json", of("{\"a\":[\n")),
        ("f.csv", header.clone() + &of("\"a\n")),
        ("g.csv", header.clone() + &of("\"a\"\"b,\"\"c\n")),
        ("h.csv", header.clone() + &of(&swallowing)),
        ("i.csv", header.clone() + &of("\"\n")),
        ("j.csv", header + &of("a,\"\n")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), name, text.as_bytes());
        let began = Instant::now();
        let ran = run(folder.path(), &[name], &[]);
        let code = ran.output.status.code();
        assert!(
            matches!(code, Some(0 | 3)),
            "{name}: {code:?} {}",
            ran.stderr()
        );
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{name}: {:?}",
            began.elapsed()
        );
    }
}
