//! Tables out of where words stand, and out of the lines that are drawn on the page.
//!
//! Words alone: lines with wide gaps at the same places, one below the other. Drawn lines: those that meet each other, or
//! are as wide as each other, make up a grid; where they are missing along one axis, gaps between words divide it.
//! `choice` says which of the two is taken for a place where both find a table. `region` tells the places where both are
//! unsure, and `seen` joins what a model makes of their picture with the words.

mod choice;
mod columns;
mod frame;
mod grid;
mod insert;
mod line;
mod placed;
mod region;
mod rule;
mod ruled;
#[cfg(test)]
mod ruled_tests;
mod seen;
#[cfg(test)]
mod seen_tests;
mod side;
mod stroke;

use std::collections::HashSet;

use ocr_core::model::{Block, BlockKind, Cell, CellKind, PageText, Polygon, Table, geometry::Rect};

use crate::{
    piece::median,
    regroup::{Found, regroup},
};
use columns::Columns;
use frame::Frame;
use grid::Grid;
use insert::insert;
use line::SplitLine;
use placed::{Placed, placed};
use region::uncertain_places;
pub use rule::Rule;
use ruled::{Ruled, ruled};
pub use seen::{SeenCell, SeenTable};
use stroke::{Stroke, Strokes};

/// Minimum number of lines with several cells.
const MIN_ROWS: usize = 3;
/// Maximum distance of lines of a table, in heights of a line.
const MAX_LEADING: f32 = 3.5;
/// Maximum number of lines of a table; a page has fewer.
const MAX_ROWS: usize = 400;
/// Maximum number of lines of one cell each, one after the other, inside a table.
const MAX_LONE: usize = 1;
/// Minimum part of the lines that have cells in two columns or more.
const MIN_TABULAR: f32 = 0.6;
/// Maximum number of words that most cells have; more is prose beside prose.
const MAX_WORDS: f32 = 6.0;
/// Minimum part of the lines that end with a number, where there are two columns only.
const MIN_NUMBERS: f32 = 0.6;
/// Distance, against the usual one of the rows, below which a line without a first cell goes on with the row above it.
const WRAPPED: f32 = 0.85;

/// Makes tables of the lines of paragraphs that are laid out as one, and splits their paragraphs there. Lines keep
/// their order, each is in one block still. A page that has tables already, or blocks that are no text, is left alone,
/// as is one where no table is found.
pub fn find_tables(page: &mut PageText) {
    find_ruled_tables(page, &[]);
}

/// The same for a page on which these lines are drawn, wherever they are: sides of cells, frames, lines under words. A
/// table of drawn lines takes words out of lines that have others as well, so that each line is in one block still.
pub fn find_ruled_tables(page: &mut PageText, rules: &[Rule]) {
    find(page, rules, None::<fn(&[Rect]) -> Vec<SeenTable>>);
}

/// The same with a look at the page: `see` is given the places, in shares of it and from the top, where something stands
/// side by side in several lines and neither drawn lines nor the words alone say clearly which cells there are. The tables
/// that it saw are believed where they fit the words; elsewhere drawn lines and gaps say what they say without it.
pub fn find_seen_tables(page: &mut PageText, rules: &[Rule], see: impl FnOnce(&[Rect]) -> Vec<SeenTable>) {
    find(page, rules, Some(see));
}

fn find(page: &mut PageText, rules: &[Rule], see: Option<impl FnOnce(&[Rect]) -> Vec<SeenTable>>) {
    let is_settled = |block: &Block| block.kind == BlockKind::Table || block.lines.is_empty();
    if page.blocks.iter().any(is_settled) {
        return;
    }
    let frame = Frame::of(page, rules);
    let words = placed(page, &frame);
    let ruled = ruled_tables(page, &words, rules, &frame);
    let chosen = match see {
        Some(see) => {
            let seen = see(&uncertain_places(&words, &ruled, &frame));
            with_seen(&words, ruled, &seen, &frame)
        }
        None => ruled,
    };
    insert(page, chosen);
    let mut found = tables(page);
    for (_, _, table) in &mut found {
        mark_head_over_rule(table, rules, &frame);
    }
    let found = found.into_iter().map(|(start, count, table)| Found {
        start,
        count,
        kind: BlockKind::Table,
        table: Some(table),
    });
    regroup(page, found.collect());
}

