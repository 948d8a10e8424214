//! What is no secret although the pattern of a rule fits.

use serde::Deserialize;

/// A value that a pattern found, and what stands around it.
pub(super) struct Candidate<'a> {
    /// The value, without closing punctuation.
    pub(super) value: &'a str,
    /// The key name in small letters; empty where the pattern has none.
    pub(super) key: &'a str,
    /// Everything that the pattern fits.
    pub(super) whole: &'a str,
}

/// What a rule leaves alone although its pattern fits.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Keep {
    /// Nothing more than what every rule leaves alone.
    #[default]
    Nothing,
    /// `https://host:443/a@b`: a port, not a password.
    Port,
    /// A word without a digit: `Bearer authentication`.
    #[serde(rename = "no digit")]
    NoDigit,
    /// A word that no base64 encoder wrote: `Basic authentication`.
    #[serde(rename = "not base64")]
    NotBase64,
    /// `SharedAccessSignature=sv=…&sig=…`: the signature has its own rule, the expiry is wanted.
    #[serde(rename = "sas parameters")]
    SasParameters,
    /// Prose after a colon: `Invalid token: expired`, `access token: AADSTS700082: …`.
    Words,
    /// A name or a number in the query of a URL: `?key=customer_id`, `&code=404`.
    #[serde(rename = "plain")]
    Plain,
    /// What does not look like a secret, behind a name that often means something else: `PASS=12`,
    /// `credential: sql-reader`, `auth=oauth2`.
    Weak,
    /// A number, as of a port: `http://host:8080`.
    Digits,
    /// What is called so but is no alias of an Oracle database: `actions/checkout@HEAD`.
    #[serde(rename = "no alias")]
    NoAlias,
    /// More than one word: `password 'must be changed'`.
    Blank,
}

impl Keep {
    /// True for what stays.
    pub(super) fn keeps(self, found: &Candidate<'_>) -> bool {
        let Candidate { value, key, whole } = *found;
        let no_digit = || !value.bytes().any(|byte| byte.is_ascii_digit());
        match self {
            Keep::Nothing => false,
            Keep::Port => {
                let rest = value.trim_start_matches(|c: char| c.is_ascii_digit());
                rest.len() < value.len() && rest.starts_with(['/', '?', '#'])
            }
            Keep::NoDigit => no_digit(),
            Keep::NotBase64 => no_digit() && !value.ends_with('=') && case_changes(value) < 3,
            Keep::SasParameters => is_sas_parameter(value),
            Keep::Words => {
                // A password may be `CorrectHorse`; a token or a secret name that looks so is a name.
                let strict = key.starts_with("pass") || key.starts_with("pwd");
                let name = |c: char| c.is_alphabetic() || " -_.:()[]".contains(c);
                let word = value.chars().all(name) && !(strict && case_changes(value) > 0);
                word || is_sas_parameter(value) || is_code_or_date(value) || value.contains("://")
            }
            Keep::Plain => is_plain(value),
            Keep::Weak => !is_secret_of(key, value, whole),
            Keep::Digits => value.bytes().all(|byte| byte.is_ascii_digit()),
            Keep::NoAlias => ["@HEAD", "@MASTER", "@MAIN", "@LATEST"]
                .iter()
                .any(|name| whole.trim_end().ends_with(name)),
            Keep::Blank => value.contains(char::is_whitespace),
        }
    }
}

/// A number of a status, a name with a line in it, or a word without a digit.
fn is_plain(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let name = value.len() < 32
        && value.contains(['_', '-'])
        && value.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte)
        })
        && switches(value) <= 1;
    digits == value.len() && digits <= 6
        || value.len() < 6
        || digits == 0 && case_changes(value) < 3
        || name
}

