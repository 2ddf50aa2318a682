//! A document is shared by keyboard, and read by somebody who has no account.

use thirtyfour::Key;

use super::{accessible, chromium::Browser};
use crate::{
    accounts::{self, PASSWORD},
    engine,
};

#[tokio::test]
async fn a_document_is_shared_and_read_without_an_account() {
    let Some(server) = engine::server(&[("OCR_AUTH", "local")]).await else {
        return;
    };
    let ada = accounts::employ(&server, "ada", &[]).await;
    accounts::submit(&server, &ada).await;
    let browser = Browser::open(&server.url("/#/documents")).await;
    browser.find("#sign-in-name:focus").await;
    browser.press("ada").await;
    browser.press_key(Key::Tab).await;
    browser.press(PASSWORD).await;
    browser.press_key(Key::Enter).await;
    browser.shows(".row", "a.pdf").await;
    browser.shows(".row", "Completed").await;
    browser.click(".row .menu-cell button").await;
    browser.click_text("Share").await;
    browser.shows("dialog", "There are no links.").await;
    browser
        .run("document.querySelector('#share-password').focus()")
        .await;
    browser.press("read this please").await;
    browser.press_key(Key::Enter).await;
    browser.shows("dialog .share-list", "with a password").await;
    accessible::nothing_is_found(&browser).await;
    let link = browser.value("document.querySelector('#share-link').value").await;
    let link = link.as_str().unwrap().to_owned();

    let reader = Browser::open(&link).await;
    reader.shows("h1", "This document asks for a password").await;
    reader.press("not this one").await;
    reader.press_key(Key::Enter).await;
    reader.shows(".field-error", "This is not the password.").await;
    reader
        .run("document.querySelector('#shared-password').select()")
        .await;
    reader.press("read this please").await;
    reader.press_key(Key::Enter).await;
    reader.shows("h1", "a.pdf").await;
    reader.shows(".shared-page p", "a small document").await;
    reader.resize(320, 640).await;
    let fits = "document.documentElement.scrollWidth <= innerWidth";
    assert_eq!(reader.value(fits).await, true, "nothing is beside the screen");
    accessible::nothing_is_found(&reader).await;
    reader.reload().await;
    reader.shows("h1", "a.pdf").await;
}
