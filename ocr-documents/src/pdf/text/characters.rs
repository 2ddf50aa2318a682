//! What the characters of a glyph are as people type them: composed, spelled out, without those that only
//! steer how others are shown.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::pdf::glyph::is_private_bullet;

/// The text of a glyph as people would type it: ligatures and presentation forms spelled out, hyphens and
/// bullets as such, without control characters.
pub(super) fn readable(text: &str) -> String {
    let mut readable = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            // Latin ligatures, radicals of Han characters that stand for the character itself, and letters of
            // Hebrew and Arabic in the shape they have at their place in a word. U+FDFA and those after it are
            // signs that people type.
            '\u{fb00}'..='\u{fb06}'
            | '\u{2f00}'..='\u{2fd5}'
            | '\u{fb1d}'..='\u{fdf9}'
            | '\u{fe70}'..='\u{fefc}' => {
                readable.extend(char.nfkc().filter(|char| !char.is_whitespace()));
            }
            '\u{ad}' => readable.push('-'),
            char if is_private_bullet(char) => readable.push('\u{2022}'),
            char if char.is_whitespace() => readable.push(' '),
            char if char.is_control() || is_invisible(char) => {}
            char => readable.push(char),
        }
    }
    readable
}

/// The text with letters and accents composed (Unicode normalisation form C).
pub(super) fn composed(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut chars = text.chars().peekable();
    let mut dotted = String::with_capacity(text.len());
    while let Some(char) = chars.next() {
        // Fonts have letters without a dot to put accents on.
        let accented = chars.peek().is_some_and(|&next| is_accent_above(next));
        dotted.push(match char {
            '\u{131}' if accented => 'i',
            '\u{237}' if accented => 'j',
            char => char,
        });
    }
    dotted.nfc().collect()
}

/// Whether it only joins what is beside it: a soft hyphen that is not shown, a joiner.
pub(super) fn joins(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|char| is_invisible(char) && char != '\u{200b}' && char != '\u{feff}')
}

/// Whether it stands on, in or under another character.
pub(super) fn is_mark(text: &str) -> bool {
    let is_mark = |char: char| is_combining_mark(char) || matches!(char, '\u{fe70}'..='\u{fe7f}');
    !text.is_empty() && text.chars().all(is_mark)
}

/// The letter with the accent that is drawn as a character of its own; `None` when there is no such letter.
pub(super) fn accented(letter: &str, accent: &str) -> Option<String> {
    let mark = match accent {
        "`" => '\u{300}',
        "\u{b4}" => '\u{301}',
        "\u{2c6}" => '\u{302}',
        "\u{2dc}" => '\u{303}',
        "\u{af}" => '\u{304}',
        "\u{2d8}" => '\u{306}',
        "\u{2d9}" => '\u{307}',
        "\u{a8}" => '\u{308}',
        "\u{2da}" => '\u{30a}',
        "\u{2dd}" => '\u{30b}',
        "\u{2c7}" => '\u{30c}',
        "\u{b8}" => '\u{327}',
        "\u{2db}" => '\u{328}',
        _ => return None,
    };
    let text = composed(&format!("{letter}{mark}"));
    (text.chars().count() == 1).then_some(text)
}

fn is_accent_above(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{314}' | '\u{33d}'..='\u{344}')
}

/// Characters that only steer how others are shown.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ligatures_and_forms_are_spelled_out() {
        assert_eq!(readable("\u{fb03}\u{ad}\u{200b}"), "ffi-");
        assert_eq!(readable("\u{fb05}\u{fb06}"), "stst");
        assert_eq!(readable("\u{f0b7}"), "\u{2022}");
        // Lam with alef, a mark on its own, the radical for "one".
        assert_eq!(
            readable("\u{fefb}\u{fe76}\u{2f00}"),
            "\u{644}\u{627}\u{64e}\u{4e00}"
        );
        assert_eq!(readable("\u{fdfc}"), "\u{fdfc}");
    }

    #[test]
    fn accents_are_composed() {
        assert_eq!(composed("Cafe\u{301} nai\u{308}f"), "Caf\u{e9} na\u{ef}f");
        assert_eq!(composed("na\u{131}\u{308}f"), "na\u{ef}f");
        assert_eq!(composed("\u{131}l"), "\u{131}l");
        assert_eq!(accented("u", "\u{a8}").as_deref(), Some("\u{fc}"));
        assert_eq!(accented("q", "\u{b4}"), None);
    }
}
