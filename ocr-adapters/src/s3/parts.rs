//! A body cut into parts, counted and hashed as it comes.

use bytes::Bytes;
use ocr_core::{
    Result,
    blob::{ByteStream, body_error, too_large},
    digest::ContentHasher,
};

/// A body cut into parts of one size.
#[derive(Debug)]
pub(super) struct Parts {
    body: ByteStream,
    part_size: usize,
    limit: u64,
    /// What has come of the next part.
    left: Bytes,
    size: u64,
    hasher: ContentHasher,
    ended: bool,
}

impl Parts {
    /// Cuts `body`, which may have `limit` bytes.
    pub(super) fn new(body: ByteStream, part_size: usize, limit: Option<u64>) -> Self {
        Self {
            body,
            part_size,
            limit: limit.unwrap_or(u64::MAX),
            left: Bytes::new(),
            size: 0,
            hasher: ContentHasher::default(),
            ended: false,
        }
    }

    /// The next part. It is full, unless the body ended with it.
    ///
    /// # Errors
    /// `TooLarge` beyond the limit; errors of the body.
    pub(super) async fn next(&mut self) -> Result<Bytes> {
        let mut part = Vec::new();
        loop {
            let room = self.part_size - part.len();
            if room > 0 && !self.left.is_empty() {
                let piece = self.left.split_to(room.min(self.left.len()));
                append(&mut part, &piece, self.part_size);
            } else if !self.left.is_empty() {
                // Full, and there is more: this is not the last part.
                return Ok(part.into());
            } else if let Some(piece) = self.receive().await? {
                self.left = piece;
            } else {
                self.ended = true;
                return Ok(part.into());
            }
        }
    }

    /// Whether the part given last was the last one.
    pub(super) fn is_at_end(&self) -> bool {
        self.ended
    }

    /// Bytes and SHA-256 of what was given.
    pub(super) fn finish(self) -> (u64, String) {
        (self.size, self.hasher.finish())
    }

    async fn receive(&mut self) -> Result<Option<Bytes>> {
        while let Some(piece) = self.body.next().await {
            let piece = piece.map_err(body_error)?;
            self.size = self.size.saturating_add(piece.len() as u64);
            if self.size > self.limit {
                return Err(too_large(self.limit));
            }
            if !piece.is_empty() {
                self.hasher.update(&piece);
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }
}

/// Appends to a part, whose buffer never grows beyond `part_size` bytes.
fn append(part: &mut Vec<u8>, piece: &[u8], part_size: usize) {
    let needed = part.len() + piece.len();
    if needed > part.capacity() {
        let capacity = (2 * part.capacity()).clamp(needed, part_size.max(needed));
        part.reserve_exact(capacity - part.len());
    }
    part.extend_from_slice(piece);
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{StreamExt, stream};
    use ocr_core::{ErrorKind, digest::sha256_hex};

    /// Parts of up to four bytes of the pieces between the bars.
    async fn cut(pieces: &'static str, limit: Option<u64>) -> Result<(Vec<Bytes>, u64, String)> {
        let pieces = stream::iter(pieces.split('|')).map(|piece| Ok(piece.into()));
        let mut parts = Parts::new(ByteStream::new(pieces, None), 4, limit);
        let mut all = Vec::new();
        while !parts.is_at_end() {
            all.push(parts.next().await?);
        }
        let (size, sha256) = parts.finish();
        Ok((all, size, sha256))
    }

    #[tokio::test]
    async fn parts_are_full_but_the_last() {
        for (pieces, expected) in [
            ("", &[""][..]),
            ("abcd", &["abcd"]),
            ("abcd|", &["abcd"]),
            ("abcdefghi", &["abcd", "efgh", "i"]),
            ("a||bc|de", &["abcd", "e"]),
        ] {
            let (parts, size, sha256) = cut(pieces, None).await.unwrap();
            assert_eq!(parts, expected);
            let whole = expected.concat();
            assert_eq!((size, sha256), (whole.len() as u64, sha256_hex(whole)));
        }
    }

    #[tokio::test]
    async fn a_body_over_its_limit_is_refused() {
        assert!(cut("abc|de", Some(5)).await.is_ok());
        let error = cut("abc|def", Some(5)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }

    #[test]
    fn the_buffer_of_a_part_stays_within_the_part() {
        let mut part = Vec::new();
        for _ in 0..100 {
            append(&mut part, &[0; 10], 1_000);
            assert!(part.capacity() <= 1_000);
        }
    }
}
