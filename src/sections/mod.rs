//! The questions that a report answers, one file each.
//!
//! A section file has two halves: its tables from the runs, by Polars expressions, and its blocks from its
//! tables. [`SECTIONS`] is the order of the report and the only list of sections.

use anyhow::{Context as _, Result};

use crate::input::{ReadFile, Skipped};
use crate::report::{Report, Section, Term};
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
        id: "outcomes",
        question: "By day, week or month: how did runs end?",
        build: outcomes::section,
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

/// The words of [`terms`] by what they speak of, each with its meaning there. Words that only a newer list of terms
/// holds come last.
pub fn vocabularies() -> Vec<(&'static str, Vec<Term>)> {
    let term = |(word, label, meaning)| Term {
        word,
        label,
        meaning,
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
    let mut lists: Vec<(&'static str, Vec<Term>)> = vec![
        ("outcome", outcomes.map(term).collect()),
        ("status", statuses.map(term).collect()),
        ("cause", causes.map(term).collect()),
        (
            "kind of gap",
            gaps::KIND_TERMS.into_iter().map(term).collect(),
        ),
    ];
    let mut others = terms();
    others.retain(|term| {
        lists
            .iter()
            .all(|(_, list)| list.iter().all(|known| known.word != term.word))
    });
    lists.push(("finding", others));
    lists
}

/// True for a word of these terms that is neither an outcome, a status, a cause nor a kind of gap.
pub fn is_kind_of_finding(report: &Report, word: &str) -> bool {
    let others = vocabularies();
    let others = others.iter().filter(|(list, _)| *list != "finding");
    report.terms.iter().any(|term| term.word == word)
        && others
            .flat_map(|(_, list)| list)
            .all(|known| known.word != word)
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
