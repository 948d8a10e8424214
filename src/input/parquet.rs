//! Parquet, column by column.
//!
//! A damaged file can make the reader panic, so all of it runs behind `catch_unwind`; a file that cannot be
//! read to its end is rejected whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, anyhow, ensure};
use bytes::Bytes;
use parquet::basic::{LogicalType, TimeUnit, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{
    ChunkReader, FileReader, Length, RowGroupReader, SerializedFileReader,
};
use parquet::schema::types::ColumnDescriptor;

use super::limits;
use super::reject::{Code, Reject, Start};
use crate::mapping::crew;
use crate::mapping::mapper::Mapper;
use crate::mapping::plan::Heading;
use crate::mapping::rows::{Cells, Rows};
use crate::mapping::values::{Value, listed_key};
use crate::threads;

/// Rows that are held in memory at a time.
const ROWS: usize = 1_024;

/// A file of which several threads read different places at a time. (Clones of a handle share one position, so that what
/// one of them reads would depend on the others.)
#[derive(Clone, Debug)]
pub struct SharedFile(Arc<File>);

impl SharedFile {
    /// The file behind a handle.
    pub fn new(file: File) -> SharedFile {
        SharedFile(Arc::new(file))
    }
}

#[cfg(unix)]
use std::os::unix::fs::FileExt as _;

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    file.read_at(into, at)
}

#[cfg(windows)]
use std::os::windows::fs::FileExt as _;

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    file.seek_read(into, at)
}

/// Reads a shared file from a place on.
#[derive(Debug)]
pub struct ReadAt {
    file: Arc<File>,
    at: u64,
}

impl Read for ReadAt {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = read_at(&self.file, into, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.0.metadata().map_or(0, |known| known.len())
    }
}

impl ChunkReader for SharedFile {
    type T = BufReader<ReadAt>;

    fn get_read(&self, at: u64) -> parquet::errors::Result<Self::T> {
        let file = Arc::clone(&self.0);
        Ok(BufReader::new(ReadAt { file, at }))
    }

    fn get_bytes(&self, at: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let mut bytes = Vec::new();
        let from = self.get_read(at)?.into_inner();
        let read = from.take(length as u64).read_to_end(&mut bytes)?;
        if read < length {
            return Err(ParquetError::EOF(format!(
                "{length} bytes are expected at byte {at}, and {read} are left"
            )));
        }
        Ok(bytes.into())
    }
}

fn guarded<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(anyhow!("the Parquet reader failed on it")))
}

fn open<R: ChunkReader + 'static>(from: R) -> Result<SerializedFileReader<R>> {
    let length = from.len();
    let file = SerializedFileReader::new(from)?;
    let rows = file.metadata().file_metadata().num_rows();
    ensure!(
        u64::try_from(rows).is_ok_and(|rows| rows <= limits::rows(length)),
        "it claims to have {rows} rows in {length} bytes"
    );
    let groups = file.metadata().row_groups();
    let unpacked: i128 = (groups.iter())
        .map(|group| i128::from(group.total_byte_size()))
        .sum();
    ensure!(
        unpacked <= i128::from(limits::unpacked(length)),
        "it unpacks to {unpacked} bytes, more than {} times its size",
        limits::RATIO
    );
    let in_groups: i64 = groups.iter().map(RowGroupMetaData::num_rows).sum();
    ensure!(
        in_groups == rows,
        "it claims to have {rows} rows, its row groups have {in_groups}"
    );
    Ok(file)
}

/// Squashed path and name of each column without repetition; `None` for columns inside lists.
fn columns<R: ChunkReader + 'static>(
    file: &SerializedFileReader<R>,
) -> Vec<Option<(String, String)>> {
    let schema = file.metadata().file_metadata().schema_descr();
    schema
        .columns()
        .iter()
        .map(|column| {
            let parts = column.path().parts();
            let squashed: Vec<_> = parts.iter().map(|part| listed_key(part)).collect();
            (column.max_rep_level() == 0).then(|| (squashed.join("."), parts.join(".")))
        })
        .collect()
}

/// The paths that a file has.
pub fn paths<R: ChunkReader + 'static>(from: R) -> Result<BTreeSet<String>> {
    guarded(|| {
        Ok(columns(&open(from)?)
            .into_iter()
            .flatten()
            .map(|(squashed, _)| squashed)
            .collect())
    })
}

