//! What `rundown check` says: how each file is read, where each field comes from, and what could not be read.

pub mod starter;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use unicode_width::UnicodeWidthStr;

use crate::input::{Loaded, ReadFile, Skipped};
use crate::mapping::mapper::Tally;
use crate::mapping::preset::Preset;
use crate::mapping::rule::Target;
use crate::mapping::survey::{Found, Survey};
use crate::mapping::values::squash_key;
use crate::render::format;
use crate::runs::schema::Field;

/// Files of one kind that are told apart; of more, the first is named and the others are counted.
const TOLD_APART: usize = 10;
/// Rejected values and skipped files that are shown.
const SHOWN: usize = 10;

/// Files that are read in the same way.
struct Group<'a> {
    files: Vec<&'a ReadFile>,
    survey: Survey,
}

/// The text of a check.
pub fn text(loaded: &Loaded) -> String {
    let mut out = String::new();
    for group in groups(&loaded.files) {
        write_group(&mut out, &group);
    }
    write_skipped(&mut out, &loaded.skipped);
    let read: i64 = loaded.files.iter().map(|file| file.tally.read).sum();
    let rejected: i64 = loaded.files.iter().map(|file| file.rejects.total).sum();
    out.push_str(&format!(
        "{} read, {} usable, {} set aside; {} skipped\n",
        format::plural(
            usize::try_from(read).unwrap_or(usize::MAX),
            "record",
            "records"
        ),
        format::count(read - rejected),
        format::count(rejected),
        format::plural(loaded.skipped.len(), "file", "files"),
    ));
    out
}

fn groups(files: &[ReadFile]) -> Vec<Group<'_>> {
    let key = |file: &ReadFile| {
        (
            file.format.clone(),
            file.dialect.clone(),
            file.preset.as_ref().map(|preset| preset.name.clone()),
        )
    };
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for file in files {
        *counts.entry(key(file)).or_default() += 1;
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut first: BTreeMap<_, usize> = BTreeMap::new();
    for file in files {
        let key = key(file);
        let many = counts.get(&key).is_some_and(|&count| count > TOLD_APART);
        let known = if many { first.get(&key).copied() } else { None };
        let survey = file.survey.clone().unwrap_or_default();
        match known {
            Some(at) => {
                groups[at].survey.add(survey);
                groups[at].files.push(file);
            }
            None => {
                first.insert(key, groups.len());
                groups.push(Group {
                    files: vec![file],
                    survey,
                });
            }
        }
    }
    groups
}

fn write_group(out: &mut String, group: &Group<'_>) {
    let Some(first) = group.files.first() else {
        return;
    };
    let others = match group.files.len() {
        1 => String::new(),
        count => format!(" and {} more like it", format::size(count - 1)),
    };
    out.push_str(&format!("{}{others}\n", format::text(&first.path)));
    let mut written = vec![first.format.clone()];
    written.extend(first.dialect.iter().cloned());
    line(out, "written", &written.join(", "));
    match &first.preset {
        Some(preset) => line(
            out,
            "preset",
            &format!("{} ({})", preset.name, preset.title),
        ),
        None => line(out, "preset", "none: there is no record"),
    }
    let read: i64 = group.files.iter().map(|file| file.tally.read).sum();
    let rejected: i64 = group.files.iter().map(|file| file.rejects.total).sum();
    line(
        out,
        "records",
        &format!(
            "{} read, {} usable, {} set aside",
            format::count(read),
            format::count(read - rejected),
            format::count(rejected)
        ),
    );
    for note in group
        .files
        .iter()
        .flat_map(|file| &file.notes)
        .collect::<BTreeSet<_>>()
    {
        line(out, "note", note);
    }
    let mut tally = Tally::default();
    for file in &group.files {
        tally.add(&file.tally);
    }
    for (_, note) in tally.notes() {
        line(out, "note", note.trim_end_matches('.'));
    }
    if let Some(preset) = &first.preset {
        write_fields(out, &group.survey, preset, read - rejected);
    }
    write_statuses(out, &group.files);
    write_rejects(out, &group.files);
    out.push('\n');
}

fn line(out: &mut String, label: &str, text: &str) {
    out.push_str(&format!("  {label:<12}{}\n", format::text(text)));
}

fn percent(stated: i64, of: i64) -> String {
    if of == 0 {
        return format::DASH.to_owned();
    }
    // A record may state a field and be set aside for another one.
    format::share((stated as f64 / of as f64).min(1.0))
}

