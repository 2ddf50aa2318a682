//! Writing from right to left: the order of letters in a word and of words in a line, from where they stand.
//!
//! Nearly every program draws such text where it is to be seen, so that places say how it is read. A few put
//! it from left to right in the order of reading; the shapes of letters tell.

use super::{characters::is_mark, glyph::Glyph};

/// Whether it is a letter of the Hebrew, Arabic, Syriac and Thaana scripts or one of their presentation
/// forms. Their digits are written from left to right.
pub(in crate::pdf) fn is_right_to_left(char: char) -> bool {
    let block = matches!(char, '\u{590}'..='\u{7bf}' | '\u{8a0}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}');
    block && (char.is_alphabetic() || is_mark(char.encode_utf8(&mut [0; 4])))
}

/// The glyphs of a word in the order in which they are read, from where they stand.
pub(super) fn by_place(glyphs: &[Glyph]) -> Vec<&Glyph> {
    let (marks, mut letters): (Vec<&Glyph>, Vec<&Glyph>) =
        glyphs.iter().partition(|glyph| is_mark(&glyph.text));
    letters.sort_by(|a, b| b.center().total_cmp(&a.center()));
    let is_letter = |glyph: &Glyph| glyph.text.chars().any(is_right_to_left);
    let is_other_letter = |glyph: &Glyph| !is_letter(glyph) && glyph.text.chars().any(char::is_alphanumeric);
    turn_back(
        &mut letters,
        |glyph| is_letter(glyph),
        |glyph| is_other_letter(glyph),
    );
    let mut on: Vec<Vec<&Glyph>> = vec![Vec::new(); letters.len()];
    let mut places: Vec<(f64, usize)> = letters
        .iter()
        .enumerate()
        .map(|(index, letter)| (letter.center(), index))
        .collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    for mark in marks {
        let next = places.partition_point(|(center, _)| *center < mark.center());
        let around = places.iter().skip(next.saturating_sub(1)).take(2);
        let nearest = around.min_by(|a, b| {
            let distance = |place: f64| (place - mark.center()).abs();
            distance(a.0).total_cmp(&distance(b.0))
        });
        if let Some(marks) = nearest.and_then(|(_, index)| on.get_mut(*index)) {
            marks.push(mark);
        }
    }
    letters
        .into_iter()
        .zip(on)
        .flat_map(|(letter, marks)| std::iter::once(letter).chain(marks))
        .collect()
}

/// Puts the stretches of a sequence that are written from left to right back into that order: from a member
/// that is to a last one, with anything but right-to-left in between.
pub(super) fn turn_back<T>(sequence: &mut [T], is_right: impl Fn(&T) -> bool, is_left: impl Fn(&T) -> bool) {
    let mut start = 0;
    while start < sequence.len() {
        if !is_left(&sequence[start]) {
            start += 1;
            continue;
        }
        let stretch = sequence[start..].iter().take_while(|member| !is_right(member));
        let end = stretch
            .enumerate()
            .filter(|(_, member)| is_left(member))
            .last()
            .map_or(start + 1, |(index, _)| start + index + 1);
        sequence[start..end].reverse();
        start = end;
    }
}

/// How much more the shapes of letters agree with reading words by place than from left to right: below zero,
/// the layer holds them from left to right in the order of reading.
pub(super) fn evidence_for_places<'a>(words: impl Iterator<Item = &'a [Glyph]>) -> i64 {
    words
        .map(|glyphs| {
            let read = by_place(glyphs);
            let mut other: Vec<&Glyph> = glyphs.iter().collect();
            other.sort_by(|a, b| a.center().total_cmp(&b.center()));
            agreement(&read) - agreement(&other)
        })
        .sum()
}

/// Neighbours that fit to each other and letters at their place in a word, less those that do not.
fn agreement(glyphs: &[&Glyph]) -> i64 {
    let letters: Vec<char> = glyphs
        .iter()
        .flat_map(|glyph| glyph.text.chars())
        .filter(|&char| is_right_to_left(char) && !is_mark(char.encode_utf8(&mut [0; 4])))
        .collect();
    let vote = |fits: bool| -> i64 { if fits { 1 } else { -1 } };
    let pairs = letters.windows(2).filter_map(|pair| match pair {
        [a, b] => Some(vote(joined_sides(*a)?.1 == joined_sides(*b)?.0)),
        _ => None,
    });
    let ends = [
        letters
            .first()
            .and_then(|&char| joined_sides(char))
            .map(|(before, _)| vote(!before)),
        letters
            .last()
            .and_then(|&char| joined_sides(char))
            .map(|(_, after)| vote(!after)),
    ];
    let last =
        |char: Option<&char>| i64::from(letters.len() > 1 && char.is_some_and(|&char| ends_words(char)));
    pairs.sum::<i64>() + ends.into_iter().flatten().sum::<i64>() + last(letters.last())
        - last(letters.first())
}

/// Whether a letter in an Arabic presentation form (block B) is joined to the one before it, and to the one
/// after it; `None` for other letters.
fn joined_sides(char: char) -> Option<(bool, bool)> {
    let code = u32::from(char);
    // The forms of a letter follow each other: isolated, final and, where there are four, initial, medial.
    let form = match code {
        0xfe80 => 0,
        0xfe81..=0xfe88
        | 0xfe8d..=0xfe8e
        | 0xfe93..=0xfe94
        | 0xfea9..=0xfeb0
        | 0xfeed..=0xfef0
        | 0xfef5..=0xfefc => (code + 1) % 2,
        0xfe8f..=0xfe92 => (code + 1) % 4,
        0xfe89..=0xfe8c | 0xfe95..=0xfea8 | 0xfeb1..=0xfeec | 0xfef1..=0xfef4 => (code + 3) % 4,
        _ => return None,
    };
    Some((matches!(form, 1 | 3), matches!(form, 2 | 3)))
}

/// Letters that stand at the end of a word only: the final letters of Hebrew, teh marbuta, alef maksura.
fn ends_words(char: char) -> bool {
    matches!(
        char,
        '\u{5da}' | '\u{5dd}' | '\u{5df}' | '\u{5e3}' | '\u{5e5}' | '\u{629}' | '\u{649}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_say_on_which_sides_a_letter_is_joined() {
        // Hamza; alef: isolated, final; beh and yeh: isolated, final, initial, medial.
        assert_eq!(joined_sides('\u{fe80}'), Some((false, false)));
        assert_eq!(joined_sides('\u{fe8d}'), Some((false, false)));
        assert_eq!(joined_sides('\u{fe8e}'), Some((true, false)));
        for first in ['\u{fe8f}', '\u{fef1}', '\u{feb1}'] {
            let form = |step: u32| joined_sides(char::from_u32(u32::from(first) + step).unwrap());
            assert_eq!(form(0), Some((false, false)));
            assert_eq!(form(1), Some((true, false)));
            assert_eq!(form(2), Some((false, true)));
            assert_eq!(form(3), Some((true, true)));
        }
        assert_eq!(joined_sides('\u{627}'), None);
    }
}
