//! What is done with one page of an open document, here or in a page process: it is read, looked at, or drawn
//! for people and for engines elsewhere.

use std::time::{Duration, Instant};

use bytes::Bytes;
use derive_setters::Setters;
use ocr_core::{
    Error, ErrorKind, Result,
    digest::ContentHasher,
    model::{PageText, QuarterTurn, TextLayerMode},
    page::{PageImage, PageRecognizer, RecognizeOptions},
};
use ocr_documents::{Document, PageContent, PageFacts, encode_jpeg, preview, turned};
use serde::{Deserialize, Serialize};

use crate::{known::milliseconds, mixed};

/// Quality of pictures for people: no artefacts beside letters at a third of the bytes of 95.
const PICTURE_QUALITY: u8 = 82;
/// Quality of pictures for engines: letters as good as in the page at half the bytes of 100.
const QUALITY: u8 = 92;
/// Shrinking ends here: a page of this many pixels a side fits every limit that makes sense.
const MIN_SIDE: u32 = 64;

/// The largest picture an engine takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct RenderLimits {
    /// Maximum number of pixels of the longer side.
    pub max_side: u32,
    /// Maximum number of bytes of the file.
    pub max_bytes: u64,
}

impl RenderLimits {
    /// At most `max_side` pixels on the longer side and `max_bytes` bytes.
    pub fn new(max_side: u32, max_bytes: u64) -> Self {
        Self { max_side, max_bytes }
    }
}

/// The picture of a page, upright as far as the file says.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RenderedPage {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Resolution in dots per inch, when known.
    pub dpi: Option<f32>,
    /// Whether it was made smaller to fit the limits.
    pub reduced: bool,
    /// A JPEG file.
    pub jpeg: Bytes,
}

/// Reads page `number` (one-based): its text layer where that is exact and nothing beyond the text is wanted, with the
/// words of its pictures; its pixels otherwise.
///
/// # Errors
/// `Unsupported` for a feature the recogniser does not find.
pub(crate) fn read(
    recognizer: &dyn PageRecognizer,
    document: &Document,
    number: u32,
    options: &RecognizeOptions,
) -> Result<PageText> {
    LookedAt::look(document, number, options)?.read(recognizer, document, options)
}

/// A page that was decoded and is yet to be recognised.
#[derive(Debug)]
pub(crate) struct LookedAt {
    number: u32,
    /// Whether something beyond the text is wanted.
    featured: bool,
    text_layer: TextLayerMode,
    content: PageContent,
    /// Words that are kept while its picture is read.
    kept: Option<Box<PageText>>,
    /// What is to be told of the whole document on it.
    told: Vec<String>,
    elapsed: Duration,
}

impl LookedAt {
    /// Decodes page `number` (one-based) as `options` want it.
    pub(crate) fn look(document: &Document, number: u32, options: &RecognizeOptions) -> Result<Self> {
        let started = Instant::now();
        let index = number.saturating_sub(1);
        let content = content(document, index, options)?;
        let kept = match &content {
            PageContent::Image(_) if options.text_layer == TextLayerMode::Redo => {
                kept_text(document, index, options)?.map(Box::new)
            }
            _ => None,
        };
        Ok(Self {
            number,
            featured: !options.features.is_empty(),
            text_layer: options.text_layer,
            content,
            kept,
            told: told_on(document, number),
            elapsed: started.elapsed(),
        })
    }

    /// Whether it is page `number`, decoded as `options` want it.
    pub(crate) fn is_of(&self, number: u32, options: &RecognizeOptions) -> bool {
        self.number == number
            && self.featured != options.features.is_empty()
            && self.text_layer == options.text_layer
    }

    /// How long it took so far.
    pub(crate) fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// What tells its picture from others: 64 hex digits of the pixels, their layout, and the resolution in whole dots
    /// per inch. `None` where its text depends on more than a picture: on a text layer, or on what is to be told of
    /// this document.
    pub(crate) fn picture(&mut self) -> Option<String> {
        let started = Instant::now();
        let PageContent::Image(image) = &self.content else {
            return None;
        };
        if self.kept.is_some() || !self.told.is_empty() {
            return None;
        }
        let dpi = image.dpi().map_or(0, |dpi| dpi.round() as u32);
        let mut hasher = ContentHasher::default();
        for number in [
            image.width(),
            image.height(),
            image.format().channels() as u32,
            dpi,
        ] {
            hasher.update(&number.to_le_bytes());
        }
        hasher.update(image.pixels());
        let digest = hasher.finish();
        self.elapsed += started.elapsed();
        Some(digest)
    }

    /// Reads it.
    ///
    /// # Errors
    /// `Unsupported` for a feature the recogniser does not find.
    pub(crate) fn read(
        self,
        recognizer: &dyn PageRecognizer,
        document: &Document,
        options: &RecognizeOptions,
    ) -> Result<PageText> {
        let started = Instant::now();
        let number = self.number;
        let mut page = match self.content {
            PageContent::Text(page) => *page,
            PageContent::Mixed(page) => mixed::read(recognizer, *page, options)?,
            PageContent::Image(image) => match self.kept {
                Some(text) => mixed::read_around(recognizer, *text, &image, options)?,
                None => recognized(recognizer, &image, options)?,
            },
            // Whatever else a page may give, it can be drawn.
            _ => recognized(recognizer, &document.image(number.saturating_sub(1))?, options)?,
        };
        page.number = number;
        page.warnings.extend(self.told);
        page.elapsed_ms = milliseconds(self.elapsed + started.elapsed());
        Ok(page)
    }
}

