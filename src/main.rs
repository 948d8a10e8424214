//! Parse, run, print the error chain once, choose the exit code. The only place that prints.

mod progress;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use rundown::cli::{CheckJob, Colour, Job, MaxAge, Output, RunJob, Target};
use rundown::errors::{self, Privacy};
use rundown::gates::Gate;
use rundown::mapping::reject::LINE_START;
use rundown::meter::Step;
use rundown::output::{Files, can_be_file, folder, is_same};
use rundown::render::charts::svg_files;
use rundown::render::csv::csv_files;
use rundown::render::format;
use rundown::render::{Format, SideFile, render_all, summary};
use rundown::report::Report;
use rundown::runs::export::export;
use rundown::{Log, Unusable, describe};

use progress::Line;

/// Says a line on standard error. Where that is full or closed there is nobody to be told, and the call goes on.
macro_rules! say {
    ($($text:tt)*) => {{
        let _unheard = writeln!(io::stderr(), $($text)*);
    }};
}

const GATE_FAILED: u8 = 1;
const USAGE: u8 = 2;
const UNUSABLE: u8 = 3;
const BUG: u8 = 70;
const INTERRUPTED: i32 = 130;

/// Rejects, and files that are no exports, that are printed; the report has the rest.
const SHOWN: usize = 5;

/// Where the program failed last, by its own fault.
static FAULT: Mutex<Option<String>> = Mutex::new(None);

fn main() -> ExitCode {
    // A damaged Parquet file may panic inside its reader, where it is caught and told as an error. The text of a panic is
    // not told, since it may quote what was read.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        *FAULT.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }));
    if let Err(error) = ctrlc::set_handler(interrupted) {
        let error = anyhow::Error::from(error).context("signals cannot be handled");
        return fail(&error, &Privacy::default());
    }
    let mut privacy = Privacy::default();
    let called = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| call(&mut privacy)));
    match called {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => fail(&error, &privacy),
        Err(_) => {
            let place = FAULT.lock().unwrap_or_else(PoisonError::into_inner).take();
            say!(
                "error: rundown has a bug, at {}\n       please report it, with the command",
                place.as_deref().unwrap_or("an unknown place")
            );
            ExitCode::from(BUG)
        }
    }
}

/// Ends the program at Ctrl-C, or when it is asked to end. What it has begun to write is removed.
#[expect(clippy::exit, reason = "other threads may be at work for minutes")]
fn interrupted() {
    let _undisturbed = rundown::temporary::remove_all();
    progress::remove();
    std::process::exit(INTERRUPTED);
}

/// One call, from its arguments to its exit code. `privacy` says what messages must hide, once that is known.
fn call(privacy: &mut Privacy) -> Result<ExitCode> {
    let cli = rundown::cli::config::read(std::env::args_os(), std::env::vars_os())?;
    let settings = cli.settings.clone();
    rundown::cli::job(cli)
        .and_then(|job| {
            *privacy = job.privacy();
            run(&job)
        })
        .map_err(|error| settings.locate(error))
}

fn fail(error: &anyhow::Error, privacy: &Privacy) -> ExitCode {
    // Wrong usage, or a wish for help: clap knows how to say it, and where.
    if let Some(usage) = error.downcast_ref::<clap::Error>() {
        let text = usage.render().to_string();
        let masked = errors::mask(&text);
        let printed = if masked == text {
            usage.print()
        } else {
            io::stderr().write_all(masked.as_bytes())
        };
        return match printed {
            Ok(()) => u8::try_from(usage.exit_code()).map_or(USAGE.into(), ExitCode::from),
            Err(error) => fail(&error.into(), privacy),
        };
    }
    // The reader of a pipe may close it early, as `head` does.
    let pipe = error
        .chain()
        .any(|cause| io_error(cause) == Some(io::ErrorKind::BrokenPipe));
    if pipe {
        return ExitCode::SUCCESS;
    }
    let chain: Vec<_> = error
        .chain()
        .map(|cause| printable(&cause.to_string(), privacy))
        .collect();
    say!("error: {}", chain.join(": "));
    ExitCode::from(if error.is::<Unusable>() {
        UNUSABLE
    } else {
        USAGE
    })
}

