//! A first mapping for an export that nobody knows, guessed from the names and values of its columns.
//!
//! It is written for a person to read and correct, so every guess stands beside the values that led to it, and what
//! cannot be guessed is left open. A guess never reads anything by itself: the file has to be passed with `--mapping`.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{NAMES, TIMES, WORDS};
use crate::errors::{Masker, mask};
use crate::input::probe::{Column, Probe};
use crate::mapping::numbers;
use crate::mapping::reject::quoted;
use crate::mapping::time::{TimeError, TimeRules, parse, parse_as};
use crate::mapping::values::{Value, squash, status};
use crate::runs::schema::{Field, Kind, Status};

/// How well a column fits a field: 0 not at all.
fn fit(field: Field, names: &[&str], column: &Column) -> usize {
    let last = column.path.rsplit('.').next().unwrap_or_default();
    let (whole, last) = (squash(&column.path), squash(last));
    let rank = |name: &str| names.iter().position(|known| *known == name);
    let by_name = match (rank(&whole), rank(&last)) {
        (Some(at), _) => 200 - at,
        (None, Some(at)) => 150 - at,
        (None, None) => match names
            .iter()
            .position(|known| known.len() > 3 && last.ends_with(known))
        {
            Some(at) => 100 - at,
            None if field == Field::RunId && last.ends_with("id") => 50,
            None => return 0,
        },
    };
    let values: Vec<&str> = column.values.iter().flatten().map(String::as_str).collect();
    let sound = match field.kind() {
        Kind::Time => !values.is_empty() && times(&values) != Times::None,
        Kind::Status => {
            let distinct: BTreeSet<_> = values.iter().collect();
            // A status has few words; a column of sentences is none.
            !values.is_empty() && distinct.len() <= 20.max(values.len() / 10)
        }
        Kind::Int => values
            .iter()
            .any(|value| value.bytes().any(|byte| byte.is_ascii_digit())),
        Kind::RunId => !values.is_empty(),
        Kind::Text => true,
    };
    if sound { by_name } else { 0 }
}

/// How the times of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    /// In a way that is always read.
    Known,
    /// In this notation of `strftime`.
    As(&'static str),
    /// They are no times.
    None,
}

fn times(values: &[&str]) -> Times {
    let rules = TimeRules::default();
    let known = |value: &&str| {
        let number = value.bytes().all(|byte| byte.is_ascii_digit());
        // 20261101 is a date rather than a number of seconds.
        let compact = number && (value.len() < 9 || value.starts_with("20") && value.len() != 10);
        !compact && !matches!(parse(value, rules), Err(TimeError::Shape | TimeError::Gap))
    };
    if values.iter().all(known) {
        return Times::Known;
    }
    TIMES
        .iter()
        .find(|format| {
            values
                .iter()
                .all(|value| parse_as(value, format, rules).is_ok())
        })
        .map_or(Times::None, |format| Times::As(format))
}

/// The column for each field; no column is used twice, and the best fit comes first.
fn assign(probe: &Probe) -> BTreeMap<Field, &Column> {
    let mut fits: Vec<(usize, Field, &Column)> = NAMES
        .iter()
        .flat_map(|(field, names)| {
            probe
                .columns
                .iter()
                .map(move |column| (fit(*field, names, column), *field, column))
        })
        .filter(|(fit, _, _)| *fit > 0)
        .collect();
    fits.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut assigned = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (_, field, column) in fits {
        if !assigned.contains_key(&field) && taken.insert(column.path.as_str()) {
            assigned.insert(field, column);
        }
    }
    assigned
}

/// How much a run might get from records with these columns: the share of records that state each field, in percent;
/// fields that a run needs count more.
pub fn score(probe: &Probe) -> usize {
    assign(probe)
        .iter()
        .map(|(field, column)| {
            let weight = match field {
                Field::Status | Field::StartedAt | Field::EndedAt | Field::RunId => 3,
                _ => 1,
            };
            let stated = column.values.iter().flatten().count();
            weight * 100 * stated / probe.count.max(1)
        })
        .sum()
}

/// True when the records are states of runs: an id repeats with other words, and each has but one time.
fn is_events(assigned: &BTreeMap<Field, &Column>) -> bool {
    let (Some(id), Some(word)) = (assigned.get(&Field::RunId), assigned.get(&Field::Status)) else {
        return false;
    };
    let times = [
        Field::StartedAt,
        Field::EndedAt,
        Field::QueuedAt,
        Field::ObservedAt,
    ]
    .iter()
    .filter(|field| assigned.contains_key(field))
    .count();
    let mut words: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (id, word) in id.values.iter().zip(&word.values) {
        if let (Some(id), Some(word)) = (id, word) {
            words.entry(id).or_default().insert(word);
        }
    }
    times == 1 && words.values().filter(|words| words.len() > 1).count() * 2 > words.len()
}

