//! The command line: arguments to options. The only reader of arguments, environment and configuration.

pub mod config;
mod manual;
mod reading;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::Options;
use crate::errors::{self, Privacy};
use crate::explain::{self, Topic};
use crate::gates::{Gate, Rule};
use crate::mapping::catalogue::{Catalogue, SOURCES, built_in};
use crate::render::{Format, LEAST_CHARS, MAX_CHARS, RenderOptions};
use crate::runs::calendar::{By, Last, WeekStart, WindowOptions};
use crate::runs::export::ExportFormat;
use crate::runs::filter::{Filter, Subject};
use crate::runs::frame::RunsOptions;
use crate::runs::schema::Field;
use crate::sections::ticket::{About, LINK_FIELDS};
use reading::Reading;

/// Reads exported run logs and writes a report: what ran, what failed, what is missing.
#[derive(Debug, Parser)]
#[command(
    name = "rundown",
    version,
    max_term_width = 100,
    after_help = "Examples:
  rundown report sample_data                        write rundown.html here and print a summary
  rundown report exports -o week.html -o week.json --last last-week
  rundown summary exports --tz Europe/Berlin --source-type 'Azure*'
  rundown convert exports -o runs.parquet
  rundown check exports                             what is read, and how
  rundown explain success_rate                      what a number means

Exit codes: 0 done; 1 a rule of --fail-if holds or the data is older than --max-age; 2 wrong usage or a file that cannot be read or written,
nothing written; 3 nothing usable, or more rejects than --max-rejects or --strict allow; 70 a bug; 130 interrupted."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Where its options come from; known after [`config::read`].
    #[arg(skip)]
    pub settings: config::Settings,
    /// The call as it would be typed again; known after [`config::read`].
    #[arg(skip)]
    pub called: String,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a report as HTML, Markdown, JSON or text
    #[command(after_help = "Examples:
  rundown report sample_data
  rundown report runs.csv -o report.html -o report.json
  rundown report exports --tables tables --fail-if 'success_rate < 95%' --fail-if 'gaps.missing > 0'
  rundown report runs.csv -o ticket.md
  rundown report exports --from 2026-11-01 --to 2026-11-30 --by week --week-start sunday
  rundown report api --path-template '{source}/{scan}.json' --set account=contoso -o - --format json")]
    Report(ReportArgs),
    /// Print the report in short
    #[command(after_help = "Example:
  rundown summary exports --last 7d --outcome failed,partial")]
    Summary(SummaryArgs),
    /// Tell the history of one scan, for a ticket
    #[command(after_help = "Examples:
  rundown scan sql-crm-prod/daily exports
  rundown scan daily exports -o ticket.html")]
    Scan(ScanArgs),
    /// Tell what happened in one run, for a ticket
    #[command(after_help = "Examples:
  rundown run 347c9866 exports
  rundown run 347c9866 exports -o ticket.html --link 'https://portal.example/{source}/{scan}/{run_id}'")]
    Run(RunArgs),
    /// Write the canonical runs as Parquet, CSV or NDJSON
    #[command(after_help = "Examples:
  rundown convert exports -o runs.parquet
  rundown convert exports -o - --format ndjson")]
    Convert(ConvertArgs),
    /// Show how files are read: format, preset, where each field comes from, what is set aside
    #[command(after_help = "Examples:
  rundown check exports
  rundown check exports --fail-if 'rejects > 0' --fail-if 'findings.stopped_succeeding > 0'
  rundown check jobs.csv --init-mapping jobs.toml     write a mapping to begin with
  rundown check jobs.csv --mapping jobs.toml")]
    Check(CheckArgs),
    /// Say what a figure, column, section, word, code or error of a report means; with inputs, also what it is there
    #[command(
        mut_arg("inputs", |inputs| inputs.required(false)),
        after_help = "Examples:
  rundown explain                                   list everything that can be explained
  rundown explain success_rate exports
  rundown explain gaps.missing
  rundown explain E-TIME"
    )]
    Explain(ExplainArgs),
    /// List the built-in mappings, or print one to start from
    #[command(after_help = "Example:
  rundown presets purview")]
    Presets(PresetsArgs),
    /// Show which options `report` would use here, and where each is set
    #[command(
        mut_arg("inputs", |arg| arg.required(false)),
        after_help = "Examples:
  rundown config
  rundown config --profile weekly"
    )]
    Config(ReportArgs),
    /// Print the completions for a shell
    #[command(after_help = "Example:
  rundown completions bash > ~/.local/share/bash-completion/completions/rundown")]
    Completions(manual::CompletionsArgs),
    /// Print the manual page of rundown, or of one of its commands
    #[command(after_help = "Examples:
  rundown man > rundown.1
  rundown man report > rundown-report.1")]
    Man(manual::ManArgs),
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    period: Period,
    #[command(flatten)]
    gates: Gates,
    /// Write a mapping for the first file, guessed from its columns
    #[arg(long, value_name = "FILE")]
    init_mapping: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long)]
    force: bool,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A name, such as partial, gaps.missing, credentials or E-TIME, or the id of an error
    what: Option<String>,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    period: Period,
}

