//! How raw values become words.
//!
//! Every format that people read shows a value the same way, so that a number in a ticket can be
//! found again on the page. JSON does not come here: it carries the values as they are.
//!
//! Text from a log passes through [`text`], which takes out control characters. Escaping for HTML,
//! Markdown or a terminal is the business of the renderer.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Timelike as _};
use chrono_tz::Tz;

use crate::report::{Cell, Column, Place, Report, Row, Table, Term, Tone, Unit};

/// What stands in the place of a value that is not known, not given, or not defined.
pub const DASH: &str = "–";

/// What stands where a row has no name.
pub const NOT_NAMED: &str = "(not named)";

/// A message longer than this many characters is cut by formats that people read.
pub const MESSAGE_LIMIT: usize = 500;

/// A value as a reader sees it. Messages come out whole; [`cut`] shortens them.
pub fn cell(cell: &Cell, unit: Unit, zone: Tz) -> String {
    match cell {
        Cell::Null => DASH.to_owned(),
        Cell::Text(value) => text(value).into_owned(),
        Cell::Bool(value) => if *value { "yes" } else { "no" }.to_owned(),
        Cell::Date(value) => date(*value),
        Cell::Time(micros) => time(*micros, zone),
        Cell::Int(value) => match unit {
            Unit::Duration => duration(*value),
            Unit::Bytes => bytes(*value),
            Unit::Share => share(*value as f64),
            Unit::Difference => difference(cell, Unit::Count),
            _ => count(*value),
        },
        Cell::Float(value) => match unit {
            Unit::Share => share(*value),
            Unit::Difference => difference(cell, Unit::Share),
            Unit::Duration => duration(whole(*value)),
            Unit::Bytes => bytes(whole(*value)),
            _ => decimal(*value),
        },
    }
}

/// A difference with its sign; 0 as a plain 0.
fn difference(value: &Cell, unit: Unit) -> String {
    match value {
        Cell::Int(0) => "0".to_owned(),
        _ => change(value, &Cell::Int(0), unit).unwrap_or_else(|| DASH.to_owned()),
    }
}

/// The difference to the previous period, for example `+34` or `−4.3 points`.
///
/// The words are neutral: whether more runs are good news is not for a renderer to say. There is no
/// difference when one of the two values is missing or is not a number.
pub fn change(value: &Cell, previous: &Cell, unit: Unit) -> Option<String> {
    let number = |cell: &Cell| match cell {
        Cell::Int(value) => Some(*value as f64),
        Cell::Float(value) => Some(*value),
        _ => None,
    };
    let difference = number(value)? - number(previous)?;
    if !difference.is_finite() {
        return None;
    }
    let size = difference.abs();
    let words = match unit {
        Unit::Share => {
            let points = format!("{:.1}", size * 100.0);
            if points == "0.0" {
                return Some(
                    if size == 0.0 {
                        "no change"
                    } else {
                        "almost no change"
                    }
                    .to_owned(),
                );
            }
            let noun = if points == "1.0" { "point" } else { "points" };
            format!("{points} {noun}")
        }
        Unit::Duration => duration(whole(size)),
        Unit::Bytes => bytes(whole(size)),
        _ if size.fract() == 0.0 => count(whole(size)),
        _ => decimal(size),
    };
    Some(if size == 0.0 {
        "no change".to_owned()
    } else {
        format!("{}{words}", if difference < 0.0 { '−' } else { '+' })
    })
}

