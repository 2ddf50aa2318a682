//! What is sent, and what becomes of answers that are no success.

use std::time::Duration;

use bytes::Bytes;
use ocr_adapters::s3::{RequestChecksums, S3BlobStore, S3Config, S3Timeouts};
use ocr_core::{
    ErrorKind,
    blob::{BlobStore, BlobStoreExt, GetOptions, PresignRequest, PutOptions},
    digest::sha256_hex,
};
use ocr_testkit::harness::refused;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, method, query_param_contains},
};

use super::{PART, body, bytes, config, key, open};

const KMS_KEY: &str = "alias/documents";
const BEGUN: &str = "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";
const COMPLETED: &str = "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>";

fn error(status: u16, code: &str) -> ResponseTemplate {
    let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
    ResponseTemplate::new(status).set_body_raw(body, "application/xml")
}

fn xml(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/xml")
}

async fn answering(answer: ResponseTemplate) -> (MockServer, S3BlobStore) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let blobs = open(config(&server.uri())).await;
    (server, blobs)
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_key_and_the_checksum_go_with_an_object() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).insert_header("etag", "\"e\"");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let blobs = open(config(&server.uri()).with_kms_key_id(KMS_KEY.to_owned())).await;
    let all = Bytes::from_static(b"ab");
    blobs
        .put(key("a"), body(&all), PutOptions::default())
        .await
        .unwrap();
    let requests = server.received_requests().await.unwrap();
    let put = &requests[0];
    assert_eq!(header(put, "x-amz-server-side-encryption"), Some("aws:kms"));
    assert_eq!(
        header(put, "x-amz-server-side-encryption-aws-kms-key-id"),
        Some(KMS_KEY)
    );
    assert_eq!(
        header(put, "x-amz-checksum-sha256"),
        Some("+44g/C5MPySMYMOb1lLzwTRymLuXe4tNWQO4UFViBgM=")
    );
    assert_eq!(header(put, "x-amz-meta-sha256"), Some(sha256_hex(&all).as_str()));
    assert_eq!(header(put, "content-length"), Some("2"));
}

#[tokio::test]
async fn the_key_goes_with_an_upload_in_parts() {
    let server = MockServer::start().await;
    let begin = Mock::given(method("POST")).and(query_param_contains("uploads", ""));
    begin.respond_with(xml(BEGUN)).mount(&server).await;
    let complete = Mock::given(method("POST")).and(query_param_contains("uploadId", "u1"));
    complete.respond_with(xml(COMPLETED)).mount(&server).await;
    let part = ResponseTemplate::new(200).insert_header("etag", "\"p\"");
    Mock::given(method("PUT")).respond_with(part).mount(&server).await;
    let blobs = open(config(&server.uri()).with_kms_key_id(KMS_KEY.to_owned())).await;
    blobs
        .put(key("a"), body(&bytes(2 * PART + 1)), PutOptions::default())
        .await
        .unwrap();
    let requests = server.received_requests().await.unwrap();
    assert_eq!(
        header(&requests[0], "x-amz-server-side-encryption"),
        Some("aws:kms")
    );
    assert_eq!(
        header(&requests[0], "x-amz-server-side-encryption-aws-kms-key-id"),
        Some(KMS_KEY)
    );
    let parts: Vec<_> = requests
        .iter()
        .filter(|request| request.method.as_str() == "PUT")
        .collect();
    assert_eq!(parts.len(), 3);
    for part in parts {
        assert!(header(part, "x-amz-checksum-crc32").is_some());
    }
    let last = String::from_utf8(requests[4].body.clone()).unwrap();
    let numbers: Vec<_> = last.matches("<PartNumber>").collect();
    assert_eq!(numbers.len(), 3, "{last}");
}

#[tokio::test]
async fn old_servers_are_sent_no_checksums() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).insert_header("etag", "\"e\"");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let blobs = open(config(&server.uri()).with_checksums(RequestChecksums::WhenRequired)).await;
    blobs
        .put(key("a"), body(&bytes(10)), PutOptions::default())
        .await
        .unwrap();
    let requests = server.received_requests().await.unwrap();
    let names = requests[0].headers.keys().map(ToString::to_string);
    let checksums: Vec<String> = names.filter(|name| name.contains("checksum")).collect();
    assert_eq!(checksums, Vec::<String>::new());
}

