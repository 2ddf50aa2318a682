//! The engine keeps the contract of the port, clause by clause.

use std::sync::Arc;

use custom_engine::{Code39Engine, print};
use ocr_core::{model::MediaType, page::PageImage};
use ocr_testkit::{
    documents,
    engine::{EngineFixture, SampleDocument},
};

fn pages() -> Vec<PageImage> {
    ["FIRST 1", "", "THIRD-3"]
        .map(|text| print::page(text).unwrap())
        .to_vec()
}

async fn fresh() -> EngineFixture {
    let pages = pages();
    let single = |media_type, bytes| SampleDocument::new(media_type, bytes, 1);
    let several = |media_type, bytes| SampleDocument::new(media_type, bytes, 3);
    EngineFixture::new(
        Arc::new(Code39Engine::default()),
        vec![
            single(MediaType::Png, documents::png(&pages[0])),
            single(MediaType::Jpeg, documents::jpeg(&pages[0], 90)),
            single(MediaType::Webp, documents::webp(&pages[0])),
            several(MediaType::Tiff, documents::tiff(&pages)),
            several(MediaType::Pdf, documents::image_pdf(&pages)),
        ],
    )
}

ocr_testkit::engine_conformance!(fresh);
