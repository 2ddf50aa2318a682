//! Reading, whole or in part, describing and listing.

use std::{collections::HashMap, io, ops::Range, time::Duration};

use aws_sdk_s3::{
    primitives::{ByteStream as Body, DateTime},
    types::{ChecksumMode, Object},
};
use bytes::Bytes;
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use ocr_core::{
    Error, ErrorKind, Result,
    blob::{Blob, BlobKey, BlobMeta, ByteStream, GetOptions},
    clock::Timestamp,
};

use super::{DIGEST, RequestChecksums, S3BlobStore, digest, error::s3_error};

/// What S3 says of an object that was stored without a type.
const NO_TYPE: &str = "binary/octet-stream";

/// What an answer says of an object.
struct Description {
    size: Option<u64>,
    modified: Option<DateTime>,
    content_type: Option<String>,
    version_id: Option<String>,
    metadata: Option<HashMap<String, String>>,
    checksum_sha256: Option<String>,
}

impl Description {
    fn of(self, key: BlobKey) -> Result<BlobMeta> {
        let noted = self.metadata.and_then(|mut metadata| metadata.remove(DIGEST));
        let computed = || self.checksum_sha256.as_deref().and_then(digest::from_base64);
        let incomplete = || {
            Error::new(
                ErrorKind::Corrupt,
                "the blob storage does not say how large or how old a file is",
            )
            .with_context("key", &key)
        };
        let size = self.size.ok_or_else(incomplete)?;
        let modified_at = whole_seconds(self.modified).ok_or_else(incomplete)?;
        let sha256 = noted.or_else(computed);
        Ok(BlobMeta::new(key, size, modified_at)
            .with_sha256(sha256)
            .with_content_type(self.content_type.filter(|content_type| content_type != NO_TYPE))
            // What a bucket without versions calls its only version.
            .with_version_id(self.version_id.filter(|version| version != "null")))
    }
}

/// Headers tell whole seconds; lists of some servers tell more, of the same moment.
fn whole_seconds(at: Option<DateTime>) -> Option<Timestamp> {
    Timestamp::from_timestamp(at?.secs(), 0)
}

fn bytes(count: Option<i64>) -> Option<u64> {
    count.and_then(|count| u64::try_from(count).ok())
}

impl S3BlobStore {
    pub(super) async fn read(&self, key: BlobKey, options: GetOptions) -> Result<Blob> {
        let Some(range) = options.range else {
            return self.fetch(key, None).await;
        };
        let header = range_header(&range);
        if header.is_none() {
            return self.empty_part(key, range).await;
        }
        match self.fetch(key.clone(), header).await {
            // S3 refuses a range without bytes even at the end of the object.
            Err(error) if error.kind() == ErrorKind::InvalidInput => self.empty_part(key, range).await,
            other => other,
        }
    }

    async fn fetch(&self, key: BlobKey, range: Option<String>) -> Result<Blob> {
        let got = self
            .client
            .get_object()
            .bucket(&self.config.bucket)
            .key(key.as_str())
            .set_range(range)
            .send()
            .await
            .map_err(|error| s3_error("get", error))?;
        let length = bytes(got.content_length);
        let size = match &got.content_range {
            Some(range) => range.rsplit('/').next().and_then(|size| size.parse().ok()),
            None => length,
        };
        let description = Description {
            size,
            modified: got.last_modified,
            content_type: got.content_type,
            version_id: got.version_id,
            metadata: got.metadata,
            checksum_sha256: got.checksum_sha256,
        };
        let body = ByteStream::new(pieces(got.body, self.config.timeouts.idle), length);
        Ok(Blob::new(description.of(key)?, body))
    }

    /// A part of an object that has no bytes, where there is such a part.
    async fn empty_part(&self, key: BlobKey, range: Range<u64>) -> Result<Blob> {
        let meta = self.describe(key).await?.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the stored file does not exist").at("s3", "get")
        })?;
        let within = GetOptions::range(range).within(meta.size);
        within.map_err(|error| error.at("s3", "get"))?;
        Ok(Blob::new(meta, Bytes::new().into()))
    }

    pub(super) async fn describe(&self, key: BlobKey) -> Result<Option<BlobMeta>> {
        let checksums = match self.config.checksums {
            RequestChecksums::Always => Some(ChecksumMode::Enabled),
            RequestChecksums::WhenRequired => None,
        };
        let head = self
            .client
            .head_object()
            .bucket(&self.config.bucket)
            .key(key.as_str())
            .set_checksum_mode(checksums)
            .send()
            .await
            .map_err(|error| s3_error("head", error));
        let head = match head {
            Ok(head) => head,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let description = Description {
            size: bytes(head.content_length),
            modified: head.last_modified,
            content_type: head.content_type,
            version_id: head.version_id,
            metadata: head.metadata,
            checksum_sha256: head.checksum_sha256,
        };
        description.of(key).map(Some)
    }

    pub(super) fn listed(&self, prefix: String) -> BoxStream<'static, Result<BlobMeta>> {
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.config.bucket)
            .prefix(prefix)
            .into_paginator()
            .send();
        stream::poll_fn(move |context| pages.poll_next(context))
            .map_err(|error| s3_error("list", error))
            .map_ok(|page| {
                let objects = page.contents.unwrap_or_default();
                stream::iter(objects.into_iter().filter_map(entry).map(Ok))
            })
            .try_flatten()
            .boxed()
    }
}

/// An object of a list; `None` for one that somebody else put there under a key that is none of ours.
fn entry(object: Object) -> Option<BlobMeta> {
    let (key, size) = (object.key?.parse().ok()?, bytes(object.size)?);
    Some(BlobMeta::new(key, size, whole_seconds(object.last_modified)?))
}

/// The header that asks for `range`; `None` for one that no header can express: without bytes, or
/// further away than any object is large.
fn range_header(range: &Range<u64>) -> Option<String> {
    const FARTHEST: u64 = i64::MAX as u64;
    if range.is_empty() || range.start >= FARTHEST {
        return None;
    }
    let last = range.end.min(FARTHEST) - 1;
    Some(format!("bytes={}-{last}", range.start))
}

/// The pieces of a body, with a limit on the time between two of them.
fn pieces(body: Body, idle: Duration) -> impl futures::Stream<Item = io::Result<Bytes>> + Send {
    let failed = |kind, message| Error::new(kind, message).at("s3", "get");
    stream::try_unfold(body, move |mut body| async move {
        match tokio::time::timeout(idle, body.next()).await {
            Ok(None) => Ok(None),
            Ok(Some(Ok(piece))) => Ok(Some((piece, body))),
            Ok(Some(Err(error))) => {
                let message = "the stored file could not be read to its end";
                Err(io::Error::other(
                    failed(ErrorKind::Unavailable, message).with_source(error),
                ))
            }
            Err(_) => {
                let message = "the blob storage stopped in the middle of a file";
                Err(io::Error::other(failed(ErrorKind::Timeout, message)))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_asked_for_in_terms_every_server_can_read() {
        assert_eq!(range_header(&(0..1)).as_deref(), Some("bytes=0-0"));
        assert_eq!(
            range_header(&(3..u64::MAX)).as_deref(),
            Some("bytes=3-9223372036854775806")
        );
        assert_eq!(range_header(&(5..5)), None);
        assert_eq!(range_header(&(u64::MAX - 1..u64::MAX)), None);
    }
}
