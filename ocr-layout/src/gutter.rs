//! Where columns of text part, and where they only seem to.

use ocr_core::model::geometry::Rect;

use crate::piece::{Boxes, Piece, median, on_one_line};

/// Maximum part of the pieces that may cross a gutter: headings, full-width lines.
const MAX_CROSSING: f32 = 0.3;
/// Minimum number of lines on each side of a gutter.
const MIN_LINES: usize = 2;
/// Minimum number of lines that show a column of prose.
const MIN_PROSE_LINES: usize = 3;
/// Median length of the lines of prose over the width of their column. Ragged cells fall below.
const MIN_FILL: f32 = 0.55;
/// Widest column by which that is judged, in ems; in a wider one a few long lines would make all others short.
const WIDEST_COLUMN: f32 = 60.0;
/// Minimum part of its height that a column's lines take; notes strewn beside a text take less.
const MIN_DENSITY: f32 = 0.3;
/// Minimum part of the lower of two columns that stands beside the other.
const MIN_BESIDE: f32 = 0.3;
/// Maximum number, and share of all pieces, of lines of prose that a gutter may tear out of their columns.
const MAX_TORN: usize = 2;
const MAX_TORN_SHARE: f32 = 0.05;
/// How many times as wide as a line of a column another one of it may be.
pub(crate) const MAX_WIDER: f32 = 1.5;
/// Pieces next to a gutter that are tried as part of its column.
const ANCHORS: usize = 3;

/// A strip of the page between columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gutter {
    from: f32,
    to: f32,
    /// Pieces over it.
    crossing: usize,
    boxes: Boxes,
}

/// Where a piece stands against a gutter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
    Crossing,
}

impl Gutter {
    fn width(&self) -> f32 {
        self.to - self.from
    }

    /// Where `piece` stands.
    pub(crate) fn side(&self, piece: &Piece) -> Side {
        let (left, right) = sides(piece, self.boxes);
        if right <= self.from {
            Side::Left
        } else if left >= self.to {
            Side::Right
        } else {
            Side::Crossing
        }
    }
}

/// Left and right side of a piece, without what may reach into a gutter.
fn sides(piece: &Piece, boxes: Boxes) -> (f32, f32) {
    let (rect, reach) = (&piece.rect, boxes.reach() * piece.size);
    // Something stays of the narrowest letter.
    let core = (0.1 * piece.size).min(0.5 * rect.width());
    let middle = rect.center_x();
    (
        (rect.left + reach).min(middle - core),
        (rect.right - reach).max(middle + core),
    )
}

/// The best gutter that parts columns to be read one after the other: the one that least crosses, then the widest.
pub(crate) fn gutter(pieces: &[Piece], members: &[usize], boxes: Boxes) -> Option<Gutter> {
    if members.len() < 2 * MIN_LINES {
        return None;
    }
    let of = |index: &usize| pieces[*index];
    let region: Vec<Piece> = members.iter().map(of).collect();
    let narrowest = boxes.min_gutter() * median(region.iter().map(|piece| piece.size).collect());
    let allowed = (MAX_CROSSING * region.len() as f32) as usize;
    let mut candidates = valleys(&region, allowed, boxes);
    candidates.retain(|gutter| gutter.width() >= narrowest);
    candidates.sort_by(|a, b| a.crossing.cmp(&b.crossing).then(b.width().total_cmp(&a.width())));
    candidates
        .into_iter()
        .find(|gutter| !tears_lines(&region, gutter, boxes) && parts_columns(&region, gutter, boxes))
}

/// Stretches of the horizontal axis over which at most `allowed` pieces lie, as wide as they can be for the
/// number that lies over their emptiest place.
fn valleys(region: &[Piece], allowed: usize, boxes: Boxes) -> Vec<Gutter> {
    let mut edges: Vec<(f32, i32)> = region
        .iter()
        .map(|piece| sides(piece, boxes))
        .flat_map(|(left, right)| [(left, 1), (right, -1)])
        .collect();
    // At one place, what ends does so before what begins.
    edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut over = 0_i32;
    let mut steps: Vec<Gutter> = Vec::with_capacity(edges.len());
    for pair in edges.windows(2) {
        let [(from, change), (to, _)] = pair else { continue };
        over += change;
        if to > from {
            steps.push(Gutter {
                from: *from,
                to: *to,
                crossing: usize::try_from(over).unwrap_or(0),
                boxes,
            });
        }
    }
    let inner = |index: usize| index > 0 && index + 1 < steps.len();
    let is_valley = |&index: &usize| {
        let higher = |other: usize| {
            steps
                .get(other)
                .is_none_or(|other| other.crossing > steps[index].crossing)
        };
        let crossing = steps[index].crossing;
        inner(index) && crossing <= allowed && higher(index.wrapping_sub(1)) && higher(index + 1)
    };
    (0..steps.len())
        .filter(is_valley)
        .map(|index| steps[index])
        .collect()
}

