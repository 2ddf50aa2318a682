//! The words of a page with their places in the straightened page.

use ocr_core::model::{BlockKind, Line, PageText, Polygon, Word, geometry::Rect};

use super::{frame::Frame, line::SplitLine};
use crate::{piece::Piece, rows::rows};

/// A word of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) word: &'a Word,
    /// Number of its line, counted over the page.
    pub(super) line: usize,
    /// Its place among the words of its line.
    pub(super) place: usize,
    /// Its box in the straightened page.
    pub(super) rect: Rect,
}

/// The words of paragraphs and headings, in the order of the page.
pub(super) fn placed<'a>(page: &'a PageText, frame: &Frame) -> Vec<Placed<'a>> {
    let lines = page.blocks.iter().flat_map(|block| {
        let is_text = matches!(block.kind, BlockKind::Paragraph | BlockKind::Heading);
        block.lines.iter().map(move |line| (is_text, line))
    });
    lines
        .enumerate()
        .filter(|(_, (is_text, _))| *is_text)
        .flat_map(|(number, (_, line))| {
            let words = line
                .words
                .iter()
                .enumerate()
                .filter(|(_, word)| !word.text.is_empty());
            words.map(move |(place, word)| Placed {
                word,
                line: number,
                place,
                rect: frame.bounds(&word.polygon),
            })
        })
        .collect()
}

/// The lines of text that some words make up, from the top, cut at their wide gaps.
pub(super) fn text_lines(words: &[Placed<'_>]) -> Vec<SplitLine> {
    let pieces: Vec<Piece> = words.iter().map(|word| Piece::found(word.rect)).collect();
    let rows = rows(&pieces, (0..words.len()).collect());
    rows.iter()
        .filter_map(|row| {
            let straight: Vec<Word> = row
                .iter()
                .map(|&index| {
                    let Placed { word, rect, .. } = words[index];
                    Word::new(word.text.clone(), Polygon::from(rect), word.confidence)
                })
                .collect();
            let outline = Polygon::enclosing(straight.iter().map(|word| &word.polygon));
            SplitLine::of(&Line::new(String::new(), outline, 1.0, straight), 1.0)
        })
        .collect()
}
