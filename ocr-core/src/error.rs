//! The one error of every port: what kind, whether a retry can help, where it happened.

use std::{error::Error as StdError, fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// Result of every port and use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error that can be the source of an [`Error`].
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// What went wrong, in terms a caller can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The object does not exist, or is not the caller's.
    NotFound,
    /// An object with that identity exists.
    AlreadyExists,
    /// The object is not in a state that allows this.
    Conflict,
    /// The lease has passed to another attempt; nothing was written.
    LeaseLost,
    /// The request or document is malformed, or over a limit of its content.
    InvalidInput,
    /// The document opens with a password that was not given, or with another one.
    PasswordRequired,
    /// The document has more pages than are allowed.
    TooManyPages,
    /// A picture of the document has more pixels than are allowed, or all of them together have.
    TooManyPixels,
    /// Reading the document, or a page of it, needs more memory than is allowed.
    OutOfMemory,
    /// Reading the document, or a page of it, needs more time than is allowed.
    OutOfTime,
    /// The document, or a page of it, ends the program that reads it.
    Crashed,
    /// What was asked for is not offered here: a feature, an encoding, a kind of link.
    Unsupported,
    /// The bytes are of a type that is not read.
    UnsupportedMediaType,
    /// More bytes than allowed.
    TooLarge,
    /// Nobody is signed in.
    Unauthenticated,
    /// Signed in, but not allowed.
    PermissionDenied,
    /// Too many requests; see [`Error::retry_after`].
    RateLimited,
    /// The owner has used up what they may use; see [`Error::retry_after`].
    QuotaExceeded,
    /// A service we depend on cannot be reached or is not ready.
    Unavailable,
    /// There is too little room left where this is stored. Waiting may help: documents are purged, or somebody
    /// makes room.
    StorageFull,
    /// There is no engine that could read; a person must set one up, so that waiting alone does not help.
    NoEngine,
    /// A service or computation did not finish in its time.
    Timeout,
    /// Somebody asked for the work to stop.
    Cancelled,
    /// Bytes that were sent do not have the checksum that was announced for them.
    ChecksumMismatch,
    /// Data that we stored has rotted: it does not match its checksum or schema any more.
    Corrupt,
    /// The configuration is wrong; a person must change it.
    Config,
    /// A defect in this program.
    Internal,
}

impl ErrorKind {
    /// Stable snake_case name, used in API answers and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::AlreadyExists => "already_exists",
            Self::Conflict => "conflict",
            Self::LeaseLost => "lease_lost",
            Self::InvalidInput => "invalid_input",
            Self::PasswordRequired => "password_required",
            Self::TooManyPages => "too_many_pages",
            Self::TooManyPixels => "too_many_pixels",
            Self::OutOfMemory => "out_of_memory",
            Self::OutOfTime => "out_of_time",
            Self::Crashed => "crashed",
            Self::Unsupported => "unsupported",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::TooLarge => "too_large",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission_denied",
            Self::RateLimited => "rate_limited",
            Self::QuotaExceeded => "quota_exceeded",
            Self::Unavailable => "unavailable",
            Self::StorageFull => "storage_full",
            Self::NoEngine => "no_engine",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::ChecksumMismatch => "checksum_mismatch",
            Self::Corrupt => "corrupt",
            Self::Config => "config",
            Self::Internal => "internal",
        }
    }

    fn is_transient(self) -> bool {
        matches!(
            self,
            Self::RateLimited | Self::Unavailable | Self::StorageFull | Self::Timeout
        )
    }
}

/// The error of every port. One pointer wide.
///
/// `Display` is one lower-case sentence without the source chain, fit for a user of kind-specific
/// messages; the chain and context are in `Debug` and [`StdError::source`], for logs.
pub struct Error(Box<Repr>);

struct Repr {
    kind: ErrorKind,
    message: String,
    transient: bool,
    retry_after: Option<Duration>,
    crash: bool,
    adapter: &'static str,
    operation: &'static str,
    context: Vec<(&'static str, String)>,
    source: Option<BoxError>,
}

impl Error {
    /// An error of `kind`; transient exactly when the kind is `RateLimited`, `Unavailable`, `StorageFull` or
    /// `Timeout`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Repr {
            kind,
            message: message.into(),
            transient: kind.is_transient(),
            retry_after: None,
            crash: false,
            adapter: "",
            operation: "",
            context: Vec::new(),
            source: None,
        }))
    }

    /// Adds the underlying error.
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says which adapter and operation failed, as in `("sqlite", "claim")`.
    pub fn at(mut self, adapter: &'static str, operation: &'static str) -> Self {
        self.0.adapter = adapter;
        self.0.operation = operation;
        self
    }

    /// Adds a fact for the log. Never put document text or secrets here.
    pub fn with_context(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.0.context.push((key, value.to_string()));
        self
    }

    /// Says when a retry may succeed, and makes the error transient.
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self.0.transient = true;
        self
    }

    /// Overrides whether a retry can help.
    pub fn transient(mut self, transient: bool) -> Self {
        self.0.transient = transient;
        self
    }

    /// Says that a process died over the document. That is counted apart from other failures, because the document
    /// may be what kills it.
    pub fn crashed(mut self) -> Self {
        self.0.crash = true;
        self
    }

    /// Whether a process died over the document.
    pub fn is_crash(&self) -> bool {
        self.0.crash
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sentence for people, the same as `Display`.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        self.0.transient
    }

    /// How long to wait before a retry, when the other side said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Adapter and operation set by [`Error::at`]; empty when unknown.
    pub fn location(&self) -> (&'static str, &'static str) {
        (self.0.adapter, self.0.operation)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let repr = &self.0;
        write!(f, "{}", repr.kind.as_str())?;
        if !repr.adapter.is_empty() {
            write!(f, " at {}.{}", repr.adapter, repr.operation)?;
        }
        write!(f, ": {}", repr.message)?;
        for (key, value) in &repr.context {
            write!(f, ", {key}={value}")?;
        }
        let mut source = repr.source.as_deref().map(|source| source as &dyn StdError);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_decide_transience_unless_told_otherwise() {
        assert!(Error::new(ErrorKind::Unavailable, "down").is_transient());
        assert!(!Error::new(ErrorKind::InvalidInput, "bad").is_transient());
        assert!(
            !Error::new(ErrorKind::Timeout, "slow")
                .transient(false)
                .is_transient()
        );
        assert!(
            Error::new(ErrorKind::Conflict, "busy")
                .with_retry_after(Duration::from_secs(1))
                .is_transient()
        );
    }

    #[test]
    fn display_keeps_the_source_for_the_log() {
        let error = Error::new(ErrorKind::Unavailable, "the database is not reachable")
            .with_source(std::io::Error::other("secret dsn"))
            .at("sqlite", "claim");
        assert_eq!(error.to_string(), "the database is not reachable");
        assert_eq!(
            format!("{error:?}"),
            "unavailable at sqlite.claim: the database is not reachable: secret dsn"
        );
    }

    #[test]
    fn one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
