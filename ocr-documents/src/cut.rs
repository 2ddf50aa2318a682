//! Parts of a page.

use ocr_core::{model::Rect, page::PageImage};

/// The part of the page within `bounds`, whose sides are shares of the page in 0..=1, with `margin` pixels more on every
/// side as far as the page goes. `None` where no pixel is within.
pub fn cut(image: &PageImage, bounds: Rect, margin: u32) -> Option<PageImage> {
    let across = within(bounds.left, bounds.right, image.width(), margin);
    let along = within(bounds.top, bounds.bottom, image.height(), margin);
    let channels = image.format().channels();
    let row_bytes = image.width() as usize * channels;
    let (width, height) = (across.len(), along.len());
    if width == 0 || height == 0 {
        return None;
    }
    let mut pixels = Vec::with_capacity(width * height * channels);
    for row in image
        .pixels()
        .chunks_exact(row_bytes)
        .take(along.end)
        .skip(along.start)
    {
        pixels.extend_from_slice(row.get(across.start * channels..across.end * channels)?);
    }
    let (width, height) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    let part = PageImage::new(width, height, image.format(), pixels)?;
    Some(part.with_dpi(image.dpi()))
}

/// Pixels from `start` to `end`, which are shares of `length`, and `margin` more on both sides.
fn within(start: f32, end: f32, length: u32, margin: u32) -> std::ops::Range<usize> {
    // A share that is no number is none; casts of floats stay within the type.
    let first = (start.clamp(0.0, 1.0) * length as f32).floor() as u32;
    let last = (end.clamp(0.0, 1.0) * length as f32).ceil() as u32;
    if last <= first {
        return 0..0;
    }
    let (first, last) = (
        first.saturating_sub(margin),
        last.saturating_add(margin).min(length),
    );
    first as usize..last as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::page::PixelFormat;

    /// Pixels that say where they stand.
    fn page(format: PixelFormat) -> PageImage {
        let pixels: Vec<u8> = (0..4_u8)
            .flat_map(|y| (0..10_u8).flat_map(move |x| vec![y * 10 + x; format.channels()]))
            .collect();
        PageImage::new(10, 4, format, pixels).unwrap()
    }

    #[test]
    fn a_part_has_the_pixels_of_its_place() {
        for format in [PixelFormat::Gray8, PixelFormat::Rgb8] {
            let part = cut(&page(format), Rect::new(0.2, 0.25, 0.5, 0.75), 0).unwrap();
            assert_eq!((part.width(), part.height()), (3, 2));
            let expected: Vec<u8> = [12, 13, 14, 22, 23, 24]
                .into_iter()
                .flat_map(|value| vec![value; format.channels()])
                .collect();
            assert_eq!(part.pixels(), expected);
        }
    }

    #[test]
    fn a_margin_ends_where_the_page_does() {
        let part = cut(&page(PixelFormat::Gray8), Rect::new(0.0, 0.25, 0.5, 0.5), 2).unwrap();
        assert_eq!((part.width(), part.height()), (7, 4));
        let whole = cut(
            &page(PixelFormat::Gray8),
            Rect::new(-1.0, -1.0, 9.0, 9.0),
            u32::MAX,
        )
        .unwrap();
        assert_eq!((whole.width(), whole.height()), (10, 4));
    }

    #[test]
    fn what_is_nowhere_has_no_pixels() {
        for bounds in [
            Rect::new(0.5, 0.5, 0.5, 0.5),
            Rect::new(0.9, 0.1, 0.1, 0.9),
            Rect::new(f32::NAN, f32::NAN, f32::NAN, f32::NAN),
            Rect::new(1.5, 0.0, 2.0, 1.0),
        ] {
            assert!(cut(&page(PixelFormat::Gray8), bounds, 1).is_none(), "{bounds:?}");
        }
        let nothing = PageImage::new(0, 0, PixelFormat::Gray8, Vec::new()).unwrap();
        assert!(cut(&nothing, Rect::new(0.0, 0.0, 1.0, 1.0), 0).is_none());
    }
}
