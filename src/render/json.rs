//! The report for machines: `sections.<section>.<block>`, figures as an object, tables as arrays of objects.

use std::borrow::Cow;

use anyhow::Result;
use chrono::{DateTime, SecondsFormat};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::format;
use crate::report::{Block, Cell, Column, Data, Figure, Report, Row, Section, Table};

/// Writes the report as JSON, keys in the order of the document. Texts are as they are, escaped where they would act on a
/// terminal.
pub(super) fn json(report: &Report) -> Result<String> {
    let mut text = serde_json::to_string_pretty(&Document(report))?;
    text.push('\n');
    Ok(match format::escaped(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(escaped) => escaped,
    })
}

struct Document<'a>(&'a Report);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema_version", &report.schema_version)?;
        map.serialize_entry("title", &report.title)?;
        map.serialize_entry("as_of", &report.as_of)?;
        map.serialize_entry("time_zone", &report.time_zone)?;
        map.serialize_entry("window", &report.window)?;
        map.serialize_entry("data", &Loaded(&report.data))?;
        map.serialize_entry("sections", &Sections(&report.sections))?;
        map.serialize_entry("terms", &report.terms)?;
        map.end()
    }
}

struct Loaded<'a>(&'a Data);

impl Serialize for Loaded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("systems", &self.0.systems)?;
        let newest = self.0.newest_at.map_or(Cell::Null, Cell::Time);
        map.serialize_entry("newest_at", &Raw(&newest))?;
        map.end()
    }
}

struct Sections<'a>(&'a [Section]);

impl Serialize for Sections<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for section in self.0 {
            map.serialize_entry(section.id, &Blocks(section))?;
        }
        map.end()
    }
}

struct Blocks<'a>(&'a Section);

impl Serialize for Blocks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for block in &self.0.blocks {
            match block {
                Block::Figures(figures) => match &figures.items {
                    Ok(items) => map.serialize_entry(figures.id, &Figures(items))?,
                    Err(_) => map.serialize_entry(figures.id, &())?,
                },
                Block::Notes(notes) => map.serialize_entry(notes.id, &notes.items)?,
                Block::Table(table) => map.serialize_entry(table.id, &Rows(table))?,
            }
            if let Some(table) = block.table()
                && table.total != table.rows.len()
                && table.nested_in.is_none()
            {
                map.serialize_entry(&format!("{}_total", table.id), &table.total)?;
            }
        }
        map.end()
    }
}

struct Figures<'a>(&'a [Figure]);

impl Serialize for Figures<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for figure in self.0 {
            map.serialize_entry(figure.key, &Raw(&figure.value))?;
        }
        map.end()
    }
}

struct Rows<'a>(&'a Table);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.rows.len()))?;
        for row in &self.0.rows {
            seq.serialize_element(&Cells(&self.0.columns, row))?;
        }
        seq.end()
    }
}

struct Cells<'a>(&'a [Column], &'a Row);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (column, cell) in self.0.iter().zip(&self.1.cells) {
            map.serialize_entry(column.key, &Raw(cell))?;
        }
        map.end()
    }
}

struct Raw<'a>(&'a Cell);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Cell::Null => serializer.serialize_none(),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Int(number) => serializer.serialize_i64(*number),
            Cell::Float(number) => serializer.serialize_f64(*number),
            Cell::Bool(value) => serializer.serialize_bool(*value),
            Cell::Date(date) => date.serialize(serializer),
            Cell::Time(micros) => match instant(*micros) {
                Some(text) => serializer.serialize_str(&text),
                None => serializer.serialize_none(),
            },
        }
    }
}

/// RFC 3339 in UTC with as few of 0, 3 or 6 fraction digits as hold the value.
pub(crate) fn instant(micros: i64) -> Option<String> {
    DateTime::from_timestamp_micros(micros)
        .map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_have_as_few_digits_as_hold_them() {
        assert_eq!(instant(0).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(
            instant(1_500).as_deref(),
            Some("1970-01-01T00:00:00.001500Z")
        );
        assert_eq!(instant(1_000).as_deref(), Some("1970-01-01T00:00:00.001Z"));
    }

    #[test]
    fn shares_are_not_rounded_and_missing_is_null() {
        let text = |cell: &Cell| serde_json::to_string(&Raw(cell)).unwrap();
        assert_eq!(text(&Cell::Float(442.0 / 479.0)), "0.9227557411273486");
        assert_eq!(text(&Cell::Null), "null");
        assert_eq!(text(&Cell::Text("a\"b".to_owned())), r#""a\"b""#);
    }
}
