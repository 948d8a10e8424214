//! What the one script of a page adds: sorting, search, links to a scan or run, and copies in Markdown. Without it, or where
//! scripts are off, none of that is on the page.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::devtools::{Tab, browser};
use crate::inspect::{LIGHT, assert_none, open};
use crate::reader;
use crate::reports::{self, Page, failed, run, time};

/// Five scans of which everything is known:
///
/// | scan | type | runs | succeeded | each took | failed with, first on |
/// | --- | --- | --- | --- | --- | --- |
/// | alpha | Oracle | 2 | 1 | 45 s | `alpha is out of quartz`, 3 October |
/// | bravo | Oracle | 10 | 10 | 2 hours | |
/// | charlie | Db2 | 1 | 0 | 5 minutes | `charlie lost its password`, 1 October |
/// | delta | Db2 | 3, cancelled | | unknown | |
/// | echo | Oracle | 12 | 9 | 90 s | `echo timed out`, 5 October |
fn known() -> Page {
    let mut runs = Vec::new();
    let mut add = |scan: &str, kind: &str, day: usize, seconds: usize, error: Option<&str>| {
        let mut run = run("erp", scan, &format!("{scan}-{day}"), day);
        run["source_type"] = json!(kind);
        let (minutes, hours) = (seconds / 60 % 60, seconds / 3600);
        run["ended_at"] =
            json!(time(day, 2 + hours, minutes).replace(":00Z", &format!(":{:02}Z", seconds % 60)));
        runs.push(match error {
            None => run,
            Some("") => {
                run["status"] = json!("cancelled");
                run["ended_at"] = Value::Null;
                run
            }
            Some(message) => failed(run, message),
        });
    };
    add("alpha", "Oracle", 2, 45, None);
    add("alpha", "Oracle", 3, 45, Some("alpha is out of quartz"));
    for day in 11..21 {
        add("bravo", "Oracle", day, 7_200, None);
    }
    add("charlie", "Db2", 1, 300, Some("charlie lost its password"));
    for day in 21..24 {
        add("delta", "Db2", day, 0, Some(""));
    }
    for day in 1..13 {
        let error = [5, 7, 9].contains(&day).then_some("echo timed out");
        add("echo", "Oracle", day, 90, error);
    }
    reports::of(&runs, &["--from", "2026-10-01", "--to", "2026-10-30"])
}

/// A page opened with its script.
fn started(page: &Page, part: &str) -> Option<Tab> {
    let browser = browser()?;
    let mut tab = Tab::new(&browser);
    tab.size(LIGHT.width, 900);
    tab.open(&page.file, part);
    Some(tab)
}

/// The outermost table of a section, by number.
fn table(section: &str, at: usize) -> String {
    format!(
        "[...document.querySelectorAll('#{section} table')].filter(t => !t.closest('details'))[{at}]"
    )
}

/// The button in the head of a column that begins so.
fn button(table: &str, column: &str) -> String {
    format!(
        "[...{table}.tHead.querySelectorAll('th')].find(h => h.textContent.trim().startsWith({})).querySelector('button')",
        json!(column)
    )
}

/// The names of the known scans or errors as the rows of a table have them, those that are seen.
fn names(tab: &mut Tab, table: &str) -> Vec<String> {
    let rows = tab.eval(&format!(
        "[...{table}.tBodies].filter(b => b.checkVisibility()).map(b => b.rows[0].cells[0].textContent.match(/alpha|bravo|charlie|delta|echo/)?.[0] || b.rows[0].cells[0].textContent)"
    ));
    texts(&rows)
}

