//! Links, as anybody without credentials follows them.

use std::time::Duration;

use bytes::Bytes;
use ocr_adapters::s3::S3BlobStore;
use ocr_core::{
    ErrorKind,
    blob::{BlobStore, BlobStoreExt, PresignRequest, PresignedRequest, PutOptions},
    digest::sha256_hex,
};
use ocr_testkit::harness::refused;
use reqwest::{Client, Response};

use super::{body, key, read, server};

async fn write_link(blobs: &S3BlobStore, all: &Bytes, sha256: Option<String>) -> PresignedRequest {
    let request = PresignRequest::Put {
        expires_in: Duration::from_mins(15),
        length: all.len() as u64,
        sha256,
        content_type: "application/pdf".into(),
    };
    blobs.presign(key("uploads/u/a.pdf"), request).await.unwrap()
}

async fn follow(link: &PresignedRequest, all: Bytes) -> Response {
    let mut request = Client::new().put(&link.url).body(all);
    // The client counts the body itself.
    for (name, value) in link.headers.iter().filter(|(name, _)| *name != "content-length") {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_link_for_reading_gives_an_attachment() {
    let (_server, blobs) = server().await;
    let all = Bytes::from_static(b"%PDF-1.7");
    blobs
        .put(key("uploads/u/a.pdf"), body(&all), PutOptions::default())
        .await
        .unwrap();
    let request = PresignRequest::Get {
        expires_in: Duration::from_hours(1),
        filename: "Überweisung \"März\".pdf".into(),
        content_type: "application/pdf".into(),
    };
    let link = blobs.presign(key("uploads/u/a.pdf"), request).await.unwrap();
    assert_eq!(link.headers.len(), 0, "a browser can follow it");
    let answer = Client::new().get(&link.url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()["content-disposition"],
        "attachment; filename=\"_berweisung _M_rz_.pdf\"; \
         filename*=UTF-8''%C3%9Cberweisung%20%22M%C3%A4rz%22.pdf"
    );
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert_eq!(answer.bytes().await.unwrap(), all);

    for (from, to) in [
        ("attachment", "inline"),
        ("a.pdf", "b.pdf"),
        ("application", "text"),
    ] {
        let changed = link.url.replacen(from, to, 1);
        assert_ne!(changed, link.url);
        let answer = Client::new().get(changed).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{from} is signed");
    }
}

#[tokio::test]
async fn a_link_for_writing_takes_what_was_announced_and_only_once() {
    let (_server, blobs) = server().await;
    let all = Bytes::from_static(b"%PDF-1.7");
    let link = write_link(&blobs, &all, Some(sha256_hex(&all))).await;
    assert_eq!(follow(&link, all.clone()).await.status(), 200);
    let head = blobs.head(key("uploads/u/a.pdf")).await.unwrap().unwrap();
    assert_eq!(head.sha256, Some(sha256_hex(&all)), "as the server computed it");
    assert_eq!(head.content_type.as_deref(), Some("application/pdf"));

    assert_eq!(follow(&link, all.clone()).await.status(), 412);
    assert_eq!(read(&blobs, "uploads/u/a.pdf").await, all);
}

#[tokio::test]
async fn a_link_for_writing_refuses_another_body() {
    let (_server, blobs) = server().await;
    let announced = Bytes::from_static(b"%PDF-1.7");
    let unhashed = write_link(&blobs, &announced, None).await;
    let hashed = write_link(&blobs, &announced, Some(sha256_hex(&announced))).await;
    for (link, sent) in [
        (&unhashed, &b"%PDF-1.7 and more"[..]),
        (&unhashed, b"%PDF"),
        (&hashed, b"%PDF-6.6"),
    ] {
        let status = follow(link, Bytes::from_static(sent)).await.status();
        assert!(status.is_client_error(), "{status}");
        assert_eq!(blobs.head(key("uploads/u/a.pdf")).await.unwrap(), None);
    }
    let mut without_checksum = hashed.clone();
    without_checksum.headers.remove("x-amz-checksum-sha256");
    assert_eq!(follow(&without_checksum, announced.clone()).await.status(), 403);
    let mut other_type = unhashed.clone();
    other_type
        .headers
        .insert("content-type".into(), "text/html".into());
    assert_eq!(follow(&other_type, announced.clone()).await.status(), 403);
    assert_eq!(follow(&unhashed, announced).await.status(), 200);
}

#[tokio::test]
async fn links_that_no_server_would_take_are_not_made() {
    let (_server, blobs) = server().await;
    let too_long = PresignRequest::Get {
        expires_in: Duration::from_hours(24 * 8),
        filename: "a".into(),
        content_type: "text/plain".into(),
    };
    let no_digest = PresignRequest::Put {
        expires_in: Duration::from_mins(1),
        length: 1,
        sha256: Some("abc".into()),
        content_type: "text/plain".into(),
    };
    for request in [too_long, no_digest] {
        refused(blobs.presign(key("a"), request).await, ErrorKind::InvalidInput);
    }
}
