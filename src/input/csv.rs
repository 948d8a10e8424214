//! Delimited text, by the `csv` crate, with line numbers that are right.

mod plain;

use std::borrow::Cow;
use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

use anyhow::Result;
use csv::{ByteRecord, Position, ReaderBuilder};

use super::layout::Layout;
use super::limits::MAX_RECORD;
use super::reject::{Code, Reject, Start};
use crate::errors::{self, Masker};
use crate::mapping::crew::{self, Feed};
use crate::mapping::mapper::Mapper;
use crate::mapping::plan::Heading;
use crate::mapping::rows::{Cells, Rows as Records, Span};
use crate::mapping::values::{squash, squash_key};
use crate::render::format;
use crate::threads;

/// Passes bytes on and keeps those that the `csv` reader has taken but not yet delivered, so that lines can
/// be counted, a record can be seen as it stands in the file, and reading can begin again after a broken one.
/// (The crate's own line numbers are those before skipped blank lines.)
struct Tracked<R> {
    inner: R,
    kept: Vec<u8>,
    /// Position of `kept[0]` in the text.
    base: u64,
    /// How much of `kept` has been passed on.
    passed: usize,
    /// So much of what is kept is passed on at once: little after going back, since it is likely to happen again.
    step: usize,
    /// Where the record that is being read begins.
    record: u64,
    /// The record is longer than the limit.
    stopped: bool,
}

impl<R: Read> Read for Tracked<R> {
    /// Ends where the record becomes too long, until another one is begun.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.passed.saturating_sub(self.at(self.record)) > MAX_RECORD {
            self.stopped = true;
            return Ok(0);
        }
        let again = &self.kept[self.passed..];
        let count = if again.is_empty() {
            let count = self.inner.read(into)?;
            self.kept.extend_from_slice(&into[..count]);
            count
        } else {
            let count = again.len().min(into.len()).min(self.step);
            into[..count].copy_from_slice(&again[..count]);
            self.step = self.step.saturating_mul(2);
            count
        };
        self.passed += count;
        Ok(count)
    }
}

/// What is passed on first after going back.
const FIRST_STEP: usize = 1 << 12;

impl<R> Tracked<R> {
    fn new(inner: R) -> Tracked<R> {
        Tracked {
            inner,
            kept: Vec::new(),
            base: 0,
            passed: 0,
            step: FIRST_STEP,
            record: 0,
            stopped: false,
        }
    }

    fn at(&self, position: u64) -> usize {
        usize::try_from(position.saturating_sub(self.base))
            .unwrap_or(usize::MAX)
            .min(self.kept.len())
    }

    fn slice(&self, from: u64, to: u64) -> &[u8] {
        &self.kept[self.at(from)..self.at(to.max(from))]
    }

    /// True when the byte before a position is this one.
    fn ends_with(&self, position: u64, byte: u8) -> bool {
        position > self.base && self.slice(position - 1, position) == [byte]
    }

    /// Forgets what lies before a position. Done rarely, since it moves what is left.
    fn forget(&mut self, before: u64) {
        let count = self.at(before).min(self.passed);
        if count >= 1 << 20 {
            self.kept.drain(..count);
            self.base += count as u64;
            self.passed -= count;
        }
    }

    /// Begins with another text.
    fn restart(&mut self, inner: R) {
        self.kept.clear();
        let kept = std::mem::take(&mut self.kept);
        *self = Tracked {
            kept,
            ..Tracked::new(inner)
        };
    }
}

impl<R: Read> Tracked<R> {
    /// What follows a position: so many bytes, or all that is left.
    fn ahead(&mut self, from: u64, count: usize) -> io::Result<&[u8]> {
        let at = self.at(from);
        if self.kept.len() - at < count {
            let more = self.inner.by_ref().take(AHEAD as u64);
            { more }.read_to_end(&mut self.kept)?;
        }
        Ok(&self.kept[at..self.kept.len().min(at + count)])
    }

    /// Passes over the rest of a line that is too long. Returns the position behind it.
    fn skip_line(&mut self, line_end: u8) -> io::Result<u64> {
        let mut chunk = vec![0; 1 << 16];
        loop {
            if let Some(end) = memchr::memchr(line_end, &self.kept[self.passed..]) {
                return Ok(self.base + (self.passed + end) as u64 + 1);
            }
            self.base += self.kept.len() as u64;
            self.kept.clear();
            self.passed = 0;
            let count = self.inner.read(&mut chunk)?;
            if count == 0 {
                return Ok(self.base);
            }
            self.kept.extend_from_slice(&chunk[..count]);
        }
    }
}

impl<R> Seek for Tracked<R> {
    /// Goes to a position that is kept. Others are not asked for.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(to) = to else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        self.passed = self.at(to);
        self.step = FIRST_STEP;
        self.stopped = false;
        Ok(to)
    }
}

type Rows<R> = csv::Reader<Tracked<R>>;

