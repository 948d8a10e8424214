//! Where the value of a field comes from, as a mapping writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::format::{Item, StrftimeItems};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};

use super::numbers::Unit;
use super::path::Path;
use super::values::{nearest, squash, squash_key};
use crate::runs::schema::{Field, Kind};

/// What a source fills: a canonical field, or the outcome, which stands in for a missing status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A canonical field.
    Field(Field),
    /// `outcome`: read as the status when no status is stated.
    Outcome,
}

impl Target {
    /// Its name in a mapping.
    pub fn key(self) -> &'static str {
        match self {
            Target::Field(field) => field.key(),
            Target::Outcome => "outcome",
        }
    }

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
