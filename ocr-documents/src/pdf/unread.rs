//! Where a page of text has words that its text does not tell: pictures, and letters drawn as shapes.

use std::collections::HashMap;

use hayro::kurbo::Rect;

use super::{page_size::POINTS_PER_INCH, survey::Survey};

/// Minimum width and height in stored pixels of a picture in which words can be read.
const MIN_PIXELS: (f64, f64) = (100.0, 40.0);

/// Minimum width and height in points, and part of the page, of a picture that is no ornament.
const MIN_PICTURE: (f64, f64, f64) = (50.0, 10.0, 0.008);

/// Distance in points below which pictures are parts of one.
const SEAM: f64 = 3.0;

/// Maximum number of pictures, and of rows of shapes, that are put together; the largest count.
const MAX_PARTS: usize = 400;

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

/// Distance in points between rows of letters that are read together.
const ROW_GAP: f64 = 10.0;

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
    fn rows(&self) -> Vec<Rect> {
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

/// The regions of a page that have to be read from its pixels, in points, and the resolution for it in dots per
/// inch.
pub(super) fn regions(survey: &Survey) -> (Vec<Rect>, f64) {
    let page = Rect::new(0.0, 0.0, survey.width, survey.height);
    let mut pictures: Vec<(Rect, f64)> = survey
        .images
        .iter()
        .filter(|picture| picture.bounds.area() > 0.0)
        .map(|picture| {
            let [a, b, c, d, _, _] = picture.transform.as_coeffs();
            let points = a.hypot(b).max(c.hypot(d)).max(f64::MIN_POSITIVE);
            (picture.bounds, 1.0 / points)
        })
        .collect();
    pictures.sort_by(|a, b| b.0.area().total_cmp(&a.0.area()));
    pictures.truncate(MAX_PARTS);
    let (width, height, part) = MIN_PICTURE;
    let mut regions = united(pictures, SEAM);
    regions.retain(|(bounds, density)| {
        bounds.width() >= width
            && bounds.height() >= height
            && bounds.area() >= part * page.area()
            && bounds.width() * density >= MIN_PIXELS.0
            && bounds.height() * density >= MIN_PIXELS.1
    });
    let dpi = regions
        .iter()
        .map(|(_, density)| density * POINTS_PER_INCH)
        .fold(0.0, f64::max);
    let mut rows = survey.shapes.rows();
    rows.sort_by(|a, b| b.area().total_cmp(&a.area()));
    rows.truncate(MAX_PARTS);
    let rows = rows.into_iter().map(|row| (row, 0.0)).collect();
    regions.extend(united(rows, ROW_GAP));
    (regions.into_iter().map(|(bounds, _)| bounds).collect(), dpi)
}

/// Boxes that touch within `seam` joined, with the largest of their densities.
fn united(boxes: Vec<(Rect, f64)>, seam: f64) -> Vec<(Rect, f64)> {
    let mut united: Vec<(Rect, f64)> = Vec::new();
    for (mut bounds, mut density) in boxes {
        // What the growing box reaches is taken in, until nothing more is in reach.
        while let Some(at) = united.iter().position(|(other, _)| {
            let reach = bounds.inflate(seam, seam);
            reach.x0 < other.x1 && other.x0 < reach.x1 && reach.y0 < other.y1 && other.y0 < reach.y1
        }) {
            let (other, finer) = united.swap_remove(at);
            bounds = bounds.union(other);
            density = density.max(finer);
        }
        united.push((bounds, density));
    }
    united
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_are_one_picture() {
        let strip = |row: f64| (Rect::new(50.0, row * 20.0, 250.0, row * 20.0 + 20.0), 2.0);
        let united = united((0..8).map(|row| strip(f64::from(row))).collect(), SEAM);
        assert_eq!(united, [(Rect::new(50.0, 0.0, 250.0, 160.0), 2.0)]);
    }

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
