//! `rundown` gives you the rundown of your runs: it reads exported run logs and writes a report.
//!
//! ```text
//! files ─input─▶ records ─mapping─▶ runs ─reconcile─▶ Runs ─sections─▶ Report ─render─▶ HTML | Markdown | JSON | text
//!          │         │
//!          └ rejects ┘  every record that cannot be used, with file, line, byte, column, code, value and hint
//! ```
//!
//! Imports point one way: [`render`] knows only [`report`](mod@report), which knows nobody; [`sections`] make a report
//! from [`runs`]; [`input`] and [`mapping`] make records for [`runs`] and mask secrets by [`errors`]. Nothing in
//! the library reads a clock, prints, or ends the process: the same input gives the same bytes.

pub mod check;
pub mod cli;
pub mod errors;
pub mod explain;
pub mod gates;
pub mod input;
pub mod mapping;
pub mod meter;
pub mod outline;
pub mod output;
pub mod render;
pub mod report;
pub mod runs;
pub mod sections;
pub mod temporary;
pub mod threads;
pub mod trust;

use std::borrow::Cow;
use std::fmt;
use std::num::NonZero;
use std::path::PathBuf;

use anyhow::{Result, bail};
use chrono::NaiveDate;

use input::reject::{Reject, file_line};
use input::{InputOptions, Loaded, ReadFile, Skipped};
use meter::Step;
use report::{Block, Report, SCHEMA_VERSION};
use runs::frame::{Prepared, RunsOptions};
use runs::records::Records;
use runs::schema::Field;
use sections::inputs::{Reconciliation, reconciliation};
use sections::ticket::About;
use trust::Trust;

/// What a report is made from and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files and folders.
    pub inputs: Vec<PathBuf>,
    /// How files are read.
    pub input: InputOptions,
    /// Zone, window and filters.
    pub runs: RunsOptions,
    /// Heading; made from the window when absent.
    pub title: Option<String>,
    /// All runs, or one scan or run.
    pub about: About,
    /// `--link`: the address of a run in its portal, with fields in braces.
    pub link: Option<String>,
    /// The call that makes this report again, as it would be typed; empty where none is known.
    pub command: String,
    /// `--threads`: how many may work at the same time, for [`threads::limit`].
    pub threads: Option<NonZero<usize>>,
}

impl Options {
    /// Personal data that messages of the program must hide.
    pub fn privacy_of_messages(&self) -> errors::Privacy {
        self.runs.privacy.for_messages()
    }
}

/// Nothing that was given can be used. The text says what was found.
#[derive(Debug)]
pub struct Unusable(pub String);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unusable {}

/// Runs that were read and prepared.
#[derive(Debug)]
pub struct Log {
    /// The runs, the dates and the books.
    pub prepared: Prepared,
    /// The files.
    pub files: Vec<ReadFile>,
    /// Files that were found and not read.
    pub skipped: Vec<Skipped>,
    /// What may be left out.
    pub trust: Trust,
}

/// A reject as a line for the terminal: where, what was found, what to do.
pub fn describe(file: &ReadFile, reject: &Reject) -> String {
    let byte = reject.byte.map(|byte| format!(", byte {byte}"));
    let index = reject.index.map(|index| format!(" {index}"));
    let column = reject.column.as_ref();
    let column = column.map(|name| format!(", column{} {name:?}", index.unwrap_or_default()));
    let found = if reject.value.is_empty() {
        String::new()
    } else {
        format!("\n       found {:?}", reject.value)
    };
    format!(
        "{}:{}{}{}: {}{found}\n       {}",
        file.path,
        reject.line,
        byte.unwrap_or_default(),
        column.unwrap_or_default(),
        reject.code.key(),
        reject.hint
    )
}

/// Reads the inputs and reconciles their records.
///
/// Fails with [`Unusable`] when no file holds a record that can be used, unless the files are good and empty and
/// the options name a date.
pub fn load(options: &Options) -> Result<Log> {
    // Reading leaves one core free for a while. A log that is read before the rules are ready does not wait for them.
    threads::ahead(errors::prepare);
    let mut loaded = input::load(&options.inputs, &options.input)?;
    hide(&mut loaded, options);
    options.input.meter.begin(Step::Merge);
    prepare(loaded, options)
}

/// These rules, where the ids of the runs that are loaded stay.
fn knowing(privacy: &errors::Privacy, records: &Records) -> errors::Privacy {
    let ids = (0..records.len())
        .flat_map(|row| {
            let parent = records.text(Field::ParentId, row).map(Cow::Borrowed);
            [records.run_id_text(row), parent]
        })
        .flatten();
    privacy.knowing(ids)
}

/// Hides personal data in what is told of the files. The records keep it until they are understood.
fn hide(loaded: &mut Loaded, options: &Options) {
    let privacy = knowing(&options.runs.privacy, &loaded.records);
    for file in &mut loaded.files {
        file.hide(&privacy);
    }
    for file in &mut loaded.skipped {
        file.hide(&privacy);
    }
}

