//! Lists whose markers are Word's own.

use docx_rs::{
    AbstractNumbering, Docx, IndentLevel, Level, LevelJc, LevelText, NumberFormat, Numbering, NumberingId,
    Paragraph, SpecialIndentType, Start,
};

/// The library's own list has the first number.
const FIRST_ID: usize = 2;

/// Indent of items, in twips.
const INDENT: i32 = 420;

/// How items are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Bullet,
    Decimal,
    Letter { upper: bool },
    Roman { upper: bool },
}

impl Style {
    /// Its name in the format.
    fn name(self) -> &'static str {
        match self {
            Self::Bullet => "bullet",
            Self::Decimal => "decimal",
            Self::Letter { upper: false } => "lowerLetter",
            Self::Letter { upper: true } => "upperLetter",
            Self::Roman { upper: false } => "lowerRoman",
            Self::Roman { upper: true } => "upperRoman",
        }
    }
}

/// What stands before an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Marker {
    style: Style,
    /// What stands around the number, or the bullet.
    around: (&'static str, &'static str),
    number: usize,
}

const BULLET: Marker = Marker {
    style: Style::Bullet,
    around: ("\u{2022}", ""),
    number: 1,
};

/// An item without its marker.
#[derive(Debug, PartialEq, Eq)]
struct Item<'a> {
    marker: Marker,
    lines: Vec<&'a str>,
}

/// The lists of a document.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// The first marker of each list.
    lists: Vec<Marker>,
    /// The marker of the last item.
    last: Option<Marker>,
}

impl Lists {
    /// The items of a block with these lines, each as the number of its list and its lines.
    pub(super) fn items<'a>(&mut self, lines: impl Iterator<Item = &'a str>) -> Vec<(usize, Vec<&'a str>)> {
        self.last = None;
        let items = items(lines).into_iter();
        items
            .map(|item| (self.list_of(item.marker), item.lines))
            .collect()
    }

    /// The number of the list that `marker` goes on with or begins.
    fn list_of(&mut self, marker: Marker) -> usize {
        let goes_on = self.last.is_some_and(|last| {
            let follows = marker.style == Style::Bullet || marker.number == last.number + 1;
            follows && (last.style, last.around) == (marker.style, marker.around)
        });
        if !goes_on {
            self.lists.push(marker);
        }
        self.last = Some(marker);
        FIRST_ID + self.lists.len() - 1
    }

    /// Defines the lists in a document.
    pub(super) fn define(self, docx: Docx) -> Docx {
        let lists = self.lists.into_iter().enumerate();
        lists.fold(docx, |docx, (index, marker)| {
            let id = FIRST_ID + index;
            let (before, behind) = marker.around;
            let number = if marker.style == Style::Bullet { "" } else { "%1" };
            let level = Level::new(
                0,
                Start::new(marker.number),
                NumberFormat::new(marker.style.name()),
                LevelText::new(format!("{before}{number}{behind}")),
                LevelJc::new("left"),
            );
            let level = level.indent(Some(INDENT), Some(SpecialIndentType::Hanging(INDENT)), None, None);
            docx.add_abstract_numbering(AbstractNumbering::new(id).add_level(level))
                .add_numbering(Numbering::new(id, id))
        })
    }
}

/// `paragraph` as an item of the list of this number.
pub(super) fn item(paragraph: Paragraph, list: usize) -> Paragraph {
    paragraph.numbering(NumberingId::new(list), IndentLevel::new(0))
}

/// The items of a list. A line without a marker goes on with the item before it; where no line has one, each is an
/// item.
fn items<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Item<'a>> {
    let mut items: Vec<Item> = Vec::new();
    let mut unmarked = Vec::new();
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        let last = items.last().map(|item| item.marker);
        match (marker(line, last), items.last_mut()) {
            (Some((marker, text)), _) => items.push(Item {
                marker,
                lines: vec![text],
            }),
            (None, Some(item)) => item.lines.push(line),
            (None, None) => unmarked.push(line),
        }
    }
    let marked = items.len();
    let bullets = unmarked.into_iter().map(|line| Item {
        marker: BULLET,
        lines: vec![line],
    });
    items.extend(bullets);
    items.rotate_left(marked);
    items
}

