//! Pixels of one page and the small synchronous trait that local engines implement.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    Error, ErrorKind, Result,
    model::{Feature, PageText, TextLayerMode},
};

/// How the bytes of a [`PageImage`] are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelFormat {
    /// One byte a pixel, 0 black, 255 white.
    Gray8,
    /// Three bytes a pixel: red, green, blue.
    Rgb8,
}

impl PixelFormat {
    /// Bytes a pixel.
    pub fn channels(self) -> usize {
        match self {
            Self::Gray8 => 1,
            Self::Rgb8 => 3,
        }
    }
}

/// The pixels of one page; cheap to clone. Rows are packed, top to bottom.
#[derive(Clone)]
pub struct PageImage {
    width: u32,
    height: u32,
    format: PixelFormat,
    dpi: Option<f32>,
    pixels: Arc<[u8]>,
}

impl PageImage {
    /// Wraps packed pixels. Returns `None` when `pixels` is not exactly
    /// `width * height * channels` bytes long.
    pub fn new(width: u32, height: u32, format: PixelFormat, pixels: impl Into<Arc<[u8]>>) -> Option<Self> {
        let pixels = pixels.into();
        let expected = (width as usize)
            .checked_mul(height as usize)?
            .checked_mul(format.channels())?;
        (pixels.len() == expected).then_some(Self {
            width,
            height,
            format,
            dpi: None,
            pixels,
        })
    }

    /// The same image with its resolution in dots per inch.
    pub fn with_dpi(mut self, dpi: Option<f32>) -> Self {
        self.dpi = dpi;
        self
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Layout of [`PageImage::pixels`].
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// Resolution in dots per inch, when known.
    pub fn dpi(&self) -> Option<f32> {
        self.dpi
    }

    /// Packed pixels, row by row from the top.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

impl fmt::Debug for PageImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageImage")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("format", &self.format)
            .field("dpi", &self.dpi)
            .finish_non_exhaustive()
    }
}

/// What a caller asks of a [`PageRecognizer`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecognizeOptions {
    /// BCP 47 tags of the languages expected on the page; empty lets the engine decide.
    pub languages: Vec<String>,
    /// Threads the recogniser may use for this page, at least 1.
    pub threads: usize,
    /// Whether the engine may turn the page upright (quarter turns).
    pub correct_orientation: bool,
    /// What is to be found beyond the text, out of the features the engine declares.
    pub features: Vec<Feature>,
    /// What becomes of text that the page has already. It is for whoever opens the document: a recogniser, which has
    /// pixels only, has no use for it.
    pub text_layer: TextLayerMode,
}

impl RecognizeOptions {
    /// Text in any language, on one thread, of a page that may be turned upright.
    pub fn new() -> Self {
        Self {
            languages: Vec::new(),
            threads: 1,
            correct_orientation: true,
            features: Vec::new(),
            text_layer: TextLayerMode::Auto,
        }
    }

    /// The same for pages in these languages (BCP 47).
    pub fn with_languages(mut self, languages: Vec<String>) -> Self {
        self.languages = languages;
        self
    }

    /// The same on so many threads, at least 1.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// The same with the page turned upright or left as it is.
    pub fn with_correct_orientation(mut self, correct_orientation: bool) -> Self {
        self.correct_orientation = correct_orientation;
        self
    }

    /// The same with these features looked for.
    pub fn with_features(mut self, features: Vec<Feature>) -> Self {
        self.features = features;
        self
    }

    /// The same with text layers used in this way.
    pub fn with_text_layer(mut self, text_layer: TextLayerMode) -> Self {
        self.text_layer = text_layer;
        self
    }
}

impl Default for RecognizeOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// What a [`PageRecognizer`] can do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecognizerCapabilities {
    /// Version of the engine or of its models, recorded in results.
    pub version: String,
    /// BCP 47 tags it reads; empty means any.
    #[serde(default)]
    pub languages: Vec<String>,
    /// What it finds beyond the text.
    #[serde(default)]
    pub features: Vec<Feature>,
}

impl RecognizerCapabilities {
    /// Text and nothing beyond it, in any language, in this version of the engine or of its models.
    pub fn new(version: impl Into<String>) -> Self {
        Self {
            version: version.into(),
            ..Self::default()
        }
    }

    /// The same for these languages only (BCP 47).
    pub fn with_languages(mut self, languages: Vec<String>) -> Self {
        self.languages = languages;
        self
    }

    /// The same with these features.
    pub fn with_features(mut self, features: Vec<Feature>) -> Self {
        self.features = features;
        self
    }

    /// `Unsupported` for a feature that `engine`, which can do this, does not find.
    pub fn check(&self, engine: &str, features: &[Feature]) -> Result<()> {
        match features.iter().find(|feature| !self.features.contains(feature)) {
            Some(feature) => {
                let message = format!("{engine} does not find {feature}");
                Err(Error::new(ErrorKind::Unsupported, message))
            }
            None => Ok(()),
        }
    }
}

/// A local engine: the pixels of one page in, its text out. Blocking and CPU-bound.
///
/// # Behavior
/// - The answer's `number` is 1; the caller sets the real one. `width` and `height` are those of
///   the page after it was turned upright, and polygons are relative to that page.
/// - A page without text is an answer with source `Empty`, not an error.
/// - The same image and options give the same answer.
/// - A feature that is not among the capabilities is `Unsupported`.
/// - Never panics on any image, however small, large or odd.
pub trait PageRecognizer: fmt::Debug + Send + Sync + 'static {
    /// Short lower-case name: `ppocr`.
    fn name(&self) -> &'static str;
    /// What this engine can do; fixed after construction, cheap.
    fn capabilities(&self) -> RecognizerCapabilities;
    /// Reads one page.
    fn recognize_page(&self, image: &PageImage, options: &RecognizeOptions) -> Result<PageText>;
}
