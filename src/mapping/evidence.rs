//! What the values of a column show about values that leave something open: `3/4/2026` and `1.000`.
//!
//! Files are read once. Where a column, over all files of a call, settles what single values of it left open, the files
//! with such values are read again with what was settled. Nothing is guessed: without evidence, or where values
//! contradict each other, what is open stays a reject.

use std::collections::BTreeMap;

use super::numbers::{self, Decimal};
use super::time::{self, DateOrder};

/// A column: the name of its preset, and the squashed path.
pub type Column = (String, String);

/// How often the values of one column showed something.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence {
    day_first: u64,
    month_first: u64,
    half_day: u64,
    either_order: u64,
    point: u64,
    comma: u64,
    either_decimal: u64,
}

impl Evidence {
    /// Notes what a time showed.
    pub fn time(&mut self, clue: time::Clue) {
        *match clue {
            time::Clue::DayFirst => &mut self.day_first,
            time::Clue::MonthFirst => &mut self.month_first,
            time::Clue::HalfDay => &mut self.half_day,
            time::Clue::Either => &mut self.either_order,
        } += 1;
    }

    /// Notes what a number showed.
    pub fn number(&mut self, clue: numbers::Clue) {
        *match clue {
            numbers::Clue::Only(Decimal::Point) => &mut self.point,
            numbers::Clue::Only(Decimal::Comma) => &mut self.comma,
            numbers::Clue::Either => &mut self.either_decimal,
        } += 1;
    }

    /// Adds what other values of the column showed.
    pub fn add(&mut self, more: Evidence) {
        self.day_first += more.day_first;
        self.month_first += more.month_first;
        self.half_day += more.half_day;
        self.either_order += more.either_order;
        self.point += more.point;
        self.comma += more.comma;
        self.either_decimal += more.either_decimal;
    }

    fn order(self) -> Way<DateOrder> {
        match (self.day_first > 0, self.month_first > 0) {
            (true, true) => Way::Both,
            (true, false) => Way::One(DateOrder::Dmy),
            (false, true) => Way::One(DateOrder::Mdy),
            (false, false) if self.half_day > 0 => Way::One(DateOrder::Mdy),
            (false, false) => Way::Open,
        }
    }

    fn decimal(self) -> Way<Decimal> {
        match (self.point > 0, self.comma > 0) {
            (true, true) => Way::Both,
            (true, false) => Way::One(Decimal::Point),
            (false, true) => Way::One(Decimal::Comma),
            (false, false) => Way::Open,
        }
    }
}

/// In which of two ways a column is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way<T> {
    /// Nothing shows it.
    #[default]
    Open,
    /// In this way.
    One(T),
    /// In both ways, so that a value that could be either is not certain.
    Both,
}

impl<T> Way<T> {
    /// The one way, where there is one.
    pub fn one(self) -> Option<T> {
        match self {
            Way::One(way) => Some(way),
            Way::Open | Way::Both => None,
        }
    }
}

/// What is settled for a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Order of day and month.
    pub order: Way<DateOrder>,
    /// Way of writing decimals.
    pub decimals: Way<Decimal>,
}

/// Evidence of many files.
#[derive(Clone, Debug, Default)]
pub struct Book(BTreeMap<Column, Evidence>);

impl Book {
    /// Adds what one file showed.
    pub fn add(&mut self, column: Column, evidence: Evidence) {
        self.0.entry(column).or_default().add(evidence);
    }

    /// True when nothing was shown.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is settled for a column.
    pub fn settled(&self, column: &Column) -> Settled {
        self.0
            .get(column)
            .map(|evidence| Settled {
                order: evidence.order(),
                decimals: evidence.decimal(),
            })
            .unwrap_or_default()
    }

