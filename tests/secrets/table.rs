//! The same texts as CSV, JSON, NDJSON and Parquet.

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use serde_json::{Map, Value};

/// Rows of texts under names.
pub(crate) struct Table {
    names: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
}

impl Table {
    /// Rows that need not all have the same columns.
    pub(crate) fn of(rows: &[Vec<(String, String)>]) -> Table {
        let mut names: Vec<String> = Vec::new();
        for (name, _) in rows.iter().flatten() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let cell = |row: &[(String, String)], name: &String| {
            let found = row.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        let rows = rows
            .iter()
            .map(|row| names.iter().map(|name| cell(row, name)).collect())
            .collect();
        Table { names, rows }
    }
}

/// A table in one of the formats.
pub(crate) fn write(table: &Table, format: &str) -> Vec<u8> {
    let object = |row: &Vec<Option<String>>| {
        let pairs = table.names.iter().zip(row);
        let given = pairs.filter_map(|(name, cell)| Some((name.clone(), cell.clone()?.into())));
        Value::Object(given.collect::<Map<String, Value>>())
    };
    match format {
        "csv" => {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&table.names).unwrap();
            for row in &table.rows {
                let cells = row.iter().map(|cell| cell.as_deref().unwrap_or_default());
                writer.write_record(cells).unwrap();
            }
            writer.into_inner().unwrap()
        }
        "json" => Value::Array(table.rows.iter().map(object).collect())
            .to_string()
            .into_bytes(),
        "ndjson" => table
            .rows
            .iter()
            .map(|row| format!("{}\n", object(row)))
            .collect::<String>()
            .into_bytes(),
        "parquet" => parquet(table),
        _ => panic!("{format}"),
    }
}

fn parquet(table: &Table) -> Vec<u8> {
    let column = |name: &String| {
        Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(Some(LogicalType::String))
            .build()
            .unwrap()
    };
    let columns = table.names.iter().map(|name| Arc::new(column(name)));
    let schema = Type::group_type_builder("runs")
        .with_fields(columns.collect())
        .build()
        .unwrap();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for at in 0..table.names.len() {
        let cells = || table.rows.iter().map(|row| row[at].as_deref());
        let levels: Vec<i16> = cells().map(|cell| i16::from(cell.is_some())).collect();
        let values: Vec<ByteArray> = cells().flatten().map(ByteArray::from).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<ByteArrayType>()
            .write_batch(&values, Some(&levels), None)
            .unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}
