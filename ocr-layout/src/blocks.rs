//! Blocks of a page in reading order: paragraphs, headings and what is no text.

use ocr_core::model::BlockKind;

use crate::{
    order::order,
    piece::{Boxes, Piece, median},
    rows::Row,
};

/// Distance of lines, in multiples of the usual one, that parts paragraphs.
const PARAGRAPH_LEADING: f32 = 1.35;
/// Minimum number of lines of a column that show a leading of their own.
const FEW_LINES: usize = 5;
/// Leading is 1.15 to 1.6 ems in running text and up to twice that when double-spaced; a few lines are not enough
/// to tell double spacing from distance.
const LEADING_OF_FEW: f32 = 1.6;
const LEADING: f32 = 2.5;
/// Maximum number of lines of a heading.
const HEADING_LINES: usize = 3;

/// Rows that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// What they are: a paragraph, a heading, or a table for what is solid.
    pub kind: BlockKind,
    /// The rows from the top, each from left to right.
    pub rows: Vec<Row>,
}

/// The pieces of a page as blocks in reading order. Each piece is in one row of one block.
pub fn blocks(pieces: &[Piece], boxes: Boxes) -> Vec<Group> {
    let usual = usual_size(pieces);
    let is_large = |row: &Piece| row.size >= boxes.heading() * usual;
    let mut blocks = Vec::new();
    for region in order(pieces, boxes) {
        let lines: Vec<(Row, Piece)> = region
            .into_iter()
            .filter_map(|row| {
                let line = Piece::joined(row.iter().map(|&index| pieces[index]))?;
                Some((row, line))
            })
            .collect();
        let leading = usual_leading(&lines);
        let mut open: Vec<(Row, Piece)> = Vec::new();
        for (row, line) in lines {
            let parted = open.last().is_some_and(|(_, last)| {
                is_large(last) != is_large(&line) || !continues(last, &line, leading, boxes)
            });
            if parted {
                blocks.extend(group(std::mem::take(&mut open), is_large));
            }
            open.push((row, line));
        }
        blocks.extend(group(open, is_large));
    }
    blocks
}

fn group(lines: Vec<(Row, Piece)>, is_large: impl Fn(&Piece) -> bool) -> Option<Group> {
    let (_, first) = lines.first()?;
    let kind = if first.solid {
        BlockKind::Table
    } else if lines.len() <= HEADING_LINES && lines.iter().all(|(_, line)| is_large(line)) {
        BlockKind::Heading
    } else {
        BlockKind::Paragraph
    };
    let rows = lines.into_iter().map(|(row, _)| row).collect();
    Some(Group { kind, rows })
}

/// Size of most text on the page.
fn usual_size(pieces: &[Piece]) -> f32 {
    let text = pieces.iter().filter(|piece| !piece.solid);
    median(text.map(|piece| piece.size).collect())
}

/// The usual distance of lines of a column, in ems.
fn usual_leading(lines: &[(Row, Piece)]) -> f32 {
    let distances = lines.windows(2).filter_map(|pair| match pair {
        [(_, above), (_, below)] if !above.solid && !below.solid => {
            Some((below.line - above.line) / above.size.max(below.size))
        }
        _ => None,
    });
    let widest = if lines.len() < FEW_LINES {
        LEADING_OF_FEW
    } else {
        LEADING
    };
    median(distances.collect()).clamp(1.0, widest)
}

/// Whether a line continues the paragraph of the line above it.
fn continues(above: &Piece, below: &Piece, leading: f32, boxes: Boxes) -> bool {
    let size = above.size.max(below.size);
    let near = below.line - above.line <= PARAGRAPH_LEADING * leading * size;
    let alike = size <= boxes.size_change() * above.size.min(below.size);
    near && alike && !above.solid && !below.solid
}

#[cfg(test)]
mod tests {
    use ocr_core::model::geometry::Rect;

    use super::*;

    fn line(top: f32, height: f32, width: f32) -> Piece {
        Piece::found(Rect::new(0.0, top, width, top + height))
    }

    fn sizes(groups: &[Group]) -> Vec<(BlockKind, usize)> {
        groups
            .iter()
            .map(|group| (group.kind, group.rows.len()))
            .collect()
    }

    #[test]
    fn distance_and_size_part_paragraphs() {
        let mut pieces = vec![line(0.0, 40.0, 300.0)];
        pieces.extend([60.0, 85.0, 110.0, 170.0, 195.0].map(|top| line(top, 20.0, 400.0)));
        let expected = [
            (BlockKind::Heading, 1),
            (BlockKind::Paragraph, 3),
            (BlockKind::Paragraph, 2),
        ];
        assert_eq!(sizes(&blocks(&pieces, Boxes::Found)), expected);
    }

    #[test]
    fn what_is_solid_stands_alone() {
        let pieces = [
            line(0.0, 20.0, 400.0),
            line(30.0, 200.0, 400.0).solid(),
            line(240.0, 20.0, 400.0),
            line(265.0, 20.0, 400.0),
        ];
        let expected = [
            (BlockKind::Paragraph, 1),
            (BlockKind::Table, 1),
            (BlockKind::Paragraph, 2),
        ];
        assert_eq!(sizes(&blocks(&pieces, Boxes::Found)), expected);
    }

    #[test]
    fn nothing_is_no_block() {
        assert_eq!(blocks(&[], Boxes::Exact), []);
    }
}
