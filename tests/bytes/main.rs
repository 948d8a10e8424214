//! Files byte by byte: the same runs come out of every way to write them, what cannot be read is named with its place,
//! and what is no export is refused by name.
#![allow(
    clippy::unwrap_used,
    reason = "a test may panic, and says by that what is wrong"
)]
#![allow(dead_code, reason = "each test file uses a part of the shared helpers")]

mod case;
mod columns;
#[path = "../common/mod.rs"]
mod common;
mod delimited;
mod documents;
mod encodings;
mod files;
mod offsets;
mod packed;
#[cfg(unix)]
mod pipes;
mod spoilt;
mod stdin;

use common::small::{HEADER, object, row};

/// Three good runs as CSV: the header in line 1, a run in each of lines 2 to 4.
pub(crate) fn csv() -> String {
    format!("{HEADER}\n{}\n{}\n{}\n", row(1), row(2), row(3))
}

/// The same runs as a JSON array, in the same lines.
pub(crate) fn array() -> String {
    format!("[\n{},\n{},\n{}\n]\n", object(1), object(2), object(3))
}

/// The same runs as the answer of an API, in the same lines.
pub(crate) fn page() -> String {
    format!(
        "{{\"value\":[\n{},\n{},\n{}\n],\"nextLink\":null}}\n",
        object(1),
        object(2),
        object(3)
    )
}

/// The same runs, one a line from line 1 on.
pub(crate) fn ndjson() -> String {
    format!("{}\n{}\n{}\n", object(1), object(2), object(3))
}

/// The same runs in every kind of text, with the lines of the runs.
pub(crate) fn texts() -> [(&'static str, String, [u32; 3]); 4] {
    [
        ("runs.csv", csv(), [2, 3, 4]),
        ("runs.json", array(), [2, 3, 4]),
        ("page.json", page(), [2, 3, 4]),
        ("runs.ndjson", ndjson(), [1, 2, 3]),
    ]
}
