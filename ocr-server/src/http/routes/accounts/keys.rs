//! `/api/account/keys`: keys with which programs sign in.

use axum::{Json, http::StatusCode};
use ocr_core::service::{NewApiKey, NewKey};
use serde::Deserialize;
use utoipa::ToSchema;

use super::views::{CreatedKey, KeyList, KeyView};
use crate::http::{
    api::{Done, Envelope},
    caller::{Accounts, AskedFrom, SignedInAs},
    error::ApiError,
    problem::Problem,
    request::{JsonBody, Segments},
};

/// One's keys, newest first.
#[utoipa::path(
    get, path = "/api/account/keys", tag = "accounts",
    responses(
        (status = 200, body = Envelope<KeyList>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn keys(
    Accounts(accounts): Accounts,
    SignedInAs(principal): SignedInAs,
) -> Result<Json<Envelope<KeyList>>, ApiError> {
    let keys = accounts.keys(&principal).await?;
    Ok(Envelope::new(KeyList {
        keys: keys.into_iter().map(KeyView::from).collect(),
    }))
}

/// A key that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WantedKey {
    /// What it is called, 1 to 100 characters.
    name: String,
    /// read, write or admin; each includes those before it.
    scope: String,
    /// For how many days it works, 1 to 3660; until it is revoked when absent.
    days: Option<u16>,
    /// Maximum number of requests a minute with it, 1 to 1000000, beside the limits of its owner; none of its own when
    /// absent.
    requests_per_minute: Option<u32>,
}

/// Makes a key. Send it as `Authorization: Bearer KEY`.
#[utoipa::path(
    post, path = "/api/account/keys", tag = "accounts",
    request_body = WantedKey,
    responses(
        (status = 201, body = Envelope<CreatedKey>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_key(
    Accounts(accounts): Accounts,
    SignedInAs(principal): SignedInAs,
    AskedFrom(origin): AskedFrom,
    JsonBody(body): JsonBody<WantedKey>,
) -> Result<(StatusCode, Json<Envelope<CreatedKey>>), ApiError> {
    let wanted = NewKey {
        name: body.name,
        scope: body.scope.parse()?,
        days: body.days,
        requests_per_minute: body.requests_per_minute,
    };
    let NewApiKey { secret, key } = accounts.create_key(&principal, &wanted, &origin).await?;
    let created = CreatedKey {
        key: key.into(),
        secret: secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Envelope::new(created)))
}

/// Revokes a key: it does not work any more.
#[utoipa::path(
    delete, path = "/api/account/keys/{key_id}", tag = "accounts",
    params(("key_id" = String, Path, description = "The key")),
    responses(
        (status = 200, body = Done),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn revoke_key(
    Accounts(accounts): Accounts,
    SignedInAs(principal): SignedInAs,
    AskedFrom(origin): AskedFrom,
    Segments(id): Segments<String>,
) -> Result<Json<Done>, ApiError> {
    accounts.revoke_key(&principal, id.parse()?, &origin).await?;
    Ok(Done::new("The key was revoked"))
}
