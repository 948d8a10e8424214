//! The mapping language: how one vendor's record becomes canonical fields.
//!
//! A preset is a TOML file, see `presets/`; a user's mapping is the same file, given with `--mapping`. `docs/MAPPING.md`
//! describes the language. In short: each canonical field has a list of sources, and the first that states a value
//! wins. A source is a [`Path`] into the record, or a table ([`Rule`]) that says more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, bail, ensure};
use chrono::format::{Item, StrftimeItems};
use chrono_tz::Tz;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};

use super::numbers::Unit;
use super::path::Path;
use super::values::{nearest, squash, squash_key};
use crate::runs::schema::{Field, Kind, Status};

/// A preset as it stands in its TOML file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Short name, as in `--preset`.
    #[serde(default)]
    pub name: String,
    /// Name for a reader.
    #[serde(default)]
    pub title: String,
    /// Value of the field `system`; absent when the record states it.
    pub system: Option<String>,
    /// A record is of this kind when, of every list, at least one path is present. Empty in a user's mapping: it reads
    /// every file.
    #[serde(default)]
    pub recognise: Vec<Vec<String>>,
    /// How records are found.
    #[serde(default)]
    pub input: Input,
    /// Status words of this vendor: squashed word to what it says. They come before the vocabulary.
    #[serde(default, deserialize_with = "status_words")]
    pub status: BTreeMap<String, Option<Status>>,
    /// Canonical field to its sources.
    #[serde(default, deserialize_with = "by_field")]
    pub fields: BTreeMap<Target, Vec<Arc<Source>>>,
    /// Path of a map of counts: any value above 0 turns a completed status into partial.
    pub exceptions: Option<String>,
    /// What is known to go wrong with exports of this kind.
    #[serde(default)]
    pub explain: Vec<Explanation>,
    /// `recognise` and the paths of all fields, ready to be compared with those of records.
    #[serde(skip)]
    ready: Ready,
}

/// Paths in the form in which they are compared.
#[derive(Clone, Debug, Default)]
struct Ready {
    recognise: Vec<Vec<String>>,
    reads: BTreeSet<String>,
}

/// How records are found in a file, and what counts as one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Where JSON documents hold the records, the first place that is present: dotted keys, through lists, `*` for the
    /// values of an object. Without it the usual envelopes are looked for.
    #[serde(default, deserialize_with = "one_or_many")]
    pub records: Vec<String>,
    /// A record that states none of these is no run: it is counted in a note, not as a record.
    #[serde(default)]
    pub only_with: Vec<String>,
    /// Words that state nothing, whatever the field.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Zone of times that state none.
    #[serde(default, deserialize_with = "zone")]
    pub zone: Option<Tz>,
}

/// Shown when no record of a file with these columns can be used.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// Of every list, at least one path is present.
    pub recognise: Vec<Vec<String>>,
    /// What is wrong, and what to do.
    pub hint: String,
}

/// What a source fills: a canonical field, or the outcome, which stands in for a missing status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A canonical field.
    Field(Field),
    /// `outcome`: read as the status when no status is stated.
    Outcome,
}

impl Target {
    /// The target with this key; the error names the nearest.
    pub fn of(name: &str) -> Result<Target, String> {
        match (Field::of(name), name) {
            (Some(field), _) => Ok(Target::Field(field)),
            (None, "outcome") => Ok(Target::Outcome),
            (None, _) => {
                let known = Field::ALL
                    .iter()
                    .map(|field| field.key())
                    .chain(["outcome"]);
                Err(match nearest(name, known) {
                    Some(meant) => format!("unknown field {name:?}; is {meant:?} meant?"),
                    None => format!("unknown field {name:?}; the README lists the fields"),
                })
            }
        }
    }
}

