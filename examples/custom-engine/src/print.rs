//! Draws pages with a barcode.

use ocr_core::page::{PageImage, PixelFormat};

use crate::code39::{START_STOP, pattern};

/// Pixels of a narrow element.
const NARROW: usize = 3;
/// Pixels of a wide element.
const WIDE: usize = 8;
/// White pixels around the code.
const MARGIN: usize = 60;
/// Height of the page in pixels.
const HEIGHT: usize = 240;

/// One row of pixels through the code of `text`; `None` if Code 39 lacks a character of it.
pub fn row(text: &str) -> Option<Vec<u8>> {
    let mut row = Vec::new();
    let framed = std::iter::once(START_STOP)
        .chain(text.chars())
        .chain([START_STOP]);
    for character in framed {
        for (element, wide) in pattern(character)?.into_iter().enumerate() {
            let shade = if element % 2 == 0 { 20 } else { 235 };
            row.extend(std::iter::repeat_n(shade, if wide { WIDE } else { NARROW }));
        }
        row.extend([235; NARROW]);
    }
    Some(row)
}

/// A page with the code of `text`, or an empty one without text; `None` if Code 39 lacks a character.
pub fn page(text: &str) -> Option<PageImage> {
    let code = if text.is_empty() { Vec::new() } else { row(text)? };
    let width = code.len() + 2 * MARGIN;
    let mut pixels = Vec::with_capacity(width * HEIGHT);
    for y in 0..HEIGHT {
        let inside = (MARGIN..HEIGHT - MARGIN).contains(&y);
        pixels.extend([235; MARGIN]);
        pixels.extend(code.iter().map(|shade| if inside { *shade } else { 235 }));
        pixels.extend([235; MARGIN]);
    }
    let (width, height) = (u32::try_from(width).ok()?, u32::try_from(HEIGHT).ok()?);
    PageImage::new(width, height, PixelFormat::Gray8, pixels)
}