/// Makes a reader, which must be made to [`begin`].
fn tracked<R: Read>(delimiter: u8, from: R, buffer: usize) -> Rows<R> {
    let mut rows = reader(delimiter, Tracked::new(from), buffer);
    // Without one, the reader takes a record for its header before it goes anywhere.
    rows.set_byte_headers(ByteRecord::new());
    rows
}

/// Makes the record at this position the next one.
fn begin<R: Read>(rows: &mut Rows<R>, at: u64) -> csv::Result<()> {
    let mut position = Position::new();
    position.set_byte(at);
    rows.seek_raw(SeekFrom::Start(at), position)?;
    let text = rows.get_mut();
    text.record = at;
    text.forget(at);
    Ok(())
}

/// Reads texts of which all is at hand, one after the other: to set up a reader takes as long as to read some rows.
#[derive(Default)]
pub struct Small(Option<(u8, Rows<Cursor<Vec<u8>>>)>);

impl Small {
    fn reader(&mut self, delimiter: u8, text: &[u8]) -> &mut Rows<Cursor<Vec<u8>>> {
        let text = Cursor::new(text.to_vec());
        let known = self.0.take().filter(|(known, _)| *known == delimiter);
        let rows = match known {
            Some((_, mut rows)) => {
                rows.get_mut().restart(text);
                rows
            }
            None => tracked(delimiter, text, BUFFER),
        };
        &mut self.0.insert((delimiter, rows)).1
    }
}

/// Ends of lines: `\n`, `\r\n` and `\r`.
fn lines(bytes: &[u8]) -> u64 {
    let newlines = memchr::memchr_iter(b'\n', bytes).count();
    let alone = memchr::memchr_iter(b'\r', bytes).filter(|&at| bytes.get(at + 1) != Some(&b'\n'));
    (newlines + alone.count()) as u64
}

fn reader<R: Read>(delimiter: u8, from: R, buffer: usize) -> csv::Reader<R> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(buffer)
        .from_reader(from)
}

/// Size of a reader's buffer.
const BUFFER: usize = 1 << 18;

/// Reads the rows of a file into the mapper. `first` is the beginning of the text, from the header on; all of it, when
/// there is no `rest`.
pub fn read(
    first: &[u8],
    rest: Option<&mut (dyn BufRead + Send)>,
    layout: &Layout,
    small: &mut Small,
    mapper: &mut Mapper,
) -> Result<()> {
    match rest {
        None => read_rows(small.reader(layout.delimiter, first), layout, true, mapper),
        Some(rest) => {
            let text = Cursor::new(first).chain(rest);
            read_rows(
                &mut tracked(layout.delimiter, text, BUFFER),
                layout,
                false,
                mapper,
            )
        }
    }
}

/// Reads the rows of a file, all of which may be at hand.
///
/// Rows of a large file are split in one thread and mapped in others.
fn read_rows<R: Read + Send>(
    rows: &mut Rows<R>,
    layout: &Layout,
    at_hand: bool,
    mapper: &mut Mapper,
) -> Result<()> {
    let delimiter = layout.delimiter;
    begin(rows, 0)?;
    let mut record = ByteRecord::new();
    if !rows.read_byte_record(&mut record)? {
        return Ok(());
    }
    let header = record.clone();
    let names = &layout.names;
    let raw = rows.get_ref().slice(0, rows.position().byte());
    let start = Start::new(layout.line, layout.skip as u64);
    if !well_quoted(raw, delimiter) {
        let shown = first_line(raw, mapper.masker());
        mapper.reject(Reject::new(
            start,
            None,
            Code::CsvQuote,
            &shown,
            mapper.masker(),
        ));
        return Ok(());
    }
    let line_end = if memchr::memchr(b'\n', raw).is_some() {
        b'\n'
    } else {
        b'\r'
    };
    let bound = match mapper.bound_columns() {
        Some(bound) => bound,
        None => match bind(layout, mapper) {
            Ok(bound) => bound,
            Err(reject) => {
                mapper.reject(*reject);
                return Ok(());
            }
        },
    };

    // Threads cost more than they save where the file is at hand whole.
    let helpers = if at_hand { 0 } else { threads::count() };
    let masker = mapper.masker().clone();
    let table = Table {
        header: &header,
        names,
        bound: &bound,
        has_secrets: header.iter().any(names_secret),
        delimiter,
    };
    let (blank_lines, repeated_headers) = crew::map_all(
        mapper,
        &mut (),
        vec![(); helpers.saturating_sub(1)],
        |mapper, (), batch: &mut Batch| batch.map(&table, mapper),
        |feed| -> Result<_> {
            let mut state = Splitting {
                table: &table,
                masker: &masker,
                line: layout.line,
                skipped: layout.skip as u64,
                counted: 0,
                blank_lines: 0,
                repeated_headers: 0,
                patience: 1,
                line_reader: Small::default(),
                line_end,
                record: ByteRecord::new(),
                batch: Batch::default(),
                feed,
            };
            state.read(rows)?;
            Ok((state.blank_lines, state.repeated_headers))
        },
    )?;
    mapper.tally.blank_lines += blank_lines;
    mapper.tally.repeated_headers += repeated_headers;
    Ok(())
}

