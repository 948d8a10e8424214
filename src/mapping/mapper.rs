//! Turns raw values into canonical records by a preset.

use std::borrow::Cow;
use std::collections::BTreeMap;

use anyhow::Result;

use super::preset::{From, Path, Preset, Source, Target};
use super::reject::{Code, Reject, Rejects, quoted};
use super::template::PathTemplate;
use super::time::{self, Time, TimeError, TimeRules};
use super::values::{Value, exact, no_ingestion, number, squash, status, trimmed, whole};
use crate::errors;
use crate::runs::reconcile::is_guid;
use crate::runs::records::{Dictionary, Records};
use crate::runs::schema::{Field, Kind, Outcome, Status};

/// What the user adds to what the records say.
#[derive(Clone, Debug, Default)]
pub struct Supplied {
    /// `--set FIELD=VALUE`: for records that lack the field.
    pub set: BTreeMap<Field, String>,
    /// `--path-template`: fields from the end of a file's path.
    pub template: Option<PathTemplate>,
    /// How times are read.
    pub times: TimeRules,
}

/// Things worth telling that are no reason to set a record aside.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Records read, rejected ones included.
    pub read: i64,
    /// Placeholder times such as 0001-01-01, read as missing.
    pub placeholder_times: i64,
    /// Local times that happened twice, read as the first.
    pub folded_times: i64,
    /// Status words outside the vocabulary, masked, by field.
    pub unknown_statuses: BTreeMap<(Field, String), i64>,
}

/// One source of one field, bound to a slot of the values.
#[derive(Clone, Debug)]
enum Bound {
    Slot { slot: usize, source: Source },
    Text(String),
    Field(Field),
}

/// Raw words of one field, so that each is masked and understood once.
#[derive(Debug, Default)]
struct Seen {
    words: Dictionary,
    /// For a text field: the code of what each word becomes.
    codes: Vec<Option<u32>>,
    /// For a status field: what each word says.
    statuses: Vec<Said>,
}

/// What a status word says.
#[derive(Clone, Copy, Debug)]
enum Said {
    Status(Status),
    /// There was no such phase.
    Nothing,
    /// Not in the vocabulary.
    Unknown,
}

/// Applies a preset to the records of one file.
#[derive(Debug)]
pub struct Mapper {
    /// The paths that readers must deliver, one for each slot.
    pub slots: Vec<Path>,
    /// The records so far.
    pub records: Records,
    /// The rejects so far.
    pub rejects: Rejects,
    /// What else was seen.
    pub tally: Tally,
    fields: Vec<(Target, Vec<Bound>)>,
    exceptions: Option<usize>,
    times: TimeRules,
    /// For each field of words: raw words seen, and what each becomes.
    seen: Vec<Seen>,
}

impl Mapper {
    /// Prepares a preset for one file.
    ///
    /// `stem` is the file's name without its ending and `path` its path. Values that records lack come from
    /// `--set`, then from the path template, then from the preset's own constants and file names.
    pub fn new(preset: &Preset, supplied: &Supplied, path: &str, stem: &str) -> Mapper {
        let from_path = supplied
            .template
            .as_ref()
            .map(|template| template.read(path))
            .unwrap_or_default();
        let mut slots: Vec<Path> = Vec::new();
        let mut slot_of = |path: &Path| {
            slots
                .iter()
                .position(|known| known == path)
                .unwrap_or_else(|| {
                    slots.push(path.clone());
                    slots.len() - 1
                })
        };
        let mut fields = Vec::new();
        for target in Field::ALL
            .iter()
            .map(|&field| Target::Field(field))
            .chain([Target::Outcome])
        {
            let sources = preset
                .fields
                .get(&target)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let (stated, fallback): (Vec<_>, Vec<_>) = sources.iter().partition(|source| {
                !matches!(
                    source.from,
                    From::FileStem | From::Const(_) | From::Field(_) | From::LastSegment(_)
                )
            });
            let mut bound = Vec::new();
            for source in stated {
                if let From::Path(path) | From::Deepest(path, _) = &source.from {
                    bound.push(Bound::Slot {
                        slot: slot_of(path),
                        source: source.clone(),
                    });
                }
            }
            if let Target::Field(field) = target {
                bound.extend(
                    supplied
                        .set
                        .get(&field)
                        .map(|text| Bound::Text(text.clone())),
                );
                bound.extend(from_path.get(&field).map(|text| Bound::Text(text.clone())));
                if field == Field::System {
                    bound.truncate(if preset.system.is_some() {
                        0
                    } else {
                        bound.len()
                    });
                    bound.push(Bound::Text(
                        preset.system.clone().unwrap_or_else(|| "other".to_owned()),
                    ));
                }
            }
            for source in fallback {
                match &source.from {
                    From::FileStem => bound.push(Bound::Text(stem.to_owned())),
                    From::Const(text) => bound.push(Bound::Text(text.clone())),
                    From::Field(field) => bound.push(Bound::Field(*field)),
                    From::Path(path) | From::LastSegment(path) | From::Deepest(path, _) => {
                        bound.push(Bound::Slot {
                            slot: slot_of(path),
                            source: source.clone(),
                        });
                    }
                }
            }
            if !bound.is_empty() {
                fields.push((target, bound));
            }
        }
        let exceptions = preset
            .exceptions
            .as_deref()
            .map(|path| slot_of(&Path::new(path)));
        let mut records = Records::default();
        records.begin_file();
        Mapper {
            slots,
            records,
            rejects: Rejects::default(),
            tally: Tally::default(),
            fields,
            exceptions,
            times: supplied.times,
            seen: Field::ALL.iter().map(|_| Seen::default()).collect(),
        }
    }

