//! Where a page of text has words that its text does not tell: pictures, and letters drawn as shapes.

use hayro::kurbo::Rect;

use super::{ground::overlap, page_size::POINTS_PER_INCH, survey::Survey};

/// Minimum width and height in stored pixels of a picture in which words can be read.
const MIN_PIXELS: (f64, f64) = (100.0, 40.0);

/// Minimum width and height in points, and part of the page, of a picture that is no ornament.
const MIN_PICTURE: (f64, f64, f64) = (50.0, 10.0, 0.008);

/// Distance in points below which pictures are parts of one.
const SEAM: f64 = 3.0;

/// Maximum number of pictures, and of rows of shapes, that are put together; the largest count.
const MAX_PARTS: usize = 400;

/// Distance in points between rows of letters that are read together.
const ROW_GAP: f64 = 10.0;

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
        while let Some(at) = united
            .iter()
            .position(|(other, _)| overlap(bounds.inflate(seam, seam), *other))
        {
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
}
