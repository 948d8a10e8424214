//! What holds of every page, on reports of all kinds.

use crate::devtools::{Tab, browser};
use crate::inspect::{DARK, LIGHT, Look, NARROW, NARROWEST, assert_none, every_fault, outline};
use crate::reports::{self, Page};

/// Looks at a page in all ways, then without scripts.
fn inspect(make: fn() -> Page, looks: &[Look]) {
    let Some(browser) = browser() else { return };
    let page = make();
    let mut tab = Tab::new(&browser);
    let (mut found, with) = every_fault(&mut tab, &page.file, looks);
    tab.media("", &[]);
    tab.size(LIGHT.width, 900);
    tab.scripts(false);
    tab.open(&page.file, "");
    found.extend(tab.complaints(&page.file));
    if outline(&mut tab) != with {
        found.push("without scripts, the page shows something else".to_owned());
    }
    assert_none("the page", &found);
}

const ALL: [Look; 3] = [LIGHT, DARK, NARROW];

#[test]
fn the_samples() {
    inspect(
        || reports::sample(&["report"], &[]),
        &[LIGHT, DARK, NARROW, NARROWEST],
    );
}

#[test]
fn a_ticket_of_a_scan() {
    let make = || reports::sample(&["scan", "sql-crm-prod/daily"], &[]);
    inspect(make, &ALL);
}

#[test]
fn a_ticket_of_a_run() {
    let make = || reports::sample(&["run", "347c9866-0301-46dc-8769-92b70b98defc"], &[]);
    inspect(make, &ALL);
}

#[test]
fn a_log_of_nothing() {
    inspect(reports::nothing, &ALL);
}

#[test]
fn an_empty_period() {
    inspect(reports::empty_window, &ALL);
}

#[test]
fn one_run() {
    inspect(reports::one_run, &ALL);
}

#[test]
fn one_scan_on_one_day() {
    inspect(reports::one_day, &ALL);
}

#[test]
fn every_status() {
    inspect(reports::every_status, &ALL);
}

#[test]
fn names_from_right_to_left() {
    inspect(reports::right_to_left, &ALL);
}

#[test]
fn very_long_names() {
    inspect(reports::long_names, &ALL);
}

#[test]
fn hostile_names() {
    inspect(reports::hostile, &ALL);
}

#[test]
fn a_hundred_thousand_runs() {
    inspect(reports::hundred_thousand_runs, &ALL);
}

#[test]
fn a_thousand_scans() {
    inspect(reports::thousand_scans, &ALL);
}
