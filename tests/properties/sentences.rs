//! The numbers in sentences.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;
use regex::Regex;
use rundown::report::Block;
use serde_json::Value;

use crate::common::generate::case;
use crate::{Made, csv, int, made, rows, sum};

/// The sentences at the top of a report and under its headings, each with its section.
fn sentences(made: &Made) -> Vec<(&'static str, String)> {
    let mut sentences = Vec::new();
    for section in &made.report.sections {
        sentences.push((section.id, section.lead.clone()));
        for block in &section.blocks {
            if let Block::Notes(notes) = block
                && notes.id == "summary"
            {
                sentences.extend(
                    notes
                        .items
                        .iter()
                        .map(|note| (section.id, note.text.clone())),
                );
            }
        }
    }
    sentences
}

/// Rows of which this holds.
fn count(rows: &[Value], is: impl Fn(&Value) -> bool) -> i64 {
    i64::try_from(rows.iter().filter(|row| is(row)).count()).unwrap()
}

/// A sentence, and what the numbers in its groups must be by the JSON.
type Rule = (&'static str, fn(&Made) -> Vec<i64>);

fn figure(made: &Made, key: &str) -> i64 {
    made.number("overview", "figures", key)
}

fn gap(made: &Made, key: &str) -> i64 {
    made.number("gaps", "figures", key)
}

fn finished(made: &Made) -> i64 {
    ["succeeded", "partial", "failed"]
        .iter()
        .map(|key| figure(made, key))
        .sum()
}

fn scans(made: &Made) -> &[Value] {
    made.rows("scans", "scans")
}

/// The numbers of runs of each known cause, most common first.
fn causes(made: &Made) -> Vec<i64> {
    let rows = made.rows("errors", "categories").iter();
    let mut known: Vec<i64> = rows
        .filter(|row| row["category"] != "unknown")
        .map(|row| int(row, "runs"))
        .collect();
    known.sort_unstable_by(|a, b| b.cmp(a));
    known
}

fn runs_with_error(made: &Made) -> i64 {
    sum(made.rows("errors", "categories"), "runs")
}

/// Runs and scans of the systems that the sentence of the report names, some with their account.
fn without_data_before(made: &Made) -> Vec<i64> {
    let all = sentences(made);
    let named = all
        .iter()
        .find_map(|(_, text)| text.split_once("Without data before this period: "));
    let (named, _) = named.unwrap().1.split_once(" (").unwrap();
    let of: Vec<&Value> = scans(made)
        .iter()
        .filter(|scan| int(scan, "runs") > 0)
        .filter(|scan| {
            named
                .split(", ")
                .any(|named| match named.split_once(" / ") {
                    Some((system, account)) => {
                        scan["system"] == *system && scan["account"] == *account
                    }
                    None => scan["system"] == *named,
                })
        })
        .collect();
    let runs = of.iter().map(|scan| int(scan, "runs")).sum();
    vec![runs, i64::try_from(of.len()).unwrap()]
}

/// Sentences whose every number is worked out again.
const RULES: [Rule; 13] = [
    (r"^([\d,]+) of ([\d,]+) finished runs? succeeded", |made| {
        vec![figure(made, "succeeded"), finished(made)]
    }),
    (r"^All ([\d,]+) finished runs? succeeded", |made| {
        vec![finished(made)]
    }),
    (
        r"^([\d,]+) of ([\d,]+) runs? failed; ([\d,]+) of ([\d,]+) scans? had a failure\.",
        |made| {
            vec![
                figure(made, "failed"),
                figure(made, "runs"),
                count(scans(made), |scan| int(scan, "failed") > 0),
                figure(made, "scans"),
            ]
        },
    ),
    (
        r" ([\d,]+) scans? that ran before did not run in this period\.",
        |made| vec![figure(made, "silent_scans")],
    ),
    (r"^([\d,]+) findings? needs? attention now", |made| {
        vec![count(made.rows("findings", "findings"), |row| {
            row["severity"] == "high"
        })]
    }),
    (
        r"^Nothing is urgent; ([\d,]+) findings? (?:is|are) worth",
        |made| vec![count(made.rows("findings", "findings"), |_| true)],
    ),
    (
        r"^The most common causes? (?:is|are) .*, with ([\d,]+) of ([\d,]+) runs?",
        |made| vec![causes(made)[0], runs_with_error(made)],
    ),
    (
        r"^For ([\d,]+) of ([\d,]+) runs? with an error no cause is known",
        |made| {
            let known: i64 = causes(made).iter().sum();
            vec![runs_with_error(made) - known, runs_with_error(made)]
        },
    ),
    // Systems without data before the period are summed up apart.
    (
        r"Without data before this period: .* \(([\d,]+) runs?, ([\d,]+) scans?\)",
        without_data_before,
    ),
    (
        r"; ([\d,]+) errors? (?:was|were) not seen before\.",
        |made| {
            vec![count(made.rows("changes", "errors"), |row| {
                row["change"] == "new"
            })]
        },
    ),
    (
        r"^([\d,]+) assets? (?:is|are) missing after ingestion, in ([\d,]+) of ([\d,]+) runs? that can",
        |made| {
            vec![
                gap(made, "missing"),
                gap(made, "missing_runs"),
                gap(made, "runs_compared"),
            ]
        },
    ),
    (
        r"^Nothing is missing in the ([\d,]+) runs? whose ingestion",
        |made| vec![gap(made, "runs_compared")],
    ),
    (r"^([\d,]+) of ([\d,]+) runs are listed", |made| {
        vec![
            made.number("runs", "figures", "shown"),
            made.number("runs", "figures", "total"),
        ]
    }),
];

fn number(text: &str) -> i64 {
    text.replace(',', "").parse().unwrap()
}

/// Every whole number that a section states: in a cell, as the sum of a column, or as a number of its rows: of all of
/// them, of those with the same word in a column, and of those with more than nothing in it.
fn stated(section: &Value) -> BTreeSet<i64> {
    let mut numbers = BTreeSet::new();
    let size = |rows: usize| i64::try_from(rows).unwrap();
    for block in section.as_object().unwrap().values() {
        let rows = block
            .as_array()
            .map_or(std::slice::from_ref(block), Vec::as_slice);
        numbers.insert(size(rows.len()));
        let Some(first) = rows.first().and_then(Value::as_object) else {
            continue;
        };
        for key in first.keys() {
            let cells = || rows.iter().map(|row| &row[key]);
            numbers.extend(cells().filter_map(Value::as_i64));
            numbers.insert(cells().filter_map(Value::as_i64).sum());
            numbers.insert(size(cells().filter(|cell| cell.as_i64() > Some(0)).count()));
            let mut alike: BTreeMap<String, usize> = BTreeMap::new();
            for cell in cells() {
                *alike.entry(cell.to_string()).or_default() += 1;
            }
            numbers.extend(alike.into_values().map(size));
        }
    }
    numbers
}

/// What is looked for in sentences.
struct Patterns {
    rules: Vec<Regex>,
    /// Dates, each with its format.
    dates: [(Regex, &'static str); 2],
    percent: Regex,
    points: Regex,
    time: Regex,
    /// A whole number that is a word of its own.
    alone: Regex,
}

impl Patterns {
    fn new() -> Self {
        let pattern = |text: &str| Regex::new(text).unwrap();
        Patterns {
            rules: RULES.iter().map(|(text, _)| pattern(text)).collect(),
            dates: [
                (pattern(r"(\d{4}-\d{2}-\d{2})(?: \d\d:\d\d)?"), "%Y-%m-%d"),
                (pattern(r"(\d{1,2} [A-Z][a-z]{2} \d{4})"), "%d %b %Y"),
            ],
            percent: pattern(r"([\d.]+)%"),
            points: pattern(r"([+−])([\d.]+) points?"),
            time: pattern(r"\b\d+(?:\.\d)? ?(?:ms|s|m \d\ds|h \d\dm|d \d\dh)\b"),
            alone: pattern(r"(?:^|[ (])(\d[\d,]*\d|\d)(?:[ ;.,):]|$)"),
        }
    }

    /// Checks every number of a sentence; gives the rules that it followed.
    fn check(&self, made: &Made, known: &BTreeSet<i64>, text: &str, sentence: &str) -> Vec<usize> {
        let mut rest = sentence.to_owned();
        for (pattern, format) in &self.dates {
            for found in pattern.captures_iter(sentence) {
                let day = NaiveDate::parse_from_str(&found[1], format).unwrap();
                assert!(text.contains(&day.to_string()), "{day}: {sentence}");
            }
            rest = pattern.replace_all(&rest, "").into_owned();
        }
        // A share and a difference of shares, by their digits.
        let rate = |block: &str| made.json["sections"]["overview"][block]["success_rate"].as_f64();
        for found in self.percent.captures_iter(&rest) {
            let shown: f64 = found[1].parse().unwrap();
            let share = rate("figures").unwrap();
            assert!((shown - share * 100.0).abs() <= 0.05 + 1e-9, "{sentence}");
        }
        for found in self.points.captures_iter(&rest) {
            let sign = if &found[1] == "+" { 1.0 } else { -1.0 };
            let shown: f64 = found[2].parse::<f64>().unwrap() * sign;
            let change = rate("figures").unwrap() - rate("previous").unwrap();
            assert!((shown - change * 100.0).abs() <= 0.05 + 1e-9, "{sentence}");
        }
        for pattern in [&self.percent, &self.points, &self.time] {
            rest = pattern.replace_all(&rest, "").into_owned();
        }
        // What a rule knows is worked out again; the rest must be stated somewhere.
        let mut followed = Vec::new();
        for (at, (pattern, (_, expected))) in self.rules.iter().zip(RULES).enumerate() {
            if let Some(found) = pattern.captures(&rest) {
                let shown = found.iter().skip(1).flatten();
                let shown: Vec<i64> = shown.map(|group| number(group.as_str())).collect();
                assert_eq!(shown, expected(made), "{sentence}");
                followed.push(at);
                let whole = found.get(0).unwrap().range();
                rest.replace_range(whole, " ");
            }
        }
        for found in self.alone.captures_iter(&rest) {
            let is_known = known.contains(&number(&found[1]));
            assert!(is_known, "{} is nowhere: {sentence}", &found[1]);
        }
        followed
    }
}

#[test]
fn every_number_of_the_first_sentences_is_in_the_json() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data");
    let mut reports = vec![
        made(std::slice::from_ref(&sample), &[]),
        made(std::slice::from_ref(&sample), &["--last", "7d"]),
        made(
            std::slice::from_ref(&sample),
            &["--source", "oracle-finance"],
        ),
        made(&[sample], &["--outcome", "succeeded", "--last", "60d"]),
    ];
    for seed in 0..6 {
        let file = csv(folder.path(), &format!("{seed}.csv"), &rows(seed));
        let as_of = case(seed).centre.to_string();
        let args = [
            "--as-of",
            &as_of,
            "--last",
            if seed % 2 == 0 { "7d" } else { "14d" },
        ];
        reports.push(made(&[file], &args));
    }
    let patterns = Patterns::new();
    let mut followed = vec![0; RULES.len()];
    let mut checked = 0;
    for made in &reports {
        let text = made.json.to_string();
        let of = |section: &str| stated(&made.json["sections"][section]);
        let general = &of("overview") | &of("scans");
        for (section, sentence) in sentences(made) {
            checked += 1;
            let known = &general | &of(section);
            for rule in patterns.check(made, &known, &text, &sentence) {
                followed[rule] += 1;
            }
        }
    }
    assert!(checked > 100, "{checked}");
    let unused: Vec<&str> = followed
        .iter()
        .zip(RULES)
        .filter(|(times, _)| **times == 0)
        .map(|(_, (pattern, _))| pattern)
        .collect();
    assert!(unused.is_empty(), "no sentence follows {unused:?}");
}
