//! A table that was found by its drawn lines, in what Word, Excel and readers of Markdown are given.

use ocr_core::model::{Block, BlockKind, Line, PageText, Polygon, Rect, Word, geometry::Point};
use ocr_layout::{Rule, find_ruled_tables};

use super::{body, part, sample::document, write};

const ROWS: usize = 40;
const COLUMNS: usize = 8;

/// Where a side of a column is, as a share of the width.
fn x(column: usize) -> f32 {
    0.06 + 0.11 * column as f32
}

/// Where a side of a row is, as a share of the height.
fn y(row: usize) -> f32 {
    0.04 + 0.0225 * row as f32
}

fn text(row: usize, column: usize) -> String {
    if row == 0 {
        format!("head{}", char::from(b'a' + column as u8))
    } else {
        format!("{row}.{column}7")
    }
}

/// A page that a ruled table fills, with its words as an engine gives them: in one line for each row.
fn page() -> PageText {
    let line = |row: usize| {
        let word = |column: usize| {
            let (left, top) = (x(column) + 0.01, y(row) + 0.004);
            let place = Rect::new(left, top, left + 0.06, top + 0.014);
            Word::new(text(row, column), Polygon::from(place), 0.9)
        };
        let words: Vec<Word> = (0..COLUMNS).map(word).collect();
        let outline = Polygon::enclosing(words.iter().map(|word| &word.polygon));
        let mut line = Line::new("", outline, 0.9, words);
        line.update_text();
        line
    };
    let lines: Vec<Line> = (0..ROWS).map(line).collect();
    let outline = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
    let block = Block::new(BlockKind::Paragraph, outline, lines);
    let level = (0..=ROWS).map(|row| Rule::new(Point::new(x(0), y(row)), Point::new(x(COLUMNS), y(row))));
    let upright =
        (0..=COLUMNS).map(|column| Rule::new(Point::new(x(column), y(0)), Point::new(x(column), y(ROWS))));
    let rules: Vec<Rule> = level.chain(upright).collect();
    let mut page = PageText::empty(1, 1240, 1754).with_blocks(vec![block]);
    find_ruled_tables(&mut page, &rules);
    page
}

#[test]
fn forty_rows_of_eight_columns_survive() {
    let document = document(vec![page()]);
    let word = body(&document);
    assert_eq!(word.matches("<w:tr>").count(), ROWS);
    assert_eq!(word.matches("<w:tc>").count(), ROWS * COLUMNS);
    let sheet = part(&document, "xlsx", "xl/worksheets/sheet1.xml");
    assert!(sheet.contains(r#"<dimension ref="A1:H40"/>"#), "{sheet}");
    let markdown = String::from_utf8(write(&document, "markdown")).unwrap();
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with('|')).collect();
    // One more below the head.
    assert_eq!(rows.len(), ROWS + 1, "{markdown}");
    for row in 1..ROWS {
        for column in 0..COLUMNS {
            let value = text(row, column);
            assert!(word.contains(&value), "{value}");
            assert!(rows[row + 1].contains(&value), "{value}: {}", rows[row + 1]);
        }
    }
    assert!(rows[0].contains("heada") && sheet.contains("<v>39.77</v>"));
}