/// Finds the column for each slot; fails when the header does not tell them apart.
fn bind(layout: &Layout, mapper: &mut Mapper) -> Result<Vec<(usize, usize)>, Box<Reject>> {
    let names = &layout.names;
    let keys: Vec<String> = names.iter().map(|name| squash_key(name)).collect();
    let mut headings = Vec::new();
    for (fitting, keys) in mapper.columns(&keys) {
        if let [first, second, ..] = fitting.as_slice() {
            let value = format!("columns {} and {}", first + 1, second + 1);
            let (name, code) = (Some(names[*first].as_str()), Code::CsvDupHeader);
            let start = Start::new(layout.line, layout.skip as u64);
            let reject = Reject::new(start, name, code, &value, mapper.masker());
            return Err(Box::new(reject.in_column(Some(*first))));
        }
        headings.push(fitting.first().map(|&column| Heading {
            column,
            name: names[column].clone(),
            keys,
        }));
    }
    mapper.bind(headings).map_err(|mut reject| {
        reject.line = layout.line;
        reject.byte = Some(layout.skip as u64);
        reject
    })?;
    Ok(mapper.bound_columns().unwrap_or_default())
}

/// Rows in a batch that are read one by one, and bytes of their fields.
const BATCH: usize = 512;
const BATCH_TEXT: usize = 1 << 20;

/// Bytes in a batch of rows that need no second look; more are looked at together.
const PLAIN: usize = 1 << 17;
const AHEAD: usize = 1 << 20;

/// What all rows of a file have in common.
struct Table<'a> {
    header: &'a ByteRecord,
    names: &'a [String],
    /// Which column stands for which slot.
    bound: &'a [(usize, usize)],
    /// A column is named like a secret. Its values have no name beside them, so no row is quoted.
    has_secrets: bool,
    delimiter: u8,
}

impl Table<'_> {
    fn width(&self) -> usize {
        self.header.len()
    }

    /// True for the header again, also behind the byte order mark of a file that was appended.
    fn is_repeated<'r>(&self, mut fields: impl Iterator<Item = &'r [u8]>) -> bool {
        let mut names = self.header.iter();
        let (Some(first), Some(name)) = (fields.next(), names.next()) else {
            return false;
        };
        first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first) == name && fields.eq(names)
    }

    /// What is shown of a row.
    fn shown(&self, raw: &[u8], masker: &Masker) -> String {
        if self.has_secrets {
            NOT_QUOTED.to_owned()
        } else {
            first_line(raw, masker)
        }
    }

    /// Sets aside a row of so many fields, which are too many or too few.
    fn wrong_width(
        &self,
        place: Start,
        fields: usize,
        first: &[u8],
        raw: &[u8],
        masker: &Masker,
    ) -> Reject {
        let shown = self.shown(raw, masker);
        if is_footer(first) {
            return Reject::new(place, None, Code::CsvFooter, &shown, masker);
        }
        let value = format!(
            "{}, the header has {}: {}",
            format::plural(fields, "field", "fields"),
            self.width(),
            shown
        );
        Reject::new(place, None, Code::CsvWidth, &value, masker)
    }
}

/// Rows in order, with the place of each, and the rejects that stand before a row.
#[derive(Default)]
struct Batch {
    text: Vec<u8>,
    /// Where the text begins, when it is rows as they stand in the file, which are still to be split.
    raw: Option<Start>,
    /// The fields, row by row, in the text.
    spans: Vec<Span>,
    starts: Vec<Start>,
    rejects: Vec<(usize, Reject)>,
}

impl Batch {
    fn clear(&mut self) {
        self.text.clear();
        self.raw = None;
        self.spans.clear();
        self.starts.clear();
        self.rejects.clear();
    }

    /// Adds a row. A byte between its fields keeps halves of characters apart.
    fn push(&mut self, start: Start, record: &ByteRecord) {
        for field in record {
            let from = self.text.len();
            self.text.extend_from_slice(field);
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            self.spans.push((place(from), place(self.text.len())));
            self.text.push(b',');
        }
        self.starts.push(start);
    }

    /// Splits rows as they stand in the file.
    fn split(&mut self, table: &Table<'_>, begin: Start, mapper: &mut Mapper) {
        let Batch {
            text,
            spans,
            starts,
            rejects,
            ..
        } = self;
        let width = table.width();
        let mut next = begin.line;
        let unescaped = plain::split(text, table.delimiter, spans, |row, lines, spans, texts| {
            let line = next;
            next += lines;
            let place = Start::new(line, begin.byte.unwrap_or_default() + row.start as u64);
            let first = starts.len() * width;
            let count = spans.len() - first;
            let mut fields = spans[first..].iter().map(|&span| texts.field(span));
            if count == width {
                if table.is_repeated(fields) {
                    mapper.tally.repeated_headers += 1;
                } else {
                    starts.push(place);
                    return;
                }
            } else if fields.clone().all(|field| field.trim_ascii().is_empty()) {
                // A line of spaces is a blank line.
                mapper.tally.blank_lines += 1;
            } else {
                let one = fields.next().unwrap_or_default();
                let reject = table.wrong_width(place, count, one, &text[row], mapper.masker());
                rejects.push((starts.len(), reject));
            }
            spans.truncate(first);
        });
        text.extend(unescaped);
    }

