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
    /// What it was made from.
    pub data: Data,
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

/// The runs that are loaded and that filters let pass, on any day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Data {
    /// The systems, those of most runs first. Empty in a report about one scan or run, which names its own.
    pub systems: Vec<String>,
    /// The newest start, queue, end or record time: microseconds since 1970-01-01T00:00:00Z. `None` without a run.
    pub newest_at: Option<i64>,
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
    /// Rows and columns, which may be drawn.
    Table(Table),
    /// Sentences.
    Notes(Notes),
}

impl Block {
    /// Stable key, the second part of a JSON path.
    pub fn id(&self) -> &'static str {
        match self {
            Block::Figures(figures) => figures.id,
            Block::Notes(notes) => notes.id,
            Block::Table(table) => table.id,
        }
    }

    /// The rows and columns, where the block has them.
    pub fn table(&self) -> Option<&Table> {
        match self {
            Block::Figures(_) | Block::Notes(_) => None,
            Block::Table(table) => Some(table),
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
    /// They only support what stands elsewhere: formats that can fold show them folded.
    pub aside: bool,
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
    /// Keys of the columns by which readers may filter, for example `source_type`.
    pub filters: Vec<&'static str>,
    /// How it is drawn, where a person would rather look than read.
    pub drawing: Option<Drawing>,
    /// Id of a table of the same section that says the same by other rows. Formats that can switch offer the choice, the
    /// others leave this table out. JSON has both.
    pub variant_of: Option<&'static str>,
    /// It only supports what stands elsewhere: formats that can fold show it folded.
    pub aside: bool,
}

impl Table {
    /// A table of all its rows, which stands by itself, has no filter and is not drawn.
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
            filters: Vec::new(),
            drawing: None,
            variant_of: None,
            aside: false,
        }
    }
}

/// How the numbers of a table are drawn. Columns are named by key.
#[derive(Clone, Debug)]
pub enum Drawing {
    /// One bar for each row, of stacked counts. The table has the columns `start`, `last`, `partial_period` and `no_data`.
    Bars {
        /// Length of a bucket: `day`, `week` or `month`.
        by: &'static str,
        /// The stacked columns, from the baseline up.
        stack: Vec<&'static str>,
    },
    /// A strip of marks in each row: how a scan did in each bucket of the period. The column `strip` has one letter of
    /// [`MARKS`] for each bucket.
    Strips {
        /// The buckets in order.
        buckets: Vec<Span>,
    },
    /// A usual, a long and a longest value of one unit in each row, all rows on one scale.
    Ranges {
        /// Their columns. Any of the values may be null.
        keys: [&'static str; 3],
    },
    /// Counts as shades of a grid.
    Shades,
    /// A share of one in each row, as the length of a bar.
    Share {
        /// Its column.
        key: &'static str,
    },
    /// Parts of a whole in each row, side by side, all wholes of one length. What no part holds is drawn pale.
    Parts {
        /// The column of the whole.
        whole: &'static str,
        /// The columns of the parts.
        parts: Vec<&'static str>,
        /// What is in no part, in words.
        rest: &'static str,
    },
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
    /// The row of another table that tells more.
    pub target: Option<Target>,
    /// What opens under the row.
    pub detail: Vec<Block>,
}

/// A link from a cell to a row of another table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Key of the column whose cell is the link.
    pub column: &'static str,
    /// The anchor of the other row.
    pub anchor: String,
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
    use super::{Block, Data, Report, SCHEMA_VERSION, Section, Window};
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
            data: Data::default(),
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
