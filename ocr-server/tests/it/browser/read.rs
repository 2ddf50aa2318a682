//! Reading a document: its pages on one side, what was read on the other.

use ocr_testkit::requirements::Requirement;
use serde_json::{Value, json};
use thirtyfour::Key;

use super::chromium::Browser;
use crate::{documents, engine, server::Server};

/// A server with a document of two pages that has been read, a browser that shows it, and its id.
async fn opened() -> Option<(Server, Browser, String)> {
    let server = engine::server(&[]).await?;
    let id = server.submit("two pages.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    let browser = Browser::open(&server.url(&format!("/#/documents/{id}"))).await;
    browser.shows("ocr-text", "quick brown fox").await;
    Some((server, browser, id))
}

/// Left, top, right and bottom of an element, as shares of the page that is shown.
async fn place(browser: &Browser, selector: &str) -> [f64; 4] {
    let script = format!(
        "const page = document.querySelector('.sheet').getBoundingClientRect();
         const box = document.querySelector({}).getBoundingClientRect();
         return [(box.left - page.left) / page.width, (box.top - page.top) / page.height,
                 (box.right - page.left) / page.width, (box.bottom - page.top) / page.height];",
        json!(selector)
    );
    serde_json::from_value(browser.run(&script).await).unwrap()
}

#[tokio::test]
async fn a_word_and_its_box_point_at_each_other() {
    let Some((server, browser, id)) = opened().await else {
        return;
    };
    browser
        .until("document.querySelector('.sheet img').naturalWidth > 0")
        .await;
    browser.click_text_word("fox").await;
    browser.shows(".w.chosen", "fox").await;
    assert_eq!(browser.text(".word.chosen span").await, "fox");
    // The box stands where the API says that the word stands.
    let pages = server.get(&format!("/api/tasks/{id}/pages")).await;
    let pages: Value = pages.json().await.unwrap();
    let words = pages["data"]["pages"][0]["blocks"].as_array().unwrap().iter();
    let words = words.flat_map(|block| block["lines"].as_array().unwrap());
    let mut words = words.flat_map(|line| line["words"].as_array().unwrap());
    let word = words.find(|word| word["text"] == "fox").unwrap();
    let corner = |at: usize, axis: usize| word["polygon"][at][axis].as_f64().unwrap();
    let [left, top, right, bottom] = place(&browser, ".word.chosen").await;
    for (shown, told) in [
        (left, corner(0, 0)),
        (top, corner(0, 1)),
        (right, corner(2, 0)),
        (bottom, corner(2, 1)),
    ] {
        assert!((shown - told).abs() < 0.005, "{shown} is not {told}");
    }
    // And back: the box chooses the word.
    browser.click(".word[data-word='1']").await;
    browser.shows(".w.chosen", "quick").await;
    let link = browser.value("location.hash").await;
    assert_eq!(link, format!("#/documents/{id}?word=2"));
    // The address leads another reader to the same word.
    browser.go("about:blank").await;
    browser
        .go(&server.url(&format!("/{}", link.as_str().unwrap())))
        .await;
    browser.shows(".w.chosen", "quick").await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn pages_turn_by_key_and_by_thumbnail_and_are_searched() {
    let Some((_server, browser, _)) = opened().await else {
        return;
    };
    browser.press_key(Key::PageDown).await;
    browser.shows("ocr-text", "Second page").await;
    assert!(
        browser
            .value("location.hash")
            .await
            .as_str()
            .unwrap()
            .contains("page=2")
    );
    browser
        .until("document.querySelectorAll('ocr-thumbnails img').length === 2")
        .await;
    browser.click("ocr-thumbnails li:first-child button").await;
    browser.shows("ocr-text", "lazy dog").await;
    browser.press("/").await;
    browser.press("1,234").await;
    browser.shows("ocr-find [role=status]", "1 of 1").await;
    browser.shows("ocr-text .hit-here", "1,234.56").await;
    assert_eq!(browser.count(".word.hit").await, 1, "the hit is lit on the page");
    browser.press_key(Key::Escape).await;
    browser.until("document.querySelector('ocr-find').hidden").await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn every_tab_shows_the_page_its_way() {
    let Some((_server, browser, _)) = opened().await else {
        return;
    };
    browser.click_text("Markdown").await;
    browser.shows(".markdown", "quick brown fox").await;
    browser.click_text("Layout").await;
    browser.shows(".blocks", "quick brown fox").await;
    browser
        .run("document.querySelector('.blocks button').focus()")
        .await;
    browser
        .until("document.querySelector('.shapes .pointed') !== null")
        .await;
    browser.click_text("Tables").await;
    browser.shows(".panel", "No tables on this page").await;
    browser.click_text("JSON").await;
    browser.shows(".json", "blocks: [ ]").await;
    browser.click_text("Info").await;
    browser.shows(".panel", "two pages.pdf").await;
    browser.shows(".panel", "the text layer of the file").await;
    browser.lacks(".panel", "NaN").await;
    assert!(
        browser
            .value("location.hash")
            .await
            .as_str()
            .unwrap()
            .contains("tab=info")
    );
    browser.reload().await;
    browser.shows("[role=tab][aria-selected=true]", "Info").await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn the_page_is_zoomed_turned_split_and_marked() {
    let Some((_server, browser, _)) = opened().await else {
        return;
    };
    let width = || async {
        browser
            .value("document.querySelector('.sheet').clientWidth")
            .await
            .as_f64()
            .unwrap()
    };
    browser
        .until("document.querySelector('.sheet img').naturalWidth > 0")
        .await;
    let fitting = width().await;
    browser.press("0").await;
    browser.shows("ocr-toolbar .zoom", "100%").await;
    for _ in 0..12 {
        browser.press("+").await;
    }
    browser.shows("ocr-toolbar .zoom", "400%").await;
    for _ in 0..20 {
        browser.press("-").await;
    }
    browser.shows("ocr-toolbar .zoom", "25%").await;
    browser.press("w").await;
    assert!((width().await - fitting).abs() < 2.0);
    browser.press("r").await;
    browser
        .until("getComputedStyle(document.querySelector('.sheet')).rotate === '90deg'")
        .await;
    browser.press("rrr").await;
    // The bar between the halves moves by keys.
    browser
        .run("document.querySelector('ocr-splitter').focus()")
        .await;
    let before = browser
        .value("document.querySelector('ocr-splitter').ariaValueNow")
        .await;
    browser.press_key(Key::Left).await;
    assert_ne!(
        browser
            .value("document.querySelector('ocr-splitter').ariaValueNow")
            .await,
        before
    );
    // Text is selected off the image, with its spaces and lines.
    let selected = browser
        .run(
            "const words = document.querySelectorAll('.word');
             getSelection().setBaseAndExtent(words[0], 0, words[5], words[5].childNodes.length);
             return getSelection().toString();",
        )
        .await;
    let selected = selected.as_str().unwrap();
    assert!(
        selected.contains("The quick brown fox") && selected.contains('\n'),
        "{selected:?}"
    );
    // A word of a text layer is sure; with the threshold above everything nothing is weak below it.
    browser.press("h").await;
    browser
        .until("document.querySelector('[aria-label=\"Show doubtful words\"]').ariaPressed === 'true'")
        .await;
    browser.shows("ocr-weak", "0 words below 80%").await;
    browser.press("]").await;
    browser.shows("ocr-notices", "No more words below 80%").await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn doubtful_words_are_marked_by_more_than_colour_and_walked() {
    let tesseract = std::process::Command::new("tesseract").arg("--version").output();
    let Some(_) = Requirement::Tesseract.or_skip(tesseract) else {
        return;
    };
    // Tesseract is never quite sure, even of a clean scan.
    let path = std::env::var("PATH").unwrap();
    let server = Server::start(&[("PATH", &path), ("OCR_ENGINE", "tesseract")]).await;
    let id = server.submit("scan.pdf", &documents::scan(1)).await;
    assert_eq!(
        server.ended(&id).await["status"],
        "completed",
        "tesseract is installed"
    );
    let browser = Browser::open(&server.url(&format!("/#/documents/{id}"))).await;
    browser.shows("ocr-text", "Invoice").await;
    // Above every confidence, so that every word counts as weak.
    browser
        .run(
            "const slider = document.querySelector('ocr-weak input');
             slider.value = 100;
             slider.dispatchEvent(new Event('input'));",
        )
        .await;
    let weak = browser
        .until("Number(/^(\\d+) words? below 100%/.exec(document.querySelector('ocr-weak').innerText)?.[1])")
        .await;
    assert_eq!(browser.count(".word[data-doubt]").await, weak.as_u64().unwrap());
    let border = "getComputedStyle(document.querySelector('.word[data-doubt]')).borderBottomStyle";
    assert_eq!(browser.value(border).await, "dashed", "a line, not only a colour");
    browser.press("]").await;
    let first = browser.until("location.hash.match(/word=(\\d+)/)?.[1]").await;
    browser.press("]").await;
    browser
        .until(&format!("location.hash.match(/word=(\\d+)/)?.[1] !== {first}"))
        .await;
    browser.press("[").await;
    browser
        .until(&format!("location.hash.match(/word=(\\d+)/)?.[1] === {first}"))
        .await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn the_result_is_exported_as_files_with_sensible_names() {
    let Some((_server, browser, _)) = opened().await else {
        return;
    };
    let save = async |entry: &str, name: &str| {
        browser.click(".export").await;
        browser.click_text(entry).await;
        String::from_utf8(browser.saved(name).await).unwrap()
    };
    let text = save("Text (.txt)", "two pages.txt").await;
    assert!(text.contains("lazy dog") && text.contains('\u{c}'), "{text}");
    let markdown = save("Markdown (.md)", "two pages.md").await;
    assert!(markdown.contains("Second page"), "{markdown}");
    let words = save("Words with boxes (.csv)", "two pages_words.csv").await;
    assert!(words.lines().any(|line| line.contains(",quick,")), "{words}");
    assert!(
        words
            .lines()
            .any(|line| line.starts_with("2,") && line.contains("\"1,234.56\"")),
        "{words}"
    );
    let result = save("Result (.json)", "two pages.json").await;
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(result["pages"].as_array().unwrap().len(), 2);
    let original = {
        browser.click(".export").await;
        browser.click_text("Download original").await;
        browser.saved("two pages.pdf").await
    };
    assert_eq!(original, documents::born_digital());
    browser.nothing_went_wrong().await;
}

impl Browser {
    /// Clicks the first word of the text that reads `word`.
    async fn click_text_word(&self, word: &str) {
        let word = json!(word);
        self.run(&format!(
            "[...document.querySelectorAll('.w')].find((one) => one.innerText === {word}).click()"
        ))
        .await;
    }
}
