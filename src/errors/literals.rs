//! Finds which of some literals stand in a text, ASCII case ignored, in one pass.
//!
//! Of each literal the three bytes that are rarest in texts are looked for; only where they stand is it compared. For texts of
//! a line and some hundred literals that takes a fifth of what an automaton takes, and nothing is built but a table.

/// Entries of the table; a power of two.
const TABLE: usize = 4_096;

/// Ends the list of an entry.
const NONE: u16 = u16::MAX;

/// Literals by number.
#[derive(Debug)]
pub(super) struct Literals {
    words: Vec<Word>,
    /// By byte: the literal that is this byte alone.
    single: Box<[u16; 256]>,
    /// By byte: the first literal of two bytes of which this is the rarer.
    short: Box<[u16; 256]>,
    /// By the hash of three bytes: the first literal that is found by them.
    long: Box<[u16; TABLE]>,
}

#[derive(Debug)]
struct Word {
    /// Its ASCII letters are small.
    bytes: Vec<u8>,
    /// Where the bytes stand in it by which it is found.
    found_by: usize,
    /// The next of the same entry.
    next: u16,
}

/// Some of the literals, a bit for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Present(Vec<u64>);

impl Present {
    /// True for a literal that stands in the text.
    pub(super) fn has(&self, literal: usize) -> bool {
        let word = self.0.get(literal / 64);
        word.is_some_and(|word| word & (1 << (literal % 64)) != 0)
    }
}

impl Present {
    fn add(&mut self, literal: usize) {
        self.0[literal / 64] |= 1 << (literal % 64);
    }

    /// The numbers of the literals, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        let bits = |(word, &bits): (usize, &u64)| {
            let mut bits = bits;
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
                bits &= bits - 1;
                Some(word * 64 + bit)
            })
        };
        self.0.iter().enumerate().flat_map(bits)
    }
}

fn hash(one: u8, two: u8, three: u8) -> usize {
    let bytes = u32::from(one) | u32::from(two) << 8 | u32::from(three) << 16;
    let mixed = bytes.wrapping_mul(0x9e37_79b1) >> 20;
    mixed as usize % TABLE
}

/// How common a byte is in texts.
fn commonness(byte: u8) -> usize {
    let common = b" etaoinsrlcdhumpfgbyw";
    let place = common.iter().position(|&known| known == byte);
    place.map_or(1, |place| 2 * (common.len() - place))
}

impl Literals {
    /// Literals that have a byte at least, each once. Fails when they are too many.
    pub(super) fn new(literals: impl IntoIterator<Item = Vec<u8>>) -> anyhow::Result<Literals> {
        let mut list = Literals {
            words: Vec::new(),
            single: Box::new([NONE; 256]),
            short: Box::new([NONE; 256]),
            long: Box::new([NONE; TABLE]),
        };
        for bytes in literals {
            let bytes = bytes.to_ascii_lowercase();
            let number = u16::try_from(list.words.len()).unwrap_or(NONE);
            anyhow::ensure!(number < NONE, "too many literals");
            let mut found_by = 0;
            let entry = match bytes[..] {
                [] => anyhow::bail!("a literal is empty"),
                [single] => &mut list.single[usize::from(single)],
                [first, second] => {
                    found_by = usize::from(commonness(second) < commonness(first));
                    &mut list.short[usize::from(bytes[found_by])]
                }
                _ => {
                    let rarity = |at: &usize| {
                        let three = &bytes[*at..*at + 3];
                        three.iter().map(|&byte| commonness(byte)).sum::<usize>()
                    };
                    found_by = (0..bytes.len() - 2).min_by_key(rarity).unwrap_or(0);
                    let three = &bytes[found_by..];
                    &mut list.long[hash(three[0], three[1], three[2])]
                }
            };
            let next = std::mem::replace(entry, number);
            list.words.push(Word {
                bytes,
                found_by,
                next,
            });
        }
        Ok(list)
    }

    /// The literals that stand in the text.
    pub(super) fn find(&self, text: &[u8]) -> Present {
        let mut present = Present(vec![0; self.words.len().div_ceil(64)]);
        let mut bytes = [false; 256];
        let (mut one, mut two) = (0, 0);
        for (at, byte) in text.iter().enumerate() {
            let byte = byte.to_ascii_lowercase();
            bytes[usize::from(byte)] = true;
            let short = self.short[usize::from(byte)];
            if short != NONE {
                self.compare(short, text, at, &mut present);
            }
            let long = self.long[hash(one, two, byte)];
            if long != NONE && at >= 2 {
                self.compare(long, text, at - 2, &mut present);
            }
            (one, two) = (two, byte);
        }
        for (single, _) in self.single.iter().zip(bytes).filter(|(_, stands)| *stands) {
            if *single != NONE {
                present.add(usize::from(*single));
            }
        }
        present
    }

    /// Compares the literals of an entry with what stands here.
    fn compare(&self, mut entry: u16, text: &[u8], at: usize, present: &mut Present) {
        while entry != NONE {
            let number = usize::from(entry);
            let word = &self.words[number];
            entry = word.next;
            let stands = || {
                let start = at.checked_sub(word.found_by)?;
                let there = text.get(start..start + word.bytes.len())?;
                Some(there.eq_ignore_ascii_case(&word.bytes))
            };
            if stands() == Some(true) {
                present.add(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn literals_are_found_as_they_stand() {
        let literals = [
            "=",
            "==",
            "--",
            "key",
            "Key-",
            "api key",
            "eyj",
            "q~",
            "é",
            "token",
            "://",
            "</",
            "\\\"",
            "error",
            "\u{0}",
            "timed out",
            "access denied",
        ];
        let list = Literals::new(literals.iter().map(|word| word.as_bytes().to_vec())).unwrap();
        let mut found = 0;
        for text in texts::made(&texts::found(), 4_000, 3) {
            let present = list.find(text.as_bytes());
            for (number, literal) in literals.iter().enumerate() {
                let stands = text
                    .to_ascii_lowercase()
                    .contains(&literal.to_ascii_lowercase());
                assert_eq!(present.has(number), stands, "{literal:?} in {text:?}");
                found += usize::from(stands);
            }
            assert!(!present.has(literals.len()));
        }
        assert!(found > 1_000);
        assert!(Literals::new([Vec::new()]).is_err());
    }
}
