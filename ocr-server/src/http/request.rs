//! What handlers read from a request: owner, ids, options.

use axum::{
    extract::{FromRequestParts, Path, Query, rejection::QueryRejection},
    http::{HeaderMap, request::Parts},
};
use ocr_core::{
    id::{TaskId, UserId},
    store::Scope,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::error::ApiError;

/// Query parameters whose errors are problem documents.
#[derive(Debug)]
pub(crate) struct Params<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for Params<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        match query {
            Ok(Query(params)) => Ok(Self(params)),
            Err(error) => Err(ApiError::invalid(format!(
                "the query cannot be read: {}",
                error.body_text()
            ))),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnerParam {
    user_id: Option<String>,
}

/// For whom a request is made. Nobody signs in, so the client says it: with `userId` the scope is
/// that user, without it everything. This mode is only offered where every client is trusted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) scope: Scope,
}

impl Caller {
    /// The user, where the request must name one.
    pub(crate) fn user(self) -> Result<UserId, ApiError> {
        match self.scope {
            Scope::Owner(user) => Ok(user),
            Scope::System => Err(ApiError::invalid("userId is required, a UUID")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Params(owner) = Params::<OwnerParam>::from_request_parts(parts, state).await?;
        let scope = match owner.user_id.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => Scope::Owner(text.parse()?),
            None => Scope::System,
        };
        Ok(Self { scope })
    }
}

/// The task a path names. What is not a UUID is no task.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TaskPath(pub(crate) TaskId);

impl<S: Send + Sync> FromRequestParts<S> for TaskPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let missing = || ocr_core::Error::new(ocr_core::ErrorKind::NotFound, "the task does not exist");
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| missing())?;
        let id: TaskId = text.parse().map_err(|_| missing())?;
        Ok(Self(id))
    }
}

/// The `Idempotency-Key` header.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let text = value
        .to_str()
        .map_err(|_| ApiError::invalid("the idempotency key is not text"))?;
    // The draft standard quotes it; many clients do not.
    Ok(Some(text.trim_matches('"').to_owned()))
}

/// `scheme://host` under which this client reached us.
pub(crate) fn base_url(public_url: Option<&str>, headers: &HeaderMap) -> String {
    let host = headers
        .get("host")
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    public_url.map_or_else(|| format!("http://{host}"), str::to_owned)
}
