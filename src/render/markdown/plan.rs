//! Chooses what is shown, so that the text fits.
//!
//! What is left out goes in steps, from what is missed least: details of rows, definitions, whole
//! sections that say how the report was made, rows of tables, the sections of answers from the bottom up,
//! and at last the end of a message that the report is about. Between two steps nothing is cut, so no
//! table, fence or element is ever open at the end.

use super::MARKER;
use super::escape::{self, In};
use super::view::{Document, Part, Piece, Rows, fenced, folded, of};
use crate::render::format::{self, MESSAGE_LIMIT};

/// Rows that open, of each table, at most.
pub(super) const DETAILS: usize = 10;

/// Rows of a table that are shown; the others are folded away.
const OPEN: usize = 15;

/// A table shows at least this many rows before whole answers are left out.
const LEAST_ROWS: usize = 3;

/// Names in a list of what was left out.
const NAMES: usize = 12;

/// Sections from the one that is kept longest. Those that are not named go before all of these.
const KEPT: [&str; 10] = [
    "run",
    "scan",
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
    /// Sections whose definitions are shown, from the one that is kept longest. The list of words at the end counts
    /// as the first.
    words: usize,
    /// Sections left out, of those in the order of loss.
    lost: usize,
    /// Rows of each table.
    rows: usize,
    /// Characters of each message.
    message: usize,
}

impl Plan {
    /// Everything.
    const WHOLE: Plan = Plan {
        padded: true,
        details: usize::MAX,
        words: usize::MAX,
        lost: 0,
        rows: usize::MAX,
        message: usize::MAX,
    };
}

/// What a plan leaves out.
#[derive(Default)]
struct Left {
    details: Vec<(&'static str, usize)>,
    words: Vec<&'static str>,
    sections: Vec<String>,
    rows: Vec<(&'static str, usize, usize)>,
    messages: Vec<&'static str>,
}

/// How long a text is for those who count characters and for those who count UTF-16 units: the latter are
/// never fewer.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The whole report.
pub(super) fn whole(document: &Document) -> String {
    write(document, &Plan::WHOLE, &mut Left::default())
}

/// The report in at most so many characters.
pub(super) fn fit(document: &Document, limit: usize) -> String {
    let attempt = |plan: &Plan| {
        let text = shortened(document, plan, limit);
        (length(&text) <= limit).then_some(text)
    };
    let mut plan = Plan {
        padded: false,
        details: 0,
        words: 0,
        ..Plan::WHOLE
    };
    let order = order_of_loss(&document.sections);
    if attempt(&plan).is_some() {
        let all = order.len() + 1;
        let details = (0..=DETAILS).rev().map(|details| (details, all));
        let words = (0..all).rev().map(|words| (0, words));
        for (details, words) in details.chain(words) {
            for padded in [true, false] {
                let richer = Plan {
                    padded,
                    details,
                    words,
                    ..plan
                };
                if let Some(text) = attempt(&richer) {
                    return text;
                }
            }
        }
    }
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
    plan.rows = LEAST_ROWS;
    for message in [usize::MAX, limit / 2, MESSAGE_LIMIT] {
        plan.message = message;
        for lost in minor..order.len() {
            plan.lost = lost;
            if let Some(text) = attempt(&plan) {
                return most_rows(document, plan, text, attempt);
            }
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
    let list = |names: &mut dyn Iterator<Item = String>| {
        let mut shown: Vec<String> = (&mut *names).take(NAMES).collect();
        let more = names.count();
        if more > 0 {
            shown.push(format!("{} more", format::size(more)));
        }
        shown.join(", ")
    };
    let mut lines = Vec::new();
    let name = |name: &str| escape::text(name, In::Line);
    if !left.details.is_empty() {
        let tables = left.details.iter();
        let mut tables = tables.map(|(table, gone)| {
            format!(
                "{} of {}",
                format::plural(*gone, "row", "rows"),
                name(table)
            )
        });
        lines.push(format!("the details of {}", list(&mut tables)));
    }
    if !left.words.is_empty() {
        let mut titles = left.words.iter().map(|title| name(title));
        lines.push(format!("the definitions of {}", list(&mut titles)));
    }
    for label in &left.messages {
        lines.push(format!("the end of: {}", name(label)));
    }
    if !left.sections.is_empty() {
        let mut titles = left.sections.iter().map(|title| name(title));
        let noun = if left.sections.len() == 1 {
            "the section"
        } else {
            "the sections"
        };
        lines.push(format!("{noun} {}", list(&mut titles)));
    }
    if !left.rows.is_empty() {
        let mut tables = left.rows.iter().map(|(table, gone, total)| {
            format!(
                "{} ({} of {})",
                name(table),
                format::size(*gone),
                format::size(*total)
            )
        });
        lines.push(format!("rows of {}", list(&mut tables)));
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
    let explained = &order[order.len().saturating_sub(plan.words.saturating_sub(1))..];
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
            for (tone, stop) in &part.stops {
                out.add(&format!("**{tone}:** {}", escape::text(stop, In::Line)));
            }
            continue;
        }
        for piece in &part.pieces {
            match piece {
                Piece::Whole(text) => out.add(text),
                Piece::Rows(table) => rows(&mut out, table, plan, left),
                Piece::Message(label, words) => {
                    out.add(&fenced(label, words, plan.message));
                    if format::cut(words, plan.message).1 > 0 {
                        left.messages.push(label);
                    }
                }
                Piece::Elsewhere(name, id, title) => {
                    out.add(&elsewhere(document, plan, name, id, title));
                }
            }
        }
        if explained.contains(&at) {
            out.add(&part.words);
        } else if !part.words.is_empty() {
            left.words.push(part.title);
        }
    }
    if plan.words > 0 {
        out.add(&document.terms);
    } else if !document.terms.is_empty() {
        left.words.push("Words used in this report");
    }
    out.add(&document.foot);
    out.end()
}

/// Says where the rows of a nested table are, as far as they are anywhere.
fn elsewhere(document: &Document, plan: &Plan, name: &str, id: &str, title: &str) -> String {
    let name = escape::text(name, In::Line);
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
        return format!("{name}: in the HTML and JSON reports only.");
    }
    if count > plan.details {
        format!(
            "{name}: here in the details of {} rows of *{title}*; the HTML and JSON reports list them all.",
            of(plan.details, count)
        )
    } else {
        format!("{name}: in the details of the rows of *{title}*.")
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
    let gone = table.details.len().saturating_sub(chosen.len());
    if gone > 0 {
        left.details.push((table.name, gone));
    }
    if chosen.is_empty() {
        return;
    }
    let rows = if table.opening == 1 { "row" } else { "rows" };
    let summary = format!("Details of {} {rows}", of(chosen.len(), table.opening));
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
    let sections = document.sections.iter().enumerate();
    for (_, part) in sections.filter(|(at, part)| *at == 0 || part.id == BOOKS) {
        out.add(&format!("## {}", room(part.title, 80, escape::heading)));
        out.add(&room(&part.lead, 300, escape::paragraph));
    }
    let mut stops = document.sections.iter().flat_map(|part| &part.stops);
    if let Some((tone, stop)) = stops.next() {
        let stop = room(stop, 250, |stop| escape::text(stop, In::Line));
        out.add(&format!("**{tone}:** {stop}"));
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
