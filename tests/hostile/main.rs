//! Logs that are out to do harm: whatever stands in a name, a message or a status, every output shows it and obeys none
//! of it.
#![allow(
    clippy::unwrap_used,
    reason = "a test may panic, and says by that what is wrong"
)]
#![allow(dead_code, reason = "each test file uses a part of the shared helpers")]

#[path = "../markdown/build.rs"]
mod build;
#[path = "../common/mod.rs"]
mod common;
mod html;
mod outputs;
#[path = "../common/page.rs"]
mod page;
#[path = "../markdown/reader.rs"]
mod reader;
mod strings;

/// Characters that act where they stand, are not seen, or are none: a list of its own, so that the program's is checked by it.
/// Line breaks and tabs are none, nor are the two joiners, without which some scripts cannot be written.
pub(crate) fn acts(c: char) -> bool {
    let at = u32::from(c);
    let is_control = at < 0x20 || (0x7f..=0x9f).contains(&at);
    let turns = [0x61c, 0x200e, 0x200f].contains(&at)
        || (0x202a..=0x202e).contains(&at)
        || (0x2066..=0x2069).contains(&at);
    let is_unseen = [0xad, 0x180e, 0x200b, 0x2060, 0xfeff].contains(&at)
        || (0x2061..=0x2065).contains(&at)
        || (0x206a..=0x206f).contains(&at)
        || (0xfff9..=0xfffb).contains(&at)
        || (0xe0000..=0xe007f).contains(&at);
    let is_none = (0xfdd0..=0xfdef).contains(&at) || [0xfffe, 0xffff].contains(&(at % 0x10000));
    let breaks = [0x2028, 0x2029].contains(&at);
    (is_control && !"\n\t".contains(c)) || turns || is_unseen || is_none || breaks
}

/// Fails when an output holds such a character as it is.
#[track_caller]
pub(crate) fn assert_tame(what: &str, text: &str) {
    if let Some((at, c)) = text.char_indices().find(|(_, c)| acts(*c)) {
        let near: String = text[..at]
            .chars()
            .rev()
            .take(60)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        panic!("{what} holds U+{:04X} behind {near:?}", u32::from(c));
    }
}
