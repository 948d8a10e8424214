//! Where the pattern of a rule cannot fit although its literals are there.
//!
//! A guard looks at the places that a pattern needs, and lets the pattern run when in doubt; a test compares.

use memchr::{memchr2_iter, memmem};
use serde::Deserialize;

/// What a rule waits for before its pattern runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Guard {
    /// Its literals alone.
    #[default]
    Literals,
    /// `://` without white space or quotes behind it.
    #[serde(rename = "cut url")]
    CutUrl,
    /// A key before `=` or `:`, with a quote between them.
    #[serde(rename = "key in quotes")]
    KeyInQuotes,
    /// A key before `=`, and a quote or brace behind that.
    #[serde(rename = "quoted value")]
    QuotedValue,
    /// A key before `=`.
    #[serde(rename = "key before equals")]
    KeyBeforeEquals,
    /// A key before `:`.
    #[serde(rename = "key before colon")]
    KeyBeforeColon,
    /// A key with a name of many meanings before `=` or `:`.
    #[serde(rename = "weak key")]
    WeakKey,
    /// `authorization` before `=` or `:`.
    Authorization,
}

/// What stands before the equals signs and colons of a text: the guards that let their patterns run, a bit for each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Assigned(u16);

/// What the names of keys end in, but for a digit behind it.
const KEYS: [&[u8]; 15] = [
    b"word",
    b"passwd",
    b"passphrase",
    b"passcode",
    b"pwd",
    b"secret",
    b"key",
    b"value",
    b"token",
    b"signature",
    b"sig",
    b"credential",
    b"assertion",
    b"response",
    b"request",
];

/// What the names with many meanings end in.
const WEAK_KEYS: [&[u8]; 13] = [
    b"pass",
    b"pw",
    b"otp",
    b"pin",
    b"auth",
    b"credential",
    b"credentials",
    b"signature",
    b"sessionid",
    b"session_id",
    b"session-id",
    b"sessid",
    b"key",
];

fn ends_with(text: &[u8], end: &[u8]) -> bool {
    let start = text.len().checked_sub(end.len());
    start.is_some_and(|start| text[start..].eq_ignore_ascii_case(end))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

impl Assigned {
    /// Everything may stand there.
    pub(super) fn all() -> Assigned {
        Assigned(u16::MAX)
    }

    fn add(&mut self, guard: Guard, lets: bool) {
        self.0 |= u16::from(lets) << guard as u16;
    }

    fn has(self, guard: Guard) -> bool {
        self.0 & (1 << guard as u16) != 0
    }

    pub(super) fn of(text: &str) -> Assigned {
        let bytes = text.as_bytes();
        let mut assigned = Assigned::default();
        for sign in memchr2_iter(b'=', b':', bytes) {
            let between = bytes[..sign].iter().rev();
            let between = between.take_while(|&&byte| is_space(byte) || b"\"'\\".contains(&byte));
            let name = &bytes[..sign - between.count()];
            let Some(last) = name.last() else { continue };
            // Most signs stand behind something else.
            if !b"dteynglwphrsDTEYNGLWPHRS0123456789".contains(last) {
                continue;
            }
            let bare = &name[..name.len() - usize::from(last.is_ascii_digit())];
            if KEYS.iter().any(|key| ends_with(bare, key)) {
                let equals = bytes[sign] == b'=';
                let quotes = &bytes[name.len()..sign];
                let is_quoted = quotes.iter().any(|byte| b"\"'".contains(byte));
                let mut value = bytes[sign + 1..].iter().skip_while(|&&byte| is_space(byte));
                let opens = value.next().is_some_and(|byte| b"\\\"'{".contains(byte));
                assigned.add(Guard::KeyInQuotes, is_quoted);
                assigned.add(Guard::KeyBeforeEquals, equals);
                assigned.add(Guard::QuotedValue, equals && opens);
                assigned.add(Guard::KeyBeforeColon, !equals);
            }
            let is_weak = WEAK_KEYS.iter().any(|key| ends_with(name, key));
            assigned.add(Guard::WeakKey, is_weak);
            assigned.add(Guard::Authorization, ends_with(name, b"authorization"));
        }
        assigned
    }
}

impl Guard {
    /// False where the pattern fits nowhere.
    pub(super) fn lets(self, text: &str, assigned: Assigned) -> bool {
        match self {
            Guard::Literals => true,
            Guard::CutUrl => {
                let bytes = text.as_bytes();
                let ends = |byte: &u8| is_space(*byte) || b"\"'<>".contains(byte);
                let last = memmem::rfind(bytes, b"://");
                last.is_some_and(|last| !bytes[last + 3..].iter().any(ends))
            }
            Guard::KeyInQuotes
            | Guard::QuotedValue
            | Guard::KeyBeforeEquals
            | Guard::KeyBeforeColon
            | Guard::WeakKey
            | Guard::Authorization => assigned.has(self),
        }
    }
}
