//! From Redis' errors to ours.

use ocr_core::{Error, ErrorKind};
use redis::{ErrorKind as Kind, RedisError, ServerErrorKind};

/// The port error for a failed command of `operation`.
pub(super) fn redis_error(operation: &'static str, error: RedisError) -> Error {
    let (kind, message) = match (error.kind(), error.code()) {
        _ if error.is_timeout() => (ErrorKind::Timeout, "Redis did not answer in time"),
        (Kind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
            (ErrorKind::Config, "Redis refuses this user or password")
        }
        (Kind::Server(ServerErrorKind::NoPerm), _) => (
            ErrorKind::Config,
            "the user of Redis may not run the commands of the platform",
        ),
        (Kind::InvalidClientConfig | Kind::RESP3NotSupported, _) => {
            (ErrorKind::Config, "Redis cannot be used as it is configured")
        }
        (_, Some("WRONGTYPE")) => (
            ErrorKind::Config,
            "a key of the platform holds something else; give its keys a prefix with OCR_REDIS_KEY_PREFIX",
        ),
        (_, Some("OOM")) => (ErrorKind::Unavailable, "the memory of Redis is full"),
        (Kind::UnexpectedReturnType | Kind::Parse, _) => {
            (ErrorKind::Corrupt, "Redis holds something that cannot be read")
        }
        _ => (ErrorKind::Unavailable, "Redis is not available"),
    };
    Error::new(kind, message)
        .with_source(error)
        .at("redis", operation)
}
