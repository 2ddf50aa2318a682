//! Documents with known words.

use bytes::Bytes;
use ocr_documents::{Document, Limits};
use ocr_testkit::documents::{Typeset, image_pdf, png, text_pdf, tiff};

/// Words that stand on every page.
pub(crate) const WORDS: [&str; 5] = ["Invoice", "number", "total", "amount", "thanks"];

/// The text of page `number`.
fn text(number: usize) -> String {
    format!("Invoice number {number}{number}{number}\n\ntotal amount 42\n\nthanks")
}

/// A scan of that many pages, without a text layer.
pub(crate) fn scan(pages: usize) -> Bytes {
    let sheet = Typeset::card().with_cap_height(4.0);
    image_pdf(
        &(1..=pages)
            .map(|number| sheet.page(&text(number)))
            .collect::<Vec<_>>(),
    )
}

/// The pages of [`scan`] pixel by pixel, as frames of another kind of file.
pub(crate) fn same_scan(pages: u32) -> Bytes {
    let file = scan(pages as usize).to_vec();
    let document = Document::open(file, Limits::default()).unwrap();
    let frames: Vec<_> = (0..pages)
        .map(|index| {
            let image = document.image(index).unwrap();
            // Files of this kind have it in whole numbers.
            let dpi = image.dpi().map(f32::round);
            image.with_dpi(dpi)
        })
        .collect();
    tiff(&frames)
}

/// A picture of one page.
pub(crate) fn picture() -> Bytes {
    png(&Typeset::card().with_cap_height(4.0).page(&text(1)))
}

/// A document that needs no recognition.
pub(crate) fn born_digital() -> Bytes {
    text_pdf(&[
        "The quick brown fox\njumps over the lazy dog",
        "Second page, 1,234.56 EUR",
    ])
}

/// A small document that is accepted by its first bytes.
pub(crate) fn small() -> Bytes {
    text_pdf(&["a small document"])
}
