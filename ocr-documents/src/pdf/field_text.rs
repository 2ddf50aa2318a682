//! Where the words of a value stand in its field, about as viewers set them.

use hayro::kurbo::{Point, Rect, Vec2};

/// Distance of the text from the sides of its field, in points.
const PADDING: f64 = 2.0;

/// Size of text for which the file leaves the choice, in points, at most.
const AUTOMATIC_SIZE: f64 = 12.0;

/// Minimum size of a text that is made to fit, in points.
const MIN_SIZE: f64 = 4.0;

/// Distance of lines, in ems.
const LEADING: f64 = 1.15;

/// Height of the letters above the baseline, in ems.
const ASCENT: f64 = 0.75;

/// Height of capital letters, in ems.
const CAPITALS: f64 = 0.7;

/// Usual width of a letter, of a wide (East Asian) one and of a space, in ems.
const LETTER: f64 = 0.5;
const WIDE_LETTER: f64 = 1.0;
const SPACE: f64 = 0.28;

/// How a value is set.
pub(super) struct Style {
    /// Size of the font in points; `None` for one that fits.
    pub(super) size: Option<f64>,
    /// Whether long lines are broken.
    pub(super) multiline: bool,
    /// 0 from the left, 1 in the middle, 2 to the right.
    pub(super) alignment: i32,
}

/// A word on the page as stored, in points.
pub(super) struct PlacedWord {
    pub(super) text: String,
    pub(super) size: f64,
    /// Start of its baseline.
    pub(super) origin: Point,
    /// From there to the end of the word.
    pub(super) advance: Vec2,
}

/// The area of a field as its text sees it.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    /// The lower left corner of the text.
    corner: Point,
    /// Direction of writing.
    along: Vec2,
    /// From the baseline up.
    up: Vec2,
    width: f64,
    height: f64,
}

impl Frame {
    /// Text in `area` that is turned counter-clockwise by quarters; y goes up.
    pub(super) fn new(area: Rect, quarters: u32) -> Self {
        let (right, up) = (Vec2::new(1.0, 0.0), Vec2::new(0.0, 1.0));
        let (corner, along, up) = match quarters % 4 {
            0 => ((area.x0, area.y0), right, up),
            1 => ((area.x1, area.y0), up, -right),
            2 => ((area.x1, area.y1), -right, -up),
            _ => ((area.x0, area.y1), -up, right),
        };
        let (width, height) = if quarters.is_multiple_of(2) {
            (area.width(), area.height())
        } else {
            (area.height(), area.width())
        };
        Self {
            corner: corner.into(),
            along,
            up,
            width,
            height,
        }
    }
}

/// The words of a value, line by line. Each has one box, as wide as its letters usually are.
pub(super) fn placed(text: &str, frame: Frame, style: &Style) -> Vec<PlacedWord> {
    let room = (frame.width - 2.0 * PADDING).max(1.0);
    let lines: Vec<&str> = text
        .split(['\n', '\r'])
        .filter(|line| !line.trim().is_empty())
        .collect();
    let fitting = frame.height / (LEADING * lines.len().max(1) as f64);
    let automatic = fitting.clamp(MIN_SIZE, AUTOMATIC_SIZE);
    let size = style.size.unwrap_or(automatic).min(frame.height.max(MIN_SIZE));
    let lines: Vec<Vec<&str>> = lines
        .into_iter()
        .flat_map(|line| {
            broken(
                line,
                if style.multiline {
                    room / size
                } else {
                    f64::INFINITY
                },
            )
        })
        .collect();
    let top = if style.multiline || lines.len() > 1 {
        frame.height - PADDING
    } else {
        // The middle of capital letters is that of the field.
        frame.height / 2.0 + size * (ASCENT - CAPITALS / 2.0)
    };
    let mut placed = Vec::new();
    for (index, line) in lines.into_iter().enumerate() {
        let baseline = top - size * (ASCENT + LEADING * index as f64);
        let natural = width(&line) * size;
        let scale = (room / natural.max(f64::MIN_POSITIVE)).min(1.0);
        let free = room - natural * scale;
        let mut at = PADDING
            + match style.alignment {
                1 => free / 2.0,
                2 => free,
                _ => 0.0,
            };
        for word in as_seen(line) {
            let advance = letters(word) * size * scale;
            placed.push(PlacedWord {
                text: word.to_owned(),
                size,
                origin: frame.corner + frame.along * at + frame.up * baseline,
                advance: frame.along * advance,
            });
            at += advance + SPACE * size * scale;
        }
    }
    placed
}

/// A line as lines of words no wider than `room` ems, where a word is not wider itself.
fn broken(line: &str, room: f64) -> Vec<Vec<&str>> {
    let mut lines: Vec<Vec<&str>> = Vec::new();
    let mut used = 0.0;
    for word in line.split_whitespace() {
        let needed = SPACE + letters(word);
        match lines.last_mut() {
            Some(open) if used + needed <= room => {
                open.push(word);
                used += needed;
            }
            _ => {
                lines.push(vec![word]);
                used = letters(word);
            }
        }
    }
    lines
}

/// Width of a line of words in ems.
fn width(line: &[&str]) -> f64 {
    let letters: f64 = line.iter().map(|word| letters(word)).sum();
    letters + SPACE * line.len().saturating_sub(1) as f64
}

/// Width of a word in ems.
fn letters(word: &str) -> f64 {
    let letter = |char: char| match char {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff01}'..='\u{ff60}'
        | '\u{20000}'..='\u{3ffff}' => WIDE_LETTER,
        _ => LETTER,
    };
    word.chars().map(letter).sum()
}

/// The words of a line from left to right: right-to-left ones stand the other way round.
fn as_seen(mut line: Vec<&str>) -> Vec<&str> {
    let is_right = |word: &&str| word.chars().any(super::text::is_right_to_left);
    if line.iter().filter(|word| is_right(word)).count() * 2 > line.len() {
        line.reverse();
    }
    line
}
