//! Documents for the tests.

use ocr_core::model::{
    Block, BlockKind, Cell, CellKind, DocumentText, EngineInfo, Line, PageText, Polygon, Table, Word,
};

/// A4 at 100 dots per inch.
const WIDTH: f32 = 827.0;
const HEIGHT: f32 = 1169.0;

/// A line whose words are as wide as printed ones, in a font of `points`.
pub(crate) fn line(text: &str, left: f32, top: f32, points: f32) -> Line {
    let em = points / 72.0 * 100.0;
    let (step, height) = (0.5 * em / WIDTH, 1.33 * em / HEIGHT);
    let mut x = left;
    let words = text.split(' ').map(|word| {
        let right = x + step * word.chars().count() as f32;
        let polygon = Polygon::from_box(x, top, right, top + height);
        x = right + step;
        Word::new(word, polygon, 0.9)
    });
    let words: Vec<Word> = words.collect();
    let polygon = Polygon::enclosing(words.iter().map(|word| &word.polygon));
    Line::new(text, polygon, 0.9, words)
}

pub(crate) fn block(kind: BlockKind, lines: Vec<Line>) -> Block {
    let polygon = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
    Block::new(kind, polygon, lines)
}

pub(crate) fn lines(texts: &[&str], left: f32, top: f32, points: f32) -> Vec<Line> {
    let step = 1.5 * points / 72.0 * 100.0 / HEIGHT;
    let texts = texts.iter().enumerate();
    texts
        .map(|(index, text)| line(text, left, top + step * index as f32, points))
        .collect()
}

pub(crate) fn page(number: u32, blocks: Vec<Block>) -> PageText {
    PageText::empty(number, WIDTH as u32, HEIGHT as u32)
        .with_dpi(100.0)
        .with_blocks(blocks)
}

pub(crate) fn document(pages: Vec<PageText>) -> DocumentText {
    DocumentText::new(EngineInfo::new("fake", "1"), pages)
}

/// A document of one page with one block.
pub(crate) fn of_block(kind: BlockKind, texts: &[&str]) -> DocumentText {
    document(vec![page(1, vec![block(kind, lines(texts, 0.1, 0.1, 11.0))])])
}

/// A table of these texts, its cells as wide as given, from `top` on.
pub(crate) fn table(rows: &[Vec<String>], widths: &[f32], top: f32, height: f32) -> Block {
    let mut cells = Vec::new();
    let mut all = Vec::new();
    for (row, texts) in rows.iter().enumerate() {
        let mut left = 0.1;
        let top = top + height * row as f32;
        for (column, (text, width)) in texts.iter().zip(widths).enumerate() {
            let polygon = Polygon::from_box(left, top, left + width, top + height);
            let kind = if row == 0 {
                CellKind::ColumnHeader
            } else {
                CellKind::Data
            };
            cells.push(Cell::new(row as u32 + 1, column as u32 + 1, text, polygon, 0.9).with_kind(kind));
            all.push(line(text, left + 0.005, top + 0.002, 8.0));
            left += width;
        }
    }
    let table = Table::new(rows.len() as u32, widths.len() as u32, cells);
    block(BlockKind::Table, all).with_table(table)
}

pub(crate) fn of_cells(cells: Vec<Cell>) -> DocumentText {
    let block = block(BlockKind::Table, lines(&["cells"], 0.1, 0.1, 9.0));
    document(vec![page(1, vec![block.with_table(Table::new(0, 0, cells))])])
}

pub(crate) fn cell(row: u32, column: u32, text: &str) -> Cell {
    Cell::new(row, column, text, Polygon::from_box(0.0, 0.0, 1.0, 1.0), 0.9)
}

