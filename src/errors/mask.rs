//! Hides secrets in text.
//!
//! The rules are data: `rules/mask.toml`. One pass over the bytes finds which of their literals stand
//! in the text, so an ordinary name costs that pass and no regular expression is even built.

mod guard;
mod keep;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, OnceLock};

use regex::bytes::{Captures, Regex, RegexBuilder};
use serde::Deserialize;

use super::hidden::Hidden;
use super::literals::Literals;
use super::token::{RedactKey, placeholders, push_placeholder};
use guard::{Assigned, Guard};
use keep::{Candidate, Keep, is_hidden, trimmed};

/// Masking repeats until nothing changes. Two passes are usual. A text made to need more, where each secret that is hidden
/// shows the next one, is hidden whole.
pub(super) const MAX_PASSES: usize = 8;

/// The class of such a text.
const UNSETTLED: &str = "secret";

/// Compiled in, and read by a test, so the default is never used.
static RULES: LazyLock<MaskRules> =
    LazyLock::new(|| MaskRules::from_toml(include_str!("rules/mask.toml")).unwrap_or_default());

/// Replaces secrets by their bare class (`<sas>`, `<password>`). Borrowed when nothing was found.
///
/// Idempotent: the result is masked again until it no longer changes.
pub fn mask(text: &str) -> Cow<'_, str> {
    Masker::default().mask(text)
}

/// Replaces secrets by their class; with a key also by a token of each secret (`<sas:7f3a9c1e>`).
///
/// A value that is made once from the options and handed to whoever reads records: two calls in one process may have
/// different keys. Rejects and headings are quoted by it too. Messages of the program are masked by [`mask`], which leaves
/// tokens as they are.
#[derive(Clone, Debug, Default)]
pub struct Masker {
    key: Option<Arc<RedactKey>>,
}

impl Masker {
    /// Tokens are made with this key; without one there are none.
    pub fn new(key: Option<Arc<RedactKey>>) -> Masker {
        Masker { key }
    }

    /// As [`mask`].
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.mask_counting(text, &mut Hidden::default())
    }

    /// The same, and counts what was hidden.
    ///
    /// What is hidden is found in a draft with bare classes: a key adds tokens, and changes nothing else.
    pub fn mask_counting<'a>(&self, text: &'a str, hidden: &mut Hidden) -> Cow<'a, str> {
        let rules = &*RULES;
        let mut likely = rules.likely(text);
        if likely == 0 && !text.contains('<') {
            return Cow::Borrowed(text);
        }
        let mut draft = Draft::new(text, rules);
        for _ in 0..MAX_PASSES {
            if let Cow::Owned(masked) = &draft.masked {
                likely = rules.likely(masked);
            }
            let mut changed = false;
            let mut assigned = Assigned::of(&draft.masked);
            for rule in bits(likely).map(|number| &rules.rules[number]) {
                if !rule.guard.lets(&draft.masked, assigned) {
                    continue;
                }
                let secrets = rule.secrets(&draft, rules);
                if !secrets.is_empty() {
                    assigned = Assigned::all();
                }
                for secret in &secrets {
                    hidden.add(secret.class, 1);
                }
                changed |= !secrets.is_empty();
                draft.hide(secrets);
            }
            if !changed {
                return draft.written(self.key.as_deref());
            }
        }
        let mut all = String::new();
        push_placeholder(&mut all, UNSETTLED, text, self.key.as_deref());
        hidden.add(UNSETTLED, 1);
        Cow::Owned(all)
    }
}

/// A secret that a rule found in a draft.
struct Secret {
    at: Range<usize>,
    class: &'static str,
}

/// A placeholder of a draft.
struct Hole {
    /// Its place in the draft.
    at: Range<usize>,
    /// The place in the text of what it stands for.
    of: Range<usize>,
    class: &'static str,
    /// The text has it itself; it stays as it is there.
    is_own: bool,
}

/// A text with bare classes in the place of what is hidden.
struct Draft<'a> {
    text: &'a str,
    masked: Cow<'a, str>,
    /// In order, apart from each other.
    holes: Vec<Hole>,
}

