//! What PDF pages are read from, and how well.

use ocr_core::{
    ErrorKind,
    model::{Rect, TextOrigin},
    page::{PageImage, PixelFormat},
};
use ocr_documents::{Document, DocumentError, Limits};

use crate::{
    error_of, image, mixed, open,
    pdf_builder::{PdfBuilder, written},
    text,
};

/// Stored pixels of a scan: 60 x 80, a dark block in the upper left corner, a lighter one in the lower right.
fn scan_pixels() -> Vec<u8> {
    let shade = |x: u32, y: u32| match (x, y) {
        (0..20, 0..20) => 0,
        (40.., 60..) => 90,
        _ => 250,
    };
    (0..80).flat_map(|y| (0..60).map(move |x| shade(x, y))).collect()
}

/// A page that draws the scan through `matrix`, and then `over` it.
fn scanned(size: (u32, u32), matrix: &str, entries: &str, over: &str) -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    let scan = pdf.gray_image(60, 80, &scan_pixels());
    pdf.page(size, entries, &[scan], &format!("q {matrix} cm /X0 Do Q {over}"));
    pdf.build()
}

fn first_image(bytes: Vec<u8>) -> PageImage {
    image(open(bytes).page(0).unwrap())
}

#[test]
fn a_text_page_gives_its_words_with_their_boxes() {
    let mut pdf = PdfBuilder::new();
    pdf.page(
        (600, 800),
        "",
        &[],
        &written(&[(60, 700, "Grand total"), (60, 680, "12.50 EUR")]),
    );
    let page = text(open(pdf.build()).page(0).unwrap());
    assert_eq!(page.plain_text(), "Grand total\n12.50 EUR");
    assert_eq!(
        (page.number, page.source, page.confidence),
        (1, TextOrigin::TextLayer, Some(1.0))
    );
    let Rect {
        left,
        top,
        right,
        bottom,
    } = page.words().next().unwrap().polygon.bounds();
    // Helvetica's "Grand" is 33.36 points wide at 12 points (AFM widths); its baseline is 100 points down.
    assert!(
        (left - 0.1).abs() < 0.001 && (right - (60.0 + 33.36) / 600.0).abs() < 0.002,
        "{left} {right}"
    );
    assert!(
        top < 100.0 / 800.0 && bottom > 100.0 / 800.0 && bottom - top < 16.0 / 800.0,
        "{top} {bottom}"
    );
}

#[test]
fn columns_are_read_one_after_the_other() {
    let lines: Vec<(u32, u32, String)> = (0..6)
        .flat_map(|row| {
            let y = 700 - row * 14;
            [
                (50, y, format!("the left column has line number {row}")),
                (320, y, format!("the right column has line number {row}")),
            ]
        })
        .collect();
    let lines: Vec<(u32, u32, &str)> = lines.iter().map(|(x, y, line)| (*x, *y, line.as_str())).collect();
    let mut pdf = PdfBuilder::new();
    pdf.page((600, 800), "", &[], &written(&lines));
    let page = text(open(pdf.build()).page(0).unwrap());
    let read: Vec<&str> = page.lines().map(|line| line.text.as_str()).collect();
    assert!(
        read[..6].iter().all(|line| line.starts_with("the left")),
        "{read:?}"
    );
    assert!(
        read[6..].iter().all(|line| line.starts_with("the right")),
        "{read:?}"
    );
}

#[test]
fn sideways_text_is_turned_upright() {
    let mut pdf = PdfBuilder::new();
    let content = "BT /F 12 Tf 0 1 -1 0 100 100 Tm (reads upwards) Tj ET";
    pdf.page((600, 800), "", &[], content);
    let page = text(open(pdf.build()).page(0).unwrap());
    assert_eq!(page.plain_text(), "reads upwards");
    assert_eq!(page.rotation, 90);
    assert!(page.width > page.height);
    let Rect {
        left,
        top,
        right,
        bottom,
    } = page.lines().next().unwrap().polygon.bounds();
    assert!(right - left > bottom - top);
    // The text starts 100 points from the bottom of the stored page, the left of the upright one.
    assert!(
        (left - 100.0 / 800.0).abs() < 0.002 && (bottom - 103.0 / 600.0).abs() < 0.01,
        "{left} {top} {bottom}"
    );
}

#[test]
fn a_rotated_page_has_upright_text() {
    let mut pdf = PdfBuilder::new();
    pdf.page(
        (600, 800),
        "/Rotate 90",
        &[],
        "BT /F 12 Tf 0 1 -1 0 100 100 Tm (upright when turned) Tj ET",
    );
    let page = text(open(pdf.build()).page(0).unwrap());
    assert_eq!(
        (page.plain_text().as_str(), page.rotation),
        ("upright when turned", 0)
    );
}

