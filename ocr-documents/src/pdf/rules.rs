//! Straight lines that a page draws: strokes, and boxes that are as thin as one.

use hayro::{
    hayro_interpret::DrawMode,
    kurbo::{Affine, BezPath, PathEl, Point, Rect, Vec2},
};

use super::glyph::linear;

/// Maximum thickness in points; thicker is a bar.
const MAX_THICKNESS: f64 = 4.0;
/// Minimum length in points; shorter is a part of a letter or of a symbol.
const MIN_LENGTH: f64 = 6.0;
/// How far the ends may be apart across the line, for each point of its length.
const MAX_RISE: f64 = 0.06;
/// Maximum number of lines of a page; one with more is a drawing or a map, and has none that are looked at.
const MAX_RULES: usize = 20_000;

/// Lines that go along the sides of the page, in points from its top left corner.
#[derive(Debug, Default)]
pub(super) struct Rules {
    lines: Vec<(Point, Point)>,
    overfull: bool,
}

impl Rules {
    /// Adds the lines of a path that is drawn so, as far as they are inside `clip`.
    pub(super) fn add(&mut self, path: &BezPath, transform: Affine, mode: &DrawMode, clip: Rect) {
        let (filled, stroke) = match mode {
            DrawMode::Fill(_) => (true, None),
            DrawMode::FillAndStroke(_, stroke) => (true, Some(stroke)),
            DrawMode::Stroke(stroke) => (false, Some(stroke)),
            DrawMode::Invisible => return,
        };
        let unit = linear(transform, Vec2::new(1.0, 1.0)).hypot() / std::f64::consts::SQRT_2;
        let stroked = stroke.is_some_and(|stroke| f64::from(stroke.line_width) * unit <= MAX_THICKNESS);
        for corners in straight_parts(path, transform) {
            if stroked {
                for pair in corners.windows(2) {
                    self.push(pair[0], pair[1], clip);
                }
            }
            if filled && let Some((from, to)) = middle_of_thin_box(&corners) {
                self.push(from, to, clip);
            }
        }
    }

    /// All of them; none where there are too many.
    pub(super) fn lines(&self) -> &[(Point, Point)] {
        if self.overfull { &[] } else { &self.lines }
    }

    fn push(&mut self, from: Point, to: Point, clip: Rect) {
        let (across, down) = ((to.x - from.x).abs(), (to.y - from.y).abs());
        let is_aligned = across.min(down) <= MAX_RISE * across.max(down);
        let around = Rect::from_points(from, to);
        let is_inside =
            around.x1 >= clip.x0 && around.x0 <= clip.x1 && around.y1 >= clip.y0 && around.y0 <= clip.y1;
        if !(is_aligned && is_inside && across.is_finite() && down.is_finite()) {
            return;
        }
        let inside = |point: Point| {
            Point::new(
                point.x.max(clip.x0).min(clip.x1),
                point.y.max(clip.y0).min(clip.y1),
            )
        };
        let (from, to) = (inside(from), inside(to));
        if from.distance(to) < MIN_LENGTH {
            return;
        }
        if self.lines.len() < MAX_RULES {
            self.lines.push((from, to));
        } else {
            self.overfull = true;
        }
    }
}

/// The corners on the page of each part of a path that has no curves; of a closed part the first comes last again.
fn straight_parts(path: &BezPath, transform: Affine) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut is_straight = false;
    for element in path.elements() {
        match element {
            PathEl::MoveTo(point) => {
                is_straight = true;
                parts.push(vec![transform * *point]);
            }
            PathEl::LineTo(point) if is_straight => {
                if let Some(part) = parts.last_mut() {
                    part.push(transform * *point);
                }
            }
            PathEl::ClosePath if is_straight => {
                if let Some(part) = parts.last_mut() {
                    part.extend(part.first().copied());
                }
            }
            PathEl::QuadTo(..) | PathEl::CurveTo(..) if is_straight => {
                is_straight = false;
                parts.pop();
            }
            _ => {}
        }
    }
    parts
}

/// The line along the middle of a box that is as thin as a line.
fn middle_of_thin_box(corners: &[Point]) -> Option<(Point, Point)> {
    if !(4..=6).contains(&corners.len()) {
        return None;
    }
    let first = *corners.first()?;
    let bounds = corners
        .iter()
        .fold(Rect::from_points(first, first), |bounds, corner| {
            bounds.union_pt(*corner)
        });
    let near = |at: f64, side: f64| (at - side).abs() <= 0.05;
    let is_box = corners.iter().all(|corner| {
        (near(corner.x, bounds.x0) || near(corner.x, bounds.x1))
            && (near(corner.y, bounds.y0) || near(corner.y, bounds.y1))
    });
    let thickness = bounds.width().min(bounds.height());
    let length = bounds.width().max(bounds.height());
    if !is_box || thickness > MAX_THICKNESS || length < 4.0 * thickness {
        return None;
    }
    let (x, y) = (bounds.center().x, bounds.center().y);
    Some(if bounds.width() > bounds.height() {
        (Point::new(bounds.x0, y), Point::new(bounds.x1, y))
    } else {
        (Point::new(x, bounds.y0), Point::new(x, bounds.y1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hayro::{hayro_interpret::FillRule, kurbo::Shape};

    const PAGE: Rect = Rect::new(0.0, 0.0, 600.0, 800.0);

    #[test]
    fn thin_boxes_are_lines_and_others_are_not() {
        let mut rules = Rules::default();
        let fill = DrawMode::Fill(FillRule::NonZero);
        let mut path = Rect::new(50.0, 100.0, 500.0, 101.0).to_path(0.1);
        path.extend(Rect::new(50.0, 100.0, 51.0, 300.0).to_path(0.1));
        rules.add(&path, Affine::IDENTITY, &fill, PAGE);
        rules.add(
            &Rect::new(50.0, 400.0, 500.0, 430.0).to_path(0.1),
            Affine::IDENTITY,
            &fill,
            PAGE,
        );
        let expected = [
            (Point::new(50.0, 100.5), Point::new(500.0, 100.5)),
            (Point::new(50.5, 100.0), Point::new(50.5, 300.0)),
        ];
        assert_eq!(rules.lines(), expected);
    }

    #[test]
    fn lines_end_at_the_clip_and_slanted_ones_are_left_out() {
        let mut rules = Rules::default();
        let mut slanted = BezPath::new();
        slanted.move_to((0.0, 0.0));
        slanted.line_to((100.0, 100.0));
        let clip = Rect::new(0.0, 0.0, 200.0, 200.0);
        let fill = DrawMode::Fill(FillRule::NonZero);
        rules.add(&slanted, Affine::IDENTITY, &fill, clip);
        rules.add(
            &Rect::new(50.0, 100.0, 500.0, 101.0).to_path(0.1),
            Affine::IDENTITY,
            &fill,
            clip,
        );
        rules.add(
            &Rect::new(50.0, 300.0, 500.0, 301.0).to_path(0.1),
            Affine::IDENTITY,
            &fill,
            clip,
        );
        assert_eq!(
            rules.lines(),
            [(Point::new(50.0, 100.5), Point::new(200.0, 100.5))]
        );
    }
}
