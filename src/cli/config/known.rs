//! What a file or the environment may set: the options of the commands, as clap defines them.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Args, Command};

use super::Files;

/// The name under which a file sets an option; `None` for what can only be said on the command line.
pub(super) fn name(arg: &Arg) -> Option<String> {
    match (arg.get_long(), arg.get_action()) {
        (Some(long), ArgAction::Set | ArgAction::Append | ArgAction::SetTrue) => {
            Some(long.to_owned())
        }
        // The name of one scan belongs to one call; the files to read may belong to every call.
        (None, ArgAction::Append) => Some(arg.get_id().as_str().replace('_', "-")),
        _ => None,
    }
}

/// True for an option that is there or not.
pub(super) fn is_flag(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::SetTrue)
}

/// True for an option that takes a list.
pub(super) fn repeats(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

/// True for an option whose values are paths.
pub(super) fn is_path(arg: &Arg) -> bool {
    holds::<PathBuf>(arg)
}

fn holds<T: 'static>(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<T>()
}

/// True for an option whose values are `FIELD=VALUE`, so that a table is the natural way to write it.
fn is_pairs(arg: &Arg) -> bool {
    let names = arg.get_value_names().unwrap_or_default();
    repeats(arg) && names.iter().any(|name| name.contains('='))
}

/// How a value is written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// In quotation marks, or in the environment.
    Text,
    /// As a number or a date.
    Bare,
    /// As true or false.
    Truth,
    /// As a list or a table within one.
    Nested,
}

/// One value.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// As on the command line.
    pub(super) text: OsString,
    pub(super) written: Written,
    /// Line in the file, from 1; 0 in the environment.
    pub(super) line: usize,
}

impl Item {
    /// The value as a message quotes it.
    fn shown(&self) -> String {
        let text = self.text.to_string_lossy();
        match self.written {
            Written::Text => format!("{text:?}"),
            Written::Bare | Written::Truth => text.into_owned(),
            Written::Nested => "a list or a table within a list".to_owned(),
        }
    }
}

/// What is stated for one option.
#[derive(Clone, Debug)]
pub(super) struct Stated {
    pub(super) items: Vec<Item>,
    /// Written as a list or a table, though it may hold but one value.
    pub(super) list: bool,
    /// Written as a table.
    pub(super) table: bool,
}

/// Why a value cannot be that of an option.
#[derive(Debug)]
pub(super) struct Misfit {
    /// Line of the value.
    pub(super) line: usize,
    /// What was found, as a message quotes it.
    pub(super) found: String,
    /// What was expected.
    pub(super) expected: String,
}

/// Fails unless an option takes this, by the check that the command line makes.
pub(super) fn fit(arg: &Arg, stated: &Stated) -> Result<(), Misfit> {
    let first = stated.items.first();
    let misfit = |item: Option<&Item>, expected: &str| Misfit {
        line: item.map_or(0, |item| item.line),
        found: match item {
            Some(item) if !stated.list => item.shown(),
            _ if stated.table => "a table".to_owned(),
            _ => "a list".to_owned(),
        },
        expected: expected.to_owned(),
    };
    if is_flag(arg) {
        return match &stated.items[..] {
            [item] if !stated.list && item.written == Written::Truth => Ok(()),
            _ => Err(misfit(first, "expected true or false")),
        };
    }
    if stated.list && !repeats(arg) {
        return Err(misfit(
            first,
            "expected one value: the option cannot repeat",
        ));
    }
    if stated.table && !is_pairs(arg) {
        return Err(misfit(first, "expected a value or a list of values"));
    }
    let is_text = holds::<String>(arg) || is_path(arg) || is_pairs(arg);
    for item in &stated.items {
        let is_other = match item.written {
            Written::Text => false,
            Written::Bare => is_text && !stated.table,
            Written::Truth => !holds::<bool>(arg) && !stated.table,
            Written::Nested => true,
        };
        let expected = if is_other {
            Some("expected a text in quotation marks".to_owned())
        } else {
            refusal(arg, &item.text)
        };
        if let Some(expected) = expected {
            return Err(Misfit {
                line: item.line,
                found: item.shown(),
                expected,
            });
        }
    }
    Ok(())
}

