//! JPEG 2000: a code stream, alone or in a JP2 file (ITU-T T.800, annexes A and I).

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};
use ocr_core::model::MediaType;

use crate::{DocumentError, Limits, pixels::Raster};

/// Maximum number of tiles: what the index of a tile can say.
const MAX_TILES: u64 = 65_535;

/// Maximum number of components; four inks and transparency are five.
const MAX_COMPONENTS: u16 = 8;

/// Maximum number of boxes looked at; metadata may add some.
const MAX_BOXES: usize = 1000;

/// What the size marker of a code stream says (ITU-T T.800, A.5.1).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Size {
    width: u32,
    height: u32,
    tiles: u64,
    components: u16,
}

impl Size {
    /// Reads it at the start of a code stream.
    fn of(stream: &[u8]) -> Option<Self> {
        const SIZE: u16 = 0xFF51;
        let stream = stream.strip_prefix(b"\xFF\x4F")?;
        let short = |at: usize| Some(u16::from_be_bytes(*stream.get(at..)?.first_chunk::<2>()?));
        let long = |at: usize| Some(u32::from_be_bytes(*stream.get(at..)?.first_chunk::<4>()?));
        if short(0)? != SIZE {
            return None;
        }
        let (right, bottom, left, top) = (long(6)?, long(10)?, long(14)?, long(18)?);
        let (tile_width, tile_height) = (long(22)?, long(26)?);
        if tile_width == 0 || tile_height == 0 {
            return None;
        }
        let across = u64::from(right.checked_sub(long(30)?)?.div_ceil(tile_width));
        let down = u64::from(bottom.checked_sub(long(34)?)?.div_ceil(tile_height));
        Some(Self {
            width: right.checked_sub(left)?,
            height: bottom.checked_sub(top)?,
            tiles: across.checked_mul(down)?,
            components: short(38)?,
        })
    }
}

/// Checks the header against the limits; nothing is decoded.
pub(crate) fn check(file: &[u8], limits: &Limits) -> Result<(), DocumentError> {
    if sizes(file).next().is_none() {
        return Err(malformed("it has no image header"));
    }
    // Of several code streams, the decoder takes the last.
    for size in sizes(file) {
        if size.width == 0 || size.height == 0 || size.components == 0 {
            return Err(malformed("the image has no pixels"));
        }
        limits.check_pixels(u64::from(size.width), u64::from(size.height))?;
        if size.components > MAX_COMPONENTS {
            return Err(unsupported(&format!("{} components", size.components)));
        }
        if size.tiles > MAX_TILES {
            return Err(malformed("it has more tiles than there can be"));
        }
    }
    Ok(())
}

/// Decodes the picture, smaller where it would take too much memory, and says by what factor it is smaller.
pub(crate) fn decode(file: &[u8], limits: &Limits) -> Result<(Raster, f32), DocumentError> {
    check(file, limits)?;
    let (image, whole_width) = fitting(file, limits)?;
    let (width, height) = (image.width(), image.height());
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(damaged)?;
    let components = decoded.components();
    let (channels, pixels) = (components.len(), width as usize * height as usize);
    if components
        .iter()
        .any(|component| component.samples().len() != pixels)
    {
        return Err(unsupported("components of several sizes"));
    }
    let samples = decoded.data_u8();
    let raster = raster((width, height), &samples, channels, &image)
        .ok_or_else(|| unsupported("an unknown colour space"))?;
    Ok((raster, whole_width as f32 / width.max(1) as f32))
}

/// The largest form of the picture whose components fit the limit together: the decoder keeps four bytes of each, and
/// about as many again while it works. With the width of the whole picture.
fn fitting<'a>(file: &'a [u8], limits: &Limits) -> Result<(Image<'a>, u32), DocumentError> {
    /// The decoder leaves out half of the rows and columns at a time, as often as the file was halved.
    const MAX_HALVINGS: u32 = 5;
    let mut image = open(file, None)?;
    let (width, height) = (image.width(), image.height());
    limits.check_pixels(u64::from(width), u64::from(height))?;
    let components = sizes(file).map(|size| u64::from(size.components)).max();
    let components = components.unwrap_or(1);
    let fits = |image: &Image<'_>| {
        u64::from(image.width()) * u64::from(image.height()) * components <= limits.max_page_pixels
    };
    for halvings in 1..=MAX_HALVINGS {
        if fits(&image) {
            break;
        }
        image = open(
            file,
            Some(((width >> halvings).max(1), (height >> halvings).max(1))),
        )?;
    }
    if fits(&image) {
        return Ok((image, width));
    }
    Err(DocumentError::TooManyPixels {
        width: u64::from(width),
        height: u64::from(height),
        limit: limits.max_page_pixels / components,
    })
}

/// Resolution in dots per inch at which the picture was taken, or else is to be shown (ITU-T T.800, I.5.3.7).
pub(crate) fn resolution(file: &[u8]) -> Option<(f32, f32)> {
    let header = boxes(file).find(|(kind, _)| kind == b"jp2h")?.1;
    let superbox = boxes(header).find(|(kind, _)| kind == b"res ")?.1;
    let found = |wanted: &[u8; 4]| boxes(superbox).find(|(kind, _)| kind == wanted);
    let (_, body) = found(b"resc").or_else(|| found(b"resd"))?;
    let [v1, v0, vd1, vd0, h1, h0, hd1, hd0, vertical, horizontal, ..] = *body else {
        return None;
    };
    let per_inch = |numerator: [u8; 2], denominator: [u8; 2], exponent: u8| {
        let ratio = f32::from(u16::from_be_bytes(numerator)) / f32::from(u16::from_be_bytes(denominator));
        let per_metre = ratio * 10_f32.powi(i32::from(exponent as i8));
        per_metre * 0.0254
    };
    Some((
        per_inch([h1, h0], [hd1, hd0], horizontal),
        per_inch([v1, v0], [vd1, vd0], vertical),
    ))
}

