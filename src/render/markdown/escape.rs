//! Text from a log as Markdown that shows it and does nothing else.
//!
//! Backslashes keep Markdown from reading a text as markup, but they do not keep a ticket system from
//! making links of what it finds in the rendered text: `@name` calls a person and `#12` links an
//! issue, escaped or not. Such words go into code spans, which every system leaves alone.

use crate::render::format;

/// Where a text stands. Pipes end a cell, also inside a code span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum In {
    /// A cell of a table.
    Cell,
    /// A paragraph, a heading or the item of a list.
    Line,
}

/// Text without characters that act on what stands around them; its lines, none of them empty.
pub(super) fn lines(value: &str) -> String {
    let clean = format::text(value).replace('\t', " ");
    let lines: Vec<&str> = clean
        .split('\n')
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// The same in one line: a line break and the spaces around it become one space.
pub(super) fn line(value: &str) -> String {
    lines(value).replace('\n', " ")
}

/// Text that is shown as it was, words that a ticket system would act on as code.
pub(super) fn text(value: &str, place: In) -> String {
    let mut out = String::with_capacity(value.len() + 8);
    for word in line(value).split(' ').filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        if !acts(word) {
            plain(&mut out, word);
            continue;
        }
        let (before, inner, after) = bare(word);
        plain(&mut out, before);
        out.push_str(&code(inner, place));
        plain(&mut out, after);
    }
    out
}

/// Text that begins a block: what would make it a list, a heading or a quotation is escaped.
pub(super) fn paragraph(value: &str) -> String {
    let text = text(value, In::Line);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if text.starts_with(['-', '+', '=', '>', '#']) {
        return format!("\\{text}");
    }
    if digits > 0 && text[digits..].starts_with(['.', ')']) {
        return format!("{}\\{}", &text[..digits], &text[digits..]);
    }
    text
}

/// Text of a heading, where number signs at the end would be taken for its frame.
pub(super) fn heading(value: &str) -> String {
    let text = paragraph(value);
    match text.strip_suffix('#') {
        Some(start) if !start.ends_with('\\') => format!("{start}\\#"),
        _ => text,
    }
}

/// A code span. Never empty: nothing is shown as nothing.
pub(super) fn code(value: &str, place: In) -> String {
    let value = line(value);
    if value.is_empty() {
        return String::new();
    }
    if place == In::Line {
        return span(&value);
    }
    // A cell is cut at its pipes before code spans are looked for. Whether a backslash before an escaped
    // pipe escapes the backslash is read differently by different programs, so the pipe stands outside.
    let mut out = String::new();
    let mut rest = value.as_str();
    while let Some(at) = rest.find("\\|") {
        out.push_str(&span(&rest[..=at]).replace('|', "\\|"));
        out.push_str("\\|");
        rest = &rest[at + 2..];
    }
    if !rest.is_empty() {
        out.push_str(&span(rest).replace('|', "\\|"));
    }
    out
}

/// Text for the inside of an element, for the one place where Markdown does not reach: a summary.
pub(super) fn html(value: &str) -> String {
    let mut out = String::new();
    for word in line(value).split(' ').filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        let acts = acts(word);
        out.push_str(if acts { "<code>" } else { "" });
        for c in word.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                // Some programs read Markdown here after all.
                '\\' | '`' | '*' | '[' | ']' => {
                    out.push_str(&format!("&#{};", u32::from(c)));
                }
                c => out.push(c),
            }
        }
        out.push_str(if acts { "</code>" } else { "" });
    }
    out
}

fn span(content: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in content.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let ticks = "`".repeat(longest + 1);
    let blank = content.trim_matches(' ').is_empty();
    let stripped = content.starts_with(' ') && content.ends_with(' ') && !blank;
    let pad = if stripped || content.starts_with('`') || content.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{content}{pad}{ticks}")
}

fn plain(out: &mut String, word: &str) {
    let mut before = None;
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let next = chars.peek().copied();
        let escape = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' => true,
            '_' => !(letter(before) && letter(next)),
            '&' => is_reference(chars.clone()),
            _ => false,
        };
        if escape {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
}

/// True when an ampersand before these characters would begin a character reference such as `&lt;`.
fn is_reference(mut after: impl Iterator<Item = char>) -> bool {
    let mut length = 0;
    let end = after.find(|c| {
        length += 1;
        !(c.is_ascii_alphanumeric() || *c == '#')
    });
    end == Some(';') && length > 1
}

