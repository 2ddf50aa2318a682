//! The invisible text of a page, word by word on its picture.

use std::fmt::Write as _;

use ocr_core::model::{Line, PageText, Point, Polygon, QuarterTurn, Rect, Word};
use unicode_bidi::{BidiInfo, Level};

use super::font::{ADVANCE, Glyphs};

/// How the name of the font among the resources of a page begins.
pub(super) const FONT: &str = "OcrText";

/// How much higher than wide an upright word of several characters must be to be set from top to bottom.
const VERTICAL: f32 = 1.5;

/// Maximum of the numbers that place a word, in points: the side of a page is 14,400 at most.
const MAX_NUMBER: f32 = 1e6;

/// Maximum number of characters that are set as one string: one has at most 32,767 bytes (ISO 32000-1, annex C), two for
/// each character.
const MAX_STRING: usize = 16_000;

/// Maximum slant in degrees that is taken out of a word. Pages that were put askew on a scanner have less.
const MAX_SLANT: f32 = 15.0;

/// Where an upright page lies in the space of a PDF page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placement {
    /// The part of the page that is shown, y up.
    pub(super) left: f32,
    pub(super) bottom: f32,
    pub(super) width: f32,
    pub(super) height: f32,
    /// How the page is turned before it is shown, clockwise.
    pub(super) shown: QuarterTurn,
    /// How what is shown was turned before it was read, clockwise.
    pub(super) read: QuarterTurn,
}

impl Placement {
    /// A point of the upright page, in fractions of its sides, as a point of the PDF page.
    fn point(&self, point: Point) -> Point {
        let shown = self.read.to_stored(point, 1.0, 1.0);
        let stored = self.shown.to_stored(shown, 1.0, 1.0);
        Point::new(
            self.left + stored.x * self.width,
            self.bottom + (1.0 - stored.y) * self.height,
        )
    }
}

/// Sets words where they stand on a page.
#[derive(Debug)]
pub(super) struct Setter<'a> {
    placement: &'a Placement,
    glyphs: &'a Glyphs,
    /// How much wider the page is than high.
    aspect: f32,
}

impl<'a> Setter<'a> {
    pub(super) fn new(page: &PageText, placement: &'a Placement, glyphs: &'a Glyphs) -> Self {
        let aspect = page.width.max(1) as f32 / page.height.max(1) as f32;
        Self {
            placement,
            glyphs,
            aspect,
        }
    }

    /// The operators that show these words; empty where none of them has a place.
    pub(super) fn words<'w>(&self, words: impl IntoIterator<Item = &'w Word>) -> String {
        let mut content = String::new();
        for word in words {
            for (text, outline) in pieces(shown_text(&word.text), word, self.aspect) {
                let outline = outline.map(|point| self.placement.point(point));
                show(&mut content, &text, outline, self.glyphs);
            }
        }
        content
    }
}

/// The content stream of these operators; empty for none. It leaves the graphics state as it was.
pub(super) fn text_object(operators: &str, font: &str) -> String {
    if operators.is_empty() {
        return String::new();
    }
    // Mode 3 paints nothing (ISO 32000-1, 9.3.6). The size is 1, so the matrix alone says how large a letter is.
    format!("q BT 3 Tr /{font} 1 Tf\n{operators}ET Q\n")
}

/// The characters of a document that a text layer shows.
pub(super) fn characters<'a>(pages: impl IntoIterator<Item = &'a PageText>) -> impl Iterator<Item = char> {
    let words = pages
        .into_iter()
        .flat_map(PageText::lines)
        .flat_map(|line: &Line| &line.words);
    words.flat_map(|word| word.text.chars())
}

/// A word from left to right, as a PDF shows it and its readers expect it, with a space after it: some readers would
/// join the last word of a line to the first of the next one.
fn shown_text(text: &str) -> String {
    let bidi = BidiInfo::new(text, None);
    let is_rtl = bidi.has_rtl();
    let mut shown = match bidi.paragraphs.first() {
        Some(paragraph) if is_rtl => bidi.reorder_line(paragraph, paragraph.range.clone()).into_owned(),
        _ => text.to_owned(),
    };
    // After a word that runs to the left nothing fits; readers see the gap.
    let runs_left = bidi
        .paragraphs
        .first()
        .is_some_and(|paragraph| paragraph.level == Level::rtl());
    if !runs_left && !shown.is_empty() {
        shown.push(' ');
    }
    shown
}

