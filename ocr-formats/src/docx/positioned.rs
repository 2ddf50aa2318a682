//! Pages as frames where the lines stand.

use docx_rs::{Docx, FrameProperty, LineSpacing, LineSpacingType, Paragraph, Stretch};
use ocr_core::model::{BlockKind, DocumentText, Line, Point, Polygon};

use super::{
    flow::{Item, sections, tiny},
    sheet::{Sheet, twips},
    styles,
    text::{half_points, paragraph, run},
};
use crate::direction::is_right_to_left;

/// A document of one section for each page, and a frame for each line.
pub(super) fn document(document: &DocumentText) -> Docx {
    let pages = document.pages.iter().map(|page| {
        let sheet = Sheet::new(page).without_margins();
        let frames = page.blocks.iter().flat_map(|block| {
            let bold = matches!(block.kind, BlockKind::Title | BlockKind::Heading);
            let pieces = block.lines.iter().flat_map(|line| pieces(line, &sheet));
            pieces.map(move |(text, place)| Item::from(frame(&text, &place, bold)))
        });
        // A paragraph in no frame ends the section: in one it would be placed by its size.
        let end = tiny().into();
        (sheet.section(), frames.chain([end]).collect())
    });
    sections(styles::document(), pages.collect())
}

/// The parts of a line, and where they are in points. Words that are far apart, as in the row of a table, are parts of
/// their own.
fn pieces(line: &Line, sheet: &Sheet) -> Vec<(String, Polygon)> {
    let whole = || vec![(line.text.clone(), sheet.place(&line.polygon))];
    if line.words.is_empty() || is_right_to_left(&line.text) || is_upright(&line.polygon) {
        return if line.text.trim().is_empty() {
            Vec::new()
        } else {
            whole()
        };
    }
    let far = 1.5 * sheet.place(&line.polygon).height();
    let mut pieces: Vec<(String, Polygon)> = Vec::new();
    for word in &line.words {
        let place = sheet.place(&word.polygon);
        match pieces.last_mut() {
            Some((text, before)) if place.bounds().left - before.bounds().right < far => {
                text.push(' ');
                text.push_str(&word.text);
                *before = Polygon::enclosing([&*before, &place]);
            }
            _ => pieces.push((word.text.clone(), place)),
        }
    }
    // The line knows which words have no space between them.
    if pieces.len() == 1 { whole() } else { pieces }
}

/// Whether a line runs up or down the page.
fn is_upright(polygon: &Polygon) -> bool {
    (45.0..135.0).contains(&polygon.angle().abs())
}

/// `text` in a frame at `place`, in points, and as wide as there.
fn frame(text: &str, place: &Polygon, bold: bool) -> Paragraph {
    let size = half_points(place.height());
    let (bounds, length) = (place.bounds(), place.width());
    let share = length / (text.chars().map(em).sum::<f32>() * size as f32 / 2.0);
    let mut run = run(text, size);
    if bold {
        run = run.bold();
    }
    if share.is_finite() {
        run.run_property.stretch = Some(Stretch::new((share * 100.0).round().clamp(50.0, 200.0) as i32));
    }
    // Fonts differ: text that is a little wider must not go on in a second line, which would not be seen.
    let width = 1.05 * length + 4.0;
    let height = place.height().max(size as f32 / 2.0 * 1.2);
    let Point { x, y } = Point::new(bounds.left, bounds.center_y() - height / 2.0);
    // Word takes 0 for "wherever it would stand".
    let frame = FrameProperty::new()
        .wrap("around")
        .h_anchor("page")
        .v_anchor("page")
        .x(twips(x).max(1))
        .y(twips(y).max(1))
        .width(twips(width).unsigned_abs())
        .height(twips(height).unsigned_abs())
        .h_rule("exact");
    let spacing = LineSpacing::new()
        .line(twips(height))
        .line_rule(LineSpacingType::Exact);
    let mut paragraph = paragraph(run, text).line_spacing(spacing);
    paragraph.property = paragraph.property.frame_property(frame);
    paragraph
}

/// The width of a character in Arial, roughly, as a share of the font's size.
fn em(character: char) -> f32 {
    match character {
        'i' | 'j' | 'l' | '\'' | '|' => 0.22,
        ' ' | 'f' | 't' | 'I' | '.' | ',' | ':' | ';' | '!' | '/' | '\\' | '[' | ']' => 0.28,
        '-' | '(' | ')' | 'r' | '`' | '"' | '*' => 0.34,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => 0.5,
        'A' | 'B' | 'E' | 'K' | 'P' | 'S' | 'V' | 'X' | 'Y' | '&' => 0.67,
        'C' | 'D' | 'H' | 'N' | 'R' | 'U' | 'w' => 0.72,
        'G' | 'O' | 'Q' => 0.78,
        'M' | 'm' => 0.83,
        'W' | '@' | '%' => 0.94,
        _ if unicode_width::UnicodeWidthChar::width(character) == Some(2) => 1.0,
        _ if unicode_width::UnicodeWidthChar::width(character) == Some(0) => 0.0,
        _ => 0.56,
    }
}
