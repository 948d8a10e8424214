//! What `--privacy` hides, and what stays.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use rundown::errors::{Classes, Hidden, Privacy, RedactKey, mask, signature};

use crate::made::fill;

/// The id of a run that is loaded.
fn run() -> String {
    fill("{hex8}-{hex4}-{hex4}-{hex4}-aaaaaaaaaaaa")
}

/// Another GUID.
fn other() -> String {
    fill("{hex8}-{hex4}-{hex4}-{hex4}-bbbbbbbbbbbb")
}

/// Class, text, and what becomes of it.
fn cases() -> Vec<(String, String, String)> {
    let mut cases = Vec::new();
    let mut class = String::new();
    let lines = include_str!("privacy.txt").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            class = name.strip_suffix(']').unwrap().to_owned();
            continue;
        }
        let line = line.replace("G1", &other()).replace("R1", &run());
        let (text, expected) = match line.split_at(2) {
            ("+ ", case) => case.split_once(" => ").unwrap(),
            ("- ", text) => (text, text),
            _ => panic!("{line}"),
        };
        cases.push((class.clone(), text.to_owned(), expected.to_owned()));
    }
    cases
}

fn privacy(classes: &str, key: Option<&[u8]>) -> Privacy {
    let key = key.map(|key| Arc::new(RedactKey::new(key).unwrap()));
    let run = run();
    Privacy::new(Classes::from_str(classes).unwrap(), key).knowing([run.into()].into_iter())
}

#[test]
fn each_class_is_hidden_by_its_rules_and_by_no_other() {
    let mut wrong = Vec::new();
    for (class, text, expected) in cases() {
        let shown = privacy(&class, None).hide(&text).into_owned();
        if shown != expected {
            wrong.push(format!("{class}\n  {text}\n  {shown}\n  {expected}"));
        }
        assert_eq!(Privacy::default().hide(&text), text);
        if text == expected {
            let shown = privacy("all", None).hide(&text).into_owned();
            if shown != text {
                wrong.push(format!("all\n  {text}\n  {shown}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn hiding_twice_changes_nothing_and_counts_nothing() {
    for key in [None, Some(&[7; 16][..])] {
        let privacy = privacy("all", key);
        for (_, text, _) in cases() {
            let once = privacy.hide(&text).into_owned();
            let mut hidden = Hidden::default();
            assert_eq!(privacy.hide_counting(&once, &mut hidden), once, "{text}");
            assert!(hidden.is_empty(), "{once}");
            assert_eq!(mask(&once), once, "{text}");
        }
    }
}

#[test]
fn a_token_tells_the_same_from_another() {
    let one = privacy("all", Some(&[7; 16]));
    let hide = |text: &str| one.hide(text).into_owned();
    assert_eq!(hide("Jane@Contoso.com"), hide("jane@contoso.com"));
    assert_ne!(hide("jane@contoso.com"), hide("jack@contoso.com"));
    let host = hide("contoso.blob.core.windows.net");
    assert!(
        host.starts_with("<host:") && host.ends_with(">.blob.core.windows.net"),
        "{host}"
    );
    let other = privacy("all", Some(&[8; 16]));
    assert_ne!(other.hide("jane@contoso.com"), hide("jane@contoso.com"));
}

#[test]
fn signatures_have_nothing_left_to_hide() {
    let privacy = privacy("all", None);
    let mut left = BTreeMap::new();
    let lines = include_str!("survive.txt")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let mut hidden = 0;
    for line in lines {
        let signature = signature(line);
        let shown = privacy.hide(&signature);
        if shown != signature {
            left.insert(signature.clone(), shown.into_owned());
        }
        hidden += usize::from(privacy.hide(line) != line);
    }
    assert!(hidden > 30, "{hidden} lines have something to hide");
    // What the rules of signatures keep, as it does not vary between runs of one scan.
    assert!(left.len() <= 8, "{left:#?}");
}
