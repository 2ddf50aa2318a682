//! Finds decompression bombs: streams that expand beyond the limit, before the PDF reader expands them.

use std::borrow::Cow;

use hayro::hayro_syntax::{
    Filter, Pdf,
    object::{Dict, Name, Object, Stream},
};

use super::expansion::{Output, expand, ratio};
use crate::{DocumentError, Limits};

/// An image with more than this many times the allowed pixels costs the whole document: patterns and glyphs
/// may draw it, where the survey of a page does not see it.
const HIDDEN_IMAGE: u64 = 4;

/// Checks every stream of the file: page contents, forms, fonts, and the size of images.
///
/// # Errors
/// [`DocumentError::TooComplex`] when one expands to more than [`Limits::max_inflated_bytes`], and
/// [`DocumentError::TooManyPixels`] for an image far over the limit.
pub(super) fn check(pdf: &Pdf, limits: &Limits) -> Result<(), DocumentError> {
    let images = Limits {
        max_page_pixels: limits.max_page_pixels.saturating_mul(HIDDEN_IMAGE),
        ..*limits
    };
    for object in pdf.objects() {
        let Object::Stream(stream) = object else {
            continue;
        };
        if stream.dict().get::<Name<'_>>(b"Subtype").as_deref() == Some(b"Image") {
            check_image(stream.dict(), &images)?;
        } else if expands_beyond(&stream, limits.max_inflated_bytes) {
            return Err(too_large(limits.max_inflated_bytes));
        }
    }
    Ok(())
}

/// Checks the size of an image as it says and as its decoder is told.
///
/// # Errors
/// [`DocumentError::TooManyPixels`].
pub(super) fn check_image(dict: &Dict<'_>, limits: &Limits) -> Result<(), DocumentError> {
    let number = |dict: &Dict<'_>, keys: [&[u8]; 2]| {
        let value = keys.iter().find_map(|&key| dict.get::<i64>(key));
        value.and_then(|value| u64::try_from(value).ok()).unwrap_or(0)
    };
    let width = number(dict, [b"Width", b"W"]);
    let height = number(dict, [b"Height", b"H"]);
    limits.check_pixels(width, height)?;
    for params in decode_params(dict) {
        // A fax decoder takes the width from here.
        limits.check_pixels(number(&params, [b"Columns", b"Columns"]), height)?;
    }
    Ok(())
}

fn decode_params<'a>(dict: &Dict<'a>) -> Vec<Dict<'a>> {
    let params = [&b"DecodeParms"[..], b"DP"]
        .iter()
        .find_map(|&key| dict.get::<Object<'_>>(key));
    match params {
        Some(Object::Dict(dict)) => vec![dict],
        Some(Object::Array(array)) => array.iter::<Object<'_>>().filter_map(Object::into_dict).collect(),
        _ => Vec::new(),
    }
}

/// The error for a stream that expands beyond `limit` bytes.
pub(super) fn too_large(limit: u64) -> DocumentError {
    DocumentError::TooComplex {
        reason: format!("a compressed part of it expands to more than {} MB", limit >> 20),
    }
}

/// Whether a filter of the stream, up to the one that decodes its pixels, makes more than `limit` bytes.
///
/// Most streams are too short to do so whatever they hold; the others are expanded once, without
/// keeping the result.
pub(super) fn expands_beyond(stream: &Stream<'_>, limit: u64) -> bool {
    let filters: Vec<Filter> = stream
        .filters()
        .into_iter()
        .filter(|filter| *filter != Filter::Crypt)
        .take_while(|filter| !is_picture(*filter))
        .collect();
    let data: Cow<'_, [u8]> = stream.raw_data();
    let length = data.len() as u64;
    let most = |most: u64, filter: &Filter| most.saturating_mul(ratio(*filter));
    if filters.iter().fold(length, most) <= limit {
        return false;
    }
    expand_beyond(&filters, data, limit)
}

/// Whether one of these filters, which take each other's bytes, makes more than `limit` of them.
pub(super) fn expand_beyond(filters: &[Filter], mut data: Cow<'_, [u8]>, limit: u64) -> bool {
    for (index, filter) in filters.iter().enumerate() {
        let is_last = index + 1 == filters.len();
        let output = expand(*filter, &data, Output::new(limit, !is_last));
        if output.is_beyond() {
            return true;
        }
        data = Cow::Owned(output.into_bytes());
    }
    false
}

fn is_picture(filter: Filter) -> bool {
    matches!(
        filter,
        Filter::DctDecode | Filter::JpxDecode | Filter::Jbig2Decode | Filter::CcittFaxDecode
    )
}
