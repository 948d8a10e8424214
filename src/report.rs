//! The document: what a report says, as raw values.
//!
//! Everything before this module computes, everything after it shows. A [`Report`] is a list of
//! [`Section`]s, a section is a list of [`Block`]s, and a block is one of a few shapes. No value in
//! here is formatted: a duration is integer milliseconds, a share is a fraction, a time is an instant
//! in UTC. The renderers know this module only.

use chrono::NaiveDate;
use serde::Serialize;

/// Rises when a stable JSON path changes its meaning or disappears.
pub const SCHEMA_VERSION: u32 = 1;

/// A whole report.
#[derive(Clone, Debug)]
pub struct Report {
    /// Version of the JSON paths, [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Heading of the page; chosen by the user or made from the systems and the window.
    pub title: String,
    /// The date the report speaks of, in `time_zone`.
    pub as_of: NaiveDate,
    /// IANA name of the zone in which days are counted.
    pub time_zone: String,
    /// The dates that the report covers.
    pub window: Window,
    /// The sections in reading order.
    pub sections: Vec<Section>,
    /// Words that appear in cells of unit [`Unit::Status`], with their meaning.
    pub terms: Vec<Term>,
}

/// The calendar dates of a report, both ends inclusive.
#[derive(Clone, Debug, Serialize)]
pub struct Window {
    /// First date.
    pub first: NaiveDate,
    /// Last date.
    pub last: NaiveDate,
    /// Number of dates.
    pub days: i64,
    /// Length of a bucket: `day`, `week` or `month`.
    pub by: &'static str,
    /// First weekday of a week: `monday` or `sunday`.
    pub week_start: &'static str,
    /// The period to compare with; absent when the data begins after its first date.
    pub previous: Option<Span>,
}

/// A range of dates, both ends inclusive.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq)]
pub struct Span {
    /// First date.
    pub first: NaiveDate,
    /// Last date.
    pub last: NaiveDate,
}

/// A word and what it means.
#[derive(Clone, Debug, Serialize)]
pub struct Term {
    /// The word as it stands in a cell.
    pub word: &'static str,
    /// How a reader sees it: `In progress` for `in_progress`.
    pub label: &'static str,
    /// One sentence.
    pub meaning: &'static str,
}

/// One question and its answer.
#[derive(Clone, Debug)]
pub struct Section {
    /// Stable key, the first part of a JSON path.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// One or two sentences under the heading.
    pub lead: String,
    /// What the section shows.
    pub blocks: Vec<Block>,
}

/// One of the few shapes that a section is made of.
#[derive(Clone, Debug)]
pub enum Block {
    /// Single values, side by side.
    Figures(Figures),
    /// Rows and columns.
    Table(Table),
    /// A table with a date column, drawn as stacked bars.
    Bars(Bars),
    /// A table with a strip of marks in each row, one mark for each bucket.
    Strips(Strips),
    /// A table with a usual, a long and a longest value in each row, drawn on one scale.
    Ranges(Ranges),
    /// A table of counts, drawn as a grid of shades.
    Grid(Table),
    /// Sentences.
    Notes(Notes),
}

impl Block {
    /// Stable key, the second part of a JSON path.
    pub fn id(&self) -> &'static str {
        match self {
            Block::Figures(figures) => figures.id,
            Block::Notes(notes) => notes.id,
            Block::Table(table)
            | Block::Bars(Bars { table, .. })
            | Block::Strips(Strips { table, .. })
            | Block::Ranges(Ranges { table, .. })
            | Block::Grid(table) => table.id,
        }
    }

    /// The numbers that the block shows or draws, where they have rows.
    pub fn table(&self) -> Option<&Table> {
        match self {
            Block::Figures(_) | Block::Notes(_) => None,
            Block::Table(table)
            | Block::Bars(Bars { table, .. })
            | Block::Strips(Strips { table, .. })
            | Block::Ranges(Ranges { table, .. })
            | Block::Grid(table) => Some(table),
        }
    }
}

/// Single values, side by side.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Stable key.
    pub id: &'static str,
    /// Heading; may be empty.
    pub title: &'static str,
    /// The values, or the reason why there are none.
    pub items: Result<Vec<Figure>, String>,
}

/// One value.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Stable key.
    pub key: &'static str,
    /// Words beside the value.
    pub label: &'static str,
    /// How to show the value.
    pub unit: Unit,
    /// The value itself.
    pub value: Cell,
    /// The value in the previous period, where there is one.
    pub previous: Option<Cell>,
    /// What the figure counts and what it leaves out; may be empty.
    pub definition: &'static str,
    /// Shown large; the others are shown small.
    pub main: bool,
}

/// Rows and columns.
#[derive(Clone, Debug)]
pub struct Table {
    /// Stable key.
    pub id: &'static str,
    /// Heading; may be empty.
    pub title: &'static str,
    /// A sentence about the table: what is counted, what was left out.
    pub note: String,
    /// The columns; every row has one cell for each.
    pub columns: Vec<Column>,
    /// The rows in order.
    pub rows: Vec<Row>,
    /// Number of rows before any cut.
    pub total: usize,
    /// Section whose rows carry these rows as detail. Formats that nest leave this table out.
    pub nested_in: Option<&'static str>,
    /// Key of the column by which readers may filter, for example `source_type`.
    pub filter: Option<&'static str>,
}

impl Table {
    /// A table of all its rows, which stands by itself and has no filter.
    pub fn new(
        id: &'static str,
        title: &'static str,
        note: String,
        columns: Vec<Column>,
        rows: Vec<Row>,
    ) -> Table {
        Table {
            id,
            title,
            note,
            total: rows.len(),
            columns,
            rows,
            nested_in: None,
            filter: None,
        }
    }
}

