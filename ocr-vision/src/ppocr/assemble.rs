//! From readings in boxes to the platform's text model: rows, lines, words and blocks.

use ocr_core::model::{Block, Line, PageText, Point, Polygon, TextOrigin, Word};

use super::{
    deskew::straightened,
    recognition::{LineText, mean},
    words::words,
};
use ocr_layout::{Boxes, Piece, Row, blocks, find_tables};

/// A box and what was read in it, in pixels of the upright page.
#[derive(Debug, Clone)]
pub(crate) struct ReadBox {
    pub(crate) quad: Polygon,
    pub(crate) reading: LineText,
}

/// Fills blocks, source and confidence of `page` (whose size is that of the upright page).
pub(crate) fn fill(page: &mut PageText, boxes: &[ReadBox]) {
    let (width, height) = (page.width as f32, page.height as f32);
    let pieces: Vec<Piece> = boxes
        .iter()
        .map(|read| straightened(&read.quad, page.skew, width, height).bounds())
        .map(Piece::found)
        .collect();
    for group in blocks(&pieces, Boxes::Found) {
        let lines: Vec<Line> = group
            .rows
            .iter()
            .filter_map(|row| line(boxes, row, width, height))
            .collect();
        let outline = match lines.as_slice() {
            [] => continue,
            [one] => one.polygon,
            several => Polygon::enclosing(several.iter().map(|line| &line.polygon)),
        };
        page.blocks.push(Block::new(group.kind, outline, lines));
    }
    page.source = if page.blocks.is_empty() {
        TextOrigin::Empty
    } else {
        TextOrigin::Ocr
    };
    find_tables(page);
    page.update_confidence();
}

/// One line out of the pieces of a row; `None` when nothing was read in them.
fn line(boxes: &[ReadBox], row: &Row, width: f32, height: f32) -> Option<Line> {
    let mut found: Vec<Word> = Vec::new();
    let mut outlines: Vec<Polygon> = Vec::new();
    for read in row.iter().map(|&i| &boxes[i]) {
        let spans = words(&read.reading);
        if !spans.is_empty() {
            outlines.push(polygon(&read.quad, width, height));
        }
        found.extend(spans.into_iter().map(|span| {
            Word::new(
                span.text,
                polygon(&read.quad.slice(span.start, span.end), width, height),
                span.confidence,
            )
        }));
    }
    let outline = match outlines.as_slice() {
        [] => return None,
        [one] => *one,
        [first, .., last] => spanning(first, last, &outlines),
    };
    let texts: Vec<&str> = found.iter().map(|word| word.text.as_str()).collect();
    Some(Line::new(
        texts.join(" "),
        outline,
        mean(found.iter().map(|word| word.confidence)),
        found,
    ))
}

/// Outline of several pieces of a row: slanted from the first to the last when they are level,
/// else the box around all of them.
fn spanning(first: &Polygon, last: &Polygon, all: &[Polygon]) -> Polygon {
    let slanted = Polygon([first.0[0], last.0[1], last.0[2], first.0[3]]);
    let (around, inner) = (Polygon::enclosing(all).bounds(), slanted.bounds());
    let covers = inner.union(around) == inner;
    if covers { slanted } else { Polygon::enclosing(all) }
}

fn polygon(quad: &Polygon, width: f32, height: f32) -> Polygon {
    quad.map(|p| Point::new(p.x / width, p.y / height)).clamped()
}
