//! A quick look at the whole page: which way up it lies, before anything is looked for on it.

use ocr_core::{Result, model::geometry::QuarterTurn};
use rten_tensor::{NdTensor, prelude::*};
use tracing::debug_span;

use super::{
    raster::{Raster, normalisation},
    runtime::{Model, Threads},
};

/// The model sees a square of this side out of the middle of the page,
const SIDE: usize = 224;
/// whose shorter side has so many pixels (the preparation that PP-LCNet was trained with).
const SHORTER_SIDE: f32 = 256.0;
/// Slim pages are not scaled beyond this: only their middle is looked at.
const MAX_SIDE: f32 = 4096.0;
/// What the model says with less than this is not listened to. It gives 0.93 at most and 0.26 for an empty page; of 172
/// views of 43 public documents those above it were right but for the photograph that is stored upside down.
const SURE: f32 = 0.8;

/// Classifies pages into the four quarter turns.
#[derive(Debug)]
pub(crate) struct Upright {
    model: Model,
    normalise: Box<[[f32; 256]; 3]>,
}

impl Upright {
    pub(crate) fn new(model: Model) -> Self {
        Self {
            model,
            // Mean and deviation of the ImageNet pictures, in the order blue, green, red.
            normalise: normalisation([0.406, 0.456, 0.485], [0.225, 0.224, 0.229]),
        }
    }

    /// The turn that makes the page upright; `None` where it cannot be told for sure.
    pub(crate) fn turn(&self, page: &Raster<'_>, threads: &Threads) -> Result<Option<QuarterTurn>> {
        let _step = debug_span!("upright").entered();
        let (width, height) = (page.width() as f32, page.height() as f32);
        let scale = SHORTER_SIDE / width.min(height).max(1.0);
        let side = |length: f32| ((length * scale).round().min(MAX_SIDE) as usize).max(SIDE);
        let (width, height) = (side(width), side(height));
        let square = page
            .scaled(width, height)?
            .cut((width - SIDE) / 2, (height - SIDE) / 2, SIDE, SIDE);
        let mut input = NdTensor::<f32, 4>::zeros([1, 3, SIDE, SIDE]);
        if let Some(data) = input.data_mut() {
            square.write_bgr(data, SIDE, SIDE * SIDE, &self.normalise);
        }
        let scores = self.model.run::<2>(input, threads, "upright")?;
        let ranked = (0..4_u32).zip(scores.iter().copied());
        let best = ranked.max_by(|a, b| a.1.total_cmp(&b.1));
        // A class says how far the page was turned clockwise.
        Ok(best
            .filter(|(_, score)| *score >= SURE)
            .map(|(class, _)| QuarterTurn::from_quarters(class).inverse()))
    }
}
