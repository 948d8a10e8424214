//! Makes up runs: few enough to read, odd enough to reach every rule.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use super::Random;
use super::vocabulary::{
    ACTIVE, COUNTS, ERROR_CODES, ERRORS, NO_INGESTION, NO_TIMES, PLACES, STATUS, TERMINAL,
};
use super::write::{Cell, Row};

/// What one seed makes.
pub(crate) struct Case {
    pub(crate) rows: Vec<Row>,
    pub(crate) tz: Tz,
    /// The day in the middle of the runs.
    pub(crate) centre: NaiveDate,
    /// The runs lie at most so many days before or after the centre.
    pub(crate) reach: u64,
}

/// Makes up the records of one seed.
pub(crate) fn case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let (tz, centres) = PLACES[usize::try_from(seed).unwrap() % PLACES.len()];
    let (year, month, day) = random.pick(&centres);
    let centre = NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let reach = random.pick(&[8, 20, 45, 100]);
    let mut maker = Maker {
        random,
        centre,
        reach,
        unique: 0,
        ids: Vec::new(),
    };
    let scans = maker.scans();
    let runs = 40 + maker.random.below(220);
    let mut rows = Vec::new();
    for _ in 0..runs {
        let scan = maker.random.pick(&scans);
        maker.run(scan, &mut rows);
    }
    maker.cycle(&scans[0], &mut rows);
    maker.random.shuffle(&mut rows);
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
    centre: NaiveDate,
    reach: u64,
    /// Makes instants and ids that occur once only.
    unique: i64,
    /// Ids that a later run of the same system and account may name as its parent.
    ids: Vec<(Option<Cell>, Option<Cell>, String)>,
}

impl Maker {
    /// The identity cells of six to fourteen scans. Names repeat across systems, accounts and sources.
    fn scans(&mut self) -> Vec<Row> {
        // In every other case a system has two accounts, so that a null account stays null.
        let accounts: &[&str] = if self.random.percent(50) {
            &["contoso"]
        } else {
            &["contoso", "fabrikam"]
        };
        let mut scans = Vec::new();
        for _ in 0..6 + self.random.below(9) {
            let mut scan = Row::new();
            if self.random.percent(85) {
                scan.insert(
                    "system",
                    text(
                        self.random
                            .pick(&["purview", "zscaler-uvm", "adf", "other"]),
                    ),
                );
            }
            if self.random.percent(60) {
                scan.insert("account", text(self.random.pick(accounts)));
            }
            if self.random.percent(85) {
                scan.insert(
                    "source",
                    text(self.random.pick(&[
                        "sql-sales",
                        "adls-raw",
                        "Größe",
                        "blob ds",
                        "sap,ecc",
                    ])),
                );
            }
            if self.random.percent(85) {
                scan.insert(
                    "scan",
                    text(self.random.pick(&["daily", "weekly", "scan-01", "Scan-01"])),
                );
            }
            scans.push(scan);
        }
        scans
    }

    /// An instant near the centre, in microseconds, different from every other one.
    fn instant(&mut self) -> i64 {
        let near = if self.random.percent(25) {
            1
        } else {
            self.reach
        };
        let days =
            i64::try_from(self.random.below(2 * near + 1)).unwrap() - i64::try_from(near).unwrap();
        let midnight = self
            .centre
            .and_hms_opt(0, 0, 0)
            .unwrap()
            .and_utc()
            .timestamp();
        let millis = i64::try_from(self.random.below(86_400_000)).unwrap();
        self.unique += 1;
        (midnight + days * 86_400) * 1_000_000 + millis * 1000 + self.unique
    }

    /// The id as some export might write it.
    fn spelled(&mut self, id: &str) -> Cell {
        let is_guid = id.len() == 36;
        match self.random.below(6) {
            0 if is_guid => Cell::Text(id.to_uppercase()),
            1 if is_guid => Cell::Text(format!("{{{id}}}")),
            2 if is_guid => Cell::Text(format!("{{{}}}", id.to_uppercase())),
            _ => text(id),
        }
    }

    fn count(&mut self) -> Cell {
        let zero = self.random.percent(25);
        Cell::Count(if zero {
            0
        } else {
            i64::try_from(self.random.below(40)).unwrap()
        })
    }

