//! Records as columns: what the readers fill and what reconciliation works on.
//!
//! One column for each [`Field`], as long as its last value: a field that no record states costs
//! nothing. Text is dictionary-encoded. Missing values are sentinels here and become true nulls in
//! the frame.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

use hashbrown::HashTable;

use super::run_id::{IdText, RunId, RunIdText, RunIds};
use super::schema::{Field, Kind, Outcome, Status};
use crate::threads;

/// Stands for a missing instant, count or duration.
pub(crate) const NO_INT: i64 = i64::MIN;
/// Stands for missing text.
pub(crate) const NO_TEXT: u32 = u32::MAX;
/// Stands for a missing status.
pub(crate) const NO_STATUS: u8 = u8::MAX;

/// Distinct texts, numbered in order of first appearance.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    text: String,
    ends: Vec<usize>,
    index: HashTable<u32>,
}

fn hash(bytes: &[u8]) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = foldhash::fast::FixedState::with_seed(0x72_75_6e).build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

impl Dictionary {
    /// Number of distinct texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when nothing was added.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text with this code.
    pub fn get(&self, code: u32) -> &str {
        let code = code as usize;
        let start = if code == 0 { 0 } else { self.ends[code - 1] };
        &self.text[start..self.ends[code]]
    }

    /// Every text, by code.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|code| self.get(u32::try_from(code).unwrap_or(NO_TEXT)))
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        // An entry of the index takes 5 bytes, and an eighth of them at least is free.
        self.text.len() + self.len() * (size_of::<usize>() + 8)
    }

    /// The code of this text, if it was added.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.index
            .find(hash(text.as_bytes()), |&code| self.get(code) == text)
            .copied()
    }

    /// The code of this text, added when new; true when it was new.
    pub fn add(&mut self, text: &str) -> (u32, bool) {
        let hashed = hash(text.as_bytes());
        if let Some(&code) = self.index.find(hashed, |&code| self.get(code) == text) {
            return (code, false);
        }
        // More than four thousand million distinct texts do not fit into memory either.
        let code = u32::try_from(self.ends.len()).unwrap_or(NO_TEXT);
        self.text.push_str(text);
        self.ends.push(self.text.len());
        let Dictionary {
            text: all,
            ends,
            index,
        } = self;
        index.insert_unique(hashed, code, |&code| {
            let code = code as usize;
            hash(&all.as_bytes()[if code == 0 { 0 } else { ends[code - 1] }..ends[code]])
        });
        (code, true)
    }
}

/// The values of one field, up to the last record that states it.
#[derive(Clone, Debug)]
pub(super) enum Values {
    /// Codes of words; [`NO_TEXT`] for none.
    Text { codes: Vec<u32>, words: Dictionary },
    /// Ids of runs.
    RunId(RunIds),
    /// Places in [`Status::ALL`]; [`NO_STATUS`] for none.
    Status(Vec<u8>),
    /// Numbers or microseconds; [`NO_INT`] for none.
    Int(Vec<i64>),
}

impl Values {
    fn new(kind: Kind) -> Values {
        match kind {
            Kind::Text => Values::Text {
                codes: Vec::new(),
                words: Dictionary::default(),
            },
            Kind::RunId => Values::RunId(RunIds::default()),
            Kind::Status => Values::Status(Vec::new()),
            Kind::Time | Kind::Int => Values::Int(Vec::new()),
        }
    }

    /// Bytes that it holds.
    fn bytes(&self) -> usize {
        match self {
            Values::Text { codes, words } => size_of_val(codes.as_slice()) + words.bytes(),
            Values::RunId(ids) => ids.bytes(),
            Values::Status(values) => values.len(),
            Values::Int(values) => size_of_val(values.as_slice()),
        }
    }

    fn truncate(&mut self, rows: usize) {
        match self {
            Values::Text { codes, .. } => codes.truncate(rows),
            Values::RunId(ids) => ids.truncate(rows),
            Values::Status(values) => values.truncate(rows),
            Values::Int(values) => values.truncate(rows),
        }
    }

