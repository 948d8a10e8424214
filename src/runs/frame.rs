//! Clean runs as a frame.

use std::borrow::Cow;
use std::collections::HashMap;

use anyhow::{Context, Result, anyhow, bail};
use chrono_tz::Tz;
use foldhash::fast::FixedState;
use polars::prelude::{
    Arc, BooleanChunked, Categorical8Type, Categorical16Type, Categorical32Type,
    CategoricalChunked, CategoricalPhysical, ChunkAgg, ChunkedArray, Column, DataFrame, DataType,
    FrozenCategories, Int32Chunked, Int64Chunked, IntoColumn, IntoSeries, NewChunkedArray,
    PolarsCategoricalType, PolarsNumericType, StringChunked, TimeUnit, UInt32Chunked,
};

use super::calendar::{LocalDates, Window, WindowOptions, epoch_day, from_epoch_day};
use super::filter::{Filter, passing};
use super::reconcile::{Conflict, Reconciled, children, listing_order, reconcile};
use super::records::{Dictionary, NO_INT, NO_STATUS, NO_TEXT, Records, Values};
use super::schema::{Field, Kind, Outcome, Status};
use crate::errors::{self, Hidden, Privacy};
use crate::report::{Cell, Span};
use crate::threads;

/// Names of the derived columns.
pub mod column {
    /// The worst of the run's statuses.
    pub const OUTCOME: &str = "outcome";
    /// Category of the error; null for a run without one.
    pub const ERROR_CATEGORY: &str = "error_category";
    /// The error with its variable parts replaced; null for a run without one.
    pub const ERROR_SIGNATURE: &str = "error_signature";
    /// Local date of the run.
    pub const DAY: &str = "day";
    /// The time that decides the day: started, else queued, else ended.
    pub const AT: &str = "at";
    /// Number of the scan, in order of (system, account, source, scan).
    pub const SCAN_KEY: &str = "scan_key";
    /// True for a run whose parent is loaded.
    pub const CHILD: &str = "child";
}

/// The signature of a failed run that says nothing of its error.
pub const NO_ERROR_TEXT: &str = "(no error text)";

/// The fields that name a scan.
pub const SCAN: [Field; 4] = [Field::System, Field::Account, Field::Source, Field::Scan];

/// Every run that the filters let pass, one row each, in order of bucket time, then run id, then all else.
///
/// Columns: the canonical fields under their keys (text as `Enum` in lexical order of its categories, `run_id`
/// as `String`, statuses as `Enum` in order of the vocabulary, times as `Datetime(µs)` in UTC, numbers as
/// `Int64`), and the derived ones of [`column`](mod@column). Whatever a record did not state is null.
#[derive(Clone, Debug)]
pub struct Runs {
    frame: DataFrame,
}

impl Runs {
    /// Some of the rows of such a frame, in their order.
    pub(crate) fn of(frame: DataFrame) -> Runs {
        Runs { frame }
    }

    /// The frame itself.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// Number of scans.
    pub fn scans(&self) -> Result<usize> {
        let last = self.frame.column(column::SCAN_KEY)?.u32()?.max();
        Ok(last.map_or(0, |last| last as usize + 1))
    }
}

/// Where the records of one file went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Counted in the report's window.
    pub used: i64,
    /// Another record of the same run was better.
    pub superseded: i64,
    /// Left out by a filter.
    pub filtered: i64,
    /// On a day outside the window.
    pub outside_window: i64,
}

/// Two records that disagree, for a reader.
#[derive(Clone, Debug)]
pub struct ConflictRow {
    /// The run.
    pub run_id: Option<String>,
    /// Its scan.
    pub scan: Option<String>,
    /// The field in question.
    pub field: &'static str,
    /// The value that was kept.
    pub kept: String,
    /// What the other record said.
    pub said: String,
    /// File and line of the record that won.
    pub at: (usize, u32),
    /// File and line of the other.
    pub other_at: (usize, u32),
}