impl<'a> Draft<'a> {
    /// Nothing is hidden yet. The placeholders that the text has itself lose their tokens.
    fn new(text: &'a str, rules: &'static MaskRules) -> Draft<'a> {
        let own = placeholders(text).filter_map(|(of, class)| {
            let (class, _) = rules.classes.get_key_value(class)?;
            Some(Hole {
                at: 0..0,
                of,
                class,
                is_own: true,
            })
        });
        let mut draft = Draft {
            text,
            masked: Cow::Borrowed(text),
            holes: own.collect(),
        };
        draft.renew();
        draft
    }

    /// Writes the draft anew, by its holes.
    fn renew(&mut self) {
        if self.holes.is_empty() {
            return;
        }
        let mut masked = String::with_capacity(self.text.len());
        let mut copied = 0;
        for hole in &mut self.holes {
            masked.push_str(&self.text[copied..hole.of.start]);
            let start = masked.len();
            push_placeholder(&mut masked, hole.class, "", None);
            hole.at = start..masked.len();
            copied = hole.of.end;
        }
        masked.push_str(&self.text[copied..]);
        self.masked = Cow::Owned(masked);
    }

    /// The place in the text of one in the draft that is not within a hole.
    fn origin(&self, at: usize) -> usize {
        let before = self.holes.partition_point(|hole| hole.at.end <= at);
        match before.checked_sub(1).map(|last| &self.holes[last]) {
            Some(hole) => hole.of.end + (at - hole.at.end),
            None => at,
        }
    }

    /// True for a place within one hole.
    fn is_hole(&self, at: &Range<usize>) -> bool {
        let before = self.holes.partition_point(|hole| hole.at.end < at.end);
        let hole = self.holes.get(before);
        hole.is_some_and(|hole| hole.at.start <= at.start)
    }

    /// Hides secrets, which are in order. A placeholder of which a part is hidden is hidden whole.
    fn hide(&mut self, secrets: Vec<Secret>) {
        if secrets.is_empty() {
            return;
        }
        let mut holes: Vec<Hole> = Vec::with_capacity(self.holes.len() + secrets.len());
        for Secret { at, class } in secrets {
            let first = self.holes.partition_point(|hole| hole.at.end <= at.start);
            let last = self.holes.partition_point(|hole| hole.at.start < at.end);
            let met = self.holes.get(first..last).unwrap_or_default();
            let start = met
                .first()
                .map_or(at.start, |hole| hole.at.start.min(at.start));
            let end = met.last().map_or(at.end, |hole| hole.at.end.max(at.end));
            let of = self.origin(start)..self.origin(end);
            match holes.last_mut() {
                Some(before) if before.of.end > of.start => before.of.end = of.end,
                _ => holes.push(Hole {
                    at: 0..0,
                    of,
                    class,
                    is_own: false,
                }),
            }
        }
        // Of those that begin at one place the new one, which is as long or longer, comes first.
        holes.append(&mut self.holes);
        holes.sort_by_key(|hole| hole.of.start);
        let mut reached = 0;
        holes.retain(|hole| {
            let is_apart = hole.of.start >= reached;
            reached = reached.max(hole.of.end);
            is_apart
        });
        self.holes = holes;
        self.renew();
    }

    /// The text without its secrets. Borrowed where it has none.
    fn written(self, key: Option<&RedactKey>) -> Cow<'a, str> {
        if self.holes.iter().all(|hole| hole.is_own) {
            return Cow::Borrowed(self.text);
        }
        let mut written = String::with_capacity(self.masked.len());
        let mut copied = 0;
        for hole in self.holes {
            written.push_str(&self.text[copied..hole.of.start]);
            copied = hole.of.end;
            let hidden = &self.text[hole.of];
            if hole.is_own {
                written.push_str(hidden);
            } else {
                push_placeholder(&mut written, hole.class, hidden, key);
            }
        }
        written.push_str(&self.text[copied..]);
        Cow::Owned(written)
    }
}

/// The classes of secrets, and what each is.
pub(super) fn classes() -> &'static BTreeMap<String, String> {
    &RULES.classes
}

/// The version of the mask rule list. It rises whenever a rule changes.
pub fn mask_rules_version() -> u32 {
    RULES.version
}

