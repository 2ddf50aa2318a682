//! What is written of one document in the formats that are text, byte by byte. `OCR_RENEW=1` renews the files.

use std::{fs, path::Path};

use ocr_core::{
    formats::{DocumentFormats, FormatInput, RenditionOptions},
    model::{Block, BlockKind, Cell, DocumentText, EngineInfo, Line, PageText, Point, Polygon, Table, Word},
};
use ocr_formats::Formats;

/// The formats whose files can be read and compared as text. The others have tests of their own.
const TEXT: [&str; 10] = [
    "text",
    "text-layout",
    "markdown",
    "html",
    "json",
    "words",
    "tables",
    "hocr",
    "alto",
    "page-xml",
];

fn line(text: &str, top: f32) -> Line {
    let words = text.split(' ').enumerate().map(|(index, word)| {
        let left = 0.1 * (index + 1) as f32;
        Word::new(word, Polygon::from_box(left, top, left + 0.08, top + 0.02), 0.5)
    });
    Line::new(
        text,
        Polygon::from_box(0.1, top, 0.9, top + 0.02),
        0.5,
        words.collect(),
    )
}

fn block(kind: BlockKind, lines: &[&str], top: f32) -> Block {
    let lines: Vec<Line> = lines
        .iter()
        .enumerate()
        .map(|(index, text)| line(text, top + 0.025 * index as f32))
        .collect();
    let polygon = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
    Block::new(kind, polygon, lines)
}

fn cell(row: u32, column: u32, column_span: u32, text: &str) -> Cell {
    let page = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
    Cell::new(row, column, text, page, 1.0).with_column_span(column_span)
}

fn document() -> DocumentText {
    let cells = vec![
        cell(1, 1, 1, "Item"),
        cell(1, 2, 2, "Price | each"),
        cell(2, 1, 1, "Bolts,\nsmall"),
        cell(2, 2, 1, "=1+1"),
        cell(2, 3, 1, "\"EUR\""),
        cell(3, 3, 1, "-5"),
    ];
    let table = Table::new(3, 3, cells)
        .with_title("Prices".to_owned())
        .with_footer("*net*".to_owned());
    let lines = ["Item Price | each", "Bolts, small =1+1 \"EUR\""];
    let prices = block(BlockKind::Table, &lines, 0.4).with_table(table);
    let mut first = PageText::empty(1, 1000, 1400);
    first.blocks = vec![
        block(BlockKind::Title, &["Invoice no. 7"], 0.05),
        block(BlockKind::Heading, &["What was", "delivered"], 0.1),
        block(
            BlockKind::Paragraph,
            &["# not a heading", "a_b *c* <d> [e] \"f\", g"],
            0.2,
        ),
        block(BlockKind::List, &["first", "second"], 0.3),
        prices,
    ];
    let mut third = PageText::empty(3, 1000, 1400);
    third.blocks = vec![block(BlockKind::Paragraph, &["Grüße @home"], 0.5)];
    // Slanted, as a photo is.
    third.blocks[0].lines[0].words[0].polygon = Polygon([
        Point::new(0.1, 0.5),
        Point::new(0.2, 0.51),
        Point::new(0.2, 0.53),
        Point::new(0.1, 0.52),
    ]);
    DocumentText::new(
        EngineInfo::new("fake", "1"),
        vec![first, PageText::empty(2, 10, 10), third],
    )
}

#[test]
fn every_format_of_text_writes_what_it_wrote_before() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let (formats, document) = (Formats::standard(), document());
    let all = formats.list();
    for format in all.iter().filter(|format| TEXT.contains(&format.name.as_str())) {
        let mut written = Vec::new();
        formats
            .write(
                &format.name,
                FormatInput::new(&document),
                &RenditionOptions::new(),
                &mut written,
            )
            .unwrap();
        let path = folder.join(format.file_name("document", &all));
        if std::env::var_os("OCR_RENEW").is_some() {
            fs::write(&path, &written).unwrap();
        }
        let expected = fs::read(&path).unwrap();
        let (written, expected) = (
            String::from_utf8(written).unwrap(),
            String::from_utf8(expected).unwrap(),
        );
        assert_eq!(written, expected, "{}", format.name);
    }
}