/// Everything that the sections need.
#[derive(Debug)]
pub struct Prepared {
    /// The runs.
    pub runs: Runs,
    /// The dates.
    pub window: Window,
    /// The zone in which dates are counted.
    pub zone: Tz,
    /// Where the records of each file went.
    pub books: Vec<Books>,
    /// Number of runs with a conflict.
    pub conflicting_runs: i64,
    /// The conflicts, by run.
    pub conflicts: Vec<ConflictRow>,
    /// Personal data that was hidden in the texts of records.
    pub hidden: Hidden,
}

/// How runs are prepared.
#[derive(Clone, Debug)]
pub struct RunsOptions {
    /// `--tz`.
    pub zone: Tz,
    /// The window.
    pub window: WindowOptions,
    /// The filters.
    pub filters: Vec<Filter>,
    /// `--error-rules`, and the built-in rules behind them.
    pub error_rules: errors::ErrorRules,
    /// Personal data that is hidden in texts, once errors are understood. Names of scans and ids of runs stay.
    pub privacy: Privacy,
}

impl Default for RunsOptions {
    /// In UTC, the default window, no filter, the built-in rules, nothing but secrets hidden.
    fn default() -> RunsOptions {
        RunsOptions {
            zone: Tz::UTC,
            window: WindowOptions::default(),
            filters: Vec::new(),
            error_rules: errors::ErrorRules::default(),
            privacy: Privacy::default(),
        }
    }
}

/// First and last local date of the data: of the bucket times, and of any start, queue, end or record time.
fn data_span(
    records: &Records,
    winners: &[usize],
    buckets: &[i64],
    dates: &mut LocalDates,
) -> Option<Span> {
    let first = buckets.iter().copied().min()?;
    let last = [
        Field::StartedAt,
        Field::QueuedAt,
        Field::EndedAt,
        Field::ObservedAt,
    ]
    .into_iter()
    .filter_map(|field| {
        let times = records.ints(field);
        // What is missing is less than any time.
        winners
            .iter()
            .filter_map(|&row| times.get(row))
            .max()
            .copied()
    })
    .max()?;
    Some(Span {
        first: from_epoch_day(dates.day(first)),
        last: from_epoch_day(dates.day(last)),
    })
}

/// The places of runs in order of bucket time, then as for listing.
fn in_order(records: &Records, winners: &[usize], buckets: &[i64], pass: &[bool]) -> Vec<usize> {
    // The bucket time decides nearly always, so it stands beside each run.
    let mut order: Vec<(i64, usize)> = (0..winners.len())
        .filter(|&at| pass[at])
        .map(|at| (buckets[at], at))
        .collect();
    let compare = |a: &(i64, usize), b: &(i64, usize)| {
        a.0.cmp(&b.0)
            .then_with(|| listing_order(records, winners[a.1], winners[b.1]))
            .then_with(|| a.1.cmp(&b.1))
    };
    let part = order.len().div_ceil(threads::count()).max(1);
    threads::each(order.chunks_mut(part), |part| {
        part.sort_unstable_by(compare);
    });
    // Parts that are in order are only put together.
    order.sort_by(compare);
    order.into_iter().map(|(_, at)| at).collect()
}

/// What makes a column of the frame.
enum Part {
    Errors,
    Outcome,
    Duration,
    Queue,
    Scan,
    Field(Field, Values),
}

