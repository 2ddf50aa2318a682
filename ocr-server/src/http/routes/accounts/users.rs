//! `/api/admin/users`: the accounts, for administrators.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use ocr_core::{id::UserId, service::MAX_ACCOUNTS};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::views::{AccountLink, AccountList, AccountView};
use crate::{
    http::{
        HttpSettings,
        api::Envelope,
        caller::{Accounts, AdminAs, AskedFrom, PasswordAccounts},
        error::ApiError,
        problem::Problem,
        request::{JsonBody, Params, Segments, base_url},
    },
    links,
};

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsersParams {
    /// `nextAfter` of the answer before.
    after: Option<String>,
}

/// The accounts by name, 200 at once.
#[utoipa::path(
    get, path = "/api/admin/users", tag = "admin",
    params(UsersParams),
    responses(
        (status = 200, body = Envelope<AccountList>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn users(
    Accounts(accounts): Accounts,
    _admin: AdminAs,
    Params(params): Params<UsersParams>,
) -> Result<Json<Envelope<AccountList>>, ApiError> {
    let found = accounts.accounts(params.after).await?;
    let more = found.len() == MAX_ACCOUNTS;
    let last = found.last().map(|account| account.login.clone());
    Ok(Envelope::new(AccountList {
        users: found.into_iter().map(AccountView::from).collect(),
        next_after: last.filter(|_| more),
    }))
}

/// An account that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct WantedUser {
    /// The name or e-mail address to sign in with.
    name: String,
    /// user or admin; user when absent.
    role: Option<String>,
}

/// Makes an account. The answer holds the link with which its owner chooses a password.
#[utoipa::path(
    post, path = "/api/admin/users", tag = "admin",
    request_body = WantedUser,
    responses(
        (status = 201, body = Envelope<AccountLink>),
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
pub(crate) async fn create_user(
    PasswordAccounts(accounts): PasswordAccounts,
    _admin: AdminAs,
    State(settings): State<Arc<HttpSettings>>,
    AskedFrom(origin): AskedFrom,
    headers: HeaderMap,
    JsonBody(body): JsonBody<WantedUser>,
) -> Result<(StatusCode, Json<Envelope<AccountLink>>), ApiError> {
    let role = body.role.as_deref().unwrap_or("user").parse()?;
    let made = accounts.create_account(&body.name, role, None, &origin).await?;
    let base = base_url(&settings, &headers);
    let created = AccountLink {
        link: made.link.map(|secret| links::one_time(&base, "reset", &secret)),
        user: made.account.into(),
    };
    Ok((StatusCode::CREATED, Envelope::new(created)))
}

/// A change of an account.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct UserChange {
    /// user or admin; as it is when absent.
    role: Option<String>,
    /// Whether signing in is refused; as it is when absent.
    disabled: Option<bool>,
}

/// Changes the role of an account, or whether it may sign in. The last administrator stays.
#[utoipa::path(
    patch, path = "/api/admin/users/{user_id}", tag = "admin",
    params(("user_id" = String, Path, description = "The user")),
    request_body = UserChange,
    responses(
        (status = 200, body = Envelope<AccountLink>),
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
pub(crate) async fn change_user(
    Accounts(accounts): Accounts,
    _admin: AdminAs,
    AskedFrom(origin): AskedFrom,
    Segments(id): Segments<String>,
    JsonBody(body): JsonBody<UserChange>,
) -> Result<Json<Envelope<AccountLink>>, ApiError> {
    let user: UserId = id.parse()?;
    let mut account = None;
    if let Some(role) = body.role {
        account = Some(accounts.set_role(user, role.parse()?, &origin).await?);
    }
    if let Some(disabled) = body.disabled {
        account = Some(accounts.set_disabled(user, disabled, &origin).await?);
    }
    let account = account.ok_or_else(|| ApiError::invalid("send role, disabled, or both"))?;
    Ok(Envelope::new(AccountLink {
        user: account.into(),
        link: None,
    }))
}

/// The link of an account.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct ResetLink {
    /// To be given to its owner; it works once, for a day.
    link: String,
}

/// Makes a link with which the owner of an account chooses another password.
#[utoipa::path(
    post, path = "/api/admin/users/{user_id}/reset-link", tag = "admin",
    params(("user_id" = String, Path, description = "The user")),
    responses(
        (status = 201, body = Envelope<ResetLink>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn reset_link(
    PasswordAccounts(accounts): PasswordAccounts,
    _admin: AdminAs,
    State(settings): State<Arc<HttpSettings>>,
    AskedFrom(origin): AskedFrom,
    headers: HeaderMap,
    Segments(id): Segments<String>,
) -> Result<(StatusCode, Json<Envelope<ResetLink>>), ApiError> {
    let secret = accounts.reset_link(id.parse()?, &origin).await?;
    let base = base_url(&settings, &headers);
    let link = links::one_time(&base, "reset", &secret);
    Ok((StatusCode::CREATED, Envelope::new(ResetLink { link })))
}
