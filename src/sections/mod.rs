//! The questions that a report answers, one file each.
//!
//! A section file has two halves: its tables from the runs, by a loop over their columns, and its blocks from its
//! tables. [`SECTIONS`] is the order of the report and the only list of sections.

use std::sync::OnceLock;

use anyhow::{Context as _, Result, anyhow};

use crate::input::{ReadFile, Skipped};
use crate::report::{Data, Section, Term};
use crate::runs::frame::Prepared;
use crate::runs::schema::{Outcome, Status};
use crate::threads;
use crate::trust::Trust;

mod bounds;
mod changes;
mod columns;
mod durations;
pub(crate) mod errors;
mod findings;
mod frames;
mod gaps;
mod history;
pub mod inputs;
mod masked;
mod outcomes;
mod overview;
mod runs;
mod scans;
mod systems;
pub mod ticket;

use bounds::Bounds;
use errors::{ErrorRun, Seen};
use frames::Values;
use gaps::Gaps;
use history::History;
use outcomes::DayCounts;
use runs::Listing;
use systems::Reach;

/// What a section is made from.
#[derive(Debug)]
pub struct Context<'a> {
    /// The runs, the dates and the books.
    pub prepared: &'a Prepared,
    /// The files that were read.
    pub files: &'a [ReadFile],
    /// The files that were not.
    pub skipped: &'a [Skipped],
    /// What may be left out.
    pub trust: Trust,
    /// How many rows tables may have.
    bounds: Bounds,
    /// What several sections ask for is made once.
    made: Made<'a>,
}

/// What was made so far, or why it could not be.
#[derive(Debug, Default)]
struct Made<'a> {
    history: OnceLock<Result<History<'a>, String>>,
    findings: OnceLock<Result<Vec<findings::Finding>, String>>,
    days: OnceLock<Result<DayCounts, String>>,
    overview: OnceLock<Result<NowAndBefore, String>>,
    gaps: OnceLock<Result<Gaps, String>>,
    error_runs: OnceLock<Result<Vec<ErrorRun>, String>>,
    errors_seen: OnceLock<Result<Vec<Seen>, String>>,
    errors: OnceLock<Result<Vec<changes::ChangedError>, String>>,
    listing: OnceLock<Result<Listing, String>>,
    reach: OnceLock<Result<Vec<Reach>, String>>,
}

/// Figures of the period, and of the one before where there is one.
type NowAndBefore = (Values, Option<Values>);

/// Makes a thing unless it is made already.
fn once<T>(made: &OnceLock<Result<T, String>>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    let made = made.get_or_init(|| make().map_err(|error| format!("{error:#}")));
    made.as_ref().map_err(|error| anyhow!("{error}"))
}

impl<'a> Context<'a> {
    /// What the sections are made from.
    pub fn new(
        prepared: &'a Prepared,
        files: &'a [ReadFile],
        skipped: &'a [Skipped],
        trust: Trust,
    ) -> Self {
        Context {
            prepared,
            files,
            skipped,
            trust,
            bounds: Bounds::default(),
            made: Made::default(),
        }
    }

    /// Why the report cannot be relied on, each as a fragment of a sentence.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = self.trust.doubts(self.files, self.skipped);
        if !inputs::reconciliation(self).balanced {
            doubts.insert(0, inputs::UNBALANCED.to_owned());
        }
        doubts
    }

    fn history(&self) -> Result<&History<'a>> {
        once(&self.made.history, || History::new(self))
    }

    fn days(&self) -> Result<&DayCounts> {
        once(&self.made.days, || DayCounts::new(self))
    }

    fn overview(&self) -> Result<&NowAndBefore> {
        once(&self.made.overview, || overview::overview(self))
    }

    fn gaps(&self) -> Result<&Gaps> {
        once(&self.made.gaps, || gaps::gaps(self))
    }

    fn error_runs(&self) -> Result<&[ErrorRun]> {
        once(&self.made.error_runs, || errors::runs(self)).map(Vec::as_slice)
    }

    fn errors_seen(&self) -> Result<&[Seen]> {
        once(&self.made.errors_seen, || errors::seen(self)).map(Vec::as_slice)
    }

    fn changed_errors(&self) -> Result<&[changes::ChangedError]> {
        let errors = once(&self.made.errors, || changes::errors(self, self.history()?));
        errors.map(Vec::as_slice)
    }

    fn listing(&self) -> Result<&Listing> {
        once(&self.made.listing, || runs::listing(self))
    }

    fn reach(&self) -> Result<&[Reach]> {
        once(&self.made.reach, || systems::reach(self)).map(Vec::as_slice)
    }

    fn findings(&self) -> Result<&[findings::Finding]> {
        once(&self.made.findings, || findings::find(self)).map(Vec::as_slice)
    }
}

