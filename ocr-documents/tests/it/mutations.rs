//! Whatever the bytes, an answer: never a panic, never an abort.

use ocr_documents::{Document, Limits};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{
    pdf_builder::{PdfBuilder, written},
    pictures::code_stream,
    tiff_builder::{Frame, LONG, SHORT, TiffBuilder},
};

/// Opens and reads all of it; small limits keep the test quick.
fn read(bytes: Vec<u8>) {
    let limits = Limits::default()
        .with_max_page_pixels(1_000_000)
        .with_max_output_pixels(1_000_000)
        .with_max_page_marks(100_000);
    if let Ok(document) = Document::open(bytes, limits) {
        for index in 0..document.page_count().min(4) {
            // Either outcome is right; only not returning would be wrong.
            let _either = (document.page(index), document.image(index));
        }
    }
}

/// A valid file of each type.
fn valid() -> Vec<Vec<u8>> {
    let picture = image::DynamicImage::from(image::ImageBuffer::from_fn(31, 17, |x, y| {
        image::Rgb([(x * y) as u8, x as u8, y as u8])
    }));
    let mut files: Vec<Vec<u8>> = [
        image::ImageFormat::Png,
        image::ImageFormat::Jpeg,
        image::ImageFormat::WebP,
        image::ImageFormat::Bmp,
        image::ImageFormat::Gif,
    ]
    .into_iter()
    .map(|format| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    })
    .collect();
    let mut tiff = std::io::Cursor::new(Vec::new());
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut tiff).unwrap();
    for _ in 0..2 {
        encoder
            .write_image::<tiff::encoder::colortype::RGB8>(3, 3, &[9; 27])
            .unwrap();
    }
    files.push(tiff.into_inner());
    files.push(code_stream());
    files.push(tiles_of_planes());
    let mut pdf = PdfBuilder::new();
    let scan = pdf.gray_image(8, 8, &[100; 64]);
    pdf.page((200, 200), "", &[scan], "q 200 0 0 200 0 0 cm /X0 Do Q");
    pdf.page((200, 200), "", &[], &written(&[(10, 100, "words on a page")]));
    files.push(pdf.build());
    files
}

/// A TIFF of planes in tiles, with bits in the other order, in either size of offsets.
fn tiles_of_planes() -> Vec<u8> {
    let mut frame = Frame::strip((20, 20), 8, 32_773, 2, &[240, 7, 240, 9]);
    frame.chunks = vec![frame.chunks[0].repeat(8); 12];
    frame.tiled = true;
    frame.tags.retain(|(tag, ..)| ![258, 277, 278].contains(tag));
    let frame = frame
        .with(258, SHORT, &[8, 8, 8])
        .with(266, SHORT, &[2])
        .with(277, SHORT, &[3])
        .with(284, SHORT, &[2])
        .with(322, LONG, &[16])
        .with(323, LONG, &[16]);
    TiffBuilder {
        big_endian: true,
        big: true,
    }
    .file(&[frame])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_behind_any_magic(magic in 0..12_usize, tail in vec(any::<u8>(), 0..400)) {
        let magics: [&[u8]; 12] = [
            b"", b"%PDF-1.4\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II\x2a\0", b"MM\0\x2a", b"MM\0\x2b", b"RIFF\xff\0\0\0WEBP",
            b"GIF89a", b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  \r\n\x87\n",
        ];
        read([magics[magic], &tail].concat());
    }

    #[test]
    fn valid_files_with_a_few_bytes_changed(kind in any::<Index>(), changes in vec((any::<Index>(), any::<u8>()), 1..12)) {
        let files = valid();
        let mut bytes = kind.get(&files).clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        read(bytes);
    }
}
