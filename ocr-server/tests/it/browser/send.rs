//! Bringing documents in.

use std::time::Duration;

use ocr_testkit::documents::image_pdf;
use reqwest::StatusCode;

use super::{chromium::Browser, proxy::Proxy};
use crate::{
    USER, documents, engine,
    server::{Server, json},
};

/// A document of more than the 8 MiB up to which files go in one piece. What follows the end of a
/// PDF is no part of it.
fn large() -> Vec<u8> {
    let mut bytes = documents::born_digital().to_vec();
    bytes.resize(20 * 1024 * 1024, b'\n');
    bytes
}

#[tokio::test]
async fn a_stranger_tries_a_sample_and_reads_it() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let browser = Browser::open(&server.url("/")).await;
    browser.shows("h1", "Documents").await;
    browser.shows(".lead", "Each page is read word by word").await;
    browser.shows(".welcome", "Documents are read with").await;
    browser.shows(".intake", "Drop files anywhere").await;
    assert_eq!(browser.count(".sample").await, 3);
    browser.shows(".connection", "Live").await;
    browser.nothing_went_wrong().await;
    browser.click(".sample").await;
    browser.shows(".row", "Sample receipt.png").await;
    browser.shows(".row .status", "Completed").await;
    browser.click(".row a.name").await;
    browser.shows("ocr-text", "CORNER BAKERY").await;
    browser.shows("ocr-text", "24.65").await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn a_dropped_scan_is_watched_page_by_page() {
    let Some(server) = engine::server(&[("OCR_PAGE_PROCESSES", "1")]).await else {
        return;
    };
    // The first document there ever is: the welcome gives way to the list, and nothing jumps.
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".welcome", "Or try a sample").await;
    browser.run("window.sameDocument = true").await;
    browser
        .drop_file("scan of 4 pages.pdf", &documents::scan(4))
        .await;
    browser.shows(".row", "scan of 4 pages.pdf").await;
    browser
        .until("/Page \\d of 4/.test(document.querySelector('.row .status')?.innerText)")
        .await;
    browser.shows(".row .status", "Completed").await;
    browser.shows(".row", "4 pages").await;
    browser.shows(".counts a[data-count=completed]", "1").await;
    browser.click(".row a.name").await;
    browser.shows("ocr-text", "Invoice").await;
    assert_eq!(
        browser.value("window.sameDocument").await,
        true,
        "the page was not loaded anew"
    );
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_at_once_and_says_why() {
    let server = Server::start(&[("OCR_ROLES", "api,listener,health"), ("MAX_FILE_SIZE", "100000")]).await;
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".intake", "up to 98 kB each").await;
    let too_large = [b"%PDF-1.7".as_slice(), &vec![b' '; 100_000]].concat();
    let small = documents::small();
    browser
        .choose(&[
            ("picture.psd", b"8BPS"),
            ("IMG_1.HEIC", b"\0\0\0\x18ftypheic"),
            ("large.pdf", &too_large),
            ("empty.pdf", b""),
            ("good.pdf", &small),
        ])
        .await;
    browser
        .shows("ocr-upload-tray li", "Not a PDF, PNG, JPEG, TIFF, WEBP, BMP, GIF")
        .await;
    browser.shows("ocr-upload-tray li", "save it as JPEG").await;
    browser.shows("ocr-upload-tray li", "the maximum is 98 kB").await;
    browser.shows("ocr-upload-tray li", "The file is empty.").await;
    browser.shows(".row", "good.pdf").await;
    let list = json(
        server.get(&format!("/api/tasks?userId={USER}")).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(list["data"]["stats"]["total"], 1, "nothing else was sent");
    browser.choose(&[("liar.pdf", b"this is plain text")]).await;
    browser.shows("ocr-upload-tray li", "liar.pdf").await;
    browser
        .shows(
            "ocr-upload-tray li",
            "send a PDF, PNG, JPEG, TIFF, WEBP, BMP, GIF or JPEG 2000 file.",
        )
        .await;
}

