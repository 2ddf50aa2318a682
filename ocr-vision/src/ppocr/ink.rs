//! Where a page has anything on it, so that the detector does not look at its margins and at what was left empty.

use super::raster::Pixels;

/// Side in pixels of the squares that a page is judged by: the detector wants multiples of it.
pub(crate) const SQUARE: usize = 32;
/// Squares of empty rows between two areas that are looked at apart.
const APART: usize = 8;
/// Squares of empty paper that an area keeps on every side.
const MARGIN: usize = 1;
/// Squares an area has at least in either direction: letters alone are found worse than letters on paper. With the margins,
/// areas stay apart while this is no more than [`APART`].
const MIN_SQUARES: usize = 6;
/// Where areas hold more of a page than this, it is looked at as a whole.
const MOST: f32 = 0.85;
/// Difference of two values of a channel, of 255, that is never taken for something, and
const NOTHING: u8 = 8;
/// that is always.
const SOMETHING: u8 = 40;

/// A part of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// The areas of a picture, whose sides are multiples of [`SQUARE`], outside which there is nothing but paper: from top to
/// bottom, apart from each other, with sides that are such multiples too. None where it is empty; the whole where leaving
/// something out is not worth it.
pub(crate) fn inked(pixels: &Pixels) -> Vec<Area> {
    let (columns, rows) = (pixels.width / SQUARE, pixels.height / SQUARE);
    let contrasts = contrasts(pixels, columns, rows);
    let paper = paper(&contrasts);
    let is_inked = |row: usize, column: usize| contrasts[row * columns + column] > paper;
    let inked_rows = (0..rows).filter(|&row| (0..columns).any(|column| is_inked(row, column)));
    let mut bands: Vec<(usize, usize)> = Vec::new();
    for row in inked_rows {
        match bands.last_mut() {
            Some((_, end)) if row < *end + APART => *end = row + 1,
            _ => bands.push((row, row + 1)),
        }
    }
    let area = |(top, end): (usize, usize)| {
        let inked = |column: &usize| (top..end).any(|row| is_inked(row, *column));
        let left = (0..columns).find(inked).unwrap_or(0);
        let right = (0..columns).rev().find(inked).map_or(columns, |last| last + 1);
        let ((top, height), (left, width)) = (widened(top, end, rows), widened(left, right, columns));
        Area {
            left: left * SQUARE,
            top: top * SQUARE,
            width: width * SQUARE,
            height: height * SQUARE,
        }
    };
    let areas: Vec<Area> = bands.into_iter().map(area).collect();
    let covered: usize = areas.iter().map(|area| area.width * area.height).sum();
    if covered as f32 > MOST * (pixels.width * pixels.height) as f32 {
        return vec![Area {
            left: 0,
            top: 0,
            width: pixels.width,
            height: pixels.height,
        }];
    }
    areas
}

/// Start and length of a run of squares with its margins, no smaller than the least, within `all`.
fn widened(start: usize, end: usize, all: usize) -> (usize, usize) {
    let missing = MIN_SQUARES.saturating_sub(end - start + 2 * MARGIN);
    let start = start.saturating_sub(MARGIN + missing / 2);
    let end = (end + MARGIN + missing.div_ceil(2)).min(all);
    (start, end - start)
}

/// The difference between the least and the greatest value of each square, row by row: that of the channel in which it is
/// the greatest, since coloured letters may be as bright as their paper.
fn contrasts(pixels: &Pixels, columns: usize, rows: usize) -> Vec<u8> {
    let channels = pixels.channels;
    let mut least = vec![u8::MAX; columns * rows * channels];
    let mut greatest = vec![0_u8; columns * rows * channels];
    let lines = pixels.data.chunks_exact((pixels.width * channels).max(1));
    for (y, line) in lines.take(rows * SQUARE).enumerate() {
        let row = y / SQUARE * columns * channels;
        for (column, square) in line.chunks_exact(SQUARE * channels).enumerate() {
            let at = row + column * channels;
            let (least, greatest) = (&mut least[at..at + channels], &mut greatest[at..at + channels]);
            for pixel in square.chunks_exact(channels) {
                for (channel, value) in pixel.iter().enumerate() {
                    least[channel] = least[channel].min(*value);
                    greatest[channel] = greatest[channel].max(*value);
                }
            }
        }
    }
    let differences: Vec<u8> = greatest
        .iter()
        .zip(&least)
        .map(|(high, low)| high.saturating_sub(*low))
        .collect();
    differences
        .chunks_exact(channels.max(1))
        .map(|square| square.iter().copied().fold(0, u8::max))
        .collect()
}

