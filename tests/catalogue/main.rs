//! The catalogue of bad input: what is known to go wrong with exports, each with the test that shows what comes of it.
//!
//! [`table::CATALOGUE`] is the list; most of the tests stand elsewhere, beside the tests of the same kind. Here stand those
//! that belong nowhere else.
#![allow(
    clippy::unwrap_used,
    reason = "a test may panic, and says by that what is wrong"
)]
#![allow(dead_code, reason = "each test file uses a part of the shared helpers")]

mod cases;
#[path = "../common/mod.rs"]
mod common;
mod table;
