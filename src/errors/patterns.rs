//! Lists of patterns of which few match a text, looked for together.
//!
//! A pattern is taken apart into its alternatives, and what an alternative cannot do without is read off it: each part
//! of it that must match names the literals of which one must stand in the text. All literals of a list are looked for
//! in one pass, so that a pattern is built and tried only where it is likely to match.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::{Class, Hir, HirKind};

/// More literals than this are not worth looking for.
const LITERALS: usize = 64;

/// Literals of which one must stand in the text, ASCII letters small.
type AnyOf = Vec<Vec<u8>>;

/// Patterns by number. Case is ignored; they see bytes and know ASCII only, as building them for all of Unicode takes
/// 0.2 s.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    /// Of each pattern its alternatives.
    of: Vec<Range<usize>>,
    alternatives: Vec<Alternative>,
    /// `None` when nothing needs a literal.
    literals: Option<AhoCorasick>,
}

#[derive(Debug)]
struct Alternative {
    pattern: String,
    /// Groups of literals by number; one of each group must be present.
    needs: Vec<Vec<usize>>,
    /// It is nothing but the literal that it needs, in any case.
    literal: bool,
    /// Built when a text is likely to match. A pattern is checked before it comes here, so `None` is never met.
    regex: OnceLock<Option<Regex>>,
}

/// A text in which the literals were looked for.
#[derive(Debug)]
pub(super) struct Looked<'a> {
    text: &'a str,
    patterns: &'a Patterns,
    /// A bit for each literal that stands in the text.
    present: Vec<u64>,
}

/// Builds a pattern as a list does.
pub(super) fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .unicode(false)
        .build()
}

impl Patterns {
    /// The patterns; a number without one is never asked. With `whole` a pattern must match all of the text.
    pub(super) fn new<'a>(
        patterns: impl Iterator<Item = Option<&'a str>>,
        whole: bool,
    ) -> Patterns {
        let mut list = Patterns::default();
        let mut literals: Vec<Vec<u8>> = Vec::new();
        let mut number = |literal: Vec<u8>| {
            let known = literals.iter().position(|known| *known == literal);
            known.unwrap_or_else(|| {
                literals.push(literal);
                literals.len() - 1
            })
        };
        for pattern in patterns {
            let first = list.alternatives.len();
            for part in alternatives(pattern.unwrap_or_default()) {
                let hir = parse(part);
                let needs = hir.as_ref().map_or_else(Vec::new, all);
                list.alternatives.push(Alternative {
                    pattern: if whole {
                        format!("^(?:{part})$")
                    } else {
                        part.to_owned()
                    },
                    needs: (needs.into_iter())
                        .map(|group| group.into_iter().map(&mut number).collect())
                        .collect(),
                    literal: !whole
                        && !part.contains("(?")
                        && hir.is_some_and(|hir| matches!(hir.kind(), HirKind::Literal(_))),
                    regex: OnceLock::new(),
                });
            }
            list.of.push(first..list.alternatives.len());
        }
        list.literals = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&literals)
            .ok();
        list
    }

    /// Looks for all literals at once.
    pub(super) fn look<'a>(&'a self, text: &'a str) -> Looked<'a> {
        let count = self.literals.as_ref().map_or(0, AhoCorasick::patterns_len);
        let mut present = vec![0; count.div_ceil(64)];
        for found in self
            .literals
            .iter()
            .flat_map(|literals| literals.find_overlapping_iter(text))
        {
            let literal = found.pattern().as_usize();
            present[literal / 64] |= 1 << (literal % 64);
        }
        Looked {
            text,
            patterns: self,
            present,
        }
    }
}

impl Looked<'_> {
    /// True if the pattern of this number matches.
    pub(super) fn fits(&self, number: usize) -> bool {
        let alternatives = &self.patterns.alternatives[self.patterns.of[number].clone()];
        alternatives.iter().any(|alternative| {
            self.may_match(alternative)
                && (alternative.literal || {
                    let regex = alternative
                        .regex
                        .get_or_init(|| build(&alternative.pattern).ok());
                    let bytes = self.text.as_bytes();
                    regex.as_ref().is_some_and(|regex| regex.is_match(bytes))
                })
        })
    }

    fn may_match(&self, alternative: &Alternative) -> bool {
        // Without an automaton everything is tried.
        let holds = |&literal: &usize| {
            let word = self.present.get(literal / 64);
            word.is_none_or(|word| word & (1 << (literal % 64)) != 0)
        };
        let mut needs = alternative.needs.iter();
        needs.all(|group| group.iter().any(holds))
    }
}

/// The alternatives of a pattern as they are written; the pattern itself where it is none or sets flags for all.
fn alternatives(pattern: &str) -> Vec<&str> {
    let Ok(Ast::Alternation(ref alternation)) = ast::parse::Parser::new().parse(pattern) else {
        return vec![pattern];
    };
    let part = |ast: &Ast| pattern.get(ast.span().start.offset..ast.span().end.offset);
    let sets_flags = |ast: &Ast| match ast {
        Ast::Flags(_) => true,
        Ast::Concat(concat) => concat.asts.iter().any(|ast| matches!(ast, Ast::Flags(_))),
        _ => false,
    };
    let parts: Option<Vec<&str>> = alternation.asts.iter().map(part).collect();
    parts
        .filter(|_| !alternation.asts.iter().any(sets_flags))
        .unwrap_or_else(|| vec![pattern])
}

/// The pattern as it is built, but for its case, which the search for literals ignores.
fn parse(pattern: &str) -> Option<Hir> {
    ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern)
        .ok()
}

