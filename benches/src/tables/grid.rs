//! A table as it is compared.

use ocr_core::model::{PageText, Table};

/// A cell with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GridCell {
    /// From 1.
    pub(crate) row: u32,
    /// From 1.
    pub(crate) column: u32,
    pub(crate) row_span: u32,
    pub(crate) column_span: u32,
    pub(crate) text: String,
}

#[cfg(test)]
impl GridCell {
    /// A cell that spans no other.
    pub(crate) fn single(row: u32, column: u32, text: &str) -> Self {
        Self {
            row,
            column,
            row_span: 1,
            column_span: 1,
            text: text.into(),
        }
    }
}

/// The cells of the largest table of a page that have a text, row by row; none where no table was found.
pub(crate) fn found(page: &PageText) -> Vec<GridCell> {
    let tables = page.blocks.iter().filter_map(|block| block.table.as_ref());
    tables
        .max_by_key(|table| table.cells.len())
        .map(cells)
        .unwrap_or_default()
}

fn cells(table: &Table) -> Vec<GridCell> {
    let mut cells: Vec<GridCell> = table
        .cells
        .iter()
        .filter(|cell| !cell.text.is_empty())
        .map(|cell| GridCell {
            row: cell.row,
            column: cell.column,
            row_span: cell.row_span,
            column_span: cell.column_span,
            text: cell.text.clone(),
        })
        .collect();
    cells.sort_by_key(|cell| (cell.row, cell.column));
    cells
}
