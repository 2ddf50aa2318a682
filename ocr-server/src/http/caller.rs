//! Who makes a request: found out once, before anything else is read of it.

use axum::{
    extract::{FromRequestParts, Query, Request, State},
    http::{Extensions, HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ocr_core::{
    Error, ErrorKind, Result,
    account_store::AuditOrigin,
    id::UserId,
    model::{Caller, KeyScope, Principal},
    service::{AccountService, Secret},
    store::Scope,
};
use serde::Deserialize;

use super::{cookie, error::ApiError, peer::PeerAddress, rate_limit::stranger, state::AppState};

/// What is answered to whoever has not signed in: it is how they do.
const OPEN: [&str; 7] = [
    "/api/session",
    "/api/sign-in",
    "/api/set-up",
    "/api/reset-password",
    "/api/auth/token",
    "/api/auth/refresh",
    "/api/auth/revoke",
];
/// What is answered to whoever opened a link to a document, which says by itself what may be read with it.
const SHARED: &str = "/api/shared/";
/// Asked by POST although nothing is changed: tickets for live connections, and what a body says is wanted.
const READS: [&str; 3] = ["/api/live-tickets", "/api/tasks/export", "/api/estimate"];
/// Where live connections are opened.
const LIVE: [&str; 3] = ["/", "/ws", "/api/events"];
/// What the health server tells of the documents of everybody; what else it answers tells of the server alone.
const STATUS: &str = "/status";
/// What administrators alone may do.
const ADMIN: &str = "/api/admin/";

/// Puts the [`Caller`] into the request, and refuses one of the API that comes from nobody, or may not do what it asks.
pub(crate) async fn identify(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match caller(&state, &parts).await {
        Ok(Some(caller)) => {
            parts.extensions.insert(caller);
        }
        Ok(None) => {}
        Err(error) if error.kind() == ErrorKind::Unauthenticated => {
            return stranger(&state, &parts, error).await;
        }
        Err(error) => return ApiError::from(error).into_response(),
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Who makes a request; `None` for what is open to everybody.
async fn caller(state: &AppState, request: &Parts) -> Result<Option<Caller>> {
    let Some(accounts) = &state.accounts else {
        return Ok(Some(Caller::Anyone));
    };
    let (path, headers) = (request.uri.path(), &request.headers);
    let upgrade = headers.contains_key(header::UPGRADE) && LIVE.contains(&path);
    if !upgrade && !path.starts_with("/api/") && path != STATUS {
        return Ok(None);
    }
    if path.starts_with(SHARED) {
        // Who it is is recorded, and lets nobody read more.
        return match given(state, accounts, request).await {
            Err(error) if error.kind() == ErrorKind::Unauthenticated => Ok(None),
            given => given.map(|principal| Some(Caller::SignedIn(principal))),
        };
    }
    let open = OPEN.contains(&path);
    let principal = match given(state, accounts, request).await {
        Err(error) if open && error.kind() == ErrorKind::Unauthenticated => return Ok(None),
        given => given?,
    };
    if principal.in_browser {
        same_origin(&request.method, headers)?;
    }
    if let Err(error) = principal.may(needed(&request.method, path)) {
        let origin = AskedFrom::with_actor(Some(principal.user), &request.extensions);
        origin.within(state.service.record_refusal(path)).await;
        return Err(error);
    }
    Ok(Some(Caller::SignedIn(principal)))
}

/// The ticket in the address of a live connection.
#[derive(Debug, Deserialize)]
struct TicketParam {
    ticket: Option<String>,
}

/// Whoever a request says it is from: by its ticket, else by its key or access token, else by its cookie.
async fn given(state: &AppState, accounts: &AccountService, request: &Parts) -> Result<Principal> {
    let headers = &request.headers;
    if LIVE.contains(&request.uri.path())
        && let Ok(Query(TicketParam { ticket: Some(ticket) })) = Query::try_from_uri(&request.uri)
    {
        return accounts.by_ticket(&ticket).await;
    }
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        let (scheme, key) = authorization
            .to_str()
            .ok()
            .and_then(|text| text.split_once(' '))
            .ok_or_else(nobody)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(nobody());
        }
        let key = key.trim();
        // No key has a dot, and every access token has two.
        if key.contains('.') {
            return accounts.by_access_token(key).await;
        }
        return accounts.by_key(&Secret::sent(key)?).await;
    }
    let secret = cookie::read(headers, &state.settings).ok_or_else(nobody)?;
    accounts.by_session(&Secret::sent(secret)?).await
}

fn nobody() -> Error {
    Error::new(ErrorKind::Unauthenticated, "sign in first")
}

/// What a key must be good for.
fn needed(method: &Method, path: &str) -> KeyScope {
    if path.starts_with(ADMIN) || path == STATUS {
        return KeyScope::Admin;
    }
    let reads = matches!(*method, Method::GET | Method::HEAD);
    // What is open to everybody is open to the weakest key.
    if reads || READS.contains(&path) || OPEN.contains(&path) {
        KeyScope::Read
    } else {
        KeyScope::Write
    }
}

/// Refuses a change that another site makes a browser send: cookies go with it, whoever made it. An `Origin` that is
/// there was found to be ours before.
fn same_origin(method: &Method, headers: &HeaderMap) -> Result<()> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let ours = match site {
        Some(b"same-origin" | b"none") => true,
        Some(b"same-site") | None => headers.contains_key(header::ORIGIN),
        Some(_) => false,
    };
    ours.then_some(()).ok_or_else(|| {
        let message = "a change must come from a page of this server; programs use a key";
        Error::new(ErrorKind::PermissionDenied, message)
    })
}

/// The user that a scope is limited to, where the request must name one.
///
/// # Errors
/// `InvalidInput` when it names none.
pub(crate) fn named_user(scope: Scope) -> Result<UserId, ApiError> {
    scope
        .owner_id()
        .ok_or_else(|| ApiError::invalid("userId is required, a UUID"))
}

/// Who makes a request.
#[derive(Debug, Clone)]
pub(crate) struct Asking(pub(crate) Caller);

impl<S: Send + Sync> FromRequestParts<S> for Asking {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.map(Self).ok_or_else(|| nobody().into())
    }
}