/// Where a value comes from, and what is made of it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The place.
    pub from: From,
    /// Counts only where this path states something.
    pub given: Option<Path>,
    /// Counts only for records in this state.
    pub when: Option<When>,
    /// The part of a text between `/` that is wanted.
    pub segment: Option<Segment>,
    /// What is made of several values.
    pub fold: Option<Fold>,
    /// What one of the value is.
    pub unit: Option<Unit>,
    /// How a time is written, in the notation of `strftime`.
    pub time: Option<String>,
    /// Squashed words to canonical words.
    pub map: BTreeMap<String, String>,
    /// Squashed words that state nothing.
    pub null: BTreeSet<String>,
    /// The only squashed words that state something; empty: any.
    pub only: BTreeSet<String>,
    /// The text in lower case, for names that do not tell cases apart.
    pub lower: bool,
}

/// The place of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// A path into the record.
    Path(Path),
    /// A key of the innermost object of a chain of `details`.
    Deepest(Path, String),
    /// The values of several paths, all of them stated, with this between them.
    Join(Vec<Path>, String),
    /// The name of the file without its ending.
    FileStem,
    /// A constant.
    Const(String),
    /// The value of a field that stands before this one in the schema.
    Field(Field),
    /// A time of the record plus (or minus) a duration: only where no record of the run states the time itself.
    Estimate(Field, Path, Sign),
}

/// Which way an estimate goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Later by the duration.
    Plus,
    /// Earlier by the duration.
    Minus,
}

/// State of a record, by the statuses it states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Completed, partial, failed or cancelled.
    Finished,
    /// Anything else.
    Unfinished,
    /// Failed or partial.
    Failed,
}

/// A part of a text that is divided by `/`, such as a path of Azure Resource Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// The last one.
    Last,
    /// The one after this, in any case; or all up to the other.
    After(String, Option<String>),
}

/// What is made of the several values of a path with `[]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// Their sum.
    Sum,
    /// How many there are.
    Count,
    /// The first.
    First,
    /// The last.
    Last,
    /// Of status words, the worst.
    Worst,
}

/// A source as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    path: Option<String>,
    last_segment: Option<String>,
    deepest: Option<String>,
    take: Option<String>,
    join: Option<Vec<String>>,
    with: Option<String>,
    file: Option<String>,
    r#const: Option<String>,
    field: Option<String>,
    plus: Option<String>,
    minus: Option<String>,
    given: Option<String>,
    when: Option<When>,
    after: Option<String>,
    before: Option<String>,
    fold: Option<Fold>,
    unit: Option<String>,
    time: Option<String>,
    #[serde(default)]
    map: BTreeMap<String, Word>,
    #[serde(default)]
    null: Vec<Word>,
    #[serde(default)]
    only: Vec<Word>,
    #[serde(default)]
    lower: bool,
}

/// A word of the log: text, or a number or a yes or no that stands for itself.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Word {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
}

impl Word {
    fn text(&self) -> String {
        match self {
            Word::Text(text) => text.clone(),
            Word::Int(number) => number.to_string(),
            Word::Float(number) => number.to_string(),
            Word::Bool(yes) => yes.to_string(),
        }
    }
}

fn squashed(words: &[Word]) -> BTreeSet<String> {
    words.iter().map(|word| squash(&word.text())).collect()
}

const PLACES: &str = "expected one of path, last_segment, deepest with take, join, file = \"stem\", const, field, or field with plus or minus";

