//! Makes exports of any size, for benchmarks and for trying things out. All of it is made up.
//!
//! ```text
//! cargo run --release --example generate -- --runs 5000000 --shape native --format csv -o runs.csv
//! cargo run --release --example generate -- --runs 10000 --shape purview --format json -o - | head
//! cargo run --release --example generate -- --runs 10000 --shape purview-monitor --hourly logs
//! ```
//!
//! The runs depend on `--seed`, `--runs`, `--scans`, `--days` and `--last-day` only: every shape tells of
//! the same runs, as far as its vendor has words for them. The same arguments give the same bytes.
//!
//! | shape            | CSV and Parquet                        | NDJSON and JSON                         |
//! | ---------------- | -------------------------------------- | --------------------------------------- |
//! | `native`         | all columns                            | the same as objects                     |
//! | `purview`        | PowerShell's table: no ingestion       | API 2023-09-01, with source and scan    |
//! | `purview-monitor`| Log Analytics: discovery only          | Azure Monitor: discovery only           |
//! | `zscaler-uvm`    | titles of the page, no source          | the same as objects                     |
//! | `adf`            | Log Analytics, a row for each state    | REST, pipeline runs                     |
//! | `github-actions` | there is none                          | REST, workflow runs                     |
//!
//! The module of each shape says what it leaves out. Nothing is kept but the scans and the records that
//! wait for their turn. The last line on standard error counts records and runs, and the runs by their
//! end, as the records tell it.

mod course;
mod errors;
mod hourly;
mod json;
mod order;
mod random;
mod run;
mod scan;
mod shapes;
mod sink;
mod table;
mod time;
mod world;

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use clap::{Parser, ValueEnum, value_parser};

use hourly::HourlySink;
use json::{Json, JsonSink};
use order::Waiting;
use run::{Record, Run, Status};
use shapes::{Body, Form, ShapeName, States, delivered_at};
use sink::Sink;
use table::{CsvSink, ParquetSink};
use world::World;

/// Bytes that are written at a time.
const BUFFER: usize = 1 << 18;

/// Make exports of any size. All of it is made up.
#[derive(Debug, Parser)]
struct Args {
    /// Number of runs
    #[arg(long, value_parser = value_parser!(i64).range(0..))]
    runs: i64,
    /// Whose export to imitate
    #[arg(long)]
    shape: ShapeName,
    /// Format of the file
    #[arg(long, required_unless_present = "hourly", conflicts_with = "hourly")]
    format: Option<Format>,
    /// Other seeds give other runs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of scans, which take turns
    #[arg(long, default_value_t = 5_000, value_parser = value_parser!(u32).range(1..))]
    scans: u32,
    /// Number of days
    #[arg(long, default_value_t = 60, value_parser = value_parser!(u16).range(1..))]
    days: u16,
    /// The last of the days
    #[arg(long, value_name = "DATE", default_value = "2026-11-19")]
    last_day: NaiveDate,
    /// Share of runs that are also written in an earlier state, two of three of them unfinished; without
    /// effect where every state is written
    #[arg(long, value_name = "SHARE", default_value = "0.05", value_parser = millionths)]
    repeats: i64,
    /// File to write; - is standard output
    #[arg(
        short,
        long,
        value_name = "FILE",
        required_unless_present = "hourly",
        conflicts_with = "hourly"
    )]
    output: Option<PathBuf>,
    /// Folder for one file an hour, as Azure Monitor stores them; purview-monitor only
    #[arg(long, value_name = "DIR")]
    hourly: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated values
    Csv,
    /// One JSON object a line
    Ndjson,
    /// One JSON document
    Json,
    /// Apache Parquet
    Parquet,
}

