//! `/api/account`: one's own sessions and password.

use axum::Json;
use ocr_core::model::Credential;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    password::unrepeated,
    views::{SessionList, SessionView},
};
use crate::http::{
    api::{Done, Envelope},
    caller::{Accounts, AskedFrom, PasswordAccounts, SignedInAs},
    error::ApiError,
    problem::Problem,
    request::{JsonBody, Segments},
};

/// One's sessions, newest first.
#[utoipa::path(
    get, path = "/api/account/sessions", tag = "accounts",
    responses(
        (status = 200, body = Envelope<SessionList>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sessions(
    Accounts(accounts): Accounts,
    SignedInAs(principal): SignedInAs,
) -> Result<Json<Envelope<SessionList>>, ApiError> {
    let current = match principal.credential {
        Credential::Session(id) => Some(id),
        Credential::Key(_) => None,
    };
    let sessions = accounts.sessions(&principal).await?;
    Ok(Envelope::new(SessionList {
        sessions: sessions
            .into_iter()
            .map(|session| SessionView::new(session, current))
            .collect(),
    }))
}

/// Ends one of one's sessions.
#[utoipa::path(
    delete, path = "/api/account/sessions/{session_id}", tag = "accounts",
    params(("session_id" = String, Path, description = "The session")),
    responses(
        (status = 200, body = Done),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn end_session(
    Accounts(accounts): Accounts,
    SignedInAs(principal): SignedInAs,
    AskedFrom(origin): AskedFrom,
    Segments(id): Segments<String>,
) -> Result<Json<Done>, ApiError> {
    accounts.revoke_session(&principal, id.parse()?, &origin).await?;
    Ok(Done::new("The session was ended"))
}

/// The present password and the next one.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChangePassword {
    /// The present one.
    #[serde(deserialize_with = "unrepeated")]
    present: String,
    /// The next one, 8 to 256 characters.
    #[serde(deserialize_with = "unrepeated")]
    password: String,
}

/// Changes one's password, and ends one's other sessions.
#[utoipa::path(
    post, path = "/api/account/password", tag = "accounts",
    request_body = ChangePassword,
    responses(
        (status = 200, body = Done),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_password(
    PasswordAccounts(accounts): PasswordAccounts,
    SignedInAs(principal): SignedInAs,
    AskedFrom(origin): AskedFrom,
    JsonBody(body): JsonBody<ChangePassword>,
) -> Result<Json<Done>, ApiError> {
    let (present, next) = (body.present.into(), body.password.into());
    accounts
        .change_password(&principal, &present, &next, &origin)
        .await?;
    Ok(Done::new("The password was changed"))
}