impl Rule {
    fn place(&self) -> Result<From, String> {
        let path = |text: &String| Path::new(text);
        let field = |name: &str| match Target::of(name)? {
            Target::Field(field) => Ok(field),
            Target::Outcome => Err("the outcome is always recomputed".to_owned()),
        };
        let estimate = |name: &str, by: &String, sign| {
            let base = field(name)?;
            if base.kind() == Kind::Time {
                Ok(From::Estimate(base, path(by), sign))
            } else {
                Err(format!("{name:?} is not a time"))
            }
        };
        let text = |text: &Option<String>| text.is_some();
        let places = [
            text(&self.path),
            text(&self.last_segment),
            text(&self.deepest),
            self.join.is_some(),
            text(&self.file),
            text(&self.r#const),
            text(&self.field),
        ];
        let one = places.iter().filter(|&&given| given).count() == 1;
        if !one
            || self.take.is_some() != self.deepest.is_some()
            || (self.with.is_some() && self.join.is_none())
            || (self.field.is_none() && (self.plus.is_some() || self.minus.is_some()))
        {
            return Err(PLACES.to_owned());
        }
        if let Some(text) = self.path.as_ref().or(self.last_segment.as_ref()) {
            return Ok(From::Path(path(text)));
        }
        if let (Some(text), Some(take)) = (&self.deepest, &self.take) {
            return Ok(From::Deepest(path(text), squash_key(take)));
        }
        if let Some(paths) = &self.join {
            if paths.len() < 2 {
                return Err("join needs two paths or more".to_owned());
            }
            let between = self.with.clone().unwrap_or_else(|| "#".to_owned());
            return Ok(From::Join(paths.iter().map(path).collect(), between));
        }
        if let Some(text) = &self.r#const {
            return Ok(From::Const(text.clone()));
        }
        match (&self.file, &self.field, &self.plus, &self.minus) {
            (Some(what), None, None, None) if what == "stem" => Ok(From::FileStem),
            (None, Some(name), None, None) => Ok(From::Field(field(name)?)),
            (None, Some(name), Some(by), None) => estimate(name, by, Sign::Plus),
            (None, Some(name), None, Some(by)) => estimate(name, by, Sign::Minus),
            _ => Err(PLACES.to_owned()),
        }
    }

    fn segment(&self) -> Result<Option<Segment>, String> {
        match (&self.last_segment, &self.after, &self.before) {
            (Some(_), None, None) => Ok(Some(Segment::Last)),
            (None, Some(after), before) => Ok(Some(Segment::After(after.clone(), before.clone()))),
            (None, None, None) => Ok(None),
            (Some(_), _, _) | (None, None, Some(_)) => {
                Err("before goes with after, and neither with last_segment".to_owned())
            }
        }
    }
}

impl TryFrom<Rule> for Source {
    type Error = String;

    fn try_from(rule: Rule) -> Result<Source, String> {
        let from = rule.place()?;
        let segment = rule.segment()?;
        let unit = rule.unit.as_deref().map(str::parse).transpose()?;
        if let Some(format) = &rule.time
            && StrftimeItems::new(format).any(|item| item == Item::Error)
        {
            return Err(format!(
                "{format:?} is no time format; expected one such as \"%d.%m.%Y %H:%M\""
            ));
        }
        let is_many = matches!(&from, From::Path(path) if path.is_many());
        if is_many != rule.fold.is_some() {
            return Err(
                "a path with [] needs fold = \"sum\", \"count\", \"first\", \"last\" or \"worst\", and no other path does"
                    .to_owned(),
            );
        }
        Ok(Source {
            from,
            given: rule.given.as_deref().map(Path::new),
            when: rule.when,
            segment,
            fold: rule.fold,
            unit,
            time: rule.time,
            map: rule
                .map
                .into_iter()
                .map(|(word, canonical)| (squash(&word), canonical.text()))
                .collect(),
            null: squashed(&rule.null),
            only: squashed(&rule.only),
            lower: rule.lower,
        })
    }
}

impl Source {
    /// A plain path.
    pub fn path(text: &str) -> Result<Source, String> {
        Source::try_from(Rule {
            path: Some(text.to_owned()),
            ..Rule::default()
        })
    }

    /// Every path that it reads.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let (one, many): (Option<&Path>, &[Path]) = match &self.from {
            From::Path(path) | From::Deepest(path, _) | From::Estimate(_, path, _) => {
                (Some(path), &[])
            }
            From::Join(paths, _) => (None, paths),
            From::FileStem | From::Const(_) | From::Field(_) => (None, &[]),
        };
        one.into_iter().chain(many)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Source, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Source;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path, or a table that says where a value comes from")
            }

            fn visit_str<E: de::Error>(self, path: &str) -> Result<Source, E> {
                Source::path(path).map_err(de::Error::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Source, A::Error> {
                let rule = Rule::deserialize(MapAccessDeserializer::new(map))?;
                Source::try_from(rule).map_err(de::Error::custom)
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

/// One value, or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn list(self) -> Vec<T> {
        match self {
            OneOrMany::Many(list) => list,
            OneOrMany::One(one) => vec![one],
        }
    }
}

fn zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Tz>, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map(Some).map_err(|_| {
        de::Error::custom(format!(
            "no time zone {name:?}; expected a name such as \"Europe/Berlin\""
        ))
    })
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    OneOrMany::deserialize(deserializer).map(OneOrMany::list)
}