    /// Sets rows aside that hold bytes which are no UTF-8 where they are wanted, and mends what is left of such bytes.
    fn mend(&mut self, table: &Table<'_>, masker: &Masker) {
        if std::str::from_utf8(&self.text).is_ok() {
            return;
        }
        let width = table.width();
        let mut wrong = Vec::new();
        for (at, start) in self.starts.iter().enumerate() {
            let field = |column: usize| {
                let (from, to) = self.spans[at * width + column];
                &self.text[from as usize..to as usize]
            };
            let bad = |column: &usize| std::str::from_utf8(field(*column)).is_err();
            if let Some(column) = table.bound.iter().map(|&(_, column)| column).find(bad) {
                let value = String::from_utf8_lossy(field(column));
                let name = Some(table.names[column].as_str());
                let reject = Reject::new(*start, name, Code::Encoding, &value, masker);
                wrong.push((at, reject.in_column(Some(column))));
            }
        }
        self.set_aside(wrong, width);
        let mut next = 0;
        let bad: Vec<_> = self
            .text
            .utf8_chunks()
            .map(|chunk| {
                next += chunk.valid().len() + chunk.invalid().len();
                next - chunk.invalid().len()..next
            })
            .collect();
        for bytes in bad {
            self.text[bytes].fill(b'?');
        }
    }

    /// Takes rows out that are rejected, which are in order.
    fn set_aside(&mut self, wrong: Vec<(usize, Reject)>, width: usize) {
        let mut out = wrong.iter().map(|(at, _)| *at).peekable();
        let mut kept = 0;
        for at in 0..self.starts.len() {
            if out.next_if_eq(&at).is_none() {
                self.starts[kept] = self.starts[at];
                self.spans
                    .copy_within(at * width..(at + 1) * width, kept * width);
                kept += 1;
            }
        }
        let gone = self.starts.len() - kept;
        self.starts.truncate(kept);
        self.spans.truncate(kept * width);
        let mut before = std::mem::take(&mut self.rejects).into_iter().peekable();
        for (earlier, (at, reject)) in wrong.into_iter().enumerate() {
            while let Some((before, reject)) = before.next_if(|(before, _)| *before <= at) {
                self.rejects.push((before - earlier, reject));
            }
            self.rejects.push((at - earlier, reject));
        }
        self.rejects
            .extend(before.map(|(before, reject)| (before - gone, reject)));
    }

    fn map(&mut self, table: &Table<'_>, mapper: &mut Mapper) {
        if let Some(start) = self.raw {
            self.split(table, start, mapper);
        }
        self.mend(table, mapper.masker());
        let width = table.width();
        let footers: Vec<_> = (self.starts.iter().enumerate())
            .filter_map(|(at, start)| {
                let (from, to) = self.spans[at * width];
                let first = &self.text[from as usize..to as usize];
                if !is_footer(first) {
                    return None;
                }
                let cells = self.cells(table, mapper);
                let rows = Records {
                    starts: &self.starts,
                    cells: &cells,
                };
                let shown = String::from_utf8_lossy(first);
                let reject = || Reject::new(*start, None, Code::CsvFooter, &shown, mapper.masker());
                mapper.is_timeless(rows.row(at)).then(|| (at, reject()))
            })
            .collect();
        if !footers.is_empty() {
            self.set_aside(footers, width);
        }
        let rejects = std::mem::take(&mut self.rejects);
        let rows = Records {
            starts: &self.starts,
            cells: &self.cells(table, mapper),
        };
        mapper.rows(rows, rejects);
    }

    /// The column of each slot; slots without one are missing.
    fn cells(&self, table: &Table<'_>, mapper: &Mapper) -> Vec<Cells<'_>> {
        // It is: what was not was mended.
        let text = std::str::from_utf8(&self.text).unwrap_or_default();
        let mut cells = vec![Cells::Missing; mapper.slots().len()];
        for &(slot, column) in table.bound {
            cells[slot] = Cells::Texts {
                text,
                spans: &self.spans,
                column,
                width: table.width(),
            };
        }
        cells
    }
}

struct Splitting<'a> {
    table: &'a Table<'a>,
    masker: &'a Masker,
    /// Bytes of the text before the header, from which positions count.
    skipped: u64,
    /// Line of the position `counted`.
    line: u64,
    counted: u64,
    blank_lines: i64,
    repeated_headers: i64,
    /// So many rows are read one by one before whole pieces of the text are looked at again.
    patience: usize,
    /// For single lines: to make a reader takes as long as to read a thousand.
    line_reader: Small,
    line_end: u8,
    record: ByteRecord,
    batch: Batch,
    feed: &'a mut dyn Feed<Batch>,
}

