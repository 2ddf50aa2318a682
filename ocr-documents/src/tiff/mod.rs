//! TIFF: every frame is a page.

mod fax;
mod frame;
mod patched;

use std::{collections::HashSet, sync::Arc};

use ocr_core::model::MediaType;
use ocr_core::page::PageImage;

use crate::{
    DocumentError, Limits, StoredImage,
    ifd::{Ifd, TiffHeader, tag},
};

/// A TIFF file whose chain of directories has been walked and checked.
#[derive(Debug)]
pub(crate) struct TiffFile {
    bytes: Arc<[u8]>,
    header: TiffHeader,
    /// Offsets of the directories that are pages.
    frames: Vec<u64>,
}

impl TiffFile {
    /// Walks the chain of directories; no pixel is decoded.
    ///
    /// A chain that returns to where it was ends there: the frames up to then are the pages.
    pub(crate) fn open(bytes: Arc<[u8]>, limits: &Limits) -> Result<Self, DocumentError> {
        let header = TiffHeader::read(&bytes).ok_or_else(|| malformed("it has no header"))?;
        let mut frames = Vec::new();
        let mut seen = HashSet::new();
        let mut pixels: u64 = 0;
        let mut next = header.first;
        while next != 0 && seen.insert(next) {
            if seen.len() as u64 > u64::from(limits.max_pages) * 2 {
                return Err(too_many_pages(seen.len(), limits));
            }
            let Some(ifd) = Ifd::open(&bytes, header, next) else {
                break;
            };
            if let Some(frame_pixels) = page_pixels(&ifd, limits)? {
                frames.push(next);
                pixels = pixels.saturating_add(frame_pixels);
            }
            next = ifd.next;
        }
        if frames.len() as u64 > u64::from(limits.max_pages) {
            return Err(too_many_pages(frames.len(), limits));
        }
        if pixels > limits.max_document_pixels {
            return Err(DocumentError::TooManyDocumentPixels {
                pixels,
                limit: limits.max_document_pixels,
            });
        }
        if frames.is_empty() {
            return Err(malformed("it holds no image"));
        }
        Ok(Self {
            bytes,
            header,
            frames,
        })
    }

    /// Number of pages.
    pub(crate) fn page_count(&self) -> u32 {
        self.frames.len() as u32
    }

    /// The fax of one frame as it is stored; `None` for all else. `index` counts from 0.
    pub(crate) fn stored(&self, index: u32) -> Option<StoredImage> {
        let offset = self.frames.get(index as usize).copied()?;
        fax::stored(&self.bytes, &Ifd::open(&self.bytes, self.header, offset)?)
    }

    /// Decodes one frame; `index` counts from 0.
    pub(crate) fn page(&self, index: u32, limits: &Limits) -> Result<PageImage, DocumentError> {
        let offset = self.frames.get(index as usize).copied().unwrap_or_default();
        let ifd =
            Ifd::open(&self.bytes, self.header, offset).ok_or_else(|| malformed("a frame is missing"))?;
        frame::decode(&self.bytes, self.header, &ifd, offset, limits)
    }
}

/// Pixels of a directory that is a page, after checking them; `None` for thumbnails and masks, which
/// repeat a page.
fn page_pixels(ifd: &Ifd<'_>, limits: &Limits) -> Result<Option<u64>, DocumentError> {
    const REDUCED_RESOLUTION: u64 = 1;
    const TRANSPARENCY_MASK: u64 = 4;
    let subfile = ifd.unsigned(tag::NEW_SUBFILE_TYPE).unwrap_or(0);
    if subfile & (REDUCED_RESOLUTION | TRANSPARENCY_MASK) != 0 {
        return Ok(None);
    }
    let (Some(width), Some(height)) = (ifd.unsigned(tag::IMAGE_WIDTH), ifd.unsigned(tag::IMAGE_LENGTH))
    else {
        return Ok(None);
    };
    if width == 0 || height == 0 {
        return Err(malformed("an image has no pixels"));
    }
    limits.check_pixels(width, height)?;
    Ok(Some(width * height))
}

fn too_many_pages(found: usize, limits: &Limits) -> DocumentError {
    DocumentError::TooManyPages {
        found: found as u64,
        limit: limits.max_pages,
    }
}

fn malformed(reason: impl std::fmt::Display) -> DocumentError {
    DocumentError::malformed(MediaType::Tiff, reason)
}

fn unsupported(feature: impl std::fmt::Display) -> DocumentError {
    DocumentError::unsupported(MediaType::Tiff, feature)
}
