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

pub(crate) use super::caller::named_user;
use super::{HttpSettings, caller::Asking, error::ApiError};

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
            Err(error) => {
                let text = error.body_text();
                let cause = text.trim_start_matches("Failed to deserialize query string: ");
                Err(ApiError::invalid(format!("the query cannot be read: {cause}")))
            }
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

/// The owner that the query of a request names. An empty `userId` is an error (422): it must not be taken for a request
/// without an owner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NamedOwner(pub(crate) Option<UserId>);

impl<S: Send + Sync> FromRequestParts<S> for NamedOwner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Params(owner) = Params::<OwnerParam>::from_request_parts(parts, state).await?;
        let named = owner.user_id.as_deref().map(str::parse::<UserId>).transpose()?;
        Ok(Self(named))
    }
}

/// The scope of a request: that of whoever signed in, or of whom it names, as [`Caller::scope`] says.
///
/// [`Caller::scope`]: ocr_core::model::Caller::scope
#[derive(Debug, Clone, Copy)]
pub(crate) struct InScope(pub(crate) Scope);

impl<S: Send + Sync> FromRequestParts<S> for InScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let asking = Asking::from_request_parts(parts, state).await?;
        let NamedOwner(named) = NamedOwner::from_request_parts(parts, state).await?;
        asking.scope(named).map(Self)
    }
}

/// The pages from `from` to `to`, `most` at once; the first ones when neither is named.
///
/// # Errors
/// `InvalidInput` when the range is backwards.
pub(crate) fn page_range(from: Option<u32>, to: Option<u32>, most: u32) -> Result<(u32, u32), ApiError> {
    let from = from.unwrap_or(1).max(1);
    let last = from.saturating_add(most.saturating_sub(1));
    let to = to.unwrap_or(last);
    if to < from {
        return Err(ApiError::invalid(format!(
            "from={from} is after to={to}: pages are named from the first to the last"
        )));
    }
    Ok((from, to.min(last)))
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
pub(crate) fn base_url(settings: &HttpSettings, headers: &HeaderMap) -> String {
    let host = headers
        .get("host")
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let scheme = if settings.tls { "https" } else { "http" };
    let public_url = settings.public_url.clone();
    public_url.unwrap_or_else(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_pages_goes_forwards() {
        let range = |from, to| page_range(from, to, 50).ok();
        assert_eq!(range(None, None), Some((1, 50)));
        assert_eq!(range(Some(3), None), Some((3, 52)));
        assert_eq!(range(Some(3), Some(900)), Some((3, 52)));
        assert_eq!(range(Some(3), Some(3)), Some((3, 3)));
        assert_eq!(range(Some(5), Some(1)), None);
        let detail = page_range(Some(5), Some(1), 50).unwrap_err().detail();
        assert!(detail.contains("from=5") && detail.contains("to=1"), "{detail}");
    }
}
