//! Small histories whose findings were worked out by hand: for each kind one that is a finding, and some that
//! only look like one. The oracle and the program are both run on them.

mod findings;
mod slots;
mod tables;

pub(crate) use tables::tables;

use chrono::Days;
use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

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
    let mut cases = findings::cases();
    cases.extend(slots::cases());
    cases
}
