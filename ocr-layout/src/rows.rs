//! Pieces side by side.

use crate::piece::Piece;

/// Pieces that belong to one row, from left to right, as indices of the input.
pub type Row = Vec<usize>;

/// Rows looked back at for the one a piece belongs to.
const LOOK_BACK: usize = 4;

/// Pieces side by side become one row; rows go from top to bottom.
pub(crate) fn rows(pieces: &[Piece], mut members: Vec<usize>) -> Vec<Row> {
    members.sort_by(|&a, &b| pieces[a].line.total_cmp(&pieces[b].line));
    let mut rows: Vec<Row> = Vec::new();
    for piece in members {
        let fits = |row: &Row| belongs(pieces, row, piece);
        match rows.iter_mut().rev().take(LOOK_BACK).find(|row| fits(row)) {
            Some(row) => row.push(piece),
            None => rows.push(vec![piece]),
        }
    }
    for row in &mut rows {
        sort_row(pieces, row);
    }
    rows.sort_by(|a, b| middle(pieces, a).total_cmp(&middle(pieces, b)));
    rows
}

/// Puts the pieces of a row from left to right.
pub(crate) fn sort_row(pieces: &[Piece], row: &mut Row) {
    row.sort_by(|&a, &b| pieces[a].rect.left.total_cmp(&pieces[b].rect.left));
}

/// The height at which a row stands.
pub(crate) fn middle(pieces: &[Piece], row: &Row) -> f32 {
    let sum: f32 = row.iter().map(|&i| pieces[i].rect.center_y()).sum();
    sum / row.len().max(1) as f32
}

/// Whether `piece` stands beside the pieces of `row`: at the height of its nearest neighbour there, and over
/// none of them.
pub(crate) fn belongs(pieces: &[Piece], row: &Row, piece: usize) -> bool {
    let candidate = &pieces[piece].rect;
    let gap = |&other: &usize| {
        let other = &pieces[other].rect;
        (other.left - candidate.right).max(candidate.left - other.right)
    };
    let nearest = row.iter().min_by(|a, b| gap(a).total_cmp(&gap(b)));
    let Some(nearest) = nearest.map(|&index| &pieces[index].rect) else {
        return false;
    };
    let smaller = nearest.height().min(candidate.height()).max(f32::MIN_POSITIVE);
    let beside =
        nearest.overlap_x(candidate) < 0.3 * nearest.width().min(candidate.width()).max(f32::MIN_POSITIVE);
    beside && nearest.overlap_y(candidate) > 0.5 * smaller
}
