//! Uploads straight into the blob store: begin, PUT, complete.

use bytes::Bytes;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    USER, documents,
    server::{Server, json, problem},
};

const WRONG_SHA256: &str = "0000000000000000000000000000000000000000000000000000000000000000";

async fn begin(server: &Server, size: usize, sha256: Option<&str>) -> Value {
    let body = json!({"userId": USER, "filename": "direct.pdf", "size": size, "sha256": sha256});
    let mut answer = json(server.post_json("/api/uploads", &body).await, StatusCode::CREATED).await;
    answer["data"].take()
}

async fn put(server: &Server, url: &str, bytes: Bytes) -> Response {
    server.http.put(url).body(bytes).send().await.unwrap()
}

async fn complete(server: &Server, upload: &Value) -> Response {
    let path = format!("/api/uploads/{}/complete", upload["fileId"].as_str().unwrap());
    server
        .post_json(&path, &json!({"userId": USER, "filename": "direct.pdf"}))
        .await
}

#[tokio::test]
async fn a_direct_upload_becomes_one_task() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let upload = begin(&server, bytes.len(), None).await;
    assert_eq!(upload["method"], "PUT");
    problem(complete(&server, &upload).await, StatusCode::NOT_FOUND).await;
    let url = upload["uploadUrl"].as_str().unwrap();
    assert_eq!(put(&server, url, bytes.clone()).await.status(), StatusCode::OK);
    let first = json(complete(&server, &upload).await, StatusCode::ACCEPTED).await;
    let again = json(complete(&server, &upload).await, StatusCode::ACCEPTED).await;
    assert_eq!(first["data"]["taskId"], again["data"]["taskId"]);
    let task = server.task(first["data"]["taskId"].as_str().unwrap()).await;
    assert_eq!(
        (&task["status"], &task["filename"]),
        (&json!("pending"), &json!("direct.pdf"))
    );

    let mut other = bytes.to_vec();
    other[20] ^= 1;
    let overwritten = put(&server, url, other.into()).await;
    problem(overwritten, StatusCode::CONFLICT).await;
    let id = first["data"]["taskId"].as_str().unwrap();
    let kept = server.original(id).await;
    assert_eq!(kept.bytes().await.unwrap(), bytes);
}

#[tokio::test]
async fn other_bytes_than_announced_are_refused() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let upload = begin(&server, bytes.len(), None).await;
    let url = upload["uploadUrl"].as_str().unwrap();
    problem(
        put(&server, url, bytes.slice(1..)).await,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    for piece in [
        bytes.slice(..bytes.len() - 1),
        Bytes::from([&bytes[..], b"x"].concat()),
    ] {
        // Without Content-Length the size shows only while the body is read.
        let body = futures::stream::iter([Ok::<_, std::io::Error>(piece)]);
        let response = server
            .http
            .put(url)
            .body(reqwest::Body::wrap_stream(body))
            .send()
            .await
            .unwrap();
        assert!(
            matches!(response.status().as_u16(), 413 | 422),
            "{}",
            response.status()
        );
    }
    problem(complete(&server, &upload).await, StatusCode::NOT_FOUND).await;

    let upload = begin(&server, bytes.len(), Some(WRONG_SHA256)).await;
    let url = upload["uploadUrl"].as_str().unwrap();
    problem(put(&server, url, bytes).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    problem(complete(&server, &upload).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_direct_upload_of_the_wrong_type_is_no_task() {
    let server = Server::without_engine().await;
    let upload = begin(&server, 9, None).await;
    let url = upload["uploadUrl"].as_str().unwrap();
    assert_eq!(
        put(&server, url, Bytes::from_static(b"MZ binary")).await.status(),
        StatusCode::OK
    );
    problem(
        complete(&server, &upload).await,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
    )
    .await;
}

#[tokio::test]
async fn links_cannot_be_forged_stretched_or_turned() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let upload = begin(&server, bytes.len(), None).await;
    let put_url = upload["uploadUrl"].as_str().unwrap().to_owned();
    let id = server.submit("a.pdf", &bytes).await;
    let get_url = server.download_url(&id).await;
    let key = server.task(&id).await["s3_key"].as_str().unwrap().to_owned();

    let changed = |url: &str, name: &str, value: &str| {
        let mut url = reqwest::Url::parse(url).unwrap();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        assert!(
            pairs.iter().any(|(known, _)| known == name),
            "{name} is not in {url}"
        );
        url.query_pairs_mut().clear().extend_pairs(
            pairs
                .iter()
                .map(|(known, old)| (known.as_str(), if known == name { value } else { old.as_str() })),
        );
        url.to_string()
    };
    let zeros = "0".repeat(64);
    for url in [
        changed(&get_url, "expires", "99999999999"),
        changed(&get_url, "expires", "1"),
        changed(&get_url, "signature", &zeros),
        changed(&get_url, "signature", "short"),
        get_url.replace("a.pdf", "b.pdf"),
        put_url.clone(),
        server.url(&format!("/blobs/{key}")),
        server.url("/blobs/..%2f..%2fsecret"),
        server.url("/blobs/%2e%2e/secret"),
    ] {
        let status = server.http.get(&url).send().await.unwrap().status();
        assert!(status.is_client_error(), "{status} for {url}");
    }
    for url in [
        get_url,
        changed(&put_url, "length", "5"),
        changed(&put_url, "expires", "99999999999"),
    ] {
        problem(put(&server, &url, bytes.clone()).await, StatusCode::FORBIDDEN).await;
    }
}

#[tokio::test]
async fn a_direct_upload_is_checked_before_it_begins() {
    let server = Server::start(&[("MAX_FILE_SIZE", "1000")]).await;
    for (change, status) in [
        (json!({"size": 1001}), StatusCode::PAYLOAD_TOO_LARGE),
        (json!({"size": 0}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"size": -1}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"sha256": "xyz"}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"userId": "nobody"}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"contentType": "a\nb"}), StatusCode::UNPROCESSABLE_ENTITY),
        (
            json!({"contentType": "a".repeat(101)}),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            json!({"filename": "a".repeat(100_000)}),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ] {
        let mut body = json!({"userId": USER, "filename": "a.pdf", "size": 10});
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        problem(server.post_json("/api/uploads", &body).await, status).await;
    }
}
