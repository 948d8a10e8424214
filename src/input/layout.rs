//! How a delimited text is laid out: where its header is, and what separates its fields.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;

use crate::mapping::values::squash_key;

/// Lines among which the header is looked for.
const LINES: usize = 20;
/// Delimiters by preference: of two that split a line into as many fields, the later one.
const DELIMITERS: [u8; 4] = *b"|\t;,";

/// Where the header is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// What separates fields.
    pub delimiter: u8,
    /// Bytes before the header.
    pub skip: usize,
    /// Line of the header, counted from 1.
    pub line: u64,
    /// The header's fields.
    pub names: Vec<String>,
    /// The same, squashed.
    pub present: Arc<BTreeSet<String>>,
}

impl Layout {
    /// How the delimiter is called, where it is not the comma.
    pub fn delimiter_name(&self) -> Option<&'static str> {
        match self.delimiter {
            b';' => Some("semicolon"),
            b'\t' => Some("tab"),
            b'|' => Some("vertical bar"),
            _ => None,
        }
    }

    /// What is unusual about it.
    pub fn note(&self) -> Option<String> {
        (self.line > 1).then(|| {
            format!(
                "the header is in line {}; what stands before it was not read",
                self.line
            )
        })
    }
}

/// The fields of a line.
pub fn fields(line: &[u8], delimiter: u8) -> Vec<String> {
    let text = |field: &[u8]| String::from_utf8_lossy(field).trim().to_owned();
    if line.is_empty() {
        return Vec::new();
    }
    if !line.contains(&b'"') {
        // A header may end with `\r` and the rows with `\n`.
        let end = memchr::memchr2(b'\r', b'\n', line).unwrap_or(line.len());
        return line[..end]
            .split(|&byte| byte == delimiter)
            .map(text)
            .collect();
    }
    let mut record = csv::ByteRecord::new();
    let read = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(line)
        .read_byte_record(&mut record);
    if !read.unwrap_or(false) {
        return Vec::new();
    }
    record.iter().map(text).collect()
}

/// The delimiter of a line: the one that splits it into most fields outside quotes.
fn delimiter(line: &[u8]) -> u8 {
    let count = |wanted: u8| {
        let mut quoted = false;
        line.iter()
            .filter(|&&byte| {
                quoted ^= byte == b'"';
                byte == wanted && !quoted
            })
            .count()
    };
    DELIMITERS
        .into_iter()
        .max_by_key(|&delimiter| count(delimiter))
        .unwrap_or(b',')
}

/// The lines of a text with the place of each; `\r` ends lines where there is no `\n`.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let end = if memchr::memchr(b'\n', text).is_some() {
        b'\n'
    } else {
        b'\r'
    };
    let mut at = 0;
    text.split(move |&byte| byte == end).map(move |line| {
        let start = at;
        at += line.len() + 1;
        (start, line)
    })
}

/// `sep=;`, which Excel understands: the delimiter of the lines below.
fn stated(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_end();
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let line = line.strip_suffix(b"\"").unwrap_or(line);
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => Some(*delimiter),
        // The tab itself has been trimmed.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] => Some(b'\t'),
        _ => None,
    }
}

/// Finds the header in the first bytes of a text: the first line that `score` knows, best delimiter first; else the
/// first line that looks like one. `score` is 0 for names that nobody knows.
pub fn layout(first: &[u8], score: impl Fn(&BTreeSet<String>) -> Result<usize>) -> Result<Layout> {
    let mut given = None;
    let mut candidates = Vec::new();
    for (number, (start, line)) in lines(first).take(LINES).enumerate() {
        if line.trim_ascii().is_empty() || line.starts_with(b"#TYPE ") {
            continue;
        }
        if number == 0
            && let Some(delimiter) = stated(line)
        {
            given = Some(delimiter);
            continue;
        }
        candidates.push((number, start, line));
    }
    let at = |number: usize, start: usize, line: &[u8], delimiter: u8| {
        // A header may hold a line break inside quotes.
        let quoted = line.contains(&b'"');
        let names = fields(if quoted { &first[start..] } else { line }, delimiter);
        Layout {
            delimiter,
            skip: start,
            line: number as u64 + 1,
            present: Arc::new(names.iter().map(|name| squash_key(name)).collect()),
            names,
        }
    };
    for &(number, start, line) in &candidates {
        let mut best: Option<(usize, Layout)> = None;
        for delimiter in DELIMITERS {
            // A delimiter that is not there splits nothing; the comma stands for a single column.
            let is_there = memchr::memchr(delimiter, line).is_some() || delimiter == b',';
            if given.map_or(!is_there, |given| given != delimiter) {
                continue;
            }
            let layout = at(number, start, line, delimiter);
            let score = score(&layout.present)?;
            if score > 0 && best.as_ref().is_none_or(|(known, _)| score >= *known) {
                best = Some((score, layout));
            }
        }
        if let Some((_, layout)) = best {
            return Ok(layout);
        }
    }
    // Nobody knows it. A header has names only, and the rows below it have as many fields.
    let looks = candidates.windows(2).find_map(|pair| {
        let [(number, start, line), (_, _, below)] = pair else {
            return None;
        };
        let delimiter = given.unwrap_or_else(|| delimiter(line));
        let layout = at(*number, *start, line, delimiter);
        let width = layout.names.len();
        let names_only = layout
            .names
            .iter()
            .all(|name| !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()));
        (width > 1 && names_only && fields(below, delimiter).len() == width).then_some(layout)
    });
    Ok(looks.unwrap_or_else(|| match candidates.first() {
        Some((number, start, line)) => at(
            *number,
            *start,
            line,
            given.unwrap_or_else(|| delimiter(line)),
        ),
        None => at(0, 0, b"", b','),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (u8, u64, Vec<String>) {
        let known = |names: &BTreeSet<String>| {
            Ok(["status", "start", "id"]
                .iter()
                .filter(|name| names.contains(**name))
                .count()
                / 3)
        };
        let layout = layout(text.as_bytes(), known).unwrap();
        (layout.delimiter, layout.line, layout.names)
    }

    #[test]
    fn the_header_is_found_by_its_names() {
        let names = ["id", "Status", "Start"].map(str::to_owned).to_vec();
        for (text, delimiter, line) in [
            ("id,Status,Start\n", b',', 1),
            ("id;Status;Start\n1;a,b,c,d;2\n", b';', 1),
            ("id\tStatus\tStart\n", b'\t', 1),
            ("id|Status|Start\n", b'|', 1),
            ("sep=;\nid;Status;Start\n", b';', 2),
            ("\"sep=\t\"\nid\tStatus\tStart\n", b'\t', 2),
            (
                "#TYPE System.Management\n\"id\",\"Status\",\"Start\"\n",
                b',',
                2,
            ),
            (
                "Report, made by hand\n\nfor; November\nid;Status;Start\n",
                b';',
                4,
            ),
            ("Report\rid,Status,Start\r1,2,3\r", b',', 2),
            ("\r\nid,Status,Start\r\n", b',', 2),
        ] {
            assert_eq!(found(text), (delimiter, line, names.clone()), "{text:?}");
        }
    }

    #[test]
    fn a_header_that_nobody_knows_has_names_and_rows_below_it() {
        let (delimiter, line, names) = found("Weekly list\n\nJob;Beginn;Ende\nA;1;2\nB;3;4\n");
        assert_eq!((delimiter, line), (b';', 3));
        assert_eq!(names, ["Job", "Beginn", "Ende"]);
        assert_eq!(found("a,b\n").2, ["a", "b"]);
        assert!(found("").2.is_empty());
    }
}
