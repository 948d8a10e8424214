//! What happens on a click, in another theme, on paper, and for people who ask for less motion or for their own colours. All of
//! it but the script's own part works without scripts, so it is tried so.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::devtools::{Tab, browser};
use crate::inspect::{CHECKS, LIGHT, assert_none, faults, inaccessible, open, outline};
use crate::reports;

/// The samples, opened with scripts and without.
fn both(test: fn(&mut Tab)) {
    let Some(browser) = browser() else { return };
    let page = reports::sample(&["report"], &[]);
    for scripts in [false, true] {
        let mut tab = Tab::new(&browser);
        tab.scripts(scripts);
        open(&mut tab, &page.file, LIGHT);
        test(&mut tab);
        assert_none("what was done", &tab.complaints(&page.file));
    }
}

/// The number that an expression gives.
#[track_caller]
fn number(tab: &mut Tab, expression: &str) -> i64 {
    let value = tab.eval(expression);
    value
        .as_i64()
        .unwrap_or_else(|| panic!("{expression}: {value}"))
}

#[test]
fn the_checks_find_what_they_look_for() {
    let Some(browser) = browser() else { return };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/bad.html");
    let mut tab = Tab::new(&browser);
    open(&mut tab, &file, LIGHT);
    tab.until("document.body.dataset.late");
    let mut found = tab.complaints(&file);
    for check in [
        "structure()",
        "width()",
        "cut(true)",
        "covered()",
        "shifts()",
        "paper()",
    ] {
        found.extend(faults(&mut tab, check));
    }
    let all = found.join("\n");
    for expected in [
        "console: ",
        "a word to the console",
        "exception: ",
        "request: file://",
        "elsewhere.png",
        "two elements have the id twice",
        "nothing is #nowhere",
        "aria-labelledby of <h3>",
        "stands under a heading of level 1",
        "a picture has no name",
        "no page of ours holds <img",
        "no page of ours holds <span style",
        "a row of 3 columns under a head of 2",
        "a table has no caption",
        "the page is 3000 wide",
        "cut off by <h1#twice>",
        "runs into <td>",
        "the page moved by",
        "a table's head is not repeated",
        "scrolls on paper",
    ] {
        assert!(all.contains(expected), "not found: {expected}\n{all}");
    }
    let violations = inaccessible(&mut tab, &[]).join("\n");
    if !violations.is_empty() || std::env::var_os("AXE_CORE").is_some() {
        assert!(violations.contains("axe color-contrast"), "{violations}");
        assert!(violations.contains("heading-order"), "{violations}");
    }
    tab.media("", &[("prefers-reduced-motion", "reduce")]);
    let moving = faults(&mut tab, "moving()").join("\n");
    assert!(
        moving.contains("is animated: ") && moving.contains("changes slowly: "),
        "{moving}"
    );
    tab.media("", &[("forced-colors", "active")]);
    let marks = contrasts(&mut tab, &mut Tab::new(&browser));
    assert!(marks["b.fail"] < 1.5, "{marks:?}");
    // What a script adds is missed without it.
    let with = outline(&mut tab);
    tab.scripts(false);
    tab.open(&file, "");
    assert_ne!(outline(&mut tab), with);
}