impl Splitting<'_> {
    /// Reads to the end: rows that need no second look in pieces, the others one by one.
    fn read<R: Read>(&mut self, rows: &mut Rows<R>) -> Result<()> {
        loop {
            self.hand_over(rows)?;
            for _ in 0..self.patience {
                if !self.read_row(rows)? {
                    self.flush();
                    return Ok(());
                }
            }
        }
    }

    /// Hands over the rows that follow, up to one that needs a second look.
    fn hand_over<R: Read>(&mut self, rows: &mut Rows<R>) -> Result<()> {
        let mut count = 0;
        loop {
            let mut at = rows.position().byte();
            let text = rows.get_mut();
            let broken = text.ends_with(at, b'\r');
            let mut ahead = text.ahead(at, PLAIN)?;
            // The row before ended with the first half of its line break.
            if broken && let [b'\n', rest @ ..] = ahead {
                (at, ahead) = (at + 1, rest);
            }
            let length = plain::proven(ahead, self.table.delimiter, self.table.width());
            if length == 0 {
                break;
            }
            self.flush();
            self.batch.text.extend_from_slice(&ahead[..length]);
            let breaks = memchr::memchr_iter(b'\n', &self.batch.text).count() as u64;
            self.line += lines(text.slice(self.counted, at));
            self.batch.raw = Some(Start::new(self.line, self.skipped + at));
            self.line += breaks;
            self.counted = at + length as u64;
            begin(rows, self.counted)?;
            count += length;
            self.flush();
        }
        self.patience = if count > 0 {
            1
        } else {
            (self.patience * 2).clamp(1, BATCH)
        };
        Ok(())
    }

    /// Reads one row, or what is none. False at the end.
    fn read_row<R: Read>(&mut self, rows: &mut Rows<R>) -> Result<bool> {
        let table = self.table;
        let (delimiter, width) = (table.delimiter, table.width());
        let before = rows.position().byte();
        rows.get_mut().record = before;
        if !rows.read_byte_record(&mut self.record)? {
            let text = rows.get_ref();
            let rest = text.slice(before, u64::MAX);
            self.blank_lines += blank_lines(text, before, rest.len() as u64);
            if !text.stopped {
                return Ok(false);
            }
            // So many blank lines that a record would be too long; its line may end on the other side.
            let mut blank = text.slice(self.counted, u64::MAX);
            blank = blank.strip_suffix(b"\r").unwrap_or(blank);
            self.line += lines(blank);
            self.counted += blank.len() as u64;
            begin(rows, self.counted)?;
            return Ok(true);
        }
        let record = &self.record;
        let after = rows.position().byte();
        let text = rows.get_ref();
        let blank = text
            .slice(before, after)
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count() as u64;
        let start = before + blank;
        self.blank_lines += blank_lines(text, before, blank);
        self.line += lines(text.slice(self.counted, start));
        self.counted = start;
        let place = Start::new(self.line, self.skipped + start);
        let raw = text.slice(start, after);
        let quoting = quoting(raw, delimiter);
        let badly_quoted = quoting != Quoting::Good;
        let fits = record.len() == width;
        if !fits && record.iter().all(|field| field.trim_ascii().is_empty()) {
            // A line of spaces is a blank line.
            self.blank_lines += 1;
            rows.get_mut().forget(start);
            return Ok(true);
        }
        let too_long = text.stopped;
        if too_long || badly_quoted || !fits {
            // A quotation mark that is not closed swallows the rows after it. They are read again.
            let next = next_row(raw, width, delimiter, &mut self.line_reader);
            let masker = self.masker;
            let reject = if too_long {
                let shown = table.shown(raw, masker);
                Reject::new(place, None, Code::TooLong, &shown, masker)
            } else if badly_quoted {
                let shown = table.shown(raw, masker);
                let reject = Reject::new(place, None, Code::CsvQuote, &shown, masker);
                let line = &raw[..memchr::memchr(b'\n', raw).unwrap_or(raw.len())];
                if memchr::memmem::find(line, b"\\\"").is_some() {
                    reject.hint(BACKSLASH)
                } else if quoting == Quoting::Open && next.is_none() {
                    reject.hint(OPEN_TO_THE_END)
                } else {
                    reject
                }
            } else {
                let reject = table.wrong_width(place, record.len(), &record[0], raw, masker);
                let unended = !raw.ends_with(b"\n") && !raw.ends_with(b"\r");
                if unended && record.len() < width && reject.code == Code::CsvWidth {
                    reject.hint(CUT)
                } else {
                    reject
                }
            };
            self.batch.rejects.push((self.batch.starts.len(), reject));
            if let Some(next) = next {
                self.line += lines(&raw[..next]);
                self.counted = start + next as u64;
                begin(rows, self.counted)?;
            } else if too_long {
                self.line += lines(raw) + 1;
                self.counted = rows.get_mut().skip_line(self.line_end)?;
                begin(rows, self.counted)?;
            }
        } else if table.is_repeated(record.iter()) {
            self.repeated_headers += 1;
        } else {
            self.batch.push(place, record);
        }
        if self.batch.starts.len() + self.batch.rejects.len() >= BATCH
            || self.batch.text.len() >= BATCH_TEXT
        {
            self.flush();
        }
        rows.get_mut().forget(start);
        Ok(true)
    }

    /// Hands the batch over and takes up an emptied one.
    fn flush(&mut self) {
        let batch = &self.batch;
        if batch.text.is_empty() && batch.rejects.is_empty() {
            return;
        }
        self.batch = self.feed.feed(std::mem::take(&mut self.batch));
        self.batch.clear();
    }
}

