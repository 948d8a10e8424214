//! Charts as characters, to be read without colour.

use chrono::NaiveDate;
use unicode_width::UnicodeWidthStr;

use super::escape;
use crate::render::format;
use crate::report::{Cell, MARKS, NO_DATA, NO_RUN, Table, Term};

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Buckets in one line of little bars.
const LINE: usize = 62;

/// Characters of a bar at its longest.
const BAR: i64 = 20;

/// Lines in a fence that they cannot close.
pub(super) fn fence(lines: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in lines.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let ticks = "`".repeat(longest.max(2) + 1);
    format!("{ticks}text\n{}\n{ticks}\n", lines.trim_end_matches('\n'))
}

/// The place of a column.
pub(super) fn position(table: &Table, key: &str) -> Option<usize> {
    table.columns.iter().position(|column| column.key == key)
}

fn flag(table: &Table, row: usize, key: &str) -> bool {
    position(table, key).is_some_and(|at| table.rows[row].cells[at] == Cell::Bool(true))
}

fn number(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Int(value) => Some((*value).max(0)),
        _ => None,
    }
}

fn date(table: &Table, row: usize, key: &str) -> Option<NaiveDate> {
    match table.rows.get(row)?.cells[position(table, key)?] {
        Cell::Date(date) => Some(date),
        _ => None,
    }
}

/// The dates of a row of bars in words: `19 Nov 2026`, `16 Nov to 22 Nov 2026`, `November 2026`.
pub(super) fn period(table: &Table, row: usize, by: &str) -> String {
    match (date(table, row, "start"), date(table, row, "last")) {
        (Some(first), _) if by == "month" => first.format("%B %Y").to_string(),
        (Some(first), Some(last)) if first != last => {
            format!("{} to {}", first.format("%-d %b"), format::date(last))
        }
        (Some(first), _) => format::date(first),
        (None, _) => format::DASH.to_owned(),
    }
}

/// True when the row of bars lies outside the data.
pub(super) fn no_data(table: &Table, row: usize) -> bool {
    flag(table, row, "no_data")
}

/// True when the data holds a part of the row's dates only.
pub(super) fn incomplete(table: &Table, row: usize) -> bool {
    flag(table, row, "partial_period") && !no_data(table, row)
}

