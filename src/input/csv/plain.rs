//! Rows that need no second look: whoever reads proves where they end, and whoever maps splits them.
//!
//! A line break ends a row unless it stands in a quoted field, so the quotation marks of a text prove where its rows end: each
//! either stands inside an unquoted field, where it is text, or opens a field and is closed before a delimiter or a line
//! break (RFC 4180, and how the `csv` crate reads). What is not proven in this way is left to the `csv` crate.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use crate::mapping::rows::Span;

/// How many of the first bytes of a text are whole rows. The text begins with a row.
///
/// Rows over several lines count only when they have `width` fields: a quotation mark that is not closed may have
/// swallowed rows of others.
pub(super) fn proven(text: &[u8], delimiter: u8, width: usize) -> usize {
    let mut end = behind_last_line(text);
    // Elsewhere a `\r` ends a row by itself.
    let alone = |&at: &usize| text.get(at + 1) != Some(&b'\n');
    if let Some(at) = memchr_iter(b'\r', &text[..end]).find(alone) {
        end = behind_last_line(&text[..at]);
    }
    let text = &text[..end];
    // Where the row of `next` begins, and the first byte that is not looked at yet, which stands in no quoted field.
    let (mut row, mut next) = (0, 0);
    while let Some(at) = memchr(b'"', &text[next..]).map(|at| next + at) {
        if let Some(line) = memrchr(b'\n', &text[next..at]) {
            row = next + line + 1;
        }
        if at != row && text[at - 1] != delimiter {
            next = at + 1;
            continue;
        }
        let Some(close) = behind_quoted(text, at, delimiter) else {
            return row;
        };
        next = close;
        if memchr(b'\n', &text[at..close]).is_some() {
            let Some(end) = behind_row(text, row, delimiter, width) else {
                return row;
            };
            (row, next) = (end, end);
        }
    }
    end
}

/// How long a text is up to its last line break, with it.
fn behind_last_line(text: &[u8]) -> usize {
    memrchr(b'\n', text).map_or(0, |at| at + 1)
}

/// The place behind a quoted field that opens at `at`; `None` when it is not closed, or not before a delimiter or line break.
fn behind_quoted(text: &[u8], at: usize, delimiter: u8) -> Option<usize> {
    let mut next = at + 1;
    loop {
        next += memchr(b'"', text.get(next..)?)? + 1;
        match *text.get(next)? {
            b'"' => next += 1,
            b'\r' | b'\n' => return Some(next),
            behind => return (behind == delimiter).then_some(next),
        }
    }
}

/// The place behind a row of this many fields, with its line break.
fn behind_row(text: &[u8], row: usize, delimiter: u8, width: usize) -> Option<usize> {
    let mut at = row;
    for fields in 1.. {
        if text.get(at) == Some(&b'"') {
            at = behind_quoted(text, at, delimiter)?;
        }
        at += memchr2(delimiter, b'\n', text.get(at..)?)? + 1;
        if text[at - 1] == b'\n' {
            return (fields == width).then_some(at);
        }
    }
    None
}

/// Splits text whose rows are [`proven`] into fields.
///
/// The spans of the fields of each row are put behind those in `spans`; `row` is told which bytes the row has, with its line
/// break, and how many lines; it may take the spans away again. Returns the fields with a doubled quotation mark, which are to be put behind the text.
pub(super) fn split(
    text: &[u8],
    delimiter: u8,
    spans: &mut Vec<Span>,
    mut row: impl FnMut(Range<usize>, u64, &mut Vec<Span>, Texts<'_>),
) -> Vec<u8> {
    let mut unescaped = Vec::new();
    let (mut start, mut at, mut lines) = (0, 0, 1);
    while at < text.len() {
        let (from, to) = if text[at] == b'"' {
            let close = behind_quoted(text, at, delimiter).unwrap_or(text.len());
            let inside = at + 1..close - 1;
            lines += memchr_iter(b'\n', &text[inside.clone()]).count() as u64;
            at = field_end(text, close, delimiter);
            if memchr(b'"', &text[inside.clone()]).is_none() {
                (inside.start, inside.end)
            } else {
                let from = text.len() + unescaped.len();
                let mut rest = &text[inside];
                while let Some(mark) = memchr(b'"', rest) {
                    unescaped.extend_from_slice(&rest[..=mark]);
                    rest = rest.get(mark + 2..).unwrap_or_default();
                }
                unescaped.extend_from_slice(rest);
                (from, text.len() + unescaped.len())
            }
        } else {
            let from = at;
            at = field_end(text, at, delimiter);
            let cr = at > from && text[at - 1] == b'\r' && text.get(at) == Some(&b'\n');
            (from, at - usize::from(cr))
        };
        spans.push((place(from), place(to)));
        let ends = text.get(at).is_none_or(|&byte| byte == b'\n');
        at += 1;
        if ends {
            let texts = Texts {
                text,
                unescaped: &unescaped,
            };
            row(start..at.min(text.len()), lines, spans, texts);
            (start, lines) = (at, 1);
        }
    }
    unescaped
}

/// A text, and what is to be put behind it.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    text: &'a [u8],
    unescaped: &'a [u8],
}

