//! Groups messages: the same error with other names, times and numbers has the same signature.
//!
//! A signature depends on one message alone, so neither order nor company changes it. The rules are
//! data: `rules/signatures.toml`.

mod scan;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use memchr::memmem;

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::token::without_tokens;
use scan::{Look, Marks, Scan};

/// So much of a message is read. What stands further behind does not tell errors apart.
pub(super) const READ: usize = 8_000;

/// What stands for a host.
pub(super) const HOST: &str = "<host>";

/// What is said to have acted where a message is more than the line that names its error.
const HEADLINE: &str =
    "the line that names the error, without wrappers, stack trace and trailing ids";

/// A message of one word that is no longer than this, in bytes, is a code.
const CODE: usize = 6;

/// Compiled in, and read by a test, so the default is never used.
static RULES: LazyLock<SignatureRules> =
    LazyLock::new(|| toml::from_str(include_str!("rules/signatures.toml")).unwrap_or_default());

static STACK_TRACE: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new("StackTrace"));

static TYPE: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("Type="));

/// `'Type=Some.Exception,Message=`: the head of a wrapper that the Azure runtime puts around a message.
static WRAPPER: LazyLock<Option<regex::Regex>> =
    LazyLock::new(|| regex::Regex::new(r"'*(?-u:\b)Type=[^\s,']+,\s?Message=").ok());

/// The ids and time that Entra and Azure Storage put behind a message.
static TRAILER: LazyLock<Option<regex::Regex>> = LazyLock::new(|| {
    regex::Regex::new(r"(?i-u)[\s.,;]*\b(?:trace ?id|correlation ?id|request ?id|activity ?id|timestamp|time)\s?:\s?[<{]?[0-9a-f][0-9a-f:TZ .-]{7,}[>}]?[\s.,;'\)]*$").ok()
});

/// The version of the signature rules. It rises whenever a signature may change.
pub fn signature_rules_version() -> u32 {
    RULES.version
}

/// So many lines are known at a time.
const KNOWN: usize = 2_048;

/// A longer line is not kept.
const LONGEST_KNOWN: usize = 512;

/// Lines that many messages have in common once their names are replaced, and what the rest of the rules makes of each.
#[derive(Default)]
struct Known {
    /// By the number of the rule that comes next, and the line.
    lines: HashMap<(usize, Box<str>), Box<str>, FixedState>,
}

thread_local! {
    static KNOWN_LINES: RefCell<Known> = RefCell::default();
}

/// The message with its variable parts replaced: `<guid>`, `<ip>`, `<host>`, `<time>`, `<n>`, `'<name>'`.
///
/// Secrets must be masked before: placeholders such as `<password>` stay as they are, but for their tokens. Each thread
/// keeps what it made of up to some thousand lines, at most 2 MB.
pub fn signature(message: &str) -> String {
    match headline(&without_tokens(message)) {
        Headline::Code(code) => code,
        Headline::Line(line) => KNOWN_LINES.with_borrow_mut(|known| known.signature(line)),
    }
}

/// The signature of a message, and the names of the rules that made it, in the order in which they acted.
pub fn signature_traced(message: &str) -> (String, Vec<&'static str>) {
    let mut acted = Vec::new();
    let message = &*without_tokens(message);
    let (line, is_code) = match headline(message) {
        Headline::Code(code) => (code, true),
        Headline::Line(line) => (line, false),
    };
    if line != message {
        acted.push(HEADLINE);
    }
    if is_code {
        return (line, acted);
    }
    let mut reduced = Reduced::new(line);
    for rule in &RULES.rules {
        if reduced.apply(rule) {
            acted.push(rule.name.as_str());
        }
    }
    (reduced.line, acted)
}

/// A line that the rules reduce.
struct Reduced {
    line: String,
    marks: Marks,
}

impl Reduced {
    fn new(line: String) -> Reduced {
        let mut marks = Marks::default();
        marks.read(&line);
        Reduced { line, marks }
    }

