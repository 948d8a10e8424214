//! Failures, assets, times, and records that are odd.

use std::fmt::Write as _;

use chrono::Days;
use chrono_tz::Tz;

use super::{Case, Log, MINUTE, date, dates, text, utc};
use crate::common::write::{Cell, Row};
use crate::oracle::Options;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = failures();
    cases.extend(assets());
    cases.extend(times());
    cases.extend(records());
    cases
}

fn failures() -> Vec<Case> {
    vec![
        // The first and the last failure are 24 hours apart.
        utc(
            "two failures a day apart",
            |log| log.outcomes("a", "SSSSSFF"),
            &["stopped_succeeding purview/acme/sql/a 2024-05-06T02:00:00Z 2"],
        ),
        utc(
            "two failures within a day",
            |log| {
                log.outcomes("a", "SSSSSF");
                log.run("a", "2024-05-07 01:59", "Failed");
            },
            &[],
        ),
        // Going back: two failures, a cancelled run between them that says nothing, one failure.
        utc(
            "three failures and a cancelled run among them",
            |log| log.outcomes("a", "SFFCF"),
            &["stopped_succeeding purview/acme/sql/a 2024-05-02T02:00:00Z 3"],
        ),
        utc(
            "failures that are over",
            |log| log.outcomes("a", "SFFFFP"),
            &[],
        ),
        // Three finished runs, one of them cancelled.
        utc(
            "a scan that never succeeded",
            |log| log.outcomes("a", "FCF"),
            &["never_succeeded purview/acme/sql/a 2024-05-01T02:00:00Z 3"],
        ),
        utc(
            "a new scan that failed twice",
            |log| log.outcomes("a", "FF"),
            &[],
        ),
        utc(
            "everything is cancelled",
            |log| log.outcomes("a", "CCCCCCCCCCCCCCC"),
            &[],
        ),
        // Three of the seven failed, and six differ from the one before.
        utc(
            "failures come and go",
            |log| log.outcomes("a", "SFSFSFS"),
            &["flapping purview/acme/sql/a 2024-05-02T02:00:00Z 3"],
        ),
        // Of the newest ten none failed.
        utc(
            "only the newest ten count",
            |log| log.outcomes("a", "FSFSFSSSSSSSSSS"),
            &[],
        ),
        utc(
            "two turns are no flapping",
            |log| log.outcomes("a", "SSFFFSS"),
            &[],
        ),
        // Data begins on 1 May, before the seven days from 8 to 14 May.
        utc(
            "an error that is new, of one scan",
            |log| {
                log.outcomes("a", "SSSSSSSSSFSFSS");
                log.rows[9].insert("error_message", text("Execution Timeout Expired"));
                log.rows[11].insert("error_message", text("Execution Timeout Expired"));
            },
            &["new_error purview/acme/sql/a 2024-05-10T02:00:00Z 2"],
        )
        .last("7d"),
        utc(
            "an error that is new, of two scans",
            |log| {
                log.outcomes("a", "SSSSSSSSSFSSSS");
                log.outcomes("b", "SSSSSSSSSSSFSS");
                log.rows[9].insert("error_message", text("Execution Timeout Expired"));
                log.rows[25].insert("error_message", text("Execution Timeout Expired"));
            },
            &["new_error -/-/-/- 2024-05-10T02:00:00Z 2"],
        )
        .last("7d"),
        utc(
            "an error of one run, and one that was seen before",
            |log| {
                log.outcomes("a", "SSFSSSSSSFSFSF");
                log.rows[2].insert("error_message", text("Execution Timeout Expired"));
                log.rows[9].insert("error_message", text("Execution Timeout Expired"));
                log.rows[11].insert("error_message", text("Execution Timeout Expired"));
                log.rows[13].insert("error_message", text("You did a bad thing"));
            },
            // The newest ten: S S S S F… from 5 May on: S S S S S F S F S F, three failures, five turns.
            &["flapping purview/acme/sql/a 2024-05-10T02:00:00Z 3"],
        )
        .last("7d"),
        // Nobody can say what is new where the data does not reach back before the period.
        utc(
            "an error in the first period",
            |log| log.outcomes("a", "SFSSFSS"),
            &[],
        ),
    ]
}

