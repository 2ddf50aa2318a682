//! Limits of a document, checked on headers before memory is allocated.

use derive_setters::Setters;

/// Bounds that [`Document`](crate::Document) keeps while it reads untrusted bytes, and the resolution
/// it reads for.
#[derive(Debug, Clone, Copy, PartialEq, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct Limits {
    /// Maximum size of a file in bytes.
    pub max_bytes: u64,
    /// Maximum number of pages of a document.
    pub max_pages: u32,
    /// Maximum number of pixels of one stored image: a picture file, a TIFF frame, an image inside a PDF.
    pub max_page_pixels: u64,
    /// Maximum number of stored pixels of all frames of a TIFF together.
    pub max_document_pixels: u64,
    /// Maximum number of pixels of a page handed out; a page with more is reduced.
    pub max_output_pixels: u64,
    /// Resolution in dots per inch above which a scan holds nothing more for recognition. Pages with a
    /// higher resolution that are also larger than a sheet of A4 at this one are reduced to it.
    pub target_dpi: f32,
    /// Maximum number of drawing operations of one PDF page; nested forms can ask for billions in a kilobyte.
    pub max_page_marks: u64,
    /// Maximum number of bytes one compressed part of a PDF may expand to.
    pub max_inflated_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 50 * 1024 * 1024,
            max_pages: 500,
            max_page_pixels: 100_000_000,
            max_document_pixels: 20_000_000_000,
            max_output_pixels: 40_000_000,
            target_dpi: 300.0,
            max_page_marks: 3_000_000,
            max_inflated_bytes: 128 * 1024 * 1024,
        }
    }
}

impl Limits {
    /// Checks the dimensions of a stored image, in pixels.
    pub(crate) fn check_pixels(&self, width: u64, height: u64) -> Result<(), crate::DocumentError> {
        if width.saturating_mul(height) > self.max_page_pixels {
            return Err(crate::DocumentError::TooManyPixels {
                width,
                height,
                limit: self.max_page_pixels,
            });
        }
        Ok(())
    }
}
