//! Every number of the report against an independent second implementation, cell by cell.
//!
//! The oracle under `tests/oracle` reads the same files, row by row, and computes the same tables from the
//! definitions. Made-up runs reach the odd cases; the sample data shows that the real shapes are read right.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "a test may panic, and its numbers are small"
)]
#![allow(dead_code, reason = "each test file uses a part of the shared helpers")]

mod common;
mod oracle;
#[path = "oracle/by_hand.rs"]
mod oracle_by_hand;
#[path = "oracle/cases/mod.rs"]
mod oracle_cases;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::{Value, json};

use common::compare::differences;
use common::generate::{Case, case, shifted};
use common::schedule;
use common::write::{self, Row, TimeStyle};
use common::{Random, good_report};
use oracle::{By, Options, load, state, tables};

/// Runs the program and the oracle on the same files, and lists the cells that differ.
fn check(folder: &Path, files: &[PathBuf], options: &Options) -> Vec<String> {
    let loaded = load::files(files, options).expect("files that the oracle can read");
    let expected = tables::expected(&loaded, options);
    let got = good_report(folder, files, &options.args());
    differences(&expected, &got)
}

/// Category and signature id of an error. The rules for both are data of the product; the oracle has none.
fn known_error(code: Option<&str>, message: Option<&str>) -> (String, String) {
    let code = code.map(rundown::errors::mask);
    let message = message.map(rundown::errors::mask);
    let category = rundown::errors::category(code.as_deref(), message.as_deref());
    let signature = match (code, message) {
        (None, None) => "(no error text)".to_owned(),
        (Some(code), None) => code.into_owned(),
        (None, Some(message)) => rundown::errors::signature(&message),
        (Some(code), Some(message)) => {
            let signature = rundown::errors::signature(&message);
            if signature.starts_with(&*code) {
                signature
            } else {
                format!("{code}: {signature}")
            }
        }
    };
    (
        category.key().to_owned(),
        rundown::errors::signature_id(&signature),
    )
}

/// Like `check`, for the tables that judge scans by their history.
fn check_state(folder: &Path, files: &[PathBuf], options: &Options) -> Vec<String> {
    let loaded = load::files(files, options).expect("files that the oracle can read");
    let expected = state::expected(&loaded, options, &known_error);
    let got = good_report(folder, files, &options.args());
    differences(&expected, &got)
}

/// Fails with the first differences, and says how to see them again.
fn fail_on(found: &[String], what: &str, files: &[PathBuf], options: &Options) {
    let shown: Vec<&String> = found.iter().take(25).collect();
    assert!(
        found.is_empty(),
        "{what}: {} cells differ\n{shown:#?}\nfiles: {files:?}\narguments: {}",
        found.len(),
        options.args().join(" ")
    );
}

/// Options that fit the made-up runs: every kind of window, bucket, week and zone in turn.
fn some_options(case: &Case, random: &mut Random) -> Options {
    let reach = i64::try_from(case.reach).unwrap();
    let mut options = Options {
        tz: case.tz,
        by: random.pick(&[By::Auto, By::Day, By::Week, By::Month]),
        sunday: random.percent(50),
        ..Options::default()
    };
    match random.below(12) {
        0 => {}
        10 | 11 => {
            // The lengths where `auto` goes from days to weeks and from weeks to months.
            options.last = Some(random.pick(&["31d", "32d", "26w", "183d"]));
            options.by = By::Auto;
        }
        1 => options.last = Some("7d"),
        2 => options.last = Some("4w"),
        3 => options.last = Some("2mo"),
        4 => options.last = Some("all"),
        5 => options.last = Some("last-week"),
        // Inside the data, before it, and after it.
        6 | 7 => {
            options.from = Some(shifted(case.centre, -reach / 3));
            options.to = Some(shifted(case.centre, reach / 4));
        }
        8 => {
            options.from = Some(shifted(case.centre, -reach - 60));
            options.to = Some(shifted(case.centre, -reach - 40));
        }
        _ => {
            options.from = Some(shifted(case.centre, reach + 10));
            options.to = Some(shifted(case.centre, reach + 20));
        }
    }
    match random.below(4) {
        0 => options.as_of = Some(shifted(case.centre, reach / 5)),
        1 => options.as_of = Some(shifted(case.centre, reach + 25)),
        _ => {}
    }
    if random.percent(12) {
        options.system = Some((random.pick(&["purview", "adf"])).to_owned());
    }
    options
}