#[test]
fn chips_show_the_rows_they_count() {
    both(|tab| {
        let shown = "[...document.querySelectorAll('#scans .flt:not(.fold) > .scroll > table')]\
                     .flatMap(t => [...t.tBodies]).filter(b => b.checkVisibility()).length";
        let all = number(tab, shown);
        let chips = number(
            tab,
            "document.querySelectorAll('#scans .chips label').length",
        );
        assert!(all > 20 && chips > 5, "{all} rows, {chips} chips");
        // Groups of chips act together, so each is tried with the others at "All", which is their first.
        let firsts: Vec<i64> = (0..chips)
            .filter(|chip| {
                let label = format!("document.querySelectorAll('#scans .chips label')[{chip}]");
                tab.eval(&format!(
                    "!{label}.previousElementSibling?.matches('label')"
                )) == json!(true)
            })
            .collect();
        assert!(firsts.len() > 1, "{firsts:?}");
        let mut sum = 0;
        for chip in 0..chips {
            let label = format!("document.querySelectorAll('#scans .chips label')[{chip}]");
            if firsts.contains(&chip) {
                assert!(
                    chip == 0 || sum == all,
                    "each row belongs to one chip of its group"
                );
                sum = 0;
                for first in &firsts {
                    tab.click(&format!(
                        "document.querySelectorAll('#scans .chips label')[{first}]"
                    ));
                }
                assert_eq!(number(tab, shown), all);
                continue;
            }
            tab.click(&label);
            let promised = number(
                tab,
                &format!("Number({label}.querySelector('i').textContent.replace(/,/g, ''))"),
            );
            assert_eq!(number(tab, shown), promised, "chip {chip}");
            assert!(
                promised > 0 && promised < all,
                "chip {chip}: {promised} of {all}"
            );
            sum += promised;
        }
        assert_eq!(sum, all, "each row belongs to one chip of its group");
        for first in &firsts {
            tab.click(&format!(
                "document.querySelectorAll('#scans .chips label')[{first}]"
            ));
        }
        assert_eq!(number(tab, shown), all);
    });
}

/// Each choice of a group of buttons shows something that no other does: chips, day or week, and what may come.
#[test]
fn every_switch_changes_what_is_shown() {
    both(|tab| {
        let groups = tab.eval(
            "[...new Set([...document.querySelectorAll('main input[type=radio]')].map(r => r.name))]",
        );
        let groups: Vec<Value> = groups.as_array().unwrap().clone();
        assert!(!groups.is_empty());
        for group in groups {
            let all =
                format!("document.querySelectorAll('input[name=' + CSS.escape({group}) + ']')");
            let count = number(tab, &format!("{all}.length"));
            assert!(count > 1, "{group} has one choice");
            let mut seen: BTreeMap<String, i64> = BTreeMap::new();
            for at in 0..count {
                tab.click(&format!("({all}[{at}].labels[0])"));
                let text = tab.eval(&format!("{all}[0].closest('section').innerText"));
                if let Some(other) = seen.insert(text.to_string(), at) {
                    panic!("{group}: choices {other} and {at} show the same");
                }
            }
            tab.click(&format!("({all}[0].labels[0])"));
        }
    });
}

#[test]
fn a_scan_opens_its_runs_and_a_run_its_details() {
    both(|tab| {
        let row = "[...document.querySelectorAll('#scans tbody')].find(b => b.querySelector(':scope > tr > td > details table details'))";
        let seen = |inner: &str| {
            format!(
                "{row}.querySelector('{inner}').checkVisibility({{ contentVisibilityAuto: true }})"
            )
        };
        let runs = ":scope > tr > td > details table";
        let facts = ":scope > tr > td > details table details > dl";
        assert_eq!(tab.eval(&seen(runs)), json!(false));
        tab.click(&format!("{row}.querySelector('summary')"));
        assert_eq!(tab.eval(&seen(runs)), json!(true));
        assert_eq!(tab.eval(&seen(facts)), json!(false));
        // The inner one by keyboard.
        tab.eval(&format!(
            "{row}.querySelector('{runs} details > summary').focus()"
        ));
        tab.key("Enter");
        assert_eq!(tab.eval(&seen(facts)), json!(true));
        assert_eq!(
            tab.eval(&format!(
                "{row}.querySelector('{facts} dd').innerText.trim() !== ''"
            )),
            json!(true)
        );
        tab.click(&format!("{row}.querySelector('summary')"));
        assert_eq!(tab.eval(&seen(runs)), json!(false));
    });
}

