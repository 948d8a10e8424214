//! Chooses what is shown, so that the text fits.
//!
//! What is left out goes in steps, from what is missed least: details of rows, the definitions, whole
//! sections that say how the report was made, rows of tables, and at last the sections of answers from
//! the bottom up. Between two steps nothing is cut, so no table, fence or element is ever open at the end.

use super::MARKER;
use super::escape::{self, In};
use super::view::{Document, Part, Piece, Rows, folded, of};
use crate::render::format;

/// Rows that open, of each table, at most.
pub(super) const DETAILS: usize = 10;

/// Rows of a table that are shown; the others are folded away.
const OPEN: usize = 15;

/// A table shows at least this many rows before whole answers are left out.
const LEAST_ROWS: usize = 3;

/// Names in a list of what was left out.
const NAMES: usize = 12;

/// Sections from the one that is kept longest. Those that are not named go before all of these.
const KEPT: [&str; 8] = [
    "overview",
    "changes",
    "findings",
    "scans",
    "errors",
    "gaps",
    "outcomes",
    "durations",
];

/// Sections that go first, in this order.
const FIRST: [&str; 2] = ["runs", "inputs"];

/// The section whose first sentence stays: every record is accounted for in it.
const BOOKS: &str = "inputs";

/// What is shown.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// Tables are padded.
    padded: bool,
    /// Rows that open, of each table.
    details: usize,
    /// Definitions are shown.
    words: bool,
    /// Sections left out, of those in the order of loss.
    lost: usize,
    /// Rows of each table.
    rows: usize,
}

/// What a plan leaves out.
#[derive(Default)]
struct Left {
    details: usize,
    words: bool,
    sections: Vec<String>,
    rows: Vec<(&'static str, usize, usize)>,
}

/// How long a text is for those who count characters and for those who count UTF-16 units: the latter are
/// never fewer.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The whole report.
pub(super) fn whole(document: &Document) -> String {
    let plan = Plan {
        padded: true,
        details: usize::MAX,
        words: true,
        lost: 0,
        rows: usize::MAX,
    };
    write(document, &plan, &mut Left::default())
}

/// The report in at most so many characters.
pub(super) fn fit(document: &Document, limit: usize) -> String {
    let mut plan = Plan {
        padded: true,
        details: DETAILS,
        words: true,
        lost: 0,
        rows: usize::MAX,
    };
    let attempt = |plan: &Plan| {
        let text = shortened(document, plan, limit);
        (length(&text) <= limit).then_some(text)
    };
    for (details, words) in [(DETAILS, true), (5, true), (2, true), (0, true), (0, false)] {
        for padded in [true, false] {
            plan = Plan {
                padded,
                details,
                words,
                ..plan
            };
            if let Some(text) = attempt(&plan) {
                return text;
            }
        }
    }
    let order = order_of_loss(&document.sections);
    let minor = order
        .iter()
        .filter(|&&at| !KEPT.contains(&document.sections[at].id))
        .count();
    for lost in 1..=minor {
        plan.lost = lost;
        if let Some(text) = attempt(&plan) {
            return text;
        }
    }
    for lost in minor..order.len() {
        plan.lost = lost;
        plan.rows = LEAST_ROWS;
        if let Some(text) = attempt(&plan) {
            return most_rows(document, plan, text, attempt);
        }
    }
    floor(document, limit)
}

/// The same plan with as many rows as fit.
fn most_rows(
    document: &Document,
    mut plan: Plan,
    mut text: String,
    attempt: impl Fn(&Plan) -> Option<String>,
) -> String {
    let tables = document.sections.iter().flat_map(|part| &part.pieces);
    let longest = tables.filter_map(|piece| match piece {
        Piece::Rows(rows) => Some(rows.grid.rows.len()),
        _ => None,
    });
    let (mut fits, mut fails) = (LEAST_ROWS, longest.max().unwrap_or(0).max(LEAST_ROWS) + 1);
    while fits + 1 < fails {
        plan.rows = fits.midpoint(fails);
        match attempt(&plan) {
            Some(better) => {
                text = better;
                fits = plan.rows;
            }
            None => fails = plan.rows,
        }
    }
    text
}

/// The sections by number, the first to go first.
fn order_of_loss(sections: &[Part]) -> Vec<usize> {
    let rank = |id: &str| {
        if let Some(at) = FIRST.iter().position(|known| *known == id) {
            return at;
        }
        match KEPT.iter().rev().position(|known| *known == id) {
            Some(at) => FIRST.len() + 1 + at,
            None => FIRST.len(),
        }
    };
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|&at| (rank(sections[at].id), std::cmp::Reverse(at)));
    order
}

