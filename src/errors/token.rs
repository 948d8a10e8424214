//! Tokens: what a hidden text is known by in another report, where a key is given.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use regex::Regex;
use sha2::Sha256;

/// Fewer bytes than this could be found out by trying.
const LEAST_BYTES: usize = 16;

/// Hexadecimal digits of a token.
pub(super) const TOKEN_DIGITS: usize = 8;

/// Finds `<class:token>`. `None` is never met: a test builds it.
static TOKENS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"<([a-z-]{2,16}):[0-9a-f]{8}>").ok());

/// The key of the tokens.
#[derive(Clone)]
pub struct RedactKey(Hmac<Sha256>);

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
        Ok(RedactKey(Hmac::new_from_slice(bytes)?))
    }

    /// The first hexadecimal digits of HMAC-SHA256 of a text.
    fn token(&self, text: &str) -> String {
        let mut hash = self.0.clone();
        hash.update(text.as_bytes());
        let mut token: String = hash
            .finalize()
            .into_bytes()
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

/// True for what [`RedactKey`] makes.
pub(super) fn is_token(text: &str) -> bool {
    text.len() == TOKEN_DIGITS
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The text with bare classes in the place of tokens, so that a key changes neither groups nor causes.
pub fn without_tokens(text: &str) -> Cow<'_, str> {
    match TOKENS.as_ref() {
        Some(tokens) if text.contains('<') => tokens.replace_all(text, "<$1>"),
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_beginning_of_the_hash_that_others_compute() {
        // RFC 4231, test case 2, whose key is made longer by nothing: HMAC pads a key with zeros.
        let mut key = b"Jefe".to_vec();
        key.resize(16, 0);
        let key = RedactKey::new(&key).unwrap();
        assert_eq!(key.token("what do ya want for nothing?"), "5bdcc146");
        let mut shown = String::new();
        push_placeholder(
            &mut shown,
            "sas",
            "what do ya want for nothing?",
            Some(&key),
        );
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
