//! Signing in with a provider that speaks OpenID Connect: the authorisation code flow with PKCE, state and nonce.
//!
//! The provider says who somebody is. What they may do here is kept here, and nothing that the provider issues is kept:
//! neither its tokens nor its codes.

mod arrival;
mod claims;
mod failure;
mod http;
mod provider;
mod settings;

pub(crate) use arrival::{ARRIVAL_LIFETIME, Arrival};
pub(crate) use failure::{OidcError, OidcFailure};
pub use settings::OidcSettings;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use ocr_core::{
    clock::{Clock, Timestamp, later},
    service::IdentifiedSignIn,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, CsrfToken, LogoutRequest, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, RedirectUrl, Scope, SignatureVerificationError, TokenResponse,
    core::CoreAuthenticationFlow, url::Url,
};

use self::{http::OidcHttp, provider::Provider};

/// How long what the provider says of itself is believed before it is asked again.
const REMEMBERED: Duration = Duration::from_hours(1);
/// How long a provider that could not be reached is not asked again: anybody can begin a sign-in.
const PAUSE: Duration = Duration::from_secs(5);

/// A provider of sign-ins, and this server as its client.
pub struct Oidc {
    settings: OidcSettings,
    /// Where this server is for browsers, without a slash at the end.
    base: String,
    http: OidcHttp,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
    /// Whose turn it is to ask the provider what it is.
    asking: tokio::sync::Mutex<()>,
}

/// What is known of the provider.
#[derive(Default)]
struct Known {
    provider: Option<Arc<Provider>>,
    failed_at: Option<Timestamp>,
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oidc")
            .field("issuer", &self.settings.issuer)
            .finish_non_exhaustive()
    }
}

impl Oidc {
    /// The provider of `settings`, for browsers that reach this server at `base`. It is asked when somebody signs in.
    ///
    /// # Errors
    /// When there is no HTTP client to be had.
    pub fn new(settings: OidcSettings, base: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let http = OidcHttp::new(&settings.issuer).context("no HTTP client for the provider of sign-ins")?;
        Ok(Self {
            settings,
            base: base.trim_end_matches('/').to_owned(),
            http,
            clock,
            known: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        })
    }

    /// Asks the provider what it is, and says where it has people sign in.
    ///
    /// # Errors
    /// When it cannot be reached, or what it says cannot be used.
    pub async fn check(&self) -> Result<String> {
        let found = Provider::discover(&self.settings, self.redirect()?, &self.http, self.clock.now()).await;
        found
            .map(|provider| provider.authorization_endpoint())
            .map_err(|error| anyhow::anyhow!("{error}"))
    }

    /// The address of a page of this server, by what follows `#`.
    pub(crate) fn page(&self, fragment: &str) -> String {
        format!("{}/#{fragment}", self.base)
    }

