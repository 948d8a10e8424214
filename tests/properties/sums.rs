//! Parts add up to their whole, whichever way it is cut.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use serde_json::Value;

use crate::common::generate::case;
use crate::{Made, int, made_of, rows, sum};

/// What every table of runs counts.
const COUNTS: [&str; 7] = [
    "runs",
    "succeeded",
    "partial",
    "failed",
    "cancelled",
    "active",
    "unknown",
];

fn date(value: &Value) -> NaiveDate {
    value.as_str().unwrap().parse().unwrap()
}

/// The counts of each bucket, by the first date of the bucket.
fn by_period(made: &Made) -> BTreeMap<NaiveDate, [i64; 7]> {
    let rows = made.rows("outcomes", "by_period").iter();
    rows.map(|row| (date(&row["start"]), COUNTS.map(|key| int(row, key))))
        .collect()
}

/// Days put into the buckets that the function names.
fn gathered(
    days: &BTreeMap<NaiveDate, [i64; 7]>,
    bucket: impl Fn(NaiveDate) -> NaiveDate,
) -> BTreeMap<NaiveDate, [i64; 7]> {
    let mut buckets: BTreeMap<NaiveDate, [i64; 7]> = BTreeMap::new();
    for (day, counts) in days {
        let into = buckets.entry(bucket(*day)).or_default();
        for (sum, count) in into.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    buckets
}

#[test]
fn days_weeks_and_months_add_up_to_the_total() {
    for seed in 0..4 {
        let (rows, zone) = (rows(seed), case(seed).tz.name());
        for last in if seed % 2 == 0 { ["all"] } else { ["30d"] } {
            let report = |by| made_of(&rows, &["--tz", zone, "--last", last, "--by", by]);
            let (days, weeks, months) = (report("day"), report("week"), report("month"));
            let whole = COUNTS.map(|key| days.number("overview", "figures", key));
            let by_day = by_period(&days);
            let total = gathered(&by_day, |_| NaiveDate::MIN);
            assert_eq!(total[&NaiveDate::MIN], whole, "seed {seed}, {last}");
            let monday =
                |day: NaiveDate| day - Days::new(u64::from(day.weekday().num_days_from_monday()));
            assert_eq!(
                by_period(&weeks),
                gathered(&by_day, monday),
                "seed {seed}, {last}"
            );
            let first = |day: NaiveDate| day.with_day(1).unwrap();
            assert_eq!(
                by_period(&months),
                gathered(&by_day, first),
                "seed {seed}, {last}"
            );
        }
    }
}

#[test]
fn a_length_to_switch_to_is_the_table_of_that_length() {
    for seed in 0..3 {
        let (rows, zone) = (rows(seed), case(seed).tz.name());
        let report = |by| made_of(&rows, &["--tz", zone, "--last", "60d", "--by", by]);
        let made = [report("day"), report("week"), report("month")];
        let ids = ["by_day", "by_week", "by_month"];
        for (chosen, own) in made.iter().zip(ids) {
            for (other, id) in made.iter().zip(ids).filter(|(_, id)| *id != own) {
                let switched = chosen.rows("outcomes", id);
                assert_eq!(
                    switched,
                    other.rows("outcomes", "by_period"),
                    "seed {seed}: {own}, {id}"
                );
            }
        }
    }
}

#[test]
fn outcomes_add_up_to_runs_wherever_they_are_counted() {
    for seed in 0..3 {
        let made = made_of(&rows(seed), &["--last", "all", "--by", "week"]);
        let tables = [
            made.rows("outcomes", "by_period"),
            made.rows("scans", "scans"),
            std::slice::from_ref(made.at("overview", "figures")),
        ];
        for row in tables.into_iter().flatten() {
            let outcomes: i64 = COUNTS[1..].iter().map(|key| int(row, key)).sum();
            assert_eq!(outcomes, int(row, "runs"), "seed {seed}: {row}");
        }
    }
}

#[test]
fn scans_add_up_to_the_total() {
    for seed in 0..3 {
        for last in ["all", "14d"] {
            let made = made_of(&rows(seed), &["--last", last]);
            let scans = made.rows("scans", "scans");
            for key in COUNTS {
                let whole = made.number("overview", "figures", key);
                assert_eq!(sum(scans, key), whole, "seed {seed}, {last}: {key}");
            }
            let with_runs = scans.iter().filter(|scan| int(scan, "runs") > 0).count();
            let counted = made.number("overview", "figures", "scans");
            assert_eq!(
                i64::try_from(with_runs).unwrap(),
                counted,
                "seed {seed}, {last}"
            );
        }
    }
}

#[test]
fn errors_add_up_to_the_runs_that_failed() {
    let mut without_text = 0;
    for seed in 0..3 {
        let rows = rows(seed);
        let errors = |made: &Made| {
            let (causes, errors) = (
                sum(made.rows("errors", "categories"), "runs"),
                sum(made.rows("errors", "signatures"), "runs"),
            );
            assert_eq!(causes, errors, "seed {seed}");
            errors
        };
        let report = |outcome| made_of(&rows, &["--last", "all", "--outcome", outcome]);
        // Every failed run has a cause and an error, one without a text too.
        let failed = report("failed");
        let count = failed.number("overview", "figures", "failed");
        assert_eq!(errors(&failed), count, "seed {seed}");
        let empty = failed.rows("errors", "signatures").iter();
        without_text += empty
            .filter(|row| row["example"].is_null())
            .map(|row| int(row, "runs"))
            .sum::<i64>();
        // Of the others, only partial runs may have one, and not more than there are.
        let partial = report("partial");
        let with_error = errors(&partial);
        assert!(
            with_error <= partial.number("overview", "figures", "partial"),
            "seed {seed}"
        );
        assert_eq!(errors(&report("!failed,!partial")), 0, "seed {seed}");
        let all = made_of(&rows, &["--last", "all"]);
        assert_eq!(errors(&all), count + with_error, "seed {seed}");
    }
    assert!(without_text > 0, "no made-up run fails without a text");
}

/// Figures that count things of runs; those that count scans or sources do not add up, and rates neither.
const OF_RUNS: [(&str, &[&str]); 2] = [
    (
        "overview",
        &[
            "runs",
            "succeeded",
            "partial",
            "failed",
            "cancelled",
            "active",
            "unknown",
            "child_runs",
        ],
    ),
    (
        "gaps",
        &[
            "runs_compared",
            "discovered",
            "ingested",
            "ingest_failed",
            "missing",
            "missing_runs",
            "surplus",
            "surplus_runs",
            "pending_runs",
            "not_available_runs",
            "relationships_ingested",
            "relationships_failed",
        ],
    ),
];

#[test]
fn the_parts_of_a_period_add_up_to_it() {
    let mut both = 0;
    for seed in 0..3 {
        let (rows, case) = (rows(seed), case(seed));
        let reach = case.reach;
        let (first, last) = (
            case.centre - Days::new(reach),
            case.centre + Days::new(reach),
        );
        let report = |from: NaiveDate, to: NaiveDate| {
            let (from, to) = (from.to_string(), to.to_string());
            made_of(
                &rows,
                &["--tz", case.tz.name(), "--from", &from, "--to", &to],
            )
        };
        let whole = report(first, last);
        for cut in [reach - 3, reach] {
            let end = first + Days::new(cut);
            let parts = [report(first, end), report(end.succ_opt().unwrap(), last)];
            let what = format!("seed {seed}, cut after {end}");
            for (section, keys) in OF_RUNS {
                for key in keys {
                    let of = |made: &Made| made.number(section, "figures", key);
                    assert_eq!(
                        of(&whole),
                        parts.iter().map(of).sum::<i64>(),
                        "{what}: {key}"
                    );
                }
            }
            let of = |made: &Made| {
                let mut runs = BTreeMap::new();
                for row in made.rows("errors", "categories") {
                    runs.insert(row["category"].to_string(), int(row, "runs"));
                }
                runs
            };
            let mut added = of(&parts[0]);
            for (category, runs) in of(&parts[1]) {
                *added.entry(category).or_insert(0) += runs;
            }
            assert_eq!(of(&whole), added, "{what}");
            let used = |made: &Made| made.number("inputs", "reconciliation", "used");
            assert_eq!(used(&whole), used(&parts[0]) + used(&parts[1]), "{what}");
            both += i32::from(parts.iter().all(|made| used(made) > 0));
        }
    }
    assert!(both > 3, "only {both} cuts have runs on both sides");
}
