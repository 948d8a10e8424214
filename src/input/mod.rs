//! From files to records: finds files, finds out what they hold, and reads them.
//!
//! Nothing is guessed in silence and nothing is lost in silence: every file ends up among the read or the
//! skipped ones, and every record among the records or the rejects.

pub mod csv;
pub mod decode;
pub mod discover;
pub mod json;
mod kind;
pub mod layout;
pub mod limits;
mod metered;
pub mod parquet;
pub mod probe;

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::errors::Privacy;
use crate::mapping::catalogue::{Catalogue, Choice, no_runs};
use crate::mapping::evidence::{Book, Column, Evidence};
use crate::mapping::mapper::{Mapper, Store, Supplied, Tally};
use crate::mapping::plan::Header;
use crate::mapping::preset::Preset;
pub use crate::mapping::reject;
use crate::mapping::survey::Survey;
use crate::meter::{Held, Meter, What};
use crate::render::format;
use crate::runs::records::Records;
use crate::threads;
use crate::trust::Trust;
use decode::{Compression, Encoding};
use discover::Found;
use json::RecordPath;
use kind::{Shape, Wrong, shape};
use layout::{Layout, layout};
use metered::{Checked, Chunks};
use reject::{Code, Reject, Rejects, Start};

/// How files are read.
#[derive(Clone, Debug, Default)]
pub struct InputOptions {
    /// The presets among which one is chosen for each file.
    pub catalogue: Catalogue,
    /// What the user adds.
    pub supplied: Supplied,
    /// `--encoding`: of texts without a byte order mark.
    pub encoding: Option<Encoding>,
    /// Keep what was found for each field.
    pub survey: bool,
    /// Keep every reject, not the first ones of each file.
    pub all_rejects: bool,
    /// What may be left out.
    pub trust: Trust,
    /// Counts what is read and held, and says what may be held.
    pub meter: Arc<Meter>,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct ReadFile {
    /// Its path for a reader: with `/`, and secrets in it masked.
    pub path: String,
    /// Its path as it was found.
    pub place: PathBuf,
    /// What it holds: `csv`, `json`, `ndjson`, `parquet`, with `+gzip` or `+zstd` where compressed.
    pub format: String,
    /// How a text is written: its encoding and its delimiter, where they are not the usual ones.
    pub dialect: Vec<String>,
    /// The preset by which it was read; `None` when it has no record.
    pub preset: Option<Arc<Preset>>,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// What was counted.
    pub tally: Tally,
    /// What was set aside.
    pub rejects: Rejects,
    /// What a reader should know about it.
    pub notes: Vec<String>,
    /// Why its records may not be all there are.
    pub incomplete: Vec<Incomplete>,
    /// What was found for each field, if that was asked for.
    pub survey: Option<Survey>,
}

impl ReadFile {
    /// Hides personal data in all that is told of the file.
    pub(crate) fn hide(&mut self, privacy: &Privacy) {
        if privacy.is_off() {
            return;
        }
        privacy.hide_in(&mut self.path);
        for note in &mut self.notes {
            privacy.hide_in(note);
        }
        self.rejects.hide(privacy);
        self.tally.hide(privacy);
        if let Some(survey) = &mut self.survey {
            survey.hide(privacy);
        }
    }
}

/// Why the records of a file may not be all there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incomplete {
    /// It holds a page of a list, and no file of the call holds the last one.
    MissesPages,
    /// It grew while it was read.
    Grew,
}

impl Incomplete {
    /// As a fragment of a sentence.
    pub fn text(self) -> &'static str {
        match self {
            Incomplete::MissesPages => {
                "the answer has a nextLink, and its last page is not here: the export may be incomplete"
            }
            Incomplete::Grew => {
                "the file became longer while it was read; what was added may be missing"
            }
        }
    }
}

/// A file that was found but not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its path.
    pub path: String,
    /// Why: what it is, and what helps, each in a line.
    pub reason: String,
    /// The stable code of the reason; none for a copy of a file that was read, and for a link without a file.
    pub code: Option<Code>,
    /// It is known to hold no runs and commonly lies beside exports.
    pub harmless: bool,
    /// The user named it, so it should have been usable; an empty or repeated file is good.
    pub unexpected: bool,
}

