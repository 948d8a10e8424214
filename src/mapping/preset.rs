//! The mapping language: how one vendor's record becomes canonical fields.
//!
//! A preset is a TOML file, see `presets/`. Each canonical field has a list of sources; the first that
//! states a value wins. A source is a path into the record, or a table with one of
//!
//! - `path`: dotted keys; `^.` begins at the document around the record;
//! - `last_segment`: the text after the last `/` of the value at a path;
//! - `deepest`, with `take`: the innermost object of a chain of `details`, and the key to take there;
//! - `file = "stem"`: the name of the file without its ending;
//! - `field`: the value of another field of the same run;
//! - `const`: this text
//!
//! and, where wanted, `unit` (what one of the value is in milliseconds or bytes), `time` (how a time is written,
//! in the notation of `strftime`, where it has none of the known shapes), `map` (words to canonical words) and
//! `null` (words that state nothing). Keys match ignoring case, spaces, `_`, `-` and
//! a trailing `[UTC]`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail, ensure};
use chrono::format::{Item, StrftimeItems};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};

use super::values::{squash, squash_key};
use crate::runs::schema::{Field, Kind};

/// A preset as it stands in its TOML file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Short name, as in `--preset`.
    pub name: String,
    /// Name for a reader.
    pub title: String,
    /// Value of the field `system`; absent when the record states it.
    pub system: Option<String>,
    /// A record is of this kind when, of every list, at least one path is present.
    pub recognise: Vec<Vec<String>>,
    /// Canonical field to its sources.
    #[serde(rename = "fields", deserialize_with = "by_field")]
    pub fields: BTreeMap<Target, Vec<Source>>,
    /// Path of a map of counts: any value above 0 turns a completed status into partial.
    pub exceptions: Option<String>,
}

/// What a source fills: a canonical field, or the outcome, which stands in for a missing status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A canonical field.
    Field(Field),
    /// `outcome`: read as the status when no status is stated.
    Outcome,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The place.
    pub from: From,
    /// What one of the value is, in milliseconds or bytes.
    pub unit: Option<f64>,
    /// How a time is written, in the notation of `strftime`.
    pub time: Option<String>,
    /// Squashed words to canonical words.
    pub map: BTreeMap<String, String>,
    /// Squashed words that state nothing.
    pub null: BTreeSet<String>,
}

/// The place of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// A path into the record.
    Path(Path),
    /// The text after the last `/` at a path.
    LastSegment(Path),
    /// A key of the innermost object of a chain of `details`.
    Deepest(Path, String),
    /// The name of the file without its ending.
    FileStem,
    /// A constant.
    Const(String),
    /// The value of a field that stands before this one in the schema.
    Field(Field),
}

/// Squashed keys from the record, or from the document around it, down to a value.
#[derive(Clone, Debug)]
pub struct Path {
    /// Begins at the document around the record.
    pub outer: bool,
    /// The keys.
    pub keys: Vec<String>,
    /// The path as it stands in the preset.
    pub text: String,
}

impl PartialEq for Path {
    fn eq(&self, other: &Path) -> bool {
        (self.outer, &self.keys) == (other.outer, &other.keys)
    }
}

impl Eq for Path {}

impl Path {
    /// Reads dotted keys, with `^.` in front for the document around the record.
    pub fn new(text: &str) -> Path {
        let (outer, keys) = match text.strip_prefix("^.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        Path {
            outer,
            keys: keys.split('.').map(squash_key).collect(),
            text: text.to_owned(),
        }
    }

    /// The keys joined with dots, as in a set of the paths that are present.
    pub fn joined(&self) -> String {
        self.keys.join(".")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    path: Option<String>,
    last_segment: Option<String>,
    deepest: Option<String>,
    take: Option<String>,
    file: Option<String>,
    r#const: Option<String>,
    field: Option<String>,
    unit: Option<String>,
    time: Option<String>,
    #[serde(default)]
    map: BTreeMap<String, String>,
    #[serde(default)]
    null: Vec<String>,
}

/// Size of a unit in milliseconds or bytes.
fn unit(name: &str) -> Option<f64> {
    Some(match name {
        "ms" | "B" => 1.0,
        "s" | "kB" => 1e3,
        "min" => 60_000.0,
        "h" => 3_600_000.0,
        "MB" => 1e6,
        "GB" => 1e9,
        "KiB" => 1024.0,
        "MiB" => 1_048_576.0,
        "GiB" => 1_073_741_824.0,
        _ => return None,
    })
}

impl TryFrom<Rule> for Source {
    type Error = String;

