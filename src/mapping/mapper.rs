//! Turns raw values into canonical records by a preset.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;

use super::crew::Yield;
use super::evidence::{Book, Column, Evidence, Settled, Way};
use super::numbers::{self, NumberError};
use super::path::Path;
use super::plan::{Bound, Header, Heading, Plan};
use super::preset::Preset;
use super::reject::{Code, Reject, Rejects, Start, quoted};
use super::rows::{Cells, Row, Rows};
use super::rule::{From, Sign, Target};
use super::source::{Said, Words, has_exceptions};
use super::survey::Survey;
use super::template::PathTemplate;
use super::time::{self, Time, TimeError, TimeRules};
use super::values::{Value, is_no_value, no_ingestion, squash, trimmed};
use crate::errors::{Hidden, Masker, Privacy};
use crate::meter::Held;
use crate::render::format;
use crate::runs::records::{Dictionary, NO_INT, NO_TEXT, Records, put};
use crate::runs::run_id::{GuidText, RunIdText, guid};
use crate::runs::schema::{Field, Kind, Outcome, Status};

/// What the user adds to what the records say.
#[derive(Clone, Debug, Default)]
pub struct Supplied {
    /// `--set FIELD=VALUE`: for records that lack the field.
    pub set: BTreeMap<Field, String>,
    /// `--column FIELD=HEADER`: the column or path that states a field, before those of the preset.
    pub columns: Vec<(Target, String)>,
    /// `--path-template`: fields from the end of a file's path.
    pub template: Option<PathTemplate>,
    /// How times are read.
    pub times: TimeRules,
    /// How decimals are written, where a value alone does not tell.
    pub decimal: Option<numbers::Decimal>,
    /// How secrets are hidden.
    pub masker: Masker,
}

/// What takes longer than 30 days is pointed out, in milliseconds.
const LONG_DURATION_MS: i64 = 30 * 86_400_000;

/// Things worth telling that are no reason to set a record aside.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Records read, rejected ones included.
    pub read: i64,
    /// Rows that are no runs, such as scans that never ran; they are no records.
    pub no_runs: i64,
    /// Placeholder times such as 0001-01-01, read as missing.
    pub placeholder_times: i64,
    /// Local times that happened twice, read as the first.
    pub folded_times: i64,
    /// Times without a zone, read as UTC because neither the header nor the user names one.
    pub zoneless_times: i64,
    /// Words such as `N/A` in place of a time or a number, read as missing.
    pub no_values: i64,
    /// Durations below 0, read as missing.
    pub negative_durations: i64,
    /// Records whose run took more than 30 days.
    pub long_durations: i64,
    /// Lines between records that hold nothing, passed over.
    pub blank_lines: i64,
    /// Rows that are the header again, passed over.
    pub repeated_headers: i64,
    /// Status words outside the vocabulary, masked, by field.
    pub unknown_statuses: BTreeMap<(Field, String), i64>,
    /// Records with such a word; those that were rejected are in neither number.
    pub unknown_status_records: i64,
    /// Secrets that were hidden in the texts of records; those that were rejected are not counted.
    pub hidden: Hidden,
}

impl Tally {
    /// Hides personal data in the words that are quoted.
    pub(crate) fn hide(&mut self, privacy: &Privacy) {
        let words = std::mem::take(&mut self.unknown_statuses);
        for ((field, mut word), count) in words {
            privacy.hide_in(&mut word);
            *self.unknown_statuses.entry((field, word)).or_insert(0) += count;
        }
    }
}

impl Tally {
    /// Adds the counts of another file; its status words are not among them.
    pub fn add(&mut self, other: &Tally) {
        self.placeholder_times += other.placeholder_times;
        self.folded_times += other.folded_times;
        self.zoneless_times += other.zoneless_times;
        self.no_values += other.no_values;
        self.negative_durations += other.negative_durations;
        self.long_durations += other.long_durations;
        self.blank_lines += other.blank_lines;
    }

    /// Adds all that was counted in another part of the file.
    fn gather(&mut self, other: Tally) {
        self.add(&other);
        self.read += other.read;
        self.no_runs += other.no_runs;
        self.repeated_headers += other.repeated_headers;
        for (word, count) in other.unknown_statuses {
            *self.unknown_statuses.entry(word).or_insert(0) += count;
        }
        self.unknown_status_records += other.unknown_status_records;
        self.hidden.add_all(&other.hidden, 1);
    }

    /// What the counts say, as sentences; true for what a reader should look at.
    pub fn notes(&self) -> Vec<(bool, String)> {
        let kinds = [
            (
                self.placeholder_times,
                false,
                "time",
                "times",
                "such as 0001-01-01 or outside the years 2000 to 2100, read as missing",
            ),
            (
                self.folded_times,
                false,
                "local time",
                "local times",
                "happened twice when the clocks went back, read as the first",
            ),
            (
                self.zoneless_times,
                false,
                "time",
                "times",
                "without a zone, read as UTC; --input-tz names another zone",
            ),
            (
                self.no_values,
                false,
                "value",
                "values",
                "such as - or N/A in place of a time or a number, read as missing",
            ),
            (
                self.negative_durations,
                true,
                "duration",
                "durations",
                "below 0, read as missing",
            ),
            (
                self.long_durations,
                true,
                "record of a run",
                "records of runs",
                "that took more than 30 days",
            ),
            (
                self.blank_lines,
                false,
                "blank line",
                "blank lines",
                "between records, passed over",
            ),
        ];
        kinds
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, warns, one, many, what)| {
                let noun = if count == 1 { one } else { many };
                (warns, format!("{} {noun} {what}.", format::count(count)))
            })
            .collect()
    }
}

