//! Writes a report in a format. Knows the document only, neither Polars nor any section.

use anyhow::Result;

use crate::report::Report;

pub mod csv;
pub mod format;
mod html;
mod json;
mod text;

/// A format that a report can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One page, complete in itself.
    Html,
    /// For machines: raw values under stable paths.
    Json,
    /// For the terminal.
    Text,
}

impl Format {
    /// The format for an ending of a file name.
    pub fn of_ending(ending: &str) -> Option<Format> {
        match ending.to_ascii_lowercase().as_str() {
            "html" | "htm" => Some(Format::Html),
            "json" => Some(Format::Json),
            "txt" => Some(Format::Text),
            _ => None,
        }
    }

    /// True when these are the first bytes of a report in some format that we wrote.
    pub fn is_ours(first: &[u8]) -> bool {
        let start = String::from_utf8_lossy(&first[..first.len().min(4_096)]);
        let inside = start.trim_start().strip_prefix('{').unwrap_or_default();
        let json = inside.trim_start().starts_with("\"schema_version\"")
            && ["title", "as_of", "time_zone", "window"]
                .iter()
                .all(|key| start.contains(&format!("\"{key}\":")));
        json || start.contains(html::MARKER) || start.starts_with(text::MARKER)
    }
}

/// Writes a report.
pub fn render(report: &Report, format: Format) -> Result<String> {
    match format {
        Format::Html => html::html(report),
        Format::Json => json::json(report),
        Format::Text => Ok(text::text(report)),
    }
}

/// The report in one screen of a terminal, with colour where the terminal takes it.
pub fn summary(report: &Report, colour: bool) -> String {
    text::summary(report, colour)
}