/// A section: its id, and how it is made.
pub struct Spec {
    /// Stable key.
    pub id: &'static str,
    /// What it answers, as in the README.
    pub question: &'static str,
    build: fn(&Context<'_>) -> Result<Section>,
}

/// Every section in reading order.
pub const SECTIONS: &[Spec] = &[
    Spec {
        id: "overview",
        question: "How many runs, how did they end, how was it before, and how does the portal count them?",
        build: overview::section,
    },
    Spec {
        id: "findings",
        question: "What is wrong, since when, by which runs, and what to do?",
        build: findings::section,
    },
    Spec {
        id: "outcomes",
        question: "By day, week or month: how did runs end?",
        build: outcomes::section,
    },
    Spec {
        id: "changes",
        question: "What is otherwise than in the period before?",
        build: changes::section,
    },
    Spec {
        id: "errors",
        question: "Which causes and which errors, how often, since when, and what to do?",
        build: errors::section,
    },
    Spec {
        id: "gaps",
        question: "Which assets are missing, which differences are expected, what is not known?",
        build: gaps::section,
    },
    Spec {
        id: "durations",
        question: "How long do runs take and wait, which are the slowest, and when do they start?",
        build: durations::section,
    },
    Spec {
        id: "scans",
        question: "How does each scan stand, since when, and what were its newest runs?",
        build: scans::section,
    },
    Spec {
        id: "runs",
        question: "How many runs are listed of how many?",
        build: runs::section,
    },
    Spec {
        id: "inputs",
        question: "What was read, what was set aside and why, and does the count add up?",
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

/// Makes every section.
pub fn build(context: &Context<'_>) -> Result<Vec<Section>> {
    build_some(context, |_| true)
}

/// What the head of a report says of the data.
pub fn data(context: &Context<'_>) -> Result<Data> {
    Ok(systems::data(context.reach()?))
}

/// Makes the sections that are wanted, side by side: most of them wait for the engine most of the time.
fn build_some(context: &Context<'_>, wanted: impl Fn(&Spec) -> bool) -> Result<Vec<Section>> {
    let wanted: Vec<&Spec> = SECTIONS.iter().filter(|spec| wanted(spec)).collect();
    let made = threads::each(wanted, |spec| {
        let id = spec.id;
        let section = (spec.build)(context).with_context(|| format!("section {id}"))?;
        debug_assert!(context.bounds.hold(&section), "section {id} has no bound");
        Ok(section)
    });
    made.into_iter().collect()
}

/// The words that cells use, without repetition: the first list that has a word says what it means.
pub fn terms() -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for term in vocabularies().into_iter().flat_map(|(_, list)| list) {
        if terms.iter().all(|known| known.word != term.word) {
            terms.push(term);
        }
    }
    terms
}

/// The list of the kinds of findings.
const FINDING: &str = "finding";

/// The words that cells use by what they speak of, each with its meaning there.
pub fn vocabularies() -> Vec<(&'static str, Vec<Term>)> {
    let term = |(word, label, meaning)| Term {
        word,
        label,
        meaning,
    };
    let list = |words: &[(&'static str, &'static str, &'static str)]| {
        words.iter().copied().map(term).collect()
    };
    let outcomes = Outcome::ALL
        .iter()
        .map(|outcome| (outcome.key(), outcome.label(), outcome.meaning()));
    let statuses = Status::ALL
        .iter()
        .map(|status| (status.key(), status.label(), status.meaning()));
    let causes = crate::errors::Category::ALL
        .into_iter()
        .map(|category| (category.key(), category.label(), category.meaning()));
    vec![
        ("outcome", outcomes.map(term).collect()),
        ("status", statuses.map(term).collect()),
        ("cause", causes.map(term).collect()),
        ("kind of gap", list(&gaps::KIND_TERMS)),
        (FINDING, list(findings::KIND_TERMS)),
        ("severity", list(&findings::SEVERITY_TERMS)),
        ("run behind a finding", list(&findings::ROLE_TERMS)),
        ("change", list(&changes::CHANGE_TERMS)),
    ]
}

/// True for a kind of finding.
pub fn is_kind_of_finding(word: &str) -> bool {
    findings::KIND_TERMS
        .iter()
        .any(|(kind, _, _)| *kind == word)
}

#[cfg(test)]
mod tests {
    use crate::report::Block;

    /// Columns that say themselves what they hold: names of things.
    const NAMES: [&str; 7] = [
        "system",
        "account",
        "source",
        "source_type",
        "scan",
        "run_id",
        "path",
    ];

    #[test]
    fn every_figure_and_column_has_a_definition() {
        let outline = crate::outline::outline().unwrap();
        let mut without = Vec::new();
        for section in &outline.sections {
            for block in &section.blocks {
                let mut look = |key: &str, definition: &str| {
                    if definition.is_empty() && !NAMES.contains(&key) {
                        without.push(format!("{}.{}.{key}", section.id, block.id()));
                    }
                };
                if let Block::Figures(figures) = block {
                    for figure in figures.items.as_ref().unwrap() {
                        look(figure.key, figure.definition);
                    }
                }
                for column in block.table().iter().flat_map(|table| &table.columns) {
                    look(column.key, column.definition);
                }
            }
        }
        assert_eq!(without, [""; 0]);
    }

    #[test]
    fn every_word_is_in_one_list_at_least() {
        let lists = super::vocabularies();
        for term in super::terms() {
            let holds = lists
                .iter()
                .flat_map(|(_, list)| list)
                .filter(|known| known.word == term.word)
                .count();
            assert!(holds >= 1, "{}", term.word);
        }
    }
}
