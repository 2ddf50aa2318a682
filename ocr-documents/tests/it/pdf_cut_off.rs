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
