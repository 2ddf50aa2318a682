//! Whether a text layer says what is painted.

use std::fmt::Write as _;

use ocr_documents::PageContent;

use crate::{image, mixed, open, pdf_builder::PdfBuilder, text};

const LINES: [&str; 6] = [
    "The beekeepers of the valley agreed to move their hives before the",
    "rape is sprayed, and to tell the farmer one week in advance. Whoever",
    "finds a swarm on the land of another calls him first. Honey of the",
    "spring is sold under the common label, honey of the summer under the",
    "name of each. The treasurer read the accounts and was thanked, and",
    "the meeting closed at nine.",
];

/// A page that writes `headings`, then `lines`; the letters of each set mean what its map makes of them.
fn page(
    headings: &[&str],
    lines: &[&str],
    heading: &dyn Fn(u8) -> String,
    body: &dyn Fn(u8) -> String,
) -> PageContent {
    let mut pdf = PdfBuilder::new();
    let fonts = [heading, body].map(|meaning| {
        let mut map =
            String::from("begincmap 1 begincodespacerange <00> <ff> endcodespacerange 100 beginbfchar ");
        for code in 32..127_u8 {
            let meaning = meaning(code);
            if !meaning.is_empty() {
                write!(map, "<{code:02x}> <{meaning}> ").unwrap();
            }
        }
        map += "endbfchar endcmap end";
        let map = pdf.stream(
            "",
            format!("/CIDInit /ProcSet findresource begin {map}").as_bytes(),
        );
        pdf.object(format!(
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode {map} 0 R >>"
        ))
    });
    let mut content = String::new();
    for (font, first, lines) in [("H", 740, headings), ("B", 640, lines)] {
        for (number, line) in (0..).zip(lines) {
            writeln!(
                content,
                "BT /{font} 12 Tf 60 {} Td ({line}) Tj ET",
                first - 16 * number
            )
            .unwrap();
        }
    }
    let [h, b] = fonts;
    let form = pdf.stream(
        &format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 600 800] \
             /Resources << /Font << /H {h} 0 R /B {b} 0 R >> >>"
        ),
        content.as_bytes(),
    );
    pdf.page((600, 800), "", &[form], "/X0 Do");
    open(pdf.build()).page(0).unwrap()
}

/// The letter itself.
fn right(code: u8) -> String {
    format!("{:04x}", u32::from(code))
}

/// The letter some places further on.
fn moved(code: u8) -> String {
    let by = |first: u8| u32::from((code - first + 5) % 26 + first);
    match code {
        b'a'..=b'z' => format!("{:04x}", by(b'a')),
        b'A'..=b'Z' => format!("{:04x}", by(b'A')),
        _ => right(code),
    }
}

/// As fonts are numbered when their letters are taken for others: 29 places before.
fn by_number(code: u8) -> String {
    format!("{:04x}", u32::from(code) - 29)
}

#[test]
fn a_sound_layer_is_believed() {
    let page = text(page(&["MINUTES"], &LINES, &right, &right));
    assert_eq!(page.lines().count(), 7);
}

#[test]
fn letters_that_mean_other_letters_are_doubted() {
    let found = mixed(page(&["Minutes"], &LINES, &moved, &moved));
    assert!(found.doubtful);
    assert!(found.image.pixels().iter().any(|&value| value < 50));
    // Only a part of the page.
    let headings = &LINES[..4];
    assert!(mixed(page(headings, &LINES, &moved, &right)).doubtful);
}

#[test]
fn letters_that_mean_control_characters_are_no_text() {
    let found = page(&[], &LINES, &right, &by_number);
    let believed = matches!(&found, PageContent::Text(_));
    assert!(!believed, "{found:?}");
}

#[test]
fn a_heading_without_meaning_is_to_be_read_from_pixels() {
    let nothing = |_: u8| "e000".to_owned();
    let found = mixed(page(&["Minutes of May"], &LINES, &nothing, &right));
    assert!(!found.doubtful);
    assert_eq!(found.unread.len(), 3, "{:?}", found.unread);
    assert!(found.text.plain_text().contains("The beekeepers of the valley"));
    // The rest of the page is not to be read again.
    let dark = found.image.pixels().iter().filter(|&&value| value < 100).count();
    assert!(dark > 200 && dark < 10_000, "{dark}");
}

#[test]
fn mostly_meaningless_text_is_read_from_pixels() {
    let nothing = |_: u8| "0001".to_owned();
    assert!(image(page(&[], &LINES, &right, &nothing)).width() >= 1600);
}

#[test]
fn leaders_of_a_contents_page_are_no_reason_to_doubt() {
    for leader in [".", "\\267", "\\267 ", ". ", "_", "-", "\\205", "\\225"] {
        let mut pdf = PdfBuilder::new();
        let mut content = String::new();
        for (number, title) in (0..).zip(["Of bees", "Of hives", "Of swarms", "Of honey"]) {
            let base = 700 - 20 * number;
            writeln!(
                content,
                "BT /F 10 Tf 60 {base} Td ({title} {} {number}) Tj ET",
                leader.repeat(60)
            )
            .unwrap();
        }
        pdf.page((600, 800), "", &[], &content);
        let page = text(open(pdf.build()).page(0).unwrap());
        assert!(page.plain_text().contains("Of swarms"), "{leader}");
    }
}
