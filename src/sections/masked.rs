//! What was hidden in the records that were read?

use super::Context;
use super::frames::{column, figure};
use crate::errors::{Hidden, mask_rules_version, meaning};
use crate::report::{Block, Cell, Figure, Figures, Place, Row, Table, Unit};

/// What was hidden: secrets, which the files' tallies count, and personal data.
fn hidden(context: &Context<'_>) -> Hidden {
    let mut hidden = context.prepared.hidden.clone();
    for file in context.files {
        hidden.add_all(&file.tally.hidden, 1);
    }
    hidden
}

/// The receipt: how much was hidden, by which version of the rules, and what.
pub(super) fn blocks(context: &Context<'_>) -> Vec<Block> {
    let hidden = hidden(context);
    let item = |key, label, value, definition| Figure {
        value: Cell::Int(value),
        ..figure(key, label, Unit::Count, definition)
    };
    let figures = vec![
        item(
            "replacements",
            "Texts hidden",
            hidden.iter().map(|(_, count)| count).sum(),
            "Secrets, and with --privacy personal data, that were replaced in the texts of the records read. What is quoted of rejected records, and names of files and columns, are masked too, and not counted.",
        ),
        item(
            "rules_version",
            "Mask rules",
            i64::from(mask_rules_version()),
            "Version of the list of rules by which secrets are found.",
        ),
    ];
    let columns = vec![
        column("class", "Class", Unit::Text, Place::Name)
            .means("What stands for the text that was hidden, without its angle brackets."),
        column("count", "Times", Unit::Count, Place::Column).means(
            "Replacements in the texts of the records read, superseded and filtered ones included.",
        ),
        column("meaning", "What it is", Unit::Text, Place::Column)
            .means("The kind of text that the class stands for."),
    ];
    let rows: Vec<Row> = hidden
        .iter()
        .map(|(class, count)| Row {
            cells: vec![
                Cell::Text(class.to_owned()),
                Cell::Int(count),
                Cell::Text(meaning(class).to_owned()),
            ],
            ..Row::default()
        })
        .collect();
    let note = if rows.is_empty() {
        "No record read holds a secret that the rules know."
    } else {
        ""
    };
    vec![
        Block::Figures(Figures {
            id: "masking",
            title: "Masking",
            aside: false,
            items: Ok(figures),
        }),
        Block::Table(Table::new(
            "masked",
            "Hidden texts",
            note.to_owned(),
            columns,
            rows,
        )),
    ]
}