/// True when the value of a key with a name of many meanings looks like a secret.
fn is_secret_of(key: &str, value: &str, whole: &str) -> bool {
    let key = key.trim_start_matches('_');
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let all_digits = digits == value.len();
    if key == "pin" || key == "otp" {
        return all_digits && (4..=8).contains(&digits);
    }
    if key == "pass" || key == "pw" {
        let number = value.starts_with(|c: char| c.is_ascii_digit()) && value.len() < 7;
        let word = digits == 0 && value.chars().all(char::is_alphabetic);
        let verdict = ["passed", "failed", "skipped", "error", "first", "second"];
        let assigned = whole.contains('=');
        let said = word
            && case_changes(value) == 0
            && (!assigned || verdict.contains(&value.to_ascii_lowercase().as_str()));
        return value.len() >= 4 && !number && !said && !value.contains("://");
    }
    if is_guid(value) || value.contains("://") {
        return false;
    }
    if key.contains("sess") {
        let least = if key.contains("session_id") || key == "sessionid" {
            16
        } else {
            8
        };
        return value.len() >= least && 0 < digits && !all_digits;
    }
    looks_random(value)
}

/// True for what no person would choose as a name: letters and digits by turns, or a mark within them.
fn looks_random(value: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| value.as_bytes().iter().any(kind);
    let marked = value.bytes().any(|byte| b"!$%^&*+=~#?".contains(&byte));
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    mixed && (value.len() >= 8 && marked || value.len() >= 12 && switches(value) >= 3)
}

/// How often a digit stands beside a letter.
fn switches(value: &str) -> usize {
    let beside = |pair: &&[u8]| {
        pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic()
            || pair[0].is_ascii_alphabetic() && pair[1].is_ascii_digit()
    };
    value.as_bytes().windows(2).filter(beside).count()
}

/// `0f8fad5b-d9cb-469f-a165-70867728950e`, with braces or without.
fn is_guid(value: &str) -> bool {
    let bare = value.trim_matches(['{', '}']);
    bare.len() == 36
        && bare.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Without the punctuation that closes a sentence or a bracket: `(password=…).`
pub(super) fn trimmed(value: &str) -> &str {
    let short = value.trim_end_matches([')', ']', '}', '.', ',', ':']);
    if short.is_empty() || value.starts_with("${") || value.starts_with("$(") {
        value
    } else {
        short
    }
}

/// What stands where a secret would, but hides it already: `****`, `null`, `${PASSWORD}`.
pub(super) fn is_hidden(value: &str) -> bool {
    let bare = value
        .trim_matches(|c: char| "[]<>(){}*".contains(c))
        .to_ascii_lowercase();
    let word = [
        "",
        "null",
        "none",
        "nil",
        "true",
        "false",
        "undefined",
        "redacted",
        "hidden",
        "masked",
    ];
    let filler = |c: char| matches!(c, '*' | '#' | '.' | '•' | '…' | 'x' | 'X');
    let template = (value.starts_with("${") && value.ends_with('}'))
        || (value.starts_with("$(") && value.ends_with(')'))
        || value.starts_with("{{")
        || value.starts_with("@{");
    let fillers = value.len() >= 3 && value.chars().all(filler);
    word.contains(&bare.as_str()) || fillers || template
}

/// `sv=2024-11-04`, `?se=…`, `sr=…`: a parameter of a shared access signature other than `sig`.
fn is_sas_parameter(value: &str) -> bool {
    let value = value.trim_start_matches('?');
    let known = [
        "sv=", "se=", "sr=", "sp=", "st=", "ss=", "srt=", "spr=", "skn=", "sig=",
    ];
    known.iter().any(|name| value.starts_with(name))
}

/// `AADSTS700082`, `403`, `2024-01-31`: what a message says after `token:` that is worth reading.
fn is_code_or_date(value: &str) -> bool {
    let letters = value.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = &value[letters..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let code = rest[digits..].is_empty() && digits > 0;
    let date = letters == 0 && digits == 4 && rest[4..].starts_with('-');
    let entra = (4..=6).contains(&letters) && value.starts_with("AA") && digits >= 4;
    (code && letters == 0 && digits <= 5) || date || entra
}

/// How often a capital follows a small letter.
fn case_changes(value: &str) -> usize {
    value
        .as_bytes()
        .windows(2)
        .filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase())
        .count()
}
