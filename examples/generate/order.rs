//! Records that wait for their turn.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::run::Run;

/// Holds states of runs until everything that belongs before them has been made.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    heap: BinaryHeap<Reverse<Held>>,
    held: u64,
}

#[derive(Debug)]
struct Held {
    turn: i64,
    /// Equal turns keep the order in which they came.
    number: u64,
    run: Run,
}

impl Waiting {
    pub(crate) fn hold(&mut self, run: Run, turn: i64) {
        self.held += 1;
        self.heap.push(Reverse(Held {
            turn,
            number: self.held,
            run,
        }));
    }

    /// The next state whose turn is before `turn`.
    pub(crate) fn next_before(&mut self, turn: i64) -> Option<Run> {
        if self.heap.peek()?.0.turn < turn {
            self.heap.pop().map(|held| held.0.run)
        } else {
            None
        }
    }
}

impl Ord for Held {
    fn cmp(&self, other: &Held) -> Ordering {
        (self.turn, self.number).cmp(&(other.turn, other.number))
    }
}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Held) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Held) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Held {}
