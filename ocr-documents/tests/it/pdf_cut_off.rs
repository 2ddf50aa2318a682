//! PDF files whose end is missing.

use ocr_core::model::TextOrigin;
use ocr_documents::{Document, Limits};

use crate::{
    open,
    pdf_builder::{PdfBuilder, written},
    text,
};

#[test]
fn a_page_whose_contents_were_cut_off_is_not_taken_for_a_blank_one() {
    let mut pdf = PdfBuilder::new();
    for words in ["First page", "Second page"] {
        pdf.page((600, 800), "", &[], &written(&[(60, 700, words)]));
    }
    pdf.page((600, 800), "", &[], "");
    let whole = pdf.build();
    let blank = text(open(whole.clone()).page(2).unwrap());
    assert_eq!(
        blank.source,
        TextOrigin::Empty,
        "a whole file may have blank pages"
    );
    let second = whole
        .windows(6)
        .rposition(|window| window == b"Second")
        .expect("the words are stored as they are");
    let Ok(document) = Document::open(whole[..second].to_vec(), Limits::default()) else {
        return;
    };
    for index in 0..document.page_count() {
        if let Ok(page) = document.page(index) {
            assert_ne!(text(page).source, TextOrigin::Empty, "page {}", index + 1);
        }
    }
}

/// A page of words, and a blank one.
fn with_a_blank_page() -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    pdf.page((600, 800), "", &[], &written(&[(60, 700, "Words")]));
    pdf.page((600, 800), "", &[], "");
    pdf.build()
}

#[test]
fn padding_after_the_end_is_no_loss() {
    for padding in [&b"\0"[..], b" ", b"\r\n", b"\n\0", b"\x1a"] {
        let mut file = with_a_blank_page();
        file.extend(padding.iter().cycle().take(80_508));
        let document = open(file);
        assert_eq!(document.page_count(), 2, "{padding:?}");
        assert_eq!(text(document.page(0).unwrap()).plain_text(), "Words");
        let blank = text(document.page(1).unwrap());
        assert_eq!(blank.source, TextOrigin::Empty, "{padding:?}");
        assert_eq!(blank.warnings, [""; 0], "{padding:?}");
    }
}

#[test]
fn padding_after_a_loss_does_not_hide_it() {
    let mut file = with_a_blank_page();
    let end = file
        .windows(9)
        .rposition(|window| window == b"startxref")
        .expect("the end of the file");
    file.truncate(end);
    file.extend([0; 10_000]);
    let document = open(file);
    let error = document.page(1).unwrap_err();
    assert!(error.to_string().contains("cut off"), "{error}");
}
