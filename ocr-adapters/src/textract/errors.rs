//! Maps errors of the service to kinds: permanent, transient, throttled, configuration.

use std::{error::Error as StdError, time::Duration};

use aws_sdk_textract::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use ocr_core::{Error, ErrorKind, error::BoxError};

/// How long a document waits that met a throttled operation.
const THROTTLED_WAIT: Duration = Duration::from_secs(5);
/// How long a document waits that met too many running jobs.
const JOBS_WAIT: Duration = Duration::from_secs(20);

/// A call of the service that failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fault {
    /// What to do about it.
    pub kind: FaultKind,
    /// The service's own code, or what happened on the way; for the log.
    pub code: String,
    /// When to come back, where that is known.
    pub retry_after: Option<Duration>,
    /// The cause.
    pub source: Option<BoxError>,
}

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// Wait: the operation was called too often.
    Throttled,
    /// Wait: too many jobs are running.
    TooManyJobs,
    /// Try again: the service failed or could not be reached.
    Transient,
    /// Try again: there was no answer in time.
    Timeout,
    /// Give up: the document is broken or encrypted.
    BadDocument,
    /// Give up: the service does not read documents of this kind.
    UnsupportedDocument,
    /// Read it another way, or give up: it is too large.
    TooLarge,
    /// Start again: the service has forgotten the job.
    JobGone,
    /// Give up: a token was used for another request.
    TokenReused,
    /// A person must act: the service cannot read the object.
    ObjectUnreadable,
    /// A person must act: credentials, permissions or keys are wrong.
    Denied,
    /// Give up: a request of ours is wrong.
    BadRequest,
}

