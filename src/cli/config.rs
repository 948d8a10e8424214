//! Configuration: files and the environment beneath the command line.
//!
//! The options are those that clap knows; there is no second list. What a file or the environment states becomes the
//! default of the option, so that clap alone decides that the command line wins, and what a value means.

mod file;
mod known;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser};

use super::Cli;
use crate::Unusable;
use crate::check::starter::toml_string;
use crate::mapping::values::nearest;
use file::File;
use known::{Item, Known, Misfit, Stated, Written};

/// The file that is read where the program is called.
pub const PROJECT_FILE: &str = "rundown.toml";

/// Which configuration is read.
#[derive(Debug, Default, Args)]
pub(super) struct Files {
    /// Configuration that goes before rundown.toml of this folder
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    config: Option<PathBuf>,
    /// Profile: what [profile.NAME] of the configuration says goes before the rest of its file
    #[arg(long, value_name = "NAME", help_heading = "Configuration")]
    profile: Option<String>,
    /// Read no configuration file
    #[arg(long, conflicts_with_all = ["config", "profile"], help_heading = "Configuration")]
    no_config: bool,
}

/// Where a value was stated.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    CommandLine,
    /// The name of the variable.
    Environment(String),
    File {
        shown: String,
        line: usize,
        profile: Option<String>,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::CommandLine => f.write_str("command line"),
            Place::Environment(name) => write!(f, "environment {name}"),
            Place::File {
                shown,
                line,
                profile,
            } => {
                write!(f, "{shown}:{line}")?;
                match profile {
                    Some(name) => write!(f, " [profile.{name}]"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// What one place states for an option.
#[derive(Clone, Debug)]
struct Entry {
    stated: Stated,
    place: Place,
    /// The folder from which paths are meant.
    folder: PathBuf,
}

/// What one level states, by option: the environment, a profile, the top of a file.
type Level = BTreeMap<String, Entry>;

/// The value that won.
#[derive(Clone, Debug)]
struct Setting {
    values: Vec<OsString>,
    place: Place,
}

impl Setting {
    /// False when the option is as if it were not there: an empty list, a flag that is set to false.
    fn has_effect(&self, arg: &Arg) -> bool {
        let first = self.values.first();
        first.is_some_and(|first| !known::is_flag(arg) || first != "false")
    }
}

/// The environment variable of an option.
fn variable(name: &str) -> String {
    format!("RUNDOWN_{}", name.replace('-', "_").to_uppercase())
}

/// Reads the command line, the environment, and the files that they name, in this order of precedence.
///
/// Fails on wrong usage with the error of clap, which also stands for a wish for help, and on a file or variable that
/// says what no option takes.
pub fn read(
    args: impl IntoIterator<Item = OsString>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Cli> {
    let args: Vec<OsString> = args.into_iter().collect();
    let called = called(&args);
    let cli = configured(&args, environment)?;
    Ok(Cli { called, ..cli })
}

/// The call as it would be typed again.
fn called(args: &[OsString]) -> String {
    let mut words = vec!["rundown".to_owned()];
    words.extend(
        args.iter()
            .skip(1)
            .map(|arg| quoted(&arg.to_string_lossy())),
    );
    words.join(" ")
}

/// A word of a command line, in quotation marks where a shell would not take it as it is.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+~\\".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else if !word.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{word}\"")
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

fn configured(
    args: &[OsString],
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Cli> {
    let program = Cli::command();
    // What is required may come from a file, so the first look requires nothing.
    let lenient = program
        .clone()
        .mut_subcommands(|sub| sub.mut_args(|arg| arg.required(false)));
    let Ok(stated) = lenient.try_get_matches_from(args) else {
        // With the usage as it is. The lenient program takes all that this one does.
        return Ok(Cli::try_parse_from(args)?);
    };
    let found = stated.subcommand().and_then(|(name, matches)| {
        let sub = program.find_subcommand(name)?;
        known::is_configured(sub).then_some((sub, matches))
    });
    let Some((sub, stated)) = found else {
        return Ok(Cli::try_parse_from(args)?);
    };
    let known = Known::new(&program, sub.get_name());
    let (level, strangers) = environment_level(environment, &known)?;
    let mut merged = Merged::new(sub, stated);
    merged.add(level, &known)?;
    let files = merged.files(&known)?;
    let profile = merged.value("profile").map(|(name, _)| name);
    for mut file in files.clone() {
        let chosen = profile.as_ref().and_then(|name| file.profiles.remove(name));
        merged.add(chosen.unwrap_or_default(), &known)?;
        merged.add(file.top, &known)?;
    }
    let settings = merged.settings(&files, strangers);
    let matches = merged.configured(&program).try_get_matches_from(args)?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    cli.settings = settings;
    Ok(cli)
}

/// What the environment states, and the variables of ours that are no option.
///
/// An empty variable states nothing. An option that may repeat takes one value a line.
fn environment_level(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    known: &Known,
) -> Result<(Level, Vec<String>)> {
    let variables: BTreeMap<String, &str> =
        known.names().map(|name| (variable(name), name)).collect();
    let mut environment: Vec<_> = environment.into_iter().collect();
    environment.sort();
    let (mut level, mut strangers) = (Level::new(), Vec::new());
    for (key, value) in environment {
        // Windows does not tell upper from lower case in these names.
        let key = key.to_str().map(|key| {
            if cfg!(windows) {
                key.to_uppercase()
            } else {
                key.to_owned()
            }
        });
        let Some(key) = key.filter(|key| key.starts_with("RUNDOWN_")) else {
            continue;
        };
        let Some(name) = variables.get(&key) else {
            let near = nearest(&key, variables.keys().map(String::as_str));
            let near = near.map(|near| format!("; did you mean {near}?"));
            strangers.push(format!("{key} is no option{}", near.unwrap_or_default()));
            continue;
        };
        if value.is_empty() {
            continue;
        }
        let item = |text: OsString, written| Item {
            text,
            written,
            line: 0,
        };
        let items = match value.to_str() {
            Some("true" | "1") if known.is_flag(name) => vec![item("true".into(), Written::Truth)],
            Some("false" | "0") if known.is_flag(name) => {
                vec![item("false".into(), Written::Truth)]
            }
            Some(text) if known.repeats(name) => text
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(|line| item(line.into(), Written::Text))
                .collect(),
            _ => vec![item(value, Written::Text)],
        };
        let stated = Stated {
            list: items.len() > 1,
            table: false,
            items,
        };
        let place = Place::Environment(key);
        if let Err(Misfit {
            found, expected, ..
        }) = known.check(name, &stated)
        {
            bail!("{place}: `{name}` cannot be {found}\n       {expected}");
        }
        let entry = Entry {
            stated,
            place,
            folder: PathBuf::new(),
        };
        level.insert((*name).to_owned(), entry);
    }
    Ok((level, strangers))
}

/// The levels put together, from the highest down.
struct Merged<'a> {
    /// The command of this call.
    command: &'a Command,
    /// Its options by name: the inputs, then as they are defined.
    options: Vec<(String, &'a Arg)>,
    /// Pairs of options that exclude each other, both ways round.
    conflicts: BTreeSet<(String, String)>,
    settled: BTreeMap<String, Setting>,
    /// What a lower level states against a higher one: the option, its place, and the option that won.
    dropped: BTreeMap<String, (Place, String)>,
}

impl<'a> Merged<'a> {
    /// Begins with what the command line states.
    fn new(command: &'a Command, stated: &ArgMatches) -> Merged<'a> {
        let mut options: Vec<_> = command
            .get_arguments()
            .filter_map(|arg| Some((known::name(arg)?, arg)))
            .collect();
        options.sort_by_key(|(_, arg)| !arg.is_positional());
        let mut conflicts = BTreeSet::new();
        let mut settled = BTreeMap::new();
        for (name, arg) in &options {
            let others = command.get_arg_conflicts_with(arg);
            for other in others.into_iter().filter_map(known::name) {
                conflicts.insert((name.clone(), other.clone()));
                conflicts.insert((other, name.clone()));
            }
            let id = arg.get_id().as_str();
            if stated.value_source(id) == Some(ValueSource::CommandLine) {
                let raw = stated.get_raw(id).into_iter().flatten();
                let values = if known::is_flag(arg) {
                    vec!["true".into()]
                } else {
                    raw.map(OsString::from).collect()
                };
                let place = Place::CommandLine;
                settled.insert(name.clone(), Setting { values, place });
            }
        }
        Merged {
            command,
            options,
            conflicts,
            settled,
            dropped: BTreeMap::new(),
        }
    }

    /// An option of the settled ones that excludes this one.
    fn conflict<'b>(
        &self,
        name: &str,
        settled: &'b BTreeMap<String, Setting>,
    ) -> Option<(&'b String, &'b Setting)> {
        settled.iter().find(|(other, setting)| {
            self.conflicts
                .contains(&(name.to_owned(), (*other).clone()))
                && self
                    .options
                    .iter()
                    .any(|(option, arg)| option == *other && setting.has_effect(arg))
        })
    }

    /// Adds a lower level: what is settled stays, and what a settled option excludes is dropped.
    /// Fails when two options of the level exclude each other.
    fn add(&mut self, level: Level, known: &Known) -> Result<()> {
        let mut added: BTreeMap<String, Setting> = BTreeMap::new();
        for (name, entry) in level {
            // What only other commands take is not used by this one.
            let Some(arg) = known.meant(&name, &entry.stated) else {
                continue;
            };
            if self.settled.contains_key(&name) || self.dropped.contains_key(&name) {
                continue;
            }
            let values = entry.stated.items.into_iter().map(|item| {
                if known::is_path(arg) && item.text != "-" {
                    entry.folder.join(item.text).into_os_string()
                } else {
                    item.text
                }
            });
            let setting = Setting {
                values: values.collect(),
                place: entry.place,
            };
            let has_effect = setting.has_effect(arg);
            if let Some((other, _)) = self.conflict(&name, &self.settled).filter(|_| has_effect) {
                self.dropped.insert(name, (setting.place, other.clone()));
                continue;
            }
            if let Some((other, first)) = self.conflict(&name, &added).filter(|_| has_effect) {
                bail!(
                    "{}: `{name}` cannot be combined with `{other}`\n       \
                     that is set in {}; keep one of them",
                    setting.place,
                    first.place
                );
            }
            added.insert(name, setting);
        }
        self.settled.append(&mut added);
        Ok(())
    }

    /// The last value of an option and its place.
    fn value(&self, name: &str) -> Option<(String, &Place)> {
        let setting = self.settled.get(name)?;
        let value = setting.values.last()?.to_string_lossy().into_owned();
        Some((value, &setting.place))
    }

    /// The configuration files, the one that goes before the other first. Fails when no file has the chosen profile.
    fn files(&self, known: &Known) -> Result<Vec<File>> {
        if self
            .value("no-config")
            .is_some_and(|(value, _)| value == "true")
        {
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        let project = Path::new(PROJECT_FILE);
        let named = self.settled.get("config");
        let named = named.and_then(|setting| Some((setting.values.last()?, &setting.place)));
        if let Some((path, place)) = named {
            let file = file::read(Path::new(path), known);
            files.push(file.map_err(|error| match place {
                Place::CommandLine => error,
                place => error.context(place.to_string()),
            })?);
        }
        let same = named.is_some_and(|(path, _)| {
            let whole = |path: &Path| path.canonicalize().ok();
            whole(Path::new(path)).is_some_and(|path| whole(project) == Some(path))
        });
        // A link that leads nowhere is not "no file".
        if !same && project.symlink_metadata().is_ok() {
            files.push(file::read(project, known)?);
        }
        if let Some((name, place)) = self.value("profile")
            && !files.iter().any(|file| file.profiles.contains_key(&name))
        {
            return Err(no_profile(&name, place, &files));
        }
        Ok(files)
    }

    /// The program with what was settled as the defaults of the command's options.
    fn configured(&self, program: &Command) -> Command {
        let name = self.command.get_name();
        program.clone().mut_subcommand(name, |sub| {
            sub.mut_args(|arg| {
                let setting = known::name(&arg).and_then(|name| self.settled.get(&name));
                match setting {
                    Some(setting)
                        if setting.place != Place::CommandLine && !setting.values.is_empty() =>
                    {
                        arg.required(false).default_values(&setting.values)
                    }
                    _ => arg,
                }
            })
        })
    }

    /// What is to be told about it.
    fn settings(&self, files: &[File], strangers: Vec<String>) -> Settings {
        let mut known_files = Vec::new();
        for file in files {
            let profiles: Vec<&str> = file.profiles.keys().map(String::as_str).collect();
            known_files.push(match &profiles[..] {
                [] => file.shown.clone(),
                [profile] => format!("{} (profile {profile})", file.shown),
                _ => format!("{} (profiles {})", file.shown, profiles.join(", ")),
            });
        }
        let own = Files::augment_args(Command::new("rundown"));
        let options = self
            .options
            .iter()
            .filter(|(_, arg)| own.get_arguments().all(|own| own.get_id() != arg.get_id()));
        Settings {
            files: known_files,
            profile: self
                .value("profile")
                .map(|(name, place)| format!("{name} ({place})")),
            strangers,
            options: options.map(|(name, arg)| self.line(name, arg)).collect(),
        }
    }

    /// What is to be told about one option.
    fn line(&self, name: &str, arg: &Arg) -> Line {
        let setting = self.settled.get(name);
        let lossy = |value: &OsStr| value.to_string_lossy().into_owned();
        let values: Vec<String> = match setting {
            Some(setting) => setting.values.iter().map(|value| lossy(value)).collect(),
            // A flag that nobody sets is off.
            None if known::is_flag(arg) => vec![false.to_string()],
            None => arg
                .get_default_values()
                .iter()
                .map(|value| lossy(value))
                .collect(),
        };
        let written = if known::is_flag(arg) {
            let is_set = values.first().is_some_and(|value| value == "true");
            Some(is_set.to_string())
        } else if known::repeats(arg) {
            let is_stated = setting.is_some() || !values.is_empty();
            let values: Vec<String> = values.iter().map(|value| toml_string(value)).collect();
            is_stated.then(|| format!("[{}]", values.join(", ")))
        } else {
            values.first().map(|value| toml_string(value))
        };
        let place = setting.map(|setting| setting.place.clone());
        let note = match (&place, self.dropped.get(name)) {
            (Some(place), _) => place.to_string(),
            (None, Some((dropped, by))) => format!("not set; {dropped} gives way to {by}"),
            (None, None) if written.is_none() => "not set".to_owned(),
            (None, None) => "default".to_owned(),
        };
        Line {
            name: name.to_owned(),
            is_path: known::is_path(arg),
            values,
            written,
            place,
            note,
        }
    }
}

fn no_profile(name: &str, place: &Place, files: &[File]) -> anyhow::Error {
    let place = match place {
        Place::CommandLine => "--profile".to_owned(),
        place => place.to_string(),
    };
    let mut message = format!("{place}: no profile is called {name:?}");
    let names: BTreeSet<&str> = files
        .iter()
        .flat_map(|file| file.profiles.keys())
        .map(String::as_str)
        .collect();
    if let Some(near) = nearest(name, names.iter().copied()) {
        message.push_str(&format!("\n       did you mean {near:?}?"));
    }
    if files.is_empty() {
        message.push_str(&format!(
            "\n       there is no {PROJECT_FILE} in this folder, and no other file is named with --config"
        ));
    }
    for file in files {
        let profiles: Vec<&str> = file.profiles.keys().map(String::as_str).collect();
        let profiles = match &profiles[..] {
            [] => "no profile".to_owned(),
            some => some.join(", "),
        };
        message.push_str(&format!("\n       {} has {profiles}", file.shown));
    }
    anyhow!(message)
}

/// Where the options of a call come from.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The files that were read, with their profiles.
    files: Vec<String>,
    /// The chosen profile and who chose it.
    profile: Option<String>,
    /// Variables that look like ours and are none.
    strangers: Vec<String>,
    options: Vec<Line>,
}

/// One option.
#[derive(Clone, Debug)]
struct Line {
    name: String,
    is_path: bool,
    values: Vec<String>,
    /// Its value as TOML; `None` when it has none.
    written: Option<String>,
    /// `None` for a default.
    place: Option<Place>,
    note: String,
}

impl Settings {
    /// Every option, its value and where it was set, as a configuration file that says the same.
    pub fn listing(&self) -> String {
        let files = match &self.files[..] {
            [] => "none".to_owned(),
            some => some.join(", then "),
        };
        let mut out = format!(
            "# files: {files}\n# profile: {}\n",
            self.profile.as_deref().unwrap_or("none")
        );
        for stranger in &self.strangers {
            out.push_str(&format!("# environment: {stranger}\n"));
        }
        out.push('\n');
        let lines: Vec<(String, &str)> = self
            .options
            .iter()
            .map(|line| {
                let text = match &line.written {
                    Some(value) => format!("{} = {value}", line.name),
                    None => format!("# {}", line.name),
                };
                (text, line.note.as_str())
            })
            .collect();
        // One long list does not push all origins to the right.
        let width = lines.iter().map(|(text, _)| text.chars().count());
        let width = width.filter(|width| *width <= 40).max().unwrap_or(0);
        for (text, note) in lines {
            out.push_str(&format!("{text:width$}  # {note}\n"));
        }
        out
    }

    /// The error with the place of the value that it speaks of, if that did not come from the command line.
    pub fn locate(&self, error: anyhow::Error) -> anyhow::Error {
        // That a file holds nothing usable is not the fault of the line that names it.
        if error.is::<Unusable>() || error.is::<clap::Error>() {
            return error;
        }
        let place = error
            .chain()
            .find_map(|cause| self.place_of(&cause.to_string()));
        match place {
            Some(place) => error.context(place.to_string()),
            None => error,
        }
    }

    /// The place of the option or the path with which a message begins.
    fn place_of(&self, message: &str) -> Option<&Place> {
        let option = message.strip_prefix("--").map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            &rest[..end.unwrap_or(rest.len())]
        });
        let is_first = |value: &String| {
            let rest = message.strip_prefix(value.as_str());
            rest.is_some_and(|rest| rest.starts_with(": "))
        };
        let line = self.options.iter().find(|line| match option {
            Some(option) => line.name == option,
            None => line.is_path && line.values.iter().any(is_first),
        })?;
        line.place
            .as_ref()
            .filter(|place| **place != Place::CommandLine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `rundown ARG…` with a file given by `--config`, which holds this text, and these variables.
    fn cli(text: &str, args: &[&str], environment: &[(&str, &str)]) -> Result<Cli> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("own.toml");
        std::fs::write(&path, text)?;
        let mut words: Vec<OsString> = vec!["rundown".into(), args[0].into()];
        words.extend(["--config".into(), path.into_os_string()]);
        words.extend(args[1..].iter().map(OsString::from));
        let environment = environment
            .iter()
            .map(|(key, value)| (key.into(), value.into()));
        read(words, environment)
    }

    fn with(text: &str, args: &[&str], environment: &[(&str, &str)]) -> Result<Settings> {
        Ok(cli(text, args, environment)?.settings)
    }

    fn values(settings: &Settings, name: &str) -> Vec<String> {
        let line = settings.options.iter().find(|line| line.name == name);
        line.unwrap().values.clone()
    }

    #[test]
    fn every_option_of_a_command_that_reads_files_can_be_configured() {
        let program = Cli::command();
        let mut commands = 0;
        for sub in program
            .get_subcommands()
            .filter(|sub| known::is_configured(sub))
        {
            commands += 1;
            for arg in sub.get_arguments().filter(|arg| !arg.is_positional()) {
                assert!(known::name(arg).is_some(), "{} {arg}", sub.get_name());
            }
        }
        assert!(commands >= 5, "report, summary, convert, check, config");
        // Options of the program itself are not looked for: each belongs to commands.
        assert_eq!(program.get_arguments().count(), 0);
        assert!(!known::is_configured(
            program.find_subcommand("presets").unwrap()
        ));
        let known = Known::new(&program, "report");
        let names: BTreeSet<&str> = known.names().collect();
        for name in ["inputs", "tz", "week-start", "output", "force", "config"] {
            assert!(names.contains(name), "{name}");
        }
        assert!(!known.names_in_files().any(|name| name == "config"));
    }

    #[test]
    fn the_listing_is_a_file_that_says_the_same() {
        let text = "inputs = [\"a 'b'\", \"c\"]\nforce = true\nmax_rejects = 12\n\
            from = 2026-11-01\ncolumn = { status = \"Out = come\" }\n";
        let environment = [
            ("RUNDOWN_SOURCE", "a*\n!ab"),
            ("RUNDOWN_TITLE", "Ü \"q\" \u{7f}"),
        ];
        let first = with(text, &["report"], &environment).unwrap();
        // They start from the folder of the file.
        let inputs = values(&first, "inputs");
        assert!(
            inputs[0].len() > 5 && inputs[0].ends_with("a 'b'"),
            "{inputs:?}"
        );
        assert_eq!(values(&first, "max-rejects"), ["12"]);
        assert_eq!(values(&first, "source"), ["a*", "!ab"]);
        assert_eq!(values(&first, "column"), ["status=Out = come"]);
        assert_eq!(values(&first, "from"), ["2026-11-01"]);
        let second = with(&first.listing(), &["report"], &[]).unwrap();
        for line in &first.options {
            assert_eq!(line.values, values(&second, &line.name), "{}", line.name);
            assert_eq!(line.written.is_some(), line.note != "not set", "{line:?}");
        }
    }

    #[test]
    fn an_option_that_a_command_takes_otherwise_is_not_used_there() {
        let text = "format = \"parquet\"\noutput = [\"a.html\"]\n";
        let settings = with(text, &["report", "x"], &[]).unwrap();
        assert!(values(&settings, "format").is_empty());
        assert!(values(&settings, "output")[0].ends_with("a.html"));
        let settings = with(text, &["convert", "x", "-o", "b.csv"], &[]).unwrap();
        assert_eq!(values(&settings, "format"), ["parquet"]);
        let error = with("format = \"docx\"", &["report", "x"], &[]).unwrap_err();
        let said = format!("{error:#}");
        assert!(said.contains("html, markdown, json, text"), "{said}");
    }

    #[test]
    fn an_empty_list_and_a_false_flag_state_that_there_is_none() {
        let text = "source = [\"a\"]\nforce = true\n[profile.p]\nsource = []\nforce = false\n";
        let settings = with(text, &["report", "x", "--profile", "p"], &[]).unwrap();
        assert!(values(&settings, "source").is_empty());
        assert_eq!(values(&settings, "force"), ["false"]);
        // A variable that is empty says nothing.
        let environment = [("RUNDOWN_SOURCE", ""), ("RUNDOWN_FORCE", "1")];
        let settings = with(text, &["report", "x"], &environment).unwrap();
        assert_eq!(values(&settings, "source"), ["a"]);
        assert_eq!(values(&settings, "force"), ["true"]);
    }

    #[test]
    fn values_that_begin_like_options_are_values() {
        let text = "title = \"--force\"\nsystem = [\"-x\", \"--\"]\n";
        let cli = cli(text, &["report", "x", "--", "--tz"], &[]).unwrap();
        let crate::cli::Command::Report(args) = cli.command else {
            panic!("{cli:?}");
        };
        assert_eq!(args.writing.title.as_deref(), Some("--force"));
        assert_eq!(args.common.system, ["-x", "--"]);
        assert!(!args.writing.force);
        assert_eq!(args.common.reading.inputs, ["x", "--tz"].map(PathBuf::from));
    }
}
