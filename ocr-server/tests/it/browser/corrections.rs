//! Correcting words in the page.

use serde_json::Value;
use thirtyfour::Key;

use super::chromium::Browser;
use crate::{USER, documents, engine, server::Server};

/// The first button of the tools for corrections can be pressed: a word is chosen, and it can be corrected.
const READY: &str = "document.querySelector('ocr-corrections button')?.disabled === false";

/// A server with a document of two pages that has been read, a browser that shows it, and its id.
async fn opened() -> Option<(Server, Browser, String)> {
    let server = engine::server(&[]).await?;
    let id = server.submit("two pages.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    let browser = Browser::open(&server.url(&format!("/#/documents/{id}"))).await;
    browser.shows("ocr-text", "quick brown fox").await;
    Some((server, browser, id))
}

/// The text of the first page, as the server tells it.
async fn told(server: &Server, id: &str) -> String {
    let text = server
        .get(&format!("/api/tasks/{id}/text?from=1&to=1&userId={USER}"))
        .await;
    text.text().await.unwrap()
}

#[tokio::test]
async fn words_are_corrected_one_after_another_by_keyboard() {
    let Some((server, browser, id)) = opened().await else {
        return;
    };
    browser.click(".word[data-word='3']").await;
    browser.until(READY).await;
    browser.press_key(Key::Enter).await;
    browser
        .until("document.activeElement.matches('ocr-text .word-editor')")
        .await;
    browser.press("elephant").await;
    browser.press_key(Key::Tab).await;
    browser.shows(".w.corrected", "elephant").await;
    browser
        .until("document.querySelector('.word-editor').value === 'jumps'")
        .await;
    browser.press("climbs up").await;
    browser.press_key(Key::Tab).await;
    browser
        .until("document.querySelector('.word-editor')?.value === 'over'")
        .await;
    browser.press("nothing").await;
    browser.press_key(Key::Escape).await;
    browser.until("!document.querySelector('.word-editor')").await;
    browser.shows("ocr-text", "brown elephant").await;
    browser.shows("ocr-text", "climbs up over").await;
    browser
        .shows("ocr-corrections [role=status]", "3 corrections")
        .await;
    assert!(told(&server, &id).await.contains("brown elephant"));
    let hint = browser
        .value("document.querySelector('.w.corrected').title")
        .await;
    assert_eq!(hint, Value::from("Read as: fox"));
    for (shift, wanted) in [
        (false, "jumps over"),
        (false, "brown fox"),
        (true, "brown elephant"),
    ] {
        browser.press_with_control("z", shift).await;
        browser.shows("ocr-text", wanted).await;
    }
    assert!(told(&server, &id).await.contains("brown elephant"));
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn a_word_is_corrected_on_the_image_and_seen_in_another_window() {
    let Some((server, browser, id)) = opened().await else {
        return;
    };
    let url = server.url(&format!("/#/documents/{id}"));
    let (first, second) = browser.second_window(&url).await;
    browser.shows("ocr-text", "quick brown fox").await;
    browser.switch_to(&first).await;
    browser
        .run("document.querySelector('.word[tabindex=\"0\"]').focus()")
        .await;
    for _ in 0..3 {
        browser.press_key(Key::Right).await;
    }
    browser.shows(".word.chosen", "fox").await;
    browser.until(READY).await;
    browser.press_key(Key::Enter).await;
    browser
        .until("document.activeElement.matches('ocr-overlay .word-editor')")
        .await;
    browser.press("elephant").await;
    browser.press_key(Key::Enter).await;
    browser.shows(".word.corrected", "elephant").await;
    browser.until("document.activeElement.matches('.word')").await;
    browser.switch_to(&second).await;
    browser.shows("ocr-text", "brown elephant").await;
    browser.shows(".w.corrected", "elephant").await;
    browser.nothing_went_wrong().await;
}