/// A table of the fields: how many records state each, from where, and samples.
fn write_fields(out: &mut String, survey: &Survey, preset: &Preset, usable: i64) {
    let mut rows = vec![["field", "stated", "from", "as written → as read"].map(str::to_owned)];
    let mut missing = Vec::new();
    let targets = Field::ALL.iter().map(|&field| Target::Field(field));
    for target in targets.chain([Target::Outcome]) {
        let Some(found) = survey.fields.get(&target) else {
            if preset.fields.contains_key(&target) {
                missing.push(target.key());
            }
            continue;
        };
        rows.extend(field_rows(target, found, usable));
    }
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].width())
            .max()
            .unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2).min(40)];
    for row in &rows {
        let padded: String = row[..3]
            .iter()
            .zip(widths)
            .map(|(cell, width)| {
                format!("{cell}{}  ", " ".repeat(width.saturating_sub(cell.width())))
            })
            .collect();
        out.push_str(format!("  {padded}{}", row[3]).trim_end());
        out.push('\n');
    }
    if !missing.is_empty() {
        line(out, "not stated", &missing.join(", "));
    }
    let used: BTreeSet<String> = survey
        .fields
        .values()
        .flat_map(|found| found.from.keys())
        .flat_map(|from| from.split(" + "))
        .chain(preset.paths().map(|path| path.text.as_str()))
        .filter_map(|path| path.split(['.', '[']).next().map(squash_key))
        .collect();
    let unused: Vec<_> = survey
        .keys
        .iter()
        .filter(|name| {
            !used.contains(&squash_key(name))
                && !used.contains(&squash_key(name.split('.').next().unwrap_or(name)))
        })
        .cloned()
        .collect();
    if !unused.is_empty() {
        line(out, "not used", &unused.join(", "));
    }
}

fn field_rows(target: Target, found: &Found, usable: i64) -> Vec<[String; 4]> {
    let from: Vec<_> = found
        .from
        .keys()
        .map(|from| if from.is_empty() { "(given)" } else { from })
        .collect();
    let mut lines: Vec<String> = found
        .samples
        .iter()
        .map(|(raw, became)| {
            if raw == became {
                raw.clone()
            } else {
                format!("{raw} → {became}")
            }
        })
        .collect();
    lines.extend(found.unread.iter().take(3).map(|(value, count)| {
        format!(
            "not read: {value:?} ({})",
            format::plural(
                usize::try_from(*count).unwrap_or(usize::MAX),
                "time",
                "times"
            )
        )
    }));
    if found.unread.len() > 3 {
        lines.push(format!("not read: {} other values", found.unread.len() - 3));
    }
    let mut rows = Vec::new();
    for (at, sample) in lines.iter().enumerate() {
        let head = if at == 0 {
            [
                target.key().to_owned(),
                percent(found.stated, usable),
                from.join(", "),
            ]
        } else {
            [String::new(), String::new(), String::new()]
        };
        let [name, stated, from] = head.map(|cell| format::text(&cell).into_owned());
        rows.push([name, stated, from, format::text(sample).into_owned()]);
    }
    rows
}

fn write_statuses(out: &mut String, files: &[&ReadFile]) {
    let mut words: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for file in files {
        for ((field, word), count) in &file.tally.unknown_statuses {
            *words.entry((field.key(), word)).or_default() += count;
        }
    }
    for ((field, word), count) in words {
        line(
            out,
            "unknown",
            &format!(
                "{field} {word:?}, {count} times; a mapping can say what it means, under [status]"
            ),
        );
    }
}

fn write_rejects(out: &mut String, files: &[&ReadFile]) {
    let mut codes = BTreeMap::new();
    for file in files {
        for (code, count) in &file.rejects.by_code {
            *codes.entry(*code).or_insert(0) += count;
        }
    }
    for (code, count) in codes {
        line(out, "set aside", &format!("{count} {}", code.key()));
    }
    let kept = files
        .iter()
        .flat_map(|file| file.rejects.kept.iter().map(move |reject| (file, reject)));
    for (file, reject) in kept.take(SHOWN) {
        for (at, part) in crate::describe(file, reject).lines().enumerate() {
            let indent = if at == 0 { "    " } else { "  " };
            out.push_str(&format!("{indent}{}\n", format::text(part)));
        }
    }
}

fn write_skipped(out: &mut String, skipped: &[Skipped]) {
    for file in skipped.iter().take(SHOWN) {
        out.push_str(&format!("{}\n", format::text(&file.path)));
        for (at, part) in file.reason.lines().enumerate() {
            let label = if at == 0 { "skipped" } else { "" };
            line(out, label, part.trim());
        }
        if let Some(code) = file.code {
            line(out, "code", code.key());
        }
        out.push('\n');
    }
    if skipped.len() > SHOWN {
        out.push_str(&format!(
            "{} more files are skipped\n\n",
            skipped.len() - SHOWN
        ));
    }
}

/// The list of presets: name, what it reads, and by what it is recognised.
pub fn presets(presets: &[std::sync::Arc<Preset>]) -> String {
    let width = presets
        .iter()
        .map(|preset| preset.name.width())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for preset in presets {
        let name = &preset.name;
        out.push_str(&format!("{name:<width$}  {}\n", preset.title));
        let by: Vec<_> = preset
            .recognise
            .iter()
            .map(|any| any.join(" or "))
            .collect();
        out.push_str(&format!(
            "{:<width$}  recognised by {}\n",
            "",
            by.join("; ")
        ));
        let counts = [Field::AssetsDiscovered, Field::AssetsIngested]
            .map(|field| preset.fields.contains_key(&Target::Field(field)));
        let counted = match counts {
            [true, true] => "counts what was discovered and what was ingested",
            [true, false] => "counts what was discovered, not what was ingested",
            [false, true] => "counts what was ingested, not what was discovered",
            [false, false] => "counts neither what was discovered nor what was ingested",
        };
        out.push_str(&format!("{:<width$}  {counted}\n", ""));
    }
    out
}
