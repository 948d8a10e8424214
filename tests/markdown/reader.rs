//! A report in Markdown as a reader of GitHub's flavour sees it.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};

/// What is in a text.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Tables, each with its rows of cells as plain text, the head first.
    pub(crate) tables: Vec<Vec<Vec<String>>>,
    /// Pieces of HTML.
    pub(crate) html: Vec<String>,
    /// Text outside of code, one for each paragraph, heading and cell part.
    pub(crate) texts: Vec<String>,
    pub(crate) headings: usize,
    pub(crate) items: usize,
    pub(crate) fences: usize,
    /// Links, pictures, footnotes, boxes to tick, formulas, crossed-out text, and emphasis within tables.
    pub(crate) others: usize,
}

impl Reading {
    /// True when every element that folds is closed.
    pub(crate) fn is_balanced(&self) -> bool {
        let mut depth = 0i64;
        for tag in self.html.iter().flat_map(|html| html.lines()) {
            depth += i64::from(tag == "<details>") - i64::from(tag == "</details>");
            if depth < 0 {
                return false;
            }
        }
        depth == 0
    }

    /// True when the HTML is what folds, its summary with code in it, and the first line.
    pub(crate) fn has_our_html_only(&self) -> bool {
        self.html.iter().all(|html| {
            let mut rest = html.clone();
            for ours in [
                "<!-- rundown report -->",
                "<details>",
                "</details>",
                "<summary>",
                "</summary>",
                "<code>",
                "</code>",
            ] {
                rest = rest.replace(ours, "");
            }
            !rest.contains(['<', '>'])
        })
    }

    /// The first cell of every row of every table but the heads.
    pub(crate) fn first_cells(&self) -> Vec<String> {
        self.cells(0)
    }

    /// The second one.
    pub(crate) fn second_cells(&self) -> Vec<String> {
        self.cells(1)
    }

    fn cells(&self, at: usize) -> Vec<String> {
        let rows = self.tables.iter().flat_map(|rows| rows.iter().skip(1));
        rows.map(|row| row[at].clone()).collect()
    }
}

/// Reads a text with all that GitHub makes of it.
pub(crate) fn read(markdown: &str) -> Reading {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    options.extension.math_dollars = true;
    options.extension.math_code = true;
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options);
    let mut reading = Reading::default();
    for node in root.descendants() {
        match &node.data.borrow().value {
            NodeValue::Table(_) => {
                let rows = node
                    .children()
                    .map(|row| row.children().map(plain).collect());
                reading.tables.push(rows.collect());
            }
            NodeValue::HtmlBlock(block) => reading.html.push(block.literal.clone()),
            NodeValue::HtmlInline(html) => reading.html.push(html.clone()),
            NodeValue::Text(text) => reading.texts.push(text.to_string()),
            NodeValue::Heading(_) => reading.headings += 1,
            NodeValue::Item(_) => reading.items += 1,
            NodeValue::CodeBlock(_) => reading.fences += 1,
            NodeValue::Link(_)
            | NodeValue::Image(_)
            | NodeValue::FootnoteReference(_)
            | NodeValue::FootnoteDefinition(_)
            | NodeValue::TaskItem(_)
            | NodeValue::Math(_)
            | NodeValue::Alert(_)
            | NodeValue::LineBreak
            | NodeValue::Strikethrough => reading.others += 1,
            NodeValue::Emph | NodeValue::Strong => {
                let in_table = node
                    .ancestors()
                    .any(|above| matches!(above.data.borrow().value, NodeValue::TableCell));
                reading.others += usize::from(in_table);
            }
            _ => {}
        }
    }
    reading
}

/// The text of a node and all in it.
fn plain<'a>(node: &'a AstNode<'a>) -> String {
    let mut out = String::new();
    for node in node.descendants() {
        match &node.data.borrow().value {
            NodeValue::Text(text) => out.push_str(text),
            NodeValue::Code(code) => out.push_str(&code.literal),
            NodeValue::HtmlInline(html) => out.push_str(html),
            _ => {}
        }
    }
    out
}
