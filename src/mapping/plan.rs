//! Where the value of each field comes from: a preset, with what the user adds, bound to the columns of a file.

use std::borrow::Cow;
use std::sync::Arc;

use super::mapper::Supplied;
use super::path::{Path, RECORD_KEY, Step};
use super::preset::Preset;
use super::reject::{Code, Reject};
use super::rows::{Cells, Row, Rows};
use super::rule::{From, Segment, Source, Target, When};
use super::source::{self, Words, deepest, shaped};
use super::values::{Value, bracketed, squash, squash_key};
use crate::errors::Masker;
use crate::runs::schema::{Field, Kind, Outcome};

/// The time of a row of Log Analytics, whose dates have the month first.
const LOG_TIME: &str = "timegenerated";

/// One source of one field, bound to slots of the values.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    Slots {
        slots: Vec<usize>,
        given: Option<usize>,
        source: Arc<Source>,
        /// What stands in the one slot is the value.
        plain: bool,
    },
    Text(String),
    Field(Field),
}

/// A column of a file with fixed columns.
#[derive(Clone, Debug)]
pub struct Heading {
    /// Which column it is, from 0.
    pub column: usize,
    /// Its name as it stands in the file.
    pub name: String,
    /// How many of the path's keys the name stands for; the others lead into its values.
    pub keys: usize,
}

/// The columns of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header<'a> {
    /// Each record has its own keys.
    Free,
    /// Every record has these, in this order.
    Names(&'a [String]),
    /// Every record has the same, but the next file may have them in another order.
    Own,
}

/// Where the value of each field comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// The paths that readers must deliver.
    pub(super) slots: Vec<Path>,
    pub(super) fields: Vec<(Target, Vec<Bound>)>,
    /// How many of `fields` come before the statuses are complete.
    pub(super) until_status: usize,
    pub(super) exceptions: Option<usize>,
    pub(super) only_with: Vec<usize>,
    /// What is left of the path of each slot inside its value.
    below: Vec<Vec<Step>>,
    pub(super) words: Words,
    /// The columns of the file to which it is bound, and which of them stands for which slot.
    header: Option<Vec<String>>,
    columns: Option<Vec<(usize, usize)>>,
    /// Slots whose column is headed by UTC.
    utc: Vec<usize>,
    /// It can serve the next file of these columns as well.
    lasts: bool,
}

impl Plan {
    /// Binds a preset and what the user adds. Values that records lack come from `--set`, then from the path template,
    /// then from the preset's own constants and file names.
    pub(super) fn new(
        preset: &Preset,
        supplied: &Supplied,
        path: &str,
        stem: &str,
        header: Header<'_>,
    ) -> Plan {
        let from_path = supplied
            .template
            .as_ref()
            .map(|template| template.read(path))
            .unwrap_or_default();
        let mut slots = Slots::default();
        let mut fields = Vec::new();
        let mut until_status = 0;
        // The outcome stands in for a status, so it follows the statuses.
        let statuses = Field::IngestionStatus.index() + 1;
        let targets = Field::ALL.iter().map(|&field| Target::Field(field));
        let targets = targets
            .clone()
            .take(statuses)
            .chain([Target::Outcome])
            .chain(targets.skip(statuses));
        for target in targets {
            let own = preset
                .fields
                .get(&target)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let mut bound = Vec::new();
            for (_, header) in supplied.columns.iter().filter(|(for_, _)| *for_ == target) {
                // The path of `--column` was checked when the command line was read.
                bound.extend(
                    Source::path(header)
                        .map(|source| slots.bind(&Arc::new(source)))
                        .ok(),
                );
            }
            let (stated, fallback): (Vec<_>, Vec<_>) =
                own.iter().partition(|source| is_stated(source));
            bound.extend(stated.into_iter().map(|source| slots.bind(source)));
            if let Target::Field(field) = target {
                let given = [supplied.set.get(&field), from_path.get(&field)];
                bound.extend(
                    given
                        .into_iter()
                        .flatten()
                        .map(|text| Bound::Text(text.clone())),
                );
                if field == Field::System {
                    if preset.system.is_some() {
                        bound.clear();
                    }
                    bound.push(Bound::Text(
                        preset.system.clone().unwrap_or_else(|| "other".to_owned()),
                    ));
                }
            }
            bound.extend(fallback.into_iter().map(|source| match &source.from {
                From::FileStem => Bound::Text(stem.to_owned()),
                From::Const(text) => Bound::Text(text.clone()),
                From::Field(field) => Bound::Field(*field),
                From::Path(_) | From::Deepest(..) | From::Join(..) | From::Estimate(..) => {
                    slots.bind(source)
                }
            }));
            if !bound.is_empty() {
                fields.push((target, bound));
            }
            if target == Target::Outcome {
                until_status = fields.len();
            }
        }
        let exceptions = preset
            .exceptions
            .as_deref()
            .map(|path| slots.of(&Path::new(path)));
        let only_with = preset
            .input
            .only_with
            .iter()
            .map(|path| slots.of(&Path::new(path)))
            .collect();
        let Slots(slots) = slots;
        // Values from a file's name or path are those of one file.
        let by_file = supplied.template.is_some()
            || preset
                .fields
                .values()
                .flatten()
                .any(|source| source.from == From::FileStem);
        let mut plan = Plan {
            below: slots.iter().map(|path| path.steps.clone()).collect(),
            slots,
            fields,
            until_status,
            exceptions,
            only_with,
            words: Words {
                missing: preset
                    .input
                    .missing
                    .iter()
                    .map(|word| squash(word))
                    .collect(),
                status: preset.status.clone(),
            },
            header: match header {
                Header::Names(names) => Some(names.to_vec()),
                Header::Free | Header::Own => None,
            },
            columns: None,
            utc: Vec::new(),
            lasts: !by_file && header != Header::Own,
        };
        plan.find_plain();
        plan
    }

