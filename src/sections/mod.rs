//! The questions that a report answers, one file each.
//!
//! A section file has two halves: its tables from the runs, by Polars expressions, and its blocks from its
//! tables. [`SECTIONS`] is the order of the report and the only list of sections.

use std::sync::OnceLock;

use anyhow::{Context as _, Result, anyhow};

use crate::input::{ReadFile, Skipped};
use crate::report::{Section, Term};
use crate::runs::frame::Prepared;
use crate::runs::schema::{Outcome, Status};

mod changes;
mod durations;
mod errors;
mod findings;
mod frames;
mod gaps;
mod history;
pub mod inputs;
mod outcomes;
mod overview;
mod runs;
mod scans;
pub mod ticket;

use history::History;

/// What a section is made from.
#[derive(Debug)]
pub struct Context<'a> {
    /// The runs, the dates and the books.
    pub prepared: &'a Prepared,
    /// The files that were read.
    pub files: &'a [ReadFile],
    /// The files that were not.
    pub skipped: &'a [Skipped],
    /// What several sections ask for is made once.
    made: Made,
}

/// What was made so far, or why it could not be.
#[derive(Debug, Default)]
struct Made {
    history: OnceLock<Result<History, String>>,
    findings: OnceLock<Result<Vec<findings::Finding>, String>>,
}

/// Makes a thing unless it is made already.
fn once<T>(made: &OnceLock<Result<T, String>>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    let made = made.get_or_init(|| make().map_err(|error| format!("{error:#}")));
    made.as_ref().map_err(|error| anyhow!("{error}"))
}

impl<'a> Context<'a> {
    /// What the sections are made from.
    pub fn new(prepared: &'a Prepared, files: &'a [ReadFile], skipped: &'a [Skipped]) -> Self {
        Context {
            prepared,
            files,
            skipped,
            made: Made::default(),
        }
    }

    fn history(&self) -> Result<&History> {
        once(&self.made.history, || History::new(self))
    }

    fn findings(&self) -> Result<&[findings::Finding]> {
        once(&self.made.findings, || findings::find(self)).map(Vec::as_slice)
    }
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
        id: "changes",
        build: changes::section,
    },
    Spec {
        id: "findings",
        build: findings::section,
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
        id: "durations",
        build: durations::section,
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

/// Makes what a report about one scan or run has instead: its title and sections.
pub fn about(
    context: &Context<'_>,
    subject: &ticket::About,
    link: Option<&str>,
) -> Result<Option<(String, Vec<Section>)>> {
    Ok(match subject {
        ticket::About::Everything => None,
        ticket::About::Scan(name) => Some(ticket::scan(context, name)?),
        ticket::About::Run(id) => Some(ticket::run(context, id, link)?),
    })
}

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
    let others = gaps::KIND_TERMS.iter().chain(findings::KIND_TERMS);
    let others = others.chain(&findings::SEVERITY_TERMS);
    for &(word, label, meaning) in others
        .chain(&findings::ROLE_TERMS)
        .chain(&changes::CHANGE_TERMS)
    {
        add(word, label, meaning);
    }
    terms
}
