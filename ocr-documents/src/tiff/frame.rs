//! The pixels of one TIFF frame.

use ocr_core::page::PageImage;

use super::{
    color::Color,
    compression::{Compression, FillOrder},
    decoder,
    layout::{Chunk, Layout},
    malformed,
    rows::Rows,
    samples::Depth,
    unsupported,
};
use crate::{
    DocumentError, Limits, density,
    ifd::{Ifd, TiffHeader, tag},
    orientation::Orientation,
    picture::finish,
    pixels::Raster,
};

const OLD_STYLE_JPEG: u64 = 6;

/// SampleFormat: floating point.
const FLOATING_POINT: u64 = 3;

/// Compressed bytes that are expanded, over the bytes of the file; strips may share some, such as white ones.
const MAX_REPEATS: u64 = 8;

/// Decodes the frame whose directory stands at `offset`.
pub(super) fn decode(
    bytes: &[u8],
    header: TiffHeader,
    ifd: &Ifd<'_>,
    offset: u64,
    limits: &Limits,
) -> Result<PageImage, DocumentError> {
    if ifd.unsigned(tag::COMPRESSION) == Some(OLD_STYLE_JPEG) {
        return Err(unsupported("old-style JPEG compression"));
    }
    let is_whole_numbers = ifd.unsigned(tag::SAMPLE_FORMAT) != Some(FLOATING_POINT);
    let raster = match Compression::of(ifd).filter(|_| is_whole_numbers) {
        Some(compression) => Frame::read(bytes, header, ifd, compression, limits)?.raster()?,
        None => decoder::decode(bytes, header, ifd, offset, limits)?,
    };
    let orientation = Orientation::from_tag(ifd.unsigned(tag::ORIENTATION).unwrap_or(1) as u16);
    let resolution = density::believable(ifd.resolution(), raster.width, raster.height);
    finish(raster, orientation, resolution, limits)
        .ok_or_else(|| malformed("a frame has fewer pixels than it says"))
}

/// A frame whose tags have been read and checked.
struct Frame<'a> {
    bytes: &'a [u8],
    layout: Layout,
    compression: Compression,
    order: FillOrder,
    color: Color,
    depth: Depth,
    /// Whether rows are stored as differences.
    differences: bool,
}

impl<'a> Frame<'a> {
    fn read(
        bytes: &'a [u8],
        header: TiffHeader,
        ifd: &Ifd<'_>,
        compression: Compression,
        limits: &Limits,
    ) -> Result<Self, DocumentError> {
        const HORIZONTAL_DIFFERENCES: u64 = 2;
        let layout = Layout::read(ifd, limits)?;
        let color = Color::of(ifd, layout.samples, compression)?;
        if matches!(compression, Compression::Fax(_)) && (layout.bits, layout.samples_together()) != (1, 1) {
            return Err(malformed("a fax has more than black and white"));
        }
        let depth = Depth {
            bits: layout.bits,
            big_endian: header.is_big_endian(),
            stretch: !matches!(color, Color::Palette(_)),
        };
        let differences = compression.may_predict()
            && match ifd.unsigned(tag::PREDICTOR) {
                None | Some(1) => false,
                Some(HORIZONTAL_DIFFERENCES) => true,
                Some(_) => return Err(unsupported("an unknown predictor")),
            };
        if differences {
            depth.check_differences()?;
        }
        let frame = Self {
            bytes,
            layout,
            compression,
            order: FillOrder::of(ifd),
            color,
            depth,
            differences,
        };
        frame.check_work()?;
        Ok(frame)
    }

    /// Refuses a frame whose strips are the same bytes over and over.
    fn check_work(&self) -> Result<(), DocumentError> {
        let work = self.layout.chunks().fold(0_u64, |sum, chunk| {
            sum.saturating_add(self.data(chunk).map_or(0, <[u8]>::len) as u64)
        });
        if work > (self.bytes.len() as u64).saturating_mul(MAX_REPEATS) {
            return Err(DocumentError::TooComplex {
                reason: "the strips of a TIFF frame overlap".into(),
            });
        }
        Ok(())
    }

