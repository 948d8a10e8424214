//! The columns of a frame of runs as plain values by row, for loops over runs: one pass over them costs less than a plan.

use anyhow::{Result, anyhow, bail};
use polars::prelude::{
    BooleanType, CategoricalMapping, ChunkedArray, Column, DataFrame, DataType, Int32Type,
    Int64Type, Logical, PolarsDataType, StaticArray, StringType, TimeUnit, UInt8Type, UInt16Type,
    UInt32Type,
};

use crate::report::{Cell, Span};
use crate::runs::calendar::{epoch_day, from_epoch_day};
use crate::runs::frame::column::{AT, CHILD, DAY, OUTCOME, SCAN_KEY};
use crate::runs::schema::{Outcome, Status};

/// The values of a column, which stand in one piece.
type Array<T> = <T as PolarsDataType>::Array;

fn column<'a>(frame: &'a DataFrame, name: &str) -> Result<&'a Column> {
    let found = frame.column(name);
    found.map_err(|_| anyhow!("no column {name:?} in the frame of runs"))
}

fn array<'a, T: PolarsDataType>(
    values: polars::prelude::PolarsResult<&'a ChunkedArray<T>>,
    name: &str,
) -> Result<&'a Array<T>> {
    let values = values.map_err(|error| anyhow!("column {name:?}: {error}"))?;
    if values.chunks().len() != 1 {
        bail!("column {name:?} stands in several pieces");
    }
    Ok(values.downcast_as_array())
}

/// Whole numbers; instants in microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers<'a>(Option<&'a Array<Int64Type>>);

impl<'a> Numbers<'a> {
    pub(super) fn new(frame: &'a DataFrame, name: &str) -> Result<Numbers<'a>> {
        let column = column(frame, name)?;
        // A column without a value takes no memory until somebody looks into it.
        if column.null_count() == column.len() {
            return Ok(Numbers(None));
        }
        let values = match column.dtype() {
            DataType::Datetime(TimeUnit::Microseconds, _) => {
                column.datetime().map(Logical::physical)
            }
            _ => column.i64(),
        };
        Ok(Numbers(Some(array(values, name)?)))
    }

    /// The value of a row; `None` for null.
    #[inline]
    pub(super) fn get(self, row: usize) -> Option<i64> {
        self.0?.get(row)
    }
}

/// Words by their codes, which are in order of the words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'a> {
    codes: Codes<'a>,
    words: &'a CategoricalMapping,
}

