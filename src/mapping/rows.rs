//! The records of a batch, as a reader found them: a column of values for each slot.

use std::borrow::Cow;

use super::reject::Start;
use super::values::{Value, trimmed};

/// Where a text stands in the text of a batch: its first byte, and the one behind it.
pub type Span = (u32, u32);

/// The values of one slot.
#[derive(Clone, Copy, Debug)]
pub enum Cells<'a> {
    /// No record states one.
    Missing,
    /// Every record has this text.
    Same(&'a str),
    /// Parts of a text: of every `width` parts, the one at `column`. An empty one is missing.
    Texts {
        /// The text of all records.
        text: &'a str,
        /// The parts, record by record.
        spans: &'a [Span],
        /// Which part of a record.
        column: usize,
        /// Parts of a record.
        width: usize,
    },
    /// Of every `width` values, the one at `column`.
    Values {
        /// The values, record by record.
        values: &'a [Value<'a>],
        /// Which value of a record.
        column: usize,
        /// Values of a record.
        width: usize,
    },
}

impl<'a> Cells<'a> {
    /// The value of a record.
    #[inline]
    pub fn get(&self, row: usize) -> Value<'a> {
        match *self {
            Cells::Missing => Value::Missing,
            Cells::Same(text) => Value::Text(Cow::Borrowed(text)),
            Cells::Texts {
                text,
                spans,
                column,
                width,
            } => match part(text, spans, row * width + column) {
                "" => Value::Missing,
                part => Value::Text(Cow::Borrowed(part)),
            },
            Cells::Values {
                values,
                column,
                width,
            } => values
                .get(row * width + column)
                .map_or(Value::Missing, Value::borrowed),
        }
    }

    /// The value of a record as text without the spaces around it; `None` for missing and for blank text.
    #[inline]
    pub fn text(&self, row: usize) -> Option<Cow<'a, str>> {
        let text = match *self {
            Cells::Missing => return None,
            Cells::Same(text) => text,
            Cells::Texts {
                text,
                spans,
                column,
                width,
            } => part(text, spans, row * width + column),
            Cells::Values {
                values,
                column,
                width,
            } => return values.get(row * width + column)?.as_text(),
        };
        let text = trimmed(text);
        (!text.is_empty()).then_some(Cow::Borrowed(text))
    }
}

/// A part of a text. One that is not in it is empty, which readers do not make.
#[inline]
fn part<'a>(text: &'a str, spans: &[Span], at: usize) -> &'a str {
    let part = spans
        .get(at)
        .and_then(|&(from, to)| text.get(from as usize..to as usize));
    part.unwrap_or_default()
}

/// The records of a batch: their places, and the values of each slot.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Where each record begins.
    pub starts: &'a [Start],
    /// For each slot.
    pub cells: &'a [Cells<'a>],
}

impl<'a> Rows<'a> {
    /// One of the records.
    pub fn row(self, at: usize) -> Row<'a> {
        Row { rows: self, at }
    }
}

/// One record of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) at: usize,
}

impl<'a> Row<'a> {
    /// The value of a slot.
    pub fn get(self, slot: usize) -> Value<'a> {
        self.rows
            .cells
            .get(slot)
            .map_or(Value::Missing, |cells| cells.get(self.at))
    }

    /// The value of a slot; `None` when it states nothing.
    pub fn stated(self, slot: usize) -> Option<Value<'a>> {
        self.get(slot).stated()
    }

    /// Where the record begins.
    pub fn start(self) -> Start {
        self.rows.starts.get(self.at).copied().unwrap_or_default()
    }
}
