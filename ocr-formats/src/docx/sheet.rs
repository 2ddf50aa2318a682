//! The paper of a page.

use docx_rs::{PageMargin, PageOrientationType, PageSize, SectionProperty};
use ocr_core::model::{Line, PageText, Point, Polygon, Rect};

/// The longer side of A4 and nearly that of Letter, in inches: the best guess where the resolution is unknown.
const USUAL_SIDE: f32 = 11.69;

/// What Word can have as a side, in inches.
const SIDES: std::ops::RangeInclusive<f32> = 1.0..=22.0;

/// Points to the inch.
const POINTS: f32 = 72.0;

/// Twentieths of a point, in which Word measures, as far as it does: it refuses a document with more.
pub(super) fn twips(points: f32) -> i32 {
    const MOST: f32 = 31_680.0;
    (points * 20.0).round().clamp(-MOST, MOST) as i32
}

/// The paper of a page, in points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sheet {
    width: f32,
    height: f32,
    /// The part inside the margins.
    inside: Rect,
}

impl Sheet {
    /// The paper of `page`, with margins as wide as they are there, within what looks like a margin.
    pub(super) fn new(page: &PageText) -> Self {
        let (width, height) = size(page);
        let blocks = page.blocks.iter().map(|block| &block.polygon);
        let content = Polygon::enclosing(blocks)
            .clamped()
            .bounds()
            .scaled(width, height);
        // Never `clamp`, which would panic for the numbers that are none.
        let margin = |wanted: f32, least: f32, most: f32| wanted.max(least).min(most);
        let (narrow, wide) = (0.04 * width, 0.2 * width);
        let left = margin(content.left, narrow, wide);
        let inside = Rect {
            left,
            top: margin(content.top, 0.03 * height, 0.2 * height),
            // No wider than the left one: where lines are short, the paper goes on.
            right: width - margin(width - content.right, narrow, left),
            // Small, so that text that became a little longer stays on its page.
            bottom: height - margin(height - content.bottom, 0.03 * height, 0.06 * height),
        };
        Self {
            width,
            height,
            inside,
        }
    }

    /// The same without margins.
    pub(super) fn without_margins(self) -> Self {
        let inside = Rect::new(0.0, 0.0, self.width, self.height);
        Self { inside, ..self }
    }

    /// Width between the margins, in points.
    pub(super) fn inner_width(&self) -> f32 {
        self.inside.width()
    }

    /// Where a polygon lies, in points.
    pub(super) fn place(&self, polygon: &Polygon) -> Polygon {
        polygon.map(|point| Point::new(point.x * self.width, point.y * self.height))
    }

    /// Whether a line that is clearly shorter than the page's lines stands in the middle between the margins.
    pub(super) fn centers(&self, line: &Line) -> bool {
        let bounds = self.place(&line.polygon).bounds();
        let off = (bounds.center_x() - self.inside.center_x()).abs();
        off < 0.03 * self.width && bounds.width() < 0.8 * self.inside.width()
    }

    /// The section with a page of this size.
    pub(super) fn section(&self) -> SectionProperty {
        let [width, height] = [self.width, self.height].map(|side| twips(side).unsigned_abs());
        let mut size = PageSize::new().size(width, height);
        if width > height {
            size = size.orient(PageOrientationType::Landscape);
        }
        let Rect {
            left,
            top,
            right,
            bottom,
        } = self.inside;
        let margins = PageMargin {
            top: twips(top),
            left: twips(left),
            bottom: twips(self.height - bottom),
            right: twips(self.width - right),
            header: 0,
            footer: 0,
            gutter: 0,
        };
        SectionProperty::new().page_size(size).page_margin(margins)
    }
}

/// Width and height in points.
fn size(page: &PageText) -> (f32, f32) {
    if page.width == 0 || page.height == 0 {
        return (USUAL_SIDE * POINTS / 2.0_f32.sqrt(), USUAL_SIDE * POINTS);
    }
    let (width, height) = (page.width as f32, page.height as f32);
    let longer = width.max(height);
    // A photo may claim 72 dots per inch and so the size of a door.
    let side = page
        .dpi
        .map(|dpi| longer / dpi)
        .filter(|side| SIDES.contains(side));
    let scale = side.unwrap_or(USUAL_SIDE) * POINTS / longer;
    let side = |pixels: f32| (pixels * scale).max(0.5 * POINTS);
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(page: &PageText) -> [i32; 2] {
        let sheet = Sheet::new(page);
        [twips(sheet.width), twips(sheet.height)]
    }

    #[test]
    fn the_size_follows_the_resolution_where_it_makes_sense() {
        let page = PageText::empty(1, 2550, 3300);
        assert_eq!(side(&page.clone().with_dpi(300.0)), [12240, 15840]);
        let usual = side(&page);
        assert_eq!(usual[1], 16834);
        for dpi in [0.0, -1.0, 1.0, 10_000.0, f32::NAN] {
            assert_eq!(side(&page.clone().with_dpi(dpi)), usual, "{dpi}");
        }
        assert_eq!(side(&PageText::empty(1, 0, 0)), [11903, 16834]);
    }
}