/// Every group of literals that a match needs one of.
fn all(hir: &Hir) -> Vec<AnyOf> {
    match hir.kind() {
        HirKind::Literal(literal) => vec![vec![literal.0.to_ascii_lowercase()]],
        HirKind::Class(class) => letter(class).map_or_else(Vec::new, |byte| vec![vec![vec![byte]]]),
        HirKind::Capture(capture) => all(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => all(&repetition.sub),
        HirKind::Concat(parts) => {
            let mut groups = Vec::new();
            let mut run: Vec<u8> = Vec::new();
            let end = |run: &mut Vec<u8>, groups: &mut Vec<AnyOf>| {
                if !run.is_empty() {
                    groups.push(vec![std::mem::take(run)]);
                }
            };
            for part in parts {
                match part.kind() {
                    HirKind::Literal(literal) => run.extend(literal.0.to_ascii_lowercase()),
                    HirKind::Class(class) => match letter(class) {
                        Some(byte) => run.push(byte),
                        None => end(&mut run, &mut groups),
                    },
                    // Takes no room between its neighbours.
                    HirKind::Look(_) | HirKind::Empty => {}
                    _ => {
                        end(&mut run, &mut groups);
                        groups.extend(all(part));
                    }
                }
            }
            end(&mut run, &mut groups);
            groups
        }
        HirKind::Alternation(parts) => {
            let mut either = AnyOf::new();
            for part in parts {
                // One group for each alternative: the one that is rarest, which is that of the longest literals.
                let groups = all(part);
                let rarest = groups.into_iter().max_by_key(|group| {
                    let shortest = group.iter().map(Vec::len).min();
                    (shortest, std::cmp::Reverse(group.len()))
                });
                let Some(rarest) = rarest else {
                    return Vec::new();
                };
                either.extend(rarest);
            }
            if either.len() > LITERALS {
                return Vec::new();
            }
            vec![either]
        }
        HirKind::Repetition(_) | HirKind::Look(_) | HirKind::Empty => Vec::new(),
    }
}

/// The small letter of a class that holds one byte, in both cases or one.
fn letter(class: &Class) -> Option<u8> {
    let Class::Bytes(class) = class else {
        return None;
    };
    let mut bytes = class.iter().flat_map(|range| range.start()..=range.end());
    let first = bytes.next()?.to_ascii_lowercase();
    // At most two bytes are looked at, whatever the class holds.
    let others = bytes.take(2).all(|byte| byte.to_ascii_lowercase() == first);
    others.then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(pattern: &str) -> Vec<Vec<String>> {
        let text = |literal: Vec<u8>| String::from_utf8(literal).unwrap();
        let group = |group: AnyOf| group.into_iter().map(text).collect();
        let hir = parse(pattern).unwrap();
        all(&hir).into_iter().map(group).collect()
    }

    #[test]
    fn what_a_pattern_cannot_do_without() {
        for (pattern, expected) in [
            ("Login failed", vec![vec!["login failed"]]),
            (r"\bTLS\b", vec![vec!["tls"]]),
            (r"ORA-125[14]\d", vec![vec!["ora-125"]]),
            ("colou?r", vec![vec!["colo"], vec!["r"]]),
            ("[Tt]oken", vec![vec!["token"]]),
            ("[^a]", vec![]),
            (r"\d+", vec![]),
            ("(?:a b)?c", vec![vec!["c"]]),
            ("(?:a b)+c", vec![vec!["a b"], vec!["c"]]),
            ("one|two", vec![vec!["one", "two"]]),
            (r"one|\d", vec![]),
            (
                "(?:http|net) (?:down|up)!",
                vec![
                    vec!["http", "net"],
                    vec![" "],
                    vec!["down", "up"],
                    vec!["!"],
                ],
            ),
            (r"a.*host|bb\d+c", vec![vec!["host", "bb"]]),
        ] {
            assert_eq!(needs(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn alternatives_are_those_at_the_top() {
        assert_eq!(alternatives("a(?:b|c)|d"), ["a(?:b|c)", "d"]);
        assert_eq!(alternatives("(?:b|c)d"), ["(?:b|c)d"]);
        // A flag at the front is meant for all that follows.
        assert_eq!(alternatives("(?s)a|b"), ["(?s)a|b"]);
        assert_eq!(alternatives(""), [""]);
    }

    /// Each pattern fits a text exactly if a plain expression does.
    #[test]
    fn a_list_finds_what_its_patterns_find() {
        let patterns = [
            "login (?:failed|denied)",
            r"\b\d{3}\b|time(?:d )?out",
            "[^a-z]x|^$",
            r"\bTLS\b",
            "forbidden",
            ".*Throttl.*|429",
            "(?-i)Case",
        ];
        let texts = [
            "LOGIN Denied",
            "code 503",
            "Timed OUT",
            "timeout",
            "axe",
            "a xe",
            "AX",
            "",
            "tls",
            "hotls",
            "Forbidden!",
            "FORBIDDEN",
            "Throttled",
            "429",
            "4290",
            "case",
            "Case",
            "login 'failed' \u{fc}",
        ];
        for whole in [false, true] {
            let list = Patterns::new(patterns.iter().map(|pattern| Some(*pattern)), whole);
            let mut fitting = 0;
            for text in texts {
                let looked = list.look(text);
                for (number, pattern) in patterns.iter().enumerate() {
                    let plain = if whole {
                        build(&format!("^(?:{pattern})$"))
                    } else {
                        build(pattern)
                    };
                    let expected = plain.unwrap().is_match(text.as_bytes());
                    fitting += usize::from(expected);
                    assert_eq!(looked.fits(number), expected, "{pattern} in {text:?}");
                }
            }
            assert!(fitting > 8);
        }
    }
}
