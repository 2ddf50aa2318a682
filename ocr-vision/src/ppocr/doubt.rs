//! Which parts of a line the first recogniser is not sure of: only they are read by the second.

use std::ops::Range;

use super::{
    ctc::Glyph,
    raster::Pixels,
    recognition::{LineText, mean},
    words::word_ranges,
};

/// The first recogniser is believed where the mean confidence of the characters is at least this, and
const SURE_MEAN: f32 = 0.991;
/// that of the least sure character at least this. Chosen on the 861 lines of 15 scans, forms and receipts, each read by
/// both recognisers: of all pairs that miss no more of the characters in which the two differ than the least sure
/// character alone does at 0.9 (16 of 30,782), the one that reads the least again: 23 % of the columns in place of 34 %.
const SURE_CHARACTER: f32 = 0.6;
/// A part is at least this many times as wide as the line is high: a letter alone is read worse than a word.
const MIN_WIDTH: usize = 3;
/// Where more of a line than this is in doubt it is read again as a whole.
const MOST: f32 = 0.7;

/// A part of a line that is to be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The characters that stand there now, as positions among those of the line.
    glyphs: Range<usize>,
    /// The columns of the model's output that they come from.
    columns: Range<usize>,
}

impl Part {
    /// The picture of this part out of that of its line. `pixels` is the number of columns of pixels to one of output.
    pub(crate) fn picture(&self, line: &Pixels, pixels: usize) -> Pixels {
        let left = (self.columns.start * pixels).min(line.width.saturating_sub(1));
        let right = (self.columns.end * pixels).clamp(left + 1, line.width.max(left + 1));
        line.cut(left, 0, right - left, line.height)
    }
}

/// The parts of a line of `height` pixels in which the first reading is in doubt, from left to right; none where it is
/// believed. `pixels` is the number of columns of pixels to one of output.
pub(crate) fn doubtful(reading: &LineText, height: usize, pixels: usize) -> Vec<Part> {
    let glyphs = &reading.glyphs;
    let all = reading.columns.ceil() as usize;
    let whole = || {
        vec![Part {
            glyphs: 0..glyphs.len(),
            columns: 0..all,
        }]
    };
    if glyphs.is_empty() {
        return whole();
    }
    if is_sure(glyphs) {
        return Vec::new();
    }
    let words = word_ranges(glyphs);
    let mut unsure: Vec<bool> = words.iter().map(|word| !is_sure(&glyphs[word.clone()])).collect();
    // A space that is in doubt may be none: the words on both sides belong to the question.
    for (index, pair) in words.windows(2).enumerate() {
        if !is_sure(&glyphs[pair[0].end..pair[1].start]) {
            unsure[index] = true;
            unsure[index + 1] = true;
        }
    }
    let least = MIN_WIDTH * height / pixels.max(1);
    let mut parts: Vec<Part> = Vec::new();
    for (index, _) in unsure.iter().enumerate().filter(|(_, unsure)| **unsure) {
        let mut range = index..index + 1;
        while columns(glyphs, &words, &range, all).len() < least && range.len() < words.len() {
            range = range.start.saturating_sub(1)..(range.end + 1).min(words.len());
        }
        let part = Part {
            glyphs: words[range.start].start..words[range.end - 1].end,
            columns: columns(glyphs, &words, &range, all),
        };
        match parts.last_mut() {
            Some(last) if part.columns.start <= last.columns.end => {
                last.glyphs.end = last.glyphs.end.max(part.glyphs.end);
                last.columns.end = last.columns.end.max(part.columns.end);
            }
            _ => parts.push(part),
        }
    }
    let doubted: usize = parts.iter().map(|part| part.columns.len()).sum();
    if parts.is_empty() || doubted as f32 > MOST * reading.columns {
        return whole();
    }
    parts
}

/// Puts what was read of `part` in its place; nothing read changes nothing.
pub(crate) fn replace(reading: &mut LineText, part: &Part, again: LineText) {
    if again.glyphs.iter().all(|glyph| glyph.text.trim().is_empty()) {
        return;
    }
    let shifted = again.glyphs.into_iter().map(|glyph| Glyph {
        start: glyph.start + part.columns.start,
        end: glyph.end + part.columns.start,
        ..glyph
    });
    reading.glyphs.splice(part.glyphs.clone(), shifted);
    reading.confidence = mean(reading.glyphs.iter().map(|glyph| glyph.confidence));
}

/// Whether these characters are believed.
fn is_sure(glyphs: &[Glyph]) -> bool {
    let least = glyphs.iter().map(|glyph| glyph.confidence).fold(1.0, f32::min);
    mean(glyphs.iter().map(|glyph| glyph.confidence)) >= SURE_MEAN && least >= SURE_CHARACTER
}

