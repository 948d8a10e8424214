//! Ids of runs: a GUID is its 128 bits, any other id its text.

use std::cmp::Ordering;
use std::ops::Range;

use super::records::{Dictionary, keep, retain, weave};

/// Places of the dashes in a GUID.
const DASHES: [usize; 4] = [8, 13, 18, 23];
/// Length of a GUID with its dashes.
const GUID: usize = 36;
/// Stands for a byte that is no hex digit.
const NO_DIGIT: u8 = u8::MAX;

/// The value of each byte as a hex digit.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 16 {
        let lower = b"0123456789abcdef"[digit as usize];
        digits[lower as usize] = digit;
        digits[lower.to_ascii_uppercase() as usize] = digit;
        digit += 1;
    }
    digits
};

/// The two digits of each byte.
const PAIRS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    pairs
};

/// The 128 bits of a GUID in either case, with or without braces; `None` for any other text.
pub fn guid(text: &str) -> Option<u128> {
    let mut bytes = text.as_bytes();
    if let [b'{', inside @ .., b'}'] = bytes {
        bytes = inside;
    }
    let bytes: &[u8; GUID] = bytes.try_into().ok()?;
    if DASHES.iter().any(|&at| bytes[at] != b'-') {
        return None;
    }
    let mut bits = 0_u128;
    let mut wrong = 0;
    for group in [0..8, 9..13, 14..18, 19..23, 24..36] {
        let mut part = 0_u64;
        for &byte in &bytes[group.clone()] {
            let digit = DIGITS[usize::from(byte)];
            wrong |= digit;
            part = part << 4 | u64::from(digit & 15);
        }
        bits = bits << (4 * group.len()) | u128::from(part);
    }
    (wrong < 16).then_some(bits)
}

/// The canonical text of a GUID: lower case, with dashes.
#[derive(Clone, Copy, Debug)]
pub struct GuidText([u8; GUID]);

impl GuidText {
    /// Of these bits.
    pub fn new(bits: u128) -> GuidText {
        /// Where the digits of each byte stand.
        const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
        let mut text = [b'-'; GUID];
        for (at, byte) in PLACES.into_iter().zip(bits.to_be_bytes()) {
            text[at..at + 2].copy_from_slice(&PAIRS[usize::from(byte)]);
        }
        GuidText(text)
    }
}

impl AsRef<str> for GuidText {
    fn as_ref(&self) -> &str {
        // Digits, letters and dashes are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The text of an id.
#[derive(Clone, Copy, Debug)]
pub enum IdText<'a> {
    /// Of a GUID.
    Guid(GuidText),
    /// Of any other.
    Other(&'a str),
}

impl AsRef<str> for IdText<'_> {
    fn as_ref(&self) -> &str {
        match self {
            IdText::Guid(text) => text.as_ref(),
            IdText::Other(text) => text,
        }
    }
}

/// The id of a run. Two are equal exactly when their canonical texts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunId {
    /// A GUID.
    Guid(u128),
    /// The number of any other id among those of the same records.
    Other(u32),
}

/// What is known of the id of a row.
const NONE: u8 = 0;
const IS_GUID: u8 = 1;
const IS_OTHER: u8 = 2;

/// The ids of runs, one for each row up to the last that has one.
#[derive(Clone, Debug, Default)]
pub(super) struct RunIds {
    kinds: Vec<u8>,
    bits: Vec<u128>,
    others: Dictionary,
}

impl RunIds {
    pub(super) fn is_empty(&self) -> bool {
        self.kinds.iter().all(|&kind| kind == NONE)
    }

    /// Bytes that are held.
    pub(super) fn bytes(&self) -> usize {
        self.kinds.len() + size_of_val(self.bits.as_slice()) + self.others.bytes()
    }

