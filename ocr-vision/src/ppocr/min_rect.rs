//! The rectangle of minimum area around points with whole coordinates.
//!
//! Exact arithmetic: outlines of text lines are long and nearly flat, where sorting by rounded
//! angles loses the hull.

use ocr_core::model::geometry::{Point, Polygon};

/// A rectangle of any angle around points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MinRect {
    center: Point,
    /// Unit vector along the first side.
    along: Point,
    /// Length of the first side.
    pub(crate) length: f32,
    /// Length of the other side.
    pub(crate) breadth: f32,
}

impl MinRect {
    /// The rectangle of minimum area around `points` (x, y); `None` for no points. One of its sides lies on
    /// an edge of the hull (Freeman and Shapira 1975).
    pub(crate) fn around(points: Vec<(i32, i32)>) -> Option<Self> {
        let hull = convex_hull(points);
        let first = *hull.first()?;
        let mut best: Option<Self> = None;
        for (i, start) in hull.iter().enumerate() {
            let end = hull.get(i + 1).unwrap_or(&first);
            let (dx, dy) = ((end.0 - start.0) as f32, (end.1 - start.1) as f32);
            let norm = dx.hypot(dy);
            let along = if norm > 0.0 {
                Point::new(dx / norm, dy / norm)
            } else {
                Point::new(1.0, 0.0)
            };
            let rect = Self::along(&hull, along);
            if best.is_none_or(|best| rect.area() < best.area()) {
                best = Some(rect);
            }
        }
        best
    }

    fn along(hull: &[(i32, i32)], along: Point) -> Self {
        let (mut low, mut high) = (Point::new(f32::MAX, f32::MAX), Point::new(f32::MIN, f32::MIN));
        for &(x, y) in hull {
            let (x, y) = (x as f32, y as f32);
            let (u, v) = (x * along.x + y * along.y, y * along.x - x * along.y);
            low = Point::new(low.x.min(u), low.y.min(v));
            high = Point::new(high.x.max(u), high.y.max(v));
        }
        let (u, v) = (f32::midpoint(low.x, high.x), f32::midpoint(low.y, high.y));
        Self {
            center: Point::new(u * along.x - v * along.y, u * along.y + v * along.x),
            along,
            length: high.x - low.x,
            breadth: high.y - low.y,
        }
    }

    fn area(&self) -> f32 {
        self.length * self.breadth
    }

    /// The same rectangle grown by `margin` on every side.
    pub(crate) fn grown(self, margin: f32) -> Self {
        Self {
            length: self.length + 2.0 * margin,
            breadth: self.breadth + 2.0 * margin,
            ..self
        }
    }

    /// Whether a point is inside or on the border.
    pub(crate) fn contains(&self, p: Point) -> bool {
        let (dx, dy) = (p.x - self.center.x, p.y - self.center.y);
        let u = dx * self.along.x + dy * self.along.y;
        let v = dy * self.along.x - dx * self.along.y;
        2.0 * u.abs() <= self.length && 2.0 * v.abs() <= self.breadth
    }

    /// Corners clockwise. The first side is the one closest to horizontal, from left to right, so
    /// that text slanted less than 45 degrees reads along it.
    pub(crate) fn quad(&self) -> Polygon {
        let (mut u, mut half_u, mut half_v) = (self.along, self.length / 2.0, self.breadth / 2.0);
        if u.x.abs() < u.y.abs() {
            u = Point::new(-u.y, u.x);
            (half_u, half_v) = (half_v, half_u);
        }
        if u.x < 0.0 {
            u = Point::new(-u.x, -u.y);
        }
        let corner = |su: f32, sv: f32| {
            Point::new(
                self.center.x + su * half_u * u.x - sv * half_v * u.y,
                self.center.y + su * half_u * u.y + sv * half_v * u.x,
            )
        };
        Polygon([
            corner(-1.0, -1.0),
            corner(1.0, -1.0),
            corner(1.0, 1.0),
            corner(-1.0, 1.0),
        ])
    }
}

/// Corners of the convex hull in order (monotone chain, Andrew 1979).
fn convex_hull(mut points: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    points.sort_unstable();
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let mut lower = half_hull(points.iter().copied());
    let mut upper = half_hull(points.iter().rev().copied());
    lower.pop();
    upper.pop();
    lower.append(&mut upper);
    lower
}

fn half_hull(points: impl Iterator<Item = (i32, i32)>) -> Vec<(i32, i32)> {
    let cross = |o: (i32, i32), a: (i32, i32), b: (i32, i32)| {
        i64::from(a.0 - o.0) * i64::from(b.1 - o.1) - i64::from(a.1 - o.1) * i64::from(b.0 - o.0)
    };
    let mut hull: Vec<(i32, i32)> = Vec::new();
    for point in points {
        while let [.., o, a] = hull.as_slice() {
            if cross(*o, *a, point) > 0 {
                break;
            }
            hull.pop();
        }
        hull.push(point);
    }
    hull
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_flat_outline_keeps_its_height() {
        // A line one pixel higher in the middle, as detectors draw them.
        let mut points: Vec<(i32, i32)> = (0..800).map(|x| (x, i32::from(x < 300))).collect();
        points.extend((0..800).map(|x| (x, 20 + i32::from(x > 500))));
        let rect = MinRect::around(points).unwrap();
        let quad = rect.quad();
        assert!((20.0..=21.5).contains(&quad.height()), "{quad:?}");
        assert!(quad.angle().abs() < 0.2);
    }

    #[test]
    fn a_tilted_square_and_degenerate_points() {
        let rect = MinRect::around(vec![(10, 0), (20, 10), (10, 20), (0, 10), (10, 10)]).unwrap();
        assert!((rect.area() - 200.0).abs() < 0.01);
        assert_eq!(MinRect::around(vec![]), None);
        assert!(MinRect::around(vec![(3, 4), (3, 4)]).unwrap().area().abs() < 1e-6);
        let line = MinRect::around(vec![(0, 0), (10, 10), (5, 5)]).unwrap();
        assert!(line.length.min(line.breadth) < 1e-3);
    }

    proptest! {
        #[test]
        fn all_points_are_inside(points in proptest::collection::vec((0_i32..2000, 0_i32..2000), 1..60)) {
            let rect = MinRect::around(points.clone()).unwrap().grown(0.1);
            for (x, y) in points {
                prop_assert!(rect.contains(Point::new(x as f32, y as f32)));
            }
        }
    }
}
