//! Texts with mistakes in them, for tests.

/// Numbers that are the same in every run (`SplitMix64`).
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    /// A number below this one, which is 0 of none.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end.max(1) as u64).unwrap()
    }

    /// Changes some bytes, mostly to such as mean something in JSON.
    pub(super) fn spoil(&mut self, text: &mut Vec<u8>) {
        const BYTES: &[u8] =
            b"\"\"\"\\\\{}[]::,,  \t\n\r/unrtbf0123456789.-+eEaA_\0\x1f\x7f\xc3\xa9";
        for _ in 0..=self.below(3) {
            let at = self.below(text.len());
            let new = match self.below(12) {
                0 => u8::try_from(self.below(256)).unwrap(),
                _ => BYTES[self.below(BYTES.len())],
            };
            match self.below(8) {
                0 | 1 => text.insert(at, new),
                2 | 3 if !text.is_empty() => drop(text.remove(at)),
                4 => {
                    // Part of it once more, at another place.
                    let end = text.len().min(at + 1 + self.below(40));
                    let part = text[at..end].to_vec();
                    let to = self.below(text.len());
                    text.splice(to..to, part);
                }
                5 if self.below(4) == 0 => text.truncate(at),
                _ if !text.is_empty() => text[at] = new,
                _ => {}
            }
        }
    }
}
