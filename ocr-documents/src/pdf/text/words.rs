//! Glyphs joined to words by the gaps between them.

use std::collections::HashMap;

use hayro::kurbo::Rect;

use crate::pdf::survey::is_private_bullet;

/// Parts of an em above and below the baseline that a word takes, as of common fonts.
const ASCENT: f64 = 0.78;
const DESCENT: f64 = 0.21;

/// Widest gap inside a word, in ems. Spaces are at least 0.2 wide in justified text, and kerning rarely
/// reaches 0.1.
const WORD_GAP: f64 = 0.15;

/// How far a glyph may reach back over the one before, in ems.
const OVERLAP: f64 = 0.4;

/// How far baselines of one word may be apart, in ems.
const BASELINE_SHIFT: f64 = 0.1;

/// How far apart, in ems, two drawings of the same glyph are one glyph made bold.
const DOUBLE_STRIKE: f64 = 0.1;

/// A glyph in a frame where its text runs to the right, in points.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) text: String,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) baseline: f64,
    pub(super) size: f64,
}

/// A word in the same frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) baseline: f64,
    pub(super) size: f64,
    /// Whether a space was drawn in front of it.
    pub(super) spaced: bool,
}

impl Word {
    /// The box from the ascent to the descent of its font.
    pub(super) fn bounds(&self) -> Rect {
        Rect::new(
            self.left,
            self.baseline - ASCENT * self.size,
            self.right.max(self.left),
            self.baseline + DESCENT * self.size,
        )
    }

    /// Whether it is written from right to left.
    pub(super) fn is_right_to_left(&self) -> bool {
        self.text.chars().next().is_some_and(is_right_to_left)
    }
}

/// Joins glyphs, in the order in which they were drawn.
pub(super) fn words(glyphs: impl Iterator<Item = Glyph>) -> Vec<Word> {
    let mut words = Vec::new();
    let mut open: Option<Word> = None;
    let mut spaced = false;
    let mut struck = Struck::default();
    for mut glyph in glyphs {
        glyph.text = readable(&glyph.text);
        if glyph.text.chars().all(char::is_whitespace) {
            words.extend(open.take());
            spaced = true;
            continue;
        }
        if struck.is_repeated(&glyph) {
            continue;
        }
        if let Some(word) = &mut open
            && join(word, &glyph)
        {
            continue;
        }
        words.extend(open.take());
        open = Some(Word {
            text: glyph.text,
            left: glyph.left,
            right: glyph.right,
            baseline: glyph.baseline,
            size: glyph.size,
            spaced: std::mem::take(&mut spaced),
        });
    }
    words.extend(open);
    words
}

/// Adds the glyph to the word if it continues it.
fn join(word: &mut Word, glyph: &Glyph) -> bool {
    let size = word.size.max(glyph.size);
    if (word.baseline - glyph.baseline).abs() > BASELINE_SHIFT * size {
        return false;
    }
    let follows = |gap: f64| (-OVERLAP * size..=WORD_GAP * size).contains(&gap);
    let after = follows(glyph.left - word.right);
    let before = follows(word.left - glyph.right);
    let right_to_left = glyph.text.chars().any(is_right_to_left);
    match (right_to_left, after, before) {
        // Right-to-left letters drawn in the order of the eye.
        (true, true, _) => word.text.insert_str(0, &glyph.text),
        // The same drawn in reading order, each to the left of the last; or anything left-to-right.
        (true, false, true) | (false, true, _) => word.text.push_str(&glyph.text),
        _ => return false,
    }
    word.left = word.left.min(glyph.left);
    word.right = word.right.max(glyph.right);
    word.size = size;
    true
}

/// Glyphs already drawn, by meaning and place, to drop those drawn twice.
#[derive(Default)]
struct Struck {
    /// By meaning, size in hundredths of a point, and place in steps of a part of that size: the exact
    /// place of the last one there.
    places: HashMap<(String, i64, i64, i64), (f64, f64)>,
}

impl Struck {
    fn is_repeated(&mut self, glyph: &Glyph) -> bool {
        let reach = (DOUBLE_STRIKE * glyph.size).max(0.01);
        let cell = |place: f64| (place / reach).floor() as i64;
        let (column, row) = (cell(glyph.left), cell(glyph.baseline));
        // The second l of a narrow "ll" starts where the first one ends.
        let aside = reach.min(0.5 * (glyph.right - glyph.left)).max(0.2 * reach);
        let size = (glyph.size * 100.0).round() as i64;
        let mut key = (glyph.text.clone(), size, column, row);
        for (dx, dy) in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))) {
            (key.2, key.3) = (column + dx, row + dy);
            if let Some((left, baseline)) = self.places.get(&key)
                && (left - glyph.left).abs() <= aside
                && (baseline - glyph.baseline).abs() <= reach
            {
                return true;
            }
        }
        (key.2, key.3) = (column, row);
        self.places.insert(key, (glyph.left, glyph.baseline));
        false
    }
}

