//! What marks an item of a list.

/// How items are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MarkerStyle {
    /// A dot, a dash or another sign.
    Bullet,
    /// 1, 2, 3
    Decimal,
    /// a, b, c
    Letter {
        /// Whether they are capitals.
        upper: bool,
    },
    /// i, ii, iii, below 40
    Roman {
        /// Whether they are capitals.
        upper: bool,
    },
}

/// What stands before an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Marker {
    /// How it is written.
    pub style: MarkerStyle,
    /// Its number, as is written; 0 for a bullet.
    pub number: u32,
    /// What stands around the number: `("", ".")`, `("", ")")` or `("(", ")")`; nothing around a bullet.
    pub around: (&'static str, &'static str),
}

impl Marker {
    const BULLET: Self = Self {
        style: MarkerStyle::Bullet,
        number: 0,
        around: ("", ""),
    };

    /// Whether it is written as `other` is.
    pub fn is_like(&self, other: &Self) -> bool {
        (self.style, self.around) == (other.style, other.around)
    }

    /// Whether it is the number after `before`.
    pub fn follows(&self, before: &Self) -> bool {
        self.style != MarkerStyle::Bullet && self.is_like(before) && self.number == before.number + 1
    }
}

/// A marker at the beginning of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) marker: Marker,
    /// Where the text after it begins, in bytes.
    pub(super) text: usize,
    /// Whether the sign begins other text too: a dash, a star.
    pub(super) is_weak: bool,
}

/// What a line may be marked with; of a letter that is a Roman number too, both.
pub(super) fn markers(line: &str) -> Vec<Found> {
    let start = line.len() - line.trim_start().len();
    let trimmed = &line[start..];
    let sign = trimmed.split(char::is_whitespace).next().unwrap_or_default();
    let after = |length: usize| {
        let rest = &trimmed[length..];
        start + length + (rest.len() - rest.trim_start().len())
    };
    if let Some((length, is_weak)) = bullet(trimmed, sign) {
        let marker = Marker::BULLET;
        let text = after(length);
        return vec![Found {
            marker,
            text,
            is_weak,
        }];
    }
    let Some((around, number)) = bracketed(sign) else {
        return Vec::new();
    };
    let text = after(sign.len());
    let found = |(style, number)| Found {
        marker: Marker {
            style,
            number,
            around,
        },
        text,
        is_weak: false,
    };
    numbers(number).into_iter().map(found).collect()
}

/// How long the bullet is that a line begins with, in bytes, and whether it begins other text too.
fn bullet(line: &str, sign: &str) -> Option<(usize, bool)> {
    /// Recognised text often has no space behind these. The last four are those of the fonts Symbol and Wingdings,
    /// which text layers have from Word.
    const TIGHT: [char; 12] = [
        '\u{2022}', '\u{25cf}', '\u{25aa}', '\u{25a0}', '\u{25e6}', '\u{2023}', '\u{25ab}', '\u{2043}',
        '\u{f0b7}', '\u{f0a7}', '\u{f0d8}', '\u{f0fc}',
    ];
    const LOOSE: [&str; 7] = ["-", "\u{2013}", "\u{2014}", "*", "\u{b7}", "\u{25cb}", "\u{25a1}"];
    let first = line.chars().next()?;
    if TIGHT.contains(&first) {
        return Some((first.len_utf8(), false));
    }
    LOOSE.contains(&sign).then_some((sign.len(), true))
}

/// The number inside `1.`, `1)` or `(1)`, and what stands around it.
fn bracketed(sign: &str) -> Option<((&'static str, &'static str), &str)> {
    if let Some(number) = sign.strip_prefix('(') {
        return Some((("(", ")"), number.strip_suffix(')')?));
    }
    match sign.strip_suffix('.') {
        Some(number) => Some((("", "."), number)),
        None => Some((("", ")"), sign.strip_suffix(')')?)),
    }
}

/// What `text` may be as a number, the likelier meaning first.
fn numbers(text: &str) -> Vec<(MarkerStyle, u32)> {
    // A longer one is a year, or something else.
    if (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text
            .parse()
            .map(|number| (MarkerStyle::Decimal, number))
            .into_iter()
            .collect();
    }
    let upper = text.starts_with(|c: char| c.is_ascii_uppercase());
    let is_of_one_case = text
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() && byte.is_ascii_uppercase() == upper);
    if text.is_empty() || !is_of_one_case {
        return Vec::new();
    }
    let roman = roman_number(text).map(|number| (MarkerStyle::Roman { upper }, number));
    let letter = (text.len() == 1).then(|| {
        let place = u32::from(text.as_bytes()[0].to_ascii_lowercase() - b'a') + 1;
        (MarkerStyle::Letter { upper }, place)
    });
    // A list begins with the Roman one rather than with the ninth letter.
    let roman_first = roman.is_some_and(|(_, number)| number == 1);
    let both = if roman_first {
        [roman, letter]
    } else {
        [letter, roman]
    };
    both.into_iter().flatten().collect()
}

/// The value of a Roman number below 40.
fn roman_number(text: &str) -> Option<u32> {
    const UNITS: [&str; 10] = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
    let text = text.to_ascii_lowercase();
    let units = text.trim_start_matches('x');
    let tens = text.len() - units.len();
    let unit = UNITS.iter().position(|unit| *unit == units)?;
    (tens <= 3 && !text.is_empty()).then_some(10 * tens as u32 + unit as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(line: &str) -> Option<(MarkerStyle, u32, &str)> {
        let found = *markers(line).first()?;
        Some((found.marker.style, found.marker.number, &line[found.text..]))
    }

    #[test]
    fn signs_numbers_and_letters_are_markers() {
        use MarkerStyle::{Bullet, Decimal, Letter, Roman};
        let (lower, upper) = (false, true);
        for (line, expected) in [
            ("• dot", (Bullet, 0, "dot")),
            ("  •tight", (Bullet, 0, "tight")),
            ("\u{f0b7}  Word", (Bullet, 0, "Word")),
            ("- dash", (Bullet, 0, "dash")),
            ("3. three", (Decimal, 3, "three")),
            ("(12) twelve", (Decimal, 12, "twelve")),
            ("a) x", (Letter { upper: lower }, 1, "x")),
            ("(ii) y", (Roman { upper: lower }, 2, "y")),
            ("IV. z", (Roman { upper }, 4, "z")),
            ("C. x", (Letter { upper }, 3, "x")),
            ("7)", (Decimal, 7, "")),
        ] {
            assert_eq!(first(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn what_begins_other_text_is_no_marker() {
        for line in [
            "1999 was",
            "1984. a year",
            "1.5 kg",
            "-5 degrees",
            "e.g. this",
            "Mr. X",
            "",
            "(",
            "word",
            "é) x",
        ] {
            assert_eq!(first(line), None, "{line}");
        }
    }

    #[test]
    fn a_letter_may_be_a_roman_number() {
        let styles = |line| {
            markers(line)
                .iter()
                .map(|found| found.marker.number)
                .collect::<Vec<_>>()
        };
        assert_eq!(styles("i. x"), [1, 9]);
        assert_eq!(styles("v. x"), [22, 5]);
    }
}
