//! Code 39 (ISO/IEC 16388): which bars and spaces are wide, and what they spell.
//!
//! A character is nine elements, five bars and four spaces, of which three are wide; a narrow space
//! separates characters, and `*` begins and ends the code.

/// Begins and ends every code; never part of the text.
pub const START_STOP: char = '*';

/// Bars and spaces of one character.
pub const ELEMENTS: usize = 9;

/// The characters of each group, and which of the four spaces is the wide one.
const GROUPS: [(&str, usize); 4] = [
    ("1234567890", 1),
    ("ABCDEFGHIJ", 2),
    ("KLMNOPQRST", 3),
    ("UVWXYZ-. *", 0),
];

/// Which two of the five bars are wide, by the place of a character in its group.
const WIDE_BARS: [[usize; 2]; 10] = [
    [0, 4],
    [1, 4],
    [0, 1],
    [2, 4],
    [0, 2],
    [1, 2],
    [3, 4],
    [0, 3],
    [1, 3],
    [2, 3],
];

/// Characters with narrow bars only, and the one space that is narrow too.
const NARROW_BARS: [(char, usize); 4] = [('$', 3), ('/', 2), ('+', 1), ('%', 0)];

/// Which elements of `character` are wide, beginning with a bar; `None` if Code 39 lacks it.
pub fn pattern(character: char) -> Option<[bool; ELEMENTS]> {
    let mut wide = [false; ELEMENTS];
    if let Some((_, narrow)) = NARROW_BARS.iter().find(|(other, _)| *other == character) {
        for space in (0..4).filter(|space| space != narrow) {
            wide[2 * space + 1] = true;
        }
        return Some(wide);
    }
    let (place, space) = GROUPS
        .iter()
        .find_map(|(group, space)| Some((group.chars().position(|other| other == character)?, *space)))?;
    for bar in WIDE_BARS.get(place)? {
        wide[2 * bar] = true;
    }
    wide[2 * space + 1] = true;
    Some(wide)
}

/// The character with these wide elements.
fn character(wide: &[bool]) -> Option<char> {
    let letters = GROUPS.iter().flat_map(|(group, _)| group.chars());
    letters
        .chain(NARROW_BARS.iter().map(|(character, _)| *character))
        .find(|character| pattern(*character).is_some_and(|pattern| pattern == wide))
}

/// A code that was found in a row of pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it says, without its start and stop.
    pub text: String,
    /// First pixel of its first bar.
    pub left: usize,
    /// Pixel behind its last bar.
    pub right: usize,
}

/// The first code in a row of gray pixels, 0 black to 255 white.
pub fn read_row(row: &[u8]) -> Option<Found> {
    let runs = runs(row);
    // Bars are the odd runs: the first run is white, perhaps of no pixels.
    (1..runs.len())
        .step_by(2)
        .find_map(|first| read_from(&runs, first))
}

/// Lengths of the runs of white and black pixels in turn, white first.
fn runs(row: &[u8]) -> Vec<usize> {
    let (darkest, lightest) = row.iter().fold((255, 0), |(dark, light): (u8, u8), pixel| {
        (dark.min(*pixel), light.max(*pixel))
    });
    let threshold = u8::midpoint(darkest, lightest);
    let (mut runs, mut black) = (vec![0], false);
    for pixel in row {
        if (*pixel <= threshold) != black {
            black = !black;
            runs.push(0);
        }
        if let Some(last) = runs.last_mut() {
            *last += 1;
        }
    }
    runs
}

/// The code whose first bar is run `first`.
fn read_from(runs: &[usize], first: usize) -> Option<Found> {
    let mut text = String::new();
    let mut at = first;
    loop {
        let character = character(&wide_elements(runs.get(at..at + ELEMENTS)?)?)?;
        match (at == first, character == START_STOP) {
            (true, true) => {}
            (true, false) => return None,
            (false, false) => text.push(character),
            (false, true) => {
                let text = text.trim().to_owned();
                let left = runs.get(..first)?.iter().sum();
                let right = runs.get(..at + ELEMENTS)?.iter().sum();
                return (!text.is_empty()).then_some(Found { text, left, right });
            }
        }
        // Over the space between two characters.
        at += ELEMENTS + 1;
    }
}

/// Which elements are wide: the three widest, if they stand out.
fn wide_elements(runs: &[usize]) -> Option<[bool; ELEMENTS]> {
    let mut sorted = runs.to_vec();
    sorted.sort_unstable();
    let (widest_narrow, narrowest_wide) = (*sorted.get(ELEMENTS - 4)?, *sorted.get(ELEMENTS - 3)?);
    // Wide elements are 2 to 3 times as wide as narrow ones.
    if 2 * narrowest_wide < 3 * widest_narrow {
        return None;
    }
    let mut wide = [false; ELEMENTS];
    for (element, run) in wide.iter_mut().zip(runs) {
        *element = *run >= narrowest_wide;
    }
    Some(wide)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print;

    #[test]
    fn every_character_has_three_wide_elements_of_its_own() {
        let all = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*";
        for one in all.chars() {
            let wide = pattern(one).unwrap();
            assert_eq!(wide.iter().filter(|wide| **wide).count(), 3, "{one}");
            assert_eq!(character(&wide), Some(one));
        }
        assert_eq!(pattern('a'), None);
    }

    #[test]
    fn known_patterns_of_the_standard() {
        let shown = |character| -> String {
            let wide = pattern(character).unwrap();
            wide.iter().map(|wide| if *wide { 'w' } else { 'n' }).collect()
        };
        assert_eq!(shown('*'), "nwnnwnwnn");
        assert_eq!(shown('1'), "wnnwnnnnw");
        assert_eq!(shown('A'), "wnnnnwnnw");
        assert_eq!(shown('$'), "nwnwnwnnn");
    }

    #[test]
    fn a_printed_code_reads_back_from_any_place_in_the_row() {
        for margin in [0, 1, 40] {
            let mut row = vec![230; margin];
            row.extend(print::row("AB-12").unwrap());
            row.extend([230; 7]);
            let found = read_row(&row).unwrap();
            assert_eq!((found.text.as_str(), found.left), ("AB-12", margin));
        }
    }

    #[test]
    fn rows_without_a_code_give_none() {
        let halves: Vec<u8> = (0..200).map(|x| if x % 2 == 0 { 0 } else { 255 }).collect();
        for row in [&[][..], &[7], &[255; 300], &halves] {
            assert_eq!(read_row(row), None);
        }
    }
}