/// Where, after its first line, a broken record holds a line that is a whole row of this width by itself.
fn next_row(raw: &[u8], width: usize, delimiter: u8, reader: &mut Small) -> Option<usize> {
    let mut record = ByteRecord::new();
    let end = if memchr::memchr(b'\n', raw).is_some() {
        b'\n'
    } else {
        b'\r'
    };
    memchr::memchr_iter(end, raw)
        .map(|end| end + 1)
        .find(|&start| {
            let rest = &raw[start..];
            let line = &rest[..memchr::memchr(end, rest).unwrap_or(rest.len())];
            let mut read = || {
                let rows = reader.reader(delimiter, line);
                begin(rows, 0)?;
                rows.read_byte_record(&mut record)
            };
            well_quoted(line, delimiter) && read().unwrap_or(false) && record.len() == width
        })
}

/// The lines among these blank bytes of a text. The first byte may still end the record before them.
fn blank_lines<R>(text: &Tracked<R>, from: u64, count: u64) -> i64 {
    let blank = text.slice(from, from + count);
    let ends_record = blank.starts_with(b"\n") && text.ends_with(from, b'\r');
    let lines = lines(blank) - u64::from(ends_record);
    i64::try_from(lines).unwrap_or(i64::MAX)
}

/// What helps with quotation marks that are escaped as in a program.
const BACKSLASH: &str =
    "a quotation mark has a backslash before it; inside a quoted field it must be doubled (\"\")";

/// What an open quotation mark means behind which no row follows.
const OPEN_TO_THE_END: &str =
    "a quotation mark is not closed up to the end of the file, which may be cut";

/// What a short row without an end means.
const CUT: &str = "the row ends with the file, which may be cut";

/// How the quotation marks of a record stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quoting {
    Good,
    /// A quoted field is never closed.
    Open,
    /// Text follows the mark that closes a field.
    TextBehind,
}

fn well_quoted(raw: &[u8], delimiter: u8) -> bool {
    quoting(raw, delimiter) == Quoting::Good
}

/// Looks at quotation marks. Those inside a field that does not begin with one are text.
fn quoting(raw: &[u8], delimiter: u8) -> Quoting {
    if memchr::memchr(b'"', raw).is_none() {
        return Quoting::Good;
    }
    let mut rest = raw;
    loop {
        if let Some(mut inside) = rest.strip_prefix(b"\"") {
            loop {
                let Some(mark) = memchr::memchr(b'"', inside) else {
                    return Quoting::Open;
                };
                inside = &inside[mark + 1..];
                match inside.strip_prefix(b"\"") {
                    Some(after_doubled) => inside = after_doubled,
                    None => break,
                }
            }
            match inside.first() {
                None | Some(b'\r' | b'\n') => return Quoting::Good,
                Some(&next) if next == delimiter => rest = &inside[1..],
                Some(_) => return Quoting::TextBehind,
            }
        } else {
            match memchr::memchr3(delimiter, b'\r', b'\n', rest) {
                Some(end) if rest[end] == delimiter => rest = &rest[end + 1..],
                Some(_) | None => return Quoting::Good,
            }
        }
    }
}

/// True for the first field of a total or of a note below the rows: `Total`, `Summe:`, `(12 rows)`.
fn is_footer(field: &[u8]) -> bool {
    const WORDS: [&str; 9] = [
        "total",
        "totals",
        "sum",
        "summe",
        "gesamt",
        "grandtotal",
        "count",
        "anzahl",
        "records",
    ];
    let Some(first) = field.first() else {
        return false;
    };
    if !matches!(
        first.to_ascii_lowercase(),
        b't' | b's' | b'g' | b'c' | b'a' | b'r' | b'('
    ) {
        return false;
    }
    let Ok(text) = std::str::from_utf8(field) else {
        return false;
    };
    if let Some(inner) = text.trim().strip_prefix('(') {
        return inner.ends_with("rows)") || inner.ends_with("rows affected)");
    }
    let name = text.split([':', '=']).next().unwrap_or_default();
    WORDS.contains(&squash(name).as_str())
}

/// What stands in the place of a row with a column that is named like a secret.
const NOT_QUOTED: &str = "(not quoted: a column is named like a secret)";

/// True for the name of a column whose values would be masked behind it.
fn names_secret(name: &[u8]) -> bool {
    let pair = format!("{}=aB3xK9mQ7pR2tV5w", String::from_utf8_lossy(name).trim());
    matches!(errors::mask(&pair), Cow::Owned(_))
}