    /// Leaves out the sources that a file with fixed columns does not have. `names` holds, for each slot that
    /// it has, the name of the column as it stands in the file.
    pub fn bind(&mut self, names: Vec<Option<String>>) {
        let present = |slot: usize| names.get(slot).is_some_and(Option::is_some);
        for (_, bound) in &mut self.fields {
            bound.retain(|bound| match bound {
                Bound::Slot { slot, .. } => present(*slot),
                Bound::Text(_) | Bound::Field(_) => true,
            });
        }
        self.fields.retain(|(_, bound)| !bound.is_empty());
        self.exceptions = self.exceptions.filter(|&slot| present(slot));
        for (slot, name) in self.slots.iter_mut().zip(names) {
            if let Some(name) = name {
                slot.text = name;
            }
        }
    }

    /// Counts a record that a reader could not deliver.
    pub fn reject(&mut self, reject: Reject) {
        self.tally.read += 1;
        self.rejects.push(reject);
    }

    /// Takes the values of one record, one for each slot.
    pub fn record(&mut self, line: u64, values: &[Value<'_>]) {
        match self.fill(line, values) {
            Ok(()) => {
                self.tally.read += 1;
                self.records.finish(line);
            }
            Err(reject) => {
                self.records.abandon();
                self.reject(reject);
            }
        }
    }

    fn fill(&mut self, line: u64, values: &[Value<'_>]) -> Result<(), Reject> {
        let row = self.records.len();
        let mut outcome = None;
        for at in 0..self.fields.len() {
            let target = self.fields[at].0;
            for choice in 0..self.fields[at].1.len() {
                let bound = &self.fields[at].1[choice];
                if let (Bound::Field(from), Target::Field(field)) = (bound, target) {
                    let from = self.records.text(*from, row).map(str::to_owned);
                    if let Some(code) = from.and_then(|text| self.records.intern(field, &text)) {
                        self.records.set_code(field, row, code);
                        break;
                    }
                    continue;
                }
                let Some(value) = raw(bound, values) else {
                    continue;
                };
                let (unit, slot, format) = match bound {
                    Bound::Slot { slot, source } => {
                        (source.unit, Some(*slot), source.time.as_deref())
                    }
                    Bound::Text(_) | Bound::Field(_) => (None, None, None),
                };
                let wrong = |code, value: &Value<'_>, slots: &[Path]| {
                    let column = slot
                        .and_then(|slot| slots.get(slot))
                        .map(|path| path.text.as_str());
                    Reject::new(
                        line,
                        column,
                        code,
                        value.as_text().as_deref().unwrap_or_default(),
                    )
                };
                let stated = match target {
                    Target::Outcome => {
                        outcome = value.as_text().map(Cow::into_owned);
                        outcome.is_some()
                    }
                    Target::Field(field) => match field.kind() {
                        Kind::Text => set_text(&mut self.records, &mut self.seen, field, &value),
                        Kind::RunId => match value.as_text() {
                            Some(text) => {
                                self.records.set_run_id(&run_id(&text));
                                true
                            }
                            None => false,
                        },
                        Kind::Status => match value.as_text() {
                            Some(text) => set_status(
                                &mut self.records,
                                &mut self.seen,
                                &mut self.tally,
                                field,
                                &text,
                            ),
                            None => false,
                        },
                        Kind::Time => match read_time(&value, format, self.times) {
                            Ok(None) => false,
                            Ok(Some(Time::Placeholder)) => {
                                self.tally.placeholder_times += 1;
                                false
                            }
                            Ok(Some(Time::Instant(micros))) => {
                                self.records.set_int(field, row, micros);
                                true
                            }
                            Ok(Some(Time::Folded(micros))) => {
                                self.tally.folded_times += 1;
                                self.records.set_int(field, row, micros);
                                true
                            }
                            Err(error) => {
                                let code = match error {
                                    TimeError::Shape => Code::Time,
                                    TimeError::Ambiguous => Code::TimeAmbiguous,
                                    TimeError::Gap => Code::TimeGap,
                                };
                                return Err(wrong(code, &value, &self.slots));
                            }
                        },
                        Kind::Int => match read_int(&value, unit) {
                            Ok(None) => false,
                            // A negative duration is a clock that was set back: not known.
                            Ok(Some(number)) if number < 0 && !field.is_count() => false,
                            Ok(Some(number)) if number >= 0 => {
                                self.records.set_int(field, row, number);
                                true
                            }
                            Ok(Some(_)) | Err(()) => {
                                return Err(wrong(Code::Number, &value, &self.slots));
                            }
                        },
                    },
                };
                if stated {
                    break;
                }
            }
        }
        let stated = |field| self.records.status(field, row).is_some();
        let has_status = [
            Field::Status,
            Field::DiscoveryStatus,
            Field::IngestionStatus,
        ]
        .into_iter()
        .any(stated);
        if !has_status && let Some(word) = outcome {
            let word = if squash(&word) == Outcome::Active.key() {
                Status::InProgress.key().to_owned()
            } else {
                word
            };
            set_status(
                &mut self.records,
                &mut self.seen,
                &mut self.tally,
                Field::Status,
                &word,
            );
        }
        if let Some(slot) = self.exceptions
            && self.records.status(Field::Status, row) == Some(Status::Completed)
            && has_exceptions(&values[slot])
        {
            self.records.set_status(Field::Status, row, Status::Partial);
        }
        if self.records.bucket_time(row).is_none() {
            let empty = self.records.text(Field::RunId, row).is_none() && !has_status;
            return Err(Reject::new(
                line,
                None,
                if empty {
                    Code::EmptyRun
                } else {
                    Code::TimeMissing
                },
                "",
            ));
        }
        self.set_phase(row);
        Ok(())
    }

    /// Says which phase failed, where the record itself does not.
    fn set_phase(&mut self, row: usize) {
        if self.records.states(Field::ErrorPhase, row) {
            return;
        }
        let discovery = self.records.status(Field::DiscoveryStatus, row);
        let ingestion = self.records.status(Field::IngestionStatus, row);
        let phase = match (discovery, ingestion) {
            (Some(Status::Failed), _) => "discovery",
            (_, Some(Status::Failed | Status::Partial)) => "ingestion",
            _ => return,
        };
        if let Some(code) = self.records.intern(Field::ErrorPhase, phase) {
            self.records.set_code(Field::ErrorPhase, row, code);
        }
    }
}

/// The value that a bound source delivers; `None` when it states nothing.
fn raw<'a>(bound: &'a Bound, values: &'a [Value<'_>]) -> Option<Value<'a>> {
    let (slot, source) = match bound {
        Bound::Text(text) => return Some(Value::Text(Cow::Borrowed(text))),
        Bound::Field(_) => return None,
        Bound::Slot { slot, source } => (*slot, source),
    };
    let value = match values.get(slot)? {
        Value::Missing => return None,
        Value::Bool(value) => Value::Bool(*value),
        Value::Int(number) => Value::Int(*number),
        Value::Float(number) => Value::Float(*number),
        Value::Time(micros) => Value::Time(*micros),
        Value::Local(micros) => Value::Local(*micros),
        Value::Json(text) => Value::Json(text),
        Value::Text(text) if trimmed(text).is_empty() => return None,
        Value::Text(text) => Value::Text(Cow::Borrowed(text)),
    };
    let value = match &source.from {
        From::LastSegment(_) => {
            let text = value.as_text()?.into_owned();
            let last = text
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default();
            (!last.is_empty()).then(|| Value::Text(Cow::Owned(last.to_owned())))?
        }
        From::Deepest(_, key) => Value::Text(Cow::Owned(deepest(&value, key)?)),
        From::Path(_) | From::FileStem | From::Const(_) | From::Field(_) => value,
    };
    if source.map.is_empty() && source.null.is_empty() {
        return Some(value);
    }
    let word = squash(&value.as_text()?);
    if source.null.contains(&word) {
        return None;
    }
    Some(match source.map.get(&word) {
        Some(canonical) => Value::Text(Cow::Borrowed(canonical)),
        None => value,
    })
}

