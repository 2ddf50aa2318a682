//! Engines called without a platform.

use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use ocr_core::{
    Result,
    blob::{BlobStore, PutOptions},
    clock::SystemClock,
    engine::{DocumentSource, OcrContext, OcrEngine, OcrRequest},
    memory::MemoryBlobStore,
    model::{MediaType, PageText},
};

use crate::drive::PDF;

/// A request for all of a PDF.
pub(crate) async fn request() -> OcrRequest {
    let blobs = Arc::new(MemoryBlobStore::new(Arc::new(SystemClock)));
    let key: ocr_core::blob::BlobKey = "uploads/u/document".parse().unwrap();
    let body = Bytes::from_static(PDF).into();
    blobs.put(key.clone(), body, PutOptions::default()).await.unwrap();
    let document = DocumentSource::new(blobs, key, PDF.len() as u64, "");
    OcrRequest::new(document, MediaType::Pdf)
}

/// Everything the engine gives, in the order it comes.
pub(crate) async fn outcomes(engine: &dyn OcrEngine, request: OcrRequest) -> Vec<Result<PageText>> {
    match engine.recognize(request, OcrContext::default()).await {
        Ok(stream) => stream.pages.collect().await,
        Err(error) => vec![Err(error)],
    }
}

/// Number, text and reader of every page, by number.
pub(crate) async fn pages(engine: &dyn OcrEngine, request: OcrRequest) -> Vec<(u32, String, String)> {
    let mut pages: Vec<_> = outcomes(engine, request)
        .await
        .into_iter()
        .map(|page| page.expect("a page"))
        .map(|page| {
            let reader = page.engine.as_ref().expect("a reader").name.clone();
            (page.number, page.plain_text(), reader)
        })
        .collect();
    pages.sort_unstable();
    pages
}

/// What [`pages`] gives, from borrowed texts.
pub(crate) fn expected(pages: &[(u32, &str, &str)]) -> Vec<(u32, String, String)> {
    pages
        .iter()
        .map(|(number, text, reader)| (*number, (*text).into(), (*reader).into()))
        .collect()
}
