//! Small deterministic random numbers: the same seed gives the same numbers on every machine.

/// What a series of random numbers is for.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum Series {
    Scan = 1,
    Run,
    Repeat,
    Error,
    Detail,
    Shuffle,
}

/// Splitmix64, by Sebastiano Vigna: <https://prng.di.unimi.it/splitmix64.c>.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of one thing. They do not depend on what else was made, nor in which order.
    pub(crate) fn of(seed: u64, series: Series, index: i64) -> Random {
        let seed = Random(seed).next() ^ u64::from(series as u8);
        Random(Random(seed).next() ^ index.cast_unsigned())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, not including, `end`, which is above 0.
    pub(crate) fn below(&mut self, end: i64) -> i64 {
        let end = u128::from(end.cast_unsigned());
        i64::try_from((u128::from(self.next()) * end) >> 64).expect("less than the end")
    }

    /// A number from `first` to `last`, both included.
    pub(crate) fn between(&mut self, first: i64, last: i64) -> i64 {
        first + self.below(last - first + 1)
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, times: i64) -> bool {
        self.below(times) == 0
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, share: i64) -> bool {
        self.below(100) < share
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let other = self.index(end + 1);
            items.swap(end, other);
        }
    }

    fn index(&mut self, len: usize) -> usize {
        let len = i64::try_from(len).expect("a slice is shorter than that");
        usize::try_from(self.below(len)).expect("an index of a slice")
    }
}