/// The columns from the middle of the gap before the first of these words to the middle of that after the last.
fn columns(glyphs: &[Glyph], words: &[Range<usize>], range: &Range<usize>, all: usize) -> Range<usize> {
    let gap = |before: usize| {
        let left = glyphs[words[before].end - 1].end + 1;
        let right = glyphs[words[before + 1].start].start;
        left.midpoint(right.max(left))
    };
    let start = if range.start == 0 { 0 } else { gap(range.start - 1) };
    let end = if range.end == words.len() {
        all
    } else {
        gap(range.end - 1)
    };
    start..end.max(start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEIGHT: usize = 48;
    const PIXELS: usize = 8;

    /// A line of one character every three columns; those in `doubtful` are read with a confidence of a half.
    fn line(text: &str, doubtful: &[usize]) -> LineText {
        let glyphs: Vec<Glyph> = text
            .chars()
            .enumerate()
            .map(|(index, c)| Glyph {
                text: c.to_string().into(),
                confidence: if doubtful.contains(&index) { 0.5 } else { 1.0 },
                start: index * 3,
                end: index * 3 + 1,
            })
            .collect();
        LineText {
            columns: text.len() as f32 * 3.0,
            confidence: mean(glyphs.iter().map(|glyph| glyph.confidence)),
            glyphs,
        }
    }

    fn text(reading: &LineText) -> String {
        reading.glyphs.iter().map(|glyph| &*glyph.text).collect()
    }

    fn texts(reading: &LineText) -> Vec<String> {
        let part = |part: &Part| {
            let glyphs = &reading.glyphs[part.glyphs.clone()];
            glyphs.iter().map(|glyph| &*glyph.text).collect()
        };
        doubtful(reading, HEIGHT, PIXELS).iter().map(part).collect()
    }

    #[test]
    fn only_the_word_in_doubt_is_read_again() {
        assert!(texts(&line("invoices are numbered", &[])).is_empty());
        assert_eq!(texts(&line("invoices are numbered upwards", &[15])), ["numbered"]);
        assert_eq!(
            texts(&line("invoices are numbered upwards", &[])),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_short_word_brings_its_neighbours() {
        assert_eq!(
            texts(&line("invoices of a hundred customers", &[12])),
            ["of a hundred"]
        );
    }

    #[test]
    fn a_space_in_doubt_joins_both_sides() {
        assert_eq!(
            texts(&line("customers clearly numbered upwards again", &[17])),
            ["clearly numbered"]
        );
    }

    #[test]
    fn a_line_mostly_in_doubt_or_without_characters_is_read_whole() {
        assert_eq!(texts(&line("some words", &[1, 6])), ["some words"]);
        assert_eq!(doubtful(&line("", &[]), HEIGHT, PIXELS).len(), 1);
    }

    #[test]
    fn what_was_read_again_stands_in_its_place() {
        let mut reading = line("invoices are nunnbered upwards", &[15]);
        let parts = doubtful(&reading, HEIGHT, PIXELS);
        replace(&mut reading, &parts[0], line("numbered", &[]));
        assert_eq!(text(&reading), "invoices are numbered upwards");
        assert!(reading.confidence > 0.99);
        let starts: Vec<usize> = reading.glyphs.iter().map(|glyph| glyph.start).collect();
        assert!(starts.is_sorted(), "{starts:?}");
        replace(&mut reading, &parts[0], line("", &[]));
        assert_eq!(text(&reading), "invoices are numbered upwards");
    }

    proptest! {
        #[test]
        fn parts_follow_one_another_within_the_line(
            letters in proptest::collection::vec((0_u8..4, 0.0_f32..=1.0, 0_usize..6), 0..60),
        ) {
            let mut column = 0;
            let glyphs: Vec<Glyph> = letters
                .iter()
                .map(|(letter, confidence, advance)| {
                    column += advance;
                    Glyph {
                        text: if *letter == 0 { " ".into() } else { "x".into() },
                        confidence: *confidence,
                        start: column,
                        end: column,
                    }
                })
                .collect();
            let reading = LineText { columns: column as f32 + 1.0, confidence: 0.5, glyphs };
            let (mut glyph, mut column) = (0, 0);
            for part in doubtful(&reading, HEIGHT, PIXELS) {
                prop_assert!(part.glyphs.start >= glyph && part.columns.start >= column);
                prop_assert!(part.columns.start < part.columns.end);
                (glyph, column) = (part.glyphs.end, part.columns.end);
            }
            prop_assert!(glyph <= reading.glyphs.len());
        }
    }
}
