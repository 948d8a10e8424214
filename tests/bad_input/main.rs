//! Files as they should not be: what is wrong is named, what is right is used, and nothing else happens.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and says aloud what it skips"
)]
#![allow(dead_code, reason = "each test file uses a part of the shared helpers")]

mod bounds;
mod cases;
mod codes;
#[path = "../common/mod.rs"]
mod common;
mod corpora;
mod cut;
mod kinds;
mod whole;

use std::path::{Path, PathBuf};

use common::small::{
    Column, HEADER, T, counts, gzip, object, options, parquet, put, row, three, times,
};
use common::{Ran, report};

/// Runs `rundown report FILE…` in a folder, with paths as a user would type them.
pub(crate) fn run(folder: &Path, files: &[&str], args: &[&str]) -> Ran {
    let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    report(folder, &files, &args)
}
