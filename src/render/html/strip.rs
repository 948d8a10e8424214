//! The geometry of strips: in each row one mark for each bucket of the period.
//!
//! A page shows up to a thousand strips, so all marks of one state are one path, and marks side by
//! side are one stroke of it: the dashes of the stroke are the marks.

use std::fmt::Write as _;

use serde::Serialize;

use super::chart::period;
use super::markup::Markup;
use crate::render::format;
use crate::report::{Cell, MARKS, NO_DATA, NO_RUN, Row, Span, Table, Term};

/// Room for the marks of a usual period, in pixels. Only strips of more than 70 buckets are wider.
const ROOM: usize = 212;

/// What all strips of a table have in common.
#[derive(Clone, Serialize)]
pub(in crate::render) struct Scale {
    pub(in crate::render) width: usize,
    /// Length of a mark and of the gap after it.
    dashes: String,
    pub(in crate::render) first: String,
    pub(in crate::render) last: String,
    pub(in crate::render) legend: Vec<Key>,
}

/// One entry of the legend.
#[derive(Clone, Serialize)]
pub(in crate::render) struct Key {
    mark: Mark,
    /// The same for a page.
    drawn: Markup,
    pub(in crate::render) label: String,
}

/// One strip.
#[derive(Serialize)]
pub(in crate::render) struct Strip {
    /// The strip in words: what is counted, and the newest run.
    pub(in crate::render) title: String,
    marks: Vec<Mark>,
}

impl Strip {
    /// Adds the drawing of a row.
    pub(super) fn draw(&self, out: &mut Markup, scale: &Scale) {
        out.raw("<svg class=\"strip\" role=\"img\" width=\"");
        out.size(scale.width);
        out.raw("\" height=\"22\" viewBox=\"0 0 ");
        out.size(scale.width);
        out.raw(" 22\" stroke-dasharray=\"");
        out.escaped(&scale.dashes);
        out.raw("\"><title>");
        out.escaped(&self.title);
        out.raw("</title>");
        for mark in &self.marks {
            mark.draw(out);
        }
        out.raw("</svg>\n");
    }
}

impl Mark {
    /// Adds one path. The style sheet has its colour and the thickness of its stroke.
    fn draw(&self, out: &mut Markup) {
        out.raw("<path class=\"s-");
        out.raw(self.look);
        out.raw("\"");
        if !self.dashes.is_empty() {
            out.raw(" stroke-dasharray=\"");
            out.escaped(&self.dashes);
            out.raw("\"");
        }
        out.raw(" d=\"");
        out.escaped(&self.path);
        out.raw("\"/>");
    }
}

/// All marks of one state.
#[derive(Clone, Serialize)]
struct Mark {
    look: &'static str,
    path: String,
    /// Dashes of its own, or empty.
    dashes: String,
}

/// A state that a letter stands for.
struct State {
    letter: char,
    look: &'static str,
    /// Heights of the strokes. The style sheet knows how thick they are.
    lines: &'static [&'static str],
}

/// The states in the order of the legend and of the words. Each has a shape of its own: a long bar,
/// a bar in two halves, the longest bar, a short bar, three lines, a square that floats, a thin line, a dot.
const STATES: [State; 8] = [
    state('s', "ok", &["14"]),
    state('p', "part", &["9", "19"]),
    state('f', "fail", &["11"]),
    state('c', "canc", &["19"]),
    state('a', "run", &["8", "14", "20"]),
    state('u', "unk", &["11"]),
    state(NO_RUN, "no", &["21"]),
    state(NO_DATA, "out", &["20"]),
];

const fn state(letter: char, look: &'static str, lines: &'static [&'static str]) -> State {
    State {
        letter,
        look,
        lines,
    }
}

/// Lays out the strips of the first rows, `most` of them. A row without letters has no strip. Letters that are not known are
/// drawn as unknown, and letters without a bucket are left out. The legend has the states of all rows. Nothing to draw
/// without the column or without buckets.
pub(in crate::render) fn strips<'a>(
    table: &'a Table,
    buckets: &[Span],
    terms: &[Term],
    by: &str,
    most: usize,
) -> Option<(Scale, Vec<Option<Strip>>)> {
    let at = table.columns.iter().position(|c| c.key == "strip")?;
    let (first, last) = (buckets.first()?, buckets.last()?);
    let pitch = (ROOM / buckets.len()).clamp(3, 14);

    let states = |letters: &'a str| letters.chars().take(buckets.len()).map(place);
    let mut occurring = [false; STATES.len()];
    let all = table.rows.iter().filter_map(|row| letters(row, at));
    for state in all.flat_map(states) {
        occurring[state] = true;
    }
    let drawn = table.rows.iter().take(most).map(|row| {
        let states: Vec<usize> = states(letters(row, at)?).collect();
        Some(Strip {
            title: title(&states, buckets, terms, by),
            marks: (0..STATES.len())
                .filter_map(|state| mark(state, &states, pitch))
                .collect(),
        })
    });
    let drawn = drawn.collect();
    let legend = (0..STATES.len())
        .filter(|&state| occurring[state])
        .filter_map(|state| {
            let mark = mark(state, &[state], 8)?;
            let mut drawn = Markup::default();
            mark.draw(&mut drawn);
            Some(Key {
                mark,
                drawn,
                label: label(state, terms),
            })
        })
        .collect();
    let scale = Scale {
        width: pitch * buckets.len(),
        dashes: format!("{} 1", pitch - 1),
        first: format::date(first.first),
        last: format::date(last.last),
        legend,
    };
    Some((scale, drawn))
}

