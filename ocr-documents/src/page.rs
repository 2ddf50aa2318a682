//! What a page of a document gives.

use ocr_core::{model::PageText, page::PageImage};

/// What a page gives to work with.
#[derive(Debug, Clone)]
pub enum PageContent {
    /// The exact text of a born-digital page (or of an empty one); nothing is to be recognised.
    Text(Box<PageText>),
    /// Pixels to be recognised, upright as far as the file says, with square pixels.
    Image(PageImage),
}

/// What is known of a page before anything is recognised.
#[derive(Debug, Clone, PartialEq)]
pub struct PageFacts {
    /// Width in pixels of the upright page, at least 1; for a PDF, at some resolution.
    pub width: u32,
    /// Height in pixels of the upright page, at least 1.
    pub height: u32,
    /// Resolution in dots per inch at which those pixels stand, when known.
    pub dpi: Option<f32>,
    /// The exact text of a born-digital page, or an empty one of a page that has nothing on it.
    pub text: Option<PageText>,
}
