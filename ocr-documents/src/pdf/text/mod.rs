//! The text layer of a page: glyphs to words, words to lines, lines to blocks in reading order.

mod blocks;
mod characters;
mod glyph;
mod lines;
mod right_to_left;
mod unreadable;
mod vertical;
mod words;

use std::collections::BTreeMap;

use hayro::kurbo::{Affine, Point, Rect};
use ocr_core::model::{
    Block, BlockKind, Line, PageText, Point as PagePoint, Polygon, QuarterTurn, TextOrigin, Word as PageWord,
};
use ocr_layout::Rule;

use super::{
    page_size::text_page_size,
    survey::{Glyph, Survey},
};
use lines::TextLine;
pub(super) use right_to_left::is_right_to_left;
pub(super) use unreadable::unreadable_words;
use vertical::{Tier, VerticalLine};
use words::Word;

/// Width in degrees within which glyphs share a direction of writing.
const DIRECTION_STEP: i32 = 5;

/// The visible text of a surveyed page, as page `number` of its document.
pub(super) fn page_text(survey: &Survey, number: u32) -> PageText {
    let mut directions: BTreeMap<i32, Vec<&Glyph>> = BTreeMap::new();
    for glyph in survey.glyphs.iter().filter(|glyph| glyph.visible) {
        directions.entry(direction(glyph)).or_default().push(glyph);
    }
    let mut by_weight: Vec<(i32, Vec<&Glyph>)> = directions.into_iter().collect();
    by_weight.sort_by_key(|(_, glyphs)| std::cmp::Reverse(glyphs.len()));
    let main = by_weight.first().map_or(0, |(degrees, _)| *degrees);
    let upright = Upright::of(survey, main);
    let (width, height, dpi) = text_page_size(upright.width, upright.height);
    let mut page = PageText::empty(number, width, height);
    page.dpi = Some(dpi);
    page.rotation = upright.turned.degrees();
    let mut tiers: Vec<Block> = Vec::new();
    for (degrees, glyphs) in by_weight {
        let frame = Frame::new(degrees, &upright);
        let glyphs = glyphs.into_iter().map(|glyph| frame.glyph(glyph)).collect();
        let (vertical, glyphs) = vertical::take_vertical(glyphs);
        tiers.extend(vertical.iter().map(|tier| frame.tier(tier)));
        let words = words::words(glyphs.into_iter());
        let blocks = blocks::blocks(lines::chunks(words));
        page.blocks
            .extend(blocks.into_iter().map(|(kind, lines)| frame.block(kind, &lines)));
    }
    if page.blocks.is_empty() && tiers.is_empty() {
        return page;
    }
    page.source = TextOrigin::TextLayer;
    // Lines down the page are no rows of tables, nor items of lists.
    ocr_layout::find_ruled_tables(&mut page, &upright.rules(survey));
    ocr_layout::find_lists(&mut page);
    for tier in tiers {
        insert_by_height(&mut page.blocks, tier);
    }
    page.update_confidence();
    page
}

/// Puts a block before the first one that begins below its middle.
fn insert_by_height(blocks: &mut Vec<Block>, block: Block) {
    let middle = block.polygon.bounds().center_y();
    let below = blocks
        .iter()
        .position(|other| other.polygon.bounds().top > middle);
    blocks.insert(below.unwrap_or(blocks.len()), block);
}

/// Clockwise direction of writing in degrees, rounded, in 0..360.
fn direction(glyph: &Glyph) -> i32 {
    let degrees = glyph.advance.y.atan2(glyph.advance.x).to_degrees();
    let rounded = (degrees / f64::from(DIRECTION_STEP)).round() as i32 * DIRECTION_STEP;
    rounded.rem_euclid(360)
}

/// The page turned by quarters so that most of its text is upright.
struct Upright {
    width: f64,
    height: f64,
    /// How the page was turned.
    turned: QuarterTurn,
    /// From the page to the turned page.
    turn: Affine,
}