    /// True if the rule acted.
    fn apply(&mut self, rule: &Rule) -> bool {
        if !rule.may_match(&self.line, &self.marks) {
            return false;
        }
        let replaced = match rule.scan.look(&self.line, &self.marks) {
            Look::Nothing => None,
            Look::Maybe => rule.apply(&self.line, &RULES),
            Look::Replaced(line) => Some(line),
        };
        let Some(replaced) = replaced else {
            return false;
        };
        self.line = replaced;
        self.marks.read(&self.line);
        true
    }
}

impl Known {
    fn signature(&mut self, line: String) -> String {
        let mut reduced = Reduced::new(line);
        let mut passed = Vec::new();
        for (number, rule) in RULES.rules.iter().enumerate() {
            if rule.known && reduced.line.len() <= LONGEST_KNOWN {
                let key = (number, reduced.line.as_str());
                if let Some(signature) = self.lines.get(&Line(key)) {
                    let signature = signature.to_string();
                    self.keep(passed, &signature);
                    return signature;
                }
                passed.push((number, reduced.line.as_str().into()));
            }
            reduced.apply(rule);
        }
        self.keep(passed, &reduced.line);
        reduced.line
    }

    fn keep(&mut self, passed: Vec<(usize, Box<str>)>, signature: &str) {
        if signature.len() > LONGEST_KNOWN {
            return;
        }
        for line in passed {
            if self.lines.len() >= KNOWN {
                self.lines.clear();
            }
            self.lines.insert(line, signature.into());
        }
    }
}

/// A borrowed key of the lines that are known.
#[derive(Hash)]
struct Line<'a>((usize, &'a str));

impl hashbrown::Equivalent<(usize, Box<str>)> for Line<'_> {
    fn equivalent(&self, key: &(usize, Box<str>)) -> bool {
        self.0.0 == key.0 && *self.0.1 == *key.1
    }
}

/// What stands for a dotted name: `<host>`, or `<host>.blob.core.windows.net`, whose end tells the kind of service.
/// `None` when it is no host.
pub(super) fn host(name: &str) -> Option<String> {
    RULES.host(name)
}

/// Reads the rules. A pattern is built when a line comes that needs it.
pub(super) fn prepare() {
    LazyLock::force(&RULES);
}

/// The first 10 hex digits of SHA-256 over rules version and signature.
pub fn signature_id(signature: &str) -> String {
    let digest = Sha256::digest(format!("{}\n{signature}", RULES.version));
    let mut id = String::with_capacity(10);
    for byte in digest.iter().take(5) {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// A message taken out of its wrappers.
pub(super) struct Unwrapped<'a> {
    /// What stands before the outermost wrapper.
    pub(super) before: &'a str,
    /// The innermost message.
    pub(super) inner: &'a str,
    /// `SqlErrorNumber=…`, which the wrapper states behind the message.
    sql_error: Option<&'a str>,
}

/// Peels `Type=…,Message=…,Source=…,StackTrace=…`, as often as it is nested.
pub(super) fn unwrap(message: &str) -> Unwrapped<'_> {
    let message = cut(message, READ);
    let message = STACK_TRACE.find(message.as_bytes()).map_or(message, |at| {
        message[..at].trim_end_matches([',', ' ', '\r', '\n', '\t', '"'])
    });
    let plain = message
        .trim_start()
        .strip_prefix("Message=")
        .unwrap_or(message);
    let mut unwrapped = Unwrapped {
        before: "",
        inner: plain,
        sql_error: None,
    };
    let Some(wrapper) = WRAPPER
        .as_ref()
        .filter(|_| TYPE.find(message.as_bytes()).is_some())
    else {
        return unwrapped;
    };
    let mut first = None;
    for head in wrapper.find_iter(message) {
        first = first.or(Some(head.start()));
        let body = &message[head.end()..];
        let end = [",Source=", ", Source=", "''Type=", ",'Type="]
            .iter()
            .filter_map(|tail| body.find(tail))
            .min()
            .unwrap_or(body.len());
        let inner = without_quotes(&body[..end]);
        if !inner.is_empty() {
            unwrapped.inner = inner;
        }
    }
    if let Some(first) = first {
        unwrapped.before = &message[..first];
        unwrapped.sql_error = message.find("SqlErrorNumber=").map(|at| {
            let digits = message[at + 15..]
                .bytes()
                .take_while(u8::is_ascii_digit)
                .count();
            &message[at..at + 15 + digits]
        });
    }
    unwrapped
}

