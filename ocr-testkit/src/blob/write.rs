//! Writing: the whole object or nothing.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use ocr_core::{
    Error, ErrorKind,
    blob::{BlobStoreExt, ByteStream, GetOptions, PutOptions},
    digest::sha256_hex,
};

use super::{
    BlobFixture,
    bodies::{broken, noise, pieces, slow, stalled},
    key,
};
use crate::harness::{not_offered, refused};

/// Every byte value comes back.
pub async fn an_object_is_read_as_it_was_written(fixture: &BlobFixture) {
    let bytes: Bytes = (0..=255).collect();
    fixture.put("uploads/u/a_scan.pdf", bytes.clone()).await;
    assert_eq!(fixture.bytes("uploads/u/a_scan.pdf").await, bytes);
}

/// An object may have no bytes.
pub async fn an_empty_object_is_an_object(fixture: &BlobFixture) {
    let meta = fixture.put("empty", Bytes::new()).await;
    assert_eq!(meta.size, 0);
    assert_eq!(fixture.bytes("empty").await, Bytes::new());
    assert_eq!(fixture.keys("").await, ["empty"]);
}

/// 5 MB in pieces of all sizes, of unknown length.
pub async fn a_large_object_arrives_in_odd_pieces(fixture: &BlobFixture) {
    let bytes = noise(5 * 1024 * 1024 + 17, 1);
    let meta = fixture.put("large", pieces(&bytes)).await;
    assert_eq!(meta.size, bytes.len() as u64);
    assert!(fixture.bytes("large").await == bytes, "the object is whole");
}

/// Key, size, checksum, type and time are known from `put` and `head`.
pub async fn an_object_is_described(fixture: &BlobFixture) {
    let bytes = noise(1_000, 2);
    let options = PutOptions::default().with_content_type("image/webp");
    let written = fixture
        .blobs
        .put(key("a/b"), bytes.clone().into(), options)
        .await
        .unwrap();
    assert_eq!((written.key.as_str(), written.size), ("a/b", 1_000));
    assert_eq!(
        written.sha256,
        Some(sha256_hex(&bytes)),
        "the checksum of what was streamed is known"
    );
    assert_eq!(written.content_type.as_deref(), Some("image/webp"));
    let head = fixture.blobs.head(key("a/b")).await.unwrap().expect("the object");
    assert_eq!((head.size, &head.key), (1_000, &written.key));
    assert!(head.sha256.is_none_or(|sha256| sha256 == sha256_hex(&bytes)));
    assert_eq!(head.version_id, written.version_id);
    let age = (fixture.time.now() - head.modified_at).num_seconds().abs();
    assert!(age < 3_600, "written {age} s ago");
    let blob = fixture
        .blobs
        .get(key("a/b"), GetOptions::default())
        .await
        .unwrap();
    assert_eq!((blob.meta.size, blob.meta.key), (1_000, written.key));
}

/// The last writer's object stands, whole, with its own size and checksum.
pub async fn a_later_object_replaces_an_earlier_one(fixture: &BlobFixture) {
    for (size, seed) in [(5_000, 1), (10, 2), (7_000, 3)] {
        let bytes = noise(size, seed);
        fixture.put("same", bytes.clone()).await;
        assert_eq!(fixture.bytes("same").await, bytes);
        let head = fixture
            .blobs
            .head(key("same"))
            .await
            .unwrap()
            .expect("the object");
        assert_eq!(head.size, size as u64);
    }
    assert_eq!(fixture.keys("").await, ["same"]);
}

async fn put_limited(fixture: &BlobFixture, body: ByteStream, limit: u64) -> ocr_core::Result<u64> {
    let options = PutOptions::default().with_max_bytes(limit);
    let meta = fixture.blobs.put(key("limited"), body, options).await?;
    Ok(meta.size)
}

/// A byte more than `max_bytes` is `TooLarge` and leaves nothing, whatever length was announced.
pub async fn a_limit_is_kept(fixture: &BlobFixture) {
    let bytes = noise(300_001, 3);
    for body in [bytes.clone().into(), pieces(&bytes), stalled(bytes.clone())] {
        refused(put_limited(fixture, body, 300_000).await, ErrorKind::TooLarge);
        fixture.is_absent("limited").await;
    }
    let one = Bytes::from_static(b"1");
    refused(put_limited(fixture, one.into(), 0).await, ErrorKind::TooLarge);
}

/// Exactly `max_bytes` is allowed.
pub async fn an_object_at_its_limit_is_written(fixture: &BlobFixture) {
    let bytes = noise(300_000, 4);
    let written = put_limited(fixture, pieces(&bytes), 300_000).await;
    assert_eq!(written.unwrap(), 300_000);
    assert_eq!(put_limited(fixture, Bytes::new().into(), 0).await.unwrap(), 0);
}

