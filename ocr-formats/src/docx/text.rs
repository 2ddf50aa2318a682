//! Paragraphs.

use docx_rs::{BreakType, Paragraph, Run};
use ocr_core::model::{Block, Line};

use super::sheet::Sheet;
use crate::{direction::is_right_to_left, median::median, printable::printable};

/// The share of a line's height that is the size of its font, roughly: a line's outline is a little higher than what
/// stands on it.
const FONT_SHARE: f32 = 0.75;

/// A paragraph without text. The library numbers paragraphs through for each thread; only those without a number are
/// numbered anew for each document, so that it is written twice alike.
pub(super) fn empty() -> Paragraph {
    Paragraph::new().id("")
}

/// A paragraph with `run`, from right to left where `text` is.
pub(super) fn paragraph(run: Run, text: &str) -> Paragraph {
    let mut paragraph = empty();
    // The mark at its end is a character too, and as high as the text.
    paragraph.property.run_property = run.run_property.clone();
    paragraph = paragraph.add_run(run);
    paragraph.property = paragraph.property.bidi(is_right_to_left(text));
    paragraph
}

/// Text with its line breaks, in a font of `size` half points.
pub(super) fn run(text: &str, size: usize) -> Run {
    let text = printable(text).replace('\t', " ");
    let mut run = Run::new().size(size);
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            run = run.add_break(BreakType::TextWrapping);
        }
        run = run.add_text(line);
    }
    run
}

/// The size of the font of a block, in half points.
pub(super) fn font_size(block: &Block, sheet: &Sheet) -> usize {
    let heights = block.lines.iter().map(|line| sheet.place(&line.polygon).height());
    half_points(median(heights).unwrap_or(0.0))
}

/// The size of the font of a line that is `height` points high, in half points; an unknown height is of a usual size.
pub(super) fn half_points(height: f32) -> usize {
    if height > 0.0 {
        (height * FONT_SHARE * 2.0).round().clamp(12.0, 144.0) as usize
    } else {
        22
    }
}

/// Lines as one text, as it would be without the ends of lines.
pub(super) fn joined<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for line in lines {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let lower = |c: Option<char>| c.is_some_and(char::is_lowercase);
        let mut ending = text.chars().rev();
        match (ending.next(), line.chars().next()) {
            (Some('\u{ad}'), first) if lower(ending.next()) && lower(first) => {
                text.pop();
            }
            // The hyphen may belong to the word, so it stays; a space would break the word in two.
            (Some('-' | '\u{2010}'), first) if lower(ending.next()) && lower(first) => {}
            (Some(last), Some(first)) if is_ideograph(last) && is_ideograph(first) => {}
            (None, _) => {}
            _ => text.push(' '),
        }
        text.push_str(line);
    }
    text
}

/// The texts of lines.
pub(super) fn texts(lines: &[Line]) -> impl Iterator<Item = &str> {
    lines.iter().map(|line| line.text.as_str())
}

/// Whether a character is of a script without spaces between words: Chinese or Japanese.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ff60}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_one_text() {
        assert_eq!(joined(["one", " two ", "", "three"]), "one two three");
        assert_eq!(joined(["a syl\u{ad}", "lable"]), "a syllable");
        assert_eq!(joined(["A\u{ad}", "b"]), "A\u{ad} b");
        assert_eq!(joined(["well-", "known"]), "well-known");
        assert_eq!(joined(["pages 3 -", "5"]), "pages 3 - 5");
        assert_eq!(joined(["東京都", "千代田区", "Tokyo"]), "東京都千代田区 Tokyo");
        assert_eq!(joined([]), "");
    }

    #[test]
    fn sizes_stay_within_what_is_read() {
        assert_eq!(half_points(16.0), 24);
        assert_eq!(half_points(1.0), 12);
        assert_eq!(half_points(1000.0), 144);
        assert_eq!(half_points(f32::NAN), 22);
    }
}