impl Fault {
    /// A fault without a cause, as fakes make them.
    pub fn new(kind: FaultKind, code: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.into(),
            retry_after: None,
            source: None,
        }
    }

    /// The same with a time to come back.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..self
        }
    }

    /// The same with its cause.
    #[must_use]
    pub fn with_source(self, source: impl Into<BoxError>) -> Self {
        Self {
            source: Some(source.into()),
            ..self
        }
    }

    /// The fault in a failed call of any operation.
    pub(super) fn of<E>(error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.code().unwrap_or_default().to_owned();
        let (kind, code) = match &error {
            SdkError::TimeoutError(_) => (FaultKind::Timeout, "timeout".into()),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                (FaultKind::Timeout, "timeout".into())
            }
            // Credentials that cannot be loaded end up here; a metadata service may come back.
            SdkError::DispatchFailure(_) => (FaultKind::Transient, "unreachable".into()),
            SdkError::ConstructionFailure(_) => (FaultKind::Denied, "construction".into()),
            _ => (classify(&code, status.unwrap_or_default()), code),
        };
        Self::new(kind, code).with_source(error)
    }

    /// Whether waiting is all there is to do.
    pub fn is_throttling(&self) -> bool {
        matches!(self.kind, FaultKind::Throttled | FaultKind::TooManyJobs)
    }

    /// Whether the service does not take the file; pictures of its pages may be another matter.
    pub(super) fn refuses_file(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::BadDocument | FaultKind::UnsupportedDocument | FaultKind::TooLarge
        )
    }

    /// The port error, from a call of `operation`.
    pub(super) fn into_error(self, operation: &'static str) -> Error {
        let (kind, message) = sentence(self.kind);
        let mut error = Error::new(kind, message)
            .with_context("code", &self.code)
            .at("textract", operation);
        let wait = match self.kind {
            FaultKind::Throttled => Some(self.retry_after.unwrap_or(THROTTLED_WAIT)),
            FaultKind::TooManyJobs => Some(self.retry_after.unwrap_or(JOBS_WAIT)),
            _ => None,
        };
        if let Some(wait) = wait {
            error = error.with_retry_after(wait);
        }
        match self.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

/// The kind and the sentence for the owner of the document.
fn sentence(kind: FaultKind) -> (ErrorKind, &'static str) {
    match kind {
        FaultKind::Throttled => (ErrorKind::RateLimited, "Textract is busy; the document waits"),
        FaultKind::TooManyJobs => (
            ErrorKind::RateLimited,
            "Textract reads as many documents as it may; this one waits",
        ),
        FaultKind::Transient | FaultKind::JobGone => (ErrorKind::Unavailable, "Textract is not available"),
        FaultKind::Timeout => (ErrorKind::Timeout, "Textract did not answer in time"),
        FaultKind::BadDocument => (
            ErrorKind::InvalidInput,
            "Textract cannot read this document; it may be damaged or protected by a password",
        ),
        FaultKind::UnsupportedDocument => (
            ErrorKind::InvalidInput,
            "Textract does not read this kind of document; convert it to a plain PDF, PNG or JPEG",
        ),
        FaultKind::TooLarge => (
            ErrorKind::InvalidInput,
            "this document is larger than Textract takes; split it or reduce its resolution",
        ),
        FaultKind::TokenReused => (
            ErrorKind::InvalidInput,
            "Textract knows this request as another one; ask for the document again",
        ),
        FaultKind::ObjectUnreadable => (
            ErrorKind::Config,
            "Textract cannot read the stored document; its bucket must be in the region of Textract and \
             the role of this server must be allowed to read it",
        ),
        FaultKind::Denied => (
            ErrorKind::Config,
            "Textract refuses this server; check its credentials, permissions and keys",
        ),
        FaultKind::BadRequest => (
            ErrorKind::InvalidInput,
            "Textract refuses to read this document as asked",
        ),
    }
}

fn classify(code: &str, status: u16) -> FaultKind {
    match code {
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "SlowDown" => FaultKind::Throttled,
        "LimitExceededException" => FaultKind::TooManyJobs,
        "InternalServerError" | "ServiceUnavailableException" | "RequestTimeoutException" => {
            FaultKind::Transient
        }
        "BadDocumentException" => FaultKind::BadDocument,
        "UnsupportedDocumentException" => FaultKind::UnsupportedDocument,
        "DocumentTooLargeException" => FaultKind::TooLarge,
        "InvalidJobIdException" => FaultKind::JobGone,
        "IdempotentParameterMismatchException" => FaultKind::TokenReused,
        "InvalidS3ObjectException" => FaultKind::ObjectUnreadable,
        "AccessDeniedException"
        | "InvalidKMSKeyException"
        | "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignatureException"
        | "OptInRequired" => FaultKind::Denied,
        // New credentials come by themselves.
        "ExpiredTokenException" => FaultKind::Transient,
        "InvalidParameterException" | "ValidationException" | "SerializationException" => {
            FaultKind::BadRequest
        }
        _ => match status {
            401 | 403 => FaultKind::Denied,
            429 => FaultKind::Throttled,
            400..=499 => FaultKind::BadRequest,
            _ => FaultKind::Transient,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_who_has_to_do_what() {
        for (code, status, kind, transient) in [
            (
                "ProvisionedThroughputExceededException",
                400,
                ErrorKind::RateLimited,
                true,
            ),
            ("ThrottlingException", 400, ErrorKind::RateLimited, true),
            ("LimitExceededException", 400, ErrorKind::RateLimited, true),
            ("InternalServerError", 500, ErrorKind::Unavailable, true),
            ("", 503, ErrorKind::Unavailable, true),
            ("BadDocumentException", 400, ErrorKind::InvalidInput, false),
            (
                "UnsupportedDocumentException",
                400,
                ErrorKind::InvalidInput,
                false,
            ),
            ("DocumentTooLargeException", 400, ErrorKind::InvalidInput, false),
            (
                "IdempotentParameterMismatchException",
                400,
                ErrorKind::InvalidInput,
                false,
            ),
            ("InvalidParameterException", 400, ErrorKind::InvalidInput, false),
            ("AccessDeniedException", 400, ErrorKind::Config, false),
            ("InvalidS3ObjectException", 400, ErrorKind::Config, false),
            ("InvalidKMSKeyException", 400, ErrorKind::Config, false),
            ("UnheardOf", 403, ErrorKind::Config, false),
        ] {
            let error = Fault::new(classify(code, status), code).into_error("test");
            assert_eq!(
                (error.kind(), error.is_transient()),
                (kind, transient),
                "{code} {status}"
            );
            assert_eq!(
                error.kind() == ErrorKind::RateLimited,
                error.retry_after().is_some()
            );
        }
    }
}