/// The text of a glyph as people would type it: ligatures spelled out, hyphens and bullets as such,
/// without control characters.
fn readable(text: &str) -> String {
    let mut readable = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\u{fb00}' => readable.push_str("ff"),
            '\u{fb01}' => readable.push_str("fi"),
            '\u{fb02}' => readable.push_str("fl"),
            '\u{fb03}' => readable.push_str("ffi"),
            '\u{fb04}' => readable.push_str("ffl"),
            '\u{fb05}' | '\u{fb06}' => readable.push_str("st"),
            '\u{ad}' => readable.push('-'),
            char if is_private_bullet(char) => readable.push('\u{2022}'),
            char if char.is_whitespace() => readable.push(' '),
            char if char.is_control() || is_invisible(char) => {}
            char => readable.push(char),
        }
    }
    readable
}

/// Characters that only steer how others are shown.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Letters of the Hebrew, Arabic, Syriac and Thaana scripts and their presentation forms.
fn is_right_to_left(char: char) -> bool {
    matches!(char, '\u{590}'..='\u{7bf}' | '\u{8a0}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Glyphs half an em wide at the given places in ems, of a font of 10 points.
    fn set(glyphs: &[(&str, f64)]) -> Vec<String> {
        let glyphs = glyphs.iter().map(|&(text, at)| Glyph {
            text: text.into(),
            left: at * 10.0,
            right: at * 10.0 + 5.0,
            baseline: 100.0,
            size: 10.0,
        });
        words(glyphs).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn gaps_and_spaces_end_words() {
        assert_eq!(
            set(&[("a", 0.0), ("b", 0.5), ("c", 1.25), (" ", 1.75), ("d", 1.8)]),
            ["ab", "c", "d"]
        );
        assert_eq!(set(&[("k", 0.0), ("e", 0.45), ("r", 1.05)]), ["ker"]);
    }

    #[test]
    fn a_glyph_struck_twice_counts_once() {
        assert_eq!(set(&[("l", 0.0), ("l", 0.04), ("l", 0.5), ("l", 0.54)]), ["ll"]);
    }

    #[test]
    fn narrow_letters_side_by_side_are_two() {
        for width in [0.07, 0.12, 0.182, 0.222] {
            for step in 0..100 {
                let start = f64::from(step) * 0.0137;
                let glyph = |place: f64| Glyph {
                    text: "l".into(),
                    left: place * 10.0,
                    right: (place + width) * 10.0,
                    baseline: 100.0,
                    size: 10.0,
                };
                let drawn = [start, start + width, start + 0.02, start + width + 0.02];
                let once: Vec<Word> = words(drawn[..2].iter().map(|&place| glyph(place)));
                assert_eq!(once[0].text, "ll", "{width} at {start}");
                let twice: Vec<Word> = words(drawn.iter().map(|&place| glyph(place)));
                assert!(width < 0.1 || twice[0].text == "ll", "{width} at {start}");
            }
        }
    }

    #[test]
    fn glyphs_of_other_sizes_are_never_taken_for_the_same() {
        let glyph = |left: f64, baseline: f64, size: f64| Glyph {
            text: "t".into(),
            left,
            right: left + size / 2.0,
            baseline,
            size,
        };
        // Ten and twelve points: as many steps of a tenth of their size from the corner.
        let words = words([glyph(100.0, 200.0, 10.0), glyph(120.0, 240.0, 12.0)].into_iter());
        assert_eq!(words.len(), 2);
    }

    #[test]
    fn ligatures_are_spelled_out() {
        assert_eq!(
            set(&[("\u{fb03}", 0.0), ("\u{ad}", 0.5), ("\u{200b}", 1.0)]),
            ["ffi-"]
        );
        assert_eq!(set(&[("\u{f0b7}", 0.0)]), ["\u{2022}"]);
    }

    #[test]
    fn right_to_left_words_read_forward_however_they_are_drawn() {
        let reading = set(&[("\u{5d0}", 1.0), ("\u{5d1}", 0.5), ("\u{5d2}", 0.0)]);
        let visual = set(&[("\u{5d2}", 0.0), ("\u{5d1}", 0.5), ("\u{5d0}", 1.0)]);
        assert_eq!(reading, ["\u{5d0}\u{5d1}\u{5d2}"]);
        assert_eq!(visual, reading);
    }
}