/// The number of mask rules.
pub fn mask_rules_count() -> usize {
    RULES.rules.len()
}

/// The rule file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    version: u32,
    keys: String,
    key_hints: Vec<String>,
    weak_keys: String,
    key_classes: Vec<(String, String)>,
    classes: BTreeMap<String, String>,
    rules: Vec<RuleText>,
}

/// One rule as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    #[serde(rename = "name")]
    _name: String,
    class: String,
    pattern: String,
    any: Option<Vec<String>>,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    keep: Keep,
    #[serde(default)]
    guard: Guard,
    #[serde(rename = "source")]
    _source: String,
}

/// One rule, ready to run.
struct Rule {
    /// `None`: the key name decides.
    class: Option<String>,
    keep: Keep,
    guard: Guard,
    pattern: String,
    /// Built on first use. A test builds every pattern, so `None` means only "not usable".
    regex: OnceLock<Option<Regex>>,
}

/// Most rules that a list may have: a bit for each.
const RULES_AT_MOST: usize = 64;

/// The rules that a literal speaks for.
#[derive(Clone, Copy, Default)]
struct SpeaksFor {
    /// The rules of which one of `any` must be present.
    any: u64,
    /// The rules of which one of `with` must be present too.
    with: u64,
}

/// The rule list.
#[derive(Default)]
struct MaskRules {
    version: u32,
    key_classes: Vec<(String, String)>,
    /// The classes, and what each is.
    classes: BTreeMap<String, String>,
    rules: Vec<Rule>,
    /// Finds the literals, case ignored. `None` when there is no rule.
    literals: Option<Literals>,
    /// What each literal speaks for.
    speaks_for: Vec<SpeaksFor>,
    /// The rules that need no second literal.
    without_with: u64,
}

/// The numbers of the bits.
fn bits(mut of: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (of != 0).then(|| of.trailing_zeros() as usize)?;
        of &= of - 1;
        Some(bit)
    })
}

impl MaskRules {
    fn from_toml(text: &str) -> anyhow::Result<Self> {
        let file: RuleFile = toml::from_str(text)?;
        let mut list = Self {
            version: file.version,
            key_classes: file.key_classes,
            classes: file.classes,
            ..Self::default()
        };
        anyhow::ensure!(
            file.rules.len() <= RULES_AT_MOST,
            "the mask rules are more than {RULES_AT_MOST}"
        );
        let mut words: Vec<Vec<u8>> = Vec::new();
        for (number, rule) in file.rules.into_iter().enumerate() {
            let bit = 1 << number;
            let any = rule.any.as_ref().unwrap_or(&file.key_hints);
            list.speaking(any, &mut words, |literal| literal.any |= bit);
            list.speaking(&rule.with, &mut words, |literal| literal.with |= bit);
            if rule.with.is_empty() {
                list.without_with |= bit;
            }
            let pattern = rule.pattern.replace("{keys}", &file.keys);
            list.rules.push(Rule {
                class: (rule.class != "by key").then_some(rule.class),
                keep: rule.keep,
                guard: rule.guard,
                pattern: pattern.replace("{weak_keys}", &file.weak_keys),
                regex: OnceLock::new(),
            });
        }
        list.literals = Some(Literals::new(words)?);
        Ok(list)
    }

    /// Lets each of these literals speak for a rule, entering those that are new.
    fn speaking(&mut self, of: &[String], words: &mut Vec<Vec<u8>>, set: impl Fn(&mut SpeaksFor)) {
        for literal in of {
            let small = literal.to_ascii_lowercase().into_bytes();
            let number = words.iter().position(|known| *known == small);
            let number = number.unwrap_or_else(|| {
                words.push(small);
                self.speaks_for.push(SpeaksFor::default());
                words.len() - 1
            });
            set(&mut self.speaks_for[number]);
        }
    }

    /// The rules whose literals stand in `text`, ASCII case ignored, a bit for each.
    fn likely(&self, text: &str) -> u64 {
        let Some(literals) = &self.literals else {
            return 0;
        };
        let mut all = SpeaksFor::default();
        for literal in literals.find(text.as_bytes()).iter() {
            all.any |= self.speaks_for[literal].any;
            all.with |= self.speaks_for[literal].with;
        }
        all.any & (all.with | self.without_with)
    }

