//! Which runs the user wants to see.

use anyhow::{Context, Result, bail};
use globset::{Glob, GlobMatcher};

use super::records::Records;
use super::schema::{Field, Outcome};

/// What a filter looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A text field.
    Field(Field),
    /// The outcome.
    Outcome,
}

/// One `--scan`, `--source` … : names as globs, in a list, each negated by a leading `!`.
#[derive(Clone, Debug)]
pub struct Filter {
    subject: Subject,
    wanted: Vec<GlobMatcher>,
    unwanted: Vec<GlobMatcher>,
}

impl Filter {
    /// Reads a list such as `sql-*,!sql-test`. Case does not matter.
    pub fn new(subject: Subject, lists: &[String]) -> Result<Option<Filter>> {
        let mut filter = Filter {
            subject,
            wanted: Vec::new(),
            unwanted: Vec::new(),
        };
        for word in lists
            .iter()
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            let (pattern, into) = match word.strip_prefix('!') {
                Some(rest) => (rest, &mut filter.unwanted),
                None => (word, &mut filter.wanted),
            };
            if subject == Subject::Outcome
                && !pattern.contains(['*', '?', '['])
                && Outcome::ALL.iter().all(|o| o.key() != pattern)
            {
                let known: Vec<_> = Outcome::ALL.iter().map(|outcome| outcome.key()).collect();
                bail!(
                    "no outcome {pattern:?}\n       expected one of {}",
                    known.join(", ")
                );
            }
            let glob = Glob::new(&pattern.to_lowercase())
                .with_context(|| format!("{pattern:?} is no pattern"))?;
            into.push(glob.compile_matcher());
        }
        let empty = filter.wanted.is_empty() && filter.unwanted.is_empty();
        Ok((!empty).then_some(filter))
    }

    fn passes(&self, text: Option<&str>) -> bool {
        let text = text.unwrap_or_default().to_lowercase();
        let among = |globs: &[GlobMatcher]| globs.iter().any(|glob| glob.is_match(&text));
        (self.wanted.is_empty() || among(&self.wanted)) && !among(&self.unwanted)
    }
}

/// For each row, whether every filter lets it pass.
pub fn passing(filters: &[Filter], records: &Records, rows: &[usize]) -> Vec<bool> {
    let mut passing = vec![true; rows.len()];
    for filter in filters {
        match filter.subject {
            Subject::Outcome => {
                for (pass, &row) in passing.iter_mut().zip(rows) {
                    *pass &= filter.passes(Some(records.outcome(row).key()));
                }
            }
            Subject::Field(field) => {
                // Each distinct name is matched once.
                let names: Vec<bool> = records
                    .dictionary(field)
                    .map(|words| words.iter().map(|name| filter.passes(Some(name))).collect())
                    .unwrap_or_default();
                let missing = filter.passes(None);
                for (pass, &row) in passing.iter_mut().zip(rows) {
                    *pass &= records.code(field, row).map_or(missing, |code| {
                        names.get(code as usize).copied().unwrap_or(missing)
                    });
                }
            }
        }
    }
    passing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(list: &str, name: Option<&str>) -> bool {
        Filter::new(Subject::Field(Field::Scan), &[list.to_owned()])
            .unwrap()
            .unwrap()
            .passes(name)
    }

    #[test]
    fn lists_globs_and_negation() {
        assert!(passes("sql-*, adls", Some("SQL-crm")));
        assert!(passes("sql-*,adls", Some("adls")));
        assert!(!passes("sql-*", Some("adls")));
        assert!(!passes("sql-*,!sql-test", Some("sql-test")));
        assert!(passes("!sql-test", Some("other")));
        assert!(passes("!sql-test", None));
        assert!(!passes("sql-*", None));
    }

    #[test]
    fn an_outcome_must_exist() {
        assert!(Filter::new(Subject::Outcome, &["broken".to_owned()]).is_err());
        assert!(Filter::new(Subject::Outcome, &["failed,!partial".to_owned()]).is_ok());
        assert!(Filter::new(Subject::Outcome, &[]).unwrap().is_none());
    }
}