    fn try_from(rule: Rule) -> Result<Source, String> {
        let given = (
            rule.path,
            rule.last_segment,
            rule.deepest,
            rule.take,
            rule.file,
            rule.r#const,
            rule.field,
        );
        let from = match given {
            (Some(path), None, None, None, None, None, None) => From::Path(Path::new(&path)),
            (None, Some(path), None, None, None, None, None) => From::LastSegment(Path::new(&path)),
            (None, None, Some(path), Some(take), None, None, None) => {
                From::Deepest(Path::new(&path), squash_key(&take))
            }
            (None, None, None, None, Some(file), None, None) if file == "stem" => From::FileStem,
            (None, None, None, None, None, Some(text), None) => From::Const(text),
            (None, None, None, None, None, None, Some(field)) => {
                From::Field(Field::of(&field).ok_or_else(|| format!("unknown field {field:?}"))?)
            }
            _ => {
                return Err("expected one of path, last_segment, deepest with take, file = \"stem\", field, const".to_owned());
            }
        };
        let unit = match rule.unit {
            Some(name) => Some(unit(&name).ok_or_else(|| {
                format!("unknown unit {name:?}; expected one of ms, s, min, h, B, kB, KiB, MB, MiB, GB, GiB")
            })?),
            None => None,
        };
        if let Some(format) = &rule.time
            && StrftimeItems::new(format).any(|item| item == Item::Error)
        {
            return Err(format!(
                "{format:?} is no time format; expected one such as \"%d.%m.%Y %H:%M\""
            ));
        }
        Ok(Source {
            from,
            unit,
            time: rule.time,
            map: rule
                .map
                .into_iter()
                .map(|(word, canonical)| (squash(&word), canonical))
                .collect(),
            null: rule.null.iter().map(|word| squash(word)).collect(),
        })
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
                Ok(Source {
                    from: From::Path(Path::new(path)),
                    unit: None,
                    time: None,
                    map: BTreeMap::new(),
                    null: BTreeSet::new(),
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Source, A::Error> {
                let rule = Rule::deserialize(MapAccessDeserializer::new(map))?;
                Source::try_from(rule).map_err(de::Error::custom)
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

fn by_field<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Target, Vec<Source>>, D::Error> {
    let named = BTreeMap::<String, Vec<Source>>::deserialize(deserializer)?;
    named
        .into_iter()
        .map(|(name, sources)| match (Field::of(&name), name.as_str()) {
            (Some(field), _) => Ok((Target::Field(field), sources)),
            (None, "outcome") => Ok((Target::Outcome, sources)),
            (None, _) => Err(de::Error::custom(format!("unknown field {name:?}"))),
        })
        .collect()
}

impl Preset {
    /// Reads and checks a preset.
    pub fn parse(text: &str) -> Result<Preset> {
        let preset: Preset = toml::from_str(text)?;
        ensure!(
            !preset.recognise.is_empty(),
            "{}: recognise is empty, so every file would match",
            preset.name
        );
        for (target, sources) in &preset.fields {
            let is_size = matches!(target, Target::Field(field) if field.kind() == Kind::Int);
            if !is_size && sources.iter().any(|source| source.unit.is_some()) {
                bail!(
                    "{}: only counts, durations and sizes have a unit",
                    preset.name
                );
            }
            let is_time = matches!(target, Target::Field(field) if field.kind() == Kind::Time);
            if !is_time && sources.iter().any(|source| source.time.is_some()) {
                bail!("{}: only times have a time format", preset.name);
            }
        }
        Ok(preset)
    }

    /// Every path that the preset reads.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.fields
            .values()
            .flatten()
            .filter_map(|source| match &source.from {
                From::Path(path) | From::LastSegment(path) | From::Deepest(path, _) => Some(path),
                From::FileStem | From::Const(_) | From::Field(_) => None,
            })
    }

    /// True when records with these paths are of this kind.
    fn recognises(&self, present: &BTreeSet<String>) -> bool {
        self.recognise.iter().all(|any| {
            any.iter()
                .any(|path| present.contains(&Path::new(path).joined()))
        })
    }

    /// How many of the paths that the preset reads are present.
    fn score(&self, present: &BTreeSet<String>) -> usize {
        self.paths()
            .map(Path::joined)
            .filter(|path| present.contains(path))
            .collect::<BTreeSet<_>>()
            .len()
    }
}

/// The built-in presets in order of name.
pub fn built_in() -> Result<&'static [Preset]> {
    static PRESETS: OnceLock<Result<Vec<Preset>, String>> = OnceLock::new();
    let loaded = PRESETS.get_or_init(|| {
        [
            ("native", include_str!("presets/native.toml")),
            ("purview", include_str!("presets/purview.toml")),
            ("zscaler-uvm", include_str!("presets/zscaler-uvm.toml")),
        ]
        .into_iter()
        .map(|(name, text)| {
            Preset::parse(text)
                .with_context(|| format!("preset {name}"))
                .map_err(|error| format!("{error:#}"))
        })
        .collect()
    });
    match loaded {
        Ok(presets) => Ok(presets),
        Err(error) => bail!("{error}"),
    }
}

/// The preset for records with these paths: the one that recognises them and reads most of them.
pub fn recognise(present: &BTreeSet<String>) -> Result<Option<&'static Preset>> {
    let mut fitting: Vec<_> = built_in()?
        .iter()
        .filter(|preset| preset.recognises(present))
        .map(|preset| (preset.score(present), preset))
        .collect();
    fitting.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
    Ok(match fitting.as_slice() {
        [] => None,
        [(best, _), (next, _), ..] if best == next => None,
        [(_, preset), ..] => Some(preset),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present(keys: &[&str]) -> BTreeSet<String> {
        keys.iter().map(|key| Path::new(key).joined()).collect()
    }

    fn recognised(keys: &[&str]) -> Option<&'static str> {
        recognise(&present(keys))
            .unwrap()
            .map(|preset| preset.name.as_str())
    }

    #[test]
    fn built_in_presets_are_valid() {
        assert_eq!(built_in().unwrap().len(), 3);
    }

    #[test]
    fn each_kind_is_recognised_by_its_keys() {
        assert_eq!(
            recognised(&[
                "id",
                "status",
                "startTime",
                "endTime",
                "runType",
                "assetsDiscovered"
            ]),
            Some("purview")
        );
        assert_eq!(
            recognised(&[
                "Status",
                "ID",
                "Category",
                "Data Retrieval Type",
                "Start Time",
                "End Time"
            ]),
            Some("zscaler-uvm")
        );
        assert_eq!(
            recognised(&[
                "status",
                "id",
                "category",
                "data_retrieval_type",
                "start_time"
            ]),
            Some("zscaler-uvm")
        );
        assert_eq!(
            recognised(&["scan", "started_at", "outcome"]),
            Some("native")
        );
        assert_eq!(recognised(&["name", "value"]), None);
    }

    #[test]
    fn mistakes_in_a_preset_are_named() {
        let broken = |fields: &str| {
            let text =
                format!("name = \"x\"\ntitle = \"X\"\nrecognise = [[\"a\"]]\n[fields]\n{fields}");
            format!("{:#}", Preset::parse(&text).unwrap_err())
        };
        assert!(broken("statuss = [\"a\"]").contains("unknown field \"statuss\""));
        assert!(broken("status = [{ pth = \"a\" }]").contains("pth"));
        assert!(broken("status = [{ take = \"a\" }]").contains("expected one of path"));
        assert!(
            broken("duration_ms = [{ path = \"a\", unit = \"fortnight\" }]")
                .contains("unknown unit")
        );
        assert!(broken("scan = [{ path = \"a\", unit = \"s\" }]").contains("have a unit"));
        assert!(broken("scan = [{ path = \"a\", time = \"%Y\" }]").contains("have a time format"));
        assert!(
            broken("ended_at = [{ path = \"a\", time = \"%Q\" }]").contains("is no time format")
        );
    }
}