    /// One run: a record, and at times more records of the same run.
    fn run(&mut self, scan: Row, rows: &mut Vec<Row>) {
        let mut row = scan;
        let id = match self.random.below(20) {
            0..=10 => Some(self.random.guid()),
            // Ids like these occur in several scans, where they are different runs.
            11..=13 => Some(format!("run-{}", self.random.below(30))),
            14..=16 => {
                self.unique += 1;
                Some(format!("parent-{}", self.unique))
            }
            _ => None,
        };
        if let Some(id) = &id {
            let cell = self.spelled(id);
            row.insert("run_id", cell);
        }
        self.times(&mut row);
        self.statuses(&mut row);
        self.details(&mut row);
        self.parent(&mut row, id.as_deref());
        if let Some(id) = id.clone().filter(|id| !id.starts_with("run-")) {
            self.ids
                .push((row.get("system").cloned(), row.get("account").cloned(), id));
        }
        if self.random.percent(8) {
            rows.push(row.clone());
        }
        if let Some(id) = id {
            while self.random.percent(25) {
                let other = self.other_record(&row, &id);
                rows.push(other);
            }
        }
        rows.push(row);
    }

    fn times(&mut self, row: &mut Row) {
        let mut start = self.instant();
        if row.contains_key("run_id") && self.random.percent(15) {
            // Few different instants on the middle and the last day: some are the midnight of the zone, and
            // runs that begin at the same instant are told apart by their ids only.
            let day = if self.random.percent(50) {
                0
            } else {
                i64::try_from(self.reach).unwrap()
            };
            let midnight = shifted(self.centre, day)
                .and_hms_opt(0, 0, 0)
                .unwrap()
                .and_utc();
            let hour = self.random.pick(&[-3, -1, 0, 3, 11]);
            start = midnight.timestamp_micros() + hour * 3_600_000_000;
        }
        let step =
            |random: &mut Random, most: u64| i64::try_from(random.below(most)).unwrap() * 1_000_000;
        if self.random.percent(90) {
            row.insert("started_at", Cell::Time(start));
        }
        if self.random.percent(50) {
            row.insert(
                "queued_at",
                Cell::Time(start - step(&mut self.random, 4000)),
            );
        }
        if self.random.percent(75) {
            let length = step(&mut self.random, 20_000) + 1_500;
            let backwards = self.random.percent(5);
            row.insert(
                "ended_at",
                Cell::Time(if backwards {
                    start - length
                } else {
                    start + length
                }),
            );
        }
        for name in [
            "discovery_started_at",
            "discovery_ended_at",
            "ingestion_started_at",
            "ingestion_ended_at",
        ] {
            if self.random.percent(40) {
                row.insert(name, Cell::Time(start + step(&mut self.random, 9000)));
            }
        }
        if self.random.percent(50) {
            row.insert(
                "observed_at",
                Cell::Time(start + step(&mut self.random, 90_000)),
            );
        }
        for name in ["started_at", "queued_at", "ended_at", "observed_at"] {
            if self.random.percent(2) {
                let time = Cell::Time(self.random.pick(&NO_TIMES));
                row.insert(name, time);
            }
        }
        if self.random.percent(20) {
            row.insert(
                "duration_ms",
                Cell::Count(i64::try_from(self.random.below(9_000_000)).unwrap()),
            );
        }
    }

    fn statuses(&mut self, row: &mut Row) {
        if self.random.percent(88) {
            row.insert("status", text(self.random.pick(&STATUS)));
        }
        if self.random.percent(45) {
            row.insert("discovery_status", text(self.random.pick(&STATUS[..20])));
        }
        match self.random.below(100) {
            0..=44 => {
                row.insert("ingestion_status", text(self.random.pick(&STATUS[..20])));
            }
            45..=49 => {
                row.insert("ingestion_status", text(self.random.pick(&STATUS[20..])));
            }
            50..=60 => {
                row.insert("ingestion_status", text(self.random.pick(&NO_INGESTION)));
            }
            _ => {}
        }
    }

