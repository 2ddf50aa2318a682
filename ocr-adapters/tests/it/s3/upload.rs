//! Uploads in parts, and what is left of those that fail.

use std::{io, time::Duration};

use bytes::Bytes;
use futures::{StreamExt, stream};
use ocr_core::{
    ErrorKind,
    blob::{BlobStore, ByteStream, PutOptions},
    digest::sha256_hex,
};
use ocr_testkit::harness::refused;

use super::{PART, body, bytes, key, read, server};

#[tokio::test]
async fn a_long_body_is_sent_in_parts() {
    let (server, blobs) = server().await;
    for len in [PART - 1, PART, PART + 1, 3 * PART, 4 * PART + 12_345] {
        let all = bytes(len);
        let options = PutOptions::default().with_content_type("application/pdf");
        let put = blobs.put(key("a"), body(&all), options).await.unwrap();
        assert_eq!((put.size, put.sha256), (len as u64, Some(sha256_hex(&all))));
        assert!(read(&blobs, "a").await == all, "{len} bytes come back");
        let head = blobs.head(key("a")).await.unwrap().unwrap();
        assert_eq!(head.content_type.as_deref(), Some("application/pdf"));
    }
    assert_eq!(server.open_uploads(), 0);
}

#[tokio::test]
async fn the_digest_stays_with_the_object_where_it_was_known_in_time() {
    let (_server, blobs) = server().await;
    let (short, long) = (bytes(1_000), bytes(PART + 1));
    let announced = PutOptions::default().with_sha256(Some(sha256_hex(&long)));
    for (name, all, options, known) in [
        ("short", &short, PutOptions::default(), true),
        ("announced", &long, announced, true),
        ("long", &long, PutOptions::default(), false),
    ] {
        blobs.put(key(name), body(all), options).await.unwrap();
        let head = blobs.head(key(name)).await.unwrap().unwrap();
        assert_eq!(head.sha256, known.then(|| sha256_hex(all)), "{name}");
    }
}

#[tokio::test]
async fn nothing_is_left_of_an_upload_that_fails_in_the_middle() {
    let (server, blobs) = server().await;
    let long = bytes(2 * PART + 1);
    let broken = stream::iter([Ok(long.clone()), Err(io::Error::other("gone"))]);
    let limited = PutOptions::default().with_max_bytes(2 * PART as u64);
    let announced = PutOptions::default().with_sha256(Some(sha256_hex(b"something else")));
    for (sent, options, kind) in [
        (
            ByteStream::new(broken, None),
            PutOptions::default(),
            ErrorKind::InvalidInput,
        ),
        (body(&long), limited, ErrorKind::TooLarge),
        (body(&long), announced, ErrorKind::ChecksumMismatch),
    ] {
        refused(blobs.put(key("a"), sent, options).await, kind);
        assert_eq!(blobs.head(key("a")).await.unwrap(), None);
        assert_eq!(server.open_uploads(), 0);
    }
}

#[tokio::test]
async fn nothing_is_left_of_an_upload_that_is_dropped() {
    let (server, blobs) = server().await;
    let stalled = stream::iter([Ok(bytes(2 * PART + 1))]).chain(stream::pending());
    let put = blobs.put(key("a"), ByteStream::new(stalled, None), PutOptions::default());
    let begun = async {
        while server.open_uploads() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        _ = put => panic!("the body has not ended"),
        () = begun => {}
    }
    while server.open_uploads() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(blobs.head(key("a")).await.unwrap(), None);
}

#[tokio::test]
async fn many_uploads_at_once_do_not_mix() {
    let (_server, blobs) = server().await;
    let bodies: Vec<Bytes> = (0..4).map(|n| bytes(PART + 1 + n)).collect();
    let puts = bodies.iter().enumerate().map(|(n, all)| {
        let name = key(&format!("many/{n}"));
        blobs.put(name, body(all), PutOptions::default())
    });
    for put in futures::future::join_all(puts).await {
        put.unwrap();
    }
    for (n, all) in bodies.iter().enumerate() {
        assert!(read(&blobs, &format!("many/{n}")).await == *all);
    }
}