/// One column of a [`Table`].
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Stable key.
    pub key: &'static str,
    /// Heading.
    pub label: &'static str,
    /// How to show the cells.
    pub unit: Unit,
    /// Where the cells are shown.
    pub place: Place,
    /// What the column holds; may be empty.
    pub definition: &'static str,
}

/// Where a column is shown by formats with limited width. JSON always has all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The cell that names the row.
    Name,
    /// A smaller second line under the name.
    Under,
    /// A column of its own.
    Column,
    /// In the detail of the row, as label and value.
    Detail,
    /// Only in JSON.
    Machine,
}

/// One row of a [`Table`].
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// One cell for each column.
    pub cells: Vec<Cell>,
    /// Fragment by which the row can be linked to: letters, digits and `-` only.
    pub anchor: Option<String>,
    /// What opens under the row.
    pub detail: Vec<Block>,
}

/// A table drawn as stacked bars, one bar for each row.
#[derive(Clone, Debug)]
pub struct Bars {
    /// The numbers. Has the columns `start`, `last`, `partial_period` and `no_data`.
    pub table: Table,
    /// The stacked columns by key, from the baseline up.
    pub stack: Vec<&'static str>,
}

/// A table with a strip of marks in each row: how a scan did in each bucket of the period.
#[derive(Clone, Debug)]
pub struct Strips {
    /// The numbers. The column `strip` has one letter of [`MARKS`] for each bucket.
    pub table: Table,
    /// The buckets in order, one for each letter.
    pub buckets: Vec<Span>,
}

/// The letters of a strip and the word of [`Report::terms`] for each: the worst outcome of the bucket. [`NO_RUN`] and
/// [`NO_DATA`] stand for buckets without one.
pub const MARKS: [(char, &str); 6] = [
    ('s', "succeeded"),
    ('p', "partial"),
    ('f', "failed"),
    ('c', "cancelled"),
    ('a', "active"),
    ('u', "unknown"),
];

/// The letter of a bucket without a run.
pub const NO_RUN: char = '.';

/// The letter of a bucket that lies outside the data.
pub const NO_DATA: char = '-';

/// A table whose rows have a usual, a long and a longest value of one unit.
#[derive(Clone, Debug)]
pub struct Ranges {
    /// The numbers.
    pub table: Table,
    /// The columns of the usual, the long and the longest value, by key. Any of them may be null.
    pub keys: [&'static str; 3],
}

/// Sentences.
#[derive(Clone, Debug)]
pub struct Notes {
    /// Stable key.
    pub id: &'static str,
    /// The sentences in order.
    pub items: Vec<Note>,
}

/// One sentence and how loud it is.
#[derive(Clone, Debug, Serialize)]
pub struct Note {
    /// How loud.
    pub tone: Tone,
    /// Plain text; may quote the log.
    pub text: String,
}

/// How loud a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Worth knowing.
    Info,
    /// Look at it before you rely on the numbers.
    Warning,
    /// Something is broken: do something about it.
    Urgent,
    /// The numbers cannot be relied on.
    Stop,
}

/// A raw value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Not known, not given, or not defined. Never the same as zero.
    Null,
    /// Text from the log or one of our words.
    Text(String),
    /// A count, milliseconds or bytes.
    Int(i64),
    /// A fraction.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// A calendar date in the report's time zone.
    Date(NaiveDate),
    /// An instant: microseconds since 1970-01-01T00:00:00Z.
    Time(i64),
}

impl Cell {
    /// Text, or null.
    pub fn text(value: Option<impl Into<String>>) -> Cell {
        value.map_or(Cell::Null, |value| Cell::Text(value.into()))
    }

    /// Integer, or null.
    pub fn int(value: Option<i64>) -> Cell {
        value.map_or(Cell::Null, Cell::Int)
    }

    /// Fraction, or null.
    pub fn float(value: Option<f64>) -> Cell {
        value.map_or(Cell::Null, Cell::Float)
    }

    /// Instant in microseconds, or null.
    pub fn time(value: Option<i64>) -> Cell {
        value.map_or(Cell::Null, Cell::Time)
    }
}

/// How a value is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Words.
    Text,
    /// An identifier: monospaced, never broken up.
    Id,
    /// A message: may be long.
    Message,
    /// A web address.
    Link,
    /// A word of the vocabulary in [`Report::terms`].
    Status,
    /// A number of things.
    Count,
    /// A fraction of one, shown in per cent.
    Share,
    /// The difference of two counts, or of two fractions: then shown in percentage points.
    Difference,
    /// Milliseconds.
    Duration,
    /// Bytes.
    Bytes,
    /// An instant, shown in the report's zone.
    Time,
    /// A calendar date.
    Date,
    /// Yes or no.
    Flag,
}

/// Small documents for tests of what works on a report.
#[cfg(test)]
pub(crate) mod testing {
    use super::{Block, Report, SCHEMA_VERSION, Section, Window};
    use chrono::NaiveDate;

    /// A report of one day with these blocks.
    pub(crate) fn report(sections: Vec<(&'static str, Vec<Block>)>) -> Report {
        let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        Report {
            schema_version: SCHEMA_VERSION,
            title: "Runs".to_owned(),
            as_of: day,
            time_zone: "UTC".to_owned(),
            window: Window {
                first: day,
                last: day,
                days: 1,
                by: "day",
                week_start: "monday",
                previous: None,
            },
            sections: sections
                .into_iter()
                .map(|(id, blocks)| Section {
                    id,
                    title: "",
                    lead: String::new(),
                    blocks,
                })
                .collect(),
            terms: Vec::new(),
        }
    }
}