/// Whether a gutter goes through lines of a column: what may cross one are headings and full-width lines, which
/// have no other prose beside them.
fn tears_lines(region: &[Piece], gutter: &Gutter, boxes: Boxes) -> bool {
    let prose = |crossing: bool| {
        let of = move |piece: &&Piece| (gutter.side(piece) == Side::Crossing) == crossing;
        region
            .iter()
            .filter(of)
            .filter(move |piece| boxes.is_prose(piece))
    };
    let has_prose_beside = |piece: &Piece| {
        prose(false).any(|other| {
            let lower = piece.rect.height().min(other.rect.height());
            piece.rect.overlap_y(&other.rect) > 0.5 * lower
        })
    };
    let torn = prose(true).filter(|&piece| has_prose_beside(piece)).count();
    torn > MAX_TORN.max((MAX_TORN_SHARE * region.len() as f32) as usize)
}

/// Whether what lies to both sides of a gutter are columns to be read one after the other, rather than the cells
/// of a table, labels with their values, or the names and amounts of a receipt.
fn parts_columns(region: &[Piece], gutter: &Gutter, boxes: Boxes) -> bool {
    let of = |wanted: Side| -> Vec<&Piece> {
        region
            .iter()
            .filter(|piece| gutter.side(piece) == wanted)
            .collect()
    };
    let (left, right) = (of(Side::Left), of(Side::Right));
    let enough = |side: &[&Piece]| side.len() >= MIN_LINES && is_dense(side);
    if !enough(&left) || !enough(&right) || !stand_beside(&left, &right) {
        return false;
    }
    // What is found in pixels stands at odd heights: only prose is sure to be no table there, and where lines stand
    // beside lines, only long prose.
    let least = match (boxes, is_table_like(&left, &right, boxes)) {
        (Boxes::Exact, false) => return true,
        (Boxes::Found, true) => 1.5 * boxes.min_prose(),
        (Boxes::Exact, true) | (Boxes::Found, false) => boxes.min_prose(),
    };
    let middle = f32::midpoint(gutter.from, gutter.to);
    borders_prose(&left, middle, least) && borders_prose(&right, middle, least)
}

/// Whether most lines of the side with fewer of them have a line beside them on the other.
fn is_table_like(left: &[&Piece], right: &[&Piece], boxes: Boxes) -> bool {
    let (fewer, other) = if left.len() < right.len() {
        (left, right)
    } else {
        (right, left)
    };
    let aligned = fewer
        .iter()
        .filter(|piece| other.iter().any(|beside| on_one_line(piece, beside, boxes)))
        .count();
    aligned * 2 >= fewer.len()
}

/// Whether the two sides share enough of their height to stand beside each other.
fn stand_beside(left: &[&Piece], right: &[&Piece]) -> bool {
    let (left, right) = (extent(left), extent(right));
    left.overlap_y(&right) > MIN_BESIDE * left.height().min(right.height())
}

/// Whether lines take enough of the height they spread over to belong together.
fn is_dense(side: &[&Piece]) -> bool {
    let lines: f32 = side.iter().map(|piece| piece.rect.height()).sum();
    lines >= MIN_DENSITY * extent(side).height()
}

/// Whether one side of a gutter is prose of lines of at least `least` ems, or, when it holds several columns, the one
/// next to the gutter is.
fn borders_prose(side: &[&Piece], gutter: f32, least: f32) -> bool {
    if is_prose(side, least) {
        return true;
    }
    let distance = |piece: &Piece| (piece.rect.center_x() - gutter).abs();
    let mut anchors = side.to_vec();
    anchors.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    anchors.iter().take(ANCHORS).any(|anchor| {
        let beside = |piece: &&&Piece| {
            let narrower = piece.rect.width().min(anchor.rect.width());
            // What is much wider is a headline over several columns.
            let alike = piece.rect.width() <= MAX_WIDER * anchor.rect.width();
            alike && piece.rect.overlap_x(&anchor.rect) > 0.5 * narrower
        };
        let column: Vec<&Piece> = side.iter().filter(beside).copied().collect();
        is_prose(&column, least)
    })
}

/// Whether these pieces look like a column of running text: lines of at least `least` ems that fill its width.
fn is_prose(side: &[&Piece], least: f32) -> bool {
    if side.len() < MIN_PROSE_LINES {
        return false;
    }
    let width = median(side.iter().map(|piece| piece.rect.width()).collect());
    let em = median(side.iter().map(|piece| piece.size).collect());
    let column = extent(side).width().min(WIDEST_COLUMN * em);
    width >= least * em && width >= MIN_FILL * column
}

fn extent(side: &[&Piece]) -> Rect {
    side.iter()
        .map(|piece| piece.rect)
        .reduce(Rect::union)
        .unwrap_or_default()
}
