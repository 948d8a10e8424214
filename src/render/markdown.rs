//! GitHub-flavoured Markdown, to be pasted into a ticket.
//!
//! No picture and no script: charts are characters, and long parts are folded away with `<details>`.
//! Text from logs is hostile until proven otherwise; it passes through `escape` and in no other way.
//! Ticket systems take a limited number of characters, so `plan` leaves things out until the rest fits:
//! what matters least first, never in the middle of something, and said at the top.
//!
//! `view` makes the pieces from the document, with `detail` for what opens under a row and `draw` for
//! charts; `plan` chooses among them, `grid` aligns tables and `chart` has the characters.

mod chart;
mod detail;
mod draw;
mod escape;
mod grid;
mod plan;
mod view;

use anyhow::{Context as _, Result, bail};
use chrono_tz::Tz;

use crate::report::Report;

/// First line of every report in Markdown. A file that begins with it may be written over.
pub(super) const MARKER: &str = "<!-- rundown report -->";

/// The longest report by default: a comment on GitHub takes 65,536 characters.
pub const MAX_CHARS: usize = 65_000;

/// The smallest limit: title, period, the first sentence and the reconciliation fit into it.
pub const LEAST_CHARS: usize = 2_000;

/// Writes a report as Markdown with at most so many characters, counted as Unicode scalar values and as
/// UTF-16 units; 0 is no limit. Fails when the limit is below [`LEAST_CHARS`].
pub(super) fn markdown(report: &Report, max_chars: usize) -> Result<String> {
    let zone: Tz = report
        .time_zone
        .parse()
        .with_context(|| format!("{:?} is not the name of a time zone", report.time_zone))?;
    if max_chars == 0 {
        let document = view::document(report, zone, usize::MAX, usize::MAX);
        return Ok(plan::whole(&document));
    }
    if max_chars < LEAST_CHARS {
        bail!(
            "a report of {max_chars} characters is too short\n       expected {LEAST_CHARS} or more, or 0 for no limit"
        );
    }
    // A UTF-16 unit has three bytes at most, so more rows than these bytes hold can never fit.
    let document = view::document(report, zone, max_chars.saturating_mul(3), plan::DETAILS);
    Ok(plan::fit(&document, max_chars))
}