/// The kind of an input or output error, also where a writer of a format has wrapped it.
fn io_error(cause: &(dyn std::error::Error + 'static)) -> Option<io::ErrorKind> {
    let plain = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    let json = || {
        cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind)
    };
    let csv = || match cause.downcast_ref::<csv::Error>().map(csv::Error::kind) {
        Some(csv::ErrorKind::Io(error)) => Some(error.kind()),
        _ => None,
    };
    plain.or_else(json).or_else(csv)
}

/// Messages quote logs and file names, which must not steer the terminal and may hold secrets.
fn printable(text: &str, privacy: &Privacy) -> String {
    let masked = errors::mask(text);
    format::text(&privacy.hide(&masked)).into_owned()
}

fn run(job: &Job) -> Result<ExitCode> {
    if let Some(most) = job.options().and_then(|options| options.threads) {
        rundown::threads::limit(most);
    }
    match job {
        Job::Run(job) => run_job(job),
        Job::Check(job) => check(job),
        Job::Print(text) => print(text.as_bytes()).map(|()| ExitCode::SUCCESS),
    }
}

/// Writes a mapping to begin with.
fn begin_mapping(job: &CheckJob, path: &Path) -> Result<()> {
    let stdout = path.as_os_str() == "-";
    if path.exists() && !stdout && !job.force {
        bail!(
            "{}: exists\n       replace it with --force, or choose another name",
            path.display()
        );
    }
    let mapping = rundown::starter(&job.options)?;
    if stdout {
        return print(mapping.as_bytes());
    }
    write_file(path, |file| Ok(file.write_all(mapping.as_bytes())?))
}

fn write_file(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>,
) -> Result<()> {
    let mut files = Files::default();
    files.write(path, write)?;
    files.finish()
}

/// Shows how files are read, and judges the report that they make where rules are given.
fn check(job: &CheckJob) -> Result<ExitCode> {
    if let Some(path) = &job.init_mapping {
        return begin_mapping(job, path).map(|()| ExitCode::SUCCESS);
    }
    let judges = !job.gates.is_empty() || job.max_age.explicit;
    may_write_rejects(job.rejects.as_deref(), &job.options.inputs)?;
    let line = Line::begin(&job.options.input.meter);
    let checked = rundown::check(&job.options, judges)?;
    drop(line);
    if let Some(path) = &job.rejects {
        write_file(path, |file| Ok(file.write_all(checked.rejects.as_bytes())?))?;
    }
    print(checked.text.as_bytes())?;
    let mut code = ExitCode::SUCCESS;
    if let Some(report) = checked.report {
        let report = report?;
        let old = is_old(&report, job.max_age)?;
        if !all_pass(&job.gates, &report, &job.options.privacy_of_messages()) || old {
            code = ExitCode::from(GATE_FAILED);
        }
    }
    tell(&checked.doubts, &job.options.privacy_of_messages());
    Ok(if checked.unread {
        ExitCode::from(UNUSABLE)
    } else {
        ends(&checked.doubts, code)
    })
}

