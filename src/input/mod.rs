//! From files to records: finds files, finds out what they hold, and reads them.
//!
//! Nothing is guessed in silence and nothing is lost in silence: every file ends up among the read or the
//! skipped ones, and every record among the records or the rejects.

pub mod csv;
pub mod discover;
pub mod json;
pub mod parquet;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::mapping::mapper::{Mapper, Supplied, Tally};
use crate::mapping::preset::{Preset, built_in, recognise};
pub use crate::mapping::reject;
use crate::runs::records::Records;
use discover::Found;
use reject::{Code, Reject, Rejects};

/// How files are read.
#[derive(Clone, Debug, Default)]
pub struct InputOptions {
    /// `--preset`: of this kind, whatever the keys.
    pub preset: Option<String>,
    /// What the user adds.
    pub supplied: Supplied,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct ReadFile {
    /// Its path as it was found.
    pub path: String,
    /// What it holds: `csv`, `json`, `ndjson`, `parquet`, with `+gzip` where compressed.
    pub format: String,
    /// The preset by which it was read; `None` when it has no record.
    pub preset: Option<String>,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// What was counted.
    pub tally: Tally,
    /// What was set aside.
    pub rejects: Rejects,
    /// What a reader should know about it.
    pub notes: Vec<String>,
}

/// A file that was found but not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its path.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The records of all files; record files are counted like `files`.
    pub records: Records,
    /// The files in order of path.
    pub files: Vec<ReadFile>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
}

/// Passes bytes on and computes their hash.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(into)?;
        self.hash.update(&into[..count]);
        Ok(count)
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Reads every file of the inputs.
///
/// Fails when an input does not exist, when a named file is no export that is known, or when a file cannot be
/// read at all.
pub fn load(inputs: &[PathBuf], options: &InputOptions) -> Result<Loaded> {
    if let Some(name) = &options.preset {
        find_preset(name)?;
    }
    let mut loaded = Loaded::default();
    for found in discover::discover(inputs)? {
        match read_file(&found, options)? {
            Outcome::Read(file, records) => {
                loaded.files.push(*file);
                loaded.records.append(*records);
            }
            Outcome::Skipped(reason) if found.named && reason != EMPTY => {
                bail!(crate::Unusable(format!("{}: {reason}", found.shown())))
            }
            Outcome::Skipped(reason) => loaded.skipped.push(Skipped {
                path: found.shown(),
                reason,
            }),
        }
    }
    Ok(loaded)
}

const EMPTY: &str = "the file is empty";

enum Outcome {
    Read(Box<ReadFile>, Box<Records>),
    Skipped(String),
}

fn find_preset(name: &str) -> Result<&'static Preset> {
    let presets = built_in()?;
    presets
        .iter()
        .find(|preset| preset.name == name)
        .with_context(|| {
            let known: Vec<_> = presets.iter().map(|preset| preset.name.as_str()).collect();
            format!(
                "no preset {name:?}\n       expected one of {}",
                known.join(", ")
            )
        })
}

/// What the first bytes show.
enum Shape {
    Parquet,
    Lines,
    Documents,
    Delimited(u8),
}

fn shape(first: &[u8]) -> std::result::Result<Shape, String> {
    const OTHERS: [(&[u8], &str); 5] = [
        (
            b"PK\x03\x04",
            "this is a zip archive or an Excel workbook, not an export; save it as CSV",
        ),
        (b"%PDF", "this is a PDF"),
        (b"\xff\xfe", "this is UTF-16; save the export as UTF-8"),
        (b"\xfe\xff", "this is UTF-16; save the export as UTF-8"),
        (
            b"version https://git-lfs",
            "this is a Git LFS pointer, not the file itself",
        ),
    ];
    if first.starts_with(b"PAR1") {
        return Ok(Shape::Parquet);
    }
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| first.starts_with(magic)) {
        return Err((*what).to_owned());
    }
    let start = first.trim_ascii_start();
    match start.first() {
        None => Err(EMPTY.to_owned()),
        Some(b'<') => Err("this is an HTML or XML page, not an export".to_owned()),
        Some(b'[') => Ok(Shape::Documents),
        Some(b'{') => {
            let mut lines = start.split(|&byte| byte == b'\n');
            let one = lines.next().unwrap_or_default();
            let more = lines.any(|line| line.trim_ascii_start().first() == Some(&b'{'));
            let plain = std::str::from_utf8(one).is_ok_and(|one| {
                let found = json::documents(one);
                found.rejects.is_empty() && matches!(found.items.as_slice(), [item] if std::ptr::eq(item.text, item.document))
            });
            Ok(if more && plain {
                Shape::Lines
            } else {
                Shape::Documents
            })
        }
        Some(_) => {
            let header = start
                .split(|&byte| matches!(byte, b'\n' | b'\r'))
                .next()
                .unwrap_or_default();
            Ok(Shape::Delimited(csv::delimiter(header)))
        }
    }
}