/// Another SHA-256 than announced is `ChecksumMismatch` and leaves nothing.
pub async fn a_wrong_checksum_is_refused(fixture: &BlobFixture) {
    let options = PutOptions::default().with_sha256(Some(sha256_hex(b"something else")));
    let written = fixture
        .blobs
        .put(key("wrong"), noise(999, 5).into(), options)
        .await;
    refused(written, ErrorKind::ChecksumMismatch);
    fixture.is_absent("wrong").await;
}

/// The announced SHA-256 is accepted.
pub async fn a_right_checksum_is_accepted(fixture: &BlobFixture) {
    let bytes = noise(99_999, 6);
    let options = PutOptions::default()
        .with_sha256(Some(sha256_hex(&bytes)))
        .with_max_bytes(99_999);
    fixture
        .blobs
        .put(key("right"), pieces(&bytes), options)
        .await
        .unwrap();
    assert_eq!(fixture.bytes("right").await, bytes);
}

/// An upload that breaks off is `InvalidInput` and leaves nothing.
pub async fn a_body_that_breaks_off_leaves_nothing(fixture: &BlobFixture) {
    for size in [0, 10, 3_000_000] {
        let body = broken(noise(size, 7), io::ErrorKind::ConnectionReset.into());
        let written = fixture
            .blobs
            .put(key("broken"), body, PutOptions::default())
            .await;
        refused(written, ErrorKind::InvalidInput);
        fixture.is_absent("broken").await;
    }
}

/// An error of ours within the body comes back as it is.
pub async fn an_error_of_the_body_is_passed_on(fixture: &BlobFixture) {
    let error = Error::new(ErrorKind::TooLarge, "the form is too large");
    let body = broken(noise(10, 8), io::Error::other(error));
    let written = fixture
        .blobs
        .put(key("broken"), body, PutOptions::default())
        .await;
    refused(written, ErrorKind::TooLarge);
    fixture.is_absent("broken").await;
}

/// A write that fails leaves the object that was there.
pub async fn a_failed_write_spares_what_was_there(fixture: &BlobFixture) {
    let bytes = noise(1_234, 9);
    fixture.put("limited", bytes.clone()).await;
    refused(
        put_limited(fixture, noise(5_000, 10).into(), 4_999).await,
        ErrorKind::TooLarge,
    );
    let body = broken(noise(5_000, 11), io::ErrorKind::BrokenPipe.into());
    let options = PutOptions::default();
    let written = fixture.blobs.put(key("limited"), body, options).await;
    refused(written, ErrorKind::InvalidInput);
    let options = PutOptions::default().with_sha256(Some(sha256_hex(b"something else")));
    let written = fixture
        .blobs
        .put(key("limited"), noise(5_000, 12).into(), options)
        .await;
    refused(written, ErrorKind::ChecksumMismatch);
    assert_eq!(fixture.bytes("limited").await, bytes);
}

/// A dropped `put` leaves nothing visible, and what was there before.
pub async fn an_interrupted_write_leaves_nothing(fixture: &BlobFixture) {
    let old = noise(77, 13);
    fixture.put("old", old.clone()).await;
    for name in ["new", "old"] {
        let body = stalled(noise(2_000_000, 14));
        let put = fixture.blobs.put(key(name), body, PutOptions::default());
        let outcome = tokio::time::timeout(Duration::from_millis(150), put).await;
        assert!(outcome.is_err(), "the body has not ended");
    }
    fixture.is_absent("new").await;
    assert_eq!(fixture.bytes("old").await, old);
    assert_eq!(fixture.keys("").await, ["old"]);
}

