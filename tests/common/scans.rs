//! Makes up scan runs of one Purview account: the facts, from which every shape of export is written.

use chrono::{DateTime, NaiveDate, Utc};

use super::Random;
use super::vocabulary::ERRORS;

/// Units of 100 ns in a second: the API writes seven fraction digits.
pub(crate) const TICKS: i64 = 10_000_000;

/// The name of the account, in the spelling of the resource ids of Azure Monitor.
pub(crate) const ACCOUNT: &str = "CONTOSO";

/// The newest day that a run may begin on.
pub(crate) const LAST_DAY: (i32, u32, u32) = (2026, 11, 19);

/// The finest digits of the times. A shape that cannot write finer ones is compared on runs without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    Ticks,
    Millis,
    Seconds,
}

impl Precision {
    fn cut(self, ticks: i64) -> i64 {
        let unit = match self {
            Self::Ticks => 1,
            Self::Millis => TICKS / 1000,
            Self::Seconds => TICKS,
        };
        ticks - ticks.rem_euclid(unit)
    }
}

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Succeeded,
    WithExceptions,
    Failed,
    Cancelled,
    Running,
    Queued,
}

impl End {
    pub(crate) fn is_finished(self) -> bool {
        !matches!(self, Self::Running | Self::Queued)
    }

    /// Succeeded, perhaps with exceptions.
    pub(crate) fn is_completed(self) -> bool {
        matches!(self, Self::Succeeded | Self::WithExceptions)
    }
}

/// What became of the assets after discovery. Only the newer API tells of it.
#[derive(Clone, Debug)]
pub(crate) struct Ingestion {
    /// The word of the API.
    pub(crate) status: &'static str,
    pub(crate) ingested: i64,
    pub(crate) failed: i64,
}

/// One run.
#[derive(Clone, Debug)]
pub(crate) struct ScanRun {
    pub(crate) source: &'static str,
    pub(crate) scan: &'static str,
    pub(crate) source_type: &'static str,
    pub(crate) id: String,
    pub(crate) full: bool,
    pub(crate) manual: bool,
    pub(crate) end: End,
    /// When it was asked for, in ticks since 1970.
    pub(crate) start: i64,
    /// Whole seconds from there to the start of discovery.
    pub(crate) queue: i64,
    /// Ticks from the start to the end.
    pub(crate) length: i64,
    /// Assets discovered and classified; a run in the queue has no counts.
    pub(crate) counts: Option<(i64, i64)>,
    /// Only completed runs are ingested.
    pub(crate) ingestion: Option<Ingestion>,
    pub(crate) error: Option<&'static str>,
}

impl ScanRun {
    pub(crate) fn discovery_start(&self) -> Option<i64> {
        (self.end != End::Queued).then(|| self.start + self.queue * TICKS)
    }

    pub(crate) fn ended(&self) -> Option<i64> {
        self.end.is_finished().then(|| self.start + self.length)
    }

    pub(crate) fn run_type(&self) -> &'static str {
        if self.full { "Full" } else { "Incremental" }
    }

    pub(crate) fn trigger(&self) -> &'static str {
        if self.manual { "Manual" } else { "Scheduled" }
    }

    /// The outcome where nothing is known of the ingestion.
    pub(crate) fn outcome(&self) -> &'static str {
        match self.end {
            End::Succeeded => "succeeded",
            End::WithExceptions => "partial",
            End::Failed => "failed",
            End::Cancelled => "cancelled",
            End::Running | End::Queued => "active",
        }
    }

    /// The resource that is scanned. Its name is not the source's, so that nobody mixes them up.
    pub(crate) fn resource(&self) -> String {
        format!(
            "/subscriptions/0a0a0a0a-0000-4000-8000-000000000001/resourceGroups/rg-data/providers/\
             Microsoft.Storage/storageAccounts/zz{}",
            self.source.replace('-', "")
        )
    }
}

/// The instant.
pub(crate) fn utc(ticks: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(
        ticks.div_euclid(TICKS),
        u32::try_from(ticks.rem_euclid(TICKS)).unwrap() * 100,
    )
    .unwrap()
}