/// Arguments of `presets`.
#[derive(Debug, Args)]
pub struct PresetsArgs {
    /// The preset to print
    name: Option<String>,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    period: Period,
    #[command(flatten)]
    writing: Writing,
    /// Folder for every table as a CSV file, made if it is missing
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,
    /// Folder for every chart as an SVG file, made if it is missing
    #[arg(long, value_name = "DIR")]
    charts: Option<PathBuf>,
    #[command(flatten)]
    gates: Gates,
}

/// What is written, and how.
#[derive(Debug, Args)]
struct Writing {
    /// File to write; the ending picks the format; - is standard output; may repeat
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// Format for standard output
    #[arg(long, value_enum)]
    format: Option<ReportFormat>,
    #[command(flatten)]
    how: How,
    /// Heading of the report
    #[arg(long)]
    title: Option<String>,
    /// Replace an existing file that is not a rundown report
    #[arg(long)]
    force: bool,
}

/// Limits of what is written, and what a page holds.
#[derive(Debug, Args)]
struct How {
    /// Longest Markdown, in characters: what matters least is left out until it fits; 0 is no limit
    #[arg(long, value_name = "N", default_value_t = MAX_CHARS, value_parser = max_chars)]
    max_chars: usize,
    /// Largest page, such as 800kB: what matters least is left out until it fits, failures never; 0 is no limit
    #[arg(long, value_name = "SIZE", default_value = "5MB", value_parser = max_bytes)]
    max_bytes: usize,
    /// Write pages without their script, which sorts, searches and copies; all else works without it
    #[arg(long)]
    no_script: bool,
}

impl How {
    fn options(&self) -> RenderOptions {
        RenderOptions {
            max_chars: self.max_chars,
            max_bytes: self.max_bytes,
            script: !self.no_script,
        }
    }
}

/// Rules that decide how the program ends.
#[derive(Debug, Args)]
struct Gates {
    /// End with exit code 1 if this holds, such as 'failed > 10', 'gaps.missing > 0' or 'rejects > 1%'; may repeat
    #[arg(long, value_name = "RULE")]
    fail_if: Vec<Rule>,
}

impl Gates {
    /// The rules, each settled by what every report has.
    fn settle(self) -> Result<Vec<Gate>> {
        if self.fail_if.is_empty() {
            return Ok(Vec::new());
        }
        let outline = crate::outline::outline()?;
        self.fail_if
            .into_iter()
            .map(|rule| Gate::new(rule, &outline).context("--fail-if"))
            .collect()
    }
}

/// Arguments of `summary`.
#[derive(Debug, Args)]
pub struct SummaryArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    period: Period,
    #[command(flatten)]
    gates: Gates,
}

/// Arguments of `scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// The scan: its name, SOURCE/NAME, or the beginning of either
    name: String,
    #[command(flatten)]
    ticket: TicketArgs,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The run's id, or its beginning
    id: String,
    #[command(flatten)]
    ticket: TicketArgs,
    /// Address of the run in its portal; fields of the run may stand in it, in braces
    #[arg(long, value_name = "TEMPLATE", value_parser = link_template)]
    link: Option<String>,
}

/// What `scan` and `run` have in common.
#[derive(Debug, Args)]
pub struct TicketArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    period: Period,
    #[command(flatten)]
    writing: Writing,
}

