//! Where blocks are, on the upright page.

use aws_sdk_textract::types::{Block, BlockType, Geometry};
use ocr_core::model::{Point, Polygon};

use super::{PageSize, is};

/// How the text of a page lies, in clockwise quarter turns of the text against the upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Orientation {
    /// As most words on the page lie. The outline of a word begins at the top left corner of its text, so
    /// its first side says in which direction the text runs.
    pub(super) fn of(blocks: &[&Block], size: PageSize) -> Self {
        let mut votes = [0_usize; 4];
        for word in blocks.iter().filter(|block| is(block, &BlockType::Word)) {
            if let Some(turns) = word.geometry.as_ref().and_then(|geometry| turns(geometry, size)) {
                votes[usize::from(turns)] += 1;
            }
        }
        let all: usize = votes.iter().sum();
        let most = (0..4_u8).find(|turns| votes[usize::from(*turns)] * 2 > all);
        Self(most.unwrap_or(0))
    }

    /// Clockwise degrees by which the page must be turned to be upright.
    pub(super) fn degrees(self) -> u16 {
        u16::from((4 - self.0) % 4) * 90
    }

    /// Width and height of the upright page.
    pub(super) fn turned(self, width: u32, height: u32) -> (u32, u32) {
        if self.0.is_multiple_of(2) {
            (width, height)
        } else {
            (height, width)
        }
    }

    fn point(self, Point(x, y): Point) -> Point {
        match self.0 {
            0 => Point(x, y),
            1 => Point(y, 1.0 - x),
            2 => Point(1.0 - x, 1.0 - y),
            _ => Point(1.0 - y, x),
        }
    }

    /// The outline of `block` on the upright page; a point at the origin when the service gave none.
    pub(super) fn polygon(self, block: &Block) -> Polygon {
        self.known_polygon(block)
            .unwrap_or_else(|| Polygon::from_box(0.0, 0.0, 0.0, 0.0))
    }

    /// The outline of `block` on the upright page, when the service gave one.
    pub(super) fn known_polygon(self, block: &Block) -> Option<Polygon> {
        let geometry = block.geometry.as_ref()?;
        if let [a, b, c, d] = geometry.polygon() {
            let corners = [a, b, c, d].map(|point| self.point(Point(point.x, point.y)));
            if corners
                .iter()
                .all(|point| point.0.is_finite() && point.1.is_finite())
            {
                return Some(Polygon(corners).clamped());
            }
        }
        let area = geometry.bounding_box()?;
        let (right, bottom) = (area.left + area.width, area.top + area.height);
        let stored = Polygon::from_box(area.left, area.top, right, bottom);
        let turned = Polygon(stored.0.map(|point| self.point(point)));
        let (left, top, right, bottom) = turned.bounds();
        let finite = [left, top, right, bottom].iter().all(|side| side.is_finite());
        finite.then(|| Polygon::from_box(left, top, right, bottom).clamped())
    }
}

/// Clockwise quarter turns of a text whose outline is this.
fn turns(geometry: &Geometry, size: PageSize) -> Option<u8> {
    let [first, second, ..] = geometry.polygon() else {
        return None;
    };
    let across = (second.x - first.x) * size.width.max(1) as f32;
    let down = (second.y - first.y) * size.height.max(1) as f32;
    if !(across.is_finite() && down.is_finite()) || (across == 0.0 && down == 0.0) {
        return None;
    }
    Some(match (across.abs() >= down.abs(), across > 0.0, down > 0.0) {
        (true, true, _) => 0,
        (true, false, _) => 2,
        (false, _, true) => 1,
        (false, _, false) => 3,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_turned_back_to_where_its_text_is_upright() {
        // Text that runs down the page was turned clockwise once.
        let down = Orientation(1);
        assert_eq!((down.degrees(), down.turned(30, 40)), (270, (40, 30)));
        let top_left_of_text = Point(1.0, 0.0);
        assert_eq!(down.point(top_left_of_text), Point(0.0, 0.0));
        let head = Orientation(2);
        assert_eq!(
            (head.degrees(), head.point(Point(1.0, 1.0))),
            (180, Point(0.0, 0.0))
        );
        let up = Orientation(3);
        assert_eq!((up.degrees(), up.point(Point(0.0, 1.0))), (90, Point(0.0, 0.0)));
    }
}