/// Reads the rows of a file into the mapper.
pub fn read<R: ChunkReader + 'static>(from: R, mapper: &mut Mapper) -> Result<()> {
    guarded(|| {
        let file = open(from)?;
        let known = columns(&file);
        // Columns inside lists have no name that a path could match.
        let names: Vec<String> = known
            .iter()
            .map(|column| {
                column
                    .as_ref()
                    .map_or_else(String::new, |(path, _)| path.clone())
            })
            .collect();
        let bound: Vec<Option<(usize, usize)>> = mapper
            .columns(&names)
            .into_iter()
            .map(|(fitting, keys)| fitting.first().map(|&column| (column, keys)))
            .collect();
        let headings = bound
            .iter()
            .map(|at| {
                let (column, keys) = (*at)?;
                let (_, name) = known[column].as_ref()?;
                Some(Heading {
                    column,
                    name: name.clone(),
                    keys,
                })
            })
            .collect();
        if let Err(reject) = mapper.bind(headings) {
            mapper.reject(*reject);
            return Ok(());
        }
        // The rows of a group follow those of the groups before.
        let mut first = 1;
        let mut groups = Vec::new();
        for group in file.metadata().row_groups() {
            let rows = usize::try_from(group.num_rows())
                .context("a row group has a negative number of rows")?;
            groups.push((first, rows));
            first += rows as u64;
        }
        let helpers = groups.len().min(threads::count()).saturating_sub(1);
        // The mistake of the first group that has one.
        let failed: Mutex<BTreeMap<usize, anyhow::Error>> = Mutex::default();
        let failures = || failed.lock().unwrap_or_else(PoisonError::into_inner);
        crew::map_all(
            mapper,
            &mut (),
            vec![(); helpers],
            |mapper, (), at: &mut usize| {
                let (first, rows) = groups[*at];
                let read = guarded(|| {
                    let group = file.get_row_group(*at)?;
                    map_group(group.as_ref(), &bound, first, rows, mapper)
                });
                if let Err(error) = read {
                    failures().insert(*at, error);
                }
            },
            |feed| {
                for at in 0..groups.len() {
                    // What follows a mistake is not used.
                    if failures().is_empty() {
                        feed.feed(at);
                    }
                }
            },
        );
        let first = failures().pop_first();
        first.map_or(Ok(()), |(_, error)| Err(error))
    })
}

/// Maps the rows of a row group, the first of which has this number in the file.
fn map_group(
    group: &dyn RowGroupReader,
    bound: &[Option<(usize, usize)>],
    first: u64,
    rows: usize,
    mapper: &mut Mapper,
) -> Result<()> {
    let mut readers = Vec::new();
    for (slot, at) in bound.iter().enumerate() {
        if let Some((at, _)) = *at {
            readers.push((
                slot,
                Chunk::new(
                    &group.metadata().column(at).column_descr_ptr(),
                    group.get_column_reader(at)?,
                ),
            ));
        }
    }
    let (mut line, mut left) = (first, rows);
    while left > 0 {
        let count = left.min(ROWS);
        for (_, reader) in &mut readers {
            reader.read(count)?;
        }
        map_rows(&readers, line, count, mapper);
        line += count as u64;
        left -= count;
        mapper.tell();
    }
    Ok(())
}

/// Maps the rows at hand, the first of which has this number in the file.
fn map_rows(readers: &[(usize, Chunk)], first: u64, count: usize, mapper: &mut Mapper) {
    let slots = mapper.slots().len();
    let starts: Vec<Start> = (first..).take(count).map(Start::from).collect();
    let columns: Result<Vec<_>, (Code, String)> = readers
        .iter()
        .map(|(slot, reader)| {
            let mut values = Vec::with_capacity(count);
            reader.values(&mut values)?;
            Ok((*slot, values))
        })
        .collect();
    if let Ok(columns) = columns {
        let mut cells = vec![Cells::Missing; slots];
        for (slot, values) in &columns {
            cells[*slot] = Cells::Values {
                values,
                column: 0,
                width: 1,
            };
        }
        let rows = Rows {
            starts: &starts,
            cells: &cells,
        };
        mapper.rows(rows, Vec::new());
        return;
    }
    // Some value is none, so each row is looked at by itself.
    let mut values = vec![Value::Missing; slots];
    for (row, &start) in starts.iter().enumerate() {
        let mut bad = None;
        for (slot, reader) in readers {
            match reader.value(row) {
                Ok(value) => values[*slot] = value,
                Err(found) => bad = Some((*slot, found)),
            }
        }
        match bad {
            None => mapper.record(start, &values),
            Some((slot, (code, found))) => {
                let name = mapper.slots()[slot].text.clone();
                let reject = Reject::new(start, Some(&name), code, &found, mapper.masker());
                mapper.reject(reject);
            }
        }
    }
}