    /// As [`Records::weave`].
    fn weave(&mut self, base: usize, others: Vec<Values>, pieces: &[(usize, usize)]) {
        match self {
            Values::Text { codes, words } => {
                let others = others.into_iter().map(|other| {
                    let Values::Text {
                        mut codes,
                        words: theirs,
                    } = other
                    else {
                        return Vec::new();
                    };
                    let remap: Vec<u32> = theirs.iter().map(|text| words.add(text).0).collect();
                    for code in &mut codes {
                        *code = remap.get(*code as usize).copied().unwrap_or(NO_TEXT);
                    }
                    codes
                });
                weave(codes, base, NO_TEXT, others.collect(), pieces);
            }
            Values::RunId(ids) => {
                let others = others.into_iter().map(|other| match other {
                    Values::RunId(ids) => ids,
                    Values::Text { .. } | Values::Status(_) | Values::Int(_) => RunIds::default(),
                });
                ids.weave(base, others.collect(), pieces);
            }
            Values::Status(values) => {
                let others = others.into_iter().map(|other| match other {
                    Values::Status(values) => values,
                    Values::Text { .. } | Values::RunId(_) | Values::Int(_) => Vec::new(),
                });
                weave(values, base, NO_STATUS, others.collect(), pieces);
            }
            Values::Int(values) => {
                let others = others.into_iter().map(|other| match other {
                    Values::Int(values) => values,
                    Values::Text { .. } | Values::RunId(_) | Values::Status(_) => Vec::new(),
                });
                weave(values, base, NO_INT, others.collect(), pieces);
            }
        }
    }

    /// Of the rows from `base` on, keeps these only.
    fn keep(&mut self, base: usize, rows: &[u32]) {
        match self {
            Values::Text { codes, .. } => keep(codes, base, rows),
            Values::RunId(ids) => ids.keep(base, rows),
            Values::Status(values) => keep(values, base, rows),
            Values::Int(values) => keep(values, base, rows),
        }
    }

    /// Keeps these rows only, which are in order.
    fn retain(&mut self, kept: &[Range<usize>]) {
        match self {
            Values::Text { codes, .. } => retain(codes, kept),
            Values::RunId(ids) => ids.retain(kept),
            Values::Status(values) => retain(values, kept),
            Values::Int(values) => retain(values, kept),
        }
    }
}

/// As [`Records::weave`], of one column whose parts may each be shorter than their rows.
pub(super) fn weave<T: Copy>(
    values: &mut Vec<T>,
    base: usize,
    missing: T,
    others: Vec<Vec<T>>,
    pieces: &[(usize, usize)],
) {
    let own = values.split_off(base.min(values.len()));
    let parts: Vec<Vec<T>> = std::iter::once(own).chain(others).collect();
    if parts.iter().all(Vec::is_empty) {
        return;
    }
    let rows: usize = pieces.iter().map(|(_, rows)| rows).sum();
    values.reserve_exact((base + rows).saturating_sub(values.len()));
    values.resize(base, missing);
    let mut next = vec![0; parts.len()];
    for &(who, count) in pieces {
        let part = &parts[who];
        let start = next[who].min(part.len());
        next[who] += count;
        let stated = &part[start..next[who].min(part.len())];
        values.extend_from_slice(stated);
        values.resize(values.len() + count - stated.len(), missing);
    }
}

/// Of the rows of a column from `base` on, keeps these only, which are in order and may lie beyond its end.
pub(super) fn keep<T: Copy>(values: &mut Vec<T>, base: usize, rows: &[u32]) {
    let mut to = base;
    for &row in rows {
        let Some(&value) = values.get(base + row as usize) else {
            break;
        };
        values[to] = value;
        to += 1;
    }
    values.truncate(to);
}

/// Keeps these rows of a column, which are in order and may lie beyond its end.
pub(super) fn retain<T: Copy>(values: &mut Vec<T>, kept: &[Range<usize>]) {
    let mut to = 0;
    for rows in kept {
        let rows = rows.start.min(values.len())..rows.end.min(values.len());
        let count = rows.len();
        values.copy_within(rows, to);
        to += count;
    }
    values.truncate(to);
}

