//! Finds what a rule of the signatures fits without its pattern, which costs much less.
//!
//! The patterns say what is right. A scan either replaces exactly what its pattern would, or tells that it fits nowhere;
//! a test compares every scan with its pattern. As the patterns do, scans see bytes and know ASCII only.

use std::ops::Range;

use memchr::{memchr_iter, memmem};
use serde::Deserialize;

use super::{RULES, Replaced};

/// The way in which a rule is scanned for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Scan {
    /// By its pattern alone.
    #[default]
    Pattern,
    #[serde(rename = "path of url")]
    PathOfUrl,
    #[serde(rename = "word of url")]
    WordOfUrl,
    #[serde(rename = "path in quotes")]
    PathInQuotes,
    #[serde(rename = "unix path")]
    UnixPath,
    #[serde(rename = "relative path")]
    RelativePath,
    Guid,
    #[serde(rename = "network card")]
    NetworkCard,
    Time,
    #[serde(rename = "ip address")]
    IpAddress,
    Host,
    #[serde(rename = "host behind word")]
    HostBehindWord,
    #[serde(rename = "single quotes")]
    SingleQuotes,
    #[serde(rename = "list in quotes")]
    ListInQuotes,
    #[serde(rename = "double quotes")]
    DoubleQuotes,
    #[serde(rename = "name behind kind")]
    NameBehindKind,
    Size,
    Unit,
    #[serde(rename = "word with digits")]
    WordWithDigits,
}

/// What a scan says of a line.
pub(super) enum Look {
    /// The pattern fits nowhere.
    Nothing,
    /// The pattern may fit.
    Maybe,
    /// The line with all that the pattern fits replaced.
    Replaced(String),
}

/// What stands in a line: its bytes, and where its digits stand.
pub(super) struct Marks {
    present: [bool; 256],
    /// Runs of digits, in order.
    digits: Vec<Range<usize>>,
}

impl Default for Marks {
    fn default() -> Marks {
        Marks {
            present: [false; 256],
            digits: Vec::new(),
        }
    }
}

impl Marks {
    pub(super) fn read(&mut self, line: &str) {
        self.present = [false; 256];
        self.digits.clear();
        let mut start = None;
        for (at, &byte) in line.as_bytes().iter().enumerate() {
            self.present[usize::from(byte)] = true;
            if byte.is_ascii_digit() {
                start = start.or(Some(at));
            } else if let Some(start) = start.take() {
                self.digits.push(start..at);
            }
        }
        if let Some(start) = start {
            self.digits.push(start..line.len());
        }
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.present[usize::from(byte)]
    }

    pub(super) fn has_digit(&self) -> bool {
        !self.digits.is_empty()
    }
}

impl Scan {
    pub(super) fn look(self, line: &str, marks: &Marks) -> Look {
        let bytes = line.as_bytes();
        let may = match self {
            Scan::PathOfUrl => return path_of_url(line),
            Scan::PathInQuotes => return path_in_quotes(line),
            Scan::UnixPath => return unix_path(line),
            Scan::Guid => return guid(line),
            Scan::SingleQuotes => return names_in_quotes(line, b'\''),
            Scan::DoubleQuotes => return names_in_quotes(line, b'"'),
            Scan::Pattern => true,
            Scan::WordOfUrl => has_word_of_url(bytes),
            Scan::RelativePath => marks.has(b'\\') || has_relative_path(bytes),
            Scan::NetworkCard => has_network_card(bytes, marks),
            Scan::Time => marks.digits.iter().any(|run| is_of_time(bytes, run)),
            Scan::IpAddress => has_ip_address(bytes, marks),
            Scan::Host => has_host(bytes),
            Scan::HostBehindWord => has_host_behind_word(bytes, marks),
            Scan::ListInQuotes => has_list_in_quotes(bytes),
            Scan::NameBehindKind => has_name_behind_kind(bytes),
            Scan::Size => marks.digits.iter().any(|run| is_size(bytes, run.end)),
            Scan::Unit => marks.digits.iter().any(|run| has_unit(bytes, run.end)),
            Scan::WordWithDigits => has_word_with_digits(bytes, marks) || has_cut_version(bytes),
        };
        if may { Look::Maybe } else { Look::Nothing }
    }
}

