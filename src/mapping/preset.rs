//! The mapping language: how one vendor's record becomes canonical fields.
//!
//! A preset is a TOML file, see `presets/`; a user's mapping is the same file, given with `--mapping`. `docs/MAPPING.md`
//! describes the language. In short: each canonical field has a list of sources, and the first that states a value
//! wins. A source is a [`Path`] into the record, or a table that says more; see [`Source`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use chrono_tz::Tz;
use serde::Deserialize;
use serde::de::{self, Deserializer};

use super::path::Path;
use super::rule::{Fold, From, Source, Target};
use super::values::squash;
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
pub(super) fn all_present(lists: &[Vec<String>], present: &BTreeSet<String>) -> bool {
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
        for name in [&mut preset.name, &mut preset.title] {
            *name = crate::errors::mask(name).into_owned();
        }
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

#[cfg(test)]
mod tests {
    use super::*;

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
