//! What a reader sees of a report in HTML and in Markdown: tables and figures as texts, and what those texts say.

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};
use rundown::report::{Report, Unit};
use serde_json::Value;

use crate::page::{self, Page};

/// A table as it is shown.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The section's id, or its title where there is no id.
    pub(crate) section: String,
    /// The heading above it.
    pub(crate) title: String,
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// The figures of one block: labels and values.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) section: String,
    pub(crate) title: String,
    pub(crate) items: Vec<(String, String)>,
}

/// The tables that stand by themselves in a page, and the figures.
pub(crate) fn html(text: &str) -> (Vec<Shown>, Vec<Figures>) {
    let page = page::read(text);
    let (mut tables, mut figures) = (Vec::new(), Vec::new());
    for section in page.named(0, "section") {
        let id = page.attribute(section, "id").to_owned();
        for table in page.named(section, "table") {
            // Tables in the detail of a row stand in a cell.
            if page
                .ancestors(table)
                .iter()
                .any(|&at| page.name(at) == "td")
            {
                continue;
            }
            let caption = page.children(table, "caption");
            tables.push(Shown {
                section: id.clone(),
                title: page.text(caption[0], &[]),
                head: texts(&page, &page.named(table, "th"), "scope", "col"),
                rows: body(&page, table),
            });
        }
        for block in page.children(section, "div") {
            let mut items = Vec::new();
            for list in page.named(block, "dl") {
                if page.has_class(list, "tiles") || page.has_class(list, "small") {
                    for item in page.children(list, "div") {
                        let label = page.text(page.children(item, "dt")[0], &[]);
                        let value = page.children(item, "dd")[0];
                        assert!(page.has_class(value, "v"), "{label}");
                        items.push((label, without_change(&page, value)));
                    }
                }
            }
            if !items.is_empty() {
                // What only supports the rest is folded under its heading.
                let title = page.named(block, "h3");
                figures.push(Figures {
                    section: id.clone(),
                    title: title
                        .first()
                        .map_or_else(String::new, |&at| page.text(at, &[])),
                    items,
                });
            }
        }
    }
    (tables, figures)
}

fn texts(page: &Page, nodes: &[usize], attribute: &str, value: &str) -> Vec<String> {
    let fits = nodes
        .iter()
        .filter(|&&at| page.attribute(at, attribute) == value);
    fits.map(|&at| page.text(at, &["small", "svg"])).collect()
}

/// The value of a figure without the change that may stand beside it.
fn without_change(page: &Page, value: usize) -> String {
    let all = page.text(value, &[]);
    let change = page.children(value, "span");
    let change = change.iter().find(|&&at| page.has_class(at, "c"));
    match change {
        Some(&at) => all
            .strip_suffix(&page.text(at, &[]))
            .unwrap()
            .trim()
            .to_owned(),
        None => all,
    }
}

/// The first line of each row: what stands below it is the detail.
fn body(page: &Page, table: usize) -> Vec<Vec<String>> {
    let bodies = page.children(table, "tbody").into_iter();
    bodies
        .map(|body| {
            let line = page.children(body, "tr")[0];
            let cells = page.under(line).into_iter();
            let cells = cells.filter(|&at| matches!(page.name(at), "th" | "td"));
            cells.map(|at| page.text(at, &["small", "svg"])).collect()
        })
        .collect()
}

/// The tables of a text in Markdown, those that continue one joined to it, and the figures.
pub(crate) fn markdown(text: &str) -> (Vec<Shown>, Vec<Figures>) {
    let mut options = Options::default();
    options.extension.table = true;
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options);
    let (mut section, mut title) = (String::new(), String::new());
    let (mut tables, mut figures): (Vec<Shown>, Vec<Figures>) = (Vec::new(), Vec::new());
    for node in root.children() {
        match &node.data.borrow().value {
            NodeValue::Heading(heading) if heading.level == 2 => {
                section = plain(node);
                title.clear();
            }
            NodeValue::Heading(heading) if heading.level == 3 => title = plain(node),
            NodeValue::Table(_) => {
                let mut rows: Vec<Vec<String>> = node
                    .children()
                    .map(|row| row.children().map(plain).collect())
                    .collect();
                let head = rows.remove(0);
                if head.starts_with(&["Figure".to_owned(), "Value".to_owned()]) {
                    let items = rows.into_iter().map(|row| (row[0].clone(), row[1].clone()));
                    add(&mut figures, &section, &title, items.collect());
                    continue;
                }
                match tables.last_mut() {
                    Some(last)
                        if (&last.section, &last.title, &last.head)
                            == (&section, &title, &head) =>
                    {
                        last.rows.extend(rows);
                    }
                    _ => tables.push(Shown {
                        section: section.clone(),
                        title: title.clone(),
                        head,
                        rows,
                    }),
                }
            }
            NodeValue::Paragraph => {
                let mut items = Vec::new();
                let mut before = String::new();
                for part in node.children() {
                    match &part.data.borrow().value {
                        NodeValue::Strong => {
                            let label = before.rsplit('·').next().unwrap_or_default();
                            items.push((label.trim().to_owned(), plain(part)));
                            before.clear();
                        }
                        _ => before.push_str(&plain(part)),
                    }
                }
                // A label in bold begins its line; a value never does.
                if items.first().is_some_and(|(label, _)| !label.is_empty()) {
                    add(&mut figures, &section, &title, items);
                }
            }
            _ => {}
        }
    }
    (tables, figures)
}