/// One line of little bars for all runs and one for the failed.
pub(super) fn sparklines(table: &Table, by: &str, stack: &[&'static str]) -> Option<String> {
    let mut keys: Vec<&str> = ["runs", "failed"]
        .into_iter()
        .filter(|key| position(table, key).is_some())
        .collect();
    if keys.is_empty() {
        keys = stack.to_vec();
    }
    let lines: Vec<(&str, Vec<Option<i64>>, i64)> = keys
        .iter()
        .filter_map(|key| {
            let at = position(table, key)?;
            let value = |(row, cells): (usize, &crate::report::Row)| {
                number(&cells.cells[at]).filter(|_| !no_data(table, row))
            };
            let values: Vec<_> = table.rows.iter().enumerate().map(value).collect();
            let most = values.iter().flatten().copied().max().unwrap_or(0);
            Some((table.columns[at].label, values, most))
        })
        .collect();
    let wide = lines.iter().map(|(label, ..)| label.width()).max()?;
    let mut out = String::new();
    for from in (0..table.rows.len()).step_by(LINE) {
        let to = table.rows.len().min(from + LINE);
        if from > 0 {
            out.push('\n');
        }
        for (label, values, most) in &lines {
            let drawn: String = values[from..to].iter().map(|v| level(*v, *most)).collect();
            let fill = " ".repeat(wide - label.width());
            let unit = if *most == 0 {
                "none".to_owned()
            } else {
                format!("up to {} a {by}", format::count(*most))
            };
            out.push_str(&format!("{label}{fill}  {drawn}  {unit}\n"));
        }
        let short = |row, key| {
            date(table, row, key).map_or_else(String::new, |d| d.format("%-d %b").to_string())
        };
        let (first, last) = (short(from, "start"), short(to - 1, "last"));
        let gap = (to - from)
            .saturating_sub(first.width() + last.width())
            .max(1);
        out.push_str(&format!(
            "{}  {first}{}{last}\n",
            " ".repeat(wide),
            " ".repeat(gap)
        ));
    }
    Some(fence(&out))
}

fn level(value: Option<i64>, most: i64) -> char {
    match value {
        None => ' ',
        Some(0) => '·',
        Some(value) => {
            let step = (i128::from(value) * 8 - 1) / i128::from(most.max(1));
            LEVELS[usize::try_from(step).unwrap_or(0).min(7)]
        }
    }
}

/// One bar for each row: the first kind of the stack dark, the last light, the others between.
pub(super) fn stacked(table: &Table, stack: &[&str]) -> Vec<String> {
    let places: Vec<usize> = stack
        .iter()
        .filter_map(|key| position(table, key))
        .collect();
    let parts = |row: usize| -> [i64; 3] {
        let mut parts = [0i64; 3];
        for (at, place) in places.iter().enumerate() {
            let kind = match at {
                0 => 0,
                at if at + 1 == places.len() => 2,
                _ => 1,
            };
            let value = number(&table.rows[row].cells[*place]).unwrap_or(0);
            parts[kind] = parts[kind].saturating_add(value);
        }
        parts
    };
    let all: Vec<[i64; 3]> = (0..table.rows.len()).map(parts).collect();
    let sum = |parts: &[i64; 3]| {
        parts
            .iter()
            .fold(0i64, |sum, part| sum.saturating_add(*part))
    };
    let most = all.iter().map(sum).max().unwrap_or(0);
    all.iter()
        .map(|parts| {
            let mut floor = 0i64;
            let mut drawn = 0;
            let mut out = String::new();
            for (part, sign) in parts.iter().zip(['█', '▒', '░']) {
                floor = floor.saturating_add(*part);
                let end = scaled(floor, most);
                // What is there can be seen.
                let length = (end - drawn).max(i64::from(*part > 0));
                out.extend((0..length).map(|_| sign));
                drawn += length;
            }
            out
        })
        .collect()
}

/// What the shades of [`stacked`] stand for.
pub(super) fn stack_legend(table: &Table, stack: &[&str]) -> String {
    let label = |key: &&str| position(table, key).map(|at| table.columns[at].label.to_lowercase());
    let labels: Vec<String> = stack.iter().filter_map(label).collect();
    match labels.as_slice() {
        [] => String::new(),
        [only] => format!("Bars: █ {only}."),
        [first, last] => format!("Bars: █ {first}, ░ {last}."),
        [first, between @ .., last] => {
            format!("Bars: █ {first}, ▒ {}, ░ {last}.", between.join(", "))
        }
    }
}

fn scaled(value: i64, most: i64) -> i64 {
    let length = i128::from(value) * i128::from(BAR) / i128::from(most.max(1));
    i64::try_from(length).unwrap_or(BAR)
}

/// One bar for each row: up to the usual value dark, to the long one lighter, to the longest light.
pub(super) fn ranges(table: &Table, keys: &[&str; 3]) -> Vec<String> {
    let places = keys.map(|key| position(table, key));
    let values = |row: usize| places.map(|at| number(&table.rows[row].cells[at?]));
    let all: Vec<[Option<i64>; 3]> = (0..table.rows.len()).map(values).collect();
    let most = all.iter().flatten().flatten().copied().max().unwrap_or(0);
    all.iter()
        .map(|values| {
            let mut out = String::new();
            let mut drawn = 0;
            for (value, sign) in values.iter().zip(['█', '▒', '░']) {
                let Some(value) = value else { continue };
                let least = i64::from(drawn == 0 && *value > 0);
                let length = (scaled(*value, most) - drawn).max(least);
                out.extend((0..length).map(|_| sign));
                drawn += length;
            }
            out
        })
        .collect()
}

/// What the shades of [`ranges`] stand for.
pub(super) fn range_legend(table: &Table, keys: &[&str; 3]) -> String {
    let parts: Vec<String> = keys
        .iter()
        .zip(['█', '▒', '░'])
        .filter_map(|(key, sign)| {
            let at = position(table, key)?;
            Some(format!(
                "{sign} up to {}",
                table.columns[at].label.to_lowercase()
            ))
        })
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    format!("Bars, all on one scale: {}.", parts.join(", "))
}

/// One bar for each row, as long as its share.
pub(super) fn shares(table: &Table, key: &str) -> Vec<String> {
    let at = position(table, key);
    let bar = |row: &crate::report::Row| match at.map(|at| &row.cells[at]) {
        Some(Cell::Float(share)) if share.is_finite() && *share > 0.0 => {
            let steps = (1..=BAR).filter(|step| share * BAR as f64 >= *step as f64 - 0.5);
            "█".repeat(steps.count().max(1))
        }
        _ => String::new(),
    };
    table.rows.iter().map(bar).collect()
}

/// Signs of the parts of a whole, in order, and of the rest.
const PARTS: [char; 4] = ['█', '▓', '▒', '░'];

/// One bar for each row, all of one length: the parts of the whole, and what is in none of them.
pub(super) fn parts(table: &Table, whole: &str, parts: &[&str]) -> Vec<String> {
    let value = |row: &crate::report::Row, key: &str| {
        let cell = position(table, key).and_then(|at| number(&row.cells[at]));
        cell.unwrap_or(0).max(0)
    };
    let bar = |row: &crate::report::Row| {
        let values: Vec<i64> = parts.iter().map(|key| value(row, key)).collect();
        let sum = values
            .iter()
            .fold(0i64, |sum, part| sum.saturating_add(*part));
        let most = value(row, whole).max(sum);
        if most == 0 {
            return String::new();
        }
        let mut out = String::new();
        let (mut floor, mut drawn) = (0i64, 0i64);
        for (part, sign) in values.iter().zip(PARTS) {
            floor = floor.saturating_add(*part);
            // What is there can be seen.
            let length = (scaled(floor, most) - drawn).max(i64::from(*part > 0));
            out.extend((0..length).map(|_| sign));
            drawn += length;
        }
        out.extend((drawn..BAR).map(|_| PARTS[3]));
        out
    };
    table.rows.iter().map(bar).collect()
}

/// What the signs of [`parts`] stand for.
pub(super) fn parts_legend(table: &Table, parts: &[&str], rest: &str) -> String {
    let labels = parts.iter().zip(PARTS).filter_map(|(key, sign)| {
        let at = position(table, key)?;
        Some(format!("{sign} {}", table.columns[at].label.to_lowercase()))
    });
    let labels: Vec<String> = labels.collect();
    format!(
        "Bars: {}, {} {}.",
        labels.join(", "),
        PARTS[3],
        rest.to_lowercase()
    )
}

/// The mark for a letter of a strip, and what it stands for.
const STRIP: [(char, char, &str); 8] = [
    ('s', 'o', "succeeded"),
    ('p', '!', "partial"),
    ('f', 'X', "failed"),
    ('c', 'c', "cancelled"),
    ('a', '>', "active"),
    ('u', '?', "unknown"),
    (NO_RUN, '.', "no run"),
    (NO_DATA, '_', "no data"),
];

/// A strip in marks that can be told apart without colour.
pub(super) fn strip(letters: &str) -> String {
    letters
        .chars()
        .map(|letter| {
            let known = STRIP.iter().find(|(known, ..)| *known == letter);
            known.map_or('?', |(_, mark, _)| *mark)
        })
        .collect()
}

/// What the marks of some strips stand for; only those that occur.
pub(super) fn strip_legend(strips: &str, terms: &[Term]) -> String {
    let words: Vec<String> = STRIP
        .iter()
        .filter(|(letter, ..)| strips.contains(*letter))
        .map(|(letter, mark, word)| {
            let known = MARKS.iter().find(|(known, _)| known == letter);
            let label = known
                .and_then(|(_, word)| format::term(terms, word))
                .map_or_else(|| (*word).to_owned(), |term| term.label.to_lowercase());
            format!("`{mark}` {label}")
        })
        .collect();
    words.join(", ")
}

/// A grid of shades: a row of the table in each line, a column in every third place.
pub(super) fn grid(table: &Table, name: usize, columns: &[usize]) -> String {
    let value = |row: usize, at: usize| number(&table.rows[row].cells[at]);
    let most = (0..table.rows.len())
        .flat_map(|row| columns.iter().filter_map(move |&at| value(row, at)))
        .max()
        .unwrap_or(0);
    let names: Vec<String> = table
        .rows
        .iter()
        .map(|row| match &row.cells[name] {
            Cell::Text(text) => escape::line(text),
            Cell::Int(number) => number.to_string(),
            _ => format::NOT_NAMED.to_owned(),
        })
        .map(|name| format::cut(&name, 24).0.to_owned())
        .collect();
    let wide = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let mut out = " ".repeat(wide);
    for &at in columns {
        let label: String = escape::line(table.columns[at].label)
            .chars()
            .take(2)
            .collect();
        out.push_str(&format!(" {label:>2}"));
    }
    out.push('\n');
    for (row, name) in names.iter().enumerate() {
        out.push_str(name);
        out.push_str(&" ".repeat(wide - name.width()));
        for &at in columns {
            let shade = match value(row, at) {
                None => "  ",
                Some(0) => " ·",
                Some(value) => {
                    let step = (i128::from(value) * 4 - 1) / i128::from(most.max(1));
                    ["░░", "▒▒", "▓▓", "██"][usize::try_from(step).unwrap_or(0).min(3)]
                }
            };
            out.push(' ');
            out.push_str(shade);
        }
        out.push('\n');
    }
    let legend = if most == 0 {
        String::new()
    } else {
        let quarter = |n: i64| i64::try_from(i128::from(most) * i128::from(n) / 4).unwrap_or(most);
        // Of few, not every shade is used.
        let steps: String = (1..)
            .zip(['░', '▒', '▓', '█'])
            .filter(|(n, _)| quarter(*n) > quarter(n - 1))
            .map(|(n, shade)| format!(", `{shade}` up to {}", format::count(quarter(n))))
            .collect();
        format!("\n`·` none{steps}.\n")
    };
    format!("{}{legend}", fence(&out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_a_strip_has_its_own_mark() {
        let letters: String = MARKS
            .iter()
            .map(|(letter, _)| *letter)
            .chain([NO_RUN, NO_DATA])
            .collect();
        let marks = strip(&letters);
        assert_eq!(marks, "o!Xc>?._");
        for (at, mark) in marks.char_indices() {
            assert_eq!(marks.find(mark), Some(at));
        }
        assert_eq!(
            strip_legend("ss.f", &[]),
            "`o` succeeded, `X` failed, `.` no run"
        );
    }

    #[test]
    fn levels_use_the_whole_height() {
        let drawn: String = [None, Some(0), Some(1), Some(50), Some(100)]
            .map(|value| level(value, 100))
            .iter()
            .collect();
        assert_eq!(drawn, " ·▁▄█");
        assert_eq!(level(Some(i64::MAX), i64::MAX), '█');
    }

    #[test]
    fn a_fence_is_longer_than_any_run_in_it() {
        assert_eq!(fence("a"), "```text\na\n```\n");
        assert_eq!(fence("a```b"), "````text\na```b\n````\n");
    }
}
