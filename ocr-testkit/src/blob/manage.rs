//! Removing, listing, tagging, and URLs.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use ocr_core::{
    ErrorKind,
    blob::{BlobKey, BlobStoreExt, PresignRequest, PresignedRequest},
};

use super::{BlobFixture, bodies::noise, key};
use crate::harness::{not_offered, refused};

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A deleted object is gone; its neighbours stay; deleting again is fine.
pub async fn a_deleted_object_is_gone(fixture: &BlobFixture) {
    for name in ["a/1", "a/2", "b/1"] {
        fixture.put(name, Bytes::from_static(b"x")).await;
    }
    for _ in 0..2 {
        fixture.blobs.remove(key("a/1")).await.unwrap();
        fixture.is_absent("a/1").await;
    }
    fixture.blobs.remove(key("b/1")).await.unwrap();
    assert_eq!(fixture.keys("").await, ["a/2"]);
    fixture.put("a/1", Bytes::from_static(b"again")).await;
    assert_eq!(fixture.bytes("a/1").await, &b"again"[..]);
}

/// Many objects are removed in one call, those that do not exist among them; no object at all is fine.
pub async fn many_objects_are_deleted(fixture: &BlobFixture) {
    for name in ["m/1", "m/2", "m/3", "n/1"] {
        fixture.put(name, Bytes::from_static(b"x")).await;
    }
    let doomed: Vec<BlobKey> = ["m/1", "m/never", "m/3"].into_iter().map(key).collect();
    for _ in 0..2 {
        fixture.blobs.delete(doomed.clone()).await.unwrap();
        assert_eq!(fixture.keys("").await, ["m/2", "n/1"]);
    }
    fixture.blobs.delete(Vec::new()).await.unwrap();
    assert_eq!(fixture.keys("").await, ["m/2", "n/1"]);
}

/// A prefix is any beginning of a key, not only whole segments.
pub async fn objects_are_listed_by_prefix(fixture: &BlobFixture) {
    let names = ["results/u/1", "uploads/u/1", "uploads/u/12", "uploads/u2/1", "up"];
    for name in names {
        fixture.put(name, noise(name.len(), 1)).await;
    }
    for (prefix, expected) in [
        (
            "",
            vec!["results/u/1", "up", "uploads/u/1", "uploads/u/12", "uploads/u2/1"],
        ),
        ("uploads/", vec!["uploads/u/1", "uploads/u/12", "uploads/u2/1"]),
        ("uploads/u/", vec!["uploads/u/1", "uploads/u/12"]),
        ("uploads/u/1", vec!["uploads/u/1", "uploads/u/12"]),
        ("upl", vec!["uploads/u/1", "uploads/u/12", "uploads/u2/1"]),
        ("uploads/u3/", vec![]),
        ("Uploads/", vec![]),
    ] {
        assert_eq!(fixture.keys(prefix).await, expected, "{prefix:?}");
    }
    let listed = fixture.blobs.list("results/".into()).await.unwrap();
    let metas: Vec<_> = listed.try_collect().await.unwrap();
    let head = fixture
        .blobs
        .head(key("results/u/1"))
        .await
        .unwrap()
        .expect("the object");
    assert_eq!(
        (metas[0].size, metas[0].modified_at),
        (head.size, head.modified_at)
    );
}

/// More objects than a service gives at once are listed to the end.
pub async fn many_objects_are_listed(fixture: &BlobFixture) {
    const COUNT: usize = 1_050;
    stream::iter(0..COUNT)
        .for_each_concurrent(32, async |n| {
            fixture
                .put(&format!("many/{}/{n}", n % 7), Bytes::from_static(b"x"))
                .await;
        })
        .await;
    let keys = fixture.keys("many/").await;
    assert_eq!(keys.len(), COUNT);
    assert!(keys.is_sorted_by(|a, b| a < b), "each once");
}

