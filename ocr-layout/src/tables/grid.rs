//! The grid that drawn lines make up, completed by the gaps between words where lines are missing.

use ocr_core::model::geometry::Rect;

use super::{
    MAX_WORDS, WRAPPED,
    columns::Columns,
    line::SplitLine,
    placed::{Placed, text_lines},
    side::{Reason, Side, in_order, sides},
    stroke::Strokes,
};
use crate::piece::median;

/// Maximum number of sides along an axis; a page has fewer.
const MAX_SIDES: usize = 400;
/// Maximum number of drawn bands in which rows without lines between them are looked for.
const MAX_BANDS: usize = 4;
/// Minimum part of the lines of such a band that have cells in several columns.
const MIN_TABULAR: f32 = 0.6;
/// Maximum number of words that most cells of such a band have, where its columns are drawn: more are wrapped text.
const MAX_BAND_WORDS: f32 = 3.0;

/// Where cells may begin and end.
#[derive(Debug)]
pub(super) struct Grid {
    /// Sides of columns, from the left; at least three.
    pub(super) columns: Vec<Side>,
    /// Sides of rows, from the top; at least three.
    pub(super) rows: Vec<Side>,
    /// The box around all.
    pub(super) bounds: Rect,
    /// Whether the first row stands over the only line that is drawn across inside.
    pub(super) has_head: bool,
}

