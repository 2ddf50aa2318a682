//! A look at the places that may be tables: which cells a model sees there.

use ocr_core::{
    Error, ErrorKind, Result,
    model::geometry::{Polygon, Rect},
};
use ocr_layout::{SeenCell, SeenTable};
use rten_tensor::{NdTensor, prelude::*};
use tracing::debug_span;

use super::{
    raster::{Raster, normalisation},
    runtime::{Model, Threads},
    table_tokens::Tokens,
};

/// The model sees a square of this side, whose upper left part has the place in it (as SLANet-plus was trained).
const SIDE: usize = 488;

/// Tells the cells of tables by their pictures.
#[derive(Debug)]
pub(crate) struct TableStructure {
    model: Model,
    tokens: Tokens,
    normalise: Box<[[f32; 256]; 3]>,
}

impl TableStructure {
    pub(crate) fn new(model: Model) -> Self {
        Self {
            tokens: Tokens::from_lines(&model.metadata("character").unwrap_or_default()),
            model,
            // Mean and deviation of the ImageNet pictures, in the order blue, green, red as trained.
            normalise: normalisation([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        }
    }

    /// The tables at these places, given in shares of the page. A page is read without a look that failed.
    pub(crate) fn see(&self, raster: &Raster<'_>, places: &[Rect], threads: &Threads) -> Vec<SeenTable> {
        let mut seen = Vec::new();
        for place in places {
            match self.look(raster, *place, threads) {
                Ok(table) => seen.extend(table),
                Err(error) => tracing::warn!(%error, "a table is told without the model"),
            }
        }
        seen
    }

    /// What is seen in a part of the page, given in shares of it; `None` where the model is not sure.
    fn look(&self, raster: &Raster<'_>, place: Rect, threads: &Threads) -> Result<Option<SeenTable>> {
        let _step = debug_span!("table").entered();
        let pixels = place.scaled(raster.width() as f32, raster.height() as f32);
        let longer = pixels.width().max(pixels.height());
        if pixels.width() < 1.0 || pixels.height() < 1.0 {
            return Ok(None);
        }
        let scale = SIDE as f32 / longer;
        let side = |length: f32| ((length * scale) as usize).clamp(1, SIDE);
        let (width, height) = (side(pixels.width()), side(pixels.height()));
        let picture = raster.crop(&Polygon::from(pixels), width, height);
        // What is beside the place is nought after normalising, not black before it.
        let mut input = NdTensor::<f32, 4>::zeros([1, 3, SIDE, SIDE]);
        if let Some(data) = input.data_mut() {
            picture.write_bgr(data, SIDE, SIDE * SIDE, &self.normalise);
        }
        let outputs = self.model.run_all::<3>(input, threads, "table")?;
        let [corners, scores] = outputs.as_slice() else {
            return Err(unexpected());
        };
        if scores.size(0) != 1 || corners.size(0) != 1 || scores.size(2) != self.tokens.classes() {
            return Err(unexpected());
        }
        let Some(cells) = self.tokens.cells(scores.slice(0), corners.slice(0)) else {
            return Ok(None);
        };
        // Corners are shares of the square.
        let (x, y) = (place.width() / pixels.width(), place.height() / pixels.height());
        let on_page = |mut cell: SeenCell| {
            let seen = cell.bounds.scaled(longer * x, longer * y);
            cell.bounds = Rect::new(
                place.left + seen.left,
                place.top + seen.top,
                place.left + seen.right,
                place.top + seen.bottom,
            );
            cell
        };
        Ok(Some(SeenTable::new(
            place,
            cells.into_iter().map(on_page).collect(),
        )))
    }
}

fn unexpected() -> Error {
    Error::new(
        ErrorKind::Internal,
        "the model of tables answers in an unexpected shape",
    )
    .at("ppocr", "table")
}
