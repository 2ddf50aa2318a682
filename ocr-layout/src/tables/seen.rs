//! Tables whose cells were seen in the picture of the page, joined with its words.
//!
//! What was seen is an opinion. It is believed only where its cells cover a grid once and without holes, the places of
//! its rows and columns follow each other, each row and column has words, and hardly any word stands over a side.

use std::collections::HashMap;

use ocr_core::model::{Cell, Polygon, Table, geometry::Rect};

use super::{
    frame::Frame,
    placed::Placed,
    ruled::{Ruled, is_table, lines_of, mark_heads},
};
use crate::piece::median;

/// Maximum number of rows, and of columns.
const MAX_SIDES: u32 = 400;
/// Minimum part of the cells that have words.
const MIN_FILLED: f32 = 0.4;
/// Maximum part of the words that stand over a side of their cell.
const MAX_CROSSING: f32 = 0.04;

/// A cell as it was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SeenCell {
    /// Row of its top, from 0.
    pub row: u32,
    /// Column of its left side, from 0.
    pub column: u32,
    /// Rows it covers, at least 1.
    pub row_span: u32,
    /// Columns it covers, at least 1.
    pub column_span: u32,
    /// About where it is, in shares of the upright page.
    pub bounds: Rect,
}

impl SeenCell {
    /// A cell of one row and one column, counted from 0.
    pub fn new(row: u32, column: u32, bounds: Rect) -> Self {
        Self {
            row,
            column,
            row_span: 1,
            column_span: 1,
            bounds,
        }
    }

    /// The same over so many rows and columns.
    pub fn with_spans(mut self, rows: u32, columns: u32) -> Self {
        self.row_span = rows.max(1);
        self.column_span = columns.max(1);
        self
    }
}

/// A table as it was seen.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SeenTable {
    /// The part of the upright page that was looked at, in shares of it.
    pub bounds: Rect,
    /// What cells there are.
    pub cells: Vec<SeenCell>,
}

impl SeenTable {
    /// A table of these cells in a part of the page, given in shares of it.
    pub fn new(bounds: Rect, cells: Vec<SeenCell>) -> Self {
        Self { bounds, cells }
    }
}

/// Which cell covers each place, and where rows and columns begin and end.
struct Placement {
    columns: Vec<f32>,
    rows: Vec<f32>,
    /// Number of the cell of each place, row by row.
    owners: Vec<usize>,
}

impl Placement {
    /// `None` where cells do not make up a grid of two rows and two columns.
    fn of(seen: &SeenTable, frame: &Frame) -> Option<Self> {
        let bounds = frame.bounds(&Polygon::from(seen.bounds));
        let end = |first: u32, span: u32| first.checked_add(span).filter(|end| *end <= MAX_SIDES);
        let (mut rows, mut columns) = (0, 0);
        for cell in &seen.cells {
            rows = rows.max(end(cell.row, cell.row_span)?);
            columns = columns.max(end(cell.column, cell.column_span)?);
        }
        if rows < 2 || columns < 2 {
            return None;
        }
        let mut owners: Vec<Option<usize>> = vec![None; (rows * columns) as usize];
        for (number, cell) in seen.cells.iter().enumerate() {
            for row in cell.row..cell.row + cell.row_span {
                for column in cell.column..cell.column + cell.column_span {
                    let owner = owners.get_mut((row * columns + column) as usize)?;
                    if owner.replace(number).is_some() {
                        return None;
                    }
                }
            }
        }
        let rects: Vec<Rect> = seen
            .cells
            .iter()
            .map(|cell| frame.bounds(&Polygon::from(cell.bounds)))
            .collect();
        let across = seen.cells.iter().zip(&rects).map(|(cell, rect)| Extent {
            first: cell.column as usize,
            last: (cell.column + cell.column_span - 1) as usize,
            from: rect.left,
            to: rect.right,
        });
        let down = seen.cells.iter().zip(&rects).map(|(cell, rect)| Extent {
            first: cell.row as usize,
            last: (cell.row + cell.row_span - 1) as usize,
            from: rect.top,
            to: rect.bottom,
        });
        Some(Self {
            columns: sides(columns as usize, (bounds.left, bounds.right), across)?,
            rows: sides(rows as usize, (bounds.top, bounds.bottom), down)?,
            owners: owners.into_iter().collect::<Option<Vec<usize>>>()?,
        })
    }

    /// Number of the cell at a place.
    fn owner(&self, x: f32, y: f32) -> Option<usize> {
        let band = |sides: &[f32], at: f32| {
            let inner = sides.get(1..sides.len() - 1).unwrap_or_default();
            inner.partition_point(|side| *side <= at)
        };
        let place = band(&self.rows, y) * (self.columns.len() - 1) + band(&self.columns, x);
        self.owners.get(place).copied()
    }

    fn area(&self, cell: &SeenCell) -> Rect {
        let at = |sides: &[f32], side: u32| sides.get(side as usize).copied().unwrap_or_default();
        Rect::new(
            at(&self.columns, cell.column),
            at(&self.rows, cell.row),
            at(&self.columns, cell.column + cell.column_span),
            at(&self.rows, cell.row + cell.row_span),
        )
    }
}

/// Which bands of an axis a cell covers, and where it begins and ends along it.
#[derive(Debug, Clone, Copy)]
struct Extent {
    first: usize,
    last: usize,
    from: f32,
    to: f32,
}

