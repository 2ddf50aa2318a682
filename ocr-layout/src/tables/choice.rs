//! Which of two tables in one place is the better one.
//!
//! Lines of a table are found with certainty or not at all, so a grid of drawn lines is taken where it is as good as
//! what the gaps between words say. Both get a mark of 0 to 1:
//!
//! - of drawn lines: the part of the words of both tables that it has, times its fit: the part of its words that no
//!   side of a cell cuts through, times the part of its lines of text in cells that are not torn apart by a wide gap.
//!   A frame around a table of which most lines are missing, and lines that are something else, have a low one.
//! - of gaps: the part of the words that it has, times the part of the drawn lines that run between its cells rather
//!   than through them. Rows or columns that were taken for one have a low one.

use ocr_core::model::{Table, geometry::Rect};

use super::{frame::Frame, placed::Placed, ruled::Ruled, stroke::Strokes};

/// How much better gaps have to be.
const MARGIN: f32 = 0.1;
/// Minimum part of the smaller of two tables that is in both places.
const SAME_PLACE: f32 = 0.5;
/// Part of the height or width of a cell, on either side, in which a line is no line through it.
const RIM: f32 = 0.15;

/// Whether a table of gaps between words is better than a table of drawn lines (`strokes`) in the same place; not where
/// they are in different places.
pub(super) fn is_better(
    gaps: &Table,
    ruled: &Ruled,
    strokes: &Strokes,
    words: &[Placed<'_>],
    frame: &Frame,
) -> bool {
    let cells: Vec<Rect> = gaps
        .cells
        .iter()
        .map(|cell| frame.bounds(&cell.polygon))
        .collect();
    let Some(bounds) = cells.iter().copied().reduce(Rect::union) else {
        return false;
    };
    let area = |rect: Rect| (rect.width() * rect.height()).max(f32::MIN_POSITIVE);
    let shared = bounds.overlap_x(&ruled.bounds) * bounds.overlap_y(&ruled.bounds);
    if shared < SAME_PLACE * area(bounds).min(area(ruled.bounds)) {
        return false;
    }
    let (mut of_gaps, mut of_ruled, mut of_both) = (0_u32, 0_u32, 0_u32);
    for word in words {
        let (in_gaps, in_ruled) = (
            bounds.holds_middle_of(&word.rect),
            ruled.bounds.holds_middle_of(&word.rect),
        );
        of_gaps += u32::from(in_gaps);
        of_ruled += u32::from(in_ruled);
        of_both += u32::from(in_gaps || in_ruled);
    }
    let part = |count: u32| count as f32 / of_both.max(1) as f32;
    let mark = part(of_gaps) * respected(&cells, bounds, strokes);
    mark > part(of_ruled) * ruled.fit + MARGIN
}

/// The part of the drawn lines in a table that does not run through cells, 0 to 1.
fn respected(cells: &[Rect], bounds: Rect, strokes: &Strokes) -> f32 {
    let overlap = |from: f32, to: f32, start: f32, end: f32| (to.min(end) - from.max(start)).max(0.0);
    let (mut all, mut through) = (0.0, 0.0);
    for stroke in &strokes.level {
        all += overlap(bounds.left, bounds.right, stroke.start, stroke.end);
        for cell in cells {
            let at = stroke.at(cell.center_x());
            let rim = RIM * cell.height();
            if cell.top + rim < at && at < cell.bottom - rim {
                through += overlap(cell.left, cell.right, stroke.start, stroke.end);
            }
        }
    }
    for stroke in &strokes.upright {
        all += overlap(bounds.top, bounds.bottom, stroke.start, stroke.end);
        for cell in cells {
            let at = stroke.at(cell.center_y());
            let rim = RIM * cell.width();
            if cell.left + rim < at && at < cell.right - rim {
                through += overlap(cell.top, cell.bottom, stroke.start, stroke.end);
            }
        }
    }
    if all <= 0.0 {
        1.0
    } else {
        (1.0 - through / all).clamp(0.0, 1.0)
    }
}
