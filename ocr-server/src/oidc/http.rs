//! How a provider is asked: with a limit of time and size, and without being led elsewhere.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Client, redirect::Policy};

/// Maximum time of a question and its answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum time until there is a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum number of bytes of an answer.
const MAX_ANSWER: usize = 1024 * 1024;

/// Asks a provider.
#[derive(Debug, Clone)]
pub(super) struct OidcHttp(Client);

impl OidcHttp {
    /// A client for the provider of this name: where that has TLS, all that is asked has.
    pub(super) fn new(issuer: &str) -> reqwest::Result<Self> {
        Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(Policy::none())
            .https_only(issuer.starts_with("https://"))
            .user_agent(concat!("ocr-server/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, OidcHttpError> {
        let request = reqwest::Request::try_from(request).map_err(OidcHttpError::Transport)?;
        let mut answer = self.0.execute(request).await.map_err(OidcHttpError::Transport)?;
        let mut response = HttpResponse::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        while let Some(chunk) = answer.chunk().await.map_err(OidcHttpError::Transport)? {
            if response.body().len() + chunk.len() > MAX_ANSWER {
                return Err(OidcHttpError::TooLarge);
            }
            response.body_mut().extend_from_slice(&chunk);
        }
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for OidcHttp {
    type Error = OidcHttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OidcHttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.exchange(request))
    }
}

/// Why a provider did not answer.
#[derive(Debug)]
pub(super) enum OidcHttpError {
    /// It could not be reached, or not in time.
    Transport(reqwest::Error),
    /// It did not stop.
    TooLarge,
}

impl fmt::Display for OidcHttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Neither the address, which may hold a code, nor what was sent.
            Self::Transport(error) if error.is_timeout() => {
                f.write_str("the provider did not answer in time")
            }
            Self::Transport(error) if error.is_connect() => f.write_str("the provider cannot be reached"),
            Self::Transport(_) => f.write_str("the exchange with the provider broke off"),
            Self::TooLarge => write!(f, "the provider answers with more than {MAX_ANSWER} bytes"),
        }
    }
}

impl std::error::Error for OidcHttpError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
            Self::TooLarge => None,
        }
    }
}
