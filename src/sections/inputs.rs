//! What was read, what was set aside and why, and does the count add up?

use std::collections::BTreeMap;

use anyhow::Result;

use super::bounds::Bounded;
use super::columns::Basics;
use super::frames::{column, figure, grouped, plural};
use super::{Context, masked, systems};
use crate::errors;
use crate::input::reject::Code;
use crate::mapping::mapper::Tally;
use crate::render::format;
use crate::report::{
    Block, Cell, Column, Figure, Figures, Note, Notes, Place, Row, Section, Table, Tone, Unit,
};
use crate::runs::calendar::epoch_day;

/// Rejects that a report lists; the total stands beside them.
const REJECTS: usize = 1_000;
/// Conflicts that a report lists.
const CONFLICTS: usize = 1_000;

const READ: &str =
    "Every record of the files. A file that cannot be split into records counts as one.";
const USED: &str = "One record for each run on a day of the period, child runs included.";
const SUPERSEDED: &str = "A newer or more complete record of the same run was used.";
const REJECTED: &str =
    "Set aside because they cannot be used; each is listed with its place and the reason.";
const FILTERED: &str = "Records of runs left out by a filter that you gave.";
const OUTSIDE: &str = "Records of runs on a day before or after the period.";

/// Status words that nobody knows that a report quotes; the rest is counted.
const WORDS: usize = 20;
/// Notes on single files, and files that were not read, that a report lists; the rest is counted.
const FILE_NOTES: usize = 1_000;

/// What is said of books that do not balance.
pub(super) const UNBALANCED: &str = "the books do not balance: records read are not those used and those left out; do not rely on this report, and report this as a bug";

/// The totals of the books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// Records read.
    pub read: i64,
    /// Counted in the window.
    pub used: i64,
    /// Another record of the same run was better.
    pub superseded: i64,
    /// Set aside.
    pub rejected: i64,
    /// Left out by a filter.
    pub filtered: i64,
    /// On a day outside the window.
    pub outside_window: i64,
    /// True when every file's records add up.
    pub balanced: bool,
}

/// Adds up the books of every file.
pub(crate) fn reconciliation(context: &Context<'_>) -> Reconciliation {
    let mut total = Reconciliation {
        balanced: true,
        ..Reconciliation::default()
    };
    for (file, book) in context.files.iter().zip(&context.prepared.books) {
        let accounted =
            book.used + book.superseded + file.rejects.total + book.filtered + book.outside_window;
        total.balanced &= accounted == file.tally.read;
        total.read += file.tally.read;
        total.used += book.used;
        total.superseded += book.superseded;
        total.rejected += file.rejects.total;
        total.filtered += book.filtered;
        total.outside_window += book.outside_window;
    }
    total
}

/// What made the report: the program, its rules, and the call. Checksums of what it was made from are in the table of files.
pub fn provenance(command: &str) -> Figures {
    let text = |key, label, value: Option<String>, definition| Figure {
        value: Cell::text(value),
        ..figure(key, label, Unit::Id, definition)
    };
    let rules = format!(
        "masking {}, privacy {}, signatures {}",
        errors::mask_rules_version(),
        errors::privacy_rules_version(),
        errors::signature_rules_version()
    );
    let items = vec![
        text(
            "command",
            "Made by",
            (!command.is_empty()).then(|| command.to_owned()),
            "The call, to be typed again in the same folder. Options from rundown.toml and the environment are not in it: rundown config shows them.",
        ),
        text(
            "version",
            "Version",
            Some(format!("rundown {}", env!("CARGO_PKG_VERSION"))),
            "The program that made this report.",
        ),
        text(
            "rules",
            "Rules",
            Some(rules),
            "Versions of the lists by which secrets and personal data are hidden and errors are grouped. The same version gives the same result.",
        ),
    ];
    Figures {
        id: "provenance",
        title: "How this report was made",
        aside: false,
        items: Ok(items),
    }
}

fn of(
    id: &'static str,
    title: &'static str,
    note: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    total: usize,
) -> Block {
    let rows = rows
        .into_iter()
        .map(|cells| Row {
            cells,
            ..Row::default()
        })
        .collect();
    Block::Table(Table {
        total,
        ..Table::new(id, title, note, columns, rows)
    })
}