/// A run of scan `a` at 02:00 that found so many assets.
fn found(log: &mut Log, date: &str, run_type: &str, assets: i64) {
    let row = log.run("a", &format!("{date} 02:00"), "Succeeded");
    row.insert("assets_discovered", Cell::Count(assets));
    row.insert("run_type", text(run_type));
}

/// Sets the counts of a run.
fn counts(row: &mut Row, run_type: &str, discovered: i64, ingested: i64, ingest_failed: i64) {
    row.insert("run_type", text(run_type));
    row.insert("ingestion_status", text("Succeeded"));
    row.insert("assets_discovered", Cell::Count(discovered));
    row.insert("assets_ingested", Cell::Count(ingested));
    row.insert("assets_ingest_failed", Cell::Count(ingest_failed));
}

fn assets() -> Vec<Case> {
    /// One run a day: run type, discovered, ingested, failed to ingest.
    fn log(rows: &[(&str, i64, i64, i64)]) -> Log {
        let mut log = Log::new(Tz::UTC);
        for (day, row) in rows.iter().enumerate() {
            let local = format!("2024-05-{:02} 02:00", day + 1);
            counts(
                log.run("a", &local, "Succeeded"),
                row.0,
                row.1,
                row.2,
                row.3,
            );
        }
        log
    }
    let mut files = log(&[("full", 1000, 900, 0)]);
    files.rows[0].insert("source_type", text("Adls Gen2"));
    // 1,500 raw files became 100 assets, and 3 of them failed.
    let mut sets = log(&[("full", 1600, 97, 3)]);
    sets.rows[0].insert("source_type", text("AmazonS3"));
    let mut lost = log(&[("full", 1600, 100, 0)]);
    lost.rows[0].insert("source_type", text("AmazonS3"));
    lost.rows[0].insert("ingestion_status", text("Failed"));
    let volumes = |name, values: &'static [i64], findings: &[&'static str]| {
        utc(
            name,
            |log| log.values("a", "assets_discovered", "incremental", values),
            findings,
        )
    };
    vec![
        // 100 assets, which are 5 % of 2,000.
        log(&[
            ("incremental", 2000, 2000, 0),
            ("incremental", 2000, 10, 100),
        ])
        .case(
            "one run that lost much",
            &["ingestion_loss purview/acme/sql/a 2024-05-02T02:00:00Z 1"],
        ),
        log(&[("incremental", 2001, 10, 100)]).case("a loss of less than 5 %", &[]),
        log(&[("incremental", 200, 10, 99)]).case("a loss of less than 100 assets", &[]),
        log(&[("incremental", 2000, 10, 1), ("incremental", 2000, 10, 1)]).case(
            "two runs in a row that lost an asset",
            &["ingestion_loss purview/acme/sql/a 2024-05-01T02:00:00Z 2"],
        ),
        log(&[
            ("incremental", 2000, 10, 500),
            ("incremental", 2000, 10, 500),
            ("incremental", 2000, 2000, 0),
        ])
        .case("losses that are over", &[]),
        // The incremental run between the full ones says nothing. 10 of 1,000 is 1 %.
        log(&[
            ("full", 1000, 1000, 0),
            ("full", 1000, 995, 0),
            ("incremental", 1000, 3, 0),
            ("full", 1000, 990, 0),
        ])
        .case(
            "a gap that nothing explains",
            &["unexplained_gap purview/acme/sql/a 2024-05-02T02:00:00Z 2"],
        ),
        log(&[("full", 900, 891, 0)]).case("a gap of nine assets", &[]),
        log(&[("full", 1001, 991, 0)]).case("a gap of less than 1 %", &[]),
        files.case("a gap of a file source", &[]),
        sets.case(
            "files that became resource sets, and few that were lost",
            &[],
        ),
        lost.case(
            "a file source whose ingestion failed",
            &["ingestion_loss purview/acme/sql/a 2024-05-01T02:00:00Z 1"],
        ),
        volumes(
            "nothing is discovered any more",
            &[5, 5, 5, 0, 0],
            &["nothing_discovered purview/acme/sql/a 2024-05-04T02:00:00Z 2"],
        ),
        volumes("only two runs before the zero", &[5, 5, 0], &[]),
        volumes("there was a zero before", &[5, 0, 5, 5, 0], &[]),
        volumes("a zero that is over", &[5, 5, 5, 0, 5], &[]),
        // 49 is less than half of 100.
        volumes(
            "half of the volume is gone",
            &[100, 100, 100, 100, 100, 49, 48],
            &["volume_drop purview/acme/sql/a 2024-05-06T02:00:00Z 2"],
        ),
        volumes("exactly half is left", &[100, 100, 100, 100, 100, 50], &[]),
        volumes("four runs tell nothing", &[100, 100, 100, 100, 49], &[]),
        volumes("few assets jump about", &[19, 19, 19, 19, 19, 1], &[]),
        // The median of 10, 60, 90, 120, 200 is 90, the deviations are 80, 30, 0, 30, 110: 30. 90 − 1 = 89 < 3 · 30.
        volumes(
            "volumes that always jump about",
            &[10, 60, 90, 120, 200, 1],
            &[],
        ),
        // 0 is not a drop, and there are no three runs with assets before it.
        volumes("a zero is no drop", &[100, 100, 100, 100, 0, 100, 0], &[]),
        // The run of 7 May is the newest, and of another type.
        utc(
            "a full scan that finds little, before an incremental one",
            |log| {
                log.values(
                    "a",
                    "assets_discovered",
                    "full",
                    &[100, 100, 100, 100, 100, 49],
                );
                found(log, "2024-05-07", "incremental", 100);
            },
            &["volume_drop purview/acme/sql/a 2024-05-06T02:00:00Z 1"],
        ),
        utc(
            "a full scan that finds nothing, before an incremental one",
            |log| {
                log.values("a", "assets_discovered", "full", &[5, 5, 5, 0]);
                found(log, "2024-05-05", "incremental", 5);
            },
            &["nothing_discovered purview/acme/sql/a 2024-05-04T02:00:00Z 1"],
        ),
        // Full scans ended on 6 May, before the seven days from 8 to 14 May.
        utc(
            "a full scan that found little long ago",
            |log| {
                log.values(
                    "a",
                    "assets_discovered",
                    "full",
                    &[100, 100, 100, 100, 100, 49],
                );
                found(log, "2024-05-14", "incremental", 100);
            },
            &[],
        )
        .last("7d"),
        utc(
            "the newest run of all found little, long ago",
            |log| {
                log.values(
                    "a",
                    "assets_discovered",
                    "full",
                    &[100, 100, 100, 100, 100, 49],
                );
                log.run("b", "2024-05-14 02:00", "Succeeded");
            },
            &[
                "volume_drop purview/acme/sql/a 2024-05-06T02:00:00Z 1",
                "silent_scan purview/acme/sql/a 2024-05-06T02:00:00Z 6",
            ],
        )
        .last("7d"),
        utc(
            "a full scan finds more than the incremental ones",
            |log| {
                log.values(
                    "a",
                    "assets_discovered",
                    "full",
                    &[900, 900, 900, 900, 900, 900],
                );
                found(log, "2024-05-07", "incremental", 30);
            },
            &[],
        ),
    ]
}

