//! The same runs give the same report, however they are written, ordered, split or repeated; and no record
//! is lost on the way.
//!
//! Each test makes runs up, writes them twice in ways that must not matter, and compares the text of every
//! section but `inputs`, which tells of the files themselves.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "a test may panic, and its numbers are small"
)]
#![allow(dead_code, reason = "each test file uses a part of the shared helpers")]

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use common::Random;
use common::generate::case;
use common::report::{assert_same, run};
use common::vocabulary::NO_TIMES;
use common::write::{self, Cell, Row, TimeStyle};

/// Whether the row has one of the times that make it usable.
fn usable(row: &Row) -> bool {
    ["started_at", "queued_at", "ended_at"]
        .iter()
        .any(|name| matches!(row.get(name), Some(Cell::Time(micros)) if !NO_TIMES.contains(micros)))
}

/// The usable rows of one seed.
fn rows(seed: u64) -> Vec<Row> {
    case(seed).rows.into_iter().filter(usable).collect()
}

/// The arguments that show the most: every run, by day, in a zone with daylight saving time.
const ALL: [&str; 6] = ["--tz", "Europe/Berlin", "--last", "all", "--by", "week"];

fn write_csv(folder: &Path, name: &str, rows: &[Row]) -> PathBuf {
    let path = folder.join(name);
    write::csv(&path, rows, &write::all_columns(), TimeStyle::Zulu);
    path
}

#[test]
fn csv_json_ndjson_parquet_and_gzip_of_the_same_runs_give_the_same_sections() {
    for seed in [1, 2, 3] {
        let rows = case(seed).rows;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let columns = write::all_columns();
        write_csv(folder.path(), "runs.csv", &rows);
        write::json(&at("runs.json"), &rows, TimeStyle::Zulu);
        write::ndjson(&at("runs.ndjson"), &rows, TimeStyle::Zulu);
        write::parquet(&at("runs.parquet"), &rows);
        write::gzip(
            &at("runs.csv.gz"),
            &write::csv_bytes(&rows, &columns, TimeStyle::Zulu),
        );
        write::gzip(
            &at("runs.ndjson.gz"),
            &write::ndjson_bytes(&rows, TimeStyle::Zulu),
        );
        let csv = run(folder.path(), &[at("runs.csv")], &ALL);
        for name in [
            "runs.json",
            "runs.ndjson",
            "runs.parquet",
            "runs.csv.gz",
            "runs.ndjson.gz",
        ] {
            let other = run(folder.path(), &[at(name)], &ALL);
            assert_same(&csv, &other, &format!("seed {seed}: CSV and {name}"));
            assert_eq!(csv.books(), other.books(), "seed {seed}: CSV and {name}");
        }
    }
}

#[test]
fn the_order_of_records_changes_nothing() {
    for seed in 10..16 {
        let mut rows = case(seed).rows;
        let folder = tempfile::tempdir().unwrap();
        let first = run(
            folder.path(),
            &[write_csv(folder.path(), "one.csv", &rows)],
            &ALL,
        );
        Random::new(seed).shuffle(&mut rows);
        let shuffled = run(
            folder.path(),
            &[write_csv(folder.path(), "two.csv", &rows)],
            &ALL,
        );
        assert_same(&first, &shuffled, &format!("seed {seed}: shuffled"));
        rows.reverse();
        let reversed = run(
            folder.path(),
            &[write_csv(folder.path(), "three.csv", &rows)],
            &ALL,
        );
        assert_same(&first, &reversed, &format!("seed {seed}: reversed"));
        assert_eq!(first.books(), shuffled.books());
        assert_eq!(first.books(), reversed.books());
    }
}