fn texts(value: &Value) -> Vec<String> {
    let all = value.as_array().expect("a list").iter();
    all.map(|one| one.as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn columns_sort_by_what_their_cells_mean() {
    let page = known();
    let Some(mut tab) = started(&page, "") else {
        return;
    };
    for (section, at, column, first, second) in [
        // Text: A to Z first.
        (
            "scans",
            1,
            "Scan",
            "alpha bravo charlie delta echo",
            "echo delta charlie bravo alpha",
        ),
        // 12, 10, 3, 2, 1.
        (
            "scans",
            1,
            "Runs",
            "echo bravo delta alpha charlie",
            "charlie alpha delta bravo echo",
        ),
        // 100, 75, 50, 0 %; delta has none, and is last both times.
        (
            "scans",
            1,
            "Success rate",
            "bravo echo alpha charlie delta",
            "charlie alpha echo bravo delta",
        ),
        // 2 hours, 90 s, 45 s; charlie never succeeded, so it has none.
        (
            "durations",
            0,
            "Longest",
            "bravo echo alpha",
            "alpha echo bravo",
        ),
        // 5, 3, 1 October.
        (
            "errors",
            1,
            "First seen",
            "echo alpha charlie",
            "charlie alpha echo",
        ),
    ] {
        let table = table(section, at);
        let button = button(&table, column);
        let state = format!("{button}.closest('th').getAttribute('aria-sort')");
        let before = names(&mut tab, &table);
        let directions = if column == "Scan" {
            ["ascending", "descending"]
        } else {
            ["descending", "ascending"]
        };
        for (expected, direction) in [first, second].iter().zip(directions) {
            tab.click(&button);
            assert_eq!(
                names(&mut tab, &table).join(" "),
                *expected,
                "{section}, {column}, {direction}"
            );
            assert_eq!(tab.eval(&state), json!(direction), "{section}, {column}");
        }
        tab.click(&button);
        assert_eq!(
            names(&mut tab, &table),
            before,
            "{section}, {column}: the third click"
        );
        assert_eq!(tab.eval(&state), Value::Null, "{section}, {column}");
    }
    // By keyboard, and one column at a time.
    let scans = table("scans", 1);
    let (runs, rate) = (button(&scans, "Runs"), button(&scans, "Success rate"));
    tab.click(&runs);
    tab.eval(&format!("{rate}.focus()"));
    tab.key("Enter");
    assert_eq!(
        names(&mut tab, &scans).join(" "),
        "bravo echo alpha charlie delta"
    );
    let sorted =
        format!("[...{scans}.querySelectorAll('th[aria-sort]')].map(h => h.textContent.trim())");
    let sorted = texts(&tab.eval(&sorted));
    assert_eq!(sorted.len(), 1, "{sorted:?}");
    assert!(sorted[0].starts_with("Success rate"), "{sorted:?}");
    // A row moves with its detail.
    let detail = format!(
        "[...{scans}.tBodies].map(b => b.querySelector(':scope > tr > td > details > summary').textContent)"
    );
    let details = texts(&tab.eval(&detail));
    for (name, detail) in ["bravo", "echo", "alpha", "charlie", "delta"]
        .iter()
        .zip(&details)
    {
        assert!(detail.contains(name), "{details:?}");
    }
    assert_none("sorting", &tab.complaints(&page.file));
}

/// Sorts every column of every table with real rows: nothing is lost, and the third click gives back what was.
#[test]
fn every_column_sorts_there_and_back() {
    let page = reports::sample(&["report"], &[]);
    let Some(mut tab) = started(&page, "") else {
        return;
    };
    let found = tab.eval(
        r"(async () => {
        const frame = () => new Promise(done => requestAnimationFrame(done));
        const faults = [];
        let columns = 0, numbers = 0;
        const tables = [...document.querySelectorAll('section table')].filter(t => !t.closest('details') && t.tBodies.length > 1);
        for (const table of tables) {
            const what = table.caption.textContent.trim();
            const heads = [...table.tHead.rows[0].cells];
            if (!heads.some(h => h.querySelector('button'))) faults.push(`${what}: nothing sorts`);
            for (const [at, head] of heads.entries()) {
                const button = head.querySelector('button');
                if (!button) continue;
                columns++;
                const name = `${what}, ${head.textContent.trim()}`;
                if (head.tagName !== 'TH' || button.type !== 'button') faults.push(`${name}: not a plain button in a th`);
                if (head.hasAttribute('aria-sort')) faults.push(`${name}: sorted from the start`);
                const before = [...table.tBodies];
                const seen = () => [...table.tBodies].map(b => b.rows[0].cells[at].innerText.trim());
                const orders = [];
                for (const click of [1, 2]) {
                    button.click();
                    await frame();
                    const now = [...table.tBodies];
                    if (now.length !== before.length || new Set([...now, ...before]).size !== before.length) faults.push(`${name}: rows are lost`);
                    const marked = table.querySelectorAll('th[aria-sort]');
                    if (marked.length !== 1 || marked[0] !== head) faults.push(`${name}: marked ${marked.length} heads`);
                    orders.push([seen(), head.getAttribute('aria-sort')]);
                }
                if (orders.map(o => o[1]).sort().join() !== 'ascending,descending') faults.push(`${name}: ${orders.map(o => o[1])}`);
                for (const [order, direction] of orders) {
                    const end = order.findIndex(text => text === '–');
                    if (end >= 0 && order.slice(end).some(text => text !== '–')) faults.push(`${name}, ${direction}: a missing value is not last: ${order}`);
                    const values = order.filter(text => text !== '–');
                    if (values.length && values.every(text => /^[\d,]+(\.\d+)?\s?%?$/.test(text))) {
                        numbers++;
                        const plain = values.map(text => parseFloat(text.replace(/,/g, '')));
                        const sign = direction === 'ascending' ? 1 : -1;
                        if (plain.some((v, i) => i && sign * (v - plain[i - 1]) < 0)) faults.push(`${name}, ${direction}: ${values}`);
                    }
                }
                button.click();
                await frame();
                if ([...table.tBodies].some((b, i) => b !== before[i])) faults.push(`${name}: the third click does not restore`);
                if (head.hasAttribute('aria-sort')) faults.push(`${name}: still marked`);
            }
        }
        return [faults, columns, numbers, tables.length];
    })()",
    );
    assert_none("sorting", &texts(&found[0]));
    assert!(
        found[1].as_u64() > Some(20) && found[2].as_u64() > Some(10) && found[3].as_u64() > Some(5),
        "too little was sorted: {found}"
    );
}

