//! Tables of drawn lines.

use ocr_core::model::{
    Block, BlockKind, CellKind, Line, PageText, Polygon, Table, Word,
    geometry::{Point, Rect},
};

use super::{Rule, find_ruled_tables};

/// Words at a place of a page of 1000 by 1000; 10 wide a character, 20 high.
fn line(left: f32, top: f32, text: &str) -> Line {
    let mut at = left;
    let words = text.split(' ').map(|word| {
        let width = 10.0 * word.chars().count() as f32;
        let rect = Rect::new(at, top, at + width, top + 20.0).scaled(0.001, 0.001);
        at += width + 8.0;
        Word::new(word, Polygon::from(rect), 0.9)
    });
    let words: Vec<Word> = words.collect();
    let outline = Polygon::enclosing(words.iter().map(|word| &word.polygon));
    Line::new(text, outline, 0.9, words)
}

/// A line of several texts side by side.
fn row(top: f32, texts: &[(f32, &str)]) -> Line {
    let words: Vec<Word> = texts
        .iter()
        .flat_map(|(left, text)| line(*left, top, text).words)
        .collect();
    let outline = Polygon::enclosing(words.iter().map(|word| &word.polygon));
    let mut row = Line::new("", outline, 0.9, words);
    row.update_text();
    row
}

fn level(from: f32, to: f32, y: f32) -> Rule {
    Rule::new(
        Point::new(from / 1000.0, y / 1000.0),
        Point::new(to / 1000.0, y / 1000.0),
    )
}

fn upright(from: f32, to: f32, x: f32) -> Rule {
    Rule::new(
        Point::new(x / 1000.0, from / 1000.0),
        Point::new(x / 1000.0, to / 1000.0),
    )
}

/// All lines of a grid with these sides.
fn grid(columns: &[f32], rows: &[f32]) -> Vec<Rule> {
    let (left, right) = (columns[0], columns[columns.len() - 1]);
    let (top, bottom) = (rows[0], rows[rows.len() - 1]);
    let mut rules: Vec<Rule> = rows.iter().map(|&y| level(left, right, y)).collect();
    rules.extend(columns.iter().map(|&x| upright(top, bottom, x)));
    rules
}

fn page(lines: Vec<Line>, rules: &[Rule]) -> PageText {
    let outline = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
    let block = Block::new(BlockKind::Paragraph, outline, lines);
    let mut page = PageText::empty(1, 1000, 1000).with_blocks(vec![block]);
    find_ruled_tables(&mut page, rules);
    page
}

fn table(page: &PageText) -> &Table {
    page.blocks
        .iter()
        .find_map(|block| block.table.as_ref())
        .expect("a table")
}

/// Row, column, spans and text of cells that are not empty.
fn cells(table: &Table) -> Vec<(u32, u32, u32, u32, &str)> {
    let cells = table.cells.iter().filter(|cell| !cell.text.is_empty());
    cells
        .map(|cell| {
            (
                cell.row,
                cell.column,
                cell.row_span,
                cell.column_span,
                cell.text.as_str(),
            )
        })
        .collect()
}

#[test]
fn cells_of_drawn_lines_hold_several_lines_of_text() {
    let lines = vec![
        line(100.0, 50.0, "A title over it"),
        row(110.0, &[(110.0, "Item"), (410.0, "Use")]),
        row(160.0, &[(110.0, "Bolt"), (410.0, "holds what is")]),
        line(410.0, 185.0, "loose together"),
        row(230.0, &[(110.0, "Nut"), (410.0, "ends it")]),
        line(100.0, 300.0, "A note under it"),
    ];
    let page = page(
        lines,
        &grid(&[100.0, 400.0, 700.0], &[100.0, 140.0, 215.0, 260.0]),
    );
    let expected = [
        (1, 1, 1, 1, "Item"),
        (1, 2, 1, 1, "Use"),
        (2, 1, 1, 1, "Bolt"),
        (2, 2, 1, 1, "holds what is loose together"),
        (3, 1, 1, 1, "Nut"),
        (3, 2, 1, 1, "ends it"),
    ];
    assert_eq!(cells(table(&page)), expected);
    let texts: Vec<String> = page.blocks.iter().map(Block::plain_text).collect();
    assert_eq!(texts[0], "A title over it");
    assert_eq!(
        texts[1],
        "Item Use\nBolt\nholds what is\nloose together\nNut ends it"
    );
    assert_eq!(texts[2], "A note under it");
    let cell = table(&page).cells[0].polygon.bounds();
    assert!(
        (cell.left - 0.1).abs() < 1e-3 && (cell.right - 0.4).abs() < 1e-3,
        "{cell:?}"
    );
}