fn by_field<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Target, Vec<Arc<Source>>>, D::Error> {
    // Not an untagged enum, so that a mistake in a source keeps its own message.
    struct Sources(Vec<Arc<Source>>);
    impl<'de> Deserialize<'de> for Sources {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sources, D::Error> {
            let value = toml::Value::deserialize(deserializer)?;
            let list = match value {
                toml::Value::Array(list) => list,
                one => vec![one],
            };
            list.into_iter()
                .map(|source| {
                    Source::deserialize(source)
                        .map(Arc::new)
                        .map_err(de::Error::custom)
                })
                .collect::<Result<_, _>>()
                .map(Sources)
        }
    }
    let named = BTreeMap::<String, Sources>::deserialize(deserializer)?;
    named
        .into_iter()
        .map(|(name, sources)| {
            let target = Target::of(&name).map_err(de::Error::custom)?;
            Ok((target, sources.0))
        })
        .collect()
}

fn status_words<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Option<Status>>, D::Error> {
    let words = BTreeMap::<String, String>::deserialize(deserializer)?;
    words
        .into_iter()
        .map(|(word, meaning)| {
            let status = Status::ALL
                .iter()
                .copied()
                .find(|status| status.key() == meaning);
            if status.is_none() && meaning != "none" {
                let known: Vec<_> = Status::ALL.iter().map(|status| status.key()).collect();
                return Err(de::Error::custom(format!(
                    "{word:?} cannot mean {meaning:?}; expected one of {}, none",
                    known.join(", ")
                )));
            }
            Ok((squash(&word), status))
        })
        .collect()
}

/// Paths as they are compared.
fn ready(paths: &[String]) -> Vec<String> {
    paths.iter().map(|path| Path::new(path).joined()).collect()
}

/// True when, of every list, at least one path is present.
fn all_present(lists: &[Vec<String>], present: &BTreeSet<String>) -> bool {
    lists.iter().all(|any| {
        any.iter()
            .any(|path| present.contains(&Path::new(path).joined()))
    })
}

impl Preset {
    /// Reads and checks a preset or a mapping; `name` is for one that has none.
    pub fn parse_named(text: &str, name: &str) -> Result<Preset> {
        let mut preset: Preset = toml::from_str(text)?;
        if preset.name.is_empty() {
            name.clone_into(&mut preset.name);
        }
        // A name of one's own goes into every report, as names from a log do.
        preset.name = crate::errors::mask(&preset.name).into_owned();
        preset.ready = Ready {
            recognise: preset.recognise.iter().map(|any| ready(any)).collect(),
            reads: preset.paths().map(Path::joined).collect(),
        };
        if preset.title.is_empty() {
            preset.title.clone_from(&preset.name);
        }
        ensure!(!preset.fields.is_empty(), "[fields] names no field");
        for (target, sources) in &preset.fields {
            let (kind, key, place) = match target {
                Target::Field(field) => (field.kind(), field.key(), field.index()),
                Target::Outcome => (Kind::Status, "outcome", Field::IngestionStatus.index()),
            };
            for source in sources {
                let estimate = matches!(source.from, From::Estimate(..));
                ensure!(
                    source.unit.is_none() || kind == Kind::Int || estimate,
                    "{key}: only counts, durations and sizes have a unit"
                );
                ensure!(
                    source.time.is_none() || kind == Kind::Time,
                    "{key}: only times have a time format"
                );
                ensure!(
                    source.when.is_none() || place > Field::IngestionStatus.index(),
                    "{key}: when looks at the statuses, so it cannot stand here"
                );
                ensure!(
                    source.fold != Some(Fold::Worst) || kind == Kind::Status,
                    "{key}: only a status can be the worst of several"
                );
                ensure!(
                    !estimate || matches!(target, Target::Field(Field::StartedAt | Field::EndedAt)),
                    "{key}: only started_at and ended_at can be computed"
                );
                if let From::Field(from) = source.from
                    && from.index() >= place
                {
                    bail!("{key}: field = {:?} stands after it", from.key());
                }
            }
        }
        Ok(preset)
    }