#[test]
fn ten_files_are_worth_one_and_their_order_does_not_matter() {
    for seed in 20..25 {
        let rows = case(seed).rows;
        let folder = tempfile::tempdir().unwrap();
        let whole = run(
            folder.path(),
            &[write_csv(folder.path(), "whole.csv", &rows)],
            &ALL,
        );
        let size = rows.len().div_ceil(10);
        let mut parts: Vec<PathBuf> = rows
            .chunks(size)
            .enumerate()
            .map(|(n, part)| write_csv(folder.path(), &format!("part-{n}.csv"), part))
            .collect();
        let split = run(folder.path(), &parts, &ALL);
        assert_same(&whole, &split, &format!("seed {seed}: ten files"));
        assert_eq!(whole.books(), split.books(), "seed {seed}");
        parts.reverse();
        let backwards = run(folder.path(), &parts, &ALL);
        assert_same(
            &whole,
            &backwards,
            &format!("seed {seed}: ten files backwards"),
        );
        assert_eq!(whole.books(), backwards.books(), "seed {seed}");
    }
}

#[test]
fn the_same_file_under_two_names_is_read_once_and_the_copy_is_listed_as_skipped() {
    for seed in 30..36 {
        let rows = rows(seed);
        let folder = tempfile::tempdir().unwrap();
        let files = [
            write_csv(folder.path(), "one.csv", &rows),
            write_csv(folder.path(), "two.csv", &rows),
        ];
        let once = run(folder.path(), &files[..1], &ALL);
        let twice = run(folder.path(), &files, &ALL);
        assert_same(&once, &twice, &format!("seed {seed}: twice"));
        assert_eq!(once.books(), twice.books(), "seed {seed}");
        let inputs = &twice.json["sections"]["inputs"];
        assert_eq!(inputs["files"].as_array().unwrap().len(), 1, "seed {seed}");
        let notes = inputs["notes"].to_string();
        let says = "two.csv was skipped: the same bytes as ";
        assert!(notes.contains(says), "seed {seed}: {notes}");
    }
}

#[test]
fn the_same_records_in_another_file_only_add_superseded_records() {
    for seed in 30..33 {
        let rows = rows(seed);
        let folder = tempfile::tempdir().unwrap();
        let file = write_csv(folder.path(), "one.csv", &rows);
        let mut once = run(folder.path(), std::slice::from_ref(&file), &ALL);
        // One more line break makes it another file.
        let other = folder.path().join("two.csv");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&other, text + "\n").unwrap();
        let mut twice = run(folder.path(), &[file, other], &ALL);
        // This finding counts records, of which there are more; everything else is about runs.
        for report in [&mut once, &mut twice] {
            let findings = report.sections.get_mut("findings").unwrap();
            let mut section: Value = serde_json::from_str(findings).unwrap();
            let rows = section["findings"].as_array_mut().unwrap();
            rows.retain(|row| row["kind"] != "unmapped_status");
            *findings = section.to_string();
        }
        assert_same(&once, &twice, &format!("seed {seed}: twice"));
        let mut books = once.books();
        let count = rows.len() as i64;
        *books.get_mut("read").unwrap() += count;
        *books.get_mut("superseded").unwrap() += count;
        assert_eq!(books, twice.books(), "seed {seed}");
    }
}

#[test]
fn the_order_and_spelling_of_columns_and_columns_nobody_knows_change_nothing() {
    for seed in 40..44 {
        let mut rows = case(seed).rows;
        let folder = tempfile::tempdir().unwrap();
        let first = run(
            folder.path(),
            &[write_csv(folder.path(), "one.csv", &rows)],
            &ALL,
        );

        let mut columns = write::all_columns();
        Random::new(seed).shuffle(&mut columns);
        for (number, row) in rows.iter_mut().enumerate() {
            row.insert("Weather", Cell::Text(format!("rain {number}")));
            row.insert("shoe size", Cell::Count(40));
        }
        columns.insert(0, "Weather");
        columns.push("shoe size");
        let path = folder.path().join("two.csv");
        write::csv(&path, &rows, &columns, TimeStyle::Zulu);
        assert_same(
            &first,
            &run(folder.path(), std::slice::from_ref(&path), &ALL),
            &format!("seed {seed}: other columns"),
        );

        // Case, spaces, `_`, `-` and a trailing `[UTC]` of a header do not matter.
        let text = std::fs::read_to_string(&path).unwrap();
        let (header, body) = text.split_once('\n').unwrap();
        let header = header
            .replace("started_at", "StartedAt [UTC]")
            .replace("run_id", "Run-ID")
            .replace("status", "STATUS")
            .replace("assets_discovered", "Assets discovered");
        let path = folder.path().join("three.csv");
        std::fs::write(&path, format!("{header}\n{body}")).unwrap();
        assert_same(
            &first,
            &run(folder.path(), &[path], &ALL),
            &format!("seed {seed}: spelled headers"),
        );
    }
}