/// The report by a plan, with a notice of what it leaves out.
fn shortened(document: &Document, plan: &Plan, limit: usize) -> String {
    let mut left = Left::default();
    let text = write(document, plan, &mut left);
    let notice = notice(&left, limit);
    if notice.is_empty() {
        return text;
    }
    text.replacen(MARKER, &format!("{MARKER}\n\n{}", notice.trim_end()), 1)
}

fn notice(left: &Left, limit: usize) -> String {
    let list = |names: Vec<String>| {
        let more = names.len().saturating_sub(NAMES);
        let mut shown: Vec<String> = names.into_iter().take(NAMES).collect();
        if more > 0 {
            shown.push(format!("{} more", format::size(more)));
        }
        shown.join(", ")
    };
    let mut lines = Vec::new();
    if left.details > 0 {
        lines.push(format!(
            "the details of {}",
            format::plural(left.details, "row", "rows")
        ));
    }
    if left.words {
        lines.push("the definitions".to_owned());
    }
    if !left.sections.is_empty() {
        let titles = left.sections.iter();
        let titles = titles.map(|title| escape::text(title, In::Line)).collect();
        let noun = if left.sections.len() == 1 {
            "the section"
        } else {
            "the sections"
        };
        lines.push(format!("{noun} {}", list(titles)));
    }
    if !left.rows.is_empty() {
        let tables = left.rows.iter().map(|(name, gone, total)| {
            format!(
                "{} ({} of {})",
                escape::text(name, In::Line),
                format::size(*gone),
                format::size(*total)
            )
        });
        lines.push(format!("rows of {}", list(tables.collect())));
    }
    if lines.is_empty() {
        return String::new();
    }
    let items: String = lines.iter().map(|line| format!("> - {line}\n")).collect();
    format!(
        "> **Shortened to fit {} characters.** Left out are:\n>\n{items}>\n> {WHOLE}\n",
        format::size(limit)
    )
}

const WHOLE: &str = "The whole report: write it as HTML or JSON, or with `--max-chars 0`.";

/// Paragraphs with a blank line between them.
#[derive(Default)]
struct Text(String);

impl Text {
    fn add(&mut self, block: &str) {
        let block = block.trim_matches('\n');
        if block.is_empty() {
            return;
        }
        if !self.0.is_empty() {
            self.0.push_str("\n\n");
        }
        self.0.push_str(block);
    }

    fn end(mut self) -> String {
        self.0.push('\n');
        self.0
    }
}

fn write(document: &Document, plan: &Plan, left: &mut Left) -> String {
    let order = order_of_loss(&document.sections);
    let lost = &order[..plan.lost.min(order.len())];
    let mut out = Text::default();
    out.add(MARKER);
    out.add(&format!("# {}", escape::heading(&document.title)));
    out.add(&document.facts);
    for (at, part) in document.sections.iter().enumerate() {
        let gone = lost.contains(&at);
        if gone {
            left.sections.push(match part.id {
                BOOKS => format!("{} (all but its first sentence)", part.title),
                _ => part.title.to_owned(),
            });
            if part.id != BOOKS && part.stops.is_empty() {
                continue;
            }
        }
        out.add(&part.opening);
        if gone {
            for stop in &part.stops {
                out.add(&format!("**Stop:** {}", escape::text(stop, In::Line)));
            }
            continue;
        }
        for piece in &part.pieces {
            match piece {
                Piece::Whole(text) => out.add(text),
                Piece::Rows(table) => rows(&mut out, table, plan, left),
                Piece::Elsewhere(id, title) => out.add(&elsewhere(document, plan, id, title)),
            }
        }
        if plan.words {
            out.add(&part.words);
        } else {
            left.words |= !part.words.is_empty();
        }
    }
    if plan.words {
        out.add(&document.terms);
    } else {
        left.words |= !document.terms.is_empty();
    }
    out.add(&document.foot);
    out.end()
}

/// Says where the rows of a nested table are, as far as they are anywhere.
fn elsewhere(document: &Document, plan: &Plan, id: &str, title: &str) -> String {
    let title = escape::text(title, In::Line);
    let pieces = document.sections.iter().filter(|part| part.id == id);
    let count = pieces
        .flat_map(|part| &part.pieces)
        .map(|piece| match piece {
            Piece::Rows(rows) => rows.opening,
            _ => 0,
        })
        .sum::<usize>();
    if plan.details == 0 || count == 0 {
        return "This text lists none of them; the HTML and JSON reports do.".to_owned();
    }
    if count > plan.details {
        format!(
            "Here they stand under *{title}*, in the details of its first {} rows. The HTML and JSON reports list them all.",
            plan.details
        )
    } else {
        format!("They stand under *{title}*, in the details of its rows.")
    }
}

