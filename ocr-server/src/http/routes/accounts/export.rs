//! `GET /api/account/export`

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use ocr_core::{Error, ErrorKind, account_store::AuditAction, model::Caller};

use crate::http::{
    archive,
    caller::{Accounts, AskedFrom, SignedInAs},
    clients::{USER_FILE_POLICY, attachment},
    error::ApiError,
    problem::Problem,
    standing::Standing,
    state::AppState,
    user_archive,
};

/// The name of the archive.
const FILENAME: &str = "my-data.zip";

/// All that belongs to whoever asks, as one ZIP archive that is made while it is sent: documents with originals, results,
/// corrections and filings, searches, usage, account, and what the audit log says of them. `manifest.json`, its last file,
/// has the SHA-256 of each.
#[utoipa::path(
    get, path = "/api/account/export", tag = "accounts",
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/zip"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn export(
    Accounts(accounts): Accounts,
    SignedInAs(principal): SignedInAs,
    AskedFrom(origin): AskedFrom,
    State(state): State<AppState>,
) -> Result<Response, ApiError> {
    // As with all that concerns an account: a token that may only read documents would give away the rest.
    if !principal.in_browser {
        let message = "a key or an access token may not do this; sign in with a browser";
        return Err(Error::new(ErrorKind::PermissionDenied, message).into());
    }
    let user = principal.user;
    // Before it: what was sent cannot be taken back.
    accounts
        .note(&origin, AuditAction::UserExported, user.to_string())
        .await?;
    let standing = Standing::of(&state, Some(&Caller::SignedIn(principal)), user);
    let service = state.service;
    let bytes = archive::streamed(move |archive| user_archive::pack(archive, service, user, standing));
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CONTENT_DISPOSITION, attachment(FILENAME));
    headers.insert(header::CONTENT_SECURITY_POLICY, USER_FILE_POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
