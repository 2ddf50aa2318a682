//! The plane of a page: x to the right, y down. Polygons of results are fractions of the page's sides, in
//! 0..=1; what finds text works in pixels or points with the same types.

use serde::{Deserialize, Serialize};

/// A point; written as `[x, y]`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "(f32, f32)", into = "(f32, f32)")]
pub struct Point {
    /// Distance from the left side.
    pub x: f32,
    /// Distance from the top.
    pub y: f32,
}

impl Point {
    /// The point `x` from the left and `y` from the top.
    pub fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// How far it is to `other`.
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point `t` of the way (0..=1) to `other`.
    pub fn lerp(self, other: Self, t: f32) -> Self {
        Self::new(self.x + (other.x - self.x) * t, self.y + (other.y - self.y) * t)
    }

    /// The point after turning about `center` by `degrees`, clockwise on the page.
    pub fn rotated(self, center: Self, degrees: f32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (dx, dy) = (self.x - center.x, self.y - center.y);
        Self::new(center.x + dx * cos - dy * sin, center.y + dx * sin + dy * cos)
    }
}

impl From<(f32, f32)> for Point {
    fn from((x, y): (f32, f32)) -> Self {
        Self { x, y }
    }
}

impl From<Point> for (f32, f32) {
    fn from(point: Point) -> Self {
        (point.x, point.y)
    }
}

/// A quadrilateral. Corners go clockwise from the top left corner of the text, so slanted text keeps its
/// slant. In results it is normalised to 0..=1 of the upright page.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Polygon(pub [Point; 4]);

impl Polygon {
    /// The polygon of an upright box.
    pub fn from_box(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Rect::new(left, top, right, bottom).into()
    }

    /// The smallest upright rectangle around it.
    pub fn bounds(&self) -> Rect {
        let [first, ..] = self.0;
        let start = Rect::new(first.x, first.y, first.x, first.y);
        self.0.iter().fold(start, |bounds, point| Rect {
            left: bounds.left.min(point.x),
            top: bounds.top.min(point.y),
            right: bounds.right.max(point.x),
            bottom: bounds.bottom.max(point.y),
        })
    }

    /// The smallest upright polygon around all of `parts`; a point at the origin when there are none.
    pub fn enclosing<'a>(parts: impl IntoIterator<Item = &'a Polygon>) -> Self {
        let around = parts.into_iter().map(Polygon::bounds).reduce(Rect::union);
        around.unwrap_or_default().into()
    }

    /// The same polygon with every coordinate inside 0..=1.
    pub fn clamped(self) -> Self {
        self.map(|point| Point::new(point.x.clamp(0.0, 1.0), point.y.clamp(0.0, 1.0)))
    }

    /// The polygon of the corners that `f` makes of its own.
    pub fn map(self, f: impl Fn(Point) -> Point) -> Self {
        Self(self.0.map(f))
    }

    /// Length along the text.
    pub fn width(&self) -> f32 {
        let [a, b, c, d] = self.0;
        a.distance(b).max(d.distance(c))
    }

    /// Length across the text.
    pub fn height(&self) -> f32 {
        let [a, b, c, d] = self.0;
        a.distance(d).max(b.distance(c))
    }

    /// Angle of the line of text in degrees, positive when it falls to the right.
    pub fn angle(&self) -> f32 {
        let [a, b, c, d] = self.0;
        (b.y - a.y + c.y - d.y).atan2(b.x - a.x + c.x - d.x).to_degrees()
    }

    /// The same outline read along the other axis: text that runs from bottom to top, as on the left margin
    /// of a page.
    pub fn read_upwards(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([d, a, b, c])
    }

    /// The same outline with its text upside down.
    pub fn flipped(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([c, d, a, b])
    }

    /// The part between `start` and `end`, fractions of the length along the text.
    pub fn slice(&self, start: f32, end: f32) -> Self {
        let [a, b, c, d] = self.0;
        Self([a.lerp(b, start), a.lerp(b, end), d.lerp(c, end), d.lerp(c, start)])
    }
}

