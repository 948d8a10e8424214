//! What was hidden, for the receipt.

use std::collections::BTreeMap;

/// What was hidden: how many replacements of each class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden(BTreeMap<&'static str, i64>);

impl Hidden {
    /// Counts replacements of a class.
    pub(crate) fn add(&mut self, class: &'static str, count: i64) {
        *self.0.entry(class).or_insert(0) += count;
    }

    /// Counts these so many times over.
    pub(crate) fn add_all(&mut self, other: &Hidden, times: i64) {
        for (class, count) in &other.0 {
            self.add(class, count * times);
        }
    }

    /// True when nothing was hidden.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The classes in order of their names, and how many replacements each had.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, i64)> {
        self.0.iter().map(|(class, count)| (*class, *count))
    }
}

/// What a class of hidden text is: `sas` is the signature of a shared access signature.
pub fn meaning(class: &str) -> &'static str {
    let meaning = super::mask::classes().get(class);
    meaning
        .or_else(|| super::privacy::placeholders().get(class))
        .map_or("", String::as_str)
}
