//! `GET /api/stats`

use axum::{Json, extract::State};
use chrono::NaiveDate;
use ocr_core::{
    service::{Activity, DayActivity, EngineActivity, OcrService},
    store::Scope,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::{
    api::{Envelope, StatsView},
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, named_user},
};

/// Days when the request names none.
const DEFAULT_DAYS: u16 = 30;
/// Most days.
const MAX_DAYS: u16 = 366;

/// How far back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActivityParams {
    /// Days to look back, 1..=366; 30 when absent.
    #[param(minimum = 1, maximum = 366)]
    days: Option<u16>,
}

/// What was read lately.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActivityView {
    /// Documents by status, whenever they came.
    stats: StatsView,
    /// Days that had documents, oldest first, UTC.
    days: Vec<DayView>,
    engines: Vec<EngineActivityView>,
    /// Whether only the newest 1,000 documents were looked at.
    sampled: bool,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayView {
    day: NaiveDate,
    completed: u32,
    failed: u32,
    pages: u64,
    words: u64,
    /// 0..=1.
    mean_confidence: Option<f32>,
    /// Median time a document took.
    p50_ms: Option<u64>,
    p95_ms: Option<u64>,
}

/// One engine.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngineActivityView {
    engine: String,
    documents: u32,
    pages: u64,
    /// Median time a document took.
    p50_ms: Option<u64>,
    p95_ms: Option<u64>,
}

impl From<DayActivity> for DayView {
    fn from(day: DayActivity) -> Self {
        Self {
            day: day.day,
            completed: day.completed,
            failed: day.failed,
            pages: day.pages,
            words: day.words,
            mean_confidence: day.confidence,
            p50_ms: day.p50_ms,
            p95_ms: day.p95_ms,
        }
    }
}

impl From<EngineActivity> for EngineActivityView {
    fn from(engine: EngineActivity) -> Self {
        Self {
            engine: engine.engine,
            documents: engine.documents,
            pages: engine.pages,
            p50_ms: engine.p50_ms,
            p95_ms: engine.p95_ms,
        }
    }
}

/// Documents by status, by day and by engine.
#[utoipa::path(
    get, path = "/api/stats", tag = "tasks",
    params(("userId" = String, Query, description = "The owner, a UUID"), ActivityParams),
    responses(
        (status = 200, body = Envelope<ActivityView>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn activity(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Params(params): Params<ActivityParams>,
) -> Result<Json<Envelope<ActivityView>>, ApiError> {
    let days = params.days.unwrap_or(DEFAULT_DAYS);
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(ApiError::invalid(format!(
            "days must be between 1 and {MAX_DAYS}"
        )));
    }
    let scope = Scope::owner(named_user(scope)?);
    let Activity {
        days,
        engines,
        sampled,
        ..
    } = service.activity(scope, days).await?;
    Ok(Envelope::new(ActivityView {
        stats: service.stats(scope).await?.into(),
        days: days.into_iter().map(DayView::from).collect(),
        engines: engines.into_iter().map(EngineActivityView::from).collect(),
        sampled,
    }))
}
