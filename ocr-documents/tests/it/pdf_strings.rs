//! The strings of text layers: hyphens, accents, scripts that are not written from left to right in lines.

use std::fmt::Write as _;

use ocr_core::model::PageText;

use crate::{open, pdf_builder::PdfBuilder, text};

/// A page of 600 x 800 points whose font means these characters by the capitals from A on, each an em wide, and a soft
/// hyphen by the space, which leaves no mark.
fn meaning(characters: &str, content: &str) -> PageText {
    let mut pdf = PdfBuilder::new();
    let mut map = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> \
                   endcodespacerange 27 beginbfchar\n<20> <00ad>\n"
        .to_owned();
    for (code, character) in (0x41..).zip(characters.chars()) {
        writeln!(map, "<{code:02x}> <{:04x}>", u32::from(character)).unwrap();
    }
    map += "endbfchar endcmap end";
    let map = pdf.stream("", map.as_bytes());
    let font = pdf.object(format!(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /FirstChar 65 /LastChar 90 /Widths [{}] \
         /ToUnicode {map} 0 R >>",
        "1000 ".repeat(26)
    ));
    let form = pdf.stream(
        &format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /Font << /F {font} 0 R >> >>"
        ),
        content.as_bytes(),
    );
    pdf.page((600, 800), "", &[form], "/X0 Do");
    text(open(pdf.build()).page(0).unwrap())
}

/// Each character at its place, in 20 points.
fn set(glyphs: impl IntoIterator<Item = (char, u32, u32)>) -> String {
    glyphs
        .into_iter()
        .fold(String::new(), |mut content, (char, x, y)| {
            writeln!(content, "BT /F 20 Tf {x} {y} Td ({char}) Tj ET").unwrap();
            content
        })
}

#[test]
fn accents_are_composed_and_a_hyphen_at_the_end_of_a_line_stays() {
    // The accent is drawn over its letter.
    let line = "BT /F 20 Tf 60 700 Td (A) Tj 0 0 Td (B) Tj 20 0 Td (CD) Tj ET";
    let page = meaning("e\u{301}\u{fb01}\u{ad}", line);
    assert_eq!(page.plain_text(), "\u{e9}fi-");
}

#[test]
fn a_soft_hyphen_that_is_not_shown_joins_its_word() {
    let page = meaning("indx", "BT /F 20 Tf 60 700 Td (AB CD ) Tj ET");
    assert_eq!(page.plain_text(), "indx");
    assert_eq!(page.words().count(), 1);
}

#[test]
fn presentation_forms_are_base_letters_in_the_order_of_reading() {
    // From the left, as seen: final reh, initial yeh, final reh, medial qaf, initial teh.
    let page = meaning(
        "\u{feae}\u{fef3}\u{feae}\u{fed8}\u{fe97}",
        "BT /F 20 Tf 60 700 Td (ABCDE) Tj ET",
    );
    assert_eq!(page.plain_text(), "\u{62a}\u{642}\u{631}\u{64a}\u{631}");
    let place = page.words().next().unwrap().polygon.bounds();
    assert!((place.left - 0.1).abs() < 0.001 && (place.right - 160.0 / 600.0).abs() < 0.001);
}

#[test]
fn vertical_writing_is_read_down_the_columns_from_the_right() {
    let columns = [("ABCDE", 420), ("FGHIJ", 380), ("KL", 340)];
    let glyphs = columns.iter().flat_map(|(column, x)| {
        (0..)
            .zip(column.chars())
            .map(|(row, char)| (char, *x, 700 - 24 * row))
    });
    let page = meaning("春の朝は静庭に白い花咲く", &set(glyphs));
    let lines: Vec<&str> = page.lines().map(|line| line.text.as_str()).collect();
    assert_eq!(lines, ["春の朝は静", "庭に白い花", "咲く"]);
    let place = page.lines().next().unwrap().polygon.bounds();
    assert!((place.left - 0.7).abs() < 0.001 && (place.right - 440.0 / 600.0).abs() < 0.001);
    assert!(place.height() > 0.14 && place.height() < 0.15);
}

#[test]
fn a_table_of_single_characters_is_read_by_rows() {
    // Cells that are drawn by columns, as some programs do.
    let glyphs = (0..4).flat_map(|column| {
        let chars = "ABCDEFGHIJKLMNOP".chars().skip(column as usize).step_by(4);
        (0..)
            .zip(chars)
            .map(move |(row, char)| (char, 60 + 120 * column, 700 - 30 * row))
    });
    let page = meaning("一二三四五六七八九十百千万上下中", &set(glyphs));
    let lines: Vec<&str> = page.lines().map(|line| line.text.as_str()).collect();
    assert_eq!(
        lines.first().map(|line| line.replace(' ', "")).as_deref(),
        Some("一二三四")
    );
}
