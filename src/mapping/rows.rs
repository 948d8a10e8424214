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

    /// True for a record without a value.
    #[inline]
    pub fn is_missing(&self, row: usize) -> bool {
        match *self {
            Cells::Missing => true,
            Cells::Same(_) => false,
            Cells::Texts {
                spans,
                column,
                width,
                ..
            } => spans
                .get(row * width + column)
                .is_none_or(|(from, to)| from == to),
            Cells::Values {
                values,
                column,
                width,
            } => matches!(
                values.get(row * width + column),
                None | Some(Value::Missing)
            ),
        }
    }

    /// Takes the texts of open records, without the spaces around them; those that are missing or blank and those that are
    /// not taken stay open.
    #[inline]
    pub fn take_texts(&self, open: &mut Vec<u32>, mut take: impl FnMut(u32, &str) -> bool) {
        let mut take = |at: u32, text: &str| {
            let text = trimmed(text);
            !text.is_empty() && take(at, text)
        };
        match *self {
            Cells::Missing => {}
            Cells::Same(text) => open.retain(|&at| !take(at, text)),
            Cells::Texts {
                text,
                spans,
                column,
                width,
            } => open.retain(|&at| !take(at, part(text, spans, at as usize * width + column))),
            Cells::Values {
                values,
                column,
                width,
            } => open.retain(|&at| match values.get(at as usize * width + column) {
                Some(Value::Text(text)) => !take(at, text),
                Some(value) => !value.as_text().is_some_and(|text| take(at, &text)),
                None => true,
            }),
        }
    }

    /// Takes the values of open records that `text` or `value` can read at once: a number for each. The others stay open.
    #[inline]
    pub fn take_numbers(
        &self,
        open: &mut Vec<u32>,
        mut text: impl FnMut(&str) -> Option<i64>,
        value: impl Fn(&Value<'_>) -> Option<i64>,
        mut put: impl FnMut(u32, i64),
    ) {
        let mut put = |at: u32, number: Option<i64>| {
            if let Some(number) = number {
                put(at, number);
            }
            number.is_none()
        };
        match *self {
            Cells::Missing => {}
            Cells::Same(same) => open.retain(|&at| put(at, text(same))),
            Cells::Texts {
                text: all,
                spans,
                column,
                width,
            } => open.retain(|&at| put(at, text(part(all, spans, at as usize * width + column)))),
            Cells::Values {
                values,
                column,
                width,
            } => open.retain(|&at| {
                let number = match values.get(at as usize * width + column) {
                    Some(Value::Text(one)) => text(one),
                    Some(one) => value(one),
                    None => None,
                };
                put(at, number)
            }),
        }
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