impl Skipped {
    /// Hides personal data in all that is told of the file.
    pub(crate) fn hide(&mut self, privacy: &Privacy) {
        privacy.hide_in(&mut self.path);
        privacy.hide_in(&mut self.reason);
    }

    /// True for a file that may have held runs.
    pub fn is_missed(&self) -> bool {
        self.code.is_some() && !self.harmless
    }

    /// True for a file that shows that an export failed, or must be saved in another way.
    pub fn is_alarming(&self) -> bool {
        self.code == Some(Code::FileKind) && !self.harmless
    }

    /// As [`Skipped::told`], with every line of the reason.
    pub fn told_in_full(&self) -> String {
        let told = std::iter::once(self.told());
        let more = self.reason.lines().skip(1).map(str::to_owned);
        told.chain(more).collect::<Vec<_>>().join("\n")
    }

    /// Its path, the first line of the reason, and the code.
    pub fn told(&self) -> String {
        let reason = self.reason.lines().next().unwrap_or_default();
        match self.code {
            Some(code) => format!("{}: {reason} ({})", self.path, code.key()),
            None => format!("{}: {reason}", self.path),
        }
    }
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
    /// Counts the records as long as they are worked on.
    pub(crate) held: Held,
}

/// Passes bytes on, computes their hash, and counts them.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
    meter: Arc<Meter>,
    counts: bool,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.meter.check().map_err(std::io::Error::other)?;
        let count = self.inner.read(into)?;
        self.hash.update(&into[..count]);
        if self.counts {
            self.meter.read(count as u64);
        }
        Ok(count)
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What is the same for all files, or was for the one before.
struct Kept {
    /// Where JSON documents hold records.
    paths: Vec<RecordPath>,
    /// Reads JSON by this preset.
    extractor: Option<(Arc<Preset>, json::Extractor)>,
    /// The paths of records, and their preset.
    chosen: Option<(Arc<BTreeSet<String>>, Arc<Preset>)>,
    /// The text up to the rows, and what it told.
    header: Option<(Vec<u8>, Arc<Layout>)>,
    /// Splits small delimited texts.
    small: csv::Small,
}

impl Kept {
    fn new(options: &InputOptions) -> Result<Kept> {
        let (paths, only) = options.catalogue.record_paths()?;
        let mut paths: Vec<_> = paths.into_iter().map(RecordPath::new).collect();
        if !only {
            paths.extend(RecordPath::usual());
        }
        Ok(Kept {
            paths,
            extractor: None,
            chosen: None,
            header: None,
            small: csv::Small::default(),
        })
    }

    /// The layout of a delimited text that begins like this.
    fn layout(&mut self, first: &[u8], catalogue: &Catalogue) -> Result<Arc<Layout>> {
        if let Some((header, layout)) = &self.header
            && first.starts_with(header)
        {
            return Ok(Arc::clone(layout));
        }
        let layout = Arc::new(layout(first, |names| catalogue.header_score(names))?);
        let below = memchr::memchr(b'\n', &first[layout.skip..]).map(|end| layout.skip + end + 1);
        // A quoted name may go on in the next line.
        let header = below
            .map(|end| &first[..end])
            .filter(|header| !header.contains(&b'"'));
        self.header = header.map(|header| (header.to_vec(), Arc::clone(&layout)));
        Ok(layout)
    }

    /// The preset for records with these paths.
    fn choose(&mut self, present: &Arc<BTreeSet<String>>, catalogue: &Catalogue) -> Result<Choice> {
        if let Some((known, preset)) = &self.chosen
            && known == present
        {
            return Ok(Choice::Preset(Arc::clone(preset)));
        }
        let choice = catalogue.choose(present)?;
        if let Choice::Preset(preset) = &choice {
            self.chosen = Some((Arc::clone(present), Arc::clone(preset)));
        }
        Ok(choice)
    }

    /// Reads JSON for this mapper.
    fn extractor(&mut self, preset: &Arc<Preset>, mapper: &Mapper) -> &mut json::Extractor {
        let known = self.extractor.take();
        let known = known.filter(|(known, _)| Arc::ptr_eq(known, preset));
        let (_, extractor) = self.extractor.insert(
            known.unwrap_or_else(|| (Arc::clone(preset), json::Extractor::for_mapper(mapper))),
        );
        extractor
    }
}