/// Adds figures to those of the same block.
fn add(all: &mut Vec<Figures>, section: &str, title: &str, items: Vec<(String, String)>) {
    match all.last_mut() {
        Some(last) if last.section == section && last.title == title => last.items.extend(items),
        _ => all.push(Figures {
            section: section.to_owned(),
            title: title.to_owned(),
            items,
        }),
    }
}

fn plain<'a>(node: &'a AstNode<'a>) -> String {
    let mut out = String::new();
    for node in node.descendants() {
        match &node.data.borrow().value {
            NodeValue::Text(text) => out.push_str(text),
            NodeValue::Code(code) => out.push_str(&code.literal),
            _ => {}
        }
    }
    out.trim().to_owned()
}

/// Whether what is shown says the raw value: exactly where it is exact, and rounded where it is rounded. Nothing for
/// texts, of which not everything is shown.
pub(crate) fn says(shown: &str, raw: &Value, unit: Unit, report: &Report) -> Option<bool> {
    if raw.is_null() {
        return (unit != Unit::Text && unit != Unit::Id && unit != Unit::Message)
            .then(|| ["–", ""].contains(&shown));
    }
    let zone: Tz = report.time_zone.parse().unwrap();
    let number = raw.as_f64();
    // Half a unit of the last digit, and the noise of the arithmetic.
    let near = |shown: f64, digit: f64| {
        number.is_some_and(|raw| (shown - raw).abs() <= digit / 2.0 + digit * 1e-9)
    };
    Some(match unit {
        Unit::Text | Unit::Id | Unit::Message | Unit::Link => return None,
        Unit::Status => {
            let term = report
                .terms
                .iter()
                .find(|term| Some(term.word) == raw.as_str());
            term.map_or(raw.as_str(), |term| Some(term.label)) == Some(shown)
        }
        Unit::Flag => shown == if raw.as_bool()? { "yes" } else { "no" },
        Unit::Count => whole(shown).is_some_and(|shown| Some(shown) == raw.as_i64()),
        Unit::Difference => return difference(shown, raw),
        Unit::Share => match shown {
            "<0.1%" => number.is_some_and(|raw| 0.0 < raw && raw < 0.0005),
            ">99.9%" => number.is_some_and(|raw| 0.999 < raw && raw < 1.0),
            "0%" => number == Some(0.0),
            "100%" => number == Some(1.0),
            _ => {
                let percent = shown
                    .strip_suffix('%')?
                    .replace('−', "-")
                    .parse::<f64>()
                    .ok()?;
                near(percent / 100.0, 0.001)
            }
        },
        Unit::Duration => {
            let (millis, digit) = duration(shown)?;
            near(millis, digit)
        }
        Unit::Bytes => {
            let (size, name) = shown.split_once(' ')?;
            let power = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
                .iter()
                .position(|at| *at == name)?;
            let scale = 1000_f64.powi(i32::try_from(power).ok()?);
            let digit = if power == 0 { 1e-9 } else { scale / 10.0 };
            near(size.parse::<f64>().ok()? * scale, digit)
        }
        Unit::Date => {
            let date: NaiveDate = raw.as_str()?.parse().ok()?;
            date.format("%-d %b %Y").to_string() == shown
        }
        Unit::Time => {
            let at = DateTime::parse_from_rfc3339(raw.as_str()?)
                .ok()?
                .with_timezone(&zone);
            at.format("%Y-%m-%d %H:%M").to_string() == shown
        }
    })
}