    /// Where a browser is sent to sign in.
    ///
    /// # Errors
    /// `Provider` when the provider cannot be asked.
    pub(crate) async fn begin(&self, arrival: &Arrival) -> Result<Url, OidcError> {
        let provider = self.provider().await?;
        let (state, nonce) = (CsrfToken::new(arrival.state()), Nonce::new(arrival.nonce()));
        let verifier = PkceCodeVerifier::new(arrival.verifier());
        let scopes: Vec<Scope> = self.settings.scopes.iter().cloned().map(Scope::new).collect();
        let (url, _, _) = provider
            .client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || state,
                move || nonce,
            )
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// Exchanges the code that a browser came back with, and says who it is by the token that was given for it.
    ///
    /// # Errors
    /// `Provider` when the provider cannot be asked or refuses the code, `Token` for a token that does not prove anything.
    pub(crate) async fn finish(&self, code: &str, arrival: &Arrival) -> Result<IdentifiedSignIn, OidcError> {
        let provider = self.provider().await?;
        let request = provider
            .client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| OidcFailure::Provider.because(error))?
            .set_pkce_verifier(PkceCodeVerifier::new(arrival.verifier()));
        let answer = request
            .request_async(&self.http)
            .await
            .map_err(failure::of_exchange)?;
        let token = answer.id_token().ok_or_else(|| {
            OidcFailure::Provider.because("the provider sent no ID token; is the scope openid allowed?")
        })?;
        let nonce = Nonce::new(arrival.nonce());
        let now = self.clock.now();
        let client = ClientId::new(self.settings.client_id.clone());
        let claims = match provider.verified(token, &client, &nonce, now) {
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                // It has other keys by now: they are asked for once.
                let renewed = Arc::new(provider.with_present_keys(&self.http).await?);
                self.known().provider = Some(Arc::clone(&renewed));
                renewed.verified(token, &client, &nonce, now)
            }
            verified => verified,
        };
        let claims = claims.map_err(|error| OidcFailure::Token.because(error))?;
        claims::identified(claims, &self.settings)
    }

    /// Where a browser is sent after it signed out here: to sign out there too, where the provider offers it.
    pub(crate) async fn sign_out(&self) -> String {
        let home = format!("{}/", self.base);
        let Ok(provider) = self.provider().await else {
            return home;
        };
        let Some(address) = provider.end_session.clone() else {
            return home;
        };
        let mut request =
            LogoutRequest::from(address).set_client_id(ClientId::new(self.settings.client_id.clone()));
        if let Ok(back) = PostLogoutRedirectUrl::new(home) {
            request = request.set_post_logout_redirect_uri(back);
        }
        request.http_get_url().to_string()
    }

    /// Whether `issuer`, which came back with a browser, is the provider.
    pub(crate) fn is_issuer(&self, issuer: &str) -> bool {
        issuer == self.settings.issuer
    }

    fn redirect(&self) -> Result<RedirectUrl> {
        RedirectUrl::new(format!("{}/oidc/callback", self.base))
            .with_context(|| format!("{} is no address to come back to", self.base))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the provider says of itself; what it said last, while it cannot be reached or is being asked.
    async fn provider(&self) -> Result<Arc<Provider>, OidcError> {
        let last = match self.remembered() {
            (Some(provider), true) => return Ok(provider),
            (last, _) => last,
        };
        // One asks for all: whoever begins a sign-in is not known, and must not make us ask as often as they like.
        let _turn = match (self.asking.try_lock(), last) {
            (Ok(turn), _) => turn,
            (Err(_), Some(provider)) => return Ok(provider),
            (Err(_), None) => self.asking.lock().await,
        };
        let last = match self.remembered() {
            (Some(provider), true) => return Ok(provider),
            (last, _) => last,
        };
        let now = self.clock.now();
        let failed_at = self.known().failed_at;
        let pausing = failed_at.is_some_and(|at| now < later(at, PAUSE));
        let asked = if pausing {
            Err(OidcFailure::Provider.because("the provider could not be reached a moment ago"))
        } else {
            self.ask(now).await
        };
        match (asked, last) {
            (Ok(provider), _) | (Err(_), Some(provider)) => Ok(provider),
            (Err(error), None) => Err(error),
        }
    }

    /// What the provider said last, and whether it is to be believed without asking again.
    fn remembered(&self) -> (Option<Arc<Provider>>, bool) {
        let now = self.clock.now();
        let last = self.known().provider.clone();
        let fresh = last
            .as_ref()
            .is_some_and(|provider| now < later(provider.since, REMEMBERED));
        (last, fresh)
    }

    async fn ask(&self, now: Timestamp) -> Result<Arc<Provider>, OidcError> {
        let redirect = self
            .redirect()
            .map_err(|error| OidcFailure::Provider.because(format!("{error:#}")))?;
        let asked = Provider::discover(&self.settings, redirect, &self.http, now).await;
        let mut known = self.known();
        match asked {
            Ok(provider) => {
                let provider = Arc::new(provider);
                known.provider = Some(Arc::clone(&provider));
                known.failed_at = None;
                Ok(provider)
            }
            Err(error) => {
                tracing::warn!(%error, "the provider of sign-ins cannot be used");
                // Not when it was begun: one that answers nothing takes longer to fail than the pause lasts.
                known.failed_at = Some(self.clock.now());
                Err(error)
            }
        }
    }
}

/// Whether what is sent to an address can be neither read nor changed on the way: over TLS, or within this machine.
pub(crate) fn is_protected(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let here = host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ocr_core::{clock::ManualClock, service::Secret};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_provider_that_fails_slowly_is_asked_once_for_all() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = OidcSettings {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            client_id: "ocr".into(),
            client_secret: None,
            scopes: Vec::new(),
            create_users: false,
            groups_claim: "groups".into(),
            admin_group: None,
        };
        let clock = Arc::new(ManualClock::default());
        let asked = Arc::new(AtomicUsize::new(0));
        let serving = tokio::spawn({
            let (clock, asked) = (Arc::clone(&clock), Arc::clone(&asked));
            async move {
                while let Ok((connection, _)) = listener.accept().await {
                    asked.fetch_add(1, Ordering::Relaxed);
                    clock.advance(PAUSE * 2);
                    drop(connection);
                }
            }
        });
        let oidc = Oidc::new(settings, "http://localhost:8080", clock.clone()).unwrap();
        let arrival = Arrival::begin(Secret::sent("s3cret").unwrap(), clock.now(), None);
        let begun = (0..20).map(|_| oidc.begin(&arrival));
        for begun in futures::future::join_all(begun).await {
            assert!(begun.is_err());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        serving.abort();
    }

    #[test]
    fn nothing_is_asked_where_others_can_listen() {
        for (url, protected) in [
            ("https://id.example/realms/ocr", true),
            ("http://127.0.0.1:9000", true),
            ("http://[::1]:9000", true),
            ("http://localhost", true),
            ("http://id.example", false),
            ("http://127.0.0.1.id.example", false),
            ("http://localhost.id.example", false),
            ("ftp://127.0.0.1", false),
        ] {
            assert_eq!(is_protected(&Url::parse(url).unwrap()), protected, "{url}");
        }
    }
}
