//! The BlobStore port: the bytes of documents and results, streamed.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    io,
    ops::Range,
    path::PathBuf,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};

use crate::{Error, ErrorKind, Result, clock::Timestamp};

/// The bytes of documents and results.
///
/// Every method may be dropped at any await point; a dropped `put` leaves nothing visible.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait BlobStore: fmt::Debug + Send + Sync + 'static {
    /// Short lower-case name for logs and metrics: `fs`.
    fn name(&self) -> &'static str;

    /// The bucket or root recorded with each file.
    fn bucket(&self) -> String;

    /// What this adapter can do; fixed after construction.
    fn capabilities(&self) -> BlobCapabilities;

    /// What this adapter offers beyond the port: see [`BlobExtensions`]. Fixed after construction, cheap.
    fn extensions(&self) -> BlobExtensions;

    /// Succeeds when the store can be used now.
    async fn check(&self) -> Result<()>;

    /// Writes a whole object.
    ///
    /// # Behavior
    /// - The object is durable when this returns; no reader ever sees a part of it.
    /// - More than `max_bytes` is `TooLarge`, a wrong `sha256` is `ChecksumMismatch`, an error of `body`
    ///   is passed on; nothing is left behind in each case.
    /// - With `if_absent`, an object that exists stays as it is and the answer is `AlreadyExists`: of
    ///   several writers at once exactly one succeeds.
    /// - Memory used does not grow with the size of the object.
    async fn put(&self, key: BlobKey, body: ByteStream, options: PutOptions) -> Result<BlobMeta>;

    /// Reads an object, or a part of it.
    ///
    /// # Behavior
    /// - `NotFound` when there is none.
    /// - A range that ends behind the object is cut to it; one that starts behind it is `InvalidInput`.
    async fn get(&self, key: BlobKey, options: GetOptions) -> Result<Blob>;

    /// What is known of an object; `None` when there is none.
    async fn head(&self, key: BlobKey) -> Result<Option<BlobMeta>>;

    /// Removes objects; one that does not exist is removed already.
    ///
    /// When some cannot be removed the others are, and the error is that of one of the first.
    async fn delete(&self, keys: Vec<BlobKey>) -> Result<()>;

    /// Objects whose key starts with `prefix`, in no particular order.
    async fn list(&self, prefix: String) -> Result<BoxStream<'static, Result<BlobMeta>>>;
}

/// What a blob adapter offers beyond [`BlobStore`]. A new extension is a new member here, so that adapters
/// which do not know of it go on compiling and simply do not offer it.
///
/// An extension works on the objects of the store that gave it, and lives as long as whoever holds it.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct BlobExtensions {
    /// URLs that let their bearer read or write one object for a while.
    pub signing: Option<Arc<dyn SignUrls>>,
    /// What the URLs of `signing` allow, where they lead to the program that composed the platform and not
    /// to a server of the store.
    pub grants: Option<Arc<dyn VerifyUrls>>,
    /// Labels of objects.
    pub tagging: Option<Arc<dyn TagBlobs>>,
}

impl BlobExtensions {
    /// No extension at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Offers signed URLs.
    pub fn with_signing(mut self, signing: Arc<dyn SignUrls>) -> Self {
        self.signing = Some(signing);
        self
    }

    /// Says what signed URLs that lead to this program allow.
    pub fn with_grants(mut self, grants: Arc<dyn VerifyUrls>) -> Self {
        self.grants = Some(grants);
        self
    }

    /// Offers tags.
    pub fn with_tagging(mut self, tagging: Arc<dyn TagBlobs>) -> Self {
        self.tagging = Some(tagging);
        self
    }
}

/// Signs URLs that let their bearer read or write one object for a while.
#[async_trait]
pub trait SignUrls: fmt::Debug + Send + Sync + 'static {
    /// A URL for one object. A URL for writing works once: an object that exists is never replaced.
    async fn presign(&self, key: BlobKey, request: PresignRequest) -> Result<PresignedRequest>;
}

/// Verifies URLs of [`SignUrls`] that lead to the program itself.
pub trait VerifyUrls: fmt::Debug + Send + Sync + 'static {
    /// What a request with `method` for `key` may do now, by the `query` of its URL (without `?`).
    ///
    /// # Errors
    /// `PermissionDenied` when the signature is wrong, was made for something else, or has expired.
    fn verify(&self, method: &str, key: &BlobKey, query: &str) -> Result<BlobGrant>;
}