/// Reconciles records and makes the frame. `Ok(None)` when there is no record and no date to speak of.
pub fn prepare(
    mut records: Records,
    files: usize,
    options: &RunsOptions,
) -> Result<Option<Prepared>> {
    let Reconciled {
        winners,
        superseded,
        conflicts,
    } = reconcile(&mut records, files);
    let mut dates = LocalDates::new(options.zone);
    let asked = options.window.as_of.or(options.window.to);
    // A record without a time was set aside.
    let bucket = |&row: &usize| records.bucket_time(row).unwrap_or_default();
    let buckets: Vec<i64> = winners.iter().map(bucket).collect();
    let Some(data) = data_span(&records, &winners, &buckets, &mut dates).or_else(|| {
        asked.map(|date| Span {
            first: date,
            last: date,
        })
    }) else {
        return Ok(None);
    };
    let window = Window::new(&options.window, data)?;

    let mut books = vec![Books::default(); files];
    for (book, superseded) in books.iter_mut().zip(superseded) {
        book.superseded = superseded;
    }
    let days: Vec<i32> = buckets.iter().map(|&at| dates.day(at)).collect();
    let pass = passing(&options.filters, &records, &winners);
    let inside = epoch_day(window.span.first)..=epoch_day(window.span.last);
    for (at, &row) in winners.iter().enumerate() {
        if let Some(book) = books.get_mut(records.file(row)) {
            match (pass[at], inside.contains(&days[at])) {
                (false, _) => book.filtered += 1,
                (true, false) => book.outside_window += 1,
                (true, true) => book.used += 1,
            }
        }
    }

    let child = children(&records, &winners);
    let order = in_order(&records, &winners, &buckets, &pass);
    let rows: Vec<usize> = order.iter().map(|&at| winners[at]).collect();
    drop(winners);
    let conflicts = told(&records, conflicts);
    let hidden = hidden(&records, &options.privacy);

    // What several fields make comes first: then the memory of each is free when its own column is made.
    let derived = [
        Part::Errors,
        Part::Outcome,
        Part::Scan,
        Part::Duration,
        Part::Queue,
    ];
    let made = |part: Part| make(part, &records, &rows, options);
    let mut derived = threads::each(derived, made).into_iter();
    let mut next = || derived.next().context("a column was not made")?;
    let (errors, outcome, scan, duration, queue) = (next()?, next()?, next()?, next()?, next()?);
    let fields: Vec<Part> = Field::ALL
        .iter()
        .filter(|field| !matches!(field, Field::DurationMs | Field::QueueMs))
        .map(|&field| Part::Field(field, records.take(field)))
        .collect();
    let mut columns: Vec<Column> = Vec::with_capacity(Field::ALL.len() + 9);
    let made = |part: Part| make(part, &records, &rows, options);
    for made in threads::each(fields, made) {
        columns.extend(made?);
    }
    // In the order of the schema.
    for (field, column) in [(Field::DurationMs, duration), (Field::QueueMs, queue)] {
        let at = field.index().min(columns.len());
        columns.splice(at..at, column);
    }
    columns.extend(outcome);
    columns.extend(errors);
    let days: Vec<i32> = order.iter().map(|&at| days[at]).collect();
    columns.push(
        Int32Chunked::from_vec(column::DAY.into(), days)
            .into_series()
            .cast(&DataType::Date)?
            .into_column(),
    );
    let buckets: Vec<i64> = order.iter().map(|&at| buckets[at]).collect();
    columns.push(times(Int64Chunked::from_vec(column::AT.into(), buckets))?);
    columns.extend(scan);
    columns.push(
        BooleanChunked::from_iter_values(column::CHILD.into(), order.iter().map(|&at| child[at]))
            .into_series()
            .into_column(),
    );
    let frame = DataFrame::new(rows.len(), columns).context("the runs do not form a frame")?;
    let (conflicting_runs, conflicts) = conflicts;
    Ok(Some(Prepared {
        runs: Runs { frame },
        window,
        zone: options.zone,
        books,
        conflicting_runs,
        conflicts,
        hidden,
    }))
}

