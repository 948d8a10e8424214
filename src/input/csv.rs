//! Delimited text, by the `csv` crate, with line numbers that are right.

use std::io::Read;

use anyhow::Result;
use csv::{ByteRecord, ReaderBuilder};

use super::reject::{Code, Reject};
use crate::mapping::mapper::Mapper;
use crate::mapping::values::{Value, squash_key};

/// Passes bytes on and keeps those that the `csv` reader has taken but not yet delivered, so that lines can
/// be counted, a record can be seen as it stands in the file, and reading can begin again after a broken one.
/// (The crate's own line numbers are those before skipped blank lines.)
struct Tracked<R> {
    inner: R,
    /// Bytes to pass on before `inner` is asked again.
    again: std::io::Cursor<Vec<u8>>,
    kept: Vec<u8>,
    /// Position of `kept[0]` for the `csv` reader.
    base: u64,
}

impl<R: Read> Read for Tracked<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = match self.again.read(into)? {
            0 => self.inner.read(into)?,
            count => count,
        };
        self.kept.extend_from_slice(&into[..count]);
        Ok(count)
    }
}

impl<R> Tracked<R> {
    fn new(inner: R) -> Tracked<R> {
        Tracked {
            inner,
            again: std::io::Cursor::default(),
            kept: Vec::new(),
            base: 0,
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

    /// Forgets what lies before a position. Done rarely, since it moves what is left.
    fn forget(&mut self, before: u64) {
        let count = self.at(before);
        if count >= 1 << 20 {
            self.kept.drain(..count);
            self.base += count as u64;
        }
    }

    /// Begins again at a position, which becomes position 0.
    fn rewind(mut self, to: u64) -> Tracked<R> {
        let mut rest = self.kept.split_off(self.at(to));
        let passed = usize::try_from(self.again.position()).unwrap_or(usize::MAX);
        rest.extend_from_slice(self.again.get_ref().get(passed..).unwrap_or_default());
        Tracked {
            inner: self.inner,
            again: std::io::Cursor::new(rest),
            kept: Vec::new(),
            base: 0,
        }
    }
}

/// Ends of lines: `\n`, or `\r` where a file has no `\n`.
fn lines(bytes: &[u8]) -> u64 {
    let newlines = memchr::memchr_iter(b'\n', bytes).count();
    (if newlines == 0 {
        memchr::memchr_iter(b'\r', bytes).count()
    } else {
        newlines
    }) as u64
}

/// The delimiter of a header line: the one that splits it into most fields outside quotes.
pub fn delimiter(header: &[u8]) -> u8 {
    let count = |wanted: u8| {
        let mut quoted = false;
        header
            .iter()
            .filter(|&&byte| {
                quoted ^= byte == b'"';
                byte == wanted && !quoted
            })
            .count()
    };
    // The comma comes last: `max_by_key` keeps the last of equals.
    b"|\t;,"
        .iter()
        .copied()
        .max_by_key(|&delimiter| count(delimiter))
        .unwrap_or(b',')
}

fn reader<R: Read>(delimiter: u8, from: R) -> csv::Reader<R> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(1 << 18)
        .from_reader(from)
}

/// The header of a file of which these are the first bytes: its fields.
pub fn header(first: &[u8], delimiter: u8) -> Result<Vec<String>> {
    let mut record = ByteRecord::new();
    reader(delimiter, first).read_byte_record(&mut record)?;
    Ok(record
        .iter()
        .map(|field| String::from_utf8_lossy(field).trim().to_owned())
        .collect())
}

/// Reads the rows of a file into the mapper. Returns the number of repeated headers, which are no records.
pub fn read<R: Read>(from: R, delimiter: u8, mapper: &mut Mapper) -> Result<i64> {
    let mut rows = reader(delimiter, Tracked::new(from));
    let mut record = ByteRecord::new();
    if !rows.read_byte_record(&mut record)? {
        return Ok(0);
    }
    let header = record.clone();
    let names: Vec<String> = header
        .iter()
        .map(|field| String::from_utf8_lossy(field).trim().to_owned())
        .collect();
    let keys: Vec<String> = names.iter().map(|name| squash_key(name)).collect();
    let mut columns = Vec::new();
    for slot in &mapper.slots {
        let wanted = slot.joined();
        let mut fitting = (0..keys.len()).filter(|&at| !slot.outer && keys[at] == wanted);
        let column = fitting.next();
        if let (Some(column), Some(second)) = (column, fitting.next()) {
            let value = format!("columns {} and {}", column + 1, second + 1);
            let reject = Reject::new(1, Some(&names[column]), Code::CsvDupHeader, &value);
            mapper.reject(reject);
            return Ok(0);
        }
        columns.push(column);
    }
    mapper.bind(
        columns
            .iter()
            .map(|column| column.map(|at| names[at].clone()))
            .collect(),
    );
    let bound: Vec<(usize, usize)> = columns
        .iter()
        .enumerate()
        .filter_map(|(slot, column)| Some((slot, (*column)?)))
        .collect();

    let mut state = Rows {
        header: &header,
        names: &names,
        bound: &bound,
        delimiter,
        line: 1,
        counted: 0,
        repeated: 0,
    };
    while let Some(position) = state.read(&mut rows, mapper)? {
        rows = reader(delimiter, rows.into_inner().rewind(position));
        state.counted = 0;
    }
    Ok(state.repeated)
}

struct Rows<'a> {
    header: &'a ByteRecord,
    names: &'a [String],
    bound: &'a [(usize, usize)],
    delimiter: u8,
    /// Line of the position `counted`.
    line: u64,
    counted: u64,
    repeated: i64,
}