#[test]
fn cells_are_merged_where_no_line_parts_them() {
    let mut rules = grid(&[100.0, 300.0, 500.0, 700.0], &[100.0, 140.0, 180.0, 220.0]);
    // The line between the second and the third column begins below the first row, and that between the last two rows
    // behind the first column.
    rules.retain(|rule| *rule != upright(100.0, 220.0, 500.0) && *rule != level(100.0, 700.0, 180.0));
    rules.push(upright(140.0, 220.0, 500.0));
    rules.push(level(300.0, 700.0, 180.0));
    let lines = vec![
        row(110.0, &[(110.0, "Year"), (420.0, "Sold in all")]),
        row(150.0, &[(310.0, "4"), (510.0, "5")]),
        line(110.0, 170.0, "both"),
        row(190.0, &[(310.0, "6"), (510.0, "7")]),
    ];
    let page = page(lines, &rules);
    let expected = [
        (1, 1, 1, 1, "Year"),
        (1, 2, 1, 2, "Sold in all"),
        (2, 1, 2, 1, "both"),
        (2, 2, 1, 1, "4"),
        (2, 3, 1, 1, "5"),
        (3, 2, 1, 1, "6"),
        (3, 3, 1, 1, "7"),
    ];
    assert_eq!(cells(table(&page)), expected);
}

#[test]
fn gaps_between_words_divide_a_table_of_level_lines() {
    let body = [("Bolt", "3", "1.20"), ("Nut", "12", "0.30"), ("Pin", "4", "0.10")];
    let mut lines = vec![row(110.0, &[(100.0, "Item"), (400.0, "Count"), (700.0, "Price")])];
    for (index, (name, count, price)) in body.into_iter().enumerate() {
        let top = 150.0 + 30.0 * index as f32;
        lines.push(row(top, &[(100.0, name), (400.0, count), (700.0, price)]));
    }
    let rules = [
        level(90.0, 800.0, 100.0),
        level(90.0, 800.0, 140.0),
        level(90.0, 800.0, 240.0),
    ];
    let page = page(lines, &rules);
    let table = table(&page);
    assert_eq!((table.rows, table.columns), (4, 3));
    assert!(cells(table).contains(&(3, 2, 1, 1, "12")));
    let heads = table
        .cells
        .iter()
        .filter(|cell| cell.kind == CellKind::ColumnHeader);
    assert_eq!(heads.count(), 3);
}

#[test]
fn two_rows_are_a_table_where_lines_say_so() {
    let rules = [
        level(90.0, 800.0, 100.0),
        level(90.0, 800.0, 140.0),
        level(90.0, 800.0, 180.0),
    ];
    let lines = vec![
        row(110.0, &[(100.0, "Paid"), (400.0, "Date"), (700.0, "Sum")]),
        row(150.0, &[(100.0, "cash"), (400.0, "today"), (700.0, "9.00")]),
    ];
    let page = page(lines, &rules);
    assert_eq!((table(&page).rows, table(&page).columns), (2, 3));
}

#[test]
fn a_line_under_the_first_row_says_that_it_names_the_columns() {
    let lines = vec![
        row(110.0, &[(100.0, "1999"), (400.0, "2000"), (700.0, "2001")]),
        row(150.0, &[(100.0, "3"), (400.0, "4"), (700.0, "5")]),
        row(180.0, &[(100.0, "6"), (400.0, "7"), (700.0, "8")]),
    ];
    let kinds = |rules: &[Rule]| {
        let page = page(lines.clone(), rules);
        let heads = table(&page)
            .cells
            .iter()
            .filter(|cell| cell.kind == CellKind::ColumnHeader);
        heads.count()
    };
    assert_eq!(kinds(&[]), 0);
    assert_eq!(kinds(&[level(90.0, 800.0, 138.0)]), 3);
}

