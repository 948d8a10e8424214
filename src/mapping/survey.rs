//! What a mapping finds in the records of a file, for a person who checks or writes one.

use std::collections::BTreeMap;

use super::rule::Target;
use crate::errors::Privacy;

/// Samples of a field that are kept.
const SAMPLES: usize = 3;
/// Different values that could not be read and are kept.
const UNREAD: usize = 1_000;

/// What was found for one field.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Records that state it.
    pub stated: i64,
    /// Columns or paths that stated it, and how often.
    pub from: BTreeMap<String, i64>,
    /// The first different raw values, as quoted, and what each became.
    pub samples: Vec<(String, String)>,
    /// Values that could not be read, as quoted, and how often.
    pub unread: BTreeMap<String, i64>,
}

/// What was found in a file.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// By field.
    pub fields: BTreeMap<Target, Found>,
    /// The columns or top-level keys of the file as they are written.
    pub keys: Vec<String>,
}

impl Survey {
    /// Hides personal data in what is quoted.
    pub(crate) fn hide(&mut self, privacy: &Privacy) {
        for key in &mut self.keys {
            privacy.hide_in(key);
        }
        for found in self.fields.values_mut() {
            for (raw, read) in &mut found.samples {
                privacy.hide_in(raw);
                privacy.hide_in(read);
            }
            for quoted in [&mut found.from, &mut found.unread] {
                for (mut text, count) in std::mem::take(quoted) {
                    privacy.hide_in(&mut text);
                    *quoted.entry(text).or_insert(0) += count;
                }
            }
        }
    }

    /// Notes a value that was read. The texts are made only when they are kept.
    pub fn read(&mut self, target: Target, from: &str, sample: impl FnOnce() -> (String, String)) {
        let found = self.fields.entry(target).or_default();
        found.stated += 1;
        match found.from.get_mut(from) {
            Some(count) => *count += 1,
            None => {
                found.from.insert(from.to_owned(), 1);
            }
        }
        if found.samples.len() < SAMPLES {
            let sample = sample();
            if !found.samples.contains(&sample) {
                found.samples.push(sample);
            }
        }
    }

    /// Notes a value that could not be read.
    pub fn unread(&mut self, target: Target, value: String) {
        let found = self.fields.entry(target).or_default();
        if found.unread.len() < UNREAD || found.unread.contains_key(&value) {
            *found.unread.entry(value).or_insert(0) += 1;
        }
    }

    /// Adds what was found in another file.
    pub fn add(&mut self, other: Survey) {
        for (target, more) in other.fields {
            let found = self.fields.entry(target).or_default();
            found.stated += more.stated;
            for (from, count) in more.from {
                *found.from.entry(from).or_insert(0) += count;
            }
            for sample in more.samples {
                if found.samples.len() < SAMPLES && !found.samples.contains(&sample) {
                    found.samples.push(sample);
                }
            }
            for (value, count) in more.unread {
                if found.unread.len() < UNREAD || found.unread.contains_key(&value) {
                    *found.unread.entry(value).or_insert(0) += count;
                }
            }
        }
        for key in other.keys {
            if !self.keys.contains(&key) {
                self.keys.push(key);
            }
        }
    }
}
