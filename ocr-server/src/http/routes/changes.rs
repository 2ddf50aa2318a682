//! `GET /api/changes`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use ocr_core::{
    service::OcrService,
    store::{Change, ChangeCursor, Scope},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::{
    api::Envelope,
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, named_user},
};

/// Changes in one answer.
const BATCH: usize = 500;

/// Since when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesParams {
    /// `nextCursor` of the answer before, or `cursor` of a live message; from the beginning when absent.
    pub(crate) since: Option<String>,
}

/// What changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Changes {
    #[serde(rename = "changes")]
    entries: Vec<ChangeView>,
    /// Send it back as `since`.
    next_cursor: String,
    /// Whether there is more right now.
    has_more: bool,
}

/// A row that changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeView {
    table: String,
    operation: String,
    record_id: Uuid,
    task_id: Option<Uuid>,
    status: Option<String>,
    at: DateTime<Utc>,
    cursor: String,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        Self {
            table: change.table,
            operation: change.operation.as_str().into(),
            record_id: change.record_id,
            task_id: change.task.map(|task| task.0),
            status: change.status.map(|status| status.as_str().into()),
            at: change.at,
            cursor: cursor_text(change.cursor),
        }
    }
}

/// Everything that changed since a cursor, oldest first: what a client reads after a gap.
#[utoipa::path(
    get, path = "/api/changes", tag = "live",
    params(("userId" = String, Query, description = "The owner, a UUID"), ChangesParams),
    responses(
        (status = 200, body = Envelope<Changes>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn changes(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Params(params): Params<ChangesParams>,
) -> Result<Json<Envelope<Changes>>, ApiError> {
    let since = params
        .since
        .as_deref()
        .map(parse_cursor)
        .transpose()?
        .unwrap_or_default();
    let changes = service
        .changes(Scope::owner(named_user(scope)?), since, BATCH)
        .await?;
    let next = changes.last().map_or(since, |change| change.cursor);
    let has_more = changes.len() == BATCH;
    let entries = changes.into_iter().map(ChangeView::from).collect();
    Ok(Envelope::new(Changes {
        entries,
        next_cursor: cursor_text(next),
        has_more,
    }))
}

/// A cursor as clients see it.
pub(crate) fn cursor_text(cursor: ChangeCursor) -> String {
    format!("{}.{}", cursor.xid, cursor.seq)
}

/// A cursor that a client sent back.
pub(crate) fn parse_cursor(text: &str) -> Result<ChangeCursor, ApiError> {
    let invalid = || ApiError::invalid("the cursor is not one of ours; start again without it");
    let (xid, seq) = text.split_once('.').ok_or_else(invalid)?;
    Ok(ChangeCursor {
        xid: xid.parse().map_err(|_| invalid())?,
        seq: seq.parse().map_err(|_| invalid())?,
    })
}