/// A count with its thousands apart: `2,556`.
pub fn count(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut words = String::with_capacity(digits.len() + digits.len() / 3 + 3);
    if value < 0 {
        words.push('−');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

/// A fraction in per cent: `90.8%`. Only nothing is `0%`, and only everything is `100%`.
pub fn share(fraction: f64) -> String {
    if !fraction.is_finite() {
        return DASH.to_owned();
    }
    let percent = fraction * 100.0;
    if percent == 0.0 {
        "0%".to_owned()
    } else if (fraction - 1.0).abs() < f64::EPSILON {
        "100%".to_owned()
    } else if percent > 0.0 && percent < 0.05 {
        "<0.1%".to_owned()
    } else if percent > 99.9 && percent < 100.0 {
        ">99.9%".to_owned()
    } else {
        format!("{percent:.1}%").replace('-', "−")
    }
}

/// Milliseconds in the two units that matter: `850 ms`, `4.2 s`, `6m 27s`, `1h 04m`, `3d 04h`.
pub fn duration(millis: i64) -> String {
    let sign = if millis < 0 { "−" } else { "" };
    let millis = millis.unsigned_abs();
    let seconds = millis.saturating_add(500) / 1000;
    let minutes = millis.saturating_add(30_000) / 60_000;
    let hours = millis.saturating_add(1_800_000) / 3_600_000;
    let words = if millis < 1_000 {
        format!("{millis} ms")
    } else if millis < 9_950 {
        format!("{:.1} s", millis as f64 / 1000.0)
    } else if seconds < 60 {
        format!("{seconds} s")
    } else if seconds < 3_600 {
        format!("{}m {:02}s", seconds / 60, seconds % 60)
    } else if minutes < 48 * 60 {
        format!("{}h {:02}m", minutes / 60, minutes % 60)
    } else {
        format!("{}d {:02}h", hours / 24, hours % 24)
    };
    format!("{sign}{words}")
}

/// Bytes in decimal units: `3.4 GB`.
pub fn bytes(value: i64) -> String {
    let sign = if value < 0 { "−" } else { "" };
    let mut size = value.unsigned_abs() as f64;
    if size < 1000.0 {
        return format!("{sign}{size} B");
    }
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB", "PB", "EB"] {
        // 999.95 would be shown as 1000.0 of the smaller unit.
        if size < 999.95 {
            break;
        }
        size /= 1000.0;
        unit = larger;
    }
    format!("{sign}{size:.1} {unit}")
}

/// Systems that the head of a report names.
const SYSTEMS: usize = 6;

/// An instant in the report's zone: `2026-11-19 02:00`.
pub fn time(micros: i64, zone: Tz) -> String {
    local(micros, zone).map_or_else(
        || DASH.to_owned(),
        |at| format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute()),
    )
}

/// An instant to the second: `2026-11-19 02:00:07`. The date is left out where it is `today`.
pub fn clock(micros: i64, zone: Tz, today: Option<NaiveDate>) -> String {
    let Some(at) = local(micros, zone) else {
        return DASH.to_owned();
    };
    let clock = format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
    if today == Some(at.date()) {
        clock
    } else {
        format!("{} {clock}", at.date())
    }
}

/// The date of an instant in the report's zone.
pub fn local_date(micros: i64, zone: Tz) -> Option<NaiveDate> {
    local(micros, zone).map(|at| at.date())
}

fn local(micros: i64, zone: Tz) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_micros(micros)
        .map(|instant| instant.with_timezone(&zone).naive_local())
}

/// A calendar date: `19 Nov 2026`.
pub fn date(value: NaiveDate) -> String {
    value.format("%-d %b %Y").to_string()
}

/// A range of dates, both ends inclusive: `1 Nov 2026 to 7 Nov 2026`, or one date.
fn span(first: NaiveDate, last: NaiveDate) -> String {
    if first == last {
        date(first)
    } else {
        format!("{} to {}", date(first), date(last))
    }
}

/// What the head of a report says below its title, each with a label.
pub fn facts(report: &Report, zone: Tz) -> Vec<(&'static str, String)> {
    let window = &report.window;
    let days = plural(usize::try_from(window.days).unwrap_or(0), "day", "days");
    let mut facts = vec![
        (
            "Period",
            format!("{} ({days})", span(window.first, window.last)),
        ),
        (
            "Compared with",
            match &window.previous {
                Some(previous) => span(previous.first, previous.last),
                None => "nothing: no earlier data".to_owned(),
            },
        ),
        ("As of", date(report.as_of)),
    ];
    if let Some(newest) = report.data.newest_at {
        facts.push(("Newest data", time(newest, zone)));
    }
    facts.push(("Time zone", report.time_zone.clone()));
    let systems = &report.data.systems;
    let named = &systems[..systems.len().min(SYSTEMS)];
    if !named.is_empty() {
        let more = match systems.len() - named.len() {
            0 => String::new(),
            more => format!(" and {} more", size(more)),
        };
        let label = if systems.len() == 1 {
            "System"
        } else {
            "Systems"
        };
        let named = named.join(", ");
        facts.push((label, format!("{}{more}", text(&named))));
    }
    facts
}

