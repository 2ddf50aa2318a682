//! What the page says of a document that waits.

use super::chromium::Browser;
use crate::{crash::half_read, engine};

/// Long enough for the page to be opened while others still wait for the worker that was killed.
const LEASE: &str = "60";

#[tokio::test]
async fn a_document_whose_worker_was_killed_says_that_it_waits_to_be_taken_over() {
    let settings = [("OCR_LEASE", LEASE), ("OCR_PAGE_PROCESSES", "1")];
    let Some(mut server) = engine::server(&settings).await else {
        return;
    };
    let id = half_read(&server).await;
    server.kill();
    // Nobody who comes after it reads, so that it goes on waiting.
    server.restart_with(&[("OCR_ROLES", "api,listener,health")]).await;
    let browser = Browser::open(&server.url(&format!("/#/documents/{id}?tab=info"))).await;
    browser.shows("ocr-why h2", "What is happening with it").await;
    // No event tells of silence: the page finds out by itself, and its top follows.
    browser
        .shows("ocr-why", "nothing is heard of the worker that reads it")
        .await;
    browser.shows("ocr-why", "It waits for the lease of").await;
    browser
        .shows("ocr-viewer-head .status", "Waits to be taken over")
        .await;
    assert_eq!(browser.problems().await, Vec::<String>::new());
}
