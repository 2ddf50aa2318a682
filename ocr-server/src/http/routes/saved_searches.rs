//! `/api/searches`

use axum::{Json, extract::State, http::StatusCode};
use ocr_core::{
    Error, ErrorKind, id::SavedSearchId, model::FilingName, saved_search_store::SavedSearch,
    search::SearchQuery, service::OcrService,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    api::{Done, Envelope},
    error::ApiError,
    problem::Problem,
    request::{InScope, JsonBody, Segments, named_user},
};

/// A query, and what it is to be called.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SaveSearch {
    /// 1 to 64 characters. What the user has under this name, whatever the case of its letters, is replaced.
    name: String,
    /// What is searched for.
    query: String,
}

/// A search that was saved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedSearchView {
    id: Uuid,
    name: String,
    /// What is searched for.
    query: String,
}

/// The searches that a user saved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedSearchesView {
    /// By name, at most 100.
    searches: Vec<SavedSearchView>,
}

impl From<SavedSearch> for SavedSearchView {
    fn from(search: SavedSearch) -> Self {
        Self {
            id: search.id.0,
            name: search.name.to_string(),
            query: search.query,
        }
    }
}

/// The searches that a user saved.
#[utoipa::path(
    get, path = "/api/searches", tag = "filing",
    params(("userId" = String, Query, description = "The owner, a UUID")),
    responses(
        (status = 200, body = Envelope<SavedSearchesView>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(service): State<OcrService>,
    InScope(scope): InScope,
) -> Result<Json<Envelope<SavedSearchesView>>, ApiError> {
    let searches = service.saved_searches(named_user(scope)?).await?;
    Ok(Envelope::new(SavedSearchesView {
        searches: searches.into_iter().map(SavedSearchView::from).collect(),
    }))
}

/// Saves a search, at most 100 for a user.
#[utoipa::path(
    post, path = "/api/searches", tag = "filing",
    params(("userId" = String, Query, description = "The owner, a UUID")),
    request_body = SaveSearch,
    responses(
        (status = 201, body = Envelope<SavedSearchView>),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn save(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    JsonBody(body): JsonBody<SaveSearch>,
) -> Result<(StatusCode, Json<Envelope<SavedSearchView>>), ApiError> {
    let owner = named_user(scope)?;
    // Asked here too, so that the refusal says at which character.
    SearchQuery::parse(body.query.trim())?;
    let name = FilingName::new(&body.name)?;
    let saved = service.save_search(owner, name, &body.query).await?;
    Ok((StatusCode::CREATED, Envelope::new(saved.into())))
}

/// Deletes a saved search.
#[utoipa::path(
    delete, path = "/api/searches/{search_id}", tag = "filing",
    params(
        ("search_id" = String, Path, description = "The saved search"),
        ("userId" = String, Query, description = "The owner, a UUID"),
    ),
    responses(
        (status = 200, body = Done),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Segments(id): Segments<String>,
) -> Result<Json<Done>, ApiError> {
    let missing = || Error::new(ErrorKind::NotFound, "there is no such saved search");
    let id: SavedSearchId = id.parse().map_err(|_| missing())?;
    service.delete_saved_search(named_user(scope)?, id).await?;
    Ok(Done::new("Search deleted"))
}