#[tokio::test]
async fn an_image_of_the_clipboard_is_an_upload() {
    let server = Server::without_engine().await;
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".intake", "paste an image").await;
    browser
        .run(
            "const clipboard = new DataTransfer();
             clipboard.items.add(new File([Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10)], 'image.png', { type: 'image/png' }));
             document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: clipboard, bubbles: true, cancelable: true }));",
        )
        .await;
    browser.shows(".row", "Pasted 20").await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn an_upload_goes_on_after_the_network_was_cut_and_after_a_reload() {
    let server = Server::without_engine().await;
    let proxy = Proxy::to(server.port()).await;
    let browser = Browser::open(&proxy.url("/")).await;
    browser.shows(".connection", "Live").await;
    let bytes = large();
    let slow = serde_json::json!({
        "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4_000_000,
    });
    browser.devtools("Network.enable", serde_json::json!({})).await;
    browser.devtools("Network.emulateNetworkConditions", slow).await;
    browser.choose(&[("large.pdf", &bytes)]).await;
    browser
        .until("/(\\d+) MB of 20 MB · .*\\/s/.test(document.querySelector('ocr-upload-tray li')?.innerText)")
        .await;
    browser
        .until("JSON.parse(localStorage.getItem('ocr.uploads') ?? '[]').length === 1")
        .await;
    proxy.network(false);
    browser.shows("ocr-upload-tray", "Waiting for the network").await;
    browser.shows(".connection", "Offline").await;
    proxy.network(true);
    browser.shows("ocr-upload-tray li", "of 20 MB").await;
    proxy.network(false);
    browser.shows("ocr-upload-tray", "Waiting for the network").await;
    // Leaving asks whether to stay while files are on their way; a test says yes beforehand.
    browser
        .run("window.addEventListener('beforeunload', (event) => event.stopImmediatePropagation(), true)")
        .await;
    proxy.network(true);
    browser.reload().await;
    browser.shows(".unfinished", "large.pdf").await;
    browser.choose(&[("large.pdf", &bytes)]).await;
    browser.shows(".row", "large.pdf").await;
    browser.lacks(".unfinished", "large.pdf").await;
    let list = json(
        server.get(&format!("/api/tasks?userId={USER}")).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(list["data"]["stats"]["total"], 1, "{list}");
}

#[tokio::test]
async fn options_are_kept_and_are_the_command_that_is_shown() {
    let server = Server::without_engine().await;
    server.submit("earlier.pdf", &documents::small()).await;
    let browser = Browser::open(&server.url("/")).await;
    browser
        .click_text("Options\nBest available · any language · all pages")
        .await;
    browser
        .find("#option-pages")
        .await
        .send_keys("1-2")
        .await
        .unwrap();
    browser
        .find("#option-languages")
        .await
        .send_keys("en,de")
        .await
        .unwrap();
    browser.shows(".command pre", "pages=1-2").await;
    let command = browser.text(".command pre").await;
    browser.reload().await;
    browser.shows(".options summary", "en,de · pages 1-2").await;
    let file = server.data().join("document.pdf");
    std::fs::write(&file, documents::born_digital()).unwrap();
    let ran = std::process::Command::new("sh")
        .args(["-c", &command])
        .current_dir(server.data())
        .output()
        .unwrap();
    let answer = String::from_utf8_lossy(&ran.stdout);
    assert!(answer.contains("\"success\":true"), "{command}\n{answer}");
    browser.shows(".row", "document.pdf").await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn a_folder_of_two_hundred_files_arrives_whole() {
    let server = Server::without_engine().await;
    server.submit("earlier.pdf", &documents::small()).await;
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".row", "earlier.pdf").await;
    let page = ocr_testkit::documents::Typeset::card().page("one of many");
    let bytes: String = image_pdf(&[page]).iter().map(|byte| char::from(*byte)).collect();
    let script = format!(
        "const bytes = Uint8Array.from({}, (c) => c.charCodeAt(0));
         const transfer = new DataTransfer();
         for (let n = 1; n <= 200; n += 1) transfer.items.add(new File([bytes], `letter ${{n}}.pdf`));
         document.querySelector('main').dispatchEvent(
             new DragEvent('drop', {{ dataTransfer: transfer, bubbles: true, cancelable: true }}));",
        serde_json::json!(bytes)
    );
    browser.run(&script).await;
    browser.shows("ocr-upload-tray", "of 200 files done").await;
    browser.shows(".counts a[data-count=total]", "201").await;
    browser
        .until("document.querySelector('ocr-upload-tray').hidden")
        .await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(browser.count(".row").await < 60, "only rows on the screen exist");
    browser.nothing_went_wrong().await;
}
