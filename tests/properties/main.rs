//! What must hold for every log, checked on made-up ones: numbers add up, and what must not matter does not.
//!
//! [`PROPERTIES`] lists all of it with the tests that show it, here and elsewhere.
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a test may panic, and its numbers are small"
)]
#![allow(dead_code, reason = "each test file uses a part of the shared helpers")]

#[path = "../common/mod.rs"]
mod common;
mod dates;
mod formats;
mod more;
#[path = "../common/page.rs"]
mod page;
mod percentiles;
mod places;
mod reading;
mod sentences;
mod sums;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rundown::cli::Job;
use rundown::render::{Format, render};
use rundown::report::Report;
use serde_json::Value;

use common::generate::case;
use common::vocabulary::NO_TIMES;
use common::write::{self, Cell, Row, TimeStyle};

/// How a property is shown.
enum Shown {
    /// By these tests.
    By(&'static [&'static str]),
    /// Not as it stands, for this reason.
    Otherwise(&'static str),
}

use Shown::{By, Otherwise};

/// What must hold, by number.
#[rustfmt::skip]
const PROPERTIES: [(u32, &str, Shown); 30] = [
    (1, "records read = used + superseded + rejected + filtered + outside the period, by file and in total",
        By(&["tests/figures.rs::made_up_runs_give_the_numbers_of_the_oracle_in_the_first_32_cases",
            "tests/bad_input/codes.rs::every_code_has_a_case"])),
    (2, "days add up to the total", By(&["tests/properties/sums.rs::days_weeks_and_months_add_up_to_the_total"])),
    (3, "weeks add up to the total", By(&["tests/properties/sums.rs::days_weeks_and_months_add_up_to_the_total"])),
    (4, "outcomes add up to the total", By(&["tests/properties/sums.rs::outcomes_add_up_to_runs_wherever_they_are_counted"])),
    (5, "scans add up to the total", By(&["tests/properties/sums.rs::scans_add_up_to_the_total"])),
    (6, "errors and runs without a text add up to the failures", By(&["tests/properties/sums.rs::errors_add_up_to_the_runs_that_failed"])),
    (7, "a run is counted once however often it is reconciled", By(&["tests/invariance.rs::the_same_file_under_two_names_is_read_once_and_the_copy_is_listed_as_skipped",
        "tests/properties/places.rs::what_is_converted_and_read_again_is_the_same"])),
    (8, "the same records again only add superseded ones", By(&["tests/invariance.rs::the_same_records_in_another_file_only_add_superseded_records"])),
    (9, "the order of files does not matter", By(&["tests/invariance.rs::ten_files_are_worth_one_and_their_order_does_not_matter"])),
    (10, "the order of records does not matter", By(&["tests/invariance.rs::the_order_of_records_changes_nothing"])),
    (11, "splitting a file does not matter", By(&["tests/invariance.rs::ten_files_are_worth_one_and_their_order_does_not_matter"])),
    (12, "CSV, JSON array, NDJSON, an API's answer and Parquet, plain or compressed, are the same",
        By(&["tests/invariance.rs::csv_json_ndjson_parquet_and_gzip_of_the_same_runs_give_the_same_sections",
            "tests/properties/places.rs::every_format_plain_or_compressed_gives_the_same_sections"])),
    (13, "UTF-8, with a mark or without, and UTF-16 are the same", By(&["tests/bytes/encodings.rs::utf_16_is_read_in_both_byte_orders_with_a_mark_and_without",
        "tests/bytes/encodings.rs::byte_order_marks_are_no_text"])),
    (14, "delimiters and line ends do not matter", By(&["tests/bytes/delimited.rs::delimiters_are_found_out_and_stated", "tests/bytes/delimited.rs::line_ends_of_every_kind_give_the_same_lines"])),
    (15, "the order of columns and columns nobody knows do not matter", By(&["tests/invariance.rs::the_order_and_spelling_of_columns_and_columns_nobody_knows_change_nothing"])),
    (16, "k bad records are k rejects and change nothing else", By(&["tests/invariance.rs::bad_csv_rows_are_each_one_reject_and_change_nothing_else",
        "tests/invariance.rs::bad_ndjson_lines_are_each_one_reject_and_change_nothing_else",
        "tests/invariance.rs::bad_elements_of_a_json_array_are_each_one_reject_and_change_nothing_else"])),
    (17, "the number of threads, the machine's zone, language and width of terminal do not matter",
        By(&["tests/properties/places.rs::the_machine_changes_no_byte"])),
    (18, "the same instant with another offset changes nothing", By(&["tests/invariance.rs::the_same_instants_written_otherwise_change_nothing"])),
    (19, "a week later is the same report with other dates", By(&["tests/properties/dates.rs::a_week_later_is_the_same_report_with_other_dates"])),
    (20, "the parts of a period add up to it", By(&["tests/properties/sums.rs::the_parts_of_a_period_add_up_to_it"])),
    (21, "a filter and its opposite make the whole", By(&["tests/cli/content.rs::a_filter_and_its_opposite_add_up_to_everything"])),
    (22, "percentiles are ranks of whole numbers, between the least and the greatest",
        By(&["tests/properties/percentiles.rs::percentiles_are_the_values_at_their_rank"])),
    (23, "days with data and days without make all days of the period", By(&["tests/properties/dates.rs::every_day_of_the_period_is_there_and_known_to_have_data_or_not"])),
    (24, "one more failed run is one more failed run", By(&["tests/properties/more.rs::one_more_failed_run_is_one_more_failed_run_and_nothing_else"])),
    (25, "other names in the same order change names only", By(&["tests/properties/more.rs::other_names_in_the_same_order_change_names_only"])),
    (26, "HTML, Markdown and JSON hold the same numbers", By(&["tests/properties/formats.rs::html_markdown_and_json_hold_the_same_numbers"])),
    (27, "every number in a sentence is in the JSON", By(&["tests/properties/sentences.rs::every_number_of_the_first_sentences_is_in_the_json"])),
    (28, "JSON fits its published schema", Otherwise("no schema is published; the paths are listed in the README, and every golden report holds them")),
    (29, "no output holds a secret", By(&["tests/secrets/canaries.rs::no_planted_secret_is_in_anything_that_is_written"])),
    (30, "a hostile log gives pages of the same shape as a plain one", By(&["tests/hostile/html.rs::a_hostile_page_is_built_like_a_plain_one",
        "tests/markdown/main.rs::a_hostile_log_has_the_same_shape_as_a_plain_one"])),
];