/// As narrow as the number of words allows.
#[derive(Clone, Copy, Debug)]
enum Codes<'a> {
    None,
    U8(&'a Array<UInt8Type>),
    U16(&'a Array<UInt16Type>),
    U32(&'a Array<UInt32Type>),
}

impl<'a> Words<'a> {
    pub(super) fn new(frame: &'a DataFrame, name: &str) -> Result<Words<'a>> {
        let column = column(frame, name)?;
        let DataType::Enum(_, words) = column.dtype() else {
            bail!("column {name:?} holds no words");
        };
        let codes = if column.null_count() == column.len() {
            Codes::None
        } else if let Some(words) = column.try_cat8() {
            Codes::U8(array(Ok(words.physical()), name)?)
        } else if let Some(words) = column.try_cat16() {
            Codes::U16(array(Ok(words.physical()), name)?)
        } else {
            Codes::U32(array(column.cat32().map(Logical::physical), name)?)
        };
        Ok(Words { codes, words })
    }

    /// The code of the word of a row; `None` for null.
    #[inline]
    pub(super) fn get(self, row: usize) -> Option<u32> {
        match self.codes {
            Codes::None => None,
            Codes::U8(codes) => codes.get(row).map(u32::from),
            Codes::U16(codes) => codes.get(row).map(u32::from),
            Codes::U32(codes) => codes.get(row),
        }
    }

    /// The word of a code.
    pub(super) fn word(self, code: u32) -> Option<&'a str> {
        self.words.cat_to_str(code)
    }

    /// The word of a row; `None` for null.
    pub(super) fn text(self, row: usize) -> Option<&'a str> {
        self.word(self.get(row)?)
    }

    /// The word of a row as a cell.
    pub(super) fn cell(self, row: usize) -> Cell {
        Cell::text(self.text(row))
    }

    /// The code of a word; `None` where no row can have it.
    pub(super) fn code(self, word: &str) -> Option<u32> {
        self.words.get_cat(word)
    }

    /// True where a row has this word.
    #[inline]
    pub(super) fn is(self, row: usize, code: Option<u32>) -> bool {
        code.is_some() && self.get(row) == code
    }
}

/// A status of each row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statuses<'a>(Words<'a>);

impl<'a> Statuses<'a> {
    pub(super) fn new(frame: &'a DataFrame, name: &str) -> Result<Statuses<'a>> {
        Words::new(frame, name).map(Statuses)
    }

    /// The status of a row; `None` for null.
    #[inline]
    pub(super) fn get(self, row: usize) -> Option<Status> {
        Status::ALL.get(self.0.get(row)? as usize).copied()
    }
}

/// The names of the scan of each row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    pub(super) system: Words<'a>,
    pub(super) account: Words<'a>,
    pub(super) source: Words<'a>,
    pub(super) scan: Words<'a>,
}

impl<'a> Names<'a> {
    pub(super) fn new(frame: &'a DataFrame) -> Result<Names<'a>> {
        let words = |name| Words::new(frame, name);
        Ok(Names {
            system: words("system")?,
            account: words("account")?,
            source: words("source")?,
            scan: words("scan")?,
        })
    }

    /// As the cells of [`scan_columns`](super::frames::scan_columns).
    pub(super) fn cells(self, row: usize) -> [Cell; 4] {
        [self.scan, self.source, self.system, self.account].map(|words| words.cell(row))
    }
}

/// What every loop over runs asks: which runs count, of which day and scan they are, and how they ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Basics<'a> {
    /// Number of rows.
    pub(super) height: usize,
    at: &'a Array<Int64Type>,
    day: &'a Array<Int32Type>,
    key: &'a Array<UInt32Type>,
    child: &'a Array<BooleanType>,
    outcome: Words<'a>,
}

impl<'a> Basics<'a> {
    pub(super) fn new(frame: &'a DataFrame) -> Result<Basics<'a>> {
        Ok(Basics {
            height: frame.height(),
            at: array(column(frame, AT)?.datetime().map(Logical::physical), AT)?,
            day: array(column(frame, DAY)?.date().map(Logical::physical), DAY)?,
            key: array(column(frame, SCAN_KEY)?.u32(), SCAN_KEY)?,
            child: array(column(frame, CHILD)?.bool(), CHILD)?,
            outcome: Words::new(frame, OUTCOME)?,
        })
    }

    /// Microseconds: started, else queued, else ended.
    #[inline]
    pub(super) fn at(&self, row: usize) -> i64 {
        self.at.get(row).unwrap_or_default()
    }

    /// Local date, days since 1970-01-01.
    #[inline]
    pub(super) fn day(&self, row: usize) -> i32 {
        self.day.get(row).unwrap_or_default()
    }

    /// Number of the scan.
    #[inline]
    pub(super) fn key(&self, row: usize) -> u32 {
        self.key.get(row).unwrap_or_default()
    }

    #[inline]
    pub(super) fn outcome(&self, row: usize) -> Outcome {
        let code = self.outcome.get(row);
        let outcome = code.and_then(|code| Outcome::ALL.get(code as usize));
        outcome.copied().unwrap_or(Outcome::Unknown)
    }

    /// True for a run whose parent is loaded.
    #[inline]
    pub(super) fn is_child(&self, row: usize) -> bool {
        self.child.get(row) == Some(true)
    }

    /// The rows of runs that count, on days of a span, in order.
    pub(super) fn rows(&self, span: Days) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.height).filter(move |&row| !self.is_child(row) && span.holds(self.day(row)))
    }

    /// As many places as scans have numbers.
    pub(super) fn scans(&self) -> usize {
        let keys = (0..self.height).map(|row| self.key(row) as usize + 1);
        keys.max().unwrap_or(0)
    }
}

/// First and last day, since 1970-01-01.
#[derive(Clone, Copy, Debug)]
pub(super) struct Days {
    pub(super) first: i32,
    pub(super) last: i32,
}

impl Days {
    pub(super) fn of(span: Span) -> Days {
        Days {
            first: epoch_day(span.first),
            last: epoch_day(span.last),
        }
    }

    #[inline]
    pub(super) fn holds(self, day: i32) -> bool {
        self.first <= day && day <= self.last
    }
}

/// The values of some rows of a column as cells.
pub(super) fn cells_at(frame: &DataFrame, name: &str, rows: &[u32]) -> Result<Vec<Cell>> {
    let of = |cell: &dyn Fn(usize) -> Cell| rows.iter().map(|&row| cell(row as usize)).collect();
    let values = column(frame, name)?;
    Ok(match values.dtype() {
        DataType::Int64 => {
            let numbers = Numbers::new(frame, name)?;
            of(&|row| Cell::int(numbers.get(row)))
        }
        DataType::Datetime(TimeUnit::Microseconds, _) => {
            let times = Numbers::new(frame, name)?;
            of(&|row| Cell::time(times.get(row)))
        }
        DataType::Date => {
            let days: &Array<Int32Type> = array(values.date().map(Logical::physical), name)?;
            of(&|row| {
                let day = days.get(row);
                day.map_or(Cell::Null, |day| Cell::Date(from_epoch_day(day)))
            })
        }
        DataType::Enum(_, _) => {
            let words = Words::new(frame, name)?;
            of(&|row| words.cell(row))
        }
        DataType::String => {
            let texts = texts(frame, name)?;
            of(&|row| Cell::text(texts.get(row)))
        }
        other => bail!("column {name:?} has the type {other}, which no table shows"),
    })
}

/// A column of texts that seldom repeat.
pub(super) fn texts<'a>(frame: &'a DataFrame, name: &str) -> Result<&'a Array<StringType>> {
    array(column(frame, name)?.str(), name)
}
