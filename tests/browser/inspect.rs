//! What is asked of every page.

use std::path::{Path, PathBuf};
use std::sync::Once;

use serde_json::{Value, json};

use crate::devtools::{Tab, say_once};

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
pub(crate) fn inaccessible(tab: &mut Tab) -> Vec<String> {
    let Some(axe) = axe() else {
        return Vec::new();
    };
    tab.eval(&format!("{axe};0"));
    faults(tab, "accessible()")
}

/// Every fault of a page in some looks.
pub(crate) fn every_fault(tab: &mut Tab, file: &Path, looks: &[Look]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, look) in looks.iter().enumerate() {
        open(tab, file, *look);
        let mut own = tab.complaints(file);
        own.extend(faults(tab, "shifts()"));
        if at == 0 {
            own.extend(faults(tab, "structure()"));
        }
        own.extend(faults(tab, "width()"));
        own.extend(faults(tab, "cut(false)"));
        tab.eval(&format!(
            "(() => {{ const c = {CHECKS}; c.shorten(); c.open() }})()"
        ));
        tab.frames();
        own.extend(faults(tab, "width()"));
        own.extend(faults(tab, "cut(true)"));
        own.extend(faults(tab, "covered()"));
        own.extend(inaccessible(tab));
        found.extend(own.iter().map(|fault| format!("{}: {fault}", look.name)));
    }
    found
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