#[test]
fn the_same_instants_written_otherwise_change_nothing() {
    for seed in 50..54 {
        let mut rows = rows(seed);
        for row in &mut rows {
            row.retain(|_, cell| !matches!(cell, Cell::Time(micros) if NO_TIMES.contains(micros)));
        }
        let folder = tempfile::tempdir().unwrap();
        let first = run(
            folder.path(),
            &[write_csv(folder.path(), "zulu.csv", &rows)],
            &ALL,
        );
        for style in [
            TimeStyle::Offset,
            TimeStyle::SevenDigits,
            TimeStyle::Naive,
            TimeStyle::Epoch,
        ] {
            let csv = folder.path().join("other.csv");
            write::csv(&csv, &rows, &write::all_columns(), style);
            assert_same(
                &first,
                &run(folder.path(), &[csv], &ALL),
                &format!("seed {seed}: CSV, {style:?}"),
            );
            let json = folder.path().join("other.json");
            write::json(&json, &rows, style);
            assert_same(
                &first,
                &run(folder.path(), &[json], &ALL),
                &format!("seed {seed}: JSON, {style:?}"),
            );
        }
    }
}

#[test]
fn the_same_call_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let file = write_csv(folder.path(), "runs.csv", &case(60).rows);
    let mut texts = Vec::new();
    for _ in 0..4 {
        run(folder.path(), std::slice::from_ref(&file), &ALL);
        texts.push(std::fs::read(folder.path().join("out.json")).unwrap());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1);
}

/// The number of runs of each day that has any, by the report's buckets.
fn runs_by_day(zone: &str, starts: &[&str]) -> Vec<(String, i64)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.csv");
    let mut text = "source,scan,run_id,status,started_at\n".to_owned();
    for (number, start) in starts.iter().enumerate() {
        writeln!(text, "a,s,{number},Succeeded,{start}").unwrap();
    }
    std::fs::write(&path, text).unwrap();
    let report = run(
        folder.path(),
        &[path],
        &["--tz", zone, "--last", "all", "--by", "day"],
    );
    let rows = report.json["sections"]["outcomes"]["by_period"]
        .as_array()
        .unwrap()
        .clone();
    let with_runs = rows.iter().filter(|row| row["runs"] != 0);
    with_runs
        .map(|row| {
            (
                row["start"].as_str().unwrap().to_owned(),
                row["runs"].as_i64().unwrap(),
            )
        })
        .collect()
}

fn days(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected
        .iter()
        .map(|(day, runs)| ((*day).to_owned(), *runs))
        .collect()
}

#[test]
fn runs_around_the_last_sunday_of_march_lie_on_their_dates_in_berlin() {
    let starts = [
        "2024-03-30T22:59:59Z", // 23:59:59 on Saturday the 30th, UTC+1
        "2024-03-30T23:00:00Z", // 00:00:00 on Sunday the 31st
        "2024-03-31T00:59:59Z", // 01:59:59 on Sunday, the last second before the clock jumps
        "2024-03-31T01:00:00Z", // 03:00:00 on Sunday, UTC+2
        "2024-03-31T21:59:59Z", // 23:59:59 on Sunday
        "2024-03-31T22:00:00Z", // 00:00:00 on Monday, 1 April
    ];
    let expected = days(&[("2024-03-30", 1), ("2024-03-31", 4), ("2024-04-01", 1)]);
    assert_eq!(runs_by_day("Europe/Berlin", &starts), expected);
}