impl From<Rect> for Polygon {
    fn from(rect: Rect) -> Self {
        let Rect {
            left,
            top,
            right,
            bottom,
        } = rect;
        Self([
            Point::new(left, top),
            Point::new(right, top),
            Point::new(right, bottom),
            Point::new(left, bottom),
        ])
    }
}

/// An upright rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Its left side.
    pub left: f32,
    /// Its top.
    pub top: f32,
    /// Its right side.
    pub right: f32,
    /// Its bottom.
    pub bottom: f32,
}

impl Rect {
    /// The rectangle of these four sides.
    pub fn new(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    /// From its left to its right side.
    pub fn width(&self) -> f32 {
        self.right - self.left
    }

    /// From its top to its bottom.
    pub fn height(&self) -> f32 {
        self.bottom - self.top
    }

    /// Middle between its left and its right side.
    pub fn center_x(&self) -> f32 {
        f32::midpoint(self.left, self.right)
    }

    /// Middle between its top and its bottom.
    pub fn center_y(&self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }

    /// The smallest rectangle around both.
    pub fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// The same rectangle where the plane is `x` times as wide and `y` times as high.
    pub fn scaled(self, x: f32, y: f32) -> Self {
        Self::new(self.left * x, self.top * y, self.right * x, self.bottom * y)
    }

    /// Whether the middle of `other` is inside, or on the edge.
    pub fn holds_middle_of(&self, other: &Self) -> bool {
        (self.left..=self.right).contains(&other.center_x())
            && (self.top..=self.bottom).contains(&other.center_y())
    }

    /// Length of the shared part of the two vertical extents, 0 when apart.
    pub fn overlap_y(&self, other: &Self) -> f32 {
        (self.bottom.min(other.bottom) - self.top.max(other.top)).max(0.0)
    }

    /// Length of the shared part of the two horizontal extents, 0 when apart.
    pub fn overlap_x(&self, other: &Self) -> f32 {
        (self.right.min(other.right) - self.left.max(other.left)).max(0.0)
    }
}

/// A clockwise turn by quarters, such as makes a stored page upright; written as the number of quarters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "u8", into = "u8")]
pub enum QuarterTurn {
    /// No turn.
    #[default]
    None,
    /// A quarter clockwise.
    Clockwise90,
    /// Upside down.
    Half,
    /// A quarter counter-clockwise.
    Clockwise270,
}

impl QuarterTurn {
    /// All four, from none on.
    pub const ALL: [Self; 4] = [Self::None, Self::Clockwise90, Self::Half, Self::Clockwise270];

    /// The turn by `quarters`; whole turns do nothing.
    pub fn from_quarters(quarters: u32) -> Self {
        Self::ALL[(quarters % 4) as usize]
    }

    /// The turn by the multiple of 90 that is nearest to `degrees`, clockwise.
    pub fn from_degrees(degrees: i32) -> Self {
        let quarters = (degrees.rem_euclid(360) + 45) / 90;
        Self::from_quarters(quarters.unsigned_abs())
    }

    /// Number of quarters, 0..=3.
    pub fn quarters(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Clockwise90 => 1,
            Self::Half => 2,
            Self::Clockwise270 => 3,
        }
    }

    /// Clockwise degrees: 0, 90, 180 or 270.
    pub fn degrees(self) -> u16 {
        u16::from(self.quarters()) * 90
    }

    /// The turn that undoes it.
    pub fn inverse(self) -> Self {
        Self::from_quarters(4 - u32::from(self.quarters()))
    }

    /// This turn and then `next`, as one.
    pub fn followed_by(self, next: Self) -> Self {
        Self::from_quarters(u32::from(self.quarters() + next.quarters()))
    }