fn first_line(raw: &[u8], masker: &Masker) -> String {
    let start = &raw[..raw.len().min(SEEN)];
    // A cut character at the end is of no use in a message.
    let text = start.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let masked = masker.mask(text);
    let mut lines = masked.split(['\n', '\r']);
    lines.next().unwrap_or_default().to_owned()
}

/// So much of a record is masked before its first line is shown: a secret may span lines.
const SEEN: usize = 1 << 14;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::layout::layout;
    use crate::mapping::catalogue::Catalogue;
    use crate::mapping::evidence::Book;
    use crate::mapping::mapper::{Store, Supplied};
    use crate::mapping::plan::Header;
    use crate::runs::schema::Field;

    fn load(text: &str) -> Mapper {
        load_bytes(text.as_bytes())
    }

    /// Reads a text at hand, by a reader that was left inside a quoted field of another text, and by a thread.
    fn load_bytes(text: &[u8]) -> Mapper {
        let presets = Catalogue::default();
        let layout = layout(text, |names| presets.header_score(names)).unwrap();
        let mut small = Small::default();
        let load = |small: &mut Small, first: &[u8], rest: Option<&[u8]>| {
            let mut mapper = Mapper::new(
                &presets.find("native").unwrap(),
                &Supplied::default(),
                "x.csv",
                "x",
                Header::Own,
                &Book::default(),
                Store::default(),
            );
            let mut rest = rest;
            let rest = rest.as_mut().map(|rest| rest as &mut (dyn BufRead + Send));
            read(first, rest, &layout, small, &mut mapper).unwrap();
            mapper
        };
        let text = &text[layout.skip..];
        load(&mut small, &[text, b"\n\"broken"].concat(), None);
        let at_hand = load(&mut small, text, None);
        let (first, rest) = text.split_at(text.len() / 2);
        let threaded = load(&mut small, first, Some(rest));
        assert_eq!(
            format!("{:?}", at_hand.tally),
            format!("{:?}", threaded.tally)
        );
        assert_eq!(
            format!("{:?}", at_hand.records),
            format!("{:?}", threaded.records)
        );
        assert_eq!(
            format!("{:?}", at_hand.rejects),
            format!("{:?}", threaded.rejects)
        );
        at_hand
    }

    const HEADER: &str = "scan,status,started_at,error_message\n";
    const T: &str = "2026-11-01T00:00:00Z";

    #[test]
    fn lines_are_right_after_blank_lines_and_quoted_line_breaks() {
        let mapper = load(&format!(
            "{HEADER}\n\na,failed,{T},\"one\ntwo\"\n\r\n\nb,failed,{T},x\r\nc,failed,{T},y"
        ));
        let lines: Vec<_> = (0..3)
            .map(|row| {
                (
                    mapper.records.text(Field::Scan, row).unwrap(),
                    mapper.records.line(row),
                )
            })
            .collect();
        assert_eq!(lines, [("a", 4), ("b", 8), ("c", 9)]);
        assert_eq!(
            mapper.records.text(Field::ErrorMessage, 0),
            Some("one\ntwo")
        );
    }

    #[test]
    fn blank_lines_are_counted() {
        let rows = format!("{HEADER}a,failed,{T},x\nb,failed,{T},x\n");
        for end in ["\n", "\r\n", "\r"] {
            let plain = rows.replace('\n', end);
            assert_eq!(load_bytes(plain.as_bytes()).tally.blank_lines, 0, "{end:?}");
            let header = HEADER.replace('\n', end);
            // Two below the header, one of spaces, three at the end.
            let text = plain.replace(&header, &format!("{header}{end}{end}  {end}"));
            let text = format!("{text}{end}{end}{end}");
            let mapper = load_bytes(text.as_bytes());
            assert_eq!(
                (mapper.records.len(), mapper.tally.blank_lines),
                (2, 6),
                "{end:?}"
            );
        }
    }

    #[test]
    fn hints_say_what_a_broken_row_may_mean() {
        let good = format!("a,failed,{T},x\n");
        for (end, hint) in [
            (format!("b,failed,{T},\"cut in\na message"), OPEN_TO_THE_END),
            (format!("b,failed,{T},\"open\n"), OPEN_TO_THE_END),
            (
                format!("b,failed,{T},\"open\n{good}"),
                Code::CsvQuote.hint(),
            ),
            (format!("b,failed,{T},\"a \\\"b\\\" c\"\n"), BACKSLASH),
            ("b,failed".to_owned(), CUT),
            ("b,failed\n".to_owned(), Code::CsvWidth.hint()),
            (format!("b,failed,{T},x,y"), Code::CsvWidth.hint()),
        ] {
            let mapper = load(&format!("{HEADER}{good}{end}"));
            assert_eq!(mapper.rejects.kept[0].hint, hint, "{end}");
        }
        let mapper = load(&format!("{HEADER}b\n"));
        assert_eq!(mapper.rejects.kept[0].value, "1 field, the header has 4: b");
    }

    #[test]
    fn crlf_files_count_each_line_once() {
        let mapper =
            load(&format!("{HEADER}a,failed,{T},x\nb,failed,{T},y\n").replace('\n', "\r\n"));
        assert_eq!([0, 1].map(|row| mapper.records.line(row)), [2, 3]);
        let mapper = load(&format!("{HEADER}a,failed,{T},x\nb,failed,{T},y\n").replace('\n', "\r"));
        assert_eq!([0, 1].map(|row| mapper.records.line(row)), [2, 3]);
    }

    #[test]
    fn an_open_quotation_mark_costs_one_line() {
        // Two marks, on lines 2 and 4, pair up around a row.
        let mapper = load(&format!(
            "{HEADER}a,failed,{T},\"open\nb,failed,{T},x\nc,failed,{T},\"y\nd,failed,{T},z\n"
        ));
        let rejects = |mapper: &Mapper| {
            mapper
                .rejects
                .kept
                .iter()
                .map(|r| (r.line, r.code))
                .collect::<Vec<_>>()
        };
        assert_eq!(rejects(&mapper), [(2, Code::CsvQuote), (4, Code::CsvQuote)]);
        assert_eq!([0, 1].map(|row| mapper.records.line(row)), [3, 5]);
        let mapper = load(&format!(
            "{HEADER}a,failed,{T},x\nb,failed,{T},\"open\nc,failed,{T},x\nd,failed,{T},z\n"
        ));
        assert_eq!(rejects(&mapper), [(3, Code::CsvQuote)]);
        assert_eq!([0, 1, 2].map(|row| mapper.records.line(row)), [2, 4, 5]);
    }

    #[test]
    fn no_row_is_quoted_where_a_column_is_named_like_a_secret() {
        let secret = ["Zeb", "ra42x"].concat();
        for (name, is_quoted) in [("password", false), ("api_key", false), ("Owner", true)] {
            let head = HEADER.trim_end();
            let text = format!("{head},{name}\nb,failed,{T},,{secret},more,more\n");
            let mapper = load_bytes(text.as_bytes());
            let rejects = &mapper.rejects.kept;
            assert_eq!(rejects.len(), 1, "{name}");
            assert_eq!(rejects[0].value.contains(&secret), is_quoted, "{name}");
        }
    }

    #[test]
    fn rows_of_another_width_and_bad_bytes_are_named() {
        let mut text = format!("{HEADER}a,failed\nb,failed,{T},x,y\n").into_bytes();
        text.extend(format!("c,failed,{T},caf").bytes().chain([0xe9, b'\n']));
        text.extend(format!("{HEADER}d,failed,{T},x").bytes());
        let mapper = load_bytes(&text);
        let rejects: Vec<_> = mapper
            .rejects
            .kept
            .iter()
            .map(|r| (r.line, r.code, r.column.as_deref()))
            .collect();
        assert_eq!(
            rejects,
            [
                (2, Code::CsvWidth, None),
                (3, Code::CsvWidth, None),
                (4, Code::Encoding, Some("error_message"))
            ]
        );
        assert_eq!(
            (
                mapper.tally.repeated_headers,
                mapper.records.len(),
                mapper.tally.read
            ),
            (1, 1, 4)
        );
    }

    #[test]
    fn two_columns_of_one_name_are_refused() {
        let mapper = load("scan,status,Started At,started_at\na,failed,2026-11-01,2026-11-02\n");
        assert_eq!(mapper.rejects.kept[0].code, Code::CsvDupHeader);
        assert_eq!(mapper.rejects.kept[0].value, "columns 3 and 4");
    }

    fn rejects_of(mapper: &Mapper) -> Vec<(u64, Code)> {
        let kept = mapper.rejects.kept.iter();
        kept.map(|reject| (reject.line, reject.code)).collect()
    }

    #[test]
    fn totals_and_notes_below_the_rows_are_no_runs() {
        let mapper = load(&format!(
            "{HEADER}a,failed,{T},x\nTotal,1\nTotal: 1,,,\n(1 rows)\nsummary,failed,{T},x\n"
        ));
        assert_eq!(mapper.records.len(), 2);
        assert_eq!(
            rejects_of(&mapper),
            [
                (3, Code::CsvFooter),
                (4, Code::CsvFooter),
                (5, Code::CsvFooter)
            ]
        );
    }

    #[test]
    fn a_zone_in_the_header_must_be_known() {
        let header =
            |zone: &str| format!("scan,status,Started At [{zone}]\na,failed,2026-11-01 10:00:00\n");
        assert_eq!(load(&header("UTC")).records.len(), 1);
        let mapper = load(&header("Local Time"));
        assert_eq!(rejects_of(&mapper), [(1, Code::TimeZone)]);
        assert!(mapper.records.is_empty());
    }

    #[test]
    fn lines_are_counted_from_the_top_of_the_file() {
        let mapper = load(&format!(
            "A list\n\n{HEADER}a,failed,{T},x\nb,failed,soon,x\n"
        ));
        assert_eq!(mapper.records.line(0), 4);
        assert_eq!(rejects_of(&mapper), [(5, Code::Time)]);
    }
}
