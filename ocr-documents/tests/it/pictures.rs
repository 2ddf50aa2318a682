//! Files of one picture: PNG, JPEG, WEBP, BMP, GIF and JPEG 2000.

use std::io::Cursor;

use image::{
    DynamicImage, Frame, ImageBuffer, ImageEncoder, ImageFormat, Luma, LumaA, Rgb, Rgba,
    codecs::{gif::GifEncoder, jpeg::JpegEncoder},
};
use ocr_core::model::MediaType;
use ocr_core::{ErrorKind, page::PixelFormat};
use ocr_documents::{Limits, preview};

use crate::{error_of, image, open};

const FORMATS: [ImageFormat; 5] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::WebP,
    ImageFormat::Bmp,
    ImageFormat::Gif,
];

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
        (ImageFormat::Bmp, MediaType::Bmp),
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
    // GIF knows colours only.
    let picture = DynamicImage::from(picture.to_rgb8());
    for format in FORMATS {
        let error = error_of(encoded(&picture, format), limits);
        assert_eq!(error.kind(), ErrorKind::TooManyPixels);
        assert!(error.to_string().contains("100 x 100 pixels"), "{error}");
    }
}

#[test]
fn a_cut_file_is_an_error_or_a_part() {
    let picture = DynamicImage::from(ImageBuffer::from_fn(100, 100, |x, y| Luma([(x * y) as u8])));
    let picture = DynamicImage::from(picture.to_rgb8());
    for format in FORMATS {
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

#[test]
fn the_first_picture_of_a_moving_one_is_the_page() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for value in [0_u8, 255] {
        let frame = ImageBuffer::from_pixel(4, 3, Rgba([value, value, value, 255]));
        encoder.encode_frame(Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let document = open(bytes);
    assert_eq!(
        (document.document_type(), document.page_count()),
        (MediaType::Gif, 1)
    );
    assert_eq!(image(document.page(0).unwrap()).pixels(), [0; 12]);
}

#[test]
fn a_bitmap_states_its_resolution_and_has_no_alpha_that_hides_all() {
    let picture = DynamicImage::from(ImageBuffer::from_pixel(300, 300, Rgba([10_u8, 20, 30, 0])));
    let mut bytes = encoded(&picture, ImageFormat::Bmp);
    // Pixels a metre: 300 dots an inch.
    for at in [38, 42] {
        bytes[at..at + 4].copy_from_slice(&11_811_u32.to_le_bytes());
    }
    let page = image(open(bytes).page(0).unwrap());
    assert_eq!(page.pixels()[..3], [10, 20, 30]);
    assert!((page.dpi().unwrap() - 300.0).abs() < 0.1);
}

/// A code stream of 16 x 16 grey pixels without any detail, which is mid grey (ITU-T T.800, annex A).
pub(crate) fn code_stream() -> Vec<u8> {
    let mut stream = b"\xFF\x4F\xFF\x51\0\x29\0\0".to_vec();
    for number in [16_u32, 16, 0, 0, 16, 16, 0, 0] {
        stream.extend(number.to_be_bytes());
    }
    stream.extend(b"\0\x01\x07\x01\x01");
    // Coding style: one layer, no decomposition, reversible; no quantisation.
    stream.extend(b"\xFF\x52\0\x0C\0\0\0\x01\0\0\x04\x04\0\x01");
    stream.extend(b"\xFF\x5C\0\x04\x40\x40");
    // One part of one tile, holding an empty packet.
    stream.extend(b"\xFF\x90\0\x0A\0\0\0\0\0\x0F\0\x01\xFF\x93\0\xFF\xD9");
    stream
}

fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = body.len() as u32 + 8;
    [&length.to_be_bytes()[..], &kind, body].concat()
}

#[test]
fn jpeg_2000_is_read_alone_and_in_its_file() {
    let header = [
        boxed(*b"ihdr", b"\0\0\0\x10\0\0\0\x10\0\x01\x07\x07\0\0"),
        boxed(*b"colr", b"\x01\0\0\0\0\0\x11"),
    ];
    let file = [
        boxed(*b"jP  ", b"\r\n\x87\n"),
        boxed(*b"ftyp", b"jp2 \0\0\0\0jp2 "),
        boxed(*b"jp2h", &header.concat()),
        boxed(*b"jp2c", &code_stream()),
    ];
    for bytes in [code_stream(), file.concat()] {
        let document = open(bytes);
        assert_eq!(
            (document.document_type(), document.page_count()),
            (MediaType::Jpeg2000, 1)
        );
        let page = image(document.page(0).unwrap());
        assert_eq!(
            (page.width(), page.height(), page.pixels()),
            (16, 16, &[128; 256][..])
        );
    }
    let limits = Limits::default().with_max_page_pixels(255);
    let error = error_of(code_stream(), limits);
    assert!(error.to_string().contains("16 x 16 pixels"), "{error}");
}
