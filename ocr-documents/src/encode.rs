//! Pages written as picture files.

use image::{
    ExtendedColorType, ImageEncoder,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};
use ocr_core::page::{PageImage, PixelFormat};

/// The page as a PNG file, compressed for speed rather than size.
pub fn encode_png(image: &PageImage) -> Vec<u8> {
    let mut png = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive);
    // Writing to memory does not fail, and a `PageImage` always has as many bytes as its dimensions
    // say; a page of no pixels has no PNG and gives no bytes.
    match encoder.write_image(image.pixels(), image.width(), image.height(), color(image)) {
        Ok(()) => png,
        Err(_) => Vec::new(),
    }
}

/// The page as a JPEG file for people to look at; `quality` in 1..=100. `None` for a page of no pixels
/// or with a side of more than 65,535 pixels, which the format does not know.
pub fn encode_jpeg(image: &PageImage, quality: u8) -> Option<Vec<u8>> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality.clamp(1, 100))
        .write_image(image.pixels(), image.width(), image.height(), color(image))
        .ok()?;
    Some(jpeg)
}

fn color(image: &PageImage) -> ExtendedColorType {
    match image.format() {
        PixelFormat::Gray8 => ExtendedColorType::L8,
        PixelFormat::Rgb8 => ExtendedColorType::Rgb8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for (format, pixels) in [
            (PixelFormat::Gray8, vec![0, 100, 200, 255]),
            (
                PixelFormat::Rgb8,
                (0..12).map(|value| value * 20).collect::<Vec<u8>>(),
            ),
        ] {
            let page = PageImage::new(2, 2, format, pixels.clone()).unwrap();
            let read = image::load_from_memory(&encode_png(&page)).unwrap();
            assert_eq!(read.as_bytes(), pixels);
        }
    }

    #[test]
    fn a_jpeg_has_the_size_of_the_page() {
        let page = PageImage::new(30, 20, PixelFormat::Gray8, vec![200; 600]).unwrap();
        let read = image::load_from_memory(&encode_jpeg(&page, 80).unwrap()).unwrap();
        assert_eq!((read.width(), read.height()), (30, 20));
        let nothing = PageImage::new(0, 0, PixelFormat::Gray8, Vec::new()).unwrap();
        assert_eq!(encode_jpeg(&nothing, 80), None);
    }
}
