//! Records that cannot be used: what was wrong, where, and what to do.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::errors::{Masker, Privacy};

/// Longest quoted value, in characters.
const VALUE_CHARS: usize = 120;
/// Rejects kept in full for each file; the rest is counted.
const KEPT_PER_FILE: usize = 1_000;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $key:literal $hint:literal),* $(,)?) => {
        /// Why a record was set aside. The codes are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $variant),* }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The stable code.
            pub fn key(self) -> &'static str {
                match self { $(Code::$variant => $key),* }
            }

            /// What to do about it.
            pub fn hint(self) -> &'static str {
                match self { $(Code::$variant => $hint),* }
            }
        }
    };
}

codes! {
    /// A CSV row has more or fewer fields than the header.
    CsvWidth "E-CSV-WIDTH" "look for an unquoted delimiter or line break in this row",
    /// A file that is no export, such as a workbook or a page for signing in.
    FileKind "E-FILE-KIND" "save the export as CSV, JSON or Parquet, and sign in where a page asks for it",
    /// A file whose records nobody knows.
    FileUnknown "E-FILE-UNKNOWN" "name the preset with --preset, or write a mapping: rundown check --init-mapping FILE",
    /// A file without a byte, or with blanks only.
    FileEmpty "E-FILE-EMPTY" "the file holds nothing; see whether the export went wrong",
    /// A file that became shorter while it was read.
    FileChanged "E-FILE-CHANGED" "the file became shorter while it was read; read it again when it is complete",
    /// A record or value of more than 16 MiB.
    TooLong "E-TOO-LONG" "a record may have 16 MiB; is a quotation mark not closed, or a line break missing?",
    /// A quoted CSV field is not closed, or text follows its closing mark.
    CsvQuote "E-CSV-QUOTE" "a quotation mark is not closed, or not doubled inside a quoted field",
    /// Two columns of a CSV file have the same name.
    CsvDupHeader "E-CSV-DUPHEADER" "two columns have the same name, so the values are not certain; rename one",
    /// A total or a note below the rows.
    CsvFooter "E-CSV-FOOTER" "this is a total or a note below the rows, not a run",
    /// The values stand under the wrong names.
    CsvShifted "E-CSV-SHIFTED" "the values stand under the wrong names, so nothing of the file is used",
    /// Bytes that are not in the encoding of the file.
    Encoding "E-ENCODING" "save the export as UTF-8, or name its encoding, such as --encoding windows-1252",
    /// Text that is not JSON.
    JsonSyntax "E-JSON-SYNTAX" "the text is not JSON at this place; the file may be cut or edited by hand",
    /// A JSON value where an object was expected.
    JsonType "E-JSON-TYPE" "a run record is a JSON object",
    /// A key stands twice in one object.
    JsonDupKey "E-JSON-DUPKEY" "one key is given twice, so its value is not certain",
    /// A Parquet file that the reader cannot read.
    Parquet "E-PARQUET" "the file is damaged or uses a feature that is not supported; export it again",
    /// A compressed file that ends early or fails its checksum.
    Compressed "E-COMPRESSED" "the compressed file is cut or damaged; nothing of it is used; copy it again",
    /// A value that is not a timestamp.
    Time "E-TIME" "expected a time such as 2026-01-31T08:15:00Z",
    /// Day and month could be either way round.
    TimeAmbiguous "E-TIME-AMBIGUOUS" "say which comes first with --date-order dmy or --date-order mdy",
    /// A time column headed by a zone that is not UTC.
    TimeZone "E-TIME-ZONE" "the header names a zone; say which with --input-tz, such as --input-tz Europe/Berlin",
    /// A local time that the clocks skipped.
    TimeGap "E-TIME-GAP" "this local time does not exist; check --input-tz",
    /// A time as a spreadsheet counts days.
    TimeSerial "E-TIME-SERIAL" "this is a day number of a spreadsheet; format the column as date and time there, and export again",
    /// No time at all.
    TimeMissing "E-TIME-MISSING" "a run needs a start, queue or end time to belong to a day",
    /// A value that is not a number.
    Number "E-NUMBER" "expected a whole number, 0 or more",
    /// A number that may be one thing or another.
    NumberAmbiguous "E-NUMBER-AMBIGUOUS" "say what separates decimals with --decimal point or --decimal comma",
    /// A record that says nothing.
    EmptyRun "E-EMPTY-RUN" "the record has no id, no status and no time",
}

