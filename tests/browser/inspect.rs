//! What is asked of every page.

use std::path::{Path, PathBuf};
use std::sync::Once;

use serde_json::{Value, json};

use crate::devtools::{Tab, say, say_once};

/// The checks that run inside the page.
pub(crate) const CHECKS: &str = include_str!("checks.js");

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) name: &'static str,
    pub(crate) colours: &'static str,
    pub(crate) width: u32,
}

pub(crate) const LIGHT: Look = Look {
    name: "light",
    colours: "light",
    width: 1280,
};
pub(crate) const DARK: Look = Look {
    name: "dark",
    colours: "dark",
    width: 1280,
};
pub(crate) const NARROW: Look = Look {
    name: "400 px",
    colours: "light",
    width: 400,
};
pub(crate) const NARROWEST: Look = Look {
    name: "320 px",
    colours: "dark",
    width: 320,
};

/// The text of axe-core; none where it is not found, which is said once.
fn axe() -> Option<String> {
    static MISSING: Once = Once::new();
    let named = std::env::var_os("AXE_CORE").map(PathBuf::from);
    let file = named.unwrap_or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/axe-core/axe.min.js")
    });
    if !file.is_file() {
        say_once(
            &MISSING,
            "skipped: what axe-core says of pages, as it is not found (AXE_CORE names its axe.min.js)",
        );
        return None;
    }
    Some(std::fs::read_to_string(file).unwrap())
}

/// The faults that a check of the page finds.
pub(crate) fn faults(tab: &mut Tab, check: &str) -> Vec<String> {
    let found = tab.eval(&format!("({CHECKS}).{check}"));
    let found = found
        .as_array()
        .unwrap_or_else(|| panic!("{check}: {found}"));
    found
        .iter()
        .map(|fault| fault.as_str().expect("a text").to_owned())
        .collect()
}

/// Opens a page in a size and in colours.
pub(crate) fn open(tab: &mut Tab, file: &Path, look: Look) {
    tab.size(look.width, 900);
    tab.media("", &[("prefers-color-scheme", look.colours)]);
    tab.open(file, "");
}

/// What axe-core finds, of everything that can be opened too. It is run by the inspector, on which the page's policy has no say.
/// `rules` are those to go by, all where there are none.
pub(crate) fn inaccessible(tab: &mut Tab, rules: &[&str]) -> Vec<String> {
    let Some(axe) = axe() else {
        return Vec::new();
    };
    tab.eval(&format!("{axe};0"));
    faults(tab, &format!("accessible({})", json!(rules)))
}

/// Every fault of a page in some looks, and what it shows in the first.
pub(crate) fn every_fault(tab: &mut Tab, file: &Path, looks: &[Look]) -> (Vec<String>, Value) {
    let mut found = Vec::new();
    let mut shown = Value::Null;
    let mut width = 0;
    for look in looks {
        let mut own = Vec::new();
        let mut rules: &[&str] = &[];
        if look.width == width {
            // Other colours move nothing, so the open page is only painted anew.
            rules = &["color-contrast"];
            tab.media("", &[("prefers-color-scheme", look.colours)]);
        } else {
            open(tab, file, *look);
            own.extend(tab.complaints(file));
            own.extend(faults(tab, "shifts()"));
            own.extend(faults(tab, "width()"));
            own.extend(faults(tab, "cut(false)"));
            if width == 0 {
                own.extend(faults(tab, "structure()"));
                shown = outline(tab);
                tell(tab, file);
            }
            width = look.width;
            tab.eval(&format!(
                "(() => {{ const c = {CHECKS}; c.shorten(); c.open() }})()"
            ));
            tab.frames();
            own.extend(faults(tab, "width()"));
            own.extend(faults(tab, "cut(true)"));
            own.extend(faults(tab, "covered()"));
        }
        own.extend(inaccessible(tab, rules));
        found.extend(own.iter().map(|fault| format!("{}: {fault}", look.name)));
    }
    (found, shown)
}

/// Tells how long a large page took to open. That is not judged, as other work runs beside it.
fn tell(tab: &mut Tab, file: &Path) {
    let size = std::fs::metadata(file).unwrap().len();
    if size > 2_000_000 {
        let spent = tab.eval(
            "(() => { const n = performance.getEntriesByType('navigation')[0], p = performance.getEntriesByName('first-contentful-paint')[0]; \
             return [p?.startTime, n.loadEventEnd].map(Math.round) })()",
        );
        say(&format!(
            "a page of {size} bytes: first seen after {} ms, loaded after {} ms",
            spent[0], spent[1]
        ));
    }
}

/// Fails when there are faults, and lists them.
#[track_caller]
pub(crate) fn assert_none(what: &str, faults: &[String]) {
    let listed: String = faults.iter().take(60).map(|f| format!("\n  {f}")).collect();
    assert!(
        faults.is_empty(),
        "{what}: {} faults:{listed}",
        faults.len()
    );
}

/// What a page shows, as `outline` of the checks tells it.
pub(crate) fn outline(tab: &mut Tab) -> Value {
    let outline = tab.eval(&format!("({CHECKS}).outline()"));
    assert_ne!(outline, json!([]), "the page has no section");
    outline
}