#[test]
fn links_of_the_page_lead_into_view() {
    both(|tab| {
        let links = number(tab, "document.querySelectorAll('nav a').length");
        assert!(links > 5);
        for at in [1, links / 2, links - 1] {
            tab.click(&format!("document.querySelectorAll('nav a')[{at}]"));
            let top = tab.eval("document.querySelector(':target').getBoundingClientRect().top");
            let at_end =
                tab.eval("innerHeight + scrollY >= document.documentElement.scrollHeight - 2");
            let top = top.as_f64().unwrap();
            // Below the bar that stays, or as far up as the page goes.
            assert!(
                (20.0..200.0).contains(&top) || at_end == json!(true),
                "link {at}: {top}"
            );
        }
    });
}

#[test]
fn the_theme_is_what_was_chosen() {
    both(|tab| {
        let background = "getComputedStyle(document.body).backgroundColor";
        let labels = "document.querySelectorAll('.theme label')";
        tab.media("", &[("prefers-color-scheme", "light")]);
        let light = tab.eval(background);
        tab.media("", &[("prefers-color-scheme", "dark")]);
        let dark = tab.eval(background);
        assert_ne!(light, dark);
        for (system, own) in [("light", &light), ("dark", &dark)] {
            tab.media("", &[("prefers-color-scheme", system)]);
            for (choice, expected) in [(1, &light), (2, &dark), (0, own)] {
                tab.click(&format!("{labels}[{choice}]"));
                assert_eq!(&tab.eval(background), expected, "{system}, choice {choice}");
            }
        }
    });
}

#[test]
fn nothing_moves_for_those_who_ask_for_that() {
    both(|tab| {
        tab.media("", &[("prefers-reduced-motion", "reduce")]);
        let found = faults(tab, "moving()");
        assert_none("with reduced motion", &found);
        tab.click("document.querySelector('#scans summary')");
        assert_eq!(tab.eval("document.getAnimations().length"), json!(0));
    });
}

/// Finds one element for each kind of mark of a status or a message, and names the kinds.
const MARKS: &str = "(() => {
    window.marks = {};
    const put = (name, e) => { if (!marks[name] && e.checkVisibility()) marks[name] = e; };
    for (const b of document.querySelectorAll('b[class]')) put('b.' + b.className, b);
    for (const li of document.querySelectorAll('.sum li, .notes li')) if (li.querySelector('svg')) put('i.' + li.className, li.querySelector('svg'));
    for (const e of document.querySelectorAll('.legend path, .legend rect')) {
        const own = e.getAttribute('class') || '';
        if (/^[sp]-(ok|part|fail|canc|run|unk)$/.test(own)) put(own, e.closest('svg'));
    }
    return Object.keys(marks);
})()";

/// Scrolls such a mark into view; gives its box on the page. That of a word is the square before it.
const BOX: &str = "name => {
    const e = marks[name];
    e.scrollIntoView({ block: 'center', behavior: 'instant' });
    const box = e.getClientRects()[0], left = box.x + scrollX, top = box.y + scrollY;
    return name.startsWith('b.')
        ? { x: left - 1, y: top + box.height / 2 - 7, width: 12, height: 14, scale: 1 }
        : { x: left - 2, y: top - 2, width: box.width + 4, height: box.height + 4, scale: 1 };
}";

/// The contrast between the lightest and the darkest point of each kind of mark, as the browser draws it.
fn contrasts(tab: &mut Tab, painter: &mut Tab) -> BTreeMap<String, f64> {
    let marks = tab.eval(MARKS);
    let mut found = BTreeMap::new();
    for name in marks.as_array().unwrap() {
        let clip = tab.apply(BOX, &json!([name]));
        tab.frames();
        let shot = tab.call("Page.captureScreenshot", &json!({ "clip": clip }));
        let contrast = painter.apply(
            "async data => {
                const picture = new Image();
                picture.src = 'data:image/png;base64,' + data;
                await picture.decode();
                const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
                canvas.drawImage(picture, 0, 0);
                const points = canvas.getImageData(0, 0, picture.width, picture.height).data;
                const linear = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
                let low = 1, high = 0;
                for (let i = 0; i < points.length; i += 4) {
                    const y = 0.2126 * linear(points[i]) + 0.7152 * linear(points[i + 1]) + 0.0722 * linear(points[i + 2]);
                    low = Math.min(low, y); high = Math.max(high, y);
                }
                return (high + 0.05) / (low + 0.05);
            }",
            &json!([shot["data"]]),
        );
        found.insert(
            name.as_str().unwrap().to_owned(),
            contrast.as_f64().unwrap(),
        );
    }
    found
}

