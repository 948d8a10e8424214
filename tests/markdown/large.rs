//! A report on 5,000 scans, with plain names and with hostile ones in every field that a log can bring.

use std::collections::BTreeMap;
use std::fs;

use rundown::render::{Format, render};

use crate::markdown_within;
use rundown::report::{Report, Table};
use serde_json::{Value, json};

use super::common::small::options;
use super::reader::{Reading, read};
use super::{HOSTILE, is_quiet};

const SCANS: usize = 5_000;

/// More than the whole report takes: all rows are shown.
const ROOM: usize = 8_000_000;

/// The words of a field, the same for the same number.
type Words = fn(&str, usize) -> String;

fn plain(field: &str, number: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(number % 26).unwrap());
    format!("{field}{letter} {number}")
}

fn hostile(field: &str, number: usize) -> String {
    let text = match number % (HOSTILE.len() + 2) {
        0 => "very long | `@team` ".repeat(25),
        1 => "\u{5e9}\u{5dc}\u{202e}\u{200f}\u{2066}| #1".to_owned(),
        at => HOSTILE[at - 2].to_owned(),
    };
    format!("{} {text}.{number}", plain(field, number))
}

/// Three runs of each scan. Of nine scans one always fails, one has failed twice, and the others went well. Some
/// records cannot be read, disagree, or have a status that nobody knows.
fn log(words: Words) -> String {
    let mut lines: Vec<Value> = Vec::new();
    for scan in 0..SCANS {
        for day in 1..=3 {
            let fails = scan % 9 == 0 || scan % 9 == 1 && day > 1;
            let mut run = json!({
                "system": "airflow",
                "account": words("account", scan % 40),
                "source": words("source", scan / 5),
                "source_type": words("type", scan % 40),
                "collection": words("collection", scan % 40),
                "scan": words("scan", scan),
                "run_id": words("run", scan * 3 + day),
                "run_type": words("kind", scan % 40),
                "trigger": words("trigger", scan % 40),
                "status": if fails { "failed" } else { "completed" },
                "started_at": format!("2026-11-{day:02}T{:02}:{:02}:{:02}Z", scan / 3600, scan / 60 % 60, scan % 60),
                "duration_ms": 60_000 + scan * 100,
                "assets_discovered": 100 + scan,
                "row_count": scan,
            });
            if fails {
                run["error_code"] = json!(words("code", scan % 26));
                run["error_message"] = json!(words("message", scan % 26));
            }
            if scan < 40 && day == 1 {
                let mut other = run.clone();
                other["row_count"] = json!(7);
                lines.push(other.clone());
                other["run_id"] = json!(words("other", scan));
                other["status"] = json!(words("status", scan));
                lines.push(other.clone());
                other["started_at"] = json!(words("time", scan));
                lines.push(other);
            }
            lines.push(run);
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn report(words: Words) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a `@team` #1 _b_.ndjson");
    fs::write(&path, log(words)).unwrap();
    let options = options(&path);
    rundown::report(&rundown::load(&options).unwrap(), &options).unwrap()
}

/// The tables that stand by themselves, each with what the text calls it.
fn tables(report: &Report) -> impl Iterator<Item = (&'static str, &'static str, &Table)> {
    report.sections.iter().flat_map(|section| {
        let tables = section.blocks.iter().filter_map(|block| block.table());
        let tables = tables.filter(|table| {
            let is_elsewhere = table.nested_in.is_some() || table.variant_of.is_some();
            !is_elsewhere && !table.rows.is_empty()
        });
        tables.map(|table| {
            let name = if table.title.is_empty() {
                section.title
            } else {
                table.title
            };
            (section.id, name, table)
        })
    })
}

/// What the notice on top says of tables: rows left out and rows there are.
fn left_out(markdown: &str) -> BTreeMap<String, (usize, usize)> {
    let number = |words: &str| words.replace(',', "").parse::<usize>().unwrap();
    let Some(line) = markdown
        .lines()
        .find_map(|line| line.strip_prefix("> - rows of "))
    else {
        return BTreeMap::new();
    };
    line.trim_end_matches(')')
        .split("), ")
        .map(|table| {
            let (name, counts) = table.rsplit_once(" (").unwrap();
            let (gone, total) = counts.split_once(" of ").unwrap();
            (name.to_owned(), (number(gone), number(total)))
        })
        .collect()
}

/// What holds of every text.
fn is_sound(markdown: &str, limit: usize) -> Reading {
    assert!(markdown.chars().count() <= limit);
    let reading = read(markdown);
    assert_eq!(reading.others, 0);
    assert!(reading.is_balanced() && reading.has_our_html_only());
    is_quiet(&reading);
    // No row is torn: each line is a row, but those under the heads.
    let lines = markdown.lines().filter(|line| line.starts_with('|'));
    let rows: usize = reading.tables.iter().map(|rows| rows.len() + 1).sum();
    assert_eq!(lines.count(), rows);
    reading
}

#[test]
fn hostile_names_in_a_large_log_change_neither_rows_nor_sections() {
    let reports = [report(plain), report(hostile)];
    let shapes = reports.each_ref().map(|report| {
        let markdown = markdown_within(report, ROOM).unwrap();
        let reading = is_sound(&markdown, ROOM);
        assert!(reading.tables.iter().any(|rows| rows.len() + 20 > SCANS));
        let rows: Vec<usize> = reading.tables.iter().map(Vec::len).collect();
        (rows, reading.headings, reading.items, reading.fences)
    });
    assert_eq!(shapes[0], shapes[1]);

    for report in &reports {
        let json: Value = serde_json::from_str(&render(report, Format::Json).unwrap()).unwrap();
        for limit in [65_000, 20_000, 5_000] {
            let markdown = markdown_within(report, limit).unwrap();
            is_sound(&markdown, limit);
            let notice = format!(
                "<!-- rundown report -->\n\n> **Shortened to fit {},000 characters.** Left out are:\n",
                limit / 1000
            );
            assert!(markdown.starts_with(&notice), "{markdown}");
            assert!(limit < 65_000 || markdown.contains("> - rows of "));
            is_counted(report, &json, &markdown);
        }
    }
}

/// Fails unless what is shown and what the notice says is left out are together what the report has.
fn is_counted(report: &Report, json: &Value, markdown: &str) {
    let (notice, _) = markdown.split_once("\n# ").unwrap();
    let left = left_out(markdown);
    for section in &report.sections {
        let heading = format!("\n## {}\n", section.title);
        let shown = markdown.split(&heading).nth(1);
        let gone = notice
            .lines()
            .find(|line| line.starts_with("> - the section"))
            .is_some_and(|line| line.contains(section.title));
        if section.id == "inputs" {
            assert!(shown.is_some(), "{markdown}");
        } else {
            assert_ne!(shown.is_some(), gone, "{}: {notice}", section.title);
        }
        let Some(shown) = shown.filter(|_| !gone) else {
            continue;
        };
        let shown = read(shown.split("\n## ").next().unwrap());
        let shown = shown.tables.iter().filter(|rows| rows[0][0] != "Figure");
        let shown: usize = shown.map(|rows| rows.len() - 1).sum();
        let expected = tables(report).filter(|(id, ..)| *id == section.id);
        let expected: usize = expected
            .map(|(id, name, table)| match left.get(name) {
                Some((gone, total)) => {
                    assert_eq!(*total, table.total, "{name}");
                    let rows = json["sections"][id][table.id].as_array().unwrap();
                    assert_eq!(rows.len(), table.rows.len(), "{name}");
                    total - gone
                }
                None => table.rows.len(),
            })
            .sum();
        assert_eq!(shown, expected, "{}: {notice}", section.title);
    }
}