/// Writes the rows into three files of different kinds.
fn write_files(folder: &Path, rows: &[Row], random: &mut Random) -> Vec<PathBuf> {
    let styles = [
        TimeStyle::Zulu,
        TimeStyle::Offset,
        TimeStyle::SevenDigits,
        TimeStyle::Naive,
    ];
    let third = rows.len() / 3;
    let csv = folder.join("one.csv");
    write::csv(
        &csv,
        &rows[..third],
        &write::all_columns(),
        random.pick(&styles),
    );
    let lines = folder.join("two.ndjson");
    write::ndjson(&lines, &rows[third..2 * third], random.pick(&styles));
    let last = &rows[2 * third..];
    let third = if random.percent(50) {
        let path = folder.join("three.parquet");
        write::parquet(&path, last);
        path
    } else {
        let path = folder.join("three.json");
        write::json(&path, last, random.pick(&styles));
        path
    };
    vec![csv, lines, third]
}

fn check_seeds(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let case = case(seed);
        let mut random = Random::new(seed ^ 0xfeed);
        let folder = tempfile::tempdir().unwrap();
        let files = write_files(folder.path(), &case.rows, &mut random);
        for _ in 0..2 {
            let options = some_options(&case, &mut random);
            let found = check(folder.path(), &files, &options);
            if !found.is_empty() {
                // The files stay, so that the case can be looked at.
                let kept = folder.keep();
                let files: Vec<PathBuf> = files
                    .iter()
                    .map(|f| kept.join(f.file_name().unwrap()))
                    .collect();
                fail_on(&found, &format!("seed {seed}"), &files, &options);
                return;
            }
        }
    }
}

/// Options that fit made-up schedules: mostly the period of a report that is made at the end of the data.
fn schedule_options(case: &Case, random: &mut Random) -> Options {
    let last = shifted(case.centre, i64::try_from(case.reach).unwrap());
    let mut options = Options {
        tz: case.tz,
        sunday: random.percent(50),
        ..Options::default()
    };
    match random.below(10) {
        0..=2 => {}
        3 | 4 => options.last = Some("7d"),
        5 => options.last = Some("4w"),
        6 => options.last = Some("last-week"),
        7 => options.last = Some("all"),
        _ => {
            options.from = Some(shifted(last, -30));
            options.to = Some(shifted(last, -9));
        }
    }
    match random.below(6) {
        0 => options.as_of = Some(shifted(last, -4)),
        1 => options.as_of = Some(shifted(last, 6)),
        _ => {}
    }
    if random.percent(10) {
        options.system = Some("purview".to_owned());
    }
    options
}

