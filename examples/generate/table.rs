//! Flat tables: their columns, and how they become CSV, JSON objects and Parquet.

use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::json::Json;
use super::run::Record;
use super::sink::Sink;
use super::time::{self, MICROSECOND, Ticks, TimeShape};

type TextOf = for<'a> fn(&'a Record<'_>) -> Cow<'a, str>;
type IntOf = fn(&Record<'_>) -> Option<i64>;
type TimeOf = fn(&Record<'_>) -> Option<Ticks>;

/// A column, and where its values come from.
pub(crate) struct Column {
    name: &'static str,
    value: Value,
}

enum Value {
    /// Empty text is missing.
    Text(TextOf),
    Int(IntOf),
    Time(TimeOf),
}

/// A flat shape of records.
pub(crate) struct Table {
    pub(crate) columns: &'static [Column],
    /// How times are written as text. In Parquet they are timestamps.
    pub(crate) times: TimeShape,
    /// Every value is quoted and lines end in CR LF, as PowerShell does it.
    pub(crate) powershell: bool,
}

pub(crate) const fn text(name: &'static str, value: TextOf) -> Column {
    Column {
        name,
        value: Value::Text(value),
    }
}

pub(crate) const fn int(name: &'static str, value: IntOf) -> Column {
    Column {
        name,
        value: Value::Int(value),
    }
}

pub(crate) const fn time(name: &'static str, value: TimeOf) -> Column {
    Column {
        name,
        value: Value::Time(value),
    }
}

impl Table {
    /// A row as a JSON object.
    pub(crate) fn json(&self, record: &Record<'_>, json: &mut Json) {
        json.record(|json| {
            for column in self.columns {
                match column.value {
                    Value::Text(of) => json.text_or_null(column.name, &of(record)),
                    Value::Int(of) => json.int(column.name, of(record)),
                    Value::Time(of) => json.time(column.name, of(record), self.times),
                }
            }
        });
    }
}

/// Writes a table as CSV, with missing values empty. By hand: the `csv` crate takes twice the time.
pub(crate) struct CsvSink<W> {
    out: W,
    table: &'static Table,
    line: Vec<u8>,
}

impl<W: Write> CsvSink<W> {
    pub(crate) fn new(out: W, table: &'static Table) -> Result<CsvSink<W>> {
        let mut sink = CsvSink {
            out,
            table,
            line: Vec::new(),
        };
        sink.write_line(|column, line| line.extend_from_slice(column.name.as_bytes()))?;
        Ok(sink)
    }

    fn write_line(&mut self, cell: impl Fn(&Column, &mut Vec<u8>)) -> Result<()> {
        let powershell = self.table.powershell;
        self.line.clear();
        for (at, column) in self.table.columns.iter().enumerate() {
            if at > 0 {
                self.line.push(b',');
            }
            let start = self.line.len();
            cell(column, &mut self.line);
            if powershell || needs_quotes(&self.line[start..]) {
                quote(&mut self.line, start);
            }
        }
        let end: &[u8] = if powershell { b"\r\n" } else { b"\n" };
        self.line.extend_from_slice(end);
        self.out.write_all(&self.line)?;
        Ok(())
    }
}

/// Looks at every byte, which is quicker than to stop at the first that decides.
fn needs_quotes(cell: &[u8]) -> bool {
    cell.iter().fold(false, |needs, byte| {
        needs | matches!(byte, b',' | b'"' | b'\r' | b'\n')
    })
}

/// Puts quotes around the end of a line, from `start` on.
fn quote(line: &mut Vec<u8>, start: usize) {
    line.insert(start, b'"');
    if line[start + 1..].contains(&b'"') {
        for byte in line.split_off(start + 1) {
            if byte == b'"' {
                line.push(b'"');
            }
            line.push(byte);
        }
    }
    line.push(b'"');
}

impl<W: Write> Sink for CsvSink<W> {
    fn write(&mut self, record: &Record<'_>) -> Result<()> {
        let times = self.table.times;
        self.write_line(|column, line| match column.value {
            Value::Text(of) => line.extend_from_slice(of(record).as_bytes()),
            Value::Int(of) => {
                if let Some(number) = of(record) {
                    time::number(line, number);
                }
            }
            Value::Time(of) => {
                if let Some(instant) = of(record) {
                    time::write(line, instant, times);
                }
            }
        })
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.out.flush()?;
        Ok(())
    }
}

/// Rows of a Parquet row group.
const GROUP: usize = 65_536;
/// Texts that are handed to the Parquet writer at a time.
const BATCH: usize = 4_096;

/// Writes a table as Parquet, compressed with Snappy, as pandas, Spark and `DuckDB` do it.
pub(crate) struct ParquetSink<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    table: &'static Table,
    columns: Vec<Values>,
    rows: usize,
}

/// Values of a column that wait for their row group.
#[derive(Debug, Default)]
struct Values {
    /// 1 for a value, 0 for a missing one.
    levels: Vec<i16>,
    numbers: Vec<i64>,
    texts: Vec<u8>,
    /// Length of each text.
    lengths: Vec<usize>,
}

impl<W: Write + Send> ParquetSink<W> {
    pub(crate) fn new(out: W, table: &'static Table) -> Result<ParquetSink<W>> {
        let fields = table.columns.iter().map(|column| {
            let (physical, logical) = match column.value {
                Value::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
                Value::Int(_) => (Physical::INT64, None),
                Value::Time(_) => (
                    Physical::INT64,
                    Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
                ),
            };
            // Only the portal's CSV names the zone beside the column.
            let name = column.name.trim_end_matches(" [UTC]");
            Type::primitive_type_builder(name, physical)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(logical)
                .build()
                .map(Arc::new)
        });
        let schema = Type::group_type_builder("runs")
            .with_fields(fields.collect::<Result<_, _>>()?)
            .build()?;
        // The name of the writer stands in the file; a fixed one keeps the bytes the same.
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("rundown generate".to_owned())
            .build();
        Ok(ParquetSink {
            writer: SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?,
            table,
            columns: table.columns.iter().map(|_| Values::default()).collect(),
            rows: 0,
        })
    }

    fn write_group(&mut self) -> Result<()> {
        let mut group = self.writer.next_row_group()?;
        for (column, values) in self.table.columns.iter().zip(&mut self.columns) {
            let mut writer = group
                .next_column()?
                .ok_or_else(|| anyhow!("the Parquet writer has no column {}", column.name))?;
            match column.value {
                Value::Text(_) => values.write_texts(writer.typed::<ByteArrayType>())?,
                Value::Int(_) | Value::Time(_) => {
                    writer.typed::<Int64Type>().write_batch(
                        &values.numbers,
                        Some(&values.levels),
                        None,
                    )?;
                }
            }
            writer.close()?;
            *values = Values::default();
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl Values {
    fn push_number(&mut self, number: Option<i64>) {
        self.levels.push(i16::from(number.is_some()));
        self.numbers.extend(number);
    }

    fn push_text(&mut self, text: &str) {
        self.levels.push(i16::from(!text.is_empty()));
        if !text.is_empty() {
            self.texts.extend_from_slice(text.as_bytes());
            self.lengths.push(text.len());
        }
    }

    fn write_texts(
        &mut self,
        writer: &mut parquet::column::writer::ColumnWriterImpl<'_, ByteArrayType>,
    ) -> Result<()> {
        // Slices of one buffer: a text of its own for each value would take several times the memory.
        let all = ByteArray::from(std::mem::take(&mut self.texts));
        let mut lengths = self.lengths.iter();
        let mut start = 0;
        let mut batch = Vec::with_capacity(BATCH);
        for levels in self.levels.chunks(BATCH) {
            batch.clear();
            let present = levels.iter().filter(|level| **level == 1).count();
            batch.extend(lengths.by_ref().take(present).map(|&length| {
                start += length;
                all.slice(start - length, length)
            }));
            writer.write_batch(&batch, Some(levels), None)?;
        }
        Ok(())
    }
}

impl<W: Write + Send> Sink for ParquetSink<W> {
    fn write(&mut self, record: &Record<'_>) -> Result<()> {
        for (column, values) in self.table.columns.iter().zip(&mut self.columns) {
            match column.value {
                Value::Text(of) => values.push_text(&of(record)),
                Value::Int(of) => values.push_number(of(record)),
                Value::Time(of) => {
                    values.push_number(of(record).map(|instant| instant / MICROSECOND));
                }
            }
        }
        self.rows += 1;
        if self.rows == GROUP {
            self.write_group()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.writer.close()?;
        Ok(())
    }
}
