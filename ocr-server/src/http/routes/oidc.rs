//! `/oidc/sign-in`, `/oidc/callback` and `/oidc/sign-out`: where browsers go to a provider of sign-ins, come back from
//! it, and leave it. Pages are answered with, not JSON: they are no part of the API.

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ocr_core::{
    Error, ErrorKind,
    model::AuditAction,
    service::{AccountService, SignedIn},
};
use serde::Deserialize;

use crate::{
    http::{
        HttpSettings,
        caller::{Accounts, AskedFrom},
        cookie,
        error::ApiError,
        state::AppState,
    },
    oidc::{Arrival, Oidc, OidcError, OidcFailure},
};

/// Maximum number of bytes of a code.
const MAX_CODE: usize = 4096;

/// Where the page goes on after the sign-in.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Beginning {
    next: Option<String>,
}

/// What a provider sends a browser back with.
#[derive(Debug, Deserialize)]
pub(crate) struct Return {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Sends a browser to the provider.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    Accounts(accounts): Accounts,
    asked: Result<Query<Beginning>, QueryRejection>,
) -> Result<Response, ApiError> {
    let oidc = provider(&state)?;
    let Query(asked) = asked.unwrap_or_default();
    let now = state.service.platform().clock.now();
    let arrival = Arrival::begin(accounts.arrival_secret()?, now, asked.next.as_deref());
    let mut response = match oidc.begin(&arrival).await {
        Ok(url) => to(url.as_str())?,
        Err(error) => return Ok(refused(oidc, &error)?),
    };
    let cookie = cookie::arriving(&arrival.written(), &state.settings)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Signs in whoever comes back from the provider. The cookie with which they were sent there works once.
pub(crate) async fn callback(
    State(state): State<AppState>,
    Accounts(accounts): Accounts,
    AskedFrom(origin): AskedFrom,
    headers: HeaderMap,
    returned: Result<Query<Return>, QueryRejection>,
) -> Result<Response, ApiError> {
    let oidc = provider(&state)?;
    let visitor = Visitor {
        address: &origin.address,
        agent: header_text(&headers, header::USER_AGENT.as_str()),
        cookie: cookie::read_arriving(&headers, &state.settings),
    };
    let arrived = arrive(&state, oidc, &accounts, &visitor, returned).await;
    let mut response = match &arrived {
        Ok((signed_in, next)) => welcome(oidc, signed_in, next, &state.settings)?,
        Err(error) => {
            if error.failure.is_noted() {
                accounts.note(&origin, AuditAction::SignInFailed, "").await?;
            }
            refused(oidc, error)?
        }
    };
    let taken = cookie::arrived(&state.settings)?;
    response.headers_mut().append(header::SET_COOKIE, taken);
    Ok(response)
}

/// Sends a browser that signed out here to where it signs out of the provider, if there is such a place.
pub(crate) async fn sign_out(State(state): State<AppState>) -> Result<Response, ApiError> {
    let oidc = provider(&state)?;
    Ok(to(&oidc.sign_out().await)?)
}

/// Whoever comes back.
struct Visitor<'r> {
    address: &'r str,
    agent: &'r str,
    cookie: Option<&'r str>,
}

/// Who signed in by coming back, and where the page goes on.
async fn arrive(
    state: &AppState,
    oidc: &Oidc,
    accounts: &AccountService,
    visitor: &Visitor<'_>,
    returned: Result<Query<Return>, QueryRejection>,
) -> Result<(SignedIn, String), OidcError> {
    // First of all: what follows is told to the audit log.
    accounts.count_arrival(visitor.address).await?;
    let Query(returned) = returned.map_err(|error| OidcFailure::State.because(error))?;
    let now = state.service.platform().clock.now();
    let arrival = visitor
        .cookie
        .and_then(|cookie| Arrival::read(cookie, now))
        .ok_or_else(|| {
            OidcFailure::Expired.because("the sign-in was not begun in this browser, or too long ago")
        })?;
    if returned.state.as_deref() != Some(arrival.state().as_str()) {
        return Err(OidcFailure::State.because("state is not that of the sign-in that was begun"));
    }
    if returned.iss.is_some_and(|issuer| !oidc.is_issuer(&issuer)) {
        return Err(OidcFailure::State.because("another provider answers than was asked"));
    }
    match returned.error.as_deref() {
        None => {}
        Some("access_denied") => return Err(OidcFailure::Denied.because("access_denied")),
        Some(_) => return Err(OidcFailure::Provider.because("the provider answers with an error")),
    }
    let code = returned
        .code
        .filter(|code| !code.is_empty() && code.len() <= MAX_CODE)
        .ok_or_else(|| OidcFailure::Provider.because("the provider sends no code"))?;
    let identified = oidc.finish(&code, &arrival).await?;
    let identified = identified.with_origin(visitor.address, visitor.agent);
    let signed_in = accounts.sign_in_identified(&identified).await?;
    Ok((signed_in, arrival.next().to_owned()))
}

fn provider(state: &AppState) -> Result<&Oidc, ApiError> {
    state.oidc.as_deref().ok_or_else(|| {
        let message = "nobody signs in with a provider here: this server does not run with OCR_AUTH=oidc";
        Error::new(ErrorKind::NotFound, message).into()
    })
}

fn welcome(
    oidc: &Oidc,
    signed_in: &SignedIn,
    next: &str,
    settings: &Arc<HttpSettings>,
) -> Result<Response, Error> {
    let mut response = to(&oidc.page(next))?;
    let cookie = cookie::given(&signed_in.secret, settings)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Back to the page, which says what happened.
fn refused(oidc: &Oidc, error: &OidcError) -> Result<Response, Error> {
    tracing::warn!(%error, failure = error.failure.as_str(), "a sign-in with the provider did not succeed");
    to(&oidc.page(&format!("/documents?signIn={}", error.failure.as_str())))
}

/// Leads a browser to another address, which it asks for anew. Nothing on the way is kept: addresses hold codes.
fn to(address: &str) -> Result<Response, Error> {
    let address = HeaderValue::try_from(address).map_err(|error| {
        Error::new(ErrorKind::Internal, "an address cannot be written").with_source(error)
    })?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, address);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    let value = headers.get(name);
    value.and_then(|value| value.to_str().ok()).unwrap_or_default()
}
