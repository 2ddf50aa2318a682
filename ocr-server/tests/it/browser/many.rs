//! A list of ten thousand documents.

use std::process::Command;

use super::chromium::Browser;
use crate::{USER, documents, server::Server};

/// Puts ten thousand documents into the database, as a person at its console would.
const FILL: &str = "
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=60)
user = sys.argv[2]
states = ['completed'] * 8 + ['failed', 'cancelled']
with database:
    for n in range(10_000):
        id = f'01900000-0000-7000-8000-{n:012d}'
        created = f'2026-01-{1 + n // 400:02d}T{n % 400 // 20:02d}:{n % 20:02d}:00.000000Z'
        database.execute('INSERT INTO files (id, user_id, filename, stored_filename, mime_type, file_size, s3_bucket, s3_key) '
            'VALUES (?, ?, ?, ?, ?, ?, ?, ?)', (id, user, f'letter {n}.pdf', id, 'application/pdf', 1000 + n, '', f'uploads/{id}'))
        database.execute('INSERT INTO tasks (id, user_id, file_id, status, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
            (id, user, id, states[n % 10], created, created))
";

#[tokio::test]
async fn ten_thousand_documents_are_one_list() {
    let server = Server::without_engine().await;
    let newest = server.submit("newest.pdf", &documents::small()).await;
    let database = server.data().join("ocr.sqlite");
    let filled = Command::new("python3")
        .args(["-c", FILL, database.to_str().unwrap(), USER])
        .output()
        .unwrap();
    assert!(
        filled.status.success(),
        "{}",
        String::from_utf8_lossy(&filled.stderr)
    );
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".counts a[data-count=total]", "10,001").await;
    browser.shows(".row", "newest.pdf").await;
    assert_eq!(
        browser
            .value("document.querySelector('ocr-list').getAttribute('aria-rowcount')")
            .await,
        "10001"
    );
    browser.run("scrollTo(0, document.body.scrollHeight)").await;
    browser.shows(".row", "letter 0.pdf").await;
    assert!(browser.count(".row").await < 60, "only rows on the screen exist");
    browser.run("scrollTo(0, document.body.scrollHeight / 2)").await;
    browser
        .until("document.querySelector('.row:not(.blank)')?.getAttribute('aria-rowindex') > 4000")
        .await;
    // The filter is part of the address, and so is the search by name.
    browser.run("scrollTo(0, 0)").await;
    browser.click("[data-count=failed]").await;
    browser
        .until("location.hash === '#/documents?status=failed'")
        .await;
    browser.shows(".row .status", "Failed").await;
    browser.lacks(".row .status", "Completed").await;
    browser
        .find("#list-search")
        .await
        .send_keys("LETTER 9998")
        .await
        .unwrap();
    browser.until("location.hash.includes('q=LETTER')").await;
    browser.shows(".row", "letter 9998.pdf").await;
    browser
        .until("document.querySelectorAll('.row:not(.blank)').length === 1")
        .await;
    browser.reload().await;
    browser.shows(".row", "letter 9998.pdf").await;
    // Marks of a long list: a range by Shift.
    browser.visit("/documents").await;
    browser.shows(".row", "newest.pdf").await;
    browser.click(".row:nth-child(1) input").await;
    browser
        .run(
            "document.querySelectorAll('.row')[4].dispatchEvent(
                 new MouseEvent('click', { shiftKey: true, bubbles: true, cancelable: true }))",
        )
        .await;
    browser.shows(".bulk", "5 marked").await;
    // A change by hand is seen without a reload.
    let changed = Command::new("python3")
        .args([
            "-c",
            "
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=60)
with database:
    database.execute(\"UPDATE tasks SET status = 'cancelled' WHERE id = ?\", (sys.argv[2],))
",
            database.to_str().unwrap(),
            &newest,
        ])
        .output()
        .unwrap();
    assert!(
        changed.status.success(),
        "{}",
        String::from_utf8_lossy(&changed.stderr)
    );
    browser.shows(".row:first-child .status", "Cancelled").await;
    browser.nothing_went_wrong().await;
}