fn run_job(job: &RunJob) -> Result<ExitCode> {
    check_targets(job)?;
    may_write_rejects(job.rejects.as_deref(), &job.options.inputs)?;
    let line = Line::begin(&job.options.input.meter);
    let log = rundown::load(&job.options)?;
    refuse_inputs(&log, outputs(&job.output).into_iter().chain(&job.rejects))?;
    if let Some(path) = &job.rejects {
        let lines = rundown::reject_lines(&log.files, &log.skipped)?;
        write_file(path, |file| Ok(file.write_all(lines.as_bytes())?))?;
    }
    let mut code = ExitCode::SUCCESS;
    match &job.output {
        Output::Report {
            targets,
            how,
            summary: with_summary,
            tables,
            charts,
            gates,
            force,
        } => {
            let report = rundown::report(&log, &job.options)?;
            let mut beside = Vec::new();
            for (folder, make) in [(tables, csv_files as SideFiles), (charts, svg_files)] {
                if let Some(folder) = folder {
                    let files = make(&report, &rundown::outline::outline()?)?;
                    beside.extend(side_files(folder, files, &log, *force)?);
                }
            }
            let formats = targets.iter().map(|target| {
                let (Target::Stdout(format) | Target::File(_, format)) = target;
                *format
            });
            let formats: Vec<_> = formats.collect();
            let written = render_all(&report, &formats, how)?;
            drop(line);
            for folder in [tables, charts].into_iter().flatten() {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("{}: cannot be made", folder.display()))?;
            }
            write_reports(targets, &written, &beside)?;
            if *with_summary {
                print(summary(&report, colours(job.colour)).as_bytes())?;
                for target in targets {
                    if let Target::File(path, _) = target {
                        let path = path.display().to_string();
                        let path = printable(&path, &job.options.privacy_of_messages());
                        print(format!("\nThe report is in {path}\n").as_bytes())?;
                    }
                }
            }
            let old = is_old(&report, job.max_age)?;
            if !all_pass(gates, &report, &job.options.privacy_of_messages()) || old {
                code = ExitCode::from(GATE_FAILED);
            }
        }
        Output::Explanation(topic) => {
            let report = rundown::report(&log, &job.options)?;
            drop(line);
            print(topic.text(Some(&report))?.as_bytes())?;
            let rules = &job.options.runs.error_rules;
            print(topic.trace(&report, &log, rules)?.as_bytes())?;
            if is_old(&report, job.max_age)? {
                code = ExitCode::from(GATE_FAILED);
            }
        }
        Output::Runs { target, .. } => match target {
            Target::Stdout(format) => {
                drop(line);
                let mut out = io::BufWriter::new(io::stdout());
                export(&log.prepared.runs, *format, &mut out)?;
                out.flush()?;
            }
            Target::File(path, format) => {
                job.options.input.meter.begin(Step::Write);
                write_file(path, |mut file| {
                    export(&log.prepared.runs, *format, &mut file)
                })?;
                drop(line);
            }
        },
    }
    Ok(ends(&warn(&log, &job.options.privacy_of_messages()), code))
}

/// Says for each gate how it went. True when none failed.
fn all_pass(gates: &[Gate], report: &Report, privacy: &Privacy) -> bool {
    let verdicts: Vec<_> = gates.iter().map(|gate| gate.judge(report)).collect();
    for verdict in &verdicts {
        say!("{}", printable(&verdict.text, privacy));
    }
    verdicts.iter().all(|verdict| verdict.passed)
}

/// Refuses to write where a file was read.
fn refuse_inputs<'a>(log: &Log, outputs: impl IntoIterator<Item = &'a PathBuf>) -> Result<()> {
    let outputs: Vec<_> = outputs.into_iter().filter(|path| path.exists()).collect();
    let mut read = log.files.iter().map(|file| &file.place);
    if let Some(path) = read.find(|path| outputs.iter().any(|output| is_same(path, output))) {
        bail!("{}: is an input and would be overwritten", path.display());
    }
    Ok(())
}

/// Makes files that stand beside a report, from the report and the outline.
type SideFiles = fn(&Report, &Report) -> Result<Vec<SideFile>>;

/// The files and their places in a folder. Fails where a file is in the way that is not an older one of the same
/// table or chart, or that was read.
fn side_files(
    folder: &Path,
    files: Vec<SideFile>,
    log: &Log,
    force: bool,
) -> Result<Vec<(PathBuf, SideFile)>> {
    let files: Vec<_> = files
        .into_iter()
        .map(|file| (folder.join(&file.name), file))
        .collect();
    refuse_inputs(log, files.iter().map(|(path, _)| path))?;
    for (path, file) in &files {
        can_be_file(path)?;
        let start = file.start.as_bytes();
        if !force && path.exists() && !first_bytes(path, start.len())?.starts_with(start) {
            bail!(
                "{}: exists and does not begin as rundown writes it\n       replace it with --force, or choose another folder",
                path.display()
            );
        }
    }
    Ok(files)
}

fn print(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(())
}