/// Walks `details` (or `innererror`) down to the innermost object and takes a key there; the nearest object
/// above it that has the key stands in. Text that is no JSON is the message itself.
fn deepest(value: &Value<'_>, key: &str) -> Option<String> {
    let text = value.as_text()?;
    let Ok(parsed) = serde_json::from_str::<serde_json::Value>(&text) else {
        return (key == "message").then(|| text.into_owned());
    };
    let mut level = &parsed;
    let mut found = None;
    // serde_json refuses to nest deeper than 128, so the walk ends.
    loop {
        let object = match level {
            serde_json::Value::Array(items) => match items.first() {
                Some(first) => {
                    level = first;
                    continue;
                }
                None => return found,
            },
            serde_json::Value::Object(object) => object,
            serde_json::Value::String(text) if key == "message" && found.is_none() => {
                return Some(text.clone());
            }
            _ => return found,
        };
        let get = |wanted: &str| {
            object
                .iter()
                .find(|(name, _)| squash(name) == wanted)
                .map(|(_, value)| value)
        };
        match get(key) {
            Some(serde_json::Value::String(text)) if !text.trim().is_empty() => {
                found = Some(text.clone());
            }
            Some(serde_json::Value::Number(number)) => found = Some(number.to_string()),
            _ => {}
        }
        match get("details").or_else(|| get("innererror")) {
            Some(inner) if inner.is_array() || inner.is_object() => level = inner,
            _ => return found,
        }
    }
}