/// What the numbers of a column mean.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    Number,
    Unsigned,
    Scaled(f64),
    /// Two's complement in bytes, the highest first, with so many decimal places.
    Decimal(i32),
    /// Instants or local times; units for each microsecond, or microseconds for each unit.
    Time {
        utc: bool,
        times: i64,
        divided: i64,
    },
    Text,
    Uuid,
}

/// The values of one column for the rows at hand.
enum Values {
    Bool(ColumnReaderImpl<parquet::data_type::BoolType>, Vec<bool>),
    Int32(ColumnReaderImpl<parquet::data_type::Int32Type>, Vec<i32>),
    Int64(ColumnReaderImpl<parquet::data_type::Int64Type>, Vec<i64>),
    Int96(
        ColumnReaderImpl<parquet::data_type::Int96Type>,
        Vec<parquet::data_type::Int96>,
    ),
    Float(ColumnReaderImpl<parquet::data_type::FloatType>, Vec<f32>),
    Double(ColumnReaderImpl<parquet::data_type::DoubleType>, Vec<f64>),
    Bytes(
        ColumnReaderImpl<parquet::data_type::ByteArrayType>,
        Vec<ByteArray>,
    ),
    Fixed(
        ColumnReaderImpl<parquet::data_type::FixedLenByteArrayType>,
        Vec<FixedLenByteArray>,
    ),
}

struct Chunk {
    values: Values,
    meaning: Meaning,
    full: i16,
    levels: Vec<i16>,
    /// For each row, the index of its value; `None` for null.
    index: Vec<Option<usize>>,
}

fn meaning(column: &ColumnDescriptor) -> Meaning {
    match (column.physical_type(), column.logical_type_ref()) {
        (Physical::INT64, Some(LogicalType::Timestamp(kind))) => {
            let (times, divided) = match kind.unit {
                TimeUnit::MILLIS => (1_000, 1),
                TimeUnit::MICROS => (1, 1),
                TimeUnit::NANOS => (1, 1_000),
            };
            Meaning::Time {
                utc: kind.is_adjusted_to_u_t_c,
                times,
                divided,
            }
        }
        (Physical::INT32, Some(LogicalType::Date)) => Meaning::Time {
            utc: false,
            times: 86_400_000_000,
            divided: 1,
        },
        (Physical::INT96, _) => Meaning::Time {
            utc: true,
            times: 1,
            divided: 1,
        },
        (Physical::INT32 | Physical::INT64, Some(LogicalType::Integer(kind)))
            if !kind.is_signed =>
        {
            Meaning::Unsigned
        }
        (Physical::INT32 | Physical::INT64, Some(LogicalType::Decimal(kind)))
            if kind.scale != 0 =>
        {
            Meaning::Scaled(10f64.powi(kind.scale))
        }
        (
            Physical::INT32
            | Physical::INT64
            | Physical::FLOAT
            | Physical::DOUBLE
            | Physical::BOOLEAN,
            _,
        ) => Meaning::Number,
        (
            Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY,
            Some(LogicalType::Decimal(kind)),
        ) => Meaning::Decimal(kind.scale),
        (Physical::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::Uuid)) if column.type_length() == 16 => {
            Meaning::Uuid
        }
        (Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY, _) => Meaning::Text,
    }
}

