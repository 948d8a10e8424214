//! JSON, written key by key.

use std::io::Write;

use anyhow::Result;

use super::run::Record;
use super::sink::Sink;
use super::time::{self, Ticks, TimeShape};

/// A JSON text in the making. Keys are plain; values are escaped.
#[derive(Debug, Default)]
pub(crate) struct Json {
    out: Vec<u8>,
    /// The next key is the first of its object.
    first: bool,
}

impl Json {
    /// An object without a key: a record.
    pub(crate) fn record(&mut self, body: impl FnOnce(&mut Json)) {
        self.out.push(b'{');
        self.first = true;
        body(self);
        self.out.push(b'}');
        self.first = false;
    }

    pub(crate) fn object(&mut self, key: &str, body: impl FnOnce(&mut Json)) {
        self.key(key);
        self.record(body);
    }

    /// A list of one object, or an empty list.
    pub(crate) fn list(&mut self, key: &str, body: Option<impl FnOnce(&mut Json)>) {
        self.key(key);
        self.out.push(b'[');
        if let Some(body) = body {
            self.record(body);
        }
        self.out.push(b']');
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        serde_json::to_writer(&mut self.out, value).expect("memory takes every text");
    }

    /// Empty text is null.
    pub(crate) fn text_or_null(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            self.null(key);
        } else {
            self.text(key, value);
        }
    }

    /// A number of 0 or more.
    pub(crate) fn int(&mut self, key: &str, value: impl Into<Option<i64>>) {
        match value.into() {
            None => self.null(key),
            Some(value) => {
                self.key(key);
                time::number(&mut self.out, value);
            }
        }
    }

    pub(crate) fn time(&mut self, key: &str, value: impl Into<Option<Ticks>>, shape: TimeShape) {
        match value.into() {
            None => self.null(key),
            Some(value) => {
                self.key(key);
                self.out.push(b'"');
                time::write(&mut self.out, value, shape);
                self.out.push(b'"');
            }
        }
    }

    pub(crate) fn flag(&mut self, key: &str, value: bool) {
        self.key(key);
        self.out
            .extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(crate) fn null(&mut self, key: &str) {
        self.key(key);
        self.out.extend_from_slice(b"null");
    }

    /// The text so far, which is taken away.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    fn key(&mut self, key: &str) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
}

/// What stands around the records of a JSON document; `{runs}` and `{records}` are their numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    pub(crate) open: &'static str,
    pub(crate) close: &'static str,
}

/// Writes records as one JSON document, or each on a line.
pub(crate) struct JsonSink<W, F> {
    out: W,
    json: Json,
    record: F,
    /// None: one record a line.
    envelope: Option<Envelope>,
    records: u64,
}

impl<W: Write, F: Fn(&Record<'_>, &mut Json)> JsonSink<W, F> {
    pub(crate) fn new(
        mut out: W,
        record: F,
        envelope: Option<Envelope>,
        runs: i64,
    ) -> Result<JsonSink<W, F>> {
        if let Some(envelope) = envelope {
            out.write_all(
                envelope
                    .open
                    .replace("{runs}", &runs.to_string())
                    .as_bytes(),
            )?;
        }
        Ok(JsonSink {
            out,
            json: Json::default(),
            record,
            envelope,
            records: 0,
        })
    }
}

impl<W: Write, F: Fn(&Record<'_>, &mut Json)> Sink for JsonSink<W, F> {
    fn write(&mut self, record: &Record<'_>) -> Result<()> {
        if self.envelope.is_some() {
            self.out
                .write_all(if self.records == 0 { b"\n" } else { b",\n" })?;
        }
        self.records += 1;
        self.json.out.clear();
        (self.record)(record, &mut self.json);
        self.out.write_all(&self.json.out)?;
        if self.envelope.is_none() {
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        if let Some(envelope) = self.envelope {
            let close = envelope
                .close
                .replace("{records}", &self.records.to_string());
            write!(self.out, "\n{close}\n")?;
        }
        self.out.flush()?;
        Ok(())
    }
}