/// A count with its thousands apart.
fn whole(shown: &str) -> Option<i64> {
    let digits = shown.strip_prefix('−').unwrap_or(shown);
    let groups: Vec<&str> = digits.split(',').collect();
    let apart = groups.iter().skip(1).all(|group| group.len() == 3) && groups[0].len() <= 3;
    let value: i64 = apart.then(|| groups.concat())?.parse().ok()?;
    Some(if digits.len() < shown.len() {
        -value
    } else {
        value
    })
}

/// A difference of counts or, in points, of shares.
fn difference(shown: &str, raw: &Value) -> Option<bool> {
    if ["0", "no change"].contains(&shown) {
        return Some(raw.as_f64()? == 0.0);
    }
    if shown == "almost no change" {
        return Some(raw.as_f64()?.abs() < 0.0005);
    }
    let (sign, size) = match shown.strip_prefix('−') {
        Some(size) => (-1, size),
        None => (1, shown.strip_prefix('+')?),
    };
    if let Some((points, "point" | "points")) = size.split_once(' ') {
        let points = points.parse::<f64>().ok()? * f64::from(sign);
        return Some((points / 100.0 - raw.as_f64()?).abs() <= 0.0005 + 1e-9);
    }
    Some(Some(whole(size)? * i64::from(sign)) == raw.as_i64())
}

/// Milliseconds, and the worth of the last digit.
fn duration(shown: &str) -> Option<(f64, f64)> {
    const UNITS: [(&str, f64); 5] = [
        ("ms", 1.0),
        ("s", 1e3),
        ("m", 6e4),
        ("h", 3.6e6),
        ("d", 8.64e7),
    ];
    let (mut millis, mut digit) = (0.0, 0.0);
    let joined = shown.replace(" ms", "ms").replace(" s", "s");
    for part in joined.split(' ') {
        let at = part.find(|c: char| c.is_ascii_alphabetic())?;
        let (_, worth) = UNITS.iter().find(|(name, _)| *name == &part[at..])?;
        millis += part[..at].parse::<f64>().ok()? * worth;
        digit = if part[..at].contains('.') {
            worth / 10.0
        } else {
            *worth
        };
    }
    Some((millis, digit))
}

#[test]
fn what_is_shown_is_compared_with_its_digits() {
    let report = crate::made_of(&crate::rows(1), &[]).report;
    let says = |shown: &str, raw: Value, unit| says(shown, &raw, unit, &report);
    for (shown, raw, unit, expected) in [
        ("2,556", 2556.into(), Unit::Count, true),
        ("2556", 2556.into(), Unit::Count, false),
        ("−1,000", (-1000).into(), Unit::Count, true),
        ("2,557", 2556.into(), Unit::Count, false),
        ("92.0%", 0.919_642.into(), Unit::Share, true),
        ("91.9%", 0.919_642.into(), Unit::Share, false),
        ("100%", 0.999.into(), Unit::Share, false),
        ("6m 27s", 387_400.into(), Unit::Duration, true),
        ("6m 27s", 387_600.into(), Unit::Duration, false),
        ("4.2 s", 4_240.into(), Unit::Duration, true),
        ("3d 04h", 273_600_000.into(), Unit::Duration, true),
        ("850 ms", 851.into(), Unit::Duration, false),
        ("3.4 GB", 3_410_000_000_i64.into(), Unit::Bytes, true),
        ("3.4 GB", 3_460_000_000_i64.into(), Unit::Bytes, false),
        ("+4.3 points", 0.043.into(), Unit::Difference, true),
        ("−4.3 points", 0.043.into(), Unit::Difference, false),
        ("+34", 34.into(), Unit::Difference, true),
        ("19 Nov 2026", "2026-11-19".into(), Unit::Date, true),
        (
            "2026-11-19 01:00",
            "2026-11-19T01:00:59Z".into(),
            Unit::Time,
            true,
        ),
        (
            "2026-11-19 01:01",
            "2026-11-19T01:00:59Z".into(),
            Unit::Time,
            false,
        ),
        ("–", Value::Null, Unit::Count, true),
        ("0", Value::Null, Unit::Count, false),
        ("yes", false.into(), Unit::Flag, false),
    ] {
        assert_eq!(
            says(shown, raw.clone(), unit),
            Some(expected),
            "{shown} {raw}"
        );
    }
}