/// `\w` of the patterns.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `\s` of the patterns.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// The byte at a place; 0 behind the end, which no test asks for.
fn at(bytes: &[u8], place: usize) -> u8 {
    bytes.get(place).copied().unwrap_or(0)
}

/// The byte before a place; 0 at the front.
fn before(bytes: &[u8], place: usize) -> u8 {
    place.checked_sub(1).map_or(0, |place| at(bytes, place))
}

fn are(bytes: &[u8], range: Range<usize>, fits: impl Fn(u8) -> bool) -> bool {
    let part = bytes.get(range);
    part.is_some_and(|part| part.iter().all(|&byte| fits(byte)))
}

/// The end of the longest run of such bytes from here on.
fn run_end(bytes: &[u8], from: usize, fits: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|&&byte| fits(byte)).count()
}

/// The beginning of the longest run of such bytes that ends here.
fn run_start(bytes: &[u8], end: usize, fits: impl Fn(u8) -> bool) -> usize {
    let front = bytes.get(..end).unwrap_or_default();
    end - front.iter().rev().take_while(|&&byte| fits(byte)).count()
}

/// Small letters without the rest: true if these bytes are one of the words in any case.
fn is_one_of(bytes: &[u8], words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| bytes.eq_ignore_ascii_case(word.as_bytes()))
}

/// True if `bytes` ends with one of the words in any case.
fn ends_with_one_of(bytes: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| {
        let start = bytes.len().checked_sub(word.len());
        start.is_some_and(|start| bytes[start..].eq_ignore_ascii_case(word.as_bytes()))
    })
}

/// The end of `<word>` of small letters and lines, if one stands here.
fn placeholder_end(bytes: &[u8], from: usize) -> Option<usize> {
    if at(bytes, from) != b'<' {
        return None;
    }
    let end = run_end(bytes, from + 1, |byte| {
        byte.is_ascii_lowercase() || byte == b'-'
    });
    (end > from + 1 && at(bytes, end) == b'>').then_some(end + 1)
}

fn path_of_url(line: &str) -> Look {
    let bytes = line.as_bytes();
    let ends_path = |byte: u8| is_space(byte) || b"'\",;)<>]".contains(&byte);
    let ends_host = |byte: u8| ends_path(byte) || byte == b'/' || byte == b'?';
    let mut replaced = Replaced::new(line);
    let mut from = 0;
    while let Some(found) = memmem::find(&bytes[from..], b"://") {
        let host = from + found + 3;
        from = from + found + 1;
        let end = run_end(bytes, host, |byte| !ends_host(byte));
        if end == host || !matches!(at(bytes, end), b'/' | b'?') {
            continue;
        }
        // The path goes on to the last part that is no dot.
        let mut last = end + 1;
        let mut part = end + 1;
        while part < bytes.len() {
            if let Some(behind) = placeholder_end(bytes, part) {
                (part, last) = (behind, behind);
            } else if ends_path(bytes[part]) {
                break;
            } else {
                part += 1;
                if bytes[part - 1] != b'.' {
                    last = part;
                }
            }
        }
        replaced.put(end..last, &["/<path>"]);
        from = last;
    }
    replaced.look()
}

fn has_word_of_url(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"://").any(|found| {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let end = run_end(bytes, found + 3, word);
        let next = bytes.get(end);
        end > found + 3
            && next.is_none_or(|&next| {
                next == b':' && at(bytes, end + 1).is_ascii_digit()
                    || is_space(next)
                    || b"/'\",;)]".contains(&next)
            })
    })
}

fn path_in_quotes(line: &str) -> Look {
    let bytes = line.as_bytes();
    let mut replaced = Replaced::new(line);
    let mut from = 0;
    while let Some(found) = memchr::memchr2(b'\'', b'"', &bytes[from..]) {
        let quote = from + found;
        from = quote + 1;
        let next = [1, 2, 3].map(|step| at(bytes, quote + step));
        let is_path = match next {
            [b'/', ..] | [b'\\', b'\\', _] => true,
            [letter, b':', b'\\'] => letter.is_ascii_alphabetic(),
            _ => false,
        };
        if is_path && let Some(end) = memchr::memchr2(b'\'', b'"', &bytes[from..]) {
            let end = from + end + 1;
            let mark = &line[quote..=quote];
            replaced.put(quote..end, &[mark, "<path>", mark]);
            from = end;
        }
    }
    replaced.look()
}