fn open(file: &[u8], target_resolution: Option<(u32, u32)>) -> Result<Image<'_>, DocumentError> {
    let settings = DecodeSettings {
        target_resolution,
        ..DecodeSettings::default()
    };
    Image::new(file, &settings).map_err(damaged)
}

fn raster((width, height): (u32, u32), samples: &[u8], channels: usize, image: &Image<'_>) -> Option<Raster> {
    let has_alpha = image.has_alpha();
    let colors = channels.checked_sub(usize::from(has_alpha))?;
    let is_ink = match image.color_space() {
        ColorSpace::CMYK => true,
        ColorSpace::Icc { num_channels, .. } | ColorSpace::Unknown { num_channels } => *num_channels == 4,
        ColorSpace::Gray | ColorSpace::RGB => false,
    };
    // Of a picture with more components than there are colours, only the first ones are shown.
    let first = |count: usize| -> Vec<u8> {
        let pixels = samples.chunks_exact(channels);
        pixels.flat_map(|pixel| pixel[..count].iter().copied()).collect()
    };
    Some(match (colors, has_alpha) {
        (4.., _) if is_ink => Raster::cmyk(width, height, &first(4)),
        (3.., false) => Raster::rgb(width, height, first(3)),
        (3, true) => Raster::rgba(width, height, &first(4)),
        (1, true) => Raster::gray_alpha(width, height, &first(2)),
        (1..=2, _) => Raster::gray(width, height, first(1)),
        _ => return None,
    })
}

/// What the code streams of a file say of their sizes; a file may be one.
fn sizes(file: &[u8]) -> impl Iterator<Item = Size> {
    let bare = Some(file).filter(|file| file.starts_with(b"\xFF\x4F"));
    let boxed = boxes(file).filter(|(kind, _)| kind == b"jp2c");
    bare.into_iter()
        .chain(boxed.map(|(_, body)| body))
        .filter_map(Size::of)
}

/// Boxes of a file or of a box, with their types (ITU-T T.800, I.4).
fn boxes(data: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = data;
    std::iter::from_fn(move || {
        let (length, body) = rest.split_first_chunk::<4>()?;
        let (kind, body) = body.split_first_chunk::<4>()?;
        let (head, length) = match u32::from_be_bytes(*length) {
            // To the end of the file.
            0 => (8, rest.len()),
            // A longer length follows.
            1 => {
                let long = u64::from_be_bytes(*body.first_chunk::<8>()?);
                (16, usize::try_from(long).ok()?)
            }
            length => (8, length as usize),
        };
        let body = rest.get(head..length.min(rest.len()))?;
        rest = rest.get(length..).unwrap_or_default();
        Some((*kind, body))
    })
    .take(MAX_BOXES)
}

fn damaged(error: hayro_jpeg2000::DecodeError) -> DocumentError {
    malformed("its image data cannot be decoded").caused_by(error)
}

fn malformed(reason: &str) -> DocumentError {
    DocumentError::malformed(MediaType::Jpeg2000, reason)
}

fn unsupported(feature: &str) -> DocumentError {
    DocumentError::unsupported(MediaType::Jpeg2000, feature)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A size marker of a picture of these components.
    fn stream(width: u32, height: u32, tile: u32, components: u16) -> Vec<u8> {
        let mut stream = b"\xFF\x4F\xFF\x51\0\x2f\0\0".to_vec();
        for number in [width, height, 0, 0, tile, tile, 0, 0] {
            stream.extend(number.to_be_bytes());
        }
        stream.extend(components.to_be_bytes());
        stream.extend([7, 1, 1]);
        stream
    }

    fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        let mut bytes = (body.len() as u32 + 8).to_be_bytes().to_vec();
        bytes.extend(kind);
        bytes.extend(body);
        bytes
    }

    #[test]
    fn headers_are_checked_before_anything_is_decoded() {
        let limits = Limits::default();
        assert!(check(&stream(1000, 1000, 1000, 3), &limits).is_ok());
        let error = |stream: &[u8]| check(stream, &limits).unwrap_err().to_string();
        assert!(error(&stream(100_000, 100_000, 1000, 3)).contains("100000 x 100000 pixels"));
        assert!(error(&stream(1000, 1000, 1, 3)).contains("more tiles"));
        assert!(error(&stream(1000, 1000, 0, 3)).contains("no image header"));
        assert!(error(&stream(10, 10, 10, 16_384)).contains("16384 components"));
        let file = [
            boxed(*b"jp2h", b""),
            boxed(*b"jp2c", &stream(100_000, 100_000, 1000, 3)),
        ]
        .concat();
        assert!(error(&file).contains("100000 x 100000 pixels"));
    }

    #[test]
    fn the_resolution_of_a_file_is_read_in_metres() {
        // 11811 pixels a metre down, 5906 across.
        let captured = [0x2e, 0x23, 0, 1, 0x17, 0x12, 0, 1, 0, 0];
        let file = boxed(*b"jp2h", &boxed(*b"res ", &boxed(*b"resc", &captured)));
        let (horizontal, vertical) = resolution(&file).unwrap();
        assert!((horizontal - 150.0).abs() < 0.1 && (vertical - 300.0).abs() < 0.1);
        assert_eq!(resolution(b"\xFF\x4F\xFF\x51"), None);
    }
}
