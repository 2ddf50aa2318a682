//! The pixels of one TIFF frame.

use ocr_core::page::PageImage;
use tiff::{
    ColorType, TiffError,
    decoder::{Decoder, Limits as TiffLimits},
};

use super::{fax, malformed, patched::Patched, unsupported};
use crate::{
    DocumentError, Limits, density,
    ifd::{Ifd, TiffHeader, tag},
    orientation::Orientation,
    picture::finish,
    pixels::Raster,
};

const BLACK_IS_ZERO: u64 = 1;
const PALETTE: u64 = 3;
const OLD_STYLE_JPEG: u64 = 6;

/// Decodes the frame whose directory stands at `offset`.
pub(super) fn decode(
    bytes: &[u8],
    header: TiffHeader,
    ifd: &Ifd<'_>,
    offset: u64,
    limits: &Limits,
) -> Result<PageImage, DocumentError> {
    let compression = ifd.unsigned(tag::COMPRESSION).unwrap_or(1);
    let raster = match compression {
        fax::MODIFIED_HUFFMAN | fax::GROUP_3 => fax::decode(bytes, ifd, compression)?,
        OLD_STYLE_JPEG => return Err(unsupported("old-style JPEG compression")),
        _ => decode_frame(bytes, header, ifd, offset, limits)?,
    };
    let orientation = Orientation::from_tag(ifd.unsigned(tag::ORIENTATION).unwrap_or(1) as u16);
    let resolution = density::believable(ifd.resolution(), raster.width, raster.height);
    finish(raster, orientation, resolution, limits)
        .ok_or_else(|| malformed("a frame has fewer pixels than it says"))
}

fn decode_frame(
    bytes: &[u8],
    header: TiffHeader,
    ifd: &Ifd<'_>,
    offset: u64,
    limits: &Limits,
) -> Result<Raster, DocumentError> {
    // The decoder only walks from the first directory, so this one is made the first and only; and it
    // knows no palette, so indices are read as grey values and looked up afterwards.
    let mut patches = vec![(0, header.pointing_at(offset)), (ifd.next_at, header.no_link())];
    let palette = match ifd.short_at(tag::PHOTOMETRIC) {
        Some((at, PALETTE)) => {
            patches.push((at, header.bytes(BLACK_IS_ZERO, 2)));
            let map = ifd.all_unsigned(tag::COLOR_MAP);
            Some(map.ok_or_else(|| malformed("a frame has no colour map"))?)
        }
        _ => None,
    };
    let mut decoder = Decoder::new(Patched::new(bytes, patches))
        .map_err(translated)?
        .with_limits(decoder_limits(limits));
    let color = decoder.colortype().map_err(translated)?;
    let (width, height) = decoder.dimensions().map_err(translated)?;
    // The decoder takes the last of several entries that state the same.
    if ifd.unsigned(tag::IMAGE_WIDTH) != Some(width.into())
        || ifd.unsigned(tag::IMAGE_LENGTH) != Some(height.into())
    {
        return Err(malformed("a frame states two sizes"));
    }
    limits.check_pixels(width.into(), height.into())?;
    let layout = decoder.image_buffer_layout().map_err(translated)?;
    let length = layout.complete_len;
    if length as u64 > limits.max_page_pixels.saturating_mul(4) {
        return Err(DocumentError::TooManyPixels {
            width: u64::from(width),
            height: u64::from(height),
            limit: limits.max_page_pixels / 2,
        });
    }
    let mut samples = vec![0; length];
    decoder.read_image_bytes(&mut samples).map_err(translated)?;
    let depth = u32::from(color.bit_depth());
    let planes = layout.planes.max(1);
    // Each plane has rows of its own.
    let row_samples = width as usize * usize::from(color.num_samples()) / planes;
    let rows = height as usize * planes;
    let scale_to_white = palette.is_none();
    let mut samples = eight_bit(samples, depth, row_samples, rows, scale_to_white)
        .ok_or_else(|| unsupported(format!("{depth}-bit samples")))?;
    if planes > 1 {
        samples = interleaved(&samples, planes);
    }
    let has_alpha = ifd
        .unsigned(tag::EXTRA_SAMPLES)
        .is_some_and(|kind| kind == 1 || kind == 2);
    match palette {
        Some(map) => Ok(Raster::rgb(width, height, look_up(&samples, &map))),
        None => assemble(width, height, color, samples, has_alpha),
    }
}

fn assemble(
    width: u32,
    height: u32,
    color: ColorType,
    samples: Vec<u8>,
    has_alpha: bool,
) -> Result<Raster, DocumentError> {
    Ok(match color {
        ColorType::Gray(_) => Raster::gray(width, height, samples),
        ColorType::RGB(_) => Raster::rgb(width, height, samples),
        ColorType::RGBA(_) => Raster::rgba(width, height, &samples),
        ColorType::CMYK(_) => Raster::cmyk(width, height, &samples),
        ColorType::YCbCr(_) => Raster::rgb(width, height, ycbcr_to_rgb(&samples)),
        ColorType::GrayA(_) => Raster::gray_alpha(width, height, &samples),
        ColorType::Multiband { num_samples: 2, .. } if has_alpha => {
            Raster::gray_alpha(width, height, &samples)
        }
        ColorType::Multiband { num_samples, .. } => {
            let first = samples
                .chunks_exact(usize::from(num_samples).max(1))
                .map(|pixel| pixel[0]);
            Raster::gray(width, height, first.collect())
        }
        other => return Err(unsupported(format!("{other:?} pixels"))),
    })
}

