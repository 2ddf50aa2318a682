//! From a text probability map to rectangles around lines (the post-processing of DB,
//! "Real-time Scene Text Detection with Differentiable Binarization", Liao et al. 2020).

use rten_imageproc::{RetrievalMode, find_contours};
use rten_tensor::{NdTensorView, prelude::*};

use super::min_rect::MinRect;
use ocr_core::model::geometry::{Point, Polygon};

/// How a probability map is cut into boxes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoxParams {
    /// Pixels above this probability are text.
    pub(crate) pixel_threshold: f32,
    /// Boxes whose mean probability is below this are dropped.
    pub(crate) box_threshold: f32,
    /// Growth of a shrunk text region: `area * unclip / perimeter` on every side.
    pub(crate) unclip: f32,
}

/// A region of text on the map, one line or a piece of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TextBox {
    /// Outline; its first edge is the one closest to horizontal, from left to right.
    pub(crate) quad: Polygon,
    /// Mean probability inside, 0..=1.
    pub(crate) score: f32,
}

/// Regions shorter than this many map pixels before growing are noise.
const MIN_SIDE: f32 = 3.0;
/// No page has more lines than this; it bounds the work that follows.
const MAX_BOXES: usize = 3000;

/// Boxes of text on a probability map of `height` rows and `width` columns, in map pixels.
pub(crate) fn text_boxes(map: NdTensorView<f32, 2>, params: BoxParams) -> Vec<TextBox> {
    let [height, width] = map.shape();
    // Dilation by one pixel to the right and down bridges hairline gaps inside a word.
    let mask = rten_tensor::NdTensor::<bool, 2>::from_fn([height, width], |[y, x]| {
        let on = |y: usize, x: usize| map[[y, x]] > params.pixel_threshold;
        on(y, x) || (x > 0 && on(y, x - 1)) || (y > 0 && on(y - 1, x)) || (x > 0 && y > 0 && on(y - 1, x - 1))
    });
    let mut boxes = Vec::new();
    for contour in find_contours(mask.view(), RetrievalMode::List).iter() {
        let points = contour.iter().map(|p| (p.x, p.y)).collect();
        let Some(rect) = MinRect::around(points) else {
            continue;
        };
        if rect.length.min(rect.breadth) < MIN_SIDE {
            continue;
        }
        let score = mean_inside(&map, &rect);
        if score < params.box_threshold {
            continue;
        }
        if boxes.len() == MAX_BOXES {
            tracing::warn!(limit = MAX_BOXES, "a page has more pieces of text than are read");
            break;
        }
        let grown = rect.grown(growth(rect.length, rect.breadth, params.unclip));
        boxes.push(TextBox {
            // The map's pixels have their centres at integers.
            quad: grown.quad().map(|p| Point::new(p.x + 0.5, p.y + 0.5)),
            score,
        });
    }
    boxes
}

/// Distance by which DB grows a region: area times ratio over perimeter.
pub(crate) fn growth(width: f32, height: f32, ratio: f32) -> f32 {
    let perimeter = 2.0 * (width + height);
    if perimeter > 0.0 {
        width * height * ratio / perimeter
    } else {
        0.0
    }
}

/// Mean of the map inside the rectangle.
fn mean_inside(map: &NdTensorView<f32, 2>, rect: &MinRect) -> f32 {
    let [rows, columns] = map.shape();
    // Half a pixel of slack: the border pixels themselves are inside.
    let slack = rect.grown(0.5);
    let bounds = slack.quad().bounds();
    let clamp = |value: f32, last: usize| (value.max(0.0) as usize).min(last);
    let (mut sum, mut count) = (0.0_f64, 0_u32);
    for y in clamp(bounds.top.ceil(), rows - 1)..=clamp(bounds.bottom, rows - 1) {
        for x in clamp(bounds.left.ceil(), columns - 1)..=clamp(bounds.right, columns - 1) {
            if slack.contains(Point::new(x as f32, y as f32)) {
                sum += f64::from(map[[y, x]]);
                count += 1;
            }
        }
    }
    if count == 0 {
        0.0
    } else {
        (sum / f64::from(count)) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rten_tensor::NdTensor;

    const PARAMS: BoxParams = BoxParams {
        pixel_threshold: 0.3,
        box_threshold: 0.5,
        unclip: 1.6,
    };

    fn map_with(rects: &[(usize, usize, usize, usize)]) -> NdTensor<f32, 2> {
        NdTensor::from_fn([64, 128], |[y, x]| {
            let inside = rects
                .iter()
                .any(|&(left, top, right, bottom)| (left..right).contains(&x) && (top..bottom).contains(&y));
            if inside { 0.9 } else { 0.0 }
        })
    }

    #[test]
    fn one_box_per_region_grown_by_the_formula() {
        let map = map_with(&[(10, 10, 60, 18), (70, 30, 110, 38)]);
        let boxes = text_boxes(map.view(), PARAMS);
        assert_eq!(boxes.len(), 2);
        // 50 x 8 pixels, dilated by one: sides of 50 and 8 between pixel centres.
        let grow = growth(50.0, 8.0, 1.6);
        let first = boxes
            .iter()
            .min_by(|a, b| a.quad.0[0].y.total_cmp(&b.quad.0[0].y))
            .unwrap();
        assert!(
            (first.quad.height() - (8.0 + 2.0 * grow)).abs() < 0.01,
            "{first:?}"
        );
        assert!(
            (first.quad.width() - (50.0 + 2.0 * grow)).abs() < 0.01,
            "{first:?}"
        );
        assert!(first.score > 0.7);
    }

    #[test]
    fn faint_and_tiny_regions_are_dropped() {
        let faint = NdTensor::from_fn([64, 128], |[y, x]| {
            if (10..18).contains(&y) && (10..60).contains(&x) {
                0.35
            } else {
                0.0
            }
        });
        assert!(text_boxes(faint.view(), PARAMS).is_empty());
        assert!(text_boxes(map_with(&[(5, 5, 7, 7)]).view(), PARAMS).is_empty());
        assert!(text_boxes(NdTensor::<f32, 2>::zeros([1, 1]).view(), PARAMS).is_empty());
    }

    #[test]
    fn specks_do_not_use_up_the_room_of_lines() {
        let map = NdTensor::from_fn([400, 400], |[y, x]| {
            let speck = y < 300 && x % 4 == 0 && y % 4 == 0;
            let line = (340..350).contains(&y) && (50..350).contains(&x);
            if speck || line { 0.9 } else { 0.0 }
        });
        assert_eq!(text_boxes(map.view(), PARAMS).len(), 1);
    }

    #[test]
    fn a_slanted_region_keeps_its_angle() {
        let map = NdTensor::from_fn([128, 128], |[y, x]| {
            let across = y as f32 - 30.0 - x as f32 * 0.2;
            if (10..118).contains(&x) && across.abs() < 6.0 {
                0.9
            } else {
                0.0
            }
        });
        let boxes = text_boxes(map.view(), PARAMS);
        assert_eq!(boxes.len(), 1);
        let angle = boxes[0].quad.angle();
        assert!((angle - 0.2_f32.atan().to_degrees()).abs() < 1.0, "{angle}");
    }

    proptest! {
        #[test]
        fn any_map_gives_finite_boxes(values in proptest::collection::vec(-1.0_f32..2.0, 24 * 32)) {
            let map = NdTensor::from_data([24, 32], values);
            for found in text_boxes(map.view(), PARAMS) {
                prop_assert!(found.quad.0.iter().all(|p| p.x.is_finite() && p.y.is_finite()));
            }
        }
    }
}
