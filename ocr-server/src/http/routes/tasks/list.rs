//! `GET /api/tasks`

use std::collections::HashMap;

use axum::{Json, extract::State};
use ocr_core::{
    id::TaskId,
    model::{Filing, Task, TaskStatus},
    pagination::{Cursor, MAX_PAGE_SIZE, PageRequest},
    service::{MAX_POSITION, OcrService},
    store::Scope,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::list_filters::ListFilters;
use crate::http::{
    api::{Envelope, TaskList, TaskView},
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, named_user},
};

/// Which tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// Only these statuses, separated by commas.
    status: Option<String>,
    /// The trash instead of the live tasks.
    #[serde(default)]
    deleted: bool,
    /// Only files whose name has this in it, ASCII letters without regard to case.
    q: Option<String>,
    /// Only documents with this label, whatever the case of its letters.
    label: Option<String>,
    /// Only documents in this collection, whatever the case of its letters.
    collection: Option<String>,
    /// Only dead letters: tasks that failed although their document is not to blame.
    #[serde(default, rename = "setAside")]
    set_aside: bool,
    /// How many, 1..=100; 100 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Tasks of a user, newest first, and how many stand where.
#[utoipa::path(
    get, path = "/api/tasks", tag = "tasks",
    params(("userId" = String, Query, description = "The owner, a UUID"), ListParams),
    responses(
        (status = 200, body = Envelope<TaskList>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Params(params): Params<ListParams>,
) -> Result<Json<Envelope<TaskList>>, ApiError> {
    let scope = Scope::owner(named_user(scope)?);
    let filter = ListFilters {
        status: params.status,
        deleted: params.deleted,
        q: params.q,
        label: params.label,
        collection: params.collection,
    }
    .into_model()?
    .with_dead_letters(params.set_aside);
    let request = PageRequest::first(params.limit.unwrap_or(MAX_PAGE_SIZE))?
        .after(params.cursor.map(Cursor::from_client));
    let page = service.list(scope, filter, request).await?;
    let stats = service.stats(scope).await?;
    let waiting = page.items.iter().any(|task| task.status() == TaskStatus::Pending);
    let positions = if waiting && !params.deleted {
        service.queue_positions().await?
    } else {
        HashMap::new()
    };
    // When as many tasks were counted as are counted at most, the others get that maximum as their position.
    // When fewer were counted, the others have a delayed start and no position.
    let behind = (positions.len() == MAX_POSITION).then_some(MAX_POSITION);
    let ids: Vec<TaskId> = page.items.iter().map(|task| task.id).collect();
    let filed = service.filings(scope, ids).await?.into_iter();
    let mut filings: HashMap<TaskId, Filing> = filed.map(|filed| (filed.task, filed.filing)).collect();
    let view = |task: Task| {
        let position = match task.status() {
            TaskStatus::Pending => positions.get(&task.id).copied().or(behind),
            _ => None,
        };
        let filing = filings.remove(&task.id).unwrap_or_default();
        let takeover_at = service.takeover_at(&task);
        TaskView::from(task)
            .with_takeover(takeover_at)
            .with_queue_position(position)
            .with_filing(filing)
    };
    Ok(Envelope::new(TaskList {
        tasks: page.items.into_iter().map(view).collect(),
        stats: stats.into(),
        next_cursor: page.next.map(|cursor| cursor.as_str().to_owned()),
    }))
}