/// A file that was read, and what its columns showed.
struct Taken {
    file: ReadFile,
    /// The list of which it holds a page, and whether that is the last one.
    page: Option<(String, bool)>,
    shown: Vec<(Column, String, Evidence)>,
}

enum Outcome {
    Read(Box<Taken>),
    Skipped(Wrong),
    LeadsNowhere,
}

/// Reads every file of the inputs.
///
/// Fails when an input does not exist or a file cannot be read at all.
pub fn load(inputs: &[PathBuf], options: &InputOptions) -> Result<Loaded> {
    let found = discover::discover(inputs)?;
    let bytes = found
        .iter()
        .map(|file| file.length)
        .fold(0, u64::saturating_add);
    options.meter.begin_reading(bytes);
    let read = read_all(&found, options, &Book::default())?;
    let mut book = Book::default();
    for (column, _, evidence) in read.shown() {
        book.add(column.clone(), *evidence);
    }
    // Values that were open when their file was read may be settled by now.
    let changed = read
        .shown()
        .any(|(column, _, evidence)| book.changes(column, *evidence));
    let read = if changed {
        drop(read);
        options.meter.begin_reading(bytes);
        read_all(&found, options, &book)?
    } else {
        read
    };
    Ok(read.finish(&book))
}

/// Most threads that read files. Each has some open.
const THREADS: usize = 8;

/// Reads the files, in parts side by side. What comes out does not depend on the number of parts.
fn read_all(found: &[Found], options: &InputOptions, book: &Book) -> Result<Loading> {
    let parts = parts(found, threads::share().min(THREADS));
    let mut all = Loading::default();
    for part in threads::each(parts, |part| Loading::of(part, options, book)) {
        all.append(part?);
    }
    all.leave_out_copies();
    Ok(all)
}

/// What it costs to open a file, in bytes that could be read meanwhile.
const OPENING: u64 = 1 << 13;

/// Cuts the files into parts, in order, that take about as long to read.
fn parts(found: &[Found], count: usize) -> Vec<&[Found]> {
    let cost = |file: &Found| file.length.saturating_add(OPENING);
    let all = found.iter().map(cost).fold(0, u64::saturating_add);
    let each = all.div_ceil(count.max(1) as u64).max(1);
    let mut sum = 0_u64;
    // A file belongs to the part in which its middle lies.
    let keys: Vec<u64> = found
        .iter()
        .map(|file| {
            let middle = sum.saturating_add(cost(file) / 2);
            sum = sum.saturating_add(cost(file));
            middle / each
        })
        .collect();
    let mut rest = found;
    let mut parts = Vec::new();
    for part in keys.chunk_by(|a, b| a == b) {
        let (files, more) = rest.split_at(part.len());
        parts.push(files);
        rest = more;
    }
    parts
}

/// Files as they are taken up, in order of path.
#[derive(Default)]
struct Loading {
    store: Store,
    files: Vec<Taken>,
    skipped: Vec<Skipped>,
}

impl Loading {
    fn of(found: &[Found], options: &InputOptions, book: &Book) -> Result<Loading> {
        let mut loading = Loading::default();
        loading.store.held = Held::new(&options.meter, What::Records);
        let mut kept = Kept::new(options)?;
        for file in found {
            loading.read(file, options, book, &mut kept)?;
        }
        Ok(loading)
    }

    fn read(
        &mut self,
        found: &Found,
        options: &InputOptions,
        book: &Book,
        kept: &mut Kept,
    ) -> Result<()> {
        let outcome = if found.leads_nowhere {
            Outcome::LeadsNowhere
        } else {
            let store = std::mem::take(&mut self.store);
            let (outcome, store) = read_file(found, options, book, store, kept)?;
            self.store = store;
            outcome
        };
        let path = || options.supplied.masker.mask(&found.shown()).into_owned();
        match outcome {
            Outcome::Skipped(wrong) => self.skipped.push(Skipped {
                path: path(),
                reason: wrong.reason,
                code: Some(wrong.code),
                harmless: wrong.harmless,
                unexpected: found.named && wrong.code != Code::FileEmpty,
            }),
            Outcome::LeadsNowhere => self.skipped.push(Skipped {
                path: path(),
                reason: "a link that leads to no file".to_owned(),
                code: None,
                harmless: false,
                unexpected: false,
            }),
            Outcome::Read(taken) => self.files.push(*taken),
        }
        Ok(())
    }

