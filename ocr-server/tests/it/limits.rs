//! Clients that send too much, or what nobody may send.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    USER, documents,
    server::{PATIENCE, Server, json, problem},
};

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(("127.0.0.1", server.port())).await.unwrap()
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = tokio::time::timeout(PATIENCE, stream.read_u8()).await;
        head.push(byte.expect("an answer comes in time").unwrap());
    }
    String::from_utf8(head).unwrap()
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_refused_before_it_comes() {
    let server = Server::without_engine().await;
    for request in [
        format!("POST /api/tasks?userId={USER}"),
        format!("PUT /api/uploads/parts/{USER}/0?userId={USER}"),
        "POST /api/uploads".to_owned(),
    ] {
        let mut stream = connect(&server).await;
        let head_sent = format!(
            "{request} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: 100000000000\r\n\r\n"
        );
        stream.write_all(head_sent.as_bytes()).await.unwrap();
        let answer = head(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{request}: {answer}");
    }
}

#[tokio::test]
async fn an_address_has_a_maximum_of_connections() {
    // The test's own client keeps connections open too.
    let server = Server::start(&[
        ("OCR_ROLES", "api,listener,health"),
        ("OCR_CONNECTIONS_PER_ADDRESS", "20"),
    ])
    .await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(connect(&server).await);
    }
    let refused = async {
        loop {
            let mut more = connect(&server).await;
            // Nothing is asked: an answer can only be the refusal.
            let mut status = [0; 12];
            let answer = tokio::time::timeout(Duration::from_millis(200), more.read_exact(&mut status));
            if let Ok(read) = answer.await {
                read.unwrap();
                return status;
            }
            open.push(more);
        }
    };
    let status = tokio::time::timeout(PATIENCE, refused).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 429");
}

/// The code with which the server closes a WebSocket on which `frame` is sent.
async fn closed_for(server: &Server, frame: &[u8]) -> u16 {
    let mut stream = connect(server).await;
    let request = format!(
        "GET /?userId={USER} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = head(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    stream.write_all(frame).await.unwrap();
    loop {
        let [kind, length] = {
            let mut start = [0; 2];
            let read = tokio::time::timeout(PATIENCE, stream.read_exact(&mut start)).await;
            read.expect("a closing frame comes in time").unwrap();
            start
        };
        let length = match length {
            126 => stream.read_u16().await.unwrap(),
            127 => panic!("no message is that long"),
            short => short.into(),
        };
        let mut payload = vec![0; length.into()];
        stream.read_exact(&mut payload).await.unwrap();
        if kind & 0x0f == 8 {
            return u16::from_be_bytes([payload[0], payload[1]]);
        }
    }
}

#[tokio::test]
async fn a_socket_says_which_rule_was_broken() {
    let server = Server::without_engine().await;
    // RFC 6455, section 5.2: final text frames. The mask is zeros, so that it changes nothing.
    let not_utf8 = [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe];
    let unmasked = [0x81, 2, b'{', b'}'];
    let mut large = vec![0x81, 0xff];
    large.extend_from_slice(&1_000_000_u64.to_be_bytes());
    large.extend_from_slice(&[0; 4]);
    large.resize(200_000, b' ');
    assert_eq!(closed_for(&server, &not_utf8).await, 1007);
    assert_eq!(closed_for(&server, &unmasked).await, 1002);
    assert_eq!(closed_for(&server, &large).await, 1009);
}

#[tokio::test]
async fn a_link_for_writing_takes_the_type_it_was_signed_for() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let begin = json!({
        "userId": USER, "filename": "a.pdf", "size": bytes.len(), "contentType": "application/pdf",
    });
    let begun = server.post_json("/api/uploads", &begin).await;
    let link = json(begun, StatusCode::CREATED).await;
    let url = link["data"]["uploadUrl"].as_str().unwrap();
    let put = |kind: &'static str| {
        let request = server.http.put(url).header("content-type", kind);
        request.body(bytes.clone()).send()
    };
    let refused = problem(put("text/html").await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(
        refused["detail"].as_str().unwrap().contains("application/pdf"),
        "{refused}"
    );
    assert_eq!(put("application/pdf").await.unwrap().status(), StatusCode::OK);
}