fn times() -> Vec<Case> {
    /// Ten-minute runs, then runs of so many minutes, one a day.
    fn lasting(before: usize, minutes: &[i64]) -> Log {
        let mut all = vec![10; before];
        all.extend(minutes);
        let mut log = Log::new(Tz::UTC);
        for (day, minutes) in all.iter().enumerate() {
            let day = date("2024-05-01") + Days::new(day as u64);
            let row = log.run("a", &format!("{day} 02:00"), "Succeeded");
            row.insert("duration_ms", Cell::Count(minutes * 60_000));
        }
        log
    }
    /// Daily runs of so many minutes that waited so long.
    fn queueing(queues: &[i64], minutes: i64) -> Log {
        let mut log = lasting(0, &vec![minutes; queues.len()]);
        for (row, queue) in log.rows.iter_mut().zip(queues) {
            row.insert("queue_ms", Cell::Count(queue * 60_000));
        }
        log
    }
    let mut slow_full = lasting(8, &[25, 30, 16, 1]);
    for (n, row) in slow_full.rows.iter_mut().enumerate() {
        row.insert(
            "run_type",
            text(if n < 11 { "full" } else { "incremental" }),
        );
    }
    let active = |name, began: &'static str, findings: &[&'static str]| {
        utc(
            name,
            |log| {
                log.runs("a", &dates("2024-05-01", 5), "02:00");
                log.run("a", began, "InProgress");
                // The account is last heard of on 8 May at 02:10.
                log.run("b", "2024-05-08 02:00", "Succeeded");
            },
            findings,
        )
    };
    vec![
        active(
            "a run that does not end",
            "2024-05-07 02:10",
            &["stuck purview/acme/sql/a 2024-05-07T02:10:00Z 1"],
        ),
        active(
            "a run that began less than a day ago",
            "2024-05-07 02:11",
            &[],
        ),
        utc(
            "a run that may take as long as others did",
            |log| {
                log.run("a", "2024-05-01 02:00", "Succeeded")
                    .insert("duration_ms", Cell::Count(9 * 3_600_000));
                log.run("a", "2024-05-02 02:00", "InProgress");
                // 26 hours later, which is less than three times 9 hours.
                log.run("b", "2024-05-03 03:50", "Succeeded");
            },
            &[],
        ),
        // 25 minutes are more than twice 10 minutes, and more than 10 minutes more.
        lasting(8, &[25, 30, 16]).case(
            "three slow runs",
            &["slower purview/acme/sql/a 2024-05-09T02:00:00Z 3"],
        ),
        lasting(8, &[20, 30, 16]).case("slow runs of just twice the time", &[]),
        lasting(8, &[25, 30, 15]).case("one of the three is hardly slower", &[]),
        lasting(7, &[25, 30, 16]).case("slow runs without enough before them", &[]),
        lasting(8, &[25, 30, 26, 10]).case("slow runs that are over", &[]),
        slow_full.case(
            "three slow full scans, before an incremental one",
            &["slower purview/acme/sql/a 2024-05-09T02:00:00Z 3"],
        ),
        // The median is 15 minutes and half of the 30. Four runs waited 15 minutes or more, the first on 2 May.
        queueing(&[14, 15, 15, 20, 90], 30).case(
            "runs wait for half of the time that they take",
            &["queue_pressure purview/acme/sql/a 2024-05-02T02:00:00Z 4"],
        ),
        queueing(&[15, 15, 15, 15, 15], 31).case("runs take more than twice as long", &[]),
        queueing(&[90, 90, 90, 90], 30).case("four runs that waited", &[]),
        queueing(&[14, 14, 14, 90, 90], 20).case("most runs waited less than 15 minutes", &[]),
        // The newest run is older than the seven days, and twice the gap of three days before the end.
        utc(
            "a scan that is heard of no more",
            |log| {
                log.runs(
                    "a",
                    &[date("2024-05-01"), date("2024-05-04"), date("2024-05-05")],
                    "02:00",
                );
                log.run("b", "2024-05-12 02:00", "Succeeded");
            },
            &["silent_scan purview/acme/sql/a 2024-05-05T02:00:00Z 3"],
        )
        .last("7d"),
        utc(
            "a scan with gaps as long as this one",
            |log| {
                log.runs(
                    "a",
                    &[date("2024-05-01"), date("2024-05-04"), date("2024-05-08")],
                    "02:00",
                );
                log.run("b", "2024-05-16 02:00", "Succeeded");
            },
            // Eight days and ten minutes are more than twice four days.
            &["silent_scan purview/acme/sql/a 2024-05-08T02:00:00Z 3"],
        )
        .last("7d"),
        utc(
            "a scan that may come yet",
            |log| {
                log.runs(
                    "a",
                    &[date("2024-05-01"), date("2024-05-04"), date("2024-05-08")],
                    "02:00",
                );
                log.run("b", "2024-05-16 01:00", "Succeeded");
            },
            &[],
        )
        .last("7d"),
        utc(
            "two runs tell nothing",
            |log| {
                log.runs("a", &[date("2024-05-01"), date("2024-05-02")], "02:00");
                log.run("b", "2024-05-16 01:00", "Succeeded");
            },
            &[],
        )
        .last("7d"),
    ]
}

