//! One run more, and other names.

use serde_json::Value;

use crate::common::generate::case;
use crate::common::write::{Cell, Row};
use crate::{Made, int, made_of, names, rows};

/// What a scan is known by.
const IDENTITY: [&str; 4] = ["system", "account", "source", "scan"];

/// What a failed run changes of its scan beyond the counts: when it last ran, and how it stands.
const STANDING: [&str; 9] = [
    "strip",
    "last_run_at",
    "last_outcome",
    "last_success_at",
    "failing_streak",
    "failing_since",
    "success_rate",
    "runs",
    "failed",
];

/// Fails unless two objects are the same but for these keys, of which the numbers are one higher.
#[track_caller]
fn assert_one_more(before: &Value, after: &Value, raised: &[&str], free: &[&str]) {
    let (before, after) = (before.as_object().unwrap(), after.as_object().unwrap());
    assert_eq!(before.len(), after.len());
    for (key, value) in before {
        let got = &after[key];
        if raised.contains(&key.as_str()) {
            assert_eq!(got.as_i64(), value.as_i64().map(|n| n + 1), "{key}");
        } else if !free.contains(&key.as_str()) {
            assert_eq!(got, value, "{key}");
        }
    }
}

/// The same of two tables, of whose rows one may differ.
#[track_caller]
fn assert_one_row(before: &[Value], after: &[Value], at: usize, raised: &[&str], free: &[&str]) {
    assert_eq!(before.len(), after.len());
    for (number, (before, after)) in before.iter().zip(after).enumerate() {
        if number == at {
            assert_one_more(before, after, raised, free);
        } else {
            assert_eq!(before, after);
        }
    }
}

#[test]
fn one_more_failed_run_is_one_more_failed_run_and_nothing_else() {
    let mut tried = 0;
    for seed in 0..6 {
        let mut all = rows(seed);
        let args = ["--last", "all", "--by", "day"];
        let before = made_of(&all, &args);
        // A scan of the list, and a day between others, so that neither the period nor the list grows.
        let scans = before.rows("scans", "scans");
        let named = |scan: &Value| {
            ["account", "source", "scan"]
                .iter()
                .all(|key| scan[key].is_string())
        };
        let Some(scan) = scans
            .iter()
            .position(|scan| named(scan) && int(scan, "runs") > 0)
        else {
            continue;
        };
        let days = before.rows("outcomes", "by_period");
        let day = days.len() / 2;
        tried += 1;
        let mut row = Row::new();
        let identity = scans[scan].clone();
        for key in IDENTITY {
            row.insert(key, Cell::Text(identity[key].as_str().unwrap().to_owned()));
        }
        row.insert(
            "run_id",
            Cell::Text("00000000-0000-4000-8000-000000000001".to_owned()),
        );
        row.insert("status", Cell::Text("Failed".to_owned()));
        let noon = format!("{}T12:00:00Z", days[day]["start"].as_str().unwrap());
        let noon: chrono::DateTime<chrono::Utc> = noon.parse().unwrap();
        row.insert("started_at", Cell::Time(noon.timestamp_micros()));
        all.push(row);
        let after = made_of(&all, &args);

        let raised = ["runs", "failed"];
        let figures = |made: &Made| made.at("overview", "figures").clone();
        assert_one_more(
            &figures(&before),
            &figures(&after),
            &raised,
            &["success_rate"],
        );
        // Succeeded by succeeded, partial and failed.
        let count = |key| after.number("overview", "figures", key) as f64;
        let finished = count("succeeded") + count("partial") + count("failed");
        let rate = figures(&after)["success_rate"].as_f64().unwrap();
        assert!(
            (rate - count("succeeded") / finished).abs() < 1e-12,
            "seed {seed}"
        );

        let days_after = after.rows("outcomes", "by_period");
        assert_one_row(days, days_after, day, &raised, &[]);
        // The order of scans is that of their standing.
        let ordered = |made: &Made| {
            let mut rows = made.rows("scans", "scans").to_vec();
            rows.sort_by_key(|scan| IDENTITY.map(|key| scan[key].to_string()));
            rows
        };
        let (scans, scans_after) = (&ordered(&before), &ordered(&after));
        let same = |row: &Value| IDENTITY.iter().all(|key| row[key] == identity[key]);
        let scan = scans.iter().position(same).unwrap();
        assert_one_row(scans, scans_after, scan, &raised, &STANDING);
        // At most one mark of its strip is another one, and that is a failure.
        let strip = |scans: &[Value]| scans[scan]["strip"].as_str().unwrap().to_owned();
        let (marks, marks_after) = (strip(scans), strip(scans_after));
        let changed = marks.chars().zip(marks_after.chars());
        let changed: Vec<char> = changed
            .filter(|(a, b)| a != b)
            .map(|(_, mark)| mark)
            .collect();
        assert!(
            changed.is_empty() || changed == ['f'],
            "seed {seed}: {changed:?}"
        );
        assert_eq!(
            before.at("gaps", "figures"),
            after.at("gaps", "figures"),
            "seed {seed}"
        );
        assert_eq!(
            before.at("durations", "scans"),
            after.at("durations", "scans"),
            "seed {seed}"
        );
        // It says nothing of its error: the cause is unknown.
        let unknown = |made: &Made| {
            let rows = made.rows("errors", "categories").iter();
            let found = rows.filter(|row| row["category"] == "unknown");
            found.map(|row| int(row, "runs")).sum::<i64>()
        };
        assert_eq!(unknown(&after), unknown(&before) + 1, "seed {seed}");
        let books = |made: &Made| made.at("inputs", "reconciliation").clone();
        assert_one_more(&books(&before), &books(&after), &["read", "used"], &[]);
    }
    assert!(tried > 3, "only {tried} seeds have such a scan");
}

