//! Reading, whole or in part.

use bytes::Bytes;
use ocr_core::{
    ErrorKind,
    blob::{BlobStoreExt, GetOptions, PutOptions},
};

use super::{BlobFixture, bodies::noise, key};
use crate::harness::{not_offered, refused};

async fn range(fixture: &BlobFixture, name: &str, from: u64, to: u64) -> ocr_core::Result<Bytes> {
    let blob = fixture.blobs.get(key(name), GetOptions::range(from..to)).await?;
    blob.body.collect(u64::MAX).await
}

/// Any part of an object can be read, and says the size of the whole.
pub async fn a_range_is_read(fixture: &BlobFixture) {
    let bytes = noise(300_000, 1);
    fixture.put("ranged", bytes.clone()).await;
    for (from, to) in [
        (0, 1),
        (0, 300_000),
        (1, 2),
        (299_999, 300_000),
        (65_535, 65_537),
        (1_000, 200_000),
    ] {
        let part = range(fixture, "ranged", from, to).await.unwrap();
        assert!(part == bytes.slice(from as usize..to as usize), "{from}..{to}");
    }
    let options = GetOptions::range(5..9);
    let blob = fixture.blobs.get(key("ranged"), options).await.unwrap();
    assert_eq!(blob.meta.size, 300_000);
    assert!(blob.body.length().is_none_or(|length| length == 4));
}

/// A range that ends behind the object is cut to it.
pub async fn a_range_beyond_the_end_is_cut(fixture: &BlobFixture) {
    fixture.put("short", Bytes::from_static(b"12345")).await;
    assert_eq!(range(fixture, "short", 3, 100).await.unwrap(), &b"45"[..]);
    assert_eq!(range(fixture, "short", 0, u64::MAX).await.unwrap(), &b"12345"[..]);
}

/// A range that starts behind the object is `InvalidInput`.
pub async fn a_range_behind_the_object_is_refused(fixture: &BlobFixture) {
    fixture.put("short", Bytes::from_static(b"12345")).await;
    refused(range(fixture, "short", 6, 9).await, ErrorKind::InvalidInput);
    refused(
        range(fixture, "short", u64::MAX - 1, u64::MAX).await,
        ErrorKind::InvalidInput,
    );
}

/// Each call says in its own way that there is no such object.
pub async fn an_object_that_does_not_exist_is_not_found(fixture: &BlobFixture) {
    fixture.put("there/file", Bytes::from_static(b"1")).await;
    // The last one is what a file system would call a directory.
    for name in ["missing", "missing/deeper", "there/other", "there"] {
        let got = fixture.blobs.get(key(name), GetOptions::default()).await;
        refused(got, ErrorKind::NotFound);
        assert_eq!(fixture.blobs.head(key(name)).await.unwrap(), None);
        fixture.blobs.remove(key(name)).await.unwrap();
        if let Some(tagging) = fixture.blobs.extensions().tagging {
            refused(tagging.tag(key(name), [].into()).await, ErrorKind::NotFound);
            refused(tagging.tags(key(name)).await, ErrorKind::NotFound);
        }
    }
    assert_eq!(fixture.keys("").await, ["there/file"]);
}

/// The local file of an object has the bytes of its body.
pub async fn a_local_file_holds_the_object(fixture: &BlobFixture) {
    let bytes = noise(100_000, 2);
    fixture.put("local", bytes.clone()).await;
    let blob = fixture
        .blobs
        .get(key("local"), GetOptions::default())
        .await
        .unwrap();
    if !fixture.blobs.capabilities().local_files {
        assert_eq!(blob.local, None);
        return not_offered("local files");
    }
    let path = blob.local.expect("a local file");
    assert!(path.is_absolute(), "{}", path.display());
    assert!(
        std::fs::read(&path).unwrap() == bytes,
        "the file holds the object"
    );
    let options = GetOptions::range(5..9);
    let part = fixture.blobs.get(key("local"), options).await.unwrap();
    assert_eq!(part.body.collect(100).await.unwrap(), bytes.slice(5..9));
    if let Some(path) = part.local {
        assert!(
            std::fs::read(&path).unwrap() == bytes,
            "the file holds the whole object"
        );
    }
}

/// A body that was opened before the object was replaced is that of one version, not of two.
pub async fn a_reader_sees_one_version(fixture: &BlobFixture) {
    let (old, new) = (noise(2_000_000, 3), noise(2_000_000, 4));
    fixture.put("versions", old.clone()).await;
    let blob = fixture
        .blobs
        .get(key("versions"), GetOptions::default())
        .await
        .unwrap();
    let (blobs, body) = (&fixture.blobs, new.clone().into());
    blobs
        .put(key("versions"), body, PutOptions::default())
        .await
        .unwrap();
    // A store may also notice the change and fail the read.
    if let Ok(read) = blob.body.collect(u64::MAX).await {
        assert!(read == old || read == new, "{} bytes of two versions", read.len());
    }
    assert!(fixture.bytes("versions").await == new);
}