fn records() -> Vec<Case> {
    let page = |link: &str| {
        format!(
            r#"{{"value": [{{"id": "7bcde71f-4a4e-4e01-9226-c99d15fa0f30", "status": "Succeeded",
            "startTime": "2024-05-01T02:00:00Z", "endTime": "2024-05-01T02:10:00Z", "scanLevelType": "Full",
            "source": "sql", "scanName": "a", "runType": "Manual"}}], "nextLink": {link}}}"#
        )
    };
    let pages = |name, files: &[(&str, &str)], findings: &[&'static str]| Case {
        name,
        files: files
            .iter()
            .map(|(file, link)| ((*file).to_owned(), page(link).into_bytes()))
            .collect(),
        options: Options::default(),
        findings: findings.to_vec(),
    };
    let mut many = "scan,run_id,status,started_at\n".to_owned();
    for n in 0..10_000 {
        writeln!(
            many,
            "a,{n},Succeeded,2024-05-01T02:{:02}:{:02}Z",
            n / 60 % 60,
            n % 60
        )
        .unwrap();
    }
    let mut uvm = Log::new(Tz::UTC);
    uvm.runs("a", &dates("2024-05-01", 3), "02:00");
    for (row, category) in uvm.rows.iter_mut().zip([Some("map"), None, Some("map")]) {
        row.insert("system", text("zscaler-uvm"));
        if let Some(category) = category {
            row.insert("category", text(category));
        }
    }
    let mut uncategorised = Log::new(Tz::UTC);
    uncategorised.runs("a", &dates("2024-05-01", 3), "02:00");
    for row in &mut uncategorised.rows {
        row.insert("system", text("zscaler-uvm"));
    }
    vec![
        utc(
            "more classified than discovered",
            |log| {
                log.values("a", "assets_discovered", "incremental", &[5, 5, 5]);
                log.rows[1].insert("assets_classified", Cell::Count(6));
                log.rows[2].insert("assets_classified", Cell::Count(5));
            },
            &["inconsistent_record purview/acme/sql/a 2024-05-02T02:00:00Z 1"],
        ),
        utc(
            "an end before the start",
            |log| {
                log.run("a", "2024-05-01 02:00", "Succeeded");
                let Cell::Time(start) = log.rows[0]["started_at"].clone() else {
                    unreachable!()
                };
                log.rows[0].insert("ended_at", Cell::Time(start - MINUTE));
            },
            &["inconsistent_record purview/acme/sql/a 2024-05-01T02:00:00Z 1"],
        ),
        uvm.case(
            "a UVM run without a category",
            &["inconsistent_record zscaler-uvm/acme/sql/a 2024-05-02T02:00:00Z 1"],
        ),
        uncategorised.case("no UVM run has a category", &[]),
        // The two runs of 1 May are one with two endings; an active record beside a final one is no conflict.
        utc(
            "records that disagree",
            |log| {
                for (id, status) in [
                    ("x", "Succeeded"),
                    ("x", "Failed"),
                    ("y", "Succeeded"),
                    ("y", "InProgress"),
                ] {
                    log.run("a", "2024-05-01 02:00", status)
                        .insert("run_id", text(id));
                }
            },
            &["conflicting_records -/-/-/- - 1"],
        ),
        // The word `unknown` is known. A record with two strange words is one.
        utc(
            "words that nobody knows",
            |log| {
                log.run("a", "2024-05-01 02:00", "Exploded")
                    .insert("discovery_status", text("Melted"));
                log.run("a", "2024-05-02 02:00", "Exploded");
                log.run("a", "2024-05-03 02:00", "unknown");
            },
            &["unmapped_status -/-/-/- - 2"],
        ),
        pages(
            "a page without the last one",
            &[("daily-1.json", "\"https://example.org/2\"")],
            &["export_may_be_cut -/-/-/- - 1"],
        ),
        pages("the last page alone", &[("daily-1.json", "null")], &[]),
        pages(
            "all pages in files of their own",
            &[
                ("daily-1.json", "\"https://example.org/2\""),
                ("daily-2.json", "null"),
            ],
            &[],
        ),
        pages(
            "the last page of another list",
            &[
                ("daily-1.json", "\"https://example.org/2\""),
                ("weekly-2.json", "null"),
            ],
            &["export_may_be_cut -/-/-/- - 1"],
        ),
        Case {
            name: "exactly as many records as a portal gives",
            files: vec![("runs.csv".to_owned(), many.into_bytes())],
            options: Options::default(),
            findings: vec!["export_may_be_cut -/-/-/- - 10000"],
        },
    ]
}