/// What a page is read from, as the options want it.
fn content(document: &Document, index: u32, options: &RecognizeOptions) -> Result<PageContent> {
    let picture = || document.image(index).map(PageContent::Image);
    let content = if options.features.is_empty() {
        match options.text_layer {
            TextLayerMode::Force => picture()?,
            TextLayerMode::Skip => match document.written_text(index)?.filter(has_words) {
                Some(text) => PageContent::Text(Box::new(text)),
                None => picture()?,
            },
            _ => document.page(index)?,
        }
    } else {
        picture()?
    };
    Ok(content)
}

/// The words of a page that can be seen as text, where there are some and its picture is read.
fn kept_text(document: &Document, index: u32, options: &RecognizeOptions) -> Result<Option<PageText>> {
    if !options.features.is_empty() {
        return Ok(None);
    }
    Ok(document.drawn_text(index)?.filter(has_words))
}

/// Whether there is a word of which each letter is known.
fn has_words(page: &PageText) -> bool {
    page.words()
        .any(|word| !word.text.contains(char::REPLACEMENT_CHARACTER))
}

/// What `recognizer` reads in `image`, with the resolution of the image where it gives none.
fn recognized(
    recognizer: &dyn PageRecognizer,
    image: &PageImage,
    options: &RecognizeOptions,
) -> Result<PageText> {
    let mut page = recognizer.recognize_page(image, options)?;
    page.dpi = page.dpi.or(image.dpi());
    Ok(page)
}

/// Draws page `number` (one-based) for people, turned, as a JPEG of at most `width` pixels across.
pub(crate) fn picture(document: &Document, number: u32, width: u32, turn: QuarterTurn) -> Result<Vec<u8>> {
    let image = document.image(number.saturating_sub(1))?;
    let (across, along) = turn.size(width, u32::MAX);
    // Shrinking first leaves fewer pixels to turn.
    let image = turned(&preview(&image, across, along), turn);
    encode_jpeg(&image, PICTURE_QUALITY)
        .ok_or_else(|| Error::new(ErrorKind::Unsupported, "this page has no picture"))
}

/// What is known of page `number` (one-based) without recognising it.
pub(crate) fn facts(document: &Document, number: u32) -> Result<PageFacts> {
    let mut facts = document.facts(number.saturating_sub(1))?;
    if let Some(text) = &mut facts.text {
        text.warnings.extend(told_on(document, number));
    }
    Ok(facts)
}

/// What is to be told of the whole document on page `number`: results have no place for it but their pages, and the
/// first one is where a reader begins.
fn told_on(document: &Document, number: u32) -> Vec<String> {
    if number == 1 {
        document.warnings()
    } else {
        Vec::new()
    }
}