#[test]
fn a_scan_is_taken_as_it_is_stored() {
    let page = first_image(scanned((60, 80), "60 0 0 80 0 0", "", ""));
    assert_eq!(
        (page.width(), page.height(), page.format()),
        (60, 80, PixelFormat::Gray8)
    );
    assert_eq!(page.pixels(), scan_pixels());
    assert!((page.dpi().unwrap() - 72.0).abs() < 0.1);
}

#[test]
fn the_stored_image_stands_as_the_page_shows_it() {
    let matrices = [
        ((60, 80), "60 0 0 80 0 0"),
        ((60, 80), "-60 0 0 80 60 0"),
        ((60, 80), "60 0 0 -80 0 80"),
        ((60, 80), "-60 0 0 -80 60 80"),
        ((80, 60), "0 60 80 0 0 0"),
        ((80, 60), "0 -60 80 0 0 60"),
        ((80, 60), "0 60 -80 0 80 0"),
        ((80, 60), "0 -60 -80 0 80 60"),
    ];
    for (size, matrix) in matrices {
        for turn in ["", "/Rotate 90", "/Rotate 180", "/Rotate 270"] {
            let stored = first_image(scanned(size, matrix, turn, ""));
            // A mark over the image makes the page one to be drawn.
            let drawn = first_image(scanned(size, matrix, turn, "0.98 g 30 30 1 1 re f"));
            let scale = drawn.width() / stored.width();
            assert!(scale >= 2, "{matrix} {turn}: not drawn");
            let at = |image: &PageImage, x: u32, y: u32| image.pixels()[(y * image.width() + x) as usize];
            for (x, y) in [
                (5, 5),
                (stored.width() - 6, 5),
                (5, stored.height() - 6),
                (stored.width() - 6, stored.height() - 6),
            ] {
                let (x_drawn, y_drawn) = (
                    x * drawn.width() / stored.width(),
                    y * drawn.height() / stored.height(),
                );
                let difference = at(&stored, x, y).abs_diff(at(&drawn, x_drawn, y_drawn));
                assert!(
                    difference < 8,
                    "{matrix} {turn} at {x},{y}: differs by {difference}"
                );
            }
        }
    }
}

#[test]
fn pixels_become_square() {
    let page = first_image(scanned((60, 160), "60 0 0 160 0 0", "", ""));
    assert_eq!((page.width(), page.height()), (60, 160));
}

#[test]
fn an_old_invisible_text_layer_is_not_used() {
    let over = "BT 3 Tr /F 12 Tf 5 40 Td (old words) Tj ET";
    let page = first_image(scanned((60, 80), "60 0 0 80 0 0", "", over));
    assert_eq!(page.pixels(), scan_pixels());
    // The same text under the image, as some scanners write it.
    let mut pdf = PdfBuilder::new();
    let scan = pdf.gray_image(60, 80, &scan_pixels());
    pdf.page(
        (60, 80),
        "",
        &[scan],
        "BT /F 12 Tf 5 40 Td (old words) Tj ET q 60 0 0 80 0 0 cm /X0 Do Q",
    );
    assert_eq!(first_image(pdf.build()).pixels(), scan_pixels());
}

#[test]
fn an_old_invisible_text_layer_is_what_is_written_on_the_page() {
    let over = "BT 3 Tr /F 12 Tf 5 40 Td (old words) Tj ET BT 0 Tr /F 8 Tf 5 20 Td (seen) Tj ET";
    let document = open(scanned((60, 80), "60 0 0 80 0 0", "", over));
    let words = |page: Option<ocr_core::model::PageText>| {
        let page = page.unwrap();
        let words: Vec<String> = page.words().map(|word| word.text.clone()).collect();
        words
    };
    assert_eq!(words(document.written_text(0).unwrap()), ["old", "words", "seen"]);
    assert_eq!(words(document.drawn_text(0).unwrap()), ["seen"]);
}

#[test]
fn a_scan_with_a_stamp_is_drawn_with_it() {
    let page = first_image(scanned(
        (60, 80),
        "60 0 0 80 0 0",
        "",
        "BT /F 12 Tf 5 40 Td (Received) Tj ET",
    ));
    assert!(page.width() > 60);
}

