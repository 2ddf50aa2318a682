//! What a page of a document gives.

use derive_setters::Setters;
use ocr_core::{
    model::{PageText, Rect},
    page::PageImage,
};

/// What a page gives to work with.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum PageContent {
    /// The exact text of a born-digital page (or of an empty one); nothing is to be recognised.
    Text(Box<PageText>),
    /// A text layer that is not all there is to read, or not certain.
    Mixed(Box<MixedPage>),
    /// Pixels to be recognised, upright as far as the file says, with square pixels.
    Image(PageImage),
}

/// A page with a text layer, and with pixels that say more, or something else.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MixedPage {
    /// The text layer. Letters to which the file gives no meaning are U+FFFD in it.
    pub text: PageText,
    /// The page turned upright as `text` is. White but for what is in `unread`, unless the text is doubtful; words of
    /// the text are painted over.
    pub image: PageImage,
    /// Where there may be words that the text does not have, as shares of the upright page, 0 to 1.
    pub unread: Vec<Rect>,
    /// Whether the letters of the text are perhaps not those that are painted. Then `image` is the whole page, and the
    /// text is good for something only if recognition finds the same words.
    pub doubtful: bool,
}

/// What is known of a page before anything is recognised.
#[derive(Debug, Clone, PartialEq, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct PageFacts {
    /// Width in pixels of the upright page, at least 1; for a PDF, at some resolution.
    #[setters(skip)]
    pub width: u32,
    /// Height in pixels of the upright page, at least 1.
    #[setters(skip)]
    pub height: u32,
    /// Resolution in dots per inch at which those pixels stand, when known.
    #[setters(into)]
    pub dpi: Option<f32>,
    /// The exact text of a born-digital page, or an empty one of a page that has nothing on it.
    #[setters(into)]
    pub text: Option<PageText>,
}

impl PageFacts {
    /// A page of `width` by `height` pixels at an unknown resolution, without text of its own.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            dpi: None,
            text: None,
        }
    }
}