fn colours(wanted: Colour) -> bool {
    match wanted {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    }
}

/// The files that are to be written.
fn outputs(output: &Output) -> Vec<&PathBuf> {
    match output {
        Output::Report { targets, .. } => targets
            .iter()
            .filter_map(|target| {
                if let Target::File(path, _) = target {
                    Some(path)
                } else {
                    None
                }
            })
            .collect(),
        Output::Runs {
            target: Target::File(path, _),
            ..
        } => vec![path],
        Output::Runs {
            target: Target::Stdout(_),
            ..
        }
        | Output::Explanation(_) => Vec::new(),
    }
}

/// Refuses outputs that would overwrite an input or a file that is not ours, before anything is read.
fn check_targets(job: &RunJob) -> Result<()> {
    let paths = outputs(&job.output);
    if let Output::Report { tables, charts, .. } = &job.output {
        for (option, folder) in [("--tables", tables), ("--charts", charts)] {
            if let Some(folder) = folder
                && folder.exists()
                && !folder.is_dir()
            {
                bail!("{option} {}: is not a folder", folder.display());
            }
        }
    }
    let (force, ours) = match &job.output {
        Output::Report { force, .. } => (*force, true),
        Output::Runs { force, .. } => (*force, false),
        Output::Explanation(_) => (false, true),
    };
    for (at, path) in paths.iter().enumerate() {
        if paths[..at].iter().any(|other| is_same(path, other)) {
            bail!("{}: named twice with -o", path.display());
        }
        if path.exists() {
            can_be_file(path)?;
            let mut inputs = job.options.inputs.iter();
            if inputs.any(|input| is_same(path, input)) {
                bail!("{}: is an input and would be overwritten", path.display());
            }
            let may_replace = force || (ours && is_ours(path)?);
            if !may_replace {
                let what = if ours {
                    "exists and is not a rundown report"
                } else {
                    "exists"
                };
                bail!(
                    "{}: {what}\n       replace it with --force, or choose another name",
                    path.display()
                );
            }
        }
        let folder = folder(path);
        if !folder.is_dir() {
            bail!(
                "{}: the folder {} does not exist",
                path.display(),
                folder.display()
            );
        }
    }
    Ok(())
}

/// Refuses to write rejects over an input, or a file that holds anything else.
fn may_write_rejects(path: Option<&Path>, inputs: &[PathBuf]) -> Result<()> {
    let Some(path) = path.filter(|path| path.exists()) else {
        return Ok(());
    };
    can_be_file(path)?;
    if inputs.iter().any(|input| is_same(path, input)) {
        bail!(
            "--rejects {}: is an input and would be overwritten",
            path.display()
        );
    }
    let first = first_bytes(path, LINE_START.len())?;
    if !first.is_empty() && first != LINE_START.as_bytes() {
        bail!(
            "--rejects {}: exists and holds no rejects\n       choose another name",
            path.display()
        );
    }
    Ok(())
}

fn is_ours(path: &Path) -> Result<bool> {
    let first = first_bytes(path, 4_096)?;
    Ok(first.is_empty() || Format::is_ours(&first))
}