impl Rows<'_> {
    /// Reads to the end, or to a broken record after which reading must begin again at the returned position.
    fn read<R: Read>(
        &mut self,
        rows: &mut csv::Reader<Tracked<R>>,
        mapper: &mut Mapper,
    ) -> Result<Option<u64>> {
        let mut record = ByteRecord::new();
        loop {
            let before = rows.position().byte();
            if !rows.read_byte_record(&mut record)? {
                return Ok(None);
            }
            let after = rows.position().byte();
            let text = rows.get_ref();
            let blank = text
                .slice(before, after)
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count() as u64;
            let start = before + blank;
            self.line += lines(text.slice(self.counted, start));
            self.counted = start;
            let raw = text.slice(start, after);
            let badly_quoted = !well_quoted(raw, self.delimiter);
            if badly_quoted || record.len() != self.header.len() {
                mapper.reject(if badly_quoted {
                    Reject::new(self.line, None, Code::CsvQuote, first_line(raw))
                } else {
                    let value = format!(
                        "{} fields, the header has {}: {}",
                        record.len(),
                        self.header.len(),
                        first_line(raw)
                    );
                    Reject::new(self.line, None, Code::CsvWidth, &value)
                });
                // A quotation mark that is not closed swallows the rows after it. They are read again.
                if let Some(next) = self.next_row(raw) {
                    self.line += lines(&raw[..next]);
                    return Ok(Some(start + next as u64));
                }
            } else {
                self.row(&record, mapper);
            }
            rows.get_mut().forget(start);
        }
    }

    /// Where, after its first line, a broken record holds a line that is a whole row by itself.
    fn next_row(&self, raw: &[u8]) -> Option<usize> {
        let mut record = ByteRecord::new();
        memchr::memchr_iter(b'\n', raw)
            .map(|end| end + 1)
            .find(|&start| {
                let rest = &raw[start..];
                let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
                well_quoted(line, self.delimiter)
                    && reader(self.delimiter, line)
                        .read_byte_record(&mut record)
                        .unwrap_or(false)
                    && record.len() == self.header.len()
            })
    }

    fn row(&mut self, record: &ByteRecord, mapper: &mut Mapper) {
        if record == self.header {
            self.repeated += 1;
            return;
        }
        let mut values = vec![Value::Missing; mapper.slots.len()];
        for &(slot, column) in self.bound {
            match std::str::from_utf8(&record[column]) {
                Ok("") => {}
                Ok(text) => values[slot] = Value::Text(text.into()),
                Err(_) => {
                    let value = String::from_utf8_lossy(&record[column]);
                    mapper.reject(Reject::new(
                        self.line,
                        Some(&self.names[column]),
                        Code::Encoding,
                        &value,
                    ));
                    return;
                }
            }
        }
        mapper.record(self.line, &values);
    }
}

