//! Pages as an engine elsewhere takes them: what is known beforehand, and a picture of bounded size.

use bytes::Bytes;
use ocr_core::{Error, ErrorKind, Result};
use ocr_documents::{Document, PageFacts, encode_jpeg, preview};
use serde::{Deserialize, Serialize};

/// Quality of pictures for engines: letters as good as in the page at half the bytes of 100.
const QUALITY: u8 = 92;
/// Shrinking ends here: a page of this many pixels a side fits every limit that makes sense.
const SMALLEST_SIDE: u32 = 64;

/// The largest picture an engine takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanLimits {
    /// Most pixels of the longer side.
    pub max_side: u32,
    /// Most bytes of the file.
    pub max_bytes: u64,
}

/// The picture of a page, upright as far as the file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Resolution in dots per inch, when known.
    pub dpi: Option<f32>,
    /// Whether it was made smaller to fit the limits.
    pub reduced: bool,
    /// A JPEG file.
    pub jpeg: Bytes,
}

/// What is known of page `number` (one-based) without recognising it.
pub(super) fn facts(document: &Document, number: u32) -> Result<PageFacts> {
    Ok(document.facts(number.saturating_sub(1))?)
}

/// Draws page `number` (one-based) within `limits`.
pub(super) fn scan(document: &Document, number: u32, limits: ScanLimits) -> Result<Scan> {
    let image = document.image(number.saturating_sub(1))?;
    let mut picture = preview(&image, limits.max_side, limits.max_side);
    loop {
        let jpeg = encode_jpeg(&picture, QUALITY)
            .ok_or_else(|| Error::new(ErrorKind::InvalidInput, "this page has no picture"))?;
        let (width, height) = (picture.width(), picture.height());
        let excess = jpeg.len() as f64 / limits.max_bytes.max(1) as f64;
        if excess <= 1.0 || width.max(height) <= SMALLEST_SIDE {
            return Ok(Scan {
                width,
                height,
                dpi: picture.dpi(),
                reduced: width < image.width() || height < image.height(),
                jpeg: jpeg.into(),
            });
        }
        // Bytes follow the area; a little less than that, so that the next picture fits.
        let scale = (0.95 / excess.sqrt()).min(0.9);
        let side = |length: u32| (f64::from(length) * scale) as u32;
        picture = preview(&image, side(width).max(1), side(height).max(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_documents::Limits;
    use ocr_testkit::documents::{Typeset, png};

    fn document() -> Document {
        let page = Typeset::card().page("a page with some text on it");
        Document::open(png(&page).to_vec(), Limits::default()).unwrap()
    }

    #[test]
    fn a_picture_is_shrunk_until_it_fits() {
        let document = document();
        let facts = facts(&document, 1).unwrap();
        let generous = ScanLimits {
            max_side: 10_000,
            max_bytes: 5_000_000,
        };
        let whole = scan(&document, 1, generous).unwrap();
        assert_eq!(
            (whole.width, whole.height, whole.reduced),
            (facts.width, facts.height, false)
        );
        let narrow = ScanLimits {
            max_side: 200,
            ..generous
        };
        let small = scan(&document, 1, narrow).unwrap();
        assert!(small.reduced && small.width.max(small.height) <= 200);
        let few_bytes = ScanLimits {
            max_bytes: whole.jpeg.len() as u64 / 3,
            ..generous
        };
        let light = scan(&document, 1, few_bytes).unwrap();
        assert!(light.reduced && light.jpeg.len() as u64 <= few_bytes.max_bytes);
        let impossible = ScanLimits {
            max_bytes: 1,
            ..generous
        };
        assert!(scan(&document, 1, impossible).unwrap().width <= SMALLEST_SIDE);
    }

    #[test]
    fn a_page_that_does_not_exist_is_not_drawn() {
        assert!(facts(&document(), 2).is_err());
    }
}
