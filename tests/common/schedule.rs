//! Makes up scans that keep to schedules for one to three months, and what goes wrong with them.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::Random;
use super::generate::{Case, shifted};
use super::vocabulary::{ERRORS, PLACES};
use super::write::{Cell, Row};

/// When the runs of a scan begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rhythm {
    Daily,
    /// Monday to Friday.
    Workdays,
    /// On one weekday, from Monday as 0.
    Weekly(u32),
    /// Every so many days.
    Every(u64),
    /// On one day of the month.
    Monthly(u32),
    /// Every so many hours.
    Hours(i64),
    /// On no day in particular.
    Sometimes,
}

impl Rhythm {
    fn due(self, day: NaiveDate, first: NaiveDate) -> bool {
        let weekday = day.weekday().num_days_from_monday();
        match self {
            Self::Daily | Self::Hours(_) | Self::Sometimes => true,
            Self::Workdays => weekday < 5,
            Self::Weekly(on) => weekday == on,
            Self::Every(step) => (day - first).num_days().unsigned_abs().is_multiple_of(step),
            Self::Monthly(on) => day.day() == on,
        }
    }
}

/// What is the matter with a scan from some day on, to its end or for some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    None,
    Fails,
    /// Fails every other time.
    Flaps,
    Cancelled,
    Absent,
    Slow,
    Queued,
    FindsLittle,
    FindsNothing,
    LosesAssets,
    LeavesGaps,
    Active,
}

const TROUBLES: [Trouble; 12] = [
    Trouble::None,
    Trouble::Fails,
    Trouble::Flaps,
    Trouble::Cancelled,
    Trouble::Absent,
    Trouble::Slow,
    Trouble::Queued,
    Trouble::FindsLittle,
    Trouble::FindsNothing,
    Trouble::LosesAssets,
    Trouble::LeavesGaps,
    Trouble::Active,
];

/// Makes up the records of one seed.
pub(crate) fn case(seed: u64) -> Case {
    let mut random = Random::new(seed ^ 0x5c4e_d01e);
    let (tz, centres) = PLACES[usize::try_from(seed).unwrap() % PLACES.len()];
    let (year, month, day) = random.pick(&centres);
    let centre = NaiveDate::from_ymd_opt(year, month, day).unwrap();
    // The odd date lies in the period that ends with the data.
    let reach = 3 + random.below(18);
    let last = shifted(centre, i64::try_from(reach).unwrap());
    let length = 30 + random.below(61);
    let mut maker = Maker {
        random,
        tz,
        first: last - Days::new(length),
        last,
        rows: Vec::new(),
    };
    for system in ["purview", "zscaler-uvm", "adf"] {
        maker.system(system);
    }
    let Maker {
        mut random,
        mut rows,
        ..
    } = maker;
    random.shuffle(&mut rows);
    Case {
        rows,
        tz,
        centre,
        reach,
    }
}

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

struct Maker {
    random: Random,
    tz: Tz,
    first: NaiveDate,
    last: NaiveDate,
    rows: Vec<Row>,
}

/// What stays the same over the runs of a scan.
struct Plan {
    names: Row,
    run_type: Option<&'static str>,
    /// Minutes after 00:00, and how much later a run begins at most.
    minute: i64,
    jitter: u64,
    /// Of a hundred slots so many are missed, and so many runs fail.
    missed: u64,
    failing: u64,
    minutes: u64,
    assets: u64,
    noise: u64,
    trouble: Trouble,
    /// The days of the trouble, both inclusive.
    from: NaiveDate,
    to: NaiveDate,
}

impl Maker {
    fn below(&mut self, end: u64) -> i64 {
        i64::try_from(self.random.below(end)).unwrap()
    }

    fn days(&self) -> u64 {
        (self.last - self.first).num_days().unsigned_abs()
    }

    /// The days of the data from this one on.
    fn days_from(&self, first: NaiveDate) -> Vec<NaiveDate> {
        let all = first.iter_days();
        all.take_while(|day| *day <= self.last).collect()
    }

    /// Some day of the data.
    fn day(&mut self) -> NaiveDate {
        let days = self.days();
        self.first + Days::new(self.random.below(days))
    }

    /// All scans of a system, with days on which the whole system pauses.
    fn system(&mut self, system: &str) {
        let mut pauses = Vec::new();
        if self.random.percent(60) {
            for _ in 0..=self.random.below(2) {
                let day = self.day();
                for later in 0..=self.random.below(3) {
                    pauses.push(day + Days::new(later));
                }
            }
        }
        for number in 0..3 + self.random.below(4) {
            self.scan(system, number, &pauses);
        }
    }