/// The number of runs with a conflict, and the conflicts for a reader.
fn told(records: &Records, conflicts: Vec<Conflict>) -> (i64, Vec<ConflictRow>) {
    let mut in_conflict: Vec<usize> = conflicts.iter().map(|conflict| conflict.row).collect();
    in_conflict.dedup();
    let place = |row: usize| (records.file(row), records.line(row));
    let mut conflicts: Vec<_> = conflicts
        .into_iter()
        .map(|conflict| ConflictRow {
            run_id: records.run_id_text(conflict.row).map(Cow::into_owned),
            scan: records.text(Field::Scan, conflict.row).map(str::to_owned),
            field: conflict.field.key(),
            kept: conflict.kept,
            said: conflict.said,
            at: place(conflict.row),
            other_at: place(conflict.other),
        })
        .collect();
    conflicts.sort_by(|a, b| (&a.run_id, &a.scan, a.field).cmp(&(&b.run_id, &b.scan, b.field)));
    (
        i64::try_from(in_conflict.len()).unwrap_or(i64::MAX),
        conflicts,
    )
}

/// The columns of a part, for these rows.
fn make(
    part: Part,
    records: &Records,
    rows: &[usize],
    options: &RunsOptions,
) -> Result<Vec<Column>> {
    Ok(match part {
        Part::Errors => error_columns(records, rows, options)?.into(),
        Part::Outcome => {
            let outcomes = rows.iter().map(|&row| Some(records.outcome(row) as u32));
            let words = Outcome::ALL.iter().map(|outcome| outcome.key());
            vec![word_column(column::OUTCOME, words, outcomes)?]
        }
        Part::Duration => {
            let millis = rows.iter().map(|&row| duration_ms(records, row));
            let column: Int64Chunked = values(Field::DurationMs.key(), millis);
            vec![column.into_column()]
        }
        Part::Queue => {
            let millis = rows.iter().map(|&row| queue_ms(records, row));
            let column: Int64Chunked = values(Field::QueueMs.key(), millis);
            vec![column.into_column()]
        }
        Part::Scan => {
            let keys = UInt32Chunked::from_vec(column::SCAN_KEY.into(), scan_keys(records, rows));
            vec![keys.into_series().into_column()]
        }
        Part::Field(field, values) => vec![field_column(field, values, rows, &options.privacy)?],
    })
}

/// Microseconds as instants.
fn times(micros: Int64Chunked) -> Result<Column> {
    let dtype = DataType::Datetime(TimeUnit::Microseconds, None);
    Ok(micros.into_series().cast(&dtype)?.into_column())
}

/// A column of numbers. Where none is missing, nothing is kept of which are.
fn values<T: PolarsNumericType>(
    name: &str,
    values: impl Iterator<Item = Option<T::Native>> + Clone,
) -> ChunkedArray<T> {
    if values.clone().all(|value| value.is_some()) {
        ChunkedArray::from_vec(name.into(), values.flatten().collect())
    } else {
        ChunkedArray::from_iter_options(name.into(), values)
    }
}

/// A column of words, given by their place in a list.
fn word_column<'a>(
    name: &str,
    words: impl IntoIterator<Item = &'a str>,
    codes: impl Iterator<Item = Option<u32>> + Clone,
) -> Result<Column> {
    let categories = FrozenCategories::new(words)?;
    // Codes are as narrow as the number of words allows.
    Ok(match categories.physical() {
        CategoricalPhysical::U8 => coded::<Categorical8Type>(name, categories, codes),
        CategoricalPhysical::U16 => coded::<Categorical16Type>(name, categories, codes),
        CategoricalPhysical::U32 => coded::<Categorical32Type>(name, categories, codes),
    })
}

fn coded<T>(
    name: &str,
    categories: Arc<FrozenCategories>,
    codes: impl Iterator<Item = Option<u32>> + Clone,
) -> Column
where
    T: PolarsCategoricalType,
    <T::PolarsPhysical as PolarsNumericType>::Native: TryFrom<u32>,
    CategoricalChunked<T>: IntoSeries,
{
    let codes = codes.map(|code| code.and_then(|code| code.try_into().ok()));
    let codes = values::<T::PolarsPhysical>(name, codes);
    let dtype = DataType::from_frozen_categories(categories);
    CategoricalChunked::<T>::from_cats_and_dtype(codes, dtype)
        .into_series()
        .into_column()
}

