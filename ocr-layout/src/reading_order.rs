//! The order in which a person reads the pieces of text on a page: columns one after the other,
//! full-width lines between them, and the pieces of one row from left to right.

use crate::Rect;

/// Smallest number of lines on each side of a gutter between columns.
const MIN_COLUMN_LINES: usize = 3;
/// Lines of a column of prose are at least this many line heights long, on the median. Cells of
/// tables and the amounts of receipts are shorter: those are read row by row.
const MIN_COLUMN_ASPECT: f32 = 6.0;
/// Median length of a column's lines over the width of the column. Ragged cells fall below.
const MIN_COLUMN_FILL: f32 = 0.55;
/// At most this share of the pieces may cross a gutter (headings, full-width lines).
const MAX_CROSSING: f32 = 0.3;
/// Pieces next to a gutter that are tried as part of its column.
const ANCHORS: usize = 3;
/// Nesting of columns inside columns.
const MAX_DEPTH: usize = 6;

/// Pieces that belong to one row, from left to right, as indices of the input.
pub type Row = Vec<usize>;

/// Groups of consecutive rows that were not separated by a column boundary.
pub fn order(pieces: &[Rect]) -> Vec<Vec<Row>> {
    let all: Vec<usize> = (0..pieces.len()).collect();
    let mut regions = Vec::new();
    split(pieces, all, MAX_DEPTH, &mut regions);
    regions.retain(|rows: &Vec<Row>| !rows.is_empty());
    regions
}

fn split(pieces: &[Rect], members: Vec<usize>, depth: usize, regions: &mut Vec<Vec<Row>>) {
    let gutter = if depth == 0 {
        None
    } else {
        find_gutter(pieces, &members)
    };
    let Some(x) = gutter else {
        regions.push(rows(pieces, members));
        return;
    };
    let (mut crossing, rest): (Vec<usize>, Vec<usize>) =
        members.into_iter().partition(|&i| crosses(&pieces[i], x));
    crossing.sort_by(|&a, &b| pieces[a].center_y().total_cmp(&pieces[b].center_y()));
    let mut rest = rest;
    let mut after_row = false;
    // Each crossing row ends the columns above it.
    for mut row in rows(pieces, crossing) {
        let bound = row.iter().map(|&i| pieces[i].center_y()).sum::<f32>() / row.len() as f32;
        rest = take_cells(pieces, &mut row, rest);
        let (above, below): (Vec<usize>, Vec<usize>) =
            rest.into_iter().partition(|&i| pieces[i].center_y() < bound);
        // Full-width rows that follow one another stay in one region.
        let follows = after_row && above.is_empty();
        split_at(pieces, above, x, depth, regions);
        match regions.last_mut() {
            Some(region) if follows => region.push(row),
            _ => regions.push(vec![row]),
        }
        after_row = true;
        rest = below;
    }
    split_at(pieces, rest, x, depth, regions);
}

/// Moves what stands beside a crossing row into it, and returns the others. Lines as long as those of
/// prose stay in their column.
fn take_cells(pieces: &[Rect], row: &mut Row, members: Vec<usize>) -> Vec<usize> {
    let is_cell = |piece: &Rect| piece.width() < MIN_COLUMN_ASPECT * piece.height();
    let mut others = Vec::with_capacity(members.len());
    for piece in members {
        if is_cell(&pieces[piece]) && belongs(pieces, row, piece) {
            row.push(piece);
        } else {
            others.push(piece);
        }
    }
    row.sort_by(|&a, &b| pieces[a].left.total_cmp(&pieces[b].left));
    others
}

fn split_at(pieces: &[Rect], members: Vec<usize>, x: f32, depth: usize, regions: &mut Vec<Vec<Row>>) {
    let (left, right): (Vec<usize>, Vec<usize>) =
        members.into_iter().partition(|&i| pieces[i].center_x() < x);
    for side in [left, right] {
        if !side.is_empty() {
            split(pieces, side, depth - 1, regions);
        }
    }
}

fn crosses(piece: &Rect, x: f32) -> bool {
    let slack = piece.height() * 0.5;
    piece.left + slack < x && piece.right - slack > x
}

