//! Small histories whose findings were worked out by hand: for each kind one that is a finding, and some that
//! only look like one. The oracle and the program are both run on them.

use chrono::{Datelike, Days};
use chrono::{NaiveDate, NaiveDateTime, Weekday};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::common::write::{Cell, Row, TimeStyle, all_columns, csv_bytes};
use crate::oracle::{Options, cadence};

/// One history and what must be found in it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) options: Options,
    /// Kind, `system/account/source/scan`, since, runs; `-` for null.
    pub(crate) findings: Vec<&'static str>,
}

const MINUTE: i64 = 60_000_000;

/// A run while it is written down. What is not said is a scheduled run of ten minutes that succeeded.
struct Log {
    tz: Tz,
    rows: Vec<Row>,
}

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// So many dates from the first on.
fn dates(first: &str, count: usize) -> Vec<NaiveDate> {
    date(first).iter_days().take(count).collect()
}

impl Log {
    fn new(tz: Tz) -> Self {
        Self {
            tz,
            rows: Vec::new(),
        }
    }

    /// A run of the scan that begins at this local time.
    fn run(&mut self, scan: &str, local: &str, status: &str) -> &mut Row {
        let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
        let start = cadence::instant(local, self.tz).timestamp_micros();
        let mut row = Row::new();
        for (name, value) in [
            ("system", "purview"),
            ("account", "acme"),
            ("source", "sql"),
            ("scan", scan),
            ("status", status),
        ] {
            row.insert(name, text(value));
        }
        row.insert("run_id", Cell::Text(format!("r{:04}", self.rows.len())));
        row.insert("started_at", Cell::Time(start));
        if status != "InProgress" {
            row.insert("ended_at", Cell::Time(start + 10 * MINUTE));
        }
        self.rows.push(row);
        self.rows.last_mut().unwrap()
    }

    /// Runs that succeed, on these dates at this time of day.
    fn runs(&mut self, scan: &str, dates: &[NaiveDate], clock: &str) {
        for date in dates {
            self.run(scan, &format!("{date} {clock}"), "Succeeded");
        }
    }

    /// Daily runs with one value each.
    fn values(&mut self, scan: &str, field: &'static str, run_type: &str, values: &[i64]) {
        let first = self.rows.len();
        self.runs(scan, &dates("2024-05-01", values.len()), "02:00");
        for (row, value) in self.rows[first..].iter_mut().zip(values) {
            row.insert(field, Cell::Count(*value));
            row.insert("run_type", text(run_type));
        }
    }

    /// One run for each word: `S`ucceeded, `F`ailed, `C`ancelled, `P`artial; daily from 1 May at 02:00.
    fn outcomes(&mut self, scan: &str, words: &str) {
        for (day, word) in words.chars().enumerate() {
            let status = match word {
                'S' => "Succeeded",
                'F' => "Failed",
                'C' => "Canceled",
                _ => "PartialSucceeded",
            };
            let date = date("2024-05-01") + Days::new(day as u64);
            self.run(scan, &format!("{date} 02:00"), status);
        }
    }

    fn case(self, name: &'static str, findings: &[&'static str]) -> Case {
        let options = Options {
            tz: self.tz,
            ..Options::default()
        };
        Case {
            name,
            files: vec![("runs.csv".to_owned(), self.bytes())],
            options,
            findings: findings.to_vec(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        csv_bytes(&self.rows, &all_columns(), TimeStyle::Zulu)
    }
}

/// A case in UTC, with the default window of 30 days up to the newest run.
fn utc(name: &'static str, write: impl Fn(&mut Log), findings: &[&'static str]) -> Case {
    local(Tz::UTC, name, write, findings)
}

fn local(tz: Tz, name: &'static str, write: impl Fn(&mut Log), findings: &[&'static str]) -> Case {
    let mut log = Log::new(tz);
    write(&mut log);
    log.case(name, findings)
}