fn unix_path(line: &str) -> Look {
    let bytes = line.as_bytes();
    let name = |byte: u8| is_word(byte) || byte >= 0x80 || b".@+%~-".contains(&byte);
    let mut replaced = Replaced::new(line);
    let mut done = 0;
    for slash in memchr_iter(b'/', bytes) {
        // What stands before the path, and two dots at most.
        let dots = slash - run_start(bytes, slash, |byte| byte == b'.');
        let mut starts = (0..=dots.min(2)).rev().map(|dots| slash - dots);
        let start = starts.find(|&start| {
            if start == 0 {
                return done == 0;
            }
            let mark = bytes[start - 1];
            start > done && (is_space(mark) || b"'\"(=:[".contains(&mark))
        });
        let Some(start) = start else { continue };
        let first = run_end(bytes, slash + 1, name);
        if first == slash + 1 || at(bytes, first) != b'/' {
            continue;
        }
        let end = run_end(bytes, first, |byte| name(byte) || byte == b'/');
        let end = end_of_numbered(bytes, end).unwrap_or(end);
        replaced.put(start..end, &["<path>"]);
        done = end;
    }
    replaced.look()
}

/// The end of ` (2).csv` or ` 2024 (1).csv`, which belongs to the path before it.
fn end_of_numbered(bytes: &[u8], from: usize) -> Option<usize> {
    let bracket = at(bytes, from) == b' ' && at(bytes, from + 1) == b'(';
    let first = from + 1 + usize::from(bracket);
    if at(bytes, from) != b' ' || !at(bytes, first).is_ascii_digit() {
        return None;
    }
    let dot = run_end(bytes, first, |byte| is_word(byte) || b"()-".contains(&byte));
    let end = run_end(bytes, dot + 1, is_word);
    let is_ending = at(bytes, dot) == b'.' && at(bytes, dot + 1).is_ascii_alphabetic();
    (is_ending && (3..=6).contains(&(end - dot))).then_some(end)
}

fn has_relative_path(bytes: &[u8]) -> bool {
    let name = |byte: u8| is_word(byte) || b".@+%~-".contains(&byte);
    // The first slash of a path tells of the others.
    let mut next = 0;
    memchr_iter(b'/', bytes).any(|slash| {
        if slash < next {
            return false;
        }
        let start = run_start(bytes, slash, |byte| name(byte) || byte == b'/');
        next = run_end(bytes, slash, |byte| name(byte) || byte == b'/');
        let mark = before(bytes, start);
        let begins = start == 0 || is_space(mark) || b"(=:[".contains(&mark);
        begins && start < slash && bytes[slash..next].contains(&b'.')
    })
}

fn guid(line: &str) -> Look {
    let bytes = line.as_bytes();
    let mut replaced = Replaced::new(line);
    let mut done = 0;
    for dash in memchr_iter(b'-', bytes) {
        let Some(start) = dash.checked_sub(8).filter(|&start| start >= done) else {
            continue;
        };
        let dashes = [5, 10, 15]
            .iter()
            .all(|step| at(bytes, dash + step) == b'-');
        let end = dash + 28;
        let is_guid = dashes
            && are(bytes, start..dash, is_hex)
            && [1, 6, 11]
                .iter()
                .all(|step| are(bytes, dash + step..dash + step + 4, is_hex))
            && are(bytes, dash + 16..end, is_hex)
            && !is_word(before(bytes, start))
            && !is_word(at(bytes, end));
        if is_guid {
            let opens = before(bytes, start) == b'{' && start > done;
            let end = end + usize::from(at(bytes, end) == b'}');
            replaced.put(start - usize::from(opens)..end, &["<guid>"]);
            done = end;
        }
    }
    replaced.look()
}

