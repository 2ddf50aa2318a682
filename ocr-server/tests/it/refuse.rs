//! Requests that are refused.

use reqwest::{Method, StatusCode, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    USER, documents, engine,
    form::Form,
    server::{Server, json, problem},
};

#[tokio::test]
async fn what_is_no_document_is_415_and_what_is_empty_422() {
    let server = Server::without_engine().await;
    for (name, bytes) in [
        ("a.png", &b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..]),
        ("a.pdf", b"MZ\x90\0\x03"),
        ("a.png", b"/etc/hostname\n"),
        ("a.pdf", b"PK\x03\x04archive"),
        ("a.psd", b"8BPS\0\x01"),
        ("IMG_1.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0"),
    ] {
        let body = problem(
            server.send_file(name, bytes).await,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        )
        .await;
        assert_eq!(body["code"], "unsupported");
    }
    problem(
        server.send_file("a.pdf", b"").await,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    let list = json(
        server.get(&format!("/api/tasks?userId={USER}")).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(list["data"]["stats"]["total"], 0);
    assert_no_files_left(&server);
}

/// Neither half an upload nor a blob without a task.
fn assert_no_files_left(server: &Server) {
    for folder in ["spool", "blobs/uploads", "blobs/.tmp"] {
        let mut folders = vec![server.data().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                assert!(path.is_dir(), "{} was left behind", path.display());
                folders.push(path);
            }
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_413_with_and_without_a_length() {
    let server = Server::start(&[("MAX_FILE_SIZE", "100000")]).await;
    let big = |size: usize| {
        let mut bytes = documents::small().to_vec();
        bytes.resize(size, b' ');
        bytes
    };
    server.submit("fits.pdf", &big(100_000)).await;
    for path in ["/api/tasks".to_owned(), format!("/api/tasks?userId={USER}")] {
        for size in [100_001, 3_000_000] {
            let form = || Form::new().file("a.pdf", &big(size)).field("userId", USER);
            let with_length = server.form(&path, form()).send().await.unwrap();
            problem(with_length, StatusCode::PAYLOAD_TOO_LARGE).await;
            let (content_type, body) = form().finish();
            let pieces: Vec<_> = body
                .chunks(10_000)
                .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
                .collect();
            let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
            let request = server
                .http
                .post(server.url(&path))
                .header(header::CONTENT_TYPE, content_type)
                .body(body);
            problem(request.send().await.unwrap(), StatusCode::PAYLOAD_TOO_LARGE).await;
        }
    }
    let list = json(
        server.get(&format!("/api/tasks?userId={USER}")).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(list["data"]["stats"]["total"], 1);
}

#[tokio::test]
async fn broken_forms_are_422() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let send = |content_type: &str, body: Vec<u8>| {
        let request = server.http.post(server.url("/api/tasks"));
        request
            .header(header::CONTENT_TYPE, content_type)
            .body(body)
            .send()
    };
    let ours = Form::content_type();
    let form = || Form::new().file("a.pdf", &bytes).field("userId", USER);
    let many = (0..200).fold(Form::new(), |form, number| {
        form.field("queries", &format!("question {number}"))
    });
    let cases = [
        ("application/json", b"{}".to_vec()),
        ("multipart/form-data", form().finish().1),
        ("multipart/form-data; boundary=other", form().finish().1),
        (&ours, b"no form at all".to_vec()),
        (&ours, Vec::new()),
        (&ours, form().cut_off()),
        (&ours, many.file("a.pdf", &bytes).field("userId", USER).finish().1),
        (&ours, Form::new().file("a.pdf", &bytes).finish().1),
        (
            &ours,
            Form::new()
                .file("a.pdf", &bytes)
                .field("userId", "nobody")
                .finish()
                .1,
        ),
        (
            &ours,
            Form::new()
                .file("a.pdf", &bytes)
                .field("userId", &"1".repeat(10_000))
                .finish()
                .1,
        ),
        (&ours, Form::new().field("userId", USER).finish().1),
        (&ours, form().field("pages", "3-1").finish().1),
    ];
    for (index, (content_type, body)) in cases.into_iter().enumerate() {
        let response = send(content_type, body).await.unwrap();
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "case {index}"
        );
        problem(response, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let key = server
        .form("/api/tasks", form())
        .header("Idempotency-Key", "k".repeat(256));
    problem(key.send().await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_no_files_left(&server);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let server = Server::without_engine().await;
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    let body = Form::new().file("a.pdf", &documents::small()).cut_off();
    let head = format!(
        "POST /api/tasks?userId={USER} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\nContent-Length: 1000000\r\n\r\n",
        Form::content_type()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body[..body.len() - 50]).await.unwrap();
    stream.shutdown().await.unwrap();
    let _ = stream.read_to_end(&mut Vec::new()).await;
    let list = json(
        server.get(&format!("/api/tasks?userId={USER}")).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(list["data"]["stats"]["total"], 0);
    assert_no_files_left(&server);
}

#[tokio::test]
async fn unknown_places_and_wrong_methods_are_problems_too() {
    let server = Server::without_engine().await;
    for path in [
        "/nowhere",
        "/api",
        "/api/tasks/",
        "/api/tasks/not-an-id",
        "/api/../secret",
        "//api/tasks",
    ] {
        problem(server.get(path).await, StatusCode::NOT_FOUND).await;
    }
    for path in ["/api/tasks", "/health", "/api/uploads"] {
        let response = server
            .http
            .request(Method::PATCH, server.url(path))
            .send()
            .await
            .unwrap();
        assert!(response.headers().contains_key(header::ALLOW), "{path}");
        problem(response, StatusCode::METHOD_NOT_ALLOWED).await;
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_too() {
    let server = Server::without_engine().await;
    let complete = server
        .http
        .post(server.url("/api/uploads/%FF/complete"))
        .json(&());
    problem(complete.send().await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
    let untyped = server.http.post(server.url("/api/uploads")).body("{}");
    problem(untyped.send().await.unwrap(), StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
    let id = server.submit("a.pdf", &documents::small()).await;
    // A client whose variable was empty does not mean everybody's tasks.
    for path in ["/api/tasks".to_owned(), format!("/api/tasks/{id}")] {
        let asked = server.get(&format!("{path}?userId=")).await;
        problem(asked, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
}

#[tokio::test]
async fn every_answer_is_harmless_in_a_browser() {
    let server = Server::without_engine().await;
    server.submit("a.pdf", &documents::small()).await;
    for path in [
        "/",
        "/health",
        "/nowhere",
        "/docs/errors",
        "/api/tasks",
        "/assets/index.html",
    ] {
        let response = server.get(path).await;
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(response.headers()["x-frame-options"], "DENY", "{path}");
        assert!(response.headers().contains_key("x-request-id"), "{path}");
        assert!(!response.headers().contains_key("server"), "{path}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let server = Server::without_engine().await;
    for url in [server.url("/health"), server.health_url("/status")] {
        let ask = |name: &'static str, value: &'static str| server.http.get(&url).header(name, value).send();
        for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
            let refused = ask("origin", origin).await.unwrap();
            assert!(
                !refused
                    .headers()
                    .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
            );
            problem(refused, StatusCode::FORBIDDEN).await;
        }
        problem(ask("host", "evil.example").await.unwrap(), StatusCode::FORBIDDEN).await;
    }
    let upgrade = server
        .http
        .get(server.url(&format!("/?userId={USER}")))
        .header("origin", "https://evil.example")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    problem(upgrade.send().await.unwrap(), StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn pages_of_this_machine_may_read_answers_and_change_things() {
    let server = Server::without_engine().await;
    let list = format!("/api/tasks?userId={USER}");
    let (page, api) = (
        "http://localhost:3000",
        format!("http://127.0.0.1:{}", server.port()),
    );
    for origin in [page, &api] {
        for path in ["/health", &list, "/api/tasks/not-an-id"] {
            let answer = server.http.get(server.url(path)).header(header::ORIGIN, origin);
            let answer = answer.send().await.unwrap();
            assert_eq!(
                answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN],
                origin,
                "{path}"
            );
            let varies = answer.headers().get_all(header::VARY);
            assert!(
                varies
                    .iter()
                    .any(|name| name.to_str().unwrap().contains("origin")),
                "{path}"
            );
        }
        let asked = |origin: &str| {
            let request = server.http.request(Method::OPTIONS, server.url("/api/tasks/x"));
            let request = request.header(header::ORIGIN, origin);
            let request = request.header(header::ACCESS_CONTROL_REQUEST_METHOD, "DELETE");
            request
                .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "idempotency-key")
                .send()
        };
        let preflight = asked(origin).await.unwrap();
        assert_eq!(preflight.status(), StatusCode::OK);
        let headers = preflight.headers();
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], origin);
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_METHODS], "DELETE");
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_HEADERS], "idempotency-key");
        for stranger in ["https://evil.example", "http://localhost:9"] {
            problem(asked(stranger).await.unwrap(), StatusCode::FORBIDDEN).await;
        }
    }
}

#[tokio::test]
async fn ranges_of_a_file_can_be_read() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let id = server.submit("a.pdf", &bytes).await;
    let url = server.download_url(&id).await;
    let read = |range: &'static str| server.http.get(&url).header(header::RANGE, range).send();
    let part = read("bytes=5-9").await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(
        part.headers()["content-range"],
        format!("bytes 5-9/{}", bytes.len())
    );
    assert_eq!(part.bytes().await.unwrap(), bytes.slice(5..10));
    for odd in ["bytes=999999999-", "bytes=9-5", "lines=1-2", "bytes=-"] {
        let status = read(odd).await.unwrap().status();
        assert!(matches!(status.as_u16(), 200 | 416), "{odd}: {status}");
    }
}

#[tokio::test]
async fn unreadable_documents_fail_with_a_reason() {
    let Some(server) = engine::server(&[("OCR_MAX_PAGES", "3")]).await else {
        return;
    };
    let mut broken = documents::small().to_vec();
    broken.truncate(30);
    let encrypted = ocr_testkit::documents::encrypted_pdf();
    for (bytes, reason) in [
        (&broken[..], ""),
        (&encrypted, "password"),
        (&ocr_testkit::documents::text_pdf(&["a", "b", "c", "d"]), "pages"),
    ] {
        let id = server.submit("a.pdf", bytes).await;
        let task = server.ended(&id).await;
        assert_eq!(task["status"], "failed", "{task}");
        let message = task["error_message"].as_str().unwrap();
        assert!(!message.is_empty() && message.contains(reason), "{message}");
    }
    let id = server.submit("good.pdf", &documents::small()).await;
    assert_eq!(server.ended(&id).await["status"], "completed");
}

/// Whether any file below `folder` holds these bytes.
fn holds(folder: &std::path::Path, wanted: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, wanted);
        }
        // Files of a running server come and go.
        std::fs::read(&path).is_ok_and(|bytes| bytes.windows(wanted.len()).any(|part| part == wanted))
    })
}

#[tokio::test]
async fn a_password_is_used_once_and_kept_nowhere() {
    use ocr_testkit::documents::{PASSWORD, locked_pdf};
    let Some(server) = engine::server(&[("OCR_LOG", "debug")]).await else {
        return;
    };
    let id = server.submit("locked.pdf", &locked_pdf()).await;
    let task = server.ended(&id).await;
    assert_eq!(task["error_code"], "password_required", "{task}");
    let path = format!("/api/tasks/{id}/unlock?userId={USER}");
    let unlock = async |body: &serde_json::Value| server.post_json(&path, body).await;
    for (body, code) in [
        (
            serde_json::json!({"password": "another secret"}),
            "password_required",
        ),
        (serde_json::json!({"password": 4711}), "invalid_input"),
        (serde_json::json!({"password": ""}), "invalid_input"),
        (serde_json::json!({}), "invalid_input"),
    ] {
        let refused = problem(unlock(&body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(refused["code"], code, "{refused}");
        assert!(!refused.to_string().contains("4711"), "{refused}");
    }
    let opened = unlock(&serde_json::json!({"password": PASSWORD})).await;
    let opened = json(opened, StatusCode::ACCEPTED).await;
    let opened = opened["data"]["taskId"].as_str().unwrap();
    assert_eq!(server.ended(opened).await["status"], "completed");
    let text = server.get(&format!("/api/tasks/{opened}/text")).await;
    assert!(text.text().await.unwrap().contains("Opened with its password"));
    let gone = server.get(&format!("/api/tasks/{id}?userId={USER}")).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    for secret in [PASSWORD, "another secret"] {
        assert!(!server.log().contains(secret), "the log knows a password");
        assert!(
            !holds(&server.data(), secret.as_bytes()),
            "a file holds a password"
        );
    }
}