/// At most so many bytes from the beginning of a file.
fn first_bytes(path: &Path, most: usize) -> Result<Vec<u8>> {
    use io::Read;
    let mut first = Vec::new();
    let file =
        std::fs::File::open(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    file.take(u64::try_from(most).unwrap_or(u64::MAX))
        .read_to_end(&mut first)
        .with_context(|| format!("{}: cannot be read", path.display()))?;
    Ok(first)
}

/// Writes every file beside its place first, so that a full disk leaves the old ones whole.
fn write_reports(
    targets: &[Target<Format>],
    texts: &[String],
    beside: &[(PathBuf, SideFile)],
) -> Result<()> {
    let reports = targets
        .iter()
        .zip(texts)
        .filter_map(|(target, text)| match target {
            Target::File(path, _) => Some((path, text)),
            Target::Stdout(_) => None,
        });
    let beside = beside.iter().map(|(path, file)| (path, &file.text));
    let mut files = Files::default();
    for (path, text) in reports.chain(beside) {
        files.write(path, |file| Ok(file.write_all(text.as_bytes())?))?;
    }
    files.finish()?;
    for (target, text) in targets.iter().zip(texts) {
        if let Target::Stdout(_) = target {
            print(text.as_bytes())?;
        }
    }
    Ok(())
}

/// Says how old the data is when it is old. True when the user asked for newer data.
#[expect(
    clippy::disallowed_methods,
    reason = "the program, unlike the library, knows what day it is"
)]
fn is_old(report: &Report, limit: MaxAge) -> Result<bool> {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .context("the clock is before 1970")?;
    let today = i64::try_from(now.as_secs() / 86_400).unwrap_or(i64::MAX);
    let as_of = report
        .as_of
        .signed_duration_since(chrono::NaiveDate::default())
        .num_days();
    let age = today - as_of;
    if age <= limit.days {
        return Ok(false);
    }
    say!(
        "warning: the newest run is of {}, {age} days ago\n         export again, or allow older data with --max-age",
        report.as_of
    );
    Ok(limit.explicit)
}

/// How a call ends that may be in doubt.
fn ends(doubts: &[String], otherwise: ExitCode) -> ExitCode {
    if doubts.is_empty() {
        otherwise
    } else {
        ExitCode::from(UNUSABLE)
    }
}

/// Says why what was read cannot be relied on.
fn tell(doubts: &[String], privacy: &Privacy) {
    for doubt in doubts {
        say!("error: {}", printable(doubt, privacy));
    }
}

/// Tells what was set aside and skipped. Returns why the report cannot be relied on.
fn warn(log: &Log, privacy: &Privacy) -> Vec<String> {
    let totals = rundown::totals(log);
    let files = log.files.iter();
    let rejects = files.flat_map(|file| file.rejects.kept.iter().map(move |reject| (file, reject)));
    for (file, reject) in rejects.take(SHOWN) {
        say!("warning: {}", printable(&describe(file, reject), privacy));
    }
    if totals.rejected > 0 {
        say!(
            "warning: {} of {} records were set aside; the report lists them under Inputs",
            totals.rejected,
            totals.read
        );
    }
    let alarming: Vec<_> = log
        .skipped
        .iter()
        .filter(|file| file.is_alarming())
        .collect();
    for file in alarming.iter().take(SHOWN) {
        say!("warning: {}", printable(&file.told(), privacy));
    }
    if alarming.len() > SHOWN {
        let more = alarming.len() - SHOWN;
        say!("warning: {more} more such files; the report lists them under Inputs");
    }
    let doubts = rundown::doubts(log);
    tell(&doubts, privacy);
    doubts
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test may panic, and says by that what is wrong"
    )]

    use super::*;
    use clap::Parser;

    #[test]
    fn books_that_do_not_balance_are_told_first_in_every_format_and_end_with_3() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let text = "scan,status,started_at\na,failed,2026-11-01\nb,failed,2026-11-02\n";
        std::fs::write(&path, text).unwrap();
        let cli = rundown::cli::Cli::parse_from([Path::new("rundown"), Path::new("report"), &path]);
        let Job::Run(job) = rundown::cli::job(cli).unwrap() else {
            panic!("a report is a run");
        };
        let mut log = rundown::load(&job.options).unwrap();
        assert_eq!(
            ends(&warn(&log, &Privacy::default()), ExitCode::SUCCESS),
            ExitCode::SUCCESS
        );
        assert!(rundown::totals(&log).balanced);
        // A record too few.
        log.prepared.books[0].used -= 1;
        assert_eq!(
            ends(&warn(&log, &Privacy::default()), ExitCode::SUCCESS),
            ExitCode::from(UNUSABLE)
        );
        let report = rundown::report(&log, &job.options).unwrap();
        for format in [Format::Html, Format::Markdown, Format::Json, Format::Text] {
            let text = rundown::render::render(&report, format).unwrap();
            let said = text.find("The books do not balance: ").unwrap();
            assert!(said < text.find("finished run").unwrap(), "{text}");
        }
    }
}
