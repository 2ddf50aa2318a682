//! Looking after documents: failures, deletion, the trash, the numbers, and all of it by keyboard.

use std::io::Cursor;

use thirtyfour::Key;

use super::chromium::Browser;
use crate::{USER, documents, engine, server::Server};

#[tokio::test]
async fn a_failed_document_says_why_and_what_to_do() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("broken.pdf", b"%PDF-1.7 and no more").await;
    server.ended(&id).await;
    let browser = Browser::open(&server.url("/#/documents?status=failed")).await;
    browser.shows(".row .cause", "damaged").await;
    // On a phone the reason is cut; a touch shows all of it.
    browser.resize(320, 640).await;
    browser.click(".row .cause").await;
    browser.shows("dialog", "The document cannot be read.").await;
    browser.shows("dialog", "it has no readable structure").await;
    browser.press_key(Key::Escape).await;
    browser.resize(1280, 800).await;
    browser.click(".row a.name").await;
    browser.shows(".trouble", "The document cannot be read.").await;
    browser.shows(".trouble", "it has no readable structure").await;
    let tools =
        "[...document.querySelectorAll('ocr-toolbar button, .export')].some((one) => one.checkVisibility())";
    assert_eq!(browser.value(tools).await, false, "there is no page to look at");
    browser
        .until("/\\d attempts?/.test(document.querySelector('.trouble').innerText)")
        .await;
    browser.shows(".trouble", &id).await;
    let before = server.task(&id).await["updated_at"].clone();
    browser.click_text("Read again").await;
    server
        .task_when(&id, |task| {
            task["status"] == "failed" && task["updated_at"] != before
        })
        .await;
    browser.shows(".viewer-head .status", "Failed").await;
    browser.shows(".trouble", "The document cannot be read.").await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn a_locked_document_is_opened_with_its_password() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server
        .submit("locked.pdf", &ocr_testkit::documents::locked_pdf())
        .await;
    server.ended(&id).await;
    let browser = Browser::open(&server.url("/#/documents?status=failed")).await;
    browser.shows(".row .cause", "password").await;
    browser.click(".row a.name").await;
    browser.shows(".trouble", "locked with a password").await;
    let offers = browser.text(".trouble").await;
    assert!(!offers.contains("Read again"), "{offers}");
    browser.click("#unlock-password").await;
    browser.press("wrong").await;
    browser.press_key(Key::Enter).await;
    browser.shows("#unlock-error", "does not open").await;
    assert_eq!(
        browser
            .value("document.querySelector('#unlock-password').value")
            .await,
        ""
    );
    browser.press(ocr_testkit::documents::PASSWORD).await;
    browser.press_key(Key::Enter).await;
    browser.shows("ocr-text", "Opened with its password").await;
    browser.visit("/trash").await;
    browser.shows(".row", "locked.pdf").await;
    // The password that was refused, and the locked document, which is gone when the list hears of it.
    let problems = browser.problems().await;
    assert!(
        problems.iter().all(|problem| problem.contains(&id)),
        "{problems:?}"
    );
}

#[tokio::test]
async fn what_is_told_covers_neither_the_bar_of_marked_rows_nor_their_actions() {
    let server = Server::without_engine().await;
    for number in 1..=12 {
        server.submit(&format!("{number}.pdf"), &documents::small()).await;
    }
    for (width, height) in [(1280, 800), (320, 640)] {
        let browser = Browser::open(&server.url("/")).await;
        browser.resize(width, height).await;
        browser.shows(".row", "9.pdf").await;
        browser.drop_file("no.txt", b"no document").await;
        browser.shows("ocr-upload-tray li", "Not a PDF").await;
        browser.click(".row .menu-cell button").await;
        browser.click_text("Delete").await;
        browser.shows("ocr-notices", "Document deleted.").await;
        browser.click(".row input").await;
        browser.shows(".bulk", "1 marked").await;
        let apart = "(() => {
            const box = (selector) => document.querySelector(selector).getBoundingClientRect();
            const [bulk, tray, notices] = ['.bulk', 'ocr-upload-tray', 'ocr-notices'].map(box);
            return bulk.bottom <= notices.top && notices.bottom <= tray.top + 1 && tray.bottom <= innerHeight;
        })()";
        browser.until(apart).await;
        // At the end of the page the last row stands above all of them.
        browser
            .run("scrollTo(0, document.documentElement.scrollHeight)")
            .await;
        let reached = "(() => {
            const button = [...document.querySelectorAll('.row .menu-cell button')].at(-1);
            const { x, y, width, height } = button.getBoundingClientRect();
            return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        })()";
        browser.until(reached).await;
        browser.until("!document.querySelector('ocr-notices li')").await;
    }
}

