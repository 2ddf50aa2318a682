//! What an engine may find beyond lines of text: tables, fields of forms, check boxes, answers.

use crate::builder::builder;
use serde::{Deserialize, Serialize};

use super::Polygon;

/// A table. Its text is in the lines of its block too.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
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

impl Table {
    /// A table of these cells.
    pub fn new(rows: u32, columns: u32, cells: Vec<Cell>) -> Self {
        Self {
            rows,
            columns,
            cells,
            title: None,
            footer: None,
        }
    }
}

builder!(Table {
    with_title(title: impl Into<Option<String>>) "The same under this title."
    with_footer(footer: impl Into<Option<String>>) "The same with these notes."
});

/// A cell of a [`Table`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
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

impl Cell {
    /// A cell of one row and one column, counted from 1, with a confidence in 0..=1.
    pub fn new(row: u32, column: u32, text: impl Into<String>, polygon: Polygon, confidence: f32) -> Self {
        Self {
            row,
            column,
            row_span: 1,
            column_span: 1,
            kind: CellKind::Data,
            text: text.into(),
            selected: None,
            polygon,
            confidence,
        }
    }
}

builder!(Cell {
    with_row_span(row_span: u32) "The same over this many rows."
    with_column_span(column_span: u32) "The same over this many columns."
    with_kind(kind: CellKind) "The same for this purpose."
    with_selected(selected: impl Into<Option<bool>>) "The same with a check box that is ticked or not."
});

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
#[non_exhaustive]
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

impl Field {
    /// A key with nothing filled in, with a confidence in 0..=1.
    pub fn new(key: impl Into<String>, key_polygon: Polygon, confidence: f32) -> Self {
        Self {
            key: key.into(),
            key_polygon,
            value: String::new(),
            value_polygon: None,
            selected: None,
            confidence,
        }
    }
}

builder!(Field {
    with_value(value: impl Into<String>) "The same with this filled in."
    with_value_polygon(value_polygon: impl Into<Option<Polygon>>) "The same with the value there."
    with_selected(selected: impl Into<Option<bool>>) "The same with a check box that is ticked or not."
});

/// A check box or radio button.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Selection {
    /// Whether it is ticked.
    pub selected: bool,
    /// Outline, normalised to the page.
    pub polygon: Polygon,
    /// Confidence in 0..=1.
    pub confidence: f32,
}

impl Selection {
    /// A check box, ticked or not, with a confidence in 0..=1.
    pub const fn new(selected: bool, polygon: Polygon, confidence: f32) -> Self {
        Self {
            selected,
            polygon,
            confidence,
        }
    }
}

/// What a page says to a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
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

impl Answer {
    /// No answer to the question `query`.
    pub fn new(query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            text: None,
            polygon: None,
            confidence: 0.0,
        }
    }
}

builder!(Answer {
    with_text(text: impl Into<Option<String>>) "The same with this answer."
    with_polygon(polygon: impl Into<Option<Polygon>>) "The same with the answer there."
    with_confidence(confidence: f32) "The same with this confidence, in 0..=1."
});
