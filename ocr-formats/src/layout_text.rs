//! Plain text that looks like the page.

use std::io;

use ocr_core::{
    formats::{FormatInfo, FormatInput},
    model::{Line, PageText, Rect},
};
use unicode_width::UnicodeWidthStr;

use crate::{Format, WriteError, direction::is_right_to_left, median::median};

/// No line is longer, in columns.
const MAX_COLUMNS: usize = 400;

/// No more empty lines than these stand for a gap, however high it is.
const MAX_EMPTY_LINES: usize = 3;

/// Plain text for a monospaced font that keeps words and columns where they are on the page; a form feed between
/// pages.
#[derive(Debug, Clone, Copy, Default)]
pub struct LayoutText;

impl Format for LayoutText {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("text-layout", "text/plain; charset=utf-8", "layout.txt")
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        for (index, page) in input.document.pages.iter().enumerate() {
            if index > 0 {
                output.write_all(b"\x0c")?;
            }
            output.write_all(layout(page).as_bytes())?;
        }
        Ok(())
    }
}

/// Text that stays together, and where it begins.
struct Piece {
    text: String,
    bounds: Rect,
}

/// Lines that stand beside each other.
struct Row {
    center: f32,
    height: f32,
    lines: Vec<Rect>,
    pieces: Vec<Piece>,
}

impl Row {
    fn new(bounds: Rect) -> Self {
        Self {
            center: bounds.center_y(),
            height: bounds.height(),
            lines: Vec::new(),
            pieces: Vec::new(),
        }
    }

    /// Whether a line stands beside those of the row, and not on one of them.
    fn takes(&self, bounds: Rect) -> bool {
        let near = (bounds.center_y() - self.center).abs() < 0.5 * self.height.min(bounds.height());
        let on = |other: &Rect| bounds.overlap_x(other) > 0.5 * bounds.width().min(other.width());
        near && !self.lines.iter().any(on)
    }
}

fn layout(page: &PageText) -> String {
    let rows = rows(page);
    let pieces = || rows.iter().flat_map(|row| &row.pieces);
    let left = pieces()
        .map(|piece| piece.bounds.left)
        .fold(f32::INFINITY, f32::min);
    let right = pieces().map(|piece| piece.bounds.right).fold(0.0, f32::max);
    let widths = pieces().map(|piece| piece.bounds.width() / piece.text.width().max(1) as f32);
    // What is too wide for the longest line is set closer as a whole, so that columns stay columns.
    let column = median(widths.filter(|width| *width > 0.0))
        .unwrap_or(1.0)
        .max((right - left) / MAX_COLUMNS as f32);
    let pitch = pitch(&rows);
    let mut text = String::new();
    let mut before: Option<f32> = None;
    for mut row in rows {
        let gap = before.map_or(0.0, |center| (row.center - center) / pitch);
        let empty = (gap.round() as usize).saturating_sub(1).min(MAX_EMPTY_LINES);
        text.extend(std::iter::repeat_n('\n', empty));
        before = Some(row.center);
        row.pieces
            .sort_by(|one, other| one.bounds.left.total_cmp(&other.bounds.left));
        let places = row.pieces.iter().map(|piece| {
            let place = ((piece.bounds.left - left) / column).round() as usize;
            (place, piece.text.as_str())
        });
        place(places, &mut text);
    }
    text
}

/// The lines of a page from its top on, those beside each other together.
fn rows(page: &PageText) -> Vec<Row> {
    let mut lines: Vec<(Rect, &Line)> = page
        .lines()
        .map(|line| (line.polygon.bounds(), line))
        .filter(|(_, line)| !line.text.trim().is_empty() || !line.words.is_empty())
        .collect();
    lines.sort_by(|(one, _), (other, _)| one.center_y().total_cmp(&other.center_y()));
    let aspect = page.height.max(1) as f32 / page.width.max(1) as f32;
    let mut rows: Vec<Row> = Vec::new();
    for (bounds, line) in lines {
        // A line that stands on another of the last row may yet stand beside those of the row before.
        let recent = rows.len().saturating_sub(3);
        let found = rows[recent..].iter().rposition(|row| row.takes(bounds));
        let index = found.map_or(rows.len(), |index| recent + index);
        if index == rows.len() {
            rows.push(Row::new(bounds));
        }
        let row = &mut rows[index];
        row.lines.push(bounds);
        row.pieces.extend(pieces(line, bounds, aspect));
    }
    rows
}

/// The parts of a line that are as far from each other as columns are; words as far from each other as words are stay
/// together. A line from right to left is one piece: the reader's screen turns it. The page is `aspect` times as high
/// as wide.
fn pieces(line: &Line, bounds: Rect, aspect: f32) -> Vec<Piece> {
    if line.words.is_empty() || is_right_to_left(&line.text) {
        let text = on_one_line(&line.text);
        return vec![Piece { text, bounds }];
    }
    let far = 0.6 * line.polygon.height() * aspect;
    let mut pieces: Vec<Piece> = Vec::new();
    for word in &line.words {
        let (text, bounds) = (on_one_line(&word.text), word.polygon.bounds());
        match pieces.last_mut() {
            _ if text.is_empty() => {}
            Some(before) if (0.0..far).contains(&(bounds.left - before.bounds.right)) => {
                before.text.push(' ');
                before.text.push_str(&text);
                before.bounds = before.bounds.union(bounds);
            }
            _ => pieces.push(Piece { text, bounds }),
        }
    }
    pieces
}