    /// Finds the sources that ask for nothing but the value of their slot, which are most.
    fn find_plain(&mut self) {
        let bounds = self.fields.iter_mut().flat_map(|(_, bounds)| bounds);
        for bound in bounds {
            if let Bound::Slots {
                slots,
                given,
                source,
                plain,
            } = bound
            {
                *plain = matches!(source.from, From::Path(_))
                    && given.is_none()
                    && source.when.is_none()
                    && slots
                        .first()
                        .is_some_and(|&slot| self.below[slot].is_empty())
                    && !source::shapes(source, &self.words);
            }
        }
    }

    /// True when it serves a file with these columns as it is.
    pub(super) fn is_for(&self, header: Header<'_>) -> bool {
        self.lasts
            && match (header, &self.header) {
                (Header::Free, None) => true,
                // A header that was refused is looked at again.
                (Header::Names(names), Some(known)) => names == known && self.columns.is_some(),
                _ => false,
            }
    }

    /// Which column stands for which slot, once it is bound.
    pub(super) fn bound_columns(&self) -> Option<Vec<(usize, usize)>> {
        self.columns.clone()
    }

    /// Which column of a delimited text stands for a slot, from 0.
    pub(super) fn column(&self, slot: usize) -> Option<usize> {
        self.header.as_ref()?;
        let mut columns = self.columns.iter().flatten();
        columns.find_map(|&(for_slot, column)| (for_slot == slot).then_some(column))
    }

    /// True when the header says that the times of the slot are UTC.
    pub(super) fn is_headed_utc(&self, slot: usize) -> bool {
        self.utc.contains(&slot)
    }

    /// True when the slot holds the time of a row of Log Analytics.
    pub(super) fn is_log_time(&self, slot: usize) -> bool {
        self.slots[slot].keys == [LOG_TIME]
    }

    /// For each slot, the columns that fit it among those with these squashed names, best first, and how many of its
    /// keys the names stand for.
    pub(super) fn columns(&self, names: &[String]) -> Vec<(Vec<usize>, usize)> {
        let of = |name: &str| -> Vec<usize> {
            (0..names.len()).filter(|&at| names[at] == name).collect()
        };
        self.slots
            .iter()
            .map(|slot| {
                if slot.outer {
                    return (Vec::new(), 0);
                }
                let whole = match slot.keys.as_slice() {
                    [one] if slot.steps.is_empty() => of(one),
                    _ => of(&squash_key(&slot.text)),
                };
                if !whole.is_empty() {
                    return (whole, usize::MAX);
                }
                // A name may stand for the first keys; the others lead into the JSON that its values hold.
                let most = if slot.steps.is_empty() {
                    slot.keys.len().saturating_sub(1)
                } else {
                    slot.keys.len()
                };
                (1..=most)
                    .rev()
                    .map(|keys| (of(&slot.keys[..keys].join(".")), keys))
                    .find(|(fitting, _)| !fitting.is_empty())
                    .unwrap_or_default()
            })
            .collect()
    }