#[test]
fn runs_around_the_last_sunday_of_october_lie_on_their_dates_in_berlin() {
    let starts = [
        "2024-10-26T21:59:59Z", // 23:59:59 on Saturday the 26th, UTC+2
        "2024-10-26T22:00:00Z", // 00:00:00 on Sunday the 27th
        "2024-10-27T00:30:00Z", // 02:30:00 on Sunday, the first time
        "2024-10-27T01:30:00Z", // 02:30:00 on Sunday, the second time, UTC+1
        "2024-10-27T22:59:59Z", // 23:59:59 on Sunday, a day of 25 hours
        "2024-10-27T23:00:00Z", // 00:00:00 on Monday the 28th
    ];
    let expected = days(&[("2024-10-26", 1), ("2024-10-27", 4), ("2024-10-28", 1)]);
    assert_eq!(runs_by_day("Europe/Berlin", &starts), expected);
}

#[test]
fn runs_around_a_midnight_that_does_not_exist_lie_on_their_dates_in_sao_paulo() {
    let starts = [
        "2018-11-04T02:59:59Z", // 23:59:59 on Saturday the 3rd, UTC−3
        "2018-11-04T03:00:00Z", // 01:00:00 on Sunday the 4th, UTC−2: there was no 00:00
        "2018-11-05T01:59:59Z", // 23:59:59 on Sunday the 4th, a day of 23 hours
        "2018-11-05T02:00:00Z", // 00:00:00 on Monday the 5th
    ];
    let expected = days(&[("2018-11-03", 1), ("2018-11-04", 2), ("2018-11-05", 1)]);
    assert_eq!(runs_by_day("America/Sao_Paulo", &starts), expected);
}

#[test]
fn a_local_time_that_came_twice_is_the_first_and_one_that_never_came_is_a_reject() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.csv");
    let text = "source,scan,run_id,status,started_at\n\
        a,twice,1,Succeeded,2024-10-27 02:30:00\n\
        a,never,2,Succeeded,2024-03-31 02:30:00\n\
        a,once,3,Succeeded,2024-10-28 02:30:00\n";
    std::fs::write(&path, text).unwrap();
    let report = run(
        folder.path(),
        &[path],
        &["--input-tz", "Europe/Berlin", "--last", "7d"],
    );
    let books = report.books();
    assert_eq!((books["read"], books["used"], books["rejected"]), (3, 2, 1));
    let scans = report.json["sections"]["scans"]["scans"]
        .as_array()
        .unwrap();
    let last_run = |name: &str| {
        scans
            .iter()
            .find(|row| row["scan"] == name)
            .map(|row| row["last_run_at"].clone())
    };
    // The first 02:30 of that Sunday was in summer time, UTC+2; the Monday is UTC+1.
    assert_eq!(last_run("twice"), Some("2024-10-27T00:30:00Z".into()));
    assert_eq!(last_run("once"), Some("2024-10-28T01:30:00Z".into()));
    assert_eq!(last_run("never"), None);
}

/// Inserts each of `bad` into the lines after the first `keep`, at places that the seed picks.
fn insert_lines(text: &str, bad: &[String], keep: usize, seed: u64) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut random = Random::new(seed);
    for line in bad {
        let place = keep + usize::try_from(random.below((lines.len() - keep) as u64 + 1)).unwrap();
        lines.insert(place, line.clone());
    }
    lines.join("\n") + "\n"
}

/// The two files give the same report but for `k` more records, all rejected.
fn assert_only_rejects_grow(folder: &Path, good: &Path, bad: &Path, k: usize, what: &str) {
    let windows: [&[&str]; 3] = [
        &ALL,
        &["--last", "7d"],
        &["--last", "2mo", "--system", "purview"],
    ];
    for args in windows {
        let before = run(folder, &[good.to_owned()], args);
        let after = run(folder, &[bad.to_owned()], args);
        assert_same(&before, &after, what);
        let mut books = before.books();
        *books.get_mut("read").unwrap() += k as i64;
        *books.get_mut("rejected").unwrap() += k as i64;
        assert_eq!(books, after.books(), "{what}");
    }
}

