//! Search in everything that was read, and what was found in the document.

use std::time::Duration;

use serde_json::Value;
use thirtyfour::Key;

use super::chromium::Browser;
use crate::{USER, documents, engine, server::Server};

/// A server with a document that can be searched, and its id.
async fn searched() -> Option<(Server, String)> {
    let server = engine::server(&[]).await?;
    let id = server.submit("two pages.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    for _ in 0..300 {
        let found = server.get(&format!("/api/search?userId={USER}&q=fox")).await;
        let found: Value = found.json().await.unwrap();
        if found["data"]["hits"]
            .as_array()
            .is_some_and(|hits| !hits.is_empty())
        {
            return Some((server, id));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the document was not taken into the index");
}

#[tokio::test]
async fn what_is_found_is_lit_and_walked_through() {
    let Some((server, id)) = searched().await else {
        return;
    };
    let browser = Browser::open(&server.url("/#/documents")).await;
    browser.shows(".row", "two pages.pdf").await;
    browser.press("/").await;
    browser.press("fox OR dog OR eur").await;
    browser.shows("ocr-search-hits h2", "two pages.pdf").await;
    browser.shows("ocr-search-hits mark", "fox").await;
    assert_eq!(browser.count("ocr-search-hits a").await, 2);
    browser.press_key(Key::Down).await;
    browser
        .until("document.activeElement.closest('ocr-search-hits li') !== null")
        .await;
    browser.press_key(Key::Enter).await;
    browser
        .until(&format!("location.hash.startsWith('#/documents/{id}?')"))
        .await;
    browser.shows(".word.hit", "fox").await;
    browser.shows(".word.hit", "dog").await;
    browser.shows(".word.chosen", "fox").await;
    browser.shows("ocr-hits", "1 of 3").await;
    browser.press("n").await;
    browser.shows(".word.chosen", "dog").await;
    browser.press("n").await;
    browser.shows(".word.hit-here", "EUR").await;
    browser.until("location.hash.includes('page=2')").await;
    browser.press("N").await;
    browser.shows(".word.chosen", "dog").await;
    browser.press_key(Key::Escape).await;
    browser
        .until("document.querySelectorAll('.word.hit').length === 0")
        .await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn a_query_that_is_none_is_explained_and_narrow_screens_hold_all_of_it() {
    let Some((server, _)) = searched().await else {
        return;
    };
    let browser = Browser::open(&server.url("/#/documents?q=%22fox")).await;
    browser.shows(".bad-query", "character 1").await;
    browser.resize(320, 700).await;
    browser.visit("/documents?q=fox").await;
    browser.shows("ocr-search-hits .snippet", "quick brown fox").await;
    browser
        .until("document.documentElement.scrollWidth <= innerWidth")
        .await;
}