fn has_network_card(bytes: &[u8], marks: &Marks) -> bool {
    let colons = |from: usize| {
        // Five colons with one or two digits before each and behind the last.
        let mut colon = from;
        for _ in 0..4 {
            let Some(step) = (2..=3).find(|step| at(bytes, colon + step) == b':') else {
                return false;
            };
            if !are(bytes, colon + 1..colon + step, is_hex) {
                return false;
            }
            colon += step;
        }
        is_hex(before(bytes, from)) && is_hex(at(bytes, colon + 1))
    };
    let lines = |from: usize| {
        let next = [3, 6, 9, 12]
            .iter()
            .all(|step| at(bytes, from + step) == b'-');
        next && is_hex(before(bytes, from)) && are(bytes, from + 1..from + 3, is_hex)
    };
    marks.has(b':') && memchr_iter(b':', bytes).any(colons)
        || marks.has(b'-') && memchr_iter(b'-', bytes).any(lines)
}

/// True if a run of digits may belong to a date or a time of day.
fn is_of_time(bytes: &[u8], run: &Range<usize>) -> bool {
    let Range { start, end } = *run;
    let digits = |from: usize, count: usize| are(bytes, from..from + count, |b| b.is_ascii_digit());
    let next = at(bytes, end);
    let long = end - start;
    let century = bytes[start..end].starts_with(b"19") || bytes[start..end].starts_with(b"20");
    let date = long >= 4 && next == b'-' && digits(end + 1, 2) && at(bytes, end + 3) == b'-';
    let clock = long >= 2 && next == b':' && digits(end + 1, 2) && at(bytes, end + 3) == b':';
    let compact = long >= 8 && next == b'T';
    let year = long >= 4 && century && matches!(before(bytes, start), b'/' | b'.');
    date || clock || compact || year || is_of_month(bytes, run)
}

/// True if a month may stand beside a number: `Mar 5`, `5 Mar`, `5-Mar-`.
fn is_of_month(bytes: &[u8], run: &Range<usize>) -> bool {
    let is_month = |from: usize| {
        const MONTHS: [&[u8]; 12] = [
            b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
            b"Dec",
        ];
        let word = bytes.get(from..from + 3);
        word.is_some_and(|word| MONTHS.contains(&word))
    };
    let apart = |byte: u8| is_space(byte) || byte == b'-';
    let behind = apart(at(bytes, run.end)) && is_month(run.end + 1);
    behind
        || is_space(before(bytes, run.start)) && {
            let end = run.start - 1;
            let end = end - usize::from(before(bytes, end) == b'.');
            let small = run_start(bytes, end, |byte| byte.is_ascii_lowercase());
            small > 0 && is_month(small - 1)
        }
}

fn has_ip_address(bytes: &[u8], marks: &Marks) -> bool {
    let four = marks.digits.windows(4).any(|runs| {
        let touch = |pair: &[Range<usize>]| {
            pair[0].end + 1 == pair[1].start && at(bytes, pair[0].end) == b'.'
        };
        runs.windows(2).all(touch) && runs.iter().all(|run| run.len() <= 3)
    });
    // Two colons, and at most four hexadecimal digits between them.
    four || marks.has(b':')
        && memchr_iter(b':', bytes).any(|colon| {
            let end = run_end(bytes, colon + 1, is_hex);
            at(bytes, end) == b':' && end <= colon + 5 && is_hex(before(bytes, colon))
        })
}

/// True if a dot stands before a word in which names of hosts end.
fn has_host(bytes: &[u8]) -> bool {
    let label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    memchr_iter(b'.', bytes).any(|dot| {
        let end = run_end(bytes, dot + 1, label);
        let word = &bytes[dot + 1..end];
        label(before(bytes, dot)) && !word.is_empty() && RULES.may_end_host(word)
    })
}

/// True if a word with digits may be a host that the word before it announces.
fn has_host_behind_word(bytes: &[u8], marks: &Marks) -> bool {
    let part = |byte: u8| is_word(byte) || byte == b'-';
    words_of(bytes, &marks.digits, part).any(|word| is_announced_host(bytes, word.start))
}

/// The words that these digits are parts of, each once: a long one may have thousands of them.
fn words_of<'a>(
    bytes: &'a [u8],
    digits: &'a [Range<usize>],
    part: impl Fn(u8) -> bool + Copy + 'a,
) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut next = 0;
    digits.iter().filter_map(move |run| {
        if run.start < next {
            return None;
        }
        next = run_end(bytes, run.end, part);
        Some(run_start(bytes, run.start, part)..next)
    })
}