/// The marker that a line begins with, and the rest. `last` is that of the item before, which tells the letter `i` from
/// the number.
fn marker(line: &str, last: Option<Marker>) -> Option<(Marker, &str)> {
    let (sign, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    // Recognised text often has no space behind a bullet.
    if let Some(rest) = line.strip_prefix([
        '\u{2022}', '\u{25cf}', '\u{25aa}', '\u{25a0}', '\u{25e6}', '\u{2023}',
    ]) {
        return Some((BULLET, rest.trim_start()));
    }
    if matches!(
        sign,
        "-" | "\u{2013}" | "\u{2014}" | "*" | "\u{b7}" | "\u{25cb}" | "\u{25a1}"
    ) {
        return Some((BULLET, rest.trim_start()));
    }
    let (around, number) = match sign.strip_prefix('(') {
        Some(number) => (("(", ")"), number.strip_suffix(')')?),
        None => match sign.strip_suffix('.') {
            Some(number) => (("", "."), number),
            None => (("", ")"), sign.strip_suffix(')')?),
        },
    };
    let (style, number) = numbered(number, last)?;
    Some((
        Marker {
            style,
            around,
            number,
        },
        rest.trim_start(),
    ))
}

/// The number that `text` means, and how it is written.
fn numbered(text: &str, last: Option<Marker>) -> Option<(Style, usize)> {
    if text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((Style::Decimal, text.parse().ok()?));
    }
    let upper = text.starts_with(|c: char| c.is_ascii_uppercase());
    let one_case = text
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() && byte.is_ascii_uppercase() == upper);
    if !one_case || text.is_empty() {
        return None;
    }
    let (roman, letter) = (Style::Roman { upper }, Style::Letter { upper });
    let goes_on = |style, number| last.is_some_and(|last| last.style == style && last.number + 1 == number);
    let as_letter =
        (text.len() == 1).then(|| usize::from(text.as_bytes()[0].to_ascii_lowercase() - b'a') + 1);
    match (roman_number(text), as_letter) {
        (Some(number), None) => Some((roman, number)),
        (Some(number), Some(place)) if goes_on(roman, number) || (number == 1 && !goes_on(letter, place)) => {
            Some((roman, number))
        }
        (_, place) => Some((letter, place?)),
    }
}

/// The value of a Roman number below 40.
fn roman_number(text: &str) -> Option<usize> {
    const UNITS: [&str; 10] = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
    let text = text.to_ascii_lowercase();
    let units = text.trim_start_matches('x');
    let tens = text.len() - units.len();
    let unit = UNITS.iter().position(|unit| *unit == units)?;
    (tens <= 3 && !text.is_empty()).then_some(10 * tens + unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markers(lines: &[&str]) -> Vec<(&'static str, usize, String)> {
        let items = items(lines.iter().copied()).into_iter();
        items
            .map(|item| (item.marker.style.name(), item.marker.number, item.lines.join("|")))
            .collect()
    }

    #[test]
    fn markers_are_taken_off_and_lines_without_one_go_on() {
        let found = markers(&["3. three", "goes on", "4. four", "• dot", "•tight", "- dash"]);
        let texts = ["three|goes on", "four", "dot", "tight", "dash"].map(str::to_owned);
        let styles = ["decimal", "decimal", "bullet", "bullet", "bullet"];
        assert_eq!(
            found.iter().map(|found| found.2.clone()).collect::<Vec<_>>(),
            texts
        );
        assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), styles);
        assert_eq!(found[1].1, 4);
    }

    #[test]
    fn letters_and_roman_numbers_are_told_apart() {
        let kinds = |lines: &[&str]| {
            markers(lines)
                .into_iter()
                .map(|(name, number, _)| (name, number))
                .collect::<Vec<_>>()
        };
        assert_eq!(kinds(&["a) x", "b) y"]), [("lowerLetter", 1), ("lowerLetter", 2)]);
        assert_eq!(
            kinds(&["(i) x", "(ii) y"]),
            [("lowerRoman", 1), ("lowerRoman", 2)]
        );
        assert_eq!(kinds(&["h. x", "i. y", "j. z"])[1], ("lowerLetter", 9));
        assert_eq!(kinds(&["IV) x", "V) y"])[1], ("upperRoman", 5));
        assert_eq!(kinds(&["C. x"]), [("upperLetter", 3)]);
    }

    #[test]
    fn lines_without_any_marker_are_items() {
        assert_eq!(markers(&["first", "second"]).len(), 2);
        let mixed = markers(&["intro", "1. one"]);
        assert_eq!(mixed[0].2, "intro");
        assert_eq!(markers(&["1999 was", "e.g. this", "Mr. X"]).len(), 3);
    }

    #[test]
    fn a_list_goes_on_while_its_numbers_do() {
        let mut lists = Lists::default();
        let count = |lists: &mut Lists, lines: &[&'static str]| lists.items(lines.iter().copied()).len();
        assert_eq!(count(&mut lists, &["1. a", "2. b", "4. c", "a) d"]), 4);
        assert_eq!(lists.lists.len(), 3);
        assert_eq!(lists.lists[1].number, 4);
    }
}