impl TicketArgs {
    /// A report about less than everything. Without a length it tells of all the data.
    fn job(mut self, about: About, link: Option<String>) -> Result<Job> {
        if self.period.from.is_none() && self.period.last.is_none() {
            self.period.last = Some(Last::All);
        }
        let mut writing = self.writing;
        let format = writing.format.map_or(Format::Text, ReportFormat::format);
        if writing.output.is_empty() {
            writing.output.push(PathBuf::from("-"));
        }
        let output = Output::Report {
            targets: report_targets(writing.output, Some(format))?,
            how: writing.how.options(),
            summary: false,
            tables: None,
            charts: None,
            gates: Vec::new(),
            force: writing.force,
        };
        let mut job = run_job(self.common, Some(&self.period), writing.title, output)?;
        job.options.about = about;
        job.options.link = link;
        Ok(Job::run(job))
    }
}

/// Arguments of `convert`.
#[derive(Debug, Args)]
pub struct ConvertArgs {
    #[command(flatten)]
    common: Common,
    /// File to write; the ending picks the format; - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Format for standard output
    #[arg(long, value_enum)]
    format: Option<RunsFormat>,
    /// Replace an existing file
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ReportFormat {
    Html,
    Markdown,
    Json,
    Text,
}

impl ReportFormat {
    fn format(self) -> Format {
        match self {
            ReportFormat::Html => Format::Html,
            ReportFormat::Markdown => Format::Markdown,
            ReportFormat::Json => Format::Json,
            ReportFormat::Text => Format::Text,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RunsFormat {
    Parquet,
    Csv,
    Ndjson,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ByArg {
    Day,
    Week,
    Month,
    Auto,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum WeekStartArg {
    Monday,
    Sunday,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// `3d`: a number of days.
fn days(text: &str) -> Result<i64, String> {
    text.strip_suffix('d')
        .and_then(|digits| digits.parse().ok())
        .filter(|days| (0..=36_600).contains(days))
        .ok_or_else(|| format!("expected a number of days such as 3d; found {text:?}"))
}

/// The address of a run: `https://`, and no fields in braces but those of [`LINK_FIELDS`].
fn link_template(text: &str) -> Result<String, String> {
    let rest = LINK_FIELDS.iter().fold(text.to_owned(), |rest, field| {
        rest.replace(&format!("{{{field}}}"), "")
    });
    if text.starts_with("https://") && !rest.contains(['{', '}']) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "expected an address that begins with https://, in which {{{}}} may stand; found {text:?}",
        LINK_FIELDS.join("}, {")
    ))
}

/// Characters of a report in Markdown.
fn max_chars(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|&chars| chars == 0 || chars >= LEAST_CHARS)
        .ok_or_else(|| {
            format!("expected a number of {LEAST_CHARS} or more, or 0 for no limit; found {text:?}")
        })
}

/// Bytes of a page.
fn max_bytes(text: &str) -> Result<usize, String> {
    size(text).ok_or_else(|| {
        format!("expected a size such as 800kB or 5MB, or 0 for no limit; found {text:?}")
    })
}

/// Bytes in decimal units: `5MB`, `800 kB`, `5000000`.
fn size(text: &str) -> Option<usize> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = text.get(number.len()..).unwrap_or_default().trim();
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" => Some(1_000),
        "m" | "mb" => Some(1_000_000),
        "g" | "gb" => Some(1_000_000_000),
        _ => None,
    };
    number.parse::<usize>().ok()?.checked_mul(factor?)
}

fn pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .ok_or_else(|| format!("expected FIELD=VALUE; found {text:?}"))
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Common {
    #[command(flatten)]
    reading: Reading,
    /// Time zone in which days are counted
    #[arg(
        long,
        value_name = "ZONE",
        default_value = "UTC",
        help_heading = "Period"
    )]
    tz: Tz,
    /// First day of a week; the Purview portal begins on Sunday
    #[arg(long, value_enum, default_value = "monday", help_heading = "Period")]
    week_start: WeekStartArg,
    /// Only these systems; globs, lists, ! to exclude
    #[arg(long, value_name = "NAMES", help_heading = "Filters")]
    system: Vec<String>,
    /// Only these sources
    #[arg(long, value_name = "NAMES", help_heading = "Filters")]
    source: Vec<String>,
    /// Only these source types
    #[arg(long, value_name = "NAMES", help_heading = "Filters")]
    source_type: Vec<String>,
    /// Only these scans
    #[arg(long, value_name = "NAMES", help_heading = "Filters")]
    scan: Vec<String>,
    /// Only runs with these outcomes: succeeded, partial, failed, cancelled, active, unknown
    #[arg(long, value_name = "WORDS", help_heading = "Filters")]
    outcome: Vec<String>,
    /// Only runs of these types: full, incremental
    #[arg(long, value_name = "WORDS", help_heading = "Filters")]
    run_type: Vec<String>,
    /// Only runs started this way: manual, scheduled
    #[arg(long, value_name = "WORDS", help_heading = "Filters")]
    trigger: Vec<String>,
    /// Colours in the terminal
    #[arg(long, value_enum, default_value = "auto")]
    color: Colour,
}

