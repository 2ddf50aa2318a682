//! Glyphs as words and columns are made of them.

/// A glyph in a frame where its text runs to the right, in points.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) text: String,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) baseline: f64,
    pub(super) size: f64,
}

impl Glyph {
    /// Middle between its left and its right side.
    pub(super) fn center(&self) -> f64 {
        f64::midpoint(self.left, self.right)
    }
}