/// The contrast up to which a square is paper: twice that of the emptiest fifth, which is what its grain and the scanner
/// make of nothing. More than grain can make of it is faint letters nearly everywhere: then hardly anything is paper.
fn paper(contrasts: &[u8]) -> u8 {
    let mut sorted = contrasts.to_vec();
    sorted.sort_unstable();
    let emptiest = sorted.get(sorted.len() / 5).copied().unwrap_or(0);
    match emptiest.saturating_mul(2) {
        doubled if doubled > SOMETHING => NOTHING,
        doubled => doubled.max(NOTHING),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Paper of 40 by 50 squares with black squares at these places, column first.
    fn page(black: &[(usize, usize)]) -> Pixels {
        let (width, height) = (40 * SQUARE, 50 * SQUARE);
        let mut data = vec![250_u8; width * height];
        for &(column, row) in black {
            // A stroke of a letter is enough.
            data[(row * SQUARE + 9) * width + column * SQUARE + 7] = 0;
        }
        Pixels {
            width,
            height,
            channels: 1,
            data,
        }
    }

    fn squares(area: Area) -> [usize; 4] {
        [area.left, area.top, area.width, area.height].map(|side| side / SQUARE)
    }

    #[test]
    fn margins_are_left_out() {
        let areas = inked(&page(&[(8, 5), (30, 11)]));
        assert_eq!(
            areas.into_iter().map(squares).collect::<Vec<_>>(),
            [[7, 4, 25, 9]]
        );
    }

    #[test]
    fn what_is_far_apart_is_looked_at_apart() {
        let areas = inked(&page(&[(5, 2), (20, 3), (18, 48)]));
        let areas: Vec<_> = areas.into_iter().map(squares).collect();
        assert_eq!(areas, [[4, 0, 18, 6], [16, 46, 6, 4]]);
    }

    #[test]
    fn an_empty_page_has_no_area_and_a_full_one_is_one() {
        assert!(inked(&page(&[])).is_empty());
        let areas = inked(&page(&[
            (0, 0),
            (39, 0),
            (0, 7),
            (0, 14),
            (0, 21),
            (0, 28),
            (0, 35),
            (0, 42),
            (0, 49),
        ]));
        assert_eq!(
            areas.into_iter().map(squares).collect::<Vec<_>>(),
            [[0, 0, 40, 50]]
        );
    }

    #[test]
    fn the_grain_of_paper_is_nothing_and_faint_letters_are_something() {
        let mut pixels = page(&[]);
        for (index, value) in pixels.data.iter_mut().enumerate() {
            *value -= (index % 7) as u8;
        }
        assert!(inked(&pixels).is_empty());
        let at = 20 * SQUARE * pixels.width + 20 * SQUARE;
        pixels.data[at] = 230;
        assert_eq!(inked(&pixels).len(), 1);
    }

    #[test]
    fn faint_letters_all_over_the_page_are_looked_at() {
        let mut pixels = page(&[]);
        for (index, value) in pixels.data.iter_mut().enumerate() {
            if index % 16 == 0 {
                *value -= 35;
            }
        }
        let areas: Vec<_> = inked(&pixels).into_iter().map(squares).collect();
        assert_eq!(areas, [[0, 0, 40, 50]]);
    }

    #[test]
    fn coloured_letters_as_bright_as_their_paper_are_something() {
        let gray = page(&[]);
        let mut pixels = Pixels {
            channels: 3,
            data: gray.data.iter().flat_map(|_| [120, 120, 120]).collect(),
            ..gray
        };
        assert!(inked(&pixels).is_empty());
        let at = (20 * SQUARE * pixels.width + 20 * SQUARE) * 3;
        pixels.data[at..at + 3].copy_from_slice(&[180, 90, 120]);
        assert_eq!(inked(&pixels).len(), 1);
    }

    proptest! {
        #[test]
        fn all_that_is_dark_is_inside(black in proptest::collection::vec((0_usize..40, 0_usize..50), 0..12)) {
            let areas: Vec<_> = inked(&page(&black)).into_iter().map(squares).collect();
            for (column, row) in black {
                let holds = |[left, top, width, height]: &[usize; 4]| {
                    (*left..left + width).contains(&column) && (*top..top + height).contains(&row)
                };
                prop_assert_eq!(areas.iter().filter(|area| holds(area)).count(), 1);
            }
            for pair in areas.windows(2) {
                prop_assert!(pair[0][1] + pair[0][3] <= pair[1][1]);
            }
            prop_assert!(areas.iter().all(|[left, top, width, height]| left + width <= 40 && top + height <= 50));
        }
    }
}