/// A word without the punctuation around it, which need not stand in a code span.
fn bare(word: &str) -> (&str, &str, &str) {
    let inner = word.trim_start_matches(['(', '"', '\'']);
    let before = &word[..word.len() - inner.len()];
    // A colon may belong to the word, as in `:smile:`.
    for ends in [":.,;)\"'", ".,;)\"'"] {
        let bare = inner.trim_end_matches(|c| ends.contains(c));
        if acts(bare) {
            return (before, bare, &inner[bare.len()..]);
        }
    }
    ("", word, "")
}

/// True when a ticket system may make more of a word than text: a person, an issue, a commit, a
/// link, a picture or a formula.
fn acts(word: &str) -> bool {
    if word.contains(['@', '$']) || word.contains("://") {
        return true;
    }
    let lower = word.to_ascii_lowercase();
    ["www.", "mailto:", "xmpp:"]
        .iter()
        .any(|start| lower.contains(start))
        || refers(&lower)
        || is_emoji(&lower)
        || has_hash(&lower)
}

/// `#12`, `!12`, `gh-12`, and GitLab's `%12`, `&12`, `~label`.
fn refers(lower: &str) -> bool {
    let bytes = lower.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let number = bytes
        .iter()
        .enumerate()
        .any(|(at, byte)| b"#!&%".contains(byte) && digit(at + 1));
    let issue = lower.match_indices("gh-").any(|(at, _)| digit(at + 3));
    let label = bytes
        .windows(2)
        .any(|two| two[0] == b'~' && (two[1].is_ascii_alphanumeric() || two[1] == b'"'));
    number || issue || label
}

/// `:smile:`, but not the minutes of a time.
fn is_emoji(lower: &str) -> bool {
    let name = |part: &str| {
        let is_word = part.contains(char::is_alphabetic)
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || "_+-".contains(c));
        is_word || ["+1", "-1", "100", "1234"].contains(&part)
    };
    let parts: Vec<&str> = lower.split(':').collect();
    parts.len() > 2 && parts[1..parts.len() - 1].iter().any(|part| name(part))
}

/// Seven or more digits of a hash, as commits are abbreviated.
fn has_hash(lower: &str) -> bool {
    lower
        .split(|c: char| !c.is_alphanumeric())
        .any(|part| part.len() >= 7 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_stays_readable() {
        for value in [
            "customer_360_daily",
            "sql-crm-prod / daily",
            "1,279 read = 621 used + 158 superseded",
            "R&D (2026-11-19 02:30)",
            "C# at 5%",
            "since 2026-11-10 02:30: late",
            "02:34:39Z",
        ] {
            assert_eq!(text(value, In::Cell), value);
        }
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(
            text("<b>*x* [a](b) a|b _c_ ~~d~~ &lt; `e` \\", In::Line),
            "\\<b>\\*x\\* \\[a\\](b) a\\|b \\_c\\_ `~~d~~` \\&lt; \\`e\\` \\\\"
        );
        assert_eq!(paragraph("- a"), "\\- a");
        assert_eq!(paragraph("12. a"), "12\\. a");
        assert_eq!(paragraph("# a"), "\\# a");
        assert_eq!(heading("C #"), "C \\#");
    }

    #[test]
    fn words_that_act_become_code() {
        for word in [
            "@team",
            "a@b.example",
            "#1",
            "GH-12",
            "org/repo#1",
            "!12",
            "https://x",
            "WWW.x.y",
            ":smile:",
            "deadbee",
            "org/repo@0123456789abcdef0123456789abcdef01234567",
            "$x$",
        ] {
            assert_eq!(text(word, In::Line), format!("`{word}`"));
            let quoted = format!("(\"{word}\").");
            assert_eq!(text(&quoted, In::Line), format!("(\"`{word}`\")."));
        }
        assert_eq!(text("(run deadbee): 4d", In::Line), "(run `deadbee`): 4d");
    }

    #[test]
    fn code_spans_end_where_they_should() {
        assert_eq!(code("a`b", In::Line), "``a`b``");
        assert_eq!(code("`", In::Line), "`` ` ``");
        assert_eq!(code("a|b", In::Line), "`a|b`");
        assert_eq!(code("a|b", In::Cell), "`a\\|b`");
        assert_eq!(code("a\\|b", In::Cell), "`a\\`\\|`b`");
        assert_eq!(code("a\r\n  b", In::Line), "`a b`");
    }

    #[test]
    fn summaries_hold_no_markup() {
        assert_eq!(html("<b> @x a&b"), "&lt;b&gt; <code>@x</code> a&amp;b");
    }
}