impl Asking {
    /// The owner of what a request is about, when its body names this one.
    ///
    /// # Errors
    /// `InvalidInput` for a name that is no UUID, or none where one is needed; `PermissionDenied` for somebody else.
    pub(crate) fn owner(&self, named: Option<&str>) -> Result<UserId, ApiError> {
        let named = named.map(|text| text.trim().parse::<UserId>()).transpose()?;
        named_user(self.0.scope(named)?)
    }

    /// Whose objects the request may see, when it names this owner.
    pub(crate) fn scope(&self, named: Option<UserId>) -> Result<Scope, ApiError> {
        Ok(self.0.scope(named)?)
    }
}

/// The accounts of this server. Where it has none, what needs them is not found.
#[derive(Debug, Clone)]
pub(crate) struct Accounts(pub(crate) AccountService);

impl FromRequestParts<AppState> for Accounts {
    type Rejection = ApiError;

    async fn from_request_parts(_parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let accounts = state.accounts.clone();
        accounts.map(Self).ok_or_else(|| {
            let message = "nobody signs in here: this server runs with OCR_AUTH=none";
            Error::new(ErrorKind::NotFound, message).into()
        })
    }
}

/// The accounts of this server where people sign in with passwords. Elsewhere, what needs them is not found.
#[derive(Debug, Clone)]
pub(crate) struct PasswordAccounts(pub(crate) AccountService);

impl FromRequestParts<AppState> for PasswordAccounts {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Accounts(accounts) = Accounts::from_request_parts(parts, state).await?;
        if state.oidc.is_some() {
            let message = "there are no passwords here: this server runs with OCR_AUTH=oidc";
            return Err(Error::new(ErrorKind::NotFound, message).into());
        }
        Ok(Self(accounts))
    }
}

/// Somebody who has signed in.
#[derive(Debug, Clone)]
pub(crate) struct SignedInAs(pub(crate) Principal);

impl FromRequestParts<AppState> for SignedInAs {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Accounts::from_request_parts(parts, state).await?;
        let Asking(caller) = Asking::from_request_parts(parts, state).await?;
        match caller {
            Caller::SignedIn(principal) => Ok(Self(principal)),
            Caller::Anyone => Err(nobody().into()),
        }
    }
}

/// An administrator. The path refuses others already; this says it where it matters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AdminAs;

impl FromRequestParts<AppState> for AdminAs {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedInAs(principal) = SignedInAs::from_request_parts(parts, state).await?;
        principal.may(KeyScope::Admin)?;
        Ok(Self)
    }
}

/// Who asks and from where, for the audit log.
#[derive(Debug, Clone)]
pub(crate) struct AskedFrom(pub(crate) AuditOrigin);

impl<S: Send + Sync> FromRequestParts<S> for AskedFrom {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::by_extensions(&parts.extensions))
    }
}

impl AskedFrom {
    /// What the extensions of a request say, once its caller is known.
    pub(super) fn by_extensions(extensions: &Extensions) -> Self {
        let caller = extensions.get::<Caller>();
        let actor = caller.and_then(Caller::principal).map(|principal| principal.user);
        Self(Self::with_actor(actor, extensions))
    }

    fn with_actor(actor: Option<UserId>, extensions: &Extensions) -> AuditOrigin {
        let peer = extensions.get::<PeerAddress>();
        AuditOrigin::new(actor, peer.map(ToString::to_string).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_in_a_session_comes_from_a_page_of_ours() {
        let allowed = |method: Method, given: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in given {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            same_origin(&method, &headers).is_ok()
        };
        let site = |value| ("sec-fetch-site", value);
        let origin = ("origin", "https://ocr.example");
        assert!(allowed(Method::POST, &[site("same-origin")]));
        assert!(allowed(Method::POST, &[origin]));
        assert!(allowed(Method::DELETE, &[site("same-site"), origin]));
        assert!(
            allowed(Method::GET, &[site("cross-site")]),
            "reading changes nothing"
        );
        for given in [&[][..], &[site("cross-site"), origin], &[site("same-site")]] {
            assert!(!allowed(Method::POST, given), "{given:?}");
        }
    }

    #[test]
    fn a_key_must_be_good_for_what_is_asked() {
        assert_eq!(needed(&Method::GET, "/api/tasks"), KeyScope::Read);
        assert_eq!(needed(&Method::DELETE, "/api/tasks/x"), KeyScope::Write);
        assert_eq!(needed(&Method::POST, "/api/live-tickets"), KeyScope::Read);
        assert_eq!(needed(&Method::POST, "/api/auth/refresh"), KeyScope::Read);
        assert_eq!(needed(&Method::GET, "/api/admin/users"), KeyScope::Admin);
        assert_eq!(needed(&Method::GET, "/status"), KeyScope::Admin);
    }
}