/// Raw words of one field, so that each is masked and understood once.
#[derive(Debug, Default)]
struct Seen {
    words: Dictionary,
    /// For a text field: the code of what each word becomes.
    codes: Vec<u32>,
    /// For a text field: what was hidden in a word, by its raw code. Most have nothing to hide.
    hidden: BTreeMap<u32, Hidden>,
    /// For a status field: what each word says.
    statuses: Vec<Said>,
}

/// The records of a batch while their fields are filled.
struct Batch<'a> {
    rows: Rows<'a>,
    /// Row of the first of them among all records.
    base: usize,
    /// Those that nothing was found wrong with yet, in order.
    live: Vec<u32>,
    /// What was found wrong with others, and whether anything was, for each.
    failed: Vec<(u32, Box<Reject>)>,
    has_failed: Vec<bool>,
}

impl<'a> Batch<'a> {
    fn row(&self, at: u32) -> Row<'a> {
        self.rows.row(at as usize)
    }

    /// The row of a record among all records.
    fn at(&self, at: u32) -> usize {
        self.base + at as usize
    }

    /// Sets records aside.
    fn fail(&mut self, failed: Vec<(u32, Box<Reject>)>) {
        if failed.is_empty() {
            return;
        }
        for (at, _) in &failed {
            self.has_failed[*at as usize] = true;
        }
        self.failed.extend(failed);
        self.live.retain(|&at| !self.has_failed[at as usize]);
    }
}

/// The records of many files, and what helps with the next one.
#[derive(Debug, Default)]
pub struct Store {
    /// The records.
    pub records: Records,
    /// Counts them.
    pub(crate) held: Held,
    known: Option<Known>,
}

/// What the file before had: its preset, its words and its columns.
#[derive(Debug)]
struct Known {
    preset: Arc<Preset>,
    seen: Vec<Seen>,
    plan: Plan,
}

/// Applies a preset to the records of one file.
#[derive(Debug)]
pub struct Mapper {
    /// The records so far.
    pub records: Records,
    /// The rejects so far.
    pub rejects: Rejects,
    /// What else was seen.
    pub tally: Tally,
    /// What is found where, if somebody wants to know.
    pub survey: Option<Box<Survey>>,
    preset: Arc<Preset>,
    plan: Plan,
    /// What is settled for the column of each slot, and what its values show.
    settled: Vec<Settled>,
    shown: Vec<Option<Evidence>>,
    times: TimeRules,
    decimal: Option<numbers::Decimal>,
    /// For each field of words: raw words seen, and what each becomes.
    seen: Vec<Seen>,
    /// Status words of the records under construction that nobody knows.
    strange: Vec<(u32, Field, String)>,
    masker: Masker,
    /// Secrets that were hidden in the records under construction.
    hidden: Vec<(u32, Hidden)>,
    held: Held,
}

impl Mapper {
    /// Prepares a preset for one file.
    ///
    /// Its records are added to those in `store`. `stem` is the file's name without its ending and `path` its path;
    /// `header` says which columns it has. `book` holds what the columns of all files have shown.
    pub fn new(
        preset: &Arc<Preset>,
        supplied: &Supplied,
        path: &str,
        stem: &str,
        header: Header<'_>,
        book: &Book,
        store: Store,
    ) -> Mapper {
        let Store {
            records,
            mut held,
            known,
        } = store;
        held.begin_file();
        let known = known.filter(|known| Arc::ptr_eq(&known.preset, preset));
        let (seen, plan) = match known {
            Some(Known { seen, plan, .. }) => (seen, Some(plan)),
            None => (Field::ALL.iter().map(|_| Seen::default()).collect(), None),
        };
        // Files of one kind often come in numbers, all with the same columns.
        let plan = plan
            .filter(|plan| plan.is_for(header))
            .unwrap_or_else(|| Plan::new(preset, supplied, path, stem, header));
        let slots = &plan.slots;
        let column = |path: &Path| -> Column { (preset.name.clone(), path.joined()) };
        Mapper {
            settled: if book.is_empty() {
                vec![Settled::default(); slots.len()]
            } else {
                slots
                    .iter()
                    .map(|path| book.settled(&column(path)))
                    .collect()
            },
            shown: vec![None; slots.len()],
            plan,
            records,
            rejects: Rejects::default(),
            tally: Tally::default(),
            survey: None,
            preset: Arc::clone(preset),
            times: TimeRules {
                zone: supplied.times.zone.or(preset.input.zone),
                order: supplied.times.order,
            },
            decimal: supplied.decimal,
            seen,
            strange: Vec::new(),
            masker: supplied.masker.clone(),
            hidden: Vec::new(),
            held,
        }
    }

    /// A mapper for another part of the same file, without a record.
    pub(super) fn fork(&self) -> Mapper {
        Mapper {
            records: Records::default(),
            rejects: self.rejects.fork(),
            tally: Tally::default(),
            survey: None,
            preset: Arc::clone(&self.preset),
            plan: self.plan.clone(),
            settled: self.settled.clone(),
            shown: vec![None; self.shown.len()],
            times: self.times,
            decimal: self.decimal,
            seen: self.seen.iter().map(|_| Seen::default()).collect(),
            strange: Vec::new(),
            masker: self.masker.clone(),
            hidden: Vec::new(),
            held: self.held.fork(),
        }
    }

    /// Tells how many records it has read, and how many bytes it holds.
    pub(crate) fn tell(&mut self) {
        let words: usize = self.seen.iter().map(|seen| seen.words.bytes()).sum();
        let rejects = size_of_val(self.rejects.kept.as_slice());
        self.held
            .set((self.records.bytes() + words + rejects) as u64);
        self.held.read(self.tally.read.unsigned_abs());
    }

    /// How much it holds.
    pub(super) fn state(&self) -> Yield {
        Yield {
            rows: self.records.len(),
            rejects: self.rejects.kept.len(),
        }
    }

