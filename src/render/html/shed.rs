//! What a page leaves out to stay within its limit: what matters least first, and never a failure.
//!
//! A page is made whole; while it is too large, or lists so many runs that a browser opens it slowly, it is made again with
//! the next of [`STEPS`]. What is left out is counted
//! where it is missing, and told at the top.

use crate::render::format;

/// What a page keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// Runs that succeeded, of scans without a failure.
    healthy: bool,
    /// Runs that succeeded, of the others.
    succeeded: bool,
    /// All values of a run in a list of runs. Its messages stay.
    values: bool,
    /// Rows of a table, but for those with a failure.
    rows: usize,
}

const ALL: Keep = Keep {
    healthy: true,
    succeeded: true,
    values: true,
    rows: 1_000,
};
const FEW: Keep = Keep {
    healthy: false,
    succeeded: false,
    values: true,
    rows: 300,
};

/// From everything to the least.
pub(super) const STEPS: [Keep; 7] = [
    ALL,
    Keep {
        healthy: false,
        ..ALL
    },
    Keep { rows: 1_000, ..FEW },
    FEW,
    Keep { rows: 100, ..FEW },
    Keep {
        rows: 100,
        values: false,
        ..FEW
    },
    Keep {
        rows: 30,
        values: false,
        ..FEW
    },
];

/// What is kept, and what was left out so far.
#[derive(Debug)]
pub(super) struct Shed {
    keep: Keep,
    /// What is shown now lies in a row without a failure.
    is_healthy: bool,
    /// Runs that are listed.
    listed: usize,
    runs: usize,
    rows: usize,
    values: usize,
}

/// Runs that a page lists before it leaves out those that matter least. Each is some 80 elements.
const MOST_RUNS: usize = 2_000;

impl Shed {
    pub(super) fn new(keep: Keep) -> Shed {
        Shed {
            keep,
            is_healthy: false,
            listed: 0,
            runs: 0,
            rows: 0,
            values: 0,
        }
    }

    /// Whether a page of so many bytes is too much.
    pub(super) fn is_too_much(&self, bytes: usize, limit: usize) -> bool {
        bytes > limit || (limit < usize::MAX && self.listed > MOST_RUNS)
    }

    /// How many rows are shown of a table that shows so many at most; so many at its beginning have a failure.
    pub(super) fn rows(&mut self, rows: usize, failing: usize, most: usize) -> usize {
        let whole = rows.min(most);
        let shown = whole.min(self.keep.rows.max(failing));
        self.rows += whole - shown;
        shown
    }

    /// What is shown from now on lies in a row with or without a failure. Returns what it did before.
    pub(super) fn enter(&mut self, is_healthy: bool) -> bool {
        std::mem::replace(&mut self.is_healthy, is_healthy)
    }

    /// Whether a run is shown in the detail of a row.
    pub(super) fn keeps_run(&mut self, is_succeeded: bool) -> bool {
        let wanted = if self.is_healthy {
            self.keep.healthy
        } else {
            self.keep.succeeded
        };
        let kept = wanted || !is_succeeded;
        self.runs += usize::from(!kept);
        self.listed += usize::from(kept);
        kept
    }

    /// Whether the values of a run are shown.
    pub(super) fn keeps_values(&mut self) -> bool {
        self.values += usize::from(!self.keep.values);
        self.keep.values
    }

    /// What was left out, in a sentence; nothing where nothing was.
    pub(super) fn note(&self, limit: usize) -> Option<String> {
        let mut left = Vec::new();
        let mut say = |count: usize, words: String| {
            if count > 0 {
                left.push(words);
            }
        };
        let (run, runs) = ("run that succeeded", "runs that succeeded");
        say(self.runs, format::plural(self.runs, run, runs));
        let (row, rows) = ("row without a failure", "rows without a failure");
        say(self.rows, format::plural(self.rows, row, rows));
        let values = format::plural(self.values, "run", "runs");
        say(self.values, format!("values of {values}"));
        let size = format::bytes(i64::try_from(limit).unwrap_or(i64::MAX));
        (!left.is_empty()).then(|| {
            format!(
                "To open fast and stay near {size}, this page leaves out {}. No failure is left out; the JSON report has everything.",
                left.join(", ")
            )
        })
    }
}
