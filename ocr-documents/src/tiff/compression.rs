//! The bytes of one strip or tile, expanded (TIFF 6.0, sections 9 to 11 and 13, and Adobe's supplement for Deflate).

use std::io::Read;

use flate2::read::ZlibDecoder;
use weezl::{BitOrder, LzwStatus, decode::Configuration};

use super::{fax, malformed, rows::Rows};
use crate::{
    DocumentError,
    ifd::{Ifd, tag},
};

const FILL_ORDER_LOW_BIT_FIRST: u64 = 2;

/// How the strips or tiles of a frame are compressed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Compression {
    /// 1: samples as they are.
    None,
    /// 2, 3, 4: fax.
    Fax(fax::Codes),
    /// 5.
    Lzw,
    /// 8, and 32946 before it had that number.
    Deflate,
    /// 32773: runs of bytes, as on the first Macintosh.
    PackBits,
}

impl Compression {
    /// The compression a frame states; `None` for one that is not read here.
    pub(super) fn of(ifd: &Ifd<'_>) -> Option<Self> {
        Some(match ifd.unsigned(tag::COMPRESSION).unwrap_or(1) {
            1 => Self::None,
            2..=4 => Self::Fax(fax::Codes::of(ifd)),
            5 => Self::Lzw,
            8 | 32946 => Self::Deflate,
            32773 => Self::PackBits,
            _ => return None,
        })
    }

    /// Whether a row may be stored as differences.
    pub(super) fn may_predict(self) -> bool {
        matches!(self, Self::Lzw | Self::Deflate)
    }

    /// The bytes of the rows that `data` stands for.
    ///
    /// # Errors
    /// When there are fewer. A damaged fax of Group 3 has white rows instead.
    pub(super) fn expand(self, data: &[u8], order: FillOrder, rows: Rows) -> Result<Vec<u8>, DocumentError> {
        let reverse = || self.expanded(&reversed(data), rows);
        let expanded = match (order, self) {
            (FillOrder::HighBitFirst, _) => self.expanded(data, rows),
            (FillOrder::LowBitFirst, Self::None) => self.expanded(data, rows).map(|bytes| reversed(&bytes)),
            (FillOrder::LowBitFirst, Self::Fax(_)) => reverse(),
            // The order is that of the compressed bytes; but some writers turned the pixels before they compressed.
            (FillOrder::LowBitFirst, _) => reverse().or_else(|| {
                let bytes = self.expanded(data, rows)?;
                Some(if rows.bits < 8 { reversed(&bytes) } else { bytes })
            }),
        };
        expanded.ok_or_else(|| malformed("its image data cannot be decoded"))
    }

    fn expanded(self, data: &[u8], rows: Rows) -> Option<Vec<u8>> {
        let length = rows.count.checked_mul(rows.bytes)?;
        match self {
            Self::None => data.get(..length).map(<[u8]>::to_vec),
            Self::Fax(codes) => codes.expand(data, rows),
            Self::Lzw => lzw(data, length),
            Self::Deflate => deflate(data, length),
            Self::PackBits => pack_bits(data, length),
        }
    }
}

/// The order of the bits in the bytes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FillOrder {
    /// As usual: the first pixel, or the first bit of a code, is the highest bit of a byte.
    HighBitFirst,
    /// It is the lowest.
    LowBitFirst,
}

impl FillOrder {
    /// The order a frame states.
    pub(super) fn of(ifd: &Ifd<'_>) -> Self {
        match ifd.unsigned(tag::FILL_ORDER) {
            Some(FILL_ORDER_LOW_BIT_FIRST) => Self::LowBitFirst,
            _ => Self::HighBitFirst,
        }
    }
}

/// Each byte with its bits in the other order.
pub(super) fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte.reverse_bits()).collect()
}

/// `None` for fewer than `length` bytes.
fn lzw(data: &[u8], length: usize) -> Option<Vec<u8>> {
    // Before TIFF 6.0, codes began at the lowest bit and grew one code later. Each strip begins with the code 256.
    let old = matches!(data, [0, second, ..] if second & 1 == 1);
    let mut decoder = if old {
        Configuration::new(BitOrder::Lsb, 8).build()
    } else {
        Configuration::with_tiff_size_switch(BitOrder::Msb, 8).build()
    };
    let mut expanded = vec![0; length];
    let (mut read, mut written) = (0, 0);
    while written < length {
        let step = decoder.decode_bytes(data.get(read..)?, &mut expanded[written..]);
        read += step.consumed_in;
        written += step.consumed_out;
        match step.status {
            Ok(LzwStatus::Ok) => {}
            Ok(LzwStatus::Done | LzwStatus::NoProgress) | Err(_) => break,
        }
    }
    (written == length).then_some(expanded)
}

/// `None` for fewer than `length` bytes.
fn deflate(data: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut expanded = vec![0; length];
    ZlibDecoder::new(data).read_exact(&mut expanded).ok()?;
    Some(expanded)
}

/// `None` for fewer than `length` bytes.
fn pack_bits(mut data: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut expanded = Vec::with_capacity(length);
    while expanded.len() < length {
        let (&header, rest) = data.split_first()?;
        data = match header {
            0..=127 => {
                let (literal, rest) = rest.split_at_checked(usize::from(header) + 1)?;
                expanded.extend_from_slice(literal);
                rest
            }
            128 => rest,
            129..=255 => {
                let (&value, rest) = rest.split_first()?;
                expanded.resize(expanded.len() + 257 - usize::from(header), value);
                rest
            }
        };
    }
    expanded.truncate(length);
    Some(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_literals_are_unpacked() {
        // The example of TIFF 6.0, section 9.
        let packed = [
            0xFE, 0xAA, 0x02, 0x80, 0x00, 0x2A, 0xFD, 0xAA, 0x03, 0x80, 0x00, 0x2A, 0x22, 0xF7, 0xAA,
        ];
        let unpacked = pack_bits(&packed, 24).unwrap();
        assert_eq!(unpacked[..7], [0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0xAA]);
        assert_eq!(unpacked[14..], [0xAA; 10]);
        assert_eq!(pack_bits(&packed, 25), None);
        assert_eq!(pack_bits(&[128, 128], 1), None);
    }

    #[test]
    fn both_kinds_of_lzw_are_read() {
        let text = b"to be or not to be, that is the question; to be is to do".repeat(40);
        let new = weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8)
            .encode(&text)
            .unwrap();
        let old = weezl::encode::Encoder::new(BitOrder::Lsb, 8)
            .encode(&text)
            .unwrap();
        for packed in [new, old] {
            assert_eq!(lzw(&packed, text.len()).as_deref(), Some(&text[..]));
            assert_eq!(lzw(&packed, 100).as_deref(), Some(&text[..100]));
            assert_eq!(lzw(&packed[..packed.len() / 2], text.len()), None);
        }
    }
}