/// Where a record begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Its line, counted from 1 (Parquet: its row).
    pub line: u64,
    /// Bytes before it in the text, where there is a text.
    pub byte: Option<u64>,
}

impl Start {
    /// In a text.
    pub fn new(line: u64, byte: u64) -> Start {
        Start {
            line,
            byte: Some(byte),
        }
    }
}

impl From<u64> for Start {
    /// A line or row of which the bytes are not known.
    fn from(line: u64) -> Start {
        Start { line, byte: None }
    }
}

/// One record that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Line at which the record begins (Parquet: its row), counted from 1.
    pub line: u64,
    /// Bytes before the record, in the file as it is without compression; where it is not UTF-8, in its text as UTF-8.
    /// `None` for Parquet and for whole files.
    pub byte: Option<u64>,
    /// The column or key, where one is to blame.
    pub column: Option<String>,
    /// Which column of a delimited text that is, counted from 1.
    pub index: Option<u64>,
    /// Why.
    pub code: Code,
    /// What was found: masked and cut.
    pub value: String,
    /// What was expected or what to do.
    pub hint: Cow<'static, str>,
}

impl Reject {
    /// A reject with the usual hint of its code. Column and value are masked before they are cut.
    pub fn new(
        start: impl Into<Start>,
        column: Option<&str>,
        code: Code,
        value: &str,
        masker: &Masker,
    ) -> Reject {
        let Start { line, byte } = start.into();
        Reject {
            line,
            byte,
            column: column.map(|column| quoted(column, masker)),
            index: None,
            code,
            value: quoted(value, masker),
            hint: Cow::Borrowed(code.hint()),
        }
    }

    /// The same in the column of this number, counted from 0.
    #[must_use]
    pub fn in_column(mut self, column: Option<usize>) -> Reject {
        self.index = column.map(|column| column as u64 + 1);
        self
    }

    /// The same with a hint of its own.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Reject {
        self.hint = hint.into();
        self
    }
}

/// A piece of a log as it may be quoted in a message: masked, then cut.
pub fn quoted(text: &str, masker: &Masker) -> String {
    // Masking looks at more than is shown, so that a secret is not cut into an unknown shape.
    let start = first_chars(text, 8 * VALUE_CHARS);
    if is_key_material(start) {
        return "<base64>".to_owned();
    }
    let masked = masker.mask(start);
    let shown = first_words(&masked, start.len() < text.len());
    if shown.len() < masked.len() || start.len() < text.len() {
        format!("{shown}…")
    } else {
        shown.to_owned()
    }
}

/// So many characters at most that can be shown. What is cut ends between two words, since of a part of a word nobody can
/// tell whether it is one of those that `--privacy` hides.
fn first_words(text: &str, is_cut: bool) -> &str {
    let first = first_chars(text, VALUE_CHARS);
    if first.len() == text.len() && !is_cut {
        return text;
    }
    let ends = |c: char| c.is_whitespace() || ",;:|/\"'()[]{}<>=&?".contains(c);
    let end = first.rfind(ends).filter(|&end| end > 0);
    // No name is as long as a word without an end.
    end.map_or(first, |end| &first[..end])
}

/// A line of text as [`quoted`], for which the text before it may say that it is a secret.
pub fn quoted_after(before: &str, line: &str, masker: &Masker) -> String {
    let both = format!("{before}\n{line}");
    let masked = masker.mask(&both);
    let line = masked.rsplit('\n').next().unwrap_or_default();
    quoted(line.trim(), masker)
}

/// True for a line of a key or certificate that has lost the lines around it: nothing but base64, and long.
fn is_key_material(text: &str) -> bool {
    let text = text.trim();
    let has = |kind: fn(&u8) -> bool| text.as_bytes().iter().any(kind);
    text.len() >= 40
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}

/// The first so many characters.
fn first_chars(text: &str, count: usize) -> &str {
    match text.char_indices().nth(count) {
        Some((end, _)) if text.len() > count => &text[..end],
        _ => text,
    }
}

/// With what every file of rejects begins that is not empty.
pub const LINE_START: &str = "{\"rejected\":\"E-";

/// A reject as it is written to a file.
#[derive(Serialize)]
struct Written<'a> {
    rejected: &'static str,
    path: &'a str,
    line: Option<u64>,
    byte: Option<u64>,
    column: Option<&'a str>,
    index: Option<u64>,
    value: &'a str,
    hint: &'a str,
}