/// While an object is written, readers find none or the one before.
pub async fn no_reader_sees_a_part(fixture: &BlobFixture) {
    let (old, new) = (noise(40_000, 15), noise(90_000, 16));
    fixture.put("replaced", old.clone()).await;
    let writers: Vec<_> = ["fresh", "replaced"]
        .into_iter()
        .map(|name| {
            let (blobs, body) = (Arc::clone(&fixture.blobs), slow(&new, Duration::from_millis(10)));
            tokio::spawn(async move { blobs.put(key(name), body, PutOptions::default()).await })
        })
        .collect();
    while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        let replaced = fixture.bytes("replaced").await;
        assert!(replaced == old || replaced == new, "{} bytes", replaced.len());
        if let Ok(fresh) = fixture.blobs.get(key("fresh"), GetOptions::default()).await {
            assert!(fresh.body.collect(u64::MAX).await.unwrap() == new);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    assert!(fixture.bytes("fresh").await == new && fixture.bytes("replaced").await == new);
}

/// Writers of one key at the same time leave one of their objects, whole.
pub async fn of_many_writers_one_wins_whole(fixture: &BlobFixture) {
    let bodies: Vec<Bytes> = (0..6).map(|n| noise(100_000 + 1_000 * n, n as u64)).collect();
    let writers: Vec<_> = bodies
        .iter()
        .map(|bytes| {
            let (blobs, body) = (Arc::clone(&fixture.blobs), pieces(bytes));
            tokio::spawn(async move { blobs.put(key("same"), body, PutOptions::default()).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    let left = fixture.bytes("same").await;
    assert!(bodies.contains(&left), "{} bytes are nobody's", left.len());
    let head = fixture
        .blobs
        .head(key("same"))
        .await
        .unwrap()
        .expect("the object");
    assert_eq!(head.size, left.len() as u64);
    assert!(head.sha256.is_none_or(|sha256| sha256 == sha256_hex(&left)));
    assert_eq!(fixture.keys("").await, ["same"]);
}

/// With `if_absent` an object that exists stays as it is, and goes on being the one that is found; where
/// there is none it is written. A store without the capability refuses the option and writes nothing.
pub async fn an_object_that_exists_is_kept_where_asked(fixture: &BlobFixture) {
    let put = async |name: &str, bytes: Bytes| {
        let options = PutOptions::default().with_content_type("text/x-late").if_absent();
        fixture.blobs.put(key(name), bytes.into(), options).await
    };
    if !fixture.blobs.capabilities().conditional_put {
        refused(put("new", noise(10, 1)).await, ErrorKind::Unsupported);
        fixture.is_absent("new").await;
        return not_offered("conditional writes");
    }
    let old = noise(40_000, 20);
    fixture.put("old", old.clone()).await;
    let before = fixture.blobs.head(key("old")).await.unwrap();
    // In one request, and in more than one.
    for size in [40_000, 9_000_000] {
        refused(put("old", noise(size, 21)).await, ErrorKind::AlreadyExists);
    }
    assert_eq!(fixture.bytes("old").await, old);
    assert_eq!(fixture.blobs.head(key("old")).await.unwrap(), before);
    for (name, size) in [("new/short", 10), ("new/long", 9_000_000)] {
        let bytes = noise(size, 22);
        put(name, bytes.clone()).await.unwrap();
        assert!(fixture.bytes(name).await == bytes, "{name}");
    }
    fixture.blobs.remove(key("old")).await.unwrap();
    put("old", noise(5, 23)).await.unwrap();
}

/// Of writers that all want to be the first, one succeeds and the others are told.
pub async fn of_many_writers_where_there_is_none_one_succeeds(fixture: &BlobFixture) {
    if !fixture.blobs.capabilities().conditional_put {
        return not_offered("conditional writes");
    }
    for round in 0..5 {
        let name = format!("once/{round}");
        let bodies: Vec<Bytes> = (0..6).map(|n| noise(50_000 + 1_000 * n, n as u64)).collect();
        let writers: Vec<_> = bodies
            .iter()
            .map(|bytes| {
                let (blobs, body, key) = (Arc::clone(&fixture.blobs), pieces(bytes), key(&name));
                let options = PutOptions::default().if_absent();
                tokio::spawn(async move { blobs.put(key, body, options).await })
            })
            .collect();
        let mut winners = Vec::new();
        for (writer, body) in writers.into_iter().zip(&bodies) {
            match writer.await.unwrap() {
                Ok(_) => winners.push(body),
                // A service may see the other write before it is done, and ask for another try.
                Err(error) if error.is_transient() => {}
                refusal => refused(refusal, ErrorKind::AlreadyExists),
            }
        }
        assert_eq!(winners.len(), 1, "one writer is the first");
        assert!(fixture.bytes(&name).await == winners[0], "and its object stays");
    }
}

/// Keys as long as allowed, with segments as long as allowed, and all allowed characters.
pub async fn long_keys_are_written(fixture: &BlobFixture) {
    let names = [
        format!("{}/{}", "a".repeat(255), "b".repeat(255)),
        format!("{}z", "a/".repeat(200)),
        "A-Z_a.z/0..9/.hidden/-x".into(),
    ];
    for name in &names {
        fixture.put(name, Bytes::copy_from_slice(name.as_bytes())).await;
    }
    for name in &names {
        assert_eq!(fixture.bytes(name).await, name.as_bytes());
        assert_eq!(fixture.keys(name).await, std::slice::from_ref(name));
    }
}
