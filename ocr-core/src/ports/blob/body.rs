//! The bytes of an object on their way.

use std::{fmt, io};

use bytes::{Bytes, BytesMut};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};

use crate::{Error, ErrorKind, Result};

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

    /// The same body, which ends with `InvalidInput` when it has fewer than `length` bytes and with
    /// `TooLarge` when it has more.
    pub fn exactly(self, length: u64) -> Self {
        let pieces = stream::try_unfold((self.inner, 0_u64), move |(mut inner, before)| async move {
            let Some(piece) = inner.next().await.transpose()? else {
                let short = Error::new(
                    ErrorKind::InvalidInput,
                    format!("the body must have exactly {length} bytes"),
                );
                return if before < length {
                    Err(io::Error::other(short))
                } else {
                    Ok(None)
                };
            };
            let received = before.saturating_add(piece.len() as u64);
            if received > length {
                return Err(io::Error::other(too_large(length)));
            }
            Ok(Some((piece, (inner, received))))
        });
        Self::new(pieces, Some(length))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn peeking_loses_nothing() {
        let pieces = [&b"%P"[..], b"DF-1.7", b" rest"].map(|p| Ok(Bytes::from_static(p)));
        let (head, body) = ByteStream::new(stream::iter(pieces), None).peek(5).await.unwrap();
        assert_eq!(&head[..5], b"%PDF-");
        assert_eq!(&body.collect(100).await.unwrap()[..], b"%PDF-1.7 rest");
    }

    #[tokio::test]
    async fn a_body_of_exact_length_has_that_length() {
        let body = || ByteStream::from(Bytes::from_static(b"12345"));
        assert_eq!(&body().exactly(5).collect(9).await.unwrap()[..], b"12345");
        for (length, kind) in [(6, ErrorKind::InvalidInput), (4, ErrorKind::TooLarge)] {
            assert_eq!(body().exactly(length).collect(9).await.unwrap_err().kind(), kind);
        }
    }

    #[tokio::test]
    async fn collecting_stops_at_the_limit() {
        let body = ByteStream::from(Bytes::from_static(b"12345"));
        assert_eq!(body.collect(4).await.unwrap_err().kind(), ErrorKind::TooLarge);
    }
}
