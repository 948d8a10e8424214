//! Reading `rundown.toml`: each key and value checked, and remembered by its line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::known::{Item, Known, Misfit, Stated, Written};
use super::{Entry, Level, Place};
use crate::mapping::values::nearest;

/// The table of profiles.
const PROFILE: &str = "profile";

/// Names on one line of a message.
const NAMES_A_LINE: usize = 8;

type Key<'a> = Spanned<Cow<'a, str>>;

/// A configuration file.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// Its path, as it was named.
    pub(super) shown: String,
    /// What stands above all tables.
    pub(super) top: Level,
    /// `[profile.NAME]`.
    pub(super) profiles: BTreeMap<String, Level>,
}

/// Reads a file. Fails on the first key that no command has, and the first value that no command takes.
pub(super) fn read(path: &Path, known: &Known) -> Result<File> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{}: cannot be read", path.display()))?;
    parse(path, &text, known)
}

/// The same for a text that has been read.
pub(super) fn parse(path: &Path, text: &str, known: &Known) -> Result<File> {
    let reader = Reader {
        shown: path.display().to_string(),
        folder: path.parent().map(Path::to_owned).unwrap_or_default(),
        text,
        known,
    };
    let table = DeTable::parse(text).map_err(|error| {
        let line = reader.line(error.span().map_or(0, |span| span.start));
        let said = error.message().replace('\n', "\n       ");
        anyhow!("{}:{line}: is not TOML\n       {said}", reader.shown)
    })?;
    let table = table.get_ref();
    let top = reader.level(
        in_order(table).filter(|(key, _)| key.get_ref() != PROFILE),
        None,
    )?;
    let mut profiles = BTreeMap::new();
    for (key, named) in in_order(table).filter(|(key, _)| key.get_ref() == PROFILE) {
        for (name, profile) in reader.profiles(key, named)? {
            let name = name.get_ref().to_string();
            let entries = reader.profiles(key, profile)?;
            profiles.insert(name.clone(), reader.level(entries, Some(&name))?);
        }
    }
    Ok(File {
        shown: reader.shown,
        top,
        profiles,
    })
}

/// The entries as they stand in the file, so that the first mistake is told first.
fn in_order<'a, 'b>(
    table: &'b DeTable<'a>,
) -> impl Iterator<Item = (&'b Key<'a>, &'b Spanned<DeValue<'a>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries.into_iter()
}

/// What is needed to name a place in a file.
struct Reader<'a> {
    shown: String,
    folder: PathBuf,
    text: &'a str,
    known: &'a Known,
}

impl Reader<'_> {
    /// The line of a byte, from 1.
    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        memchr::memchr_iter(b'\n', before).count() + 1
    }

    fn place(&self, line: usize, profile: Option<&str>) -> Place {
        Place::File {
            shown: self.shown.clone(),
            line,
            profile: profile.map(str::to_owned),
        }
    }

    /// The entries of `[profile]` or of one profile.
    fn profiles<'a, 'b>(
        &self,
        key: &Key<'_>,
        value: &'b Spanned<DeValue<'a>>,
    ) -> Result<impl Iterator<Item = (&'b Key<'a>, &'b Spanned<DeValue<'a>>)> + use<'a, 'b>> {
        let Some(table) = value.get_ref().as_table() else {
            bail!(
                "{}:{}: `{PROFILE}` is no option\n       \
                 expected profiles, each as a table [{PROFILE}.NAME]; choose one with --{PROFILE} NAME",
                self.shown,
                self.line(key.span().start)
            );
        };
        Ok(in_order(table))
    }

    /// What is set at the top or in a profile.
    fn level<'a: 'b, 'b>(
        &self,
        entries: impl Iterator<Item = (&'b Key<'a>, &'b Spanned<DeValue<'a>>)>,
        profile: Option<&str>,
    ) -> Result<Level> {
        let mut level = Level::new();
        for (key, value) in entries {
            let place = self.place(self.line(key.span().start), profile);
            let Some(name) = self.name(key.get_ref()) else {
                return Err(self.stranger(key.get_ref(), &place, profile.is_none()));
            };
            let stated = self.stated(value);
            if let Err(Misfit {
                line,
                found,
                expected,
            }) = self.known.check(&name, &stated)
            {
                let place = match line {
                    0 => place,
                    line => self.place(line, profile),
                };
                bail!("{place}: `{name}` cannot be {found}\n       {expected}");
            }
            let entry = Entry {
                stated,
                place: place.clone(),
                folder: self.folder.clone(),
            };
            if let Some(other) = level.insert(name.clone(), entry) {
                bail!(
                    "{place}: `{name}` is set twice\n       also in {}",
                    other.place
                );
            }
        }
        Ok(level)
    }

    /// The name of an option that a file may set.
    fn name(&self, key: &str) -> Option<String> {
        let name = self.known.name(key)?;
        self.known
            .names_in_files()
            .any(|known| known == name)
            .then(|| name.to_owned())
    }

    fn stranger(&self, key: &str, place: &Place, top: bool) -> anyhow::Error {
        if self.known.name(key).is_some() {
            return anyhow!(
                "{place}: `{key}` cannot be set in a file\n       \
                 use --{key} or the environment variable {}",
                super::variable(key)
            );
        }
        let names: Vec<&str> = self.known.names_in_files().collect();
        let tables = top.then_some(PROFILE);
        let mut message = format!("{place}: no option is called `{key}`");
        if let Some(near) = nearest(key, names.iter().copied().chain(tables)) {
            message.push_str(&format!("\n       did you mean `{near}`?"));
        }
        let lines: Vec<String> = names
            .chunks(NAMES_A_LINE)
            .map(|names| names.join(", "))
            .collect();
        message.push_str("\n       expected one of ");
        message.push_str(&lines.join(",\n       "));
        if top {
            message.push_str(&format!(", or a table [{PROFILE}.NAME]"));
        }
        anyhow!(message)
    }

    fn stated(&self, value: &Spanned<DeValue<'_>>) -> Stated {
        match value.get_ref() {
            DeValue::Array(items) => Stated {
                items: items.iter().map(|item| self.item(item)).collect(),
                list: true,
                table: false,
            },
            DeValue::Table(pairs) => Stated {
                items: in_order(pairs)
                    .map(|(key, value)| {
                        let mut item = self.item(value);
                        let mut text = std::ffi::OsString::from(format!("{}=", key.get_ref()));
                        text.push(&item.text);
                        item.text = text;
                        item
                    })
                    .collect(),
                list: true,
                table: true,
            },
            _ => Stated {
                items: vec![self.item(value)],
                list: false,
                table: false,
            },
        }
    }

    fn item(&self, value: &Spanned<DeValue<'_>>) -> Item {
        let (text, written) = match value.get_ref() {
            DeValue::String(text) => (text.to_string(), Written::Text),
            DeValue::Integer(number) => (
                i64::from_str_radix(number.as_str(), number.radix())
                    .map_or_else(|_| number.to_string(), |number| number.to_string()),
                Written::Bare,
            ),
            DeValue::Float(number) => (number.to_string(), Written::Bare),
            DeValue::Datetime(time) => (time.to_string(), Written::Bare),
            DeValue::Boolean(truth) => (truth.to_string(), Written::Truth),
            // A list in a list: no option takes one.
            DeValue::Array(_) | DeValue::Table(_) => (String::new(), Written::Nested),
        };
        Item {
            text: text.into(),
            written,
            line: self.line(value.span().start),
        }
    }
}
