//! Tables out of grids: which cells are merged, and what stands in each.

use std::collections::HashMap;

use ocr_core::model::{Cell, CellKind, Polygon, Table, geometry::Rect};

use super::{
    frame::Frame,
    grid::Grid,
    has_heads,
    placed::Placed,
    side::{Reason, Side},
};

/// Minimum number of cells with words.
const MIN_CELLS: usize = 3;
/// Minimum gap of words on either side of a line that is not drawn there, in heights of a word, by which cells are
/// apart still: the line is faint, or broken.
const MIN_GAP: f32 = 1.0;

/// A word of the page: the number of its line, and its place in it.
pub(super) type WordPlace = (usize, usize);

/// A table of drawn lines.
#[derive(Debug)]
pub(super) struct Ruled {
    pub(super) table: Table,
    /// Its words by the lines of text that they make up, in reading order.
    pub(super) lines: Vec<Vec<WordPlace>>,
    /// The box around its grid in the straightened page.
    pub(super) bounds: Rect,
    /// Part of its words that stand within a cell, and of its lines of text in cells that have no wide gap: 0 to 1.
    pub(super) fit: f32,
}

/// Cells that are one: the first row and column, from 0, and how many of each.
#[derive(Debug, Clone, Copy)]
struct Merged {
    row: usize,
    column: usize,
    rows: usize,
    columns: usize,
}

/// The words of each place of a grid, row by row.
struct Filled<'a> {
    grid: &'a Grid,
    words: &'a [Placed<'a>],
    places: Vec<Vec<usize>>,
    height: f32,
}

