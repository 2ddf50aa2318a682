//! What kind of page it is, and so what to read it from.
//!
//! | page | read from |
//! |---|---|
//! | draws nothing | nothing: an empty page |
//! | visible text that makes sense | the text layer; pictures and shapes beside it that may have words, from pixels |
//! | text whose letters hardly make words | the text layer, if recognition finds the same words; else rendered pixels |
//! | little visible text on a picture over most of the page (a scan with a stamp) | rendered pixels |
//! | hardly any visible text beside any larger picture (a scanned receipt with a stamp) | rendered pixels |
//! | text without meaning (no Unicode, private use, control characters) | rendered pixels |
//! | letters drawn as shapes, many times as many as the visible text has | rendered pixels |
//! | one upright image over the whole page, with or without invisible text | the stored image |
//! | anything else | rendered pixels |
//!
//! Invisible text is an old recognition of the same page. It is never used, so a page that is recognised
//! again is not doubled.

use super::{
    full_page_image::full_page_image,
    survey::{Glyph, Survey},
};

/// Part of the page that images must cover to make it a picture rather than a text.
const PICTURE_COVERAGE: f64 = 0.5;

/// The same for a page that has no more visible text than a stamp.
const PICTURE_BESIDE_STAMP: f64 = 0.1;

/// Visible characters of the longest stamp.
const STAMP: usize = 60;

/// Minimum number of shapes like letters that are taken for text, also for each visible character.
const DRAWN_LETTERS: (u64, u64) = (200, 5);

/// Visible characters from which a page is a text, whatever else is on it.
const TEXT_OVER_PICTURE: usize = 400;

/// Maximum part of characters without meaning in a usable text layer.
const MAX_MEANINGLESS: f64 = 0.1;

/// Minimum part of letters and digits in a usable text layer.
const MIN_ALPHANUMERIC: f64 = 0.35;

/// What to read a page from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// Nothing on it.
    Empty,
    /// Its text layer.
    Text,
    /// The one image it consists of.
    Scan,
    /// Its rendering.
    Drawing,
}

/// Decides what to read a page from.
pub(super) fn nature(survey: &Survey) -> Nature {
    let visible = || {
        survey
            .glyphs
            .iter()
            .filter(|glyph| glyph.visible && !is_space(glyph))
    };
    let characters = visible().count();
    if characters == 0 && survey.images.is_empty() && survey.paths == 0 {
        return Nature::Empty;
    }
    let usable = characters > 0 && !survey.overfull && makes_sense(visible());
    if usable {
        let needed = if characters < STAMP {
            PICTURE_BESIDE_STAMP
        } else {
            PICTURE_COVERAGE
        };
        let on_picture = survey.picture_coverage() >= needed;
        let (fewest, each) = DRAWN_LETTERS;
        let drawn_letters = survey.outlines > fewest.max(each * characters as u64);
        if characters >= TEXT_OVER_PICTURE || !(on_picture || drawn_letters) {
            return Nature::Text;
        }
    }
    if full_page_image(survey).is_some() {
        Nature::Scan
    } else {
        Nature::Drawing
    }
}

/// Whether a glyph is white space.
fn is_space(glyph: &Glyph) -> bool {
    !glyph.text.is_empty() && glyph.text.chars().all(char::is_whitespace)
}

/// Whether the glyphs mean what a reader sees, as far as that can be told from them.
fn makes_sense<'a>(glyphs: impl Iterator<Item = &'a Glyph>) -> bool {
    let (mut all, mut meaningless, mut alphanumeric, mut vertical, mut filler) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for glyph in glyphs {
        all += 1.0;
        if glyph.vertical {
            vertical += 1.0;
        }
        if glyph.text.contains(char::REPLACEMENT_CHARACTER) {
            meaningless += 1.0;
        } else if glyph.text.chars().all(char::is_alphanumeric) {
            alphanumeric += 1.0;
        } else if glyph.text.chars().all(is_filler) {
            filler += 1.0;
        }
    }
    let wordless = all - filler >= 50.0 && alphanumeric < MIN_ALPHANUMERIC * (all - filler);
    // Lines of vertical writing are not assembled from a text layer.
    meaningless <= MAX_MEANINGLESS * all && vertical <= 0.5 * all && !wordless
}

/// Characters of which leaders, rules and lines to write on are made.
fn is_filler(char: char) -> bool {
    matches!(
        char,
        '.' | '_' | '-' | '=' | '*' | '~' | '\u{b7}' | '\u{2010}'..='\u{2015}' | '\u{2022}' | '\u{2024}'..='\u{2027}'
            | '\u{2219}' | '\u{22c5}' | '\u{22ef}' | '\u{2500}'..='\u{257f}' | '\u{30fb}' | '\u{ff0e}'
    )
}