/// The tables that drawn lines make up, where gaps between words do not say more; no two have a word in common.
fn ruled_tables(page: &PageText, words: &[Placed<'_>], rules: &[Rule], frame: &Frame) -> Vec<Ruled> {
    let rects: Vec<Rect> = words.iter().map(|word| word.rect).collect();
    let height = median(rects.iter().map(Rect::height).collect());
    if rules.is_empty() || height <= 0.0 {
        return Vec::new();
    }
    let tolerance = height / 2.0;
    let of_gaps = tables(page);
    let mut candidates: Vec<Ruled> = Strokes::of(rules, frame, tolerance)
        .outside_words(&rects)
        .groups(tolerance)
        .into_iter()
        .filter_map(|strokes| {
            let grid = Grid::of(&strokes, words, height)?;
            let table = ruled(&grid, words, frame, height)?;
            let is_better = |(_, _, gaps): &(usize, usize, Table)| {
                choice::is_better(gaps, &table, &strokes, words, frame)
            };
            (!of_gaps.iter().any(is_better)).then_some(table)
        })
        .collect();
    // Of nested ones the outer.
    let area = |table: &Ruled| table.bounds.width() * table.bounds.height();
    candidates.sort_by(|a, b| area(b).total_cmp(&area(a)));
    let mut taken: HashSet<ruled::WordPlace> = HashSet::new();
    candidates.retain(|table| {
        let is_free = !table.lines.iter().flatten().any(|place| taken.contains(place));
        if is_free {
            taken.extend(table.lines.iter().flatten());
        }
        is_free
    });
    candidates
}

/// Tables of drawn lines and those that were seen; no two have a word in common. What was seen is taken in the place of
/// drawn lines where it has as many of the words, and more of them stand within its cells.
fn with_seen(words: &[Placed<'_>], ruled: Vec<Ruled>, seen: &[SeenTable], frame: &Frame) -> Vec<Ruled> {
    /// Minimum part of the words of a table of drawn lines that the one in its place has.
    const MIN_SHARED: f32 = 0.9;
    let mut chosen = ruled;
    let height = median(words.iter().map(|word| word.rect.height()).collect());
    for table in seen
        .iter()
        .filter_map(|table| seen::seen(table, words, frame, height))
    {
        let own: HashSet<ruled::WordPlace> = table.lines.iter().flatten().copied().collect();
        let shared = |other: &Ruled| {
            let places = other.lines.iter().flatten();
            let (all, both) = places.fold((0_u32, 0_u32), |(all, both), place| {
                (all + 1, both + u32::from(own.contains(place)))
            });
            (both > 0).then_some(both as f32 / all as f32)
        };
        let is_better = chosen
            .iter()
            .filter_map(|other| shared(other).map(|part| part >= MIN_SHARED && table.fit > other.fit))
            .all(|is_better| is_better);
        if is_better {
            chosen.retain(|other| shared(other).is_none());
            chosen.push(table);
        }
    }
    chosen
}

/// Marks the first row as names of the columns, where the only line that is drawn across the table is below it.
fn mark_head_over_rule(table: &mut Table, rules: &[Rule], frame: &Frame) {
    /// Minimum part of the width of the table that the line has.
    const MIN_WIDTH: f32 = 0.7;
    let bounds = |first: u32, last: u32| {
        let cells = table
            .cells
            .iter()
            .filter(|cell| (first..=last).contains(&cell.row));
        cells.map(|cell| frame.bounds(&cell.polygon)).reduce(Rect::union)
    };
    let (Some(head), Some(body)) = (bounds(1, 1), bounds(2, table.rows)) else {
        return;
    };
    let around = head.union(body);
    let across = |stroke: &Stroke| {
        let shared = stroke.end.min(around.right) - stroke.start.max(around.left);
        shared >= MIN_WIDTH * around.width()
    };
    let heights: Vec<f32> = Strokes::of(rules, frame, head.height().max(f32::EPSILON) / 2.0)
        .level
        .iter()
        .filter(|stroke| across(stroke))
        .map(|stroke| stroke.at(around.center_x()))
        .filter(|at| (head.center_y()..body.bottom - head.height() / 2.0).contains(at))
        .collect();
    let between = head.center_y()..=body.top + head.height() / 4.0;
    if !heights.is_empty() && heights.iter().all(|at| between.contains(at)) {
        let first = table.cells.iter_mut().filter(|cell| cell.row == 1);
        first.for_each(|cell| cell.kind = CellKind::ColumnHeader);
    }
}

/// The tables among the lines of a page: the number of the first line, how many they are, and what they make up.
fn tables(page: &PageText) -> Vec<(usize, usize, Table)> {
    let aspect = page.width.max(1) as f32 / page.height.max(1) as f32;
    let lines = page.blocks.iter().flat_map(|block| {
        let is_text = matches!(block.kind, BlockKind::Paragraph | BlockKind::Heading);
        let split = move |line| is_text.then(|| SplitLine::of(line, aspect)).flatten();
        block.lines.iter().map(split)
    });
    let lines: Vec<Option<SplitLine>> = lines.collect();
    let (mut tables, mut at) = (Vec::new(), 0);
    while at < lines.len() {
        let found = table_at(&lines[at..]);
        let next = at + found.as_ref().map_or(1, |(count, _)| *count);
        tables.extend(found.map(|(count, table)| (at, count, table)));
        at = next;
    }
    tables
}

/// The table that begins with the first of `lines`, and of how many of them it is.
fn table_at(lines: &[Option<SplitLine>]) -> Option<(usize, Table)> {
    let mut run: Vec<&SplitLine> = Vec::new();
    let mut lone = 0;
    for line in lines.iter().map_while(Option::as_ref).take(MAX_ROWS) {
        let follows = run.last().is_none_or(|above| {
            let distance = line.center() - above.center();
            distance > 0.0 && distance <= MAX_LEADING * above.height.max(line.height)
        });
        lone = if line.segments.len() > 1 { 0 } else { lone + 1 };
        if !follows || lone > MAX_LONE || (run.is_empty() && lone > 0) {
            break;
        }
        run.push(line);
    }
    while run.last().is_some_and(|last| last.segments.len() < 2) {
        run.pop();
    }
    let words = run
        .iter()
        .flat_map(|line| &line.segments)
        .map(|segment| segment.words as f32);
    if run.len() < MIN_ROWS || median(words.collect()) > MAX_WORDS {
        return None;
    }
    let columns = Columns::of(&run)?;
    let tabular = run.iter().filter(|line| columns.filled(line) > 1).count();
    let is_regular = tabular >= MIN_ROWS && tabular as f32 >= MIN_TABULAR * run.len() as f32;
    // Of two columns, one is of numbers; else they may be a form, or names beside names.
    let is_table =
        is_regular && (columns.count() > 2 || numbers(&run) as f32 >= MIN_NUMBERS * run.len() as f32);
    is_table.then(|| (run.len(), table(&run, &columns)))
}

/// How many lines end with a number, or an amount.
fn numbers(run: &[&SplitLine]) -> usize {
    let is_number = |text: &str| {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        2 * digits >= text.chars().filter(|c| !c.is_whitespace()).count()
    };
    let last = run.iter().filter(|line| line.segments.len() > 1);
    last.filter_map(|line| line.segments.last())
        .filter(|last| is_number(&last.text))
        .count()
}

/// The table of these lines.
fn table(run: &[&SplitLine], columns: &Columns) -> Table {
    let distances = run.windows(2).map(|pair| pair[1].center() - pair[0].center());
    let usual = median(distances.collect());
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut above: Option<&SplitLine> = None;
    for line in run {
        let cells = cells(line, columns);
        let is_near = above.is_some_and(|above| line.center() - above.center() < WRAPPED * usual);
        let has_first = cells.iter().any(|cell| cell.column == 1);
        above = Some(line);
        match rows.last_mut() {
            Some(row) if is_near && !has_first && cells.iter().all(|cell| goes_on(row, cell)) => {
                for cell in &cells {
                    continue_cell(row, cell);
                }
            }
            _ => rows.push(cells),
        }
    }
    let heads = has_heads(&rows);
    for (index, row) in rows.iter_mut().enumerate() {
        for cell in row {
            cell.row = index as u32 + 1;
            if heads && index == 0 {
                cell.kind = CellKind::ColumnHeader;
            }
        }
    }
    let count = rows.len() as u32;
    Table::new(count, columns.count(), rows.into_iter().flatten().collect())
}

/// The cells of a line; what stands in one column is one.
fn cells(line: &SplitLine, columns: &Columns) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for segment in &line.segments {
        let (first, last) = columns.range(segment);
        let cell = Cell::new(
            1,
            first,
            segment.text.clone(),
            segment.outline,
            segment.confidence,
        )
        .with_column_span(last - first + 1);
        match cells.last_mut() {
            Some(open) if open.column + open.column_span > cell.column => {
                let end = (cell.column + cell.column_span).max(open.column + open.column_span);
                open.column_span = end - open.column;
                join(open, &cell);
            }
            _ => cells.push(cell),
        }
    }
    cells
}

fn goes_on(row: &[Cell], cell: &Cell) -> bool {
    row.iter()
        .any(|above| (above.column, above.column_span) == (cell.column, cell.column_span))
}

fn continue_cell(row: &mut [Cell], cell: &Cell) {
    if let Some(above) = row.iter_mut().find(|above| above.column == cell.column) {
        join(above, cell);
    }
}

/// Adds what belongs to `cell` too.
fn join(cell: &mut Cell, more: &Cell) {
    cell.text = format!("{} {}", cell.text, more.text);
    cell.polygon = Polygon::enclosing([&cell.polygon, &more.polygon]);
    cell.confidence = cell.confidence.min(more.confidence);
}

/// Whether the first row names the columns: it has no number where the rows below it have some.
fn has_heads(rows: &[Vec<Cell>]) -> bool {
    let has_digit = |cell: &Cell| cell.text.contains(|c: char| c.is_ascii_digit());
    let Some((first, rest)) = rows.split_first() else {
        return false;
    };
    first.len() > 1 && !first.iter().any(has_digit) && rest.iter().flatten().any(has_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::{Line, Word};

    /// A line of words, each at a place in thousandths of the width; 10 wide a character.
    fn line(top: f32, words: &[(&str, f32)]) -> Line {
        let words: Vec<Word> = words
            .iter()
            .map(|(text, left)| {
                let left = left / 1000.0;
                let width = text.chars().count() as f32 / 100.0;
                Word::new(*text, Polygon::from_box(left, top, left + width, top + 0.02), 0.9)
            })
            .collect();
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let outline = Polygon::enclosing(words.iter().map(|word| &word.polygon));
        Line::new(texts.join(" "), outline, 0.9, words)
    }

    fn page(lines: Vec<Line>) -> PageText {
        let outline = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
        let block = Block::new(BlockKind::Paragraph, outline, lines);
        let mut page = PageText::empty(1, 1000, 1000).with_blocks(vec![block]);
        find_tables(&mut page);
        page
    }

    fn row(top: f32, name: &str, count: &str, price: &str) -> Line {
        line(top, &[(name, 50.0), (count, 500.0), (price, 800.0)])
    }

    fn grid(table: &Table) -> Vec<(u32, u32, &str)> {
        let cells = table.cells.iter();
        cells
            .map(|cell| (cell.row, cell.column, cell.text.as_str()))
            .collect()
    }

    #[test]
    fn columns_under_each_other_are_a_table_and_prose_around_it_stays() {
        let page = page(vec![
            line(0.05, &[("Dear", 50.0), ("reader,", 100.0)]),
            row(0.1, "Item", "Count", "Price"),
            row(0.13, "Bolts", "3", "1.20"),
            row(0.16, "Nuts", "12", "0.30"),
            line(0.3, &[("Thank", 50.0), ("you", 110.0)]),
        ]);
        let kinds: Vec<(BlockKind, usize)> = page
            .blocks
            .iter()
            .map(|block| (block.kind, block.lines.len()))
            .collect();
        let expected = [
            (BlockKind::Paragraph, 1),
            (BlockKind::Table, 3),
            (BlockKind::Paragraph, 1),
        ];
        assert_eq!(kinds, expected);
        let table = page.blocks[1].table.as_ref().unwrap();
        assert_eq!((table.rows, table.columns), (3, 3));
        assert_eq!(grid(table)[3..6], [(2, 1, "Bolts"), (2, 2, "3"), (2, 3, "1.20")]);
        assert_eq!(table.cells[0].kind, CellKind::ColumnHeader);
        assert_eq!(table.cells[3].kind, CellKind::Data);
    }

    #[test]
    fn a_title_over_two_columns_spans_them_and_an_empty_cell_stays_empty() {
        let page = page(vec![
            line(
                0.1,
                &[("Name", 50.0), ("Count-and-price-of-each-one-here", 520.0)],
            ),
            row(0.13, "Bolts", "3", "1.20"),
            line(0.16, &[("Nuts", 50.0), ("0.30", 800.0)]),
            row(0.19, "Pins", "7", "0.10"),
            row(0.22, "Nails", "9", "0.20"),
        ]);
        let table = page.blocks[0].table.as_ref().unwrap();
        assert_eq!(table.columns, 3);
        let span = |text: &str| {
            let cell = table
                .cells
                .iter()
                .find(|cell| cell.text.starts_with(text))
                .unwrap();
            (cell.column, cell.column_span)
        };
        assert_eq!(span("Count-and"), (2, 2));
        assert_eq!(span("0.30"), (3, 1));
    }

    #[test]
    fn a_wrapped_cell_goes_on_with_its_row() {
        let page = page(vec![
            row(0.10, "One", "first", "1"),
            line(0.125, &[("half", 500.0)]),
            row(0.18, "Two", "second", "2"),
            row(0.23, "Three", "third", "3"),
            row(0.28, "Four", "fourth", "4"),
        ]);
        let table = page.blocks[0].table.as_ref().unwrap();
        assert_eq!(table.rows, 4);
        assert!(grid(table).contains(&(1, 2, "first half")));
    }

    #[test]
    fn prose_and_two_lines_are_no_table() {
        let prose = (0..6).map(|index| {
            let top = 0.1 + 0.03 * index as f32;
            line(
                top,
                &[("a", 50.0), ("line", 70.0), ("of", 120.0), ("prose", 150.0)],
            )
        });
        assert!(page(prose.collect()).blocks[0].table.is_none());
        let names = page(
            (0..5)
                .map(|index| line(0.1 + 0.03 * index as f32, &[("Name", 50.0), ("Anna", 500.0)]))
                .collect(),
        );
        assert!(names.blocks[0].table.is_none());
        let two = page(vec![row(0.1, "a", "b", "c"), row(0.13, "d", "e", "f")]);
        assert!(two.blocks[0].table.is_none());
        assert_eq!(two.blocks[0].lines.len(), 2);
    }
}
