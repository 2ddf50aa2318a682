//! Whatever the bytes, an answer: never a panic, never an abort.

use ocr_documents::{Document, Limits};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::pdf_builder::{PdfBuilder, written};

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
        image::Luma([(x * y) as u8])
    }));
    let mut files: Vec<Vec<u8>> = [
        image::ImageFormat::Png,
        image::ImageFormat::Jpeg,
        image::ImageFormat::WebP,
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
    let mut pdf = PdfBuilder::new();
    let scan = pdf.gray_image(8, 8, &[100; 64]);
    pdf.page((200, 200), "", &[scan], "q 200 0 0 200 0 0 cm /X0 Do Q");
    pdf.page((200, 200), "", &[], &written(&[(10, 100, "words on a page")]));
    files.push(pdf.build());
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_behind_any_magic(magic in 0..8_usize, tail in vec(any::<u8>(), 0..400)) {
        let magics: [&[u8]; 8] = [
            b"", b"%PDF-1.4\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II\x2a\0", b"MM\0\x2a", b"MM\0\x2b", b"RIFF\xff\0\0\0WEBP",
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
