//! Points, quadrilaterals and affine maps of the page plane: x to the right, y down, pixels.

use crate::layout::Rect;

/// A point in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pt {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

impl Pt {
    pub(crate) fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    pub(crate) fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point `t` of the way (0..=1) to `other`.
    pub(crate) fn lerp(self, other: Self, t: f32) -> Self {
        Self::new(self.x + (other.x - self.x) * t, self.y + (other.y - self.y) * t)
    }
}

/// A rectangle of any angle. Corners go clockwise from the top left corner of the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Quad(pub(crate) [Pt; 4]);

impl Quad {
    /// An upright rectangle.
    #[cfg(test)]
    pub(crate) fn from_box(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self([
            Pt::new(left, top),
            Pt::new(right, top),
            Pt::new(right, bottom),
            Pt::new(left, bottom),
        ])
    }

    /// Length along the text.
    pub(crate) fn width(&self) -> f32 {
        self.0[0].distance(self.0[1]).max(self.0[3].distance(self.0[2]))
    }

    /// Length across the text.
    pub(crate) fn height(&self) -> f32 {
        self.0[0].distance(self.0[3]).max(self.0[1].distance(self.0[2]))
    }

    /// Angle of the text line in degrees, positive when it falls to the right.
    pub(crate) fn angle(&self) -> f32 {
        let [a, b, c, d] = self.0;
        (b.y - a.y + c.y - d.y).atan2(b.x - a.x + c.x - d.x).to_degrees()
    }

    pub(crate) fn map(self, f: impl Fn(Pt) -> Pt) -> Self {
        Self(self.0.map(f))
    }

    /// The same rectangle read along the other axis: the text is turned a quarter counter-clockwise
    /// to read from bottom to top, as on the left margin of a page.
    pub(crate) fn read_upwards(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([d, a, b, c])
    }

    /// The same rectangle with its text upside down.
    pub(crate) fn flipped(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([c, d, a, b])
    }

    /// The part between `start` and `end`, fractions of the length along the text.
    pub(crate) fn slice(&self, start: f32, end: f32) -> Self {
        let [a, b, c, d] = self.0;
        Self([a.lerp(b, start), a.lerp(b, end), d.lerp(c, end), d.lerp(c, start)])
    }

    /// Smallest upright rectangle around it.
    pub(crate) fn bounds(&self) -> Rect {
        let mut rect = Rect {
            left: f32::MAX,
            top: f32::MAX,
            right: f32::MIN,
            bottom: f32::MIN,
        };
        for p in self.0 {
            rect.left = rect.left.min(p.x);
            rect.top = rect.top.min(p.y);
            rect.right = rect.right.max(p.x);
            rect.bottom = rect.bottom.max(p.y);
        }
        rect
    }
}

/// A clockwise quarter turn that makes a stored page upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    None,
    Clockwise90,
    Half,
    Clockwise270,
}

impl Turn {
    /// Clockwise degrees.
    pub(crate) fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Clockwise90 => 90,
            Self::Half => 180,
            Self::Clockwise270 => 270,
        }
    }

    /// Size of a page of `width` by `height` after the turn.
    pub(crate) fn size(self, width: usize, height: usize) -> (usize, usize) {
        match self {
            Self::None | Self::Half => (width, height),
            Self::Clockwise90 | Self::Clockwise270 => (height, width),
        }
    }

    /// Where a point of the turned page lies on the stored page of `width` by `height`.
    pub(crate) fn to_stored(self, p: Pt, width: f32, height: f32) -> Pt {
        match self {
            Self::None => p,
            Self::Clockwise90 => Pt::new(p.y, height - p.x),
            Self::Half => Pt::new(width - p.x, height - p.y),
            Self::Clockwise270 => Pt::new(width - p.y, p.x),
        }
    }

    /// Where a point of the stored page of `width` by `height` lies on the turned page.
    #[cfg(test)]
    pub(crate) fn to_turned(self, p: Pt, width: f32, height: f32) -> Pt {
        match self {
            Self::None => p,
            Self::Clockwise90 => Pt::new(height - p.y, p.x),
            Self::Half => Pt::new(width - p.x, height - p.y),
            Self::Clockwise270 => Pt::new(p.y, width - p.x),
        }
    }
}

/// Rotates `p` about `center` by `degrees`, clockwise on the page (y down).
pub(crate) fn rotate(p: Pt, center: Pt, degrees: f32) -> Pt {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (dx, dy) = (p.x - center.x, p.y - center.y);
    Pt::new(center.x + dx * cos - dy * sin, center.y + dx * sin + dy * cos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_inverse_and_keep_points_on_the_page() {
        let (w, h) = (40.0, 30.0);
        for turn in [Turn::None, Turn::Clockwise90, Turn::Half, Turn::Clockwise270] {
            let p = Pt::new(7.0, 11.0);
            let turned = turn.to_turned(p, w, h);
            assert_eq!(turn.to_stored(turned, w, h), p, "{turn:?}");
            let (tw, th) = turn.size(40, 30);
            assert!(turned.x <= tw as f32 && turned.y <= th as f32);
        }
        // The stored bottom left corner becomes the top left corner after a clockwise quarter turn.
        assert_eq!(
            Turn::Clockwise90.to_turned(Pt::new(0.0, 30.0), w, h),
            Pt::new(0.0, 0.0)
        );
    }

    #[test]
    fn angle_and_size_of_a_slanted_quad() {
        let center = Pt::new(50.0, 50.0);
        let quad = Quad::from_box(10.0, 40.0, 90.0, 60.0).map(|p| rotate(p, center, 10.0));
        assert!((quad.angle() - 10.0).abs() < 1e-3);
        assert!((quad.width() - 80.0).abs() < 1e-3);
        assert!((quad.height() - 20.0).abs() < 1e-3);
        assert!((quad.flipped().angle().abs() - 170.0).abs() < 1e-3);
    }

    #[test]
    fn slices_follow_the_text() {
        let quad = Quad::from_box(0.0, 0.0, 100.0, 10.0);
        assert_eq!(quad.slice(0.25, 0.5), Quad::from_box(25.0, 0.0, 50.0, 10.0));
    }
}