    /// What the columns of the files showed.
    fn shown(&self) -> impl Iterator<Item = &(Column, String, Evidence)> {
        self.files.iter().flat_map(|taken| &taken.shown)
    }

    /// Adds the files that follow these.
    fn append(&mut self, next: Loading) {
        if self.files.is_empty() {
            self.store = next.store;
        } else {
            self.store.records.append(next.store.records);
            self.store.held.append(next.store.held);
        }
        self.files.extend(next.files);
        self.skipped.extend(next.skipped);
    }

    /// Leaves out files with the same bytes as one before: under another name they would count twice where the name
    /// says what was run.
    fn leave_out_copies(&mut self) {
        let mut known = HashMap::new();
        let mut copies = Vec::new();
        let keep: Vec<bool> = self
            .files
            .iter()
            .map(|Taken { file, .. }| {
                if file.tally.read == 0 {
                    return true;
                }
                let first = match known.entry(&file.sha256) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(new) => {
                        new.insert(&file.path);
                        return true;
                    }
                };
                copies.push(Skipped {
                    path: file.path.clone(),
                    reason: format!("the same bytes as {first}, which was read"),
                    code: None,
                    harmless: true,
                    unexpected: false,
                });
                false
            })
            .collect();
        if copies.is_empty() {
            return;
        }
        self.store.records.retain_files(&keep);
        let mut kept = keep.iter();
        self.files.retain(|_| kept.next().is_none_or(|keep| *keep));
        self.skipped.append(&mut copies);
        self.skipped
            .sort_by(|a, b| Path::new(&a.path).cmp(Path::new(&b.path)));
    }

    fn finish(self, book: &Book) -> Loaded {
        // The pages of a list may stand in files of their own.
        let complete: BTreeSet<String> = self
            .files
            .iter()
            .filter_map(|taken| taken.page.clone())
            .filter(|(_, is_last)| *is_last)
            .map(|(list, _)| list)
            .collect();
        let noted = |mut taken: Taken| {
            if taken
                .page
                .is_some_and(|(list, _)| !complete.contains(&list))
            {
                taken.file.incomplete.push(Incomplete::MissesPages);
            }
            let incomplete = taken.file.incomplete.iter();
            let told = incomplete.map(|why| why.text().to_owned());
            taken.file.notes.extend(told);
            for (column, name, evidence) in &taken.shown {
                taken.file.notes.extend(book.note(column, *evidence, name));
            }
            taken.file
        };
        Loaded {
            records: self.store.records,
            held: self.store.held,
            files: self.files.into_iter().map(noted).collect(),
            skipped: self.skipped,
        }
    }
}

/// How much of a text is looked at before it is read.
const PEEKED: usize = 1 << 18;

/// Reads the beginning of a text, so that it can be looked at.
fn peek(from: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut first = Vec::new();
    from.take(PEEKED as u64).read_to_end(&mut first)?;
    Ok(first)
}

/// What helps where a text of JSON documents is too long.
const TOO_MANY_DOCUMENTS: &str = "JSON that is not one record a line is held whole, and may have 1 GiB; convert it to NDJSON, or split it";

/// Reads the rest of a text of which this is the beginning; nothing when it is longer than this.
fn whole(first: Vec<u8>, rest: &mut impl Read, most: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut whole = first;
    let room = most.saturating_sub(whole.len() as u64);
    // One byte more tells a text that is too long.
    rest.take(room.saturating_add(1)).read_to_end(&mut whole)?;
    Ok((whole.len() as u64 <= most).then_some(whole))
}