    pub(super) fn get(&self, row: usize) -> Option<RunId> {
        match self.kinds.get(row).copied() {
            Some(IS_GUID) => Some(RunId::Guid(self.bits[row])),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a code of 32 bits was put there"
            )]
            Some(IS_OTHER) => Some(RunId::Other(self.bits[row] as u32)),
            _ => None,
        }
    }

    pub(super) fn text(&self, row: usize) -> Option<IdText<'_>> {
        Some(match self.get(row)? {
            RunId::Guid(bits) => IdText::Guid(GuidText::new(bits)),
            RunId::Other(code) => IdText::Other(self.others.get(code)),
        })
    }

    /// Order of the ids as text; missing is least.
    pub(super) fn compare(&self, a: usize, b: usize) -> Ordering {
        match (self.get(a), self.get(b)) {
            // Digits come before letters, and dashes stand at the same places.
            (Some(RunId::Guid(a)), Some(RunId::Guid(b))) => a.cmp(&b),
            _ => {
                let (a, b) = (self.text(a), self.text(b));
                a.as_ref()
                    .map(AsRef::as_ref)
                    .cmp(&b.as_ref().map(AsRef::<str>::as_ref))
            }
        }
    }

    /// Sets an id by its text: a GUID however it is written, any other id as it stands.
    pub(super) fn set(&mut self, row: usize, id: RunIdText<'_>) {
        let (kind, bits) = match id {
            RunIdText::Guid(bits) => (IS_GUID, bits),
            RunIdText::Other(text) => (IS_OTHER, u128::from(self.others.add(text).0)),
        };
        super::records::put(&mut self.kinds, row, NONE, kind);
        super::records::put(&mut self.bits, row, 0, bits);
    }

    pub(super) fn truncate(&mut self, rows: usize) {
        self.kinds.truncate(rows);
        self.bits.truncate(rows);
    }

    pub(super) fn keep(&mut self, base: usize, rows: &[u32]) {
        keep(&mut self.kinds, base, rows);
        keep(&mut self.bits, base, rows);
    }

    pub(super) fn retain(&mut self, kept: &[Range<usize>]) {
        retain(&mut self.kinds, kept);
        retain(&mut self.bits, kept);
    }

    /// Gives other ids the numbers that they have in `others`.
    fn renumber(&mut self, others: &mut Dictionary) {
        if self.others.is_empty() {
            return;
        }
        let numbers: Vec<u32> = self.others.iter().map(|text| others.add(text).0).collect();
        for (kind, bits) in self.kinds.iter().zip(&mut self.bits) {
            if *kind == IS_OTHER
                && let Some(&number) = usize::try_from(*bits).ok().and_then(|at| numbers.get(at))
            {
                *bits = u128::from(number);
            }
        }
    }

    pub(super) fn weave(&mut self, base: usize, others: Vec<RunIds>, pieces: &[(usize, usize)]) {
        let (kinds, bits) = others
            .into_iter()
            .map(|mut other| {
                other.renumber(&mut self.others);
                (other.kinds, other.bits)
            })
            .unzip();
        weave(&mut self.kinds, base, NONE, kinds, pieces);
        weave(&mut self.bits, base, 0, bits, pieces);
    }

    pub(super) fn append(&mut self, base: usize, mut other: RunIds) {
        other.renumber(&mut self.others);
        if !other.kinds.is_empty() {
            self.kinds.resize(base, NONE);
            self.kinds.append(&mut other.kinds);
            self.bits.resize(base, 0);
            self.bits.append(&mut other.bits);
        }
    }
}

/// An id on its way to a record.
#[derive(Clone, Copy, Debug)]
pub enum RunIdText<'a> {
    /// A GUID.
    Guid(u128),
    /// Any other id, as it is to be shown.
    Other(&'a str),
}

impl<'a> RunIdText<'a> {
    /// From a text in which nothing is to be hidden.
    pub fn new(text: &'a str) -> RunIdText<'a> {
        guid(text).map_or(RunIdText::Other(text), RunIdText::Guid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

    #[test]
    fn a_guid_is_its_bits() {
        let bits = 0x0f1e_2d3c_4b5a_6978_8796_a5b4_c3d2_e1f0;
        let braced = format!("{{{}}}", TEXT.to_uppercase());
        for text in [TEXT, &TEXT.to_uppercase(), &braced] {
            assert_eq!(guid(text), Some(bits), "{text}");
        }
        assert_eq!(GuidText::new(bits).as_ref(), TEXT);
        assert_eq!(
            GuidText::new(0).as_ref(),
            "00000000-0000-0000-0000-000000000000"
        );
    }

    #[test]
    fn any_other_text_is_none() {
        for at in 0..TEXT.len() {
            for byte in ["g", "-", "/", ":", "@", "`", " ", ""] {
                let mut text = TEXT.to_owned();
                text.replace_range(at..=at, byte);
                assert!(guid(&text).is_none() || text == TEXT, "{text}");
            }
        }
        for text in [
            "",
            "{}",
            &TEXT[1..],
            "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
            "é",
        ] {
            assert_eq!(guid(text), None, "{text}");
        }
    }

    #[test]
    fn ids_are_in_order_of_their_texts() {
        let texts = [
            None,
            Some("0"),
            Some(TEXT),
            Some("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f1"),
            Some("0f1e2d3d"),
            Some("a0000000-0000-0000-0000-000000000000"),
            Some("run-1"),
        ];
        let mut ids = RunIds::default();
        for (row, text) in texts.iter().enumerate() {
            if let Some(text) = text {
                ids.set(row, RunIdText::new(text));
            }
            assert_eq!(ids.text(row).as_ref().map(AsRef::as_ref), *text);
        }
        for a in 0..texts.len() {
            for b in 0..texts.len() {
                assert_eq!(
                    ids.compare(a, b),
                    a.cmp(&b),
                    "{:?} {:?}",
                    texts[a],
                    texts[b]
                );
            }
        }
    }
}
