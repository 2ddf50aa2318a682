//! Bodies that arrive in odd ways.

use std::{io, time::Duration};

use bytes::Bytes;
use futures::{StreamExt, stream};
use ocr_core::blob::ByteStream;

/// Bytes that look random and differ by `seed`.
pub(super) fn noise(len: usize, seed: u64) -> Bytes {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .collect()
}

/// The bytes in pieces of uneven size, some of them empty, of unknown length.
pub(super) fn pieces(bytes: &Bytes) -> ByteStream {
    let (mut rest, mut parts, mut size) = (bytes.clone(), vec![Bytes::new()], 1);
    while !rest.is_empty() {
        parts.push(rest.split_to(size.min(rest.len())));
        parts.push(Bytes::new());
        size = size * 3 % 200_003;
    }
    ByteStream::new(stream::iter(parts).map(Ok), None)
}

/// The bytes, and then an error instead of an end.
pub(super) fn broken(bytes: Bytes, error: io::Error) -> ByteStream {
    ByteStream::new(stream::iter([Ok(bytes), Err(error)]), None)
}

/// The bytes, and then a stream that never ends.
pub(super) fn stalled(bytes: Bytes) -> ByteStream {
    ByteStream::new(stream::iter([Ok(bytes)]).chain(stream::pending()), None)
}

/// The bytes in ten pieces with a pause before each.
pub(super) fn slow(bytes: &Bytes, pause: Duration) -> ByteStream {
    let parts: Vec<Bytes> = bytes
        .chunks(bytes.len().div_ceil(10).max(1))
        .map(Bytes::copy_from_slice)
        .collect();
    let paused = stream::iter(parts).then(move |part| async move {
        tokio::time::sleep(pause).await;
        Ok(part)
    });
    ByteStream::new(paused, None)
}