#[tokio::test]
async fn everything_is_done_by_keyboard() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    for name in ["one.pdf", "two.pdf", "three.pdf"] {
        let id = server.submit(name, &documents::born_digital()).await;
        server.ended(&id).await;
    }
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".row", "three.pdf").await;
    browser.press("?").await;
    browser.shows("dialog", "Mark along the way").await;
    browser.lacks("dialog", "Next doubtful word").await;
    browser.press_key(Key::Escape).await;
    // To the second document, and into it.
    browser.press("jj").await;
    browser
        .until("document.activeElement.innerText.includes('two.pdf')")
        .await;
    let focus = "getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(browser.value(focus).await, "solid", "the focus can be seen");
    browser.press_key(Key::Enter).await;
    browser.shows("ocr-text", "quick brown fox").await;
    browser.press("?").await;
    browser.shows("dialog", "Next doubtful word").await;
    browser.lacks("dialog", "Mark along the way").await;
    browser.press_key(Key::Escape).await;
    browser.press_key(Key::Escape).await;
    browser.shows("h1", "Documents").await;
    // Mark two, delete them, agree, undo.
    browser.press("jx").await;
    browser.press_with_shift(Key::Down).await;
    browser.shows(".bulk", "2 marked").await;
    browser.press_key(Key::Delete).await;
    browser.shows("dialog", "Delete 2 documents?").await;
    browser.press_key(Key::Enter).await;
    browser.shows("ocr-notices", "2 documents deleted.").await;
    browser.shows(".counts a[data-count=total]", "1").await;
    browser
        .run("document.querySelector('ocr-notices .link').focus()")
        .await;
    browser.press_key(Key::Enter).await;
    browser.shows(".counts a[data-count=total]", "3").await;
    // Where single letters get in the way they can be turned off.
    browser
        .run("localStorage.setItem('ocr.settings', JSON.stringify({ letterKeys: false }))")
        .await;
    browser.reload().await;
    browser.shows(".row", "three.pdf").await;
    browser.press("?").await;
    assert_eq!(browser.count("dialog").await, 0);
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn marked_documents_are_saved_together_and_the_list_as_a_table() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    for name in ["one.pdf", "two.pdf"] {
        let id = server.submit(name, &documents::born_digital()).await;
        server.ended(&id).await;
    }
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".row", "two.pdf").await;
    browser.click(".row input").await;
    browser.click(".row:nth-child(2) input").await;
    browser.shows(".bulk", "2 marked").await;
    browser.click_text("Download as").await;
    browser.click_text("Text (.txt)").await;
    let archive = Cursor::new(browser.saved("documents.zip").await);
    let archive = zip::ZipArchive::new(archive).unwrap();
    let names = archive.file_names().map(|name| name.unwrap().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    assert_eq!(names, ["contents.csv", "one.txt", "two.txt"]);
    browser.click(".screen-head a").await;
    let table = String::from_utf8(browser.saved("documents.csv").await).unwrap();
    assert!(
        table.contains(",one.pdf,completed,") && table.contains(",two.pdf,"),
        "{table}"
    );
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn waiting_documents_say_how_many_are_ahead_and_are_stopped_together() {
    let server = Server::without_engine().await;
    for name in ["one.pdf", "two.pdf", "three.pdf"] {
        server.submit(name, &documents::small()).await;
    }
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".row .status", "Waiting, 2 ahead").await;
    browser.shows(".row .status", "Next in line").await;
    browser.click(".row input").await;
    browser.press_key(Key::Down).await;
    browser.click(".row:nth-child(2) input").await;
    browser.shows(".bulk", "2 marked").await;
    browser.press("c").await;
    browser.shows(".counts a[data-count=cancelled]", "2").await;
    browser.shows(".row .status", "Cancelled").await;
    browser.shows(".row .status", "Next in line").await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn screens_one_has_left_are_forgotten() {
    let server = Server::without_engine().await;
    let id = server.submit("kept.pdf", &documents::small()).await;
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".row", "kept.pdf").await;
    let mut sizes = Vec::new();
    for _ in 0..3 {
        for _ in 0..5 {
            for (place, shown) in [
                (format!("/documents/{id}"), ".viewer-head"),
                ("/overview".into(), ".figures"),
                ("/trash".into(), ".state"),
                ("/documents?status=failed".into(), ".state"),
                ("/documents".into(), ".row"),
            ] {
                browser.visit(&place).await;
                browser.shows(shown, "").await;
            }
        }
        sizes.push(browser.size_of_page().await);
    }
    assert!(
        sizes[2].0 < sizes[0].0 + 200 && sizes[2].1 < sizes[0].1 + 20,
        "nodes and listeners after 5, 10 and 15 rounds: {sizes:?}"
    );
}

