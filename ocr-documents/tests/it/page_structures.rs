//! What is read from text layers, as a whole: blocks, their kinds, their order. One snapshot a page.
//!
//! `cargo insta review` or `INSTA_UPDATE=always` renews the snapshots in `snapshots/`.

use std::fmt::Write as _;

use insta::Settings;
use ocr_core::model::{PageText, Polygon};

use crate::{
    open,
    pdf_builder::{PdfBuilder, written},
    text,
};

/// Width and height of a page in points.
const SHEET: (u32, u32) = (600, 800);

/// A page in words: each block with its kind and place, and its lines below it.
fn outline(page: &PageText) -> String {
    let mut outline = format!("page {}: {} x {}\n", page.number, page.width, page.height);
    for block in &page.blocks {
        writeln!(outline, "{:?} {}", block.kind, place(&block.polygon)).unwrap();
        for line in &block.lines {
            let words: Vec<&str> = line.words.iter().map(|word| word.text.as_str()).collect();
            writeln!(outline, "    {} | {}", place(&line.polygon), words.join(" ")).unwrap();
        }
    }
    outline
}

/// Left, top, right and bottom in hundredths of the page.
fn place(polygon: &Polygon) -> String {
    let place = polygon.bounds().scaled(100.0, 100.0);
    format!(
        "{:.1} {:.1} {:.1} {:.1}",
        place.left, place.top, place.right, place.bottom
    )
}

fn compare(name: &str, content: &str) {
    let mut pdf = PdfBuilder::new();
    pdf.page(SHEET, "", &[], content);
    let page = text(open(pdf.build()).page(0).unwrap());
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, outline(&page)));
}

/// Lines under one another from `top` downwards, 15 points apart, in 12 points.
fn lines(left: u32, top: u32, lines: &[&str]) -> String {
    let placed: Vec<(u32, u32, &str)> = (0..)
        .zip(lines)
        .map(|(number, line)| (left, top - 15 * number, *line))
        .collect();
    written(&placed)
}

/// One line in letters of `size` points.
fn large(left: u32, base: u32, size: u32, line: &str) -> String {
    format!("BT /F {size} Tf {left} {base} Td ({line}) Tj ET\n")
}

const PARAGRAPH: [&str; 4] = [
    "The meeting was moved to the afternoon because the train",
    "from Hamburg is late. Please bring the signed contract",
    "along and tell the office about the new time, so that",
    "nobody waits.",
];

#[test]
fn paragraphs_and_headings() {
    let content = [
        large(60, 730, 24, "Minutes of the meeting"),
        lines(60, 690, &PARAGRAPH),
        large(60, 600, 16, "Decisions"),
        lines(60, 570, &PARAGRAPH),
    ];
    compare("paragraphs-and-headings", &content.concat());
}

#[test]
fn columns() {
    let left = ["Left column one", "goes on here", "and ends with this line"];
    let right = ["Right column first", "then the second line", "and the last"];
    let content = [
        large(60, 730, 20, "A title over both columns"),
        lines(60, 680, &left.repeat(4)),
        lines(330, 680, &right.repeat(4)),
    ];
    compare("columns", &content.concat());
}

#[test]
fn lists() {
    let content = [
        lines(60, 700, &["What to bring:"]),
        lines(
            72,
            670,
            &["1. the contract", "2. a pen", "3. two copies of the plan"],
        ),
        lines(72, 600, &["- milk", "- bread", "- salt"]),
    ];
    compare("lists", &content.concat());
}

#[test]
fn forms_and_tables() {
    let rows = ["Apples", "Pears", "Plums"].map(ToOwned::to_owned);
    let mut content = lines(60, 720, &["Name: Ada Lovelace", "Date: 10 December 1815"]);
    for (number, name) in (0..).zip(&rows) {
        let base = 640 - 20 * number;
        content += &written(&[(60, base, name), (260, base, "12"), (420, base, "3.50 EUR")]);
    }
    compare("forms-and-tables", &content);
}

#[test]
fn a_running_header_and_a_page_number() {
    let content = [
        written(&[(60, 780, "Annual report"), (520, 780, "2026")]),
        lines(60, 700, &PARAGRAPH),
        written(&[(290, 20, "7")]),
    ];
    compare("running-header-and-page-number", &content.concat());
}
