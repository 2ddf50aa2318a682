//! Which rows of text belong to one paragraph.

use crate::Rect;

/// A vertical gap of this many line heights starts a new block.
const BLOCK_GAP: f32 = 0.9;
/// Lines whose heights differ by more than this factor are not of one paragraph.
const HEIGHT_CHANGE: f32 = 1.4;

/// Whether a row continues the paragraph of the row above it.
pub fn continues(above: &Rect, below: &Rect) -> bool {
    let (a, b) = (above.height().max(1.0), below.height().max(1.0));
    let gap = below.top - above.bottom;
    gap < BLOCK_GAP * a.min(b) && a.max(b) < HEIGHT_CHANGE * a.min(b)
}
