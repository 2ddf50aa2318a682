//! Image file directories: the tag lists of TIFF files and of EXIF metadata (TIFF 6.0, pages 13-16).

/// Tags used by this crate (TIFF 6.0, appendix A).
pub(crate) mod tag {
    pub(crate) const NEW_SUBFILE_TYPE: u16 = 254;
    pub(crate) const SUBFILE_TYPE: u16 = 255;
    pub(crate) const IMAGE_WIDTH: u16 = 256;
    pub(crate) const IMAGE_LENGTH: u16 = 257;
    pub(crate) const BITS_PER_SAMPLE: u16 = 258;
    pub(crate) const COMPRESSION: u16 = 259;
    pub(crate) const PHOTOMETRIC: u16 = 262;
    pub(crate) const FILL_ORDER: u16 = 266;
    pub(crate) const STRIP_OFFSETS: u16 = 273;
    pub(crate) const ORIENTATION: u16 = 274;
    pub(crate) const SAMPLES_PER_PIXEL: u16 = 277;
    pub(crate) const ROWS_PER_STRIP: u16 = 278;
    pub(crate) const STRIP_BYTE_COUNTS: u16 = 279;
    pub(crate) const X_RESOLUTION: u16 = 282;
    pub(crate) const Y_RESOLUTION: u16 = 283;
    pub(crate) const PLANAR_CONFIGURATION: u16 = 284;
    pub(crate) const T4_OPTIONS: u16 = 292;
    pub(crate) const RESOLUTION_UNIT: u16 = 296;
    pub(crate) const PREDICTOR: u16 = 317;
    pub(crate) const COLOR_MAP: u16 = 320;
    pub(crate) const TILE_WIDTH: u16 = 322;
    pub(crate) const TILE_LENGTH: u16 = 323;
    pub(crate) const TILE_OFFSETS: u16 = 324;
    pub(crate) const TILE_BYTE_COUNTS: u16 = 325;
    pub(crate) const EXTRA_SAMPLES: u16 = 338;
    pub(crate) const SAMPLE_FORMAT: u16 = 339;
    pub(crate) const YCBCR_SUBSAMPLING: u16 = 530;
}

const TYPE_BYTE: u16 = 1;
const TYPE_SHORT: u16 = 3;
const TYPE_LONG: u16 = 4;
const TYPE_RATIONAL: u16 = 5;
const TYPE_LONG8: u16 = 16;
const TYPE_IFD8: u16 = 18;

/// Maximum number of values read of one tag: a strip for each row of the tallest image of the format in use.
const MAX_VALUES: u64 = 1 << 20;

/// The header of a TIFF file or EXIF block: byte order and word size, and where the first directory is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TiffHeader {
    big_endian: bool,
    /// BigTIFF: 64-bit offsets.
    big: bool,
    /// Offset of the first directory.
    pub(crate) first: u64,
}

impl TiffHeader {
    /// Reads the header at the start of `data`.
    pub(crate) fn read(data: &[u8]) -> Option<Self> {
        let big_endian = match data.get(..2)? {
            b"II" => false,
            b"MM" => true,
            _ => return None,
        };
        let mut header = Self {
            big_endian,
            big: false,
            first: 0,
        };
        match header.unsigned(data, 2, 2)? {
            42 => header.first = header.unsigned(data, 4, 4)?,
            43 => {
                header.big = true;
                header.first = header.unsigned(data, 8, 8)?;
            }
            _ => return None,
        }
        Some(header)
    }

    /// Whether numbers are stored with their highest byte first.
    pub(crate) fn is_big_endian(self) -> bool {
        self.big_endian
    }

    /// The bytes of a link to no further directory.
    pub(crate) fn no_link(self) -> Vec<u8> {
        vec![0; if self.big { 8 } else { 4 }]
    }

    /// The bytes of a header that points at another first directory.
    pub(crate) fn pointing_at(self, first: u64) -> Vec<u8> {
        let mut bytes: Vec<u8> = if self.big_endian {
            b"MM".into()
        } else {
            b"II".into()
        };
        if self.big {
            bytes.extend(self.bytes(43, 2));
            bytes.extend(self.bytes(8, 2));
            bytes.extend(self.bytes(0, 2));
            bytes.extend(self.bytes(first, 8));
        } else {
            bytes.extend(self.bytes(42, 2));
            bytes.extend(self.bytes(first, 4));
        }
        bytes
    }

    /// `value` in `length` bytes of the file's byte order.
    pub(crate) fn bytes(self, value: u64, length: usize) -> Vec<u8> {
        let mut bytes = value.to_le_bytes()[..length.min(8)].to_vec();
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }

    fn unsigned(self, data: &[u8], offset: u64, length: usize) -> Option<u64> {
        let start = usize::try_from(offset).ok()?;
        let bytes = data.get(start..start.checked_add(length)?)?;
        let fold = |value: u64, &byte: &u8| value << 8 | u64::from(byte);
        Some(if self.big_endian {
            bytes.iter().fold(0, fold)
        } else {
            bytes.iter().rev().fold(0, fold)
        })
    }
}

/// One directory of a TIFF structure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ifd<'a> {
    data: &'a [u8],
    header: TiffHeader,
    entries: u64,
    count: u64,
    /// Offset of the next directory; 0 after the last one.
    pub(crate) next: u64,
    /// Where that offset stands.
    pub(crate) next_at: u64,
}