/// The rows with other names of scans.
fn renamed(rows: &[Row], from: &[String], to: &[String]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    for row in &mut rows {
        if let Some(Cell::Text(name)) = row.get_mut("scan") {
            let at = from.iter().position(|known| known == name).unwrap();
            *name = to[at].clone();
        }
    }
    rows
}

#[test]
fn other_names_in_the_same_order_change_names_only() {
    for seed in 0..3 {
        let rows = rows(seed);
        let known = names(&rows);
        assert!(known.len() > 1, "seed {seed}");
        // Both lists are in the order of the names that they replace; no other text holds one of them.
        let of = |begin: &str, end: &str| -> Vec<String> {
            let ends = (0..known.len()).map(|at| format!("{begin}{at:02}{}", end.repeat(at % 3)));
            ends.collect()
        };
        let (first, second) = (of("mika-", ""), of("nora-", "-täglich"));
        for args in [
            &["--last", "all", "--by", "week"][..],
            &["--tz", case(seed).tz.name(), "--last", "30d"],
        ] {
            let text = |names: &[String]| {
                let mut json = made_of(&renamed(&rows, &known, names), args).json;
                json["sections"]["inputs"]["files"] = Value::Null;
                json["sections"]["inputs"]["conflicts"] = Value::Null;
                // The id of a finding stands for what it is about.
                for row in json["sections"]["findings"]["findings"]
                    .as_array_mut()
                    .unwrap()
                {
                    row["id"] = Value::Null;
                }
                // The call names the folder.
                json["sections"]["inputs"]["provenance"]["command"] = Value::Null;
                for row in json["sections"]["findings"]["runs"].as_array_mut().unwrap() {
                    row["finding"] = Value::Null;
                }
                json.to_string()
            };
            let mut expected = text(&first);
            assert!(
                first.iter().any(|name| expected.contains(name)),
                "seed {seed}"
            );
            for (old, new) in first.iter().zip(&second) {
                expected = expected.replace(old, new);
            }
            let got = text(&second);
            let same = got
                .chars()
                .zip(expected.chars())
                .take_while(|(a, b)| a == b)
                .count();
            let near = |text: &str| {
                let from = same.saturating_sub(200);
                text.chars().skip(from).take(400).collect::<String>()
            };
            assert!(
                got == expected,
                "seed {seed} {args:?}:\nexpected …{}\ngot …{}",
                near(&expected),
                near(&got)
            );
        }
    }
}