/// Labels objects.
#[async_trait]
pub trait TagBlobs: fmt::Debug + Send + Sync + 'static {
    /// Replaces the tags of an object. `NotFound` when there is none.
    async fn tag(&self, key: BlobKey, tags: BTreeMap<String, String>) -> Result<()>;

    /// The tags of an object. `NotFound` when there is none.
    async fn tags(&self, key: BlobKey) -> Result<BTreeMap<String, String>>;
}

/// What the bearer of a valid URL may do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlobGrant {
    /// Read the object.
    Get {
        /// The name to save it under.
        filename: String,
        /// MIME type of the answer.
        content_type: String,
    },
    /// Write the object.
    Put {
        /// Size in bytes the body must have.
        length: u64,
        /// SHA-256 the body must have, lower-case hex, when it is known.
        sha256: Option<String>,
        /// MIME type to record.
        content_type: String,
    },
}

/// What a blob adapter can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct BlobCapabilities {
    /// Whether objects survive the end of the process.
    pub durable: bool,
    /// Whether [`Blob::local`] names a file that can be read in place.
    pub local_files: bool,
    /// Whether [`PutOptions::if_absent`] is kept; an adapter without it answers `Unsupported`.
    pub conditional_put: bool,
}

impl BlobCapabilities {
    /// A store whose objects survive the end of the process.
    pub const fn durable() -> Self {
        Self {
            durable: true,
            local_files: false,
            conditional_put: false,
        }
    }

    /// A store whose objects end with the process.
    pub const fn volatile() -> Self {
        Self {
            durable: false,
            ..Self::durable()
        }
    }

    /// The same, with objects that are files which can be read in place.
    pub const fn with_local_files(self) -> Self {
        Self {
            local_files: true,
            ..self
        }
    }

    /// The same, able to write an object only where there is none.
    pub const fn with_conditional_put(self) -> Self {
        Self {
            conditional_put: true,
            ..self
        }
    }
}

/// The key of an object: segments joined by `/`. Parsed, so that it can never leave its root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey(String);

impl BlobKey {
    /// Longest key in bytes; the limit of S3 is 1024, our column holds 512.
    pub const MAX_LEN: usize = 512;

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BlobKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let segment_ok = |segment: &str| {
            !segment.is_empty()
                && segment.len() <= 255
                && segment != "."
                && segment != ".."
                && segment
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        if text.len() <= Self::MAX_LEN && text.split('/').all(segment_ok) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::new(ErrorKind::InvalidInput, "the blob key is malformed"))
        }
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A body that arrives piece by piece.
pub struct ByteStream {
    inner: BoxStream<'static, io::Result<Bytes>>,
    length: Option<u64>,
}

impl ByteStream {
    /// A body from a stream, with its length in bytes when it is known.
    pub fn new(
        stream: impl futures::Stream<Item = io::Result<Bytes>> + Send + 'static,
        length: Option<u64>,
    ) -> Self {
        Self {
            inner: stream.boxed(),
            length,
        }
    }