    /// Leaves out the sources that a file with fixed columns does not have. `headings` has an entry for each slot.
    /// Fails when a time column is headed by a zone that is not UTC and nobody said which zone that is.
    pub(super) fn bind(
        &mut self,
        headings: Vec<Option<Heading>>,
        zone_is_known: bool,
        masker: &Masker,
    ) -> Result<(), Box<Reject>> {
        let columns = headings
            .iter()
            .enumerate()
            .filter_map(|(slot, heading)| Some((slot, heading.as_ref()?.column)))
            .collect();
        let present = |slot: usize| headings.get(slot).is_some_and(Option::is_some);
        for (_, bound) in &mut self.fields {
            bound.retain(|bound| match bound {
                Bound::Slots { slots, given, .. } => {
                    slots.iter().chain(given).all(|&slot| present(slot))
                }
                Bound::Text(_) | Bound::Field(_) => true,
            });
        }
        for (target, bound) in &self.fields {
            let is_time = matches!(target, Target::Field(field) if field.kind() == Kind::Time);
            for bound in bound {
                let Bound::Slots { slots, .. } = bound else {
                    continue;
                };
                if !is_time || zone_is_known {
                    continue;
                }
                for heading in slots.iter().filter_map(|&slot| headings[slot].as_ref()) {
                    if bracketed(&heading.name).is_some_and(|(_, zone)| is_other_zone(zone)) {
                        let name = &heading.name;
                        let column = self.header.as_ref().map(|_| heading.column);
                        return Err(Box::new(
                            Reject::new(1, Some(name), Code::TimeZone, name, masker)
                                .in_column(column),
                        ));
                    }
                }
            }
        }
        let kept = self.fields[..self.until_status]
            .iter()
            .filter(|(_, bound)| !bound.is_empty())
            .count();
        self.fields.retain(|(_, bound)| !bound.is_empty());
        self.until_status = kept;
        self.exceptions = self.exceptions.filter(|&slot| present(slot));
        self.only_with.retain(|&slot| present(slot));
        for (at, heading) in headings.into_iter().enumerate() {
            let Some(heading) = heading else { continue };
            if bracketed(&heading.name).is_some_and(|(_, zone)| is_utc(zone)) {
                self.utc.push(at);
            }
            let slot = &mut self.slots[at];
            if heading.keys == usize::MAX {
                self.below[at].clear();
            } else {
                let rest = slot.keys.iter().skip(heading.keys).cloned().map(Step::Key);
                self.below[at] = rest.chain(slot.steps.iter().cloned()).collect();
            }
            slot.text = heading.name;
        }
        self.columns = Some(columns);
        self.find_plain();
        Ok(())
    }

    /// For each slot: whether it may state a time whose zone nobody has said.
    pub(super) fn zoneless(&self, zone_is_known: bool) -> Vec<bool> {
        let mut zoneless = vec![false; self.slots.len()];
        if zone_is_known {
            return zoneless;
        }
        for (target, bounds) in &self.fields {
            if !matches!(target, Target::Field(field) if field.kind() == Kind::Time) {
                continue;
            }
            for bound in bounds {
                if let Bound::Slots { slots, .. } = bound {
                    for &slot in slots {
                        zoneless[slot] = true;
                    }
                }
            }
        }
        zoneless
    }

    /// True when a record states no time.
    pub(super) fn is_timeless(&self, row: Row<'_>) -> bool {
        let times = self.fields.iter().filter(
            |(target, _)| matches!(target, Target::Field(field) if field.kind() == Kind::Time),
        );
        !times
            .flat_map(|(_, bounds)| bounds)
            .any(|bound| match bound {
                Bound::Slots { slots, .. } => slots.iter().any(|&slot| row.stated(slot).is_some()),
                Bound::Text(_) | Bound::Field(_) => true,
            })
    }

