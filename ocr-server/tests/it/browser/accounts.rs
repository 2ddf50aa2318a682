//! Signing in and looking after accounts, by keyboard.

use reqwest::StatusCode;
use serde_json::json;
use thirtyfour::Key;

use super::chromium::Browser;
use crate::{
    accounts::{self, PASSWORD},
    server::json,
};

#[tokio::test]
async fn somebody_signs_in_and_looks_after_their_account_by_keyboard() {
    let server = accounts::server().await;
    let root = accounts::employ(&server, "root", &["--admin"]).await;
    accounts::submit(&server, &root).await;
    let browser = Browser::open(&server.url("/#/trash")).await;
    browser.shows("h1", "Sign in").await;
    assert_eq!(browser.count("nav a").await, 0, "nothing is shown of a place");
    browser.find("#sign-in-name:focus").await;
    browser.press("root").await;
    browser.press_key(Key::Tab).await;
    browser.press("wrong horse battery").await;
    browser.press_key(Key::Enter).await;
    browser
        .shows(".field-error", "The name or the password is wrong.")
        .await;
    browser
        .run("document.querySelector('#sign-in-password').select()")
        .await;
    browser.press(PASSWORD).await;
    browser.press_key(Key::Enter).await;
    browser.shows("h1", "Trash").await;
    browser.visit("/documents").await;
    browser.shows(".row", "a.pdf").await;
    browser.shows(".connection", "Live").await;

    browser.visit("/account").await;
    browser.shows("ocr-account .lead", "Signed in as root").await;
    browser.shows("ocr-account td", "This one").await;
    browser.run("document.querySelector('#key-name').focus()").await;
    browser.press("scanner").await;
    browser.press_key(Key::Enter).await;
    browser.shows("dialog code", "ocr_").await;
    browser.press_key(Key::Escape).await;
    browser.shows("ocr-account td", "scanner").await;

    browser.visit("/users").await;
    browser.run("document.querySelector('#new-user').focus()").await;
    browser.press("ada").await;
    browser.press_key(Key::Enter).await;
    browser.shows("dialog code", "/#/reset?token=").await;
    let link = browser.text("dialog code").await;
    browser.press_key(Key::Escape).await;
    browser.shows("ocr-users td", "ada").await;

    browser.visit("/audit").await;
    browser.shows("ocr-audit td", "Account made").await;

    browser.visit("/account").await;
    browser.click_text("Sign out").await;
    browser.shows("h1", "Sign in").await;
    browser
        .visit(link.split_once('#').expect("the link leads to a screen").1)
        .await;
    browser.shows("h1", "Choose a password").await;
    browser.find("#reset-password").await;
    browser
        .run("document.querySelector('#reset-password').focus()")
        .await;
    browser.press(PASSWORD).await;
    browser.press_key(Key::Enter).await;
    browser.shows("h1", "Sign in").await;
    let ada = accounts::signed_in(&server, "ada").await;
    let mine = json(ada.get(&server, "/api/tasks").await, StatusCode::OK).await;
    assert_eq!(mine["data"]["tasks"], json!([]));
}

#[tokio::test]
async fn a_session_that_is_ended_elsewhere_asks_for_a_sign_in_and_goes_on_there() {
    let server = accounts::server().await;
    accounts::employ(&server, "ada", &[]).await;
    let browser = Browser::open(&server.url("/#/overview")).await;
    browser.find("#sign-in-name:focus").await;
    for (text, key) in [("ada", Key::Tab), (PASSWORD, Key::Enter)] {
        browser.press(text).await;
        browser.press_key(key).await;
    }
    browser.shows("h1", "Overview").await;
    browser.shows(".connection", "Live").await;
    accounts::admin(&server, &["disable-user", "ada"], "");
    accounts::admin(&server, &["disable-user", "ada", "--enable"], "");
    browser.shows(".lead", "Your sign-in has ended").await;
}