/// Which days a report covers.
#[derive(Debug, Args)]
pub struct Period {
    /// First day
    #[arg(long, value_name = "DATE", help_heading = "Period")]
    from: Option<NaiveDate>,
    /// Last day
    #[arg(long, value_name = "DATE", help_heading = "Period")]
    to: Option<NaiveDate>,
    /// Length: 30d, 4w, 3mo, all, or last-week for the newest whole week [default: 30d]
    #[arg(
        long,
        value_name = "LENGTH",
        conflicts_with = "from",
        help_heading = "Period"
    )]
    last: Option<Last>,
    /// The day the report speaks of [default: the newest day in the data]
    #[arg(long, value_name = "DATE", help_heading = "Period")]
    as_of: Option<NaiveDate>,
    /// Length of a bar
    #[arg(long, value_enum, default_value = "auto", help_heading = "Period")]
    by: ByArg,
    /// Age of the data at which to warn, such as 3d; given explicitly, older data also ends with exit code 1
    #[arg(long, value_name = "DAYS", value_parser = days, help_heading = "Period")]
    max_age: Option<i64>,
}

/// Where to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target<F> {
    /// Standard output.
    Stdout(F),
    /// A file.
    File(PathBuf, F),
}

/// A command with everything settled.
#[derive(Debug)]
pub enum Job {
    /// Read runs and write them, or a report.
    Run(Box<RunJob>),
    /// Show how files are read.
    Check(Box<CheckJob>),
    /// Print this text.
    Print(String),
}

impl Job {
    /// What it reads and how, where it reads.
    pub fn options(&self) -> Option<&Options> {
        match self {
            Job::Run(job) => Some(&job.options),
            Job::Check(job) => Some(&job.options),
            Job::Print(_) => None,
        }
    }

    /// Personal data that messages of the program must hide.
    pub fn privacy(&self) -> Privacy {
        self.options()
            .map(Options::privacy_of_messages)
            .unwrap_or_default()
    }

    fn run(job: RunJob) -> Job {
        Job::Run(Box::new(job))
    }
}

/// What to check.
#[derive(Debug)]
pub struct CheckJob {
    /// What to read and how; the rest is for the gates.
    pub options: Options,
    /// Where to write a mapping to begin with, and nothing else.
    pub init_mapping: Option<PathBuf>,
    /// Rules over the report that the files make.
    pub gates: Vec<Gate>,
    /// Replace an existing file.
    pub force: bool,
    /// Where to write the rejects.
    pub rejects: Option<PathBuf>,
    /// When data is too old; explicit or the default.
    pub max_age: MaxAge,
}

/// What to read and what to write.
#[derive(Debug)]
pub struct RunJob {
    /// What to read and how.
    pub options: Options,
    /// What to write.
    pub output: Output,
    /// Where to write the rejects.
    pub rejects: Option<PathBuf>,
    /// When data is too old; explicit or the default.
    pub max_age: MaxAge,
    /// Colours.
    pub colour: Colour,
}

/// Days after which data is old.
#[derive(Clone, Copy, Debug)]
pub struct MaxAge {
    /// Number of days.
    pub days: i64,
    /// The user asked for it, so older data is a failure.
    pub explicit: bool,
}

/// What to write.
#[derive(Debug)]
pub enum Output {
    /// Reports.
    Report {
        /// Where, and in which format.
        targets: Vec<Target<Format>>,
        /// Limits, and what a page holds.
        how: RenderOptions,
        /// Print the short text as well.
        summary: bool,
        /// Folder for the tables as CSV.
        tables: Option<PathBuf>,
        /// Folder for the charts as SVG.
        charts: Option<PathBuf>,
        /// Rules that decide how the program ends.
        gates: Vec<Gate>,
        /// Replace files that are not ours.
        force: bool,
    },
    /// What a name means, on standard output.
    Explanation(Topic),
    /// Canonical runs.
    Runs {
        /// Where, and in which format.
        target: Target<ExportFormat>,
        /// Replace an existing file.
        force: bool,
    },
}