struct Entry {
    kind: u16,
    count: u64,
    /// Where the values are.
    offset: u64,
}

impl<'a> Ifd<'a> {
    /// Opens the directory at `offset`; `None` when it does not lie inside `data`.
    pub(crate) fn open(data: &'a [u8], header: TiffHeader, offset: u64) -> Option<Self> {
        let (count_size, entry_size, next_size) = if header.big { (8, 20, 8) } else { (2, 12, 4) };
        let count = header.unsigned(data, offset, count_size)?;
        let entries = offset.checked_add(count_size as u64)?;
        let end = entries.checked_add(count.checked_mul(entry_size)?)?;
        if end > data.len() as u64 {
            return None;
        }
        // Some writers leave out the last link.
        let next = header.unsigned(data, end, next_size).unwrap_or(0);
        Some(Self {
            data,
            header,
            entries,
            count,
            next,
            next_at: end,
        })
    }

    /// The first value of a tag of unsigned integers.
    pub(crate) fn unsigned(&self, tag: u16) -> Option<u64> {
        let entry = self.entry(tag)?;
        self.value(&entry, 0)
    }

    /// All values of a tag of unsigned integers.
    pub(crate) fn all_unsigned(&self, tag: u16) -> Option<Vec<u64>> {
        let entry = self.entry(tag)?;
        (0..entry.count.min(MAX_VALUES))
            .map(|index| self.value(&entry, index))
            .collect()
    }

    /// The first value of a tag of fractions; `None` for a division by zero.
    pub(crate) fn rational(&self, tag: u16) -> Option<f32> {
        let entry = self.entry(tag)?;
        if entry.kind != TYPE_RATIONAL {
            return self.value(&entry, 0).map(|value| value as f32);
        }
        let numerator = self.header.unsigned(self.data, entry.offset, 4)?;
        let denominator = self.header.unsigned(self.data, entry.offset.checked_add(4)?, 4)?;
        (denominator != 0).then(|| numerator as f32 / denominator as f32)
    }

    /// Horizontal and vertical resolution in dots per inch, as far as tags state it in a known unit.
    pub(crate) fn resolution(&self) -> Option<(f32, f32)> {
        let per_inch = match self.unsigned(tag::RESOLUTION_UNIT).unwrap_or(2) {
            2 => 1.0,
            3 => 2.54,
            _ => return None,
        };
        let horizontal = self.rational(tag::X_RESOLUTION)?;
        let vertical = self.rational(tag::Y_RESOLUTION).unwrap_or(horizontal);
        Some((horizontal * per_inch, vertical * per_inch))
    }

    fn entry(&self, tag: u16) -> Option<Entry> {
        let (entry_size, inline_size) = if self.header.big { (20, 8) } else { (12, 4) };
        let read = |offset, length| self.header.unsigned(self.data, offset, length);
        let at = (0..self.count)
            .map(|index| self.entries + index * entry_size)
            .find(|&at| read(at, 2) == Some(u64::from(tag)))?;
        let kind = read(at + 2, 2)? as u16;
        let count = read(at + 4, inline_size)?;
        let value_at = at + 4 + inline_size as u64;
        let bytes = count.checked_mul(type_size(kind)? as u64)?;
        let offset = if bytes <= inline_size as u64 {
            value_at
        } else {
            read(value_at, inline_size)?
        };
        Some(Entry { kind, count, offset })
    }

    fn value(&self, entry: &Entry, index: u64) -> Option<u64> {
        if index >= entry.count || entry.kind == TYPE_RATIONAL {
            return None;
        }
        let size = type_size(entry.kind)?;
        let offset = entry.offset.checked_add(index.checked_mul(size as u64)?)?;
        self.header.unsigned(self.data, offset, size)
    }
}

fn type_size(kind: u16) -> Option<usize> {
    match kind {
        TYPE_BYTE => Some(1),
        TYPE_SHORT => Some(2),
        TYPE_LONG => Some(4),
        TYPE_RATIONAL | TYPE_LONG8 | TYPE_IFD8 => Some(8),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One directory: orientation 6, horizontal resolution 600/2, unit centimetre.
    fn sample() -> Vec<u8> {
        let mut data = b"MM\0\x2a\0\0\0\x08".to_vec();
        data.extend([0, 3]);
        data.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
        data.extend([0x01, 0x1a, 0, 5, 0, 0, 0, 1, 0, 0, 0, 50]);
        data.extend([0x01, 0x28, 0, 3, 0, 0, 0, 1, 0, 3, 0, 0]);
        data.extend([0, 0, 0, 0]);
        data.extend([0, 0, 2, 88, 0, 0, 0, 2]);
        data
    }

    #[test]
    fn tags_are_read() {
        let data = sample();
        let header = TiffHeader::read(&data).unwrap();
        let ifd = Ifd::open(&data, header, header.first).unwrap();
        assert_eq!(ifd.unsigned(tag::ORIENTATION), Some(6));
        assert_eq!(ifd.resolution(), Some((762.0, 762.0)));
        assert_eq!(ifd.next, 0);
        assert_eq!(ifd.unsigned(tag::COMPRESSION), None);
        assert_eq!(header.pointing_at(8), data[..8]);
    }

    #[test]
    fn a_directory_outside_the_data_is_none() {
        let data = sample();
        let header = TiffHeader::read(&data).unwrap();
        assert!(Ifd::open(&data, header, u64::MAX).is_none());
        assert!(Ifd::open(&data[..20], header, 8).is_none());
    }
}