    /// Takes over what others have made of their parts of the file. `before` is what was here when they began, and
    /// `pieces` says who made what (0: this one), in the order of the file.
    pub(super) fn gather(&mut self, before: Yield, others: Vec<Mapper>, pieces: &[(usize, Yield)]) {
        let (mut records, mut rejects) = (Vec::new(), Vec::new());
        for other in others {
            self.tally.gather(other.tally);
            self.held.append(other.held);
            for (mine, theirs) in self.shown.iter_mut().zip(other.shown) {
                if let Some(theirs) = theirs {
                    mine.get_or_insert_default().add(theirs);
                }
            }
            records.push(other.records);
            rejects.push(other.rejects);
        }
        let rows = pieces.iter().map(|(who, piece)| (*who, piece.rows));
        self.records
            .weave(before.rows, records, &rows.collect::<Vec<_>>());
        let kept = pieces.iter().map(|(who, piece)| (*who, piece.rejects));
        self.rejects.weave(before.rejects, rejects, kept);
    }

    /// The records, for the mapper of the next file.
    pub fn into_store(self) -> Store {
        Store {
            records: self.records,
            held: self.held,
            known: Some(Known {
                preset: self.preset,
                seen: self.seen,
                plan: self.plan,
            }),
        }
    }

    /// Masks what is quoted.
    pub fn masker(&self) -> &Masker {
        &self.masker
    }

    /// The paths that readers must deliver, one for each slot.
    pub fn slots(&self) -> &[Path] {
        &self.plan.slots
    }

    /// For each slot, the columns that fit it among those with these squashed names, and how many of its keys the names
    /// stand for.
    pub fn columns(&self, names: &[String]) -> Vec<(Vec<usize>, usize)> {
        self.plan.columns(names)
    }

    /// Leaves out the sources that a file with fixed columns does not have. `headings` has an entry for each slot.
    /// Fails when a time column is headed by a zone that is not UTC and nobody said which zone that is.
    pub fn bind(&mut self, headings: Vec<Option<Heading>>) -> Result<(), Box<Reject>> {
        self.plan
            .bind(headings, self.times.zone.is_some(), &self.masker)
    }

    /// Which column stands for which slot, once that is settled.
    pub fn bound_columns(&self) -> Option<Vec<(usize, usize)>> {
        self.plan.bound_columns()
    }

    /// For each slot: whether it may state a time whose zone nobody has said.
    pub fn zoneless(&self) -> Vec<bool> {
        self.plan.zoneless(self.times.zone.is_some())
    }

    /// True when a record states no time.
    pub fn is_timeless(&self, row: Row<'_>) -> bool {
        self.plan.is_timeless(row)
    }

    /// What the columns of this file showed: the column, its name, and the evidence.
    pub fn evidence(&self) -> Vec<(Column, String, Evidence)> {
        self.plan
            .slots
            .iter()
            .zip(&self.shown)
            .filter_map(|(slot, shown)| {
                let shown = (*shown)?;
                let column = (self.preset.name.clone(), slot.joined());
                Some((column, quoted(&slot.text, &self.masker), shown))
            })
            .collect()
    }

    /// Counts a record that a reader could not deliver.
    pub fn reject(&mut self, reject: Reject) {
        self.tally.read += 1;
        self.rejects.push(reject);
    }

