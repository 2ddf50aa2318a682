//! Resampling: square pixels, sizes that recognition needs, previews.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use ocr_core::page::{PageImage, PixelFormat};

use crate::Limits;

/// Horizontal and vertical resolutions closer than this ratio are the same.
const SQUARE_TOLERANCE: f32 = 1.05;

/// Pixels of a sheet of A4 at one dot per inch: 210 x 297 mm.
const A4_SQUARE_INCHES: f64 = 8.27 * 11.69;

/// Resamples `image` to exactly `width` x `height` pixels; the sides are at least 1.
///
/// Averages over the covered area where it shrinks and interpolates where it grows. The resolution
/// follows the width. Returns the image unchanged (but for its size being right already) when the size
/// is the same.
pub fn resize(image: &PageImage, width: u32, height: u32) -> PageImage {
    let (width, height) = (width.max(1), height.max(1));
    if (width, height) == (image.width(), image.height()) {
        return image.clone();
    }
    let dpi = image.dpi().map(|dpi| dpi * width as f32 / image.width() as f32);
    resampled(image, width, height)
        .unwrap_or_else(|| image.clone())
        .with_dpi(dpi)
}

/// A copy that fits into `max_width` x `max_height` pixels, keeping its proportions; never enlarged.
pub fn preview(image: &PageImage, max_width: u32, max_height: u32) -> PageImage {
    let scale = (f64::from(max_width) / f64::from(image.width()))
        .min(f64::from(max_height) / f64::from(image.height()))
        .min(1.0);
    scaled(image, scale)
}

/// Makes pixels square when the resolutions differ, by stretching the coarser side: nothing is lost
/// unless the result would exceed [`Limits::max_output_pixels`].
pub(crate) fn squared(image: PageImage, horizontal: f32, vertical: f32, limits: &Limits) -> PageImage {
    let ratio = horizontal / vertical;
    if (1.0 / SQUARE_TOLERANCE..=SQUARE_TOLERANCE).contains(&ratio) {
        return image;
    }
    let (x, y) = if ratio > 1.0 {
        (1.0, f64::from(ratio))
    } else {
        (1.0 / f64::from(ratio), 1.0)
    };
    let (width, height) = (f64::from(image.width()) * x, f64::from(image.height()) * y);
    let fit = (limits.max_output_pixels as f64 / (width * height))
        .sqrt()
        .min(1.0);
    let side = |length: f64| (length * fit).round() as u32;
    resize(&image, side(width), side(height)).with_dpi(Some(horizontal.max(vertical) * fit as f32))
}

/// Reduces a page to what recognition can use: to [`Limits::target_dpi`] when its resolution is higher,
/// though never below the pixels of a sheet of A4 at that resolution (a declared resolution is often
/// wrong, and a photo of a page has none that means anything), and to [`Limits::max_output_pixels`].
pub(crate) fn reduced(image: PageImage, limits: &Limits) -> PageImage {
    let scale = reduction(image.width(), image.height(), image.dpi(), limits);
    if scale < 1.0 { scaled(&image, scale) } else { image }
}

/// The factor, at most 1, that [`reduced`] applies to both sides.
pub(crate) fn reduction(width: u32, height: u32, dpi: Option<f32>, limits: &Limits) -> f64 {
    let pixels = f64::from(width) * f64::from(height);
    let target = f64::from(limits.target_dpi);
    let enough = (A4_SQUARE_INCHES * target * target / pixels).sqrt();
    let by_resolution = dpi.map_or(1.0, |dpi| (target / f64::from(dpi)).max(enough));
    let by_pixels = (limits.max_output_pixels as f64 / pixels).sqrt();
    let scale = by_resolution.min(by_pixels).min(1.0);
    // A reduction by a few percent costs sharpness and saves nothing.
    if scale > 0.9 && by_pixels >= 1.0 {
        1.0
    } else {
        scale
    }
}

fn scaled(image: &PageImage, scale: f64) -> PageImage {
    let side = |length: u32| (f64::from(length) * scale).round() as u32;
    resize(image, side(image.width()), side(image.height()))
}

fn resampled(image: &PageImage, width: u32, height: u32) -> Option<PageImage> {
    let pixel_type = match image.format() {
        PixelFormat::Gray8 => PixelType::U8,
        PixelFormat::Rgb8 => PixelType::U8x3,
    };
    let source = ImageRef::new(image.width(), image.height(), image.pixels(), pixel_type).ok()?;
    let mut target = Image::new(width, height, pixel_type);
    // Convolution with a box that covers the source area when shrinking, bilinear when growing.
    let filter = if width < image.width() && height < image.height() {
        FilterType::Hamming
    } else {
        FilterType::Bilinear
    };
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    Resizer::new().resize(&source, &mut target, &options).ok()?;
    PageImage::new(width, height, image.format(), target.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(width: u32, height: u32, dpi: Option<f32>) -> PageImage {
        PageImage::new(
            width,
            height,
            PixelFormat::Gray8,
            vec![90; (width * height) as usize],
        )
        .unwrap()
        .with_dpi(dpi)
    }

    #[test]
    fn the_finer_side_is_kept() {
        let limits = Limits::default();
        let page = squared(gray(20, 10, None), 200.0, 100.0, &limits);
        assert_eq!((page.width(), page.height(), page.dpi()), (20, 20, Some(200.0)));
        let page = squared(gray(10, 20, None), 100.0, 200.0, &limits);
        assert_eq!((page.width(), page.height(), page.dpi()), (20, 20, Some(200.0)));
        assert!(page.pixels().iter().all(|&value| value == 90));
        let same = squared(gray(20, 10, Some(204.0)), 204.0, 200.0, &limits);
        assert_eq!((same.width(), same.height(), same.dpi()), (20, 10, Some(204.0)));
    }

    #[test]
    fn a_preview_keeps_proportions_and_never_grows() {
        let small = preview(&gray(300, 600, Some(300.0)), 100, 100);
        assert_eq!((small.width(), small.height()), (50, 100));
        assert_eq!(small.dpi(), Some(50.0));
        assert_eq!(preview(&gray(30, 60, None), 100, 100).width(), 30);
        assert_eq!(preview(&gray(1000, 1, None), 10, 10).height(), 1);
    }

    #[test]
    fn only_resolution_beyond_need_is_given_up() {
        let limits = Limits::default();
        let a4_at = |dpi: f32| ((8.27 * dpi) as u32, (11.69 * dpi) as u32);
        let (width, height) = a4_at(600.0);
        assert!((reduction(width, height, Some(600.0), &limits) - 0.5).abs() < 0.01);
        let (width, height) = a4_at(300.0);
        assert!((reduction(width, height, Some(300.0), &limits) - 1.0).abs() < 1e-9);
        // A small card scanned finely keeps its pixels, and so does a photo that claims 1200 dpi.
        assert!((reduction(2000, 1200, Some(600.0), &limits) - 1.0).abs() < 1e-9);
        // Without a known resolution only the number of pixels counts.
        assert!((reduction(width, height, None, &limits) - 1.0).abs() < 1e-9);
        assert!(reduction(10_000, 10_000, None, &limits) < 0.64);
    }
}
