//! Private parsers for the fuzz targets of this workspace. No part of the API.

use hayro::hayro_syntax::Filter;

use crate::{
    density,
    ifd::{Ifd, TiffHeader, tag},
    pdf::expanded,
};

/// Directories followed; links may lead in a circle.
const DIRECTORIES: usize = 16;
/// Bytes to which filters may expand.
const EXPANSION: u64 = 1 << 20;

const FILTERS: [Filter; 6] = [
    Filter::FlateDecode,
    Filter::LzwDecode,
    Filter::RunLengthDecode,
    Filter::AsciiHexDecode,
    Filter::Ascii85Decode,
    Filter::CcittFaxDecode,
];

/// Reads `bytes` as EXIF, JFIF and `pHYs`, and as the directories of a TIFF file.
///
/// # Panics
/// When a resolution that is believed is not one.
pub fn metadata(bytes: &[u8]) {
    let stated = [
        density::of_exif(bytes).1,
        density::of_jfif(bytes),
        density::of_phys(bytes),
    ];
    for resolution in stated {
        if let Some((horizontal, vertical)) = density::believable(resolution, 1000, 1500) {
            assert!(horizontal > 0.0 && vertical > 0.0, "{horizontal} x {vertical}");
        }
    }
    let Some(header) = TiffHeader::read(bytes) else {
        return;
    };
    let mut next = header.first;
    for _ in 0..DIRECTORIES {
        let Some(directory) = Ifd::open(bytes, header, next) else {
            return;
        };
        for tag in [
            tag::IMAGE_WIDTH,
            tag::ORIENTATION,
            tag::X_RESOLUTION,
            tag::STRIP_OFFSETS,
            tag::COLOR_MAP,
        ] {
            let _ = (directory.unsigned(tag), directory.rational(tag));
            let all = directory.all_unsigned(tag).map_or(0, |values| values.len());
            // A value takes at least one byte of the file.
            assert!(all <= bytes.len(), "{all} values in {} bytes", bytes.len());
        }
        let _ = directory.resolution();
        next = directory.next;
    }
}

/// Expands `bytes` by each filter of a PDF.
///
/// # Panics
/// When more is kept than is allowed.
pub fn expansion(bytes: &[u8]) {
    for filter in FILTERS {
        let kept = expanded(filter, bytes, EXPANSION).len();
        assert!(kept as u64 <= EXPANSION, "{filter:?} keeps {kept} bytes");
    }
}
