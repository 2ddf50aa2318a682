//! Cells of tables as rows.

use std::io;

use ocr_core::{
    formats::{FormatInfo, FormatInput},
    model::Table,
};

use crate::{Format, WriteError, csv::CsvWriter};

/// One row for each row of a table: page, number of the table on the page, number of the row, then its cells. What
/// spans several stands in the first of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tables;

impl Format for Tables {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("tables", "text/csv; charset=utf-8", "csv")
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        let tables = || {
            input.document.pages.iter().flat_map(|page| {
                let tables = page.blocks.iter().filter_map(|block| block.table.as_ref());
                tables
                    .enumerate()
                    .map(|(index, table)| (page.number, index + 1, table))
            })
        };
        let grids: Vec<_> = tables()
            .map(|(page, number, table)| (page, number, grid(table)))
            .collect();
        let columns = grids.iter().flat_map(|(_, _, grid)| grid).map(Vec::len).max();
        let mut csv = CsvWriter::new(output)?;
        for name in ["page", "table", "row"] {
            csv.text(name)?;
        }
        for column in 1..=columns.unwrap_or(0) {
            csv.text(&format!("column {column}"))?;
        }
        csv.end_row()?;
        for (page, number, grid) in grids {
            for (row, cells) in grid.iter().enumerate() {
                csv.number(page)?;
                csv.number(number)?;
                csv.number(row + 1)?;
                for cell in cells {
                    csv.text(cell)?;
                }
                csv.end_row()?;
            }
        }
        Ok(())
    }
}

/// The texts of a table by row and column: as many as its cells need, whatever it says of itself.
pub(crate) fn grid(table: &Table) -> Vec<Vec<&str>> {
    /// More rows or columns than this are no table.
    const MAX_SIDE: u32 = 10_000;
    let inside = |cell: &&ocr_core::model::Cell| {
        (1..=MAX_SIDE).contains(&cell.row) && (1..=MAX_SIDE).contains(&cell.column)
    };
    let cells = || table.cells.iter().filter(inside);
    let rows = cells().map(|cell| cell.row).max().unwrap_or(0) as usize;
    let columns = cells().map(|cell| cell.column).max().unwrap_or(0) as usize;
    let mut grid: Vec<Vec<&str>> = vec![Vec::new(); rows];
    for cell in cells() {
        let row = &mut grid[cell.row as usize - 1];
        // Only as far as there is something: a cell far away must not cost a full grid.
        row.resize(row.len().max(cell.column as usize), "");
        row[cell.column as usize - 1] = &cell.text;
    }
    if rows * columns <= 1_000_000 {
        for row in &mut grid {
            row.resize(columns, "");
        }
    }
    grid
}
