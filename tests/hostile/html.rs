//! Pages, read by the parser of a browser.

use std::collections::BTreeSet;

use rundown::render::{Format, render};
use rundown::report::Report;

use crate::assert_tame;
use crate::build::all_kinds;
use crate::page::{self, Page};
use crate::strings::HOSTILE;

/// Every element that our templates have. One that is not here is not ours.
#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "nav", "section",
    "h1", "h2", "h3", "p", "a", "b", "i", "small", "span", "bdi", "code", "div", "ul", "li", "dl",
    "dt", "dd", "fieldset", "legend", "label", "input", "details", "summary", "table", "caption",
    "thead", "tbody", "tr", "th", "td", "svg", "defs", "pattern", "symbol", "use", "g", "path",
    "rect", "circle", "line", "text", "desc", "script",
];

/// Every attribute that our templates have.
#[rustfmt::skip]
const ATTRIBUTES: &[&str] = &[
    "lang", "http-equiv", "content", "charset", "name", "class", "id", "href", "rel", "title",
    "role", "tabindex", "scope", "colspan", "type", "checked", "open",
    "aria-hidden", "aria-label", "aria-labelledby",
    "width", "height", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "d", "viewBox",
    "text-anchor", "opacity", "stroke-dasharray", "patternUnits", "patternTransform",
    "preserveAspectRatio", "vector-effect", "data-sort",
];

/// Fails when a page holds what no page of ours may hold. `links` are the addresses that it may lead to.
pub(crate) fn assert_harmless(what: &str, html: &str, links: &[&str]) -> Page {
    assert_tame(what, html);
    let page = page::read(html);
    assert!(page.errors.is_empty(), "{what}: {:?}", page.errors);
    assert!(!page.is_quirky, "{what}: it is not read by the standard");
    assert_eq!(page.comments(), 0, "{what}");
    let mut ids = BTreeSet::new();
    let all = page.under(0);
    for &at in &all {
        let name = page.name(at);
        assert!(ELEMENTS.contains(&name), "{what}: <{name}>");
        for (attribute, value) in page.attributes(at) {
            let is_known = ATTRIBUTES.contains(&attribute.as_str());
            assert!(is_known, "{what}: {attribute} of <{name}> is {value:?}");
            if attribute == "href" {
                let is_ours = value.starts_with('#') || links.contains(&value.as_str());
                assert!(is_ours, "{what}: a link to {value:?}");
            }
            if attribute == "id" {
                assert!(
                    ids.insert(value.clone()),
                    "{what}: two elements are {value:?}"
                );
            }
        }
    }
    // Links within the page lead somewhere.
    for at in all {
        if let Some(id) = page.attribute(at, "href").strip_prefix('#') {
            assert!(ids.contains(id), "{what}: nothing is {id:?}");
        }
    }
    // One style sheet, and one script at most, which is ours to the letter; no more than one line of policy.
    assert_eq!(page.named(0, "style").len(), 1, "{what}");
    let scripts = page.named(0, "script");
    assert!(scripts.len() <= 1, "{what}");
    for script in scripts {
        let ours = include_str!("../../templates/report.js");
        assert_eq!(page.text(script, &[]), ours.trim(), "{what}");
    }
    let policies = page.named(0, "meta").into_iter();
    let policies = policies.filter(|&at| !page.attribute(at, "http-equiv").is_empty());
    assert_eq!(policies.count(), 1, "{what}");
    page
}

fn page_of(what: &str, report: &Report) -> Page {
    assert_harmless(what, &render(report, Format::Html).unwrap(), &[])
}

#[test]
fn a_hostile_page_is_built_like_a_plain_one() {
    let plain = page_of("plain", &all_kinds("plain", 2));
    let expected = plain.shape();
    assert!(expected.len() > 300, "{}", expected.len());
    let rows = plain.named(0, "tr").len();
    assert!(rows > 20, "{rows}");
    for hostile in HOSTILE {
        let page = page_of(&format!("{hostile:?}"), &all_kinds(hostile, 2));
        assert_eq!(page.named(0, "tr").len(), rows, "{hostile:?}");
        let shape = page.shape();
        let first = expected.iter().zip(&shape).find(|(a, b)| a != b);
        assert_eq!(first, None, "{hostile:?}");
        assert_eq!(shape.len(), expected.len(), "{hostile:?}");
    }
}

#[test]
fn what_a_page_shows_is_what_the_log_says() {
    let names: Vec<String> = HOSTILE.iter().map(|&text| text.to_owned()).collect();
    let report = crate::build::named(&names);
    let page = page_of("names", &report);
    let table = page.named(0, "table")[0];
    let bodies = page.children(table, "tbody");
    assert_eq!(bodies.len(), names.len());
    for (body, name) in bodies.iter().zip(&names) {
        let expected = seen(name);
        for cell in ["th", "code"] {
            let shown = page.text(page.named(*body, cell)[0], &[]);
            assert_eq!(words(&shown), words(&expected), "{name:?}");
        }
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// What a reader must see: the names of characters that act, and line breaks as such.
pub(crate) fn seen(text: &str) -> String {
    let mut out = String::new();
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\r' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            c if crate::acts(c) => out.push_str(&format!("<U+{:04X}>", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[test]
fn the_parser_sees_what_must_not_be() {
    // The checks above are worth something only if they fail on a page that is not ours.
    let good = render(&all_kinds("plain", 3), Format::Html).unwrap();
    assert_harmless("good", &good, &[]);
    for (old, new) in [
        ("<h2", "<script>x</script><h2"),
        ("<h2", "<h2 onclick=\"x\""),
        ("<h2", "<h2 style=\"x\""),
        ("<h2", "<p><table><h2"),
        ("<h2", "<a href=\"javascript:x\">a</a><h2"),
        ("<h2", "<a href=\"#nowhere\">a</a><h2"),
        ("<h2", "<!-- x --><h2"),
        ("<h2", "</div><h2"),
        ("<h2", "\u{202e}<h2"),
        ("<h2", "<h2 id=\"main\""),
        ("<h2", "&nope;<h2"),
        ("<!doctype html>", ""),
        ("</head>", "<style>*{}</style></head>"),
    ] {
        let bad = good.replacen(old, new, 1);
        assert_ne!(bad, good);
        let caught = std::panic::catch_unwind(|| assert_harmless("bad", &bad, &[]));
        assert!(caught.is_err(), "{new:?} is not noticed");
    }
}
