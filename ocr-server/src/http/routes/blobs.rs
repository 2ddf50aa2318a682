//! `/blobs/{key}`: what presigned URLs of the directory store lead to.

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use ocr_core::{blob::ByteStream, service::OcrService};

use crate::http::{
    clients::{USER_FILE_POLICY, attachment},
    error::ApiError,
    request::Segments,
};

/// Reads an object, as a download and never as a page of ours.
pub(crate) async fn read(
    State(service): State<OcrService>,
    Segments(key): Segments<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let link = service
        .read_link(&key, query.as_deref().unwrap_or_default())
        .await?;
    let range = byte_range(&headers, link.size);
    let blob = service.open_link(&link, range.clone()).await?;
    let etag = blob.meta.sha256.as_ref().map(|sha256| format!("\"{sha256}\""));
    let length = blob.body.length().unwrap_or(0);
    let mut response = Body::from_stream(blob.body.into_stream()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&link.filename));
    headers.insert(header::CONTENT_SECURITY_POLICY, USER_FILE_POLICY);
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=3600"),
    );
    for (name, value) in [
        (header::CONTENT_TYPE, Some(link.content_type)),
        (header::ETAG, etag),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    if let Some(range) = range {
        let text = format!(
            "bytes {}-{}/{}",
            range.start,
            range.end.saturating_sub(1),
            link.size
        );
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(header::CONTENT_RANGE, value);
        }
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// Writes an object, of exactly the size and checksum that were granted, once.
pub(crate) async fn write(
    State(service): State<OcrService>,
    Segments(key): Segments<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let link = service.write_link(&key, query.as_deref().unwrap_or_default())?;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|announced| announced != link.length) {
        return Err(ApiError::invalid(format!(
            "the body must have exactly {} bytes",
            link.length
        )));
    }
    let sent = headers.get(header::CONTENT_TYPE);
    if sent.is_some_and(|sent| sent.as_bytes() != link.content_type.as_bytes()) {
        return Err(ApiError::invalid(format!(
            "the link was signed for Content-Type: {}",
            link.content_type
        )));
    }
    let body = ByteStream::new(body.into_data_stream().map_err(std::io::Error::other), announced);
    service.fill_link(link, body).await?;
    Ok(StatusCode::OK)
}

/// A single byte range of a `Range` header that lies within `size` bytes; anything else is answered
/// with the whole file, as RFC 9110 allows.
fn byte_range(headers: &HeaderMap, size: u64) -> Option<std::ops::Range<u64>> {
    let text = headers
        .get(header::RANGE)?
        .to_str()
        .ok()?
        .strip_prefix("bytes=")?;
    let (first, last) = text.split_once('-')?;
    let range = match (first.parse::<u64>().ok(), last.parse::<u64>().ok()) {
        (Some(first), Some(last)) if !last.eq(&u64::MAX) => first..(last + 1).min(size),
        (Some(first), None) if last.is_empty() => first..size,
        (None, Some(suffix)) if first.is_empty() => size.saturating_sub(suffix)..size,
        _ => return None,
    };
    (range.start < range.end).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_file() {
        let range = |text: &'static str| {
            byte_range(
                &HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(text))]),
                100,
            )
        };
        assert_eq!(range("bytes=0-9"), Some(0..10));
        assert_eq!(range("bytes=90-1000"), Some(90..100));
        assert_eq!(range("bytes=90-"), Some(90..100));
        assert_eq!(range("bytes=-5"), Some(95..100));
        for odd in [
            "bytes=100-",
            "bytes=5-4",
            "bytes=-",
            "bytes=a-b",
            "items=0-1",
            "bytes=0-1,5-6",
        ] {
            assert_eq!(range(odd), None, "{odd}");
        }
    }
}