/// Reads a file; its records are added to those of the store.
fn read_file(
    found: &Found,
    options: &InputOptions,
    book: &Book,
    store: Store,
    kept: &mut Kept,
) -> Result<(Outcome, Store)> {
    let opened = found.open()?;
    let buffer = usize::try_from(found.length).map_or(PEEKED, |length| length.clamp(1, PEEKED));
    let mut raw = BufReader::with_capacity(
        buffer,
        Hashed {
            inner: opened,
            hash: Sha256::new(),
            meter: Arc::clone(&options.meter),
            counts: true,
        },
    );
    let mut reading = Reading::new(found, options, book, store, kept);
    let read = reading.file(&mut raw);
    // Whatever the reader has made of it.
    let allowed = options.meter.check();
    allowed.with_context(|| format!("{}: not read to its end", found.shown()))?;
    raw.get_mut().counts = !reading.counted;
    if let Err(error) = read {
        match error.chain().find_map(decode::damage) {
            Some(damage) => reading.whole_file(Code::Compressed, &damage),
            None => {
                return Err(error).with_context(|| format!("{}: cannot be read", found.shown()));
            }
        }
    }
    // What a reader left unread belongs to the file too.
    let unreadable = || format!("{}: cannot be read", found.shown());
    std::io::copy(&mut raw, &mut std::io::sink()).with_context(unreadable)?;
    let Hashed { inner, hash, .. } = raw.into_inner();
    let now = inner.metadata().with_context(unreadable)?.len();
    if now < found.length {
        let what = format!("{now} bytes, {} before", found.length);
        reading.whole_file(Code::FileChanged, &what);
    } else if now > found.length {
        reading.incomplete.push(Incomplete::Grew);
    }
    Ok(reading.done(hash))
}

/// A file that is being read.
struct Reading<'a> {
    found: &'a Found,
    options: &'a InputOptions,
    book: &'a Book,
    format: &'static str,
    compression: Compression,
    dialect: Vec<String>,
    preset: Option<Arc<Preset>>,
    kept: &'a mut Kept,
    /// The records so far, while no mapper adds to them.
    store: Store,
    /// Records of the files before.
    before: usize,
    mapper: Option<Mapper>,
    /// Rejects from before the kind of record was known.
    early: Rejects,
    notes: Vec<String>,
    incomplete: Vec<Incomplete>,
    skipped: Option<Wrong>,
    /// All its bytes are counted by now.
    counted: bool,
    page: Option<(String, bool)>,
    /// The paths that the records have.
    present: Arc<BTreeSet<String>>,
}