fn is_announced_host(bytes: &[u8], start: usize) -> bool {
    if before(bytes, start) != b' ' || !bytes[start].is_ascii_alphabetic() {
        return false;
    }
    let mut said = &bytes[..start - 1];
    if let Some(short) = said.strip_suffix(b":").or_else(|| said.strip_suffix(b"=")) {
        said = short;
    }
    let words = ["host", "server", "machine", "node", "computer"];
    ends_with_one_of(said, &words)
        || ends_with_one_of(said, &[" name"]) && ends_with_one_of(&said[..said.len() - 5], &words)
}

fn has_list_in_quotes(bytes: &[u8]) -> bool {
    let name = b"'<name>'";
    memmem::find_iter(bytes, name).any(|found| matches!(at(bytes, found + name.len()), b',' | b' '))
}

/// True if a word that names a kind of thing stands before a name with a dot or a line in it.
fn has_name_behind_kind(bytes: &[u8]) -> bool {
    const KINDS: [&str; 31] = [
        "table",
        "view",
        "object",
        "database",
        "schema",
        "column",
        "columns",
        "field",
        "relation",
        "container",
        "bucket",
        "collection",
        "queue",
        "topic",
        "file",
        "directory",
        "procedure",
        "user",
        "role",
        "login",
        "account",
        "dataset",
        "assembly",
        "model",
        "test",
        "job",
        "task",
        "pipeline",
        "activity",
        "notebook",
        "dag",
    ];
    memchr_iter(b' ', bytes).any(|space| {
        let name = |byte: u8| is_word(byte) || b"$-.\\".contains(&byte);
        let end = run_end(bytes, space + 1, name);
        let has_mark = bytes[space + 1..end]
            .iter()
            .any(|byte| b"_.\\".contains(byte));
        has_mark && {
            let start = run_start(bytes, space, is_word);
            is_one_of(&bytes[start..space], &KINDS)
        }
    })
}

/// True if the digits that end here may be of a size: `5 MB`.
fn is_size(bytes: &[u8], end: usize) -> bool {
    let word = end + usize::from(is_space(at(bytes, end)));
    let word = &bytes[word..run_end(bytes, word, |byte| byte.is_ascii_alphabetic())];
    let is_unit = |word: &[u8]| match word.to_ascii_lowercase().as_slice() {
        [unit, b'b'] | [unit, b'i', b'b'] => b"kmgtp".contains(unit),
        word => word == b"b" || word == b"byte" || word == b"bytes",
    };
    word.len() <= 5 && is_unit(word)
}

/// True if a word or a percent sign stands behind the digits that end here.
fn has_unit(bytes: &[u8], end: usize) -> bool {
    let next = at(bytes, end);
    let place = end + usize::from(next == b'\'' || next == b'"');
    let place = place + usize::from(is_space(at(bytes, place)));
    let next = at(bytes, place);
    next == b'%' || next.is_ascii_alphabetic()
}

/// True if a word with digits has more than digits, or is a long number with a zero in front.
fn has_word_with_digits(bytes: &[u8], marks: &Marks) -> bool {
    let part = |byte: u8| is_word(byte) || byte >= 0x80 || byte == b'$' || byte == b'-';
    let is_letter = |&byte: &u8| !byte.is_ascii_digit() && byte != b'-';
    let is_long = |run: &Range<usize>| bytes[run.start] == b'0' && run.len() >= 8;
    marks.digits.iter().any(is_long)
        || words_of(bytes, &marks.digits, part).any(|word| bytes[word].iter().any(is_letter))
}

/// True if a version may end in a dot before a word: `version 15.x`, `TLS.x`. It is kept where it stands, but is no version
/// alone, and so it is replaced.
fn has_cut_version(bytes: &[u8]) -> bool {
    memchr_iter(b'.', bytes).any(|dot| {
        is_word(at(bytes, dot + 1)) && {
            let start = run_start(bytes, dot, |byte| byte.is_ascii_digit() || byte == b'.');
            let number = &bytes[start..dot];
            number.iter().any(u8::is_ascii_digit) || b"sSvV".contains(&before(bytes, start))
        }
    })
}

/// What is done with what stands between two quotes.
enum Quoted {
    Kept,
    Name,
    /// Nothing fits it.
    Neither,
}

