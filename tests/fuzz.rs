//! The targets under `fuzz/`, run on their seeds and on changed ones: what `cargo fuzz` does for hours, for seconds.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../fuzz/src/targets.rs"]
#[allow(unreachable_pub, reason = "the programs under fuzz/ reach it")]
mod targets;

use std::fs;
use std::path::PathBuf;

/// Changed inputs for each target that is cheap, and for each that makes whole reports.
const CHANGED: [u64; 2] = [1_500, 40];

/// Deterministic random numbers (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end.max(1) as u64).unwrap()
    }

    /// One change as a fuzzer makes them.
    fn change(&mut self, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
        const PIECES: &[&[u8]] = &[
            b"\"",
            b"\"\"",
            b",",
            b"\n",
            b"\r",
            b"{",
            b"}",
            b"[",
            b"]",
            b":",
            b"\\",
            b"\\u0000",
            b"null",
            b"-1",
            b"1e999",
            b"9223372036854775808",
            b"\0",
            b"\xff",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\x1b[",
            b"'",
            b"<",
            b"|",
            b"`",
            b"=",
            b"PAR1",
            b"\x1f\x8b",
            b"\x28\xb5\x2f\xfd",
            b"\xe2\x80\xae",
            b"%",
            b"?sig=",
            b"T",
            b"Z",
        ];
        let at = self.below(bytes.len() + 1);
        let to = at + self.below(bytes.len() + 1 - at).min(64);
        match self.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = u8::try_from(self.below(256)).unwrap(),
            2 => drop(bytes.drain(at..to)),
            3 => {
                let piece = bytes[at..to].to_vec();
                let into = self.below(bytes.len() + 1);
                bytes.splice(into..into, piece);
            }
            4 => bytes.truncate(at),
            5 => {
                let other = &others[self.below(others.len())];
                let from = self.below(other.len() + 1);
                let end = from + self.below(other.len() + 1 - from);
                bytes.splice(at..to, other[from..end].iter().copied());
            }
            _ => {
                let piece = PIECES[self.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
}

/// The seeds of a target, in order of their names.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{target} has no seed");
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn try_all(names: &[&str], changed: u64) {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let seeds = seeds(name);
        for seed in &seeds {
            targets::run(name, folder.path(), seed);
        }
        let mut random = Random(7);
        for _ in 0..changed {
            let mut bytes = seeds[random.below(seeds.len())].clone();
            for _ in 0..=random.below(6) {
                random.change(&mut bytes, &seeds);
            }
            let shown = bytes.clone();
            let tried = std::panic::catch_unwind(|| targets::run(name, folder.path(), &bytes));
            assert!(
                tried.is_ok(),
                "{name}: {:?}",
                shown.escape_ascii().to_string()
            );
        }
    }
}

const WHOLE: [&str; 2] = ["render", "pipeline"];

#[test]
fn readers_and_rules_hold_for_changed_seeds() {
    let names: Vec<&str> = targets::TARGETS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !WHOLE.contains(name))
        .collect();
    try_all(&names, CHANGED[0]);
}

#[test]
fn reports_hold_for_changed_seeds() {
    try_all(&WHOLE, CHANGED[1]);
}

#[test]
fn every_target_has_a_program_of_its_own() {
    let manifest = include_str!("../fuzz/Cargo.toml");
    for (name, _) in targets::TARGETS {
        assert!(manifest.contains(&format!(
            "name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\""
        )));
    }
    assert_eq!(manifest.matches("[[bin]]").count(), targets::TARGETS.len());
}
