//! Labels, collections and notes in the page.

use reqwest::StatusCode;
use serde_json::json;
use thirtyfour::Key;

use super::chromium::Browser;
use crate::{
    USER, documents,
    server::{Server, json},
};

#[tokio::test]
async fn documents_are_filed_by_keyboard_and_found_again() {
    let server = Server::without_engine().await;
    let id = server.submit("one.pdf", &documents::small()).await;
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".row", "one.pdf").await;
    browser.press("j").await;
    browser.until("document.activeElement.matches('.row')").await;
    browser.press("l").await;
    browser.until("document.activeElement.id === 'filing-new'").await;
    browser.press("Tax 2024,").await;
    browser.shows(".label-boxes", "Tax 2024").await;
    browser.press("Bank").await;
    browser.press_key(Key::Enter).await;
    browser.shows(".label-boxes", "Bank").await;
    // The field is empty now, so that Enter means the window.
    browser.press_key(Key::Enter).await;
    browser.until("!document.querySelector('dialog')").await;
    browser.shows(".row", "Tax 2024").await;
    assert_eq!(server.task(&id).await["labels"], json!(["Bank", "Tax 2024"]));

    browser.click("ocr-filters [aria-haspopup=menu]").await;
    browser.click("[role=menuitem]").await;
    browser
        .until("new URLSearchParams(location.hash.split('?')[1]).get('label') === 'Bank'")
        .await;
    browser.shows(".filed", "Label: Bank").await;
    browser.shows(".row", "one.pdf").await;

    // What another window does is seen here.
    let path = format!("/api/tasks/{id}/filing?userId={USER}");
    let change = json!({"removeLabels": ["tax 2024"], "collection": "Letters", "note": "call back"});
    json(server.patch_json(&path, &change).await, StatusCode::OK).await;
    browser.shows(".row", "Letters").await;
    browser.lacks(".row", "Tax 2024").await;
    browser.visit(&format!("/documents/{id}?tab=info")).await;
    browser.shows(".filing-note", "call back").await;
    browser.nothing_went_wrong().await;
}