fn read_file(found: &Found, options: &InputOptions) -> Result<Outcome> {
    let opened =
        File::open(&found.path).with_context(|| format!("{}: cannot be read", found.shown()))?;
    let mut from = BufReader::with_capacity(
        1 << 18,
        Hashed {
            inner: opened,
            hash: Sha256::new(),
        },
    );
    let first = from
        .fill_buf()
        .with_context(|| format!("{}: cannot be read", found.shown()))?;
    if first.starts_with(b"\x1f\x8b") {
        return read_compressed(found, options, from);
    }
    if first.starts_with(b"\xef\xbb\xbf") {
        from.consume(3);
    }
    let first = from.fill_buf()?;
    let shape = match shape(first) {
        Ok(shape) => shape,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    };
    let mut reading = Reading::new(found, options);
    match shape {
        Shape::Parquet => {
            std::io::copy(&mut from, &mut std::io::sink())
                .with_context(|| format!("{}: cannot be read", found.shown()))?;
            let file = || {
                File::open(&found.path)
                    .with_context(|| format!("{}: cannot be read", found.shown()))
            };
            reading.parquet(file()?, file()?)?;
        }
        Shape::Lines => reading.lines(&mut from)?,
        Shape::Documents => {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes)
                .with_context(|| format!("{}: cannot be read", found.shown()))?;
            reading.documents(&bytes)?;
        }
        Shape::Delimited(delimiter) => reading.delimited(&mut from, delimiter)?,
    }
    // What a reader left unread belongs to the file too.
    std::io::copy(&mut from, &mut std::io::sink())
        .with_context(|| format!("{}: cannot be read", found.shown()))?;
    Ok(reading.done("", from.into_inner().hash))
}

fn read_compressed(
    found: &Found,
    options: &InputOptions,
    mut from: BufReader<Hashed<File>>,
) -> Result<Outcome> {
    let mut bytes = Vec::new();
    let decoded = flate2::bufread::MultiGzDecoder::new(&mut from).read_to_end(&mut bytes);
    std::io::copy(&mut from, &mut std::io::sink())
        .with_context(|| format!("{}: cannot be read", found.shown()))?;
    let mut reading = Reading::new(found, options);
    if let Err(error) = decoded {
        reading.whole_file(Code::Compressed, &error.to_string());
        return Ok(reading.done("+gzip", from.into_inner().hash));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match shape(text) {
        Ok(Shape::Parquet) => {
            let bytes = Bytes::copy_from_slice(text);
            reading.parquet(bytes.clone(), bytes)?;
        }
        Ok(Shape::Lines) => reading.lines(text)?,
        Ok(Shape::Documents) => reading.documents(text)?,
        Ok(Shape::Delimited(delimiter)) => reading.delimited(text, delimiter)?,
        Err(reason) => return Ok(Outcome::Skipped(reason)),
    }
    Ok(reading.done("+gzip", from.into_inner().hash))
}

/// A file that is being read.
struct Reading<'a> {
    found: &'a Found,
    options: &'a InputOptions,
    format: &'static str,
    preset: Option<&'static Preset>,
    mapper: Option<Mapper>,
    /// Rejects from before the kind of record was known.
    early: Vec<Reject>,
    notes: Vec<String>,
    skipped: Option<String>,
}

