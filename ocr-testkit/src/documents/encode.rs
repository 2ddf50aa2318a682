//! From pages to files.

use std::io::Cursor;

use bytes::Bytes;
use image::{
    ExtendedColorType, ImageEncoder,
    codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder},
};
use ocr_core::page::{PageImage, PixelFormat};
use tiff::{
    encoder::{Rational, TiffEncoder, colortype},
    tags::ResolutionUnit,
};

fn color(page: &PageImage) -> ExtendedColorType {
    match page.format() {
        PixelFormat::Gray8 => ExtendedColorType::L8,
        PixelFormat::Rgb8 => ExtendedColorType::Rgb8,
    }
}

fn encoded(
    page: &PageImage,
    encoder: impl FnOnce(&mut Vec<u8>, &PageImage) -> image::ImageResult<()>,
) -> Bytes {
    let mut bytes = Vec::new();
    encoder(&mut bytes, page).expect("a page has a size and writing to memory works");
    bytes.into()
}

/// The page as a PNG file.
///
/// # Panics
/// When the page has no pixels.
pub fn png(page: &PageImage) -> Bytes {
    encoded(page, |bytes, page| {
        PngEncoder::new(bytes).write_image(page.pixels(), page.width(), page.height(), color(page))
    })
}

/// The page as a JPEG file of a quality in 1..=100.
///
/// # Panics
/// When the page has no pixels, or more than 65535 in one direction.
pub fn jpeg(page: &PageImage, quality: u8) -> Bytes {
    encoded(page, |bytes, page| {
        JpegEncoder::new_with_quality(bytes, quality).write_image(
            page.pixels(),
            page.width(),
            page.height(),
            color(page),
        )
    })
}

/// The page as a lossless WEBP file. The format knows no gray, so a gray page becomes RGB.
///
/// # Panics
/// When the page has no pixels, or more than 16384 in one direction.
pub fn webp(page: &PageImage) -> Bytes {
    let rgb: Vec<u8> = match page.format() {
        PixelFormat::Rgb8 => page.pixels().to_vec(),
        PixelFormat::Gray8 => page.pixels().iter().flat_map(|gray| [*gray; 3]).collect(),
    };
    encoded(page, |bytes, page| {
        WebPEncoder::new_lossless(bytes).write_image(
            &rgb,
            page.width(),
            page.height(),
            ExtendedColorType::Rgb8,
        )
    })
}

/// The pages as one TIFF file with a frame for each, uncompressed.
///
/// # Panics
/// When a page has no pixels.
pub fn tiff(pages: &[PageImage]) -> Bytes {
    let mut file = Cursor::new(Vec::new());
    let written = TiffEncoder::new(&mut file)
        .and_then(|mut encoder| pages.iter().try_for_each(|page| write_frame(&mut encoder, page)));
    written.expect("a page has a size and writing to memory works");
    file.into_inner().into()
}

fn write_frame(encoder: &mut TiffEncoder<&mut Cursor<Vec<u8>>>, page: &PageImage) -> tiff::TiffResult<()> {
    let (width, height) = (page.width(), page.height());
    let resolution = || Rational {
        n: page.dpi().unwrap_or(72.0) as u32,
        d: 1,
    };
    match page.format() {
        PixelFormat::Gray8 => {
            let mut frame = encoder.new_image::<colortype::Gray8>(width, height)?;
            frame.resolution(ResolutionUnit::Inch, resolution());
            frame.write_data(page.pixels())
        }
        PixelFormat::Rgb8 => {
            let mut frame = encoder.new_image::<colortype::RGB8>(width, height)?;
            frame.resolution(ResolutionUnit::Inch, resolution());
            frame.write_data(page.pixels())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{Typeset, magic};
    use ocr_core::model::MediaType;

    #[test]
    fn every_file_begins_as_its_type_does() {
        let page = Typeset::card().page("Hello");
        for (bytes, media_type) in [
            (png(&page), MediaType::Png),
            (jpeg(&page, 80), MediaType::Jpeg),
            (webp(&page), MediaType::Webp),
            (tiff(std::slice::from_ref(&page)), MediaType::Tiff),
        ] {
            assert_eq!(magic(&bytes), Some(media_type));
            assert!(bytes.len() > 500, "{media_type}: {} bytes", bytes.len());
        }
    }

    #[test]
    fn a_png_has_the_pixels_of_its_page() {
        let page = Typeset::card().page("Hello");
        let read = image::load_from_memory(&png(&page)).unwrap().into_luma8();
        assert_eq!(read.as_raw(), page.pixels());
        let webp = image::load_from_memory(&webp(&page)).unwrap().into_luma8();
        assert_eq!(webp.dimensions(), (page.width(), page.height()));
    }

    #[test]
    fn a_tiff_has_a_frame_for_each_page() {
        let pages = ["one", "two", "three"].map(|text| Typeset::card().page(text));
        let file = Cursor::new(tiff(&pages).to_vec());
        let mut decoder = tiff::decoder::Decoder::new(file).unwrap();
        for page in &pages {
            let tiff::decoder::DecodingResult::U8(pixels) = decoder.read_image().unwrap() else {
                panic!("bytes were written")
            };
            assert_eq!(pixels, page.pixels());
            if decoder.more_images() {
                decoder.next_image().unwrap();
            }
        }
        assert!(!decoder.more_images());
    }
}
