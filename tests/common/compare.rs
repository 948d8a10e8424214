//! Compares what the oracle expects with what the program wrote, cell by cell.

use serde_json::{Map, Value};

/// The columns that name a row, for each table.
const ROW_KEYS: [(&str, &[&str]); 16] = [
    ("outcomes.by_period", &["start"]),
    ("scans.scans", &["system", "account", "source", "scan"]),
    ("scans.source_types", &["system", "source_type"]),
    ("inputs.systems", &["system", "account"]),
    ("gaps.scans", &["system", "account", "source", "scan"]),
    ("errors.categories", &["category"]),
    ("errors.signatures", &["id", "category"]),
    ("durations.scans", &["system", "account", "source", "scan"]),
    (
        "durations.slowest",
        &["system", "account", "source", "scan", "run_id", "at"],
    ),
    ("durations.starts", &["weekday"]),
    ("gaps.sources", &["system", "account", "source", "run_type"]),
    ("changes.counts", &["figure"]),
    ("changes.rates", &["figure"]),
    (
        "changes.scans",
        &["system", "account", "source", "scan", "change"],
    ),
    ("changes.errors", &["id", "change", "runs", "runs_before"]),
    (
        "findings.findings",
        &[
            "kind", "severity", "system", "account", "source", "scan", "since", "runs",
        ],
    ),
];

/// Tables whose rows stand in an order that the definitions give, and the columns that it depends on.
const ORDERED: [(&str, &[&str]); 10] = [
    ("scans.source_types", &["system", "source_type"]),
    ("durations.scans", &["system", "account", "source", "scan"]),
    (
        "durations.slowest",
        &["system", "account", "source", "scan", "run_id", "at"],
    ),
    ("durations.starts", &["weekday"]),
    ("gaps.sources", &["system", "account", "source", "run_type"]),
    ("changes.counts", &["figure"]),
    ("changes.rates", &["figure"]),
    (
        "changes.scans",
        &["system", "account", "source", "scan", "change"],
    ),
    // Errors of as many runs may stand either way round, and so may two findings of a kind about the same scan.
    ("changes.errors", &["change", "runs", "runs_before"]),
    (
        "findings.findings",
        &["kind", "system", "account", "source", "scan"],
    ),
];

/// Every difference as one line: path, expected, got. Keys that only `got` has are allowed.
pub(crate) fn differences(expected: &Value, got: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", expected, got, &mut found);
    found
}

fn compare(path: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => object(path, expected, got, found),
        (Value::Array(expected), Value::Array(got)) => rows(path, expected, got, found),
        _ if same(expected, got) => {}
        _ => found.push(format!("{path}: expected {expected}, got {got}")),
    }
}

/// Whole numbers are equal or not; rates may differ by 1e-12.
fn same(expected: &Value, got: &Value) -> bool {
    match (expected.as_f64(), got.as_f64()) {
        (Some(expected), Some(got)) if !expected.is_nan() => (expected - got).abs() <= 1e-12,
        _ => expected == got,
    }
}

fn object(
    path: &str,
    expected: &Map<String, Value>,
    got: &Map<String, Value>,
    found: &mut Vec<String>,
) {
    for (key, value) in expected {
        let path = if path.is_empty() || path == "sections" {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        match got.get(key) {
            Some(got) => compare(&path, value, got, found),
            None => found.push(format!("{path}: expected {value}, but the key is missing")),
        }
    }
}

fn name_of(row: &Value, keys: &[&str]) -> String {
    let cells: Vec<String> = keys.iter().map(|key| row[*key].to_string()).collect();
    cells.join(", ")
}

/// Rows belong together by the columns that name them, whatever their order.
fn rows(path: &str, expected: &[Value], got: &[Value], found: &mut Vec<String>) {
    let (_, keys) = ROW_KEYS
        .iter()
        .find(|(table, _)| *table == path)
        .expect("a table that this test knows");
    for row in expected {
        let name = name_of(row, keys);
        let matching: Vec<&Value> = got
            .iter()
            .filter(|other| name_of(other, keys) == name)
            .collect();
        let same_name = expected
            .iter()
            .filter(|other| name_of(other, keys) == name)
            .count();
        match matching[..] {
            [other] if same_name == 1 => compare(&format!("{path}[{name}]"), row, other, found),
            // Rows that the columns do not tell apart are counted.
            _ if same_name > 1 && matching.len() == same_name => {}
            _ => found.push(format!(
                "{path}[{name}]: expected {same_name} rows, got {}: expected {row}",
                matching.len()
            )),
        }
    }
    for row in got {
        let name = name_of(row, keys);
        if !expected.iter().any(|other| name_of(other, keys) == name) {
            found.push(format!("{path}[{name}]: expected no such row, got {row}"));
        }
    }
    if let Some((_, by)) = ORDERED.iter().find(|(table, _)| *table == path)
        && expected.len() == got.len()
    {
        for (place, (row, other)) in expected.iter().zip(got).enumerate() {
            let (name, other) = (name_of(row, by), name_of(other, by));
            if name != other {
                found.push(format!(
                    "{path}: expected {name} at place {place}, got {other}"
                ));
                break;
            }
        }
    }
    // Time runs from left to right.
    if path == "outcomes.by_period"
        && got
            .windows(2)
            .any(|two| two[0]["start"].as_str() >= two[1]["start"].as_str())
    {
        found.push(format!("{path}: the periods are not in order"));
    }
}