#[test]
fn a_scan_on_part_of_the_page_is_not_lost_to_a_stamp() {
    let receipt = |stamp: &str| {
        let mut pdf = PdfBuilder::new();
        let scan = pdf.gray_image(60, 80, &scan_pixels());
        let drawn = format!(
            "q 240 0 0 600 180 100 cm /X0 Do Q {}",
            written(&[(20, 20, stamp)])
        );
        pdf.page((600, 800), "", &[scan], &drawn);
        open(pdf.build()).page(0).unwrap()
    };
    assert!(image(receipt("Scanned with a telephone")).width() >= 1600);
    let long = "a text of its own beside a picture is not a stamp any more: it is read exactly as it stands";
    assert_eq!(text(receipt(long)).plain_text(), long);
}

#[test]
fn letters_drawn_as_shapes_are_not_lost_to_a_footer() {
    let page = |shapes: usize| {
        let mut pdf = PdfBuilder::new();
        let shape = |at: usize| {
            let (x, y) = (50 + at % 50 * 10, 100 + at / 50 * 15);
            format!(
                "{x} {y} m {x} {} l {} {y} l {} {} l {x} {} l h f\n",
                y + 8,
                x + 6,
                x + 3,
                y + 3,
                y + 2
            )
        };
        let drawn: String = (0..shapes).map(shape).collect();
        let footer = "Printed on the first of May, page one of one, by a program";
        pdf.page((600, 800), "", &[], &(drawn + &written(&[(50, 50, footer)])));
        open(pdf.build()).page(0).unwrap()
    };
    assert!(image(page(1000)).width() >= 1600);
    let few = mixed(page(150));
    assert!(few.text.plain_text().starts_with("Printed"));
    assert_eq!((few.unread.len(), few.doubtful), (1, false));
}

#[test]
fn text_that_multiplies_is_not_kept() {
    let page = |meaning: usize, shown: usize| {
        let mut pdf = PdfBuilder::new();
        let map = format!(
            "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> \
             endcodespacerange 1 beginbfchar <41> <{}> endbfchar endcmap end",
            "0061".repeat(meaning)
        );
        let map = pdf.stream("", map.as_bytes());
        let font = pdf.object(format!(
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode {map} 0 R >>"
        ));
        let form = pdf.stream(
            &format!(
                "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /Font << /F {font} 0 R >> >>"
            ),
            written(&[(60, 700, &"A".repeat(shown))]).as_bytes(),
        );
        pdf.page((600, 800), "", &[form], "/X0 Do");
        open(pdf.build()).page(0).unwrap()
    };
    assert_eq!(text(page(3, 2)).plain_text(), "aaaaaa");
    assert!(image(page(20_000, 10)).width() >= 1600);
    assert!(image(page(30, 100_000)).width() >= 1600);
}

#[test]
fn text_without_meaning_is_recognised_from_pixels() {
    let mut pdf = PdfBuilder::new();
    let map = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> \
               endcodespacerange 1 beginbfrange <41> <5a> <e041> endbfrange endcmap end";
    let map = pdf.stream("", map.as_bytes());
    let font = pdf.object(format!(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode {map} 0 R >>"
    ));
    let page = format!("/Resources << /Font << /F {font} 0 R >> >>");
    // A second Resources entry would be ambiguous, so the font is set by a form.
    let form = pdf.stream(
        &format!("/Type /XObject /Subtype /Form /BBox [0 0 600 800] {page}"),
        written(&[(60, 700, "SECRET GLYPHS")]).as_bytes(),
    );
    pdf.page((600, 800), "", &[form], "/X0 Do");
    assert!(first_image(pdf.build()).width() >= 1600);
}

#[test]
fn an_empty_page_needs_no_recognition() {
    let mut pdf = PdfBuilder::new();
    pdf.page((600, 800), "", &[], "");
    let page = text(open(pdf.build()).page(0).unwrap());
    assert_eq!((page.source, page.blocks.len()), (TextOrigin::Empty, 0));
}

#[test]
fn any_page_can_be_had_as_pixels() {
    let mut pdf = PdfBuilder::new();
    pdf.page((612, 792), "", &[], &written(&[(60, 700, "text")]));
    let page = open(pdf.build()).image(0).unwrap();
    assert!(page.width() >= 1700 && page.pixels().iter().any(|&value| value < 50));
}

#[test]
fn a_huge_page_is_clamped() {
    let mut pdf = PdfBuilder::new();
    pdf.page((2_000_000_000, 2), "", &[], "0 0 1000000000 1 re f");
    let page = first_image(pdf.build());
    assert!(page.width() <= 32_000 && page.height() >= 1);
}

