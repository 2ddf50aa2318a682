//! The page as it would be without its slant.

use ocr_core::model::{
    PageText,
    geometry::{Point, Polygon, Rect},
};

use super::rule::Rule;

/// Most degrees that lines of tables may slant.
const MAX_SLANT: f32 = 10.0;

/// The straightened page. One unit is its height, along both axes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    aspect: f32,
    angle: f32,
    center: Point,
}

impl Frame {
    /// The frame in which the rules of a page are level and upright; without rules, its lines of text are.
    pub(super) fn of(page: &PageText, rules: &[Rule]) -> Self {
        let aspect = page.width.max(1) as f32 / page.height.max(1) as f32;
        Self {
            aspect,
            angle: slant(rules, aspect).unwrap_or(page.skew),
            center: Point::new(aspect / 2.0, 0.5),
        }
    }

    /// A point of the page, given in shares of it.
    pub(super) fn straight(&self, point: Point) -> Point {
        Point::new(point.x * self.aspect, point.y).rotated(self.center, -self.angle)
    }

    /// The box of a word.
    pub(super) fn bounds(&self, polygon: &Polygon) -> Rect {
        polygon.map(|point| self.straight(point)).bounds()
    }

    /// A shape of the frame in shares of the page.
    pub(super) fn on_page(&self, shape: Polygon) -> Polygon {
        let back = |point: Point| {
            let point = point.rotated(self.center, self.angle);
            Point::new(point.x / self.aspect, point.y)
        };
        shape.map(back).clamped()
    }
}

/// The slant of most of the rules in degrees, by their length; `None` where there are none.
fn slant(rules: &[Rule], aspect: f32) -> Option<f32> {
    let mut slants: Vec<(f32, f32)> = rules
        .iter()
        .map(|rule| ((rule.to.x - rule.from.x) * aspect, rule.to.y - rule.from.y))
        .filter_map(|(across, down)| {
            let degrees = down.atan2(across).to_degrees();
            // Upright ones slant as level ones do.
            let slant = degrees - 90.0 * (degrees / 90.0).round();
            (slant.abs() <= MAX_SLANT).then_some((slant, across.hypot(down)))
        })
        .collect();
    slants.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = slants.iter().map(|(_, length)| length).sum::<f32>() / 2.0;
    let mut passed = 0.0;
    slants.into_iter().find_map(|(slant, length)| {
        passed += length;
        (passed >= half).then_some(slant)
    })
}
