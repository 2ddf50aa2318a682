//! Public samples, where they are at hand.

use ocr_documents::{Document, DocumentError, Limits, PageContent};
use ocr_testkit::requirements::corpus;

use crate::{image, text};

fn sample(name: &str) -> Option<Document> {
    Some(Document::open_path(corpus("public")?.join(name), Limits::default()).unwrap())
}

#[test]
fn born_digital_pages_come_out_word_for_word() {
    let Some(folder) = corpus("public") else { return };
    let truth = std::fs::read_to_string(folder.join("born_digital_5p.txt")).unwrap();
    let document = sample("born_digital_5p.pdf").unwrap();
    let read: Vec<String> = (0..document.page_count())
        .flat_map(|index| {
            text(document.page(index).unwrap())
                .words()
                .map(|word| word.text.clone())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(read, truth.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn pages_of_a_mixed_document_are_told_apart() {
    let Some(document) = sample("mixed_text_and_scan_6p.pdf") else {
        return;
    };
    let kinds: Vec<bool> = (0..6)
        .map(|index| matches!(document.page(index).unwrap(), PageContent::Text(_)))
        .collect();
    assert_eq!(kinds, [false, false, false, true, true, true]);
}

#[test]
fn scans_keep_their_stored_resolution() {
    for (name, size) in [
        ("linn_jbig2.pdf", (2550, 3300, 300)),
        ("linn_ccitt.pdf", (2550, 3300, 300)),
        ("linn_two_column_300dpi.png", (2550, 3300, 0)),
        ("aspect_200x100dpi.pdf", (1000, 800, 200)),
        ("searchable_scan_old_layer.pdf", (1253, 1637, 300)),
        ("exif_orientation.jpg", (752, 306, 72)),
    ] {
        let Some(document) = sample(name) else { return };
        let page = image(document.page(0).unwrap());
        let dpi = page.dpi().unwrap_or(0.0).round() as u32;
        assert_eq!((page.width(), page.height(), dpi), size, "{name}");
    }
}

#[test]
fn a_password_is_asked_for() {
    let Some(folder) = corpus("public") else { return };
    let error = Document::open_path(folder.join("encrypted_userpw_test.pdf"), Limits::default()).unwrap_err();
    assert!(matches!(error, DocumentError::Encrypted));
}
