//! The recogniser of the guide to engines.

use ocr_core::{
    Result,
    model::{Block, BlockKind, Line, PageText, Polygon, TextOrigin, Word},
    page::{PageImage, PageRecognizer, RecognizeOptions, RecognizerCapabilities},
};

/// Says whether there is ink on a page.
#[derive(Debug)]
pub struct InkDetector;

impl PageRecognizer for InkDetector {
    fn name(&self) -> &'static str {
        "ink"
    }

    fn capabilities(&self) -> RecognizerCapabilities {
        RecognizerCapabilities::new("1")
    }

    fn recognize_page(&self, image: &PageImage, options: &RecognizeOptions) -> Result<PageText> {
        // Refuses a feature that is not among the capabilities.
        self.capabilities().check(self.name(), &options.features)?;
        // The number is 1; the caller sets the real one. The size is that of the upright page.
        let mut page = PageText::empty(1, image.width(), image.height());
        page.dpi = image.dpi();
        if let Some(outline) = ink(image) {
            let word = Word::new("ink", outline, 0.5);
            let line = Line::new("ink", outline, 0.5, vec![word]);
            page.source = TextOrigin::Ocr;
            page.blocks = vec![Block::new(BlockKind::Paragraph, outline, vec![line])];
            page.update_confidence();
        }
        Ok(page)
    }
}

/// The box around all dark pixels, as shares of the page.
fn ink(image: &PageImage) -> Option<Polygon> {
    let channels = image.format().channels();
    let width = image.width() as usize;
    let mut dark = image
        .pixels()
        .chunks_exact(channels)
        .enumerate()
        .filter(|(_, pixel)| pixel.iter().all(|value| *value < 100))
        .map(|(index, _)| (index % width, index / width));
    let (x, y) = dark.next()?;
    let (mut left, mut right, mut bottom) = (x, x, y);
    for (x, y) in dark {
        left = left.min(x);
        right = right.max(x);
        bottom = bottom.max(y);
    }
    let share = |value: usize, of: u32| value as f32 / of as f32;
    Some(Polygon::from_box(
        share(left, image.width()),
        share(y, image.height()),
        share(right + 1, image.width()),
        share(bottom + 1, image.height()),
    ))
}
