//! Glyphs joined to words by the gaps between them.

use std::collections::HashMap;

use hayro::kurbo::Rect;

use super::{
    characters::{accented, composed, is_mark, joins, readable},
    glyph::Glyph,
    right_to_left::{by_place, evidence_for_places, is_right_to_left},
};

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

/// How far a mark may stand from the character it belongs to, in ems: back over it, and up or down.
const MARK_REACH: (f64, f64) = (1.2, 0.6);

/// How far apart, in ems, two drawings of the same glyph are one glyph made bold.
const DOUBLE_STRIKE: f64 = 0.1;

/// A word in the frame of its glyphs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) baseline: f64,
    pub(super) size: f64,
    /// Whether a space was drawn in front of it.
    pub(super) spaced: bool,
    /// Whether it is read from right to left.
    pub(super) right_to_left: bool,
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
}

/// Joins glyphs, in the order in which they were drawn.
pub(super) fn words(glyphs: impl Iterator<Item = Glyph>) -> Vec<Word> {
    let mut words: Vec<OpenWord> = Vec::new();
    let mut open: Option<OpenWord> = None;
    let mut spaced = false;
    let mut struck = Struck::default();
    for glyph in glyphs {
        if joins(&glyph.text) {
            if let Some(word) = open.as_mut().filter(|word| word.follows(&glyph)) {
                word.right = word.right.max(glyph.right);
            }
            continue;
        }
        if readable(&glyph.text).chars().all(char::is_whitespace) {
            words.extend(open.take());
            spaced = true;
            continue;
        }
        if struck.is_repeated(&glyph) {
            continue;
        }
        let unplaced = match &mut open {
            Some(word) => word.join(glyph),
            None => Some(glyph),
        };
        if let Some(glyph) = unplaced {
            words.extend(open.replace(OpenWord::new(glyph, std::mem::take(&mut spaced))));
        }
    }
    words.extend(open);
    let right_to_left = words.iter().filter(|word| word.right_to_left);
    let by_place = evidence_for_places(right_to_left.map(|word| word.glyphs.as_slice())) >= 0;
    words.into_iter().map(|word| word.finish(by_place)).collect()
}

/// A word that glyphs are still added to.
struct OpenWord {
    /// Its glyphs in the order in which they were drawn.
    glyphs: Vec<Glyph>,
    left: f64,
    right: f64,
    baseline: f64,
    size: f64,
    spaced: bool,
    right_to_left: bool,
}

impl OpenWord {
    fn new(glyph: Glyph, spaced: bool) -> Self {
        Self {
            left: glyph.left,
            right: glyph.right,
            baseline: glyph.baseline,
            size: glyph.size,
            spaced,
            right_to_left: glyph.text.chars().any(is_right_to_left),
            glyphs: vec![glyph],
        }
    }

    /// Whether the glyph stands where the word ends.
    fn follows(&self, glyph: &Glyph) -> bool {
        let size = self.size.max(glyph.size);
        let level = (self.baseline - glyph.baseline).abs() <= BASELINE_SHIFT * size;
        level && (-OVERLAP * size..=WORD_GAP * size).contains(&(glyph.left - self.right))
    }

    /// Adds the glyph if it continues the word, and gives it back if not.
    fn join(&mut self, glyph: Glyph) -> Option<Glyph> {
        if self.compose(&glyph) {
            return None;
        }
        let size = self.size.max(glyph.size);
        let right_to_left = glyph.text.chars().any(is_right_to_left);
        let joined = if is_mark(&glyph.text) {
            let (back, aside) = MARK_REACH;
            let near = self.left - WORD_GAP * size..=self.right + WORD_GAP * size;
            let reaches = glyph.left >= self.right - back * size || right_to_left;
            near.contains(&glyph.center())
                && reaches
                && (self.baseline - glyph.baseline).abs() <= aside * size
        } else {
            // Letters of right-to-left writing are drawn in the order of the eye or in that of reading, each
            // to the left of the last; their stops come with them.
            let leftwards =
                right_to_left || (self.right_to_left && !glyph.text.chars().any(char::is_alphanumeric));
            let level = (self.baseline - glyph.baseline).abs() <= BASELINE_SHIFT * size;
            let before = (-OVERLAP * size..=WORD_GAP * size).contains(&(self.left - glyph.right));
            self.follows(&glyph) || (leftwards && level && before)
        };
        if !joined {
            return Some(glyph);
        }
        self.left = self.left.min(glyph.left);
        self.right = self.right.max(glyph.right);
        self.size = size;
        self.right_to_left |= right_to_left;
        self.glyphs.push(glyph);
        None
    }

    /// Puts an accent that is drawn as a character of its own on the letter that it stands over, whichever
    /// of them came first.
    fn compose(&mut self, glyph: &Glyph) -> bool {
        let Some(last) = self.glyphs.last_mut() else {
            return false;
        };
        let over = |accent: &Glyph, letter: &Glyph| {
            (letter.left..=letter.right).contains(&accent.center())
                && (letter.baseline - accent.baseline).abs() <= MARK_REACH.1 * letter.size
        };
        if over(glyph, last)
            && let Some(text) = accented(&last.text, &glyph.text)
        {
            last.text = text;
            return true;
        }
        if over(last, glyph)
            && let Some(text) = accented(&glyph.text, &last.text)
        {
            if self.left >= last.left {
                (self.left, self.baseline) = (glyph.left, glyph.baseline);
            }
            *last = Glyph {
                text,
                ..glyph.clone()
            };
            self.right = glyph.right;
            return true;
        }
        false
    }

