//! Ordinary lines of logs are left as they are.

use rundown::errors::mask;

#[test]
fn ordinary_lines_are_not_masked() {
    let lines: Vec<&str> = include_str!("survive.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert!(lines.len() >= 300, "{} lines", lines.len());
    let changed: Vec<String> = lines
        .iter()
        .filter(|line| mask(line) != **line)
        .map(|line| format!("{line}\n  {}", mask(line)))
        .collect();
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}
