//! Words with glyphs that mean nothing.

use ocr_core::model::{PageText, Rect, Word};

/// How far around such a word its pixels are needed, in heights of the word.
const MARGIN: f32 = 0.15;

/// Takes single signs without meaning from the page, which are ornaments, and returns the places of words of which
/// some letters are unknown, as shares of the page. Signs that are taken away are told in a warning.
pub(in crate::pdf) fn unreadable_words(page: &mut PageText) -> Vec<Rect> {
    let mut places = Vec::new();
    let mut ornaments = 0_usize;
    for block in &mut page.blocks {
        for line in &mut block.lines {
            let before = line.words.len();
            line.words.retain(|word| !is_ornament(word));
            if line.words.len() < before {
                ornaments += before - line.words.len();
                line.update_text();
            }
            let unknown = line.words.iter().filter(|word| word.text.contains(UNKNOWN));
            places.extend(unknown.map(place));
        }
        for cell in block.table.iter_mut().flat_map(|table| &mut table.cells) {
            if cell.text.contains(UNKNOWN) {
                let words: Vec<&str> = cell
                    .text
                    .split(' ')
                    .filter(|word| !word.chars().eq([UNKNOWN]))
                    .collect();
                cell.text = words.join(" ");
            }
        }
        block.lines.retain(|line| !line.words.is_empty());
    }
    page.blocks.retain(|block| !block.lines.is_empty());
    if ornaments > 0 {
        let note =
            format!("{ornaments} signs of the page, which the document gives no meaning, were left out");
        page.warnings.push(note);
        page.update_confidence();
    }
    places
}

const UNKNOWN: char = char::REPLACEMENT_CHARACTER;

fn is_ornament(word: &Word) -> bool {
    word.text.chars().eq([UNKNOWN])
}

fn place(word: &Word) -> Rect {
    let Rect {
        left,
        top,
        right,
        bottom,
    } = word.polygon.bounds();
    let margin = MARGIN * (bottom - top);
    Rect::new(left - margin, top - margin, right + margin, bottom + margin)
}
