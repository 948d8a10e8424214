//! What a page leaves out to stay within its limit: what matters least first, and never a failure.
//!
//! How many runs a browser opens fast is known before a page is made; how large it is, only after: while it is too large, it
//! is made again with the next of [`STEPS`]. What is left out is counted where it is missing, and told at the top.

use super::table::ROWS;
use crate::render::format;
use crate::report::{Block, Cell, Report, Row, Table};

/// What a page keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// Runs that succeeded, of scans without a failure.
    healthy: bool,
    /// Runs that succeeded, of the others.
    succeeded: bool,
    /// All values of a run in a list of runs. Its messages stay.
    values: bool,
    /// Rows of the table of scans, but for those with a failure.
    rows: usize,
}

const ALL: Keep = Keep {
    healthy: true,
    succeeded: true,
    values: true,
    rows: ROWS,
};
const FEW: Keep = Keep {
    healthy: false,
    succeeded: false,
    values: true,
    rows: 300,
};

/// From everything to the least.
const STEPS: [Keep; 7] = [
    ALL,
    Keep {
        healthy: false,
        ..ALL
    },
    Keep { rows: ROWS, ..FEW },
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

/// Runs that a page lists before it leaves out those that succeeded. Each is some 80 elements.
const MOST_RUNS: usize = 2_000;

/// What a page of this report may keep, from the most to the least.
pub(super) fn steps(report: &Report, is_limited: bool) -> &'static [Keep] {
    if !is_limited {
        return &STEPS[..1];
    }
    let (mut listed, mut healthy) = (0, 0);
    for section in &report.sections {
        for table in section.blocks.iter().filter_map(Block::table) {
            for row in table.rows.iter().take(ROWS) {
                for nested in row.detail.iter().filter_map(Block::table) {
                    listed += nested.rows.len();
                    if is_healthy(table, row) {
                        let succeeded = |run: &&Row| is_succeeded(nested, run);
                        healthy += nested.rows.iter().filter(succeeded).count();
                    }
                }
            }
        }
    }
    let first = match listed {
        ..=MOST_RUNS => 0,
        _ if listed - healthy <= MOST_RUNS => 1,
        _ => 2,
    };
    &STEPS[first..]
}

/// What is kept, and what was left out so far.
#[derive(Debug)]
pub(super) struct Shed {
    keep: Keep,
    /// What is shown now lies in a row without a failure.
    is_healthy: bool,
    runs: usize,
    rows: usize,
    values: usize,
}

impl Shed {
    pub(super) fn new(keep: Keep) -> Shed {
        Shed {
            keep,
            is_healthy: false,
            runs: 0,
            rows: 0,
            values: 0,
        }
    }

    /// How many rows are shown of a table that shows so many at most. Rows are left out only of the table of scans, which
    /// counts failures and can be filtered, and only behind the last one with a failure.
    pub(super) fn rows(&mut self, table: &Table, most: usize) -> usize {
        let whole = table.rows.len().min(most);
        if table.filters.is_empty() || position(table, "failed").is_none() {
            return whole;
        }
        let last = table.rows[..whole]
            .iter()
            .rposition(|row| !is_healthy(table, row));
        let shown = whole.min(self.keep.rows.max(last.map_or(0, |at| at + 1)));
        self.rows += whole - shown;
        shown
    }

    /// What is shown from now on lies in a row with or without a failure. Returns what it did before.
    pub(super) fn enter(&mut self, is_healthy: bool) -> bool {
        std::mem::replace(&mut self.is_healthy, is_healthy)
    }

    /// Whether a run is shown in the detail of a row.
    pub(super) fn keeps_run(&mut self, table: &Table, row: &Row) -> bool {
        let wanted = if self.is_healthy {
            self.keep.healthy
        } else {
            self.keep.succeeded
        };
        let kept = wanted || !is_succeeded(table, row);
        self.runs += usize::from(!kept);
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

/// Whether a row counts failures, and has none.
pub(super) fn is_healthy(table: &Table, row: &Row) -> bool {
    cell(table, row, "failed") == Some(&Cell::Int(0))
}

/// Whether each row of a table is a run.
pub(super) fn is_of_runs(table: &Table) -> bool {
    position(table, "run_id").is_some() && position(table, "outcome").is_some()
}

/// Whether a row is a run that succeeded and has no runs of its own.
fn is_succeeded(table: &Table, row: &Row) -> bool {
    let outcome = cell(table, row, "outcome");
    is_of_runs(table)
        && row.detail.is_empty()
        && matches!(outcome, Some(Cell::Text(word)) if word == "succeeded")
}

fn cell<'a>(table: &Table, row: &'a Row, key: &str) -> Option<&'a Cell> {
    row.cells.get(position(table, key)?)
}

fn position(table: &Table, key: &str) -> Option<usize> {
    table.columns.iter().position(|column| column.key == key)
}