#[tokio::test]
async fn deleted_documents_come_back_from_the_trash() {
    let server = Server::without_engine().await;
    server.submit("kept.pdf", &documents::small()).await;
    let browser = Browser::open(&server.url("/")).await;
    browser.click(".row .menu-cell button").await;
    browser.click_text("Delete").await;
    browser.lacks(".row", "kept.pdf").await;
    assert_eq!(
        browser.count("dialog").await,
        0,
        "what can be undone is not asked"
    );
    browser.click_text("Trash").await;
    browser.shows(".trash-about", "30 days").await;
    browser.shows(".row", "30 days left").await;
    browser.click(".row .name").await;
    browser
        .shows("dialog", "30 days left until it is deleted for good")
        .await;
    browser
        .until("document.querySelector('.preview img')?.naturalWidth > 100")
        .await;
    browser.press_key(Key::Escape).await;
    browser.click(".row .menu-cell button").await;
    browser.shows(".state", "The trash is empty").await;
    browser.click_text("Documents").await;
    browser.shows(".row", "kept.pdf").await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn the_trash_is_emptied_for_good() {
    let server = Server::without_engine().await;
    for name in ["one.pdf", "two.pdf", "three.pdf"] {
        let id = server.submit(name, &documents::small()).await;
        let url = server.url(&format!("/api/tasks/{id}?userId={USER}"));
        assert!(
            server
                .http
                .delete(url)
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
    }
    let browser = Browser::open(&server.url("/#/trash")).await;
    browser.shows(".row", "three.pdf").await;
    browser.click(".row input").await;
    browser.click_text("Delete 1 document for good").await;
    browser.click("dialog button.danger").await;
    browser.lacks(".row", "three.pdf").await;
    browser.click_text("Empty the trash").await;
    browser.shows("dialog", "This cannot be undone.").await;
    browser.click("dialog button.danger").await;
    browser.shows(".state", "The trash is empty").await;
    browser
        .shows("ocr-notices", "2 documents deleted for good.")
        .await;
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn the_overview_counts_what_was_read_and_the_api_page_works() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("read.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    let browser = Browser::open(&server.url("/#/overview")).await;
    browser.shows(".figures", "Documents").await;
    browser.shows(".figures", "100%").await;
    assert_eq!(browser.count("figure").await, 4);
    browser.click("figure .chart-foot button").await;
    browser.shows("figure table", "Completed").await;
    browser.click_text("API").await;
    browser.shows(".snippet pre", "curl").await;
    let command = browser.text(".snippet pre").await;
    std::fs::write(server.data().join("document.pdf"), documents::born_digital()).unwrap();
    let ran = std::process::Command::new("sh")
        .args(["-c", &command])
        .current_dir(server.data())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&ran.stdout);
    assert!(printed.contains("lazy dog"), "{command}\n{printed}");
    for (tab, text) in [
        ("JavaScript", "openAsBlob"),
        ("Python", "requests.post"),
        ("Rust", "reqwest"),
    ] {
        browser.click_text(tab).await;
        browser.shows(".snippet pre", text).await;
    }
    browser.nothing_went_wrong().await;
}

#[tokio::test]
async fn without_an_engine_it_says_so_and_keeps_what_comes() {
    let server = Server::start(&[]).await;
    server.submit("earlier.pdf", &documents::small()).await;
    let browser = Browser::open(&server.url("/")).await;
    browser
        .shows(".banner", "No engine can read documents now.")
        .await;
    browser.drop_file("waits.pdf", &documents::small()).await;
    browser.shows(".row", "waits.pdf").await;
    browser.shows(".counts a[data-count=pending]", "2").await;
    browser.shows(".row .status", "Waiting").await;
    browser.visit("/overview").await;
    browser
        .shows(".banner", "No engine can read documents now.")
        .await;
    browser.nothing_went_wrong().await;
}
