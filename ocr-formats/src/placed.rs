//! Cells of a table where they do not get in each other's way.

use std::collections::HashMap;

use ocr_core::model::{Cell, CellKind, Table};

/// Spans cover no more places than these in all; what a table says beyond them is no table.
const MAX_COVERED: u64 = 1_000_000;

/// A cell and the places that it takes, counted from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed<'a> {
    pub(crate) row: u32,
    pub(crate) column: u32,
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    pub(crate) cell: &'a Cell,
}

impl Placed<'_> {
    /// Whether the cell names others.
    pub(crate) fn is_head(&self) -> bool {
        matches!(
            self.cell.kind,
            CellKind::ColumnHeader | CellKind::Title | CellKind::SectionTitle
        )
    }
}

/// The cells of a table, none on another, and as many rows and columns as they need, whatever the table says of
/// itself.
#[derive(Debug, Default)]
pub(crate) struct Grid<'a> {
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    pub(crate) cells: Vec<Placed<'a>>,
    /// How many cells have no place: beyond the limits, or on another.
    pub(crate) left_out: usize,
    /// Which of `cells` takes a place.
    taken: HashMap<(u32, u32), usize>,
}

impl<'a> Grid<'a> {
    /// The cells of `table` in the first `max_rows` rows and `max_columns` columns.
    pub(crate) fn new(table: &'a Table, max_rows: u32, max_columns: u32) -> Self {
        let mut grid = Self::default();
        for cell in &table.cells {
            let (row, column) = (cell.row.wrapping_sub(1), cell.column.wrapping_sub(1));
            if row >= max_rows || column >= max_columns || grid.taken.contains_key(&(row, column)) {
                grid.left_out += 1;
                continue;
            }
            let placed = Placed {
                row,
                column,
                rows: cell.row_span.clamp(1, max_rows - row),
                columns: cell.column_span.clamp(1, max_columns - column),
                cell,
            };
            grid.add(placed);
        }
        grid
    }

    /// The cell at a place, which may begin elsewhere.
    pub(crate) fn at(&self, row: u32, column: u32) -> Option<&Placed<'a>> {
        self.taken.get(&(row, column)).map(|index| &self.cells[*index])
    }

    /// Adds a cell; without its spans where another is in their way.
    fn add(&mut self, mut placed: Placed<'a>) {
        let places = |placed: Placed| {
            let rows = placed.row..placed.row + placed.rows;
            rows.flat_map(move |row| {
                (placed.column..placed.column + placed.columns).map(move |column| (row, column))
            })
        };
        let area = u64::from(placed.rows) * u64::from(placed.columns);
        let fits = area == 1
            || (self.taken.len() as u64 + area <= MAX_COVERED
                && places(placed).all(|place| !self.taken.contains_key(&place)));
        if !fits {
            (placed.rows, placed.columns) = (1, 1);
        }
        self.taken
            .extend(places(placed).map(|place| (place, self.cells.len())));
        self.rows = self.rows.max(placed.row + placed.rows);
        self.columns = self.columns.max(placed.column + placed.columns);
        self.cells.push(placed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::Polygon;

    fn cell(row: u32, column: u32, rows: u32, columns: u32) -> Cell {
        let polygon = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
        Cell::new(row, column, "x", polygon, 1.0)
            .with_row_span(rows)
            .with_column_span(columns)
    }

    #[test]
    fn cells_take_their_places_and_leave_those_of_others() {
        let cells = vec![
            cell(1, 1, 2, 2),
            cell(2, 2, 1, 1),
            cell(3, 1, 1, 3),
            cell(1, 3, 9, 1),
        ];
        let table = Table::new(0, 0, cells);
        let grid = Grid::new(&table, 100, 100);
        assert_eq!((grid.rows, grid.columns, grid.left_out), (3, 3, 1));
        assert_eq!(
            grid.at(1, 1).map(|placed| (placed.row, placed.column)),
            Some((0, 0))
        );
        assert_eq!(grid.at(0, 2).map(|placed| placed.rows), Some(1));
        assert!(grid.at(1, 2).is_none());
    }

    #[test]
    fn no_table_costs_more_than_its_cells() {
        let cells = vec![
            cell(0, 1, 1, 1),
            cell(1, 1, u32::MAX, u32::MAX),
            cell(u32::MAX, 2, 1, 1),
        ];
        let table = Table::new(u32::MAX, u32::MAX, cells);
        let grid = Grid::new(&table, 1_048_576, 16_384);
        assert_eq!((grid.rows, grid.columns, grid.left_out), (1, 1, 2));
    }
}
