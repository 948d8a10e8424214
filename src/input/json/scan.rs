//! Quick passes over JSON, each of which says where something ends.
//!
//! They say so only of what is proven to be JSON as `serde_json` reads it. Of all else they say nothing (`None`): then
//! `serde_json` decides, and finds the words for what is wrong.

use std::ops::Range;

/// Arrays and objects that stand in each other; what is nested deeper is left to `serde_json`.
pub(super) const DEPTH: usize = 64;

/// This byte in each place of a word.
const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The place in a word, in order of the text, of the first byte that a string does not hold as it is: a quotation mark,
/// a backslash or a control character.
fn special(word: u64) -> Option<usize> {
    // Subtraction borrows only from bytes behind the first that is found, so the lowest mark is right.
    let quote_or_control = word ^ all(2);
    let backslash = word ^ all(b'\\');
    let marks = (quote_or_control.wrapping_sub(all(0x21)) & !quote_or_control
        | backslash.wrapping_sub(all(1)) & !backslash)
        & all(0x80);
    (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
}

/// The end of a string that begins behind its quotation mark: the place of the other one, and whether there are escapes
/// between them.
#[inline]
pub(super) fn string(text: &[u8], mut at: usize) -> Option<(usize, bool)> {
    let mut escaped = false;
    loop {
        let rest = text.get(at..)?;
        let found = match rest.first_chunk() {
            Some(&word) => match special(u64::from_le_bytes(word)) {
                Some(found) => found,
                None => {
                    at += 8;
                    continue;
                }
            },
            None => rest
                .iter()
                .position(|&byte| matches!(byte, b'"' | b'\\' | ..=0x1f))?,
        };
        at += found;
        match text[at] {
            b'"' => return Some((at, escaped)),
            b'\\' => {
                escaped = true;
                at = escape(text, at + 1)?;
            }
            _ => return None,
        }
    }
}

/// The end of an escape that begins behind its backslash.
fn escape(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 1),
        b'u' => {
            let digits = text.get(at + 1..at + 5)?;
            let all = digits.iter().all(u8::is_ascii_hexdigit);
            all.then_some(at + 5)
        }
        _ => None,
    }
}

/// The end of a number, and what it is if it is a whole one of up to 18 digits.
#[inline]
pub(super) fn number(text: &[u8], start: usize) -> Option<(usize, Option<i64>)> {
    let is_negative = text.get(start) == Some(&b'-');
    let first = start + usize::from(is_negative);
    let mut whole = 0_i64;
    let mut at = first;
    while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0'))
        && digit < 10
    {
        whole = whole.wrapping_mul(10).wrapping_add(i64::from(digit));
        at += 1;
    }
    let count = at - first;
    if count == 0 || count > 1 && text[first] == b'0' {
        return None;
    }
    if !matches!(text.get(at), Some(b'.' | b'e' | b'E')) {
        let whole = if is_negative {
            whole.wrapping_neg()
        } else {
            whole
        };
        return Some((at, (count <= 18).then_some(whole)));
    }
    if text[at] == b'.' {
        at = digits(text, at + 1)?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1;
        at = digits(
            text,
            at + usize::from(matches!(text.get(at), Some(b'+' | b'-'))),
        )?;
    }
    Some((at, None))
}

/// The end of digits, of which there is at least one.
fn digits(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let count = rest
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(rest.len());
    (count > 0).then_some(at + count)
}

/// The end of a word.
#[inline]
pub(super) fn word(text: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    text.get(at..)?.starts_with(word).then_some(at + word.len())
}

/// The end of white space.
#[inline]
pub(super) fn space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

/// The place behind this byte, which may have white space before it.
#[inline]
pub(super) fn mark(text: &[u8], at: usize, mark: u8) -> Option<usize> {
    let at = space(text, at);
    (text.get(at) == Some(&mark)).then_some(at + 1)
}

/// The end of a value, which begins here. Inside it there are at most so many arrays and objects in each other.
#[inline]
pub(super) fn value(text: &[u8], at: usize, depth: usize) -> Option<usize> {
    let nothing = &mut |_, _| Some(());
    match text.get(at)? {
        b'"' => string(text, at + 1).map(|(end, _)| end + 1),
        b'{' => object(text, at + 1, depth.checked_sub(1)?, nothing),
        b'[' => array(text, at + 1, depth.checked_sub(1)?, nothing),
        b't' => word(text, at, b"true"),
        b'f' => word(text, at, b"false"),
        b'n' => word(text, at, b"null"),
        _ => number(text, at).map(|(end, _)| end),
    }
}

/// The end of an array or object, which begins here. Calls a function with the places of each element, or of each key
/// (between its quotation marks) and its value, as soon as that is proven; `None` from it ends all.
pub(super) fn each(
    text: &[u8],
    at: usize,
    mut visit: impl FnMut(Option<Range<usize>>, Range<usize>) -> Option<()>,
) -> Option<usize> {
    match text.get(at)? {
        b'{' => object(text, at + 1, DEPTH, &mut visit),
        b'[' => array(text, at + 1, DEPTH, &mut visit),
        _ => None,
    }
}

/// The end of an object that begins behind its bracket.
fn object(
    text: &[u8],
    mut at: usize,
    depth: usize,
    visit: &mut impl FnMut(Option<Range<usize>>, Range<usize>) -> Option<()>,
) -> Option<usize> {
    if let Some(end) = mark(text, at, b'}') {
        return Some(end);
    }
    loop {
        let key = mark(text, at, b'"')?;
        let (end, _) = string(text, key)?;
        let start = space(text, mark(text, end + 1, b':')?);
        at = value(text, start, depth)?;
        visit(Some(key..end), start..at)?;
        at = space(text, at);
        match text.get(at)? {
            b',' => at += 1,
            b'}' => return Some(at + 1),
            _ => return None,
        }
    }
}

/// The end of an array that begins behind its bracket.
fn array(
    text: &[u8],
    mut at: usize,
    depth: usize,
    visit: &mut impl FnMut(Option<Range<usize>>, Range<usize>) -> Option<()>,
) -> Option<usize> {
    if let Some(end) = mark(text, at, b']') {
        return Some(end);
    }
    loop {
        let start = space(text, at);
        at = value(text, start, depth)?;
        visit(None, start..at)?;
        at = space(text, at);
        match text.get(at)? {
            b',' => at += 1,
            b']' => return Some(at + 1),
            _ => return None,
        }
    }
}