/// Sets one value of a column that may be shorter than `row`.
#[inline]
pub(crate) fn put<T: Copy>(values: &mut Vec<T>, row: usize, missing: T, value: T) {
    if let Some(slot) = values.get_mut(row) {
        *slot = value;
    } else {
        values.resize(row, missing);
        values.push(value);
    }
}

/// Records of many files, as columns.
#[derive(Clone, Debug)]
pub struct Records {
    columns: Vec<Values>,
    lines: Vec<u32>,
    /// When a run began and ended, computed from its duration: only for runs of which no record states it.
    estimates: [Vec<i64>; 2],
    /// First row of each file, ascending; file `i` ends where file `i + 1` begins.
    file_starts: Vec<usize>,
}

impl Default for Records {
    fn default() -> Self {
        Records {
            columns: Field::ALL
                .iter()
                .map(|field| Values::new(field.kind()))
                .collect(),
            lines: Vec::new(),
            estimates: [Vec::new(), Vec::new()],
            file_starts: Vec::new(),
        }
    }
}

impl Records {
    /// Number of records.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// True when there is no record.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Bytes that they hold.
    pub fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(Values::bytes).sum();
        let estimates: usize = self
            .estimates
            .iter()
            .map(|times| size_of_val(&times[..]))
            .sum();
        columns + estimates + size_of_val(self.lines.as_slice())
    }

    /// Records pushed from now on belong to the next file.
    pub fn begin_file(&mut self) {
        self.file_starts.push(self.len());
    }

    /// Number of files.
    pub fn files(&self) -> usize {
        self.file_starts.len()
    }

    /// Forgets the last file and its records.
    pub fn forget_file(&mut self) {
        if let Some(start) = self.file_starts.pop() {
            self.forget_rows(start);
        }
    }

    /// Keeps these files, one entry for each, and forgets the records of the others.
    pub fn retain_files(&mut self, keep: &[bool]) {
        let ends = self.file_starts.iter().skip(1).copied().chain([self.len()]);
        let files: Vec<_> = self.file_starts.iter().copied().zip(ends).collect();
        let kept: Vec<_> = files
            .into_iter()
            .zip(keep)
            .filter_map(|((start, end), keep)| keep.then_some(start..end))
            .collect();
        for column in &mut self.columns {
            column.retain(&kept);
        }
        for column in &mut self.estimates {
            retain(column, &kept);
        }
        retain(&mut self.lines, &kept);
        let mut next = 0;
        self.file_starts = kept
            .iter()
            .map(|rows| {
                next += rows.len();
                next - rows.len()
            })
            .collect();
    }

    /// Forgets the records from a row on. Their files stay.
    pub fn forget_rows(&mut self, row: usize) {
        self.lines.truncate(row);
        self.abandon();
    }

    /// The file of a record, counted from 0.
    pub fn file(&self, row: usize) -> usize {
        self.file_starts
            .partition_point(|&start| start <= row)
            .saturating_sub(1)
    }

    /// The line (Parquet: the row) at which a record begins, counted from 1.
    pub fn line(&self, row: usize) -> u32 {
        self.lines[row]
    }

    /// Ends records under construction: of the rows from here on, these are kept, in order, which began on these lines.
    /// The values of all others are forgotten.
    pub fn finish(&mut self, rows: &[u32], lines: impl Iterator<Item = u64>) {
        let base = self.len();
        // Nothing lies between the rows when they are the first ones.
        if rows
            .last()
            .is_some_and(|&last| last as usize + 1 > rows.len())
        {
            for column in &mut self.columns {
                column.keep(base, rows);
            }
            for column in &mut self.estimates {
                keep(column, base, rows);
            }
        }
        self.lines
            .extend(lines.map(|line| u32::try_from(line).unwrap_or(u32::MAX)));
        self.abandon();
    }

    /// Forgets the values of records under construction.
    pub fn abandon(&mut self) {
        let rows = self.len();
        for column in &mut self.columns {
            column.truncate(rows);
        }
        for column in &mut self.estimates {
            column.truncate(rows);
        }
    }

    /// Which of `estimates` holds a field.
    fn estimated(field: Field) -> Option<usize> {
        match field {
            Field::StartedAt => Some(0),
            Field::EndedAt => Some(1),
            _ => None,
        }
    }

    /// The start or the end of a run as computed from the other and a duration.
    pub fn estimate(&self, field: Field, row: usize) -> Option<i64> {
        let column = &self.estimates[Records::estimated(field)?];
        column.get(row).copied().filter(|&value| value != NO_INT)
    }

    /// True when a record has a computed time.
    pub fn has_estimate(&self, row: usize) -> bool {
        self.estimates
            .iter()
            .any(|column| column.get(row).is_some_and(|&value| value != NO_INT))
    }

    /// Sets a computed start or end; other fields have none.
    pub fn set_estimate(&mut self, field: Field, row: usize, value: i64) {
        if let Some(at) = Records::estimated(field) {
            put(&mut self.estimates[at], row, NO_INT, value);
        }
    }

    /// The dictionary of a text field; `None` for the other kinds.
    pub fn dictionary(&self, field: Field) -> Option<&Dictionary> {
        match &self.columns[field.index()] {
            Values::Text { words, .. } => Some(words),
            Values::RunId(_) | Values::Status(_) | Values::Int(_) => None,
        }
    }

    /// Adds a word to the dictionary of a text field. Other kinds have none and answer `None`.
    pub fn intern(&mut self, field: Field, text: &str) -> Option<u32> {
        match &mut self.columns[field.index()] {
            Values::Text { words, .. } => Some(words.add(text).0),
            Values::RunId(_) | Values::Status(_) | Values::Int(_) => None,
        }
    }

    /// True when a field has at least one value.
    pub fn has(&self, field: Field) -> bool {
        match &self.columns[field.index()] {
            Values::Text { codes, .. } => codes.iter().any(|&code| code != NO_TEXT),
            Values::RunId(ids) => !ids.is_empty(),
            Values::Status(values) => values.iter().any(|&value| value != NO_STATUS),
            Values::Int(values) => values.iter().any(|&value| value != NO_INT),
        }
    }

    /// Code of a text value.
    pub fn code(&self, field: Field, row: usize) -> Option<u32> {
        match &self.columns[field.index()] {
            Values::Text { codes, .. } => codes.get(row).copied().filter(|&code| code != NO_TEXT),
            Values::RunId(_) | Values::Status(_) | Values::Int(_) => None,
        }
    }

    /// Text of a text field.
    pub fn text(&self, field: Field, row: usize) -> Option<&str> {
        match &self.columns[field.index()] {
            Values::Text { codes, words } => codes
                .get(row)
                .filter(|&&code| code != NO_TEXT)
                .map(|&code| words.get(code)),
            Values::RunId(_) | Values::Status(_) | Values::Int(_) => None,
        }
    }

    /// Value of a time or integer field.
    pub fn int(&self, field: Field, row: usize) -> Option<i64> {
        match &self.columns[field.index()] {
            Values::Int(values) => values.get(row).copied().filter(|&value| value != NO_INT),
            Values::Text { .. } | Values::RunId(_) | Values::Status(_) => None,
        }
    }

    /// Value of a status field.
    pub fn status(&self, field: Field, row: usize) -> Option<Status> {
        match &self.columns[field.index()] {
            Values::Status(values) => values
                .get(row)
                .and_then(|&value| Status::ALL.get(usize::from(value)))
                .copied(),
            Values::Text { .. } | Values::RunId(_) | Values::Int(_) => None,
        }
    }

    /// Outcome of one record by itself.
    pub fn outcome(&self, row: usize) -> Outcome {
        Outcome::of(
            [
                Field::Status,
                Field::DiscoveryStatus,
                Field::IngestionStatus,
            ]
            .map(|field| self.status(field, row)),
        )
    }

    /// The time by which a record is assigned to a day: started, else queued, else ended.
    pub fn bucket_time(&self, row: usize) -> Option<i64> {
        [Field::StartedAt, Field::QueuedAt, Field::EndedAt]
            .into_iter()
            .find_map(|field| self.int(field, row))
    }

    /// Sets a text value by its code.
    pub fn set_code(&mut self, field: Field, row: usize, code: u32) {
        if let Values::Text { codes, .. } = &mut self.columns[field.index()] {
            put(codes, row, NO_TEXT, code);
        }
    }

    /// Sets a time or integer value.
    pub fn set_int(&mut self, field: Field, row: usize, value: i64) {
        if let Values::Int(values) = &mut self.columns[field.index()] {
            put(values, row, NO_INT, value);
        }
    }

    /// Sets a status value.
    pub fn set_status(&mut self, field: Field, row: usize, status: Status) {
        if let Values::Status(values) = &mut self.columns[field.index()] {
            put(values, row, NO_STATUS, status as u8);
        }
    }

    /// The id of a run.
    pub fn run_id(&self, row: usize) -> Option<RunId> {
        match &self.columns[Field::RunId.index()] {
            Values::RunId(ids) => ids.get(row),
            Values::Text { .. } | Values::Status(_) | Values::Int(_) => None,
        }
    }

    /// The canonical text of the id of a run.
    pub fn run_id_text(&self, row: usize) -> Option<Cow<'_, str>> {
        match &self.columns[Field::RunId.index()] {
            Values::RunId(ids) => Some(match ids.text(row)? {
                IdText::Guid(text) => Cow::Owned(text.as_ref().to_owned()),
                IdText::Other(text) => Cow::Borrowed(text),
            }),
            Values::Text { .. } | Values::Status(_) | Values::Int(_) => None,
        }
    }

    /// Sets the id of a run.
    pub fn set_run_id(&mut self, row: usize, id: RunIdText<'_>) {
        if let Values::RunId(ids) = &mut self.columns[Field::RunId.index()] {
            ids.set(row, id);
        }
    }

    /// Takes the values of a field out, so that their memory is free when they are used.
    pub(super) fn take(&mut self, field: Field) -> Values {
        let none = Values::new(field.kind());
        std::mem::replace(&mut self.columns[field.index()], none)
    }

    /// The values of a time or integer field, up to the last record that states it; [`NO_INT`] for none.
    pub(super) fn ints(&self, field: Field) -> &[i64] {
        match &self.columns[field.index()] {
            Values::Int(values) => values,
            Values::Text { .. } | Values::RunId(_) | Values::Status(_) => &[],
        }
    }

    /// The codes and the words of a text field.
    pub(crate) fn texts_mut(&mut self, field: Field) -> Option<(&mut Vec<u32>, &mut Dictionary)> {
        match &mut self.columns[field.index()] {
            Values::Text { codes, words } => Some((codes, words)),
            Values::RunId(_) | Values::Status(_) | Values::Int(_) => None,
        }
    }

    /// The values of a time or integer field.
    pub(crate) fn ints_mut(&mut self, field: Field) -> Option<&mut Vec<i64>> {
        match &mut self.columns[field.index()] {
            Values::Int(values) => Some(values),
            Values::Text { .. } | Values::RunId(_) | Values::Status(_) => None,
        }
    }

    /// True when both records state the same value, or neither states one.
    pub fn same(&self, field: Field, a: usize, b: usize) -> bool {
        match field.kind() {
            Kind::Text => self.code(field, a) == self.code(field, b),
            Kind::RunId => self.run_id(a) == self.run_id(b),
            Kind::Status => self.status(field, a) == self.status(field, b),
            Kind::Time | Kind::Int => self.int(field, a) == self.int(field, b),
        }
    }

    /// True when a record states this field.
    pub fn states(&self, field: Field, row: usize) -> bool {
        match field.kind() {
            Kind::Text => self.code(field, row).is_some(),
            Kind::RunId => self.run_id(row).is_some(),
            Kind::Status => self.status(field, row).is_some(),
            Kind::Time | Kind::Int => self.int(field, row).is_some(),
        }
    }

    /// True when both records have the same computed times.
    pub fn same_estimates(&self, a: usize, b: usize) -> bool {
        [Field::StartedAt, Field::EndedAt]
            .into_iter()
            .all(|field| self.estimate(field, a) == self.estimate(field, b))
    }

    /// Copies one value from a record to another.
    pub fn copy(&mut self, field: Field, from: usize, to: usize) {
        match field.kind() {
            Kind::Text => {
                if let Some(code) = self.code(field, from) {
                    self.set_code(field, to, code);
                }
            }
            Kind::Status => {
                if let Some(status) = self.status(field, from) {
                    self.set_status(field, to, status);
                }
            }
            Kind::Time | Kind::Int => {
                if let Some(value) = self.int(field, from) {
                    self.set_int(field, to, value);
                }
            }
            // Records of one run have the same id, so there is nothing to copy.
            Kind::RunId => {}
        }
    }

    /// Order of two records by one field. Missing is least; text and statuses compare by their bytes.
    pub fn compare_field(&self, field: Field, a: usize, b: usize) -> Ordering {
        match field.kind() {
            Kind::Text => self.text(field, a).cmp(&self.text(field, b)),
            Kind::RunId => match &self.columns[field.index()] {
                Values::RunId(ids) => ids.compare(a, b),
                Values::Text { .. } | Values::Status(_) | Values::Int(_) => Ordering::Equal,
            },
            Kind::Status => self
                .status(field, a)
                .map(Status::key)
                .cmp(&self.status(field, b).map(Status::key)),
            Kind::Time | Kind::Int => self.int(field, a).cmp(&self.int(field, b)),
        }
    }

    /// Order of two records field by field in schema order; equal only when they state the same.
    pub fn compare(&self, a: usize, b: usize) -> Ordering {
        Field::ALL
            .iter()
            .map(|&field| self.compare_field(field, a, b))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Takes over records of the newest file. They were made from `base` on here and elsewhere in `others`; `pieces` says
    /// how many rows come from whom (0: from here), in the order of the file.
    pub fn weave(&mut self, base: usize, others: Vec<Records>, pieces: &[(usize, usize)]) {
        let mut others: Vec<_> = others
            .into_iter()
            .map(|other| {
                (
                    other.columns.into_iter(),
                    other.estimates.into_iter(),
                    other.lines,
                )
            })
            .collect();
        // Column by column, so that few are there twice at a time.
        let columns: Vec<_> = self
            .columns
            .iter_mut()
            .map(|mine| {
                let theirs = others.iter_mut().filter_map(|(columns, ..)| columns.next());
                (mine, theirs.collect())
            })
            .collect();
        threads::each(columns, |(mine, theirs)| mine.weave(base, theirs, pieces));
        for mine in &mut self.estimates {
            let theirs = others
                .iter_mut()
                .filter_map(|(_, estimates, _)| estimates.next());
            weave(mine, base, NO_INT, theirs.collect(), pieces);
        }
        let lines = others.into_iter().map(|(.., lines)| lines);
        weave(&mut self.lines, base, 0, lines.collect(), pieces);
    }

    /// Appends the records of `other`, whose first row begins a new file.
    pub fn append(&mut self, other: Records) {
        let base = self.len();
        self.file_starts
            .extend(other.file_starts.iter().map(|start| start + base));
        for (mine, theirs) in self.columns.iter_mut().zip(other.columns) {
            match (mine, theirs) {
                (
                    Values::Text { codes, words },
                    Values::Text {
                        codes: more,
                        words: theirs,
                    },
                ) => {
                    if !more.is_empty() {
                        let remap: Vec<u32> = theirs.iter().map(|text| words.add(text).0).collect();
                        codes.resize(base, NO_TEXT);
                        codes.extend(
                            more.iter()
                                .map(|&code| remap.get(code as usize).copied().unwrap_or(NO_TEXT)),
                        );
                    }
                }
                (Values::RunId(ids), Values::RunId(more)) => ids.append(base, more),
                (Values::Status(values), Values::Status(more)) => {
                    if !more.is_empty() {
                        values.resize(base, NO_STATUS);
                        values.extend(more);
                    }
                }
                (Values::Int(values), Values::Int(more)) => {
                    if !more.is_empty() {
                        values.resize(base, NO_INT);
                        values.extend(more);
                    }
                }
                // Both sides are made from the same list of fields, so their kinds agree.
                (
                    Values::Text { .. } | Values::RunId(_) | Values::Status(_) | Values::Int(_),
                    _,
                ) => {}
            }
        }
        for (mine, theirs) in self.estimates.iter_mut().zip(other.estimates) {
            if !theirs.is_empty() {
                mine.resize(base, NO_INT);
                mine.extend(theirs);
            }
        }
        self.lines.extend(other.lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(records: &mut Records, name: Option<&str>, line: u64) {
        let row = records.len();
        if let Some(code) = name.and_then(|name| records.intern(Field::Scan, name)) {
            records.set_code(Field::Scan, row, code);
        }
        records.finish(&[0], [line].into_iter());
    }

    #[test]
    fn a_column_is_only_as_long_as_its_last_value() {
        let mut records = Records::default();
        records.begin_file();
        scan(&mut records, None, 2);
        scan(&mut records, Some("a"), 3);
        scan(&mut records, None, 4);
        assert_eq!(
            [0, 1, 2].map(|row| records.text(Field::Scan, row)),
            [None, Some("a"), None]
        );
        assert_eq!(records.int(Field::StartedAt, 2), None);
    }

    #[test]
    fn an_abandoned_record_leaves_nothing_behind() {
        let mut records = Records::default();
        records.begin_file();
        scan(&mut records, Some("a"), 2);
        records.set_run_id(1, RunIdText::new("lost"));
        records.set_int(Field::RowCount, 1, 7);
        records.abandon();
        scan(&mut records, Some("b"), 3);
        assert_eq!(records.run_id(1), None);
        assert_eq!(records.int(Field::RowCount, 1), None);
        assert_eq!(records.text(Field::Scan, 1), Some("b"));
    }

    #[test]
    fn appending_translates_codes_and_keeps_files_apart() {
        let mut first = Records::default();
        first.begin_file();
        scan(&mut first, Some("a"), 2);
        let mut second = Records::default();
        second.begin_file();
        scan(&mut second, Some("b"), 2);
        second.set_run_id(1, RunIdText::new("x"));
        scan(&mut second, Some("a"), 3);
        first.append(second);
        assert_eq!(
            [0, 1, 2].map(|row| first.text(Field::Scan, row)),
            [Some("a"), Some("b"), Some("a")]
        );
        assert_eq!([0, 1, 2].map(|row| first.file(row)), [0, 1, 1]);
        assert_eq!(
            [0, 1, 2].map(|row| first.run_id_text(row)),
            [None, None, Some("x".into())]
        );
        assert_eq!(first.code(Field::Scan, 0), first.code(Field::Scan, 2));
    }

    #[test]
    fn retaining_closes_the_gaps() {
        let mut records = Records::default();
        for (file, names) in [["a", "b"], ["c", "d"], ["e", "f"]].iter().enumerate() {
            records.begin_file();
            for (at, name) in names.iter().enumerate() {
                let row = records.len();
                records.set_run_id(row, RunIdText::new(name));
                // The last file has none, so the column is shorter than the others.
                if file < 2 {
                    records.set_int(Field::RowCount, row, i64::try_from(file * 10 + at).unwrap());
                }
                scan(&mut records, (at == 1).then_some(*name), at as u64 + 2);
            }
        }
        records.retain_files(&[true, false, true]);
        let rows = [0, 1, 2, 3];
        let texts = |field| rows.map(|row| records.text(field, row));
        assert_eq!(
            rows.map(|row| records.run_id_text(row)),
            ["a", "b", "e", "f"].map(|id| Some(id.into()))
        );
        assert_eq!(texts(Field::Scan), [None, Some("b"), None, Some("f")]);
        assert_eq!(
            rows.map(|row| records.int(Field::RowCount, row)),
            [Some(0), Some(1), None, None]
        );
        assert_eq!(rows.map(|row| records.file(row)), [0, 0, 1, 1]);
        assert_eq!(rows.map(|row| records.line(row)), [2, 3, 2, 3]);
        assert_eq!((records.len(), records.files()), (4, 2));
    }
}