impl Chunk {
    fn new(column: &ColumnDescriptor, reader: ColumnReader) -> Chunk {
        let values = match reader {
            ColumnReader::BoolColumnReader(reader) => Values::Bool(reader, Vec::new()),
            ColumnReader::Int32ColumnReader(reader) => Values::Int32(reader, Vec::new()),
            ColumnReader::Int64ColumnReader(reader) => Values::Int64(reader, Vec::new()),
            ColumnReader::Int96ColumnReader(reader) => Values::Int96(reader, Vec::new()),
            ColumnReader::FloatColumnReader(reader) => Values::Float(reader, Vec::new()),
            ColumnReader::DoubleColumnReader(reader) => Values::Double(reader, Vec::new()),
            ColumnReader::ByteArrayColumnReader(reader) => Values::Bytes(reader, Vec::new()),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                Values::Fixed(reader, Vec::new())
            }
        };
        Chunk {
            values,
            meaning: meaning(column),
            full: column.max_def_level(),
            levels: Vec::new(),
            index: Vec::new(),
        }
    }

    /// Reads this many rows, or fails.
    fn read(&mut self, rows: usize) -> Result<()> {
        let Chunk {
            values,
            full,
            levels,
            index,
            ..
        } = self;
        levels.clear();
        let found = match values {
            Values::Bool(reader, into) => fill(reader, rows, levels, into),
            Values::Int32(reader, into) => fill(reader, rows, levels, into),
            Values::Int64(reader, into) => fill(reader, rows, levels, into),
            Values::Int96(reader, into) => fill(reader, rows, levels, into),
            Values::Float(reader, into) => fill(reader, rows, levels, into),
            Values::Double(reader, into) => fill(reader, rows, levels, into),
            Values::Bytes(reader, into) => fill(reader, rows, levels, into),
            Values::Fixed(reader, into) => fill(reader, rows, levels, into),
        }?;
        index.clear();
        if *full == 0 {
            index.extend((0..rows).map(Some));
        } else {
            let mut next = 0;
            index.extend(levels.iter().map(|level| {
                (level == full).then(|| {
                    next += 1;
                    next - 1
                })
            }));
        }
        let stated = index.iter().flatten().count();
        ensure!(
            index.len() == rows && stated == found,
            "a column ends before its rows do"
        );
        Ok(())
    }

    /// The values of all rows at hand, or why one of them has none and what was found. Those of the usual kinds are looked at
    /// together.
    fn values<'a>(&'a self, into: &mut Vec<Value<'a>>) -> Result<(), (Code, String)> {
        fn stated<'a, T>(
            index: &[Option<usize>],
            values: &'a [T],
            value: impl Fn(&'a T) -> Value<'a>,
            into: &mut Vec<Value<'a>>,
        ) {
            let values = index.iter().map(|at| match at {
                Some(at) => value(&values[*at]),
                None => Value::Missing,
            });
            into.extend(values);
        }
        let index = &self.index;
        match (&self.values, self.meaning) {
            (Values::Int32(_, values), Meaning::Number) => {
                stated(index, values, |&number| Value::Int(i64::from(number)), into);
            }
            (Values::Int64(_, values), Meaning::Number) => {
                stated(index, values, |&number| Value::Int(number), into);
            }
            (Values::Int64(_, values), Meaning::Time { .. }) => {
                stated(index, values, |&number| self.whole(number), into);
            }
            (Values::Bytes(_, values), Meaning::Text) => {
                // A word of a dictionary is the same place in memory for every row.
                let mut last: (&[u8], Value<'a>) = (&[], Value::Text("".into()));
                for at in index {
                    let Some(at) = at else {
                        into.push(Value::Missing);
                        continue;
                    };
                    let bytes = values[*at].data();
                    if !std::ptr::eq(bytes, last.0) {
                        last = (bytes, self.bytes(bytes)?);
                    }
                    into.push(last.1.clone());
                }
            }
            _ => {
                for row in 0..index.len() {
                    into.push(self.value(row)?);
                }
            }
        }
        Ok(())
    }

    /// The value of a row, or why it has none and what was found.
    fn value(&self, row: usize) -> Result<Value<'_>, (Code, String)> {
        let Some(at) = self.index[row] else {
            return Ok(Value::Missing);
        };
        Ok(match &self.values {
            Values::Bool(_, values) => Value::Bool(values[at]),
            Values::Int32(_, values) if self.meaning == Meaning::Unsigned => {
                Value::Int(i64::from(values[at].cast_unsigned()))
            }
            Values::Int32(_, values) => self.whole(i64::from(values[at])),
            Values::Int64(_, values) if self.meaning == Meaning::Unsigned => {
                i64::try_from(values[at].cast_unsigned())
                    .map_or(Value::Float(values[at].cast_unsigned() as f64), Value::Int)
            }
            Values::Int64(_, values) => self.whole(values[at]),
            Values::Int96(_, values) => Value::Time(values[at].to_micros()),
            Values::Float(_, values) => Value::Float(f64::from(values[at])),
            Values::Double(_, values) => Value::Float(values[at]),
            Values::Bytes(_, values) => return self.bytes(values[at].data()),
            Values::Fixed(_, values) => return self.bytes(values[at].data()),
        })
    }

    fn bytes<'a>(&self, bytes: &'a [u8]) -> Result<Value<'a>, (Code, String)> {
        if bytes.len() > limits::MAX_RECORD {
            return Err((Code::TooLong, format!("{} bytes", bytes.len())));
        }
        match self.meaning {
            Meaning::Uuid => Ok(Value::Text(uuid(bytes).into())),
            Meaning::Decimal(places) => decimal(bytes)
                .map(|number| match i64::try_from(number) {
                    Ok(number) if places == 0 => Value::Int(number),
                    _ => Value::Float(number as f64 / 10f64.powi(places)),
                })
                .ok_or_else(|| (Code::Number, format!("a decimal of {} bytes", bytes.len()))),
            _ => std::str::from_utf8(bytes)
                .map(|text| Value::Text(text.into()))
                .map_err(|_| (Code::Encoding, "bytes that are not UTF-8".to_owned())),
        }
    }

    fn whole(&self, number: i64) -> Value<'static> {
        match self.meaning {
            Meaning::Time {
                utc,
                times,
                divided,
            } => {
                let micros = number.saturating_mul(times).div_euclid(divided);
                if utc {
                    Value::Time(micros)
                } else {
                    Value::Local(micros)
                }
            }
            Meaning::Scaled(by) => Value::Float(number as f64 / by),
            Meaning::Number
            | Meaning::Unsigned
            | Meaning::Decimal(_)
            | Meaning::Text
            | Meaning::Uuid => Value::Int(number),
        }
    }
}

