//! One row and how its values are read.

use std::cell::Cell;

use serde_json::Value;

use super::Kind;
use crate::oracle::load::{Raw, Table};
use crate::oracle::times::{self, DateOrder, Orders};
use crate::oracle::{Options, Time, words};

/// One row of a table. A path such as `invokedby/pipelinerunid` leads into nested values; its parts are keys
/// without the differences that do not matter, or places in a list.
pub(crate) struct Row<'a> {
    raw: &'a Raw,
    table: &'a Table,
    orders: &'a Orders,
    options: &'a Options,
    /// A status word was met that nobody knows.
    unmapped: Cell<bool>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(
        raw: &'a Raw,
        table: &'a Table,
        orders: &'a Orders,
        options: &'a Options,
    ) -> Self {
        Self {
            raw,
            table,
            orders,
            options,
            unmapped: Cell::new(false),
        }
    }

    /// Whether a status that was read has a word that nobody knows.
    pub(crate) fn has_unmapped_status(&self) -> bool {
        self.unmapped.get()
    }

    pub(super) fn kind(&self) -> Kind {
        self.table.kind
    }

    pub(super) fn stem(&self) -> String {
        self.table.stem.clone()
    }

    /// All top-level keys and values.
    pub(super) fn cells(&self) -> &Raw {
        self.raw
    }

    /// The value at a path.
    pub(super) fn value(&self, path: &str) -> Option<Value> {
        let parts: Vec<&str> = path.split('/').collect();
        walk(self.raw.get(parts[0])?, &parts[1..])
    }

    /// The first of the paths that holds something, as text.
    pub(super) fn text(&self, paths: &[&str]) -> Option<String> {
        paths.iter().find_map(|path| {
            let text = match self.value(path)? {
                Value::String(text) => words::text(&text)?,
                Value::Number(number) => number.to_string(),
                Value::Bool(yes) => yes.to_string(),
                _ => return None,
            };
            // Azure Monitor spells out that there is nothing.
            let nothing = self.kind() == Kind::Monitor && text == "empty_value";
            (!nothing).then_some(text)
        })
    }

    pub(super) fn lower(&self, paths: &[&str]) -> Option<String> {
        self.text(paths).map(|text| text.to_lowercase())
    }

    pub(super) fn run_id(&self, paths: &[&str]) -> Option<String> {
        words::run_id(&self.text(paths)?)
    }

    pub(super) fn count(&self, paths: &[&str]) -> Result<Option<i64>, String> {
        self.text(paths).map(|text| count(&text)).transpose()
    }

    /// A length in this many milliseconds a unit, to the nearest millisecond.
    pub(super) fn millis(&self, path: &str, unit: f64) -> Result<Option<i64>, String> {
        let Some(text) = self.text(&[path]) else {
            return Ok(None);
        };
        let number: f64 = text.parse().map_err(|_| format!("not a length: {text}"))?;
        Ok(Some((number * unit).round() as i64))
    }

    pub(super) fn time(&self, paths: &[&str]) -> Result<Option<Time>, String> {
        for path in paths {
            if let Some(text) = self.text(&[path]) {
                let order = self.orders.order(self.kind(), path);
                return times::parse(&text, order.or(self.known_order(path)));
            }
        }
        Ok(None)
    }

    /// The one script that writes these columns puts the day first.
    fn known_order(&self, path: &str) -> Option<DateOrder> {
        let script = self.kind() == Kind::Purview && ["runstart", "runend"].contains(&path);
        script.then_some(DateOrder::DayFirst)
    }

    pub(super) fn status(&self, paths: &[&str]) -> Option<&'static str> {
        self.own_status(&self.text(paths)?, &[])
    }

    /// A status of a vendor who has words of his own.
    pub(super) fn own_status(
        &self,
        word: &str,
        own: &[(&str, &'static str)],
    ) -> Option<&'static str> {
        if words::is_unmapped(word, own) {
            self.unmapped.set(true);
        }
        words::status_of(word, own)
    }

    /// The status of an ingestion, which knows words that mean there was none.
    pub(super) fn ingestion(&self, paths: &[&str]) -> Option<&'static str> {
        let word = self.text(paths)?;
        let status = words::status(&word, true)?;
        self.own_status(&word, &[]);
        Some(status)
    }

    /// What the path of the file, else `--set FIELD=…`, says of a field.
    pub(super) fn given(&self, field: &str) -> Option<String> {
        let set = self.options.set.iter().find(|(name, _)| name == field);
        let from_path = self.table.from_path.get(field).cloned();
        from_path.or(set.map(|(_, value)| value.clone()))
    }
}

/// Follows a path. Text on the way is JSON within JSON, at times twice over.
fn walk(value: &Value, path: &[&str]) -> Option<Value> {
    let [first, rest @ ..] = path else {
        return Some(value.clone());
    };
    match value {
        Value::Object(object) => {
            let (_, inner) = object.iter().find(|(key, _)| words::plain(key) == *first)?;
            walk(inner, rest)
        }
        Value::Array(items) => walk(items.get(first.parse::<usize>().ok()?)?, rest),
        Value::String(text) => walk(&serde_json::from_str(text).ok()?, path),
        _ => None,
    }
}

/// A count: 950, and 950.0 as well.
fn count(text: &str) -> Result<i64, String> {
    let whole = text
        .trim()
        .trim_end_matches('0')
        .strip_suffix('.')
        .unwrap_or(text.trim());
    whole.parse().map_err(|_| format!("not a count: {text}"))
}