fn millionths(text: &str) -> Result<i64> {
    let share: f64 = text.parse()?;
    if !(0.0..=1.0).contains(&share) {
        bail!("is not between 0 and 1");
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most a million")]
    Ok((share * 1e6).round() as i64)
}

#[expect(clippy::print_stderr, reason = "this is the program's voice")]
fn main() -> ExitCode {
    match generate(&Args::parse()) {
        Ok(totals) => {
            eprintln!("{totals}");
            ExitCode::SUCCESS
        }
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The reader of a pipe may close it early, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

fn generate(args: &Args) -> Result<Totals> {
    let form = form(args)?;
    let world = World::new(args.seed, args.runs, args.scans, args.days, args.last_day);
    let mut writing = Writing {
        world: &world,
        sink: sink(args, form)?,
        waiting: Waiting::default(),
        totals: Totals::default(),
    };
    let written = || -> Result<Totals> {
        for index in 0..args.runs {
            let run = world.run(index);
            writing.totals.count((form.outcome)(&run));
            match form.states {
                States::Each(states) => writing.events(&states(&run), args.hourly.is_some())?,
                States::Final => writing.final_state(&run, args.repeats)?,
            }
        }
        writing.finish()
    };
    written().with_context(|| {
        let path = args.output.as_ref().or(args.hourly.as_ref());
        format!(
            "{}: not completed",
            path.map_or("-".into(), |path| path.display().to_string())
        )
    })
}

/// How the shape is written in the format that was asked for.
fn form(args: &Args) -> Result<&'static Form> {
    let shape = args.shape.shape();
    if args.hourly.is_some() && args.shape != ShapeName::PurviewMonitor {
        bail!("--hourly: only the events of purview-monitor are stored by the hour");
    }
    match (args.format, &shape.flat) {
        (Some(Format::Csv | Format::Parquet), None) => {
            bail!("--format: GitHub Actions has no export of a table\n       use ndjson or json")
        }
        (Some(Format::Csv | Format::Parquet), Some(flat)) => Ok(flat),
        (Some(Format::Ndjson | Format::Json) | None, _) => Ok(&shape.json),
    }
}

fn sink(args: &Args, form: &'static Form) -> Result<Box<dyn Sink>> {
    let (Some(format), Some(path)) = (args.format, &args.output) else {
        let Body::Nested(record) = form.body else {
            bail!("--hourly: needs nested records");
        };
        let folder = args.hourly.clone().context("neither -o nor --hourly")?;
        return Ok(Box::new(HourlySink::new(folder, args.seed, record)));
    };
    let to_stdout = path == Path::new("-");
    if to_stdout && format == Format::Parquet {
        bail!("-o -: Parquet is not written to standard output\n       name a file");
    }
    let out: Box<dyn Write + Send> = if to_stdout {
        Box::new(io::stdout())
    } else {
        let file = File::create(path);
        Box::new(file.with_context(|| format!("{}: cannot be written", path.display()))?)
    };
    let out = BufWriter::with_capacity(BUFFER, out);
    let envelope = (format == Format::Json).then_some(args.shape.shape().envelope);
    Ok(match (&form.body, format) {
        (Body::Table(table), Format::Csv) => Box::new(CsvSink::new(out, table)?),
        (Body::Table(table), Format::Parquet) => Box::new(ParquetSink::new(out, table)?),
        (Body::Table(table), Format::Ndjson | Format::Json) => {
            let record = |record: &Record<'_>, json: &mut Json| table.json(record, json);
            Box::new(JsonSink::new(out, record, envelope, args.runs)?)
        }
        (Body::Nested(record), _) => Box::new(JsonSink::new(out, record, envelope, args.runs)?),
    })
}

/// Puts records in order and counts them.
struct Writing<'a> {
    world: &'a World,
    sink: Box<dyn Sink>,
    waiting: Waiting,
    totals: Totals,
}

impl Writing<'_> {
    /// Events of all runs, in order of their time or of their delivery.
    fn events(&mut self, events: &[Run], by_delivery: bool) -> Result<()> {
        for event in events {
            let turn = if by_delivery {
                delivered_at(event)
            } else {
                event.observed_at
            };
            self.waiting.hold(*event, turn);
        }
        // Later runs have no earlier events.
        if let Some(event) = events.first() {
            self.write_before(self.world.planned(event.index + 1))?;
        }
        Ok(())
    }

    /// A run in its final state and perhaps in an earlier one, before or after it.
    fn final_state(&mut self, run: &Run, repeats: i64) -> Result<()> {
        self.write_before(run.index)?;
        match self.world.repeat(run, repeats) {
            None => self.write(run),
            Some(repeat) => {
                let (now, later) = if repeat.before {
                    (&repeat.state, run)
                } else {
                    (run, &repeat.state)
                };
                self.waiting.hold(*later, run.index + repeat.lag);
                self.write(now)
            }
        }
    }

    fn write_before(&mut self, turn: i64) -> Result<()> {
        while let Some(run) = self.waiting.next_before(turn) {
            self.write(&run)?;
        }
        Ok(())
    }

    fn write(&mut self, run: &Run) -> Result<()> {
        self.totals.records += 1;
        self.sink.write(&Record::new(run, self.world.scan(run)))
    }

    fn finish(mut self) -> Result<Totals> {
        self.write_before(i64::MAX)?;
        self.sink.finish()?;
        Ok(self.totals)
    }
}

/// What was written.
#[derive(Debug, Default)]
struct Totals {
    records: u64,
    runs: u64,
    succeeded: u64,
    partial: u64,
    failed: u64,
    cancelled: u64,
    unfinished: u64,
}

impl Totals {
    fn count(&mut self, outcome: Status) {
        self.runs += 1;
        match outcome {
            Status::Succeeded | Status::Absent => self.succeeded += 1,
            Status::Partial => self.partial += 1,
            Status::Failed => self.failed += 1,
            Status::Cancelled => self.cancelled += 1,
            Status::InProgress | Status::Queued | Status::Delayed | Status::Throttled => {
                self.unfinished += 1;
            }
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "records={} runs={} succeeded={} partial={} failed={} cancelled={} unfinished={}",
            self.records,
            self.runs,
            self.succeeded,
            self.partial,
            self.failed,
            self.cancelled,
            self.unfinished
        )
    }
}
