//! Blobs as files of a directory.

use std::{sync::Arc, time::Duration};

use ocr_adapters::{
    DiskRoom,
    fs::{FsBlobStore, UrlSigner},
};
use ocr_core::{
    ErrorKind,
    blob::{BlobStore, BlobStoreExt, ByteStream, GetOptions, PresignRequest, PutOptions},
    clock::SystemClock,
};
use ocr_testkit::{blob::BlobFixture, harness::TestTime};

async fn fresh() -> BlobFixture {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FsBlobStore::open(folder.path(), Arc::new(SystemClock)).unwrap();
    let blobs = blobs.with_signer(UrlSigner::new([1; 32]));
    BlobFixture::new(Arc::new(blobs), TestTime::real()).with_guard(folder)
}

ocr_testkit::blob_conformance!(fresh);

#[tokio::test]
async fn nothing_is_left_of_an_upload_that_broke_off() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FsBlobStore::open(folder.path(), Arc::new(SystemClock)).unwrap();
    let pieces = [
        Ok(bytes::Bytes::from_static(b"half")),
        Err(std::io::Error::other("gone")),
    ];
    let body = ByteStream::new(futures::stream::iter(pieces), None);
    blobs
        .put("uploads/a/b".parse().unwrap(), body, PutOptions::default())
        .await
        .unwrap_err();
    let left = std::fs::read_dir(folder.path().join("tmp")).unwrap().count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn what_a_crash_left_behind_is_removed_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    FsBlobStore::open(folder.path(), Arc::new(SystemClock)).unwrap();
    let [old, current] = ["old", "current"].map(|name| folder.path().join("tmp").join(name));
    for path in [&old, &current] {
        std::fs::write(path, b"x").unwrap();
    }
    let written = std::fs::metadata(&old)
        .and_then(|metadata| metadata.modified())
        .unwrap();
    let long_ago = written - std::time::Duration::from_hours(25);
    std::fs::File::options()
        .append(true)
        .open(&old)
        .and_then(|file| file.set_modified(long_ago))
        .unwrap();
    FsBlobStore::open(folder.path(), Arc::new(SystemClock)).unwrap();
    assert!(!old.exists());
    assert!(current.exists(), "another process may be writing it");
}

#[tokio::test]
async fn a_checksum_that_may_belong_to_other_bytes_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FsBlobStore::open(folder.path(), Arc::new(SystemClock)).unwrap();
    let key: ocr_core::blob::BlobKey = "uploads/a/b".parse().unwrap();
    let body = || ByteStream::from(bytes::Bytes::from_static(b"whole"));
    blobs
        .put(key.clone(), body(), PutOptions::default())
        .await
        .unwrap();
    std::fs::write(folder.path().join("objects/uploads/a/b"), b"torn").unwrap();
    assert_eq!(blobs.head(key.clone()).await.unwrap().unwrap().sha256, None);
    let read = blobs
        .get(key, GetOptions::default())
        .await
        .unwrap()
        .body
        .collect(100)
        .await
        .unwrap();
    assert_eq!(&read[..], b"torn");
}

#[tokio::test]
async fn a_store_without_a_key_gives_no_links() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FsBlobStore::open(folder.path(), Arc::new(SystemClock)).unwrap();
    assert!(blobs.extensions().signing.is_none() && blobs.extensions().grants.is_none());
    let request = PresignRequest::Get {
        expires_in: Duration::from_secs(1),
        filename: String::new(),
        content_type: String::new(),
    };
    let error = blobs.presign("a".parse().unwrap(), request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_disk_without_room_is_told_and_nothing_is_left_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = FsBlobStore::open(folder.path(), Arc::new(SystemClock))
        .unwrap()
        .with_room(DiskRoom::new(folder.path(), u64::MAX));
    let key: ocr_core::blob::BlobKey = "uploads/a/b".parse().unwrap();
    let put = blobs.put(
        key.clone(),
        ByteStream::from(bytes::Bytes::from_static(b"x")),
        PutOptions::default(),
    );
    assert_eq!(put.await.unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(blobs.check().await.unwrap_err().kind(), ErrorKind::StorageFull);
    blobs.remove(key).await.unwrap();
    assert_eq!(std::fs::read_dir(folder.path().join("tmp")).unwrap().count(), 0);
}
