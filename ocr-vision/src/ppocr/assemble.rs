//! From readings in boxes to the platform's text model: rows, lines, words and blocks.

use ocr_core::model::{Block, Line, PageText, Point, Polygon, QuarterTurn, TextOrigin, Word};

use super::{
    deskew::straightened,
    recognition::{LineText, mean},
    words::words,
};
use ocr_layout::{
    Boxes, Piece, Rect, Row, Rule, SeenTable, blocks, find_lists, find_ruled_tables, find_seen_tables,
};

/// A box and what was read in it, in pixels of the upright page.
#[derive(Debug, Clone)]
pub(crate) struct ReadBox {
    pub(crate) quad: Polygon,
    pub(crate) reading: LineText,
}

/// Fills blocks, source and confidence of `page` (whose size is that of the upright page). Lines that run up or
/// down the page, as in a margin, share no row with others and follow them. `rules` are the lines that are drawn on it.
/// `see`, if there is somebody who sees, looks at the places of tables that these and the words leave uncertain.
pub(crate) fn fill(
    page: &mut PageText,
    boxes: &[ReadBox],
    rules: &[Rule],
    see: Option<impl FnOnce(&[Rect]) -> Vec<SeenTable>>,
) {
    for turn in QuarterTurn::ALL {
        let group: Vec<&ReadBox> = boxes.iter().filter(|read| direction(read) == turn).collect();
        fill_direction(page, &group, turn);
    }
    page.source = if page.blocks.is_empty() {
        TextOrigin::Empty
    } else {
        TextOrigin::Ocr
    };
    match see {
        Some(see) => find_seen_tables(page, rules, see),
        None => find_ruled_tables(page, rules),
    }
    find_lists(page);
    page.update_confidence();
}

/// The direction of writing in a box, clockwise from that of the page. A single character tells none.
fn direction(read: &ReadBox) -> QuarterTurn {
    if read.reading.glyphs.len() < 2 {
        return QuarterTurn::None;
    }
    QuarterTurn::from_degrees(read.quad.angle().round() as i32)
}

/// Adds the blocks of lines that are all written in one direction.
fn fill_direction(page: &mut PageText, boxes: &[&ReadBox], direction: QuarterTurn) {
    let (width, height) = (page.width as f32, page.height as f32);
    let upright = direction.inverse();
    let pieces: Vec<Piece> = boxes
        .iter()
        .map(|read| straightened(&read.quad, page.skew, width, height))
        .map(|quad| quad.map(|point| upright.to_turned(point, width, height)).bounds())
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
}

/// One line out of the pieces of a row; `None` when nothing was read in them.
fn line(boxes: &[&ReadBox], row: &Row, width: f32, height: f32) -> Option<Line> {
    let mut found: Vec<Word> = Vec::new();
    let mut outlines: Vec<Polygon> = Vec::new();
    for read in row.iter().map(|&i| boxes[i]) {
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

#[cfg(test)]
mod tests {
    use super::{super::ctc::Glyph, *};

    fn read(text: &str, quad: Polygon) -> ReadBox {
        let glyphs: Vec<Glyph> = text
            .chars()
            .enumerate()
            .map(|(index, char)| Glyph {
                text: char.to_string().into(),
                confidence: 0.9,
                start: index * 2,
                end: index * 2,
            })
            .collect();
        let columns = glyphs.len() as f32 * 2.0;
        ReadBox {
            quad,
            reading: LineText {
                glyphs,
                columns,
                confidence: 0.9,
            },
        }
    }

    #[test]
    fn text_in_the_margin_joins_no_upright_line() {
        let upwards = Polygon::from_box(20.0, 100.0, 40.0, 500.0).read_upwards();
        let downwards = Polygon::from_box(960.0, 100.0, 980.0, 400.0)
            .read_upwards()
            .flipped();
        let boxes = [
            read("keep this copy", upwards),
            read("form 17 b", downwards),
            read("first line", Polygon::from_box(100.0, 270.0, 600.0, 290.0)),
            read("second line", Polygon::from_box(100.0, 300.0, 600.0, 320.0)),
            // A letter that stands alone is upright whatever the shape of its box.
            read("I", Polygon::from_box(620.0, 300.0, 626.0, 320.0).read_upwards()),
        ];
        let mut page = PageText::empty(1, 1000, 1000);
        fill(&mut page, &boxes, &[], None::<fn(&[Rect]) -> Vec<SeenTable>>);
        let lines: Vec<&str> = page.lines().map(|line| line.text.as_str()).collect();
        assert_eq!(
            lines,
            ["first line", "second line I", "form 17 b", "keep this copy"]
        );
        let margin = page.lines().last().unwrap().polygon.bounds();
        assert!((margin.top - 0.1).abs() < 1e-4 && (margin.bottom - 0.5).abs() < 1e-4);
    }
}
