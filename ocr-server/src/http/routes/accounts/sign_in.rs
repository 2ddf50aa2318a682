//! `/api/session`, `/api/sign-in`, `/api/sign-out`

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use ocr_core::{
    model::Caller,
    service::{SignIn, SignedIn},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    password::{unrepeated, unrepeated_if_any},
    views::{SessionState, SignedInView, UserView},
};
use crate::http::{
    HttpSettings,
    api::{Done, Envelope},
    caller::{Accounts, AskedFrom, Asking, PasswordAccounts, SignedInAs},
    cookie,
    error::ApiError,
    problem::Problem,
    request::JsonBody,
    state::AppState,
};

/// Name and password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Login {
    /// The name or e-mail address.
    pub(super) name: String,
    /// 8 to 256 characters.
    #[serde(deserialize_with = "unrepeated")]
    pub(super) password: String,
    /// A code of the second factor, or a recovery code: needed where 403 is the answer without it.
    #[serde(default, deserialize_with = "unrepeated_if_any")]
    pub(super) code: Option<String>,
}

impl Login {
    /// The sign-in that it asks for.
    pub(super) fn into_sign_in(self, AskedFrom(origin): AskedFrom, headers: &HeaderMap) -> SignIn {
        SignIn {
            login: self.name,
            password: self.password.into(),
            address: origin.address,
            agent: agent(headers).to_owned(),
            code: self.code.map(Into::into),
        }
    }
}

/// What a browser or a program calls itself.
pub(super) fn agent(headers: &HeaderMap) -> &str {
    let agent = headers.get(header::USER_AGENT);
    agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default()
}

/// Whether one has to sign in here, and who has.
#[utoipa::path(
    get, path = "/api/session", tag = "accounts",
    responses(
        (status = 200, body = Envelope<SessionState>),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn session(
    State(state): State<AppState>,
    asking: Result<Asking, ApiError>,
) -> Result<Json<Envelope<SessionState>>, ApiError> {
    let user = match &asking {
        Ok(Asking(Caller::SignedIn(principal))) => Some(UserView::from(principal)),
        _ => None,
    };
    let set_up_needed = match (&state.accounts, &user) {
        (Some(accounts), None) if state.oidc.is_none() => !accounts.has_accounts().await?,
        _ => false,
    };
    Ok(Envelope::new(SessionState {
        auth: match (&state.accounts, &state.oidc) {
            (None, _) => "none",
            (Some(_), None) => "local",
            (Some(_), Some(_)) => "oidc",
        },
        user,
        set_up_needed,
    }))
}

/// Signs in: the answer gives the browser a cookie. Programs use a key instead.
#[utoipa::path(
    post, path = "/api/sign-in", tag = "accounts",
    request_body = Login,
    responses(
        (status = 200, body = Envelope<SignedInView>),
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
pub(crate) async fn sign_in(
    PasswordAccounts(accounts): PasswordAccounts,
    State(settings): State<Arc<HttpSettings>>,
    from: AskedFrom,
    headers: HeaderMap,
    JsonBody(login): JsonBody<Login>,
) -> Result<Response, ApiError> {
    let signed_in = accounts.sign_in(&login.into_sign_in(from, &headers)).await?;
    welcome(&signed_in, &settings)
}

/// The answer to whoever has just signed in.
pub(super) fn welcome(signed_in: &SignedIn, settings: &HttpSettings) -> Result<Response, ApiError> {
    let answer = Envelope::new(SignedInView {
        user: UserView::from(&signed_in.principal),
    });
    let mut response = answer.into_response();
    let cookie = cookie::given(&signed_in.secret, settings)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Ends the session that asks, and takes its cookie away.
#[utoipa::path(
    post, path = "/api/sign-out", tag = "accounts",
    responses(
        (status = 200, body = Done),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sign_out(
    Accounts(accounts): Accounts,
    State(settings): State<Arc<HttpSettings>>,
    SignedInAs(principal): SignedInAs,
    AskedFrom(origin): AskedFrom,
) -> Result<Response, ApiError> {
    accounts.sign_out(&principal, &origin).await?;
    let mut response = Done::new("Signed out").into_response();
    let cookie = cookie::taken(&settings)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}
