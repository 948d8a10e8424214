//! Lists that name tests: each named test must exist.

use std::path::Path;

/// What is wrong with a test named as `folder/file.rs::function`; nothing if it is there.
pub(crate) fn fault(cited: &str) -> Option<String> {
    let Some((file, function)) = cited.split_once("::") else {
        return Some(format!("{cited}: expected file::function"));
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Some(format!("{cited}: no such file"));
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begin = format!("fn {function}()");
    let Some(at) = lines.iter().position(|line| line.starts_with(&begin)) else {
        return Some(format!("{cited}: no such function"));
    };
    // The attributes of a function stand directly above it.
    let mut above = lines[..at].iter().rev();
    let is_test = above
        .by_ref()
        .take_while(|line| !line.is_empty() && **line != "}")
        .any(|line| *line == "#[test]");
    (!is_test).then(|| format!("{cited}: is no test"))
}