/// Words that expressions compare with; they are categories whether or not a run uses them.
fn vocabulary(field: Field) -> &'static [&'static str] {
    match field {
        Field::RunType => &["full", "incremental"],
        Field::Category => &["map", "map_and_aggregate"],
        Field::System => &["purview", "zscaler-uvm"],
        _ => &[],
    }
}

/// A column of texts in lexical order of its categories, and the place of each code in it.
fn text_column<'a>(
    name: &str,
    texts: impl Iterator<Item = Cow<'a, str>>,
    vocabulary: &[&'a str],
    codes: impl Iterator<Item = Option<u32>> + Clone,
) -> Result<Column> {
    let texts: Vec<Cow<'_, str>> = texts.collect();
    // Words of the vocabulary have no code.
    let mut order: Vec<(&str, Option<usize>)> = texts
        .iter()
        .enumerate()
        .map(|(code, text)| (text.as_ref(), Some(code)))
        .chain(vocabulary.iter().map(|word| (*word, None)))
        .collect();
    order.sort_unstable();
    let mut sorted: Vec<&str> = Vec::with_capacity(order.len());
    let mut places = vec![u32::MAX; texts.len()];
    for (text, code) in order {
        // Different texts may have become the same.
        if sorted.last() != Some(&text) {
            sorted.push(text);
        }
        if let Some(code) = code {
            places[code] = u32::try_from(sorted.len() - 1).unwrap_or(u32::MAX);
        }
    }
    word_column(
        name,
        sorted,
        codes.map(|code| code.map(|code| places[code as usize])),
    )
}

/// True for a field whose texts may hold personal data that is no name of what the report is about.
fn is_free(field: Field) -> bool {
    field.kind() == Kind::Text && !SCAN.contains(&field) && field != Field::ParentId
}

/// What is hidden in the texts of all records.
fn hidden(records: &Records, privacy: &Privacy) -> Hidden {
    let mut all = Hidden::default();
    if privacy.is_off() {
        return all;
    }
    for &field in Field::ALL.iter().filter(|field| is_free(**field)) {
        let words = records
            .dictionary(field)
            .into_iter()
            .flat_map(Dictionary::iter);
        let of_words: Vec<Hidden> = words
            .map(|word| {
                let mut found = Hidden::default();
                privacy.hide_counting(word, &mut found);
                found
            })
            .collect();
        for code in (0..records.len()).filter_map(|row| records.code(field, row)) {
            if let Some(found) = of_words.get(code as usize) {
                all.add_all(found, 1);
            }
        }
    }
    all
}

fn field_column(field: Field, given: Values, rows: &[usize], privacy: &Privacy) -> Result<Column> {
    let name = field.key();
    match given {
        Values::Text { codes, words } => {
            let texts = words.iter().map(|text| {
                if is_free(field) {
                    privacy.hide(text)
                } else {
                    Cow::Borrowed(text)
                }
            });
            let codes = rows
                .iter()
                .map(|&row| codes.get(row).copied().filter(|&code| code != NO_TEXT));
            text_column(name, texts, vocabulary(field), codes)
        }
        Values::RunId(ids) => {
            let texts = rows.iter().map(|&row| ids.text(row));
            Ok(StringChunked::from_iter_options(name.into(), texts)
                .into_series()
                .into_column())
        }
        Values::Status(values) => {
            let codes = rows.iter().map(|&row| {
                let value = values.get(row).copied().filter(|&value| value != NO_STATUS);
                value.map(u32::from)
            });
            word_column(name, Status::ALL.iter().map(|status| status.key()), codes)
        }
        Values::Int(stated) => {
            let is_time = field.kind() == Kind::Time;
            if stated.iter().all(|&value| value == NO_INT) {
                // A column without a value takes no memory.
                let dtype = if is_time {
                    DataType::Datetime(TimeUnit::Microseconds, None)
                } else {
                    DataType::Int64
                };
                return Ok(Column::full_null(name.into(), rows.len(), &dtype));
            }
            let stated = rows.iter().map(|&row| {
                let value = stated.get(row).copied();
                value.filter(|&value| value != NO_INT)
            });
            let column = values(name, stated);
            if is_time {
                times(column)
            } else {
                Ok(column.into_column())
            }
        }
    }
}