/// The letters of a row, where it has any.
fn letters(row: &Row, at: usize) -> Option<&str> {
    match row.cells.get(at) {
        Some(Cell::Text(letters)) => Some(letters),
        _ => None,
    }
}

/// The words of the vocabulary that stand behind the letters of a strip.
pub(super) fn words(letters: &str) -> impl Iterator<Item = &'static str> {
    MARKS
        .iter()
        .filter(|(letter, _)| letters.contains(*letter))
        .map(|(_, word)| *word)
}

/// The state of a letter; what is not known is unknown.
fn place(letter: char) -> usize {
    let known = |letter: char| STATES.iter().position(|state| state.letter == letter);
    known(letter).or_else(|| known('u')).unwrap_or(0)
}

/// All marks of one state in one path, or nothing where the strip does not have the state.
fn mark(state: usize, states: &[usize], pitch: usize) -> Option<Mark> {
    let State {
        letter,
        look,
        lines,
    } = STATES[state];
    let mut path = String::new();
    for line in lines {
        let mut at = 0;
        while at < states.len() {
            let length = states[at..].iter().take_while(|s| **s == state).count();
            if length > 0 {
                // A dot stands in the middle of its place. Writing to a string cannot fail.
                let start = if letter == NO_DATA {
                    at * pitch + (pitch - 1) / 2 - usize::from(pitch > 4)
                } else {
                    at * pitch
                };
                let _ = write!(path, "M{start} {line}h{}", length * pitch);
            }
            at += length.max(1);
        }
    }
    let dashes = match (letter, pitch) {
        (NO_DATA, 5..) => format!("2 {}", pitch - 2),
        (NO_DATA, _) => format!("1 {}", pitch - 1),
        _ => String::new(),
    };
    (!path.is_empty()).then_some(Mark { look, path, dashes })
}

/// How a reader sees a state.
fn label(state: usize, terms: &[Term]) -> String {
    let letter = STATES[state].letter;
    match MARKS.iter().find(|(known, _)| *known == letter) {
        Some((_, word)) => {
            let term = format::term(terms, word);
            term.map_or(*word, |term| term.label).to_owned()
        }
        None if letter == NO_RUN => "No run".to_owned(),
        None => "No data loaded".to_owned(),
    }
}

/// For example `30 days: 24 succeeded, 5 failed, 1 without a run. Newest run: failed, 19 Nov 2026`.
fn title(states: &[usize], buckets: &[Span], terms: &[Term], by: &str) -> String {
    let counted: Vec<String> = (0..STATES.len())
        .filter_map(|state| {
            let count = states.iter().filter(|s| **s == state).count();
            let words = match STATES[state].letter {
                NO_RUN => "without a run".to_owned(),
                NO_DATA => "without data".to_owned(),
                _ => label(state, terms).to_lowercase(),
            };
            (count > 0).then(|| format!("{} {words}", format::size(count)))
        })
        .collect();
    let length = format::plural(states.len(), by, &format!("{by}s"));
    let newest = states
        .iter()
        .zip(buckets)
        .rfind(|(state, _)| !matches!(STATES[**state].letter, NO_RUN | NO_DATA));
    match newest {
        Some((state, bucket)) => format!(
            "{length}: {}. Newest: {}, {}",
            counted.join(", "),
            label(*state, terms).to_lowercase(),
            period(Some(bucket.first), Some(bucket.last), by)
        ),
        None => format!("{length}: {}", counted.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::html::markup::look;

    fn path(letters: &str, letter: char, pitch: usize) -> Option<(String, String)> {
        let states: Vec<usize> = letters.chars().map(place).collect();
        mark(place(letter), &states, pitch).map(|mark| (mark.path, mark.dashes))
    }

    #[test]
    fn marks_side_by_side_are_one_stroke() {
        let own = |path: &str| Some((path.to_owned(), String::new()));
        assert_eq!(path("ssfss", 's', 7), own("M0 14h14M21 14h14"));
        assert_eq!(path("ssfss", 'f', 7), own("M14 11h7"));
        assert_eq!(path("p", 'p', 14), own("M0 9h14M0 19h14"));
        assert_eq!(path("ssfss", 'c', 7), None);
        assert_eq!(
            path("s--", '-', 7),
            Some(("M9 20h14".to_owned(), "2 5".to_owned()))
        );
    }

    #[test]
    fn every_letter_has_a_state_and_a_look_of_its_own() {
        for (letter, word) in MARKS {
            assert_eq!(STATES[place(letter)].letter, letter);
            assert_eq!(STATES[place(letter)].look, look(word));
        }
        assert_eq!(STATES[place('<')].letter, 'u');
        for (at, state) in STATES.iter().enumerate() {
            assert!(STATES[..at].iter().all(|other| other.look != state.look));
        }
    }
}
