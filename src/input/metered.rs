//! What is read is counted, and read only as long as memory allows.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;

use crate::meter::{Held, Meter, What};

/// A text of which nothing is kept, or all.
pub(super) struct Checked<R> {
    inner: R,
    held: Held,
    keeps: bool,
}

impl<R> Checked<R> {
    /// Nothing is kept of what it passes on.
    pub(super) fn passing(inner: R, meter: &Arc<Meter>) -> Checked<R> {
        Checked {
            inner,
            held: Held::new(meter, What::Text),
            keeps: false,
        }
    }

    /// All is kept of what it passes on.
    pub(super) fn keeping(inner: R, meter: &Arc<Meter>) -> Checked<R> {
        Checked {
            keeps: true,
            ..Checked::passing(inner, meter)
        }
    }

    /// What is kept.
    pub(super) fn into_held(self) -> Held {
        self.held
    }

    fn passed(&mut self, bytes: usize) {
        if self.keeps {
            self.held.add(bytes as u64);
        }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.held.check().map_err(io::Error::other)?;
        let count = self.inner.read(into)?;
        self.passed(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Checked<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.held.check().map_err(io::Error::other)?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
        self.passed(count);
    }
}

/// A Parquet file, which is read here and there.
#[derive(Clone)]
pub(super) struct Chunks<R> {
    inner: R,
    meter: Arc<Meter>,
    counted: Arc<AtomicU64>,
}

impl<R> Chunks<R> {
    pub(super) fn new(inner: R, meter: &Arc<Meter>) -> Chunks<R> {
        Chunks {
            inner,
            meter: Arc::clone(meter),
            counted: Arc::default(),
        }
    }

    /// Counts what was not asked for of so many bytes.
    pub(super) fn count_rest(&self, all: u64) {
        let counted = self.counted.load(Ordering::Relaxed);
        self.meter.read(all.saturating_sub(counted));
    }
}

impl<R: Length> Length for Chunks<R> {
    fn len(&self) -> u64 {
        self.inner.len()
    }
}

impl<R: ChunkReader> ChunkReader for Chunks<R> {
    type T = R::T;

    fn get_read(&self, start: u64) -> Result<R::T> {
        self.inner.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let check = self.meter.check();
        check.map_err(|exceeded| ParquetError::External(Box::new(exceeded)))?;
        self.counted.fetch_add(length as u64, Ordering::Relaxed);
        self.meter.read(length as u64);
        self.inner.get_bytes(start, length)
    }
}