    /// Every path that the preset reads.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.fields
            .values()
            .flatten()
            .flat_map(|source| source.paths())
    }

    /// True when records with these paths are of this kind.
    pub fn recognises(&self, present: &BTreeSet<String>) -> bool {
        self.ready
            .recognise
            .iter()
            .all(|any| any.iter().any(|path| present.contains(path)))
    }

    /// How many of the paths that the preset reads are present.
    pub fn score(&self, present: &BTreeSet<String>) -> usize {
        present
            .iter()
            .filter(|path| self.ready.reads.contains(*path))
            .count()
    }

    /// What is known to be wrong with files of these paths.
    pub fn explanation(&self, present: &BTreeSet<String>) -> Option<&str> {
        self.explain
            .iter()
            .find(|known| all_present(&known.recognise, present))
            .map(|known| known.hint.as_str())
    }
}

/// The TOML of the built-in presets, by name.
pub const SOURCES: [(&str, &str); 8] = [
    ("adf", include_str!("presets/adf.toml")),
    ("airflow", include_str!("presets/airflow.toml")),
    ("dbt", include_str!("presets/dbt.toml")),
    (
        "github-actions",
        include_str!("presets/github-actions.toml"),
    ),
    ("native", include_str!("presets/native.toml")),
    ("purview", include_str!("presets/purview.toml")),
    (
        "purview-monitor",
        include_str!("presets/purview-monitor.toml"),
    ),
    ("zscaler-uvm", include_str!("presets/zscaler-uvm.toml")),
];

/// The built-in presets in order of name.
pub fn built_in() -> Result<&'static [Arc<Preset>]> {
    static PRESETS: OnceLock<Result<Vec<Arc<Preset>>, String>> = OnceLock::new();
    let loaded = PRESETS.get_or_init(|| {
        SOURCES
            .into_iter()
            .map(|(name, text)| {
                Preset::parse_named(text, name)
                    .with_context(|| format!("preset {name}"))
                    .map(Arc::new)
                    .map_err(|error| format!("{error:#}"))
            })
            .collect()
    });
    match loaded {
        Ok(presets) => Ok(presets),
        Err(error) => bail!("{error}"),
    }
}

/// Files that are known and hold no run records.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoRuns {
    kinds: Vec<NoRunsKind>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoRunsKind {
    recognise: Vec<Vec<String>>,
    what: String,
}

/// What a file with these paths is, when it is known to hold no run records.
pub fn no_runs(present: &BTreeSet<String>) -> Result<Option<String>> {
    let known: NoRuns = toml::from_str(include_str!("presets/no-runs.toml"))?;
    Ok(known
        .kinds
        .into_iter()
        .find(|kind| all_present(&kind.recognise, present))
        .map(|kind| kind.what))
}

/// The presets among which one is chosen: a user's mappings, then the built-in ones.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// `--mapping`.
    pub mappings: Vec<Arc<Preset>>,
    /// `--preset`: this one, whatever the keys.
    pub forced: Option<Arc<Preset>>,
}

/// What recognition came to.
#[derive(Debug)]
pub enum Choice {
    /// This preset.
    Preset(Arc<Preset>),
    /// Two presets fit equally well.
    Tie(String, String),
    /// None fits.
    Unknown,
}

impl Catalogue {
    /// The preset or mapping with this name.
    pub fn find(&self, name: &str) -> Result<Arc<Preset>> {
        let known = || self.mappings.iter().chain(built_in().unwrap_or_default());
        known()
            .find(|preset| preset.name == name)
            .cloned()
            .with_context(|| {
                let names: Vec<_> = known().map(|preset| preset.name.as_str()).collect();
                format!(
                    "no preset {name:?}\n       expected one of {}",
                    names.join(", ")
                )
            })
    }

