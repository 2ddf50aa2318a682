//! From a text probability map to rectangles around lines (the post-processing of DB,
//! "Real-time Scene Text Detection with Differentiable Binarization", Liao et al. 2020).

use rten_imageproc::{PointF, RetrievalMode, RotatedRect, find_contours, min_area_rect};
use rten_tensor::{NdTensorView, prelude::*};

use super::geometry::{Pt, Quad};

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
    /// Outline; the first edge is the one that runs along the text from left to right when the
    /// text is upright, or along the longer side of a clearly vertical region.
    pub(crate) quad: Quad,
    /// Mean probability inside, 0..=1.
    pub(crate) score: f32,
}

/// Regions shorter than this many map pixels before growing are noise.
const MIN_SIDE: f32 = 3.0;
/// No page has more lines than this; it bounds the work on noise.
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
    for contour in find_contours(mask.view(), RetrievalMode::List)
        .iter()
        .take(MAX_BOXES)
    {
        let points: Vec<PointF> = contour.iter().map(|p| p.to_f32()).collect();
        let Some(rect) = min_area_rect(&points) else {
            continue;
        };
        if rect.width().min(rect.height()) < MIN_SIDE {
            continue;
        }
        let score = mean_inside(&map, &rect);
        if score < params.box_threshold {
            continue;
        }
        let grow = growth(rect.width(), rect.height(), params.unclip);
        boxes.push(TextBox {
            quad: oriented(&rect.expanded(2.0 * grow, 2.0 * grow)),
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

/// Corners in reading order of a rectangle whose text is within 45 degrees of horizontal, or, when
/// it is clearly taller than wide, still with the first corner at the top left.
fn oriented(rect: &RotatedRect) -> Quad {
    // The map's pixels have their centres at integers.
    let mut corners: Vec<Pt> = rect
        .corners()
        .iter()
        .map(|p| Pt::new(p.x + 0.5, p.y + 0.5))
        .collect();
    corners.sort_by(|a, b| a.x.total_cmp(&b.x));
    let (left, right) = corners.split_at(2);
    let by_height = |pair: &[Pt]| {
        if pair[0].y <= pair[1].y {
            (pair[0], pair[1])
        } else {
            (pair[1], pair[0])
        }
    };
    let ((top_left, bottom_left), (top_right, bottom_right)) = (by_height(left), by_height(right));
    Quad([top_left, top_right, bottom_right, bottom_left])
}

/// Mean of the map inside the rectangle.
fn mean_inside(map: &NdTensorView<f32, 2>, rect: &RotatedRect) -> f32 {
    let [rows, columns] = map.shape();
    let corners = rect.corners();
    let clamp = |value: f32, last: usize| (value.max(0.0) as usize).min(last);
    let min = |axis: fn(&PointF) -> f32| corners.iter().map(axis).fold(f32::MAX, f32::min).floor();
    let max = |axis: fn(&PointF) -> f32| corners.iter().map(axis).fold(f32::MIN, f32::max).ceil();
    let (top, bottom) = (clamp(min(|p| p.y), rows - 1), clamp(max(|p| p.y), rows - 1));
    let (left, right) = (clamp(min(|p| p.x), columns - 1), clamp(max(|p| p.x), columns - 1));
    // Half a pixel of slack: the border pixels themselves are inside.
    let slack = rect.expanded(1.0, 1.0);
    let (mut sum, mut count) = (0.0_f64, 0_u32);
    for y in top..=bottom {
        for x in left..=right {
            if slack.contains(PointF::from_yx(y as f32, x as f32)) {
                sum += f64::from(map[[y, x]]);
                count += 1;
            }
        }
    }
    if count == 0 { 0.0 } else { (sum / f64::from(count)) as f32 }
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
        assert!((first.quad.width() - (50.0 + 2.0 * grow)).abs() < 0.01, "{first:?}");
        assert!(first.score > 0.7);
    }

    #[test]
    fn faint_and_tiny_regions_are_dropped() {
        let faint = NdTensor::from_fn([64, 128], |[y, x]| {
            if (10..18).contains(&y) && (10..60).contains(&x) { 0.35 } else { 0.0 }
        });
        assert!(text_boxes(faint.view(), PARAMS).is_empty());
        assert!(text_boxes(map_with(&[(5, 5, 7, 7)]).view(), PARAMS).is_empty());
        assert!(text_boxes(NdTensor::<f32, 2>::zeros([1, 1]).view(), PARAMS).is_empty());
    }

    #[test]
    fn a_slanted_region_keeps_its_angle() {
        let map = NdTensor::from_fn([128, 128], |[y, x]| {
            let across = y as f32 - 30.0 - x as f32 * 0.2;
            if (10..118).contains(&x) && across.abs() < 6.0 { 0.9 } else { 0.0 }
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
