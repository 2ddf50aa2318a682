//! The colours that samples stand for (TIFF 6.0, PhotometricInterpretation).

use super::{compression::Compression, fax, malformed, unsupported};
use crate::{
    DocumentError,
    ifd::{Ifd, tag},
    pixels::Raster,
};

/// What the samples of a pixel mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Color {
    /// One sample that counts.
    Gray {
        /// Whether 0 is white.
        inverted: bool,
        /// Whether the second sample is alpha.
        alpha: bool,
    },
    /// Red, green, blue, and alpha where there is some.
    Rgb {
        /// Whether the fourth sample is alpha.
        alpha: bool,
    },
    /// A number of a colour of this map: all reds, then all greens, then all blues, in 16 bits.
    Palette(Vec<u64>),
    /// Four inks.
    Cmyk,
    /// Lightness and two differences of colour, as in JPEG; how many pixels share one, across and down.
    YCbCr(usize, usize),
}

impl Color {
    /// What the tags of a frame of `samples` samples a pixel say.
    pub(super) fn of(ifd: &Ifd<'_>, samples: usize, compression: Compression) -> Result<Self, DocumentError> {
        const ASSOCIATED: u64 = 1;
        const UNASSOCIATED: u64 = 2;
        let extra = ifd.unsigned(tag::EXTRA_SAMPLES);
        let has_alpha = matches!(extra, Some(ASSOCIATED | UNASSOCIATED));
        // Left out by some fax programs, and by writers for whom three samples are colours.
        let stated = ifd
            .unsigned(tag::PHOTOMETRIC)
            .unwrap_or(match (compression, samples) {
                (Compression::Fax(_), _) => fax::WHITE_IS_ZERO,
                (_, 3..) => 2,
                _ => 1,
            });
        let color = match stated {
            fax::WHITE_IS_ZERO | 1 => Self::Gray {
                inverted: stated == fax::WHITE_IS_ZERO,
                alpha: samples == 2 && has_alpha,
            },
            2 => Self::Rgb {
                alpha: samples > 3 && (has_alpha || extra.is_none()),
            },
            3 => {
                let map = ifd.all_unsigned(tag::COLOR_MAP);
                Self::Palette(map.ok_or_else(|| malformed("a frame has no colour map"))?)
            }
            5 => Self::Cmyk,
            6 => {
                let shared = ifd.all_unsigned(tag::YCBCR_SUBSAMPLING).unwrap_or_default();
                match *shared.as_slice() {
                    [across @ (1 | 2 | 4), down @ (1 | 2 | 4), ..] => {
                        Self::YCbCr(across as usize, down as usize)
                    }
                    [] => Self::YCbCr(2, 2),
                    _ => {
                        return Err(malformed(
                            "its colours are shared by impossible numbers of pixels",
                        ));
                    }
                }
            }
            // The lightness of L*a*b* is all there is to read.
            8..=10 => Self::Gray {
                inverted: false,
                alpha: false,
            },
            other => return Err(unsupported(format!("the colour space of number {other}"))),
        };
        if samples < color.samples() {
            return Err(malformed("a frame has too few samples for its colours"));
        }
        Ok(color)
    }

    /// Number of samples that count.
    pub(super) fn samples(&self) -> usize {
        match self {
            Self::Gray { alpha: false, .. } | Self::Palette(_) => 1,
            Self::Gray { alpha: true, .. } => 2,
            Self::Rgb { alpha: false } | Self::YCbCr(..) => 3,
            Self::Rgb { alpha: true } | Self::Cmyk => 4,
        }
    }

    /// The pixels of samples of one byte each, [`Color::samples`] of each pixel.
    pub(super) fn raster(&self, width: u32, height: u32, mut samples: Vec<u8>) -> Raster {
        match self {
            Self::Gray { inverted, alpha } => {
                if *inverted {
                    for value in samples.iter_mut().step_by(self.samples()) {
                        *value = 255 - *value;
                    }
                }
                if *alpha {
                    Raster::gray_alpha(width, height, &samples)
                } else {
                    Raster::gray(width, height, samples)
                }
            }
            Self::Rgb { alpha: false } => Raster::rgb(width, height, samples),
            Self::Rgb { alpha: true } => Raster::rgba(width, height, &samples),
            Self::Palette(map) => Raster::rgb(width, height, look_up(&samples, map)),
            Self::Cmyk => Raster::cmyk(width, height, &samples),
            Self::YCbCr(..) => Raster::rgb(width, height, ycbcr_to_rgb(&samples)),
        }
    }
}

/// Colours of palette indices.
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
pub(super) fn ycbcr_to_rgb(samples: &[u8]) -> Vec<u8> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
