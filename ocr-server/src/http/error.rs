//! From the platform's errors to HTTP answers, in one function.

use std::error::Error as StdError;

use axum::{
    extract::{multipart::MultipartError, rejection::JsonRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ocr_core::{Error, ErrorKind, correction_store::present_version, search::QueryError};
use tower_http::timeout::TimeoutError;

use super::{
    body::{MAX_JSON, SlowBody},
    problem::Problem,
};

/// Seconds a client should wait when a dependency is down and did not say how long.
const DEFAULT_RETRY_AFTER: u64 = 5;

/// Characters of an unknown name that an error repeats.
const SHOWN: usize = 40;

/// An unknown name as an error may repeat it.
pub(crate) fn shown(name: &str) -> String {
    name.chars()
        .filter(|character| !character.is_control())
        .take(SHOWN)
        .collect()
}

/// The error of every handler.
#[derive(Debug)]
pub(crate) struct ApiError {
    error: Error,
    /// Characters of a query before the one at which the error shows.
    position: Option<usize>,
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self {
            error,
            position: None,
        }
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        Self {
            position: Some(error.position),
            error: Error::new(ErrorKind::InvalidInput, error.message),
        }
    }
}

impl From<MultipartError> for ApiError {
    fn from(error: MultipartError) -> Self {
        let kind = match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ErrorKind::TooLarge,
            _ => ErrorKind::InvalidInput,
        };
        let message = format!("the form cannot be read: {}", error.body_text());
        Error::new(kind, message).with_source(error).into()
    }
}

impl From<JsonRejection> for ApiError {
    fn from(error: JsonRejection) -> Self {
        let kind = match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ErrorKind::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorKind::UnsupportedMediaType,
            _ => ErrorKind::InvalidInput,
        };
        Error::new(kind, json_detail(&error)).with_source(error).into()
    }
}

/// What is wrong with a JSON body, in the words of somebody who wrote it.
fn json_detail(error: &JsonRejection) -> String {
    let text = error.body_text();
    let cause = |told: &str| {
        text.strip_prefix(told)
            .unwrap_or(&text)
            .trim_start_matches(": ")
            .to_owned()
    };
    match error {
        JsonRejection::JsonDataError(_) => format!(
            "the body is not as described at /docs: {}",
            cause("Failed to deserialize the JSON body into the target type")
        ),
        JsonRejection::JsonSyntaxError(_) => format!(
            "the body is not JSON: {}",
            cause("Failed to parse the request body as JSON")
        ),
        JsonRejection::MissingJsonContentType(_) => {
            "send the body with Content-Type: application/json".into()
        }
        _ if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            format!("the body has more than {MAX_JSON} bytes, the maximum at this address")
        }
        _ => "the body broke off before it was complete".into(),
    }
}

