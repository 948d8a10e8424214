//! Made-up scans with which nothing is wrong, in the noise of every day: a failure now and then, jitter, volumes and
//! durations that vary, runs that somebody started by hand.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::Random;
use super::write::{Cell, Row};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Days of data.
const DAYS: u64 = 60;

/// When the runs of a scan begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rhythm {
    Daily,
    /// Monday to Friday.
    Workdays,
    /// Tuesday and Thursday.
    TwiceAWeek,
    /// On one weekday, from Monday as 0.
    Weekly(u32),
    EveryOtherDay,
    /// Every so many hours.
    Hours(i64),
    /// On one day of the month.
    Monthly(u32),
}

impl Rhythm {
    fn is_due(self, day: NaiveDate) -> bool {
        let weekday = day.weekday().num_days_from_monday();
        match self {
            Self::Daily | Self::Hours(_) => true,
            Self::Workdays => weekday < 5,
            Self::TwiceAWeek => weekday == 1 || weekday == 3,
            Self::Weekly(on) => weekday == on,
            Self::EveryOtherDay => day.num_days_from_ce() % 2 == 0,
            Self::Monthly(on) => day.day() == on,
        }
    }
}

/// The records of one report.
pub(crate) struct Healthy {
    pub(crate) rows: Vec<Row>,
    pub(crate) scans: usize,
    pub(crate) tz: Tz,
}

/// The errors that happen now and then; each time with other names, ids, addresses and numbers.
const ERRORS: usize = 8;

struct Maker {
    random: Random,
    tz: Tz,
    first: NaiveDate,
    /// The instant at which the export is made.
    now: i64,
    rows: Vec<Row>,
    failures: usize,
}

/// What stays the same over the runs of a scan.
#[derive(Clone)]
struct Plan {
    names: Row,
    rhythm: Rhythm,
    run_type: Option<&'static str>,
    /// Minutes after 00:00, on the clock of the zone or of UTC.
    minute: i64,
    in_utc: bool,
    /// A run begins up to so many minutes later, or earlier where the scan has that.
    jitter: u64,
    tells_trigger: bool,
    /// Of a thousand runs so many fail.
    failing: u64,
    minutes: f64,
    assets: f64,
    /// Days on which another run takes the place of this one.
    left_out: Option<u32>,
    from: NaiveDate,
}

/// So many healthy scans. The period is meant to be the last 30 days or less.
pub(crate) fn healthy(seed: u64, scans: usize) -> Healthy {
    let mut random = Random::new(seed ^ 0x4ea1_74f0);
    let zones = [Tz::UTC, Tz::Europe__Berlin, Tz::America__New_York];
    let tz = zones[usize::try_from(seed).unwrap() % zones.len()];
    // The clocks of Berlin go back on 25 October, those of New York on 1 November.
    let last = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap() + Days::new(random.below(12));
    let minute = i64::try_from(random.below(1440)).unwrap();
    let now = last.and_hms_opt(0, 0, 0).unwrap().and_utc();
    let mut maker = Maker {
        random,
        tz,
        first: last - Days::new(DAYS),
        now: now.timestamp_micros() + minute * MINUTE,
        rows: Vec::new(),
        failures: 0,
    };
    for number in 0..scans {
        maker.scan(number);
    }
    let Maker {
        mut random,
        mut rows,
        ..
    } = maker;
    random.shuffle(&mut rows);
    Healthy { rows, scans, tz }
}

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

impl Maker {
    fn below(&mut self, end: u64) -> i64 {
        i64::try_from(self.random.below(end)).unwrap()
    }

    /// Normally distributed around 0 with deviation 1 (Box and Muller).
    fn normal(&mut self) -> f64 {
        let mut even = || (self.random.below(1 << 32) as f64 + 0.5) / (1u64 << 32) as f64;
        let (a, b) = (even(), even());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }

    /// A value whose logarithm is normally distributed.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the values are far below the largest"
    )]
    fn around(&mut self, median: f64, sigma: f64) -> i64 {
        (median * (sigma * self.normal()).exp()).round() as i64
    }

    fn scan(&mut self, number: usize) {
        let system = self
            .random
            .pick(&["purview", "purview", "purview", "zscaler-uvm", "adf"]);
        let source_type =
            self.random
                .pick(&["AzureSqlDatabase", "AdlsGen2", "SapS4Hana", "AmazonS3"]);
        let mut names = Row::new();
        names.insert("system", text(system));
        names.insert("account", text("contoso"));
        names.insert("source", Cell::Text(format!("source-{}", number / 2)));
        names.insert("scan", Cell::Text(format!("scan-{number}")));
        if system == "purview" {
            names.insert("source_type", text(source_type));
        }
        let rhythm = match self.random.below(20) {
            0..=6 => Rhythm::Daily,
            7..=9 => Rhythm::Workdays,
            10 => Rhythm::TwiceAWeek,
            11..=14 => Rhythm::Weekly(self.random.pick(&[0, 2, 5, 6])),
            15..=16 => Rhythm::EveryOtherDay,
            17 => Rhythm::Monthly(self.random.pick(&[1, 15, 28])),
            _ => Rhythm::Hours(self.random.pick(&[1, 4, 6, 12])),
        };
        let from = if self.random.percent(10) {
            self.first + Days::new(31 + self.random.below(28))
        } else {
            self.first
        };
        let minutes = [1.0, 4.0, 15.0, 40.0, 120.0, 300.0];
        let assets = [8.0, 60.0, 500.0, 4_000.0, 90_000.0];
        let failing = 20 + self.random.below(21);
        let mut plan = Plan {
            names,
            rhythm,
            run_type: self.random.pick(&[Some("full"), Some("incremental"), None]),
            // Some are about midnight, and a few in the hour that the clocks repeat.
            minute: self
                .random
                .pick(&[0, 3, 60, 90, 150, 185, 360, 720, 1080, 1320, 1430, 1437]),
            in_utc: self.random.percent(50),
            jitter: self.random.pick(&[0, 2, 8, 20]),
            tells_trigger: self.random.percent(70),
            failing,
            minutes: self.random.pick(&minutes),
            assets: self.random.pick(&assets),
            left_out: None,
            from,
        };
        if matches!(rhythm, Rhythm::Hours(_)) {
            plan.minutes = plan.minutes.min(15.0);
        }
        if rhythm == Rhythm::Daily && system == "purview" && self.random.percent(40) {
            // A full run once a week, beside the incremental one of the day or in its place.
            let mut full = plan.clone();
            full.run_type = Some("full");
            full.rhythm = Rhythm::Weekly(6);
            full.minutes *= 4.0;
            full.assets *= 20.0;
            if self.random.percent(50) {
                plan.left_out = Some(6);
            } else {
                full.minute = (plan.minute + 360) % 1440;
            }
            plan.run_type = Some("incremental");
            self.schedule(&full);
        }
        self.schedule(&plan);
    }

    /// All runs of a schedule up to now, and those that somebody started besides.
    fn schedule(&mut self, plan: &Plan) {
        let mut due = Vec::new();
        for day in plan.from.iter_days() {
            if self.instant(day, 0, true) > self.now + DAY {
                break;
            }
            if !plan.rhythm.is_due(day)
                || plan.left_out == Some(day.weekday().num_days_from_monday())
            {
                continue;
            }
            match plan.rhythm {
                // Every so many hours means on a clock that does not change.
                Rhythm::Hours(step) => due.extend(
                    (0..24 / step)
                        .map(|nth| self.instant(day, plan.minute % 60 + nth * step * 60, true)),
                ),
                _ => due.push(self.instant(day, plan.minute, plan.in_utc)),
            }
        }
        for at in due {
            let early = if plan.jitter > 8 && self.random.percent(30) {
                plan.jitter
            } else {
                0
            };
            let late = self.below((plan.jitter + early) * 60 + 1) * 1_000_000;
            let at = at + late - i64::try_from(early).unwrap() * MINUTE;
            let failed = self.run(plan, at, false);
            // Somebody starts it again.
            if failed && self.random.percent(40) {
                let later = 45 + self.below(120);
                self.run(plan, at + later * MINUTE, true);
            }
        }
        if self.random.percent(25) {
            for _ in 0..=self.random.below(3) {
                let day = plan.from + Days::new(self.random.below(DAYS));
                let at = self.instant(day, 480, false) + self.below(600) * MINUTE;
                self.run(plan, at, true);
            }
        }
    }

    /// The instant of a time of day; half an hour later for each time that the clock jumps over it.
    fn instant(&self, day: NaiveDate, minute: i64, in_utc: bool) -> i64 {
        let tz = if in_utc { Tz::UTC } else { self.tz };
        let mut local = day.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(minute);
        loop {
            if let Some(time) = tz.from_local_datetime(&local).earliest() {
                return time.timestamp_micros();
            }
            local += TimeDelta::minutes(30);
        }
    }

    /// One run that began at this instant, unless that is still to come. Returns whether it failed.
    fn run(&mut self, plan: &Plan, at: i64, manual: bool) -> bool {
        if at > self.now {
            return false;
        }
        let mut row = plan.names.clone();
        row.insert("run_id", Cell::Text(self.random.guid()));
        row.insert("started_at", Cell::Time(at));
        if let Some(run_type) = plan.run_type {
            row.insert("run_type", text(run_type));
        }
        if plan.tells_trigger {
            row.insert("trigger", text(if manual { "manual" } else { "scheduled" }));
        }
        let longest = if self.random.percent(10) { 300 } else { 60 };
        let wait = 2 + self.below(longest);
        row.insert("queue_ms", Cell::Count(wait * 1000));
        let length = self.around(plan.minutes * 60_000_000.0, 0.3) + wait * 1_000_000;
        if at + length > self.now {
            row.insert("status", text("InProgress"));
            self.rows.push(row);
            return false;
        }
        row.insert("ended_at", Cell::Time(at + length));
        let failed = self.random.below(1000) < plan.failing;
        let partial = !failed && self.random.percent(2);
        let cancelled = !failed && !partial && self.random.percent(1);
        let status = match (failed, partial, cancelled) {
            (true, _, _) => "Failed",
            (_, true, _) => "PartialSucceeded",
            (_, _, true) => "Canceled",
            _ => "Succeeded",
        };
        if self.random.percent(2) {
            // An older export has it as it was then.
            let mut before = row.clone();
            before.remove("ended_at");
            before.insert("status", text("InProgress"));
            self.rows.push(before);
        }
        row.insert("status", text(status));
        if failed {
            self.error(&mut row, at);
        } else if !cancelled {
            self.volume(&mut row, plan, partial);
        }
        if self.random.percent(2) {
            self.rows.push(row.clone());
        }
        self.rows.push(row);
        failed
    }

    /// What went wrong. The first failures before the period have each of the errors in turn, so that none is new in it.
    fn error(&mut self, row: &mut Row, at: i64) {
        let nth = if at < self.now - 32 * DAY && self.failures < 2 * ERRORS {
            self.failures += 1;
            self.failures % ERRORS
        } else {
            usize::try_from(self.random.below(ERRORS as u64)).unwrap()
        };
        let (number, host) = (self.below(9000) + 10, self.below(250) + 2);
        let id = self.random.guid();
        let time = DateTime::<Utc>::from_timestamp_micros(at)
            .unwrap()
            .format("%Y-%m-%dT%H:%M:%SZ");
        let message = match nth {
            0 => format!("Failed to connect to 10.1.4.{host}:1433 after {number} ms."),
            1 => format!("Login failed for user 'scan_{number}'. ClientConnectionId:{id}"),
            2 => format!("Request {id} was throttled at {time}; retry after {host} seconds."),
            3 => format!("Integration runtime 'shir-{host}' is offline since {time}."),
            4 => format!("The operation has timed out after {number} seconds."),
            5 => format!("(403) AuthorizationFailure. RequestId:{id} Time:{time}"),
            6 => format!("Internal server error. Tracking id: {id}"),
            _ => return,
        };
        row.insert("error_message", Cell::Text(message));
    }

    fn volume(&mut self, row: &mut Row, plan: &Plan, partial: bool) {
        let incremental = plan.run_type == Some("incremental");
        let assets = self.around(plan.assets, if incremental { 1.0 } else { 0.2 });
        if plan.names["system"] != text("purview") {
            row.insert("row_count", Cell::Count(assets));
            if plan.names["system"] == text("zscaler-uvm") {
                row.insert("category", text("map_and_aggregate"));
            }
            return;
        }
        row.insert("assets_discovered", Cell::Count(assets));
        row.insert("assets_classified", Cell::Count(assets / 2));
        let failed = if partial {
            (1 + self.below(5)).min(assets)
        } else {
            0
        };
        let source_type = &plan.names["source_type"];
        let ingested = if [text("AdlsGen2"), text("AmazonS3")].contains(source_type) {
            // Many files are one resource set.
            assets / 12
        } else if incremental {
            assets / (2 + self.below(20))
        } else if self.random.percent(5) {
            // Lineage adds some.
            assets + self.below(6)
        } else {
            // Tables are renamed and dropped while it runs.
            assets - self.below(4).min(assets)
        };
        row.insert("ingestion_status", text("Succeeded"));
        row.insert("assets_ingested", Cell::Count((ingested - failed).max(0)));
        row.insert("assets_ingest_failed", Cell::Count(failed));
    }
}