#[test]
fn every_property_has_a_test_that_exists_or_a_reason() {
    let numbers: Vec<u32> = PROPERTIES.iter().map(|(number, ..)| *number).collect();
    assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
    let statements: BTreeSet<_> = PROPERTIES.iter().map(|(_, says, _)| says).collect();
    assert_eq!(statements.len(), 30);
    let mut faults = Vec::new();
    for (number, _, shown) in &PROPERTIES {
        match shown {
            By(tests) => {
                assert!(!tests.is_empty(), "{number}");
                faults.extend(tests.iter().filter_map(|test| common::cited::fault(test)));
            }
            Otherwise(reason) => assert!(reason.split(' ').count() > 5, "{number}: {reason}"),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_test_that_does_not_exist_is_noticed() {
    let fault = |cited| common::cited::fault(cited);
    assert_eq!(
        fault("tests/properties/main.rs::a_test_that_does_not_exist_is_noticed"),
        None
    );
    for cited in [
        "tests/properties/main.rs",
        "tests/properties/nowhere.rs::x",
        "tests/properties/main.rs::nobody",
        // A function, but no test.
        "tests/properties/main.rs::helper_without_arguments",
    ] {
        assert!(fault(cited).is_some(), "{cited}");
    }
}

/// Stands for a function that is no test.
fn helper_without_arguments() {}

/// A report and what it is as JSON.
pub(crate) struct Made {
    pub(crate) report: Report,
    pub(crate) json: Value,
}

impl Made {
    /// A block of a section as JSON.
    pub(crate) fn at(&self, section: &str, block: &str) -> &Value {
        let found = &self.json["sections"][section][block];
        assert!(!found.is_null(), "{section}.{block}");
        found
    }

    /// The rows of a table.
    pub(crate) fn rows(&self, section: &str, block: &str) -> &[Value] {
        self.at(section, block).as_array().expect("a table")
    }

    /// A number of a block of figures.
    pub(crate) fn number(&self, section: &str, block: &str, key: &str) -> i64 {
        int(self.at(section, block), key)
    }
}

/// A whole number of a row.
pub(crate) fn int(row: &Value, key: &str) -> i64 {
    row[key]
        .as_i64()
        .unwrap_or_else(|| panic!("{key} is no whole number in {row}"))
}

/// The sum of a column.
pub(crate) fn sum(rows: &[Value], key: &str) -> i64 {
    rows.iter().map(|row| int(row, key)).sum()
}

/// The report of files with the arguments of the command line; the books must balance.
pub(crate) fn made(files: &[PathBuf], args: &[&str]) -> Made {
    let mut line: Vec<std::ffi::OsString> = vec!["rundown".into(), "report".into()];
    line.extend(files.iter().map(Into::into));
    line.extend(args.iter().map(Into::into));
    let cli = rundown::cli::config::read(line, []).unwrap();
    let Job::Run(job) = rundown::cli::job(cli).unwrap() else {
        panic!("report is a run");
    };
    let log = rundown::load(&job.options).unwrap();
    let totals = rundown::totals(&log);
    assert!(totals.balanced, "{totals:?}");
    let report = rundown::report(&log, &job.options).unwrap();
    let json = serde_json::from_str(&render(&report, Format::Json).unwrap()).unwrap();
    Made { report, json }
}

/// Whether the row has one of the times that make it usable.
pub(crate) fn usable(row: &Row) -> bool {
    ["started_at", "queued_at", "ended_at"]
        .iter()
        .any(|name| matches!(row.get(name), Some(Cell::Time(micros)) if !NO_TIMES.contains(micros)))
}

/// The usable rows of one seed.
pub(crate) fn rows(seed: u64) -> Vec<Row> {
    case(seed).rows.into_iter().filter(usable).collect()
}

/// The names of scans that made-up rows have, in order.
pub(crate) fn names(rows: &[Row]) -> Vec<String> {
    let names: BTreeSet<String> = rows
        .iter()
        .filter_map(|row| match row.get("scan") {
            Some(Cell::Text(name)) => Some(name.clone()),
            _ => None,
        })
        .collect();
    names.into_iter().collect()
}

/// Writes rows as CSV.
pub(crate) fn csv(folder: &Path, name: &str, rows: &[Row]) -> PathBuf {
    let path = folder.join(name);
    write::csv(&path, rows, &write::all_columns(), TimeStyle::Zulu);
    path
}

/// The report of rows.
pub(crate) fn made_of(rows: &[Row], args: &[&str]) -> Made {
    let folder = tempfile::tempdir().unwrap();
    made(&[csv(folder.path(), "runs.csv", rows)], args)
}