impl Grid {
    /// The grid of strokes that belong together; `None` where they do not make up two rows and two columns.
    /// `height` is that of a word.
    pub(super) fn of(strokes: &Strokes, words: &[Placed<'_>], height: f32) -> Option<Self> {
        let tolerance = height / 2.0;
        let mut bounds = strokes.bounds()?;
        let (mut rows, mut columns) = (
            sides(&strokes.level, tolerance),
            sides(&strokes.upright, tolerance),
        );
        let is_stack = columns.is_empty();
        if rows.len() + columns.len() < 3 || (is_stack && rows.len() < 2) {
            return None;
        }
        if is_stack {
            bounds = with_lines_beside(bounds, words, height);
        }
        close(
            &mut columns,
            (bounds.left, bounds.right),
            (bounds.top, bounds.bottom),
            height,
        );
        close(
            &mut rows,
            (bounds.top, bounds.bottom),
            (bounds.left, bounds.right),
            height,
        );
        let framed = columns.len() <= 2 && rows.len() <= 2;
        if framed || rows.len() > MAX_SIDES || columns.len() > MAX_SIDES {
            return None;
        }
        let inside: Vec<Placed<'_>> = words
            .iter()
            .filter(|word| holds(bounds, word.rect))
            .copied()
            .collect();
        let lines = text_lines(&inside);
        let has_columns = columns.len() > 2;
        if !has_columns {
            divide_columns(&mut columns, &lines, bounds)?;
        }
        let drawn = rows.len();
        let ruled = has_columns && drawn > 3;
        if !ruled && drawn - 1 <= MAX_BANDS {
            divide_rows(&mut rows, &columns, &lines, bounds, has_columns);
        }
        let is_grid = columns.len() > 2 && rows.len() > 2 && rows.len() <= MAX_SIDES;
        let first_is_drawn = rows.get(1).is_some_and(|side| side.reason == Reason::Drawn);
        let has_head = first_is_drawn && rows.len() > drawn && rows.len() > 3;
        is_grid.then_some(Self {
            columns,
            rows,
            bounds,
            has_head,
        })
    }

    /// The row and the column of a place, from 0.
    pub(super) fn place(&self, x: f32, y: f32) -> (usize, usize) {
        (index(&self.rows, y, x), index(&self.columns, x, y))
    }

    /// The area between the sides of columns and of rows with these numbers: left, top, right, bottom.
    pub(super) fn area(&self, sides: [usize; 4]) -> Rect {
        let [left, top, right, bottom] = sides;
        let at = |sides: &[Side], side: usize, along: f32| sides.get(side).map_or(0.0, |side| side.at(along));
        let (x, y) = (self.bounds.center_x(), self.bounds.center_y());
        // Where sides slant, they are taken near the cell.
        let middle_x = f32::midpoint(at(&self.columns, left, y), at(&self.columns, right, y));
        let middle_y = f32::midpoint(at(&self.rows, top, x), at(&self.rows, bottom, x));
        Rect::new(
            at(&self.columns, left, middle_y),
            at(&self.rows, top, middle_x),
            at(&self.columns, right, middle_y),
            at(&self.rows, bottom, middle_x),
        )
    }
}

/// Between which sides a place is: the number of the one before it.
fn index(sides: &[Side], at: f32, along: f32) -> usize {
    let before = sides.iter().filter(|side| side.at(along) <= at).count();
    before.saturating_sub(1).min(sides.len().saturating_sub(2))
}

fn holds(bounds: Rect, word: Rect) -> bool {
    bounds.holds_middle_of(&word)
}

/// Ends a grid where lines of the other axis go further than its own sides.
fn close(sides: &mut Vec<Side>, ends: (f32, f32), along: (f32, f32), height: f32) {
    let middle = f32::midpoint(along.0, along.1);
    for end in [ends.0, ends.1] {
        if !sides.iter().any(|side| (side.at(middle) - end).abs() <= height) {
            sides.push(Side::undrawn(along.0, along.1, end, Reason::End));
        }
    }
    in_order(sides);
}

/// The bounds of level lines with the line of text over the first and the one below the last, where those are part of
/// the table: they have several cells, and stand close.
fn with_lines_beside(bounds: Rect, words: &[Placed<'_>], height: f32) -> Rect {
    let reach = 3.0 * height;
    let beside = |top: f32, bottom: f32| {
        let band = Rect::new(bounds.left - height, top, bounds.right + height, bottom);
        let near: Vec<Placed<'_>> = words
            .iter()
            .filter(|word| holds(band, word.rect))
            .copied()
            .collect();
        text_lines(&near)
    };
    let mut around = bounds;
    let above = beside(bounds.top - reach, bounds.top);
    if let Some(line) = above.last().filter(|line| line.segments.len() > 1) {
        around.top = around.top.min(line.top - height / 4.0);
    }
    let below = beside(bounds.bottom, bounds.bottom + reach);
    if let Some(line) = below.first().filter(|line| line.segments.len() > 1) {
        around.bottom = around.bottom.max(line.bottom + height / 4.0);
    }
    around
}

/// Divides a grid whose columns are not drawn at the gaps that its lines of text have in common.
fn divide_columns(columns: &mut Vec<Side>, lines: &[SplitLine], bounds: Rect) -> Option<()> {
    let words = lines.iter().flat_map(|line| &line.segments);
    if median(words.map(|segment| segment.words as f32).collect()) > MAX_WORDS {
        return None;
    }
    let lines: Vec<&SplitLine> = lines.iter().collect();
    let found = Columns::of(&lines)?;
    let gaps = found
        .separators()
        .iter()
        .map(|&at| Side::undrawn(bounds.top, bounds.bottom, at, Reason::Gap));
    columns.extend(gaps);
    in_order(columns);
    Some(())
}

/// Divides bands of several lines of text into rows, where the lines have cells in several columns.
fn divide_rows(
    rows: &mut Vec<Side>,
    columns: &[Side],
    lines: &[SplitLine],
    bounds: Rect,
    drawn_columns: bool,
) {
    let middle = bounds.center_x();
    let mut gaps: Vec<Side> = Vec::new();
    for band in rows.windows(2) {
        let (top, bottom) = (band[0].at(middle), band[1].at(middle));
        let inside: Vec<&SplitLine> = lines
            .iter()
            .filter(|line| (top..bottom).contains(&line.center()))
            .collect();
        if is_rows(&inside, columns, drawn_columns) {
            let places = row_gaps(&inside, columns).into_iter();
            gaps.extend(places.map(|at| Side::undrawn(bounds.left, bounds.right, at, Reason::Gap)));
        }
    }
    rows.extend(gaps);
    in_order(rows);
}

/// Whether the lines of a band are rows, rather than the text of one.
fn is_rows(lines: &[&SplitLine], columns: &[Side], drawn_columns: bool) -> bool {
    let wanted = if drawn_columns { 3 } else { 2 };
    let words = lines.iter().flat_map(|line| &line.segments);
    let words = median(words.map(|segment| segment.words as f32).collect());
    let is_short = words <= if drawn_columns { MAX_BAND_WORDS } else { MAX_WORDS };
    let half = (columns.len().saturating_sub(1) / 2).max(2);
    let tabular = lines
        .iter()
        .filter(|line| filled(line, columns).len() >= half)
        .count();
    lines.len() >= wanted && is_short && tabular as f32 >= MIN_TABULAR * lines.len() as f32
}

/// The columns in which segments of a line begin.
fn filled(line: &SplitLine, columns: &[Side]) -> Vec<usize> {
    let mut filled: Vec<usize> = line
        .segments
        .iter()
        .map(|segment| index(columns, f32::midpoint(segment.left, segment.right), line.center()))
        .collect();
    filled.sort_unstable();
    filled.dedup();
    filled
}

/// Where rows part: halfway between two lines, unless the second goes on with the cells of the first.
fn row_gaps(lines: &[&SplitLine], columns: &[Side]) -> Vec<f32> {
    let distances = lines.windows(2).map(|pair| pair[1].center() - pair[0].center());
    let usual = median(distances.collect());
    lines
        .windows(2)
        .filter(|pair| {
            let is_near = pair[1].center() - pair[0].center() < WRAPPED * usual;
            let has_first = filled(pair[1], columns).first() == Some(&0);
            has_first || !is_near
        })
        .map(|pair| f32::midpoint(pair[0].bottom, pair[1].top))
        .collect()
}
