//! An administrator sees what somebody used, and limits it by keyboard.

use thirtyfour::Key;

use super::{accessible, chromium::Browser};
use crate::accounts::{self, PASSWORD};

#[tokio::test]
async fn an_administrator_limits_somebody_by_keyboard() {
    let server = accounts::server().await;
    accounts::employ(&server, "root", &["--admin"]).await;
    let ada = accounts::employ(&server, "ada", &[]).await;
    accounts::submit(&server, &ada).await;
    let browser = Browser::open(&server.url("/#/users")).await;
    browser.find("#sign-in-name:focus").await;
    for (text, key) in [("root", Key::Tab), (PASSWORD, Key::Enter)] {
        browser.press(text).await;
        browser.press_key(key).await;
    }
    browser.shows("h1", "Users").await;
    browser.click_text("Limits and usage").await;
    browser.shows("h1", "Limits and usage").await;
    browser.shows("ocr-limits td", "1 today").await;
    browser
        .run("document.querySelector('[aria-label=\"Change: ada\"]').focus()")
        .await;
    browser.press_key(Key::Enter).await;
    browser.shows("dialog h2", "Limits of ada").await;
    browser
        .run("document.querySelector('#limit-documents_per_day').focus()")
        .await;
    browser.press_key(Key::End).await;
    browser.press_key(Key::Tab).await;
    browser.find("#limit-documents_per_day-amount:focus").await;
    browser.resize(320, 640).await;
    is_in_the_window(&browser).await;
    accessible::nothing_is_found(&browser).await;
    browser.press("1").await;
    browser.press_key(Key::Enter).await;
    browser
        .shows("ocr-limits .used-up", "1 of 1 today (used up)")
        .await;
    browser
        .until("document.activeElement.ariaLabel === 'Change: ada'")
        .await;
    is_in_the_window(&browser).await;
    browser.until("!document.querySelector('ocr-notices li')").await;
    for colours in ["light", "dark"] {
        browser.colours(colours).await;
        accessible::nothing_is_found(&browser).await;
    }
    let limits = accounts::admin(&server, &["quota", "ada"], "");
    assert!(limits.contains("documents_per_day\tlimit 1\t"), "{limits}");
}

/// Nothing is beside the screen.
async fn is_in_the_window(browser: &Browser) {
    let fits = "document.documentElement.scrollWidth <= innerWidth";
    assert_eq!(browser.value(fits).await, true, "nothing is beside the screen");
}
