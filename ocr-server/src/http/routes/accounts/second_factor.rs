//! `/api/account/second-factor`: one-time codes beside the password.

use axum::Json;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::password::unrepeated;
use crate::http::{
    api::{Done, Envelope},
    caller::{Accounts, AdminAs, AskedFrom, PasswordAccounts, SignedInAs},
    error::ApiError,
    problem::Problem,
    request::{JsonBody, Segments},
};

/// Whether a second factor is asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecondFactorView {
    /// Whether it was added and confirmed.
    active: bool,
    /// Recovery codes that were not used yet.
    recovery_left: usize,
}

/// Whether one is asked for a second factor.
#[utoipa::path(
    get, path = "/api/account/second-factor", tag = "accounts",
    responses(
        (status = 200, body = Envelope<SecondFactorView>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn state(
    PasswordAccounts(accounts): PasswordAccounts,
    SignedInAs(principal): SignedInAs,
) -> Result<Json<Envelope<SecondFactorView>>, ApiError> {
    let state = accounts.second_factor(&principal).await?;
    Ok(Envelope::new(SecondFactorView {
        active: state.active,
        recovery_left: state.recovery_left,
    }))
}

/// The present password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PresentPassword {
    #[serde(deserialize_with = "unrepeated")]
    password: String,
}

/// A second factor that is still to be confirmed.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewSecondFactorView {
    /// In base 32, to be typed into an app. It is not shown again.
    secret: String,
    /// The same as an address that apps read: `otpauth:`.
    uri: String,
}

/// Makes a second factor; it is asked for once it is confirmed.
#[utoipa::path(
    post, path = "/api/account/second-factor", tag = "accounts",
    request_body = PresentPassword,
    responses(
        (status = 201, body = Envelope<NewSecondFactorView>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn add(
    PasswordAccounts(accounts): PasswordAccounts,
    SignedInAs(principal): SignedInAs,
    JsonBody(body): JsonBody<PresentPassword>,
) -> Result<(axum::http::StatusCode, Json<Envelope<NewSecondFactorView>>), ApiError> {
    let new = accounts
        .add_second_factor(&principal, &body.password.into())
        .await?;
    let shown = NewSecondFactorView {
        secret: new.secret.expose_secret().to_owned(),
        uri: new.uri.expose_secret().to_owned(),
    };
    Ok((axum::http::StatusCode::CREATED, Envelope::new(shown)))
}

/// A code of the app.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SentCode {
    /// Six digits.
    #[serde(deserialize_with = "unrepeated")]
    code: String,
}

/// Recovery codes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecoveryCodes {
    /// Each works once in place of a code of the app. They are not shown again.
    recovery_codes: Vec<String>,
}

/// Confirms a second factor with a code of the app, and gives recovery codes.
#[utoipa::path(
    post, path = "/api/account/second-factor/confirm", tag = "accounts",
    request_body = SentCode,
    responses(
        (status = 200, body = Envelope<RecoveryCodes>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn confirm(
    PasswordAccounts(accounts): PasswordAccounts,
    SignedInAs(principal): SignedInAs,
    AskedFrom(origin): AskedFrom,
    JsonBody(body): JsonBody<SentCode>,
) -> Result<Json<Envelope<RecoveryCodes>>, ApiError> {
    let codes = accounts
        .confirm_second_factor(&principal, &body.code.into(), &origin)
        .await?;
    Ok(Envelope::new(RecoveryCodes {
        recovery_codes: codes.iter().map(|code| code.expose_secret().to_owned()).collect(),
    }))
}

/// Removes one's second factor.
#[utoipa::path(
    post, path = "/api/account/second-factor/remove", tag = "accounts",
    request_body = PresentPassword,
    responses(
        (status = 200, body = Done),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn remove(
    PasswordAccounts(accounts): PasswordAccounts,
    SignedInAs(principal): SignedInAs,
    AskedFrom(origin): AskedFrom,
    JsonBody(body): JsonBody<PresentPassword>,
) -> Result<Json<Done>, ApiError> {
    accounts
        .remove_second_factor(&principal, &body.password.into(), &origin)
        .await?;
    Ok(Done::new("The second factor was removed"))
}

/// Removes the second factor of somebody who lost it.
#[utoipa::path(
    delete, path = "/api/admin/users/{user_id}/second-factor", tag = "admin",
    params(("user_id" = String, Path, description = "The user")),
    responses(
        (status = 200, body = Done),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn remove_for(
    Accounts(accounts): Accounts,
    _admin: AdminAs,
    AskedFrom(origin): AskedFrom,
    Segments(id): Segments<String>,
) -> Result<Json<Done>, ApiError> {
    accounts.drop_second_factor(id.parse()?, &origin).await?;
    Ok(Done::new("The second factor was removed"))
}