    /// The word as it is read; `by_place` says whether places or drawing tell the order of right-to-left
    /// letters.
    fn finish(self, by_place_of_letters: bool) -> Word {
        let right_to_left = self.right_to_left && by_place_of_letters;
        let text: String = if right_to_left {
            by_place(&self.glyphs)
                .into_iter()
                .map(|glyph| readable(&glyph.text))
                .collect()
        } else {
            self.glyphs.iter().map(|glyph| readable(&glyph.text)).collect()
        };
        Word {
            text: composed(&text),
            left: self.left,
            right: self.right,
            baseline: self.baseline,
            size: self.size,
            spaced: self.spaced,
            right_to_left,
        }
    }
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
    fn accents_join_the_letters_they_stand_on() {
        // An accent of no width after its letter, and one drawn back over it.
        let mark = |at: f64, width: f64| Glyph {
            text: "\u{301}".into(),
            left: at * 10.0,
            right: (at + width) * 10.0,
            baseline: 100.0,
            size: 10.0,
        };
        let letter = |text: &str, at: f64| Glyph {
            text: text.into(),
            left: at * 10.0,
            right: at * 10.0 + 5.0,
            baseline: 100.0,
            size: 10.0,
        };
        let read = |glyphs: Vec<Glyph>| -> Vec<String> {
            words(glyphs.into_iter())
                .into_iter()
                .map(|word| word.text)
                .collect()
        };
        assert_eq!(
            read(vec![letter("e", 0.0), mark(0.5, 0.0), letter("t", 0.5)]),
            ["\u{e9}t"]
        );
        assert_eq!(
            read(vec![letter("e", 0.0), mark(0.0, 0.5), letter("t", 0.5)]),
            ["\u{e9}t"]
        );
        // As TeX sets them: the accent, then back, then the letter.
        let accent = |at: f64| Glyph {
            text: "\u{a8}".into(),
            ..letter("", at)
        };
        let set = vec![letter("f", 0.0), accent(0.52), letter("u", 0.5), letter("r", 1.0)];
        assert_eq!(read(set), ["f\u{fc}r"]);
        assert_eq!(
            read(vec![accent(0.02), letter("U", 0.0), letter("b", 0.5)]),
            ["\u{dc}b"]
        );
        // An accent used as an apostrophe stands beside letters.
        let apart = vec![letter("n", 0.0), accent(0.5), letter("t", 1.0)];
        assert_eq!(read(apart), ["n\u{a8}t"]);
    }

    #[test]
    fn what_is_not_shown_does_not_part_words() {
        let set = set(&[
            ("a", 0.0),
            ("\u{2060}", 0.5),
            ("b", 1.0),
            ("\u{200b}", 1.5),
            ("c", 1.5),
        ]);
        assert_eq!(set, ["ab", "c"]);
    }

    #[test]
    fn right_to_left_words_read_forward_however_they_are_drawn() {
        let reading = set(&[("\u{5d0}", 1.0), ("\u{5d1}", 0.5), ("\u{5d2}", 0.0)]);
        let visual = set(&[("\u{5d2}", 0.0), ("\u{5d1}", 0.5), ("\u{5d0}", 1.0)]);
        assert_eq!(reading, ["\u{5d0}\u{5d1}\u{5d2}"]);
        assert_eq!(visual, reading);
    }

    #[test]
    fn presentation_forms_become_letters_in_the_order_of_reading() {
        // "Report" in Arabic: initial teh, medial qaf, final reh, initial yeh, final reh.
        let forms = ["\u{fe97}", "\u{fed8}", "\u{feae}", "\u{fef3}", "\u{feae}"];
        let report = "\u{62a}\u{642}\u{631}\u{64a}\u{631}";
        let placed = |order: &[&'static str]| -> Vec<(&'static str, f64)> {
            (0..)
                .map(|index| f64::from(index) * 0.5)
                .zip(order)
                .map(|(at, form)| (*form, at))
                .collect()
        };
        let seen: Vec<&str> = forms.iter().rev().copied().collect();
        assert_eq!(set(&placed(&seen)), [report]);
        let mut drawn_in_reading_order = placed(&seen);
        drawn_in_reading_order.reverse();
        assert_eq!(set(&drawn_in_reading_order), [report]);
        // Set from left to right in the order of reading already.
        assert_eq!(set(&placed(&forms)), [report]);
    }

    #[test]
    fn numbers_beside_right_to_left_letters_keep_their_digits_in_order() {
        let visual = set(&[
            ("\u{5d1}", 0.0),
            ("\u{5d0}", 0.5),
            ("1", 1.0),
            (".", 1.5),
            ("5", 2.0),
        ]);
        assert_eq!(visual, ["1.5\u{5d0}\u{5d1}"]);
        assert_eq!(set(&[("\u{662}", 0.0), ("\u{660}", 0.5)]), ["\u{662}\u{660}"]);
    }
}
