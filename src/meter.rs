//! How far a call is, and what it needs of memory: numbers that readers and mappers add to, and that others look at
//! meanwhile.
//!
//! How much a process has of the system cannot be asked in the same way everywhere, and would be known only when it has it.
//! So what a call will need is computed from what it holds, by a rule that was measured: [`Load::needed`].

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::render::format;

/// What a call is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// Nothing yet that takes long.
    #[default]
    Begin,
    /// Reading its inputs.
    Read,
    /// Merging the records of runs.
    Merge,
    /// Computing tables and writing them down.
    Report,
    /// Writing the runs.
    Write,
}

/// Numbers about a call.
#[derive(Debug, Default)]
pub struct Meter {
    /// Most memory in bytes; `None` where there is no limit.
    most: Option<u64>,
    step: AtomicU8,
    bytes: AtomicU64,
    all_bytes: AtomicU64,
    records: AtomicU64,
    /// Bytes that are held, by what they are.
    held: [AtomicU64; 2],
    scans: AtomicU64,
    /// The first excess, which ends the call.
    exceeded: OnceLock<Exceeded>,
}

/// What is held.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum What {
    /// Records, which become runs.
    #[default]
    Records,
    /// Text of a file that is held whole until its records are read.
    Text,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub step: Step,
    /// Bytes of the inputs that were read.
    pub bytes: u64,
    /// Bytes of the inputs.
    pub all_bytes: u64,
    /// Records that were read, rejected ones included.
    pub records: u64,
}

/// More memory would be needed than is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded {
    needed: u64,
    most: u64,
    records: u64,
    text: u64,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = usize::try_from(self.records).unwrap_or(usize::MAX);
        write!(to, "{}", format::plural(records, "record", "records"))?;
        if self.text > 0 {
            write!(to, " and a text of {} that is held whole", size(self.text))?;
        }
        write!(
            to,
            " need about {} of memory, and --memory allows {}\n       \
             give fewer or smaller files at a time, or allow more",
            size(self.needed),
            size(self.most)
        )
    }
}

impl Error for Exceeded {}

/// A size for a reader, in decimal units.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => {
            let tenths = bytes.div_ceil(100_000_000);
            format!("{}.{} GB", tenths / 10, tenths % 10)
        }
    }
}

/// Bytes that a call needs before it has read anything: its rules, its threads, its templates.
const BASE: u64 = 40_000_000;

/// Tenths of a byte for each byte of records while files are read, and once runs become columns and columns tables.
const READING: u64 = 12;
const REPORTING: u64 = 15;

/// Tenths of a byte for each byte of a text that is held whole.
const TEXT: u64 = 13;

/// Bytes for each record once all are read, beside what it holds.
const RECORD: u64 = 150;

/// Bytes for each scan, and for each of which a report has rows and pictures; no table has more rows than this.
const SCAN: u64 = 700;
const SHOWN_SCAN: u64 = 10_000;
const SHOWN_SCANS: u64 = 50_000;

/// Bytes for each run that a report lists.
const LISTED: u64 = 9_000;

/// Runs of a scan that a report lists, and of all scans.
const LISTED_OF_SCAN: u64 = 13;
const LISTED_OF_ALL: u64 = 5_000;

/// What decides how much memory a call needs.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    /// Bytes of records that are held.
    bytes: u64,
    /// Bytes of texts that are held.
    text: u64,
    /// Records that were read.
    records: u64,
    /// Scans, once they are known.
    scans: u64,
}

impl Load {
    /// Bytes that the call needs at its peak.
    ///
    /// Measured with logs of 10,000 to 1,000,000 runs of 60 to 20,000 scans; `tests/resources.rs` tries that a call keeps to it.
    fn needed(self) -> u64 {
        let reading = self
            .bytes
            .saturating_mul(READING)
            .saturating_add(self.text.saturating_mul(TEXT))
            / 10;
        let listed = self.scans.saturating_mul(LISTED_OF_SCAN).min(LISTED_OF_ALL);
        let reporting = (self.bytes.saturating_mul(REPORTING) / 10)
            .saturating_add(self.records.saturating_mul(RECORD))
            .saturating_add(self.scans.saturating_mul(SCAN))
            .saturating_add(self.scans.min(SHOWN_SCANS) * SHOWN_SCAN)
            .saturating_add(listed.min(self.records) * LISTED);
        BASE.saturating_add(reading.max(reporting))
    }
}

impl Meter {
    /// A meter that allows so many bytes of memory.
    pub fn new(most: Option<u64>) -> Meter {
        Meter {
            most,
            ..Meter::default()
        }
    }

    /// How far the call is.
    pub fn progress(&self) -> Progress {
        let steps = [
            Step::Begin,
            Step::Read,
            Step::Merge,
            Step::Report,
            Step::Write,
        ];
        Progress {
            step: steps[usize::from(self.step.load(Ordering::Relaxed))],
            bytes: self.bytes.load(Ordering::Relaxed),
            all_bytes: self.all_bytes.load(Ordering::Relaxed),
            records: self.records.load(Ordering::Relaxed),
        }
    }

    /// Begins a step.
    pub fn begin(&self, step: Step) {
        self.step.store(step as u8, Ordering::Relaxed);
    }