/// The message of a wrapper without the quotes that belong to the wrapper: those that have no partner in it.
fn without_quotes(body: &str) -> &str {
    let mut inner = body.trim_matches([' ', ',', '\r', '\n']);
    let letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    loop {
        let bytes = inner.as_bytes();
        let quotes = (0..bytes.len()).filter(|&at| {
            let apostrophe = at > 0 && letter(bytes.get(at - 1)) && letter(bytes.get(at + 1));
            bytes[at] == b'\'' && !apostrophe
        });
        if quotes.count() % 2 == 0 {
            return inner;
        }
        let Some(shorter) = (inner.strip_suffix('\'')).or_else(|| inner.strip_prefix('\'')) else {
            return inner;
        };
        inner = shorter.trim_matches([' ', ',', '\r', '\n']);
    }
}

/// What stands for a message before the rules act.
enum Headline {
    /// A message that is nothing but a short code, which no rule changes.
    Code(String),
    Line(String),
}

/// The one line of a message that names the error, without wrappers, stack trace and trailing ids.
fn headline(message: &str) -> Headline {
    let unwrapped = unwrap(message);
    let mut line = String::with_capacity(256);
    push_words(&mut line, unwrapped.before);
    push_words(&mut line, &first_line(unwrapped.inner));
    if let Some(sql_error) = unwrapped.sql_error
        && !line.contains(sql_error)
    {
        push_words(&mut line, sql_error);
    }
    while let Some(start) = trailer(&line) {
        line.truncate(start);
    }
    if line.len() <= CODE && line.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Headline::Code(line)
    } else {
        Headline::Line(line)
    }
}

/// Where the last id or time that belongs to no message begins; nothing where it is all that there is.
fn trailer(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    // Its name ends in `id`, `time` or `timestamp`, and it has an end that can be told.
    let named = memchr::memchr_iter(b':', bytes).any(|colon| {
        let space = colon > 0 && bytes[colon - 1].is_ascii_whitespace();
        let end = bytes.get(..colon - usize::from(space));
        let last = end.and_then(<[u8]>::last).map(u8::to_ascii_lowercase);
        matches!(last, Some(b'd' | b'e' | b'p'))
    });
    if !named {
        return None;
    }
    let found = TRAILER.as_ref()?.find(line)?;
    (found.start() > 0).then_some(found.start())
}

/// Appends `text` with its white space reduced to single spaces.
fn push_words(line: &mut String, text: &str) {
    let text = text.trim();
    let bytes = text.as_bytes();
    let is_plain = text.is_ascii()
        && !bytes.iter().any(|byte| matches!(byte, b'\t'..=b'\r'))
        && memmem::find(bytes, b"  ").is_none();
    if is_plain {
        if !line.is_empty() && !text.is_empty() {
            line.push(' ');
        }
        line.push_str(text);
        return;
    }
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
}

/// The first line that says something.
///
/// A Python traceback names its error in the last line, JSON over several lines is one text, and
/// `One or more errors occurred:` says nothing without its next line.
fn first_line(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.starts_with(['{', '[']) {
        return Cow::Borrowed(text);
    }
    let mut lines = text
        .split(['\n', '\r'])
        .flat_map(|line| line.split(r"\r\n"))
        .map(str::trim_end)
        .filter(|line| !line.trim().is_empty());
    if text.starts_with("Traceback (most recent call last)") {
        let last = lines
            .filter(|line| !line.starts_with(char::is_whitespace))
            .last();
        return Cow::Borrowed(last.unwrap_or(text));
    }
    let Some(first) = lines.next() else {
        return Cow::Borrowed("");
    };
    if !first.ends_with(':') {
        return Cow::Borrowed(first);
    }
    let mut joined = first.to_owned();
    for line in lines.take(2) {
        joined.push(' ');
        joined.push_str(line.trim_start());
        if !line.ends_with(':') {
            break;
        }
    }
    Cow::Owned(joined)
}

