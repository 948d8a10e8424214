//! Canonical runs as Parquet, CSV or NDJSON: what `rundown convert` writes and the preset `native` reads.

use std::io::Write;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use polars::prelude::DataFrame;

use super::frame::{Runs, cells, column};
use super::schema::{Field, Kind};
use crate::report::Cell;

/// Rows that are turned into text at a time.
const ROWS: usize = 16_384;
/// Rows of a Parquet row group.
const GROUP: usize = 131_072;

/// A format of canonical runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Apache Parquet, compressed with zstd.
    Parquet,
    /// Comma-separated, UTF-8, a header, missing values empty.
    Csv,
    /// One JSON object a line, missing values null.
    Ndjson,
}

impl ExportFormat {
    /// The format for an ending of a file name.
    pub fn of_ending(ending: &str) -> Option<ExportFormat> {
        match ending.to_ascii_lowercase().as_str() {
            "parquet" => Some(ExportFormat::Parquet),
            "csv" => Some(ExportFormat::Csv),
            "ndjson" | "jsonl" => Some(ExportFormat::Ndjson),
            _ => None,
        }
    }
}

/// The columns in order: canonical fields, then what was derived from them.
fn columns() -> Vec<(&'static str, Kind)> {
    let derived = [
        (column::OUTCOME, Kind::Text),
        (column::ERROR_CATEGORY, Kind::Text),
        (column::ERROR_SIGNATURE, Kind::Text),
    ];
    Field::ALL
        .iter()
        .map(|field| (field.key(), field.kind()))
        .chain(derived)
        .collect()
}

/// Writes every run, in the order of [`Runs`].
pub fn export(runs: &Runs, format: ExportFormat, out: &mut (impl Write + Send)) -> Result<()> {
    match format {
        ExportFormat::Parquet => parquet(runs.frame(), out),
        ExportFormat::Csv => csv(runs.frame(), out),
        ExportFormat::Ndjson => ndjson(runs.frame(), out),
    }
}

/// Calls a function with the cells of each row.
fn each_row(
    frame: &DataFrame,
    mut row: impl FnMut(&mut dyn Iterator<Item = (&'static str, Cell)>) -> Result<()>,
) -> Result<()> {
    let known = columns();
    for start in (0..frame.height()).step_by(ROWS) {
        let part = frame.slice(i64::try_from(start)?, ROWS);
        let mut by_column = Vec::with_capacity(known.len());
        for (name, _) in &known {
            by_column.push((*name, cells(&part, name)?.into_iter()));
        }
        for _ in 0..part.height() {
            row(&mut by_column
                .iter_mut()
                .map(|(name, cells)| (*name, cells.next().unwrap_or(Cell::Null))))?;
        }
    }
    Ok(())
}

fn as_text(cell: Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Text(text) => Some(text),
        Cell::Int(number) => Some(number.to_string()),
        Cell::Float(number) => Some(number.to_string()),
        Cell::Bool(value) => Some(value.to_string()),
        Cell::Date(date) => Some(date.to_string()),
        Cell::Time(micros) => instant(micros),
    }
}

fn instant(micros: i64) -> Option<String> {
    chrono::DateTime::from_timestamp_micros(micros)
        .map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
}

fn csv(frame: &DataFrame, out: &mut impl Write) -> Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(columns().iter().map(|(name, _)| name))?;
    each_row(frame, |row| {
        for (_, cell) in row {
            writer.write_field(as_text(cell).unwrap_or_default())?;
        }
        writer.write_record(None::<&[u8]>)?;
        Ok(())
    })?;
    writer.flush()?;
    Ok(())
}

fn ndjson(frame: &DataFrame, out: &mut impl Write) -> Result<()> {
    each_row(frame, |row| {
        let mut first = true;
        for (name, cell) in row {
            write!(out, "{}\"{name}\":", if first { '{' } else { ',' })?;
            first = false;
            match cell {
                Cell::Int(number) => write!(out, "{number}")?,
                cell => serde_json::to_writer(&mut *out, &as_text(cell))?,
            }
        }
        out.write_all(b"}\n")?;
        Ok(())
    })
}

fn parquet(frame: &DataFrame, out: &mut (impl Write + Send)) -> Result<()> {
    let known = columns();
    let mut fields = Vec::with_capacity(known.len());
    for (name, kind) in &known {
        let (physical, logical) = match kind {
            Kind::Text | Kind::RunId | Kind::Status => {
                (Physical::BYTE_ARRAY, Some(LogicalType::String))
            }
            Kind::Time => (
                Physical::INT64,
                Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
            ),
            Kind::Int => (Physical::INT64, None),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        fields.push(Arc::new(field.build()?));
    }
    let schema = Arc::new(
        Type::group_type_builder("runs")
            .with_fields(fields)
            .build()?,
    );
    // The name of the writer stands in the file; a fixed one keeps the bytes the same from release to release.
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::try_new(3)?))
        .set_created_by("rundown".to_owned())
        .build();
    let mut writer = SerializedFileWriter::new(out, schema, Arc::new(properties))?;
    for start in (0..frame.height()).step_by(GROUP) {
        let part = frame.slice(i64::try_from(start)?, GROUP);
        let mut group = writer.next_row_group()?;
        for (name, kind) in &known {
            let values = cells(&part, name)?;
            let levels: Vec<i16> = values
                .iter()
                .map(|cell| i16::from(*cell != Cell::Null))
                .collect();
            let mut column = group
                .next_column()?
                .ok_or_else(|| anyhow!("the Parquet writer has no column {name}"))?;
            match kind {
                Kind::Text | Kind::RunId | Kind::Status => {
                    let texts: Vec<ByteArray> = values
                        .into_iter()
                        .filter_map(as_text)
                        .map(|text| text.into_bytes().into())
                        .collect();
                    column
                        .typed::<ByteArrayType>()
                        .write_batch(&texts, Some(&levels), None)?;
                }
                Kind::Time | Kind::Int => {
                    let numbers: Vec<i64> = values
                        .iter()
                        .filter_map(|cell| match cell {
                            Cell::Int(number) | Cell::Time(number) => Some(*number),
                            Cell::Null
                            | Cell::Text(_)
                            | Cell::Float(_)
                            | Cell::Bool(_)
                            | Cell::Date(_) => None,
                        })
                        .collect();
                    column
                        .typed::<Int64Type>()
                        .write_batch(&numbers, Some(&levels), None)?;
                }
            }
            column.close()?;
        }
        group.close()?;
    }
    writer.close()?;
    Ok(())
}
