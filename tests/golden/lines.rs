//! Outputs as lines that can be read and compared.

use serde_json::Value;

/// A report in JSON: for each table a line of its keys, then a line for each row; for each other object one line.
pub(crate) fn of_json(text: &str) -> String {
    let mut out = String::new();
    add(&mut out, "", &serde_json::from_str(text).unwrap());
    out
}

fn add(out: &mut String, path: &str, value: &Value) {
    let nested = |value: &Value| value.is_array() || value.is_object();
    match value {
        Value::Object(map) if path.is_empty() || map.values().any(nested) => {
            for (key, inner) in map {
                let dot = if path.is_empty() { "" } else { "." };
                add(out, &format!("{path}{dot}{key}"), inner);
            }
        }
        Value::Array(rows) => {
            let keys = |row: &Value| -> Option<Vec<String>> {
                Some(row.as_object()?.keys().cloned().collect())
            };
            let first = rows.first().and_then(keys);
            let table =
                first.filter(|first| rows.iter().all(|row| keys(row).as_ref() == Some(first)));
            let header = table.as_ref().map_or(String::new(), |keys| keys.join(","));
            out.push_str(&format!("{path} {} [{header}]\n", rows.len()));
            for row in rows {
                // The keys stand above, so that null can be left empty.
                let row = match row {
                    Value::Object(map) if table.is_some() => {
                        let cells: Vec<String> = map.values().map(cell).collect();
                        cells.join(",")
                    }
                    other => other.to_string(),
                };
                out.push_str(&format!("  {row}\n"));
            }
        }
        other => out.push_str(&format!("{path} {other}\n")),
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The text of a page: a line for each block, with one space where there was more or an element between.
pub(crate) fn of_page(html: &str) -> String {
    const BLOCKS: [&str; 24] = [
        "address", "article", "aside", "body", "caption", "dd", "details", "div", "dl", "dt",
        "figure", "footer", "header", "li", "main", "nav", "p", "pre", "section", "summary", "svg",
        "table", "tr", "ul",
    ];
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(&before.replace('\n', " "));
        let (tag, after) = tag.split_once('>').unwrap();
        let name = tag.trim_start_matches('/');
        let name = name.split([' ', '\n', '/']).next().unwrap();
        let heading = name.len() == 2 && name.starts_with('h');
        text.push(if heading || BLOCKS.contains(&name) {
            '\n'
        } else {
            ' '
        });
        rest = after;
        // What is between these is no text.
        if ["script", "style"].contains(&tag.split(' ').next().unwrap()) {
            let end = format!("</{name}>");
            rest = after.split_once(&end).unwrap().1;
        }
    }
    text.push_str(&rest.replace('\n', " "));
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2f;", "/"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .map(|line| line + "\n")
        .collect()
}

/// The first lines that differ, with their numbers, or nothing.
pub(crate) fn difference(expected: &str, got: &str) -> Option<String> {
    const SHOWN: usize = 4;
    const WIDTH: usize = 300;
    if expected == got {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), got.lines().collect());
    let same = old
        .iter()
        .zip(&new)
        .take_while(|(old, new)| old == new)
        .count();
    let most = old.len().min(new.len()) - same;
    let after = old.iter().rev().zip(new.iter().rev());
    let after = after.take_while(|(old, new)| old == new).count().min(most);
    let mut out = String::new();
    for (sign, lines) in [('-', &old), ('+', &new)] {
        let differing = &lines[same..lines.len() - after];
        for (number, line) in (same + 1..).zip(differing).take(SHOWN) {
            let line: String = line.chars().take(WIDTH).collect();
            out.push_str(&format!("{sign}{number}: {line}\n"));
        }
        if differing.len() > SHOWN {
            out.push_str(&format!(
                "{sign} and {} more lines\n",
                differing.len() - SHOWN
            ));
        }
    }
    if out.is_empty() {
        "the ends of lines differ\n".clone_into(&mut out);
    }
    Some(out)
}

#[test]
fn a_difference_is_told_by_its_first_lines() {
    assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    let told = |expected: &str, got: &str| difference(expected, got).unwrap();
    assert_eq!(told("a\nb\nc\n", "a\nx\nc\n"), "-2: b\n+2: x\n");
    assert_eq!(told("a\nc\n", "a\nb\nc\n"), "+2: b\n");
    assert_eq!(told("a\na\n", "a\n"), "-2: a\n");
    assert_eq!(
        told("", "1\n2\n3\n4\n5\n"),
        "+1: 1\n+2: 2\n+3: 3\n+4: 4\n+ and 1 more lines\n"
    );
    assert_eq!(told("a\n", "a"), "the ends of lines differ\n");
}

#[test]
fn json_is_kept_in_rows_and_a_page_as_its_text() {
    let json = r#"{"a": {"b": [{"x": 1, "y": null}, {"x": 2, "y": "z"}], "c": {"d": 1}, "e": ["f"]}, "g": 1}"#;
    let rows = "a.b 2 [x,y]\n  1,\n  2,\"z\"\na.c {\"d\":1}\na.e 1 []\n  \"f\"\ng 1\n";
    assert_eq!(of_json(json), rows);
    let page = "<!doctype html><style>p{}</style><h2 id=a>A  b</h2><p>c &lt;<b>d</b>\n e</p><td>1</td><td>2</td>";
    assert_eq!(of_page(page), "A b\nc < d e\n1 2\n");
}