    /// Length in bytes, when it is known beforehand.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The next piece.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        self.inner.next().await
    }

    /// The pieces as a stream.
    pub fn into_stream(self) -> BoxStream<'static, io::Result<Bytes>> {
        self.inner
    }

    /// The whole body; `TooLarge` beyond `limit` bytes.
    pub async fn collect(mut self, limit: u64) -> Result<Bytes> {
        let mut all = BytesMut::new();
        while let Some(piece) = self.next().await {
            let piece = piece.map_err(body_error)?;
            if (all.len() + piece.len()) as u64 > limit {
                return Err(too_large(limit));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// Reads until at least `want` bytes are there or the body ends; returns them and the whole body.
    pub async fn peek(mut self, want: usize) -> io::Result<(Bytes, Self)> {
        let mut head = BytesMut::new();
        while head.len() < want {
            match self.next().await {
                Some(piece) => head.extend_from_slice(&piece?),
                None => break,
            }
        }
        let head = head.freeze();
        let first = stream::iter((!head.is_empty()).then(|| Ok(head.clone())));
        Ok((
            head,
            Self {
                inner: first.chain(self.inner).boxed(),
                length: self.length,
            },
        ))
    }
}

impl From<Bytes> for ByteStream {
    fn from(bytes: Bytes) -> Self {
        let length = bytes.len() as u64;
        Self::new(stream::iter([Ok(bytes)]), Some(length))
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// The error for a body over its limit.
pub fn too_large(limit: u64) -> Error {
    Error::new(
        ErrorKind::TooLarge,
        format!("the file is larger than the limit of {limit} bytes"),
    )
    .with_context("limit", limit)
}

/// The error for a body that broke off.
pub fn body_error(error: io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(ours) => ours,
        Err(other) => Error::new(
            ErrorKind::InvalidInput,
            "the upload broke off before it was complete",
        )
        .with_source(other),
    }
}

/// How an object is to be written.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PutOptions {
    /// MIME type recorded with the object.
    pub content_type: Option<String>,
    /// Maximum number of bytes the body may have.
    pub max_bytes: Option<u64>,
    /// SHA-256 the body must have, lower-case hex.
    pub sha256: Option<String>,
    /// Whether an object that exists must stay as it is.
    pub if_absent: bool,
}

impl PutOptions {
    /// Records the MIME type of the object.
    pub fn with_content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Refuses a body of more than `max_bytes` bytes.
    pub fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = Some(max_bytes);
        self
    }

    /// Refuses a body whose SHA-256 (lower-case hex) is another one; `None` takes any.
    pub fn with_sha256(mut self, sha256: Option<String>) -> Self {
        self.sha256 = sha256;
        self
    }

    /// Writes only where there is no object yet.
    pub fn if_absent(mut self) -> Self {
        self.if_absent = true;
        self
    }

    /// `ChecksumMismatch` when the body was to have another SHA-256 than `found` (lower-case hex).
    pub fn verify_sha256(&self, found: &str) -> Result<()> {
        match &self.sha256 {
            Some(expected) if expected != found => Err(Error::new(
                ErrorKind::ChecksumMismatch,
                "the file does not have the announced SHA-256",
            )),
            _ => Ok(()),
        }
    }
}

/// Which part of an object is wanted.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct GetOptions {
    /// First byte and the byte after the last; everything when absent.
    pub range: Option<Range<u64>>,
}

impl GetOptions {
    /// Only these bytes; a range that ends behind the object is cut to it.
    pub fn range(range: Range<u64>) -> Self {
        Self { range: Some(range) }
    }

    /// The bytes wanted of an object of `size` bytes.
    ///
    /// # Errors
    /// `InvalidInput` when the range starts behind the object or ends before it starts.
    pub fn within(&self, size: u64) -> Result<Range<u64>> {
        let range = self.range.clone().unwrap_or(0..size);
        if range.start > size || range.start > range.end {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "the range lies outside the file",
            ));
        }
        Ok(range.start..range.end.min(size))
    }
}

/// The error for an object that is to be written only once.
pub fn already_exists(key: &BlobKey) -> Error {
    Error::new(ErrorKind::AlreadyExists, "the stored file exists already").with_context("key", key)
}

/// What is known of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobMeta {
    /// Its key.
    pub key: BlobKey,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, lower-case hex, when the store knows it.
    pub sha256: Option<String>,
    /// MIME type, when it was recorded.
    pub content_type: Option<String>,
    /// Version, where the store keeps versions.
    pub version_id: Option<String>,
    /// When it was last written.
    pub modified_at: Timestamp,
}

impl BlobMeta {
    /// An object of `size` bytes, last written at `modified_at`, of which nothing else is known.
    pub fn new(key: BlobKey, size: u64, modified_at: Timestamp) -> Self {
        Self {
            key,
            size,
            sha256: None,
            content_type: None,
            version_id: None,
            modified_at,
        }
    }

    /// Adds the SHA-256 of its bytes, lower-case hex, when it is known.
    pub fn with_sha256(mut self, sha256: Option<String>) -> Self {
        self.sha256 = sha256;
        self
    }

    /// Adds its MIME type, when it was recorded.
    pub fn with_content_type(mut self, content_type: Option<String>) -> Self {
        self.content_type = content_type;
        self
    }

    /// Adds its version, where the store keeps versions.
    pub fn with_version_id(mut self, version_id: Option<String>) -> Self {
        self.version_id = version_id;
        self
    }
}

