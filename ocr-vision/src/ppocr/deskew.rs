//! The slant of a page, from the slants of its lines.

use super::boxes::TextBox;
use ocr_core::model::geometry::{Point, Polygon};

/// Lines slanted more than this many degrees are ornaments or a page on its side, not skew.
const MAX_SKEW: f32 = 20.0;
/// Less slant than this does not disturb the reading order.
const MIN_SKEW: f32 = 0.2;

/// Slant of the page in degrees, positive when lines fall to the right: the median over lines,
/// weighted by their length. 0 when there is nothing to tell from.
pub(crate) fn skew(boxes: &[TextBox]) -> f32 {
    let mut angles: Vec<(f32, f32)> = boxes
        .iter()
        .map(|found| &found.quad)
        .filter(|quad| quad.width() > 3.0 * quad.height() && quad.angle().abs() <= MAX_SKEW)
        .map(|quad| (quad.angle(), quad.width()))
        .collect();
    angles.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f32 = angles.iter().map(|(_, weight)| weight).sum();
    let mut passed = 0.0;
    for (angle, weight) in angles {
        passed += weight;
        if passed * 2.0 >= total {
            return if angle.abs() < MIN_SKEW { 0.0 } else { angle };
        }
    }
    0.0
}

/// `quad` after the page was turned back by `skew` degrees about its centre.
pub(crate) fn straightened(quad: &Polygon, skew: f32, width: f32, height: f32) -> Polygon {
    let center = Point::new(width / 2.0, height / 2.0);
    quad.map(|p| p.rotated(center, -skew))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(y: f32, length: f32, angle: f32) -> TextBox {
        let center = Point::new(500.0, 500.0);
        TextBox {
            quad: Polygon::from_box(100.0, y, 100.0 + length, y + 20.0).map(|p| p.rotated(center, angle)),
            score: 0.9,
        }
    }

    #[test]
    fn long_lines_decide() {
        let boxes = [
            line(100.0, 700.0, 4.0),
            line(140.0, 650.0, 4.2),
            line(180.0, 90.0, -9.0),
            line(220.0, 30.0, 0.0),
        ];
        assert!((skew(&boxes) - 4.0).abs() < 0.3);
        let straight = straightened(&boxes[0].quad, 4.0, 1000.0, 1000.0);
        assert!(straight.angle().abs() < 1e-3);
    }

    #[test]
    fn a_straight_or_empty_page_has_no_skew() {
        assert!(skew(&[]).abs() < f32::EPSILON);
        assert!(skew(&[line(10.0, 500.0, 0.05)]).abs() < f32::EPSILON);
    }
}
