//! Tables of finished cells, with their pipes one below the other.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

/// A table whose cells are Markdown already.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// Headings, and whether the column is aligned to the right.
    pub(super) heads: Vec<(String, bool)>,
    /// Rows; every row has one cell for each heading.
    pub(super) rows: Vec<Vec<String>>,
}

impl Grid {
    /// The table with some of its rows. Padding costs characters and shows in the source only.
    pub(super) fn markdown(&self, rows: Range<usize>, padded: bool) -> String {
        let rows = &self.rows[rows];
        let width = |at: usize| {
            if !padded {
                return 0;
            }
            let cells = rows.iter().map(|row| row[at].width());
            let widest = cells.chain([self.heads[at].0.width(), 3]).max();
            widest.unwrap_or(3)
        };
        let widths: Vec<usize> = (0..self.heads.len()).map(width).collect();
        let mut out = String::new();
        let mut line = |cells: &mut dyn Iterator<Item = &str>| {
            out.push('|');
            for ((cell, &width), (_, right)) in cells.zip(&widths).zip(&self.heads) {
                let fill = if padded {
                    " ".repeat(width.saturating_sub(cell.width()))
                } else {
                    String::new()
                };
                let (before, after) = if *right {
                    (fill.as_str(), "")
                } else {
                    ("", fill.as_str())
                };
                out.push_str(&format!(" {before}{cell}{after} |"));
            }
            out.push('\n');
        };
        line(&mut self.heads.iter().map(|(head, _)| head.as_str()));
        let rules: Vec<String> = self
            .heads
            .iter()
            .zip(&widths)
            .map(|((_, right), &width)| {
                if *right {
                    format!("{}:", "-".repeat(width.max(3) - 1))
                } else {
                    "-".repeat(width.max(3))
                }
            })
            .collect();
        line(&mut rules.iter().map(String::as_str));
        for row in rows {
            line(&mut row.iter().map(String::as_str));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_stand_below_each_other() {
        let grid = Grid {
            heads: vec![("Scan".to_owned(), false), ("Runs".to_owned(), true)],
            rows: vec![
                vec!["日本".to_owned(), "7".to_owned()],
                vec!["a much longer name".to_owned(), "12,345".to_owned()],
            ],
        };
        assert_eq!(
            grid.markdown(0..2, true),
            "\
| Scan               |   Runs |
| ------------------ | -----: |
| 日本               |      7 |
| a much longer name | 12,345 |
"
        );
        assert_eq!(
            grid.markdown(0..1, false),
            "| Scan | Runs |\n| --- | --: |\n| 日本 | 7 |\n"
        );
    }
}
