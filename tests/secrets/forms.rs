//! Every form of secret that a rule knows is hidden, and what only looks like it stays.

use std::collections::{BTreeMap, BTreeSet};

use rundown::errors::{Masker, RedactKey, mask, mask_rules_count};

use crate::made::{base64, fill};

/// A rule's name, and its cases: a text and what becomes of it.
type Cases = BTreeMap<String, Vec<(String, String)>>;

fn cases() -> Cases {
    let mut cases = Cases::new();
    let mut rule = String::new();
    let text = include_str!("forms.txt");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        if let Some(name) = line.strip_prefix('[') {
            rule = name.strip_suffix(']').unwrap().to_owned();
            continue;
        }
        let case = match line.split_at(2) {
            ("+ ", case) => {
                let (text, expected) = case.split_once(" => ").unwrap();
                (fill(text), expected.replace('⏎', "\n"))
            }
            ("- ", text) => (fill(text), fill(text)),
            _ => panic!("{line}"),
        };
        cases.entry(rule.clone()).or_default().push(case);
    }
    cases
}

#[test]
fn every_form_is_hidden_and_what_looks_like_it_stays() {
    let mut wrong = Vec::new();
    for (rule, cases) in cases() {
        for (text, expected) in cases {
            let masked = mask(&text);
            if masked != expected {
                wrong.push(format!("{rule}\n  {text}\n  {masked}\n  {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_cases_of_both_kinds_and_a_source() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/errors/rules/mask.toml");
    let rules: toml::Table = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let rules = rules["rules"].as_array().unwrap();
    assert_eq!(rules.len(), mask_rules_count());
    let cases = cases();
    let mut names = BTreeSet::new();
    for rule in rules {
        let name = rule["name"].as_str().unwrap();
        assert!(!rule["source"].as_str().unwrap().is_empty(), "{name}");
        let of = cases
            .get(name)
            .unwrap_or_else(|| panic!("no case of {name:?}"));
        let stays = |(text, expected): &&(String, String)| text == expected;
        assert!(of.iter().any(|case| stays(&case)), "{name}: what stays");
        assert!(
            of.iter().any(|case| !stays(&case)),
            "{name}: what is hidden"
        );
        names.insert(name.to_owned());
    }
    assert_eq!(names, cases.into_keys().collect());
}

#[test]
fn masking_twice_changes_nothing_with_a_key_and_without() {
    let key = RedactKey::new(&[7; 16]).unwrap();
    for masker in [Masker::default(), Masker::new(Some(key.into()))] {
        for (text, _) in cases().into_values().flatten() {
            // Also with what stands before and behind a message, and cut at every place.
            let whole = format!("failed: {text}. Retry.");
            let ends = text.char_indices().map(|(end, _)| &text[..end]);
            for text in ends.chain([&text[..], &whole]) {
                let once = masker.mask(text);
                assert_eq!(masker.mask(&once), once, "{text}");
            }
        }
    }
}

#[test]
fn what_the_exporter_cut_is_hidden_as_far_as_it_goes() {
    // From each case, cut after the first half of the secret, nothing of eight characters may be left of it.
    let secret = fill("{alnum60}");
    for before in [
        "Password=",
        "password: ",
        "{\"password\": \"",
        "{\\\"client_secret\\\":\\\"",
        "https://a/b?sv=1&sig=",
        "AccountKey=",
        "Authorization: Bearer ",
        "Bearer ",
        "eyJ",
        "ghp_",
        "glpat-",
        "postgres://bob:",
        "curl -u bob:",
        "sqlcmd -U sa -P ",
        "-----BEGIN PRIVATE KEY-----\n",
    ] {
        for kept in 8..secret.len() {
            let text = format!("failed {before}{}", &secret[..kept]);
            let masked = mask(&text);
            assert!(!masked.contains(&secret[..8]), "{text} became {masked}");
        }
    }
}

#[test]
fn base64_in_these_tests_is_what_others_compute() {
    // RFC 4648, section 10.
    let known = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foobar", "Zm9vYmFy"),
    ];
    for (text, expected) in known {
        assert_eq!(base64(text.as_bytes()), expected);
    }
}
