//! Packed pixels of the usual layouts turned into a [`PageImage`]: alpha on white, grey kept grey.

use ocr_core::page::{PageImage, PixelFormat};

/// An image being built: packed rows, one or three bytes a pixel.
#[derive(Debug, Clone)]
pub(crate) struct Raster {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) format: PixelFormat,
    pub(crate) pixels: Vec<u8>,
}

impl Raster {
    /// Grey pixels.
    pub(crate) fn gray(width: u32, height: u32, pixels: Vec<u8>) -> Self {
        Self {
            width,
            height,
            format: PixelFormat::Gray8,
            pixels,
        }
    }

    /// Colour pixels; an image without any colour becomes grey, which means the same in a third of the
    /// bytes.
    pub(crate) fn rgb(width: u32, height: u32, mut pixels: Vec<u8>) -> Self {
        if !pixels.as_chunks::<3>().0.iter().all(|&pixel| is_gray(pixel)) {
            return Self {
                width,
                height,
                format: PixelFormat::Rgb8,
                pixels,
            };
        }
        let count = pixels.len() / 3;
        for index in 0..count {
            pixels[index] = pixels[index * 3];
        }
        pixels.truncate(count);
        pixels.shrink_to_fit();
        Self::gray(width, height, pixels)
    }

    /// Grey with unassociated alpha, on white.
    pub(crate) fn gray_alpha(width: u32, height: u32, pixels: &[u8]) -> Self {
        let flat = pixels
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&[value, alpha]| on_white(value, alpha));
        Self::gray(width, height, flat.collect())
    }

    /// Colour with unassociated alpha, on white.
    pub(crate) fn rgba(width: u32, height: u32, pixels: &[u8]) -> Self {
        let flat = pixels
            .as_chunks::<4>()
            .0
            .iter()
            .flat_map(|&[red, green, blue, alpha]| [red, green, blue].map(|value| on_white(value, alpha)));
        Self::rgb(width, height, flat.collect())
    }

    /// Cyan, magenta, yellow and black, 255 full ink, by the naive conversion every viewer falls back to.
    pub(crate) fn cmyk(width: u32, height: u32, pixels: &[u8]) -> Self {
        let rgb = pixels
            .as_chunks::<4>()
            .0
            .iter()
            .flat_map(|&[cyan, magenta, yellow, black]| {
                [cyan, magenta, yellow].map(|ink| multiply(255 - ink, 255 - black))
            });
        Self::rgb(width, height, rgb.collect())
    }

    /// The finished image, or `None` when the number of bytes does not fit the dimensions.
    pub(crate) fn into_page(self, dpi: Option<f32>) -> Option<PageImage> {
        PageImage::new(self.width, self.height, self.format, self.pixels).map(|page| page.with_dpi(dpi))
    }
}

fn is_gray([red, green, blue]: [u8; 3]) -> bool {
    red == green && green == blue
}

/// `value` with opacity `alpha` over white.
pub(crate) fn on_white(value: u8, alpha: u8) -> u8 {
    multiply(value, alpha) + (255 - alpha)
}

/// Product of two values in 0..=255 taken as 0..=1, rounded to nearest.
fn multiply(a: u8, b: u8) -> u8 {
    let product = u16::from(a) * u16::from(b);
    ((product + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_is_white_and_opaque_is_itself() {
        let raster = Raster::rgba(2, 1, &[10, 20, 30, 0, 10, 20, 30, 255]);
        assert_eq!(raster.pixels, [255, 255, 255, 10, 20, 30]);
        assert_eq!(Raster::gray_alpha(1, 1, &[0, 128]).pixels, [127]);
    }

    #[test]
    fn an_image_without_colour_becomes_gray() {
        let raster = Raster::rgb(2, 1, vec![7, 7, 7, 200, 200, 200]);
        assert_eq!((raster.format, raster.pixels), (PixelFormat::Gray8, vec![7, 200]));
        assert_eq!(Raster::rgb(1, 1, vec![7, 7, 8]).format, PixelFormat::Rgb8);
    }

    #[test]
    fn inks_subtract() {
        let raster = Raster::cmyk(3, 1, &[0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0]);
        assert_eq!(raster.pixels, [255, 255, 255, 0, 0, 0, 0, 255, 255]);
    }
}
