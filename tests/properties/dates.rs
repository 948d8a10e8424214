//! Dates: all of the period, and the same ones a week later.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, SecondsFormat, TimeDelta};
use regex::{Captures, Regex};
use serde_json::Value;

use crate::common::Random;
use crate::common::generate::case;
use crate::common::vocabulary::NO_TIMES;
use crate::common::write::{Cell, Row};
use crate::{csv, int, made, made_of, rows};

const WEEK: i64 = 7 * 86_400_000_000;

/// Dates and instants in a text, each a week later.
fn later(text: &str) -> String {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        let later = instant.to_utc() + TimeDelta::weeks(1);
        return later.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    }
    let moved = |format: &'static str| {
        move |found: &Captures<'_>| match NaiveDate::parse_from_str(&found[0], format) {
            // The year 1 stands for no date.
            Ok(date) if date.year() > 1 => (date + Days::new(7)).format(format).to_string(),
            _ => found[0].to_owned(),
        }
    };
    let machine = Regex::new(r"\b\d{4}-\d{2}-\d{2}\b").unwrap();
    let text = machine.replace_all(text, moved("%Y-%m-%d"));
    let spoken = Regex::new(r"\b\d{1,2} [A-Z][a-z]{2} \d{4}\b").unwrap();
    spoken.replace_all(&text, moved("%-d %b %Y")).into_owned()
}

/// The same document a week later.
fn a_week_later(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(later(text)),
        Value::Array(items) => items.iter().map(a_week_later).collect(),
        Value::Object(map) => {
            let cells = map
                .iter()
                .map(|(key, value)| (key.clone(), a_week_later(value)));
            Value::Object(cells.collect())
        }
        other => other.clone(),
    }
}

#[test]
fn dates_in_texts_are_moved() {
    for (text, expected) in [
        ("2024-02-27", "2024-03-05"),
        ("2024-02-27T23:30:00.250Z", "2024-03-05T23:30:00.250Z"),
        (
            "from 28 Dec 2023 to 2024-01-01 02:30.",
            "from 4 Jan 2024 to 2024-01-08 02:30.",
        ),
        (
            "daily, 2024-99-01 and 31 runs",
            "daily, 2024-99-01 and 31 runs",
        ),
    ] {
        assert_eq!(later(text), expected);
    }
}

#[test]
fn a_week_later_is_the_same_report_with_other_dates() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..3 {
        let rows = rows(seed);
        let mut moved = rows.clone();
        for row in &mut moved {
            for cell in row.values_mut() {
                if let Cell::Time(micros) = cell
                    && !NO_TIMES.contains(micros)
                {
                    *micros += WEEK;
                }
            }
        }
        let as_of = case(seed).centre + Days::new(case(seed).reach / 2);
        for (last, by) in [("all", "week"), ("30d", "day")] {
            let report = |rows: &[Row], as_of: NaiveDate| {
                let as_of = as_of.to_string();
                let args = ["--as-of", &as_of, "--last", last, "--by", by];
                let mut json = made(&[csv(folder.path(), "runs.csv", rows)], &args).json;
                // The bytes of the files differ, and so do their sums.
                for file in json["sections"]["inputs"]["files"].as_array_mut().unwrap() {
                    assert!(file.as_object_mut().unwrap().remove("sha256").is_some());
                }
                // A call says its dates, and a month has not the same days a week later.
                let sections = &mut json["sections"];
                sections["inputs"]["provenance"]["command"] = Value::Null;
                let outcomes = sections["outcomes"].as_object_mut().unwrap();
                outcomes.remove("by_month");
                // The id of a finding may stand for when it began.
                for (table, key) in [("findings", "id"), ("runs", "finding")] {
                    let rows = json["sections"]["findings"][table].as_array_mut();
                    for row in rows.unwrap() {
                        row[key] = Value::Null;
                    }
                }
                json
            };
            let first = report(&rows, as_of);
            let second = report(&moved, as_of + Days::new(7));
            let (expected, what) = (a_week_later(&first), format!("seed {seed}, {last} by {by}"));
            assert_ne!(first, second, "{what}");
            for (name, section) in expected["sections"].as_object().unwrap() {
                for (block, rows) in section.as_object().unwrap() {
                    let got = &second["sections"][name][block];
                    assert!(
                        got == rows,
                        "{what}: {name}.{block}\nexpected {rows:#}\ngot {got:#}"
                    );
                }
            }
            assert_eq!(second, expected, "{what}");
        }
    }
}

#[test]
fn every_day_of_the_period_is_there_and_known_to_have_data_or_not() {
    for seed in 0..6 {
        let mut random = Random::new(seed);
        let centre = NaiveDate::from_ymd_opt(2024, 2, 28).unwrap();
        let mut expected: BTreeMap<NaiveDate, i64> = BTreeMap::new();
        let mut rows = Vec::new();
        for number in 0..5 + random.below(40) {
            let day = centre + Days::new(random.below(60));
            let second = i64::try_from(random.below(86_400)).unwrap();
            let at = day.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp() + second;
            let mut row = Row::new();
            row.insert("source", Cell::Text("sql".to_owned()));
            row.insert("run_id", Cell::Text(format!("run-{number}")));
            row.insert("status", Cell::Text("completed".to_owned()));
            row.insert("started_at", Cell::Time(at * 1_000_000));
            rows.push(row);
            *expected.entry(day).or_default() += 1;
        }
        // The period begins and ends outside of the data, on some seeds also inside it.
        let from = centre - Days::new(9) + Days::new(random.below(30));
        let to = centre + Days::new(40 + random.below(40));
        let (first, last) = (
            expected.keys().next().unwrap(),
            expected.keys().last().unwrap(),
        );
        let args = [
            "--from",
            &from.to_string(),
            "--to",
            &to.to_string(),
            "--by",
            "day",
        ];
        let made = made_of(&rows, &args);
        let days: Vec<NaiveDate> = from.iter_days().take_while(|day| *day <= to).collect();
        let shown = made.rows("outcomes", "by_period");
        assert_eq!(shown.len(), days.len(), "seed {seed}");
        assert_eq!(
            int(&made.json["window"], "days"),
            i64::try_from(days.len()).unwrap()
        );
        let mut gaps = 0;
        for (row, day) in shown.iter().zip(&days) {
            let what = format!("seed {seed}: {row}");
            assert_eq!(row["start"], day.to_string(), "{what}");
            assert_eq!(row["last"], day.to_string(), "{what}");
            let runs = expected.get(day).copied().unwrap_or(0);
            assert_eq!(int(row, "runs"), runs, "{what}");
            let outside = day < first || day > last;
            assert_eq!(row["no_data"], outside, "{what}");
            gaps += usize::from(outside);
        }
        let covered = days
            .iter()
            .filter(|day| *first <= **day && **day <= *last)
            .count();
        assert_eq!(gaps + covered, days.len(), "seed {seed}");
    }
}