    /// Whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        matches!(self, Self::Clockwise90 | Self::Clockwise270)
    }

    /// Width and height of a page of `width` by `height` after the turn.
    pub fn size<T>(self, width: T, height: T) -> (T, T) {
        if self.swaps_sides() {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Where a point of the turned page lies on the stored page of `width` by `height`.
    pub fn to_stored(self, point: Point, width: f32, height: f32) -> Point {
        match self {
            Self::None => point,
            Self::Clockwise90 => Point::new(point.y, height - point.x),
            Self::Half => Point::new(width - point.x, height - point.y),
            Self::Clockwise270 => Point::new(width - point.y, point.x),
        }
    }

    /// Where a point of the stored page of `width` by `height` lies on the turned page.
    pub fn to_turned(self, point: Point, width: f32, height: f32) -> Point {
        match self {
            Self::None => point,
            Self::Clockwise90 => Point::new(height - point.y, point.x),
            Self::Half => Point::new(width - point.x, height - point.y),
            Self::Clockwise270 => Point::new(point.y, width - point.x),
        }
    }

    /// Column and row of the stored picture of `width` by `height` pixels, neither 0, that is shown at `x`
    /// and `y` of the turned one.
    pub fn stored_pixel(self, x: usize, y: usize, width: usize, height: usize) -> (usize, usize) {
        match self {
            Self::None => (x, y),
            Self::Clockwise90 => (y, height - 1 - x),
            Self::Half => (width - 1 - x, height - 1 - y),
            Self::Clockwise270 => (width - 1 - y, x),
        }
    }
}

impl From<u8> for QuarterTurn {
    fn from(quarters: u8) -> Self {
        Self::from_quarters(u32::from(quarters))
    }
}

impl From<QuarterTurn> for u8 {
    fn from(turn: QuarterTurn) -> Self {
        turn.quarters()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polygon_bounds_cover_every_corner() {
        let corners = [(0.2, 0.1), (0.9, 0.2), (0.8, 0.4), (0.1, 0.3)].map(Point::from);
        assert_eq!(Polygon(corners).bounds(), Rect::new(0.1, 0.1, 0.9, 0.4));
    }

    #[test]
    fn points_are_written_as_pairs() {
        let polygon = Polygon::from_box(0.0, 0.25, 0.5, 1.0);
        let json = serde_json::to_string(&polygon).unwrap();
        assert_eq!(json, "[[0.0,0.25],[0.5,0.25],[0.5,1.0],[0.0,1.0]]");
        assert_eq!(serde_json::from_str::<Polygon>(&json).unwrap(), polygon);
    }

    #[test]
    fn turns_are_inverse_and_keep_points_on_the_page() {
        let (width, height) = (40.0, 30.0);
        for turn in QuarterTurn::ALL {
            let point = Point::new(7.0, 11.0);
            let turned = turn.to_turned(point, width, height);
            assert_eq!(turn.to_stored(turned, width, height), point, "{turn:?}");
            let (turned_width, turned_height) = turn.size(width, height);
            assert!(turned.x <= turned_width && turned.y <= turned_height);
            assert_eq!(
                turn.inverse().to_turned(turned, turned_width, turned_height),
                point
            );
            assert_eq!(QuarterTurn::from_degrees(i32::from(turn.degrees())), turn);
        }
        // The stored bottom left corner becomes the top left corner after a clockwise quarter turn.
        let corner = Point::new(0.0, height);
        let turned = QuarterTurn::Clockwise90.to_turned(corner, width, height);
        assert_eq!(turned, Point::default());
    }

    #[test]
    fn angle_and_size_of_a_slanted_polygon() {
        let center = Point::new(50.0, 50.0);
        let polygon = Polygon::from_box(10.0, 40.0, 90.0, 60.0).map(|point| point.rotated(center, 10.0));
        assert!((polygon.angle() - 10.0).abs() < 1e-3);
        assert!((polygon.width() - 80.0).abs() < 1e-3);
        assert!((polygon.height() - 20.0).abs() < 1e-3);
        assert!((polygon.flipped().angle().abs() - 170.0).abs() < 1e-3);
    }

    #[test]
    fn slices_follow_the_text() {
        let polygon = Polygon::from_box(0.0, 0.0, 100.0, 10.0);
        assert_eq!(polygon.slice(0.25, 0.5), Polygon::from_box(25.0, 0.0, 50.0, 10.0));
    }
}