    /// True when a file that showed this must be read again, now that all files have been seen.
    pub fn changes(&self, column: &Column, shown: Evidence) -> bool {
        let settled = self.settled(column);
        (shown.either_order > 0 && settled.order.one().is_some())
            || (shown.half_day > 0 && settled.order != Way::One(DateOrder::Mdy))
            || (shown.either_decimal > 0 && settled.decimals.one().is_some())
            || (shown.point + shown.comma > 0 && settled.decimals == Way::Both)
    }

    /// How the values of a column were read, where that had to be found out. `name` is the column's name.
    pub fn note(&self, column: &Column, shown: Evidence, name: &str) -> Option<String> {
        let settled = self.settled(column);
        let mut said = Vec::new();
        if shown.either_order + shown.half_day > 0 {
            let evidence = self.0.get(column).copied().unwrap_or_default();
            said.push(match settled.order {
                Way::One(DateOrder::Dmy) => "day before month, as other dates in it show",
                Way::One(DateOrder::Mdy) if evidence.month_first > 0 => {
                    "month before day, as other dates in it show"
                }
                Way::One(DateOrder::Mdy) => {
                    "month before day, as is usual with AM and PM and in Log Analytics"
                }
                Way::Both => "some dates can only have the day first, others only the month",
                Way::Open => "day and month could be either way round",
            });
        }
        // A decimal point alone is what everybody expects.
        let plain = settled.decimals == Way::One(Decimal::Point) && shown.either_decimal == 0;
        if shown.point + shown.comma + shown.either_decimal > 0 && !plain {
            said.push(match settled.decimals {
                Way::One(Decimal::Point) => "numbers have a decimal point",
                Way::One(Decimal::Comma) => "numbers have a decimal comma",
                Way::Both => "some numbers have a decimal point, others a decimal comma",
                Way::Open => "point and comma in numbers could mean either",
            });
        }
        (!said.is_empty()).then(|| format!("column {name:?}: {}", said.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_certain_value_settles_its_column() {
        let column = ("p".to_owned(), "c".to_owned());
        let mut open = Evidence::default();
        open.time(time::Clue::Either);
        open.number(numbers::Clue::Either);
        let mut certain = Evidence::default();
        certain.time(time::Clue::DayFirst);
        certain.number(numbers::Clue::Only(Decimal::Comma));
        let mut book = Book::default();
        book.add(column.clone(), open);
        assert_eq!(book.settled(&column), Settled::default());
        assert!(!book.changes(&column, open));
        book.add(column.clone(), certain);
        let settled = book.settled(&column);
        assert_eq!(settled.order, Way::One(DateOrder::Dmy));
        assert_eq!(settled.decimals, Way::One(Decimal::Comma));
        assert!(book.changes(&column, open) && !book.changes(&column, certain));
    }

    #[test]
    fn halves_of_a_day_mean_month_first_unless_a_date_says_otherwise() {
        let column = ("p".to_owned(), "c".to_owned());
        let mut halves = Evidence::default();
        halves.time(time::Clue::HalfDay);
        let mut book = Book::default();
        book.add(column.clone(), halves);
        assert_eq!(book.settled(&column).order, Way::One(DateOrder::Mdy));
        assert!(!book.changes(&column, halves));
        let mut day = Evidence::default();
        day.time(time::Clue::DayFirst);
        book.add(column.clone(), day);
        assert_eq!(book.settled(&column).order, Way::One(DateOrder::Dmy));
        assert!(book.changes(&column, halves));
    }

    #[test]
    fn contradictions_settle_nothing() {
        let column = ("p".to_owned(), "c".to_owned());
        let mut both = Evidence::default();
        both.time(time::Clue::DayFirst);
        both.time(time::Clue::MonthFirst);
        both.number(numbers::Clue::Only(Decimal::Comma));
        both.number(numbers::Clue::Only(Decimal::Point));
        let mut book = Book::default();
        book.add(column.clone(), both);
        assert_eq!(book.settled(&column).order, Way::Both);
        assert_eq!(book.settled(&column).decimals, Way::Both);
        assert!(book.changes(&column, both));
    }
}