#[test]
fn frames_underlines_and_margins_are_no_tables() {
    let prose = || {
        let tops = (0..6).map(|index| 120.0 + 30.0 * index as f32);
        let lines = tops.map(|top| line(120.0, top, "some prose that goes on for a line"));
        lines.collect::<Vec<Line>>()
    };
    let frame = grid(&[100.0, 800.0], &[100.0, 320.0]);
    assert!(page(prose(), &frame).blocks[0].table.is_none());
    let margins = [level(100.0, 800.0, 100.0), level(100.0, 800.0, 320.0)];
    assert!(page(prose(), &margins).blocks[0].table.is_none());
    let underline = [level(120.0, 200.0, 141.0)];
    let read = page(prose(), &underline);
    assert_eq!((read.blocks.len(), read.blocks[0].lines.len()), (1, 6));
}

#[test]
fn a_slanted_table_is_found_and_its_cells_slant() {
    let center = Point::new(0.5, 0.5);
    let slant = |point: Point| point.rotated(center, 2.5);
    let rules: Vec<Rule> = grid(&[100.0, 400.0, 700.0], &[100.0, 140.0, 180.0, 220.0])
        .into_iter()
        .map(|rule| Rule::new(slant(rule.from), slant(rule.to)))
        .collect();
    let mut lines: Vec<Line> = (0..3)
        .map(|index| row(110.0 + 40.0 * index as f32, &[(110.0, "left"), (600.0, "right")]))
        .collect();
    for line in &mut lines {
        line.polygon = line.polygon.map(slant);
        for word in &mut line.words {
            word.polygon = word.polygon.map(slant);
        }
    }
    let page = page(lines, &rules);
    assert_eq!(cells(table(&page)).len(), 6);
    let corners = table(&page).cells[0].polygon.0;
    assert!(corners[1].y > corners[0].y + 0.005, "{corners:?}");
}

#[test]
fn tables_beside_each_other_share_lines_of_text() {
    let mut rules = grid(&[100.0, 200.0, 300.0], &[100.0, 140.0, 180.0]);
    rules.extend(grid(&[600.0, 700.0, 800.0], &[100.0, 140.0, 180.0]));
    let texts = |top: f32, names: [&'static str; 5]| {
        let lefts = [110.0, 210.0, 400.0, 610.0, 710.0];
        row(top, &lefts.into_iter().zip(names).collect::<Vec<_>>())
    };
    let lines = vec![
        texts(110.0, ["a", "b", "between", "c", "d"]),
        texts(150.0, ["e", "f", "them", "g", "h"]),
    ];
    let page = page(lines, &rules);
    let found: Vec<&Table> = page
        .blocks
        .iter()
        .filter_map(|block| block.table.as_ref())
        .collect();
    assert_eq!(found.len(), 2);
    assert_eq!(cells(found[0])[3], (2, 2, 1, 1, "f"));
    assert_eq!(cells(found[1])[0], (1, 1, 1, 1, "c"));
    let words: usize = page.words().count();
    assert_eq!(words, 10);
    let rest: Vec<&str> = page
        .blocks
        .iter()
        .filter(|block| block.table.is_none())
        .flat_map(|block| block.lines.iter().map(|line| line.text.as_str()))
        .collect();
    assert_eq!(rest, ["between", "them"]);
}

#[test]
fn a_table_of_forty_rows_and_eight_columns_keeps_each_cell() {
    let columns: Vec<f32> = (0..=8).map(|column| 40.0 + 110.0 * column as f32).collect();
    let rows: Vec<f32> = (0..=40).map(|row| 20.0 + 23.5 * row as f32).collect();
    let lines = (0..40).map(|at| {
        let names: Vec<String> = (0..8).map(|column| format!("r{at}c{column}")).collect();
        let texts: Vec<(f32, &str)> = names
            .iter()
            .zip(&columns)
            .map(|(name, left)| (left + 10.0, name.as_str()))
            .collect();
        row(22.0 + 23.5 * at as f32, &texts)
    });
    let page = page(lines.collect(), &grid(&columns, &rows));
    let table = table(&page);
    assert_eq!((table.rows, table.columns, table.cells.len()), (40, 8, 320));
    for cell in &table.cells {
        assert_eq!(cell.text, format!("r{}c{}", cell.row - 1, cell.column - 1));
    }
}