#[test]
fn bad_csv_rows_are_each_one_reject_and_change_nothing_else() {
    // Columns: source, scan, run_id, status, started_at.
    let columns = [
        "source",
        "scan",
        "run_id",
        "status",
        "started_at",
        "ended_at",
        "account",
        "system",
    ];
    let bad = [
        "sql-sales,daily,bad-1,Failed,,,,",                     // no time
        "sql-sales,daily,bad-2,Failed,0001-01-01T00:00:00Z,,,", // a time that stands for none
        "sql-sales,daily,bad-3,Failed,yesterday,,,",            // no time at all
        "sql-sales,daily,bad-4",                                // too few fields
        "sql-sales,daily,bad-5,Failed,2024-05-01T00:00:00Z,,,,extra,more", // too many fields
        ",,,,,,,",                                              // no id, no status, no time
        "sql-sales,daily,bad-7,Failed,2024-02-30T00:00:00Z,,,", // a date that does not exist
    ];
    let bad: Vec<String> = bad.iter().map(|line| (*line).to_owned()).collect();
    for (seed, k) in [(70, 1), (71, 3), (72, 7)] {
        let folder = tempfile::tempdir().unwrap();
        let good = folder.path().join("good.csv");
        let text =
            String::from_utf8(write::csv_bytes(&rows(seed), &columns, TimeStyle::Zulu)).unwrap();
        std::fs::write(&good, &text).unwrap();
        let spoilt = folder.path().join("spoilt.csv");
        std::fs::write(&spoilt, insert_lines(&text, &bad[..k], 1, seed)).unwrap();
        assert_only_rejects_grow(
            folder.path(),
            &good,
            &spoilt,
            k,
            &format!("{k} bad CSV rows"),
        );
    }
}

#[test]
fn bad_ndjson_lines_are_each_one_reject_and_change_nothing_else() {
    let bad = [
        r#"{"run_id": "bad-1", "status": "Failed"}"#, // no time
        r#"{"run_id": "bad-2", "status": "Failed", "started_at": "#, // cut
        "42",                                         // no record
        r#"{"run_id": "bad-4", "status": "Failed", "started_at": "soon"}"#, // no time at all
        r#"{"run_id": "bad-5", "started_at": "2024-05-01T00:00:00Z",}"#, // a trailing comma
        "null",                                       // no record
        "{}",                                         // no id, no status, no time
    ];
    let bad: Vec<String> = bad.iter().map(|line| (*line).to_owned()).collect();
    for (seed, k) in [(73, 1), (74, 3), (75, 7)] {
        let folder = tempfile::tempdir().unwrap();
        let good = folder.path().join("good.ndjson");
        let text = String::from_utf8(write::ndjson_bytes(&rows(seed), TimeStyle::Zulu)).unwrap();
        std::fs::write(&good, &text).unwrap();
        let spoilt = folder.path().join("spoilt.ndjson");
        std::fs::write(&spoilt, insert_lines(&text, &bad[..k], 0, seed)).unwrap();
        assert_only_rejects_grow(
            folder.path(),
            &good,
            &spoilt,
            k,
            &format!("{k} bad NDJSON lines"),
        );
    }
}

#[test]
fn bad_elements_of_a_json_array_are_each_one_reject_and_change_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let rows = rows(76);
    let good = folder.path().join("good.json");
    write::json(&good, &rows, TimeStyle::Zulu);
    let mut elements: Vec<Value> = rows
        .iter()
        .map(|row| write::json_object(row, TimeStyle::Zulu))
        .collect();
    elements.insert(
        3,
        serde_json::json!({"run_id": "bad-1", "status": "Failed"}),
    );
    elements.insert(9, serde_json::json!(null));
    elements.push(serde_json::json!({"run_id": "bad-3", "status": "Failed", "started_at": "soon"}));
    let spoilt = folder.path().join("spoilt.json");
    std::fs::write(&spoilt, serde_json::to_vec(&elements).unwrap()).unwrap();
    assert_only_rejects_grow(folder.path(), &good, &spoilt, 3, "3 bad elements");
}
