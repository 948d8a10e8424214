//! Hides personal and internal data where that is asked for: mail addresses, IP addresses, GUIDs, hosts, users in paths.
//!
//! The rules are data: `rules/privacy.toml`. What a report is about keeps its name: system, account, source, scan and the
//! ids of runs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::{Arc, LazyLock, OnceLock};

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use super::hidden::Hidden;
use super::mask::MAX_PASSES;
use super::signature;
use super::token::{RedactKey, push_placeholder};

/// Compiled in, and read by a test, so the default is never used.
static RULES: LazyLock<PrivacyRules> =
    LazyLock::new(|| toml::from_str(include_str!("rules/privacy.toml")).unwrap_or_default());

/// The version of the privacy rules. It rises whenever a rule changes.
pub fn privacy_rules_version() -> u32 {
    RULES.version
}

/// What stands for each class, and what it is.
pub(super) fn placeholders() -> &'static BTreeMap<String, String> {
    &RULES.placeholders
}

/// One class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Class {
    Email,
    Ip,
    Guid,
    Host,
    UserPath,
}

impl Class {
    const ALL: [Class; 5] = [
        Class::Email,
        Class::Ip,
        Class::Guid,
        Class::Host,
        Class::UserPath,
    ];

    fn key(self) -> &'static str {
        match self {
            Class::Email => "email",
            Class::Ip => "ip",
            Class::Guid => "guid",
            Class::Host => "host",
            Class::UserPath => "user-path",
        }
    }

    /// What stands for it.
    fn placeholder(self) -> &'static str {
        match self {
            Class::UserPath => "user",
            Class::Email | Class::Ip | Class::Guid | Class::Host => self.key(),
        }
    }
}

/// Some of the classes: `email,ip`, or `all`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classes(BTreeSet<Class>);

impl FromStr for Classes {
    type Err = String;

    fn from_str(text: &str) -> Result<Classes, String> {
        if text.trim() == "all" {
            return Ok(Classes(BTreeSet::from(Class::ALL)));
        }
        let class = |word: &str| {
            let known = Class::ALL
                .into_iter()
                .find(|class| class.key() == word.trim());
            known.ok_or_else(|| {
                let all = Class::ALL.map(Class::key).join(", ");
                format!("expected all, or a list of {all}; found {word:?}")
            })
        };
        let classes = text.split(',').map(class).collect::<Result<_, _>>();
        classes.map(Classes)
    }
}

/// What is hidden, and how it is written.
#[derive(Clone, Debug, Default)]
pub struct Privacy {
    classes: Classes,
    key: Option<Arc<RedactKey>>,
    /// GUIDs that stay: the ids of the runs that are loaded.
    known: Arc<BTreeSet<String>>,
}

impl Privacy {
    /// Hides these classes; with a key, each text by a token of its own.
    pub fn new(classes: Classes, key: Option<Arc<RedactKey>>) -> Privacy {
        Privacy {
            classes,
            key,
            known: Arc::default(),
        }
    }

    /// True when nothing is hidden.
    pub fn is_off(&self) -> bool {
        self.classes.0.is_empty()
    }

    /// The same, where the GUIDs among these ids stay.
    #[must_use]
    pub fn knowing<'a>(&self, ids: impl Iterator<Item = Cow<'a, str>>) -> Privacy {
        if !self.classes.0.contains(&Class::Guid) {
            return self.clone();
        }
        Privacy {
            known: Arc::new(ids.map(|id| id.to_ascii_lowercase()).collect()),
            ..self.clone()
        }
    }

    /// The same for messages of the program: they name runs by the ids that are to be shown.
    #[must_use]
    pub fn for_messages(&self) -> Privacy {
        let mut other = self.clone();
        other.classes.0.remove(&Class::Guid);
        other
    }

    /// The text with its personal data replaced: `<email>`, `<host>.blob.core.windows.net`. Borrowed when nothing was
    /// found. Idempotent. Secrets must be masked before.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.hide_counting(text, &mut Hidden::default())
    }

    /// The same, and counts what was hidden.
    pub fn hide_counting<'a>(&self, text: &'a str, hidden: &mut Hidden) -> Cow<'a, str> {
        let mut shown = Cow::Borrowed(text);
        if self.is_off() {
            return shown;
        }
        let mut unsettled = "";
        // What stands beside something may be found only once that is hidden, as one of two addresses that touch.
        for _ in 0..MAX_PASSES {
            let mut last = None;
            for rule in &RULES.rules {
                if self.classes.0.contains(&rule.class)
                    && rule.may_match(&shown)
                    && let Some(text) = rule.apply(&shown, self, hidden)
                {
                    shown = Cow::Owned(text);
                    last = Some(rule.class);
                }
            }
            let Some(class) = last else { return shown };
            unsettled = class.placeholder();
        }
        // A text made to need more passes is hidden whole.
        let mut all = String::new();
        push_placeholder(&mut all, unsettled, text, self.key.as_deref());
        hidden.add(unsettled, 1);
        Cow::Owned(all)
    }

    /// Hides it in a text that is kept.
    pub fn hide_in(&self, text: &mut String) {
        if let Cow::Owned(shown) = self.hide(text) {
            *text = shown;
        }
    }
}

