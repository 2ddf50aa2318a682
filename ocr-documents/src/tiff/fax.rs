//! Fax strips (TIFF 6.0, sections 10 and 11): those of Group 3 decoded, which the TIFF decoder lacks, and those of
//! Group 4 as they are stored.

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::malformed;
use crate::{
    DocumentError, StoredColors, StoredEncoding, StoredImage,
    ifd::{Ifd, tag},
    orientation::Orientation,
    pixels::Raster,
};

/// Compression 2: one-dimensional modified Huffman rows, each on a byte, without line ends.
pub(super) const MODIFIED_HUFFMAN: u64 = 2;
/// Compression 3: ITU-T T.4 in one or two dimensions.
pub(super) const GROUP_3: u64 = 3;
/// Compression 4: ITU-T T.6.
const GROUP_4: u64 = 4;

const WHITE_IS_ZERO: u64 = 0;
const LEAST_SIGNIFICANT_BIT_FIRST: u64 = 2;

/// Decodes a bilevel frame; rows that are missing or damaged stay white.
pub(super) fn decode(bytes: &[u8], ifd: &Ifd<'_>, compression: u64) -> Result<Raster, DocumentError> {
    let missing = || malformed("a fax frame lacks its strips");
    let width = ifd.unsigned(tag::IMAGE_WIDTH).ok_or_else(missing)? as u32;
    let height = ifd.unsigned(tag::IMAGE_LENGTH).ok_or_else(missing)? as u32;
    let offsets = ifd.all_unsigned(tag::STRIP_OFFSETS).ok_or_else(missing)?;
    let lengths = ifd.all_unsigned(tag::STRIP_BYTE_COUNTS).ok_or_else(missing)?;
    let strip_rows = ifd.unsigned(tag::ROWS_PER_STRIP).unwrap_or(u64::from(height));
    let strip_rows = strip_rows.clamp(1, u64::from(height)) as u32;
    let reversed = ifd.unsigned(tag::FILL_ORDER) == Some(LEAST_SIGNIFICANT_BIT_FIRST);
    // The photometric tag says what the codes' "white" is shown as; nearly all fax is white is zero.
    let inverted = ifd.unsigned(tag::PHOTOMETRIC).unwrap_or(WHITE_IS_ZERO) != WHITE_IS_ZERO;
    let mut rows = Rows {
        width,
        pixels: Vec::with_capacity(width as usize * height as usize),
    };
    for (index, (offset, length)) in offsets.into_iter().zip(lengths).enumerate() {
        let done = u32::try_from(index)
            .unwrap_or(u32::MAX)
            .saturating_mul(strip_rows);
        let Some(left) = height.checked_sub(done).filter(|&left| left > 0) else {
            break;
        };
        let strip = strip(bytes, offset, length).ok_or_else(|| malformed("a strip lies outside the file"))?;
        let strip = if reversed {
            strip.iter().map(|byte| byte.reverse_bits()).collect()
        } else {
            strip.to_vec()
        };
        let settings = settings(ifd, compression, width, strip_rows.min(left));
        // A damaged strip gives the rows before the damage.
        let _partial = hayro_ccitt::decode(&strip, &mut rows, &mut DecoderContext::new(settings));
        rows.pad_to(done.saturating_add(strip_rows).min(height));
    }
    rows.pad_to(height);
    if inverted {
        for value in &mut rows.pixels {
            *value = 255 - *value;
        }
    }
    Ok(Raster::gray(width, height, rows.pixels))
}

/// The fax of a Group 4 frame of one strip, as it is stored; `None` for all else.
pub(super) fn stored(bytes: &[u8], ifd: &Ifd<'_>) -> Option<StoredImage> {
    const MOST_SIGNIFICANT_BIT_FIRST: u64 = 1;
    const BLACK_IS_ZERO: u64 = 1;
    let unsigned = |tag, default| ifd.unsigned(tag).unwrap_or(default);
    let one = |tag| match ifd.all_unsigned(tag)?.as_slice() {
        [value] => usize::try_from(*value).ok(),
        _ => None,
    };
    if ifd.unsigned(tag::COMPRESSION) != Some(GROUP_4)
        || unsigned(tag::FILL_ORDER, MOST_SIGNIFICANT_BIT_FIRST) != MOST_SIGNIFICANT_BIT_FIRST
    {
        return None;
    }
    let start = one(tag::STRIP_OFFSETS)?;
    let end = start.checked_add(one(tag::STRIP_BYTE_COUNTS)?)?;
    let orientation = Orientation::from_tag(unsigned(tag::ORIENTATION, 1) as u16);
    Some(StoredImage {
        width: u32::try_from(ifd.unsigned(tag::IMAGE_WIDTH)?).ok()?,
        height: u32::try_from(ifd.unsigned(tag::IMAGE_LENGTH)?).ok()?,
        colors: StoredColors::Gray,
        bits: 1,
        encoding: StoredEncoding::FaxGroup4 {
            inverted: unsigned(tag::PHOTOMETRIC, WHITE_IS_ZERO) == BLACK_IS_ZERO,
        },
        data: bytes.get(start..end)?.to_vec(),
        mirror: orientation.mirror,
        turn: orientation.turn,
    })
}

fn strip(bytes: &[u8], offset: u64, length: u64) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    let rest = bytes.get(start..)?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Some(rest.get(..length).unwrap_or(rest))
}

fn settings(ifd: &Ifd<'_>, compression: u64, columns: u32, rows: u32) -> DecodeSettings {
    const TWO_DIMENSIONAL: u64 = 1;
    let options = ifd.unsigned(tag::T4_OPTIONS).unwrap_or(0);
    let group_3 = compression == GROUP_3;
    let encoding = if group_3 && options & TWO_DIMENSIONAL != 0 {
        EncodingMode::Group3_2D
    } else {
        EncodingMode::Group3_1D
    };
    DecodeSettings {
        columns,
        rows,
        end_of_block: group_3,
        end_of_line: group_3,
        rows_are_byte_aligned: !group_3,
        encoding,
        strict: false,
    }
}

/// Collects decoded rows as grey pixels, white where the codes say white.
struct Rows {
    width: u32,
    pixels: Vec<u8>,
}

impl Rows {
    /// Makes it exactly `rows` rows, with white ones where some are missing.
    fn pad_to(&mut self, rows: u32) {
        self.pixels.resize(self.width as usize * rows as usize, 255);
    }
}

impl Decoder for Rows {
    fn push_row(&mut self, changes: &[u32]) {
        let start = self.pixels.len();
        let end = start + self.width as usize;
        let (mut at, mut value) = (start, 255);
        for &change in changes {
            let next = (start + change as usize).clamp(at, end);
            self.pixels.resize(next, value);
            (at, value) = (next, 255 - value);
        }
        self.pixels.resize(end, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_alternate_from_white() {
        let mut rows = Rows {
            width: 5,
            pixels: Vec::new(),
        };
        rows.push_row(&[1, 3]);
        rows.push_row(&[4]);
        rows.pad_to(3);
        assert_eq!(
            rows.pixels,
            [
                255, 0, 0, 255, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255
            ]
        );
    }
}
