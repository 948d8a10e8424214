//! Lists of patterns of which few match a text, looked for together.
//!
//! A pattern is taken apart into its alternatives, and what an alternative cannot do without is read off it: each part
//! of it that must match names the literals of which one must stand in the text. All literals of a list are looked for
//! in one pass, so that a pattern is built and tried only where it is likely to match.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::literals::{Literals, Present};

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
    /// `None` when there are too many.
    literals: Option<Literals>,
    /// Of each literal the alternatives that are looked at where it stands.
    woken: Vec<Vec<usize>>,
    /// The alternatives that need none.
    always: Vec<usize>,
}

#[derive(Debug)]
struct Alternative {
    pattern: String,
    /// Groups of literals by number; one of each group must be present.
    needs: Vec<Vec<usize>>,
    /// It is nothing but this literal, in any case.
    literal: Option<Vec<u8>>,
    /// It must fit the whole text.
    whole: bool,
    /// Built when a text is likely to match. A pattern is checked before it comes here, so `None` is never met.
    regex: OnceLock<Option<Regex>>,
}

/// A text in which the literals were looked for.
#[derive(Debug)]
pub(super) struct Looked<'a> {
    text: &'a str,
    patterns: &'a Patterns,
    /// The alternatives that may match, in order.
    likely: Vec<usize>,
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
                let literal = hir.filter(|_| !part.contains("(?"));
                list.alternatives.push(Alternative {
                    pattern: if whole {
                        format!("^(?:{part})$")
                    } else {
                        part.to_owned()
                    },
                    needs: (needs.into_iter())
                        .map(|group| group.into_iter().map(&mut number).collect())
                        .collect(),
                    literal: literal.and_then(|hir| match hir.kind() {
                        HirKind::Literal(literal) => Some(literal.0.to_vec()),
                        _ => None,
                    }),
                    whole,
                    regex: OnceLock::new(),
                });
            }
            list.of.push(first..list.alternatives.len());
        }
        list.woken.resize(literals.len(), Vec::new());
        for (number, alternative) in list.alternatives.iter().enumerate() {
            // One of the literals that are rarest, which are the longest, must stand in the text.
            let shortest = |group: &&Vec<usize>| group.iter().map(|&of| literals[of].len()).min();
            match alternative.needs.iter().max_by_key(shortest) {
                Some(group) => group.iter().for_each(|&of| list.woken[of].push(number)),
                None => list.always.push(number),
            }
        }
        list.literals = Literals::new(literals).ok();
        list
    }

    /// Looks for all literals at once.
    pub(super) fn look<'a>(&'a self, text: &'a str) -> Looked<'a> {
        let mut likely = match &self.literals {
            Some(literals) => {
                let present = literals.find(text.as_bytes());
                let woken = (present.iter())
                    .flat_map(|literal| self.woken[literal].iter().copied())
                    .filter(|&alternative| self.alternatives[alternative].may_match(&present));
                woken.chain(self.always.iter().copied()).collect()
            }
            // Everything is tried.
            None => (0..self.alternatives.len()).collect::<Vec<_>>(),
        };
        likely.sort_unstable();
        likely.dedup();
        Looked {
            text,
            patterns: self,
            likely,
        }
    }
}

impl Looked<'_> {
    /// True if the pattern of this number matches.
    pub(super) fn fits(&self, number: usize) -> bool {
        let Range { start, end } = self.patterns.of[number];
        let first = self.likely.partition_point(|&of| of < start);
        let own = self.likely[first..].iter().take_while(|&&of| of < end);
        let mut own = own.map(|&of| &self.patterns.alternatives[of]);
        own.any(|alternative| alternative.fits(self.text))
    }
}

impl Alternative {
    fn may_match(&self, present: &Present) -> bool {
        let mut needs = self.needs.iter();
        needs.all(|group| group.iter().any(|&literal| present.has(literal)))
    }

    fn fits(&self, text: &str) -> bool {
        match &self.literal {
            Some(literal) if self.whole => text.as_bytes().eq_ignore_ascii_case(literal),
            Some(literal) => {
                let mut parts = text.as_bytes().windows(literal.len().max(1));
                parts.any(|part| part.eq_ignore_ascii_case(literal))
            }
            None => {
                let regex = self.regex.get_or_init(|| build(&self.pattern).ok());
                let bytes = text.as_bytes();
                regex.as_ref().is_some_and(|regex| regex.is_match(bytes))
            }
        }
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
