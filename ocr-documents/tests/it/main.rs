//! The crate from outside: generated documents of every type, public samples, and files made to harm.

mod corpus;
mod hostile;
mod mutations;
mod page_structures;
mod pdf;
mod pdf_attachments;
mod pdf_builder;
mod pdf_cut_off;
mod pdf_fields;
mod pdf_strings;
mod pdf_tables;
mod pdf_text_beside_pictures;
mod pdf_text_meaning;
mod pdf_visible_text;
mod pictures;
mod tiff_builder;
mod tiff_frames;
mod tiff_layouts;

use ocr_core::{model::PageText, page::PageImage};
use ocr_documents::{Document, DocumentError, Limits, MixedPage, PageContent};

/// Opens a document within the usual limits.
fn open(bytes: Vec<u8>) -> Document {
    Document::open(bytes, Limits::default()).unwrap()
}

/// The error of opening a document, or of its first page.
fn error_of(bytes: Vec<u8>, limits: Limits) -> DocumentError {
    match Document::open(bytes, limits) {
        Ok(document) => document.page(0).unwrap_err(),
        Err(error) => error,
    }
}

/// The pixels of a page that must have some.
fn image(page: PageContent) -> PageImage {
    match page {
        PageContent::Image(image) => image,
        PageContent::Text(text) => panic!("a page of text: {:?}", text.plain_text()),
        other => panic!("not a page of pixels: {other:?}"),
    }
}

/// A page that must have both text and pixels.
fn mixed(page: PageContent) -> MixedPage {
    match page {
        PageContent::Mixed(page) => *page,
        other => panic!("not a page of text and pixels: {other:?}"),
    }
}

/// The text of a page that must have some.
fn text(page: PageContent) -> PageText {
    match page {
        PageContent::Text(text) => *text,
        PageContent::Image(image) => panic!("a page of pixels: {image:?}"),
        other => panic!("not a page of text: {other:?}"),
    }
}
