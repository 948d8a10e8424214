//! Where records go.

use anyhow::Result;

use super::run::Record;

/// Takes records one by one.
pub(crate) trait Sink {
    fn write(&mut self, record: &Record<'_>) -> Result<()>;

    /// Writes what is left. Without this the output is not complete.
    fn finish(self: Box<Self>) -> Result<()>;
}
