//! The order in which a person reads the pieces of text on a page: columns one after the other, full-width lines
//! between them, and the pieces of one row from left to right.
//!
//! A recursive cut of the page (Nagy and Seth's XY-cut) that looks for a gutter first and lets a few lines cross
//! it: titles and footers over two columns part the page into bands that are read one after the other. Where there
//! is no gutter, the page is cut at its widest horizontal gap, so that columns may begin at any height. A gutter
//! between cells of a table is none: tables are read row by row.

use ocr_core::model::geometry::Rect;

use crate::{
    gutter::{Gutter, MAX_WIDER, Side, gutter},
    piece::{Boxes, Piece, median},
    rows::{Row, belongs, middle, rows, sort_row},
};

/// Depth of recursion after which a region is read row by row.
const MAX_DEPTH: u32 = 40;
/// Minimum horizontal gap at which a region is cut, in ems.
const MIN_BREAK: f32 = 0.5;

/// Groups of consecutive rows that were not separated by a column boundary, in reading order.
pub fn order(pieces: &[Piece], boxes: Boxes) -> Vec<Vec<Row>> {
    let cut = Cut { pieces, boxes };
    cut.regions((0..pieces.len()).collect(), MAX_DEPTH)
        .into_iter()
        .map(|region| match region {
            Region::Column(members) => rows(pieces, members),
            Region::Across(rows) => rows,
        })
        .filter(|rows| !rows.is_empty())
        .collect()
}

/// A part of the page that is read row by row.
enum Region {
    /// A column, or a table.
    Column(Vec<usize>),
    /// Rows across a gutter.
    Across(Vec<Row>),
}

struct Cut<'a> {
    pieces: &'a [Piece],
    boxes: Boxes,
}