/// A word as it is set: at once, or character by character where it runs from top to bottom.
fn pieces(text: String, word: &Word, aspect: f32) -> Vec<(String, Polygon)> {
    let Rect {
        left,
        top,
        right,
        bottom,
    } = word.polygon.bounds();
    let count = word.text.chars().count();
    let is_upright = word.polygon.angle().abs() < 45.0;
    let is_vertical = count > 1
        && is_upright
        && (bottom - top) > VERTICAL * (right - left) * aspect
        && word.text.chars().all(may_be_vertical);
    if !is_vertical && count < MAX_STRING {
        return vec![(text, word.polygon)];
    }
    if !is_vertical {
        let characters: Vec<char> = text.chars().collect();
        let share = |index: usize| index as f32 / characters.len() as f32;
        let part = |(index, part): (usize, &[char])| {
            let from = index * MAX_STRING;
            let outline = word.polygon.slice(share(from), share(from + part.len()));
            (part.iter().collect(), outline)
        };
        return characters.chunks(MAX_STRING).enumerate().map(part).collect();
    }
    let step = (bottom - top) / count as f32;
    let cell = |(index, character): (usize, char)| {
        let top = top + step * index as f32;
        (
            character.to_string(),
            Polygon::from_box(left, top, right, top + step),
        )
    };
    word.text.chars().enumerate().map(cell).collect()
}

/// Whether a character is of a script that is also written from top to bottom: Chinese, Japanese, Korean, with their
/// punctuation and wide forms.
fn may_be_vertical(character: char) -> bool {
    matches!(
        character,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}'
    )
}

/// Shows `text` so that, but for a space at its end, it fills `outline`, which is given in the space of the page.
fn show(content: &mut String, text: &str, outline: Polygon, glyphs: &Glyphs) {
    let count = text.trim_end_matches(' ').chars().count();
    if count == 0 {
        return;
    }
    let [top_left, _, bottom_right, bottom_left] = straightened(outline).0;
    let length = count as f32 * (ADVANCE as f32 / 1000.0);
    let along = Point::new(
        (bottom_right.x - bottom_left.x) / length,
        (bottom_right.y - bottom_left.y) / length,
    );
    let up = Point::new(top_left.x - bottom_left.x, top_left.y - bottom_left.y);
    // What an engine places nowhere, or gives no size, has no place on the page.
    let is_placed = [along, up, bottom_left]
        .iter()
        .flat_map(|point| [point.x, point.y])
        .all(|number| number.abs() < MAX_NUMBER);
    if !is_placed || (along.x * up.y - along.y * up.x).abs() < f32::MIN_POSITIVE {
        return;
    }
    let _ = writeln!(
        content,
        "{:.4} {:.4} {:.4} {:.4} {:.3} {:.3} Tm <{}> Tj",
        along.x,
        along.y,
        up.x,
        up.y,
        bottom_left.x,
        bottom_left.y,
        glyphs.encode(text)
    );
}

