//! The questions that a report answers, one file each.
//!
//! A section file has two halves: its tables from the runs, by Polars expressions, and its blocks from its
//! tables. [`SECTIONS`] is the order of the report and the only list of sections.

use anyhow::{Context as _, Result};

use crate::input::{ReadFile, Skipped};
use crate::report::{Section, Term};
use crate::runs::frame::Prepared;
use crate::runs::schema::{Outcome, Status};

mod errors;
mod frames;
mod gaps;
pub mod inputs;
mod outcomes;
mod overview;
mod runs;
mod scans;

/// What a section is made from.
#[derive(Debug)]
pub struct Context<'a> {
    /// The runs, the dates and the books.
    pub prepared: &'a Prepared,
    /// The files that were read.
    pub files: &'a [ReadFile],
    /// The files that were not.
    pub skipped: &'a [Skipped],
}

/// A section: its id, and how it is made.
pub struct Spec {
    /// Stable key.
    pub id: &'static str,
    build: fn(&Context<'_>) -> Result<Section>,
}

/// Every section in reading order.
pub const SECTIONS: &[Spec] = &[
    Spec {
        id: "overview",
        build: overview::section,
    },
    Spec {
        id: "outcomes",
        build: outcomes::section,
    },
    Spec {
        id: "errors",
        build: errors::section,
    },
    Spec {
        id: "gaps",
        build: gaps::section,
    },
    Spec {
        id: "scans",
        build: scans::section,
    },
    Spec {
        id: "runs",
        build: runs::section,
    },
    Spec {
        id: "inputs",
        build: inputs::section,
    },
];

/// Makes every section, each in a thread of its own: most of them wait for the engine most of the time.
pub fn build(context: &Context<'_>) -> Result<Vec<Section>> {
    std::thread::scope(|scope| {
        let made: Vec<_> = SECTIONS
            .iter()
            .map(|spec| (spec.id, scope.spawn(|| (spec.build)(context))))
            .collect();
        made.into_iter()
            .map(|(id, section)| {
                let section = section
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                section.with_context(|| format!("section {id}"))
            })
            .collect()
    })
}

/// The words that cells use for statuses, causes and kinds. An outcome's meaning stands for a status of the same name.
pub fn terms() -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    let mut add = |word, label, meaning| {
        if terms.iter().all(|term| term.word != word) {
            terms.push(Term {
                word,
                label,
                meaning,
            });
        }
    };
    for &outcome in Outcome::ALL {
        add(outcome.key(), outcome.label(), outcome.meaning());
    }
    for &status in Status::ALL {
        add(status.key(), status.label(), status.meaning());
    }
    for category in crate::errors::Category::ALL {
        add(category.key(), category.label(), category.meaning());
    }
    for (word, label, meaning) in gaps::KIND_TERMS {
        add(word, label, meaning);
    }
    terms
}