fn meaning(word: &str) -> Option<Status> {
    let squashed = squash(word);
    let known = |word: &str| {
        WORDS
            .iter()
            .find(|(_, words)| words.contains(&word))
            .map(|(status, _)| *status)
            .or_else(|| status(word))
    };
    known(&squashed).or_else(|| {
        // `sync_end_success`, `job-started`: the last part that means something.
        word.split(|c: char| !c.is_alphanumeric())
            .rev()
            .find_map(|part| known(&squash(part)))
    })
}

/// A text as a string of TOML.
pub(crate) fn toml_string(text: &str) -> String {
    // Strings of JSON are strings of TOML, but for the one control character that JSON lets stand.
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

/// The unit of a duration by the name of its column and its values.
fn duration_unit(column: &Column) -> &'static str {
    let name = squash(&column.path);
    let is = |value: &&String, unit: &str| {
        unit.parse().is_ok_and(|unit| {
            numbers::read(&Value::Text(value.as_str().into()), Some(unit), None).is_ok()
        })
    };
    let all = |unit: &str| column.values.iter().flatten().all(|value| is(&value, unit));
    if all("hms") {
        "hms"
    } else if all("iso8601") {
        "iso8601"
    } else if name.ends_with("ms") || name.contains("milli") {
        "ms"
    } else if name.contains("min") {
        "min"
    } else {
        "s"
    }
}

/// Writes a mapping for what was found. `name` becomes the name of the mapping and of its system. Each field is told with a
/// value of its column if `samples` are wanted.
pub fn mapping(probe: &Probe, name: &str, samples: bool) -> String {
    let name = &mask(name);
    let assigned = assign(probe);
    let events = is_events(&assigned);
    let mut out = format!(
        "# A first guess from {} records. Correct what is wrong, then: rundown check FILE --mapping THIS\nname = {}\nsystem = {}\n",
        probe.count,
        toml_string(name),
        toml_string(name)
    );
    if let Some(records) = &probe.records {
        out.push_str(&format!("input.records = {}\n", toml_string(records)));
    }
    let statuses = statuses(probe, &assigned, events);
    out.push_str(&status_words(&statuses));
    out.push_str("\n[fields]\n");
    for &field in Field::ALL {
        let Some(column) = assigned.get(&field) else {
            continue;
        };
        if events && field.kind() == Kind::Time {
            out.push_str(&event_times(column));
        } else if field == Field::Status && statuses.len() > 1 {
            let paths: Vec<_> = statuses
                .iter()
                .map(|column| toml_string(&column.path))
                .collect();
            out.push_str(&format!("status = [{}]\n", paths.join(", ")));
        } else {
            out.push_str(&field_line(field, column, samples));
        }
    }
    let missing = [
        (Field::Status, "the word that says how a run ended"),
        (Field::StartedAt, "when a run began"),
        (Field::Scan, "the name of what ran"),
    ];
    for (field, what) in missing {
        let stated = assigned.contains_key(&field)
            || (field == Field::StartedAt && (events || assigned.contains_key(&Field::EndedAt)));
        if !stated {
            out.push_str(&format!("# {} = \"?\"   # {what}\n", field.key()));
        }
    }
    let unused: Vec<_> = probe
        .columns
        .iter()
        .filter(|column| {
            !assigned
                .values()
                .chain(&statuses)
                .any(|taken| taken.path == column.path)
        })
        .map(|column| column.path.as_str())
        .collect();
    if !unused.is_empty() {
        out.push_str(&format!(
            "# not used: {}\n",
            quoted(&unused.join(", "), &Masker::default())
        ));
    }
    out
}

/// The columns that say how a run stands. Beside the events themselves, some events may say how it ended.
fn statuses<'a>(
    probe: &'a Probe,
    assigned: &BTreeMap<Field, &'a Column>,
    events: bool,
) -> Vec<&'a Column> {
    let Some(&status) = assigned.get(&Field::Status) else {
        return Vec::new();
    };
    let names = NAMES.iter().find(|(field, _)| *field == Field::Status);
    let says_more = |column: &&Column| {
        let taken = assigned.values().any(|taken| taken.path == column.path);
        let fits = names.is_some_and(|(field, names)| fit(*field, names, column) > 0);
        !taken && fits && column.values.iter().any(Option::is_none)
    };
    let more = probe
        .columns
        .iter()
        .filter(|column| events && says_more(column));
    more.chain([status]).collect()
}