    fn rhythm(&mut self) -> Rhythm {
        match self.random.below(14) {
            0..=3 => Rhythm::Daily,
            4..=6 => Rhythm::Workdays,
            7 | 12 => Rhythm::Sometimes,
            8 => Rhythm::Weekly(self.random.pick(&[0, 3, 6])),
            9 => Rhythm::Every(2),
            10 => Rhythm::Every(self.random.pick(&[3, 5, 9])),
            11 => Rhythm::Monthly(self.random.pick(&[1, 15, 28])),
            _ => Rhythm::Hours(self.random.pick(&[1, 4, 6, 12])),
        }
    }

    fn scan(&mut self, system: &str, number: u64, pauses: &[NaiveDate]) {
        let mut names = Row::new();
        names.insert("system", text(system));
        names.insert("account", text("contoso"));
        let source = self.random.pick(&["sql-sales", "adls-raw", "sap"]);
        names.insert("source", text(source));
        names.insert("scan", Cell::Text(format!("scan-{number}")));
        if source == "adls-raw" {
            names.insert("source_type", text("AdlsGen2"));
        }
        let (one, other) = (self.day(), self.day());
        let to = if self.random.percent(60) {
            self.last
        } else {
            one.max(other)
        };
        let trouble = self.random.pick(&TROUBLES);
        // Trouble that lasts to the end begins near it, but a scan may have been gone for long.
        let near = if trouble == Trouble::Absent { 40 } else { 80 };
        let from = if to == self.last && self.random.percent(near) {
            self.last - Days::new(self.random.below(9))
        } else {
            one.min(other)
        };
        let run_types = [Some("full"), Some("incremental"), None];
        let mut plan = Plan {
            names,
            run_type: self.random.pick(&run_types),
            minute: self
                .random
                .pick(&[0, 5, 90, 150, 155, 180, 720, 1080, 1410, 1435]),
            jitter: self.random.pick(&[0, 1, 20, 60, 180, 500]),
            missed: self.random.pick(&[0, 0, 0, 2, 4, 10, 40]),
            failing: self.random.pick(&[0, 0, 3, 10, 30]),
            minutes: self.random.pick(&[2, 10, 40, 300]),
            assets: self.random.pick(&[0, 15, 200, 3000]),
            noise: self.random.pick(&[0, 3, 20, 80]),
            trouble,
            from,
            to,
        };
        let rhythm = self.rhythm();
        if rhythm == Rhythm::Sometimes && self.random.percent(70) {
            // Nobody can say when it would be due, only that it is gone.
            (plan.trouble, plan.to) = (Trouble::Absent, self.last);
        }
        let start = if self.random.percent(20) {
            self.day()
        } else {
            self.first
        };
        let (middle, next) = (self.day(), self.rhythm());
        let changes = self.random.percent(20);
        for day in self.days_from(start) {
            let rhythm = if changes && day >= middle {
                next
            } else {
                rhythm
            };
            if !rhythm.due(day, self.first) || pauses.contains(&day) {
                continue;
            }
            match rhythm {
                // So many runs are made for some days only.
                Rhythm::Hours(step) if (self.last - day).num_days() < 24 => {
                    for slot in 0..24 / step {
                        self.slot(&plan, day, (plan.minute + slot * step * 60) % 1440, false);
                    }
                }
                Rhythm::Hours(_) => {}
                Rhythm::Sometimes if self.random.percent(70) => {}
                _ => self.slot(&plan, day, plan.minute, false),
            }
        }
        if self.random.percent(25) {
            for _ in 0..self.random.below(8) {
                let (day, minute) = (self.day(), self.below(1440));
                self.slot(&plan, day, minute, true);
            }
        }
        if self.random.percent(25) {
            // The same scan in another run type, with a schedule of its own.
            plan.run_type = Some("full");
            plan.minute = (plan.minute + self.random.pick(&[0, 30, 600])) % 1440;
            plan.assets *= 10;
            let weekly = Rhythm::Weekly(self.random.pick(&[0, 6]));
            for day in self.days_from(self.first) {
                if weekly.due(day, self.first) && !pauses.contains(&day) {
                    self.slot(&plan, day, plan.minute, false);
                }
            }
        }
    }

    /// The instant of a time of day; half an hour later for each time that the clock jumps over it.
    fn instant(&self, day: NaiveDate, minute: i64) -> DateTime<Utc> {
        let mut local = day.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(minute);
        loop {
            if let Some(time) = self.tz.from_local_datetime(&local).earliest() {
                return time.to_utc();
            }
            local += TimeDelta::minutes(30);
        }
    }