/// Reconciles records that were read.
fn prepare(loaded: Loaded, options: &Options) -> Result<Log> {
    let Loaded {
        records,
        files,
        skipped,
        held: _held,
    } = loaded;
    // Runs that are loaded are shown by their ids.
    let runs = RunsOptions {
        privacy: knowing(&options.runs.privacy, &records),
        ..options.runs.clone()
    };
    if let Some(file) = skipped.iter().find(|file| file.unexpected) {
        bail!(Unusable(file.told_in_full()));
    }
    if files.is_empty() {
        let reasons: Vec<_> = skipped.iter().take(10).map(Skipped::told_in_full).collect();
        let list = if reasons.is_empty() {
            "no file with a known ending was found".to_owned()
        } else {
            reasons.join("\n       ")
        };
        bail!(Unusable(format!("nothing to report on\n       {list}")));
    }
    if records.is_empty() && files.iter().any(|file| file.rejects.total > 0) {
        let rejects: Vec<_> = files
            .iter()
            .flat_map(|file| {
                file.rejects
                    .kept
                    .iter()
                    .map(|reject| describe(file, reject))
            })
            .take(10)
            .collect();
        bail!(Unusable(format!(
            "no record can be used\n       {}",
            rejects.join("\n       ")
        )));
    }
    let Some(prepared) = runs::frame::prepare(records, files.len(), &runs)? else {
        bail!(Unusable("the files hold no record, so there is no date to report on\n       name one with --as-of".to_owned()));
    };
    options.input.meter.check_scans(prepared.runs.scans()?)?;
    Ok(Log {
        prepared,
        files,
        skipped,
        trust: options.input.trust,
    })
}

/// What is read of the inputs and how, as text, and the books; with `with_report` also the report that they make.
///
/// Fails when an input cannot be opened.
pub fn check(options: &Options, with_report: bool) -> Result<Checked> {
    let input = InputOptions {
        survey: true,
        ..options.input.clone()
    };
    let mut loaded = input::load(&options.inputs, &input)?;
    hide(&mut loaded, options);
    let trust = &options.input.trust;
    Ok(Checked {
        text: check::text(&loaded),
        rejects: reject_lines(&loaded.files, &loaded.skipped)?,
        doubts: trust.doubts(&loaded.files, &loaded.skipped),
        unread: loaded.files.is_empty() || loaded.skipped.iter().any(|file| file.unexpected),
        report: with_report.then(|| report(&prepare(loaded, options)?, options)),
    })
}

/// What a check came to.
#[derive(Debug)]
pub struct Checked {
    /// For a reader.
    pub text: String,
    /// As [`reject_lines`].
    pub rejects: String,
    /// Why what was read cannot be relied on.
    pub doubts: Vec<String>,
    /// No file was read, or one that was named was not.
    pub unread: bool,
    /// The report, or why there is none; `None` when none was asked for.
    pub report: Option<Result<Report>>,
}

/// The rejects of all files that are kept, and the files that were not read and have a code, as NDJSON. Texts are escaped
/// where they would act on a terminal.
pub fn reject_lines(files: &[ReadFile], skipped: &[Skipped]) -> Result<String> {
    let lines = files.iter().map(|file| file.rejects.lines(&file.path));
    let unread = skipped.iter().filter_map(|file| {
        let code = file.code?;
        Some(file_line(code, &file.path, &file.reason))
    });
    let lines = lines
        .chain(unread)
        .collect::<serde_json::Result<String>>()?;
    Ok(render::format::escaped(&lines).into_owned())
}

/// A mapping to begin with for the first of the inputs, guessed from its columns. It names columns as they are written, as it
/// would not find them otherwise; where personal data is hidden it shows no values.
pub fn starter(options: &Options) -> Result<String> {
    let found = input::discover::discover(&options.inputs)?;
    let Some(first) = found.first() else {
        bail!(Unusable(
            "nothing to look at: no file with a known ending was found".to_owned()
        ));
    };
    let probe = input::probe::probe(first, options.input.encoding, check::starter::score)?;
    let with_samples = options.runs.privacy.is_off();
    Ok(check::starter::mapping(&probe, &first.stem(), with_samples))
}

/// The report of a log.
pub fn report(log: &Log, options: &Options) -> Result<Report> {
    options.input.meter.begin(Step::Report);
    let prepared = &log.prepared;
    let window = &prepared.window;
    let context = context(log);
    let mut data = sections::data(&context)?;
    let (own_title, mut sections) =
        match sections::about(&context, &options.about, options.link.as_deref())? {
            Some((title, sections)) => {
                data.systems.clear();
                (title, sections)
            }
            None => (
                default_title(window.span.first, window.span.last),
                sections::build(&context)?,
            ),
        };
    let shown = |text: &str| {
        let masked = options.input.supplied.masker.mask(text);
        options.runs.privacy.hide(&masked).into_owned()
    };
    let title = options.title.as_deref().map_or(own_title, shown);
    if let Some(inputs) = sections.iter_mut().find(|section| section.id == "inputs") {
        let provenance = sections::inputs::provenance(&shown(&options.command));
        inputs.blocks.push(Block::Figures(provenance));
    }
    Ok(Report {
        schema_version: SCHEMA_VERSION,
        title,
        as_of: window.as_of,
        time_zone: prepared.zone.name().to_owned(),
        window: report::Window {
            first: window.span.first,
            last: window.span.last,
            days: runs::calendar::days(window.span),
            by: window.by.key(),
            week_start: window.week_start.key(),
            previous: window.previous,
        },
        data,
        sections,
        terms: sections::terms(),
    })
}

/// The totals of the books.
pub fn totals(log: &Log) -> Reconciliation {
    reconciliation(&context(log))
}

/// Why a report of the log cannot be relied on, each as a fragment of a sentence; nothing where it can.
pub fn doubts(log: &Log) -> Vec<String> {
    context(log).doubts()
}

fn context(log: &Log) -> sections::Context<'_> {
    sections::Context::new(&log.prepared, &log.files, &log.skipped, log.trust)
}

fn default_title(first: NaiveDate, last: NaiveDate) -> String {
    format!(
        "Runs from {} to {}",
        render::format::date(first),
        render::format::date(last)
    )
}