/// A whole file that was not read, as a line of NDJSON.
pub fn file_line(code: Code, path: &str, reason: &str) -> serde_json::Result<String> {
    let mut line = serde_json::to_string(&Written {
        rejected: code.key(),
        path,
        line: None,
        byte: None,
        column: None,
        index: None,
        value: "",
        hint: &reason.replace("\n       ", "; "),
    })?;
    line.push('\n');
    Ok(line)
}

/// The rejects of one file.
#[derive(Clone, Debug, Default)]
pub struct Rejects {
    /// The first ones, or all.
    pub kept: Vec<Reject>,
    /// How many there were.
    pub total: i64,
    /// How many of each code.
    pub by_code: BTreeMap<Code, i64>,
    /// Every one is kept.
    pub all: bool,
    /// Masks what is quoted.
    pub masker: Masker,
    /// Bytes of the file before the text in which those that are pushed are placed.
    pub text_at: u64,
}

impl Rejects {
    /// None so far; with `all`, every one is kept. What is quoted is masked by `masker`.
    pub fn keeping(all: bool, masker: Masker) -> Rejects {
        Rejects {
            all,
            masker,
            ..Rejects::default()
        }
    }

    fn room(&self) -> usize {
        let most = if self.all { usize::MAX } else { KEPT_PER_FILE };
        most.saturating_sub(self.kept.len())
    }

    /// Counts a reject and keeps it while there is room.
    pub fn push(&mut self, mut reject: Reject) {
        reject.byte = reject.byte.map(|byte| byte + self.text_at);
        self.total += 1;
        *self.by_code.entry(reject.code).or_insert(0) += 1;
        if self.room() > 0 {
            self.kept.push(reject);
        }
    }

    /// None so far, of another part of the same text.
    pub(super) fn fork(&self) -> Rejects {
        Rejects {
            text_at: self.text_at,
            ..Rejects::keeping(self.all, self.masker.clone())
        }
    }

    /// Adds those of other parts of the file, which were kept from `before` on here and all in `others`. `pieces` says
    /// how many come from whom (0: from these), in order.
    pub(super) fn weave(
        &mut self,
        before: usize,
        others: Vec<Rejects>,
        pieces: impl Iterator<Item = (usize, usize)>,
    ) {
        let mut kept = vec![self.kept.split_off(before.min(self.kept.len())).into_iter()];
        for other in others {
            self.total += other.total;
            for (code, count) in other.by_code {
                *self.by_code.entry(code).or_insert(0) += count;
            }
            kept.push(other.kept.into_iter());
        }
        // Whoever kept no more had as many as there is room for.
        for (who, count) in pieces {
            let room = self.room();
            self.kept.extend(kept[who].by_ref().take(count).take(room));
        }
    }

    /// Adds those of another part of the file, behind these.
    pub fn append(&mut self, other: Rejects) {
        self.total += other.total;
        for (code, count) in other.by_code {
            *self.by_code.entry(code).or_insert(0) += count;
        }
        let room = self.room();
        self.kept.extend(other.kept.into_iter().take(room));
    }

    /// Hides personal data in what is quoted.
    pub(crate) fn hide(&mut self, privacy: &Privacy) {
        for reject in &mut self.kept {
            privacy.hide_in(&mut reject.value);
            if let Some(column) = &mut reject.column {
                privacy.hide_in(column);
            }
            if let Cow::Owned(hint) = &mut reject.hint {
                privacy.hide_in(hint);
            }
        }
    }

    /// Those that are kept as NDJSON, one a line, for the file with this path.
    pub fn lines(&self, path: &str) -> serde_json::Result<String> {
        let mut lines = String::new();
        for reject in &self.kept {
            lines.push_str(&serde_json::to_string(&Written {
                rejected: reject.code.key(),
                path,
                line: Some(reject.line),
                byte: reject.byte,
                column: reject.column.as_deref(),
                index: reject.index,
                value: &reject.value,
                hint: &reject.hint,
            })?);
            lines.push('\n');
        }
        Ok(lines)
    }

    /// How many were runs that are lost. A total below the rows is none.
    pub fn lost(&self) -> i64 {
        self.total - self.by_code.get(&Code::CsvFooter).copied().unwrap_or(0)
    }

    /// States one reason for all of them, found when the whole file was seen.
    pub fn explain(&mut self, code: Code, hint: &str) {
        for reject in &mut self.kept {
            reject.code = code;
            reject.hint = Cow::Owned(hint.to_owned());
        }
        self.by_code = BTreeMap::from([(code, self.total)]);
    }
}