impl Case {
    fn last(mut self, last: &'static str) -> Self {
        self.options.last = Some(last);
        self
    }
}

pub(crate) fn all() -> Vec<Case> {
    let mut cases = failures();
    cases.extend(assets());
    cases.extend(times());
    cases.extend(missed_slots());
    cases.extend(no_missed_slots());
    cases.extend(pauses());
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
        utc(
            "a full scan finds more than the incremental ones",
            |log| {
                log.values(
                    "a",
                    "assets_discovered",
                    "full",
                    &[900, 900, 900, 900, 900, 900],
                );
                log.run("a", "2024-05-07 02:00", "Succeeded");
                let row = log.rows.last_mut().unwrap();
                row.insert("assets_discovered", Cell::Count(30));
                row.insert("run_type", text("incremental"));
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

/// All but some of the dates.
fn but(dates: Vec<NaiveDate>, without: &[&str]) -> Vec<NaiveDate> {
    let without: Vec<NaiveDate> = without.iter().map(|text| date(text)).collect();
    dates.into_iter().filter(|d| !without.contains(d)).collect()
}

fn working_days(first: &str, count: usize) -> Vec<NaiveDate> {
    let mut days = dates(first, count);
    days.retain(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    days
}

fn every(first: &str, step: usize, count: usize) -> Vec<NaiveDate> {
    dates(first, step * count)
        .into_iter()
        .step_by(step)
        .collect()
}

fn missed_slots() -> Vec<Case> {
    vec![
        utc(
            "a daily run that did not come",
            |log| log.runs("a", &but(dates("2024-05-01", 30), &["2024-05-10"]), "02:00"),
            &["missed_runs purview/acme/sql/a 2024-05-10T02:00:00Z 1"],
        ),
        // Due on 21, 22, 23 and 24 May; the slot of 25 May is only four hours old when the data ends.
        utc(
            "daily runs that come no more",
            |log| {
                log.runs("a", &dates("2024-05-01", 20), "02:00");
                log.run("b", "2024-05-25 05:50", "Succeeded");
            },
            &["missed_runs purview/acme/sql/a 2024-05-21T02:00:00Z 4"],
        ),
        // 15 May is a Wednesday, and the slots of the weekends are none.
        utc(
            "a run on working days that did not come",
            |log| {
                log.runs(
                    "a",
                    &but(working_days("2024-05-01", 30), &["2024-05-15"]),
                    "02:00",
                )
            },
            &["missed_runs purview/acme/sql/a 2024-05-15T02:00:00Z 1"],
        ),
        // Fridays. 17 May is missing: 5 of 6 Fridays have a run. The slot is one of five in the period.
        utc(
            "a weekly run that did not come",
            |log| {
                log.runs(
                    "a",
                    &but(every("2024-05-03", 7, 6), &["2024-05-17"]),
                    "02:00",
                )
            },
            &["missed_runs purview/acme/sql/a 2024-05-17T02:00:00Z 1"],
        ),
        utc(
            "a run every other day that did not come",
            |log| {
                log.runs(
                    "a",
                    &but(every("2024-05-01", 2, 15), &["2024-05-11"]),
                    "02:00",
                )
            },
            &["missed_runs purview/acme/sql/a 2024-05-11T02:00:00Z 1"],
        ),
        // Gaps of 31, 29, 31, 30, 61, 31, 30, 31 and 30 days: their median is 31. One slot 31 days after 1 May.
        utc(
            "a monthly run that did not come",
            |log| {
                let days: Vec<NaiveDate> = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]
                    .iter()
                    .map(|month| NaiveDate::from_ymd_opt(2024, *month, 1).unwrap())
                    .collect();
                log.runs("a", &days, "02:00");
            },
            &["missed_runs purview/acme/sql/a 2024-06-01T02:00:00Z 1"],
        )
        .last("all"),
        // Hourly from 1 May 00:00; 05:00 and 06:00 are missing on 2 May.
        utc(
            "hourly runs that did not come",
            |log| {
                for hour in (0..48).filter(|hour| ![29, 30].contains(hour)) {
                    let local = format!("2024-05-{:02} {:02}:00", 1 + hour / 24, hour % 24);
                    log.run("a", &local, "Succeeded");
                }
            },
            &["missed_runs purview/acme/sql/a 2024-05-02T05:00:00Z 2"],
        ),
        // The newest start is at 12:00, the horizon at 16:10: 13:00, 14:00 and 15:00 are due an hour before it.
        utc(
            "hourly runs that come no more",
            |log| {
                for hour in 0..13 {
                    log.run("a", &format!("2024-05-01 {hour:02}:00"), "Succeeded");
                }
                log.run("b", "2024-05-01 16:00", "Succeeded");
            },
            &["missed_runs purview/acme/sql/a 2024-05-01T13:00:00Z 3"],
        ),
        // In Berlin the clock jumps from 02:00 to 03:00 on 31 March 2024: 02:30 would be 01:30 UTC.
        local(
            Tz::Europe__Berlin,
            "a run that was due in the hour that the clock leaves out",
            |log| log.runs("a", &but(dates("2024-03-11", 28), &["2024-03-31"]), "02:30"),
            &["missed_runs purview/acme/sql/a 2024-03-31T01:30:00Z 1"],
        ),
        // On 27 October 2024 02:30 comes twice; the first is at 00:30 UTC.
        local(
            Tz::Europe__Berlin,
            "a run that was due in the hour that comes twice",
            |log| log.runs("a", &but(dates("2024-10-07", 28), &["2024-10-27"]), "02:30"),
            &["missed_runs purview/acme/sql/a 2024-10-27T00:30:00Z 1"],
        ),
        // Slot days begin at noon. The slot of 9 May is missing; the median of 20 times 23:50 and 9 times 00:10 is 23:50.
        utc(
            "a missed run of a scan that starts around midnight",
            |log| {
                for (n, day) in dates("2024-05-01", 30).into_iter().enumerate() {
                    if n == 8 {
                        continue;
                    }
                    let late = n % 3 == 0;
                    let (day, clock) = if late {
                        (day + Days::new(1), "00:10")
                    } else {
                        (day, "23:50")
                    };
                    log.run("a", &format!("{day} {clock}"), "Succeeded");
                }
            },
            &["missed_runs purview/acme/sql/a 2024-05-09T23:50:00Z 1"],
        ),
    ]
}

fn no_missed_slots() -> Vec<Case> {
    vec![
        utc(
            "a scan on working days only",
            |log| {
                log.runs("a", &working_days("2024-05-01", 31), "02:00");
                // The data ends on Monday 3 June at 01:00.
                log.run("b", "2024-06-03 00:50", "Succeeded");
            },
            &[],
        ),
        utc(
            "the first week of data has a hole",
            |log| {
                log.runs("a", &but(dates("2024-05-01", 7), &["2024-05-04"]), "02:00");
                log.run("b", "2024-05-07 12:00", "Succeeded");
            },
            &[],
        ),
        utc(
            "five days of data, and two without a run",
            |log| {
                log.runs("a", &dates("2024-05-01", 5), "02:00");
                log.run("b", "2024-05-07 22:00", "Succeeded");
            },
            &[],
        ),
        local(
            Tz::Europe__Berlin,
            "a daily run in spring",
            |log| log.runs("a", &dates("2024-03-11", 28), "02:30"),
            &[],
        ),
        local(
            Tz::Europe__Berlin,
            "a daily run in autumn",
            |log| log.runs("a", &dates("2024-10-07", 28), "02:30"),
            &[],
        ),
        // The scheduler counts in UTC, so that local times are an hour later from 31 March on.
        local(
            Tz::Europe__Berlin,
            "a run at 23:30 UTC in spring",
            |log| {
                log.tz = Tz::UTC;
                log.runs("a", &dates("2024-03-11", 28), "23:30");
                log.tz = Tz::Europe__Berlin;
            },
            &[],
        ),
        utc(
            "starts jump around midnight",
            |log| {
                for (n, day) in dates("2024-05-01", 30).into_iter().enumerate() {
                    let (day, clock) = match n % 3 {
                        0 => (day + Days::new(1), "00:40"),
                        1 => (day, "23:20"),
                        _ => (day, "23:59"),
                    };
                    log.run("a", &format!("{day} {clock}"), "Succeeded");
                }
            },
            &[],
        ),
        // 22 of 28 slots are missed from 16 May on, and runs still come.
        utc(
            "from daily to weekly",
            |log| {
                log.runs("a", &dates("2024-05-01", 30), "02:00");
                log.runs("a", &every("2024-06-06", 7, 2), "02:00");
            },
            &[],
        ),
        utc(
            "manual runs beside the schedule",
            |log| {
                log.runs("a", &dates("2024-05-01", 30), "02:00");
                for local in ["2024-05-03 14:00", "2024-05-09 10:30", "2024-05-09 11:10"] {
                    log.run("a", local, "Succeeded")
                        .insert("trigger", text("manual"));
                }
            },
            &[],
        ),
        utc(
            "a manual run in place of the scheduled one",
            |log| {
                log.runs("a", &but(dates("2024-05-01", 30), &["2024-05-10"]), "02:00");
                log.run("a", "2024-05-10 09:00", "Succeeded")
                    .insert("trigger", text("manual"));
            },
            &[],
        ),
        utc(
            "manual runs keep no schedule",
            |log| {
                for day in but(dates("2024-05-01", 30), &["2024-05-10"]) {
                    log.run("a", &format!("{day} 09:00"), "Succeeded")
                        .insert("trigger", text("manual"));
                }
            },
            &[],
        ),
        // The run of 10 May ends on 11 May at 08:00, so that the next one had to wait.
        utc(
            "a run that is under way at the next slot",
            |log| {
                log.runs("a", &but(dates("2024-05-01", 30), &["2024-05-11"]), "02:00");
                let end = log.rows[9]["started_at"].clone();
                let Cell::Time(start) = end else {
                    unreachable!()
                };
                log.rows[9].insert("ended_at", Cell::Time(start + 30 * 60 * MINUTE));
            },
            &[],
        ),
        // Full on Sundays, incremental on all other days: a run of either type keeps the slot.
        utc(
            "a full scan in place of the incremental one",
            |log| {
                for day in dates("2024-05-01", 30) {
                    let full = day.weekday() == Weekday::Sun;
                    log.run("a", &format!("{day} 02:00"), "Succeeded")
                        .insert("run_type", text(if full { "full" } else { "incremental" }));
                }
            },
            &[],
        ),
        utc(
            "eleven hourly starts tell nothing",
            |log| {
                for hour in 0..11 {
                    log.run("a", &format!("2024-05-01 {hour:02}:00"), "Succeeded");
                }
                log.run("b", "2024-05-01 18:00", "Succeeded");
            },
            &[],
        ),
        // Starts all over the day: the largest stretch without one is shorter than six hours.
        utc(
            "starts at any hour",
            |log| {
                for (n, day) in dates("2024-05-01", 30).into_iter().enumerate() {
                    if n != 12 {
                        log.run("a", &format!("{day} {:02}:00", (n * 5) % 24), "Succeeded");
                    }
                }
            },
            &[],
        ),
        // The run of the last day is not due before noon.
        utc(
            "the day is not over",
            |log| {
                log.runs("a", &dates("2024-05-01", 20), "08:00");
                log.run("b", "2024-05-21 19:49", "Succeeded");
            },
            &[],
        ),
    ]
}

fn pauses() -> Vec<Case> {
    let scans = |name, count: usize, off: usize, findings: &[&'static str]| {
        utc(
            name,
            |log| {
                for (n, scan) in ["a", "b", "c", "d"].iter().take(count).enumerate() {
                    let mut days = dates("2024-05-01", 30);
                    if n < off {
                        days = but(days, &["2024-05-20"]);
                    }
                    log.runs(scan, &days, &format!("0{}:30", n + 1));
                }
            },
            findings,
        )
    };
    vec![
        scans(
            "a holiday on which all scans pause",
            4,
            4,
            &["missed_runs purview/acme/-/- 2024-05-20T01:30:00Z 4"],
        ),
        scans(
            "half of the scans pause",
            4,
            2,
            &["missed_runs purview/acme/-/- 2024-05-20T01:30:00Z 2"],
        ),
        scans(
            "one of three scans misses a run",
            3,
            1,
            &["missed_runs purview/acme/sql/a 2024-05-20T01:30:00Z 1"],
        ),
        scans(
            "two scans are not a whole system",
            2,
            2,
            &[
                "missed_runs purview/acme/sql/a 2024-05-20T01:30:00Z 1",
                "missed_runs purview/acme/sql/b 2024-05-20T02:30:00Z 1",
            ],
        ),
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
        many.push_str(&format!(
            "a,{n},Succeeded,2024-05-01T02:{:02}:{:02}Z\n",
            n / 60 % 60,
            n % 60
        ));
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

/// A file, and cells of the report that were worked out by hand.
pub(crate) struct TableCase {
    pub(crate) name: &'static str,
    pub(crate) csv: String,
    pub(crate) options: Options,
    /// Under the paths of the report; of each table that is named, every row.
    pub(crate) expected: Value,
}

pub(crate) fn tables() -> Vec<TableCase> {
    vec![changed(), first_period(), waited(), delivered()]
}

/// Seven days from 8 to 14 May and the seven before them.
fn changed() -> TableCase {
    let identity =
        |scan: &str| json!({"system": "other", "account": null, "source": "x", "scan": scan});
    let row = |scan: &str, change: &str, at: &str, runs: i64, before: i64| {
        let mut row = identity(scan);
        row["change"] = json!(change);
        row["at"] = json!(format!("2024-05-{at}:00Z"));
        row["runs"] = json!(runs);
        row["runs_before"] = json!(before);
        row
    };
    let count = |figure: &str, now: i64, before: i64| json!({"figure": figure, "now": now, "before": before, "change": now - before});
    let counts = [
        ("runs", 9, 6),
        ("succeeded", 4, 4),
        ("partial", 0, 0),
        ("failed", 4, 2),
        ("cancelled", 1, 0),
        ("active", 0, 0),
        ("unknown", 0, 0),
        // breaks, mends, starts and idles; before: breaks, mends, ends, idles.
        ("scans", 4, 4),
        ("sources", 1, 1),
        // `ends` and `old`; before: `old`.
        ("silent_scans", 2, 1),
        ("child_runs", 0, 0),
        ("runs_compared", 1, 0),
        ("discovered", 9, 0),
        ("ingested", 8, 0),
        ("ingest_failed", 0, 0),
        // The type of the run is not known, so that the one asset is not missing.
        ("missing", 0, 0),
        ("missing_runs", 0, 0),
        ("surplus", 0, 0),
        ("surplus_runs", 0, 0),
        ("pending_runs", 0, 0),
        ("not_available_runs", 3, 4),
        ("relationships_ingested", 0, 0),
        ("relationships_failed", 0, 0),
    ];
    TableCase {
        name: "two periods",
        csv: "source,scan,run_id,status,started_at,assets_discovered,assets_ingested\n\
            x,old,1,Succeeded,2024-04-01T01:00:00Z,,\n\
            x,old,2,Failed,2024-04-02T01:00:00Z,,\n\
            x,breaks,3,Failed,2024-05-02T01:00:00Z,,\n\
            x,breaks,4,Succeeded,2024-05-03T01:00:00Z,,\n\
            x,breaks,5,Failed,2024-05-08T01:00:00Z,,\n\
            x,breaks,6,Succeeded,2024-05-09T01:00:00Z,,\n\
            x,breaks,7,Failed,2024-05-10T01:00:00Z,,\n\
            x,breaks,8,Failed,2024-05-11T01:00:00Z,,\n\
            x,breaks,9,Canceled,2024-05-12T01:00:00Z,,\n\
            x,mends,10,Failed,2024-05-07T01:00:00Z,,\n\
            x,mends,11,Failed,2024-05-08T01:00:00Z,,\n\
            x,mends,12,Succeeded,2024-05-09T02:00:00Z,,\n\
            x,ends,13,Succeeded,2024-05-05T01:00:00Z,,\n\
            x,ends,14,Succeeded,2024-05-06T01:00:00Z,,\n\
            x,starts,15,Succeeded,2024-05-13T01:00:00Z,9,8\n\
            x,idles,16,Succeeded,2024-05-01T01:00:00Z,,\n\
            x,idles,17,Succeeded,2024-05-14T01:00:00Z,,\n"
            .to_owned(),
        options: Options {
            last: Some("7d"),
            ..Options::default()
        },
        expected: json!({"sections": {"changes": {
            "counts": counts.map(|(figure, now, before)| count(figure, now, before)),
            // 4 of 8 now; 4 of 6 before.
            "rates": [{"figure": "success_rate", "now": 0.5, "before": 4.0 / 6.0, "change": 0.5 - 4.0 / 6.0}],
            "scans": [
                // The failing streak is the runs 7 and 8.
                row("breaks", "newly_failing", "10T01:00", 5, 2),
                row("ends", "silent", "06T01:00", 0, 2),
                row("mends", "recovered", "09T02:00", 2, 1),
                row("starts", "new", "13T01:00", 1, 0),
            ],
            // Failures without text were there all the time, and `idles` has none.
            "errors": [],
        }}}),
    }
}

fn first_period() -> TableCase {
    TableCase {
        name: "no period before",
        csv: "source,scan,run_id,status,started_at\n\
            x,a,1,Succeeded,2024-05-02T01:00:00Z\n\
            x,a,2,Failed,2024-05-14T01:00:00Z\n"
            .to_owned(),
        options: Options {
            last: Some("7d"),
            ..Options::default()
        },
        expected: json!({"sections": {"changes": {"counts": [], "rates": [], "scans": [], "errors": []}}}),
    }
}

fn waited() -> TableCase {
    let row = |weekday: &str, starts: &[(&str, i64)]| {
        let mut row = json!({"weekday": weekday});
        for hour in 0..24 {
            row[format!("h{hour:02}")] = json!(0);
        }
        for (hour, runs) in starts {
            row[*hour] = json!(runs);
        }
        row
    };
    let slow = |scan: &str, id: &str, at: &str, outcome: &str, duration: i64, usual: i64| {
        json!({"system": "other", "account": null, "source": "x", "scan": scan, "run_id": id, "at": at,
            "outcome": outcome, "duration_ms": duration, "usual_ms": usual})
    };
    TableCase {
        name: "durations",
        // Kolkata is five and a half hours ahead of UTC. 13 May 2024 is a Monday.
        csv: "source,scan,run_id,status,discovery_status,started_at,duration_ms,queue_ms\n\
            x,a,1,Succeeded,,2024-05-13T01:00:00Z,100,10\n\
            x,a,2,Succeeded,,2024-05-13T01:10:00Z,300,20\n\
            x,a,3,PartialSucceeded,,2024-05-13T02:00:00Z,300,\n\
            x,a,4,Failed,,2024-05-13T20:00:00Z,900,40\n\
            x,b,5,Succeeded,,2024-05-14T01:00:00Z,400,\n\
            x,c,6,Queued,,2024-05-14T01:00:00Z,,70\n\
            x,c,7,Running,Throttled,2024-05-14T01:00:00Z,,\n\
            x,c,8,Failed,Queued,2024-05-14T01:00:00Z,,\n"
            .to_owned(),
        options: Options {
            tz: Tz::Asia__Kolkata,
            sunday: true,
            ..Options::default()
        },
        expected: json!({"sections": {"durations": {
            // Longest p95 first. Scan c has no run that went well. Run 2 is as slow as run 3, and earlier.
            "scans": [
                {"system": "other", "account": null, "source": "x", "scan": "b", "runs": 1, "p50_ms": 400, "p95_ms": 400,
                    "max_ms": 400, "queue_p50_ms": null, "queue_p95_ms": null, "slowest_run_id": "5"},
                {"system": "other", "account": null, "source": "x", "scan": "a", "runs": 3, "p50_ms": 300, "p95_ms": 300,
                    "max_ms": 300, "queue_p50_ms": 20, "queue_p95_ms": 40, "slowest_run_id": "2"},
            ],
            // Durations 100, 300, 300, 400; queues 10, 20, 40, 70. Runs 1, 2 and 4 have both: 70 of 70 + 1300.
            "figures": {"duration_p50_ms": 300, "duration_p95_ms": 400, "queue_p50_ms": 20, "queue_p95_ms": 70,
                "queue_share": 70.0 / 1370.0, "queued_runs": 1, "throttled_runs": 1},
            "slowest": [
                slow("b", "5", "2024-05-14T01:00:00Z", "succeeded", 400, 400),
                slow("a", "2", "2024-05-13T01:10:00Z", "succeeded", 300, 300),
                slow("a", "3", "2024-05-13T02:00:00Z", "partial", 300, 300),
                slow("a", "1", "2024-05-13T01:00:00Z", "succeeded", 100, 300),
            ],
            // 06:30, 06:40, 07:30 on Monday; 01:30 and four times 06:30 on Tuesday.
            "starts": [
                row("Sunday", &[]),
                row("Monday", &[("h06", 2), ("h07", 1)]),
                row("Tuesday", &[("h01", 1), ("h06", 4)]),
                row("Wednesday", &[]),
                row("Thursday", &[]),
                row("Friday", &[]),
                row("Saturday", &[]),
            ],
        }}}),
    }
}

fn delivered() -> TableCase {
    TableCase {
        name: "rows of sources",
        csv: "system,source,scan,run_id,run_type,status,category,row_count,started_at\n\
            u,a,a,1,full,Succeeded,map,100,2024-04-01T01:00:00Z\n\
            u,a,a,2,full,Succeeded,map,75,2024-05-13T01:00:00Z\n\
            u,a,a,3,full,Failed,map,5,2024-05-14T01:00:00Z\n\
            u,a,a,4,,Succeeded,map_and_aggregate,,2024-05-13T02:00:00Z\n\
            u,b,b,5,full,Succeeded,,0,2024-05-12T01:00:00Z\n\
            u,b,b,6,full,PartialSucceeded,map,7,2024-05-13T01:00:00Z\n\
            u,c,c,7,full,Succeeded,map,7,2024-04-01T01:00:00Z\n\
            u,d,d,8,full,Succeeded,,,2024-05-13T01:00:00Z\n"
            .to_owned(),
        options: Options {
            last: Some("7d"),
            ..Options::default()
        },
        // Run 3 failed, so that its rows are not the newest. Nothing is a share of 0 rows. Source c has no run in the
        // period, d neither rows nor a category.
        expected: json!({"sections": {"gaps": {"sources": [
            {"system": "u", "account": null, "source": "a", "run_type": null, "runs": 1, "last_rows": null,
                "previous_rows": null, "change": null, "not_unified_runs": 0},
            {"system": "u", "account": null, "source": "a", "run_type": "full", "runs": 2, "last_rows": 75,
                "previous_rows": 100, "change": -0.25, "not_unified_runs": 1},
            {"system": "u", "account": null, "source": "b", "run_type": "full", "runs": 2, "last_rows": 7,
                "previous_rows": 0, "change": null, "not_unified_runs": 1},
        ]}}}),
    }
}
