//! What an engine may find beyond lines of text: tables, fields of forms, check boxes, answers.

use serde::{Deserialize, Serialize};

use super::Polygon;

/// A table. Its text is in the lines of its block too.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// Number of rows.
    pub rows: u32,
    /// Number of columns.
    pub columns: u32,
    /// Cells by row, then column; no place of the grid is covered twice.
    pub cells: Vec<Cell>,
    /// Title above, below or inside the table.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    /// Notes under the table.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub footer: Option<String>,
}

/// A cell of a [`Table`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cell {
    /// One-based row of its top.
    pub row: u32,
    /// One-based column of its left side.
    pub column: u32,
    /// Rows it covers, at least 1.
    pub row_span: u32,
    /// Columns it covers, at least 1.
    pub column_span: u32,
    /// What it is for.
    pub kind: CellKind,
    /// Its text; empty in an empty cell.
    pub text: String,
    /// Whether the check box in it is ticked, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub selected: Option<bool>,
    /// Outline, normalised to the page.
    pub polygon: Polygon,
    /// Confidence in 0..=1.
    pub confidence: f32,
}

/// What a cell is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CellKind {
    /// Holds a value.
    #[default]
    Data,
    /// Names its column.
    ColumnHeader,
    /// Holds the title of the table.
    Title,
    /// Holds the title of the rows below it.
    SectionTitle,
    /// Holds notes.
    Footer,
    /// Sums up others.
    Summary,
}

/// A key of a form with its value. Both are in the lines of the page too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// What is asked for, as printed.
    pub key: String,
    /// Outline of the key, normalised to the page.
    pub key_polygon: Polygon,
    /// What was filled in; empty when nothing was.
    pub value: String,
    /// Outline of the value, when there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value_polygon: Option<Polygon>,
    /// Whether the check box is ticked, where the value is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub selected: Option<bool>,
    /// Confidence in 0..=1.
    pub confidence: f32,
}

/// A check box or radio button.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// Whether it is ticked.
    pub selected: bool,
    /// Outline, normalised to the page.
    pub polygon: Polygon,
    /// Confidence in 0..=1.
    pub confidence: f32,
}

/// What a page says to a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The question.
    pub query: String,
    /// The answer; `None` when the page has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// Where it stands on the page, when known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub polygon: Option<Polygon>,
    /// Confidence in 0..=1; 0 without an answer.
    pub confidence: f32,
}
