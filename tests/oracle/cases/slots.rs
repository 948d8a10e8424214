//! Runs that did not come, and schedules that only look as if one was missing.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use chrono_tz::Tz;

use super::{Case, MINUTE, date, dates, local, text, utc};
use crate::common::write::Cell;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = missed_slots();
    cases.extend(no_missed_slots());
    cases.extend(pauses());
    cases
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
                );
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
                );
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
                );
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
            &[
                "missed_runs purview/acme/sql/a 2024-05-20T01:30:00Z 1",
                "missed_runs purview/acme/sql/b 2024-05-20T02:30:00Z 1",
            ],
        ),
        scans(
            "more than half of the scans pause",
            4,
            3,
            &["missed_runs purview/acme/-/- 2024-05-20T01:30:00Z 3"],
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
