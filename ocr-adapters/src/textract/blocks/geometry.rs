//! Where blocks are, on the upright page.

use aws_sdk_textract::types::{Block, BlockType, Geometry};
use ocr_core::model::{Point, Polygon, QuarterTurn, Rect};

use super::{PageSize, is};

/// How a page must be turned to be upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orientation(pub(super) QuarterTurn);

impl Orientation {
    /// As most words on the page lie. The outline of a word begins at the top left corner of its text, so
    /// its first side says in which direction the text runs.
    pub(super) fn of(blocks: &[&Block], size: PageSize) -> Self {
        let mut votes = [0_usize; 4];
        for word in blocks.iter().filter(|block| is(block, &BlockType::Word)) {
            if let Some(turn) = word.geometry.as_ref().and_then(|geometry| turned(geometry, size)) {
                votes[usize::from(turn.quarters())] += 1;
            }
        }
        let all: usize = votes.iter().sum();
        let of_most = QuarterTurn::ALL
            .into_iter()
            .find(|turn| votes[usize::from(turn.quarters())] * 2 > all);
        Self(of_most.unwrap_or_default().inverse())
    }

    fn point(self, point: Point) -> Point {
        self.0.to_turned(point, 1.0, 1.0)
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
            let corners = [a, b, c, d].map(|point| self.point(Point::new(point.x, point.y)));
            if corners
                .iter()
                .all(|point| point.x.is_finite() && point.y.is_finite())
            {
                return Some(Polygon(corners).clamped());
            }
        }
        let area = geometry.bounding_box()?;
        let (right, bottom) = (area.left + area.width, area.top + area.height);
        let stored = Polygon::from_box(area.left, area.top, right, bottom);
        let turned = stored.map(|point| self.point(point));
        let Rect {
            left,
            top,
            right,
            bottom,
        } = turned.bounds();
        let finite = [left, top, right, bottom].iter().all(|side| side.is_finite());
        finite.then(|| Polygon::from_box(left, top, right, bottom).clamped())
    }
}

/// How a text whose outline this is was turned.
fn turned(geometry: &Geometry, size: PageSize) -> Option<QuarterTurn> {
    let [first, second, ..] = geometry.polygon() else {
        return None;
    };
    let across = (second.x - first.x) * size.width.max(1) as f32;
    let down = (second.y - first.y) * size.height.max(1) as f32;
    if !(across.is_finite() && down.is_finite()) || (across == 0.0 && down == 0.0) {
        return None;
    }
    Some(match (across.abs() >= down.abs(), across > 0.0, down > 0.0) {
        (true, true, _) => QuarterTurn::None,
        (true, false, _) => QuarterTurn::Half,
        (false, _, true) => QuarterTurn::Clockwise90,
        (false, _, false) => QuarterTurn::Clockwise270,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_textract::types::Point as ServicePoint;

    use super::*;

    #[test]
    fn a_page_is_turned_back_to_where_its_text_is_upright() {
        let word = |corners: [(f32, f32); 4]| {
            let points = corners.map(|(x, y)| ServicePoint::builder().x(x).y(y).build());
            let geometry = Geometry::builder().set_polygon(Some(points.to_vec())).build();
            Block::builder()
                .block_type(BlockType::Word)
                .geometry(geometry)
                .build()
        };
        // Text that runs down the page was turned clockwise once; its top left corner lies at the right.
        let down = word([(1.0, 0.0), (1.0, 0.5), (0.9, 0.5), (0.9, 0.0)]);
        let orientation = Orientation::of(&[&down], PageSize::default());
        assert_eq!(orientation.0, QuarterTurn::Clockwise270);
        assert_eq!(orientation.polygon(&down).0[0], Point::new(0.0, 0.0));
        let upside_down = word([(1.0, 1.0), (0.5, 1.0), (0.5, 0.9), (1.0, 0.9)]);
        let orientation = Orientation::of(&[&upside_down], PageSize::default());
        assert_eq!(orientation.0, QuarterTurn::Half);
        assert_eq!(orientation.polygon(&upside_down).0[0], Point::new(0.0, 0.0));
    }
}