    /// The preset for records with these paths: the one that is forced; else a mapping that recognises them or
    /// recognises everything; else of the built-in ones that recognise them, the one that reads most of them.
    pub fn choose(&self, present: &BTreeSet<String>) -> Result<Choice> {
        if let Some(forced) = &self.forced {
            return Ok(Choice::Preset(Arc::clone(forced)));
        }
        if let Some(mapping) = self
            .mappings
            .iter()
            .find(|mapping| mapping.recognises(present))
        {
            return Ok(Choice::Preset(Arc::clone(mapping)));
        }
        let mut fitting: Vec<_> = built_in()?
            .iter()
            .filter(|preset| preset.recognises(present))
            .map(|preset| (preset.score(present), preset))
            .collect();
        fitting.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
        Ok(match fitting.as_slice() {
            [] => Choice::Unknown,
            [(best, one), (next, other), ..] if best == next => {
                Choice::Tie(one.name.clone(), other.name.clone())
            }
            [(_, preset), ..] => Choice::Preset(Arc::clone(preset)),
        })
    }

    /// Where JSON documents hold records by a mapping that reads every file; else where any preset says they may, most
    /// specific first. True when nothing else is to be looked for.
    pub fn record_paths(&self) -> Result<(Vec<&str>, bool)> {
        let only = self.forced.as_ref().or_else(|| {
            self.mappings
                .iter()
                .find(|mapping| mapping.recognise.is_empty())
        });
        if let Some(preset) = only.filter(|preset| !preset.input.records.is_empty()) {
            let paths = preset.input.records.iter().map(String::as_str);
            return Ok((paths.collect(), true));
        }
        let paths = self.mappings.iter().chain(built_in()?);
        let paths = paths.flat_map(|preset| &preset.input.records);
        Ok((paths.map(String::as_str).collect(), false))
    }

    /// How well the names of a header fit what is known: 0 when nothing recognises them.
    pub fn header_score(&self, names: &BTreeSet<String>) -> Result<usize> {
        let own = self.forced.iter().chain(&self.mappings);
        // One name alone may as well be the title of a sheet.
        let own = own
            .map(|preset| preset.score(names))
            .filter(|&score| score > 1);
        let known = built_in()?
            .iter()
            .filter(|preset| preset.recognises(names))
            .map(|preset| preset.score(names));
        Ok(own.chain(known).max().unwrap_or(0))
    }