fn target<F>(
    path: PathBuf,
    stdout: Option<F>,
    of_ending: fn(&str) -> Option<F>,
    endings: &str,
) -> Result<Target<F>> {
    if path.as_os_str() == "-" {
        let format =
            stdout.with_context(|| "-o - needs --format, since it has no ending".to_owned())?;
        return Ok(Target::Stdout(format));
    }
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().into_owned())
        .unwrap_or_default();
    match of_ending(&ending) {
        Some(format) => Ok(Target::File(path, format)),
        None => bail!(
            "{}: no format has the ending {ending:?}\n       expected one of {endings}",
            path.display()
        ),
    }
}

fn report_targets(paths: Vec<PathBuf>, stdout: Option<Format>) -> Result<Vec<Target<Format>>> {
    paths
        .into_iter()
        .map(|path| target(path, stdout, Format::of_ending, ".html, .md, .json, .txt"))
        .collect()
}

impl Common {
    fn options(self, mut window: WindowOptions, title: Option<String>) -> Result<Options> {
        let threads = self.reading.threads;
        let error_rules = self.reading.error_rules()?;
        let (masker, privacy) = self.reading.redaction()?;
        let (inputs, input) = self.reading.options(masker)?;
        let mut filters = Vec::new();
        for (name, subject, words) in [
            ("--system", Subject::Field(Field::System), self.system),
            ("--source", Subject::Field(Field::Source), self.source),
            (
                "--source-type",
                Subject::Field(Field::SourceType),
                self.source_type,
            ),
            ("--scan", Subject::Field(Field::Scan), self.scan),
            ("--outcome", Subject::Outcome, self.outcome),
            ("--run-type", Subject::Field(Field::RunType), self.run_type),
            ("--trigger", Subject::Field(Field::Trigger), self.trigger),
        ] {
            filters.extend(Filter::new(subject, &words).context(name)?);
        }
        window.week_start = match self.week_start {
            WeekStartArg::Monday => WeekStart::Monday,
            WeekStartArg::Sunday => WeekStart::Sunday,
        };
        Ok(Options {
            inputs,
            input,
            runs: RunsOptions {
                zone: self.tz,
                window,
                filters,
                error_rules,
                privacy,
            },
            title,
            about: About::Everything,
            link: None,
            command: String::new(),
            threads,
        })
    }
}

impl Period {
    fn window(&self) -> WindowOptions {
        let by = match self.by {
            ByArg::Day => Some(By::Day),
            ByArg::Week => Some(By::Week),
            ByArg::Month => Some(By::Month),
            ByArg::Auto => None,
        };
        WindowOptions {
            from: self.from,
            to: self.to,
            last: self.last,
            as_of: self.as_of,
            by,
            week_start: WeekStart::default(),
        }
    }

    fn max_age(&self) -> MaxAge {
        MaxAge {
            days: self.max_age.unwrap_or(3),
            explicit: self.max_age.is_some(),
        }
    }
}

/// Settles a command. Fails on arguments that contradict each other or cannot be read.
pub fn job(cli: Cli) -> Result<Job> {
    let called = cli.called.clone();
    let mut job = job_of(cli)?;
    if let Job::Run(run) = &mut job {
        run.options.command = called;
    }
    Ok(job)
}