/// Milliseconds between two instants; null when one is missing or the clock went backwards.
fn between(from: Option<i64>, to: Option<i64>) -> Option<i64> {
    let difference = to? - from?;
    (difference >= 0).then_some(difference / 1_000)
}

fn duration_ms(records: &Records, row: usize) -> Option<i64> {
    let time = |field| records.int(field, row);
    records
        .int(Field::DurationMs, row)
        .or_else(|| between(time(Field::StartedAt), time(Field::EndedAt)))
}

/// From queued (else start) to the start of discovery. A run that states no discovery waited until its start, unless it
/// still waits.
fn queue_ms(records: &Records, row: usize) -> Option<i64> {
    let time = |field| records.int(field, row);
    let (queued, started) = (time(Field::QueuedAt), time(Field::StartedAt));
    let waits = || {
        [Field::Status, Field::DiscoveryStatus]
            .into_iter()
            .filter_map(|field| records.status(field, row))
            .any(|status| matches!(status, Status::Queued | Status::Throttled))
    };
    records
        .int(Field::QueueMs, row)
        .or_else(|| match time(Field::DiscoveryStartedAt) {
            Some(discovery) => between(queued.or(started), Some(discovery)),
            None if waits() => None,
            None => between(queued, started),
        })
}

/// Category and signature of failed runs, and of partial runs that carry an error.
fn error_columns(records: &Records, rows: &[usize], options: &RunsOptions) -> Result<[Column; 2]> {
    let RunsOptions {
        error_rules: rules,
        privacy,
        ..
    } = options;
    // Each different error is understood once.
    let mut different = Vec::new();
    let mut known: HashMap<ErrorKey, u32, FixedState> = HashMap::default();
    let errors: Vec<Option<u32>> = rows
        .iter()
        .map(|&row| {
            let key = (
                records.code(Field::ErrorCode, row),
                records.code(Field::ErrorMessage, row),
            );
            let carries = match records.outcome(row) {
                Outcome::Failed => true,
                Outcome::Partial => key != (None, None),
                Outcome::Succeeded | Outcome::Cancelled | Outcome::Active | Outcome::Unknown => {
                    false
                }
            };
            carries.then(|| {
                *known.entry(key).or_insert_with(|| {
                    different.push(key);
                    u32::try_from(different.len() - 1).unwrap_or(NO_TEXT)
                })
            })
        })
        .collect();
    let understood = threads::each(different.chunks(ERRORS), |keys| {
        let text = |field, code: Option<u32>| Some(records.dictionary(field)?.get(code?));
        let understand = |&(code, message): &ErrorKey| {
            let code = text(Field::ErrorCode, code);
            let message = text(Field::ErrorMessage, message);
            (
                rules.category(code, message) as u32,
                signature(code, message),
            )
        };
        keys.iter().map(understand).collect::<Vec<_>>()
    })
    .concat();
    let mut signatures = Dictionary::default();
    let signature_of: Vec<u32> = understood
        .iter()
        .map(|(_, signature)| signatures.add(signature).0)
        .collect();
    let of = |error: &Option<u32>| error.map(|error| error as usize);
    Ok([
        word_column(
            column::ERROR_CATEGORY,
            errors::Category::ALL.iter().map(|category| category.key()),
            errors
                .iter()
                .map(|error| of(error).map(|error| understood[error].0)),
        )?,
        text_column(
            column::ERROR_SIGNATURE,
            signatures.iter().map(|text| privacy.hide(text)),
            &[],
            errors
                .iter()
                .map(|error| of(error).map(|error| signature_of[error])),
        )?,
    ])
}

/// Codes of an error's code and message.
type ErrorKey = (Option<u32>, Option<u32>);

/// Errors that one thread understands at a time.
const ERRORS: usize = 1_000;

