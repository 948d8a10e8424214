//! The innermost markup: cells and facts.
//!
//! A page has thousands of rows and tens of thousands of cells. Written by the template they took most of the rendering
//! time, so they are written in the program, and the template places them in tables.
//!
//! [`Markup`] keeps the escaping honest: markup can only be a literal of this program, everything
//! else goes in as text.

use std::fmt::Write as _;

use chrono::NaiveDate;
use chrono_tz::Tz;
use minijinja::value::Value;
use serde::{Serialize, Serializer};

use crate::render::format::{self, MESSAGE_LIMIT};
use crate::report::{Cell, Column, Term, Unit};

/// HTML under construction.
#[derive(Clone, Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Adds markup. Only literals fit, so no text from a log can come in this way.
    pub(super) fn raw(&mut self, literal: &'static str) {
        self.0.push_str(literal);
    }

    /// Adds text, escaped for element content and for quoted attributes.
    pub(super) fn text(&mut self, text: &str) {
        self.replacing(text, |byte| match byte {
            b'\'' => Some("&#39;"),
            _ => reference(byte),
        });
    }

    /// Adds text, escaped as the templates escape it.
    pub(super) fn escaped(&mut self, text: &str) {
        self.replacing(text, |byte| match byte {
            b'\'' => Some("&#x27;"),
            b'/' => Some("&#x2f;"),
            _ => reference(byte),
        });
    }

    fn replacing(&mut self, text: &str, replacement: impl Fn(u8) -> Option<&'static str>) {
        let mut plain = 0;
        for (at, byte) in text.bytes().enumerate() {
            if let Some(escaped) = replacement(byte) {
                self.0.push_str(&text[plain..at]);
                self.0.push_str(escaped);
                plain = at + 1;
            }
        }
        self.0.push_str(&text[plain..]);
    }

    /// Adds a number: whole ones with a point, as the templates write them.
    pub(super) fn number(&mut self, number: f64) {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{number:?}");
    }

    /// Adds a number of things.
    pub(super) fn size(&mut self, size: usize) {
        let _ = write!(self.0, "{size}");
    }

    /// Adds what is markup already.
    pub(super) fn add(&mut self, other: &Markup) {
        self.0.push_str(&other.0);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What stands for a character that is markup.
fn reference(byte: u8) -> Option<&'static str> {
    match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        _ => None,
    }
}

/// The template gets a string that it does not escape again.
impl Serialize for Markup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_safe_string(self.0.clone()).serialize(serializer)
    }
}

/// What a cell needs to know of the report.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) terms: &'a [Term],
    pub(super) zone: Tz,
}

impl Words<'_> {
    /// Adds one cell. `explained` puts the meaning of a status word at hand; the details of a
    /// thousand rows leave that to the list of words at the end of the page.
    pub(super) fn cell(self, out: &mut Markup, cell: &Cell, unit: Unit, explained: bool) {
        match (cell, unit) {
            (Cell::Text(word), Unit::Status) => {
                let term = format::term(self.terms, word);
                out.raw("<b");
                mark(out, word);
                if let Some(term) = term.filter(|term| explained && !term.meaning.is_empty()) {
                    out.raw(" title=\"");
                    out.text(term.meaning);
                    out.raw("\"");
                }
                out.raw(">");
                match term {
                    Some(term) => out.text(term.label),
                    None => out.text(&format::text(word)),
                }
                out.raw("</b>");
            }
            (Cell::Text(id), Unit::Id) => {
                out.raw("<code>");
                out.text(&format::text(id));
                out.raw("</code>");
            }
            (Cell::Text(message), Unit::Message) => {
                let message = format::text(message);
                let (start, rest) = format::cut(message.trim(), MESSAGE_LIMIT);
                out.raw("<span class=\"msg\">");
                out.text(start);
                out.raw("</span>");
                if rest > 0 {
                    out.raw(" <i>… cut here, ");
                    out.text(&format::plural(rest, "more character", "more characters"));
                    out.raw("</i>");
                }
            }
            // Only what is certainly an address is made one to click.
            (Cell::Text(url), Unit::Link) if is_address(url) => {
                out.raw("<a rel=\"noreferrer\" href=\"");
                out.text(url);
                out.raw("\">");
                out.text(url);
                out.raw("</a>");
            }
            (Cell::Text(text), _) => out.text(&format::text(text)),
            _ => out.text(&format::cell(cell, unit, self.zone)),
        }
    }

    /// Adds one label and its value. A phase that went well is plain text, so that the eye finds the
    /// others; `today` is the date that need not be repeated.
    pub(super) fn fact(
        self,
        out: &mut Markup,
        column: &Column,
        cell: &Cell,
        today: Option<NaiveDate>,
    ) {
        out.raw("<dt>");
        out.text(column.label);
        out.raw("<dd>");
        match (cell, column.unit) {
            (Cell::Time(micros), _) => out.text(&format::clock(*micros, self.zone, today)),
            (Cell::Text(word), Unit::Status) if look(word) == "ok" => {
                out.text(format::term(self.terms, word).map_or(word, |term| term.label));
            }
            _ => self.cell(out, cell, column.unit, false),
        }
    }
}

/// Whether a text is certainly a web address: nothing in it is taken out or breaks a line.
fn is_address(text: &str) -> bool {
    text.starts_with("https://")
        && !text.contains(char::is_whitespace)
        && format::text(text) == text
}

/// Adds the class that gives a status word its shape and colour.
fn mark(out: &mut Markup, word: &str) {
    let look = look(word);
    if !look.is_empty() {
        out.raw(" class=\"");
        out.raw(look);
        out.raw("\"");
    }
}

/// The shape and colour of a word, the same in cells, figures and charts. Empty: no mark.
pub(super) fn look(word: &str) -> &'static str {
    match word {
        "succeeded" | "completed" | "complete" | "recovered" => "ok",
        "partial" | "completed_with_exceptions" | "unexplained" => "part",
        "failed" | "loss" | "newly_failing" => "fail",
        "cancelled" => "canc",
        "active" | "in_progress" | "queued" | "throttled" => "run",
        "unknown" | "unclear" => "unk",
        "high" | "critical" => "hi",
        "medium" | "warning" => "mid",
        "low" => "lo",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_literals_are_not() {
        let mut markup = Markup::default();
        markup.raw("<b>");
        markup.text("<i a='1' b=\"2\">äß & co</i>");
        markup.raw("</b>");
        assert_eq!(
            markup.0,
            "<b>&lt;i a=&#39;1&#39; b=&quot;2&quot;&gt;äß &amp; co&lt;/i&gt;</b>"
        );
    }

    #[test]
    fn long_messages_say_how_much_is_cut() {
        let words = Words {
            terms: &[],
            zone: Tz::UTC,
        };
        let mut markup = Markup::default();
        words.cell(
            &mut markup,
            &Cell::Text("<".repeat(501)),
            Unit::Message,
            true,
        );
        assert!(
            markup
                .0
                .ends_with("&lt;</span> <i>… cut here, 1 more character</i>")
        );
        assert_eq!(markup.0.matches("&lt;").count(), 500);
    }
}
