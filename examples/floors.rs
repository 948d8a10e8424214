//! The least that reading a file can take: one thread's bare pass over it, with the reader that rundown
//! builds on and nothing done with the values.
//!
//! ```text
//! cargo run --release --example floors -- csv runs.csv
//! cargo run --release --example floors -- ndjson runs.ndjson
//! cargo run --release --example floors -- parquet runs.parquet
//! ```
//!
//! The files are those that the example `generate` writes in the shape `native`. Every value is looked at
//! just enough that no pass can be left out: the output is the number of records and the sum of all
//! lengths and numbers.
#![allow(clippy::print_stdout, reason = "the sums are the output")]

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArrayType, DataType, Int64Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde::Deserialize;

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 18;
/// Values of a Parquet column that are read at a time.
const BATCH: usize = 8_192;

/// Read a file of rundown's own columns and do nothing with it.
#[derive(Debug, Parser)]
struct Args {
    /// Format of the file
    kind: Kind,
    /// File to read
    file: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// The `csv` crate, one record after the other
    Csv,
    /// `serde_json`, each line into typed fields, texts borrowed where they have no escapes
    Ndjson,
    /// The `parquet` crate, every column of every row group
    Parquet,
}

/// What a pass saw.
#[derive(Clone, Copy, Debug, Default)]
struct Pass {
    records: u64,
    /// Lengths of texts in bytes and values of numbers, added up with overflow.
    sum: u64,
}

impl Pass {
    fn add_length(&mut self, length: usize) {
        self.sum = self.sum.wrapping_add(length as u64);
    }

    fn add_number(&mut self, number: i64) {
        self.sum = self.sum.wrapping_add(number.cast_unsigned());
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    let pass = match args.kind {
        Kind::Csv => csv_pass(&args.file),
        Kind::Ndjson => ndjson_pass(&args.file),
        Kind::Parquet => parquet_pass(&args.file),
    }
    .with_context(|| args.file.display().to_string())?;
    println!("records={} sum={}", pass.records, pass.sum);
    Ok(())
}

fn csv_pass(path: &Path) -> Result<Pass> {
    let mut reader = csv::ReaderBuilder::new()
        .buffer_capacity(BUFFER)
        .from_reader(File::open(path)?);
    let mut record = csv::ByteRecord::new();
    let mut pass = Pass::default();
    while reader.read_byte_record(&mut record)? {
        pass.records += 1;
        for field in &record {
            pass.add_length(field.len());
        }
    }
    Ok(pass)
}

/// A text that borrows from its line where it can. serde borrows for a `Cow`, but not for one in an `Option`.
#[derive(Debug, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The columns of the example `generate` in the shape `native`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record<'a> {
    #[serde(borrow)]
    system: Option<Text<'a>>,
    account: Option<Text<'a>>,
    source: Option<Text<'a>>,
    source_type: Option<Text<'a>>,
    collection: Option<Text<'a>>,
    scan: Option<Text<'a>>,
    run_id: Option<Text<'a>>,
    run_type: Option<Text<'a>>,
    trigger: Option<Text<'a>>,
    status: Option<Text<'a>>,
    discovery_status: Option<Text<'a>>,
    ingestion_status: Option<Text<'a>>,
    queued_at: Option<Text<'a>>,
    started_at: Option<Text<'a>>,
    ended_at: Option<Text<'a>>,
    discovery_started_at: Option<Text<'a>>,
    discovery_ended_at: Option<Text<'a>>,
    ingestion_started_at: Option<Text<'a>>,
    ingestion_ended_at: Option<Text<'a>>,
    assets_discovered: Option<i64>,
    assets_classified: Option<i64>,
    assets_failed: Option<i64>,
    assets_ingested: Option<i64>,
    assets_ingest_failed: Option<i64>,
    assets_pending: Option<i64>,
    relationships_ingested: Option<i64>,
    relationships_failed: Option<i64>,
    error_code: Option<Text<'a>>,
    error_message: Option<Text<'a>>,
    error_phase: Option<Text<'a>>,
    observed_at: Option<Text<'a>>,
}

impl Record<'_> {
    fn texts(&self) -> [&Option<Text<'_>>; 23] {
        [
            &self.system,
            &self.account,
            &self.source,
            &self.source_type,
            &self.collection,
            &self.scan,
            &self.run_id,
            &self.run_type,
            &self.trigger,
            &self.status,
            &self.discovery_status,
            &self.ingestion_status,
            &self.queued_at,
            &self.started_at,
            &self.ended_at,
            &self.discovery_started_at,
            &self.discovery_ended_at,
            &self.ingestion_started_at,
            &self.ingestion_ended_at,
            &self.error_code,
            &self.error_message,
            &self.error_phase,
            &self.observed_at,
        ]
    }

    fn numbers(&self) -> [Option<i64>; 8] {
        [
            self.assets_discovered,
            self.assets_classified,
            self.assets_failed,
            self.assets_ingested,
            self.assets_ingest_failed,
            self.assets_pending,
            self.relationships_ingested,
            self.relationships_failed,
        ]
    }
}

fn ndjson_pass(path: &Path) -> Result<Pass> {
    let mut reader = BufReader::with_capacity(BUFFER, File::open(path)?);
    let mut line = Vec::new();
    let mut pass = Pass::default();
    while reader.read_until(b'\n', &mut line)? > 0 {
        pass.records += 1;
        let record: Record<'_> =
            serde_json::from_slice(&line).with_context(|| format!("line {}", pass.records))?;
        for text in record.texts().into_iter().flatten() {
            pass.add_length(text.0.len());
        }
        for number in record.numbers().into_iter().flatten() {
            pass.add_number(number);
        }
        line.clear();
    }
    Ok(pass)
}

fn parquet_pass(path: &Path) -> Result<Pass> {
    let reader = SerializedFileReader::new(File::open(path)?)?;
    let mut pass = Pass::default();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        pass.records += u64::try_from(group.metadata().num_rows())?;
        for column in 0..group.num_columns() {
            match group.get_column_reader(column)? {
                ColumnReader::ByteArrayColumnReader(reader) => {
                    read_column::<ByteArrayType>(reader, |text| pass.add_length(text.len()))?;
                }
                ColumnReader::Int64ColumnReader(reader) => {
                    read_column::<Int64Type>(reader, |&number| pass.add_number(number))?;
                }
                _ => bail!("column {column}: neither text nor a 64-bit number"),
            }
        }
    }
    Ok(pass)
}

/// Calls a function with each value of a column of a row group.
fn read_column<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    mut value: impl FnMut(&T::T),
) -> Result<()> {
    let mut values = Vec::with_capacity(BATCH);
    let mut levels = Vec::with_capacity(BATCH);
    loop {
        values.clear();
        levels.clear();
        let (records, ..) = reader.read_records(BATCH, Some(&mut levels), None, &mut values)?;
        if records == 0 {
            return Ok(());
        }
        values.iter().for_each(&mut value);
    }
}
