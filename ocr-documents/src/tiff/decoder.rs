//! Frames that the TIFF decoder of another crate reads: JPEG, and samples in floating point.

use tiff::{
    ColorType, TiffError,
    decoder::{Decoder, Limits as TiffLimits},
};

use super::{color::ycbcr_to_rgb, malformed, patched::Patched, unsupported};
use crate::{
    DocumentError, Limits,
    ifd::{Ifd, TiffHeader, tag},
    pixels::Raster,
};

/// Decodes the frame whose directory stands at `offset`.
pub(super) fn decode(
    bytes: &[u8],
    header: TiffHeader,
    ifd: &Ifd<'_>,
    offset: u64,
    limits: &Limits,
) -> Result<Raster, DocumentError> {
    // It takes the last tiles of a plane for whole ones, and writes over the next plane.
    if ifd.unsigned(tag::TILE_WIDTH).is_some() && ifd.unsigned(tag::PLANAR_CONFIGURATION) == Some(2) {
        return Err(unsupported("JPEG or floating point in tiles of separate planes"));
    }
    // The decoder only walks from the first directory, so this one is made the first and only.
    let patches = vec![(0, header.pointing_at(offset)), (ifd.next_at, header.no_link())];
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
    let mut samples = eight_bit(samples, depth).ok_or_else(|| unsupported(format!("{depth}-bit samples")))?;
    if planes > 1 {
        samples = interleaved(&samples, planes);
    }
    let has_alpha = ifd
        .unsigned(tag::EXTRA_SAMPLES)
        .is_some_and(|kind| kind == 1 || kind == 2);
    assemble(width, height, color, samples, has_alpha)
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

/// The most significant byte of each sample, in native byte order.
fn eight_bit(samples: Vec<u8>, depth: u32) -> Option<Vec<u8>> {
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
        _ => None,
    }
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
    fn planes_become_pixels() {
        assert_eq!(interleaved(&[1, 2, 3, 4, 5, 6], 3), [1, 3, 5, 2, 4, 6]);
    }
}
