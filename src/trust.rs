//! When a report cannot be relied on: too much was set aside, or not everything was read.

use std::str::FromStr;

use crate::input::{ReadFile, Skipped};
use crate::render::format;

/// Files that are named one by one.
const NAMED: usize = 10;

/// A share or a number of records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Most {
    /// Of the records read.
    Share(f64),
    /// Records.
    Number(i64),
}

impl FromStr for Most {
    type Err = String;

    fn from_str(text: &str) -> Result<Most, String> {
        let parsed = match text.strip_suffix('%') {
            Some(share) => share
                .trim()
                .parse()
                .ok()
                .filter(|share| (0.0..=100.0).contains(share))
                .map(|share: f64| Most::Share(share / 100.0)),
            None => text
                .parse()
                .ok()
                .filter(|number| *number >= 0)
                .map(Most::Number),
        };
        parsed.ok_or_else(|| {
            format!("expected a share such as 5% or a number of records; found {text:?}")
        })
    }
}

impl Most {
    /// True when this many rejects of so many records are too many.
    pub fn is_exceeded(self, rejects: i64, read: i64) -> bool {
        match self {
            Most::Share(share) => rejects as f64 > share * read as f64,
            Most::Number(number) => rejects > number,
        }
    }
}

/// What a report may leave out and still be relied on.
#[derive(Clone, Copy, Debug)]
pub struct Trust {
    /// `--max-rejects`: records set aside. Totals below the rows are none.
    pub max_rejects: Most,
    /// `--strict`: nothing.
    pub strict: bool,
}

impl Default for Trust {
    fn default() -> Trust {
        Trust {
            max_rejects: Most::Share(0.05),
            strict: false,
        }
    }
}

impl Trust {
    /// Why what was read of these files is not enough, each as a fragment of a sentence; nothing where it is.
    pub fn doubts(&self, files: &[ReadFile], skipped: &[Skipped]) -> Vec<String> {
        let lost: i64 = files.iter().map(|file| file.rejects.lost()).sum();
        let read: i64 = files.iter().map(|file| file.tally.read).sum();
        let mut doubts = Vec::new();
        let set_aside = format!(
            "{} of {} records set aside",
            format::count(lost),
            format::count(read)
        );
        if self.max_rejects.is_exceeded(lost, read) {
            doubts.push(format!("{set_aside}, more than --max-rejects allows"));
        }
        if !self.strict {
            return doubts;
        }
        if lost > 0 {
            doubts.push(format!("{set_aside}, which --strict forbids"));
        }
        let unread = skipped.iter().filter(|file| file.is_missed());
        let cut = files.iter().flat_map(|file| {
            let incomplete = file.incomplete.iter();
            incomplete.map(|why| format!("{}: {}", file.path, why.text()))
        });
        let mut all: Vec<String> = unread.map(Skipped::told).chain(cut).collect();
        let more = all.len().saturating_sub(NAMED);
        all.truncate(NAMED);
        doubts.extend(all);
        if more > 0 {
            let files = format::plural(more, "more file", "more files");
            doubts.push(format!("{files} that --strict forbids"));
        }
        doubts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_may_be_limited_by_share_or_number() {
        assert_eq!("5%".parse(), Ok(Most::Share(0.05)));
        assert_eq!("12".parse(), Ok(Most::Number(12)));
        assert!(
            "-1".parse::<Most>().is_err()
                && "many".parse::<Most>().is_err()
                && "101%".parse::<Most>().is_err()
        );
        assert!(!Most::Share(0.05).is_exceeded(5, 100));
        assert!(Most::Share(0.05).is_exceeded(6, 100));
        assert!(Most::Number(0).is_exceeded(1, 100));
    }
}
