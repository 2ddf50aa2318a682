//! Pages whose text layer does not tell all there is to read: the text, and the pixels of the rest.

use hayro::{hayro_syntax::page::Page, kurbo::Rect as Area};
use ocr_core::{
    model::{PageText, Point, Polygon, QuarterTurn, Rect},
    page::{PageImage, PixelFormat},
};

use super::{render, survey::Survey, unread};
use crate::{DocumentError, Limits, turned};

/// Minimum resolution in dots per inch at which the rest of a page is drawn.
const MIN_DPI: f64 = 200.0;

/// Words that lie over one another until they cover the page this many times are no page to read pictures from.
const MAX_REPEATS: usize = 16;

/// Difference between neighbouring pixels, of 255, at the edge of a letter.
const EDGE: u8 = 40;

/// Minimum part of the pixels of a region that are such an edge, where there are words in it.
const MIN_EDGES: f64 = 0.002;

/// What has to be read from the pixels of a page of text: the upright page without all else, and the places, as shares of
/// it; `None` where that is nothing. `unreadable` are places of words that the layer does not tell.
///
/// # Errors
/// When the page cannot be drawn.
pub(super) fn unread_parts(
    page: &Page<'_>,
    survey: &Survey,
    text: &PageText,
    unreadable: Vec<Rect>,
    limits: &Limits,
) -> Result<Option<(PageImage, Vec<Rect>)>, DocumentError> {
    let (regions, dpi) = unread::regions(survey);
    if regions.is_empty() && unreadable.is_empty() {
        return Ok(None);
    }
    let dpi = dpi.clamp(MIN_DPI, f64::from(limits.target_dpi).max(MIN_DPI));
    let turn = text.turn();
    let image = turned(&render::render_at(page, survey, dpi, limits)?, turn);
    let mut canvas = Canvas::of(&image);
    let mut pixels_left = MAX_REPEATS * canvas.width * canvas.height;
    for word in text.words() {
        if !word.text.contains(char::REPLACEMENT_CHARACTER) {
            let place = word.polygon.bounds();
            let pixels = canvas.columns(place).len() * canvas.rows(place).len();
            let Some(left) = pixels_left.checked_sub(pixels) else {
                return Ok(None);
            };
            pixels_left = left;
            canvas.erase(place);
        }
    }
    let upright = regions
        .into_iter()
        .map(|region| shares(region, survey, turn))
        .filter(|region| canvas.has_edges(*region));
    let unread: Vec<Rect> = upright.chain(unreadable).collect();
    if unread.is_empty() {
        return Ok(None);
    }
    canvas.keep(&unread);
    Ok(canvas.into_image(&image).map(|image| (image, unread)))
}

/// A region of the page as shares of the page turned upright.
fn shares(region: Area, survey: &Survey, turn: QuarterTurn) -> Rect {
    let (width, height) = (survey.width, survey.height);
    let stored = Polygon::from_box(
        (region.x0 / width) as f32,
        (region.y0 / height) as f32,
        (region.x1 / width) as f32,
        (region.y1 / height) as f32,
    );
    let turned = |point: Point| turn.to_turned(point, 1.0, 1.0);
    stored.map(turned).clamped().bounds()
}

/// Pixels that are changed before they are read.
struct Canvas {
    width: usize,
    height: usize,
    channels: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn of(image: &PageImage) -> Self {
        Self {
            width: image.width() as usize,
            height: image.height() as usize,
            channels: image.format().channels(),
            pixels: image.pixels().to_vec(),
        }
    }

    fn columns(&self, place: Rect) -> std::ops::Range<usize> {
        span(place.left, place.right, self.width)
    }

    fn rows(&self, place: Rect) -> std::ops::Range<usize> {
        span(place.top, place.bottom, self.height)
    }

    fn pixel(&self, column: usize, row: usize) -> &[u8] {
        let start = (row * self.width + column) * self.channels;
        self.pixels.get(start..start + self.channels).unwrap_or(&[])
    }

    /// Paints over a word in the colour that is most at its edge.
    fn erase(&mut self, place: Rect) {
        let (columns, rows) = (self.columns(place), self.rows(place));
        let (Some(last_column), Some(last_row)) = (columns.clone().next_back(), rows.clone().next_back())
        else {
            return;
        };
        let across = columns
            .clone()
            .flat_map(|column| [(column, rows.start), (column, last_row)]);
        let along = rows
            .clone()
            .flat_map(|row| [(columns.start, row), (last_column, row)]);
        let mut edge: Vec<&[u8]> = across
            .chain(along)
            .map(|(column, row)| self.pixel(column, row))
            .collect();
        let middle = edge.len() / 2;
        let ground = edge
            .select_nth_unstable_by_key(middle, |pixel| {
                pixel.iter().map(|&value| u32::from(value)).sum::<u32>()
            })
            .1
            .to_vec();
        for row in rows {
            let start = (row * self.width + columns.start) * self.channels;
            let end = (row * self.width + columns.end) * self.channels;
            for pixel in self
                .pixels
                .get_mut(start..end)
                .unwrap_or_default()
                .chunks_exact_mut(self.channels)
            {
                pixel.copy_from_slice(&ground);
            }
        }
    }

    /// Whether a region has as many sharp edges as a few letters make.
    fn has_edges(&self, place: Rect) -> bool {
        let (columns, rows) = (self.columns(place), self.rows(place));
        let all = columns.len().saturating_mul(rows.len()).max(1);
        let edges: usize = rows
            .map(|row| {
                let beside = columns.clone().zip(columns.clone().skip(1));
                beside
                    .filter(|&(left, right)| {
                        let pair = self.pixel(left, row).iter().zip(self.pixel(right, row));
                        pair.map(|(a, b)| a.abs_diff(*b)).max() >= Some(EDGE)
                    })
                    .count()
            })
            .sum();
        edges as f64 >= MIN_EDGES * all as f64
    }

    /// Makes everything white but these places.
    fn keep(&mut self, places: &[Rect]) {
        let mut kept = vec![255; self.pixels.len()];
        for &place in places {
            let columns = self.columns(place);
            for row in self.rows(place) {
                let start = (row * self.width + columns.start) * self.channels;
                let end = (row * self.width + columns.end) * self.channels;
                if let (Some(to), Some(from)) = (kept.get_mut(start..end), self.pixels.get(start..end)) {
                    to.copy_from_slice(from);
                }
            }
        }
        self.pixels = kept;
    }

    fn into_image(self, like: &PageImage) -> Option<PageImage> {
        let format: PixelFormat = like.format();
        let image = PageImage::new(like.width(), like.height(), format, self.pixels)?;
        Some(image.with_dpi(like.dpi()))
    }
}

/// The pixels between two shares of a side.
fn span(from: f32, to: f32, side: usize) -> std::ops::Range<usize> {
    let at = |share: f32| (share.clamp(0.0, 1.0) * side as f32) as usize;
    let end = (at(to) + 1).min(side);
    at(from).min(end)..end
}
