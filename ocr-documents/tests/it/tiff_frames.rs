//! TIFF files: frames, colours, chains of directories.

use std::io::Cursor;

use ocr_core::page::PixelFormat;
use ocr_documents::{Document, DocumentError, Limits};
use tiff::{
    encoder::{Rational, TiffEncoder, colortype},
    tags::ResolutionUnit,
};

use crate::{error_of, image, open};

#[test]
fn every_frame_is_a_page() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    encoder.write_image::<colortype::Gray8>(2, 1, &[10, 20]).unwrap();
    encoder
        .write_image::<colortype::RGBA8>(1, 1, &[9, 9, 9, 0])
        .unwrap();
    encoder.write_image::<colortype::RGB8>(1, 1, &[1, 2, 3]).unwrap();
    encoder.write_image::<colortype::Gray16>(1, 1, &[0x4000]).unwrap();
    encoder
        .write_image::<colortype::CMYK8>(1, 1, &[0, 0, 0, 255])
        .unwrap();
    let document = open(bytes.into_inner());
    assert_eq!(document.page_count(), 5);
    let expected: [&[u8]; 5] = [&[10, 20], &[255], &[1, 2, 3], &[64], &[0]];
    for (index, expected) in (0..).zip(expected) {
        assert_eq!(
            image(document.page(index).unwrap()).pixels(),
            expected,
            "frame {index}"
        );
    }
}

#[test]
fn resolution_makes_pixels_square() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    let mut frame = encoder.new_image::<colortype::Gray8>(8, 4).unwrap();
    frame.resolution_unit(ResolutionUnit::Inch);
    frame.x_resolution(Rational { n: 204, d: 1 });
    frame.y_resolution(Rational { n: 102, d: 1 });
    frame.write_data(&[7; 32]).unwrap();
    let page = image(open(bytes.into_inner()).page(0).unwrap());
    assert_eq!((page.width(), page.height(), page.dpi()), (8, 8, Some(204.0)));
}

/// A little-endian file of one directory with the given tags, and `data` right after the header.
fn single(tags: &[(u16, u32)], data: &[u8], next_is_itself: bool) -> Vec<u8> {
    // A colour map is an array of 12 shorts at the offset given; everything else is one number.
    let entry = |&(tag, value): &(u16, u32)| match tag {
        320 => (tag, SHORT, 12, value),
        258 | 259 | 262 => (tag, SHORT, 1, value),
        _ => (tag, LONG, 1, value),
    };
    directory(&tags.iter().map(entry).collect::<Vec<_>>(), data, next_is_itself)
}

const SHORT: u16 = 3;
const LONG: u16 = 4;

