//! Small files, written byte by byte, and the options with which the library reads them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use rundown::Options;

pub(crate) const HEADER: &str = "scan,run_id,status,started_at,row_count";

/// A good CSV row; the number tells runs apart.
pub(crate) fn row(number: u32) -> String {
    format!("daily,good-{number},completed,2026-11-0{number}T02:00:00Z,{number}")
}

/// The same run as a JSON object.
pub(crate) fn object(number: u32) -> String {
    format!(
        r#"{{"scan":"daily","run_id":"good-{number}","status":"completed","started_at":"2026-11-0{number}T02:00:00Z","row_count":{number}}}"#
    )
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A column of a Parquet file.
pub(crate) enum Column {
    Text(Vec<Option<&'static [u8]>>),
    Int(Vec<Option<i64>>),
    Double(Vec<Option<f64>>),
}

fn levels<T>(cells: &[Option<T>]) -> Vec<i16> {
    cells.iter().map(|cell| i16::from(cell.is_some())).collect()
}

/// A Parquet file of one row group. Each column is optional and declared as in Parquet's own notation, such as
/// `binary scan (UTF8)`.
pub(crate) fn parquet(columns: &[(&str, Column)]) -> Vec<u8> {
    let declared: Vec<String> = columns
        .iter()
        .map(|(name, _)| format!("optional {name};"))
        .collect();
    let schema = parse_message_type(&format!("message runs {{ {} }}", declared.join(" "))).unwrap();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for (_, column) in columns {
        let mut into = group.next_column().unwrap().unwrap();
        match column {
            Column::Text(cells) => {
                let values: Vec<ByteArray> = cells
                    .iter()
                    .flatten()
                    .map(|text| ByteArray::from(text.to_vec()))
                    .collect();
                into.typed::<ByteArrayType>()
                    .write_batch(&values, Some(&levels(cells)), None)
            }
            Column::Int(cells) => {
                let values: Vec<i64> = cells.iter().flatten().copied().collect();
                into.typed::<Int64Type>()
                    .write_batch(&values, Some(&levels(cells)), None)
            }
            Column::Double(cells) => {
                let values: Vec<f64> = cells.iter().flatten().copied().collect();
                into.typed::<DoubleType>()
                    .write_batch(&values, Some(&levels(cells)), None)
            }
        }
        .unwrap();
        into.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

/// Three runs as Parquet, the one in the middle with these cells.
pub(crate) fn three(
    run_id: Option<&'static [u8]>,
    status: Option<&'static [u8]>,
    started_at: (&str, Column),
    row_count: (&str, Column),
) -> Vec<u8> {
    parquet(&[
        ("binary scan (UTF8)", Column::Text(vec![Some(b"daily"); 3])),
        (
            "binary run_id (UTF8)",
            Column::Text(vec![Some(b"good-1"), run_id, Some(b"good-2")]),
        ),
        (
            "binary status (UTF8)",
            Column::Text(vec![Some(b"completed"), status, Some(b"completed")]),
        ),
        started_at,
        row_count,
    ])
}

/// 2026-11-01T02:00:00Z in microseconds: 20,758 days and two hours after 1970.
pub(crate) const T: i64 = (20_758 * 86_400 + 7_200) * 1_000_000;

/// What may be written in place of good times and counts.
pub(crate) fn times(middle: Option<i64>) -> (&'static str, Column) {
    let cells = vec![Some(T), middle, Some(T)];
    (
        "int64 started_at (TIMESTAMP(MICROS,true))",
        Column::Int(cells),
    )
}

pub(crate) fn counts(middle: Option<i64>) -> (&'static str, Column) {
    (
        "int64 row_count",
        Column::Int(vec![Some(1), middle, Some(2)]),
    )
}

/// Writes a file and gives its path.
pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The options of a plain call for one file.
pub(crate) fn options(path: &Path) -> Options {
    Options {
        inputs: vec![path.to_owned()],
        ..Options::default()
    }
}
