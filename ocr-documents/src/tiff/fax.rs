//! Fax strips (TIFF 6.0, sections 10 and 11): decoded, and those of Group 4 as they are stored.

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::rows::Rows;
use crate::{
    StoredColors, StoredEncoding, StoredImage,
    ifd::{Ifd, tag},
    orientation::Orientation,
};

/// Compression 2: one-dimensional modified Huffman rows, each on a byte, without line ends.
const MODIFIED_HUFFMAN: u64 = 2;
/// Compression 3: ITU-T T.4 in one or two dimensions.
const GROUP_3: u64 = 3;
/// Compression 4: ITU-T T.6.
const GROUP_4: u64 = 4;

/// PhotometricInterpretation: what the codes call white is white.
pub(super) const WHITE_IS_ZERO: u64 = 0;

/// Which codes a frame uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codes {
    /// Modified Huffman.
    ModifiedHuffman,
    /// Group 3 in one dimension.
    Group3,
    /// Group 3 in two dimensions.
    Group3TwoDimensional,
    /// Group 4.
    Group4,
}

impl Codes {
    /// The codes of a frame that is a fax.
    pub(super) fn of(ifd: &Ifd<'_>) -> Self {
        const TWO_DIMENSIONAL: u64 = 1;
        let options = ifd.unsigned(tag::T4_OPTIONS).unwrap_or(0);
        match ifd.unsigned(tag::COMPRESSION) {
            Some(MODIFIED_HUFFMAN) => Self::ModifiedHuffman,
            Some(GROUP_3) if options & TWO_DIMENSIONAL != 0 => Self::Group3TwoDimensional,
            Some(GROUP_3) => Self::Group3,
            _ => Self::Group4,
        }
    }

    /// The rows as bits, 1 where the codes say black. Rows of Group 3 that are damaged or missing are white; `None`
    /// for a strip of Group 4 that is damaged, as each of its rows is told by the one before, and for one without rows.
    pub(super) fn expand(self, strip: &[u8], rows: Rows) -> Option<Vec<u8>> {
        let mut packed = PackedRows {
            row_bytes: rows.bytes,
            bits: Vec::with_capacity(rows.count * rows.bytes),
            columns: u32::try_from(rows.columns).ok()?,
        };
        let settings = self.settings(packed.columns, u32::try_from(rows.count).ok()?);
        let outcome = hayro_ccitt::decode(strip, &mut packed, &mut DecoderContext::new(settings));
        if self == Self::Group4 && (outcome.is_err() || packed.bits.is_empty()) {
            return None;
        }
        packed.bits.resize(rows.count * rows.bytes, 0);
        Some(packed.bits)
    }

    fn settings(self, columns: u32, rows: u32) -> DecodeSettings {
        let group_3 = matches!(self, Self::Group3 | Self::Group3TwoDimensional);
        DecodeSettings {
            columns,
            rows,
            end_of_block: self != Self::ModifiedHuffman,
            end_of_line: group_3,
            rows_are_byte_aligned: self == Self::ModifiedHuffman,
            encoding: match self {
                Self::Group4 => EncodingMode::Group4,
                Self::Group3TwoDimensional => EncodingMode::Group3_2D,
                Self::Group3 | Self::ModifiedHuffman => EncodingMode::Group3_1D,
            },
            strict: false,
        }
    }
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

/// Collects decoded rows as bits, 0 where the codes say white.
struct PackedRows {
    columns: u32,
    row_bytes: usize,
    bits: Vec<u8>,
}

impl Decoder for PackedRows {
    fn push_row(&mut self, changes: &[u32]) {
        let start = self.bits.len();
        self.bits.resize(start + self.row_bytes, 0);
        let row = &mut self.bits[start..];
        for run in changes.chunks(2) {
            let end = run.get(1).copied().unwrap_or(self.columns);
            blacken(row, run[0] as usize, end as usize);
        }
    }
}

/// Sets the bits from `start` to before `end`.
fn blacken(row: &mut [u8], start: usize, end: usize) {
    let end = end.min(row.len() * 8);
    if start >= end {
        return;
    }
    let (first, last) = (start / 8, (end - 1) / 8);
    let from = 0xFF_u8 >> (start % 8);
    let to = 0xFF_u8 << (7 - (end - 1) % 8);
    if first == last {
        row[first] |= from & to;
        return;
    }
    row[first] |= from;
    row[first + 1..last].fill(0xFF);
    row[last] |= to;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_alternate_from_white() {
        let mut rows = PackedRows {
            columns: 20,
            row_bytes: 3,
            bits: Vec::new(),
        };
        rows.push_row(&[1, 3, 9, 10]);
        rows.push_row(&[4]);
        rows.push_row(&[]);
        assert_eq!(rows.bits[..3], [0b0110_0000, 0b0100_0000, 0]);
        assert_eq!(rows.bits[3..6], [0b0000_1111, 0xFF, 0b1111_0000]);
        assert_eq!(rows.bits[6..], [0; 3]);
    }
}
