//! Tables that were seen, joined with words.

use ocr_core::model::{Block, BlockKind, Line, PageText, Polygon, Table, Word, geometry::Rect};

use super::{SeenCell, SeenTable, find_seen_tables};

/// A page of lines, each with words at places in thousandths of the width; 10 wide a character.
fn page() -> PageText {
    let lines: [(f32, &[(&str, f32)]); 5] = [
        (0.20, &[("Item", 100.0), ("Note", 300.0), ("Price", 600.0)]),
        (0.23, &[("bolt", 100.0), ("back", 300.0), ("1.20", 600.0)]),
        (0.26, &[("again", 300.0)]),
        (0.29, &[("nail", 100.0), ("none", 300.0), ("3.10", 600.0)]),
        (0.60, &[("below", 100.0)]),
    ];
    let lines = lines.into_iter().map(|(top, words)| {
        let words: Vec<Word> = words
            .iter()
            .map(|(text, left)| {
                let (left, width) = (left / 1000.0, text.chars().count() as f32 / 100.0);
                Word::new(*text, Polygon::from_box(left, top, left + width, top + 0.02), 0.9)
            })
            .collect();
        let outline = Polygon::enclosing(words.iter().map(|word| &word.polygon));
        let mut line = Line::new(String::new(), outline, 0.9, words);
        line.update_text();
        line
    });
    let lines: Vec<Line> = lines.collect();
    let outline = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
    PageText::empty(1, 1000, 1000).with_blocks(vec![Block::new(BlockKind::Paragraph, outline, lines)])
}

/// The three rows and columns of the page as a model sees them.
fn cells() -> Vec<SeenCell> {
    let rows = [(0.19, 0.225), (0.225, 0.285), (0.285, 0.32)];
    let columns = [(0.09, 0.22), (0.22, 0.5), (0.5, 0.7)];
    let mut cells = Vec::new();
    for (row, (top, bottom)) in (0..).zip(rows) {
        for (column, (left, right)) in (0..).zip(columns) {
            cells.push(SeenCell::new(row, column, Rect::new(left, top, right, bottom)));
        }
    }
    cells
}

fn found(cells: Vec<SeenCell>) -> (PageText, Option<Table>) {
    let mut page = page();
    let seen = SeenTable::new(Rect::new(0.09, 0.19, 0.7, 0.32), cells);
    find_seen_tables(&mut page, &[], |_| vec![seen]);
    let table = page.blocks.iter().find_map(|block| block.table.clone());
    (page, table)
}

#[test]
fn the_lines_of_a_wrapped_cell_are_one_cell() {
    let (page, table) = found(cells());
    let table = table.unwrap();
    assert_eq!((table.rows, table.columns), (3, 3));
    let text = |row, column| {
        let mut cells = table.cells.iter();
        cells
            .find(|cell| (cell.row, cell.column) == (row, column))
            .map(|cell| cell.text.as_str())
    };
    assert_eq!(text(2, 2), Some("back again"));
    assert_eq!(text(3, 3), Some("3.10"));
    assert_eq!(page.words().count(), self::page().words().count());
    assert_eq!(page.lines().last().map(|line| line.text.as_str()), Some("below"));
}

#[test]
fn cells_that_are_one_stay_one() {
    let mut cells = cells();
    cells.remove(1);
    cells[0] = SeenCell::new(0, 0, Rect::new(0.09, 0.19, 0.5, 0.225)).with_spans(1, 2);
    let table = found(cells).1.unwrap();
    let head = &table.cells[0];
    assert_eq!((head.column_span, head.text.as_str()), (2, "Item Note"));
}

#[test]
fn what_contradicts_itself_or_the_words_is_not_believed() {
    let without = found(Vec::new());
    let hole = cells()[1..].to_vec();
    let mut twice = cells();
    twice[1].column = 0;
    // The rows one above the other.
    let mut swapped = cells();
    for cell in &mut swapped {
        cell.row = 2 - cell.row;
    }
    // Sides that run through words.
    let mut through = cells();
    for cell in &mut through {
        if cell.column == 0 {
            cell.bounds.right = 0.1;
        } else if cell.column == 1 {
            cell.bounds.left = 0.12;
        }
    }
    let mut empty_row = cells();
    let below = |column| SeenCell::new(3, column, Rect::new(0.09, 0.315, 0.7, 0.32));
    empty_row.extend((0..3).map(below));
    let mut huge = cells();
    huge[8].row_span = u32::MAX;
    for seen in [hole, twice, swapped, through, empty_row, huge] {
        assert_eq!(found(seen.clone()), without, "{seen:?}");
    }
}