fn files(context: &Context<'_>) -> Block {
    let columns = vec![
        column("path", "File", Unit::Text, Place::Name),
        column("format", "Format", Unit::Text, Place::Column)
            .means("What the file holds, found from its content, and how it is compressed."),
        column("preset", "Preset", Unit::Text, Place::Column)
            .means("The mapping by which its records were read. A dash: no records."),
        column("read", "Read", Unit::Count, Place::Column).means(READ),
        column("used", "Used", Unit::Count, Place::Column).means(USED),
        column("superseded", "Superseded", Unit::Count, Place::Column).means(SUPERSEDED),
        column("rejected", "Rejected", Unit::Count, Place::Column).means(REJECTED),
        column("filtered", "Filtered", Unit::Count, Place::Column).means(FILTERED),
        column(
            "outside_window",
            "Outside the period",
            Unit::Count,
            Place::Column,
        )
        .means(OUTSIDE),
        column("sha256", "SHA-256", Unit::Id, Place::Detail)
            .means("Checksum of the file as it was read."),
    ];
    let rows: Vec<_> = context
        .files
        .iter()
        .zip(&context.prepared.books)
        .map(|(file, book)| {
            vec![
                Cell::Text(file.path.clone()),
                Cell::Text(file.format.clone()),
                Cell::text(file.preset.as_ref().map(|preset| preset.name.clone())),
                Cell::Int(file.tally.read),
                Cell::Int(book.used),
                Cell::Int(book.superseded),
                Cell::Int(file.rejects.total),
                Cell::Int(book.filtered),
                Cell::Int(book.outside_window),
                Cell::Text(file.sha256.clone()),
            ]
        })
        .collect();
    let total = rows.len();
    of("files", "Files", String::new(), columns, rows, total)
}

fn rejects(context: &Context<'_>) -> Block {
    let columns = vec![
        column("path", "File", Unit::Text, Place::Name),
        column("line", "Line", Unit::Count, Place::Column)
            .means("Line at which the record begins, counted from 1; its row in a Parquet file."),
        column("byte", "Byte", Unit::Count, Place::Machine)
            .means("Bytes of the file before the record, without compression; of a text that is not UTF-8, as UTF-8. A dash: not known."),
        column("column", "Column", Unit::Text, Place::Column)
            .means("The column or key at fault. A dash: the whole record."),
        column("index", "Column number", Unit::Count, Place::Machine)
            .means("Which column of a delimited text that is, counted from 1. A dash: not in columns."),
        column("code", "Code", Unit::Id, Place::Column)
            .means("Why the record was set aside. rundown explain CODE tells more."),
        column("value", "Found", Unit::Message, Place::Column)
            .means("What stands there, masked and cut."),
        column("hint", "Hint", Unit::Text, Place::Column)
            .means("What was expected, or what helps."),
    ];
    let number = |number: Option<u64>| Cell::int(number.and_then(|number| number.try_into().ok()));
    let total: i64 = context.files.iter().map(|file| file.rejects.total).sum();
    let rows: Vec<_> = context
        .files
        .iter()
        .flat_map(|file| file.rejects.kept.iter().map(move |reject| (file, reject)))
        .take(REJECTS)
        .map(|(file, reject)| {
            vec![
                Cell::Text(file.path.clone()),
                number(Some(reject.line)),
                number(reject.byte),
                Cell::text(reject.column.clone()),
                number(reject.index),
                Cell::Text(reject.code.key().to_owned()),
                Cell::Text(reject.value.clone()),
                Cell::Text(sentence(&reject.hint)),
            ]
        })
        .collect();
    let note = if total == 0 {
        "Every record could be used."
    } else {
        "Records that could not be used. They are in no number above."
    };
    of(
        "rejects",
        "Rejected records",
        note.to_owned(),
        columns,
        rows,
        usize::try_from(total).unwrap_or(usize::MAX),
    )
}