/// The same with entries of tag, type, count, and value or offset.
fn directory(entries: &[(u16, u16, u32, u32)], data: &[u8], next_is_itself: bool) -> Vec<u8> {
    let directory = 8 + data.len() as u32 + data.len() as u32 % 2;
    let mut bytes = b"II\x2a\0".to_vec();
    bytes.extend(directory.to_le_bytes());
    bytes.extend(data);
    bytes.resize(directory as usize, 0);
    bytes.extend((entries.len() as u16).to_le_bytes());
    for &(tag, kind, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(if next_is_itself { directory } else { 0 }.to_le_bytes());
    bytes
}

/// Tags of a frame whose one strip of `length` bytes follows the header.
fn tags(
    width: u32,
    height: u32,
    bits: u32,
    compression: u32,
    photometric: u32,
    length: u32,
) -> Vec<(u16, u32)> {
    vec![
        (256, width),
        (257, height),
        (258, bits),
        (259, compression),
        (262, photometric),
        (273, 8),
        (277, 1),
        (278, height),
        (279, length),
    ]
}

#[test]
fn palettes_are_looked_up() {
    // Four two-bit indices, then a map of four colours: black, red, grey, white.
    let mut data = vec![0b0001_1011];
    data.push(0);
    for value in [
        0_u16, 0xffff, 0x8080, 0xffff, 0, 0, 0x8080, 0xffff, 0, 0, 0x8080, 0xffff,
    ] {
        data.extend(value.to_le_bytes());
    }
    let mut tags = tags(4, 1, 2, 1, 3, 1);
    tags.push((320, 10));
    let page = image(open(single(&tags, &data, false)).page(0).unwrap());
    assert_eq!(page.format(), PixelFormat::Rgb8);
    assert_eq!(page.pixels(), [0, 0, 0, 255, 0, 0, 128, 128, 128, 255, 255, 255]);
}

#[test]
fn planes_of_sixteen_bits_keep_their_colours() {
    let samples: [u16; 6] = [0x1001, 0x2002, 0x3003, 0x4004, 0x5005, 0x6006];
    let mut data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    // Bits of each sample, then offsets and lengths of the planes.
    data.extend([16_u16; 3].iter().flat_map(|bits| bits.to_le_bytes()));
    data.extend(
        [8_u32, 12, 16, 4, 4, 4]
            .iter()
            .flat_map(|value| value.to_le_bytes()),
    );
    let entries = [
        (256, LONG, 1, 2),
        (257, LONG, 1, 1),
        (258, SHORT, 3, 20),
        (259, SHORT, 1, 1),
        (262, SHORT, 1, 2),
        (273, LONG, 3, 26),
        (277, SHORT, 1, 3),
        (278, LONG, 1, 1),
        (279, LONG, 3, 38),
        (284, SHORT, 1, 2),
    ];
    let page = image(open(directory(&entries, &data, false)).page(0).unwrap());
    assert_eq!(page.pixels(), [0x10, 0x30, 0x50, 0x20, 0x40, 0x60]);
}

#[test]
fn a_frame_that_states_two_sizes_is_refused() {
    // JPEG is left to a decoder that takes the last of several entries.
    let mut tags = tags(4, 1, 8, 7, 1, 1);
    tags.insert(1, (256, 60_000));
    let error = open(single(&tags, &[0b1010_0000], false)).page(0).unwrap_err();
    assert!(error.to_string().ends_with("a frame states two sizes"), "{error}");
}

#[test]
fn bilevel_frames_of_both_polarities() {
    for (photometric, expected) in [(0, [0, 255, 0, 255]), (1, [255, 0, 255, 0])] {
        let file = single(&tags(4, 1, 1, 1, photometric, 1), &[0b1010_0000], false);
        assert_eq!(image(open(file).page(0).unwrap()).pixels(), expected);
    }
}

#[test]
fn modified_huffman_rows_are_decoded() {
    // ITU-T T.4: white run of 2 is 0111, black run of 3 is 10, white run of 3 is 1000.
    let file = single(&tags(8, 1, 1, 2, 0, 2), &[0b0111_1010, 0b0000_0000], false);
    let page = image(open(file).page(0).unwrap());
    assert_eq!(page.pixels(), [255, 255, 0, 0, 0, 255, 255, 255]);
}

#[test]
fn a_chain_that_loops_ends() {
    let file = single(&tags(4, 1, 1, 1, 1, 1), &[0b1010_0000], true);
    let document = open(file);
    assert_eq!(document.page_count(), 1);
    assert_eq!(image(document.page(0).unwrap()).pixels(), [255, 0, 255, 0]);
}

#[test]
fn limits_are_kept() {
    let limits = Limits::default().with_max_pages(2).with_max_document_pixels(10);
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    for _ in 0..3 {
        encoder.write_image::<colortype::Gray8>(1, 1, &[0]).unwrap();
    }
    let error = error_of(bytes.into_inner(), limits);
    assert!(
        matches!(error, DocumentError::TooManyPages { found: 3, limit: 2 }),
        "{error}"
    );
    let wide = single(&tags(11, 1, 8, 1, 1, 11), &[0; 11], false);
    assert!(matches!(
        Document::open(wide, limits),
        Err(DocumentError::TooManyDocumentPixels { .. })
    ));
}

#[test]
fn what_cannot_be_read_is_named() {
    let error = error_of(single(&tags(4, 1, 8, 6, 1, 4), &[0; 4], false), Limits::default());
    assert_eq!(
        error.to_string(),
        "page 1: this TIFF file uses old-style JPEG compression, which is not supported"
    );
}