/// What a run says of its error, with its variable parts replaced.
fn signature(code: Option<&str>, message: Option<&str>) -> String {
    match (code, message) {
        (None, None) => NO_ERROR_TEXT.to_owned(),
        (Some(code), None) => errors::without_tokens(code).into_owned(),
        (None, Some(message)) => errors::signature(message),
        (Some(code), Some(message)) => {
            let code = errors::without_tokens(code);
            match errors::signature(message) {
                signature if signature.starts_with(&*code) => signature,
                signature => format!("{code}: {signature}"),
            }
        }
    }
}

/// For each row the number of its scan. Scans are numbered in order of their names, missing names first.
fn scan_keys(records: &Records, rows: &[usize]) -> Vec<u32> {
    let codes = |row: usize| SCAN.map(|field| records.code(field, row));
    let mut keys = Vec::new();
    let mut known: HashMap<[Option<u32>; 4], usize, FixedState> = HashMap::default();
    let mut last: Option<([Option<u32>; 4], usize)> = None;
    let mut groups = Vec::with_capacity(rows.len());
    for &row in rows {
        let key = codes(row);
        let group = match last {
            Some((known, group)) if known == key => group,
            _ => *known.entry(key).or_insert_with(|| {
                keys.push(key);
                keys.len() - 1
            }),
        };
        last = Some((key, group));
        groups.push(group);
    }
    let mut named: Vec<([Option<&str>; 4], usize)> = keys
        .iter()
        .enumerate()
        .map(|(group, key)| {
            let mut names = [None; 4];
            for ((name, field), code) in names.iter_mut().zip(SCAN).zip(key) {
                *name =
                    code.and_then(|code| records.dictionary(field).map(|words| words.get(code)));
            }
            (names, group)
        })
        .collect();
    named.sort_unstable();
    let mut number = vec![0; named.len()];
    for (at, (_, group)) in named.into_iter().enumerate() {
        number[group] = u32::try_from(at).unwrap_or(u32::MAX);
    }
    groups.into_iter().map(|group| number[group]).collect()
}

/// The values of a column as cells. Fails when the frame has no such column.
pub fn cells(frame: &DataFrame, name: &str) -> Result<Vec<Cell>> {
    let series = frame
        .column(name)
        .map_err(|_| anyhow!("no column {name:?} in the table"))?
        .as_materialized_series();
    let read = |error| anyhow!("column {name:?}: {error}");
    Ok(match series.dtype() {
        DataType::Int64 => series.i64().map_err(read)?.iter().map(Cell::int).collect(),
        DataType::UInt32 => series
            .u32()
            .map_err(read)?
            .iter()
            .map(|value| Cell::int(value.map(i64::from)))
            .collect(),
        DataType::Float64 => series
            .f64()
            .map_err(read)?
            .iter()
            .map(Cell::float)
            .collect(),
        DataType::Boolean => series
            .bool()
            .map_err(read)?
            .iter()
            .map(|value| value.map_or(Cell::Null, Cell::Bool))
            .collect(),
        DataType::String => series.str().map_err(read)?.iter().map(Cell::text).collect(),
        DataType::Enum(_, _) | DataType::Categorical(_, _) => {
            let text = series.cast(&DataType::String).map_err(read)?;
            text.str().map_err(read)?.iter().map(Cell::text).collect()
        }
        DataType::Date => {
            let days = series.cast(&DataType::Int32).map_err(read)?;
            let days = days.i32().map_err(read)?;
            days.iter()
                .map(|day| day.map_or(Cell::Null, |day| Cell::Date(from_epoch_day(day))))
                .collect()
        }
        DataType::Datetime(TimeUnit::Microseconds, _) => {
            let micros = series.cast(&DataType::Int64).map_err(read)?;
            micros.i64().map_err(read)?.iter().map(Cell::time).collect()
        }
        DataType::Null => vec![Cell::Null; series.len()],
        other => bail!("column {name:?} has the type {other}, which no table shows"),
    })
}