fn conflicts(context: &Context<'_>) -> Option<Block> {
    let prepared = context.prepared;
    if prepared.conflicts.is_empty() {
        return None;
    }
    let columns = vec![
        column("run_id", "Run", Unit::Id, Place::Name),
        column("scan", "Scan", Unit::Text, Place::Under),
        column("field", "Field", Unit::Text, Place::Column)
            .means("The status or count that the two records state differently."),
        column("kept", "Kept", Unit::Text, Place::Column).means("The value that counts."),
        column("said", "Other record", Unit::Text, Place::Column)
            .means("The value that does not count."),
        column("from", "Kept from", Unit::Text, Place::Column)
            .means("File and line of the record whose value is kept."),
        column("other", "Other from", Unit::Text, Place::Column)
            .means("File and line of the other record."),
    ];
    let place = |(file, line): (usize, u32)| {
        let path = context
            .files
            .get(file)
            .map_or("", |file| file.path.as_str());
        Cell::Text(format!("{path}:{line}"))
    };
    let rows = prepared
        .conflicts
        .iter()
        .take(CONFLICTS)
        .map(|conflict| {
            vec![
                Cell::text(conflict.run_id.clone()),
                Cell::text(conflict.scan.clone()),
                Cell::Text(conflict.field.to_owned()),
                Cell::Text(conflict.kept.clone()),
                Cell::Text(conflict.said.clone()),
                place(conflict.at),
                place(conflict.other_at),
            ]
        })
        .collect();
    let note = "Two finished records of one run state this differently. The record of the run itself is kept before one of a phase; then the one recorded last, ended last, the worse.".to_owned();
    Some(of(
        "conflicts",
        "Conflicts",
        note,
        columns,
        rows,
        prepared.conflicts.len(),
    ))
}

/// Runs without the name of their scan.
fn unnamed(context: &Context<'_>) -> Result<i64> {
    let scans = context.prepared.runs.frame().column("scan")?;
    Ok(i64::try_from(scans.null_count())?)
}

/// Where every record went, in words without an end.
pub(super) fn books(totals: &Reconciliation) -> String {
    let [read, used, superseded, rejected, filtered, outside] = [
        totals.read,
        totals.used,
        totals.superseded,
        totals.rejected,
        totals.filtered,
        totals.outside_window,
    ]
    .map(grouped);
    let records = if totals.read == 1 {
        "record"
    } else {
        "records"
    };
    format!(
        "{read} {records} read = {used} used + {superseded} superseded + {rejected} set aside + {filtered} filtered out + {outside} outside the period"
    )
}

/// Why the report cannot be relied on, for a reader to see first.
pub(super) fn alarms(context: &Context<'_>) -> Vec<Note> {
    let doubts = context.doubts();
    let note = |doubt: &String| Note {
        tone: Tone::Stop,
        text: format!("{}.", sentence(doubt)),
    };
    doubts.iter().map(note).collect()
}