/// The words of status columns that the vocabulary does not have.
fn status_words(columns: &[&Column]) -> String {
    let words: BTreeSet<&str> = columns
        .iter()
        .flat_map(|column| column.values.iter().flatten())
        .map(String::as_str)
        .collect();
    let mut lines = String::new();
    let mut told = BTreeSet::new();
    for word in words {
        if status(word).is_some() || mask(word) != word || !told.insert(squash(word)) {
            continue;
        }
        let means = match meaning(word) {
            Some(status) => format!("\"{}\"", status.key()),
            None => "\"unknown\"   # what does it mean?".to_owned(),
        };
        lines.push_str(&format!("{} = {means}\n", toml_string(word)));
    }
    if lines.is_empty() {
        return lines;
    }
    format!("\n[status]\n{lines}")
}

/// One time that means the start, the end and the moment of record, by the state of its record.
fn event_times(column: &Column) -> String {
    let path = toml_string(&column.path);
    format!(
        "started_at = {{ path = {path}, when = \"unfinished\" }}\nended_at = {{ path = {path}, when = \"finished\" }}\nobserved_at = {path}\n"
    )
}

fn field_line(field: Field, column: &Column, samples: bool) -> String {
    let path = toml_string(&column.path);
    let values: Vec<&str> = column.values.iter().flatten().map(String::as_str).collect();
    let mut extra = String::new();
    if field == Field::DurationMs {
        extra.push_str(&format!(", unit = \"{}\"", duration_unit(column)));
    }
    if field.kind() == Kind::Time
        && let Times::As(format) = times(&values)
    {
        extra.push_str(&format!(", time = {}", toml_string(format)));
    }
    let source = if extra.is_empty() {
        path
    } else {
        format!("{{ path = {path}{extra} }}")
    };
    let sample = values.first().filter(|_| samples).map(|value| {
        let sample: String = quoted(value, &Masker::default()).chars().take(40).collect();
        format!("   # {}", sample.replace(|c: char| c.is_control(), " "))
    });
    format!("{} = {source}{}\n", field.key(), sample.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(columns: &[(&str, &[&str])]) -> Probe {
        Probe {
            columns: columns
                .iter()
                .map(|(path, values)| Column {
                    path: (*path).to_owned(),
                    values: values
                        .iter()
                        .map(|value| Some((*value).to_owned()))
                        .collect(),
                })
                .collect(),
            count: columns[0].1.len(),
            ..Probe::default()
        }
    }

    #[test]
    fn columns_are_told_by_their_names_and_values() {
        let text = mapping(
            &probe(&[
                ("Job", &["a", "b"]),
                ("Beginn", &["01.11.2026 02:00", "02.11.2026 02:00"]),
                ("Ende", &["01.11.2026 03:00", "02.11.2026 02:30"]),
                ("Ergebnis", &["Erfolgreich", "Fehlgeschlagen"]),
                ("Dauer", &["1:00:00", "0:30:00"]),
                ("Farbe", &["rot", "blau"]),
            ]),
            "batch",
            true,
        );
        for line in [
            "Erfolgreich = \"completed\"",
            "scan = \"Job\"",
            "started_at = \"Beginn\"",
            "ended_at = \"Ende\"",
            "status = \"Ergebnis\"",
            "duration_ms = { path = \"Dauer\", unit = \"hms\" }",
            "# not used: Farbe",
        ] {
            let wanted = line.replace("Erfolgreich =", "\"Erfolgreich\" =");
            assert!(
                text.contains(line) || text.contains(&wanted),
                "{line}\n{text}"
            );
        }
        crate::mapping::preset::Preset::parse_named(&text, "x").unwrap();
    }

    #[test]
    fn several_states_of_one_run_are_events() {
        let text = mapping(
            &probe(&[
                ("sync_id", &["1", "1", "2", "2"]),
                (
                    "event",
                    &[
                        "sync_start",
                        "sync_end_success",
                        "sync_start",
                        "sync_end_failure",
                    ],
                ),
                (
                    "ts",
                    &["1793498400", "1793498460", "1793502000", "1793502060"],
                ),
            ]),
            "x",
            true,
        );
        assert!(
            text.contains("started_at = { path = \"ts\", when = \"unfinished\" }"),
            "{text}"
        );
        assert!(
            text.contains("\"completed\"") && text.contains("\"failed\""),
            "{text}"
        );
        crate::mapping::preset::Preset::parse_named(&text, "x").unwrap();
    }

    #[test]
    fn unusual_times_get_their_notation() {
        assert_eq!(times(&["20261101", "20261102"]), Times::As("%Y%m%d"));
        assert_eq!(times(&["01-Nov-2026 02:00"]), Times::As("%d-%b-%Y %H:%M"));
        assert_eq!(times(&["2026-11-01T02:00:00Z"]), Times::Known);
        assert_eq!(times(&["1793498400"]), Times::Known);
        assert_eq!(times(&["soon"]), Times::None);
    }
}
