//! TIFF: every frame is a page.

mod color;
mod compression;
mod decoder;
mod fax;
mod frame;
mod layout;
mod patched;
mod rows;
mod samples;

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
        let mut thumbnails = Vec::new();
        let mut seen = HashSet::new();
        let mut next = header.first;
        while next != 0 && seen.insert(next) {
            if seen.len() as u64 > u64::from(limits.max_pages) * 2 {
                return Err(too_many_pages(seen.len(), limits));
            }
            let Some(ifd) = Ifd::open(&bytes, header, next) else {
                break;
            };
            match role(&ifd) {
                Role::Page => frames.push(next),
                Role::Thumbnail => thumbnails.push(next),
                Role::Other => {}
            }
            next = ifd.next;
        }
        // What is marked as a smaller picture of another is the page where there is no other.
        if frames.is_empty() {
            frames = thumbnails;
        }
        if frames.len() as u64 > u64::from(limits.max_pages) {
            return Err(too_many_pages(frames.len(), limits));
        }
        let mut pixels: u64 = 0;
        for &offset in &frames {
            pixels = pixels.saturating_add(page_pixels(&bytes, header, offset, limits)?);
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

/// What a directory is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// An image that is a page.
    Page,
    /// A smaller picture of another.
    Thumbnail,
    /// A mask, or no image.
    Other,
}

fn role(ifd: &Ifd<'_>) -> Role {
    const REDUCED_RESOLUTION: u64 = 1;
    const TRANSPARENCY_MASK: u64 = 4;
    /// The value of the older tag, which stood for one thing each.
    const OLD_REDUCED_RESOLUTION: u64 = 2;
    let subfile = ifd.unsigned(tag::NEW_SUBFILE_TYPE).unwrap_or(0);
    let is_image = [tag::IMAGE_WIDTH, tag::IMAGE_LENGTH].map(|tag| ifd.unsigned(tag).is_some());
    if subfile & TRANSPARENCY_MASK != 0 || is_image != [true; 2] {
        return Role::Other;
    }
    let old = ifd.unsigned(tag::SUBFILE_TYPE);
    if subfile & REDUCED_RESOLUTION != 0 || (subfile == 0 && old == Some(OLD_REDUCED_RESOLUTION)) {
        return Role::Thumbnail;
    }
    Role::Page
}

/// Pixels of the page at `offset`, after checking them.
fn page_pixels(bytes: &[u8], header: TiffHeader, offset: u64, limits: &Limits) -> Result<u64, DocumentError> {
    let size = |tag| Ifd::open(bytes, header, offset)?.unsigned(tag);
    let (width, height) = (
        size(tag::IMAGE_WIDTH).unwrap_or(0),
        size(tag::IMAGE_LENGTH).unwrap_or(0),
    );
    if width == 0 || height == 0 {
        return Err(malformed("an image has no pixels"));
    }
    limits.check_pixels(width, height)?;
    Ok(width * height)
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