fn has_exceptions(value: &Value<'_>) -> bool {
    let Value::Json(text) = value else {
        return false;
    };
    serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text).is_ok_and(|map| {
        map.values()
            .any(|count| count.as_f64().is_some_and(|count| count > 0.0))
    })
}

fn read_time(
    value: &Value<'_>,
    format: Option<&str>,
    rules: TimeRules,
) -> Result<Option<Time>, TimeError> {
    match value {
        Value::Missing => Ok(None),
        Value::Time(micros) => Ok(Some(time::from_micros(*micros))),
        Value::Local(micros) => time::from_local_micros(*micros, rules).map(Some),
        Value::Int(number) => time::from_epoch(*number as f64).map(Some),
        Value::Float(number) => time::from_epoch(*number).map(Some),
        Value::Text(text) if trimmed(text).is_empty() => Ok(None),
        Value::Text(text) => match format {
            Some(format) => time::parse_as(text, format, rules).map(Some),
            None => time::parse(text, rules).map(Some),
        },
        Value::Bool(_) | Value::Json(_) => Err(TimeError::Shape),
    }
}

fn read_int(value: &Value<'_>, unit: Option<f64>) -> Result<Option<i64>, ()> {
    match (value, unit) {
        (Value::Missing, _) => Ok(None),
        (Value::Text(text), _) if trimmed(text).is_empty() => Ok(None),
        (value, None) => whole(value).map(Some).ok_or(()),
        (value, Some(unit)) => exact((number(value).ok_or(())? * unit).round())
            .map(Some)
            .ok_or(()),
    }
}

fn run_id(text: &str) -> Cow<'_, str> {
    guid(text).unwrap_or_else(|| errors::mask(text))
}

/// The canonical form of a GUID: lower case, no braces. `None` for any other text.
fn guid(text: &str) -> Option<Cow<'_, str>> {
    if is_guid(text) {
        return Some(Cow::Borrowed(text));
    }
    let bare = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(text);
    (bare.len() == 36)
        .then(|| bare.to_ascii_lowercase())
        .filter(|id| is_guid(id))
        .map(Cow::Owned)
}