/// Compares the tables that judge scans, for made-up cases of one kind.
fn check_state_seeds(
    seeds: std::ops::Range<u64>,
    case: impl Fn(u64) -> Case,
    pick_options: impl Fn(&Case, &mut Random) -> Options,
) {
    let mut wrong = Vec::new();
    for seed in seeds {
        let case = case(seed);
        let mut random = Random::new(seed ^ 0xfade);
        let folder = tempfile::tempdir().unwrap();
        let files = write_files(folder.path(), &case.rows, &mut random);
        for _ in 0..2 {
            let options = pick_options(&case, &mut random);
            let found = check_state(folder.path(), &files, &options);
            if !found.is_empty() {
                // The files stay, so that the case can be looked at.
                let kept = folder.keep();
                let shown: Vec<String> = found.into_iter().take(8).collect();
                let args = options.args().join(" ");
                wrong.push(format!(
                    "seed {seed}: {} {args}\n{shown:#?}",
                    kept.display()
                ));
                break;
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} seeds differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn made_up_schedules_are_judged_as_by_the_oracle() {
    check_state_seeds(0..40, schedule::case, schedule_options);
}

#[test]
fn made_up_runs_are_judged_as_by_the_oracle() {
    check_state_seeds(0..24, case, some_options);
}

#[test]
fn made_up_schedules_reach_every_kind_of_finding() {
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..40 {
        let case = schedule::case(seed);
        let mut random = Random::new(seed ^ 0xfade);
        let folder = tempfile::tempdir().unwrap();
        let files = write_files(folder.path(), &case.rows, &mut random);
        let options = schedule_options(&case, &mut random);
        let loaded = load::files(&files, &options).unwrap();
        let expected = state::expected(&loaded, &options, &known_error);
        for row in expected["sections"]["findings"]["findings"]
            .as_array()
            .unwrap()
        {
            let whole_system = row["scan"].is_null();
            let kind = row["kind"].as_str().unwrap().to_owned();
            *seen.entry((kind, whole_system)).or_insert(0) += 1;
        }
    }
    for (kind, _) in oracle::findings::KINDS {
        let of_files = kind == "export_may_be_cut";
        let found = seen.keys().any(|(other, _)| other == kind);
        assert!(
            found || of_files,
            "no made-up schedule has {kind}: {seen:#?}"
        );
    }
    let pause = ("missed_runs".to_owned(), true);
    assert!(
        seen.contains_key(&pause),
        "no pause of a whole system: {seen:#?}"
    );
}

/// The findings of a report as the cases write them.
fn lines(report: &Value) -> Vec<String> {
    let rows = report["sections"]["findings"]["findings"].as_array();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut lines = Vec::new();
    for row in rows.expect("findings.findings") {
        let place = ["system", "account", "source", "scan"].map(|name| text(&row[name]));
        lines.push(format!(
            "{} {} {} {}",
            text(&row["kind"]),
            place.join("/"),
            text(&row["since"]),
            row["runs"]
        ));
    }
    lines
}

/// Writes the files of each case and makes a report of them.
fn judge_cases(report: impl Fn(&Path, &[PathBuf], &Options) -> Value) {
    let mut wrong = Vec::new();
    for case in oracle_cases::all() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        for (name, bytes) in &case.files {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            files.push(path);
        }
        let got = report(folder.path(), &files, &case.options);
        if got["sections"]["findings"]["findings"].is_null() {
            wrong.push(format!("{}: no findings.findings", case.name));
        } else if lines(&got) != case.findings {
            wrong.push(format!(
                "{}\n  expected {:#?}\n  got {:#?}",
                case.name,
                case.findings,
                lines(&got)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The cells that differ from those worked out by hand, with the name of their case.
fn table_cases(report: impl Fn(&Path, &[PathBuf], &Options) -> Value) {
    let mut wrong = Vec::new();
    for case in oracle_cases::tables() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.csv");
        std::fs::write(&path, &case.csv).unwrap();
        let got = report(folder.path(), &[path], &case.options);
        for difference in differences(&case.expected, &got) {
            wrong.push(format!("{}: {difference}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_oracle_gives_the_tables_that_were_worked_out_by_hand() {
    table_cases(|_, files, options| {
        let loaded = load::files(files, options).unwrap();
        state::expected(&loaded, options, &known_error)
    });
}

#[test]
fn the_program_gives_the_tables_that_were_worked_out_by_hand() {
    table_cases(|folder, files, options| good_report(folder, files, &options.args()));
}

#[test]
fn the_oracle_finds_in_small_histories_what_was_worked_out_by_hand() {
    judge_cases(|_, files, options| {
        let loaded = load::files(files, options).unwrap();
        state::expected(&loaded, options, &known_error)
    });
}

#[test]
fn the_program_finds_in_small_histories_what_was_worked_out_by_hand() {
    judge_cases(|folder, files, options| good_report(folder, files, &options.args()));
}

#[test]
fn made_up_runs_give_the_numbers_of_the_oracle_in_the_first_32_cases() {
    check_seeds(0..32);
}

#[test]
fn made_up_runs_give_the_numbers_of_the_oracle_in_the_next_32_cases() {
    check_seeds(32..64);
}

/// Sample files of shapes that the oracle does not read. Any other must be read, so that none is left out
/// without a word.
const NOT_READ: [&str; 0] = [];

/// The files of the sample data that the oracle reads, in the order of their names.
fn samples() -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let ends = [
                ".csv", ".tsv", ".txt", ".json", ".ndjson", ".jsonl", ".parquet", ".gz",
            ];
            let data = ends.iter().any(|end| name.ends_with(end));
            if path.is_dir() {
                folders.push(path);
            } else if data && !NOT_READ.contains(&name.as_str()) {
                let read = load::file(&path, &Options::default()).is_some();
                assert!(
                    read,
                    "{name}: teach the oracle this shape, or name it in NOT_READ"
                );
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "there is sample data");
    files
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn the_sample_data_gives_the_numbers_of_the_oracle_for_every_bucket_window_and_zone() {
    let files = samples();
    let folder = tempfile::tempdir().unwrap();
    for options in sample_options() {
        let found = check(folder.path(), &files, &options);
        fail_on(&found, "sample data", &files, &options);
    }
}

#[test]
fn the_sample_data_is_judged_as_by_the_oracle_for_every_window_and_zone() {
    let files = samples();
    let folder = tempfile::tempdir().unwrap();
    for options in sample_options() {
        let found = check_state(folder.path(), &files, &options);
        fail_on(&found, "sample data", &files, &options);
    }
}

#[test]
fn each_sample_alone_is_judged_as_by_the_oracle() {
    let folder = tempfile::tempdir().unwrap();
    for file in samples() {
        let options = Options::default();
        let files = [file];
        let found = check_state(folder.path(), &files, &options);
        fail_on(&found, "one sample", &files, &options);
    }
}

/// Every bucket, window and zone in which the sample data is looked at.
fn sample_options() -> Vec<Options> {
    let plain = Options::default;
    vec![
        plain(),
        Options {
            by: By::Day,
            ..plain()
        },
        Options {
            by: By::Week,
            ..plain()
        },
        Options {
            by: By::Week,
            sunday: true,
            ..plain()
        },
        Options {
            by: By::Month,
            last: Some("all"),
            ..plain()
        },
        Options {
            last: Some("all"),
            tz: Tz::Pacific__Auckland,
            ..plain()
        },
        Options {
            last: Some("7d"),
            tz: Tz::Europe__Berlin,
            ..plain()
        },
        Options {
            last: Some("last-week"),
            tz: Tz::America__St_Johns,
            ..plain()
        },
        Options {
            last: Some("last-week"),
            sunday: true,
            ..plain()
        },
        Options {
            last: Some("2mo"),
            by: By::Week,
            tz: Tz::Asia__Kolkata,
            ..plain()
        },
        Options {
            last: Some("4w"),
            as_of: Some(date("2026-11-02")),
            ..plain()
        },
        Options {
            from: Some(date("2026-10-20")),
            to: Some(date("2026-11-08")),
            ..plain()
        },
        Options {
            from: Some(date("2020-01-01")),
            to: Some(date("2020-01-31")),
            ..plain()
        },
        Options {
            system: Some("purview".to_owned()),
            ..plain()
        },
        Options {
            system: Some("zscaler-uvm".to_owned()),
            last: Some("all"),
            ..plain()
        },
    ]
}

#[test]
fn the_sample_data_gives_the_figures_that_its_readme_states() {
    let folder = tempfile::tempdir().unwrap();
    let got = good_report(folder.path(), &samples(), &[]);
    let expected = json!({
        "as_of": "2026-11-19",
        "window": {"first": "2026-10-21", "last": "2026-11-19"},
        "sections": {
            "overview": {
                "figures": {"runs": 688, "succeeded": 618, "partial": 9, "failed": 45, "cancelled": 7,
                    "active": 6, "unknown": 3, "success_rate": 618.0 / 672.0, "scans": 43, "sources": 25,
                    "silent_scans": 2, "child_runs": 13},
                "previous": {"runs": 508, "succeeded": 492, "failed": 13, "cancelled": 3, "scans": 28},
                "portal": {"succeeded": 253, "completed_with_exceptions": 8, "failed": 23, "cancelled": 2,
                    "in_progress": 4, "unknown": 1, "differing_runs": 1},
            },
            "gaps": {"figures": {"runs_compared": 253, "discovered": 1_846_005, "ingested": 410_804,
                "ingest_failed": 235, "missing": 2878, "missing_runs": 9, "surplus": 504, "surplus_runs": 13,
                "pending_runs": 6, "not_available_runs": 375}},
            "inputs": {"reconciliation": {"read": 1384, "used": 701, "superseded": 159, "rejected": 4,
                "filtered": 0, "outside_window": 520, "conflicts": 1, "balanced": true}},
        },
    });
    let found = differences(&expected, &got);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn each_sample_alone_gives_the_numbers_of_the_oracle() {
    let folder = tempfile::tempdir().unwrap();
    for file in samples() {
        let options = Options {
            last: Some("all"),
            ..Options::default()
        };
        let files = [file];
        let found = check(folder.path(), &files, &options);
        fail_on(&found, "one sample", &files, &options);
    }
}

#[test]
fn the_comparison_notices_one_changed_cell_one_missing_row_and_one_row_too_many() {
    let row = |scan: &str, runs: i64| json!({"system": "s", "account": null, "source": "a", "scan": scan, "runs": runs});
    let table = |rows: Vec<Value>| json!({"sections": {"scans": {"scans": rows}}});
    let expected = table(vec![row("x", 1), row("y", 2)]);
    let found = |got: &Value| differences(&expected, got).len();
    assert_eq!(found(&expected), 0);
    assert_eq!(
        found(&table(vec![row("y", 2), row("x", 1)])),
        0,
        "the order of rows is free"
    );
    assert_eq!(
        found(&table(vec![row("x", 1), row("y", 3)])),
        1,
        "a changed cell"
    );
    assert_eq!(found(&table(vec![row("x", 1)])), 1, "a missing row");
    assert_eq!(
        found(&table(vec![row("x", 1), row("y", 2), row("z", 0)])),
        1,
        "a row too many"
    );
    assert_eq!(
        found(&table(vec![row("x", 1), row("y", 2), row("y", 2)])),
        1,
        "a row twice"
    );
    assert_eq!(
        found(&json!({"sections": {"scans": {}}})),
        1,
        "a missing table"
    );
    let finding = |kind: &str, runs: i64| {
        json!({"kind": kind, "severity": "low", "system": null, "account": null, "source": null,
            "scan": null, "since": null, "runs": runs})
    };
    let findings = |rows: Vec<Value>| json!({"sections": {"findings": {"findings": rows}}});
    let expected = findings(vec![finding("a", 1), finding("a", 1), finding("b", 1)]);
    let found = |rows| differences(&expected, &findings(rows)).len();
    assert_eq!(
        found(vec![finding("a", 1), finding("a", 1), finding("b", 1)]),
        0
    );
    assert_eq!(
        found(vec![finding("a", 1), finding("b", 1), finding("a", 1)]),
        1,
        "the order of findings is not free"
    );
    assert!(found(vec![finding("a", 1), finding("b", 1)]) > 0);
    assert!(found(vec![finding("a", 1), finding("a", 2), finding("b", 1)]) > 0);
    let rate = |rate: f64| json!({"success_rate": rate});
    assert!(differences(&rate(1.0 / 3.0), &rate(1.0 / 3.0 + 1e-14)).is_empty());
    assert_eq!(differences(&rate(1.0 / 3.0), &rate(0.333)).len(), 1);
}
