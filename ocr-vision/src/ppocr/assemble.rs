//! From readings in boxes to the platform's text model: rows, lines, words and blocks.

use ocr_core::model::{Block, BlockKind, Line, PageSource, PageText, Point, Polygon, Word};

use super::{
    deskew::straightened,
    recognition::{LineText, mean},
    words::words,
};
use ocr_layout::{Rect, Row, continues, median, order};

/// A box and what was read in it, in pixels of the upright page.
#[derive(Debug, Clone)]
pub(crate) struct ReadBox {
    pub(crate) quad: Polygon,
    pub(crate) reading: LineText,
}

/// A single line this many times as high as the page's median line is a heading.
const HEADING_RATIO: f32 = 1.35;

/// Fills blocks, source and confidence of `page` (whose size is that of the upright page).
pub(crate) fn fill(page: &mut PageText, boxes: &[ReadBox]) {
    let (width, height) = (page.width as f32, page.height as f32);
    let rects: Vec<Rect> = boxes
        .iter()
        .map(|read| straightened(&read.quad, page.skew, width, height).bounds())
        .collect();
    let usual = median(rects.iter().map(Rect::height).collect());
    for rows in order(&rects) {
        let mut previous: Option<Rect> = None;
        for row in rows {
            let Some(line) = line(boxes, &row, width, height) else {
                continue;
            };
            let Some(extent) = row.iter().map(|&i| rects[i]).reduce(Rect::union) else {
                continue;
            };
            let kind = if extent.height() > HEADING_RATIO * usual {
                BlockKind::Heading
            } else {
                BlockKind::Paragraph
            };
            match (previous, page.blocks.last_mut()) {
                (Some(above), Some(block)) if block.kind == kind && continues(&above, &extent) => {
                    block.lines.push(line);
                }
                _ => page.blocks.push(Block::new(kind, line.polygon, vec![line])),
            }
            previous = Some(extent);
        }
    }
    for block in &mut page.blocks {
        if block.lines.len() > 1 {
            block.polygon = Polygon::enclosing(block.lines.iter().map(|line| &line.polygon));
        }
    }
    page.source = if page.blocks.is_empty() {
        PageSource::Empty
    } else {
        PageSource::Ocr
    };
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
        found.extend(spans.into_iter().map(|span| Word {
            text: span.text,
            polygon: polygon(&read.quad.slice(span.start, span.end), width, height),
            confidence: span.confidence,
        }));
    }
    let outline = match outlines.as_slice() {
        [] => return None,
        [one] => *one,
        [first, .., last] => spanning(first, last, &outlines),
    };
    let texts: Vec<&str> = found.iter().map(|word| word.text.as_str()).collect();
    Some(Line {
        text: texts.join(" "),
        polygon: outline,
        confidence: mean(found.iter().map(|word| word.confidence)),
        words: found,
    })
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
