//! Writes a report in a format. Knows the document only, neither Polars nor any section.

use anyhow::Result;

pub use self::html::MAX_BYTES;
pub use self::markdown::{LEAST_CHARS, MAX_CHARS};
use crate::report::Report;
use crate::threads;

pub mod charts;
pub mod csv;
pub mod format;
mod html;
mod json;
mod markdown;
mod text;

/// A format that a report can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One page, complete in itself.
    Html,
    /// For tickets: GitHub-flavoured Markdown.
    Markdown,
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
            "md" | "markdown" => Some(Format::Markdown),
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
        json || start.contains(html::MARKER)
            || start.starts_with(markdown::MARKER)
            || start.starts_with(text::MARKER)
    }
}

/// A file of those that stand beside a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideFile {
    /// Its name in the folder.
    pub name: String,
    /// How it begins. A file of its name that begins otherwise is not ours.
    pub start: String,
    /// The whole text, the start included.
    pub text: String,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderOptions {
    /// Most characters of Markdown, 0 for no limit. Less than [`LEAST_CHARS`] is an error.
    pub max_chars: usize,
    /// Most bytes of a page, 0 for no limit. What matters least is left out until it fits; failures never are, so that a
    /// page may stay larger, and says so.
    pub max_bytes: usize,
    /// A page has its script: sorting, search, copying. It is complete without.
    pub script: bool,
}

impl Default for RenderOptions {
    fn default() -> Self {
        RenderOptions {
            max_chars: MAX_CHARS,
            max_bytes: MAX_BYTES,
            script: true,
        }
    }
}

/// Writes a report with the usual options.
pub fn render(report: &Report, format: Format) -> Result<String> {
    render_with(report, format, &RenderOptions::default())
}

/// Writes a report in several formats, at the same time.
pub fn render_all(
    report: &Report,
    formats: &[Format],
    options: &RenderOptions,
) -> Result<Vec<String>> {
    threads::each(formats, |format| render_with(report, *format, options))
        .into_iter()
        .collect()
}

/// Writes a report.
pub fn render_with(report: &Report, format: Format, options: &RenderOptions) -> Result<String> {
    match format {
        Format::Html => html::html(report, options),
        Format::Markdown => markdown::markdown(report, options.max_chars),
        Format::Json => json::json(report),
        Format::Text => Ok(text::text(report)),
    }
}

/// The report in one screen of a terminal, with colour where the terminal takes it.
pub fn summary(report: &Report, colour: bool) -> String {
    text::summary(report, colour)
}