    /// The preset that reads most of these paths, of those that do not recognise them, and what it misses.
    pub fn nearest(&self, present: &BTreeSet<String>) -> Option<(Arc<Preset>, Vec<String>)> {
        let (score, preset) = built_in()
            .unwrap_or_default()
            .iter()
            .map(|preset| (preset.score(present), preset))
            .max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.name.cmp(&a.1.name)))?;
        let missing = preset
            .recognise
            .iter()
            .filter(|any| !all_present(std::slice::from_ref(*any), present))
            .map(|any| any.join(" or "))
            .collect();
        (score > 1).then(|| (Arc::clone(preset), missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present(keys: &[&str]) -> BTreeSet<String> {
        keys.iter().map(|key| Path::new(key).joined()).collect()
    }

    fn recognised(keys: &[&str]) -> Option<String> {
        match Catalogue::default().choose(&present(keys)).unwrap() {
            Choice::Preset(preset) => Some(preset.name.clone()),
            Choice::Tie(one, other) => panic!("{one} and {other}"),
            Choice::Unknown => None,
        }
    }

    #[test]
    fn built_in_presets_are_valid() {
        let names: Vec<_> = built_in()
            .unwrap()
            .iter()
            .map(|preset| preset.name.as_str())
            .collect();
        assert_eq!(names, SOURCES.map(|(name, _)| name));
        no_runs(&BTreeSet::new()).unwrap();
    }

    #[test]
    fn each_kind_is_recognised_by_its_keys() {
        for (keys, name) in [
            (
                "id status startTime endTime runType assetsDiscovered",
                Some("purview"),
            ),
            (
                "Id Status StartTime EndTime RunType ScanLevelType Code Message",
                Some("purview"),
            ),
            (
                "dataSource scanName runId status scanType startTime endTime duration assetsDiscovered",
                Some("purview"),
            ),
            (
                "scan_name data_source run_id run_start run_end run_status scan_level",
                Some("purview"),
            ),
            (
                "time properties properties.scanResultId resultType category resourceId",
                Some("purview-monitor"),
            ),
            (
                "TimeGenerated ScanResultId ResultType ScanName DataSourceName Type",
                Some("purview-monitor"),
            ),
            (
                "status id category data_retrieval_type start_time",
                Some("zscaler-uvm"),
            ),
            ("scan started_at outcome", Some("native")),
            (
                "runId pipelineName runStart runEnd status lastUpdated",
                Some("adf"),
            ),
            (
                "TimeGenerated RunId PipelineName Status Start End",
                Some("adf"),
            ),
            (
                "activityRunId pipelineRunId pipelineName activityName activityRunStart status",
                Some("adf"),
            ),
            (
                "dag_id dag_run_id state start_date end_date run_type",
                Some("airflow"),
            ),
            (
                "dag_id run_id state execution_date start_date end_date",
                Some("airflow"),
            ),
            (
                "task_id dag_id run_id state start_date map_index",
                Some("airflow"),
            ),
            (
                "databaseId attempt conclusion status createdAt startedAt updatedAt workflowName",
                Some("github-actions"),
            ),
            (
                "id run_attempt conclusion status created_at run_started_at updated_at name head_branch",
                Some("github-actions"),
            ),
            (
                "unique_id status timing execution_time thread_id ^.metadata ^.metadata.invocation_id",
                Some("dbt"),
            ),
            ("name value", None),
        ] {
            let keys: Vec<_> = keys.split(' ').collect();
            assert_eq!(recognised(&keys).as_deref(), name, "{keys:?}");
        }
    }

    #[test]
    fn mistakes_in_a_mapping_are_named() {
        let broken = |fields: &str| {
            let text = format!("name = \"x\"\n[fields]\n{fields}");
            format!("{:#}", Preset::parse_named(&text, "x").unwrap_err())
        };
        for (fields, message) in [
            ("statuss = [\"a\"]", "is \"status\" meant?"),
            ("status = [{ pth = \"a\" }]", "pth"),
            ("status = [{ take = \"a\" }]", "expected one of path"),
            (
                "status = [{ path = \"a\", const = \"b\" }]",
                "expected one of path",
            ),
            (
                "duration_ms = [{ path = \"a\", unit = \"fortnight\" }]",
                "unknown unit",
            ),
            ("scan = [{ path = \"a\", unit = \"s\" }]", "have a unit"),
            (
                "scan = [{ path = \"a\", time = \"%Y\" }]",
                "have a time format",
            ),
            (
                "ended_at = [{ path = \"a\", time = \"%Q\" }]",
                "is no time format",
            ),
            ("row_count = [\"a[].n\"]", "needs fold"),
            (
                "row_count = [{ path = \"a[].n\", fold = \"worst\" }]",
                "only a status",
            ),
            (
                "scan = [{ path = \"a\", when = \"finished\" }]",
                "cannot stand here",
            ),
            ("scan = [{ field = \"run_id\" }]", "stands after it"),
            (
                "queued_at = [{ field = \"ended_at\", minus = \"d\" }]",
                "can be computed",
            ),
        ] {
            assert!(
                broken(fields).contains(message),
                "{fields}: {}",
                broken(fields)
            );
        }
        let status = "name = \"x\"\n[status]\nDone = \"finished\"\n[fields]\nstatus = \"a\"";
        assert!(
            format!("{:#}", Preset::parse_named(status, "x").unwrap_err()).contains("cannot mean")
        );
    }
}