const BOX: &str = "document.querySelector('#scans input[type=search]')";

/// Waits until the number of scans is said so.
#[track_caller]
fn until_said(tab: &mut Tab, said: &str) {
    tab.until(&format!(
        "[...document.querySelectorAll('#scans [role=status]')].some(e => e.textContent.trim() === {})",
        json!(said)
    ));
}

#[test]
fn search_finds_scans_and_runs() {
    let page = known();
    let Some(mut tab) = started(&page, "") else {
        return;
    };
    let scans = table("scans", 1);
    let label = tab.eval(&format!(
        "{BOX}.labels[0]?.textContent.trim() || {BOX}.getAttribute('aria-label')"
    ));
    assert_eq!(label, json!("Find a scan or run"));
    // The key leads there, and is not written.
    tab.key("/");
    assert_eq!(
        tab.eval(&format!("document.activeElement === {BOX}")),
        json!(true)
    );
    assert_eq!(tab.eval(&format!("{BOX}.value")), json!(""));
    let clear = |tab: &mut Tab| {
        tab.key("Escape");
        assert_eq!(tab.eval(&format!("{BOX}.value")), json!(""));
    };
    for (words, expected) in [
        ("BRAVO", &["bravo"][..]),
        // In the details of a run only.
        ("echo-7", &["echo"]),
        ("lost password", &["charlie"]),
        // All words, wherever they stand.
        ("quartz oracle", &["alpha"]),
        ("quartz db2", &[]),
        ("  alpha   ", &["alpha"]),
        ("<b>.*[", &[]),
    ] {
        tab.write(words);
        until_said(&mut tab, &format!("{} of 5 shown", expected.len()));
        let found: BTreeSet<String> = names(&mut tab, &scans).into_iter().collect();
        let expected: BTreeSet<String> = expected.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(found, expected, "{words:?}");
        clear(&mut tab);
        assert_eq!(names(&mut tab, &scans).len(), 5);
    }
    // Inside the box the key is a character.
    tab.key("/");
    assert_eq!(tab.eval(&format!("{BOX}.value")), json!("/"));
    clear(&mut tab);
    // With a chip: of three scans of Oracle one has failed for want of quartz.
    tab.click("[...document.querySelectorAll('#scans .chips label')].find(l => l.textContent.startsWith('Oracle'))");
    assert_eq!(names(&mut tab, &scans).len(), 3);
    tab.eval(&format!("{BOX}.focus()"));
    tab.write("quartz");
    until_said(&mut tab, "1 of 5 shown");
    assert_eq!(names(&mut tab, &scans), ["alpha"]);
    tab.click("[...document.querySelectorAll('#scans .chips label')].find(l => l.textContent.startsWith('Db2'))");
    until_said(&mut tab, "0 of 5 shown");
    assert!(names(&mut tab, &scans).is_empty());
    tab.click("document.querySelector('#scans .chips label')");
    until_said(&mut tab, "1 of 5 shown");
    // Sorting keeps to what was found.
    tab.click(&button(&scans, "Runs"));
    assert_eq!(names(&mut tab, &scans), ["alpha"]);
    assert_none("search", &tab.complaints(&page.file));
}

