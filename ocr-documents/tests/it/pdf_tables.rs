//! Tables of born-digital pages, by the lines that are drawn around their cells.

use std::fmt::Write;

use ocr_core::model::{BlockKind, PageText, Table};

use crate::{
    open,
    pdf_builder::{PdfBuilder, written},
    text,
};

/// Sides of the columns and of the rows, in points from the left and from the bottom.
const COLUMNS: [i32; 4] = [60, 200, 330, 460];
const ROWS: [i32; 4] = [700, 670, 630, 600];

/// The page on which the words of the table and `drawn` are.
fn read(drawn: &str) -> PageText {
    let mut pdf = PdfBuilder::new();
    let words = written(&[
        (
            60,
            740,
            "An inventory of the shed, taken in the spring of the year",
        ),
        (65, 680, "Tool"),
        (205, 680, "State"),
        (335, 680, "Owner"),
        (65, 655, "Spade"),
        (205, 655, "worn at the"),
        (205, 640, "upper edge"),
        (335, 655, "Quill"),
        (65, 610, "Rake"),
        (205, 610, "good"),
        (335, 610, "Thorn"),
        (
            60,
            560,
            "Whoever borrows a tool brings it back before the end of the week",
        ),
    ]);
    pdf.page((600, 800), "", &[], &format!("{words}{drawn}"));
    text(open(pdf.build()).page(0).unwrap())
}

fn table(page: &PageText) -> &Table {
    let block = page.blocks.iter().find(|block| block.kind == BlockKind::Table);
    block.and_then(|block| block.table.as_ref()).expect("a table")
}

fn texts(table: &Table) -> Vec<(u32, u32, &str)> {
    let cells = table.cells.iter();
    cells
        .map(|cell| (cell.row, cell.column, cell.text.as_str()))
        .collect()
}

#[test]
fn strokes_thin_boxes_and_frames_of_cells_are_sides_of_cells() {
    let (left, right) = (COLUMNS[0], COLUMNS[3]);
    let (top, bottom) = (ROWS[0], ROWS[3]);
    let mut strokes = String::from("1 w ");
    let mut boxes = String::from("0 g ");
    for y in ROWS {
        write!(strokes, "{left} {y} m {right} {y} l S ").unwrap();
        write!(boxes, "{left} {y} {} 1 re ", right - left).unwrap();
    }
    for x in COLUMNS {
        write!(strokes, "{x} {bottom} m {x} {top} l S ").unwrap();
        write!(boxes, "{x} {bottom} 1 {} re ", top - bottom).unwrap();
    }
    boxes.push_str("f ");
    let mut frames = String::from("0.5 w ");
    for row in ROWS.windows(2) {
        for column in COLUMNS.windows(2) {
            let (width, height) = (column[1] - column[0], row[0] - row[1]);
            write!(frames, "{} {} {width} {height} re S ", column[0], row[1]).unwrap();
        }
    }
    for drawn in [strokes, boxes, frames] {
        let page = read(&drawn);
        let table = table(&page);
        assert_eq!((table.rows, table.columns), (3, 3), "{drawn}");
        assert_eq!(texts(table)[4], (2, 2, "worn at the upper edge"), "{drawn}");
        let kinds: Vec<BlockKind> = page.blocks.iter().map(|block| block.kind).collect();
        assert_eq!(
            kinds,
            [BlockKind::Paragraph, BlockKind::Table, BlockKind::Paragraph],
            "{drawn}"
        );
    }
}

#[test]
fn a_turned_page_has_the_same_table() {
    let mut pdf = PdfBuilder::new();
    let words = written(&[
        (70, 680, "left"),
        (270, 680, "right"),
        (70, 640, "below"),
        (270, 640, "other"),
    ]);
    let lines =
        "60 700 400 1 re 60 660 400 1 re 60 620 400 1 re 60 620 1 80 re 260 620 1 80 re 460 620 1 80 re f";
    pdf.page((600, 800), "/Rotate 90", &[], &format!("{words} {lines}"));
    let page = text(open(pdf.build()).page(0).unwrap());
    let expected = [(1, 1, "left"), (1, 2, "right"), (2, 1, "below"), (2, 2, "other")];
    assert_eq!(texts(table(&page)), expected);
}

#[test]
fn white_lines_and_a_frame_make_no_table() {
    let white = "1 G 60 700 m 460 700 l S 60 600 m 460 600 l S 200 600 m 200 700 l S 60 600 m 60 700 l S";
    let page = read(white);
    let has_merged = |page: &PageText| {
        let tables = page.blocks.iter().filter_map(|block| block.table.as_ref());
        tables
            .flat_map(|table| &table.cells)
            .any(|cell| cell.text.contains("upper edge") && cell.row_span > 1)
    };
    assert!(!has_merged(&page));
    let framed = read("0 G 40 540 500 230 re S");
    assert!(framed.blocks.iter().all(|block| {
        let has_title = |line: &ocr_core::model::Line| line.text.starts_with("An inventory");
        block.table.is_none() || !block.lines.iter().any(has_title)
    }));
}
