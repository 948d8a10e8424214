//! Percentiles against a sorted list.

use std::collections::BTreeMap;

use crate::common::Random;
use crate::common::write::{Cell, Row};
use crate::{int, made_of};

#[test]
fn percentiles_are_the_values_at_their_rank() {
    for seed in 0..6 {
        let mut random = Random::new(seed);
        let mut rows = Vec::new();
        let mut lengths: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for number in 0..30 + random.below(200) {
            let scan = format!("scan-{}", random.below(8));
            // Few different values make ties, many make ranks that differ.
            let length = i64::try_from(match random.below(3) {
                0 => random.below(4) * 1000,
                1 => random.below(100_000),
                _ => random.below(9_000_000),
            })
            .unwrap();
            let counts = random.percent(80);
            let mut row = Row::new();
            let status = if counts {
                random.pick(&["completed", "partial"])
            } else {
                "failed"
            };
            for (name, value) in [
                ("source", "sql"),
                ("scan", scan.as_str()),
                ("run_id", &format!("run-{number}")),
                ("status", status),
            ] {
                row.insert(name, Cell::Text(value.to_owned()));
            }
            // 2024-05-01 and one hour more for each run.
            let start = (1_714_521_600 + i64::try_from(number).unwrap() * 3_600) * 1_000_000;
            row.insert("started_at", Cell::Time(start));
            row.insert("duration_ms", Cell::Count(length));
            rows.push(row);
            if counts {
                lengths.entry(scan).or_default().push(length);
            }
        }
        let made = made_of(&rows, &["--last", "all"]);
        let shown = made.rows("durations", "scans");
        assert_eq!(
            shown.iter().filter(|row| !row["p50_ms"].is_null()).count(),
            lengths.len(),
            "seed {seed}"
        );
        for row in shown.iter().filter(|row| !row["p50_ms"].is_null()) {
            let sorted = lengths.get_mut(row["scan"].as_str().unwrap()).unwrap();
            sorted.sort_unstable();
            // Rank ⌈p·n/100⌉, counted from 1.
            let rank = |percent: usize| sorted[(percent * sorted.len()).div_ceil(100) - 1];
            let (p50, p95, max) = (int(row, "p50_ms"), int(row, "p95_ms"), int(row, "max_ms"));
            assert_eq!((p50, p95), (rank(50), rank(95)), "seed {seed}: {sorted:?}");
            assert_eq!(Some(&max), sorted.last(), "seed {seed}");
            assert!(
                sorted[0] <= p50 && p50 <= p95 && p95 <= max,
                "seed {seed}: {row}"
            );
        }
    }
}