impl<'a> Reading<'a> {
    fn new(
        found: &'a Found,
        options: &'a InputOptions,
        book: &'a Book,
        mut store: Store,
        kept: &'a mut Kept,
    ) -> Reading<'a> {
        store.records.begin_file();
        Reading {
            before: store.records.len(),
            store,
            kept,
            found,
            options,
            book,
            format: "",
            compression: Compression::None,
            dialect: Vec::new(),
            preset: None,
            mapper: None,
            early: Rejects::keeping(options.all_rejects, options.supplied.masker.clone()),
            notes: Vec::new(),
            incomplete: Vec::new(),
            skipped: None,
            counted: false,
            page: None,
            present: Arc::default(),
        }
    }

    fn file(&mut self, raw: &mut BufReader<Hashed<File>>) -> Result<()> {
        let meter = &self.options.meter;
        let (compression, mut bytes) = decode::decompress(raw, self.found.length)?;
        self.compression = compression;
        if bytes.fill_buf()?.starts_with(b"PAR1") {
            if compression == Compression::None {
                let file = parquet::SharedFile::new(self.found.open()?);
                let chunks = Chunks::new(file, meter);
                self.parquet(chunks.clone())?;
                chunks.count_rest(self.found.length);
                self.counted = true;
                return Ok(());
            }
            let mut whole = Vec::new();
            let mut bytes = Checked::keeping(bytes, meter);
            bytes.read_to_end(&mut whole)?;
            let _held = bytes.into_held();
            return self.parquet(Bytes::from(whole));
        }
        if compression != Compression::None {
            bytes = Box::new(Checked::passing(bytes, meter));
        }
        let mut text = match decode::text(bytes, self.options.encoding)? {
            Ok(text) => text,
            Err(reason) => {
                self.skipped = Some(Wrong::new(Code::FileKind, reason));
                return Ok(());
            }
        };
        if text.encoding != "utf-8" {
            self.dialect.push(text.encoding.to_owned());
        }
        self.notes.append(&mut text.notes);
        self.early.text_at = text.before;
        let first = peek(&mut text.from)?;
        let shape = match shape(&first, &self.kept.paths) {
            Ok(shape) => shape,
            Err(wrong) => {
                self.skipped = Some(wrong);
                return Ok(());
            }
        };
        match shape {
            Shape::Lines => self.lines(&first, &mut text.from),
            Shape::Documents => self.whole_documents(first, text.from),
            Shape::Delimited => self.delimited(&first, &mut text.from),
        }
    }

    /// Reads a text that is held whole.
    fn whole_documents(&mut self, first: Vec<u8>, rest: impl Read) -> Result<()> {
        let mut rest = Checked::keeping(rest, &self.options.meter);
        let Some(whole) = whole(first, &mut rest, limits::MAX_DOCUMENTS)? else {
            self.format = "json";
            let what = format!("more than {} bytes", limits::MAX_DOCUMENTS);
            let masker = &self.options.supplied.masker;
            let reject = Reject::new(1, None, Code::TooLong, &what, masker);
            self.early.push(reject.hint(TOO_MANY_DOCUMENTS));
            return Ok(());
        };
        let _held = rest.into_held();
        self.documents(&whole)
    }

    /// What the pages of one list have in common: the fields in their paths, else the path without numbers.
    fn list(&self) -> String {
        let path = self.found.shown();
        let template = self.options.supplied.template.as_ref();
        let named = template
            .map(|template| template.read(&path))
            .unwrap_or_default();
        if named.is_empty() {
            path.replace(|c: char| c.is_ascii_digit(), "")
        } else {
            format!("{named:?}")
        }
    }

    fn whole_file(&mut self, code: Code, what: &str) {
        if let Some(mapper) = self.mapper.take() {
            self.store = mapper.into_store();
        }
        self.store.records.forget_rows(self.before);
        let masker = &self.options.supplied.masker;
        self.early.push(Reject::new(1, None, code, what, masker));
    }

    /// Chooses the preset for records with these paths, and the mapper for it. Without one the file is skipped. `keys`
    /// are the columns or top-level keys as they are written.
    fn choose(
        &mut self,
        present: Arc<BTreeSet<String>>,
        keys: &[String],
        header: Header<'_>,
    ) -> Result<()> {
        self.present = present;
        let preset = match self.kept.choose(&self.present, &self.options.catalogue)? {
            Choice::Preset(preset) => preset,
            Choice::Tie(one, other) => {
                let reason = format!(
                    "these records may be {one} or {other}\n       say which with --preset"
                );
                self.skipped = Some(Wrong::new(Code::FileUnknown, reason));
                return Ok(());
            }
            Choice::Unknown => {
                self.skipped = Some(match no_runs(&self.present)? {
                    Some(kind) => Wrong {
                        harmless: kind.harmless,
                        ..Wrong::new(Code::FileKind, kind.what)
                    },
                    None => Wrong::new(
                        Code::FileUnknown,
                        kind::unknown(
                            &self.options.catalogue,
                            &self.present,
                            keys,
                            &self.options.supplied.masker,
                        ),
                    ),
                });
                return Ok(());
            }
        };
        let mut mapper = Mapper::new(
            &preset,
            &self.options.supplied,
            &self.found.shown(),
            &self.found.stem(),
            header,
            self.book,
            std::mem::take(&mut self.store),
        );
        mapper.rejects = Rejects {
            text_at: self.early.text_at,
            ..Rejects::keeping(
                self.options.all_rejects,
                self.options.supplied.masker.clone(),
            )
        };
        if self.options.survey {
            mapper.survey = Some(Box::new(Survey {
                keys: keys
                    .iter()
                    .map(|key| reject::quoted(key, mapper.masker()))
                    .collect(),
                ..Survey::default()
            }));
        }
        self.preset = Some(preset);
        self.mapper = Some(mapper);
        Ok(())
    }

    /// True when the paths of the first records tell their kind, so that no more need be looked at.
    fn is_enough(&self, seen: usize, present: &BTreeSet<String>) -> Result<bool> {
        if !seen.is_power_of_two() {
            return Ok(false);
        }
        let choice = self.options.catalogue.choose(present)?;
        Ok(matches!(choice, Choice::Preset(_)))
    }

    fn parquet<R>(&mut self, file: R) -> Result<()>
    where
        R: ::parquet::file::reader::ChunkReader + Clone + 'static,
    {
        self.format = "parquet";
        let present = match parquet::paths(file.clone()) {
            Ok(present) => present,
            Err(error) => {
                self.whole_file(Code::Parquet, &format!("{error:#}"));
                return Ok(());
            }
        };
        let keys: Vec<_> = present.iter().cloned().collect();
        self.choose(present.into(), &keys, Header::Own)?;
        let Some(mapper) = &mut self.mapper else {
            return Ok(());
        };
        if let Err(error) = parquet::read(file, mapper) {
            // Rows read before the damage are not used: they may be damaged as well.
            self.whole_file(Code::Parquet, &format!("{error:#}"));
        }
        Ok(())
    }

    fn delimited(&mut self, first: &[u8], rest: &mut (dyn BufRead + Send)) -> Result<()> {
        self.format = "csv";
        let layout = self.kept.layout(first, &self.options.catalogue)?;
        self.dialect
            .extend(layout.delimiter_name().map(str::to_owned));
        self.notes.extend(layout.note());
        let present = Arc::clone(&layout.present);
        self.choose(present, &layout.names, Header::Names(&layout.names))?;
        let Some(mapper) = &mut self.mapper else {
            return Ok(());
        };
        let all = first.len() < PEEKED;
        let small = &mut self.kept.small;
        let from = &first[layout.skip..];
        csv::read(from, (!all).then_some(rest), &layout, small, mapper)?;
        let headers = mapper.tally.repeated_headers;
        if headers > 0 {
            self.notes.push(format!(
                "the header is repeated {} inside the file",
                format::plural(
                    usize::try_from(headers).unwrap_or(usize::MAX),
                    "time",
                    "times"
                )
            ));
        }
        Ok(())
    }

    fn lines(&mut self, first: &[u8], rest: &mut (dyn BufRead + Send)) -> Result<()> {
        self.format = "ndjson";
        let mut present = BTreeSet::new();
        // The last line at hand may be cut, so it is not looked at.
        let whole = &first[..memchr::memrchr(b'\n', first).unwrap_or(first.len())];
        let looked_at = whole.split(|&byte| byte == b'\n').take(json::LOOKED_AT);
        for (seen, line) in looked_at.enumerate() {
            if let Ok(line) = std::str::from_utf8(line) {
                json::add_paths(line, &mut present);
            }
            if self.is_enough(seen + 1, &present)? {
                break;
            }
        }
        let keys = top_keys(&present);
        self.choose(present.into(), &keys, Header::Free)?;
        let (Some(preset), Some(mapper)) = (&self.preset, &mut self.mapper) else {
            return Ok(());
        };
        let at_hand = first.len() < PEEKED;
        let from = Cursor::new(first).chain(rest);
        let extractor = self.kept.extractor(preset, mapper);
        extractor.read_lines(from, at_hand, mapper)
    }

    fn documents(&mut self, bytes: &[u8]) -> Result<()> {
        self.format = "json";
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = &bytes[..error.valid_up_to()];
                let line = memchr::memchr_iter(b'\n', valid).count() as u64 + 1;
                let start = Start::new(line, valid.len() as u64);
                let what = "bytes that are not UTF-8";
                let masker = &self.options.supplied.masker;
                self.early
                    .push(Reject::new(start, None, Code::Encoding, what, masker));
                return Ok(());
            }
        };
        let early = std::mem::take(&mut self.early);
        let mut found = json::documents(text, &self.kept.paths, early);
        if found.next_page || found.last_page {
            self.page = Some((self.list(), found.last_page));
        }
        self.early = std::mem::take(&mut found.rejects);
        let mut present = BTreeSet::new();
        let mut around = None;
        for (seen, item) in found.items.iter().take(json::LOOKED_AT).enumerate() {
            if self.is_enough(seen, &present)? {
                break;
            }
            json::add_paths(item.text, &mut present);
            let mut at = item.around.filter(|_| item.around != around);
            around = item.around;
            while let Some(object) = at.and_then(|at| found.objects.get(at)) {
                json::add_outer_paths(object.text, &mut present);
                at = object.outer;
            }
        }
        if found.items.is_empty() {
            return Ok(());
        }
        let keys = top_keys(&present);
        self.choose(present.into(), &keys, Header::Free)?;
        let (Some(preset), Some(mapper)) = (&self.preset, &mut self.mapper) else {
            return Ok(());
        };
        self.kept.extractor(preset, mapper).read(&found, mapper);
        Ok(())
    }

    fn done(mut self, hash: Sha256) -> (Outcome, Store) {
        if let Some(wrong) = self.skipped
            && self.early.total == 0
        {
            self.store.records.forget_file();
            return (Outcome::Skipped(wrong), self.store);
        }
        let (mut shown, mut survey) = (Vec::new(), None);
        let (mut rejects, mut tally) = (
            Rejects::keeping(
                self.options.all_rejects,
                self.options.supplied.masker.clone(),
            ),
            Tally::default(),
        );
        if let Some(mut mapper) = self.mapper {
            shown = mapper.evidence();
            survey = mapper.survey.take().map(|survey| *survey);
            rejects = std::mem::take(&mut mapper.rejects);
            tally = std::mem::take(&mut mapper.tally);
            self.store = mapper.into_store();
        }
        tally.read += self.early.total;
        rejects.append(self.early);
        if tally.no_runs > 0 {
            self.notes.push(format!(
                "{} rows name a scan without a run; they are not records",
                tally.no_runs
            ));
        }
        if self.store.records.len() == self.before
            && rejects.total > 0
            && let Some(hint) = self
                .preset
                .as_ref()
                .and_then(|preset| preset.explanation(&self.present))
        {
            rejects.explain(Code::CsvShifted, hint);
        }
        let file = ReadFile {
            path: self
                .options
                .supplied
                .masker
                .mask(&self.found.shown())
                .into_owned(),
            place: self.found.path.clone(),
            format: format!("{}{}", self.format, self.compression.suffix()),
            dialect: self.dialect,
            preset: self.preset,
            sha256: hex(hash),
            tally,
            rejects,
            notes: self.notes,
            incomplete: self.incomplete,
            survey,
        };
        (
            Outcome::Read(Box::new(Taken {
                file,
                page: self.page,
                shown,
            })),
            self.store,
        )
    }
}