fn rows(out: &mut Text, table: &Rows, plan: &Plan, left: &mut Left) {
    let made = table.grid.rows.len();
    let shown = match plan.rows {
        _ if table.drawn => made,
        rows if rows >= made => made,
        _ if table.folded => 0,
        rows => rows,
    };
    out.add(&table.intro);
    let open = match (table.folded, shown) {
        (true, _) => 0,
        // A few rows more take less room than the switch.
        (false, shown) if shown <= OPEN + 5 => shown,
        (false, _) => OPEN,
    };
    if open > 0 && !table.grid.heads.is_empty() {
        out.add(&table.grid.markdown(0..open, plan.padded));
    }
    if open < shown && !table.grid.heads.is_empty() {
        let summary = if table.folded {
            "The numbers".to_owned()
        } else {
            format!("{} more rows", format::size(shown - open))
        };
        out.add(&folded(
            &summary,
            &table.grid.markdown(open..shown, plan.padded),
        ));
    }
    if table.total > shown && shown > 0 {
        out.add(&format!(
            "… and {} more: {} rows are shown.",
            format::size(table.total - shown),
            of(shown, table.total)
        ));
    }
    // What the section itself left out is no matter of this format.
    if table.given > shown {
        left.rows
            .push((table.name, table.total - shown, table.total));
    }
    out.add(&table.legend);
    for (label, items) in &table.lists {
        let items: Vec<&str> = items
            .iter()
            .filter(|(row, _)| *row < shown)
            .map(|(_, item)| item.as_str())
            .collect();
        if items.is_empty() {
            continue;
        }
        if items.len() > OPEN {
            out.add(&folded(&escape::html(label), &items.concat()));
        } else {
            out.add(&format!(
                "**{}**\n\n{}",
                escape::text(label, In::Line),
                items.concat()
            ));
        }
    }
    let chosen: Vec<&str> = table
        .details
        .iter()
        .filter(|(row, _)| *row < shown)
        .take(plan.details)
        .map(|(_, detail)| detail.as_str())
        .collect();
    let wanted = table.details.len().min(DETAILS);
    left.details += wanted.saturating_sub(chosen.len());
    if chosen.is_empty() {
        return;
    }
    let summary = format!(
        "Details of {}",
        if table.opening > chosen.len() {
            format!("the first {} rows", of(chosen.len(), table.opening))
        } else {
            format::plural(chosen.len(), "row", "rows")
        }
    );
    let separator = if table.foldable { "\n" } else { "" };
    out.add(&folded(&summary, &chosen.join(separator)));
}

/// The least that is said: the title, the period, the first sentence, and whether every record is
/// accounted for. Each text of a log has its room, so this fits whatever the log holds.
fn floor(document: &Document, limit: usize) -> String {
    let mut out = Text::default();
    out.add(MARKER);
    out.add(&format!(
        "> **Shortened to fit {} characters**, to the first sentences. {WHOLE}",
        format::size(limit)
    ));
    out.add(&format!(
        "# {}",
        room(&document.title, 200, escape::heading)
    ));
    out.add(&document.facts);
    for id in [KEPT[0], BOOKS] {
        for part in document
            .sections
            .iter()
            .filter(|part| part.id == id)
            .take(1)
        {
            out.add(&format!("## {}", room(part.title, 80, escape::heading)));
            out.add(&room(&part.lead, 300, escape::paragraph));
        }
    }
    let mut stops = document.sections.iter().flat_map(|part| &part.stops);
    if let Some(stop) = stops.next() {
        let stop = room(stop, 250, |stop| escape::text(stop, In::Line));
        out.add(&format!("**Stop:** {stop}"));
    }
    out.add(&document.foot);
    out.end()
}

/// A text, cut so that it is at most so long when it is escaped.
fn room(text: &str, most: usize, escaped: impl Fn(&str) -> String) -> String {
    let whole = escaped(text);
    if length(&whole) <= most {
        return whole;
    }
    let mut keep = most;
    loop {
        let cut = escaped(&format!("{}…", format::cut(text, keep).0.trim_end()));
        if length(&cut) <= most {
            return cut;
        }
        keep = keep * 3 / 4;
    }
}