impl<'a> Texts<'a> {
    /// The bytes of a field.
    pub(super) fn field(self, (from, to): Span) -> &'a [u8] {
        let (from, to) = (from as usize, to as usize);
        match from.checked_sub(self.text.len()) {
            // An empty field may stand at the end of the text.
            Some(from) if to > self.text.len() => &self.unescaped[from..to - self.text.len()],
            _ => &self.text[from..to],
        }
    }
}

/// Texts are cut before they are longer than this can say.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The next delimiter or line break from a place on, eight bytes at a time: most fields are short.
#[inline]
fn field_end(text: &[u8], from: usize, delimiter: u8) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The lowest bit that is set stands in the first byte that is zero; bits above it may be wrong.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let (delimiters, breaks) = (ONES * u64::from(delimiter), ONES * u64::from(b'\n'));
    let mut at = from;
    while let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*bytes);
        let found = zeros(word ^ delimiters) | zeros(word ^ breaks);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = text.get(at..).unwrap_or_default();
    memchr2(delimiter, b'\n', rest).map_or(text.len(), |end| at + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows that are proven, and their fields.
    fn rows(text: &str, width: usize) -> (usize, Vec<Vec<String>>) {
        let length = proven(text.as_bytes(), b',', width);
        let (mut spans, mut ends) = (Vec::new(), vec![0]);
        let whole = &text.as_bytes()[..length];
        let unescaped = split(whole, b',', &mut spans, |row, lines, spans, _| {
            assert_eq!(lines, memchr_iter(b'\n', &whole[row]).count() as u64);
            ends.push(spans.len());
        });
        let all = [whole, &unescaped].concat();
        let field = |&(from, to): &Span| {
            String::from_utf8(all[from as usize..to as usize].to_vec()).unwrap()
        };
        let rows = ends
            .windows(2)
            .map(|row| spans[row[0]..row[1]].iter().map(field).collect())
            .collect();
        (length, rows)
    }

    #[test]
    fn rows_are_proven_up_to_what_needs_a_second_look() {
        for (text, width, length) in [
            ("", 2, 0),
            ("a,b", 2, 0),
            ("a,b\nc,d", 2, 4),
            ("a,b\r\nc,d\r\n", 2, 10),
            // Elsewhere a carriage return ends a row by itself.
            ("a,b\nc\rd,e\n", 2, 4),
            ("a,b\n\"c\",d\ne", 2, 10),
            // Marks inside an unquoted field are text.
            ("a\"b,c\"\"d\" e\"\nf,g\n", 2, 17),
            ("a,\"b\"\"c\"\n", 2, 9),
            // Not closed, or text behind the mark.
            ("a,b\nc,\"d\ne,f\n", 2, 4),
            ("a,b\nc,\"d\"e\nf,g\n", 2, 4),
            // Over two lines: whole, and of another width.
            ("a,\"b\nc\"\nd,e\n", 2, 12),
            ("a,b\nc,\"d\ne\",f\ng,h\n", 2, 4),
            ("a,\"b\nc\",\"d\ne\"\n", 3, 14),
            ("a,\"b\nc\"", 2, 0),
            ("\"a\n\",\"\"\n\n", 2, 9),
        ] {
            assert_eq!(proven(text.as_bytes(), b',', width), length, "{text:?}");
        }
    }

    #[test]
    fn doubled_marks_become_one() {
        let (_, rows) = rows("\"a\"\"\",\"\"\"\"\r\n\"\",\"b,\"\"c\"\"\"\n", 2);
        assert_eq!(rows, [["a\"", "\""], ["", "b,\"c\""]]);
    }

    /// Texts of the bytes that matter, in all orders that chance gives: what is proven is read as the `csv` crate reads it.
    #[test]
    fn what_is_proven_is_read_as_the_csv_crate_reads_it() {
        let mut state = 11_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((state >> 33) % below).unwrap()
        };
        let (mut read, mut quoted) = (0, 0);
        for _ in 0..60_000 {
            let pieces = [
                ",",
                ",",
                "\n",
                "\r\n",
                "\"",
                "\"\"",
                "\",\"",
                ",\"",
                "\",",
                "\"\n",
                "a",
                "é",
                "a longer text",
                "1",
                "\r",
            ];
            let text: String = (0..=random(24))
                .map(|_| {
                    let kinds = if random(8) > 0 { 12 } else { 15 };
                    pieces[random(kinds)]
                })
                .collect();
            let (length, found) = rows(&text, 2);
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(&text.as_bytes()[..length]);
            let known: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .collect();
            // Empty lines are no records to the crate.
            let found: Vec<_> = found.into_iter().filter(|row| *row != [""]).collect();
            let known: Vec<_> = known.into_iter().filter(|row| *row != [""]).collect();
            assert_eq!(found, known, "{text:?}, {length} bytes");
            read += known.len();
            quoted += usize::from(text[..length].contains('"'));
        }
        assert!(read > 30_000 && quoted > 10_000, "{read} {quoted}");
    }
}