/// What a raw text of a text field becomes.
fn canonical(field: Field, text: &str) -> Cow<'_, str> {
    let known = match (field, squash(text).as_str()) {
        (Field::RunType, "full" | "fullscan") => Some("full"),
        (Field::RunType, "incremental" | "incrementalscan") => Some("incremental"),
        (Field::Trigger, "manual") => Some("manual"),
        (Field::Trigger, "scheduled") => Some("scheduled"),
        _ => None,
    };
    match (known, field) {
        (Some(word), _) => Cow::Borrowed(word),
        (None, Field::ParentId) => run_id(text),
        (None, _) => errors::mask(text),
    }
}

fn set_text(records: &mut Records, seen: &mut [Seen], field: Field, value: &Value<'_>) -> bool {
    let Some(text) = value.as_text() else {
        return false;
    };
    let Seen { words, codes, .. } = &mut seen[field.index()];
    let (raw, new) = words.add(&text);
    if new {
        codes.push(records.intern(field, &canonical(field, &text)));
    }
    let Some(Some(code)) = codes.get(raw as usize) else {
        return false;
    };
    let row = records.len();
    records.set_code(field, row, *code);
    true
}

fn set_status(
    records: &mut Records,
    seen: &mut [Seen],
    tally: &mut Tally,
    field: Field,
    text: &str,
) -> bool {
    let Seen {
        words, statuses, ..
    } = &mut seen[field.index()];
    let (raw, new) = words.add(text);
    if new {
        statuses.push(match status(text) {
            _ if field == Field::IngestionStatus && no_ingestion(text) => Said::Nothing,
            Some(status) => Said::Status(status),
            None => Said::Unknown,
        });
    }
    let word = match statuses.get(raw as usize) {
        None | Some(Said::Nothing) => return false,
        Some(Said::Status(status)) => *status,
        Some(Said::Unknown) => {
            *tally
                .unknown_statuses
                .entry((field, quoted(text)))
                .or_insert(0) += 1;
            Status::Unknown
        }
    };
    let row = records.len();
    records.set_status(field, row, word);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::preset::built_in;

    fn mapper(preset: &str, supplied: &Supplied, path: &str) -> Mapper {
        let preset = built_in()
            .unwrap()
            .iter()
            .find(|known| known.name == preset)
            .unwrap();
        Mapper::new(preset, supplied, path, "stem")
    }

    /// Runs one record through a preset. Values are given by path.
    fn map(mapper: &mut Mapper, given: &[(&str, Value<'static>)]) {
        let values: Vec<_> = mapper
            .slots
            .iter()
            .map(|slot| {
                given
                    .iter()
                    .find(|(path, _)| Path::new(path) == *slot)
                    .map_or(Value::Missing, |(_, value)| value.clone())
            })
            .collect();
        mapper.record(7, &values);
    }

    fn text(text: &'static str) -> Value<'static> {
        Value::Text(Cow::Borrowed(text))
    }

    #[test]
    fn the_deepest_message_and_its_code_are_taken() {
        let error = r#"{"code":"Wrapper","message":"outer","details":[{"code":"Middle","message":"middle","details":[{"message":"inner"}]}]}"#;
        assert_eq!(
            deepest(&Value::Json(error), "message").as_deref(),
            Some("inner")
        );
        assert_eq!(
            deepest(&Value::Json(error), "code").as_deref(),
            Some("Middle")
        );
        assert_eq!(
            deepest(&text("plain words"), "message").as_deref(),
            Some("plain words")
        );
        assert_eq!(deepest(&text("plain words"), "code"), None);
        assert_eq!(deepest(&Value::Json("{}"), "message"), None);
    }

    #[test]
    fn what_a_record_lacks_comes_from_set_then_from_its_path() {
        let supplied = Supplied {
            set: BTreeMap::from([(Field::Account, "contoso".to_owned())]),
            template: Some(PathTemplate::new("{source}/{scan}.json").unwrap()),
            ..Supplied::default()
        };
        let mut mapper = mapper("purview", &supplied, "exports/sql-1/daily.json.gz");
        let record = [
            ("id", text("1")),
            ("status", text("Succeeded")),
            ("startTime", text("2026-11-01T00:00:00Z")),
        ];
        map(&mut mapper, &record);
        map(
            &mut mapper,
            &[&record[..], &[("scanName", text("weekly"))]].concat(),
        );
        let get = |row, field| mapper.records.text(field, row);
        assert_eq!(
            [
                get(0, Field::Source),
                get(0, Field::Scan),
                get(1, Field::Scan)
            ],
            [Some("sql-1"), Some("daily"), Some("weekly")]
        );
        assert_eq!(get(0, Field::Account), Some("contoso"));
        assert_eq!(get(0, Field::System), Some("purview"));
    }

    #[test]
    fn the_scan_of_a_uvm_source_is_the_source() {
        let supplied = Supplied {
            set: BTreeMap::from([(Field::Source, "edr".to_owned())]),
            ..Supplied::default()
        };
        let mut mapper = mapper("zscaler-uvm", &supplied, "x/stem.csv");
        map(
            &mut mapper,
            &[
                ("Status", text("Completed")),
                ("Start Time", text("2026-11-01 02:00:00")),
                ("File Size", text("12.5")),
            ],
        );
        assert_eq!(mapper.records.text(Field::Source, 0), Some("edr"));
        assert_eq!(mapper.records.text(Field::Scan, 0), Some("edr"));
        assert_eq!(mapper.records.int(Field::ByteCount, 0), Some(12_500_000));
    }

    #[test]
    fn exceptions_make_a_completed_status_partial() {
        let mut mapper = mapper("purview", &Supplied::default(), "x");
        let record = [
            ("id", text("1")),
            ("status", text("Succeeded")),
            ("startTime", text("2026-11-01T00:00:00Z")),
        ];
        for map_of in [r#"{"A": 0}"#, r#"{"A": 0, "B": 2}"#] {
            map(
                &mut mapper,
                &[
                    &record[..],
                    &[("diagnostics.exceptionCountMap", Value::Json(map_of))],
                ]
                .concat(),
            );
        }
        assert_eq!(
            [0, 1].map(|row| mapper.records.status(Field::Status, row)),
            [Some(Status::Completed), Some(Status::Partial)]
        );
    }

    #[test]
    fn records_that_cannot_be_used_say_why() {
        let mut mapper = mapper("native", &Supplied::default(), "x");
        let time = ("started_at", text("2026-11-01T00:00:00Z"));
        map(
            &mut mapper,
            &[
                ("status", text("failed")),
                ("started_at", text("yesterday")),
            ],
        );
        map(
            &mut mapper,
            &[
                ("status", text("failed")),
                time.clone(),
                ("row_count", text("4.1k")),
            ],
        );
        map(
            &mut mapper,
            &[
                ("status", text("failed")),
                time.clone(),
                ("row_count", text("-1")),
            ],
        );
        map(
            &mut mapper,
            &[
                ("status", text("failed")),
                ("started_at", text("0001-01-01T00:00:00")),
            ],
        );
        map(&mut mapper, &[("scan", text("x"))]);
        map(&mut mapper, &[("outcome", text("active")), time.clone()]);
        map(&mut mapper, &[("status", text("Paused")), time]);
        let codes: Vec<_> = mapper
            .rejects
            .kept
            .iter()
            .map(|reject| (reject.code, reject.column.as_deref()))
            .collect();
        assert_eq!(
            codes,
            [
                (Code::Time, Some("started_at")),
                (Code::Number, Some("row_count")),
                (Code::Number, Some("row_count")),
                (Code::TimeMissing, None),
                (Code::EmptyRun, None),
            ]
        );
        assert_eq!((mapper.tally.read, mapper.tally.placeholder_times), (7, 1));
        assert_eq!(
            mapper.records.status(Field::Status, 0),
            Some(Status::InProgress)
        );
        assert_eq!(mapper.records.outcome(1), Outcome::Unknown);
        assert_eq!(
            mapper.tally.unknown_statuses,
            BTreeMap::from([((Field::Status, "Paused".to_owned()), 1)])
        );
    }

    #[test]
    fn guids_are_lower_case_without_braces_and_other_ids_stay() {
        assert_eq!(
            run_id("{0F0F0F0F-1111-4222-8333-44444444444A}"),
            "0f0f0f0f-1111-4222-8333-44444444444a"
        );
        assert_eq!(run_id("Run-1"), "Run-1");
    }
}