    /// What comes of one slot: nothing, or a run.
    fn slot(&mut self, plan: &Plan, day: NaiveDate, minute: i64, manual: bool) {
        let troubled = plan.from <= day && day <= plan.to;
        let trouble = if troubled {
            plan.trouble
        } else {
            Trouble::None
        };
        if !manual && (trouble == Trouble::Absent || self.random.percent(plan.missed)) {
            return;
        }
        let mut start = self.instant(day, minute).timestamp_micros();
        if plan.jitter > 0 {
            let early = self.random.percent(30);
            let by = self.below(plan.jitter * 60) * 1_000_000;
            start += if early { -by } else { by };
        }
        let mut row = plan.names.clone();
        row.insert("run_id", Cell::Text(self.random.guid()));
        row.insert("started_at", Cell::Time(start));
        if let Some(run_type) = plan.run_type {
            row.insert("run_type", text(run_type));
        }
        if manual {
            row.insert("trigger", text("manual"));
        } else if self.random.percent(50) {
            row.insert("trigger", text("scheduled"));
        }
        let status = self.status(plan, trouble);
        row.insert("status", text(status));
        let mut length =
            plan.minutes * 60 + self.random.below(plan.minutes * 60 * plan.noise / 100 + 1);
        if trouble == Trouble::Slow {
            length = length * 3 + 900;
        }
        let length = i64::try_from(length).unwrap() * 1_000_000;
        if !["InProgress", "Queued", "Throttled"].contains(&status) {
            row.insert("ended_at", Cell::Time(start + length));
            if self.random.below(300) == 0 {
                row.insert("ended_at", Cell::Time(start - length));
            }
        }
        self.queue(&mut row, trouble, start);
        self.volume(&mut row, plan, trouble, status);
        if status == "Failed" || (status == "PartialSucceeded" && self.random.percent(50)) {
            // Errors change with time, so that some are new and some gone.
            let far = (self.last - day).num_days() / 12;
            let place =
                usize::try_from(far).unwrap() % 4 * 4 + usize::try_from(self.below(4)).unwrap();
            if self.random.percent(85) {
                row.insert("error_message", text(ERRORS[place]));
            }
        }
        if self.random.percent(2) {
            let mut other = row.clone();
            let status = self.random.pick(&["InProgress", "Failed", "Succeeded"]);
            other.insert("status", text(status));
            if status == "InProgress" {
                other.remove("ended_at");
            }
            self.rows.push(other);
        }
        if self.random.percent(10) {
            row.insert("observed_at", Cell::Time(start + length * 2));
        }
        self.rows.push(row);
    }

    fn status(&mut self, plan: &Plan, trouble: Trouble) -> &'static str {
        match trouble {
            Trouble::Fails => "Failed",
            Trouble::Flaps if self.random.percent(50) => "Failed",
            Trouble::Cancelled => "Canceled",
            Trouble::Active if self.random.percent(50) => {
                self.random.pick(&["InProgress", "Queued", "Throttled"])
            }
            _ if self.random.percent(plan.failing) => "Failed",
            _ => match self.random.below(100) {
                0..=3 => "PartialSucceeded",
                4 => "Canceled",
                5 if self.random.percent(20) => "Exploded",
                _ => "Succeeded",
            },
        }
    }

    fn queue(&mut self, row: &mut Row, trouble: Trouble, start: i64) {
        if trouble == Trouble::Queued {
            let wait = 13 * 60 + self.below(3600);
            row.insert("queue_ms", Cell::Count(wait * 1000));
        } else if self.random.percent(50) {
            let wait = self.below(400) * 1_000_000;
            row.insert("queued_at", Cell::Time(start - wait));
            row.insert("discovery_started_at", Cell::Time(start + wait));
        }
    }

    fn volume(&mut self, row: &mut Row, plan: &Plan, trouble: Trouble, status: &str) {
        if !["Succeeded", "PartialSucceeded"].contains(&status) {
            return;
        }
        let mut assets = plan.assets + self.random.below(plan.assets * plan.noise / 100 + 1);
        if trouble == Trouble::FindsLittle {
            assets /= 3;
        } else if trouble == Trouble::FindsNothing {
            assets = 0;
        }
        let assets = i64::try_from(assets).unwrap();
        if plan.names["system"] == text("zscaler-uvm") {
            row.insert("row_count", Cell::Count(assets));
            match self.random.below(20) {
                0 => None,
                1 => row.insert("category", text("map")),
                _ => row.insert("category", text("map_and_aggregate")),
            };
            return;
        }
        if self.random.percent(3) {
            return;
        }
        row.insert("assets_discovered", Cell::Count(assets));
        let classified = if self.random.below(300) == 0 {
            assets + 1
        } else {
            assets / 2
        };
        row.insert("assets_classified", Cell::Count(classified));
        let (ingested, ingest_failed) = match trouble {
            Trouble::LosesAssets => (assets - assets / 10, assets / 10),
            Trouble::LeavesGaps => (assets - assets / 12, 0),
            _ if plan.run_type == Some("incremental") => (assets / 20, 0),
            _ => (assets, 0),
        };
        row.insert("ingestion_status", text("Succeeded"));
        row.insert("assets_ingested", Cell::Count(ingested));
        row.insert("assets_ingest_failed", Cell::Count(ingest_failed));
    }
}