    fn details(&mut self, row: &mut Row) {
        match self.random.below(10) {
            0..=3 => row.insert("run_type", text("full")),
            4..=7 => row.insert("run_type", text("incremental")),
            8 => row.insert("run_type", text("lineage extraction")),
            _ => None,
        };
        for (name, words) in [
            ("source_type", ["AzureSqlDatabase", "AdlsGen2", "Oracle"]),
            ("collection", ["finance", "sales", "root"]),
            ("trigger", ["manual", "scheduled", "scheduled"]),
            ("category", ["map", "map_and_aggregate", "map"]),
        ] {
            if self.random.percent(50) {
                row.insert(name, text(self.random.pick(&words)));
            }
        }
        for name in COUNTS {
            let share = if name.starts_with("assets") { 65 } else { 35 };
            if self.random.percent(share) {
                let count = self.count();
                row.insert(name, count);
            }
        }
        // Equal counts and small differences are what the gaps are about.
        if self.random.percent(40)
            && let Some(Cell::Count(discovered)) = row.get("assets_discovered").cloned()
        {
            row.insert("assets_ingested", Cell::Count(discovered));
            if self.random.percent(60) {
                row.remove("assets_ingest_failed");
                row.remove("assets_pending");
            }
        }
        if self.random.percent(35) {
            row.insert("error_message", text(self.random.pick(&ERRORS)));
        }
        if self.random.percent(8) {
            row.insert("error_code", text(self.random.pick(&ERROR_CODES)));
        }
        if self.random.percent(10) {
            // Blank text is null everywhere.
            row.insert("error_message", text(self.random.pick(&["", " ", "   "])));
        }
    }

    fn parent(&mut self, row: &mut Row, own: Option<&str>) {
        match self.random.below(100) {
            0..=11 => {
                // Mostly an id of the same system and account; now and then one from anywhere, which is
                // a parent only if the rules say so.
                let anywhere = self.random.percent(25);
                let mut near = Vec::new();
                for (system, account, id) in &self.ids {
                    let same = row.get("system") == system.as_ref()
                        && row.get("account") == account.as_ref();
                    if same || anywhere {
                        near.push(id.clone());
                    }
                }
                if !near.is_empty() {
                    let id = self.random.pick(&near);
                    let cell = self.spelled(&id);
                    row.insert("parent_id", cell);
                }
            }
            12..=14 => {
                let id = self.random.guid();
                row.insert("parent_id", Cell::Text(id));
            }
            15 => {
                if let Some(own) = own {
                    row.insert("parent_id", text(own));
                }
            }
            _ => {}
        }
    }

    /// Another record of the same run: a stale snapshot, a poorer copy, or one that disagrees.
    fn other_record(&mut self, row: &Row, id: &str) -> Row {
        let mut other = row.clone();
        other.insert("run_id", self.spelled(id));
        match self.random.below(5) {
            0 | 1 => {
                other.insert("status", text(self.random.pick(&ACTIVE)));
                for name in [
                    "discovery_status",
                    "ingestion_status",
                    "ended_at",
                    "duration_ms",
                    "error_message",
                    "error_code",
                ] {
                    other.remove(name);
                }
                let count = self.count();
                other.insert("assets_discovered", count);
            }
            2 => {
                let names: Vec<&'static str> = other
                    .keys()
                    .copied()
                    .filter(|n| !["run_id", "system", "status"].contains(n))
                    .collect();
                for name in names {
                    if self.random.percent(40) {
                        other.remove(name);
                    }
                }
            }
            3 => {
                other.insert("status", text(self.random.pick(&TERMINAL)));
                for name in COUNTS {
                    if self.random.percent(40) {
                        let count = self.count();
                        other.insert(name, count);
                    }
                }
            }
            _ => {
                self.statuses(&mut other);
                if id.len() == 36 {
                    // A GUID is the same run even where the names differ.
                    other.insert("scan", text(self.random.pick(&["daily", "renamed"])));
                    other.insert("source_type", text("AzureSynapse"));
                }
            }
        }
        match self.random.below(4) {
            0 => {
                other.remove("observed_at");
            }
            1 => {
                let time = self.instant();
                other.insert("observed_at", Cell::Time(time));
            }
            _ => {}
        }
        if self.random.percent(20) {
            let time = self.instant();
            other.insert("ended_at", Cell::Time(time));
        }
        if self.random.percent(20) {
            let time = self.instant();
            other.insert("queued_at", Cell::Time(time));
        }
        other
    }

    /// Two runs that name each other as their parent, and a child of one of them.
    fn cycle(&mut self, scan: &Row, rows: &mut Vec<Row>) {
        let (one, two, three) = (self.random.guid(), self.random.guid(), self.random.guid());
        for (id, parent) in [(&one, &two), (&two, &one), (&three, &one)] {
            let mut row = scan.clone();
            row.insert("run_id", text(id));
            row.insert("parent_id", text(parent));
            row.insert("started_at", Cell::Time(self.instant()));
            self.statuses(&mut row);
            rows.push(row);
        }
    }
}

/// The same date shifted by whole days, which may be negative.
pub(crate) fn shifted(date: NaiveDate, days: i64) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(date.num_days_from_ce() + i32::try_from(days).unwrap())
        .unwrap()
}