#[test]
fn limits_are_kept() {
    let pages = |count: usize| {
        let mut pdf = PdfBuilder::new();
        for _ in 0..count {
            pdf.page((100, 100), "", &[], "");
        }
        pdf.build()
    };
    let limits = Limits::default().with_max_pages(3).with_max_page_pixels(1000);
    let error = error_of(pages(4), limits);
    assert!(
        matches!(error, DocumentError::TooManyPages { found: 4, limit: 3 }),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::TooManyPages);
    assert_eq!(
        error_of(scanned((60, 80), "60 0 0 80 0 0", "", ""), limits).kind(),
        ErrorKind::TooManyPixels
    );
}

#[test]
fn what_an_image_hides_from_its_size_is_counted() {
    let limits = Limits::default().with_max_page_pixels(10_000);
    let image =
        "/Type /XObject /Subtype /Image /Width 60 /Height 80 /BitsPerComponent 8 /ColorSpace /DeviceGray";
    let page = |entries: &str, mask: &str| {
        let mut pdf = PdfBuilder::new();
        let mask = pdf.stream(&format!("{image} {mask}"), &scan_pixels());
        let entries = entries.replace("MASK", &format!("{mask} 0 R"));
        let scan = pdf.stream(&format!("{image} {entries}"), &scan_pixels());
        pdf.page((60, 80), "", &[scan], "q 60 0 0 80 0 0 cm /X0 Do Q");
        let document = Document::open(pdf.build(), limits).unwrap();
        document.image(0)
    };
    assert!(page("", "").is_ok() && page("/SMask MASK", "").is_ok());
    let hidden = [
        page("/Filter /CCITTFaxDecode /DecodeParms << /Columns 400 >>", ""),
        page("/SMask MASK", "/DecodeParms [<< /Columns 400 >>]"),
    ];
    for outcome in hidden {
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains("an image of 400 x 80 pixels"), "{error}");
    }
}

#[test]
fn an_image_far_over_the_limit_is_refused_wherever_it_is_drawn() {
    let mut pdf = PdfBuilder::new();
    pdf.gray_image(60, 80, &scan_pixels());
    pdf.page((60, 80), "", &[], "");
    let limits = Limits::default().with_max_page_pixels(1000);
    assert!(matches!(
        error_of(pdf.build(), limits),
        DocumentError::TooManyPixels { .. }
    ));
}

#[test]
fn contents_that_expand_are_refused_whatever_their_filters() {
    use std::io::Write as _;
    let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    raw.write_all(&vec![b' '; 200_000]).unwrap();
    let raw = raw.finish().unwrap();
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap();
    let hex: String = raw
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect();
    let contents = [
        ("/FlateDecode", raw.clone()),
        ("[/ASCIIHexDecode /FlateDecode]", hex.into_bytes()),
        ("/RunLengthDecode", [129, b' '].repeat(2000)),
    ];
    for (filter, content) in contents {
        let open = |max_inflated_bytes| {
            let mut pdf = PdfBuilder::new();
            pdf.stream(&format!("/Filter {filter}"), &content);
            pdf.page((60, 80), "", &[], "");
            let limits = Limits::default().with_max_inflated_bytes(max_inflated_bytes);
            Document::open(pdf.build(), limits).map(drop)
        };
        open(300_000).unwrap();
        let error = open(100_000).unwrap_err();
        assert!(
            matches!(error, DocumentError::TooComplex { .. }),
            "{filter}: {error}"
        );
    }
}

#[test]
fn forms_that_multiply_are_refused() {
    let mut pdf = PdfBuilder::new();
    let mut form = pdf.stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", b"0 0 1 1 re f");
    for _ in 0..9 {
        let entries = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {form} 0 R >> >>"
        );
        form = pdf.stream(&entries, "/X Do ".repeat(10).as_bytes());
    }
    pdf.page((100, 100), "", &[form], "/X0 Do");
    let limits = Limits::default().with_max_page_marks(10_000);
    let error = error_of(pdf.build(), limits);
    assert!(error.to_string().contains("too complex"), "{error}");
}

#[test]
fn a_page_that_is_not_there_is_named() {
    let mut pdf = PdfBuilder::new();
    pdf.page((100, 100), "", &[], "");
    let error = open(pdf.build()).page(7).unwrap_err();
    assert_eq!(error.to_string(), "there is no page 8; the document has 1");
}

#[test]
fn pages_are_read_from_several_threads() {
    let mut pdf = PdfBuilder::new();
    for number in 0..8 {
        pdf.page(
            (600, 800),
            "",
            &[],
            &written(&[(60, 700, &format!("page {number}"))]),
        );
    }
    let document = open(pdf.build());
    let read: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|index| {
                scope.spawn({
                    let document = &document;
                    move || text(document.page(index).unwrap()).plain_text()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let expected: Vec<String> = (0..8).map(|number| format!("page {number}")).collect();
    assert_eq!(read, expected);
}
