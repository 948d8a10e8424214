//! Scans with which nothing is wrong are left alone: who is told too often of nothing reads no findings any more.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "a test may panic, and its numbers are small"
)]
#![allow(dead_code, reason = "each test file uses a part of the shared helpers")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::good_report;
use common::healthy::healthy;
use common::write::{self, TimeStyle};

/// Scans of one report, and how many reports.
const SCANS: usize = 56;
const REPORTS: u64 = 18;

#[test]
fn fewer_than_one_healthy_scan_in_a_hundred_has_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("runs.csv");
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut told = Vec::new();
    let (mut scans, mut found) = (0, 0);
    for seed in 0..REPORTS {
        let log = healthy(seed, SCANS);
        write::csv(&file, &log.rows, &write::all_columns(), TimeStyle::Zulu);
        let last = ["30d", "7d", "last-week"][seed as usize / 3 % 3];
        let args = ["--tz", log.tz.name(), "--last", last].map(str::to_owned);
        let report = good_report(folder.path(), std::slice::from_ref(&file), &args);
        let all = report["sections"]["scans"]["scans"].as_array().unwrap();
        assert!(all.len() + 4 >= log.scans, "seed {seed}: {}", all.len());
        scans += all.len();
        let mut names = BTreeSet::new();
        for finding in report["sections"]["findings"]["findings"]
            .as_array()
            .unwrap()
        {
            let line = format!("seed {seed}: {finding}");
            assert!(
                finding["scan"].is_string(),
                "about no scan, though nothing is wrong: {line}"
            );
            *kinds
                .entry(finding["kind"].as_str().unwrap().to_owned())
                .or_default() += 1;
            names.insert(finding["scan"].to_string());
            told.push(line);
        }
        found += names.len();
    }
    assert!(scans >= 1000, "{scans} scans are too few");
    assert!(
        found * 100 < scans,
        "{found} of {scans} healthy scans have a finding: {kinds:#?}\n{}",
        told.join("\n")
    );
}
