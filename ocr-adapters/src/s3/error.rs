//! From S3's errors to ours.

use std::{error::Error as StdError, fmt::Display};

use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use ocr_core::{Error, ErrorKind};

/// The port error for a failed call of `operation`.
pub(super) fn s3_error<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.code().unwrap_or_default().to_owned();
    let (kind, message) = match &error {
        SdkError::TimeoutError(_) => (ErrorKind::Timeout, "the blob storage did not answer in time"),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            (ErrorKind::Timeout, "the blob storage did not answer in time")
        }
        SdkError::DispatchFailure(failure) if failure.is_io() => {
            (ErrorKind::Unavailable, "the blob storage cannot be reached")
        }
        // Credentials that cannot be loaded end up here; a metadata service may come back.
        SdkError::DispatchFailure(_) => (
            ErrorKind::Unavailable,
            "the blob storage cannot be called; check its endpoint and credentials",
        ),
        SdkError::ConstructionFailure(_) => (
            ErrorKind::Config,
            "no request to the blob storage can be made; check its endpoint and bucket",
        ),
        _ => classify(&code, status.unwrap_or_default()),
    };
    let mut ours = Error::new(kind, message).with_context("code", code);
    if kind == ErrorKind::ChecksumMismatch {
        // Sent again, the bytes may arrive as they are.
        ours = ours.transient(true);
    }
    if let Some(status) = status {
        ours = ours.with_context("status", status);
    }
    ours.with_source(error).at("s3", operation)
}

/// The port error for a failed write of `key`, which may have been one that must not replace an object.
pub(super) fn put_error<E>(error: SdkError<E, HttpResponse>, key: impl Display) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let exists = has_code(&error, "PreconditionFailed");
    let ours = s3_error("put", error);
    if exists {
        return Error::new(ErrorKind::AlreadyExists, "the stored file exists already")
            .with_context("key", key)
            .with_source(ours);
    }
    ours
}

/// The port error for one object of a call of `operation` that failed with this error code.
pub(super) fn answered(operation: &'static str, code: &str) -> Error {
    let (kind, message) = classify(code, 0);
    Error::new(kind, message)
        .with_context("code", code)
        .at("s3", operation)
}

/// Whether the server answered with this error code.
pub(super) fn has_code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>, code: &str) -> bool {
    error.code() == Some(code)
}

/// Kind and sentence for an error code of S3, or for the status of an answer without one.
fn classify(code: &str, status: u16) -> (ErrorKind, &'static str) {
    match code {
        "NoSuchKey" | "NoSuchVersion" | "NotFound" => (ErrorKind::NotFound, "the stored file does not exist"),
        "NoSuchBucket" => (
            ErrorKind::Config,
            "the bucket does not exist; create it with `storage setup`",
        ),
        "NoSuchUpload" => (ErrorKind::Unavailable, "the server gave up the upload meanwhile"),
        "InvalidObjectState" => (
            ErrorKind::Conflict,
            "the stored file was archived; it must be restored in the blob storage first",
        ),
        "InvalidRange" => (ErrorKind::InvalidInput, "the range lies outside the file"),
        "EntityTooLarge" => (
            ErrorKind::TooLarge,
            "the blob storage does not take a file this large",
        ),
        "BadDigest" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch" => (
            ErrorKind::ChecksumMismatch,
            "the bytes were changed on their way to the blob storage",
        ),
        "SlowDown" | "RequestLimitExceeded" | "TooManyRequests" | "BandwidthLimitExceeded" => {
            (ErrorKind::RateLimited, "the blob storage wants fewer requests")
        }
        "ExpiredToken" | "TokenRefreshRequired" => (
            ErrorKind::Unavailable,
            "the credentials of the blob storage have expired",
        ),
        "RequestTimeTooSkewed" => (
            ErrorKind::Config,
            "the clock of this machine differs too much from that of the blob storage",
        ),
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => (
            ErrorKind::Config,
            "the bucket is in another region; set the region of the bucket",
        ),
        "PreconditionFailed" => (ErrorKind::Conflict, "the stored file was changed meanwhile"),
        // S3 asks for another try: the other write may fail yet.
        "ConditionalRequestConflict" => (
            ErrorKind::Unavailable,
            "the stored file is being written by somebody else",
        ),
        "NotImplemented" | "MethodNotAllowed" => (ErrorKind::Unsupported, "this server does not offer that"),
        _ if code.starts_with("KMS.") => (
            ErrorKind::Config,
            "the KMS key cannot be used; check KMS_KEY_ID and the policy of the key",
        ),
        _ => by_status(status),
    }
}

fn by_status(status: u16) -> (ErrorKind, &'static str) {
    match status {
        401 | 403 => (
            ErrorKind::Config,
            "the blob storage refuses these credentials; check them and the policy of the bucket",
        ),
        404 => (ErrorKind::NotFound, "the stored file does not exist"),
        405 | 501 => (ErrorKind::Unsupported, "this server does not offer that"),
        409 | 412 => (ErrorKind::Conflict, "the stored file was changed meanwhile"),
        416 => (ErrorKind::InvalidInput, "the range lies outside the file"),
        429 => (ErrorKind::RateLimited, "the blob storage wants fewer requests"),
        400..=499 => (ErrorKind::Internal, "the blob storage refused a request of ours"),
        _ => (ErrorKind::Unavailable, "the blob storage is not available"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_whether_a_retry_can_help() {
        for (code, status, kind, transient) in [
            ("NoSuchKey", 404, ErrorKind::NotFound, false),
            ("NoSuchBucket", 404, ErrorKind::Config, false),
            ("SlowDown", 503, ErrorKind::RateLimited, true),
            ("InternalError", 500, ErrorKind::Unavailable, true),
            ("", 503, ErrorKind::Unavailable, true),
            ("SignatureDoesNotMatch", 403, ErrorKind::Config, false),
            ("KMS.DisabledException", 400, ErrorKind::Config, false),
            ("", 416, ErrorKind::InvalidInput, false),
        ] {
            let error = Error::new(classify(code, status).0, "");
            assert_eq!(
                (error.kind(), error.is_transient()),
                (kind, transient),
                "{code} {status}"
            );
        }
    }
}
