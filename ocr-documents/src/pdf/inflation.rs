//! Compressed streams that expand beyond reason, found before the PDF reader expands them.

use std::io::{self, Read};

use flate2::read::ZlibDecoder;
use hayro::hayro_syntax::{
    Filter, Pdf,
    object::{Name, Object, Stream},
};

use crate::{DocumentError, Limits};

/// Most bytes that DEFLATE makes of one (a run of 258 bytes takes two bits).
const MAX_RATIO: u64 = 1032;

/// Checks every stream of the file that is not an image: page contents, forms, fonts.
///
/// # Errors
/// [`DocumentError::TooComplex`] when one expands to more than [`Limits::max_inflated_bytes`].
pub(super) fn check(pdf: &Pdf, limits: &Limits) -> Result<(), DocumentError> {
    for object in pdf.objects() {
        if let Object::Stream(stream) = object {
            let is_image = stream.dict().get::<Name<'_>>(b"Subtype").as_deref() == Some(b"Image");
            if !is_image && expands_beyond(&stream, limits.max_inflated_bytes) {
                return Err(too_large(limits.max_inflated_bytes));
            }
        }
    }
    Ok(())
}

/// The error for a stream that expands beyond `limit` bytes.
pub(super) fn too_large(limit: u64) -> DocumentError {
    DocumentError::TooComplex {
        reason: format!("a compressed part of it expands to more than {} MB", limit >> 20),
    }
}

/// Whether the DEFLATE filters in front of the stream's chain expand it beyond `limit` bytes.
///
/// Most streams are too short to do so whatever they hold; the others are inflated once, without
/// keeping the result.
pub(super) fn expands_beyond(stream: &Stream<'_>, limit: u64) -> bool {
    let filters = stream.filters();
    let layers = filters
        .iter()
        .take_while(|filter| **filter == Filter::FlateDecode)
        .count();
    if layers == 0 {
        return false;
    }
    let raw = stream.raw_data();
    let most = (0..layers).fold(raw.len() as u64, |length, _| length.saturating_mul(MAX_RATIO));
    if most <= limit {
        return false;
    }
    let mut reader: Box<dyn Read + '_> = Box::new(&*raw);
    for _ in 0..layers {
        // An inner layer beyond the limit is as bad as the last one.
        reader = Box::new(ZlibDecoder::new(reader.take(limit.saturating_add(1))));
    }
    // Damaged data is left for the PDF reader, which recovers what it can.
    io::copy(&mut reader.take(limit.saturating_add(1)), &mut io::sink()).is_ok_and(|length| length > limit)
}
