//! Lines that are drawn on a page, found in its pixels: the sides of tables, and what looks like them.
//!
//! The page is reduced, and what is darker than its surroundings becomes a mask. Of that mask only thin parts are kept:
//! letters and filled areas are higher than a line is thick. Runs of thin parts along a row that lie beside or above one
//! another are a line if they are straight, long and hardly slant. Upright lines are level ones of the mask turned over.
//! Time and memory follow the number of pixels of the reduced page, which has a maximum.

mod mask;
mod runs;

use ocr_core::{model::geometry::Point, page::PageImage};
use ocr_layout::Rule;

use mask::Mask;
use runs::Segment;

/// Part of the width of the page that a level line has at least that ends at no upright one: shorter ones stand under
/// words, or are dashes.
const MIN_LONE: f32 = 1.0 / 16.0;
/// How near to a line another one ends that meets it, in pixels of the reduced page.
const TOUCH: f32 = 6.0;

/// The straight lines of a page that slant by at most three degrees, in no particular order, at most some thousands; none
/// where there are more, as in a drawing. Points are shares of `image` as it is, 0 to 1.
pub fn find_rules(image: &PageImage) -> Vec<Rule> {
    let Some(mask) = Mask::of(image) else {
        return Vec::new();
    };
    let (width, height) = (mask.width() as f32, mask.height() as f32);
    let turned = mask.turned_over();
    let (Some(mut level), Some(upright)) = (runs::segments(&mask), runs::segments(&turned)) else {
        return Vec::new();
    };
    level.retain(|line| line.end - line.start >= MIN_LONE * width || touches(line, &upright));
    let level = level.iter().map(|line| {
        let point = |along: f32, at: f32| Point::new(along / width, at / height);
        Rule::new(point(line.start, line.from), point(line.end, line.to))
    });
    let upright = upright.iter().map(|line| {
        let point = |along: f32, at: f32| Point::new(at / width, along / height);
        Rule::new(point(line.start, line.from), point(line.end, line.to))
    });
    level.chain(upright).collect()
}

/// Whether one of its ends is at an upright line.
fn touches(level: &Segment, upright: &[Segment]) -> bool {
    upright.iter().any(|line| {
        let beside = |x: f32, y: f32| {
            let at = f32::midpoint(line.from, line.to);
            (x - at).abs() <= TOUCH && line.start - TOUCH <= y && y <= line.end + TOUCH
        };
        beside(level.start, level.from) || beside(level.end, level.to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::page::PixelFormat;

    const WIDTH: u32 = 800;
    const HEIGHT: u32 = 600;

    /// A page on which pixels are black for which `ink` says so, on paper of some brightness.
    fn page(paper: impl Fn(u32, u32) -> u8, ink: impl Fn(f32, f32) -> bool) -> PageImage {
        let pixels: Vec<u8> = (0..HEIGHT)
            .flat_map(|y| (0..WIDTH).map(move |x| (x, y)))
            .map(|(x, y)| if ink(x as f32, y as f32) { 30 } else { paper(x, y) })
            .collect();
        PageImage::new(WIDTH, HEIGHT, PixelFormat::Gray8, pixels).unwrap()
    }

    /// Level and upright lines, each as its ends in pixels.
    fn found(image: &PageImage) -> (Vec<[f32; 4]>, Vec<[f32; 4]>) {
        let (width, height) = (image.width() as f32, image.height() as f32);
        find_rules(image)
            .iter()
            .map(|rule| {
                let (from, to) = (rule.from, rule.to);
                [from.x * width, from.y * height, to.x * width, to.y * height]
            })
            .partition(|[x, y, to_x, to_y]| (to_x - x).abs() > (to_y - y).abs())
    }

    /// Black on the sides of three rows and two columns that are `thick`, turned by `degrees`.
    fn grid(thick: f32, degrees: f32) -> impl Fn(f32, f32) -> bool {
        move |x, y| {
            let center = Point::new(400.0, 300.0);
            let Point { x, y } = Point::new(x, y).rotated(center, -degrees);
            let inside = (100.0..=700.0 + thick).contains(&x) && (100.0..=400.0 + thick).contains(&y);
            let on = |at: f32, sides: &[f32]| sides.iter().any(|side| (*side..side + thick).contains(&at));
            inside && (on(x, &[100.0, 400.0, 700.0]) || on(y, &[100.0, 200.0, 300.0, 400.0]))
        }
    }

    #[test]
    fn a_grid_has_its_lines() {
        for thick in [1.0, 3.0, 6.0] {
            let (level, upright) = found(&page(|_, _| 250, grid(thick, 0.0)));
            assert_eq!(
                (level.len(), upright.len()),
                (4, 3),
                "{thick}: {level:?} {upright:?}"
            );
            let [left, top, right, _] = level[0];
            assert!(
                (left - 100.0).abs() < 9.0 && (right - 700.0).abs() < 9.0,
                "{level:?}"
            );
            assert!((top - 100.0).abs() < 8.0, "{level:?}");
        }
    }

    #[test]
    fn a_slanted_grid_on_uneven_paper_has_its_lines() {
        let paper = |x: u32, y: u32| {
            let noise = (x * 7919 + y * 104_729 + x * y * 31) % 9;
            (120 + x / 8 + y / 20 + noise).min(255) as u8
        };
        for degrees in [-2.5, 1.0, 2.5] {
            let (level, upright) = found(&page(paper, grid(3.0, degrees)));
            let length = |lines: &[[f32; 4]]| {
                let length = |[x, y, to_x, to_y]: &[f32; 4]| (to_x - x).hypot(to_y - y);
                lines.iter().map(length).sum::<f32>()
            };
            assert!(length(&level) > 0.95 * 4.0 * 600.0, "{degrees}: {level:?}");
            assert!(length(&upright) > 0.95 * 3.0 * 300.0, "{degrees}: {upright:?}");
            let mut slants = level
                .iter()
                .map(|[x, y, to_x, to_y]| (to_y - y).atan2(to_x - x).to_degrees());
            assert!(slants.all(|slant| (slant - degrees).abs() < 0.7), "{level:?}");
        }
    }

    #[test]
    fn letters_filled_areas_and_lines_under_words_are_none() {
        let ink = |x: f32, y: f32| {
            // Stems of letters, a bar, and a line under a word.
            let letters = (100.0..120.0).contains(&y) && (50.0..600.0).contains(&x) && x % 9.0 < 3.0;
            let bar = (200.0..260.0).contains(&y) && (50.0..600.0).contains(&x);
            let under = (330.0..332.0).contains(&y) && (50.0..90.0).contains(&x);
            letters || bar || under
        };
        let (level, upright) = found(&page(|_, _| 250, ink));
        let outside_bar = |line: &&[f32; 4]| !(190.0..270.0).contains(&line[1]);
        assert_eq!(level.iter().filter(outside_bar).count(), 0, "{level:?}");
        assert_eq!(upright.iter().filter(outside_bar).count(), 0, "{upright:?}");
    }

    #[test]
    fn any_page_gives_an_answer() {
        for (width, height) in [(1, 1), (1, 5000), (5000, 1), (3, 3)] {
            let pixels: Vec<u8> = (0..width * height).map(|at| (at * 37 % 256) as u8).collect();
            let image = PageImage::new(width, height, PixelFormat::Gray8, pixels).unwrap();
            for rule in find_rules(&image) {
                for value in [rule.from.x, rule.from.y, rule.to.x, rule.to.y] {
                    assert!((-0.1..=1.1).contains(&value), "{rule:?}");
                }
            }
        }
    }
}
