//! `/api/auth` and `/.well-known/jwks.json`: access tokens of programs.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use ocr_core::{
    account_store::KeyScope,
    model::{Caller, SigningKey},
    service::{ACCESS_TOKEN_LIFETIME, IssuedTokens},
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    password::{unrepeated, unrepeated_if_any},
    sign_in::{Login, agent},
};
use crate::http::{
    api::{Done, Envelope},
    caller::{Accounts, AskedFrom, Asking, PasswordAccounts},
    error::ApiError,
    problem::Problem,
    request::JsonBody,
};

/// Tokens that are wanted.
#[derive(Deserialize, ToSchema)]
pub(crate) struct WantedTokens {
    /// The name or e-mail address; absent where the cookie of a session says who asks.
    name: Option<String>,
    /// Goes with the name.
    #[serde(default, deserialize_with = "unrepeated_if_any")]
    password: Option<String>,
    /// A code of the second factor, or a recovery code: needed where 403 is the answer without it.
    #[serde(default, deserialize_with = "unrepeated_if_any")]
    code: Option<String>,
    /// read, write or admin; each includes those before it. write when absent.
    scope: Option<String>,
}

/// Tokens of a program.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokensView {
    /// To be sent as `Authorization: Bearer TOKEN`.
    access_token: String,
    /// Bearer.
    token_type: &'static str,
    /// For how many seconds the access token works.
    expires_in: u64,
    /// What the next tokens are asked for with, once.
    refresh_token: String,
    /// read, write or admin.
    scope: &'static str,
}

impl From<IssuedTokens> for TokensView {
    fn from(issued: IssuedTokens) -> Self {
        Self {
            access_token: issued.access.expose_secret().to_owned(),
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_LIFETIME.as_secs(),
            refresh_token: issued.refresh.expose().to_owned(),
            scope: issued.scope.as_str(),
        }
    }
}

/// Gives a program an access token, which works for 10 minutes, and a refresh token for the next ones: for name and
/// password, or in the session of a browser. They have a session of their own, which is listed and ended as others are.
#[utoipa::path(
    post, path = "/api/auth/token", tag = "accounts",
    request_body = WantedTokens,
    responses(
        (status = 200, body = Envelope<TokensView>),
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
pub(crate) async fn token(
    Accounts(accounts): Accounts,
    passwords: Result<PasswordAccounts, ApiError>,
    asking: Result<Asking, ApiError>,
    from: AskedFrom,
    headers: HeaderMap,
    JsonBody(body): JsonBody<WantedTokens>,
) -> Result<Response, ApiError> {
    let scope = match body.scope {
        Some(scope) => scope.parse()?,
        None => KeyScope::Write,
    };
    let issued = match (body.name, body.password) {
        (Some(name), Some(password)) => {
            // Whoever leaves the provider of sign-ins aside would leave aside what it asks for.
            let PasswordAccounts(accounts) = passwords?;
            let code = body.code;
            let login = Login { name, password, code };
            let asked = login.into_sign_in(from, &headers);
            accounts.issue_tokens(&asked, scope).await?
        }
        (None, None) => {
            let Asking(caller) = asking?;
            let Caller::SignedIn(principal) = caller else {
                return Err(ApiError::invalid("send name and password"));
            };
            let AskedFrom(origin) = from;
            accounts
                .issue_tokens_in_session(&principal, scope, &origin, agent(&headers))
                .await?
        }
        _ => {
            return Err(ApiError::invalid(
                "send name and password, or neither in a session",
            ));
        }
    };
    Ok(given(issued))
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SentRefreshToken {
    /// The refresh token.
    #[serde(deserialize_with = "unrepeated")]
    refresh_token: String,
}

/// Gives a program the next tokens. A refresh token works once; for 30 s it is answered with the same next one, and when
/// it is used again later, its session ends.
#[utoipa::path(
    post, path = "/api/auth/refresh", tag = "accounts",
    request_body = SentRefreshToken,
    responses(
        (status = 200, body = Envelope<TokensView>),
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
pub(crate) async fn refresh(
    Accounts(accounts): Accounts,
    AskedFrom(origin): AskedFrom,
    JsonBody(body): JsonBody<SentRefreshToken>,
) -> Result<Response, ApiError> {
    Ok(given(
        accounts.refresh_tokens(&body.refresh_token, &origin).await?,
    ))
}

/// Takes the tokens of a program back: its session ends. A token that does not work is passed over.
#[utoipa::path(
    post, path = "/api/auth/revoke", tag = "accounts",
    request_body = SentRefreshToken,
    responses(
        (status = 200, body = Done),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn revoke(
    Accounts(accounts): Accounts,
    AskedFrom(origin): AskedFrom,
    JsonBody(body): JsonBody<SentRefreshToken>,
) -> Result<Json<Done>, ApiError> {
    accounts.revoke_tokens(&body.refresh_token, &origin).await?;
    Ok(Done::new("The tokens were revoked"))
}

/// The public half of a key (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicKeyView {
    /// OKP.
    kty: &'static str,
    /// Ed25519.
    crv: &'static str,
    /// EdDSA.
    alg: &'static str,
    /// sig.
    #[serde(rename = "use")]
    usage: &'static str,
    /// The name of the key, which each token has in its header.
    kid: String,
    /// The key, base64url.
    x: String,
}

impl From<SigningKey> for PublicKeyView {
    fn from(key: SigningKey) -> Self {
        Self {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            usage: "sig",
            kid: key.id.to_string(),
            x: key.public,
        }
    }
}

/// The keys that access tokens are signed with, newest first (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicKeys {
    keys: Vec<PublicKeyView>,
}

/// The keys with which others can check access tokens. What they cannot check is whether its session has ended.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "accounts",
    responses(
        (status = 200, body = PublicKeys),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn jwks(Accounts(accounts): Accounts) -> Result<Json<PublicKeys>, ApiError> {
    let keys = accounts.signing_keys().await?;
    Ok(Json(PublicKeys {
        keys: keys.into_iter().map(PublicKeyView::from).collect(),
    }))
}

/// Tokens for whoever asked, to be kept by nobody on the way.
fn given(issued: IssuedTokens) -> Response {
    let mut response = Envelope::new(TokensView::from(issued)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
