//! Shapes on a page that could be letters turned into outlines.

use std::collections::HashMap;

use hayro::kurbo::Rect;

/// Maximum number of shapes that are kept; more are a drawing.
const MAX_SHAPES: usize = 20_000;

/// Heights in points of shapes that can be letters.
const LETTER_HEIGHTS: std::ops::RangeInclusive<f64> = 2.5..=72.0;

/// Corners of an average letter.
const LETTER_CORNERS: usize = 14;

/// Minimum number of letters in a row of shapes that is taken for words.
const MIN_LETTERS: usize = 4;

/// Widest gap between letters of a row, in heights of a letter.
const LETTER_GAP: f64 = 1.2;

/// Shapes that could be letters.
#[derive(Debug, Default)]
pub(super) struct Shapes(Vec<Shape>);

#[derive(Debug, Clone, Copy)]
struct Shape {
    bounds: Rect,
    /// How many letters it may be.
    letters: usize,
}

impl Shapes {
    /// Adds a filled shape with this many corners.
    pub(super) fn add(&mut self, bounds: Rect, corners: usize) {
        if self.0.len() < MAX_SHAPES && LETTER_HEIGHTS.contains(&bounds.height()) {
            let letters = (corners / LETTER_CORNERS).max(1);
            self.0.push(Shape { bounds, letters });
        }
    }

    /// Boxes around rows of shapes that stand side by side as letters do.
    pub(super) fn rows(&self) -> Vec<Rect> {
        let mut shapes = self.0.clone();
        shapes.sort_by(|a, b| a.bounds.x0.total_cmp(&b.bounds.x0));
        let mut rows: Vec<(Rect, Rect, usize)> = Vec::new();
        let mut bands: HashMap<i64, Vec<usize>> = HashMap::new();
        for shape in shapes {
            let band = (shape.bounds.center().y / LETTER_HEIGHTS.end()).floor() as i64;
            let near = (band - 1..=band + 1)
                .filter_map(|band| bands.get(&band))
                .flatten();
            let home = near.copied().rfind(|&row| {
                rows.get(row)
                    .is_some_and(|(_, last, _)| continues(*last, shape.bounds))
            });
            if let Some((row, last, letters)) = home.and_then(|row| rows.get_mut(row)) {
                *row = row.union(shape.bounds);
                *last = shape.bounds;
                *letters += shape.letters;
            } else {
                bands.entry(band).or_default().push(rows.len());
                rows.push((shape.bounds, shape.bounds, shape.letters));
            }
        }
        let words = rows
            .into_iter()
            .filter(|(row, _, letters)| *letters >= MIN_LETTERS && row.width() >= 1.5 * row.height());
        words.map(|(row, _, _)| row).collect()
    }
}

/// Whether a shape stands beside another like the next letter.
fn continues(last: Rect, next: Rect) -> bool {
    let height = last.height().max(next.height());
    let shared = last.y1.min(next.y1) - last.y0.max(next.y0);
    next.x0 - last.x1 <= LETTER_GAP * height && shared >= 0.4 * last.height().min(next.height())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_side_by_side_are_words_and_strewn_ones_are_not() {
        let mut shapes = Shapes::default();
        for letter in 0..8 {
            let left = 50.0 + f64::from(letter) * 9.0;
            shapes.add(Rect::new(left, 100.0, left + 7.0, 110.0), 12);
            shapes.add(Rect::new(left * 4.0, 300.0, left * 4.0 + 7.0, 310.0), 12);
        }
        assert_eq!(shapes.rows(), [Rect::new(50.0, 100.0, 120.0, 110.0)]);
    }
}