impl Cut<'_> {
    /// The regions of a part of the page in reading order; one without gutters is one column.
    fn regions(&self, members: Vec<usize>, depth: u32) -> Vec<Region> {
        if members.is_empty() {
            return Vec::new();
        }
        if members.len() < 2 || depth == 0 {
            return vec![Region::Column(members)];
        }
        if let Some(gutter) = gutter(self.pieces, &members, self.boxes) {
            return self.bands(members, &gutter, depth);
        }
        let Some(at) = self.widest_break(&members) else {
            return vec![Region::Column(members)];
        };
        let (above, below) = members
            .into_iter()
            .partition(|&index| self.pieces[index].rect.center_y() < at);
        let mut regions = self.regions(above, depth - 1);
        let mut rest = self.regions(below, depth - 1);
        // If neither side of a break has columns, the break is dropped and the column continues.
        if let ([Region::Column(above)], [Region::Column(below)]) =
            (regions.as_mut_slice(), rest.as_mut_slice())
        {
            above.append(below);
        } else {
            regions.append(&mut rest);
        }
        regions
    }

    /// Reads what lies between the rows that cross the gutter, and those rows, from the top.
    fn bands(&self, members: Vec<usize>, gutter: &Gutter, depth: u32) -> Vec<Region> {
        let crosses = |&index: &usize| gutter.side(&self.pieces[index]) == Side::Crossing;
        let (crossing, mut rest): (Vec<usize>, Vec<usize>) = members.into_iter().partition(crosses);
        let mut regions = Vec::new();
        for mut row in rows(self.pieces, crossing) {
            let bound = middle(self.pieces, &row);
            rest = self.take_beside(&mut row, rest);
            let (left, right) = self.columns_under(&row, &rest, gutter);
            let (above, below): (Vec<usize>, Vec<usize>) = rest.into_iter().partition(|&index| {
                let piece = &self.pieces[index];
                let is_apart = |columns: Option<Rect>| {
                    columns.is_some_and(|columns| columns.overlap_x(&piece.rect) <= 0.0)
                };
                // Columns that the row does not reach go on beside it: those on the left are read before it, those
                // on the right after it.
                match gutter.side(piece) {
                    Side::Left if is_apart(left) => true,
                    Side::Right if is_apart(right) => false,
                    _ => piece.rect.center_y() < bound,
                }
            });
            let follows = above.is_empty();
            self.sides(above, gutter, depth, &mut regions);
            // Full-width rows that follow one another stay in one region.
            match regions.last_mut() {
                Some(Region::Across(rows)) if follows => rows.push(row),
                _ => regions.push(Region::Across(vec![row])),
            }
            rest = below;
        }
        self.sides(rest, gutter, depth, &mut regions);
        regions
    }

    /// The row that crosses the gutter with the columns under and over it on the left, and on the right; `None`
    /// where there are none. A headline over two of three columns parts those two only.
    fn columns_under(&self, row: &Row, members: &[usize], gutter: &Gutter) -> (Option<Rect>, Option<Rect>) {
        let extent = row
            .iter()
            .map(|&index| self.pieces[index].rect)
            .reduce(Rect::union)
            .unwrap_or_default();
        let of = |side: Side| {
            let under: Vec<Rect> = members
                .iter()
                .map(|&index| &self.pieces[index])
                .filter(|piece| gutter.side(piece) == side)
                .map(|piece| piece.rect)
                .filter(|rect| rect.overlap_x(&extent) > 0.0)
                .collect();
            // Another headline is no column.
            let widest = MAX_WIDER * median(under.iter().map(Rect::width).collect());
            let columns = under.into_iter().filter(|rect| rect.width() <= widest);
            columns.reduce(Rect::union).map(|columns| columns.union(extent))
        };
        (of(Side::Left), of(Side::Right))
    }

    /// Reads the columns of both sides, the left one first.
    fn sides(&self, members: Vec<usize>, gutter: &Gutter, depth: u32, regions: &mut Vec<Region>) {
        let is_left = |&index: &usize| gutter.side(&self.pieces[index]) == Side::Left;
        let (left, right): (Vec<usize>, Vec<usize>) = members.into_iter().partition(is_left);
        regions.extend(self.regions(left, depth - 1));
        regions.extend(self.regions(right, depth - 1));
    }

    /// Moves what stands beside a crossing row into it, and returns the others. Lines as long as those of prose
    /// stay in their column.
    fn take_beside(&self, row: &mut Row, members: Vec<usize>) -> Vec<usize> {
        let may_be_cell = |piece: &Piece| !self.boxes.is_prose(piece);
        let mut others = Vec::with_capacity(members.len());
        for index in members {
            if may_be_cell(&self.pieces[index]) && belongs(self.pieces, row, index) {
                row.push(index);
            } else {
                others.push(index);
            }
        }
        sort_row(self.pieces, row);
        others
    }

    /// The middle of the widest horizontal strip without text, unless the part is evenly spaced.
    fn widest_break(&self, members: &[usize]) -> Option<f32> {
        let mut spans: Vec<(f32, f32)> = members
            .iter()
            .map(|&index| self.pieces[index].rect)
            .map(|rect| (rect.top, rect.bottom))
            .collect();
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut bottom = spans.first()?.1;
        let mut widest: Option<(f32, f32)> = None;
        for (top, end) in spans {
            if top - bottom > widest.map_or(0.0, |(width, _)| width) {
                widest = Some((top - bottom, f32::midpoint(top, bottom)));
            }
            bottom = bottom.max(end);
        }
        let sizes = members.iter().map(|&index| self.pieces[index].size).collect();
        let least = MIN_BREAK * median(sizes);
        widest.filter(|(width, _)| *width >= least).map(|(_, at)| at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(left: f32, top: f32, right: f32) -> Piece {
        Piece::found(Rect::new(left, top, right, top + 20.0))
    }

    fn order(pieces: &[Piece]) -> Vec<Vec<Row>> {
        super::order(pieces, Boxes::Found)
    }

    fn flat(pieces: &[Piece]) -> Vec<usize> {
        order(pieces).into_iter().flatten().flatten().collect()
    }

    fn columns(lefts: &[f32], width: f32, lines: usize, top: f32) -> Vec<Piece> {
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
        let mut pieces: Vec<Piece> = (0..4).map(|i| line(50.0, i as f32 * 25.0, 950.0)).collect();
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
            let pieces: Vec<Piece> = boxes
                .iter()
                .map(|&(left, top, w, h)| Piece::found(Rect::new(left, top, left + w, top + h)))
                .collect();
            let mut seen = flat(&pieces);
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..pieces.len()).collect::<Vec<_>>());
        }
    }
}