impl<'a> Reading<'a> {
    fn new(found: &'a Found, options: &'a InputOptions) -> Reading<'a> {
        Reading {
            found,
            options,
            format: "",
            preset: None,
            mapper: None,
            early: Vec::new(),
            notes: Vec::new(),
            skipped: None,
        }
    }

    fn whole_file(&mut self, code: Code, what: &str) {
        self.mapper = None;
        self.early = vec![Reject::new(1, None, code, what)];
    }

    /// Chooses the preset for records with these paths. Without one the file is skipped.
    fn choose(&mut self, present: &BTreeSet<String>, keys: &[String]) -> Result<Option<Mapper>> {
        let chosen = match &self.options.preset {
            Some(name) => Some(find_preset(name)?),
            None => recognise(present)?,
        };
        let Some(preset) = chosen else {
            let shown: Vec<_> = keys
                .iter()
                .take(12)
                .map(|key| format!("{:?}", reject::quoted(key)))
                .collect();
            let more = if keys.len() > 12 {
                format!(" and {} more", keys.len() - 12)
            } else {
                String::new()
            };
            self.skipped = Some(format!(
                "no kind of run record that rundown knows\n       found {}{more}\n       name the preset with --preset, or leave the file out",
                shown.join(", ")
            ));
            return Ok(None);
        };
        self.preset = Some(preset);
        Ok(Some(Mapper::new(
            preset,
            &self.options.supplied,
            &self.found.shown(),
            &self.found.stem(),
        )))
    }

    fn parquet<R: ::parquet::file::reader::ChunkReader + 'static>(
        &mut self,
        look: R,
        read: R,
    ) -> Result<()> {
        self.format = "parquet";
        let present = match parquet::paths(look) {
            Ok(present) => present,
            Err(error) => {
                self.whole_file(Code::Parquet, &format!("{error:#}"));
                return Ok(());
            }
        };
        let keys: Vec<_> = present.iter().cloned().collect();
        let Some(mut mapper) = self.choose(&present, &keys)? else {
            return Ok(());
        };
        match parquet::read(read, &mut mapper) {
            Ok(()) => self.mapper = Some(mapper),
            // Rows read before the damage are not used: they may be damaged as well.
            Err(error) => self.whole_file(Code::Parquet, &format!("{error:#}")),
        }
        Ok(())
    }

    fn delimited(&mut self, mut from: impl BufRead + Send, delimiter: u8) -> Result<()> {
        self.format = "csv";
        let names = csv::header(from.fill_buf()?, delimiter)?;
        let present = names
            .iter()
            .map(|name| crate::mapping::values::squash_key(name))
            .collect();
        let Some(mut mapper) = self.choose(&present, &names)? else {
            return Ok(());
        };
        let repeated = csv::read(from, delimiter, &mut mapper)
            .with_context(|| format!("{}: cannot be read", self.found.shown()))?;
        if repeated > 0 {
            self.notes.push(format!(
                "the header is repeated {repeated} times inside the file"
            ));
        }
        self.mapper = Some(mapper);
        Ok(())
    }

    fn lines(&mut self, mut from: impl BufRead) -> Result<()> {
        self.format = "ndjson";
        let first = from.fill_buf()?;
        let mut present = BTreeSet::new();
        // The last line at hand may be cut, so it is not looked at.
        let whole = &first[..memchr::memrchr(b'\n', first).unwrap_or(first.len())];
        for line in whole.split(|&byte| byte == b'\n').take(json::LOOKED_AT) {
            if let Ok(line) = std::str::from_utf8(line) {
                json::add_paths(line, &mut present);
            }
        }
        let keys: Vec<_> = present
            .iter()
            .filter(|path| !path.contains('.'))
            .cloned()
            .collect();
        let Some(mut mapper) = self.choose(&present, &keys)? else {
            return Ok(());
        };
        let slots = mapper.slots.clone();
        let read = json::Extractor::new(&slots).read_lines(from, &mut mapper);
        read.with_context(|| format!("{}: cannot be read", self.found.shown()))?;
        self.mapper = Some(mapper);
        Ok(())
    }

    fn documents(&mut self, bytes: &[u8]) -> Result<()> {
        self.format = "json";
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let line =
                    memchr::memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count() as u64 + 1;
                self.early.push(Reject::new(
                    line,
                    None,
                    Code::Encoding,
                    "bytes that are not UTF-8",
                ));
                return Ok(());
            }
        };
        let found = json::documents(text);
        if found.next_page {
            self.notes.push("the answer has a nextLink: there is a further page, so the export may be incomplete".to_owned());
        }
        self.early = found.rejects;
        let mut present = BTreeSet::new();
        for item in found.items.iter().take(json::LOOKED_AT) {
            json::add_paths(item.text, &mut present);
        }
        if found.items.is_empty() {
            return Ok(());
        }
        if present.contains("schemaversion") && present.contains("sections") {
            self.skipped = Some("this is a report of rundown, not an export".to_owned());
            return Ok(());
        }
        let keys: Vec<_> = present
            .iter()
            .filter(|path| !path.contains('.'))
            .cloned()
            .collect();
        let Some(mut mapper) = self.choose(&present, &keys)? else {
            return Ok(());
        };
        let slots = mapper.slots.clone();
        json::Extractor::new(&slots).read(&found.items, &mut mapper);
        self.mapper = Some(mapper);
        Ok(())
    }

    fn done(self, compression: &str, hash: Sha256) -> Outcome {
        if let Some(reason) = self.skipped
            && self.early.is_empty()
        {
            return Outcome::Skipped(reason);
        }
        let (records, mut rejects, mut tally) = match self.mapper {
            Some(mapper) => (mapper.records, mapper.rejects, mapper.tally),
            None => {
                let mut records = Records::default();
                records.begin_file();
                (records, Rejects::default(), Tally::default())
            }
        };
        for reject in self.early {
            tally.read += 1;
            rejects.push(reject);
        }
        let file = ReadFile {
            path: self.found.shown(),
            format: format!("{}{compression}", self.format),
            preset: self.preset.map(|preset| preset.name.clone()),
            sha256: hex(hash),
            tally,
            rejects,
            notes: self.notes,
        };
        Outcome::Read(Box::new(file), Box::new(records))
    }
}
