//! Places on a page in whole pixels.

use std::fmt;

use ocr_core::model::{PageText, Point, Polygon};

/// The resolution of `page` in dots per inch, where it is one.
pub(crate) fn resolution(page: &PageText) -> Option<f32> {
    page.dpi.filter(|dpi| dpi.is_finite() && *dpi > 0.0)
}

/// The grid of pixels of a page.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Pixels {
    /// Those of `page`.
    pub(crate) fn of(page: &PageText) -> Self {
        Self {
            width: page.width,
            height: page.height,
        }
    }

    /// `polygon`, a fraction of the page, in pixels. Nothing lies outside the page.
    pub(crate) fn polygon(self, polygon: &Polygon) -> Polygon {
        let (width, height) = (self.width as f32, self.height as f32);
        polygon
            .clamped()
            .map(|point| Point::new(point.x * width, point.y * height))
    }

    /// The corners of `polygon` in whole pixels.
    pub(crate) fn corners(self, polygon: &Polygon) -> [(u32, u32); 4] {
        // A cast takes what is no number for 0, and cannot overflow.
        let whole = |point: Point| (point.x.round() as u32, point.y.round() as u32);
        let corners = self.polygon(polygon).0.map(whole);
        // Sides too long for a float to count exactly.
        corners.map(|(x, y)| (x.min(self.width), y.min(self.height)))
    }

    /// The corners as `x,y x,y x,y x,y`.
    pub(crate) fn points(self, polygon: &Polygon) -> String {
        self.corners(polygon).map(|(x, y)| format!("{x},{y}")).join(" ")
    }

    /// The upright box around `polygon`.
    pub(crate) fn bounds(self, polygon: &Polygon) -> Bounds {
        let corners = self.corners(polygon);
        let (xs, ys) = (corners.map(|(x, _)| x), corners.map(|(_, y)| y));
        Bounds {
            left: xs.into_iter().fold(u32::MAX, u32::min),
            top: ys.into_iter().fold(u32::MAX, u32::min),
            right: xs.into_iter().fold(0, u32::max),
            bottom: ys.into_iter().fold(0, u32::max),
        }
    }

    /// Whether the box around `polygon` says less than its corners. One pixel is taken for rounding.
    pub(crate) fn is_slanted(self, polygon: &Polygon) -> bool {
        let bounds = self.bounds(polygon);
        let near = |value: u32, a: u32, b: u32| value.abs_diff(a) <= 1 || value.abs_diff(b) <= 1;
        self.corners(polygon)
            .into_iter()
            .any(|(x, y)| !near(x, bounds.left, bounds.right) || !near(y, bounds.top, bounds.bottom))
    }
}

/// An upright box in whole pixels; shown as `left top right bottom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) right: u32,
    pub(crate) bottom: u32,
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.left, self.top, self.right, self.bottom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_on_the_page() {
        let pixels = Pixels::of(&PageText::empty(1, 100, 50));
        let outside = Polygon::from_box(-1.0, f32::NAN, 7.0, f32::INFINITY);
        assert_eq!(pixels.bounds(&outside).to_string(), "0 0 100 50");
        assert_eq!(
            pixels.points(&Polygon::from_box(0.1, 0.2, 0.904, 1.0)),
            "10,10 90,10 90,50 10,50"
        );
    }

    #[test]
    fn only_what_a_box_cannot_say_is_slanted() {
        let pixels = Pixels::of(&PageText::empty(1, 1000, 1000));
        let upright = Polygon::from_box(0.1, 0.1, 0.5, 0.2);
        let turned = |degrees| upright.map(|point| point.rotated(Point::new(0.3, 0.15), degrees));
        assert!(!pixels.is_slanted(&upright));
        assert!(!pixels.is_slanted(&upright.flipped()));
        assert!(!pixels.is_slanted(&upright.read_upwards()));
        assert!(!pixels.is_slanted(&turned(0.05)));
        assert!(pixels.is_slanted(&turned(3.0)));
        assert!(pixels.is_slanted(&turned(-45.0)));
    }
}
