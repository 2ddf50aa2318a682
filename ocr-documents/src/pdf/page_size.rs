//! Sides of pages in points and in pixels.

/// Resolution in dots per inch at which the boxes of text pages are given; any would do, since boxes
/// are relative to the page.
const TEXT_LAYER_DPI: f64 = 200.0;

/// Longest side in pixels of a rendered page; the rasteriser counts in 16 bits.
pub(super) const MAX_SIDE: f64 = 32_000.0;

/// How a PDF measures.
pub(super) const POINTS_PER_INCH: f64 = 72.0;

/// Pixels and resolution of a page of text whose sides are given in points.
pub(super) fn text_page_size(width: f64, height: f64) -> (u32, u32, f32) {
    let dpi = TEXT_LAYER_DPI.min(MAX_SIDE * POINTS_PER_INCH / width.max(height));
    let side = |points: f64| (points * dpi / POINTS_PER_INCH).round().max(1.0) as u32;
    (side(width), side(height), dpi as f32)
}
