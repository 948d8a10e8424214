//! The shapes in which run logs come: each is read for what it says, no two disagree, and what a shape does
//! not say is not made up.
//!
//! Three things are held against each other: the program, the oracle under `tests/oracle` that reads the same
//! files row by row, and either the facts from which the files were written or numbers worked out by hand.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "a test may panic, and its numbers are small"
)]
#![allow(dead_code, reason = "each test file uses a part of the shared helpers")]

mod adf;
mod airflow;
mod alone;
mod case;
#[path = "../common/mod.rs"]
mod common;
mod dates;
mod dbt;
mod events;
mod github;
mod mixed;
#[path = "../oracle/mod.rs"]
mod oracle;
mod scripts;