    /// Takes the values of one record, one for each slot.
    pub fn record(&mut self, start: impl Into<Start>, values: &[Value<'_>]) {
        let width = values.len();
        let cells: Vec<Cells<'_>> = (0..width)
            .map(|column| Cells::Values {
                values,
                column,
                width,
            })
            .collect();
        let rows = Rows {
            starts: &[start.into()],
            cells: &cells,
        };
        self.rows(rows, Vec::new());
    }

    /// Takes the records of a batch, and the rejects of those that the reader could not deliver, each with the number of
    /// records that stand before it.
    pub fn rows(&mut self, rows: Rows<'_>, rejects: Vec<(usize, Reject)>) {
        let count = u32::try_from(rows.starts.len()).unwrap_or(u32::MAX);
        let mut batch = Batch {
            rows,
            base: self.records.len(),
            live: (0..count).collect(),
            failed: Vec::new(),
            has_failed: vec![false; rows.starts.len()],
        };
        // Taken out, so that the sources can be read while the rest is written.
        let plan = std::mem::take(&mut self.plan);
        if !plan.only_with.is_empty() {
            let states = |at| {
                let row = rows.row(at as usize);
                plan.only_with
                    .iter()
                    .any(|&slot| row.stated(slot).is_some())
            };
            batch.live.retain(|&at| states(at));
            self.tally.no_runs += i64::from(count) - signed(batch.live.len());
        }
        self.fill(&plan, &mut batch);
        self.plan = plan;
        self.finish(batch, rejects);
    }

    /// Puts the records of a batch behind the others, and counts.
    fn finish(&mut self, mut batch: Batch<'_>, rejects: Vec<(usize, Reject)>) {
        batch.failed.sort_by_key(|(at, _)| *at);
        self.tally.read += signed(batch.live.len());
        // Found field by field, and counted by record, which may have several.
        self.strange.sort_by_key(|(at, ..)| *at);
        let mut last = None;
        for (at, field, word) in std::mem::take(&mut self.strange) {
            if batch.has_failed[at as usize] {
                continue;
            }
            *self
                .tally
                .unknown_statuses
                .entry((field, word))
                .or_insert(0) += 1;
            self.tally.unknown_status_records += i64::from(last.replace(at) != Some(at));
        }
        for (at, found) in std::mem::take(&mut self.hidden) {
            if !batch.has_failed[at as usize] {
                self.tally.hidden.add_all(&found, 1);
            }
        }
        for &at in &batch.live {
            self.tally.long_durations += i64::from(self.is_long(batch.at(at)));
        }
        let starts = batch.rows.starts;
        let lines = batch.live.iter().map(|&at| starts[at as usize].line);
        self.records.finish(&batch.live, lines);
        let mut rejects = rejects.into_iter().peekable();
        for (at, reject) in batch.failed {
            while let Some((_, before)) = rejects.next_if(|(before, _)| *before <= at as usize) {
                self.reject(before);
            }
            self.reject(*reject);
        }
        for (_, reject) in rejects {
            self.reject(reject);
        }
    }

    /// Fills the fields of a batch, one after the other: what states a field, and how it is read, is the same for all
    /// records.
    fn fill(&mut self, plan: &Plan, batch: &mut Batch<'_>) {
        for (number, (target, bounds)) in plan.fields.iter().enumerate() {
            if number == plan.until_status {
                self.apply_exceptions(plan, batch);
            }
            // The records in which no source has stated the field yet.
            let mut open = batch.live.clone();
            for bound in bounds.iter().filter(|bound| !is_estimate(bound)) {
                if open.is_empty() {
                    break;
                }
                self.take_all(plan, *target, bound, batch, &mut open);
            }
        }
        if plan.fields.len() <= plan.until_status {
            self.apply_exceptions(plan, batch);
        }
        for (target, bounds) in &plan.fields {
            for bound in bounds.iter().filter(|bound| is_estimate(bound)) {
                self.each(batch, |mapper, row, at| {
                    mapper.estimate(plan, *target, bound, row, at)
                });
            }
        }
        self.each(batch, |mapper, row, at| {
            if mapper.records.bucket_time(at).is_some() {
                mapper.set_phase(at);
                return Ok(());
            }
            let empty = mapper.records.run_id(at).is_none() && !mapper.has_status(at);
            let code = if empty {
                Code::EmptyRun
            } else {
                Code::TimeMissing
            };
            let reject = Reject::new(row.start(), None, code, "", &mapper.masker);
            Err(Box::new(reject))
        });
    }

    /// Does something with each record that nothing is wrong with, and sets those aside with which it fails.
    fn each(
        &mut self,
        batch: &mut Batch<'_>,
        mut work: impl FnMut(&mut Mapper, Row<'_>, usize) -> Result<(), Box<Reject>>,
    ) {
        let mut failed = Vec::new();
        for &at in &batch.live {
            if let Err(reject) = work(self, batch.row(at), batch.at(at)) {
                failed.push((at, reject));
            }
        }
        batch.fail(failed);
    }

    /// Takes what a source states for the open records, and leaves open those for which it states nothing.
    fn take_all(
        &mut self,
        plan: &Plan,
        target: Target,
        bound: &Bound,
        batch: &mut Batch<'_>,
        open: &mut Vec<u32>,
    ) {
        // What a survey tells is asked of each value by itself.
        let cells = Plan::cells(bound, batch.rows).filter(|_| self.survey.is_none());
        if let (Some(cells), Target::Field(field)) = (cells, target) {
            match field.kind() {
                Kind::Text => return self.take_texts(field, cells, batch, open),
                Kind::Status => return self.take_statuses(plan, field, cells, batch, open),
                Kind::RunId => return self.take_run_ids(cells, batch, open),
                Kind::Time => self.take_times(field, bound, cells, batch, open),
                Kind::Int => self.take_numbers(field, bound, cells, batch, open),
            }
        }
        // What is left is rare, or takes longer than to look it up value by value.
        let mut failed = Vec::new();
        open.retain(|&at| {
            if cells.is_some_and(|cells| cells.is_missing(at as usize)) {
                return true;
            }
            match self.take(plan, target, bound, batch, at) {
                Ok(taken) => !taken,
                Err(reject) => {
                    failed.push((at, reject));
                    false
                }
            }
        });
        batch.fail(failed);
    }

    /// Takes texts. Each different one is looked at once.
    fn take_texts(
        &mut self,
        field: Field,
        cells: Cells<'_>,
        batch: &Batch<'_>,
        open: &mut Vec<u32>,
    ) {
        let Seen {
            words,
            codes,
            hidden,
            ..
        } = &mut self.seen[field.index()];
        let Some((column, dictionary)) = self.records.texts_mut(field) else {
            return;
        };
        let mut last = NO_TEXT;
        cells.take_texts(open, |at, text| {
            // Records that follow each other often say the same.
            if last == NO_TEXT || words.get(last) != text {
                let new;
                (last, new) = words.add(text);
                if new {
                    let mut found = Hidden::default();
                    let shown = canonical(field, text, &self.masker, &mut found);
                    codes.push(dictionary.add(&shown).0);
                    if !found.is_empty() {
                        hidden.insert(last, found);
                    }
                }
            }
            if !hidden.is_empty()
                && let Some(found) = hidden.get(&last)
            {
                self.hidden.push((at, found.clone()));
            }
            let Some(&code) = codes.get(last as usize) else {
                return false;
            };
            put(column, batch.at(at), NO_TEXT, code);
            true
        });
    }

    /// Takes words for statuses.
    fn take_statuses(
        &mut self,
        plan: &Plan,
        field: Field,
        cells: Cells<'_>,
        batch: &Batch<'_>,
        open: &mut Vec<u32>,
    ) {
        let mut last = None;
        cells.take_texts(open, |at, text| {
            let words = &self.seen[field.index()].words;
            let known = last.filter(|&raw| words.get(raw) == text);
            let raw = known.unwrap_or_else(|| self.status_word(&plan.words, field, text));
            last = Some(raw);
            self.set_status(field, raw, at, batch.at(at))
        });
    }

    /// Takes ids of runs.
    fn take_run_ids(&mut self, cells: Cells<'_>, batch: &Batch<'_>, open: &mut Vec<u32>) {
        cells.take_texts(open, |at, text| {
            self.set_run_id(text, at, batch.at(at));
            true
        });
    }

    /// Takes the times that are written in the usual way, which nearly all are. The others stay open.
    fn take_times(
        &mut self,
        field: Field,
        bound: &Bound,
        cells: Cells<'_>,
        batch: &Batch<'_>,
        open: &mut Vec<u32>,
    ) {
        if matches!(bound, Bound::Slots { source, .. } if source.time.is_some()) {
            return;
        }
        let Some(column) = self.records.ints_mut(field) else {
            return;
        };
        let mut usual = time::Usual::default();
        let instant = |time| match time {
            Time::Instant(micros) => Some(micros),
            _ => None,
        };
        cells.take_numbers(
            open,
            |text| usual.read(text).and_then(instant),
            |value| match value {
                Value::Time(micros) => instant(time::from_micros(*micros)),
                _ => None,
            },
            |at, micros| put(column, batch.at(at), NO_INT, micros),
        );
    }

    /// Takes the numbers that are nothing but digits, which nearly all are. The others stay open.
    fn take_numbers(
        &mut self,
        field: Field,
        bound: &Bound,
        cells: Cells<'_>,
        batch: &Batch<'_>,
        open: &mut Vec<u32>,
    ) {
        if matches!(bound, Bound::Slots { source, .. } if source.unit.is_some()) {
            return;
        }
        let Some(column) = self.records.ints_mut(field) else {
            return;
        };
        cells.take_numbers(
            open,
            numbers::digits,
            |value| match value {
                Value::Int(number) if *number >= 0 => Some(*number),
                _ => None,
            },
            |at, number| put(column, batch.at(at), NO_INT, number),
        );
    }

    /// Takes a value from a source; false when the source states none.
    fn take(
        &mut self,
        plan: &Plan,
        target: Target,
        bound: &Bound,
        batch: &Batch<'_>,
        at: u32,
    ) -> Result<bool, Box<Reject>> {
        let (given, row) = (batch.row(at), batch.at(at));
        if let (Bound::Field(from), Target::Field(field)) = (bound, target) {
            let from = self.records.text(*from, row).map(str::to_owned);
            let code = from.and_then(|text| self.records.intern(field, &text));
            if let Some(code) = code {
                self.records.set_code(field, row, code);
            }
            return Ok(code.is_some());
        }
        let Some(value) = plan.raw(bound, given, || self.records.outcome(row)) else {
            return Ok(false);
        };
        let (source, slot) = match bound {
            Bound::Slots { source, slots, .. } => (Some(source), slots.first().copied()),
            Bound::Text(_) | Bound::Field(_) => (None, None),
        };
        let wrong = |mapper: &mut Mapper, code| {
            let column = slot.map(|slot| plan.slots[slot].text.clone());
            let text = value.as_text().unwrap_or_default();
            if let Some(survey) = &mut mapper.survey {
                survey.unread(target, quoted(&text, &mapper.masker));
            }
            let reject = Reject::new(
                given.start(),
                column.as_deref(),
                code,
                &text,
                &mapper.masker,
            );
            Box::new(reject.in_column(slot.and_then(|slot| plan.column(slot))))
        };
        let taken = match target {
            Target::Outcome => {
                !self.has_status(row)
                    && value.as_text().is_some_and(|word| {
                        let active = squash(&word) == Outcome::Active.key();
                        let word = if active {
                            Cow::Borrowed(Status::InProgress.key())
                        } else {
                            word
                        };
                        let raw = self.status_word(&plan.words, Field::Status, &word);
                        self.set_status(Field::Status, raw, at, row)
                    })
            }
            Target::Field(field) => match field.kind() {
                Kind::Text => match value.as_text() {
                    Some(text) => {
                        let mut open = vec![at];
                        self.take_texts(field, Cells::Same(&text), batch, &mut open);
                        open.is_empty()
                    }
                    None => false,
                },
                Kind::RunId => match value.as_text() {
                    Some(text) => {
                        self.set_run_id(&text, at, row);
                        true
                    }
                    None => false,
                },
                Kind::Status => match value.as_text() {
                    Some(text) => {
                        let raw = self.status_word(&plan.words, field, &text);
                        self.set_status(field, raw, at, row)
                    }
                    None => false,
                },
                Kind::Time => {
                    let format = source.and_then(|source| source.time.as_deref());
                    match self.read_time(plan, &value, format, slot) {
                        Ok(time) => self.set_time(plan, field, slot, time, row),
                        Err(error) => return Err(wrong(self, time_code(error))),
                    }
                }
                Kind::Int => {
                    let unit = source.and_then(|source| source.unit);
                    match self.read_number(&value, unit, slot) {
                        // A negative duration is a clock that was set back: not known.
                        Ok(Some(number)) if number < 0 && !field.is_count() => {
                            self.tally.negative_durations += 1;
                            false
                        }
                        Ok(Some(number)) if number < 0 => return Err(wrong(self, Code::Number)),
                        Ok(Some(number)) => {
                            self.records.set_int(field, row, number);
                            true
                        }
                        Ok(None) => false,
                        Err(error) => return Err(wrong(self, number_code(error))),
                    }
                }
            },
        };
        if taken && let Some(mut survey) = self.survey.take() {
            let from = match bound {
                Bound::Slots { slots, .. } => slots
                    .iter()
                    .map(|&slot| quoted(&plan.slots[slot].text, &self.masker))
                    .collect::<Vec<_>>()
                    .join(" + "),
                Bound::Text(_) | Bound::Field(_) => String::new(),
            };
            survey.read(target, &from, || {
                (
                    quoted(&value.as_text().unwrap_or_default(), &self.masker),
                    self.shown(target, row),
                )
            });
            self.survey = Some(survey);
        }
        Ok(taken)
    }

    /// What a field has become, for the survey.
    fn shown(&self, target: Target, row: usize) -> String {
        let field = match target {
            Target::Field(field) => field,
            Target::Outcome => Field::Status,
        };
        match field.kind() {
            Kind::Text => quoted(
                self.records.text(field, row).unwrap_or_default(),
                &self.masker,
            ),
            Kind::RunId => quoted(
                &self.records.run_id_text(row).unwrap_or_default(),
                &self.masker,
            ),
            Kind::Status => self
                .records
                .status(field, row)
                .map_or("", Status::key)
                .to_owned(),
            Kind::Time => self
                .records
                .int(field, row)
                .and_then(chrono::DateTime::from_timestamp_micros)
                .map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
                .unwrap_or_default(),
            Kind::Int => self
                .records
                .int(field, row)
                .map(|number| number.to_string())
                .unwrap_or_default(),
        }
    }

    /// Keeps a time that the record does not state, computed from one that it does.
    fn estimate(
        &mut self,
        plan: &Plan,
        target: Target,
        bound: &Bound,
        given: Row<'_>,
        row: usize,
    ) -> Result<(), Box<Reject>> {
        let Bound::Slots { source, slots, .. } = bound else {
            return Ok(());
        };
        let Some(&slot) = slots.first() else {
            return Ok(());
        };
        let (From::Estimate(base, _, sign), Target::Field(field)) = (&source.from, target) else {
            return Ok(());
        };
        let (Some(base), false) = (
            self.records.int(*base, row),
            self.records.states(field, row) || self.records.estimate(field, row).is_some(),
        ) else {
            return Ok(());
        };
        let Some(value) = plan.raw(bound, given, || self.records.outcome(row)) else {
            return Ok(());
        };
        let millis = match self.read_number(&value, source.unit, Some(slot)) {
            Ok(None) => return Ok(()),
            // As for a duration that is stated.
            Ok(Some(millis)) if millis < 0 => {
                self.tally.negative_durations += 1;
                return Ok(());
            }
            Ok(Some(millis)) => millis,
            Err(error) => {
                let text = value.as_text().unwrap_or_default();
                let column = Some(plan.slots[slot].text.as_str());
                let code = number_code(error);
                let reject = Reject::new(given.start(), column, code, &text, &self.masker);
                return Err(Box::new(reject.in_column(plan.column(slot))));
            }
        };
        let by = millis.saturating_mul(1_000);
        let at = match sign {
            Sign::Plus => base.saturating_add(by),
            Sign::Minus => base.saturating_sub(by),
        };
        // Further off than any run lasts, the duration is a mistake of the log.
        if let Time::Instant(at) = time::from_micros(at) {
            self.records.set_estimate(field, row, at);
        }
        Ok(())
    }

    /// Keeps a time of a record; false when there is none.
    fn set_time(
        &mut self,
        plan: &Plan,
        field: Field,
        slot: Option<usize>,
        time: Option<Time>,
        row: usize,
    ) -> bool {
        let micros = match time {
            None => return false,
            Some(Time::Placeholder) => {
                self.tally.placeholder_times += 1;
                return false;
            }
            Some(Time::Instant(micros)) => micros,
            Some(Time::Zoneless(micros)) => {
                let headed = slot.is_some_and(|slot| plan.is_headed_utc(slot));
                self.tally.zoneless_times += i64::from(!headed);
                micros
            }
            Some(Time::Folded(micros)) => {
                self.tally.folded_times += 1;
                micros
            }
        };
        self.records.set_int(field, row, micros);
        true
    }

    fn read_time(
        &mut self,
        plan: &Plan,
        value: &Value<'_>,
        format: Option<&str>,
        slot: Option<usize>,
    ) -> Result<Option<Time>, TimeError> {
        let text = match value {
            Value::Missing => return Ok(None),
            Value::Time(micros) => return Ok(Some(time::from_micros(*micros))),
            Value::Local(micros) => return time::from_local_micros(*micros, self.times).map(Some),
            Value::Int(number) => return time::from_epoch(*number as f64).map(Some),
            Value::Float(number) => return time::from_epoch(*number).map(Some),
            Value::Bool(_) | Value::Json(_) => return Err(TimeError::Shape),
            Value::Text(text) if trimmed(text).is_empty() => return Ok(None),
            Value::Text(text) if is_no_value(text) => {
                self.tally.no_values += 1;
                return Ok(None);
            }
            Value::Text(text) => text,
        };
        if let Some(format) = format {
            return time::parse_as(text, format, self.times).map(Some);
        }
        let Some(slot) = slot else {
            return time::parse(text, self.times).map(Some);
        };
        let settled = self.settled[slot].order;
        let mut rules = self.times;
        rules.order = rules.order.or(settled.one());
        let mut clue = None;
        let mut read = time::parse_noting(text, rules, &mut clue);
        if clue == Some(time::Clue::Either) && plan.is_log_time(slot) {
            clue = Some(time::Clue::HalfDay);
            rules.order = rules.order.or(Some(time::DateOrder::Mdy));
            read = time::parse(text, rules);
        }
        if let Some(clue) = clue {
            self.shown[slot].get_or_insert_default().time(clue);
            if clue == time::Clue::HalfDay && settled == Way::Both && self.times.order.is_none() {
                return Err(TimeError::Ambiguous);
            }
        }
        read.map(Some)
    }

    fn read_number(
        &mut self,
        value: &Value<'_>,
        unit: Option<numbers::Unit>,
        slot: Option<usize>,
    ) -> Result<Option<i64>, NumberError> {
        let nothing = match value {
            Value::Text(text) => is_no_value(text),
            Value::Float(number) => number.is_nan(),
            _ => false,
        };
        if nothing {
            self.tally.no_values += 1;
            return Ok(None);
        }
        let decimals = slot
            .map(|slot| self.settled[slot].decimals)
            .unwrap_or_default();
        let decimal = self.decimal.or(decimals.one());
        let read = numbers::read(value, unit, decimal);
        let clue = match read {
            Ok((_, clue)) => clue,
            Err(NumberError::Ambiguous) => Some(numbers::Clue::Either),
            Err(NumberError::Shape) => None,
        };
        if let (Some(clue), Some(slot)) = (clue, slot) {
            self.shown[slot].get_or_insert_default().number(clue);
            if self.decimal.is_none() && decimals == Way::Both {
                return Err(NumberError::Ambiguous);
            }
        }
        read.map(|(number, _)| number)
    }

    /// True when a run took longer than runs do.
    fn is_long(&self, row: usize) -> bool {
        let int = |field| self.records.int(field, row);
        let stated = int(Field::DurationMs);
        let millis = stated.or_else(|| {
            let (start, end) = (int(Field::StartedAt)?, int(Field::EndedAt)?);
            Some(end.saturating_sub(start) / 1_000)
        });
        millis.is_some_and(|millis| millis > LONG_DURATION_MS)
    }

    fn has_status(&self, row: usize) -> bool {
        [
            Field::Status,
            Field::DiscoveryStatus,
            Field::IngestionStatus,
        ]
        .into_iter()
        .any(|field| self.records.status(field, row).is_some())
    }

    fn apply_exceptions(&mut self, plan: &Plan, batch: &Batch<'_>) {
        let Some(slot) = plan.exceptions else {
            return;
        };
        for &at in &batch.live {
            let row = batch.at(at);
            if self.records.status(Field::Status, row) == Some(Status::Completed)
                && has_exceptions(&batch.row(at).get(slot))
            {
                self.records.set_status(Field::Status, row, Status::Partial);
            }
        }
    }

    /// Says which phase failed, where the record itself does not.
    fn set_phase(&mut self, row: usize) {
        if self.records.states(Field::ErrorPhase, row) {
            return;
        }
        let discovery = self.records.status(Field::DiscoveryStatus, row);
        let ingestion = self.records.status(Field::IngestionStatus, row);
        let phase = match (discovery, ingestion) {
            (Some(Status::Failed), _) => "discovery",
            (_, Some(Status::Failed | Status::Partial)) => "ingestion",
            _ => return,
        };
        if let Some(code) = self.records.intern(Field::ErrorPhase, phase) {
            self.records.set_code(Field::ErrorPhase, row, code);
        }
    }

    /// The number of a status word, which is understood when it is new.
    fn status_word(&mut self, known: &Words, field: Field, text: &str) -> u32 {
        let Seen {
            words, statuses, ..
        } = &mut self.seen[field.index()];
        let (raw, new) = words.add(text);
        if new {
            statuses.push(if field == Field::IngestionStatus && no_ingestion(text) {
                Said::Nothing
            } else {
                known.status(text)
            });
        }
        raw
    }

    /// Sets a status by the number of its word; false when the word says that there is none.
    fn set_status(&mut self, field: Field, raw: u32, at: u32, row: usize) -> bool {
        let seen = &self.seen[field.index()];
        let status = match seen.statuses.get(raw as usize) {
            None | Some(Said::Nothing) => return false,
            Some(Said::Status(status)) => *status,
            Some(Said::Unknown) => {
                let word = quoted(seen.words.get(raw), &self.masker);
                self.strange.push((at, field, word));
                Status::Unknown
            }
        };
        self.records.set_status(field, row, status);
        true
    }

    fn set_run_id(&mut self, text: &str, at: u32, row: usize) {
        if let Some(bits) = guid(text) {
            self.records.set_run_id(row, RunIdText::Guid(bits));
            return;
        }
        let mut found = Hidden::default();
        let shown = self.masker.mask_counting(text, &mut found);
        self.records.set_run_id(row, RunIdText::Other(&shown));
        if !found.is_empty() {
            self.hidden.push((at, found));
        }
    }
}

/// True for a source of a time that is computed when all that is stated is known.
fn is_estimate(bound: &Bound) -> bool {
    matches!(bound, Bound::Slots { source, .. } if matches!(source.from, From::Estimate(..)))
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn time_code(error: TimeError) -> Code {
    match error {
        TimeError::Shape => Code::Time,
        TimeError::Ambiguous => Code::TimeAmbiguous,
        TimeError::Gap => Code::TimeGap,
        TimeError::Serial => Code::TimeSerial,
    }
}

fn number_code(error: NumberError) -> Code {
    match error {
        NumberError::Shape => Code::Number,
        NumberError::Ambiguous => Code::NumberAmbiguous,
    }
}

/// What a raw text of a text field becomes.
fn canonical<'a>(
    field: Field,
    text: &'a str,
    masker: &Masker,
    hidden: &mut Hidden,
) -> Cow<'a, str> {
    let known = match (field, squash(text).as_str()) {
        (Field::RunType, "full" | "fullscan") => Some("full"),
        (Field::RunType, "incremental" | "incrementalscan") => Some("incremental"),
        (Field::Trigger, "manual") => Some("manual"),
        (Field::Trigger, "scheduled") => Some("scheduled"),
        _ => None,
    };
    match (known, field) {
        (Some(word), _) => Cow::Borrowed(word),
        (None, Field::ParentId) => match guid(text) {
            Some(bits) => Cow::Owned(GuidText::new(bits).as_ref().to_owned()),
            None => masker.mask_counting(text, hidden),
        },
        (None, _) => masker.mask_counting(text, hidden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::catalogue::built_in;

    fn mapper(preset: &str, supplied: &Supplied, path: &str) -> Mapper {
        let preset = built_in()
            .unwrap()
            .iter()
            .find(|known| known.name == preset)
            .unwrap();
        Mapper::new(
            preset,
            supplied,
            path,
            "stem",
            Header::Free,
            &Book::default(),
            Store::default(),
        )
    }

    /// Runs one record through a preset. Values are given by path.
    fn map(mapper: &mut Mapper, given: &[(&str, Value<'static>)]) {
        let values: Vec<_> = mapper
            .slots()
            .iter()
            .map(|slot| {
                given
                    .iter()
                    .find(|(path, _)| Path::new(path).keys == slot.keys)
                    .map_or(Value::Missing, |(_, value)| value.clone())
            })
            .collect();
        mapper.record(7, &values);
    }

    fn text(text: &'static str) -> Value<'static> {
        Value::Text(Cow::Borrowed(text))
    }

    #[test]
    fn what_a_record_lacks_comes_from_set_then_from_its_path() {
        let supplied = Supplied {
            set: BTreeMap::from([(Field::Account, "contoso".to_owned())]),
            template: Some(PathTemplate::new("{source}/{scan}.json").unwrap()),
            ..Supplied::default()
        };
        let mut mapper = mapper("purview", &supplied, "exports/sql-1/daily.json.gz");
        let record = [
            ("id", text("1")),
            ("status", text("Succeeded")),
            ("startTime", text("2026-11-01T00:00:00Z")),
        ];
        map(&mut mapper, &record);
        map(
            &mut mapper,
            &[&record[..], &[("scanName", text("weekly"))]].concat(),
        );
        let get = |row, field| mapper.records.text(field, row);
        assert_eq!(
            [
                get(0, Field::Source),
                get(0, Field::Scan),
                get(1, Field::Scan)
            ],
            [Some("sql-1"), Some("daily"), Some("weekly")]
        );
        assert_eq!(get(0, Field::Account), Some("contoso"));
        assert_eq!(get(0, Field::System), Some("purview"));
    }

    #[test]
    fn the_scan_of_a_uvm_source_is_the_source() {
        let supplied = Supplied {
            set: BTreeMap::from([(Field::Source, "edr".to_owned())]),
            ..Supplied::default()
        };
        let mut mapper = mapper("zscaler-uvm", &supplied, "x/stem.csv");
        map(
            &mut mapper,
            &[
                ("Status", text("Completed")),
                ("Start Time", text("2026-11-01 02:00:00")),
                ("File Size", text("12.5")),
            ],
        );
        assert_eq!(mapper.records.text(Field::Source, 0), Some("edr"));
        assert_eq!(mapper.records.text(Field::Scan, 0), Some("edr"));
        assert_eq!(mapper.records.int(Field::ByteCount, 0), Some(12_500_000));
    }

    #[test]
    fn exceptions_make_a_completed_status_partial() {
        let mut mapper = mapper("purview", &Supplied::default(), "x");
        let record = [
            ("id", text("1")),
            ("status", text("Succeeded")),
            ("startTime", text("2026-11-01T00:00:00Z")),
        ];
        for map_of in [r#"{"A": 0}"#, r#"{"A": 0, "B": 2}"#] {
            map(
                &mut mapper,
                &[
                    &record[..],
                    &[("diagnostics.exceptionCountMap", Value::Json(map_of.into()))],
                ]
                .concat(),
            );
        }
        assert_eq!(
            [0, 1].map(|row| mapper.records.status(Field::Status, row)),
            [Some(Status::Completed), Some(Status::Partial)]
        );
    }

    #[test]
    fn records_that_cannot_be_used_say_why() {
        let mut mapper = mapper("native", &Supplied::default(), "x");
        let time = ("started_at", text("2026-11-01T00:00:00Z"));
        map(
            &mut mapper,
            &[
                ("status", text("failed")),
                ("started_at", text("yesterday")),
            ],
        );
        map(
            &mut mapper,
            &[
                ("status", text("failed")),
                time.clone(),
                ("row_count", text("4.1k")),
            ],
        );
        map(
            &mut mapper,
            &[
                ("status", text("failed")),
                time.clone(),
                ("row_count", text("-1")),
            ],
        );
        map(
            &mut mapper,
            &[
                ("status", text("failed")),
                ("started_at", text("0001-01-01T00:00:00")),
            ],
        );
        map(&mut mapper, &[("scan", text("x"))]);
        map(&mut mapper, &[("outcome", text("active")), time.clone()]);
        map(&mut mapper, &[("status", text("Paused")), time]);
        let codes: Vec<_> = mapper
            .rejects
            .kept
            .iter()
            .map(|reject| (reject.code, reject.column.as_deref()))
            .collect();
        assert_eq!(
            codes,
            [
                (Code::Time, Some("started_at")),
                (Code::Number, Some("row_count")),
                (Code::Number, Some("row_count")),
                (Code::TimeMissing, None),
                (Code::EmptyRun, None),
            ]
        );
        assert_eq!((mapper.tally.read, mapper.tally.placeholder_times), (7, 1));
        assert_eq!(
            mapper.records.status(Field::Status, 0),
            Some(Status::InProgress)
        );
        assert_eq!(mapper.records.outcome(1), Outcome::Unknown);
        assert_eq!(
            mapper.tally.unknown_statuses,
            BTreeMap::from([((Field::Status, "Paused".to_owned()), 1)])
        );
    }

    #[test]
    fn guids_are_lower_case_without_braces_and_other_ids_stay() {
        let mut mapper = mapper("native", &Supplied::default(), "x");
        for id in ["{0F0F0F0F-1111-4222-8333-44444444444A}", "Run-1"] {
            map(
                &mut mapper,
                &[
                    ("run_id", text(id)),
                    ("parent_id", text(id)),
                    ("status", text("failed")),
                    ("started_at", text("2026-11-01T00:00:00Z")),
                ],
            );
        }
        let expected = ["0f0f0f0f-1111-4222-8333-44444444444a", "Run-1"];
        for (row, id) in expected.into_iter().enumerate() {
            assert_eq!(mapper.records.run_id_text(row).as_deref(), Some(id));
            assert_eq!(mapper.records.text(Field::ParentId, row), Some(id));
        }
    }
}
