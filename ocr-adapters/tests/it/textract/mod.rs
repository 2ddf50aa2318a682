//! Recognition by AWS Textract, against a server that plays it.

mod answers;
mod at_once;
mod faults;
mod flood;
mod jobs;
mod mapping;
mod moto;
mod object_store;
mod partial;
mod service;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::StreamExt;
use ocr_adapters::{
    aws::AwsCredentials,
    textract::{Completion, PollPolicy, QuotaProfile, TextractConfig, TextractEngine, TextractTimeouts},
};
use ocr_core::{
    Result,
    blob::{BlobStore, PutOptions},
    clock::SystemClock,
    digest::sha256_hex,
    engine::{DocumentSource, OcrContext, OcrEngine, OcrRequest},
    memory::MemoryBlobStore,
    model::{MediaType, PageText},
};
use ocr_documents::Limits;
use ocr_testkit::{
    documents::{Typeset, image_pdf, jpeg, png, text_pdf, tiff, webp},
    engine::{EngineFixture, SampleDocument},
};
use ocr_vision::document::DocumentOpener;

use object_store::{BUCKET, FakeS3};
use service::FakeService;

/// Quotas that nobody notices.
fn plenty() -> QuotaProfile {
    const PACE: f64 = 10_000.0;
    QuotaProfile::OTHER
        .with_detect_text(PACE)
        .with_analyze(PACE)
        .with_start_text(PACE)
        .with_start_analysis(PACE)
        .with_get_text(PACE)
        .with_get_analysis(PACE)
        .with_jobs(100)
}

fn config(service: &FakeService) -> TextractConfig {
    let soon = Duration::from_millis(5);
    let poll = PollPolicy::default()
        .with_first(soon)
        .with_factor(1.0)
        .with_longest(soon);
    TextractConfig::in_region("eu-central-1")
        .with_endpoint(service.endpoint())
        .with_credentials(AwsCredentials::new("AKIDEXAMPLE", "example"))
        .with_bucket(BUCKET.to_owned())
        .with_quotas(plenty())
        .with_completion(Completion::Poll(poll))
        .with_timeouts(TextractTimeouts::default().with_attempts(1))
}

async fn engine(config: TextractConfig) -> TextractEngine {
    let pages = DocumentOpener::in_process(Limits::default());
    TextractEngine::connect(config, pages, Arc::new(SystemClock))
        .await
        .unwrap()
}

/// A request for all of a document that is stored in `blobs`.
async fn request_in(blobs: Arc<dyn BlobStore>, media_type: MediaType, bytes: &Bytes) -> OcrRequest {
    let key: ocr_core::blob::BlobKey = "uploads/u/document".parse().unwrap();
    blobs
        .put(key.clone(), bytes.clone().into(), PutOptions::default())
        .await
        .unwrap();
    let document = DocumentSource::new(blobs, key, bytes.len() as u64, sha256_hex(bytes));
    OcrRequest::new(document, media_type)
}

/// A document the service cannot read where it is stored.
async fn elsewhere(media_type: MediaType, bytes: &Bytes) -> OcrRequest {
    let blobs = Arc::new(MemoryBlobStore::new(Arc::new(SystemClock)));
    request_in(blobs, media_type, bytes).await
}

/// A document in S3.
async fn in_s3(media_type: MediaType, bytes: &Bytes) -> OcrRequest {
    request_in(Arc::new(FakeS3::new()), media_type, bytes).await
}

/// A PDF of `pages` scanned pages.
fn scan(pages: usize) -> Bytes {
    image_pdf(&vec![Typeset::card().page("a scanned page"); pages])
}

/// All pages by number, or the error the stream ends with.
async fn read(engine: &TextractEngine, request: OcrRequest, context: OcrContext) -> Result<Vec<PageText>> {
    let stream = engine.recognize(request, context).await?;
    let pages: Vec<Result<PageText>> = stream.pages.collect().await;
    let mut pages = pages.into_iter().collect::<Result<Vec<PageText>>>()?;
    pages.sort_by_key(|page| page.number);
    Ok(pages)
}

fn texts(pages: &[PageText]) -> Vec<String> {
    pages.iter().map(PageText::plain_text).collect()
}

mod conformance {
    use super::*;

    async fn fresh() -> EngineFixture {
        use MediaType::{Jpeg, Pdf, Png, Tiff, Webp};
        let service = FakeService::start().await;
        let page = Typeset::card().page("one page of text");
        let pages = vec![page.clone(); 3];
        let documents = [
            (Pdf, scan(3), 3),
            (Pdf, text_pdf(&["one", "two"]), 2),
            (Png, png(&page), 1),
            (Jpeg, jpeg(&page, 80), 1),
            (Tiff, tiff(&pages), 3),
            (Webp, webp(&page), 1),
        ]
        .map(|(media_type, bytes, pages)| SampleDocument::new(media_type, bytes, pages));
        EngineFixture::new(Arc::new(engine(config(&service)).await), documents.to_vec()).with_guard(service)
    }

    ocr_testkit::engine_conformance!(fresh);
}