    /// Whether `value` is `<class>` of a known class.
    fn is_placeholder(&self, value: &str) -> bool {
        // The braces of `Pwd={<password>}` belong to the syntax.
        value
            .trim_start_matches(['{', '(', '['])
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .is_some_and(|name| self.classes.contains_key(name))
    }

    /// The name of a class as it is kept for good. A test makes sure that every rule has a class of the list.
    fn class(&'static self, name: &str) -> &'static str {
        let known = self.classes.get_key_value(name);
        known.map_or("secret", |(class, _)| class)
    }

    fn class_of_key(&self, key: &str) -> &str {
        self.key_classes
            .iter()
            .find(|(part, _)| key.contains(part.as_str()))
            .map_or("secret", |(_, class)| class)
    }
}

impl Rule {
    fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| build(&self.pattern).ok())
            .as_ref()
    }

    /// The secrets of this rule in a draft, in order.
    fn secrets(&self, draft: &Draft<'_>, rules: &'static MaskRules) -> Vec<Secret> {
        let mut secrets = Vec::new();
        let Some(regex) = self.regex() else {
            return secrets;
        };
        let text: &str = &draft.masked;
        let mut at = 0;
        // The search goes on behind the secret, not behind the match: what ends one secret (`;`)
        // may begin the next.
        while let Some(found) = regex.captures_at(text.as_bytes(), at) {
            let (start, end) = secret_range(&found);
            // Every pattern ends at a character boundary, as its neighbours are ASCII.
            let Some(value) = text.get(start..end).map(trimmed) else {
                break;
            };
            if end <= at {
                break;
            }
            at = end;
            let name = key_name(&found);
            let candidate = Candidate {
                value,
                key: &name,
                whole: whole(text, &found),
            };
            let place = start..start + value.len();
            if is_hidden(value)
                || rules.is_placeholder(value)
                || draft.is_hole(&place)
                || self.keep.keeps(&candidate)
            {
                continue;
            }
            let class = match &self.class {
                Some(class) => class,
                None => rules.class_of_key(&name),
            };
            secrets.push(Secret {
                at: place,
                class: rules.class(class),
            });
        }
        secrets
    }
}

/// All that a pattern fits.
fn whole<'a>(text: &'a str, found: &Captures<'_>) -> &'a str {
    found
        .get(0)
        .and_then(|whole| text.get(whole.range()))
        .unwrap_or_default()
}

/// Patterns see bytes and know ASCII only: building them for all of Unicode costs milliseconds.
fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).build()
}

/// The key name of a match in small letters.
fn key_name(found: &Captures<'_>) -> String {
    found.name("key").map_or_else(String::new, |key| {
        String::from_utf8_lossy(key.as_bytes()).to_ascii_lowercase()
    })
}

