//! Words of one line: where they begin and end, and how sure the recogniser was.

use std::ops::Range;

use super::{
    ctc::Glyph,
    recognition::{LineText, mean},
};

/// A word inside a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WordSpan {
    pub(crate) text: String,
    /// Left edge as a fraction of the line's length.
    pub(crate) start: f32,
    /// Right edge as a fraction of the line's length.
    pub(crate) end: f32,
    /// Mean confidence of the characters, 0..=1.
    pub(crate) confidence: f32,
}

/// Splits a reading into words at the spaces that were read.
pub(crate) fn words(reading: &LineText) -> Vec<WordSpan> {
    let spans = word_ranges(&reading.glyphs).into_iter();
    spans
        .filter_map(|range| word(&reading.glyphs[range], reading.columns))
        .collect()
}

/// The words of a line, as positions among its characters.
pub(crate) fn word_ranges(glyphs: &[Glyph]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut apart = true;
    for (index, glyph) in glyphs.iter().enumerate() {
        let space = glyph.text.trim().is_empty();
        match found.last_mut() {
            Some(word) if !space && !apart => word.end = index + 1,
            _ if !space => found.push(index..index + 1),
            _ => {}
        }
        apart = space;
    }
    found
}

fn word(glyphs: &[Glyph], columns: f32) -> Option<WordSpan> {
    let (first, last) = (glyphs.first()?, glyphs.last()?);
    // The columns that vote for a character sit in its middle: half a character stands out on
    // either side. Its width is about the mean advance inside the word.
    let advance = (last.end - first.start + 1) as f32 / glyphs.len() as f32;
    let margin = (advance * 0.5 - 0.5).clamp(0.0, 1.5);
    let fraction = |column: f32| (column / columns.max(1.0)).clamp(0.0, 1.0);
    Some(WordSpan {
        text: glyphs.iter().map(|glyph| &*glyph.text).collect(),
        start: fraction(first.start as f32 - margin),
        end: fraction(last.end as f32 + 1.0 + margin),
        confidence: mean(glyphs.iter().map(|glyph| glyph.confidence)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str) -> LineText {
        let glyphs = text
            .chars()
            .enumerate()
            .map(|(index, c)| Glyph {
                text: c.to_string().into(),
                confidence: 0.9,
                start: index * 2,
                end: index * 2,
            })
            .collect();
        LineText {
            glyphs,
            columns: text.len() as f32 * 2.0,
            confidence: 0.9,
        }
    }

    #[test]
    fn spaces_separate_words_in_order() {
        let found = words(&reading(" ab  cd "));
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].text.as_str(), found[1].text.as_str()), ("ab", "cd"));
        assert!(found[0].start < found[0].end && found[0].end <= found[1].start);
        assert!((found[0].confidence - 0.9).abs() < 1e-6);
    }

    #[test]
    fn nothing_read_is_no_word() {
        assert!(words(&reading("")).is_empty());
        assert!(words(&reading("   ")).is_empty());
    }
}
