//! The HTML page: one file that asks nobody for anything.
//!
//! The page refers to no other file, and its security policy says so to the browser: the only style and
//! the only script that act are those whose hashes the policy names. Choosing a theme, filtering and
//! opening a row are done with `:has()` and `<details>`; the script adds what needs one, and no more.
//!
//! Text from logs is hostile until proven otherwise. It reaches the page through the automatic
//! escaping of the templates and in no other way: not as a class name, not in the style sheet, not as
//! an address. What is not escaped is ours: the policy, the style sheet, the script, and cells that `markup` has escaped.
//!
//! Prepared values come from `view`, cells from `markup`, the geometry of drawings from
//! `chart`, `heat`, `range` and `strip`, and the page around them from `templates/`.

pub(super) mod chart;
pub(super) mod heat;
mod markup;
pub(super) mod part;
pub(super) mod range;
mod shed;
pub(super) mod strip;
mod table;
#[cfg(test)]
mod tests;
mod view;

use std::borrow::Cow;
use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use chrono_tz::Tz;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use self::view::{NoteView, SectionView, TermView, Views};
use super::RenderOptions;
use crate::render::format;
use crate::report::Report;

/// Stands near the top of every page that this module writes, and in no other file: a page with it
/// may be written over.
pub(super) const MARKER: &str = "<meta name=\"rundown\" content=\"report\">";

pub(super) const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// Bytes of a page, unless the user wants another limit: what opens at once, and goes through any mail gateway or ticket
/// system that takes pages at all.
pub const MAX_BYTES: usize = 5_000_000;

/// Everything that the page says, in words.
#[derive(Serialize)]
struct Page<'a> {
    policy: String,
    version: &'static str,
    title: Cow<'a, str>,
    /// The conclusion, above everything else.
    summary: Vec<NoteView<'a>>,
    facts: Vec<(&'static str, String)>,
    sections: Vec<SectionView<'a>>,
    terms: Vec<TermView<'a>>,
    style: &'a str,
    /// Or empty.
    script: &'a str,
}

/// Renders a report as one HTML page. The same report gives the same bytes.
///
/// A page that is larger than the limit is made again with less: see [`shed`].
pub(super) fn html(report: &Report, options: &RenderOptions) -> Result<String> {
    let zone: Tz = report
        .time_zone
        .parse()
        .with_context(|| format!("{:?} is not the name of a time zone", report.time_zone))?;
    let environment = environment()?;
    let script = if options.script { SCRIPT } else { "" };
    let limit = match options.max_bytes {
        0 => usize::MAX,
        limit => limit,
    };
    let mut page = String::new();
    for keep in shed::steps(report, limit < usize::MAX) {
        let mut views = Views::new(report, zone, *keep);
        page = with(&environment, &mut views, script, limit)?;
        if page.len() <= limit {
            break;
        }
    }
    Ok(page)
}

fn with(
    environment: &Environment<'_>,
    views: &mut Views<'_>,
    script: &str,
    limit: usize,
) -> Result<String> {
    let report = views.report;
    let sections = views.sections();
    let terms = views.terms();
    let style = format!("{STYLE}{}", rules(views));
    let mut summary = views.summary();
    summary.extend(views.shed.note(limit).map(NoteView::info));
    let page = Page {
        policy: policy(&style, script),
        version: env!("CARGO_PKG_VERSION"),
        title: format::text(&report.title),
        summary,
        facts: format::facts(report, views.words.zone),
        sections,
        terms,
        style: &style,
        script,
    };
    let template = environment
        .get_template("report.html")
        .context("template report.html")?;
    template
        .render(Value::from(Serde(&page)))
        .context("rendering the HTML page")
}

/// The policy names style and script by their hashes, so nothing that a log smuggles in can be either.
fn policy(style: &str, script: &str) -> String {
    let hash = |text: &str| base64(&Sha256::digest(text.as_bytes()));
    let scripts = match script {
        "" => String::new(),
        script => format!(" script-src 'sha256-{}';", hash(script)),
    };
    format!(
        "default-src 'none'; style-src 'sha256-{}';{scripts} img-src data:; base-uri 'none'; form-action 'none'",
        hash(style)
    )
}

/// The rules that depend on the report: one for each value of a filter and for each column of a
/// table. They are made of numbers only. Filters do not apply to print, which shows every row.
fn rules(views: &Views<'_>) -> String {
    let mut rules = String::new();
    for at in 1..=views.columns {
        // Writing to a string cannot fail.
        let _ = writeln!(
            rules,
            ".n{at}>*>tr>:nth-child({at}){{text-align:right}}.t{at}>*>tr>:nth-child({at}){{white-space:normal;min-width:6rem}}"
        );
    }
    for (letter, chips) in &views.chips {
        for chip in 0..*chips {
            let _ = writeln!(
                rules,
                "@media screen{{.flt:has(>.chips .{letter}{chip}:checked)>.scroll>table>tbody:not(.{letter}{chip}){{display:none}}}}"
            );
        }
    }
    rules
}

/// The template environment. Every template is escaped as HTML, whatever it is called.
pub(super) fn environment() -> Result<Environment<'static>> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax.context("template syntax")?);
    for (name, source) in [
        ("blocks.html", include_str!("../../templates/blocks.html")),
        ("charts.html", include_str!("../../templates/charts.html")),
        ("report.html", include_str!("../../templates/report.html")),
    ] {
        environment
            .add_template(name, source)
            .with_context(|| format!("template {name}"))?;
    }
    Ok(environment)
}

/// Standard base64 with padding. A hash is the only thing that needs it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= chunk.len() {
                let index = group >> (18 - 6 * digit) & 63;
                text.push(char::from(DIGITS[index as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}