    /// The column of values that a bound source delivers as they stand there; `None` when it asks for more.
    pub(super) fn cells<'a>(bound: &'a Bound, rows: Rows<'a>) -> Option<Cells<'a>> {
        match bound {
            Bound::Text(text) => Some(Cells::Same(text)),
            Bound::Slots {
                slots, plain: true, ..
            } => rows.cells.get(*slots.first()?).copied(),
            Bound::Slots { .. } | Bound::Field(_) => None,
        }
    }

    /// The value that a bound source delivers for a record of this outcome; `None` when it states nothing.
    pub(super) fn raw<'a>(
        &'a self,
        bound: &'a Bound,
        row: Row<'a>,
        outcome: impl Fn() -> Outcome,
    ) -> Option<Value<'a>> {
        let (slots, given, source) = match bound {
            Bound::Text(text) => return Some(Value::Text(Cow::Borrowed(text))),
            Bound::Field(_) => return None,
            Bound::Slots {
                slots, plain: true, ..
            } => return row.stated(*slots.first()?),
            Bound::Slots {
                slots,
                given,
                source,
                ..
            } => (slots, given, source),
        };
        if let Some(given) = given {
            row.stated(*given)?;
        }
        if let Some(when) = source.when {
            let outcome = outcome();
            let fits = match when {
                When::Finished => outcome.finality() == 2,
                When::Unfinished => outcome.finality() != 2,
                When::Failed => matches!(outcome, Outcome::Failed | Outcome::Partial),
            };
            if !fits {
                return None;
            }
        }
        let at = |slot: usize| {
            let value = row.stated(slot)?;
            if self.below[slot].is_empty() {
                Some(value)
            } else {
                source::below(&value, &self.below[slot], source.fold, &self.words)
                    .and_then(Value::stated)
            }
        };
        let value = match (&source.from, slots.as_slice()) {
            (From::Join(_, between), slots) => {
                let mut joined = String::new();
                for (number, &slot) in slots.iter().enumerate() {
                    if number > 0 {
                        joined.push_str(between);
                    }
                    joined.push_str(&at(slot)?.as_text()?);
                }
                Value::Text(joined.into())
            }
            (From::Deepest(_, key), &[slot, ..]) => Value::Text(deepest(&at(slot)?, key)?.into()),
            (_, &[slot, ..]) => at(slot)?,
            (_, []) => return None,
        };
        shaped(value, source, &self.words)
    }
}

/// Numbers the paths that readers must deliver.
#[derive(Default)]
struct Slots(Vec<Path>);

impl Slots {
    fn of(&mut self, path: &Path) -> usize {
        let same = |known: &Path| {
            (known.outer, &known.keys, &known.steps) == (path.outer, &path.keys, &path.steps)
        };
        self.0.iter().position(same).unwrap_or_else(|| {
            self.0.push(path.clone());
            self.0.len() - 1
        })
    }

    fn bind(&mut self, source: &Arc<Source>) -> Bound {
        Bound::Slots {
            slots: source.paths().map(|path| self.of(path)).collect(),
            given: source.given.as_ref().map(|path| self.of(path)),
            source: Arc::clone(source),
            plain: false,
        }
    }
}

/// Sources that a record states; the others stand in where it does not.
fn is_stated(source: &Source) -> bool {
    match &source.from {
        From::Path(_) => source.segment != Some(Segment::Last),
        From::Deepest(..) | From::Join(..) | From::Estimate(..) => true,
        From::FileStem | From::Const(_) | From::Field(_) => false,
    }
}

/// True for what stands in brackets behind a time column and names UTC.
fn is_utc(zone: &str) -> bool {
    matches!(
        squash(zone).as_str(),
        "utc" | "gmt" | "z" | "utc+00:00" | "utc+0"
    )
}

/// True for what stands in brackets behind a time column and names a zone other than UTC.
pub fn is_other_zone(zone: &str) -> bool {
    let word = squash(zone);
    let zone_like = ["utc", "gmt", "local", "time"]
        .iter()
        .any(|part| word.contains(part))
        || zone.contains(['/', ',']);
    zone_like && !is_utc(zone)
}

/// True when a path stands for the key of the record itself.
pub fn is_record_key(path: &Path) -> bool {
    !path.outer && path.text == RECORD_KEY
}
