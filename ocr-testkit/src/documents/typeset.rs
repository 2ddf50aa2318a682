//! From lines of text to the pixels of a page.

use ocr_core::page::{PageImage, PixelFormat};

use super::stroke_font::{Stroke, glyph};

/// Millimetres an inch.
const MM: f32 = 25.4;
/// Heights of a capital that a line takes, leading included.
const LINE_HEIGHT: f32 = 2.1;
/// Space between letters, in eighths of the cap height, beyond the glyph's own.
const TRACKING: f32 = 0.4;

/// How text becomes a page: black on white, with a round pen, in one or more columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Typeset {
    width_mm: f32,
    height_mm: f32,
    dpi: f32,
    cap_height_mm: f32,
    margin_mm: f32,
    columns: usize,
}

impl Default for Typeset {
    fn default() -> Self {
        Self::a4()
    }
}

impl Typeset {
    /// An A4 page at 200 dpi in a 12 point size, one column.
    pub fn a4() -> Self {
        Self {
            width_mm: 210.0,
            height_mm: 297.0,
            dpi: 200.0,
            cap_height_mm: 3.0,
            margin_mm: 20.0,
            columns: 1,
        }
    }

    /// A page just big enough for a few lines: 120 by 60 mm.
    pub fn card() -> Self {
        Self {
            width_mm: 120.0,
            height_mm: 60.0,
            margin_mm: 8.0,
            ..Self::a4()
        }
    }

    /// The same at another resolution, in dots per inch.
    pub fn with_dpi(self, dpi: f32) -> Self {
        Self { dpi, ..self }
    }

    /// The same in another size: the height of a capital in millimetres; 3 is 12 point.
    pub fn with_cap_height(self, cap_height_mm: f32) -> Self {
        Self {
            cap_height_mm,
            ..self
        }
    }

    /// The same in several columns. Lines fill the first column, then the next.
    pub fn with_columns(self, columns: usize) -> Self {
        Self {
            columns: columns.max(1),
            ..self
        }
    }

    /// Lines that one column holds.
    pub fn lines_in_column(&self) -> usize {
        ((self.height_mm - 2.0 * self.margin_mm) / (self.cap_height_mm * LINE_HEIGHT)) as usize
    }

    /// The text broken into lines that fit a column; an empty line between paragraphs is kept.
    pub fn wrap(&self, text: &str) -> Vec<String> {
        let room = self.column_width() / self.unit();
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let longer = if line.is_empty() {
                    word.to_owned()
                } else {
                    format!("{line} {word}")
                };
                if text_width(&longer) > room && !line.is_empty() {
                    lines.push(std::mem::replace(&mut line, word.to_owned()));
                } else {
                    line = longer;
                }
            }
            lines.push(line);
        }
        lines
    }

    /// The page with `text`, wrapped. What does not fit is left out.
    pub fn page(&self, text: &str) -> PageImage {
        self.page_of_lines(&self.wrap(text))
    }

    /// The page with these lines as they are.
    pub fn page_of_lines<T: AsRef<str>>(&self, lines: &[T]) -> PageImage {
        let pixels = |mm: f32| (mm / MM * self.dpi).round() as usize;
        let mut canvas = Canvas::new(pixels(self.width_mm), pixels(self.height_mm));
        let (unit, per_column) = (self.unit(), self.lines_in_column().max(1));
        let margin = self.margin_mm / MM * self.dpi;
        let step = self.column_width() + self.gutter();
        for (index, line) in lines.iter().enumerate().take(per_column * self.columns) {
            let left = margin + (index / per_column) as f32 * step;
            let base = margin + ((index % per_column) as f32 * LINE_HEIGHT + 1.0) * unit * 8.0;
            canvas.draw_line(line.as_ref(), left, base, unit);
        }
        canvas.into_page(self.dpi)
    }

    /// Pixels of an eighth of the cap height.
    fn unit(&self) -> f32 {
        self.cap_height_mm / MM * self.dpi / 8.0
    }

    /// Pixels between columns.
    fn gutter(&self) -> f32 {
        12.0 / MM * self.dpi
    }

    /// Pixels of a column's width.
    fn column_width(&self) -> f32 {
        let text = (self.width_mm - 2.0 * self.margin_mm) / MM * self.dpi;
        let columns = self.columns as f32;
        (text - (columns - 1.0) * self.gutter()) / columns
    }
}

