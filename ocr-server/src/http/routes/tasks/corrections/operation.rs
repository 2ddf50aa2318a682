//! Changes of a page, as they are sent.

use ocr_core::{corrections::Operation, model::Polygon};
use serde::Deserialize;
use utoipa::ToSchema;

/// A change of a page. Words, lines, blocks and fields are named by their place on the page as it is before the change,
/// from 0 in reading order; words and lines are counted through all blocks.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub(crate) enum OperationView {
    /// A word says something else: 1 to 500 characters without white space.
    SetText {
        /// The word.
        word: u32,
        text: String,
    },
    /// A word is several, side by side within its outline.
    SplitWord {
        /// The word.
        word: u32,
        /// What they say, 2 to 20.
        parts: Vec<String>,
    },
    /// Several words of a line are one.
    JoinWords {
        /// The first word.
        word: u32,
        /// How many, 2 to 20.
        count: u32,
        /// What it says; the words without spaces between them when absent.
        text: Option<String>,
    },
    /// There is no such word.
    DeleteWord {
        /// The word.
        word: u32,
    },
    /// There is a word where none was read.
    AddWord {
        text: String,
        /// Its outline: four points from the top left corner of the text clockwise, in shares of the page.
        #[schema(value_type = Vec<Vec<f32>>)]
        polygon: Polygon,
    },
    /// A line is read elsewhere.
    MoveLine {
        /// The line.
        line: u32,
        /// The line before which it is read; the number of lines for the end of the page.
        before: u32,
    },
    /// There is no such line.
    DeleteLine {
        /// The line.
        line: u32,
    },
    /// What was deleted is there after all.
    Restore {
        /// `edit` of what was deleted.
        edit: u32,
    },
    /// A cell of a table says something else.
    SetCell {
        /// The block of the table.
        block: u32,
        /// Row of the top of the cell, from 1.
        row: u32,
        /// Column of its left side, from 1.
        column: u32,
        /// On one line; empty for an empty cell.
        text: String,
    },
    /// The value of a field says something else.
    SetField {
        /// The field.
        field: u32,
        /// On one line; empty when nothing was filled in.
        value: String,
    },
}

impl From<OperationView> for Operation {
    fn from(view: OperationView) -> Self {
        match view {
            OperationView::SetText { word, text } => Self::SetText { word, text },
            OperationView::SplitWord { word, parts } => Self::SplitWord { word, parts },
            OperationView::JoinWords { word, count, text } => Self::JoinWords { word, count, text },
            OperationView::DeleteWord { word } => Self::DeleteWord { word },
            OperationView::AddWord { text, polygon } => Self::AddWord { text, polygon },
            OperationView::MoveLine { line, before } => Self::MoveLine { line, before },
            OperationView::DeleteLine { line } => Self::DeleteLine { line },
            OperationView::Restore { edit } => Self::Restore { edit },
            OperationView::SetCell {
                block,
                row,
                column,
                text,
            } => Self::SetCell {
                block,
                row,
                column,
                text,
            },
            OperationView::SetField { field, value } => Self::SetField { field, value },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_what_the_core_means() {
        for json in [
            r#"{"op":"set-text","word":1,"text":"a"}"#,
            r#"{"op":"split-word","word":1,"parts":["a","b"]}"#,
            r#"{"op":"join-words","word":1,"count":2}"#,
            r#"{"op":"delete-word","word":1}"#,
            r#"{"op":"add-word","text":"a","polygon":[[0,0],[0.5,0],[0.5,0.5],[0,0.5]]}"#,
            r#"{"op":"move-line","line":1,"before":0}"#,
            r#"{"op":"delete-line","line":1}"#,
            r#"{"op":"restore","edit":1}"#,
            r#"{"op":"set-cell","block":0,"row":1,"column":2,"text":""}"#,
            r#"{"op":"set-field","field":0,"value":"x"}"#,
        ] {
            let view: OperationView = serde_json::from_str(json).unwrap();
            let wanted: Operation = serde_json::from_str(json).unwrap();
            assert_eq!(Operation::from(view), wanted);
        }
    }
}
