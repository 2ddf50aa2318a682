//! What changes elsewhere is seen here, whatever the network lets through.

use super::{chromium::Browser, proxy::Proxy};
use crate::{USER, documents, engine, server::Server};

#[tokio::test]
async fn without_a_websocket_it_polls_says_so_and_still_finishes() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let proxy = Proxy::to(server.port()).await;
    let browser = Browser::open(&proxy.url("/")).await;
    browser.shows(".connection", "Live").await;
    proxy.sockets(false);
    // Events take over, and it is live again.
    browser.shows(".connection", "Live").await;
    let id = server.submit("by events.pdf", &documents::born_digital()).await;
    browser.shows(".row", "by events.pdf").await;
    server.ended(&id).await;
    browser.shows(".row .status", "Completed").await;
    proxy.events(false);
    browser.shows(".connection", "Polling").await;
    server.submit("by polling.pdf", &documents::born_digital()).await;
    browser.shows(".row", "by polling.pdf").await;
    browser.shows(".counts a[data-count=completed]", "2").await;
    proxy.sockets(true);
    browser.shows(".connection", "Live").await;
}

#[tokio::test]
async fn a_server_that_restarts_is_offline_then_live_and_nothing_was_missed() {
    let mut server = Server::without_engine().await;
    let proxy = Proxy::to(server.port()).await;
    let first = server.submit("before.pdf", &documents::small()).await;
    let browser = Browser::open(&proxy.url("/")).await;
    browser.shows(".row", "before.pdf").await;
    browser.shows(".connection", "Live").await;
    server.kill();
    browser.shows(".connection", "Offline").await;
    browser.shows(".offline", "The server does not answer").await;
    assert_eq!(browser.count(".row").await, 1, "what was known stays");
    server.restart().await;
    server.submit("meanwhile.pdf", &documents::small()).await;
    let gone = server
        .http
        .delete(server.url(&format!("/api/tasks/{first}?userId={USER}")))
        .send();
    assert!(gone.await.unwrap().status().is_success());
    proxy.retarget(server.port());
    browser.shows(".connection", "Live").await;
    browser.shows(".row", "meanwhile.pdf").await;
    browser.lacks(".row", "before.pdf").await;
    browser.lacks(".offline", "does not answer").await;
}

#[tokio::test]
async fn two_windows_agree() {
    let server = Server::without_engine().await;
    server.submit("shared.pdf", &documents::small()).await;
    let browser = Browser::open(&server.url("/")).await;
    browser.shows(".row", "shared.pdf").await;
    let (first, second) = browser.second_window(&server.url("/")).await;
    browser.shows(".row", "shared.pdf").await;
    browser.click(".row .menu-cell button").await;
    browser.click_text("Delete").await;
    browser.lacks(".row", "shared.pdf").await;
    browser.switch_to(&first).await;
    browser.lacks(".row", "shared.pdf").await;
    browser.switch_to(&second).await;
    browser.click_text("Undo").await;
    browser.shows(".row", "shared.pdf").await;
    browser.switch_to(&first).await;
    browser.shows(".row", "shared.pdf").await;
    browser.nothing_went_wrong().await;
}