/// The keys of records themselves, not those inside them or around them.
fn top_keys(present: &BTreeSet<String>) -> Vec<String> {
    present
        .iter()
        .filter(|path| !path.contains('.'))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_in_order_and_leave_nothing_out() {
        let folder = tempfile::tempdir().unwrap();
        for (at, length) in [0, 900_000, 10, 20, 30, 100_000].into_iter().enumerate() {
            std::fs::write(folder.path().join(format!("{at}.csv")), vec![b'x'; length]).unwrap();
        }
        let found = discover::discover(&[folder.path().to_owned()]).unwrap();
        for count in 1..10 {
            let parts = parts(&found, count);
            assert!(parts.len() <= count);
            let names = |files: &[Found]| files.iter().map(Found::stem).collect::<String>();
            let all: String = parts.iter().map(|part| names(part)).collect();
            assert_eq!(all, "012345", "{count}");
        }
        let two: Vec<_> = parts(&found, 2).iter().map(|part| part.len()).collect();
        assert_eq!(two, [2, 4]);
        assert!(parts(&[], 3).is_empty());
    }

    #[test]
    fn a_text_is_held_whole_up_to_a_limit() {
        for (length, most, is_read) in [(0, 0, true), (5, 4, false), (5, 5, true), (5, 6, true)] {
            let text = &b"12345"[..length];
            for cut in 0..=length {
                let read = whole(text[..cut].to_vec(), &mut &text[cut..], most).unwrap();
                assert_eq!(
                    read,
                    is_read.then(|| text.to_vec()),
                    "{length} {cut} {most}"
                );
            }
        }
    }

    #[test]
    fn a_file_that_became_shorter_is_not_used_and_one_that_grew_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let text = "scan,status,started_at\na,failed,2026-11-01\nb,failed,2026-11-02\n";
        let (short, long) = (
            &text[..text.len() - 20],
            format!("{text}c,failed,2026-11-03\n"),
        );
        for (now, used, rejected, note) in [(short, 0, 1, 0), (text, 2, 0, 0), (&long, 3, 0, 1)] {
            std::fs::write(&path, text).unwrap();
            let found = discover::discover(std::slice::from_ref(&path)).unwrap();
            std::fs::write(&path, now).unwrap();
            let options = InputOptions::default();
            let read = read_all(&found, &options, &Book::default()).unwrap();
            let loaded = read.finish(&Book::default());
            let file = &loaded.files[0];
            assert_eq!(loaded.records.len(), used, "{now}");
            assert_eq!(file.rejects.total, rejected, "{now}");
            let changed = file.rejects.by_code.get(&Code::FileChanged);
            assert_eq!(changed.copied().unwrap_or_default(), rejected, "{now}");
            assert_eq!(file.notes.len(), note, "{now}");
        }
    }
}
