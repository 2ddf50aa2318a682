//! PNG, JPEG and WEBP files.

use std::io::Cursor;

use image::{
    DynamicImage, ImageBuffer, ImageEncoder, ImageFormat, Luma, LumaA, Rgb, Rgba, codecs::jpeg::JpegEncoder,
};
use ocr_core::model::MediaType;
use ocr_core::{ErrorKind, page::PixelFormat};
use ocr_documents::{Limits, preview};

use crate::{error_of, image, open};

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn every_format_is_read() {
    let picture = DynamicImage::from(ImageBuffer::from_fn(40, 30, |x, _| Rgb([200, 10, (x * 5) as u8])));
    for (format, kind) in [
        (ImageFormat::Png, MediaType::Png),
        (ImageFormat::Jpeg, MediaType::Jpeg),
        (ImageFormat::WebP, MediaType::Webp),
    ] {
        let document = open(encoded(&picture, format));
        assert_eq!((document.document_type(), document.page_count()), (kind, 1));
        let page = image(document.page(0).unwrap());
        assert_eq!(
            (page.width(), page.height(), page.format()),
            (40, 30, PixelFormat::Rgb8)
        );
        assert!(page.pixels()[0].abs_diff(200) < 12, "{kind}");
    }
}

#[test]
fn depths_and_alpha_end_as_eight_bits_on_white() {
    let deep = DynamicImage::from(ImageBuffer::from_pixel(3, 2, Luma([0x8000_u16])));
    assert_eq!(
        image(open(encoded(&deep, ImageFormat::Png)).page(0).unwrap()).pixels(),
        [128; 6]
    );
    let deep_alpha = DynamicImage::from(ImageBuffer::from_pixel(3, 2, LumaA([0_u16, 0])));
    assert_eq!(
        image(open(encoded(&deep_alpha, ImageFormat::Png)).page(0).unwrap()).pixels(),
        [255; 6]
    );
    let alpha = DynamicImage::from(ImageBuffer::from_pixel(1, 1, Rgba([255_u8, 0, 0, 51])));
    assert_eq!(
        image(open(encoded(&alpha, ImageFormat::WebP)).page(0).unwrap()).pixels(),
        [255, 204, 204]
    );
}

#[test]
fn exif_orientation_is_applied() {
    // One directory with orientation 6: to be shown turned clockwise.
    let mut exif = b"II\x2a\0\x08\0\0\0".to_vec();
    exif.extend([1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
    let picture = ImageBuffer::from_fn(64, 32, |x, _| Luma([if x < 32 { 20_u8 } else { 230 }]));
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif).unwrap();
    encoder.encode_image(&picture).unwrap();
    let page = image(open(bytes).page(0).unwrap());
    assert_eq!((page.width(), page.height()), (32, 64));
    assert!(page.pixels()[0] < 60 && page.pixels()[32 * 63] > 190);
}

#[test]
fn headers_are_checked_before_pixels() {
    let picture = DynamicImage::from(ImageBuffer::from_pixel(100, 100, Luma([0_u8])));
    let limits = Limits::default().with_max_page_pixels(9_999);
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let error = error_of(encoded(&picture, format), limits);
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("100 x 100 pixels"), "{error}");
    }
}

#[test]
fn a_cut_file_is_an_error_or_a_part() {
    let picture = DynamicImage::from(ImageBuffer::from_fn(100, 100, |x, y| Luma([(x * y) as u8])));
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let bytes = encoded(&picture, format);
        for length in (1..bytes.len()).step_by(97) {
            if let Ok(document) = ocr_documents::Document::open(&bytes[..length], Limits::default()) {
                // Whether it is read in part is up to the decoder.
                let _either = document.page(0);
            }
        }
    }
}

#[test]
fn previews_fit() {
    let picture = DynamicImage::from(ImageBuffer::from_pixel(400, 200, Luma([77_u8])));
    let page = image(open(encoded(&picture, ImageFormat::Png)).page(0).unwrap());
    let small = preview(&page, 100, 100);
    assert_eq!((small.width(), small.height(), small.pixels()[0]), (100, 50, 77));
}