/// The x of the best gutter between columns of prose, if there is one.
fn find_gutter(pieces: &[Rect], members: &[usize]) -> Option<f32> {
    if members.len() < 2 * MIN_COLUMN_LINES {
        return None;
    }
    // A gutter ends where some piece begins: only left edges need to be tried.
    let mut candidates: Vec<f32> = members.iter().map(|&i| pieces[i].left - 1.0).collect();
    candidates.sort_by(f32::total_cmp);
    candidates.dedup_by(|a, b| (*a - *b).abs() < 4.0);
    candidates
        .into_iter()
        .filter_map(|x| gutter_score(pieces, members, x).map(|score| (x, score)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(x, _)| x)
}

/// How convincing a gutter at `x` is, `None` when it does not part two columns of prose.
fn gutter_score(pieces: &[Rect], members: &[usize], x: f32) -> Option<f32> {
    let (mut left, mut right, mut crossing) = (Vec::new(), Vec::new(), 0_usize);
    for piece in members.iter().map(|&i| &pieces[i]) {
        if crosses(piece, x) {
            crossing += 1;
        } else if piece.center_x() < x {
            left.push(*piece);
        } else {
            right.push(*piece);
        }
    }
    let share = crossing as f32 / members.len() as f32;
    let from_gutter = |a: &Rect, b: &Rect| (a.center_x() - x).abs().total_cmp(&(b.center_x() - x).abs());
    left.sort_by(from_gutter);
    right.sort_by(from_gutter);
    if share > MAX_CROSSING || !borders_prose(&left) || !borders_prose(&right) {
        return None;
    }
    let (a, b) = (enclosing(&left)?, enclosing(&right)?);
    let shared = a.overlap_y(&b) / a.height().min(b.height()).max(1.0);
    if shared < 0.3 {
        return None;
    }
    let smaller = left.len().min(right.len()) as f32;
    Some(smaller - 2.0 * crossing as f32)
}

/// Whether one side of a gutter is prose, or, when it holds several columns, the column next to the
/// gutter is. `side` is sorted by distance from the gutter.
fn borders_prose(side: &[Rect]) -> bool {
    let column_of = |anchor: &Rect| -> Vec<Rect> {
        let beside = |piece: &&Rect| piece.overlap_x(anchor) > 0.5 * piece.width().min(anchor.width());
        side.iter().filter(beside).copied().collect()
    };
    is_prose(side)
        || side
            .iter()
            .take(ANCHORS)
            .any(|anchor| is_prose(&column_of(anchor)))
}

/// Whether these pieces look like a column of running text: long lines that fill its width.
fn is_prose(pieces: &[Rect]) -> bool {
    if pieces.len() < MIN_COLUMN_LINES {
        return false;
    }
    let widths: Vec<f32> = pieces.iter().map(Rect::width).collect();
    let heights: Vec<f32> = pieces.iter().map(Rect::height).collect();
    let (width, height) = (median(widths), median(heights).max(1.0));
    let column = enclosing(pieces).map_or(0.0, |rect| rect.width());
    width >= MIN_COLUMN_ASPECT * height && width >= MIN_COLUMN_FILL * column.min(60.0 * height)
}

fn enclosing(pieces: &[Rect]) -> Option<Rect> {
    pieces.iter().copied().reduce(Rect::union)
}

/// Middle value; 0 for nothing.
pub fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Pieces side by side become one row; rows go from top to bottom.
fn rows(pieces: &[Rect], mut members: Vec<usize>) -> Vec<Row> {
    members.sort_by(|&a, &b| pieces[a].center_y().total_cmp(&pieces[b].center_y()));
    let mut rows: Vec<Row> = Vec::new();
    for piece in members {
        let fits = |row: &Row| belongs(pieces, row, piece);
        match rows.iter_mut().rev().take(4).find(|row| fits(row)) {
            Some(row) => row.push(piece),
            None => rows.push(vec![piece]),
        }
    }
    for row in &mut rows {
        row.sort_by(|&a, &b| pieces[a].left.total_cmp(&pieces[b].left));
    }
    let middle = |row: &Row| row.iter().map(|&i| pieces[i].center_y()).sum::<f32>() / row.len() as f32;
    rows.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    rows
}

/// Whether `piece` stands beside the pieces of `row`: at the height of its nearest neighbour there,
/// and over none of them.
fn belongs(pieces: &[Rect], row: &Row, piece: usize) -> bool {
    let candidate = &pieces[piece];
    let gap = |other: &Rect| (other.left - candidate.right).max(candidate.left - other.right);
    let Some(nearest) = row
        .iter()
        .map(|&i| &pieces[i])
        .min_by(|a, b| gap(a).total_cmp(&gap(b)))
    else {
        return false;
    };
    let smaller = nearest.height().min(candidate.height()).max(1.0);
    let beside = nearest.overlap_x(candidate) < 0.3 * nearest.width().min(candidate.width());
    beside && nearest.overlap_y(candidate) > 0.5 * smaller
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(left: f32, top: f32, right: f32) -> Rect {
        Rect {
            left,
            top,
            right,
            bottom: top + 20.0,
        }
    }

    fn flat(pieces: &[Rect]) -> Vec<usize> {
        order(pieces).into_iter().flatten().flatten().collect()
    }

    fn columns(lefts: &[f32], width: f32, lines: usize, top: f32) -> Vec<Rect> {
        let mut pieces = Vec::new();
        for (column, left) in lefts.iter().enumerate() {
            for i in 0..lines {
                // Columns are not aligned line by line.
                pieces.push(line(
                    *left,
                    top + i as f32 * 25.0 + column as f32 * 7.0,
                    left + width,
                ));
            }
        }
        pieces
    }

    #[test]
    fn two_columns_with_a_heading_and_a_footer() {
        let mut pieces = vec![line(100.0, 10.0, 900.0)];
        pieces.extend(columns(&[50.0, 530.0], 420.0, 10, 60.0));
        pieces.push(line(300.0, 500.0, 700.0));
        let expected: Vec<usize> = (0..pieces.len()).collect();
        assert_eq!(flat(&pieces), expected);
    }

    #[test]
    fn three_columns() {
        let pieces = columns(&[50.0, 380.0, 710.0], 300.0, 12, 40.0);
        assert_eq!(flat(&pieces), (0..36).collect::<Vec<_>>());
    }

    #[test]
    fn a_heading_in_the_middle_ends_the_columns_above() {
        let mut pieces = columns(&[50.0, 530.0], 420.0, 5, 0.0);
        pieces.push(line(50.0, 200.0, 950.0));
        pieces.extend(columns(&[50.0, 530.0], 420.0, 5, 250.0));
        let expected: Vec<usize> = (0..pieces.len()).collect();
        assert_eq!(flat(&pieces), expected);
    }

    #[test]
    fn a_row_across_the_gutter_keeps_its_cells() {
        let mut pieces = columns(&[50.0, 530.0], 420.0, 5, 0.0);
        // Hardly higher and lower than what stands between them.
        pieces.extend([
            line(50.0, 198.0, 130.0),
            line(430.0, 200.0, 630.0),
            line(880.0, 203.0, 950.0),
        ]);
        pieces.extend(columns(&[50.0, 530.0], 420.0, 5, 250.0));
        let expected: Vec<usize> = (0..pieces.len()).collect();
        assert_eq!(flat(&pieces), expected);
        assert!(order(&pieces).contains(&vec![vec![10, 11, 12]]));
    }

    #[test]
    fn full_width_rows_stay_together() {
        let mut pieces: Vec<Rect> = (0..4).map(|i| line(50.0, i as f32 * 25.0, 950.0)).collect();
        pieces.extend(columns(&[50.0, 530.0], 420.0, 10, 130.0));
        let regions = order(&pieces);
        assert_eq!(regions[0], [vec![0], vec![1], vec![2], vec![3]]);
        assert_eq!(regions.len(), 3);
    }

    #[test]
    fn receipt_rows_keep_name_and_amount_together() {
        let mut pieces = Vec::new();
        for i in 0..8 {
            let top = i as f32 * 30.0;
            pieces.push(line(20.0, top, 220.0 + 10.0 * (i % 3) as f32));
            pieces.push(line(400.0, top + 2.0, 460.0));
        }
        let regions = order(&pieces);
        assert_eq!(regions.len(), 1);
        assert_eq!(regions[0].len(), 8);
        assert!(
            regions[0]
                .iter()
                .enumerate()
                .all(|(i, row)| *row == vec![2 * i, 2 * i + 1])
        );
    }

    #[test]
    fn one_piece_and_none() {
        assert!(order(&[]).is_empty());
        assert_eq!(flat(&[line(0.0, 0.0, 10.0)]), vec![0]);
    }

    proptest! {
        #[test]
        fn every_piece_appears_once(
            boxes in proptest::collection::vec((0.0_f32..1000.0, 0.0_f32..1000.0, 0.0_f32..500.0, 0.0_f32..50.0), 0..60)
        ) {
            let pieces: Vec<Rect> = boxes
                .iter()
                .map(|&(left, top, w, h)| Rect { left, top, right: left + w, bottom: top + h })
                .collect();
            let mut seen = flat(&pieces);
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..pieces.len()).collect::<Vec<_>>());
        }
    }
}