fn decoder_limits(limits: &Limits) -> TiffLimits {
    let mut bounds = TiffLimits::default();
    bounds.decoding_buffer_size =
        usize::try_from(limits.max_page_pixels.saturating_mul(4)).unwrap_or(usize::MAX);
    bounds.intermediate_buffer_size = bounds.decoding_buffer_size;
    bounds
}

/// One plane after the other turned into pixel after pixel.
fn interleaved(samples: &[u8], planes: usize) -> Vec<u8> {
    let plane = samples.len() / planes;
    (0..plane)
        .flat_map(|index| (0..planes).map(move |channel| samples[channel * plane + index]))
        .collect()
}

/// Samples of any depth as one byte each; narrow ones are stretched to 0..=255 unless they are indices.
///
/// Rows of samples narrower than a byte begin on a byte. Wider samples are in native byte order and
/// keep their most significant byte.
fn eight_bit(
    samples: Vec<u8>,
    depth: u32,
    row_samples: usize,
    rows: usize,
    stretch: bool,
) -> Option<Vec<u8>> {
    match depth {
        8 => Some(samples),
        16 => {
            let pairs = samples.as_chunks::<2>().0.iter();
            Some(
                pairs
                    .map(|&sample| (u16::from_ne_bytes(sample) >> 8) as u8)
                    .collect(),
            )
        }
        32 => {
            let quads = samples.as_chunks::<4>().0.iter();
            Some(
                quads
                    .map(|&sample| (u32::from_ne_bytes(sample) >> 24) as u8)
                    .collect(),
            )
        }
        1 | 2 | 4 => {
            let depth = depth as usize;
            let mask = (1_u8 << depth) - 1;
            let factor = if stretch { 255 / mask } else { 1 };
            let row_bytes = (row_samples * depth).div_ceil(8);
            let unpacked = samples.chunks(row_bytes.max(1)).take(rows).flat_map(|row| {
                (0..row_samples).map(move |index| {
                    let bit = index * depth;
                    let byte = row.get(bit / 8).copied().unwrap_or(0);
                    (byte >> (8 - depth - bit % 8) & mask) * factor
                })
            });
            Some(unpacked.collect())
        }
        _ => None,
    }
}

/// Colours of palette indices; the map holds all reds, then all greens, then all blues, in 16 bits.
fn look_up(indices: &[u8], map: &[u64]) -> Vec<u8> {
    let size = map.len() / 3;
    // Some writers store eight bits where sixteen are asked for.
    let shift = if map.iter().any(|&value| value > 255) {
        8
    } else {
        0
    };
    indices
        .iter()
        .flat_map(|&index| {
            [0, 1, 2].map(|channel| {
                let value = map.get(channel * size + usize::from(index)).copied().unwrap_or(0);
                (value >> shift) as u8
            })
        })
        .collect()
}

/// Full-range YCbCr to RGB (ITU-T T.871, section 7).
fn ycbcr_to_rgb(samples: &[u8]) -> Vec<u8> {
    let pixels = samples.as_chunks::<3>().0.iter();
    pixels
        .flat_map(|&[luma, blue, red]| {
            let (luma, blue, red) = (f32::from(luma), f32::from(blue) - 128.0, f32::from(red) - 128.0);
            [
                luma + 1.402 * red,
                luma - 0.344_136 * blue - 0.714_136 * red,
                luma + 1.772 * blue,
            ]
            .map(|value| value.round() as u8)
        })
        .collect()
}

fn translated(error: TiffError) -> DocumentError {
    let translated = match &error {
        TiffError::UnsupportedError(feature) => unsupported(feature),
        TiffError::IoError(_) => malformed("it ends too early"),
        TiffError::LimitsExceeded => DocumentError::TooComplex {
            reason: "a TIFF frame needs more memory than is allowed".into(),
        },
        _ => malformed("its image data cannot be decoded"),
    };
    translated.caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_samples_are_stretched_or_kept_as_indices() {
        assert_eq!(
            eight_bit(vec![0b1010_0000], 1, 3, 1, true),
            Some(vec![255, 0, 255])
        );
        assert_eq!(eight_bit(vec![0x3f, 0x10], 4, 3, 1, false), Some(vec![3, 15, 1]));
        assert_eq!(eight_bit(vec![0], 3, 1, 1, true), None);
    }

    #[test]
    fn planes_become_pixels() {
        assert_eq!(interleaved(&[1, 2, 3, 4, 5, 6], 3), [1, 3, 5, 2, 4, 6]);
    }

    #[test]
    fn palette_entries_outside_the_map_are_black() {
        let map = [0, 0xffff, 0, 0x8000, 0, 0];
        assert_eq!(look_up(&[1, 7], &map), [255, 128, 0, 0, 0, 0]);
    }

    #[test]
    fn neutral_chroma_is_gray() {
        assert_eq!(ycbcr_to_rgb(&[77, 128, 128]), [77, 77, 77]);
    }
}
