//! Why a sign-in with a provider did not succeed.

use std::fmt;

use ocr_core::{Error, ErrorKind};
use openidconnect::{ErrorResponse, RequestTokenError};

/// What the page says of a sign-in that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OidcFailure {
    /// It was not begun in this browser, or too long ago.
    Expired,
    /// What came back does not belong to what was begun.
    State,
    /// Whoever signs in, or the provider, does not want it.
    Denied,
    /// The provider cannot be reached, or does not do what it should.
    Provider,
    /// The token of the provider proves nothing.
    Token,
    /// They have no account, and are given none.
    NoAccount,
    /// Their account may not sign in.
    Disabled,
    /// They would stop being the last administrator with a password.
    LastAdmin,
    /// There were too many attempts.
    Slow,
    /// Something of ours failed.
    Failed,
}

impl OidcFailure {
    /// Every failure.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 10] = [
        Self::Expired,
        Self::State,
        Self::Denied,
        Self::Provider,
        Self::Token,
        Self::NoAccount,
        Self::Disabled,
        Self::LastAdmin,
        Self::Slow,
        Self::Failed,
    ];

    /// Its name in the address of the page.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::State => "state",
            Self::Denied => "denied",
            Self::Provider => "provider",
            Self::Token => "token",
            Self::NoAccount => "no_account",
            Self::Disabled => "disabled",
            Self::LastAdmin => "last_admin",
            Self::Slow => "slow",
            Self::Failed => "failed",
        }
    }

    /// Whether the audit log is told of it here: of what happens with accounts it is told where that happens, and those
    /// who do not wait must not fill it.
    pub(crate) const fn is_noted(self) -> bool {
        matches!(self, Self::State | Self::Provider | Self::Token)
    }

    /// The error of this failure, with its cause for the log. A cause never holds a token or a code.
    pub(crate) fn because(self, cause: impl fmt::Display) -> OidcError {
        OidcError {
            failure: self,
            cause: cause.to_string(),
        }
    }
}

/// Why a sign-in with a provider did not succeed, with the cause for the log.
#[derive(Debug)]
pub(crate) struct OidcError {
    pub(crate) failure: OidcFailure,
    cause: String,
}

impl fmt::Display for OidcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl From<Error> for OidcError {
    fn from(error: Error) -> Self {
        let failure = match error.kind() {
            ErrorKind::NotFound => OidcFailure::NoAccount,
            ErrorKind::PermissionDenied => OidcFailure::Disabled,
            ErrorKind::Conflict => OidcFailure::LastAdmin,
            ErrorKind::RateLimited => OidcFailure::Slow,
            _ => OidcFailure::Failed,
        };
        failure.because(error)
    }
}

/// The failure of an exchange of a code. What the provider says is not repeated but for its error: it may hold a token.
pub(super) fn of_exchange<E, R>(error: RequestTokenError<E, R>) -> OidcError
where
    E: std::error::Error + 'static,
    R: ErrorResponse + 'static,
{
    match error {
        RequestTokenError::Request(error) => OidcFailure::Provider.because(error),
        RequestTokenError::Parse(..) => {
            OidcFailure::Token.because("the answer of the provider holds no token that can be read")
        }
        refused => OidcFailure::Provider.because(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_a_name_and_words_in_both_languages() {
        for language in ["en", "de"] {
            let file = format!("{}/web/js/i18n/{language}.js", env!("CARGO_MANIFEST_DIR"));
            let texts = std::fs::read_to_string(file).unwrap();
            for failure in OidcFailure::ALL {
                let key = format!("\"oidc.{}\"", failure.as_str());
                assert!(texts.contains(&key), "{language} {key}");
            }
        }
    }
}