fn fill<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    levels: &mut Vec<i16>,
    into: &mut Vec<T::T>,
) -> Result<usize> {
    into.clear();
    let mut read = 0;
    let mut values = 0;
    // A page may end before the rows do.
    while read < rows {
        let (records, found, _) =
            reader.read_records(rows - read, Some(&mut *levels), None, into)?;
        ensure!(records > 0, "a column ends before its rows do");
        read += records;
        values += found;
    }
    Ok(values)
}

/// A whole number of up to 16 bytes in two's complement, the highest first. Bytes that only repeat the sign count for
/// nothing.
fn decimal(bytes: &[u8]) -> Option<i128> {
    let negative = bytes.first().is_some_and(|first| *first >= 0x80);
    let mut number = [if negative { 0xff } else { 0 }; 16];
    let (above, low) = bytes.split_at(bytes.len().saturating_sub(16));
    number[16 - low.len()..].copy_from_slice(low);
    let number = i128::from_be_bytes(number);
    let same_sign = (number < 0) == negative
        && above
            .iter()
            .all(|byte| (*byte == 0xff) == negative && matches!(byte, 0 | 0xff));
    same_sign.then_some(number)
}

fn uuid(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

/// The first rows of a file as names and texts, for a look at it.
pub fn rows<R: ChunkReader + 'static>(from: R, most: usize) -> Result<Vec<Vec<(String, String)>>> {
    use parquet::record::{Field, Row};

    fn flatten(row: &Row, before: &str, flat: &mut Vec<(String, String)>) {
        for (name, field) in row.get_column_iter() {
            let path = format!("{before}{name}");
            match field {
                Field::Group(inner) => flatten(inner, &format!("{path}."), flat),
                Field::Null | Field::ListInternal(_) | Field::MapInternal(_) => {}
                Field::Str(text) => flat.push((path, text.clone())),
                other => flat.push((path, other.to_string())),
            }
        }
    }

    guarded(|| {
        let file = open(from)?;
        let mut rows = Vec::new();
        for row in file.get_row_iter(None)?.take(most) {
            let mut flat = Vec::new();
            flatten(&row?, "", &mut flat);
            rows.push(flat);
        }
        Ok(rows)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use parquet::data_type::{ByteArrayType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;
    use crate::mapping::catalogue::Catalogue;
    use crate::mapping::evidence::Book;
    use crate::mapping::mapper::{Store, Supplied};
    use crate::mapping::plan::Header;
    use crate::runs::schema::Field;

    /// A file of row groups with so many rows each. Run ids count the rows; the row count of row 5 is no number.
    fn file(groups: &[usize]) -> Vec<u8> {
        let schema = parse_message_type(
            "message runs { required binary run_id (STRING); required binary status (STRING); \
             required binary row_count (STRING); required int64 started_at (TIMESTAMP(MICROS,true)); }",
        )
        .unwrap();
        let properties = Arc::new(WriterProperties::builder().build());
        let mut bytes = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut bytes, Arc::new(schema), properties).unwrap();
        let mut row = 0;
        for &rows in groups {
            let rows = row..row + rows;
            row = rows.end;
            let mut group = writer.next_row_group().unwrap();
            let id = |row: usize| row.to_string();
            let status = |_| "Succeeded".to_owned();
            let count = |row: usize| match row {
                5 => "many".to_owned(),
                _ => (2 * row).to_string(),
            };
            for text in [id as fn(usize) -> String, status, count] {
                let mut column = group.next_column().unwrap().unwrap();
                let texts: Vec<ByteArray> =
                    rows.clone().map(|row| text(row).as_str().into()).collect();
                let writing = column.typed::<ByteArrayType>();
                writing.write_batch(&texts, None, None).unwrap();
                column.close().unwrap();
            }
            let mut column = group.next_column().unwrap().unwrap();
            let times = vec![1_793_492_460_000_000_i64; rows.len()];
            let writing = column.typed::<Int64Type>();
            writing.write_batch(&times, None, None).unwrap();
            column.close().unwrap();
            group.close().unwrap();
        }
        writer.close().unwrap();
        bytes
    }

    fn mapper() -> Mapper {
        Mapper::new(
            &Catalogue::default().find("native").unwrap(),
            &Supplied::default(),
            "x.parquet",
            "x",
            Header::Own,
            &Book::default(),
            Store::default(),
        )
    }

    #[test]
    fn rows_of_many_groups_are_in_order() {
        let groups = [3, 0, 9_000, 1, 2, 20, 8_000, 9_000, 5_000, 9_000];
        let bytes = file(&groups);
        let mut on_disk = tempfile::tempfile().unwrap();
        on_disk.write_all(&bytes).unwrap();
        let rows: usize = groups.iter().sum();
        for times in 0..5 {
            let mut mapper = mapper();
            match times {
                0 => read(Bytes::from(bytes.clone()), &mut mapper).unwrap(),
                _ => read(SharedFile::new(on_disk.try_clone().unwrap()), &mut mapper).unwrap(),
            }
            in_order(&mapper, rows);
        }
    }

    fn in_order(mapper: &Mapper, rows: usize) {
        let records = &mapper.records;
        assert_eq!(records.len(), rows - 1);
        let reject = &mapper.rejects.kept[0];
        assert_eq!((reject.line, reject.code), (6, Code::Number));
        assert_eq!(mapper.rejects.total, 1);
        for (at, row) in (0..rows).filter(|&row| row != 5).enumerate() {
            assert_eq!(
                records.run_id_text(at).as_deref(),
                Some(row.to_string().as_str())
            );
            assert_eq!(records.line(at) as usize, row + 1);
            assert_eq!(
                records.int(Field::RowCount, at),
                i64::try_from(2 * row).ok()
            );
        }
    }

    /// The bytes of a group in the middle are zeros: whichever thread meets them, the file is an error.
    #[test]
    fn a_broken_group_is_an_error_of_the_file() {
        let whole = file(&[50, 50, 50, 50]);
        let groups = open(Bytes::from(whole.clone())).unwrap();
        for broken in 0..4 {
            let group = groups.metadata().row_group(broken).column(0).byte_range();
            let [start, length] = [group.0, group.1].map(|at| usize::try_from(at).unwrap());
            let mut bytes = whole.clone();
            bytes[start..start + length].fill(0);
            assert!(read(Bytes::from(bytes), &mut mapper()).is_err(), "{broken}");
        }
    }

    #[test]
    fn decimals_are_read_whatever_their_width() {
        for (bytes, number) in [
            (&[][..], Some(0)),
            (&[0x07], Some(7)),
            (&[0xff], Some(-1)),
            (&[0x00, 0x80], Some(128)),
            (&[0x80, 0x00], Some(-32_768)),
            (&[0x01, 0x00, 0x00], Some(65_536)),
            (&[0xff; 16], Some(-1)),
            (&[0xff; 20], Some(-1)),
            (&[0x00; 20], Some(0)),
            (&[0x01; 17], None),
            (&[[0xff].as_slice(), &[0x7f; 16]].concat(), None),
        ] {
            assert_eq!(decimal(bytes), number, "{bytes:x?}");
        }
    }
}