/// Every mark of a status can be told from its ground: in light, in dark, and in the colours that a reader forces.
#[test]
fn marks_are_seen_in_all_colours() {
    let Some(browser) = browser() else { return };
    let page = reports::every_status();
    let mut painter = Tab::new(&browser);
    let mut tab = Tab::new(&browser);
    for features in [
        &[("prefers-color-scheme", "light")][..],
        &[("prefers-color-scheme", "dark")],
        &[
            ("forced-colors", "active"),
            ("prefers-color-scheme", "light"),
        ],
        &[
            ("forced-colors", "active"),
            ("prefers-color-scheme", "dark"),
        ],
    ] {
        tab.size(1280, 900);
        tab.media("", features);
        tab.open(&page.file, "");
        let marks = contrasts(&mut tab, &mut painter);
        for mark in [
            "b.ok", "b.part", "b.fail", "b.canc", "b.run", "b.unk", "s-ok", "s-fail", "p-ok",
            "p-fail",
        ] {
            assert!(marks.contains_key(mark), "{mark}: {marks:?}");
        }
        let unseen: Vec<String> = marks
            .iter()
            // WCAG asks for 3 between colours; thin lines are drawn a little softer than their colour.
            .filter(|(_, contrast)| **contrast < 2.8)
            .map(|(name, contrast)| format!("{features:?}: {name} has a contrast of {contrast:.2}"))
            .collect();
        assert_none("marks", &unseen);
    }
}

/// How many pages a PDF has.
fn pages(tab: &mut Tab, painter: &mut Tab) -> i64 {
    let pdf = tab.call(
        "Page.printToPDF",
        &json!({ "preferCSSPageSize": true, "printBackground": true }),
    );
    let count = painter.apply(
        "data => { const pdf = atob(data); return pdf.startsWith('%PDF-') ? pdf.split(/\\/Type\\s*\\/Page\\b/).length - 1 : -1 }",
        &json!([pdf["data"]]),
    );
    count.as_i64().unwrap()
}

#[test]
fn paper_shows_what_matters() {
    let Some(browser) = browser() else { return };
    let page = reports::sample(&["report"], &[]);
    let mut painter = Tab::new(&browser);
    let mut tab = Tab::new(&browser);
    // A4 without its margins of 12 mm: 186 mm at 96 points an inch.
    tab.size(703, 1000);
    // What a reader left behind must not be on paper: a dark theme.
    tab.media("print", &[("prefers-color-scheme", "dark")]);
    tab.open(&page.file, "");
    let mut found = faults(&mut tab, "width()");
    found.extend(faults(&mut tab, "cut(true)"));
    found.extend(faults(&mut tab, "covered()"));
    found.extend(faults(&mut tab, "paper()"));
    assert_none("on paper", &found);
    let closed = pages(&mut tab, &mut painter);
    assert!((2..=40).contains(&closed), "{closed} pages");

    // What was opened is printed open.
    let detail = "document.querySelector('#scans tbody > tr > td > details')";
    assert_eq!(
        tab.eval(&format!("{detail}.checkVisibility()")),
        json!(false)
    );
    tab.eval(&format!("{detail}.open = true"));
    tab.frames();
    assert_eq!(
        tab.eval(&format!(
            "{detail}.querySelector('table').checkVisibility()"
        )),
        json!(true)
    );
    tab.eval(&format!("({CHECKS}).open()"));
    tab.frames();
    let mut found = faults(&mut tab, "width()");
    found.extend(faults(&mut tab, "cut(true)"));
    found.extend(faults(&mut tab, "covered()"));
    assert_none("on paper with everything open", &found);
    let open = pages(&mut tab, &mut painter);
    assert!(open > closed, "{open} pages open, {closed} closed");
}
