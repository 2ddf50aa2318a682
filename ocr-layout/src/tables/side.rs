//! The sides of cells: where a grid is divided.

use super::stroke::Stroke;

/// Minimum part of the side of a cell that is drawn.
const MIN_DRAWN: f32 = 0.3;

/// Why a grid is divided here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// A line is drawn.
    Drawn,
    /// A gap between words.
    Gap,
    /// Nothing is drawn, but the grid ends here.
    End,
}

/// A line through the whole grid that parts two rows or two columns, wherever it is drawn.
#[derive(Debug, Clone)]
pub(super) struct Side {
    line: Stroke,
    /// Where it is drawn, from and to, without overlaps.
    drawn: Vec<(f32, f32)>,
    pub(super) reason: Reason,
}

impl Side {
    /// A side of which nothing is drawn.
    pub(super) fn undrawn(start: f32, end: f32, at: f32, reason: Reason) -> Self {
        Self {
            line: Stroke::new(start, end, at),
            drawn: Vec::new(),
            reason,
        }
    }

    /// Where it stands at a place along it.
    pub(super) fn at(&self, along: f32) -> f32 {
        self.line.at(along)
    }

    /// Whether it is drawn between two places, all but some gaps.
    pub(super) fn is_drawn(&self, from: f32, to: f32) -> bool {
        let length: f32 = self
            .drawn
            .iter()
            .map(|(start, end)| (end.min(to) - start.max(from)).max(0.0))
            .sum();
        length >= MIN_DRAWN * (to - from)
    }
}

/// The sides that strokes along one axis make up, in order; those nearer than `tolerance` are one, as double lines are.
pub(super) fn sides(strokes: &[Stroke], tolerance: f32) -> Vec<Side> {
    let mut strokes = strokes.to_vec();
    // The longest tell best where the others belong.
    strokes.sort_by(|a, b| b.length().total_cmp(&a.length()));
    let mut sides: Vec<Side> = Vec::new();
    for stroke in strokes {
        let along = f32::midpoint(stroke.start, stroke.end);
        let near = |side: &&mut Side| (side.at(along) - stroke.middle()).abs() <= tolerance;
        if let Some(side) = sides.iter_mut().find(near) {
            // Beyond its ends a short line does not tell where the others are; together they do.
            if stroke.start < side.line.start || stroke.end > side.line.end {
                side.line = side.line.joined(stroke);
            }
            side.drawn.push((stroke.start, stroke.end));
        } else {
            sides.push(Side {
                line: stroke,
                drawn: vec![(stroke.start, stroke.end)],
                reason: Reason::Drawn,
            });
        }
    }
    for side in &mut sides {
        side.drawn = without_overlaps(std::mem::take(&mut side.drawn));
    }
    in_order(&mut sides);
    sides
}

/// Puts sides from the first to the last by where they stand in the middle of all.
pub(super) fn in_order(sides: &mut [Side]) {
    let ends = sides.iter().map(|side| (side.line.start, side.line.end));
    let Some((start, end)) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else {
        return;
    };
    let middle = f32::midpoint(start, end);
    sides.sort_by(|a, b| a.at(middle).total_cmp(&b.at(middle)));
}

fn without_overlaps(mut parts: Vec<(f32, f32)>) -> Vec<(f32, f32)> {
    parts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut apart: Vec<(f32, f32)> = Vec::with_capacity(parts.len());
    for (start, end) in parts {
        match apart.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => apart.push((start, end)),
        }
    }
    apart
}
