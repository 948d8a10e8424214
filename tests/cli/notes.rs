//! What is read as missing, assumed or odd is counted and said, in the report and by `check`.

use serde_json::Value;

use crate::{folder_of, report, rundown};

/// The tones and texts of the notes about the inputs.
fn notes(report: &Value) -> Vec<(String, String)> {
    let notes = report["sections"]["inputs"]["notes"].as_array().unwrap();
    let of = |note: &Value, key: &str| note[key].as_str().unwrap().to_owned();
    notes
        .iter()
        .map(|note| (of(note, "tone"), of(note, "text")))
        .collect()
}

const HEADER: &str = "scan,run_id,status,started_at,ended_at,duration_ms,row_count\n";

#[test]
fn what_was_read_as_missing_or_assumed_is_counted() {
    // Zoneless times: 1 + 2. Words for no value: 2 + 1. One duration below 0; two runs of more than 30 days, one by its
    // duration (30 days are 2,592,000,000 ms), one by its times. One blank line.
    let rows = "a,r1,completed,2026-11-01 02:00:00,-,,N/A\n\
        b,r2,completed,2026-11-02T02:00:00Z,2026-11-02T03:00:00Z,-5,null\n\
        \n\
        c,r3,completed,2026-11-03T02:00:00Z,,2592000001,7\n\
        d,r4,completed,2026-09-01T02:00:00,2026-10-02T02:00:00,,7\n\
        e,r5,completed,2026-11-03T02:00:00Z,,2592000000,7\n";
    let folder = folder_of(&[("a.csv", &format!("{HEADER}{rows}"))]);
    let at = folder.path();
    let json = report(at, &["a.csv", "--last", "all"]);
    let said = notes(&json);
    let check = rundown(at, &["check", "a.csv"]).ends(0).out();
    for (tone, text) in [
        (
            "info",
            "3 times without a zone, read as UTC; --input-tz names another zone.",
        ),
        (
            "info",
            "3 values such as - or N/A in place of a time or a number, read as missing.",
        ),
        ("warning", "1 duration below 0, read as missing."),
        ("warning", "2 records of runs that took more than 30 days."),
        ("info", "1 blank line between records, passed over."),
    ] {
        assert!(
            said.contains(&(tone.to_owned(), text.to_owned())),
            "{text}\n{said:?}"
        );
        assert!(
            check.contains(text.trim_end_matches('.')),
            "{text}\n{check}"
        );
    }
    let runs = json["sections"]["runs"]["runs"].as_array().unwrap();
    let run = |id: &str| runs.iter().find(|run| run["run_id"] == id).unwrap();
    assert!(run("r1")["row_count"].is_null() && run("r1")["ended_at"].is_null());
    // From its times, since a duration below 0 is none: an hour.
    assert_eq!(run("r2")["duration_ms"], 3_600_000);
    assert_eq!(json["sections"]["inputs"]["reconciliation"]["rejected"], 0);
}

#[test]
fn a_zone_that_is_known_is_not_assumed() {
    let rows = "a,r1,completed,2026-11-01 02:00:00,,,\n";
    let headed = HEADER.replace("started_at", "started_at [UTC]");
    for (text, args) in [
        (format!("{headed}{rows}"), &[][..]),
        (format!("{HEADER}{rows}"), &["--input-tz", "Europe/Berlin"]),
        (format!("{HEADER}{}", rows.replace(":00,", ":00Z,")), &[]),
    ] {
        let folder = folder_of(&[("a.csv", &text)]);
        let json = report(folder.path(), &[&["a.csv"], args].concat());
        let said = notes(&json);
        assert!(
            said.iter().all(|(_, text)| !text.contains("zone")),
            "{said:?}"
        );
    }
}

#[test]
fn runs_after_a_day_that_was_given_are_pointed_out() {
    let rows = "a,r1,completed,2026-11-01T02:00:00Z,,,\na,r2,completed,2026-11-05T02:00:00Z,,,\n";
    let folder = folder_of(&[("a.csv", &format!("{HEADER}{rows}"))]);
    let late = |args: &[&str]| {
        let json = report(folder.path(), &[&["a.csv"], args].concat());
        notes(&json)
            .into_iter()
            .filter(|(_, text)| text.contains("--as-of"))
            .collect::<Vec<_>>()
    };
    assert_eq!(late(&[]), []);
    assert_eq!(late(&["--as-of", "2026-11-05"]), []);
    let said = late(&["--as-of", "2026-11-04"]);
    assert_eq!(said.len(), 1);
    assert!(
        said[0].1.starts_with("1 run lies after the day of --as-of"),
        "{said:?}"
    );
}

/// Letters that stand for a number.
fn letters(mut number: u32) -> String {
    let mut word = String::new();
    for _ in 0..4 {
        word.extend(char::from_digit(10 + number % 26, 36));
        number /= 26;
    }
    word
}

#[test]
fn a_log_of_made_up_names_makes_a_report_of_bounded_size() {
    let names: u32 = 50_010;
    let mut text = "scan,run_id,status,started_at,error_message\n".to_owned();
    for name in 0..names {
        let word = letters(name);
        // A failure with a message of its own, and a status of its own.
        text.push_str(&format!(
            "scan {word},f{name},failed,2026-11-01T02:00:00Z,the {word} is lost\n\
             scan {word},u{name},state{word},2026-11-02T02:00:00Z,\n"
        ));
    }
    let folder = folder_of(&[("a.csv", &text)]);
    let json = report(folder.path(), &["a.csv", "--last", "all"]);
    let sections = &json["sections"];
    for (section, table, rest, most) in [
        ("scans", "scans", "scans_rest", 50_000_u32),
        ("errors", "signatures", "signatures_rest", 10_000),
    ] {
        let (block, total) = (&sections[section][table], format!("{table}_total"));
        let rows = block.as_array().unwrap();
        assert_eq!(rows.len(), most as usize, "{table}");
        assert_eq!(sections[section][total], names, "{table}");
        let rest = &sections[section][rest];
        assert_eq!(rest["rows"], names - most, "{table}");
        let sum: i64 = rows.iter().map(|row| row["runs"].as_i64().unwrap()).sum();
        // Each scan has two runs, each error one.
        let all = if table == "scans" { 2 * names } else { names };
        assert_eq!(
            sum + rest["runs"].as_i64().unwrap(),
            i64::from(all),
            "{table}"
        );
    }
    let said = notes(&json);
    let words = said
        .iter()
        .filter(|(_, text)| text.contains("is no word"))
        .count();
    assert_eq!(words, 20);
    let more =
        "49,990 more status words that rundown does not know: 49,990 records, counted as unknown.";
    assert!(said.iter().any(|(_, text)| text == more), "{said:?}");
}
