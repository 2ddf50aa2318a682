//! Documents that were set aside, in the page.

use thirtyfour::Key;

use super::chromium::Browser;
use crate::{dead_letters::too_late, documents, server::Server};

#[tokio::test]
async fn what_was_set_aside_is_found_opened_and_read_again() {
    let server = Server::without_engine().await;
    let id = too_late(&server).await;
    too_late(&server).await;
    server.submit("waits.pdf", &documents::small()).await;
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".row", "waits.pdf").await;
    browser.click_text("Set aside").await;
    let all = "ocr-set-aside button";
    browser.shows(all, "Read all again (2)").await;
    browser.lacks(".row", "waits.pdf").await;
    browser.shows(".row", "late.pdf").await;

    // It is asked once, with how many they are, and whoever changes their mind keeps what there is.
    browser.click(all).await;
    browser.shows("dialog", "Read 2 documents again?").await;
    browser.click_text("Cancel").await;
    browser.until("!document.querySelector('dialog')").await;

    // One, where it is shown. Each is given up again a second after, so that there are two once more.
    browser.visit(&format!("/documents/{id}")).await;
    browser
        .shows(".trouble", "The document was not read in its time")
        .await;
    browser.click_text("Read on").await;
    browser.shows("ocr-notices", "1 document goes on.").await;
    browser.lacks("ocr-notices", "goes on").await;
    browser.visit("/documents?setAside=true").await;
    browser.shows(all, "Read all again (2)").await;

    // The marked one, by keyboard.
    browser.click(".row input").await;
    browser.shows(".bulk button", "Read on").await;
    browser
        .run("document.querySelector('.bulk button').focus()")
        .await;
    browser.press_key(Key::Enter).await;
    browser.shows("ocr-notices", "1 document goes on.").await;
    browser.lacks("ocr-notices", "goes on").await;
    browser.shows(all, "Read all again (2)").await;

    // All that the filter shows.
    browser.click(all).await;
    browser.click("dialog button.danger").await;
    browser.shows("ocr-notices", "2 documents go on.").await;
    assert_eq!(browser.problems().await, Vec::<String>::new());
}