impl Upright {
    fn of(survey: &Survey, main_direction: i32) -> Self {
        let (width, height) = (survey.width, survey.height);
        let turned = QuarterTurn::from_degrees(main_direction).inverse();
        let turn = match turned {
            QuarterTurn::None => Affine::IDENTITY,
            QuarterTurn::Clockwise90 => Affine::new([0.0, 1.0, -1.0, 0.0, height, 0.0]),
            QuarterTurn::Half => Affine::new([-1.0, 0.0, 0.0, -1.0, width, height]),
            QuarterTurn::Clockwise270 => Affine::new([0.0, -1.0, 1.0, 0.0, 0.0, width]),
        };
        let (width, height) = turned.size(width, height);
        Self {
            width,
            height,
            turned,
            turn,
        }
    }

    /// The lines that the page draws, as shares of the turned page.
    fn rules(&self, survey: &Survey) -> Vec<Rule> {
        let on_page = |point: Point| {
            let point = self.turn * point;
            PagePoint::new((point.x / self.width) as f32, (point.y / self.height) as f32)
        };
        let lines = survey.rules.lines().iter();
        lines
            .map(|&(from, to)| Rule::new(on_page(from), on_page(to)))
            .collect()
    }
}

/// Coordinates in which text of one direction runs to the right.
struct Frame {
    /// From the page as stored into the frame.
    from_page: Affine,
    /// From the frame to the upright page, in 0..=1.
    to_upright: Affine,
}

impl Frame {
    fn new(degrees: i32, upright: &Upright) -> Self {
        let from_page = Affine::rotate(-f64::from(degrees).to_radians());
        let normalise = Affine::scale_non_uniform(1.0 / upright.width, 1.0 / upright.height);
        Self {
            from_page,
            to_upright: normalise * upright.turn * from_page.inverse(),
        }
    }

    fn glyph(&self, glyph: &Glyph) -> glyph::Glyph {
        let origin = self.from_page * glyph.origin;
        glyph::Glyph {
            text: glyph.text.clone(),
            left: origin.x,
            right: origin.x + glyph.advance.hypot(),
            baseline: origin.y,
            size: glyph.size,
        }
    }

    fn polygon(&self, area: Rect) -> Polygon {
        let corner = |x: f64, y: f64| {
            let point = self.to_upright * Point::new(x, y);
            PagePoint::new(point.x as f32, point.y as f32)
        };
        let (Rect { x0, y0, x1, y1 }, corner) = (area, corner);
        Polygon([corner(x0, y0), corner(x1, y0), corner(x1, y1), corner(x0, y1)]).clamped()
    }

    fn block(&self, kind: BlockKind, lines: &[TextLine]) -> Block {
        let lines: Vec<Line> = lines.iter().map(|line| self.line(line)).collect();
        let polygon = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
        Block::new(kind, polygon, lines)
    }

    fn line(&self, line: &TextLine) -> Line {
        Line::new(
            line.text(),
            self.polygon(line.bounds()),
            1.0,
            line.words.iter().map(|word| self.word(word)).collect(),
        )
    }

    fn tier(&self, tier: &Tier) -> Block {
        let lines: Vec<Line> = tier.iter().map(|line| self.vertical_line(line)).collect();
        let polygon = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
        Block::new(BlockKind::Paragraph, polygon, lines)
    }

    fn vertical_line(&self, line: &VerticalLine) -> Line {
        let words: Vec<PageWord> = line
            .iter()
            .map(|word| PageWord::new(word.text.clone(), self.polygon(word.bounds), 1.0))
            .collect();
        let texts: Vec<&str> = line.iter().map(|word| word.text.as_str()).collect();
        let polygon = Polygon::enclosing(words.iter().map(|word| &word.polygon));
        Line::new(texts.join(" "), polygon, 1.0, words)
    }

    fn word(&self, word: &Word) -> PageWord {
        PageWord::new(word.text.clone(), self.polygon(word.bounds()), 1.0)
    }
}
