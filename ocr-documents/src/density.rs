//! The resolution a picture file states, when it can be believed.

use crate::ifd::{Ifd, TiffHeader, tag};

/// Resolutions in dots per inch at which pages are really scanned or printed; software writes others as
/// placeholders.
const BELIEVABLE: std::ops::RangeInclusive<f32> = 72.0..=1200.0;

/// Maximum believable ratio of the two resolutions; fax has 204 x 98.
const MAX_ANISOTROPY: f32 = 2.5;

/// Resolutions up to this one are what software writes for "unknown", unless the page has a usual size.
const SCREEN_DPI: f32 = 96.0;

/// Longest side in inches of a page that was really made for a screen resolution: A3 and tabloid.
const LONGEST_SCREEN_PAGE: f32 = 17.0;

/// Horizontal and vertical resolution of an image of `width` x `height` pixels, if it can be believed.
pub(crate) fn believable(resolution: Option<(f32, f32)>, width: u32, height: u32) -> Option<(f32, f32)> {
    let (horizontal, vertical) = resolution?;
    let ratio = horizontal.max(vertical) / horizontal.min(vertical);
    let longest = (width as f32 / horizontal).max(height as f32 / vertical);
    let placeholder = horizontal.max(vertical) <= SCREEN_DPI && longest > LONGEST_SCREEN_PAGE;
    let sane = BELIEVABLE.contains(&horizontal) && BELIEVABLE.contains(&vertical) && ratio <= MAX_ANISOTROPY;
    (sane && !placeholder).then_some((horizontal, vertical))
}

/// Resolution in a JFIF header (ITU-T T.871, 10.1): the first application segment of a JPEG file.
pub(crate) fn of_jfif(file: &[u8]) -> Option<(f32, f32)> {
    let mut rest = file.get(2..)?;
    loop {
        let (&[0xff, marker, high, low], body) = rest.split_first_chunk::<4>()? else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([high, low])).checked_sub(2)?;
        let segment = body.get(..length)?;
        match (marker, segment) {
            (0xe0, [b'J', b'F', b'I', b'F', 0, _, _, unit, xh, xl, yh, yl, ..]) => {
                let per_inch = match unit {
                    1 => 1.0,
                    2 => 2.54,
                    _ => return None,
                };
                let scaled = |high: u8, low: u8| f32::from(u16::from_be_bytes([high, low])) * per_inch;
                return Some((scaled(*xh, *xl), scaled(*yh, *yl)));
            }
            // Application segments and comments come first; anything else begins the image.
            (0xe0..=0xef | 0xfe, _) => rest = body.get(length..)?,
            _ => return None,
        }
    }
}

/// Resolution of a `pHYs` chunk (PNG specification, 11.3.4.3): pixels a metre.
pub(crate) fn of_phys(chunk: &[u8]) -> Option<(f32, f32)> {
    let (horizontal, rest) = chunk.split_first_chunk::<4>()?;
    let (vertical, unit) = rest.split_first_chunk::<4>()?;
    let per_inch = |bytes: &[u8; 4]| u32::from_be_bytes(*bytes) as f32 * 0.0254;
    (unit == [1]).then(|| (per_inch(horizontal), per_inch(vertical)))
}

/// Resolution in the header of a BMP file (`BITMAPINFOHEADER`): pixels a metre.
pub(crate) fn of_bmp(file: &[u8]) -> Option<(f32, f32)> {
    /// Size of the first header that has it; the older one has not.
    const WITH_RESOLUTION: u32 = 40;
    let number = |at: usize| Some(u32::from_le_bytes(*file.get(at..)?.first_chunk::<4>()?));
    let per_inch = |at: usize| Some(number(at)? as f32 * 0.0254);
    if number(14)? < WITH_RESOLUTION {
        return None;
    }
    Some((per_inch(38)?, per_inch(42)?))
}

/// Orientation tag and resolution of an EXIF block, with or without its `Exif` prefix.
pub(crate) fn of_exif(block: &[u8]) -> (u16, Option<(f32, f32)>) {
    let data = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
    let ifd = TiffHeader::read(data).and_then(|header| Ifd::open(data, header, header.first));
    ifd.map_or((1, None), |ifd| {
        let orientation = ifd.unsigned(tag::ORIENTATION).unwrap_or(1);
        (u16::try_from(orientation).unwrap_or(1), ifd.resolution())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_resolutions_are_believed() {
        let of_page = |horizontal, vertical| believable(Some((horizontal, vertical)), 2480, 3508);
        assert_eq!(of_page(300.0, 300.0), Some((300.0, 300.0)));
        assert_eq!(of_page(204.0, 98.0), Some((204.0, 98.0)));
        assert_eq!(of_page(65535.0, 1.0), None);
        assert_eq!(of_page(f32::NAN, 300.0), None);
        assert_eq!(of_page(600.0, 100.0), None);
        assert_eq!(of_page(72.0, 72.0), None);
        assert_eq!(believable(Some((72.0, 72.0)), 595, 842), Some((72.0, 72.0)));
        assert_eq!(believable(None, 595, 842), None);
    }

    #[test]
    fn jfif_units() {
        let file = |unit: u8| {
            let mut file = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01".to_vec();
            file.extend([unit, 0, 200, 0, 100, 0, 0]);
            file
        };
        assert_eq!(of_jfif(&file(1)), Some((200.0, 100.0)));
        assert_eq!(of_jfif(&file(2)), Some((508.0, 254.0)));
        assert_eq!(of_jfif(&file(0)), None);
        assert_eq!(of_jfif(b"\xff\xd8\xff\xda\0\x02"), None);
    }

    #[test]
    fn metres_become_inches() {
        let mut chunk = Vec::new();
        chunk.extend(11_811_u32.to_be_bytes());
        chunk.extend(11_811_u32.to_be_bytes());
        chunk.push(1);
        let (horizontal, _) = of_phys(&chunk).unwrap();
        assert!((horizontal - 300.0).abs() < 0.01);
        chunk[8] = 0;
        assert_eq!(of_phys(&chunk), None);
    }
}