/// The number of rows that have all words, counted from the text of the page.
#[test]
fn search_counts_the_rows_of_a_real_report() {
    let page = reports::sample(&["report"], &[]);
    let Some(mut tab) = started(&page, "") else {
        return;
    };
    let bodies = format!("[...{}.tBodies]", table("scans", 1));
    let all = tab.eval(&format!("{bodies}.length"));
    let mut counts = BTreeSet::new();
    for words in [
        "daily",
        "sql-crm-prod daily",
        "failed secret",
        "2026-11-17",
        "zzz",
    ] {
        let expected = tab.eval(&format!(
            "{bodies}.filter(b => {}.split(' ').every(w => b.textContent.toLowerCase().includes(w))).length",
            json!(words)
        ));
        tab.eval(&format!("{BOX}.focus()"));
        tab.write(words);
        until_said(&mut tab, &format!("{expected} of {all} shown"));
        let seen = tab.eval(&format!("{bodies}.filter(b => b.checkVisibility()).length"));
        assert_eq!(seen, expected, "{words}");
        counts.insert(expected.as_u64());
        tab.key("Escape");
    }
    assert!(counts.len() >= 4, "the words tell too little: {counts:?}");
}

/// Whether the target of the address is what was linked, is open to its own row, and is in view.
#[track_caller]
fn assert_shown(tab: &mut Tab, id: &str) {
    let row = format!("document.getElementById({})", json!(id));
    tab.until(&format!("{row}.matches(':target')"));
    tab.until(&format!(
        "(() => {{ const b = {row}.rows[0].getBoundingClientRect(); return b.height > 0 && b.top >= 0 && b.bottom <= innerHeight }})()"
    ));
    let open = tab.eval(&format!(
        "{row}.querySelector(':scope > tr > td > details').open"
    ));
    assert_eq!(open, json!(true), "{id} is not opened");
    let around = tab.eval(&format!(
        "(() => {{ for (let up = {row}.parentElement; up; up = up.parentElement) if (up.tagName === 'DETAILS' && !up.open) return false; return {row}.checkVisibility() }})()"
    ));
    assert_eq!(around, json!(true), "{id} is inside something closed");
}

#[test]
fn a_link_opens_its_scan_or_run() {
    let page = known();
    let Some(mut tab) = started(&page, "") else {
        return;
    };
    let scan_of = |name: &str| {
        format!(
            "[...document.querySelectorAll('#scans tbody[id^=scan-]')].find(b => b.rows[0].cells[0].textContent.includes('{name}'))"
        )
    };
    let id = |tab: &mut Tab, row: &str| {
        tab.eval(&format!("{row}.id"))
            .as_str()
            .expect("an id")
            .to_owned()
    };
    let echo = id(&mut tab, &scan_of("echo"));
    let delta = id(&mut tab, &scan_of("delta"));
    let inner = |name: &str| {
        format!(
            "[...{}.querySelectorAll('tbody[id^=run-]')].at(-1)",
            scan_of(name)
        )
    };
    let echo_run = id(&mut tab, &inner("echo"));
    let delta_run = id(&mut tab, &inner("delta"));
    // On load.
    for target in [&echo, &echo_run, &delta_run] {
        tab.open(&page.file, &format!("#{target}"));
        assert_shown(&mut tab, target);
        assert_none("a link", &tab.complaints(&page.file));
    }
    // Later, while a chip or a search hides it.
    tab.open(&page.file, "");
    tab.click("[...document.querySelectorAll('#scans .chips label')].find(l => l.textContent.startsWith('Db2'))");
    for target in [&echo_run, &echo] {
        tab.eval(&format!("void (location.hash = '{target}')"));
        assert_shown(&mut tab, target);
    }
    tab.eval(&format!("{BOX}.focus()"));
    tab.write("alpha");
    until_said(&mut tab, "1 of 5 shown");
    tab.eval(&format!("void (location.hash = '{delta_run}')"));
    assert_shown(&mut tab, &delta_run);
    assert_eq!(tab.eval(&format!("{BOX}.value")), json!(""));
    tab.eval(&format!("void (location.hash = '{delta}')"));
    assert_shown(&mut tab, &delta);
    // What leads nowhere does nothing, and complains of nothing.
    for other in ["scan-none", "%E0%A4%A", "%3Cb%3E", "\\\"]", "main", ""] {
        tab.eval(&format!("void (location.hash = {})", json!(other)));
        tab.frames();
    }
    assert_none("links", &tab.complaints(&page.file));
}

