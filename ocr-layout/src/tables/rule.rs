//! Lines that are drawn on a page.

use ocr_core::model::geometry::Point;

/// A straight line that is drawn on a page: a side of cells, or a line under the names of columns. It is level or
/// upright but for the slant of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Rule {
    /// Where it begins, in shares of the upright page, 0 to 1.
    pub from: Point,
    /// Where it ends, in the same units.
    pub to: Point,
}

impl Rule {
    /// The line between two points, given in shares of the upright page.
    pub fn new(from: Point, to: Point) -> Self {
        Self { from, to }
    }
}
