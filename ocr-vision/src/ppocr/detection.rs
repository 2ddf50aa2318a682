//! Finding lines of text: the page scaled to a working size, through the detector, into boxes.

use ocr_core::Result;
use rten_tensor::{NdTensor, prelude::*};
use tracing::debug_span;

use super::{
    boxes::{BoxParams, TextBox, text_boxes},
    ink::{SQUARE, inked},
    raster::{Pixels, Raster, normalisation},
    runtime::{Model, Threads},
};
use ocr_core::model::geometry::Point;

/// The detector halves its input five times.
const STRIDE: usize = SQUARE;

/// Slim pages may be this many times longer than [`WorkingSize::max_long_side`].
const MAX_SLIM: f32 = 8.0;

/// Working size of the detector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkingSize {
    /// Smaller pages are enlarged until their shorter side has this many pixels.
    pub(crate) min_short_side: f32,
    /// Larger pages are reduced until their longer side has this many pixels; slim ones, whose shorter
    /// side would fall below `min_short_side`, no further than to that.
    pub(crate) max_long_side: f32,
    /// Upper limit of pixels, which bounds the memory of a run whatever the page's shape.
    pub(crate) max_pixels: f32,
}

impl WorkingSize {
    /// Width and height to scale a page to: multiples of 32, at least 32.
    pub(crate) fn for_page(&self, width: usize, height: usize) -> (usize, usize) {
        let (w, h) = (width.max(1) as f32, height.max(1) as f32);
        let enlarge = (self.min_short_side / w.min(h)).max(1.0);
        let reduce = (self.max_long_side / (w.max(h) * enlarge)).min(1.0);
        // A long receipt reduced like a sheet of paper has no letters left.
        let keep = (self.min_short_side / w.min(h))
            .min(MAX_SLIM * self.max_long_side / w.max(h))
            .min(1.0);
        let scale = (enlarge * reduce).max(keep);
        let scale = scale * (self.max_pixels / (w * scale * h * scale)).sqrt().min(1.0);
        let side = |length: f32| ((length * scale / STRIDE as f32).round() as usize).max(1) * STRIDE;
        (side(w), side(h))
    }
}

/// The detection model with its settings.
#[derive(Debug)]
pub(crate) struct Detector {
    model: Model,
    normalise: Box<[[f32; 256]; 3]>,
    params: BoxParams,
    size: WorkingSize,
}

impl Detector {
    pub(crate) fn new(model: Model, params: BoxParams, size: WorkingSize) -> Self {
        Self {
            model,
            // Mean and deviation of the ImageNet pictures, in the order blue, green, red as trained.
            normalise: normalisation([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            params,
            size,
        }
    }

    /// Name of the runtime that the model runs on.
    pub(crate) fn runtime(&self) -> &'static str {
        self.model.runtime()
    }

    /// Boxes around lines of text in the coordinates of the turned page.
    pub(crate) fn detect(&self, page: &Raster<'_>, threads: &Threads) -> Result<Vec<TextBox>> {
        let (width, height) = self.size.for_page(page.width(), page.height());
        let _step = debug_span!("detect", width, height).entered();
        let pixels = page.scaled(width, height)?;
        let (scale_x, scale_y) = (
            page.width() as f32 / width as f32,
            page.height() as f32 / height as f32,
        );
        let mut boxes = Vec::new();
        for area in inked(&pixels) {
            let to_page = |point: Point| {
                Point::new(
                    (point.x + area.left as f32) * scale_x,
                    (point.y + area.top as f32) * scale_y,
                )
            };
            let found = self.find(&pixels.cut(area.left, area.top, area.width, area.height), threads)?;
            boxes.extend(found.into_iter().map(|text| TextBox {
                quad: text.quad.map(to_page),
                ..text
            }));
        }
        Ok(boxes)
    }

    /// Boxes around lines of text on a picture of working size, in its pixels.
    fn find(&self, pixels: &Pixels, threads: &Threads) -> Result<Vec<TextBox>> {
        let (width, height) = (pixels.width, pixels.height);
        let mut input = NdTensor::<f32, 4>::zeros([1, 3, height, width]);
        if let Some(data) = input.data_mut() {
            pixels.write_bgr(data, width, width * height, &self.normalise);
        }
        let map = self.model.run::<4>(input, threads, "detect")?;
        Ok(text_boxes(map.slice((0, 0)), self.params))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: WorkingSize = WorkingSize {
        min_short_side: 736.0,
        max_long_side: 1600.0,
        max_pixels: 2_600_000.0,
    };

    #[test]
    fn small_pages_grow_and_large_ones_shrink() {
        assert_eq!(SIZE.for_page(368, 480), (736, 960));
        assert_eq!(SIZE.for_page(3200, 1600), (1600, 800));
        assert_eq!(SIZE.for_page(1, 1), (736, 736));
        assert_eq!(SIZE.for_page(2480, 3508), (1120, 1600));
    }

    #[test]
    fn slim_pages_keep_the_size_of_their_letters() {
        assert_eq!(SIZE.for_page(600, 6000), (512, 5088));
        assert_eq!(SIZE.for_page(800, 2400), (736, 2208));
        // They are not enlarged for it, and needles stay short.
        assert_eq!(SIZE.for_page(1200, 40), (1600, 64));
        assert_eq!(SIZE.for_page(100_000_000, 1), (12_800, 32));
    }

    proptest! {
        #[test]
        fn any_page_gives_a_bounded_size(width in 1_usize..40_000, height in 1_usize..40_000) {
            let (w, h) = SIZE.for_page(width, height);
            prop_assert!(w >= 32 && h >= 32 && w % 32 == 0 && h % 32 == 0);
            prop_assert!(w * h <= 3_000_000, "{w} x {h}");
        }
    }
}