/// An object being read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Blob {
    /// What is known of it.
    pub meta: BlobMeta,
    /// The bytes asked for.
    pub body: ByteStream,
    /// A file that holds the whole object, if it can be read in place. Never write to it.
    pub local: Option<PathBuf>,
}

impl Blob {
    /// An object, or the part of it that was asked for.
    pub fn new(meta: BlobMeta, body: ByteStream) -> Self {
        Self {
            meta,
            body,
            local: None,
        }
    }

    /// Names the file that holds the whole object.
    pub fn with_local(mut self, local: Option<PathBuf>) -> Self {
        self.local = local;
        self
    }
}

/// The `Content-Disposition` of a download saved as `filename`, for old and new browsers (RFC 6266,
/// RFC 8187). Whatever the name holds, the value is printable ASCII.
pub fn attachment(filename: &str) -> String {
    let plain: String = filename
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut encoded = String::with_capacity(filename.len());
    for byte in filename.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// What a presigned URL allows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PresignRequest {
    /// Read the object, answered as an attachment called `filename`.
    Get {
        /// How long the URL works.
        expires_in: Duration,
        /// The name a browser saves it under.
        filename: String,
        /// MIME type of the answer.
        content_type: String,
    },
    /// Write the object once, with exactly `length` bytes.
    Put {
        /// How long the URL works.
        expires_in: Duration,
        /// Size in bytes of the body.
        length: u64,
        /// SHA-256 the body must have, lower-case hex, when the client knows it.
        sha256: Option<String>,
        /// MIME type of the body.
        content_type: String,
    },
}

impl PresignRequest {
    /// How long the URL works.
    pub fn expires_in(&self) -> Duration {
        match self {
            Self::Get { expires_in, .. } | Self::Put { expires_in, .. } => *expires_in,
        }
    }
}

/// A request anybody may send for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedRequest {
    /// `GET` or `PUT`.
    pub method: String,
    /// Absolute, or a path on the server that gave it.
    pub url: String,
    /// Headers that must be sent with it.
    pub headers: BTreeMap<String, String>,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl PresignedRequest {
    /// The request `method` at `url`, with the headers that must be sent with it.
    pub fn new(
        method: impl Into<String>,
        url: impl Into<String>,
        headers: BTreeMap<String, String>,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers,
            expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_cannot_leave_their_root() {
        for bad in [
            "", "/a", "a/", "a//b", "../a", "a/..", "a/./b", "a\\b", "a b", "a\0", "C:/a", "ü",
        ] {
            assert!(bad.parse::<BlobKey>().is_err(), "{bad:?}");
        }
        assert!("uploads/0190/0191_scan-1.pdf".parse::<BlobKey>().is_ok());
    }

    proptest! {
        #[test]
        fn a_parsed_key_stays_inside(text in ".{0,40}") {
            if let Ok(key) = text.parse::<BlobKey>() {
                let path = std::path::Path::new(key.as_str());
                prop_assert!(path.is_relative());
                prop_assert!(path.components().all(|c| matches!(c, std::path::Component::Normal(_))));
            }
        }
    }

    #[test]
    fn names_cannot_break_out_of_the_header() {
        let header = attachment("a\"; x=\r\nSet-Cookie: b ü.pdf");
        assert!(
            header.starts_with("attachment; filename=\"a_; x=__Set-Cookie: b _.pdf\""),
            "{header}"
        );
        assert!(
            header.ends_with("filename*=UTF-8''a%22%3B%20x%3D%0D%0ASet-Cookie%3A%20b%20%C3%BC.pdf"),
            "{header}"
        );
    }

    #[tokio::test]
    async fn peeking_loses_nothing() {
        let pieces = [&b"%P"[..], b"DF-1.7", b" rest"].map(|p| Ok(Bytes::from_static(p)));
        let (head, body) = ByteStream::new(stream::iter(pieces), None).peek(5).await.unwrap();
        assert_eq!(&head[..5], b"%PDF-");
        assert_eq!(&body.collect(100).await.unwrap()[..], b"%PDF-1.7 rest");
    }

    #[tokio::test]
    async fn collecting_stops_at_the_limit() {
        let body = ByteStream::from(Bytes::from_static(b"12345"));
        assert_eq!(body.collect(4).await.unwrap_err().kind(), ErrorKind::TooLarge);
    }
}
