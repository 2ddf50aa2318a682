//! Names and texts of strangers are shown, and never run.

use ocr_testkit::documents::text_pdf;

use super::chromium::Browser;
use crate::{documents, engine};

const HOSTILE: [&str; 5] = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "[click](javascript:alert(3))",
    "\"><svg onload=alert(4)>",
    "{{constructor.constructor('alert(5)')()}}",
];

/// Unfolds what is folded in a panel; true once it shows a hostile text.
fn unfolded(panel: &str) -> String {
    format!(
        "(() => {{
             for (const folded of document.querySelectorAll('.json details:not([open])')) folded.open = true;
             return document.querySelector('{panel}')?.innerText.includes('onerror');
         }})()"
    )
}

#[tokio::test]
async fn hostile_names_and_texts_are_only_text() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let text = HOSTILE.join("\n");
    let mut ids = Vec::new();
    for name in HOSTILE {
        let id = server
            .submit(
                &format!("{}.pdf", name.replace('"', "'")),
                &text_pdf(&[text.as_str()]),
            )
            .await;
        server.ended(&id).await;
        ids.push(id);
    }
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".row", "<img src=x onerror=alert(1)>.pdf").await;
    browser.visit(&format!("/documents/{}", ids[0])).await;
    browser.shows("h1", "<img src=x onerror=alert(1)>.pdf").await;
    browser.shows("ocr-text", "<img src=x onerror=alert(1)>").await;
    for (tab, panel) in [
        ("Markdown", ".markdown"),
        ("Layout", ".blocks"),
        ("JSON", ".json"),
        ("Info", ".panel"),
    ] {
        browser.click_text(tab).await;
        browser.until(&unfolded(panel)).await;
    }
    browser.click(".viewer-head > .icon-button:last-child").await;
    browser.click_text("Delete").await;
    browser.until("location.hash === '#/documents'").await;
    browser.visit("/trash").await;
    browser.shows(".row", "<img src=x onerror=alert(1)>.pdf").await;
    browser
        .visit(&format!(
            "/documents?q={}",
            "%3Cimg%20src%3Dx%20onerror%3Dalert(9)%3E"
        ))
        .await;
    browser
        .shows(".state", "Nothing contains “<img src=x onerror=alert(9)>”")
        .await;
    let foreign = "document.querySelectorAll('main img[src=x], main script, main svg[onload], main a[href^=javascript]').length";
    assert_eq!(browser.value(foreign).await, 0);
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn another_users_document_is_not_there() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("mine.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".row", "mine.pdf").await;
    browser.click("ocr-header [aria-label=Settings]").await;
    let input = browser.find("#setting-user").await;
    input.clear().await.unwrap();
    input.send_keys("not a user").await.unwrap();
    browser.click_text("Save").await;
    browser.shows("dialog", "This is not a UUID").await;
    input.clear().await.unwrap();
    input
        .send_keys("22222222-2222-2222-2222-222222222222")
        .await
        .unwrap();
    browser.click_text("Save").await;
    browser.shows(".welcome", "Or try a sample").await;
    assert_eq!(browser.count(".row:not(.blank)").await, 0);
    browser.visit(&format!("/documents/{id}")).await;
    browser.shows("h1", "This document does not exist").await;
}

#[tokio::test]
async fn nothing_is_asked_of_other_hosts_and_the_policy_is_strict() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("page.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    let browser = Browser::open(&server.url(&format!("/#/documents/{id}"))).await;
    browser.shows("h1", "").await;
    browser.shows("ocr-text", "quick brown fox").await;
    // As they travel: what the browser counts for scripts of the screen that needs most.
    let bytes = browser
        .value(
            "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.js'))
                 .reduce((sum, one) => sum + one.encodedBodySize, 0)",
        )
        .await;
    assert!(
        bytes.as_u64().is_some_and(|bytes| (1..160_000).contains(&bytes)),
        "{bytes} bytes of script"
    );
    for place in [
        "/documents",
        &format!("/documents/{id}"),
        "/overview",
        "/trash",
        "/api",
    ] {
        browser.visit(place).await;
        browser.shows("h1", "").await;
    }
    let foreign = browser
        .value("performance.getEntriesByType('resource').map((one) => one.name).filter((name) => !name.startsWith(location.origin))")
        .await;
    assert_eq!(foreign, serde_json::json!([]));
    let inline = browser
        .run(
            "const script = document.createElement('script');
             script.textContent = 'window.ran = true';
             document.body.append(script);
             return window.ran ?? false;",
        )
        .await;
    assert_eq!(inline, false, "inline script does not run");
}