/// What is on the clipboard.
fn clipboard(tab: &mut Tab) -> String {
    let text = tab.eval("navigator.clipboard.readText()");
    text.as_str().expect("a text").to_owned()
}

/// Clicks a button to copy and gives what it copied; what was there before is gone.
#[track_caller]
fn copied(tab: &mut Tab, button: &str) -> String {
    tab.eval("navigator.clipboard.writeText('before')");
    tab.click(button);
    tab.until("[...document.querySelectorAll('[role=status]')].some(e => e.textContent.trim() === 'Copied')");
    let text = clipboard(tab);
    assert_ne!(text, "before", "{button} copies nothing");
    text
}

/// The clipboard belongs to the whole browser, so one test tries all that is copied.
#[test]
fn a_section_or_run_is_copied_as_markdown() {
    let names = [
        "a|b \\| c",
        "<script>x</script> &amp; <b>",
        "`tick` *star* _line_ [x](y)",
        "plain",
    ];
    let mut runs = Vec::new();
    for (at, name) in names.iter().enumerate() {
        for day in 1..=at + 1 {
            let run = run("erp", name, &format!("id-{at}-{day}"), day);
            runs.push(failed(run, &format!("failed | at\n{name}")));
        }
    }
    let page = reports::of(&runs, &[]);
    let Some(mut tab) = started(&page, "") else {
        return;
    };
    tab.grant(&["clipboardReadWrite", "clipboardSanitizedWrite"]);

    let without = tab.eval("[...document.querySelectorAll('section')].filter(s => [...s.querySelectorAll('button.copy')].filter(b => !b.closest('details')).length !== 1).map(s => s.id)");
    assert_eq!(without, json!([]), "sections without their button");
    let called = tab.eval("[...new Set([...document.querySelectorAll('section > h2 button.copy, section > * > button.copy, section > button.copy')].map(b => b.getAttribute('aria-label') || b.textContent.trim()))]");
    let called = texts(&called);
    assert!(
        !called.is_empty()
            && called
                .iter()
                .all(|name| name.starts_with("Copy as Markdown")),
        "{called:?}"
    );

    // Every section: its heading, and each of its outermost tables with all rows and columns.
    let sections = texts(&tab.eval("[...document.querySelectorAll('section')].map(s => s.id)"));
    let mut tables = 0;
    for section in &sections {
        let text = copied(
            &mut tab,
            &format!(
                "[...document.querySelectorAll('#{section} button.copy')].find(b => !b.closest('details'))"
            ),
        );
        let heading = tab.eval(&format!("(() => {{ const h = document.querySelector('#{section} h2').cloneNode(true); h.querySelectorAll('button').forEach(b => b.remove()); return h.textContent.trim() }})()"));
        let heading = heading.as_str().unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with('#') && first.ends_with(heading),
            "{section}: {first:?}"
        );
        let reading = reader::read(&text);
        assert!(reading.html.is_empty(), "{section}: {:?}", reading.html);
        assert_eq!(reading.others, 0, "{section}:\n{text}");
        let shapes = tab.eval(&format!("[...document.querySelectorAll('#{section} table')].filter(t => !t.closest('details')).map(t => t.tBodies.length)"));
        let expected: Vec<usize> = shapes
            .as_array()
            .unwrap()
            .iter()
            .map(|rows| usize::try_from(rows.as_u64().unwrap()).unwrap())
            .collect();
        let found: Vec<usize> = reading.tables.iter().map(|rows| rows.len() - 1).collect();
        assert!(
            expected.iter().all(|rows| found.contains(rows)),
            "{section}: tables of {expected:?} rows, copied as {found:?}\n{text}"
        );
        tables += expected.len();
    }
    assert!(tables >= 3, "{tables} tables");

    // The names come through whole, whatever they are made of.
    let text = copied(
        &mut tab,
        "[...document.querySelectorAll('#scans button.copy')].find(b => !b.closest('details'))",
    );
    let reading = reader::read(&text);
    let scans = reading
        .tables
        .iter()
        .find(|rows| rows.len() == 5)
        .expect("a table of four scans");
    for name in names {
        assert!(
            scans.iter().any(|row| row[0].contains(name)),
            "{name:?} in {scans:?}"
        );
    }
    assert!(scans.iter().all(|row| row.len() == scans[0].len()));
    // The numbers of runs, known from above: 1, 2, 3 and 4.
    let at = scans[0]
        .iter()
        .position(|head| head.starts_with("Runs"))
        .expect("a column Runs");
    let counts: BTreeSet<&str> = scans[1..].iter().map(|row| row[at].as_str()).collect();
    assert_eq!(counts, BTreeSet::from(["1", "2", "3", "4"]));

    // A run, once it is opened.
    let run = "[...document.querySelectorAll('#scans tbody[id^=run-]')].find(b => b.textContent.includes('id-1-2'))";
    tab.click(&format!(
        "{run}.parentElement.closest('tbody').querySelector('summary')"
    ));
    tab.click(&format!("{run}.querySelector('summary')"));
    let text = copied(
        &mut tab,
        &format!("{run}.querySelector('details button.copy')"),
    );
    let reading = reader::read(&text);
    assert!(text.contains("id-1-2"), "{text}");
    assert!(reading.html.is_empty() && reading.headings >= 1, "{text}");
    let all = [
        reading.texts.join(" "),
        reading
            .tables
            .iter()
            .flatten()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
    ]
    .concat();
    assert!(text.contains("`E17`"), "{text}");
    for words in ["failed", "<script>x</script>"] {
        assert!(all.contains(words), "{words:?} is not in\n{text}");
    }
    assert_none("copies", &tab.complaints(&page.file));
}

