//! Reading one line: crop, recogniser, CTC.

use ocr_core::{Error, ErrorKind, Result};
use rten_tensor::{NdTensor, prelude::*};
use tracing::debug_span;

use super::{
    ctc::{Alphabet, Glyph, decode},
    raster::{Pixels, Raster, normalisation},
    runtime::{Model, Threads},
};
use ocr_core::model::geometry::Polygon;

/// Height of a line picture the recognisers were trained on.
pub(crate) const LINE_HEIGHT: usize = 48;
/// Columns of pixels per output column of the recognisers.
pub(crate) const COLUMN_STRIDE: usize = 8;
/// Minimum width of a picture given to a recogniser.
const MIN_WIDTH: usize = 32;
/// Maximum width of a picture; wider lines are squeezed, which bounds memory.
const MAX_WIDTH: usize = 3200;

/// What was read in one box.
#[derive(Debug, Clone)]
pub(crate) struct LineText {
    /// Characters in order; positions are output columns.
    pub(crate) glyphs: Vec<Glyph>,
    /// Number of output columns over the width of the crop.
    pub(crate) columns: f32,
    /// Mean confidence of the characters; 0 when nothing was read.
    pub(crate) confidence: f32,
}

/// A recognition model with its alphabet.
#[derive(Debug)]
pub(crate) struct Recognizer {
    /// What its steps are called in traces.
    name: &'static str,
    model: Model,
    alphabet: Alphabet,
    normalise: Box<[[f32; 256]; 3]>,
}

impl Recognizer {
    pub(crate) fn new(name: &'static str, model: Model, alphabet: Alphabet) -> Self {
        Self {
            name,
            model,
            alphabet,
            normalise: normalisation([0.5; 3], [0.5; 3]),
        }
    }

    /// How many lines are best read in one run.
    pub(crate) fn lines_at_once(&self) -> usize {
        self.model.lines_at_once()
    }

    /// Reads line pictures made by [`line_picture`] in one run, each padded to the widest. The
    /// caller bounds their number and sees to it that they are of similar width.
    pub(crate) fn read(&self, lines: &[&Pixels], threads: &Threads) -> Result<Vec<LineText>> {
        let Some(widest) = lines.iter().map(|line| line.width).max() else {
            return Ok(Vec::new());
        };
        let width = widest.next_multiple_of(COLUMN_STRIDE).max(MIN_WIDTH);
        let columns: usize = lines.iter().map(|line| line.width).sum();
        let padded = width * lines.len();
        let _step = debug_span!(
            "recognize",
            model = self.name,
            lines = lines.len(),
            columns,
            padded
        )
        .entered();
        let plane = width * LINE_HEIGHT;
        let mut input = NdTensor::<f32, 4>::zeros([lines.len(), 3, LINE_HEIGHT, width]);
        if let Some(data) = input.data_mut() {
            for (line, target) in lines.iter().zip(data.chunks_exact_mut(3 * plane)) {
                line.write_bgr(target, width, plane, &self.normalise);
            }
        }
        let output = self.model.run::<3>(input, threads, "recognize")?;
        if output.size(0) != lines.len() || output.size(2) != self.alphabet.classes() {
            return Err(Error::new(
                ErrorKind::Internal,
                "the recognition model and its dictionary do not belong together",
            )
            .at("ppocr", "recognize"));
        }
        let columns_per_pixel = output.size(1) as f32 / width as f32;
        let reading = |(index, line): (usize, &&Pixels)| {
            let glyphs = decode(output.slice(index), &self.alphabet);
            let confidence = mean(glyphs.iter().map(|glyph| glyph.confidence));
            LineText {
                glyphs,
                columns: columns_per_pixel * line.width as f32,
                confidence,
            }
        };
        Ok(lines.iter().enumerate().map(reading).collect())
    }
}

/// The picture of the line inside `quad`, as the recognisers want it.
pub(crate) fn line_picture(page: &Raster<'_>, quad: &Polygon) -> Pixels {
    page.crop(quad, line_width(quad), LINE_HEIGHT)
}

/// Width in pixels of the picture of the line inside `quad`.
pub(crate) fn line_width(quad: &Polygon) -> usize {
    let ratio = quad.width() / quad.height().max(1.0);
    ((LINE_HEIGHT as f32 * ratio).ceil() as usize).clamp(8, MAX_WIDTH)
}

/// Mean, 0 for nothing.
pub(crate) fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f32 }
}
