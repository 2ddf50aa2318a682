//! Upright rectangles of the page plane: x to the right, y down, pixels.

/// An upright rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl Rect {
    pub(crate) fn width(&self) -> f32 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f32 {
        self.bottom - self.top
    }

    pub(crate) fn center_x(&self) -> f32 {
        f32::midpoint(self.left, self.right)
    }

    pub(crate) fn center_y(&self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Length of the shared part of the two vertical extents, 0 when apart.
    pub(crate) fn overlap_y(&self, other: &Self) -> f32 {
        (self.bottom.min(other.bottom) - self.top.max(other.top)).max(0.0)
    }

    /// Length of the shared part of the two horizontal extents, 0 when apart.
    pub(crate) fn overlap_x(&self, other: &Self) -> f32 {
        (self.right.min(other.right) - self.left.max(other.left)).max(0.0)
    }
}