impl ApiError {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::InvalidInput, message).into()
    }

    /// The stable code of the error.
    pub(crate) fn code(&self) -> &'static str {
        if self.was_slow() {
            return ErrorKind::Timeout.as_str();
        }
        match self.error.kind() {
            // One code for what is not supported; the status says whether it is the type or something else.
            ErrorKind::UnsupportedMediaType => ErrorKind::Unsupported.as_str(),
            kind => kind.as_str(),
        }
    }

    /// Whether the body of the request did not come in time, whatever reading it was part of.
    fn was_slow(&self) -> bool {
        let first: Option<&(dyn StdError + 'static)> = self.error.source();
        std::iter::successors(first, |&error| error.source())
            .any(|error| error.is::<TimeoutError>() || error.is::<SlowBody>())
    }

    /// The sentence for the client; nothing of our own defects is told.
    pub(crate) fn detail(&self) -> String {
        match self.error.kind() {
            _ if self.was_slow() => "the body of the request did not arrive in time; send it again".into(),
            ErrorKind::Internal | ErrorKind::Config => {
                "an internal error occurred; the server log has the details".into()
            }
            _ => self.error.message().to_owned(),
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self.error.kind() {
            _ if self.was_slow() => StatusCode::REQUEST_TIMEOUT,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::AlreadyExists | ErrorKind::Conflict | ErrorKind::LeaseLost | ErrorKind::Cancelled => {
                StatusCode::CONFLICT
            }
            ErrorKind::InvalidInput
            | ErrorKind::PasswordRequired
            | ErrorKind::TooManyPages
            | ErrorKind::TooManyPixels
            | ErrorKind::OutOfMemory
            | ErrorKind::OutOfTime
            | ErrorKind::Crashed
            | ErrorKind::ChecksumMismatch
            | ErrorKind::Unsupported => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            ErrorKind::PermissionDenied => StatusCode::FORBIDDEN,
            ErrorKind::RateLimited | ErrorKind::QuotaExceeded => StatusCode::TOO_MANY_REQUESTS,
            ErrorKind::Unavailable | ErrorKind::NoEngine => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            ErrorKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = ?self.error, "a request failed");
        } else {
            tracing::debug!(error = ?self.error, "a request was refused");
        }
        let mut response = Problem::new(status, self.code(), self.detail())
            .at(self.position)
            .at_version(present_version(&self.error))
            .into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        // Waiting alone brings no engine.
        let worth_waiting = self.error.kind() != ErrorKind::NoEngine
            && matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS
                    | StatusCode::SERVICE_UNAVAILABLE
                    | StatusCode::INSUFFICIENT_STORAGE
            );
        if worth_waiting {
            let seconds = self
                .error
                .retry_after()
                .map_or(DEFAULT_RETRY_AFTER, |delay| delay.as_secs().max(1));
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::{io, time::Duration};

    use axum::{
        body::{Body, Bytes},
        extract::{FromRequest, Multipart, Request},
    };
    use futures::{TryStreamExt, stream};
    use ocr_core::blob::body_error;
    use tower_http::timeout::TimeoutBody;

    use super::*;

    #[tokio::test]
    async fn kinds_have_the_status_that_they_mean() {
        for (kind, status, code) in [
            (ErrorKind::ChecksumMismatch, 422, "checksum_mismatch"),
            (ErrorKind::PasswordRequired, 422, "password_required"),
            (ErrorKind::TooManyPages, 422, "too_many_pages"),
            (ErrorKind::TooManyPixels, 422, "too_many_pixels"),
            (ErrorKind::OutOfMemory, 422, "out_of_memory"),
            (ErrorKind::OutOfTime, 422, "out_of_time"),
            (ErrorKind::Crashed, 422, "crashed"),
            (ErrorKind::Corrupt, 500, "corrupt"),
            (ErrorKind::Unsupported, 422, "unsupported"),
            (ErrorKind::UnsupportedMediaType, 415, "unsupported"),
            (ErrorKind::NoEngine, 503, "no_engine"),
        ] {
            let error = ApiError::from(Error::new(kind, "a sentence"));
            assert_eq!((error.status().as_u16(), error.code()), (status, code));
            let waits = error.into_response().headers().contains_key(header::RETRY_AFTER);
            assert!(!waits, "{kind:?} does not pass by waiting");
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_507_and_passes_with_time() {
        let error = ApiError::from(Error::new(ErrorKind::StorageFull, "a sentence"));
        assert_eq!((error.status().as_u16(), error.code()), (507, "storage_full"));
        assert!(error.into_response().headers().contains_key(header::RETRY_AFTER));
    }

    #[tokio::test]
    async fn a_quota_says_when_it_begins_anew() {
        let spent =
            Error::new(ErrorKind::QuotaExceeded, "a sentence").with_retry_after(Duration::from_mins(2));
        let error = ApiError::from(spent);
        assert_eq!((error.status().as_u16(), error.code()), (429, "quota_exceeded"));
        let response = error.into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "120");
    }

    #[tokio::test]
    async fn a_wrong_json_body_is_told_in_plain_words() {
        let detail = async |body: &'static str| {
            let request = Request::post("/")
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body))
                .unwrap();
            let error = axum::Json::<std::collections::BTreeMap<String, u8>>::from_request(request, &())
                .await
                .unwrap_err();
            ApiError::from(error).detail()
        };
        for (body, wanted) in [
            ("{", "the body is not JSON: "),
            (r#"{"a": "x"}"#, "the body is not as described at /docs: a: "),
        ] {
            let detail = detail(body).await;
            assert!(detail.starts_with(wanted), "{detail}");
            assert!(!detail.to_lowercase().contains("deserialize"), "{detail}");
        }
    }

    /// A body of which nothing ever comes.
    fn slow() -> Body {
        let body = Body::from_stream(stream::pending::<io::Result<Bytes>>());
        Body::new(TimeoutBody::new(Duration::from_millis(1), body))
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_a_timeout_of_the_client() {
        let mut bytes = slow().into_data_stream().map_err(io::Error::other);
        let plain = ApiError::from(body_error(bytes.try_next().await.unwrap_err()));
        let form = Request::post("/")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(slow())
            .unwrap();
        let mut form = Multipart::from_request(form, &()).await.unwrap();
        let error = form.next_field().await.unwrap_err();
        let streamed = ApiError::from(body_error(io::Error::other(error)));
        let json = Request::post("/")
            .header(header::CONTENT_TYPE, "application/json")
            .body(slow())
            .unwrap();
        let json = axum::Json::<u8>::from_request(json, &()).await.unwrap_err();
        for error in [plain, streamed, json.into()] {
            assert_eq!(error.status(), StatusCode::REQUEST_TIMEOUT, "{error:?}");
            assert_eq!(error.code(), "timeout");
        }
    }
}