fn names_in_quotes(line: &str, quote: u8) -> Look {
    let bytes = line.as_bytes();
    let with = if quote == b'\'' {
        "'<name>'"
    } else {
        "\"<name>\""
    };
    let next_quote = |from: usize| {
        let rest = bytes.get(from..)?;
        memchr::memchr(quote, rest).map(|found| from + found)
    };
    let mut replaced = Replaced::new(line);
    // Behind what was found last, and where the next quote is looked for.
    let (mut done, mut from) = (0, 0);
    while let Some(open) = next_quote(from) {
        let close = next_quote(open + 1);
        if let Some(end) = end_of_code(bytes, done, open, close, &next_quote) {
            (done, from) = (end, end);
            continue;
        }
        let is_apostrophe = quote == b'\''
            && open > done
            && is_word(before(bytes, open))
            && is_word(at(bytes, open + 1));
        if is_apostrophe {
            (done, from) = (open + 2, open + 2);
            continue;
        }
        let Some(close) = close else {
            from = open + 1;
            continue;
        };
        let text = &bytes[open + 1..close];
        let mut end = close + 1;
        if quote == b'"' && !text.is_empty() && text.iter().all(|&byte| is_word(byte)) {
            // A key of JSON, and its value if that is in quotes.
            let colon = run_end(bytes, end, is_space);
            if at(bytes, colon) == b':' {
                end = run_end(bytes, colon + 1, is_space);
                if at(bytes, end) == quote
                    && let Some(behind) = next_quote(end + 1)
                {
                    end = behind + 1;
                }
                (done, from) = (end, end);
                continue;
            }
        }
        match quoted(text) {
            Quoted::Neither => {
                from = close;
                continue;
            }
            Quoted::Name => replaced.put(open..end, &[with]),
            Quoted::Kept => {}
        }
        (done, from) = (end, end);
    }
    replaced.look()
}

/// The end of a code in quotes behind the word that announces it: `code 'x'`, `"status": 'x'`.
fn end_of_code(
    bytes: &[u8],
    done: usize,
    open: usize,
    close: Option<usize>,
    next_quote: &impl Fn(usize) -> Option<usize>,
) -> Option<usize> {
    let close = close?;
    let announces = |end: usize| {
        let start = run_start(bytes, end, is_word);
        let word = &bytes[start..end];
        start >= done
            && (ends_with_one_of(word, &["code", "status", "state"])
                || is_one_of(word, &["error", "reason", "exception", "message"]))
    };
    if is_word(before(bytes, open)) {
        if !announces(open) {
            return None;
        }
        // The quote may be the one that ends the word's own quotes.
        let mut main = run_end(bytes, open + 1, is_space);
        if matches!(at(bytes, main), b':' | b'=') {
            main = run_end(bytes, main + 1, is_space);
        }
        let own = (main == close).then(|| next_quote(main + 1)).flatten();
        return Some(own.unwrap_or(close) + 1);
    }
    let mut word = run_start(bytes, open, is_space);
    if matches!(before(bytes, word), b':' | b'=') {
        word = run_start(bytes, word - 1, is_space);
    }
    let other = if bytes[open] == b'\'' { b'"' } else { b'\'' };
    if before(bytes, word) == other {
        word -= 1;
    }
    (word < open && announces(word)).then_some(close + 1)
}

fn quoted(text: &[u8]) -> Quoted {
    let (Some(&first), Some(&last)) = (text.first(), text.last()) else {
        return Quoted::Kept;
    };
    let methods: [&[u8]; 6] = [b"GET ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b"HEAD "];
    let is_number = |&byte: &u8| byte.is_ascii_digit() || byte == b'.' || byte == b',';
    if first == b'<'
        || is_space(first)
        || is_space(last)
        || text.iter().all(is_number)
        || methods.iter().any(|method| text.starts_with(method))
    {
        return Quoted::Kept;
    }
    let (mut spaces, mut plain) = (0, true);
    for pair in text.windows(2) {
        if is_space(pair[0]) {
            if is_space(pair[1]) {
                return Quoted::Kept;
            }
            spaces += 1;
            plain &= pair[0] == b' ';
        }
    }
    match (spaces, plain) {
        (5.., _) => Quoted::Kept,
        (_, true) => Quoted::Name,
        (_, false) => Quoted::Neither,
    }
}
