//! Pages written as picture files.

use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use ocr_core::page::{PageImage, PixelFormat};

/// The page as a PNG file, compressed for speed rather than size.
pub fn encode_png(image: &PageImage) -> Vec<u8> {
    let color = match image.format() {
        PixelFormat::Gray8 => ExtendedColorType::L8,
        PixelFormat::Rgb8 => ExtendedColorType::Rgb8,
    };
    let mut png = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive);
    // Writing to memory does not fail, and a `PageImage` always has as many bytes as its dimensions
    // say; a page of no pixels has no PNG and gives no bytes.
    match encoder.write_image(image.pixels(), image.width(), image.height(), color) {
        Ok(()) => png,
        Err(_) => Vec::new(),
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
}
