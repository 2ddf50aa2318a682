//! Whether doubtful glyphs can be seen, by the pixels of the rendered page where they stand.

use std::panic::{self, AssertUnwindSafe};

use hayro::{hayro_syntax::page::Page, kurbo::Rect};
use ocr_core::page::PageImage;

use super::{
    glyph::{Glyph, body},
    page_size::POINTS_PER_INCH,
    render::render_at,
    survey::Survey,
};
use crate::Limits;

/// Pixels of the em of the smallest letters that are looked at.
const EM_PIXELS: f64 = 16.0;

/// Resolutions in dots per inch at which a page is looked at.
const DPI: std::ops::RangeInclusive<f64> = 72.0..=250.0;

/// Difference of colour, of 255, below which nobody sees one thing on another.
const VISIBLE: u8 = 20;

/// Minimum part of the box of a glyph that has to lean to the colour of the letter.
const MIN_INK: f64 = 0.004;

/// Part of the box from which it is all one colour, that of the letter.
const ALL_INK: f64 = 0.93;

/// Maximum number of pixels that are looked at on a page, those of each glyph anew; glyphs beyond stay as they are.
const MAX_PIXELS: f64 = 200_000_000.0;

/// Advance, in ems, below which a glyph has no box to look at.
const MIN_ADVANCE: f64 = 0.02;

/// How far from the ground towards the colour of the letter a pixel belongs to the letter.
const LEANING: f64 = 0.3;

/// Takes doubtful glyphs of which nothing is to be seen on the rendered page from sight.
pub(super) fn hide_unseen(page: &Page<'_>, survey: &mut Survey, limits: &Limits) {
    let doubtful = |glyph: &&Glyph| glyph.visible && glyph.doubtful && !glyph.text.trim().is_empty();
    let Some(smallest) = survey
        .glyphs
        .iter()
        .filter(doubtful)
        .map(|glyph| glyph.size)
        .min_by(f64::total_cmp)
    else {
        return;
    };
    let dpi = (POINTS_PER_INCH * EM_PIXELS / smallest).clamp(*DPI.start(), *DPI.end());
    // A page that cannot be drawn shows nothing that could be held against its text.
    let drawn = panic::catch_unwind(AssertUnwindSafe(|| render_at(page, survey, dpi, limits)));
    let Ok(Ok(image)) = drawn else {
        return;
    };
    let scale = (
        f64::from(image.width()) / survey.width,
        f64::from(image.height()) / survey.height,
    );
    let sheet = Rect::new(0.0, 0.0, survey.width, survey.height);
    let mut pixels_left = MAX_PIXELS;
    // What has no ink of its own, or stands over the letter before it, is seen as that letter is.
    let mut before = true;
    for glyph in &mut survey.glyphs {
        if glyph.visible && glyph.doubtful {
            let place = body(glyph).intersect(sheet);
            pixels_left -= place.area() * scale.0 * scale.1;
            if pixels_left < 0.0 {
                return;
            }
            glyph.visible = if has_no_place(glyph) {
                before
            } else {
                is_seen(&image, place, scale, glyph.ink)
            };
        }
        before = glyph.visible;
    }
}

/// Whether a glyph is a space or a joiner, or an accent that advances nothing.
fn has_no_place(glyph: &Glyph) -> bool {
    let inkless = |char: char| char.is_whitespace() || char == '\u{2060}';
    glyph.text.chars().all(inkless) || glyph.advance.hypot() < MIN_ADVANCE * glyph.size
}

/// Whether something in the colour of the letter, if it is known, stands out in the box.
fn is_seen(image: &PageImage, place: Rect, scale: (f64, f64), ink: Option<[u8; 3]>) -> bool {
    let pixels = Pixels::of(image, place, scale);
    if pixels.0.is_empty() {
        return false;
    }
    let (least, most) = pixels.range();
    if difference(least, most) < VISIBLE {
        return false;
    }
    let Some(ink) = ink else {
        return true;
    };
    let ground = pixels.median();
    if difference(ground, ink) < VISIBLE {
        // A letter that fills most of its box, or none at all.
        return pixels.share(|pixel| difference(pixel, ink) < VISIBLE) < ALL_INK;
    }
    pixels.share(|pixel| leaning(ground, ink, pixel) >= LEANING) >= MIN_INK
}

struct Pixels(Vec<[u8; 3]>);

impl Pixels {
    fn of(image: &PageImage, place: Rect, scale: (f64, f64)) -> Self {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let columns = span(place.x0 * scale.0, place.x1 * scale.0, width);
        let rows = span(place.y0 * scale.1, place.y1 * scale.1, height);
        let channels = image.format().channels();
        let pixel = |column: usize, row: usize| {
            let start = (row * width + column) * channels;
            match *image.pixels().get(start..start + channels)? {
                [red, green, blue] => Some([red, green, blue]),
                [gray] => Some([gray; 3]),
                _ => None,
            }
        };
        let place = rows.flat_map(|row| columns.clone().map(move |column| (column, row)));
        Self(place.filter_map(|(column, row)| pixel(column, row)).collect())
    }

    fn range(&self) -> ([u8; 3], [u8; 3]) {
        self.0.iter().fold(([255; 3], [0; 3]), |(least, most), pixel| {
            let join = |of: [u8; 3], pick: fn(u8, u8) -> u8| {
                [
                    pick(of[0], pixel[0]),
                    pick(of[1], pixel[1]),
                    pick(of[2], pixel[2]),
                ]
            };
            (join(least, u8::min), join(most, u8::max))
        })
    }

    fn median(&self) -> [u8; 3] {
        let middle = |channel: usize| {
            let mut values: Vec<u8> = self.0.iter().map(|pixel| pixel[channel]).collect();
            let at = values.len() / 2;
            *values.select_nth_unstable(at).1
        };
        [middle(0), middle(1), middle(2)]
    }

    fn share(&self, counts: impl Fn([u8; 3]) -> bool) -> f64 {
        let counted = self.0.iter().filter(|&&pixel| counts(pixel)).count();
        counted as f64 / self.0.len() as f64
    }
}

/// The pixels between two places of a side, at least one unless they are outside.
fn span(from: f64, to: f64, side: usize) -> std::ops::Range<usize> {
    let end = (to.ceil().max(0.0) as usize).min(side);
    (from.floor().max(0.0) as usize).min(end)..end
}

/// The largest difference of a channel.
fn difference(a: [u8; 3], b: [u8; 3]) -> u8 {
    let differences = a.iter().zip(b).map(|(a, b)| a.abs_diff(b));
    differences.max().unwrap_or(0)
}

/// How far a pixel is on the way from one colour, 0, to another, 1.
fn leaning(from: [u8; 3], to: [u8; 3], pixel: [u8; 3]) -> f64 {
    let (mut along, mut length) = (0.0, 0.0);
    for channel in 0..3 {
        let start = f64::from(from[channel]);
        let way = f64::from(to[channel]) - start;
        along += (f64::from(pixel[channel]) - start) * way;
        length += way * way;
    }
    along / length.max(f64::MIN_POSITIVE)
}
