//! Pictures as they are stored, for a file that can hold them without decoding: a PDF.

use ocr_core::model::QuarterTurn;

use crate::{orientation::Orientation, png};

/// A picture in the encoding of its file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StoredImage {
    /// Width in stored pixels.
    pub width: u32,
    /// Height in stored pixels.
    pub height: u32,
    /// What a pixel is made of.
    pub colors: StoredColors,
    /// Bits of each component: 1, 2, 4, 8 or 16.
    pub bits: u8,
    /// How [`StoredImage::data`] is to be decoded.
    pub encoding: StoredEncoding,
    /// The encoded pixels.
    pub data: Vec<u8>,
    /// Whether it is shown mirrored left to right, before it is turned.
    pub mirror: bool,
    /// How it is turned to be upright.
    pub turn: QuarterTurn,
}

/// What a pixel is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredColors {
    /// One component, 0 black.
    Gray,
    /// Red, green, blue.
    Rgb,
    /// Cyan, magenta, yellow, black; `inverted` where 0 is full ink, as Adobe writes it.
    Cmyk {
        /// Whether 0 is full ink.
        inverted: bool,
    },
    /// A number of these colours, each of three bytes.
    Palette(Vec<u8>),
}

/// How pixels are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredEncoding {
    /// A whole JPEG file.
    Jpeg,
    /// A zlib stream of rows, each after the number of its filter, as in PNG.
    Png,
    /// ITU-T T.6, most significant bit first.
    FaxGroup4 {
        /// Whether runs of black stand for white.
        inverted: bool,
    },
}

impl StoredImage {
    /// The picture of a PNG file; `None` where a PDF has no way to hold it: interlaced, or not opaque.
    pub(crate) fn png(file: &[u8], orientation: Orientation) -> Option<Self> {
        const GRAY: u8 = 0;
        const RGB: u8 = 2;
        const PALETTE: u8 = 3;
        let parts = png::Parts::of(file)?;
        let [bits, kind, .., interlaced] = *parts.layout;
        if parts.is_transparent || interlaced != 0 {
            return None;
        }
        let colors = match kind {
            GRAY => StoredColors::Gray,
            RGB => StoredColors::Rgb,
            PALETTE => StoredColors::Palette(parts.palette?.to_vec()),
            _ => return None,
        };
        Some(Self {
            width: parts.width,
            height: parts.height,
            colors,
            bits,
            encoding: StoredEncoding::Png,
            data: parts.data,
            mirror: orientation.mirror,
            turn: orientation.turn,
        })
    }

    /// The picture of a JPEG file; `None` where a PDF has no way to hold it: more than 8 bits, or not of 1, 3 or 4
    /// components.
    pub(crate) fn jpeg(file: &[u8], orientation: Orientation) -> Option<Self> {
        let frame = JpegFrame::of(file)?;
        let colors = match frame.components {
            1 => StoredColors::Gray,
            3 => StoredColors::Rgb,
            4 => StoredColors::Cmyk {
                inverted: frame.is_adobe,
            },
            _ => return None,
        };
        Some(Self {
            width: u32::from(frame.width),
            height: u32::from(frame.height),
            colors,
            bits: 8,
            encoding: StoredEncoding::Jpeg,
            data: file.to_vec(),
            mirror: orientation.mirror,
            turn: orientation.turn,
        })
    }
}

/// What the markers before the pixels of a JPEG file say (ITU-T T.81, annex B).
struct JpegFrame {
    width: u16,
    height: u16,
    components: u8,
    /// Whether Adobe's own segment is there.
    is_adobe: bool,
}

impl JpegFrame {
    fn of(file: &[u8]) -> Option<Self> {
        const BASELINE: u8 = 0xC0;
        const PROGRESSIVE: u8 = 0xC2;
        const START_OF_SCAN: u8 = 0xDA;
        const ADOBE: u8 = 0xEE;
        let mut rest = file.strip_prefix(b"\xFF\xD8")?;
        let mut is_adobe = false;
        let mut frame = None;
        loop {
            let [0xFF, marker, tail @ ..] = rest else {
                return None;
            };
            // Any number of fill bytes may come before a marker.
            if *marker == 0xFF {
                rest = &rest[1..];
                continue;
            }
            let (length, _) = tail.split_first_chunk::<2>()?;
            let length = usize::from(u16::from_be_bytes(*length));
            let segment = tail.get(2..length)?;
            match *marker {
                ADOBE => is_adobe |= segment.starts_with(b"Adobe"),
                BASELINE..=PROGRESSIVE => {
                    let [8, h1, h0, w1, w0, components, ..] = *segment else {
                        return None;
                    };
                    frame = Some((
                        u16::from_be_bytes([w1, w0]),
                        u16::from_be_bytes([h1, h0]),
                        components,
                    ));
                }
                START_OF_SCAN => break,
                _ => {}
            }
            rest = tail.get(length..)?;
        }
        let (width, height, components) = frame?;
        (width > 0 && height > 0).then_some(Self {
            width,
            height,
            components,
            is_adobe,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(components: u8, adobe: bool) -> Vec<u8> {
        let mut file = b"\xFF\xD8".to_vec();
        if adobe {
            file.extend(b"\xFF\xEE\x00\x0EAdobe\0\0\0\0\0\0\0");
        }
        file.extend([0xFF, 0xFF, 0xC2, 0, 8, 8, 0, 3, 0, 5, components]);
        file.extend(b"\xFF\xDA\x00\x02pixels");
        file
    }

    #[test]
    fn a_jpeg_file_is_taken_whole() {
        let file = jpeg(4, true);
        let stored = StoredImage::jpeg(&file, Orientation::from_tag(6)).unwrap();
        assert_eq!((stored.width, stored.height, stored.bits), (5, 3, 8));
        assert_eq!(stored.colors, StoredColors::Cmyk { inverted: true });
        assert_eq!((stored.turn, stored.data), (QuarterTurn::Clockwise90, file));
        let file = jpeg(3, false);
        assert_eq!(
            StoredImage::jpeg(&file, Orientation::default()).unwrap().colors,
            StoredColors::Rgb
        );
        for cut in 0..file.len() - 6 {
            assert_eq!(
                StoredImage::jpeg(&file[..cut], Orientation::default()),
                None,
                "{cut}"
            );
        }
        assert_eq!(StoredImage::jpeg(&jpeg(2, false), Orientation::default()), None);
    }
}