fn notes(context: &Context<'_>) -> Result<Block> {
    let mut items = alarms(context);
    let mut say = |tone, text: String| items.push(Note { tone, text });
    let unnamed = unnamed(context)?;
    if unnamed > 0 {
        say(
            Tone::Warning,
            format!(
                "{} no scan, shown as (not named). Where the path of a file holds the names, use --path-template '{{source}}/{{scan}}.json'.",
                plural(unnamed, "run names", "runs name")
            ),
        );
    }
    let mut words: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    let mut tally = Tally::default();
    for file in context.files {
        for ((field, word), count) in &file.tally.unknown_statuses {
            *words.entry((field.label(), word)).or_insert(0) += count;
        }
        tally.add(&file.tally);
    }
    let (words, others) = most_frequent(words, WORDS);
    for ((field, word), count) in words {
        say(
            Tone::Warning,
            format!(
                "{field} {word:?} is no word that rundown knows: {}, counted as unknown.",
                plural(count, "record", "records")
            ),
        );
    }
    let [words, records] = others;
    if words > 0 {
        say(
            Tone::Warning,
            format!(
                "{} that rundown does not know: {}, counted as unknown.",
                plural(words, "more status word", "more status words"),
                plural(records, "record", "records")
            ),
        );
    }
    let of_files = context
        .files
        .iter()
        .flat_map(|file| file.notes.iter().map(move |note| (&file.path, note)));
    let mut more = 0;
    for (at, (path, note)) in of_files.enumerate() {
        if at < FILE_NOTES {
            say(Tone::Info, format!("{path}: {note}"));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        let notes = plural(more, "more note", "more notes");
        say(
            Tone::Info,
            format!("{notes} on files; rundown check tells them."),
        );
    }
    for (warns, text) in tally.notes() {
        say(if warns { Tone::Warning } else { Tone::Info }, text);
    }
    let window = &context.prepared.window;
    if !window.as_of_from_data {
        let basics = Basics::new(context.prepared.runs.frame())?;
        let as_of = epoch_day(window.as_of);
        let late = (0..basics.height).filter(|&row| basics.day(row) > as_of);
        let late = i64::try_from(late.count())?;
        if late > 0 {
            say(
                Tone::Warning,
                format!(
                    "{} after the day of --as-of, {}: a clock or the day is wrong.",
                    plural(late, "run lies", "runs lie"),
                    format::date(window.as_of)
                ),
            );
        }
    }
    let mut codes: BTreeMap<Code, i64> = BTreeMap::new();
    for (code, count) in context.files.iter().flat_map(|file| &file.rejects.by_code) {
        *codes.entry(*code).or_insert(0) += count;
    }
    for (code, count) in codes {
        say(
            Tone::Warning,
            format!(
                "{}: {}. {}.",
                code.key(),
                plural(count, "record", "records"),
                sentence(code.hint())
            ),
        );
    }
    // Those that show a failed export come first.
    let (alarming, plain): (Vec<_>, Vec<_>) =
        context.skipped.iter().partition(|file| file.is_alarming());
    let left_out = context.skipped.len().saturating_sub(FILE_NOTES);
    for skipped in alarming.into_iter().chain(plain).take(FILE_NOTES) {
        let reason = skipped.reason.lines().next().unwrap_or_default();
        let code = skipped.code.map(|code| format!(" ({})", code.key()));
        say(
            if skipped.is_alarming() {
                Tone::Warning
            } else {
                Tone::Info
            },
            format!(
                "{} was skipped: {reason}{}.",
                skipped.path,
                code.unwrap_or_default()
            ),
        );
    }
    if left_out > 0 {
        let files = i64::try_from(left_out).unwrap_or(i64::MAX);
        let files = plural(files, "more file was", "more files were");
        say(
            Tone::Info,
            format!("{files} skipped; --rejects lists those with a code."),
        );
    }
    Ok(Block::Notes(Notes { id: "notes", items }))
}

/// The most frequent of these, in order of their names, and how many others there are with how many records.
fn most_frequent<K: Ord + Copy>(
    counts: BTreeMap<K, i64>,
    most: usize,
) -> (Vec<(K, i64)>, [i64; 2]) {
    let mut all: Vec<_> = counts.into_iter().collect();
    // In order of names so far, so that it decides between equal counts.
    all.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let rest = all.split_off(most.min(all.len()));
    all.sort_by_key(|&(name, _)| name);
    let records = rest.iter().map(|(_, count)| count).sum();
    let others = i64::try_from(rest.len()).unwrap_or(i64::MAX);
    (all, [others, records])
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let totals = reconciliation(context);
    let item = |key, label, value, definition| Figure {
        value: Cell::Int(value),
        ..figure(key, label, Unit::Count, definition)
    };
    let figures = vec![
        item("read", "Records read", totals.read, READ),
        item("used", "Used", totals.used, USED),
        item("superseded", "Superseded", totals.superseded, SUPERSEDED),
        item("rejected", "Rejected", totals.rejected, REJECTED),
        item("filtered", "Filtered out", totals.filtered, FILTERED),
        item(
            "outside_window",
            "Outside the period",
            totals.outside_window,
            OUTSIDE,
        ),
        item(
            "conflicts",
            "Runs with conflicts",
            context.prepared.conflicting_runs,
            "Two finished records of one run that disagree.",
        ),
        Figure {
            value: Cell::Bool(totals.balanced),
            ..figure(
                "balanced",
                "Balanced",
                Unit::Flag,
                "Records read = used + superseded + rejected + filtered + outside, for each file and in total.",
            )
        },
    ];
    let lead = format!("{}.", books(&totals));
    let mut blocks = vec![
        Block::Figures(Figures {
            id: "reconciliation",
            title: "",
            aside: false,
            items: Ok(figures),
        }),
        notes(context)?,
    ];
    let Bounded { table, rest } = systems::table(context)?;
    blocks.push(Block::Table(table));
    blocks.extend(rest);
    blocks.extend([files(context), rejects(context)]);
    blocks.extend(masked::blocks(context));
    blocks.extend(conflicts(context));
    Ok(Section {
        id: "inputs",
        title: "Inputs",
        lead,
        blocks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_are_kept_and_the_rest_is_counted() {
        let counts = BTreeMap::from([("a", 1), ("b", 5), ("c", 2), ("d", 2), ("e", 9)]);
        // Of c and d, which are as frequent, the first by name.
        let (kept, rest) = most_frequent(counts.clone(), 3);
        assert_eq!(kept, [("b", 5), ("c", 2), ("e", 9)]);
        assert_eq!(rest, [2, 3]);
        let (kept, rest) = most_frequent(counts, 5);
        assert_eq!((kept.len(), rest), (5, [0, 0]));
    }
}