/// Width of a line in eighths of the cap height.
fn text_width(text: &str) -> f32 {
    text.chars().map(|character| glyph(character).0 + TRACKING).sum()
}

/// Ink on white paper.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: vec![255; width * height],
        }
    }

    fn draw_line(&mut self, text: &str, left: f32, base: f32, unit: f32) {
        let mut x = left;
        for character in text.chars() {
            let (width, strokes) = glyph(character);
            for stroke in strokes {
                let placed: Stroke = stroke
                    .iter()
                    .map(|(sx, sy)| (x + sx * unit, base - sy * unit))
                    .collect();
                self.draw_stroke(&placed, 0.5 * unit);
            }
            x += (width + TRACKING) * unit;
        }
    }

    fn draw_stroke(&mut self, points: &[(f32, f32)], radius: f32) {
        match points {
            [point] => self.draw_segment(*point, *point, radius),
            _ => {
                for pair in points.windows(2) {
                    if let [from, to] = pair {
                        self.draw_segment(*from, *to, radius);
                    }
                }
            }
        }
    }

    /// Inks what lies within `radius` of the segment, with an edge one pixel soft.
    fn draw_segment(&mut self, from: (f32, f32), to: (f32, f32), radius: f32) {
        let reach = radius + 1.0;
        let span = |a: f32, b: f32, limit: usize| {
            let first = (a.min(b) - reach).floor().max(0.0) as usize;
            let last = (a.max(b) + reach).ceil().max(0.0) as usize;
            first..(last + 1).min(limit)
        };
        for y in span(from.1, to.1, self.height) {
            for x in span(from.0, to.0, self.width) {
                let centre = (x as f32 + 0.5, y as f32 + 0.5);
                let ink = (radius + 0.5 - distance(centre, from, to)).clamp(0.0, 1.0);
                if let Some(pixel) = self.pixels.get_mut(y * self.width + x) {
                    *pixel = (*pixel).min((255.0 * (1.0 - ink)) as u8);
                }
            }
        }
    }

    fn into_page(self, dpi: f32) -> PageImage {
        PageImage::new(
            self.width as u32,
            self.height as u32,
            PixelFormat::Gray8,
            self.pixels,
        )
        .expect("the canvas has a byte for each pixel")
        .with_dpi(Some(dpi))
    }
}

/// Distance of `point` from the segment.
fn distance(point: (f32, f32), from: (f32, f32), to: (f32, f32)) -> f32 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx * dx + dy * dy;
    let along = if length == 0.0 {
        0.0
    } else {
        (((point.0 - from.0) * dx + (point.1 - from.1) * dy) / length).clamp(0.0, 1.0)
    };
    (point.0 - from.0 - along * dx).hypot(point.1 - from.1 - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_lies_where_the_lines_are() {
        let page = Typeset::card().page_of_lines(&["HELLO", "", "WORLD"]);
        let inked = |from: u32, to: u32| {
            let row = page.width() as usize;
            page.pixels()[from as usize * row..to as usize * row]
                .iter()
                .filter(|pixel| **pixel < 128)
                .count()
        };
        assert!(inked(55, 95) > 500, "the first line has ink");
        assert_eq!(inked(0, 50), 0, "the margin has none");
        assert_eq!(inked(100, 140), 0, "nor has the empty line");
    }

    #[test]
    fn long_text_is_wrapped_and_no_word_is_lost() {
        let text = "some words that are repeated ".repeat(60);
        let sheet = Typeset::a4().with_columns(2);
        let lines = sheet.wrap(&text);
        assert!(lines.len() > 10);
        assert_eq!(lines.join(" "), text.trim());
        assert!(
            lines
                .iter()
                .all(|line| text_width(line) * sheet.unit() <= sheet.column_width())
        );
    }
}
