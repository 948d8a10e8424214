//! Tokens: what a hidden text is known by in another report, where a key is given.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result, ensure};
use regex::Regex;
use sha2::{Digest, Sha256};

/// Fewer bytes than this could be found out by trying.
const LEAST_BYTES: usize = 16;

/// Hexadecimal digits of a token.
const TOKEN_DIGITS: usize = 8;

/// Finds `<class>` and `<class:token>`. `None` is never met: a test builds it.
static PLACEHOLDERS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"<([a-z-]{2,16})(?::[0-9a-f]{8})?>").ok());

/// Bytes that SHA-256 takes at a time.
const BLOCK: usize = 64;

/// The key of the tokens, as long as a block.
pub struct RedactKey([u8; BLOCK]);

impl fmt::Debug for RedactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedactKey")
    }
}

impl RedactKey {
    /// The key that is made of all bytes of a file. Fails when it has fewer than 16.
    pub fn read(path: &Path) -> Result<RedactKey> {
        let bytes =
            std::fs::read(path).with_context(|| format!("{}: cannot be read", path.display()))?;
        RedactKey::new(&bytes).with_context(|| path.display().to_string())
    }

    /// The key of these bytes. Fails when there are fewer than 16.
    pub fn new(bytes: &[u8]) -> Result<RedactKey> {
        ensure!(
            bytes.len() >= LEAST_BYTES,
            "a key needs at least {LEAST_BYTES} bytes; found {}",
            bytes.len()
        );
        let mut key = [0; BLOCK];
        if bytes.len() > BLOCK {
            key[..32].copy_from_slice(&Sha256::digest(bytes));
        } else {
            key[..bytes.len()].copy_from_slice(bytes);
        }
        Ok(RedactKey(key))
    }

    /// HMAC-SHA256 of a text, as RFC 2104 defines it. The crate for it would have all of Polars built anew, by a feature
    /// of a crate that both use.
    fn hmac(&self, text: &[u8]) -> [u8; 32] {
        let hash = |pad: u8, text: &[u8]| {
            let key = self.0.map(|byte| byte ^ pad);
            Sha256::new_with_prefix(key).chain_update(text).finalize()
        };
        hash(0x5c, &hash(0x36, text)).into()
    }

    /// The first hexadecimal digits of the HMAC of a text.
    fn token(&self, text: &str) -> String {
        let mut token: String = self
            .hmac(text.as_bytes())
            .iter()
            .take(TOKEN_DIGITS.div_ceil(2))
            .map(|byte| format!("{byte:02x}"))
            .collect();
        token.truncate(TOKEN_DIGITS);
        token
    }
}

/// Writes what stands for a hidden text: `<class>`, or `<class:token>` with a key.
pub(super) fn push_placeholder(
    to: &mut String,
    class: &str,
    hidden: &str,
    key: Option<&RedactKey>,
) {
    to.push('<');
    to.push_str(class);
    if let Some(key) = key {
        to.push(':');
        to.push_str(&key.token(hidden));
    }
    to.push('>');
}

/// Everything in a text that looks like a placeholder: its place and its class, in order.
pub(super) fn placeholders(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let found = PLACEHOLDERS.as_ref().filter(|_| text.contains('<'));
    let found = found.map(|placeholders| placeholders.captures_iter(text));
    found.into_iter().flatten().filter_map(|found| {
        let (whole, class) = (found.get(0)?, found.get(1)?);
        Some((whole.range(), class.as_str()))
    })
}

/// The text with bare classes in the place of tokens, so that a key changes neither groups nor causes.
pub fn without_tokens(text: &str) -> Cow<'_, str> {
    match PLACEHOLDERS.as_ref() {
        Some(placeholders) if text.contains('<') => placeholders.replace_all(text, "<$1>"),
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_beginning_of_the_hash_that_others_compute() {
        // RFC 4231: test cases 1, 2 (whose key is filled up with zeros here, as HMAC itself does) and 6.
        let mut jefe = b"Jefe".to_vec();
        jefe.resize(16, 0);
        let first = RedactKey::new(&[0x0b; 20]).unwrap();
        assert_eq!(first.token("Hi There"), "b0344c61");
        let long = RedactKey::new(&[0xaa; 131]).unwrap();
        let text = "Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(long.token(text), "60e43159");
        let key = RedactKey::new(&jefe).unwrap();
        let text = "what do ya want for nothing?";
        assert_eq!(key.token(text), "5bdcc146");
        let mut shown = String::new();
        push_placeholder(&mut shown, "sas", text, Some(&key));
        assert_eq!(shown, "<sas:5bdcc146>");
        assert_eq!(
            without_tokens("a <sas:5bdcc146> b <n:1>"),
            "a <sas> b <n:1>"
        );
        assert_eq!(format!("{key:?}"), "RedactKey");
    }

    #[test]
    fn a_short_key_is_refused() {
        assert!(RedactKey::new(&[7; 15]).is_err());
        assert!(RedactKey::new(&[7; 16]).is_ok());
    }
}
