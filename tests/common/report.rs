//! A report taken apart into sections, with its books checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use serde_json::value::RawValue;

use super::good_report;

/// A report as text, section by section.
pub(crate) struct Report {
    /// The text of each section but `inputs`.
    pub(crate) sections: BTreeMap<String, String>,
    /// The whole document.
    pub(crate) json: Value,
}

impl Report {
    pub(crate) fn books(&self) -> BTreeMap<String, i64> {
        let books = self.json["sections"]["inputs"]["reconciliation"]
            .as_object()
            .expect("inputs.reconciliation");
        books
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), value.as_i64()?)))
            .collect()
    }
}

/// Runs the program, checks its books, and takes the report apart.
pub(crate) fn run(folder: &Path, files: &[PathBuf], args: &[&str]) -> Report {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let json = good_report(folder, files, &args);
    check_books(&json);
    let text = std::fs::read_to_string(folder.join("out.json")).unwrap();
    let document: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text).unwrap();
    let sections: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(document["sections"].get()).unwrap();
    let mut texts = BTreeMap::new();
    for (name, text) in sections.iter().filter(|(name, _)| *name != "inputs") {
        let mut text = text.get().to_owned();
        if name == "overview" {
            // One line of it tells of the files.
            let mut blocks: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text).unwrap();
            blocks.remove("books").expect("overview.books");
            text = serde_json::to_string(&blocks).unwrap();
        }
        texts.insert(name.clone(), text);
    }
    assert!(texts.len() > 3, "a report has sections");
    Report {
        sections: texts,
        json,
    }
}

/// Every record is counted once, in each file and in total.
fn check_books(json: &Value) {
    let inputs = &json["sections"]["inputs"];
    let parts = [
        "used",
        "superseded",
        "rejected",
        "filtered",
        "outside_window",
    ];
    let number = |row: &Value, key: &str| {
        row[key]
            .as_i64()
            .unwrap_or_else(|| panic!("{key} is missing in {row}"))
    };
    let files = inputs["files"].as_array().expect("inputs.files");
    let total = &inputs["reconciliation"];
    for row in files.iter().chain([total]) {
        let sum: i64 = parts.iter().map(|part| number(row, part)).sum();
        assert_eq!(number(row, "read"), sum, "the books do not balance: {row}");
    }
    for key in parts.iter().chain(&["read"]) {
        let sum: i64 = files.iter().map(|file| number(file, key)).sum();
        assert_eq!(number(total, key), sum, "{key} of the files and in total");
    }
    assert_eq!(total["balanced"], true);
}

/// Fails at the first place where two reports differ outside `inputs`.
pub(crate) fn assert_same(one: &Report, other: &Report, what: &str) {
    for key in ["as_of", "window", "time_zone"] {
        assert_eq!(one.json[key], other.json[key], "{what}: {key}");
    }
    let names = |report: &Report| report.sections.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(one), names(other), "{what}: the sections");
    for (name, text) in &one.sections {
        let other = &other.sections[name];
        if text != other {
            let (a, b): (Vec<char>, Vec<char>) = (text.chars().collect(), other.chars().collect());
            let place = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
            let near = |text: &[char]| {
                text.iter()
                    .skip(place.saturating_sub(300))
                    .take(400)
                    .collect::<String>()
            };
            panic!(
                "{what}: section {name} differs at character {place}\none: …{}…\nother: …{}…",
                near(&a),
                near(&b)
            );
        }
    }
}