/// The table of a grid; `None` where fewer than two rows or two columns have words.
pub(super) fn ruled(grid: &Grid, words: &[Placed<'_>], frame: &Frame, height: f32) -> Option<Ruled> {
    let filled = Filled::of(grid, words, height);
    let merged = filled.merged();
    let (mut cells, mut lines) = (Vec::new(), Vec::new());
    let (mut whole, mut pieces, mut gaps) = (0_usize, 0_usize, 0_usize);
    let mut row_pieces: Vec<Vec<Vec<usize>>> = Vec::new();
    let mut row = 0;
    for cell in &merged {
        if cell.row != row {
            lines.extend(lines_of(std::mem::take(&mut row_pieces)));
            row = cell.row;
        }
        let area = filled.area(cell);
        let inside = filled.pieces(cell);
        let slack = height / 4.0;
        for piece in &inside {
            let fits = |&&index: &&usize| {
                let rect = words[index].rect;
                area.left - slack <= rect.left && rect.right <= area.right + slack
            };
            whole += piece.iter().filter(fits).count();
            pieces += 1;
            gaps += usize::from(has_gap(piece, words, MIN_GAP * 2.0 * height));
        }
        cells.push(filled.cell(cell, area, &inside, frame));
        row_pieces.push(inside);
    }
    lines.extend(lines_of(row_pieces));
    let count: usize = lines.iter().map(Vec::len).sum();
    if !is_table(&cells) || count == 0 {
        return None;
    }
    mark_heads(&mut cells, grid.has_head);
    let place = |index: usize| (words[index].line, words[index].place);
    Some(Ruled {
        table: Table::new(grid.rows.len() as u32 - 1, grid.columns.len() as u32 - 1, cells),
        lines: lines
            .into_iter()
            .map(|line| line.into_iter().map(place).collect())
            .collect(),
        bounds: grid.bounds,
        fit: whole as f32 / count as f32 * (1.0 - gaps as f32 / pieces.max(1) as f32),
    })
}

/// Whether two rows and two columns have words, and enough cells do.
pub(super) fn is_table(cells: &[Cell]) -> bool {
    let filled: Vec<&Cell> = cells.iter().filter(|cell| !cell.text.is_empty()).collect();
    let several = |of: fn(&Cell) -> u32| {
        let first = filled.first().map(|cell| of(cell));
        filled.iter().any(|cell| Some(of(cell)) != first)
    };
    filled.len() >= MIN_CELLS && several(|cell| cell.row) && several(|cell| cell.column)
}

/// Marks the cells of the first row, where they name the columns.
pub(super) fn mark_heads(cells: &mut [Cell], has_head: bool) {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for cell in cells.iter().filter(|cell| !cell.text.is_empty()) {
        match rows.last_mut() {
            Some(row) if row.first().is_some_and(|first| first.row == cell.row) => row.push(cell.clone()),
            _ => rows.push(vec![cell.clone()]),
        }
    }
    let is_first = rows
        .first()
        .and_then(|row| row.first())
        .is_some_and(|first| first.row == 1);
    if has_head || (is_first && has_heads(&rows)) {
        let first = cells.iter_mut().filter(|cell| cell.row == 1);
        first.for_each(|cell| cell.kind = CellKind::ColumnHeader);
    }
}

/// The lines of text of a row: one over all of its cells, where none has several; else those of each cell.
pub(super) fn lines_of(cells: Vec<Vec<Vec<usize>>>) -> Vec<Vec<usize>> {
    if cells.iter().all(|pieces| pieces.len() <= 1) {
        let line: Vec<usize> = cells.into_iter().flatten().flatten().collect();
        return if line.is_empty() { Vec::new() } else { vec![line] };
    }
    cells.into_iter().flatten().collect()
}

/// Whether there is a gap of this width between the words of a piece.
fn has_gap(piece: &[usize], words: &[Placed<'_>], width: f32) -> bool {
    let mut rects: Vec<Rect> = piece.iter().map(|&index| words[index].rect).collect();
    rects.sort_by(|a, b| a.left.total_cmp(&b.left));
    rects.windows(2).any(|pair| pair[1].left - pair[0].right > width)
}

impl<'a> Filled<'a> {
    fn of(grid: &'a Grid, words: &'a [Placed<'a>], height: f32) -> Self {
        let columns = grid.columns.len() - 1;
        let mut places = vec![Vec::new(); (grid.rows.len() - 1) * columns];
        for (index, word) in words.iter().enumerate() {
            if grid.bounds.holds_middle_of(&word.rect) {
                let (row, column) = grid.place(word.rect.center_x(), word.rect.center_y());
                places[row * columns + column].push(index);
            }
        }
        Self {
            grid,
            words,
            places,
            height,
        }
    }

    fn columns(&self) -> usize {
        self.grid.columns.len() - 1
    }

    fn rows(&self) -> usize {
        self.grid.rows.len() - 1
    }

    fn words_at(&self, row: usize, column: usize) -> impl Iterator<Item = &Rect> {
        let place = self.places.get(row * self.columns() + column);
        place
            .into_iter()
            .flatten()
            .map(move |&index| &self.words[index].rect)
    }

    fn area(&self, cell: &Merged) -> Rect {
        let (right, bottom) = (cell.column + cell.columns, cell.row + cell.rows);
        self.grid.area([cell.column, cell.row, right, bottom])
    }

    /// The cells, row by row. Where no line parts two places of the grid they are one cell, as long as it is a
    /// rectangle.
    fn merged(&self) -> Vec<Merged> {
        let (rows, columns) = (self.rows(), self.columns());
        let mut taken = vec![false; rows * columns];
        let mut cells = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                if taken[row * columns + column] {
                    continue;
                }
                let across = (column + 1..columns)
                    .take_while(|&next| !taken[row * columns + next] && !self.is_parted_at(row, next))
                    .count();
                let span = column..=column + across;
                let down = (row + 1..rows)
                    .take_while(|&next| {
                        span.clone().all(|column| {
                            !taken[next * columns + column] && !self.is_parted_above(next, column)
                        })
                    })
                    .count();
                for row in row..=row + down {
                    taken[row * columns + column..=row * columns + column + across].fill(true);
                }
                cells.push(Merged {
                    row,
                    column,
                    rows: down + 1,
                    columns: across + 1,
                });
            }
        }
        cells
    }

    /// Whether a place of the grid is parted from the one on its left.
    fn is_parted_at(&self, row: usize, column: usize) -> bool {
        let side: &Side = &self.grid.columns[column];
        let area = self.grid.area([column, row, column + 1, row + 1]);
        let left = self
            .words_at(row, column - 1)
            .map(|rect| rect.right)
            .reduce(f32::max);
        let right = self.words_at(row, column).map(|rect| rect.left).reduce(f32::min);
        let gap = left.zip(right).map(|(left, right)| right - left);
        match side.reason {
            Reason::Drawn => {
                side.is_drawn(area.top, area.bottom) || gap.is_some_and(|gap| gap >= MIN_GAP * self.height)
            }
            // What stands over the gap is one cell, and so are words with no more than a space between them.
            Reason::Gap => {
                !self.is_crossed(row, column) && gap.is_none_or(|gap| gap >= MIN_GAP * self.height / 2.0)
            }
            Reason::End => true,
        }
    }

    /// Whether a word reaches over the left side of a place of the grid.
    fn is_crossed(&self, row: usize, column: usize) -> bool {
        let side = &self.grid.columns[column];
        let mut both = self.words_at(row, column - 1).chain(self.words_at(row, column));
        both.any(|rect| {
            let at = side.at(rect.center_y());
            rect.left < at - self.height / 4.0 && rect.right > at + self.height / 4.0
        })
    }

    /// Whether a place of the grid is parted from the one above it.
    fn is_parted_above(&self, row: usize, column: usize) -> bool {
        let side: &Side = &self.grid.rows[row];
        let area = self.grid.area([column, row, column + 1, row + 1]);
        side.reason != Reason::Drawn || side.is_drawn(area.left, area.right)
    }

    /// The words of a cell by the lines of text in it, from the top.
    fn pieces(&self, cell: &Merged) -> Vec<Vec<usize>> {
        let mut inside: Vec<usize> = (cell.row..cell.row + cell.rows)
            .flat_map(|row| (cell.column..cell.column + cell.columns).map(move |column| (row, column)))
            .flat_map(|(row, column)| &self.places[row * self.columns() + column])
            .copied()
            .collect();
        // In the order of the page, which knows in which direction a line is read.
        inside.sort_unstable();
        let mut by_line: HashMap<usize, usize> = HashMap::new();
        let mut pieces: Vec<Vec<usize>> = Vec::new();
        for index in inside {
            let line = self.words[index].line;
            let piece = *by_line.entry(line).or_insert_with(|| {
                pieces.push(Vec::new());
                pieces.len() - 1
            });
            pieces[piece].push(index);
        }
        let height = |piece: &Vec<usize>| {
            let sum: f32 = piece.iter().map(|&index| self.words[index].rect.center_y()).sum();
            sum / piece.len().max(1) as f32
        };
        pieces.sort_by(|a, b| height(a).total_cmp(&height(b)));
        pieces
    }

    fn cell(&self, cell: &Merged, area: Rect, pieces: &[Vec<usize>], frame: &Frame) -> Cell {
        let words = || pieces.iter().flatten().map(|&index| self.words[index].word);
        let texts: Vec<&str> = words().map(|word| word.text.as_str()).collect();
        let confidence = words().map(|word| word.confidence).fold(1.0, f32::min);
        let outline = frame.on_page(Polygon::from(area));
        let (row, column) = (cell.row as u32 + 1, cell.column as u32 + 1);
        Cell::new(row, column, texts.join(" "), outline, confidence)
            .with_row_span(cell.rows as u32)
            .with_column_span(cell.columns as u32)
    }
}
