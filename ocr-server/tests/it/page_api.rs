//! What the page asks for: itself, pictures of pages, live events, uploads in parts, numbers.

use std::time::Instant;

use bytes::Bytes;
use futures::StreamExt;
use ocr_testkit::documents::{Degrade, Typeset, image_pdf};
use reqwest::{StatusCode, header};
use serde_json::{Value, json as value};

use crate::{
    USER, documents, engine,
    server::{PATIENCE, Server, json, problem},
};

/// Width and height of a JPEG, from its frame header.
fn jpeg_size(bytes: &[u8]) -> (u16, u16) {
    assert_eq!(bytes[..2], [0xff, 0xd8], "a JPEG file");
    let frame = bytes
        .windows(2)
        .position(|marker| marker == [0xff, 0xc0])
        .expect("a baseline frame");
    let number = |at: usize| u16::from_be_bytes([bytes[frame + at], bytes[frame + at + 1]]);
    (number(7), number(5))
}

#[tokio::test]
async fn the_page_is_served_with_its_files() {
    let server = Server::without_engine().await;
    let page = server.get("/").await;
    assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.contains("script-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let etag = page.headers()[header::ETAG].to_str().unwrap().to_owned();
    let again = server
        .http
        .get(server.url("/"))
        .header(header::IF_NONE_MATCH, etag)
        .send();
    assert_eq!(again.await.unwrap().status(), StatusCode::NOT_MODIFIED);
    for path in [
        "/assets/nothing.js",
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/Cargo.toml",
    ] {
        problem(server.get(path).await, StatusCode::NOT_FOUND).await;
    }
}

#[tokio::test]
async fn the_catalogue_of_errors_has_a_style_that_is_served() {
    let server = Server::without_engine().await;
    let page = server.get("/docs/errors").await.text().await.unwrap();
    let (_, link) = page.split_once("rel=\"stylesheet\" href=\"").unwrap();
    let (style, _) = link.split_once('"').unwrap();
    let style = server.get(style).await;
    assert_eq!(style.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
    let style = style.text().await.unwrap();
    for import in style.split("@import url(\"").skip(1) {
        let (path, _) = import.split_once('"').unwrap();
        let answer = server.get(&format!("/assets/{path}")).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_page_can_be_looked_at_before_it_is_read() {
    let server = Server::without_engine().await;
    let id = server.submit("scan.pdf", &documents::scan(2)).await;
    let path =
        |page: &str, width: u32| format!("/api/tasks/{id}/pages/{page}/image?userId={USER}&width={width}");
    let picture = server.get(&path("2", 320)).await;
    assert_eq!(picture.headers()[header::CONTENT_TYPE], "image/jpeg");
    let etag = picture.headers()[header::ETAG].to_str().unwrap().to_owned();
    let (width, height) = jpeg_size(&picture.bytes().await.unwrap());
    assert!(width == 320 && height > 0, "{width} x {height}");
    let again = server
        .http
        .get(server.url(&path("2", 320)))
        .header(header::IF_NONE_MATCH, etag)
        .send();
    assert_eq!(again.await.unwrap().status(), StatusCode::NOT_MODIFIED);
    for page in ["0", "3", "x"] {
        problem(server.get(&path(page, 320)).await, StatusCode::NOT_FOUND).await;
    }
    problem(
        server.get(&path("1", 333)).await,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    let stranger = format!("/api/tasks/{id}/pages/1/image?userId=22222222-2222-2222-2222-222222222222");
    problem(server.get(&stranger).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_page_that_lay_on_its_side_is_shown_upright() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let sheet = Typeset::card()
        .with_cap_height(4.0)
        .page("Invoice number 17\n\ntotal amount 42\n\nthanks");
    let turned = Degrade::default().with_quarter_turns(1).apply(&sheet);
    assert!(sheet.width() > sheet.height(), "the card is wider than high");
    let id = server.submit("side.pdf", &image_pdf(&[turned])).await;
    let path = format!("/api/tasks/{id}/pages/1/image?width=640");
    let (width, height) = jpeg_size(&server.get(&path).await.bytes().await.unwrap());
    assert!(width < height, "as it was sent: {width} x {height}");
    server.ended(&id).await;
    let pages = json(
        server.get(&format!("/api/tasks/{id}/pages")).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(pages["data"]["pages"][0]["rotation"], 270);
    let (width, height) = jpeg_size(&server.get(&path).await.bytes().await.unwrap());
    assert!(width > height, "as it was read: {width} x {height}");
}

#[tokio::test]
async fn events_stream_and_go_on_where_they_stopped() {
    let server = Server::without_engine().await;
    let path = format!("/api/events?userId={USER}");
    let mut events = server.get(&path).await.bytes_stream();
    let mut heard = String::new();
    let id = server.submit("a.pdf", &documents::small()).await;
    let came = |heard: &str, id: &str| {
        let told = |line: &str| line.contains(id) && line.contains("\"operation\":\"INSERT\"");
        heard.lines().any(told)
    };
    while !came(&heard, &id) {
        let piece: Bytes = events.next().await.expect("the stream goes on").unwrap();
        heard.push_str(&String::from_utf8_lossy(&piece));
    }
    assert!(heard.starts_with("event: connected\n"), "{heard}");
    drop(events);
    let last = heard
        .lines()
        .filter_map(|line| line.strip_prefix("id: "))
        .next_back();
    let last = last.expect("changes have ids").to_owned();
    let missed = server.submit("b.pdf", &documents::small()).await;
    let request = server.http.get(server.url(&path)).header("last-event-id", last);
    let mut events = request.send().await.unwrap().bytes_stream();
    let mut heard = String::new();
    while !came(&heard, &missed) {
        let piece: Bytes = events.next().await.expect("the stream goes on").unwrap();
        heard.push_str(&String::from_utf8_lossy(&piece));
    }
    assert!(!came(&heard, &id), "what was known is not told again: {heard}");
}

async fn put_part(server: &Server, file: &str, number: u32, bytes: Bytes) -> StatusCode {
    let url = server.url(&format!("/api/uploads/parts/{file}/{number}?userId={USER}"));
    server.http.put(url).body(bytes).send().await.unwrap().status()
}

#[tokio::test]
async fn an_upload_in_parts_goes_on_where_it_stopped() {
    let mut server = Server::without_engine().await;
    let mut bytes = documents::scan(1).to_vec();
    bytes.resize(9 * 1024 * 1024, b' ');
    let bytes = Bytes::from(bytes);
    let begun = server
        .post_json(
            &format!("/api/uploads/parts?userId={USER}"),
            &value!({"size": bytes.len()}),
        )
        .await;
    let begun = json(begun, StatusCode::CREATED).await;
    let file = begun["data"]["fileId"].as_str().unwrap().to_owned();
    let size = begun["data"]["partSize"].as_u64().unwrap() as usize;
    let part = |number: usize| bytes.slice(number * size..bytes.len().min((number + 1) * size));
    assert_eq!(put_part(&server, &file, 2, part(2)).await, StatusCode::NO_CONTENT);
    assert_eq!(put_part(&server, &file, 0, part(0)).await, StatusCode::NO_CONTENT);
    server.restart().await;
    let stored = server
        .get(&format!("/api/uploads/parts/{file}?userId={USER}"))
        .await;
    assert_eq!(
        json(stored, StatusCode::OK).await["data"]["parts"],
        value!([0, 2])
    );
    let path = format!("/api/uploads/parts/{file}/complete?userId={USER}");
    let complete = value!({"filename": "large.pdf", "size": bytes.len()});
    let gap = problem(server.post_json(&path, &complete).await, StatusCode::CONFLICT).await;
    assert!(gap["detail"].as_str().unwrap().contains("part 1"), "{gap}");
    assert_eq!(put_part(&server, &file, 1, part(1)).await, StatusCode::NO_CONTENT);
    let first = json(server.post_json(&path, &complete).await, StatusCode::ACCEPTED).await;
    let again = json(server.post_json(&path, &complete).await, StatusCode::ACCEPTED).await;
    assert_eq!(first["data"]["taskId"], again["data"]["taskId"]);
    let task = server.task(first["data"]["taskId"].as_str().unwrap()).await;
    assert_eq!(task["file_size"], bytes.len());
    let kept = server.original(task["id"].as_str().unwrap()).await;
    assert_eq!(kept.bytes().await.unwrap(), bytes);
}

#[tokio::test]
async fn parts_have_limits() {
    let server = Server::without_engine().await;
    let path = format!("/api/uploads/parts?userId={USER}");
    for (size, status) in [
        (value!(0), StatusCode::UNPROCESSABLE_ENTITY),
        (value!(50 * 1024 * 1024 + 1), StatusCode::PAYLOAD_TOO_LARGE),
        (value!(-1), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        problem(server.post_json(&path, &value!({"size": size})).await, status).await;
    }
    let file = "33333333-3333-3333-3333-333333333333";
    let large = Bytes::from(vec![0; 4 * 1024 * 1024 + 1]);
    assert_eq!(
        put_part(&server, file, 0, large).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let many = put_part(&server, file, 13, Bytes::from_static(b"x")).await;
    assert_eq!(many, StatusCode::UNPROCESSABLE_ENTITY);
    let complete = value!({"filename": "a.pdf", "size": 10});
    let nothing = server
        .post_json(
            &format!("/api/uploads/parts/{file}/complete?userId={USER}"),
            &complete,
        )
        .await;
    problem(nothing, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn documents_are_found_by_name() {
    let server = Server::without_engine().await;
    for name in ["first.pdf", "second.pdf", "Third.pdf"] {
        server.submit(name, &documents::small()).await;
    }
    let found = json(
        server.get(&format!("/api/tasks?userId={USER}&q=thi")).await,
        StatusCode::OK,
    )
    .await;
    let found = found["data"]["tasks"].as_array().unwrap();
    assert!(
        found.len() == 1 && found[0]["filename"] == "Third.pdf",
        "{found:?}"
    );
}

#[tokio::test]
async fn the_numbers_of_the_dashboard_are_those_of_the_documents() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("born.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    let body = json(
        server.get(&format!("/api/stats?userId={USER}&days=7")).await,
        StatusCode::OK,
    )
    .await;
    let data: &Value = &body["data"];
    assert_eq!(
        (&data["stats"]["total"], &data["stats"]["completed"]),
        (&value!(1), &value!(1))
    );
    assert_eq!(
        (&data["days"][0]["pages"], &data["engines"][0]["documents"]),
        (&value!(2), &value!(1))
    );
    assert_eq!(data["sampled"], false);
    problem(
        server.get(&format!("/api/stats?userId={USER}&days=0")).await,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    let engines = json(server.get("/api/engines").await, StatusCode::OK).await;
    assert_eq!(engines["data"]["engines"][0]["default"], true);
    for (query, expected) in [
        ("format=markdown", "---"),
        ("from=2&to=2", "Second page"),
        ("", "\u{c}Second"),
    ] {
        let text = server
            .get(&format!("/api/tasks/{id}/text?{query}"))
            .await
            .text()
            .await
            .unwrap();
        assert!(text.contains(expected), "{query}: {text}");
    }
}

#[tokio::test]
async fn without_an_engine_the_page_can_say_why() {
    let server = Server::without_engine().await;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let engines = json(server.get("/api/engines").await, StatusCode::OK).await;
        assert_eq!(engines["data"]["engines"], value!([]));
        if engines["data"]["message"]
            .as_str()
            .unwrap()
            .contains("models pull")
        {
            return;
        }
        assert!(Instant::now() < deadline, "it never says what to do: {engines}");
    }
}