/// The first group that took part and is not the key, else the whole match.
fn secret_range(found: &Captures<'_>) -> (usize, usize) {
    let key = found.name("key").map(|key| key.range());
    let secret = found
        .iter()
        .skip(1)
        .flatten()
        .find(|group| Some(group.range()) != key);
    secret
        .or_else(|| found.get(0))
        .map_or((0, 0), |group| (group.start(), group.end()))
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    /// A made-up token of `length` characters from the alphabet. No secret stands in the source.
    fn made(alphabet: &str, length: usize) -> String {
        let letters = alphabet.as_bytes();
        let mut state = 12_345_usize;
        let mut next = || {
            state = (state * 1_103_515 + 12_347) % 2_147_483_647;
            char::from(letters[(state >> 5) % letters.len()])
        };
        (0..length).map(|_| next()).collect()
    }

    const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const HEX: &str = "0123456789abcdef";
    const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// Lines of a text with `{}` for the secret, `=>`, and what becomes of it.
    fn check(secret: &str, cases: &str) {
        for line in cases.lines().filter(|line| !line.is_empty()) {
            let (text, expected) = line.split_once(" => ").unwrap();
            let text = text.replace("{}", secret);
            let masked = mask(&text);
            assert_eq!(masked, expected, "{text}");
            assert_eq!(mask(&masked), masked);
        }
    }

    #[test]
    fn every_pattern_builds() {
        let rules = MaskRules::from_toml(include_str!("rules/mask.toml")).unwrap();
        for rule in &rules.rules {
            let built = build(&rule.pattern);
            assert!(built.is_ok(), "{built:?}");
        }
        let of_rules = rules.rules.iter().filter_map(|rule| rule.class.as_ref());
        let of_keys = rules.key_classes.iter().map(|(_, class)| class);
        for class in of_rules.chain(of_keys) {
            assert!(rules.classes.contains_key(class), "{class}");
        }
        assert_eq!(rules.rules.len(), mask_rules_count());
        assert_eq!(mask_rules_version(), 3);
    }

    #[test]
    fn passwords_are_masked() {
        let secret = ["Hun", "ter2!x"].concat();
        check(
            &secret,
            r#"
Server=a;Password={};Database=b => Server=a;Password=<password>;Database=b
Server=a;Pwd={} with blank;Database=b => Server=a;Pwd=<password>;Database=b
PWD={{};x};Driver=y => PWD={<password>};Driver=y
'Server=a;Password={}' is no connection => 'Server=a;Password=<password>' is no connection
Password="{} a;b";User=c => Password="<password>";User=c
{"password": "{} \" x", "user": 1} => {"password": "<password>", "user": 1}
{\"password\":\"{}\",\"a\":1} => {\"password\":\"<password>\",\"a\":1}
"{""password"":""{}"",""a"":1}" => "{""password"":""<password>"",""a"":1}"
{'db_password': '{}'} => {'db_password': '<password>'}
user%3Dbob%26password%3D{}%26x%3D1 => user%3Dbob%26password%3D<password>%26x%3D1
password: {}, user: bob => password: <password>, user: bob
run --password {} --user bob => run --password <password> --user bob
<Password>{}</Password> => <Password><password></Password>
<add key="SqlPassword" value="{}"/> => <add key="SqlPassword" value="<password>"/>
postgres://bob:{}@db:5432/x => postgres://bob:<password>@db:5432/x
postgres://bob:a@b/{}@db:5432/x => postgres://bob:<password>@db:5432/x
jdbc:oracle:thin:scott/{}@db:1521 => jdbc:oracle:thin:scott/<password>@db:1521
(password={}). => (password=<password>).
"#,
        );
    }

    #[test]
    fn passwords_and_connection_strings_are_masked_by_their_names() {
        let secret = ["Hun", "ter2!x"].concat();
        check(
            &secret,
            r#"
Kennwort={};Benutzer=b => Kennwort=<password>;Benutzer=b
Passwort: '{}' => Passwort: '<password>'
contraseña={} => contraseña=<password>
mot de passe: {}, serveur: a => mot de passe: <password>, serveur: a
{"connectionString": "Server=a;Uid=b;X={}", "a": 1} => {"connectionString": "<credential>", "a": 1}
CONNECTION_STRING=Endpoint=sb://a/;X={} => CONNECTION_STRING=<credential>
Das Passwort: falsch => Das Passwort: falsch
The connectionString: missing => The connectionString: missing
"#,
        );
    }

    #[test]
    fn tokens_are_known_by_their_prefix() {
        let long = made(ALNUM, 60);
        for start in [
            "pypi-",
            "sk-ant-",
            "sk-proj-",
            "hvs.",
            "glsa_",
            "glc_",
            "dckr_pat_",
        ] {
            let text = format!("got {start}{long} here");
            assert_eq!(mask(&text), "got <token> here", "{start}");
        }
        let (google, shop) = (made(ALNUM, 28), made(HEX, 32));
        assert_eq!(mask(&format!("GOCSPX-{google}")), "<token>");
        assert_eq!(mask(&format!("shpat_{shop}")), "<token>");
    }

    #[test]
    fn signatures_of_sas_are_masked_and_their_expiry_stays() {
        let secret = format!("{}%3D", made(ALNUM, 43));
        check(
            &secret,
            r"
https://a.blob/c?sv=1&se=2024-06-01&sig={}&sp=r => https://a.blob/c?sv=1&se=2024-06-01&sig=<sas>&sp=r
https://a/c?sig={} => https://a/c?sig=<sas>
x\u0026sig={}\u0026se=2024 => x\u0026sig=<sas>\u0026se=2024
SharedAccessSignature=sv=1&sig={}&se=2024 => SharedAccessSignature=sv=1&sig=<sas>&se=2024
url=a%3Fse%3D2024%26sig%3D{}%26sp%3Dr => url=a%3Fse%3D2024%26sig%3D<sas>%26sp%3Dr
",
        );
    }

    #[test]
    fn keys_and_tokens_are_masked() {
        let base64 = format!("{}==", made(ALNUM, 86));
        check(
            &base64,
            r"
AccountName=a;AccountKey={};EndpointSuffix=b => AccountName=a;AccountKey=<key>;EndpointSuffix=b
SharedAccessKeyName=Root;SharedAccessKey={} => SharedAccessKeyName=Root;SharedAccessKey=<key>
the key {} is old => the key <key> is old
",
        );
        let jwt = [
            ["ey", "J"].concat(),
            made(ALNUM, 30),
            ".ey".into(),
            made(ALNUM, 30),
            ".".into(),
            made(ALNUM, 20),
        ]
        .concat();
        check(
            &jwt,
            r#"
got {} back => got <jwt> back
Authorization: Bearer {} => Authorization: Bearer <token>
{"access_token":"{}"} => {"access_token":"<token>"}
"#,
        );
        let opaque = format!("{}7", made(ALNUM, 31));
        check(
            &opaque,
            r#"
used Bearer {}. => used Bearer <token>.
"Authorization": "Basic {}" => "Authorization": "Basic <token>"
authorization: {} => authorization: <token>
client_secret={}&grant_type=x => client_secret=<secret>&grant_type=x
x-api-key: {} => x-api-key: <key>
https://f.azurewebsites.net/api/x?code={}&y=1 => https://f.azurewebsites.net/api/x?code=<key>&y=1
https://{}@github.com/a/b => https://<token>@github.com/a/b
Set-Cookie: sid={}; Path=/ => Set-Cookie: <cookie>
"#,
        );
        let shapes = [
            (["AK", "IA"].concat() + &made(BASE32, 16), "<aws-key>"),
            (["gh", "p_"].concat() + &made(ALNUM, 36), "<token>"),
            (["xo", "xb-"].concat() + &made(ALNUM, 24), "<token>"),
            (["da", "pi"].concat() + &made(HEX, 32), "<token>"),
            (["abc8", "Q~"].concat() + &made(ALNUM, 34), "<secret>"),
            (
                made(ALNUM, 52) + &["JQ", "QJ99"].concat() + &made(ALNUM, 26),
                "<key>",
            ),
            (
                made(ALNUM, 76) + &["+A", "St"].concat() + &made(ALNUM, 5) + "A==",
                "<key>",
            ),
            (
                made(ALNUM, 33) + &["+A", "Sb"].concat() + "A" + &made(ALNUM, 5) + "=",
                "<key>",
            ),
            (
                ["-----BEGIN RSA ", "PRIVATE KEY-----\n"].concat() + &made(ALNUM, 64) + "\nab",
                "<private-key>",
            ),
        ];
        for (secret, expected) in shapes {
            assert_eq!(mask(&secret), expected, "{secret}");
            let quoted = format!("sent '{secret}");
            assert_eq!(mask(&quoted), format!("sent '{expected}"));
        }
    }

    #[test]
    fn ordinary_text_is_borrowed() {
        let sha = made(HEX, 40);
        let sha256 = made(HEX, 64);
        let text = [
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            &sha,
            &sha256,
            "Scan-Contoso-Sales-Lakehouse-Bronze-01",
            "Password expired for user 'bob'",
            "Login failed for user '<token-identified principal>'",
            "The access token has expired",
            "Failed to get access token: AADSTS700082: The refresh token has expired",
            "AADSTS7000215: Invalid client secret provided.",
            "Invalid token: expired. Invalid password: The user must change it",
            "Unexpected token: '}' at 5",
            "?sv=2024-11-04&se=2024-06-01T00%3A00%3A00Z&sr=c",
            "System.ValueTuple, Version=4.0.2.0, PublicKeyToken=cc7b13ffcd2ddd51",
            "must contain the following parameter: 'client_assertion' or 'client_secret'.",
            "Basic authentication is disabled; use Bearer authentication",
            "WWW-Authenticate: Bearer realm=x",
            "Authorization: failed for the user",
            "abfss://raw@contoso.dfs.core.windows.net/a/b",
            "https://host:443/p?mail=a@b.com",
            "SharedAccessKeyName=RootManageSharedAccessKey",
            "Password=****;Pwd=${DB_PASSWORD};token=null",
            "Authentication Key is not assigned yet",
            "key: value, primary key = 5, code=404",
            "Cookie: rejected",
            "java.io.IOException: \\\\srv\\share: token-ring",
            "",
        ];
        for text in text {
            assert!(
                matches!(mask(text), Cow::Borrowed(_)),
                "{text} became {}",
                mask(text)
            );
        }
    }

    /// A text masked by the patterns alone, each run wherever its literals stand.
    fn plain(text: &str, file: &RuleFile) -> (String, Hidden) {
        let (rules, mut hidden) = (&*RULES, Hidden::default());
        let mut draft = Draft::new(text, rules);
        for _ in 0..MAX_PASSES {
            let small = draft.masked.to_ascii_lowercase();
            let stands = |literal: &String| small.contains(&literal.to_ascii_lowercase());
            let mut changed = false;
            for (rule, written) in rules.rules.iter().zip(&file.rules) {
                let any = written.any.as_ref().unwrap_or(&file.key_hints);
                if any.iter().any(stands)
                    && (written.with.is_empty() || written.with.iter().any(stands))
                {
                    let secrets = rule.secrets(&draft, rules);
                    for secret in &secrets {
                        hidden.add(secret.class, 1);
                    }
                    changed |= !secrets.is_empty();
                    draft.hide(secrets);
                }
            }
            if !changed {
                return (draft.written(None).into_owned(), hidden);
            }
        }
        hidden.add(UNSETTLED, 1);
        (format!("<{UNSETTLED}>"), hidden)
    }

    #[test]
    fn guards_and_literals_change_nothing() {
        let found = texts::found();
        let many = if cfg!(debug_assertions) {
            1_500
        } else {
            60_000
        };
        let file: RuleFile = toml::from_str(include_str!("rules/mask.toml")).unwrap();
        let mut masked = 0;
        for text in found.iter().cloned().chain(texts::made(&found, many, 5)) {
            let mut hidden = Hidden::default();
            let fast = Masker::default().mask_counting(&text, &mut hidden);
            masked += usize::from(matches!(fast, Cow::Owned(_)));
            assert_eq!((fast.into_owned(), hidden), plain(&text, &file), "{text:?}");
            // A guard never shuts out what its pattern finds.
            let assigned = Assigned::of(&text);
            for rule in RULES
                .rules
                .iter()
                .filter(|rule| rule.guard != Guard::Literals)
            {
                if !rule.guard.lets(&text, assigned) {
                    let fits = rule.regex().unwrap().is_match(text.as_bytes());
                    assert!(!fits, "{:?} {text:?}", rule.guard);
                }
            }
        }
        assert!(masked > many / 10, "{masked}");
    }

    #[test]
    fn masking_twice_changes_nothing() {
        let parts = [
            "password",
            "=",
            ":",
            "\"",
            "'",
            ";",
            " ",
            "&",
            "sig",
            "<password>",
            "<",
            ">",
            "token",
            "abc1",
            "Bearer ",
            "{",
            "}",
            "\\\"",
            "%3D",
            "://",
            "@",
            "/",
            "secret",
            "Authorization",
            "Hunter2",
            ")",
            ".",
            "--",
            "\n",
            "é",
            "Cookie: a=",
        ];
        let mut state = 1_u64;
        for _ in 0..4_000 {
            let mut text = String::new();
            for _ in 0..12 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                text.push_str(parts[usize::try_from(state >> 33).unwrap() % parts.len()]);
            }
            let once = mask(&text).into_owned();
            assert_eq!(mask(&once), once, "{text}");
        }
    }
}