    fn raster(&self) -> Result<Raster, DocumentError> {
        let layout = &self.layout;
        let channels = self.color.samples();
        let mut pixels = vec![0; layout.width * layout.height * channels];
        for chunk in layout.chunks().filter(|chunk| chunk.plane < channels) {
            match self.color {
                Color::YCbCr(across, down) if (across, down) != (1, 1) => {
                    self.read_shared_colors(chunk, (across, down), &mut pixels)?;
                }
                _ => self.read_samples(chunk, &mut pixels)?,
            }
        }
        Ok(self
            .color
            .raster(layout.width as u32, layout.height as u32, pixels))
    }

    /// The bytes of a chunk; at most what it can use.
    fn data(&self, chunk: Chunk) -> Result<&'a [u8], DocumentError> {
        let outside = || malformed("a strip lies outside the file");
        let start = usize::try_from(chunk.offset).map_err(|_| outside())?;
        let rest = self.bytes.get(start..).ok_or_else(outside)?;
        let length = match self.compression {
            // How many there are is known, and some writers state something else.
            Compression::None => chunk.rows.saturating_mul(self.layout.row_bytes()),
            _ => usize::try_from(chunk.length).unwrap_or(usize::MAX),
        };
        Ok(rest.get(..length).unwrap_or(rest))
    }

    /// Puts the samples of a chunk at their places among the pixels.
    fn read_samples(&self, chunk: Chunk, pixels: &mut [u8]) -> Result<(), DocumentError> {
        let layout = &self.layout;
        let row_bytes = layout.row_bytes();
        let rows = Rows {
            columns: layout.chunk_width,
            bytes: row_bytes,
            bits: layout.bits,
            count: chunk.rows,
        };
        let mut expanded = self.compression.expand(self.data(chunk)?, self.order, rows)?;
        let together = layout.samples_together();
        let channels = self.color.samples();
        let kept = together.min(channels - chunk.plane);
        for (y, row) in expanded.chunks_exact_mut(row_bytes).enumerate() {
            if self.differences {
                self.depth.undo_differences(row, together);
            }
            let first = ((chunk.top + y) * layout.width + chunk.left) * channels;
            let places = &mut pixels[first..first + chunk.columns * channels];
            for (x, place) in places.chunks_exact_mut(channels).enumerate() {
                for sample in 0..kept {
                    place[chunk.plane + sample] = self.depth.byte(row, x * together + sample);
                }
            }
        }
        Ok(())
    }

    /// The same for pixels that share their colour: the lightness of each of a block of pixels comes before the colour
    /// of them all (TIFF 6.0, section 21).
    fn read_shared_colors(
        &self,
        chunk: Chunk,
        (across, down): (usize, usize),
        pixels: &mut [u8],
    ) -> Result<(), DocumentError> {
        let layout = &self.layout;
        if layout.bits != 8 || layout.planes != 1 || layout.samples != 3 || self.differences {
            return Err(unsupported("colours that pixels share, in an unusual layout"));
        }
        let block = across * down + 2;
        let rows = Rows {
            columns: layout.chunk_width,
            bytes: layout.chunk_width.div_ceil(across) * block,
            bits: layout.bits,
            count: chunk.rows.div_ceil(down),
        };
        let data = self.data(chunk)?;
        let expanded = self.compression.expand(data, self.order, rows)?;
        for y in 0..chunk.rows {
            let row = &expanded[y / down * rows.bytes..][..rows.bytes];
            let first = ((chunk.top + y) * layout.width + chunk.left) * 3;
            let places = &mut pixels[first..first + chunk.columns * 3];
            for (x, place) in places.chunks_exact_mut(3).enumerate() {
                let block = &row[x / across * block..][..block];
                place[0] = block[y % down * across + x % across];
                place[1..].copy_from_slice(&block[across * down..]);
            }
        }
        Ok(())
    }
}