/// Tags are replaced as a whole, and do not change the object.
pub async fn tags_are_replaced(fixture: &BlobFixture) {
    if fixture.blobs.extensions().tagging.is_none() {
        not_offered("tags");
        return refused(fixture.blobs.tags(key("tagged")).await, ErrorKind::Unsupported);
    }
    let bytes = noise(500, 2);
    fixture.put("tagged", bytes.clone()).await;
    assert_eq!(fixture.blobs.tags(key("tagged")).await.unwrap(), tags(&[]));
    for wanted in [
        tags(&[("deleted", "true"), ("deleted_at", "2027-01-15T08:00:00Z")]),
        tags(&[("deleted", "false")]),
        tags(&[]),
        tags(&[("owner", "a b+c=d._:/@-1"), ("empty", "")]),
    ] {
        fixture.blobs.tag(key("tagged"), wanted.clone()).await.unwrap();
        assert_eq!(fixture.blobs.tags(key("tagged")).await.unwrap(), wanted);
    }
    assert_eq!(fixture.bytes("tagged").await, bytes);
    assert_eq!(fixture.keys("").await, ["tagged"]);
}

/// Tags go with their object, and no other object has them.
pub async fn tags_belong_to_an_object(fixture: &BlobFixture) {
    if fixture.blobs.extensions().tagging.is_none() {
        return not_offered("tags");
    }
    for name in ["a", "b"] {
        fixture.put(name, Bytes::from_static(b"x")).await;
    }
    let wanted = tags(&[("deleted", "true")]);
    fixture.blobs.tag(key("a"), wanted).await.unwrap();
    assert_eq!(fixture.blobs.tags(key("b")).await.unwrap(), tags(&[]));
    fixture.blobs.remove(key("a")).await.unwrap();
    refused(fixture.blobs.tags(key("a")).await, ErrorKind::NotFound);
    fixture.put("a", Bytes::from_static(b"new")).await;
    assert_eq!(fixture.blobs.tags(key("a")).await.unwrap(), tags(&[]));
}

/// The request a URL was given for, or `None` where there are no URLs.
async fn presigned(fixture: &BlobFixture, request: PresignRequest) -> Option<PresignedRequest> {
    let presigned = fixture.blobs.presign(key("uploads/u/scan.pdf"), request).await;
    if fixture.blobs.extensions().signing.is_some() {
        return Some(presigned.unwrap());
    }
    refused(presigned, ErrorKind::Unsupported);
    not_offered("URLs");
    None
}

fn has_shape(fixture: &BlobFixture, request: &PresignedRequest, method: &str) {
    assert_eq!(request.method, method);
    assert!(
        request.url.starts_with('/') || request.url.contains("://"),
        "{}",
        request.url
    );
    let left = (request.expires_at - fixture.time.now()).num_seconds();
    assert!((3_500..=3_700).contains(&left), "works for {left} s");
}

/// A URL for reading is a `GET` that works for the time asked for.
pub async fn a_url_for_reading_is_given(fixture: &BlobFixture) {
    fixture.put("uploads/u/scan.pdf", Bytes::from_static(b"x")).await;
    let request = PresignRequest::Get {
        expires_in: Duration::from_hours(1),
        filename: "Überweisung \"März\".pdf".into(),
        content_type: "application/pdf".into(),
    };
    if let Some(request) = presigned(fixture, request).await {
        has_shape(fixture, &request, "GET");
    }
}

/// A URL for writing is a `PUT` that works for the time asked for, before there is an object.
pub async fn a_url_for_writing_is_given(fixture: &BlobFixture) {
    let request = PresignRequest::Put {
        expires_in: Duration::from_hours(1),
        length: 1_234,
        sha256: Some(ocr_core::digest::sha256_hex(b"x")),
        content_type: "application/pdf".into(),
    };
    if let Some(request) = presigned(fixture, request).await {
        has_shape(fixture, &request, "PUT");
        fixture.is_absent("uploads/u/scan.pdf").await;
    }
}

/// Name and bucket are given, the check succeeds, and capabilities stay the same.
pub async fn the_blob_store_says_what_it_is(fixture: &BlobFixture) {
    let name = fixture.blobs.name();
    assert!(
        !name.is_empty() && name == name.to_lowercase() && name.len() <= 20,
        "{name:?}"
    );
    assert!(!fixture.blobs.bucket().is_empty());
    fixture.blobs.check().await.unwrap();
    assert_eq!(fixture.blobs.capabilities(), fixture.blobs.capabilities());
}
