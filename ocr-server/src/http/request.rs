//! What handlers read from a request: owner, ids, options.

use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Path, Query, Request,
        rejection::{PathRejection, QueryRejection},
    },
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

/// Parts of the path, whose errors are problem documents: a path that is not text is `InvalidInput`.
#[derive(Debug)]
pub(crate) struct Segments<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for Segments<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, state).await;
        path.map(|Path(segments)| Self(segments)).map_err(|error| {
            ocr_core::Error::new(ocr_core::ErrorKind::InvalidInput, "the path is not UTF-8 text")
                .with_source(error)
                .into()
        })
    }
}

/// A JSON body whose errors are problem documents.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S, T> FromRequest<S> for JsonBody<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(error) => Err(error.into()),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnerParam {
    user_id: Option<String>,
}

/// The scope of a request. Nobody signs in, so the client names it: with `userId` the scope is that user,
/// without it everything. An empty `userId` is an error (422): it must not be taken for a request without
/// an owner, which sees everything. This mode is only offered where every client is trusted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InScope(pub(crate) Scope);

impl<S: Send + Sync> FromRequestParts<S> for InScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Params(owner) = Params::<OwnerParam>::from_request_parts(parts, state).await?;
        Ok(Self(match owner.user_id.as_deref() {
            Some(text) => Scope::owner(text.parse()?),
            None => Scope::system(),
        }))
    }
}

/// The user that a scope is limited to, where the request must name one.
pub(crate) fn named_user(scope: Scope) -> Result<UserId, ApiError> {
    scope
        .owner_id()
        .ok_or_else(|| ApiError::invalid("userId is required, a UUID"))
}

/// The task that the path names. Text that is not a UUID is answered with 404, as for a task that does not
/// exist.
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