/// What the option's own parser says against a value.
fn refusal(arg: &Arg, text: &OsStr) -> Option<String> {
    let parser: ValueParser = arg.get_value_parser().clone();
    let mut value = Arg::new("value")
        .long("value")
        .value_parser(parser)
        .ignore_case(arg.is_ignore_case_set());
    if let Some(delimiter) = arg.get_value_delimiter() {
        value = value.value_delimiter(delimiter);
    }
    let mut word = OsString::from("--value=");
    word.push(text);
    let error = Command::new("value")
        .no_binary_name(true)
        .arg(value)
        .try_get_matches_from([word])
        .err()?;
    let one_of = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(words)) if !words.is_empty() => Some(words.join(", ")),
        _ => None,
    };
    Some(match (one_of, error.source()) {
        (Some(words), _) => format!("expected one of {words}"),
        (None, Some(reason)) => reason.to_string(),
        (None, None) => "a value is missing".to_owned(),
    })
}

/// The options of all commands that read files.
#[derive(Debug)]
pub(super) struct Known {
    /// By name, what each command means by it.
    options: BTreeMap<String, Vec<(String, Arg)>>,
    /// The command of this call, whose meaning comes first.
    command: String,
}

impl Known {
    /// The options of these commands, for a call of one of them.
    pub(super) fn new(program: &Command, command: &str) -> Known {
        let mut options: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for sub in program.get_subcommands().filter(|sub| is_configured(sub)) {
            for arg in sub.get_arguments() {
                if let Some(name) = name(arg) {
                    let meaning = (sub.get_name().to_owned(), arg.clone());
                    options.entry(name).or_default().push(meaning);
                }
            }
        }
        for meanings in options.values_mut() {
            meanings.sort_by_key(|(name, _)| name != command);
        }
        Known {
            options,
            command: command.to_owned(),
        }
    }

    /// Its name and its meanings, the one of this call's command first; `_` stands for `-`.
    fn find(&self, key: &str) -> Option<(&str, &[(String, Arg)])> {
        let found = self.options.get_key_value(&key.replace('_', "-"));
        found.map(|(name, meanings)| (name.as_str(), &meanings[..]))
    }

    /// The name of an option under this key.
    pub(super) fn name(&self, key: &str) -> Option<&str> {
        self.find(key).map(|(name, _)| name)
    }

    /// The names of all options.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.options.keys().map(String::as_str)
    }

    /// The names that a file may use: it cannot choose files and profiles.
    pub(super) fn names_in_files(&self) -> impl Iterator<Item = &str> {
        let own = Files::augment_args(Command::new("rundown"));
        let own: Vec<String> = own.get_arguments().filter_map(name).collect();
        self.names()
            .filter(move |name| !own.iter().any(|own| own == name))
    }

    /// True when a command knows the option as one that is there or not.
    pub(super) fn is_flag(&self, name: &str) -> bool {
        self.any(name, is_flag)
    }

    /// True when a command knows the option as one that takes a list.
    pub(super) fn repeats(&self, name: &str) -> bool {
        self.any(name, repeats)
    }

    fn any(&self, name: &str, test: fn(&Arg) -> bool) -> bool {
        self.find(name)
            .is_some_and(|(_, meanings)| meanings.iter().any(|(_, arg)| test(arg)))
    }

    /// Fails unless at least one command takes this under the name; the command of this call speaks first.
    pub(super) fn check(&self, name: &str, stated: &Stated) -> Result<(), Misfit> {
        let meanings = self.find(name).map_or(&[][..], |(_, meanings)| meanings);
        let mut first = None;
        for (_, arg) in meanings {
            match fit(arg, stated) {
                Ok(()) => return Ok(()),
                Err(misfit) => first = first.or(Some(misfit)),
            }
        }
        first.map_or(Ok(()), Err)
    }

    /// What the command of this call means by the name, if it takes what is stated.
    pub(super) fn meant(&self, name: &str, stated: &Stated) -> Option<&Arg> {
        let (_, meanings) = self.find(name)?;
        meanings
            .iter()
            .find(|(command, arg)| *command == self.command && fit(arg, stated).is_ok())
            .map(|(_, arg)| arg)
    }
}

/// True for a command that is configured by files and the environment.
pub(super) fn is_configured(command: &Command) -> bool {
    let own = Files::augment_args(Command::new("rundown"));
    own.get_arguments().all(|own| {
        command
            .get_arguments()
            .any(|arg| arg.get_id() == own.get_id())
    })
}
