//! Places of a page where a table may be that words and drawn lines alone do not tell for sure.

use ocr_core::model::{Polygon, geometry::Rect};

use super::{
    MAX_LEADING, MAX_WORDS,
    frame::Frame,
    line::SplitLine,
    placed::{Placed, text_lines},
    ruled::Ruled,
};
use crate::piece::median;

/// Maximum number of such places on a page: each costs a look.
const MAX_REGIONS: usize = 8;
/// Minimum number of lines that have something side by side.
const MIN_TABULAR: usize = 3;
/// Maximum number of lines of one piece between them: those of a cell whose text is wrapped.
const MAX_WRAPPED: usize = 4;
/// Maximum distance of such a line from the one above, in heights of a line.
const MAX_WRAPPED_LEADING: f32 = 2.0;
/// Part of the width of the lines above from which a line of one piece is no wrapped cell.
const MAX_LONE_WIDTH: f32 = 0.6;
/// Of tables with this many lines, rows are too low in a picture that is made small for a model.
const MAX_LINES: usize = 60;
/// How well drawn lines fit the words of a table that needs no other look.
const CLEAR_FIT: f32 = 0.9;

/// The places of a page, in shares of it, where something stands side by side in several lines and neither the tables that
/// are drawn there nor the words alone say clearly which cells there are; from the top.
pub(super) fn uncertain_places(words: &[Placed<'_>], drawn: &[Ruled], frame: &Frame) -> Vec<Rect> {
    let clear: Vec<Rect> = drawn
        .iter()
        .filter(|table| table.fit >= CLEAR_FIT)
        .map(|table| table.bounds)
        .collect();
    let outside: Vec<Placed<'_>> = words
        .iter()
        .copied()
        .filter(|word| !clear.iter().any(|table| table.holds_middle_of(&word.rect)))
        .collect();
    let lines = text_lines(&outside);
    let mut regions = Vec::new();
    let mut rest = lines.as_slice();
    while !rest.is_empty() && regions.len() < MAX_REGIONS {
        let count = run(rest);
        let (lines, after) = rest.split_at(count.max(1).min(rest.len()));
        rest = after;
        if is_uncertain(lines) {
            regions.extend(around(lines).map(|bounds| frame.on_page(Polygon::from(bounds)).bounds()));
        }
    }
    regions
}

/// How many of `lines`, from the first on, may be one table; 0 where the first has one piece.
fn run(lines: &[SplitLine]) -> usize {
    let (mut count, mut lone, mut width) = (0, 0, 0.0_f32);
    let mut above: Option<&SplitLine> = None;
    for line in lines {
        let is_tabular = line.segments.len() > 1;
        let leading = if is_tabular {
            MAX_LEADING
        } else {
            MAX_WRAPPED_LEADING
        };
        let is_near = above
            .is_none_or(|above| line.center() - above.center() <= leading * above.height.max(line.height));
        let is_wrapped = width_of(line) <= MAX_LONE_WIDTH * width && lone < MAX_WRAPPED;
        if !is_near || !(is_tabular || is_wrapped) {
            break;
        }
        lone = if is_tabular { 0 } else { lone + 1 };
        width = width.max(width_of(line));
        above = Some(line);
        count += 1;
    }
    count
}

fn width_of(line: &SplitLine) -> f32 {
    let ends = line.segments.first().zip(line.segments.last());
    ends.map_or(0.0, |(first, last)| last.right - first.left)
}

/// Whether these lines may be a table, and are not one whose lines all have the same pieces.
fn is_uncertain(lines: &[SplitLine]) -> bool {
    let tabular = lines.iter().filter(|line| line.segments.len() > 1).count();
    let words = lines.iter().flat_map(|line| &line.segments);
    let words = median(words.map(|segment| segment.words as f32).collect());
    let pieces = lines.first().map_or(0, |line| line.segments.len());
    let is_regular = lines.iter().all(|line| line.segments.len() == pieces);
    tabular >= MIN_TABULAR && lines.len() <= MAX_LINES && words <= MAX_WORDS && !is_regular
}

/// The box around lines, with half a line on each side.
fn around(lines: &[SplitLine]) -> Option<Rect> {
    let boxes = lines.iter().filter_map(|line| {
        let (first, last) = line.segments.first().zip(line.segments.last())?;
        Some(Rect::new(first.left, line.top, last.right, line.bottom))
    });
    let bounds = boxes.reduce(Rect::union)?;
    let margin = median(lines.iter().map(|line| line.height).collect()) / 2.0;
    Some(Rect::new(
        bounds.left - margin,
        bounds.top - margin,
        bounds.right + margin,
        bounds.bottom + margin,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find_seen_tables;
    use ocr_core::model::{Block, BlockKind, Line, PageText, Word};

    /// A page of lines, each with words at places in thousandths of the width.
    fn page(lines: &[(f32, &[(&str, f32)])]) -> PageText {
        let lines: Vec<Line> = lines
            .iter()
            .map(|(top, words)| {
                let words: Vec<Word> = words
                    .iter()
                    .map(|(text, left)| {
                        let (left, width) = (left / 1000.0, text.chars().count() as f32 / 100.0);
                        Word::new(
                            *text,
                            Polygon::from_box(left, *top, left + width, top + 0.02),
                            0.9,
                        )
                    })
                    .collect();
                let outline = Polygon::enclosing(words.iter().map(|word| &word.polygon));
                let mut line = Line::new(String::new(), outline, 0.9, words);
                line.update_text();
                line
            })
            .collect();
        let outline = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
        PageText::empty(1, 1000, 1000).with_blocks(vec![Block::new(BlockKind::Paragraph, outline, lines)])
    }

    /// The places of a page without drawn lines that are to be looked at.
    fn uncertain(mut page: PageText) -> Vec<Rect> {
        let mut places = Vec::new();
        find_seen_tables(&mut page, &[], |asked| {
            places = asked.to_vec();
            Vec::new()
        });
        places
    }

    #[test]
    fn wrapped_cells_make_a_place_uncertain_and_whole_lines_end_it() {
        let page = page(&[
            (0.10, &[("whatfollowsisalinethatgoesoverthewholewidthof", 100.0)]),
            (0.20, &[("Item", 100.0), ("Note", 300.0), ("Price", 600.0)]),
            (0.23, &[("bolt", 100.0), ("backinthe", 300.0), ("1.20", 600.0)]),
            (0.26, &[("autumn", 300.0)]),
            (0.29, &[("nail", 100.0), ("none", 300.0), ("3.10", 600.0)]),
            (0.32, &[("anotherlinethatgoesoverthewholewidthofthepage", 100.0)]),
        ]);
        let regions = uncertain(page);
        assert_eq!(regions.len(), 1, "{regions:?}");
        assert!((0.18..0.2).contains(&regions[0].top) && (0.31..0.33).contains(&regions[0].bottom));
    }

    #[test]
    fn a_table_whose_lines_are_all_alike_needs_no_look() {
        let row: &[(&str, f32)] = &[("bolt", 100.0), ("4", 300.0), ("1.20", 600.0)];
        let page = page(&[(0.20, row), (0.23, row), (0.26, row), (0.29, row)]);
        assert!(uncertain(page).is_empty());
    }
}