fn job_of(cli: Cli) -> Result<Job> {
    match cli.command {
        Command::Report(args) => {
            let writing = args.writing;
            let stdout = writing.format.map(ReportFormat::format);
            let summary = writing.output.is_empty();
            let paths = if summary {
                vec![PathBuf::from("rundown.html")]
            } else {
                writing.output
            };
            let output = Output::Report {
                targets: report_targets(paths, stdout)?,
                how: writing.how.options(),
                summary,
                tables: args.tables,
                charts: args.charts,
                gates: args.gates.settle()?,
                force: writing.force,
            };
            run_job(args.common, Some(&args.period), writing.title, output).map(Job::run)
        }
        Command::Scan(args) => args.ticket.job(About::Scan(args.name), None),
        Command::Run(args) => args.ticket.job(About::Run(args.id), args.link),
        Command::Check(args) => {
            let max_age = args.period.max_age();
            let rejects = args.common.reading.rejects.clone();
            Ok(Job::Check(Box::new(CheckJob {
                options: args.common.options(args.period.window(), None)?,
                init_mapping: args.init_mapping,
                gates: args.gates.settle()?,
                force: args.force,
                rejects,
                max_age,
            })))
        }
        Command::Explain(args) => explain(args),
        Command::Presets(args) => presets(args.name.as_deref()).map(Job::Print),
        Command::Config(args) => {
            let listing = cli.settings.listing();
            // What cannot be used is told here, as by the report itself.
            let report = Cli {
                command: Command::Report(args),
                settings: cli.settings,
                called: cli.called,
            };
            job(report).map(|_| Job::Print(errors::mask(&listing).into_owned()))
        }
        Command::Completions(args) => manual::completions(&args).map(Job::Print),
        Command::Man(args) => manual::page(&args).map(Job::Print),
        Command::Summary(args) => {
            let output = Output::Report {
                targets: Vec::new(),
                how: RenderOptions::default(),
                summary: true,
                tables: None,
                charts: None,
                gates: args.gates.settle()?,
                force: false,
            };
            run_job(args.common, Some(&args.period), None, output).map(Job::run)
        }
        Command::Convert(args) => {
            let stdout = args.format.map(|format| match format {
                RunsFormat::Parquet => ExportFormat::Parquet,
                RunsFormat::Csv => ExportFormat::Csv,
                RunsFormat::Ndjson => ExportFormat::Ndjson,
            });
            let target = target(
                args.output,
                stdout,
                ExportFormat::of_ending,
                ".parquet, .csv, .ndjson, .jsonl",
            )?;
            run_job(
                args.common,
                None,
                None,
                Output::Runs {
                    target,
                    force: args.force,
                },
            )
            .map(Job::run)
        }
    }
}

fn run_job(
    common: Common,
    period: Option<&Period>,
    title: Option<String>,
    output: Output,
) -> Result<RunJob> {
    let colour = common.color;
    let rejects = common.reading.rejects.clone();
    // The whole log is converted, whatever its age.
    let max_age = period.map_or(
        MaxAge {
            days: i64::MAX,
            explicit: false,
        },
        Period::max_age,
    );
    let window = period.map_or_else(
        || WindowOptions {
            last: Some(Last::All),
            ..WindowOptions::default()
        },
        Period::window,
    );
    Ok(RunJob {
        options: common.options(window, title)?,
        output,
        rejects,
        max_age,
        colour,
    })
}

/// What a name means. Names are looked up before anything is read.
fn explain(mut args: ExplainArgs) -> Result<Job> {
    let outline = crate::outline::outline()?;
    let Some(mut what) = args.what else {
        return Ok(Job::Print(explain::list(&outline)));
    };
    let inputs = &mut args.common.reading.inputs;
    // `explain error 0123456789 INPUT…`
    let id = inputs.first().and_then(|first| first.to_str());
    if let Some(id) = id.filter(|id| what == "error" && explain::is_error_id(id)) {
        what = id.to_owned();
        inputs.remove(0);
    }
    let topic = explain::find(&outline, &what)?;
    if inputs.is_empty() {
        return topic.text(None).map(Job::Print);
    }
    run_job(
        args.common,
        Some(&args.period),
        None,
        Output::Explanation(topic),
    )
    .map(Job::run)
}

/// The text of a built-in preset, or the list of all of them.
fn presets(name: Option<&str>) -> Result<String> {
    let Some(name) = name else {
        return Ok(crate::check::presets(built_in()?));
    };
    // The list of names belongs to the error.
    let preset = Catalogue::default().find(name)?;
    let known = SOURCES.iter().find(|(known, _)| *known == preset.name);
    Ok(known.map_or("", |(_, text)| text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn the_ending_picks_the_format() {
        let of = |path: &str| {
            target(
                PathBuf::from(path),
                Some(Format::Text),
                Format::of_ending,
                "x",
            )
            .unwrap()
        };
        assert_eq!(
            of("a.HTML"),
            Target::File(PathBuf::from("a.HTML"), Format::Html)
        );
        assert_eq!(of("-"), Target::Stdout(Format::Text));
        assert!(target(PathBuf::from("a.docx"), None, Format::of_ending, "x").is_err());
    }
}
