//! `/api/set-up` and `/api/reset-password`: what links that work once lead to.

use std::sync::Arc;

use axum::{Json, extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    password::unrepeated,
    sign_in::{Login, welcome},
    views::SignedInView,
};
use crate::http::{
    HttpSettings,
    api::{Done, Envelope},
    caller::{AskedFrom, PasswordAccounts},
    error::ApiError,
    problem::Problem,
    request::JsonBody,
};

/// The first account.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SetUp {
    /// The secret of the link that the server printed.
    token: String,
    #[serde(flatten)]
    login: Login,
}

/// Makes the first account, an administrator's, and signs in.
#[utoipa::path(
    post, path = "/api/set-up", tag = "accounts",
    request_body = SetUp,
    responses(
        (status = 200, body = Envelope<SignedInView>),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn set_up(
    PasswordAccounts(accounts): PasswordAccounts,
    State(settings): State<Arc<HttpSettings>>,
    from: AskedFrom,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SetUp>,
) -> Result<Response, ApiError> {
    let asked = body.login.into_sign_in(from, &headers);
    let signed_in = accounts.set_up(&body.token, &asked).await?;
    welcome(&signed_in, &settings)
}

/// Another password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ResetPassword {
    /// The secret of the link.
    token: String,
    /// 8 to 256 characters.
    #[serde(deserialize_with = "unrepeated")]
    password: String,
}

/// Chooses a password with a link. All sessions end.
#[utoipa::path(
    post, path = "/api/reset-password", tag = "accounts",
    request_body = ResetPassword,
    responses(
        (status = 200, body = Done),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn reset_password(
    PasswordAccounts(accounts): PasswordAccounts,
    AskedFrom(origin): AskedFrom,
    JsonBody(body): JsonBody<ResetPassword>,
) -> Result<Json<Done>, ApiError> {
    accounts
        .reset_password(&body.token, &body.password.into(), &origin.address)
        .await?;
    Ok(Done::new("The password was changed"))
}