    /// Begins to read so many bytes. What was read before is read again.
    pub(crate) fn begin_reading(&self, all_bytes: u64) {
        self.all_bytes.store(all_bytes, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
        self.records.store(0, Ordering::Relaxed);
        self.begin(Step::Read);
    }

    /// Counts bytes that were read.
    pub(crate) fn read(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Fails when more memory is needed than is allowed for what is held, or was before.
    pub(crate) fn check(&self) -> Result<(), Exceeded> {
        let Some(most) = self.most else {
            return Ok(());
        };
        if let Some(exceeded) = self.exceeded.get() {
            return Err(exceeded.clone());
        }
        let held = |what: What| self.held[what as usize].load(Ordering::Relaxed);
        let load = Load {
            bytes: held(What::Records),
            text: held(What::Text),
            records: self.records.load(Ordering::Relaxed),
            scans: self.scans.load(Ordering::Relaxed),
        };
        let needed = load.needed();
        if needed <= most {
            return Ok(());
        }
        let exceeded = Exceeded {
            needed,
            most,
            records: load.records,
            text: load.text,
        };
        Err(self.exceeded.get_or_init(|| exceeded).clone())
    }

    /// Fails when a report of so many scans needs more memory than is allowed.
    pub(crate) fn check_scans(&self, scans: usize) -> Result<(), Exceeded> {
        self.scans.store(scans as u64, Ordering::Relaxed);
        self.check()
    }
}

/// Bytes that are held, and the records that were read on the way. Dropped, the bytes are held no more.
#[derive(Debug, Default)]
pub(crate) struct Held {
    meter: Arc<Meter>,
    what: What,
    bytes: u64,
    records: u64,
}

impl Held {
    /// Nothing yet.
    pub(crate) fn new(meter: &Arc<Meter>, what: What) -> Held {
        Held {
            meter: Arc::clone(meter),
            what,
            ..Held::default()
        }
    }

    /// Nothing yet, for the same meter.
    pub(crate) fn fork(&self) -> Held {
        Held::new(&self.meter, self.what)
    }

    /// Fails when more memory is needed than is allowed.
    pub(crate) fn check(&self) -> Result<(), Exceeded> {
        self.meter.check()
    }

    /// So many bytes more are held.
    pub(crate) fn add(&mut self, bytes: u64) {
        self.set(self.bytes + bytes);
    }

    /// So many bytes are held now.
    pub(crate) fn set(&mut self, bytes: u64) {
        let held = &self.meter.held[self.what as usize];
        if bytes >= self.bytes {
            held.fetch_add(bytes - self.bytes, Ordering::Relaxed);
        } else {
            held.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
        }
        self.bytes = bytes;
    }

    /// So many records of a file were read by now.
    pub(crate) fn read(&mut self, records: u64) {
        let more = records.saturating_sub(self.records);
        self.meter.records.fetch_add(more, Ordering::Relaxed);
        self.records = records;
    }

    /// Records of another file are counted from now on.
    pub(crate) fn begin_file(&mut self) {
        self.records = 0;
    }

    /// Takes over what another one holds, and the records that it counted.
    pub(crate) fn append(&mut self, mut other: Held) {
        self.bytes += std::mem::take(&mut other.bytes);
        self.records += other.records;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_counted_until_it_is_gone() {
        let meter = Arc::new(Meter::default());
        let held = |what: What| meter.held[what as usize].load(Ordering::Relaxed);
        let mut one = Held::new(&meter, What::Records);
        one.set(700);
        one.read(3);
        let mut other = one.fork();
        other.set(50);
        other.set(30);
        other.read(2);
        other.read(5);
        let mut text = Held::new(&meter, What::Text);
        text.add(8);
        text.add(2);
        assert_eq!((held(What::Records), held(What::Text)), (730, 10));
        assert_eq!(meter.progress().records, 8);
        one.append(other);
        assert_eq!(held(What::Records), 730);
        // Those of the other are not counted again, nor those of the file before.
        one.read(9);
        assert_eq!(meter.progress().records, 9);
        one.begin_file();
        one.read(4);
        assert_eq!(meter.progress().records, 13);
        drop((one, text));
        assert_eq!((held(What::Records), held(What::Text)), (0, 0));
    }

    #[test]
    fn an_excess_is_told_in_round_numbers_and_stays_one() {
        let meter = Arc::new(Meter::new(Some(2 * BASE)));
        let mut held = Held::new(&meter, What::Text);
        assert_eq!(meter.check(), Ok(()));
        held.add(1_234_567_890);
        let told = "0 records and a text of 1.3 GB that is held whole need about 1.7 GB of memory, and --memory allows 80 MB\n       \
                    give fewer or smaller files at a time, or allow more";
        assert_eq!(meter.check().unwrap_err().to_string(), told);
        held.set(0);
        assert_eq!(meter.check().unwrap_err().to_string(), told);
        // Without a limit nothing is too much.
        let free = Arc::new(Meter::default());
        let mut much = Held::new(&free, What::Records);
        much.set(u64::MAX);
        assert_eq!(free.check_scans(usize::MAX), Ok(()));
        let load = Load {
            bytes: u64::MAX,
            text: u64::MAX,
            records: u64::MAX,
            scans: u64::MAX,
        };
        assert_eq!(load.needed(), u64::MAX);
    }

    #[test]
    fn sizes_are_not_below_what_they_say() {
        let sizes = [
            (0, "0 B"),
            (999, "999 B"),
            (1_001, "2 kB"),
            (5_000_000, "5 MB"),
        ];
        for (bytes, said) in sizes {
            assert_eq!(size(bytes), said);
        }
        assert_eq!(size(1_000_000_001), "1.1 GB");
        assert_eq!(size(u64::MAX), "18446744073.8 GB");
    }
}