/// At most `limit` bytes, ending between two characters.
fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

/// A line of which parts are replaced.
struct Replaced<'a> {
    line: &'a str,
    text: String,
    copied: usize,
}

impl<'a> Replaced<'a> {
    fn new(line: &'a str) -> Replaced<'a> {
        Replaced {
            line,
            text: String::new(),
            copied: 0,
        }
    }

    /// Puts this in the place of a part, which stands behind the last and holds at least a byte.
    fn put(&mut self, part: Range<usize>, with: &[&str]) {
        if self.copied == 0 {
            self.text.reserve(self.line.len() + 16);
        }
        self.text.push_str(&self.line[self.copied..part.start]);
        self.text.extend(with.iter().copied());
        self.copied = part.end;
    }

    /// The line, or `None` when nothing was replaced.
    fn finish(mut self) -> Option<String> {
        if self.copied == 0 {
            return None;
        }
        self.text.push_str(&self.line[self.copied..]);
        Some(self.text)
    }

    fn look(self) -> Look {
        self.finish().map_or(Look::Nothing, Look::Replaced)
    }
}

/// The rule file.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct SignatureRules {
    version: u32,
    host_endings: Vec<String>,
    host_countries: Vec<String>,
    host_kinds: Vec<String>,
    parts: BTreeMap<String, String>,
    rules: Vec<Rule>,
}

/// One rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: String,
    #[serde(default)]
    keep: String,
    pattern: String,
    with: String,
    needs: Vec<String>,
    #[serde(default)]
    scan: Scan,
    #[serde(default)]
    known: bool,
    /// Built on first use. A test builds every pattern, so `None` means only "not usable".
    #[serde(skip)]
    built: OnceLock<Option<Built>>,
}

/// The patterns of a rule.
#[derive(Debug)]
struct Built {
    /// What is kept or replaced.
    any: Regex,
    /// Fits what was found if it is kept.
    keep: Option<Regex>,
}

impl Rule {
    fn may_match(&self, line: &str, marks: &Marks) -> bool {
        self.needs.iter().any(|need| match need.as_bytes() {
            b"digit" => marks.has_digit(),
            [byte] => marks.has(*byte),
            bytes => bytes.iter().all(|&byte| marks.has(byte)) && line.contains(need),
        })
    }

    fn built(&self, rules: &SignatureRules) -> Option<&Built> {
        let built = || self.build(&rules.parts).ok();
        self.built.get_or_init(built).as_ref()
    }

    fn build(&self, parts: &BTreeMap<String, String>) -> Result<Built, regex::Error> {
        // Patterns see bytes and know ASCII only: building them for all of Unicode costs milliseconds.
        let build = |pattern: &str| RegexBuilder::new(pattern).unicode(false).build();
        let [keep, pattern] = [&self.keep, &self.pattern].map(|pattern| {
            parts.iter().fold(pattern.clone(), |pattern, (name, part)| {
                pattern.replace(&format!("{{{name}}}"), part)
            })
        });
        if keep.is_empty() {
            return Ok(Built {
                any: build(&pattern)?,
                keep: None,
            });
        }
        Ok(Built {
            any: build(&format!("{keep}|{pattern}"))?,
            keep: Some(build(&format!("^(?:{keep})$"))?),
        })
    }

    /// The line with this rule's parts replaced, or `None` when it has none.
    fn apply(&self, line: &str, rules: &SignatureRules) -> Option<String> {
        let Built { any, keep } = self.built(rules)?;
        let expands = self.with.contains('$');
        let mut replaced = Replaced::new(line);
        for found in any.find_iter(line.as_bytes()) {
            if keep
                .as_ref()
                .is_some_and(|keep| keep.is_match(found.as_bytes()))
            {
                continue;
            }
            // Every pattern ends at a character boundary, as its neighbours are ASCII.
            let (Some(_), Some(text)) = (
                line.get(replaced.copied..found.start()),
                line.get(found.range()),
            ) else {
                continue;
            };
            if self.with == HOST {
                if let Some(host) = rules.host(text) {
                    replaced.put(found.range(), &[&host]);
                }
            } else if expands {
                let mut with = Vec::new();
                if let Some(groups) = any.captures_at(line.as_bytes(), found.start()) {
                    groups.expand(self.with.as_bytes(), &mut with);
                }
                replaced.put(found.range(), &[&String::from_utf8_lossy(&with)]);
            } else {
                replaced.put(found.range(), &[&self.with]);
            }
        }
        replaced.finish()
    }
}