/// What the script puts on a page.
const ADDED: &str =
    "document.querySelectorAll('button, input[type=search], [role=status], [aria-sort]').length";

#[test]
fn where_scripts_are_off_nothing_of_it_is_there() {
    let page = known();
    let Some(browser) = browser() else { return };
    let mut tab = Tab::new(&browser);
    open(&mut tab, &page.file, LIGHT);
    assert!(tab.eval(ADDED).as_u64() > Some(5));
    tab.scripts(false);
    open(&mut tab, &page.file, LIGHT);
    assert_eq!(tab.eval(ADDED), json!(0));
    assert_none("without scripts", &tab.complaints(&page.file));
}

#[test]
fn no_script_leaves_it_out() {
    let runs = [
        run("crm", "daily", "r-1", 1),
        run("crm", "weekly", "r-2", 2),
    ];
    let policy = |html: &str| {
        let start = html.find("content=\"").expect("a policy") + 9;
        html[start..].split('"').next().unwrap().to_owned()
    };
    let with = std::fs::read_to_string(reports::of(&runs, &[]).file).unwrap();
    assert_eq!(with.matches("<script").count(), 1);
    assert!(
        policy(&with).contains("script-src &#39;sha256-")
            || policy(&with).contains("script-src 'sha256-"),
        "{}",
        policy(&with)
    );
    assert!(!policy(&with).contains("unsafe"), "{}", policy(&with));
    let page = reports::of(&runs, &["--no-script"]);
    let without = std::fs::read_to_string(&page.file).unwrap();
    assert!(!without.to_lowercase().contains("<script"));
    assert!(
        !policy(&without).contains("script-src"),
        "{}",
        policy(&without)
    );
    assert!(
        policy(&without).contains("default-src 'none'")
            || policy(&without).contains("default-src &#39;none&#39;")
    );
    let Some(mut tab) = started(&page, "") else {
        return;
    };
    assert_eq!(tab.eval(ADDED), json!(0));
}
