//! Everybody can use it: checked by axe on every screen, in light and dark, narrow and wide.

use std::path::PathBuf;

use ocr_testkit::requirements::Requirement;
use serde_json::{Value, json};

use super::chromium::Browser;
use crate::{documents, engine};

/// The checker, which `cargo xtask test` fetches; it is no part of this repository.
fn axe() -> String {
    let path = std::env::var_os("OCR_TEST_AXE").map_or_else(
        || {
            PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("../target/tools/web/node_modules/axe-core/axe.min.js")
        },
        PathBuf::from,
    );
    let checker = std::fs::read_to_string(&path);
    Requirement::Node.or_end(checker.map_err(|error| format!("{}: {error}", path.display())))
}

/// What the checker finds on the page as it is now.
async fn violations(browser: &Browser, axe: &str) -> Vec<String> {
    browser.run(axe).await;
    let found = browser
        .run_async(
            "const result = await axe.run(document, {
                 preload: false,
                 runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
             });
             return result.violations.flatMap((one) =>
                 one.nodes.map((node) => `${one.id}: ${node.target.join(' ')} (${node.failureSummary})`));",
        )
        .await;
    let found: Value = found;
    let list = found.as_array().unwrap_or_else(|| panic!("{found}"));
    list.iter().map(Value::to_string).collect()
}

/// The checker finds nothing on the page as it is now.
pub(super) async fn nothing_is_found(browser: &Browser) {
    assert_eq!(violations(browser, &axe()).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_checker_finds_nothing_on_any_screen() {
    let axe = axe();
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let done = server.submit("done.pdf", &documents::born_digital()).await;
    let failed = server
        .submit("locked.pdf", &ocr_testkit::documents::encrypted_pdf())
        .await;
    server.ended(&done).await;
    server.ended(&failed).await;
    let body = serde_json::json!({
        "taskIds": [done, failed],
        "change": {"addLabels": ["a label", "another"], "collection": "A collection", "note": "A note"},
    });
    let path = format!("/api/filings?userId={}", crate::USER);
    server.patch_json(&path, &body).await.error_for_status().unwrap();
    let screens = [
        ("/documents".to_owned(), ".row"),
        ("/documents?q=nothing".to_owned(), ".state"),
        ("/documents?label=another&collection=none".to_owned(), ".state"),
        ("/documents?setAside=true".to_owned(), ".state"),
        (format!("/documents/{done}?word=2"), ".w.chosen"),
        (format!("/documents/{done}?tab=markdown"), ".markdown p"),
        (format!("/documents/{done}?tab=layout"), ".blocks li"),
        (format!("/documents/{done}?tab=tables"), ".panel .absent"),
        (format!("/documents/{done}?tab=json"), ".json details"),
        (format!("/documents/{done}?tab=info"), ".facts-list"),
        (format!("/documents/{failed}"), ".trouble"),
        (format!("/documents/{failed}?tab=info"), "ocr-why strong"),
        ("/documents/none".to_owned(), ".state"),
        ("/overview".to_owned(), "figure"),
        ("/review".to_owned(), "ocr-review [role=status]:not(:empty)"),
        ("/trash".to_owned(), ".state"),
        ("/api".to_owned(), ".snippet pre"),
        ("/nowhere".to_owned(), ".state"),
    ];
    let browser = Browser::open(&server.url("/")).await;
    let mut found = Vec::new();
    for (colours, width) in [("light", 320), ("dark", 320), ("light", 1280), ("dark", 1280)] {
        browser.colours(colours).await;
        browser.resize(width, 800).await;
        let mut check = async |what: &str| {
            let wide = browser
                .value("document.documentElement.scrollWidth - innerWidth")
                .await;
            if wide.as_i64().is_some_and(|pixels| pixels > 0) {
                found.push(format!("{colours} {width} {what}: {wide} pixels too wide"));
            }
            let list = violations(&browser, &axe).await;
            found.extend(
                list.into_iter()
                    .map(|one| format!("{colours} {width} {what}: {one}")),
            );
        };
        for (place, sign) in &screens {
            browser.visit(place).await;
            browser.find(sign).await;
            check(place).await;
        }
        browser.visit("/documents").await;
        browser.click(".row:first-child input").await;
        browser
            .run("document.querySelector('details.options').open = true")
            .await;
        check("marks and options").await;
        browser.click(".row .menu-cell button").await;
        check("menu").await;
        browser.run("document.querySelector('.menu').hidePopover()").await;
        browser.press("l").await;
        browser.find("dialog.filing").await;
        check("filing").await;
        browser.run("document.querySelector('dialog').close()").await;
        browser.click("ocr-header [aria-label=Settings]").await;
        check("settings").await;
        browser.run("document.querySelector('dialog').close()").await;
        browser.click("ocr-header [aria-label=Keys]").await;
        check("keys").await;
        browser.run("document.querySelector('dialog').close()").await;
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn languages_colours_and_a_phone() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("page.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    let browser = Browser::open(&server.url("/")).await;
    browser.shows("h1", "Documents").await;
    browser.click("ocr-header [aria-label=Settings]").await;
    let choose = |field: &str, value: &str| {
        format!(
            "const field = document.querySelector({}); field.value = {}; field.dispatchEvent(new Event('change'))",
            json!(field),
            json!(value)
        )
    };
    browser.run(&choose("#setting-language", "de")).await;
    browser.run(&choose("#setting-theme", "dark")).await;
    browser.click_text("Save").await;
    browser.shows("h1", "Dokumente").await;
    assert_eq!(browser.value("document.documentElement.lang").await, "de");
    let background = "getComputedStyle(document.documentElement).backgroundColor";
    let dark = browser.value(background).await;
    // The choice holds from the first paint of the next visit on.
    browser.reload().await;
    browser.shows("h1", "Dokumente").await;
    assert_eq!(browser.value(background).await, dark);
    browser.resize(360, 740).await;
    browser.visit(&format!("/documents/{id}")).await;
    browser.shows("ocr-text", "quick brown fox").await;
    let stacked = browser
        .value(
            "document.querySelector('.page-side').getBoundingClientRect().bottom
                 <= document.querySelector('ocr-result').getBoundingClientRect().top + 1",
        )
        .await;
    assert_eq!(stacked, true, "the page stands above its text");
    assert_eq!(
        browser
            .value("document.documentElement.scrollWidth <= innerWidth")
            .await,
        true
    );
    browser.swipe((300, 300), (60, 310)).await;
    browser.shows("ocr-text", "Second page").await;
    browser.nothing_went_wrong().await;
}