/// The sides of `count` bands between two ends: halfway between where most cells of one end and most of the next begin.
/// `None` where they do not follow each other.
fn sides(count: usize, ends: (f32, f32), cells: impl Iterator<Item = Extent>) -> Option<Vec<f32>> {
    let (mut begins, mut closes) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for cell in cells {
        begins.get_mut(cell.first)?.push(cell.from);
        closes.get_mut(cell.last)?.push(cell.to);
    }
    let mut sides = vec![ends.0];
    for (closes, begins) in closes.into_iter().zip(begins.into_iter().skip(1)) {
        if closes.is_empty() || begins.is_empty() {
            return None;
        }
        sides.push(f32::midpoint(median(closes), median(begins)));
    }
    sides.push(ends.1);
    sides.windows(2).all(|pair| pair[0] < pair[1]).then_some(sides)
}

/// The table of what was seen and the words there; `None` where they contradict each other. `height` is that of a word.
pub(super) fn seen(table: &SeenTable, words: &[Placed<'_>], frame: &Frame, height: f32) -> Option<Ruled> {
    let placement = Placement::of(table, frame)?;
    let bounds = frame.bounds(&Polygon::from(table.bounds));
    let mut inside: Vec<Vec<usize>> = vec![Vec::new(); table.cells.len()];
    let (mut count, mut crossing) = (0_usize, 0_usize);
    for (index, word) in words.iter().enumerate() {
        if !bounds.holds_middle_of(&word.rect) {
            continue;
        }
        let owner = placement.owner(word.rect.center_x(), word.rect.center_y())?;
        let area = placement.area(table.cells.get(owner)?);
        let slack = height / 2.0;
        let is_inside = area.left - slack <= word.rect.left && word.rect.right <= area.right + slack;
        count += 1;
        crossing += usize::from(!is_inside);
        inside.get_mut(owner)?.push(index);
    }
    if count == 0 || crossing as f32 > MAX_CROSSING * count as f32 || !is_filled(table, &placement, &inside) {
        return None;
    }
    let mut order: Vec<usize> = (0..table.cells.len()).collect();
    order.sort_by_key(|&number| (table.cells[number].row, table.cells[number].column));
    let (mut cells, mut lines, mut row_pieces) = (Vec::new(), Vec::new(), Vec::new());
    let mut row = 0;
    for number in order {
        let seen = &table.cells[number];
        if seen.row != row {
            lines.extend(lines_of(std::mem::take(&mut row_pieces)));
            row = seen.row;
        }
        let pieces = pieces(&inside[number], words);
        cells.push(cell(seen, placement.area(seen), &pieces, words, frame));
        row_pieces.push(pieces);
    }
    lines.extend(lines_of(row_pieces));
    if !is_table(&cells) {
        return None;
    }
    mark_heads(&mut cells, false);
    let place = |index: usize| (words[index].line, words[index].place);
    Some(Ruled {
        table: Table::new(
            placement.rows.len() as u32 - 1,
            placement.columns.len() as u32 - 1,
            cells,
        ),
        lines: lines
            .into_iter()
            .map(|line| line.into_iter().map(place).collect())
            .collect(),
        bounds,
        fit: 1.0 - crossing as f32 / count as f32,
    })
}

/// Whether enough cells have words, and each row and each column has some.
fn is_filled(table: &SeenTable, placement: &Placement, inside: &[Vec<usize>]) -> bool {
    let mut rows = vec![false; placement.rows.len() - 1];
    let mut columns = vec![false; placement.columns.len() - 1];
    let mut filled = 0_usize;
    for (cell, words) in table.cells.iter().zip(inside) {
        if words.is_empty() {
            continue;
        }
        filled += 1;
        let (row, column) = (cell.row as usize, cell.column as usize);
        rows[row..row + cell.row_span as usize].fill(true);
        columns[column..column + cell.column_span as usize].fill(true);
    }
    let is_enough = filled as f32 >= MIN_FILLED * table.cells.len() as f32;
    is_enough && rows.into_iter().chain(columns).all(|has_words| has_words)
}

/// The words of a cell by the lines of text in it, from the top; within a line in the order of the page, which knows in
/// which direction it is read.
fn pieces(inside: &[usize], words: &[Placed<'_>]) -> Vec<Vec<usize>> {
    let mut by_line: HashMap<usize, usize> = HashMap::new();
    let mut pieces: Vec<Vec<usize>> = Vec::new();
    for &index in inside {
        let piece = *by_line.entry(words[index].line).or_insert_with(|| {
            pieces.push(Vec::new());
            pieces.len() - 1
        });
        pieces[piece].push(index);
    }
    let middle = |piece: &Vec<usize>| {
        let sum: f32 = piece.iter().map(|&index| words[index].rect.center_y()).sum();
        sum / piece.len().max(1) as f32
    };
    pieces.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    pieces
}

fn cell(seen: &SeenCell, area: Rect, pieces: &[Vec<usize>], words: &[Placed<'_>], frame: &Frame) -> Cell {
    let words = || pieces.iter().flatten().map(|&index| words[index].word);
    let texts: Vec<&str> = words().map(|word| word.text.as_str()).collect();
    let confidence = words().map(|word| word.confidence).fold(1.0, f32::min);
    let outline = frame.on_page(Polygon::from(area));
    Cell::new(
        seen.row + 1,
        seen.column + 1,
        texts.join(" "),
        outline,
        confidence,
    )
    .with_row_span(seen.row_span)
    .with_column_span(seen.column_span)
}
