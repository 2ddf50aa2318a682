//! Tables.

use docx_rs::{
    LineSpacing, Shading, Table, TableCell, TableLayoutType, TableRow, VAlignType, VMergeType, WidthType,
};

use super::{
    sheet::{Sheet, twips},
    text::{empty, paragraph, run},
};
use crate::placed::{Grid, Placed};

/// Word has no more columns in a table.
pub(super) const MAX_COLUMNS: u32 = 63;

/// More rows than these are no table.
pub(super) const MAX_ROWS: u32 = 10_000;

/// Space above and below the text of a cell, in twips.
const PADDING: u32 = 30;

/// Columns are no narrower, in points.
const MIN_WIDTH: f32 = 12.0;

/// The table with these cells, its text in a font of `size` half points.
pub(super) fn table(grid: &Grid, sheet: &Sheet, size: usize) -> Table {
    let widths = widths(grid, sheet);
    let rows = (0..grid.rows)
        .map(|row| table_row(grid, row, &widths, size))
        .collect();
    let total: usize = widths.iter().sum();
    // Fixed, or the program that shows it widens columns as it likes.
    Table::new(rows)
        .set_grid(widths)
        .width(total, WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
}

/// A row has each of its columns in one cell: one that begins there, one that goes on from above, or an empty one.
fn table_row(grid: &Grid, row: u32, widths: &[usize], size: usize) -> TableRow {
    let mut cells = Vec::new();
    let mut column = 0;
    while column < grid.columns {
        let placed = grid.at(row, column);
        let span = placed.map_or(1, |placed| placed.columns);
        let from = column as usize;
        let width = widths[from..from + span as usize].iter().sum();
        let mut cell = TableCell::new().width(width, WidthType::Dxa);
        if span > 1 {
            cell = cell.grid_span(span as usize);
        }
        cells.push(match placed {
            Some(placed) if placed.row < row => cell
                .vertical_merge(VMergeType::Continue)
                .add_paragraph(empty().size(size)),
            Some(placed) => filled(cell, placed, size),
            None => cell.add_paragraph(empty().size(size)),
        });
        column += span;
    }
    TableRow::new(cells).cant_split()
}

/// `cell` with what stands in it.
fn filled(mut cell: TableCell, placed: &Placed, size: usize) -> TableCell {
    if placed.rows > 1 {
        cell = cell
            .vertical_merge(VMergeType::Restart)
            .vertical_align(VAlignType::Center);
    }
    let text = placed.cell.text.trim();
    let mut run = run(text, size);
    if placed.is_head() {
        run = run.bold();
        cell = cell.shading(Shading::new().fill("EDEDED"));
    }
    // Without it the text would touch the lines of the table.
    let spacing = LineSpacing::new().before(PADDING).after(PADDING);
    cell.add_paragraph(paragraph(run, text).line_spacing(spacing))
}

/// The widths of the columns in twips: as on the page where the outlines of cells say them, or else all alike.
fn widths(grid: &Grid, sheet: &Sheet) -> Vec<usize> {
    let columns = grid.columns.max(1) as usize;
    let even = || vec![sheet.inner_width() / columns as f32; columns];
    let widths = measured(grid, sheet).unwrap_or_else(even);
    let total: f32 = widths.iter().sum();
    let scale = (sheet.inner_width() / total).min(1.0);
    let widths = widths.iter().map(|width| twips((width * scale).max(MIN_WIDTH)));
    widths.map(|width| width.unsigned_abs() as usize).collect()
}

/// The widths of the columns in points by the left sides of their cells; nothing where they do not follow each other.
fn measured(grid: &Grid, sheet: &Sheet) -> Option<Vec<f32>> {
    let mut edges = vec![f32::INFINITY; grid.columns as usize + 1];
    let mut right = f32::NEG_INFINITY;
    for placed in &grid.cells {
        let bounds = sheet.place(&placed.cell.polygon).bounds();
        let edge = &mut edges[placed.column as usize];
        *edge = edge.min(bounds.left);
        right = right.max(bounds.right);
    }
    if let Some(last) = edges.last_mut() {
        *last = right;
    }
    let widths: Vec<f32> = edges.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let fit = |width: &f32| (MIN_WIDTH / 2.0..=10_000.0).contains(width);
    widths.iter().all(fit).then_some(widths)
}