/// The outline, in the space of the page, with a small slant taken out: about its middle, as long along the axis as
/// before and as high as its text. Readers take a baseline that rises within a word for several words.
fn straightened(outline: Polygon) -> Polygon {
    let [top_left, top_right, bottom_right, bottom_left] = outline.0;
    let along = Point::new(
        bottom_right.x - bottom_left.x + top_right.x - top_left.x,
        bottom_right.y - bottom_left.y + top_right.y - top_left.y,
    );
    let degrees = along.y.atan2(along.x).to_degrees();
    let quarters = (degrees / 90.0).round();
    let slant = degrees - 90.0 * quarters;
    if slant.abs() > MAX_SLANT {
        return outline;
    }
    let middle = top_left
        .lerp(bottom_right, 0.5)
        .lerp(top_right.lerp(bottom_left, 0.5), 0.5);
    // Exact, unlike the sine and cosine of multiples of a right angle.
    let (cos, sin) = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)][quarters.rem_euclid(4.0) as usize];
    let length = outline.width() * slant.to_radians().cos() / 2.0;
    let height = outline.height() / 2.0;
    let corner = |along: f32, up: f32| {
        Point::new(
            middle.x + along * length * cos - up * height * sin,
            middle.y + along * length * sin + up * height * cos,
        )
    };
    Polygon([
        corner(-1.0, 1.0),
        corner(1.0, 1.0),
        corner(1.0, -1.0),
        corner(-1.0, -1.0),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::{Block, BlockKind};

    const PAGE: Placement = Placement {
        left: 10.0,
        bottom: 20.0,
        width: 100.0,
        height: 200.0,
        shown: QuarterTurn::None,
        read: QuarterTurn::None,
    };

    fn page(text: &str, polygon: Polygon) -> PageText {
        let words = vec![Word::new(text, polygon, 1.0)];
        let line = Line::new(text, polygon, 1.0, words);
        let block = Block::new(BlockKind::Paragraph, polygon, vec![line]);
        PageText::empty(1, 100, 200).with_blocks(vec![block])
    }

    fn layer(page: &PageText, placement: &Placement) -> String {
        let glyphs = Glyphs::of(characters([page]));
        let setter = Setter::new(page, placement, &glyphs);
        text_object(&setter.words(page.words()), FONT)
    }

    #[test]
    fn a_word_fills_its_box() {
        let page = page("ab", Polygon::from_box(0.1, 0.25, 0.3, 0.3));
        let layer = layer(&page, &PAGE);
        // Two characters of half an em each are one em.
        assert!(
            layer.contains("\n20.0000 0.0000 0.0000 10.0000 20.000 160.000 Tm <"),
            "{layer}"
        );
    }

    #[test]
    fn a_turned_page_turns_its_words() {
        let page = page("ab", Polygon::from_box(0.1, 0.2, 0.3, 0.3));
        let turned = Placement {
            read: QuarterTurn::Clockwise90,
            ..PAGE
        };
        let other = Placement {
            shown: QuarterTurn::Clockwise90,
            ..PAGE
        };
        let layer = layer(&page, &turned);
        assert!(
            layer.contains("\n0.0000 40.0000 -10.0000 0.0000 40.000 40.000 Tm <"),
            "{layer}"
        );
        assert_eq!(layer, super::tests::layer(&page, &other));
    }

    #[test]
    fn words_that_run_to_the_left_are_shown_from_the_left() {
        assert_eq!(shown_text("אב1"), "1בא");
        assert_eq!(shown_text("ab"), "ab ");
        assert_eq!(shown_text("אב"), "בא");
    }

    #[test]
    fn what_runs_from_top_to_bottom_is_set_character_by_character() {
        let page = page("縦書き", Polygon::from_box(0.1, 0.1, 0.15, 0.4));
        assert_eq!(layer(&page, &PAGE).matches("Tj").count(), 3);
        let narrow = self::page("is", Polygon::from_box(0.1, 0.1, 0.12, 0.2));
        assert_eq!(layer(&narrow, &PAGE).matches("Tj").count(), 1);
    }

    #[test]
    fn a_small_slant_is_taken_out_and_a_large_one_stays() {
        let upright = Polygon::from_box(40.0, 80.0, 60.0, 100.0);
        let baseline = |degrees: f32| {
            // In the space of a PDF page, y goes up.
            let up = upright.map(|point| Point::new(point.x, 200.0 - point.y));
            let turned = up.map(|point| point.rotated(Point::new(50.0, 110.0), degrees));
            let [_, _, right, left] = straightened(turned).0;
            (right.y - left.y, right.x - left.x)
        };
        assert!(baseline(10.0).0.abs() < 1e-6);
        assert!(baseline(-80.0).1.abs() < 1e-6);
        assert!(baseline(45.0).0 > 10.0);
    }

    #[test]
    fn what_has_no_place_is_not_set() {
        for side in [f32::NAN, f32::INFINITY, 1e30, 0.1] {
            assert_eq!(
                layer(&page("a", Polygon::from_box(0.1, 0.1, side, 0.2)), &PAGE),
                "",
                "{side}"
            );
        }
    }

    #[test]
    fn a_page_without_words_gets_nothing() {
        assert_eq!(layer(&PageText::empty(1, 10, 10), &PAGE), "");
    }
}
