//! Opening and reading documents of every type.

use ocr_core::page::{PageImage, PixelFormat};
use ocr_documents::{Document, Limits};
use ocr_testkit::documents::{self, broken_documents};

use crate::{Seed, Target};

pub(crate) const TARGET: Target = Target {
    name: "document",
    run: document,
    seeds,
    words: &[
        b"%PDF-1.4\n",
        b"\x89PNG\r\n\x1a\n",
        b"IHDR",
        b"IDAT",
        b"IEND",
        b"\xff\xd8\xff\xe0",
        b"\xff\xda",
        b"II\x2a\0",
        b"MM\0\x2a",
        b"RIFF",
        b"WEBP",
        b"VP8L",
        b"GIF89a",
        b"BM",
        b"\xff\x4f\xff\x51",
        b"jp2c",
        b"\xff\xff\xff\xff",
        b"endobj",
    ],
    mutations: 1500,
};

/// Pages read of one document; a fuzzer need not read thousands.
const PAGES: u32 = 4;
/// The largest seed; mutations of larger ones hardly meet what matters.
const LARGEST_SEED: usize = 12_000;

/// Opens `bytes` and reads the first pages in every way.
///
/// # Panics
/// When a page that was read contradicts itself.
pub fn document(bytes: &[u8]) {
    let Ok(document) = Document::open(bytes, limits()) else {
        return;
    };
    assert!(document.page_count() > 0, "a document has pages");
    for index in 0..document.page_count().min(PAGES) {
        if let Ok(facts) = document.facts(index) {
            assert!(facts.width > 0 && facts.height > 0, "a page has a size");
        }
        if let Ok(image) = document.image(index) {
            let size = u64::from(image.width()) * u64::from(image.height());
            assert!(size > 0, "a page has pixels");
        }
        // Either outcome is right; only not returning would be wrong.
        let _either = document.page(index);
    }
    assert!(
        document.page(document.page_count()).is_err(),
        "there is no page behind the last"
    );
}

/// Small ones, so that many inputs are tried in little time.
pub(crate) fn limits() -> Limits {
    Limits::default()
        .with_max_page_pixels(300_000)
        .with_max_document_pixels(1_000_000)
        .with_max_output_pixels(300_000)
        .with_max_page_marks(20_000)
        .with_max_inflated_bytes(4 << 20)
}

/// A picture with edges and slopes, small enough to be a seed.
fn picture(width: u32, height: u32, format: PixelFormat) -> PageImage {
    let channels = format.channels() as u32;
    let pixels: Vec<u8> = (0..width * height * channels)
        .map(|at| (at * 7 + at / width * 13) as u8)
        .collect();
    PageImage::new(width, height, format, pixels).expect("the pixels are as many as the size says")
}

fn seeds() -> Vec<Seed> {
    let gray = picture(31, 17, PixelFormat::Gray8);
    let colour = picture(12, 21, PixelFormat::Rgb8);
    let mut seeds = vec![
        ("gray.png", documents::png(&gray).to_vec()),
        ("colour.png", documents::png(&colour).to_vec()),
        ("gray.jpg", documents::jpeg(&gray, 80).to_vec()),
        ("colour.jpg", documents::jpeg(&colour, 60).to_vec()),
        ("colour.webp", documents::webp(&colour).to_vec()),
        (
            "two.tiff",
            documents::tiff(&[gray.clone(), colour.clone()]).to_vec(),
        ),
        ("scan.pdf", documents::image_pdf(&[gray, colour]).to_vec()),
        (
            "text.pdf",
            documents::text_pdf(&["A heading\nand a line of text", "", "third page"]).to_vec(),
        ),
        ("encrypted.pdf", documents::encrypted_pdf().to_vec()),
    ];
    for (number, broken) in broken_documents().into_iter().enumerate() {
        if (1..LARGEST_SEED).contains(&broken.bytes.len()) && number < BROKEN.len() {
            seeds.push((BROKEN[number], broken.bytes.to_vec()));
        }
    }
    seeds
}

/// Names of documents that nobody can read.
const BROKEN: [&str; 20] = [
    "broken-00",
    "broken-01",
    "broken-02",
    "broken-03",
    "broken-04",
    "broken-05",
    "broken-06",
    "broken-07",
    "broken-08",
    "broken-09",
    "broken-10",
    "broken-11",
    "broken-12",
    "broken-13",
    "broken-14",
    "broken-15",
    "broken-16",
    "broken-17",
    "broken-18",
    "broken-19",
];