/// The rule file.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct PrivacyRules {
    version: u32,
    placeholders: BTreeMap<String, String>,
    rules: Vec<Rule>,
}

/// One rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    class: Class,
    #[serde(rename = "name")]
    _name: String,
    pattern: String,
    needs: Vec<String>,
    #[serde(default)]
    host: bool,
    #[serde(rename = "source")]
    _source: String,
    /// Built on first use. A test builds every pattern, so `None` means only "not usable".
    #[serde(skip)]
    regex: OnceLock<Option<Regex>>,
}

/// Patterns see bytes and know ASCII only, as those of the other lists.
fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).build()
}

impl Rule {
    fn may_match(&self, text: &str) -> bool {
        self.needs.iter().any(|need| text.contains(need))
    }

    /// The text with this rule's parts replaced, or `None` when it has none.
    fn apply(&self, text: &str, privacy: &Privacy, hidden: &mut Hidden) -> Option<String> {
        let regex = self
            .regex
            .get_or_init(|| build(&self.pattern).ok())
            .as_ref()?;
        let mut shown = String::new();
        let mut copied = 0;
        let mut at = 0;
        // The search begins anew behind what was hidden: what ends one address may begin the next, and two may touch.
        let mut from = 0;
        while let Some(found) = regex.captures_at(&text.as_bytes()[from..], at - from) {
            let Some(whole) = found.get(0).filter(|whole| !whole.is_empty()) else {
                break;
            };
            let Some(part) = found.iter().skip(1).flatten().next() else {
                at = from + whole.end();
                continue;
            };
            let part = from + part.start()..from + part.end();
            at = part.end;
            // Every pattern ends at a character boundary, as its neighbours are ASCII.
            let Some(value) = text.get(part.clone()) else {
                continue;
            };
            let value = value.trim_end_matches('.');
            if privacy.known.contains(&value.to_ascii_lowercase()) {
                continue;
            }
            // Of a host the first part is hidden; the rest tells the kind of service.
            let rest = if self.host {
                let Some(host) = signature::host(value) else {
                    continue;
                };
                host.strip_prefix(signature::HOST)
                    .unwrap_or_default()
                    .to_owned()
            } else {
                String::new()
            };
            let what = value
                .get(..value.len().saturating_sub(rest.len()))
                .unwrap_or(value);
            shown.push_str(&text[copied..part.start]);
            let class = self.class.placeholder();
            // Case tells none of these apart.
            let what = what.to_lowercase();
            push_placeholder(&mut shown, class, &what, privacy.key.as_deref());
            shown.push_str(&rest);
            hidden.add(class, 1);
            copied = part.start + value.len();
            from = at;
        }
        if copied == 0 {
            return None;
        }
        shown.push_str(&text[copied..]);
        Some(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_builds_and_every_class_has_a_rule_and_a_meaning() {
        let rules: PrivacyRules = toml::from_str(include_str!("rules/privacy.toml")).unwrap();
        for rule in &rules.rules {
            let built = build(&rule.pattern);
            assert!(built.is_ok(), "{built:?}");
        }
        for class in Class::ALL {
            assert!(rules.rules.iter().any(|rule| rule.class == class));
            assert!(rules.placeholders.contains_key(class.placeholder()));
        }
        assert_eq!(privacy_rules_version(), 1);
    }

    #[test]
    fn addresses_that_touch_are_hidden_all() {
        let hide = |text: &str| {
            Privacy::new(Classes::from_str("email").unwrap(), None)
                .hide(text)
                .into_owned()
        };
        let (first, second) = (
            ["ann", "@contoso.de"].concat(),
            ["bob", "@contoso.de"].concat(),
        );
        assert_eq!(
            hide(&format!("{first}\u{fffd}{second} x")),
            "<email><email> x"
        );
        let many = format!("\u{fffd}{first}").repeat(50);
        assert_eq!(hide(&many), "<email>".repeat(50));
    }

    #[test]
    fn classes_are_a_list_of_words() {
        assert_eq!(Classes::from_str("all").unwrap().0.len(), 5);
        let two = Classes::from_str("email, user-path").unwrap();
        assert_eq!(two.0, BTreeSet::from([Class::Email, Class::UserPath]));
        assert!(Classes::from_str("").is_err() && Classes::from_str("mail").is_err());
    }
}