/// `2022-02-23T15:52:25.4059244Z`, with seven digits or, on a whole second, with none, as the service does it.
pub(crate) fn iso(ticks: i64) -> String {
    let time = utc(ticks);
    match ticks.rem_euclid(TICKS) {
        0 => time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        part => format!("{}.{part:07}Z", time.format("%Y-%m-%dT%H:%M:%S")),
    }
}

const SCANS: [(&str, &str, &str); 7] = [
    ("sql-sales", "daily", "AzureSqlDatabase"),
    ("sql-sales", "weekly", "AzureSqlDatabase"),
    ("adls-raw", "daily", "AdlsGen2"),
    ("adls-raw", "scan-01", "AdlsGen2"),
    ("sap-ecc", "weekly", "SapEcc"),
    ("pbi-tenant", "daily", "PowerBI"),
    ("oracle-fin", "nightly", "Oracle"),
];

/// Runs whose outcome every shape can tell: discovery alone decides it.
pub(crate) fn plain_runs(seed: u64, count: u64, precision: Precision) -> Vec<ScanRun> {
    let mut random = Random::new(seed);
    (0..count)
        .map(|number| run(&mut random, number, precision))
        .collect()
}

/// The same with ingestions that fail, lose assets or bring more than was discovered, which only the newer API
/// tells of.
pub(crate) fn runs_with_losses(seed: u64, count: u64, precision: Precision) -> Vec<ScanRun> {
    let mut runs = plain_runs(seed, count, precision);
    let mut random = Random::new(seed ^ 0x1055);
    for run in &mut runs {
        let (Some(ingestion), Some((discovered, _))) = (&mut run.ingestion, run.counts) else {
            continue;
        };
        match random.below(8) {
            0 => {
                *ingestion = Ingestion {
                    status: "Failed",
                    ingested: 0,
                    failed: 0,
                }
            }
            1 => {
                *ingestion = Ingestion {
                    status: "PartialSucceeded",
                    ingested: discovered / 2,
                    failed: discovered / 3 + 1,
                }
            }
            2 => ingestion.ingested = discovered + 33,
            3 => ingestion.ingested = discovered / 2,
            _ => {}
        }
    }
    runs
}

fn run(random: &mut Random, number: u64, precision: Precision) -> ScanRun {
    let (source, scan, source_type) = random.pick(&SCANS);
    let (year, month, day) = LAST_DAY;
    let last = NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let midnight = last.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp();
    let whole = |number: u64| i64::try_from(number).unwrap();
    // Starts are far enough apart that no two are equal on whole seconds.
    let second = whole((number * 977 + random.below(900)) % 86_400);
    let day = midnight - whole(random.below(45)) * 86_400;
    let start = (day + second) * TICKS + whole(random.below(TICKS.unsigned_abs()));
    let end = match random.below(20) {
        0..=10 => End::Succeeded,
        11 | 12 => End::WithExceptions,
        13..=15 => End::Failed,
        16 | 17 => End::Cancelled,
        18 => End::Running,
        _ => End::Queued,
    };
    // Either at once, or so long that nobody takes it for a rounding difference.
    let queue = if random.percent(20) {
        0
    } else {
        5 + whole(random.below(900))
    };
    let rest = 20 * TICKS + whole(random.below(7200 * TICKS.unsigned_abs()));
    let discovered = whole(random.below(5000));
    let counts = (end != End::Queued).then_some((discovered, discovered / 3));
    let full = random.percent(40);
    let ingestion = end.is_completed().then_some(Ingestion {
        status: "Succeeded",
        ingested: if full { discovered } else { discovered / 10 },
        failed: 0,
    });
    let error = (end == End::Failed).then(|| random.pick(&ERRORS));
    ScanRun {
        source,
        scan,
        source_type,
        id: random.guid(),
        full,
        manual: random.percent(15),
        end,
        start: precision.cut(start),
        queue,
        length: precision.cut(queue * TICKS + rest),
        counts,
        ingestion,
        error,
    }
}
