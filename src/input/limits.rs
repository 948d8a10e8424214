//! How much is taken from a file before it is called broken: a file of some kilobytes can unpack to gigabytes.

/// Bytes of one record. Real ones have some hundred; a quotation mark that is not closed makes one of the rest of the
/// file.
pub const MAX_RECORD: usize = 16 << 20;

/// Bytes of a text of JSON documents, which is held whole. NDJSON is not: it has no limit.
pub const MAX_DOCUMENTS: u64 = 1 << 30;

/// Bytes of a text that are looked at for a first mapping: many times what [`super::probe`] needs, and as JSON less than
/// 200 MB in memory.
pub const PROBED: u64 = 4 << 20;

/// A compressed file may unpack to so many times its size. Logs reach about 100.
pub const RATIO: u64 = 1_000;

/// What every file may unpack to: a small one can be all repetition.
pub const UNPACKED: u64 = 64 << 20;

/// Rows for each byte of a Parquet file, where equal values take next to no room.
const ROWS_PER_BYTE: u64 = 100;

/// Bytes that a file of this length may unpack to.
pub fn unpacked(length: u64) -> u64 {
    length.saturating_mul(RATIO).max(UNPACKED)
}

/// Rows that a Parquet file of this length may have.
pub fn rows(length: u64) -> u64 {
    length.saturating_mul(ROWS_PER_BYTE)
}