/// A count and its noun: `1 run`, `2,556 runs`.
pub fn plural(n: usize, one: &str, many: &str) -> String {
    let noun = if n == 1 { one } else { many };
    format!("{} {noun}", size(n))
}

/// A length as a count. No list is longer than an `i64` can say.
pub fn size(n: usize) -> String {
    count(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The term that explains a word of the vocabulary.
pub fn term<'a>(terms: &'a [Term], word: &str) -> Option<&'a Term> {
    terms.iter().find(|term| term.word == word)
}

/// The word before a note.
pub fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Info => "Note",
        Tone::Warning => "Check",
        Tone::Urgent => "Act now",
        Tone::Stop => "Stop",
    }
}

/// A scan in words: its source and name, or what of them there is.
pub fn scan_name(scan: &Cell, source: &Cell) -> Option<String> {
    match (source, scan) {
        (Cell::Text(source), Cell::Text(scan)) if source != scan => {
            Some(format!("{source} / {scan}"))
        }
        (_, Cell::Text(one)) | (Cell::Text(one), _) => Some(one.clone()),
        _ => None,
    }
}

/// The column of the source, where it stands with the name of the scan and not by itself.
fn source_of_scan(table: &Table) -> Option<usize> {
    let find = |key| table.columns.iter().position(|column| column.key == key);
    let named = matches!(
        table.columns[find("scan")?].place,
        Place::Name | Place::Under
    );
    find("source").filter(|&at| named && table.columns[at].place == Place::Under)
}

/// The columns shown in a place, with their positions. Without a name there is nothing to stand under, and the source
/// of a scan stands with its name.
pub fn columns(table: &Table, wanted: Place) -> impl Iterator<Item = (usize, &Column)> {
    let source = source_of_scan(table);
    let named = table
        .columns
        .iter()
        .any(|column| column.place == Place::Name);
    let columns = table.columns.iter().enumerate();
    columns.filter(move |(at, column)| {
        let place = match column.place {
            Place::Under if !named => Place::Column,
            place => place,
        };
        place == wanted && source != Some(*at)
    })
}

/// A cell as readers see it: a scan is named by its source too.
pub fn shown<'a>(table: &Table, row: &'a Row, at: usize) -> Cow<'a, Cell> {
    let cell = &row.cells[at];
    let column = &table.columns[at];
    if column.key != "scan" {
        return Cow::Borrowed(cell);
    }
    match source_of_scan(table).map(|source| &row.cells[source]) {
        Some(Cell::Text(source)) if *cell == Cell::Null && column.place == Place::Name => {
            Cow::Owned(Cell::Text(format!("{source} / {NOT_NAMED}")))
        }
        Some(source) => Cow::Owned(Cell::text(scan_name(cell, source))),
        None => Cow::Borrowed(cell),
    }
}