/// False when a quoted field is never closed, or when text follows its closing mark. Marks inside a field that
/// does not begin with one are text.
fn well_quoted(raw: &[u8], delimiter: u8) -> bool {
    if memchr::memchr(b'"', raw).is_none() {
        return true;
    }
    let mut rest = raw;
    loop {
        if let Some(mut inside) = rest.strip_prefix(b"\"") {
            loop {
                let Some(mark) = memchr::memchr(b'"', inside) else {
                    return false;
                };
                inside = &inside[mark + 1..];
                match inside.strip_prefix(b"\"") {
                    Some(after_doubled) => inside = after_doubled,
                    None => break,
                }
            }
            match inside.first() {
                None | Some(b'\r' | b'\n') => return true,
                Some(&next) if next == delimiter => rest = &inside[1..],
                Some(_) => return false,
            }
        } else {
            match memchr::memchr3(delimiter, b'\r', b'\n', rest) {
                Some(end) if rest[end] == delimiter => rest = &rest[end + 1..],
                Some(_) | None => return true,
            }
        }
    }
}

fn first_line(raw: &[u8]) -> &str {
    let line = &raw[..memchr::memchr2(b'\n', b'\r', raw).unwrap_or(raw.len())];
    // A cut character at the end is of no use in a message.
    line.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::mapper::Supplied;
    use crate::mapping::preset::built_in;
    use crate::runs::schema::Field;

    fn load(text: &str) -> Mapper {
        let preset = built_in()
            .unwrap()
            .iter()
            .find(|preset| preset.name == "native")
            .unwrap();
        let mut mapper = Mapper::new(preset, &Supplied::default(), "x.csv", "x");
        read(
            text.as_bytes(),
            delimiter(text.lines().next().unwrap().as_bytes()),
            &mut mapper,
        )
        .unwrap();
        mapper
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
    fn rows_of_another_width_and_bad_bytes_are_named() {
        let mut text = format!("{HEADER}a,failed\nb,failed,{T},x,y\n").into_bytes();
        text.extend(format!("c,failed,{T},caf").bytes().chain([0xe9, b'\n']));
        text.extend(format!("{HEADER}d,failed,{T},x").bytes());
        let preset = built_in()
            .unwrap()
            .iter()
            .find(|preset| preset.name == "native")
            .unwrap();
        let mut mapper = Mapper::new(preset, &Supplied::default(), "x.csv", "x");
        let repeated = read(text.as_slice(), b',', &mut mapper).unwrap();
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
            (repeated, mapper.records.len(), mapper.tally.read),
            (1, 1, 4)
        );
    }

    #[test]
    fn two_columns_of_one_name_are_refused() {
        let mapper = load("scan,status,Started At,started_at\na,failed,2026-11-01,2026-11-02\n");
        assert_eq!(mapper.rejects.kept[0].code, Code::CsvDupHeader);
        assert_eq!(mapper.rejects.kept[0].value, "columns 3 and 4");
    }

    #[test]
    fn the_delimiter_is_the_one_outside_quotes() {
        assert_eq!(delimiter(b"a;b;\"c,d,e,f\";g"), b';');
        assert_eq!(delimiter(b"a\tb"), b'\t');
        assert_eq!(delimiter(b"a,b"), b',');
        assert_eq!(delimiter(b"a"), b',');
    }
}