/// Every kind of block.
fn first_page() -> Vec<Block> {
    let centered = |text: &str, top, points: f32| {
        let width = 0.5 * points / 72.0 * 100.0 * text.chars().count() as f32 / WIDTH;
        line(text, 0.5 - width / 2.0, top, points)
    };
    let prose = [
        "The quick brown fox jumps over the lazy dog, and the dog, which had been well-",
        "known for its patience, did not so much as lift an ear. A syl\u{ad}",
        "lable was broken on purpose here. Prices & conditions: 3 < 5 > 2.",
    ];
    let list = [
        "• first point of the list",
        "• second point, which goes on",
        "in a further line",
        "• third point",
    ];
    let numbers = [
        "3. begins with three",
        "4. then four",
        "a) a letter",
        "b) and another",
    ];
    let small: Vec<Vec<String>> = [
        ["Item", "Quantity", "Price"],
        ["Bolts, small", "1,200", "1,299.00"],
        ["=1+1", "007", "-5.50"],
    ]
    .iter()
    .map(|row| row.iter().map(|&text| text.to_owned()).collect())
    .collect();
    vec![
        block(
            BlockKind::Header,
            vec![line("ACME Ltd. - confidential", 0.1, 0.03, 8.0)],
        ),
        block(BlockKind::Title, vec![centered("Annual Report 2024", 0.07, 26.0)]),
        block(BlockKind::Heading, vec![line("1 What happened", 0.1, 0.14, 16.0)]),
        block(BlockKind::Paragraph, lines(&prose, 0.1, 0.18, 11.0)),
        block(BlockKind::List, lines(&list, 0.12, 0.27, 11.0)),
        block(BlockKind::List, lines(&numbers, 0.12, 0.37, 11.0)),
        block(
            BlockKind::Paragraph,
            lines(&["שלום עולם, זה מסמך בעברית 123."], 0.4, 0.47, 11.0),
        ),
        block(
            BlockKind::Paragraph,
            lines(&["東京都千代田区", "丸の内一丁目"], 0.1, 0.51, 11.0),
        ),
        table(&small, &[0.4, 0.2, 0.2], 0.57, 0.025),
        block(
            BlockKind::KeyValue,
            lines(&["Name: Jane Doe", "Date: 2024-05-01"], 0.1, 0.7, 11.0),
        ),
        block(BlockKind::PageNumber, vec![centered("- 1 -", 0.96, 8.0)]),
    ]
}

/// A table of 40 rows and 8 columns.
fn wide_table() -> Block {
    let wide: Vec<Vec<String>> = (0..40)
        .map(|row| {
            let texts = (0..8).map(|column| match (row, column) {
                (0, _) => format!("Head {column}"),
                (_, 0) => format!("Row {row}"),
                _ => format!("{}.{:02}", row * 100 + column, column),
            });
            texts.collect()
        })
        .collect();
    table(&wide, &[0.12, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 0.08, 0.02)
}

/// Pages of two sizes, as a printed report has them, and one without anything.
pub(crate) fn report() -> DocumentText {
    let mut third = page(
        3,
        vec![
            block(BlockKind::Heading, vec![line("On its side", 0.1, 0.1, 16.0)]),
            spans(),
        ],
    );
    (third.width, third.height) = (third.height, third.width);
    document(vec![
        page(1, first_page()),
        page(2, vec![wide_table()]),
        third,
        PageText::empty(4, 10, 10),
    ])
}

/// A table with cells over several rows and columns.
pub(crate) fn spans() -> Block {
    let cells = vec![
        cell(1, 1, "Region")
            .with_row_span(2)
            .with_kind(CellKind::ColumnHeader),
        cell(1, 2, "Sales")
            .with_column_span(2)
            .with_kind(CellKind::ColumnHeader),
        cell(2, 2, "2023").with_kind(CellKind::ColumnHeader),
        cell(2, 3, "2024").with_kind(CellKind::ColumnHeader),
        cell(3, 1, "North\nand West"),
        cell(3, 2, "1,200"),
        cell(3, 3, "1,450"),
        cell(4, 1, "All").with_kind(CellKind::Summary),
        cell(4, 2, "2,650").with_column_span(2),
    ];
    let table = Table::new(4, 3, cells)
        .with_title("Sales by region".to_owned())
        .with_footer("In thousands".to_owned());
    block(
        BlockKind::Table,
        lines(&["Region Sales", "2023 2024", "North and West"], 0.1, 0.2, 9.0),
    )
    .with_table(table)
}