/// Text in which what cannot be seen is named, as `<U+202E>`. Line breaks and tabs stay; every
/// line break becomes `\n`.
///
/// A log may carry escape sequences or NUL bytes, which act on terminals and are not allowed in HTML, characters that
/// turn the direction of the text around them, and such that have no width: they make a name look like another.
pub fn text(value: &str) -> Cow<'_, str> {
    if !value.contains(is_unseen) {
        return Cow::Borrowed(value);
    }
    let mut shown = String::with_capacity(value.len() + 8);
    let value = value.replace("\r\n", "\n");
    for c in value.replace(['\r', '\u{2028}', '\u{2029}'], "\n").chars() {
        if is_unseen(c) {
            shown.push_str(&format!("<U+{:04X}>", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// JSON in which what cannot be seen is escaped, as `\u202e`: it says the same and acts on no terminal.
pub fn escaped(json: &str) -> Cow<'_, str> {
    if !has_unseen(json) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 8);
    // Outside of texts, JSON is plain ASCII, so these stand in texts only.
    for c in json.chars() {
        if is_unseen(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// True where a text has a character that cannot be seen. A report of megabytes is plain ASCII nearly everywhere, which is
/// looked through in blocks.
fn has_unseen(text: &str) -> bool {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    let mut rest = text;
    loop {
        let blocks = rest.as_bytes().chunks(64);
        let plain =
            blocks.take_while(|block| block.iter().fold(true, |all, byte| all & is_plain(byte)));
        let skipped: usize = plain.map(<[u8]>::len).sum();
        let plain = rest.as_bytes()[skipped..]
            .iter()
            .take_while(|byte| is_plain(byte));
        rest = &rest[skipped + plain.count()..];
        let mut chars = rest.chars();
        match chars.next() {
            None => return false,
            Some(c) if is_unseen(c) => return true,
            Some(_) => rest = chars.as_str(),
        }
    }
}

/// Controls, marks of direction, characters without width, and code points that are no characters; but not the joiners that some scripts need, nor
/// line breaks and tabs.
fn is_unseen(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        // The last two of each plane are no characters, and may not stand in HTML.
        _ => c.is_control() || u32::from(c) & 0xfffe == 0xfffe,
    }
}

/// The first `limit` characters of a text, and how many characters are left out.
pub fn cut(value: &str, limit: usize) -> (&str, usize) {
    match value.char_indices().nth(limit) {
        None => (value, 0),
        Some((end, _)) => (&value[..end], value[end..].chars().count()),
    }
}

/// A number that is no count: two decimals.
fn decimal(value: f64) -> String {
    if value.is_finite() {
        format!("{value:.2}").replace('-', "−")
    } else {
        DASH.to_owned()
    }
}

/// The nearest integer. The cast saturates, and no duration or size comes near the limits.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, which is what is wanted"
)]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_apart() {
        let shown = [0, 7, 999, 1_000, 2_556, 1_234_567, -42, -1_000].map(count);
        assert_eq!(
            shown,
            [
                "0",
                "7",
                "999",
                "1,000",
                "2,556",
                "1,234,567",
                "−42",
                "−1,000"
            ]
        );
        assert_eq!(count(i64::MIN), "−9,223,372,036,854,775,808");
    }

    #[test]
    fn shares_never_round_to_all_or_nothing() {
        let shown = [0.0, 0.0004, 0.005, 0.5, 0.9078, 0.9996, 1.0, f64::NAN].map(share);
        assert_eq!(
            shown,
            [
                "0%", "<0.1%", "0.5%", "50.0%", "90.8%", ">99.9%", "100%", "–"
            ]
        );
    }

    #[test]
    fn durations_show_two_units() {
        let cases = [
            (0, "0 ms"),
            (850, "850 ms"),
            (4_200, "4.2 s"),
            (9_960, "10 s"),
            (59_499, "59 s"),
            (59_999, "1m 00s"),
            (387_000, "6m 27s"),
            (3_599_600, "1h 00m"),
            (3_840_000, "1h 04m"),
            (90_000_000, "25h 00m"),
            (273_600_000, "3d 04h"),
            (-850, "−850 ms"),
        ];
        for (millis, shown) in cases {
            assert_eq!(duration(millis), shown);
        }
        assert_eq!(duration(i64::MAX), "106751991167d 07h");
    }

    #[test]
    fn bytes_are_decimal() {
        let shown = [0, 999, 1_000, 999_949, 999_950, 3_400_000_000].map(bytes);
        assert_eq!(
            shown,
            ["0 B", "999 B", "1.0 kB", "999.9 kB", "1.0 MB", "3.4 GB"]
        );
        assert_eq!(bytes(i64::MAX), "9.2 EB");
    }

    #[test]
    fn times_are_shown_in_the_zone_of_the_report() {
        let winter = Cell::Time(1_795_050_000_000_000);
        assert_eq!(cell(&winter, Unit::Time, Tz::UTC), "2026-11-19 01:00");
        assert_eq!(
            cell(&winter, Unit::Time, Tz::Europe__Berlin),
            "2026-11-19 02:00"
        );
        assert_eq!(cell(&Cell::Time(i64::MAX), Unit::Time, Tz::UTC), DASH);

        let at = 1_795_050_007_000_000;
        assert_eq!(clock(at, Tz::Europe__Berlin, None), "2026-11-19 02:00:07");
        assert_eq!(
            clock(at, Tz::Europe__Berlin, local_date(at, Tz::Europe__Berlin)),
            "02:00:07"
        );
    }

    #[test]
    fn a_missing_value_is_a_dash_and_never_zero() {
        for unit in [
            Unit::Text,
            Unit::Count,
            Unit::Share,
            Unit::Duration,
            Unit::Time,
            Unit::Flag,
        ] {
            assert_eq!(cell(&Cell::Null, unit, Tz::UTC), DASH);
        }
    }

    #[test]
    fn control_characters_do_not_reach_a_reader() {
        for (value, shown) in [
            ("a\u{1b}[31m\0\r\nb\tc", "a<U+001B>[31m<U+0000>\nb\tc"),
            ("a\rb\u{2028}c", "a\nb\nc"),
            (
                "\u{202e}gpj\u{200b}.exe\u{feff}",
                "<U+202E>gpj<U+200B>.exe<U+FEFF>",
            ),
            ("\u{fdd0}\u{ffff}\u{1fffe}", "<U+FDD0><U+FFFF><U+1FFFE>"),
            // A joiner is a part of some words and pictures.
            ("\u{645}\u{200c}\u{62e}", "\u{645}\u{200c}\u{62e}"),
        ] {
            assert_eq!(
                cell(&Cell::Text(value.to_owned()), Unit::Text, Tz::UTC),
                shown
            );
        }
    }

    #[test]
    fn json_says_the_same_without_what_cannot_be_seen() {
        let text = "a\n\tb\u{7f}\u{9b}\u{202e}\u{2028}\u{e0041}\u{200d}é";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let safe = escaped(&json);
        assert_eq!(
            safe,
            "[\n  \"a\\n\\tb\\u007f\\u009b\\u202e\\u2028\\udb40\\udc41\u{200d}é\"\n]"
        );
        let read: Vec<String> = serde_json::from_str(&safe).unwrap();
        assert_eq!(read, [text]);
        assert!(matches!(escaped("[\"é\"]\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_cannot_be_seen_is_found_wherever_it_stands() {
        for length in 0..200 {
            for before in ["", "é", "\u{200d}"] {
                let seen = format!("{}{before}{}", "a".repeat(length), "b".repeat(70));
                assert!(!has_unseen(&seen), "{seen}");
                for unseen in ["\u{7f}", "\u{202e}", "\u{e0041}"] {
                    let at = length + before.len();
                    let text = format!("{}{unseen}{}", &seen[..at], &seen[at..]);
                    assert!(has_unseen(&text), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn messages_are_cut_between_characters() {
        assert_eq!(cut("äöü", 3), ("äöü", 0));
        assert_eq!(cut("äöü😀", 2), ("äö", 2));
        assert_eq!(cut("", 0), ("", 0));
    }

    #[test]
    fn changes_are_raw_differences() {
        let int = Cell::Int;
        assert_eq!(
            change(&int(2_556), &int(2_522), Unit::Count).as_deref(),
            Some("+34")
        );
        assert_eq!(
            change(&int(3), &int(1_003), Unit::Count).as_deref(),
            Some("−1,000")
        );
        assert_eq!(
            change(&int(3), &int(3), Unit::Count).as_deref(),
            Some("no change")
        );
        let share =
            |value, previous| change(&Cell::Float(value), &Cell::Float(previous), Unit::Share);
        assert_eq!(share(0.908, 0.951).as_deref(), Some("−4.3 points"));
        assert_eq!(share(0.91, 0.9).as_deref(), Some("+1.0 point"));
        assert_eq!(share(0.9, 0.9).as_deref(), Some("no change"));
        assert_eq!(change(&int(3), &Cell::Null, Unit::Count), None);
    }

    #[test]
    fn nouns_follow_their_number() {
        let shown = [0, 1, 2_556].map(|n| plural(n, "run", "runs"));
        assert_eq!(shown, ["0 runs", "1 run", "2,556 runs"]);
    }
}