#[tokio::test]
async fn a_link_for_writing_signs_what_the_bearer_must_send() {
    let blobs = open(config("http://127.0.0.1:1").with_kms_key_id(KMS_KEY.to_owned())).await;
    let request = PresignRequest::Put {
        expires_in: Duration::from_mins(15),
        length: 4_711,
        sha256: Some(sha256_hex(b"ab")),
        content_type: "application/pdf".into(),
    };
    let link = blobs.presign(key("a"), request).await.unwrap();
    let signed = "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match\
                  %3Bx-amz-checksum-sha256%3Bx-amz-server-side-encryption\
                  %3Bx-amz-server-side-encryption-aws-kms-key-id";
    assert!(link.url.contains(signed), "{}", link.url);
    assert!(link.url.contains("X-Amz-Expires=900"), "{}", link.url);
    let headers: Vec<_> = link
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        headers,
        [
            ("content-length", "4711"),
            ("content-type", "application/pdf"),
            ("if-none-match", "*"),
            (
                "x-amz-checksum-sha256",
                "+44g/C5MPySMYMOb1lLzwTRymLuXe4tNWQO4UFViBgM="
            ),
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-aws-kms-key-id", KMS_KEY),
        ]
    );
}

#[tokio::test]
async fn a_failure_that_passes_is_tried_again() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(error(500, "InternalError"))
        .up_to_n_times(2)
        .mount(&server)
        .await;
    let answer = ResponseTemplate::new(200).insert_header("etag", "\"e\"");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let blobs = open(config(&server.uri())).await;
    blobs
        .put(key("a"), body(&bytes(10)), PutOptions::default())
        .await
        .unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_failure_says_whether_a_retry_can_help() {
    for (answer, kind, transient) in [
        (error(503, "SlowDown"), ErrorKind::RateLimited, true),
        (error(500, "InternalError"), ErrorKind::Unavailable, true),
        (error(403, "AccessDenied"), ErrorKind::Config, false),
        (error(404, "NoSuchBucket"), ErrorKind::Config, false),
        (error(404, "NoSuchKey"), ErrorKind::NotFound, false),
        (error(400, "ExpiredToken"), ErrorKind::Unavailable, true),
        (error(403, "InvalidObjectState"), ErrorKind::Conflict, false),
        (error(400, "KMS.DisabledException"), ErrorKind::Config, false),
        (ResponseTemplate::new(502), ErrorKind::Unavailable, true),
    ] {
        let (_server, blobs) = answering(answer).await;
        let got = blobs.get(key("a"), GetOptions::default()).await;
        let error = got.map(|blob| blob.meta).unwrap_err();
        assert_eq!(
            (error.kind(), error.is_transient()),
            (kind, transient),
            "{error:?}"
        );
        assert_eq!(error.location(), ("s3", "get"));
    }
}

#[tokio::test]
async fn a_part_that_fails_fails_the_upload_and_removes_the_others() {
    let server = MockServer::start().await;
    let begin = Mock::given(method("POST"));
    begin.respond_with(xml(BEGUN)).mount(&server).await;
    let part = Mock::given(method("PUT"));
    part.respond_with(error(403, "AccessDenied")).mount(&server).await;
    let abort = Mock::given(method("DELETE")).and(query_param_contains("uploadId", "u1"));
    abort
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let blobs = open(config(&server.uri())).await;
    let put = blobs.put(key("a"), body(&bytes(3 * PART)), PutOptions::default());
    refused(put.await, ErrorKind::Config);
    server.verify().await;
}

fn hurried(endpoint: &str) -> S3Config {
    let short = Duration::from_millis(200);
    let timeouts = S3Timeouts::default()
        .with_connect(short)
        .with_attempt(short)
        .with_call(short * 4)
        .with_idle(short);
    config(endpoint).with_timeouts(timeouts)
}

/// A server that sends `answer` to whoever connects, and then nothing.
async fn silent(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut connections = Vec::new();
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = connection.read(&mut request).await;
            connection.write_all(answer).await.unwrap();
            connections.push(connection);
        }
    });
    endpoint
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_not_waited_for() {
    let blobs = open(hurried(&silent(b"").await)).await;
    refused(blobs.head(key("a")).await, ErrorKind::Timeout);
    let put = blobs.put(key("a"), body(&bytes(10)), PutOptions::default());
    refused(put.await, ErrorKind::Timeout);
    refused(blobs.check().await, ErrorKind::Timeout);
}

#[tokio::test]
async fn a_body_that_stops_in_the_middle_is_not_waited_for() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\
                 last-modified: Fri, 15 Jan 2027 08:00:00 GMT\r\n\r\nonly this";
    let blobs = open(hurried(&silent(half).await)).await;
    let blob = blobs.get(key("a"), GetOptions::default()).await.unwrap();
    refused(blob.body.collect(1_000).await, ErrorKind::Timeout);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let blobs = open(hurried(&endpoint)).await;
    let error = blobs.check().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Unavailable, true),
        "{error:?}"
    );
}