/// Text without what would move a printer or a screen.
fn on_one_line(text: &str) -> String {
    let parts = text.split(|c: char| c.is_whitespace() || c.is_control());
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// How far two rows without a gap are apart.
fn pitch(rows: &[Row]) -> f32 {
    let height = median(rows.iter().map(|row| row.height)).unwrap_or(0.0).max(1e-4);
    let steps = rows.windows(2).map(|pair| pair[1].center - pair[0].center);
    // A step of more than two lines is a gap, one of less than a line is none.
    let steps = steps.filter(|step| (height..2.0 * height).contains(step));
    median(steps).unwrap_or(1.3 * height)
}

/// Adds a row to `text`: each piece in its column, or a space behind the one before it. What does not fit goes on
/// in the next line.
fn place<'a>(pieces: impl Iterator<Item = (usize, &'a str)>, text: &mut String) {
    let mut used = 0;
    for (column, piece) in pieces {
        let width = piece.width();
        let mut start = match used {
            0 => column.min(MAX_COLUMNS.saturating_sub(width)),
            _ => column.max(used + 1),
        };
        if start + width > MAX_COLUMNS && used > 0 {
            // One that only starts too far to the right still fits here.
            start = used + 1;
            if start + width > MAX_COLUMNS {
                text.push('\n');
                (used, start) = (0, 0);
            }
        }
        text.extend(std::iter::repeat_n(' ', start - used));
        used = start;
        for character in piece.chars() {
            let wide = unicode_width::UnicodeWidthChar::width(character).unwrap_or(0);
            if used + wide > MAX_COLUMNS {
                text.push('\n');
                used = 0;
            }
            text.push(character);
            used += wide;
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::{Block, BlockKind, Polygon, Word};

    /// A line whose characters are a hundredth of the page wide.
    fn line(text: &str, left: f32, top: f32) -> Line {
        let mut x = left;
        let words = text.split(' ').map(|word| {
            let right = x + 0.01 * word.width() as f32;
            let polygon = Polygon::from_box(x, top, right, top + 0.02);
            x = right + 0.01;
            Word::new(word, polygon, 1.0)
        });
        let words: Vec<Word> = words.collect();
        let polygon = Polygon::enclosing(words.iter().map(|word| &word.polygon));
        Line::new(text, polygon, 1.0, words)
    }

    fn page(lines: Vec<Line>) -> PageText {
        let polygon = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
        PageText::empty(1, 1000, 1000).with_blocks(vec![Block::new(BlockKind::Paragraph, polygon, lines)])
    }

    #[test]
    fn columns_and_gaps_are_where_they_are_on_the_page() {
        let page = page(vec![
            line("Item", 0.1, 0.1),
            line("Pin 東京", 0.1, 0.125),
            line("Bolt", 0.1, 0.15),
            line("Price", 0.3, 0.101),
            line("1.50", 0.31, 0.126),
            line("Sum", 0.1, 0.225),
            line("far", 0.1, 0.9),
        ]);
        let expected = "Item                Price\nPin 東京             1.50\nBolt\n\n\nSum\n\n\n\nfar\n";
        assert_eq!(layout(&page), expected);
    }

    #[test]
    fn words_on_top_of_each_other_are_kept_apart() {
        let mut doubled = line("one two", 0.1, 0.1);
        doubled.words[1].polygon = doubled.words[0].polygon;
        let page = page(vec![doubled, line("again", 0.1, 0.1)]);
        assert_eq!(layout(&page), "one two\nagain\n");
    }

    #[test]
    fn no_line_is_too_long_and_nothing_is_lost() {
        let polygon = Polygon::from_box(f32::NAN, 0.5, f32::INFINITY, 0.6);
        let mut lines = vec![
            line(&"word ".repeat(300), 0.0, 0.1),
            line(&"x".repeat(1000), 0.0, 0.2),
        ];
        lines.push(Line::new(
            "lost\u{c}\nword",
            polygon,
            1.0,
            vec![Word::new("lost", polygon, 1.0)],
        ));
        let text = layout(&page(lines));
        assert!(text.lines().all(|line| line.width() <= MAX_COLUMNS), "{text}");
        assert_eq!(text.matches("word").count(), 300);
        assert_eq!(text.matches('x').count(), 1000);
        assert!(text.contains("lost"));
    }

    #[test]
    fn a_page_without_words_is_empty() {
        assert_eq!(layout(&PageText::empty(1, 1, 1)), "");
    }

    #[test]
    fn lines_from_right_to_left_keep_the_order_of_reading() {
        let page = page(vec![line("שלום עולם", 0.1, 0.1)]);
        assert_eq!(layout(&page), "שלום עולם\n");
    }
}
