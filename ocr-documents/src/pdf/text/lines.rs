//! Words joined to stretches of a line, and those to whole lines.

use std::collections::HashMap;

use hayro::kurbo::Rect;
use ocr_layout::{Piece, Rect as PageRect};

use super::{right_to_left::turn_back, words::Word};

/// Widest gap inside a stretch, in ems: wider than the spaces of justified text, narrower than the gap
/// between columns. Stretches that turn out to share a line are joined again.
const STRETCH_GAP: f64 = 1.0;

/// Part of the lower of two heights that must overlap for them to be on one line.
const LINE_OVERLAP: f64 = 0.5;

/// Gap below which two words are one, unless a space was drawn between them; in ems of the smaller. It
/// joins indices and exponents, whose baselines differ, to what they belong to.
const GLUE_GAP: f64 = 0.1;

/// Height of the bands by which neighbours are found, in points.
const BAND: f64 = 24.0;

/// Words that stand next to each other on one line, from left to right.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TextLine {
    pub(super) words: Vec<Word>,
}

impl TextLine {
    /// The box around all words.
    pub(super) fn bounds(&self) -> Rect {
        self.words
            .iter()
            .map(Word::bounds)
            .reduce(|a, b| a.union(b))
            .unwrap_or(Rect::ZERO)
    }

    /// Size of its largest font, in points.
    pub(super) fn size(&self) -> f64 {
        self.words.iter().map(|word| word.size).fold(0.0, f64::max)
    }

    /// Baseline of its largest word.
    pub(super) fn baseline(&self) -> f64 {
        self.words
            .iter()
            .max_by(|a, b| a.size.total_cmp(&b.size))
            .map_or(0.0, |word| word.baseline)
    }

    /// What the reading order sees of it.
    pub(super) fn piece(&self) -> Piece {
        let Rect { x0, y0, x1, y1 } = self.bounds();
        let rect = PageRect::new(x0 as f32, y0 as f32, x1 as f32, y1 as f32);
        Piece::typeset(rect, self.size() as f32, self.baseline() as f32)
    }

    /// The words joined by spaces.
    pub(super) fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }
}

/// Joins words to stretches without a wide gap, in no particular order.
pub(super) fn chunks(mut words: Vec<Word>) -> Vec<TextLine> {
    words.sort_by(|a, b| a.left.total_cmp(&b.left));
    let mut chunks: Vec<TextLine> = Vec::new();
    let mut bands: HashMap<i64, Vec<usize>> = HashMap::new();
    for word in words {
        let band = (word.baseline / BAND) as i64;
        let near = (band - 1..=band + 1)
            .filter_map(|band| bands.get(&band))
            .flatten();
        let home = near
            .copied()
            .filter_map(|index| Some((index, gap_after(chunks.get(index)?, &word)?)))
            .min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some(chunk) = home.and_then(|(index, _)| chunks.get_mut(index)) {
            chunk.words.push(word);
        } else {
            bands.entry(band).or_default().push(chunks.len());
            chunks.push(TextLine { words: vec![word] });
        }
    }
    chunks
}

/// The distance from the end of the chunk to a word that continues it.
fn gap_after(chunk: &TextLine, word: &Word) -> Option<f64> {
    let last = chunk.words.last()?;
    let size = last.size.max(word.size);
    let gap = word.left - last.right;
    let near = (-0.5 * size..=STRETCH_GAP * size).contains(&gap);
    (near && overlap(last.bounds(), word.bounds()) >= LINE_OVERLAP).then_some(gap.abs())
}

/// Vertical overlap as a part of the lower height.
fn overlap(a: Rect, b: Rect) -> f64 {
    let shared = a.y1.min(b.y1) - a.y0.max(b.y0);
    shared / a.height().min(b.height()).max(f64::MIN_POSITIVE)
}

/// One line of the words of its stretches.
pub(super) fn joined(mut words: Vec<Word>) -> TextLine {
    words.sort_by(|a, b| a.left.total_cmp(&b.left));
    let mut joined: Vec<Word> = Vec::with_capacity(words.len());
    for word in words {
        match joined.last_mut() {
            Some(last) if touches(last, &word) => {
                last.text.push_str(&word.text);
                last.right = last.right.max(word.right);
                if word.size > last.size {
                    (last.size, last.baseline) = (word.size, word.baseline);
                }
            }
            _ => joined.push(word),
        }
    }
    put_into_reading_order(&mut joined);
    TextLine { words: joined }
}

/// Puts the words of a line, given from left to right, into the order in which they are read.
fn put_into_reading_order(words: &mut [Word]) {
    let is_right = |word: &Word| word.right_to_left;
    let is_left = |word: &Word| !word.right_to_left && word.text.chars().any(char::is_alphabetic);
    let right = words.iter().filter(|word| is_right(word)).count();
    if right == 0 {
        return;
    }
    if right > words.iter().filter(|word| is_left(word)).count() {
        words.reverse();
        turn_back(words, is_right, is_left);
    } else {
        turn_back(words, is_left, is_right);
    }
}

fn touches(left: &Word, right: &Word) -> bool {
    let gap = right.left - left.right;
    let reach = GLUE_GAP * left.size.min(right.size);
    let left_to_right = !left.right_to_left && !right.right_to_left;
    !right.spaced && left_to_right && (-reach..=reach).contains(&gap)
}

#[cfg(test)]
pub(super) mod tests {
    use super::{super::right_to_left::is_right_to_left, *};

    /// A word of 10 points, five points a character.
    pub(in super::super) fn word(text: &str, left: f64, baseline: f64) -> Word {
        Word {
            text: text.into(),
            left,
            right: left + text.chars().count() as f64 * 5.0,
            baseline,
            size: 10.0,
            spaced: true,
            right_to_left: text.chars().any(is_right_to_left),
        }
    }

    fn texts(lines: &[TextLine]) -> Vec<String> {
        lines.iter().map(TextLine::text).collect()
    }

    #[test]
    fn a_wide_gap_parts_stretches_and_a_line_joins_them() {
        let stretches = chunks(vec![
            word("far", 90.0, 50.0),
            word("near", 0.0, 50.0),
            word("by", 24.0, 50.5),
        ]);
        assert_eq!(texts(&stretches), ["near by", "far"]);
    }

    #[test]
    fn words_of_the_other_direction_keep_their_order() {
        let line = |texts: &[&str]| {
            let places = (0..).map(|index| f64::from(index) * 40.0);
            let placed = places.zip(texts).map(|(left, text)| word(text, left, 50.0));
            joined(placed.collect()).text()
        };
        // As seen, the Hebrew words to be read from the right.
        assert_eq!(
            line(&["\u{5d3}", "\u{5d2}", "annual", "report", "\u{5d0}\u{5d1}"]),
            "\u{5d0}\u{5d1} annual report \u{5d2} \u{5d3}"
        );
        assert_eq!(
            line(&["see", "\u{5d2}", "\u{5d0}", "there"]),
            "see \u{5d0} \u{5d2} there"
        );
        assert_eq!(
            line(&["2024", "\u{5d2}", "\u{5d1}", "\u{5d0}"]),
            "\u{5d0} \u{5d1} \u{5d2} 2024"
        );
    }
}