/// Draws page `number` (one-based) within `limits`.
pub(crate) fn render(document: &Document, number: u32, limits: RenderLimits) -> Result<RenderedPage> {
    let image = document.image(number.saturating_sub(1))?;
    let mut picture = preview(&image, limits.max_side, limits.max_side);
    loop {
        let jpeg = encode_jpeg(&picture, QUALITY)
            .ok_or_else(|| Error::new(ErrorKind::InvalidInput, "this page has no picture"))?;
        let (width, height) = (picture.width(), picture.height());
        let excess = jpeg.len() as f64 / limits.max_bytes.max(1) as f64;
        if excess <= 1.0 || width.max(height) <= MIN_SIDE {
            return Ok(RenderedPage {
                width,
                height,
                dpi: picture.dpi(),
                reduced: width < image.width() || height < image.height(),
                jpeg: jpeg.into(),
            });
        }
        // Bytes follow the area; a little less than that, so that the next picture fits.
        let scale = (0.95 / excess.sqrt()).min(0.9);
        let side = |length: u32| (f64::from(length) * scale) as u32;
        picture = preview(&image, side(width).max(1), side(height).max(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::{
        model::{Block, BlockKind, Feature, Line, Polygon, TextOrigin, Word},
        page::RecognizerCapabilities,
    };
    use ocr_documents::Limits;
    use ocr_testkit::documents::{Typeset, image_pdf, png, text_pdf, tiff};

    /// Reads one word in the middle of each page.
    #[derive(Debug)]
    struct OneWord;

    impl PageRecognizer for OneWord {
        fn name(&self) -> &'static str {
            "one-word"
        }

        fn capabilities(&self) -> RecognizerCapabilities {
            RecognizerCapabilities::new("1")
        }

        fn recognize_page(&self, image: &PageImage, _: &RecognizeOptions) -> Result<PageText> {
            let place = Polygon::from_box(0.4, 0.5, 0.6, 0.52);
            let line = Line::new("seen", place, 0.9, vec![Word::new("seen", place, 0.9)]);
            let block = Block::new(BlockKind::Paragraph, place, vec![line]);
            Ok(PageText::empty(1, image.width(), image.height())
                .with_source(TextOrigin::Ocr)
                .with_blocks(vec![block]))
        }
    }

    fn document() -> Document {
        let page = Typeset::card().page("a page with some text on it");
        Document::open(png(&page).to_vec(), Limits::default()).unwrap()
    }

    #[test]
    fn a_picture_is_shrunk_until_it_fits() {
        let document = document();
        let facts = facts(&document, 1).unwrap();
        let generous = RenderLimits {
            max_side: 10_000,
            max_bytes: 5_000_000,
        };
        let whole = render(&document, 1, generous).unwrap();
        assert_eq!(
            (whole.width, whole.height, whole.reduced),
            (facts.width, facts.height, false)
        );
        let narrow = RenderLimits {
            max_side: 200,
            ..generous
        };
        let small = render(&document, 1, narrow).unwrap();
        assert!(small.reduced && small.width.max(small.height) <= 200);
        let few_bytes = RenderLimits {
            max_bytes: whole.jpeg.len() as u64 / 3,
            ..generous
        };
        let light = render(&document, 1, few_bytes).unwrap();
        assert!(light.reduced && light.jpeg.len() as u64 <= few_bytes.max_bytes);
        let impossible = RenderLimits {
            max_bytes: 1,
            ..generous
        };
        assert!(render(&document, 1, impossible).unwrap().width <= MIN_SIDE);
    }

    #[test]
    fn what_concerns_the_whole_document_is_told_on_its_first_page() {
        let mut file = text_pdf(&["one", "two"]).to_vec();
        let catalog = b"/Catalog";
        let at = file.windows(catalog.len()).position(|window| window == catalog);
        let at = at.expect("the catalog is stored as it is") + catalog.len();
        // Positions behind it are wrong now, which readers repair.
        file.splice(at..at, *b" /Collection << >> ");
        let document = Document::open(file, Limits::default()).unwrap();
        let warnings = |number| facts(&document, number).unwrap().text.unwrap().warnings;
        assert!(warnings(1)[0].contains("attachments"), "{:?}", warnings(1));
        assert_eq!(warnings(2), [""; 0]);
    }

    #[test]
    fn a_page_of_text_is_read_as_the_mode_says() {
        let file = text_pdf(&["A letter with words that are text"]).to_vec();
        let letter = Document::open(file, Limits::default()).unwrap();
        let read = |document: &Document, mode| {
            let options = RecognizeOptions::new().with_text_layer(mode);
            let page = super::read(&OneWord, document, 1, &options).unwrap();
            (page.source, page.words().next().map(|word| word.text.clone()))
        };
        for mode in [TextLayerMode::Auto, TextLayerMode::Skip, TextLayerMode::Redo] {
            let (source, word) = read(&letter, mode);
            assert_eq!(
                (source, word.as_deref()),
                (TextOrigin::TextLayer, Some("A")),
                "{mode}"
            );
        }
        let (source, word) = read(&letter, TextLayerMode::Force);
        assert_eq!((source, word.as_deref()), (TextOrigin::Ocr, Some("seen")));
        for mode in TextLayerMode::ALL {
            assert_eq!(read(&document(), mode).0, TextOrigin::Ocr, "{mode}");
        }
    }

    #[test]
    fn the_same_pixels_are_the_same_picture_in_whatever_file() {
        let picture_of = |file: Vec<u8>| {
            let document = Document::open(file, Limits::default()).unwrap();
            let mut page = LookedAt::look(&document, 1, &RecognizeOptions::new()).unwrap();
            page.picture()
        };
        let scan = image_pdf(&[Typeset::card().page("a page with some text on it")]);
        let document = Document::open(scan.to_vec(), Limits::default()).unwrap();
        let pixels = document.image(0).unwrap();
        let pixels = pixels.clone().with_dpi(pixels.dpi().map(f32::round));
        let picture = picture_of(scan.to_vec()).expect("it has no text layer");
        assert_eq!(picture.len(), 64);
        assert_eq!(
            picture_of(tiff(std::slice::from_ref(&pixels)).to_vec()),
            Some(picture.clone())
        );
        let other = png(&Typeset::card().page("another page")).to_vec();
        assert!(picture_of(other).is_some_and(|other| other != picture));
        assert_eq!(picture_of(text_pdf(&["born digital"]).to_vec()), None);
    }

    #[test]
    fn a_page_that_was_looked_at_is_taken_for_no_other() {
        let page = LookedAt::look(&document(), 1, &RecognizeOptions::new()).unwrap();
        let plain = RecognizeOptions::new();
        assert!(page.is_of(1, &plain) && !page.is_of(2, &plain));
        let forced = plain.clone().with_text_layer(TextLayerMode::Force);
        assert!(!page.is_of(1, &forced));
        assert!(!page.is_of(1, &plain.with_features(vec![Feature::Tables])));
    }

    #[test]
    fn a_page_that_does_not_exist_is_not_drawn() {
        assert!(facts(&document(), 2).is_err());
    }
}
