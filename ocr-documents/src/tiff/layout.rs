//! How the samples of a frame are stored: their depth, their planes, and the strips or tiles they come in
//! (TIFF 6.0, sections 3 and 15).

use super::{malformed, unsupported};
use crate::{
    DocumentError, Limits,
    ifd::{Ifd, tag},
};

/// PlanarConfiguration: a plane for each sample of a pixel.
const SEPARATE_PLANES: u64 = 2;

/// What the tags of a frame say about its samples.
#[derive(Debug)]
pub(super) struct Layout {
    /// Width of the frame in pixels, at least 1.
    pub(super) width: usize,
    /// Height of the frame in pixels, at least 1.
    pub(super) height: usize,
    /// Samples of a pixel, at least 1.
    pub(super) samples: usize,
    /// Bits of a sample, 1 to 32.
    pub(super) bits: usize,
    /// Number of planes: 1, or one for each sample.
    pub(super) planes: usize,
    /// Width of a strip or tile in pixels.
    pub(super) chunk_width: usize,
    /// Height of a strip or tile in pixels; that of the last strip may be less.
    pub(super) chunk_height: usize,
    /// Offset and length in bytes of each chunk, plane after plane, row after row.
    chunks: Vec<(u64, u64)>,
}

/// A strip or tile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    /// Number of its plane, from 0.
    pub(super) plane: usize,
    /// First column of the frame that it holds.
    pub(super) left: usize,
    /// First row of the frame that it holds.
    pub(super) top: usize,
    /// Number of its columns that belong to the frame.
    pub(super) columns: usize,
    /// Number of its rows that belong to the frame.
    pub(super) rows: usize,
    /// Offset of its bytes in the file.
    pub(super) offset: u64,
    /// Number of its bytes, as the file says; `u64::MAX` where it does not.
    pub(super) length: u64,
}

impl Layout {
    /// Reads the tags and checks them against each other and the limits.
    pub(super) fn read(ifd: &Ifd<'_>, limits: &Limits) -> Result<Self, DocumentError> {
        let size = |tag| ifd.unsigned(tag).and_then(|value| usize::try_from(value).ok());
        let (Some(width), Some(height)) = (size(tag::IMAGE_WIDTH), size(tag::IMAGE_LENGTH)) else {
            return Err(malformed("a frame states no size"));
        };
        limits.check_pixels(width as u64, height as u64)?;
        let samples = size(tag::SAMPLES_PER_PIXEL).unwrap_or(1).max(1);
        let bits = depth(ifd)?;
        let bytes = samples.saturating_mul(bits.div_ceil(8));
        check_memory(width, height, bytes, limits)?;
        let separate = ifd.unsigned(tag::PLANAR_CONFIGURATION) == Some(SEPARATE_PLANES);
        let planes = if separate { samples } else { 1 };
        let tiled = ifd.unsigned(tag::TILE_WIDTH).is_some();
        let (chunk_width, chunk_height) = if tiled {
            (
                size(tag::TILE_WIDTH).unwrap_or(0),
                size(tag::TILE_LENGTH).unwrap_or(0),
            )
        } else {
            let rows = ifd.unsigned(tag::ROWS_PER_STRIP).unwrap_or(height as u64);
            // Many writers state the maximum of the type for "all of them".
            (width, usize::try_from(rows).unwrap_or(height).min(height))
        };
        if width == 0 || height == 0 || chunk_width == 0 || chunk_height == 0 {
            return Err(malformed("a frame has no pixels"));
        }
        let layout = Self {
            width,
            height,
            samples,
            bits,
            planes,
            chunk_width,
            chunk_height,
            chunks: chunks(ifd, tiled)?,
        };
        // Pixels beyond the edges are decoded too.
        let padded = |length: usize, chunk: usize| length.div_ceil(chunk).saturating_mul(chunk);
        let largest = limits.max_page_pixels.saturating_mul(8);
        let pixels = (padded(width, chunk_width) as u64).saturating_mul(padded(height, chunk_height) as u64);
        if pixels.saturating_mul(bytes as u64) > largest {
            return Err(DocumentError::TooComplex {
                reason: "the tiles of a TIFF frame are much larger than the frame".into(),
            });
        }
        if layout.chunks.len() < layout.per_plane().saturating_mul(planes) {
            return Err(malformed("a frame lacks strips or tiles"));
        }
        Ok(layout)
    }

    /// Samples of a pixel that stand side by side in a chunk.
    pub(super) fn samples_together(&self) -> usize {
        self.samples / self.planes
    }

    /// Bytes of a row of a chunk.
    pub(super) fn row_bytes(&self) -> usize {
        (self.chunk_width * self.samples_together() * self.bits).div_ceil(8)
    }

    /// All chunks in the order in which they are stored.
    pub(super) fn chunks(&self) -> impl Iterator<Item = Chunk> + '_ {
        let across = self.width.div_ceil(self.chunk_width);
        let per_plane = self.per_plane();
        let wanted = per_plane * self.planes;
        (0..wanted)
            .zip(&self.chunks)
            .map(move |(index, &(offset, length))| {
                let (plane, place) = (index / per_plane, index % per_plane);
                let left = place % across * self.chunk_width;
                let top = place / across * self.chunk_height;
                Chunk {
                    plane,
                    left,
                    top,
                    columns: self.chunk_width.min(self.width - left),
                    rows: self.chunk_height.min(self.height - top),
                    offset,
                    length,
                }
            })
    }

    fn per_plane(&self) -> usize {
        let across = self.width.div_ceil(self.chunk_width);
        across.saturating_mul(self.height.div_ceil(self.chunk_height))
    }
}

/// Bits of every sample; one value may stand for all.
fn depth(ifd: &Ifd<'_>) -> Result<usize, DocumentError> {
    let depths = ifd.all_unsigned(tag::BITS_PER_SAMPLE).unwrap_or_default();
    let first = depths.first().copied().unwrap_or(1);
    if depths.iter().any(|&depth| depth != first) {
        return Err(unsupported("samples of several depths"));
    }
    match first {
        1..=16 | 32 => Ok(first as usize),
        other => Err(unsupported(format!("{other}-bit samples"))),
    }
}

fn check_memory(width: usize, height: usize, bytes: usize, limits: &Limits) -> Result<(), DocumentError> {
    let pixels = (width as u64).saturating_mul(height as u64);
    if pixels.saturating_mul(bytes as u64) > limits.max_page_pixels.saturating_mul(4) {
        return Err(DocumentError::TooManyPixels {
            width: width as u64,
            height: height as u64,
            limit: limits.max_page_pixels / 2,
        });
    }
    Ok(())
}

/// Where the strips or tiles are. Some writers store tiles under the tags of strips, and some state no lengths.
fn chunks(ifd: &Ifd<'_>, tiled: bool) -> Result<Vec<(u64, u64)>, DocumentError> {
    let strips = (tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS);
    let tags = if tiled && ifd.unsigned(tag::TILE_OFFSETS).is_some() {
        (tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS)
    } else {
        strips
    };
    let offsets = ifd
        .all_unsigned(tags.0)
        .ok_or_else(|| malformed("a frame lacks its strips"))?;
    let lengths = ifd.all_unsigned(tags.1).unwrap_or_default();
    let lengths = lengths.into_iter().chain(std::iter::repeat(u64::MAX));
    Ok(offsets.into_iter().zip(lengths).collect())
}
