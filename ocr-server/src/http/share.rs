//! Who opened a link to a document: found out by a cookie of that link alone, whatever else the browser holds.

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, request::Parts},
};
use ocr_core::{
    Error, ErrorKind, Result,
    id::ShareId,
    service::{Secret, ShareService, SharedDocument, VISIT_LIFETIME},
};

use super::{HttpSettings, caller::Accounts, cookie, error::ApiError, state::AppState};

/// What the operations on a shared document begin with; the id of the link follows.
const SHARED: &str = "/api/shared/";

/// The links of this server. Where nobody signs in there are none, and what needs them is not found.
#[derive(Debug, Clone)]
pub(crate) struct Shares(pub(crate) ShareService);

impl FromRequestParts<AppState> for Shares {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Accounts(accounts) = Accounts::from_request_parts(parts, state).await?;
        Ok(Self(ShareService::new(state.service.clone(), accounts)))
    }
}

/// What a request may read because whoever sends it opened a link: the one place where that becomes a right to read. It
/// goes by the id in the path and the cookie of that link; a session or key lets nobody in here, and the cookie lets nobody
/// in elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct InShare(pub(crate) SharedDocument);

impl FromRequestParts<AppState> for InShare {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Shares(shares) = Shares::from_request_parts(parts, state).await?;
        let named = parts.uri.path().strip_prefix(SHARED);
        let named = named.and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let id = share_id(named)?;
        let visit = cookie::value_of(&name(id, &state.settings), &parts.headers).ok_or_else(unopened)?;
        Ok(Self(shares.visited(id, visit).await?))
    }
}

/// The link that a path names. Text that is not a UUID is answered as a link that does not exist.
///
/// # Errors
/// `NotFound`.
pub(crate) fn share_id(text: &str) -> Result<ShareId> {
    text.parse().map_err(|_| unopened())
}

fn unopened() -> Error {
    Error::new(
        ErrorKind::NotFound,
        "this link does not work, or was not opened here",
    )
}

/// Each link has a cookie of its own, so that several can be read side by side.
fn name(share: ShareId, settings: &HttpSettings) -> String {
    let prefix = if cookie::is_secure(settings) {
        "__Secure-"
    } else {
        ""
    };
    format!("{prefix}ocr-share-{share}")
}

/// The header that gives a browser the cookie of a link that it opened. It is sent with requests about that link only, and
/// by pages of this site only.
///
/// # Errors
/// `Internal` when the secret does not fit into a header, which none of ours does.
pub(crate) fn given(share: ShareId, secret: &Secret, settings: &HttpSettings) -> Result<HeaderValue> {
    let secure = if cookie::is_secure(settings) {
        "; Secure"
    } else {
        ""
    };
    let text = format!(
        "{}={}; Path={SHARED}{share}; Max-Age={}; HttpOnly; SameSite=Strict{secure}",
        name(share, settings),
        secret.expose(),
        VISIT_LIFETIME.as_secs()
    );
    let mut header = HeaderValue::try_from(text)
        .map_err(|error| Error::new(ErrorKind::Internal, "a cookie cannot be written").with_source(error))?;
    header.set_sensitive(true);
    Ok(header)
}