impl SignatureRules {
    /// True for the last label of what may be a host. That of every kind of host is among the endings.
    fn may_end_host(&self, label: &[u8]) -> bool {
        let is = |known: &String| known.as_bytes().eq_ignore_ascii_case(label);
        self.host_endings.iter().any(is) || self.host_countries.iter().any(is)
    }

    /// What stands for a dotted name, or `None` when it is no host: `System.Net.WebException`, `data.csv`.
    fn host(&self, name: &str) -> Option<String> {
        let small = name.to_ascii_lowercase();
        for kind in &self.host_kinds {
            let Some(rest) = small.strip_suffix(kind.as_str()) else {
                continue;
            };
            // `contoso.blob.core.windows.net`: the account varies, `blob` is the kind.
            let mut labels = rest.strip_suffix('.')?.split('.');
            labels.next()?;
            let service = labels
                .next_back()
                .map_or(String::new(), |label| format!("{label}."));
            return Some(format!("<host>.{service}{kind}"));
        }
        let (start, ending) = name.rsplit_once('.')?;
        let one_case = name == small || name == name.to_ascii_uppercase();
        let two_labels = !start.contains('.');
        let is_in = |list: &[String]| list.iter().any(|known| known.eq_ignore_ascii_case(ending));
        let known = is_in(&self.host_endings) || (!two_labels && is_in(&self.host_countries));
        let capital = ending.starts_with(|c: char| c.is_ascii_uppercase());
        let host = if two_labels {
            name == small
        } else {
            one_case || !capital
        };
        (known && host).then(|| "<host>".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{mask, texts};
    use super::*;

    /// Messages and their signatures, written by hand.
    const GOLDEN: &[(&str, &str)] = &[
        ("", ""),
        ("  \r\n ", ""),
        (
            "Internal system error. Please contact support with correlationId:7f9c24e5-2f0a-4d4b-9d0e-1c2b3a4d5e6f System Error, contact support.",
            "Internal system error. Please contact support with correlationId:<guid> System Error, contact support.",
        ),
        (
            "message: Unable to setup config overrides for this scan. Exception:'Type=Microsoft.WindowsAzure.Storage.StorageException,Message=The remote server returned an error: (404) Not Found.,Source=Microsoft.WindowsAzure.Storage,StackTrace=   at A.B.C()'",
            "message: Unable to setup config overrides for this scan. Exception: The remote server returned an error: (404) Not Found.",
        ),
        (
            "ErrorCode=SqlFailedToConnect,'Type=Microsoft.DataTransfer.Common.Shared.HybridDeliveryException,Message=Cannot connect to SQL Database: 'x',Source=Microsoft.DataTransfer.ClientLibrary,''Type=System.Data.SqlClient.SqlException,Message=Reason: An instance-specific error occurred.,Source=.Net SqlClient Data Provider,SqlErrorNumber=47073,Class=14,State=1,'",
            "ErrorCode=SqlFailedToConnect, Reason: An instance-specific error occurred. SqlErrorNumber=47073",
        ),
        (
            "Cannot connect to SQL Database: 'srv1.database.windows.net', Database: 'Sales', User: 'scan user'. Check the linked service.",
            "Cannot connect to SQL Database: '<host>.database.windows.net', Database: '<name>', User: '<name>'. Check the linked service.",
        ),
        (
            "Client with IP address '10.1.2.3' isn't allowed to access the server",
            "Client with IP address '<ip>' isn't allowed to access the server",
        ),
        (
            "Login failed for user '<token-identified principal>'.",
            "Login failed for user '<token-identified principal>'.",
        ),
        (
            "Login failed for user 'sa'.",
            "Login failed for user '<name>'.",
        ),
        ("Error: (3913)", "Error: (3913)"),
        (
            "AASDST50079 Due to a change you must enroll. Trace ID: 0f8fad5b-d9cb-469f-a165-70867728950e Correlation ID: 0f8fad5b-d9cb-469f-a165-70867728950f Timestamp: 2024-05-01 10:11:12Z",
            "AASDST50079 Due to a change you must enroll",
        ),
        (
            "Operation returned an invalid status code 'Forbidden'",
            "Operation returned an invalid status code 'Forbidden'",
        ),
        (
            "Could not connect to net.tcp://vm-ir-01:8060/ExternalService. TCP error code 10061: refused 10.0.0.4:1433",
            "Could not connect to net.tcp://<host>:8060/<path>. TCP error code 10061: refused <ip>:1433",
        ),
        (
            "GET https://contoso.blob.core.windows.net/raw/2024/05/a.csv?sv=2024-11-04&sig=<sas>&se=2024-06-01 failed: 404",
            "GET https://<host>.blob.core.windows.net/<path> failed: 404",
        ),
        (
            "Could not load file or assembly 'System.ValueTuple, Version=4.0.2.0, Culture=neutral' or one of its dependencies.",
            "Could not load file or assembly '<name>' or one of its dependencies.",
        ),
        (
            "File C:\\Users\\jo bloggs\\a.csv not found at line 12, column 7",
            "File <path> not found at line <n>, column <n>",
        ),
        (
            "java.net.ConnectException: db01.corp.contoso.com refused",
            "java.net.ConnectException: <host> refused",
        ),
        (
            "Open connection to database timeout after '15' seconds.",
            "Open connection to database timeout after '<n>' seconds.",
        ),
        (
            "Retry after 30 seconds, attempt 2 of 5, 1,234 rows",
            "Retry after <n> seconds, attempt <n> of <n>, <n> rows",
        ),
        (
            "Datei /Daten/Müller/März.csv fehlt für jösé@contoso.com um 10:11:12",
            "Datei <path> fehlt für <email> um <time>",
        ),
        (
            "PublicKeyToken=cc7b13ffcd2ddd51 ‘é’ 'ü'",
            "PublicKeyToken=<id> ‘é’ '<name>'",
        ),
        (
            "Columns 'a', 'b', 'c' are missing",
            "Columns '<name>' are missing",
        ),
        (
            "redis://bob:<password>@cache:6380 refused",
            "redis://bob:<password>@cache:6380 refused",
        ),
        ("lost blk_-1608999687919862906", "lost <id>"),
        ("lost blk_1608999687919862906", "lost <id>"),
        (
            "commit d6cd1e2bd19e03a81132a23b2025920577f84e37",
            "commit <id>",
        ),
        (
            "HRESULT 0x80131904 for jane@contoso.com",
            "HRESULT 0x80131904 for <email>",
        ),
        (
            "Cannot sign in with password=<password>; denied",
            "Cannot sign in with password=<password>; denied",
        ),
        (
            "One or more errors occurred:\n  No such host is known",
            "One or more errors occurred: No such host is known",
        ),
        (
            "Traceback (most recent call last):\n  File \"a.py\", line 3\n    x()\nValueError: bad\n",
            "ValueError: bad",
        ),
        (
            "{\n  \"error\": {\n    \"code\": \"AuthorizationFailed\", \"id\": \"0f8fad5b-d9cb-469f-a165-70867728950e\" } }",
            "{ \"error\": { \"code\": \"AuthorizationFailed\", \"id\": \"<guid>\" } }",
        ),
    ];

    #[test]
    fn every_pattern_builds() {
        let rules: SignatureRules = toml::from_str(include_str!("rules/signatures.toml")).unwrap();
        for rule in &rules.rules {
            let built = rule.build(&rules.parts);
            assert!(built.is_ok(), "{built:?}");
        }
        for kind in &rules.host_kinds {
            let ending = kind.rsplit('.').next().unwrap();
            assert!(
                rules.host_endings.iter().any(|known| known == ending),
                "{kind}"
            );
        }
        assert!(WRAPPER.is_some() && TRAILER.is_some());
        assert_eq!(signature_rules_version(), 2);
    }

    #[test]
    fn variable_parts_are_replaced() {
        let found: Vec<_> = GOLDEN
            .iter()
            .map(|(message, _)| signature(message))
            .collect();
        let expected: Vec<_> = GOLDEN.iter().map(|(_, expected)| *expected).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_signature_is_its_own_signature() {
        for (_, expected) in GOLDEN {
            assert_eq!(signature(expected), *expected);
            assert_eq!(mask(expected), *expected);
        }
    }

    #[test]
    fn different_codes_stay_apart() {
        let families: &[&[&str]] = &[
            &[
                "The remote server returned an error: (401)",
                "The remote server returned an error: (403)",
                "The remote server returned an error: (404)",
                "The remote server returned an error: (503)",
            ],
            &[
                "AADSTS50079: x",
                "AADSTS70002: x",
                "AASTS70002: x",
                "AADSTS7000215: x",
            ],
            &["ORA-01017: x", "ORA-01031: x"],
            &["SQLSTATE 28000", "SQLSTATE 42501", "SQLSTATE[42S02]"],
            &["Error: (3913)", "Error: (3914)"],
            &["x SqlErrorNumber=47073", "x SqlErrorNumber=40501"],
            &["x on port 1433", "x on port 1521", "x:443", "x:8060"],
            &["status code 'Forbidden'", "status code 'NotFound'"],
            &["{\"code\":\"Forbidden\"}", "{\"code\":\"NotFound\"}"],
            &["HTTP 429", "HTTP 500"],
        ];
        for family in families {
            for (at, one) in family.iter().enumerate() {
                for other in &family[at + 1..] {
                    assert_ne!(signature(one), signature(other));
                }
            }
        }
    }

    /// The signature by the patterns alone, without scans and without lines that are known.
    fn plain(message: &str) -> (String, Vec<&'static str>) {
        let message = &*without_tokens(message);
        let mut acted = Vec::new();
        let (mut line, is_code) = match headline(message) {
            Headline::Code(code) => (code, true),
            Headline::Line(line) => (line, false),
        };
        if line != message {
            acted.push(HEADLINE);
        }
        for rule in RULES.rules.iter().filter(|_| !is_code) {
            let digit = line.bytes().any(|byte| byte.is_ascii_digit());
            let needed = |need: &String| line.contains(need) || need == "digit" && digit;
            if rule.needs.iter().any(needed)
                && let Some(replaced) = rule.apply(&line, &RULES)
            {
                acted.push(rule.name.as_str());
                line = replaced;
            }
        }
        (line, acted)
    }

    #[test]
    fn scans_and_known_lines_change_nothing() {
        let found = texts::found();
        let many = if cfg!(debug_assertions) {
            20_000
        } else {
            400_000
        };
        let made = texts::made(&found, many, 7);
        let mut acting = BTreeMap::new();
        for text in found.iter().cloned().chain(made) {
            let (expected, acted) = plain(&text);
            for name in &acted {
                *acting.entry(*name).or_insert(0) += 1;
            }
            assert_eq!(
                signature_traced(&text),
                (expected.clone(), acted),
                "{text:?}"
            );
            // Twice: the second is known.
            assert_eq!(signature(&text), expected, "{text:?}");
            assert_eq!(signature(&text), expected, "{text:?}");
            let line = text.replace(['\n', '\r'], " ");
            for rule in RULES.rules.iter().filter(|rule| rule.scan != Scan::Pattern) {
                let mut marks = Marks::default();
                marks.read(&line);
                let expected = rule.apply(&line, &RULES);
                match rule.scan.look(&line, &marks) {
                    Look::Nothing => assert_eq!(None, expected, "{}: {line:?}", rule.name),
                    Look::Replaced(line) => assert_eq!(Some(line), expected, "{}", rule.name),
                    Look::Maybe => {}
                }
            }
        }
        for rule in &RULES.rules {
            assert!(
                acting.get(rule.name.as_str()) > Some(&2),
                "{} {acting:?}",
                rule.name
            );
        }
    }

    #[test]
    fn a_name_of_an_id_is_needed_behind_a_message() {
        for text in texts::made(&texts::found(), 5_000, 9) {
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let found = TRAILER.as_ref().unwrap().find(&line);
            let expected = found.map(|found| found.start()).filter(|&start| start > 0);
            assert_eq!(trailer(&line), expected, "{line:?}");
        }
    }

    /// The blocks of `groups.txt`: messages of one cause each.
    fn causes() -> Vec<Vec<String>> {
        let text = include_str!("groups.txt").replace("\r\n", "\n");
        let block = |block: &str| -> Vec<String> {
            let lines = block.lines().filter(|line| !line.starts_with('#'));
            lines.map(|line| line.replace('⏎', "\n")).collect()
        };
        let blocks = text.split("\n\n").map(block);
        blocks.filter(|block| !block.is_empty()).collect()
    }

    #[test]
    fn one_cause_is_one_group_and_different_causes_are_different() {
        let causes = causes();
        assert!(causes.len() >= 60 && causes.iter().filter(|cause| cause.len() > 1).count() >= 60);
        let mut wrong = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for (cause, messages) in causes.iter().enumerate() {
            let first = signature(&messages[0]);
            for message in messages {
                let own = signature(message);
                if own != first {
                    wrong.push(format!("apart: {first}\n       {own}"));
                }
                if *known.entry(own.clone()).or_insert(cause) != cause {
                    wrong.push(format!("together: {message}\n          {own}"));
                }
                // Secrets are masked before, and nothing here is one.
                assert_eq!(mask(message), *message);
                let (traced, acted) = signature_traced(message);
                assert_eq!(traced, own);
                assert!(!acted.is_empty() || own == *message, "{message}");
                if signature(&own) != own {
                    wrong.push(format!("moves: {own}\n       {}", signature(&own)));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn an_id_depends_on_one_message_alone() {
        let messages = causes().concat();
        let id = |message: &String| signature_id(&signature(message));
        let forwards: Vec<String> = messages.iter().map(id).collect();
        let mut backwards: Vec<String> = messages.iter().rev().map(id).collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
    }

    #[test]
    fn the_secret_does_not_show_in_the_signature() {
        let message =
            |secret: &str| format!("cannot open Server=a;Password={secret};Database=b at 10.0.0.1");
        let one = message("Xk9-first-77");
        let other = message("another 1 with more");
        assert_eq!(signature(&mask(&one)), signature(&mask(&other)));
        assert_eq!(signature(&mask(&mask(&one))), signature(&mask(&one)));
    }

    #[test]
    fn ids_are_ten_hex_digits_and_fixed() {
        // printf '2\nLogin failed' | sha256sum
        assert_eq!(signature_id("Login failed"), "0cdd40ad54");
        assert_ne!(signature_id("Login failed"), signature_id("Login failed."));
    }

    /// A scan that looks at a whole word for each of its parts would take minutes for these.
    #[test]
    fn the_time_of_a_message_grows_with_its_length_only() {
        let began = std::time::Instant::now();
        for part in [
            "1-", "Ab1", "a1-", "/a", "a/", "1.", ".a", "a:", "'a ", "aa ",
        ] {
            let word = part.repeat(READ / part.len());
            for number in 0..60 {
                assert!(!signature(&format!("x{number} {word}")).is_empty());
            }
        }
        let took = began.elapsed();
        assert!(took.as_secs() < 20, "{took:?}");
    }

    #[test]
    fn long_and_odd_messages_are_read() {
        let long = "é".repeat(500_000);
        assert_eq!(signature(&long).len(), READ);
        for odd in [
            "Type=",
            "Type=a,Message=",
            "StackTrace",
            "'",
            "\"",
            "://",
            "<>",
            "\u{0}",
        ] {
            let once = signature(odd);
            assert_eq!(signature(&once), once);
        }
    }
}
