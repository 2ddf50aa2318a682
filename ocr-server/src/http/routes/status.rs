//! `GET /health` of the API, and the probes.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use ocr_core::service::{Condition, PartCondition};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::state::AppState;

/// The name of the adapters of Redis.
const REDIS: &str = "redis";

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Whether every part that requests need is well. A missing engine only makes documents wait.
    success: bool,
    service: String,
    version: String,
    timestamp: DateTime<Utc>,
    components: BTreeMap<&'static str, Component>,
}

/// How one part is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Component {
    pub(crate) healthy: bool,
    /// The adapter that plays the part.
    pub(crate) adapter: String,
    /// What is missing, and how to get it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// How the server and its parts are.
#[utoipa::path(
    get, path = "/health", tag = "health",
    responses((status = 200, body = Health), (status = 503, body = Health))
)]
pub(crate) async fn health(State(state): State<AppState>) -> Response {
    let condition = state.service.condition().await;
    let success = condition.is_ready();
    let health = Health {
        success,
        service: "OCR Platform Backend API".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        timestamp: condition.at,
        components: components(&condition),
    };
    let status = if success {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(health)).into_response()
}

/// Liveness: answers 200 while the process runs. Checks no dependency.
#[utoipa::path(get, path = "/livez", tag = "health", responses((status = 200)))]
pub(crate) async fn live() -> &'static str {
    "ok"
}

/// Whether requests should be sent here: not while a part is down or the server stops.
#[utoipa::path(get, path = "/readyz", tag = "health", responses((status = 200), (status = 503)))]
pub(crate) async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if state.shutdown.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "shutting down");
    }
    if state.service.condition().await.is_ready() {
        (StatusCode::OK, "ok")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "a component is not healthy; see /health",
        )
    }
}

/// Every part. `redis`, where there is one, is the name that the contract gives to queue and notifications together.
pub(crate) fn components(condition: &Condition) -> BTreeMap<&'static str, Component> {
    let mut parts = BTreeMap::from([
        ("database", Component::from(&condition.store)),
        ("queue", Component::from(&condition.queue)),
        ("notifier", Component::from(&condition.notifier)),
        ("storage", Component::from(&condition.blobs)),
        ("engine", Component::from(&condition.engine)),
    ]);
    if let Some(redis) = redis(condition) {
        parts.insert("redis", redis);
    }
    parts
}

/// How Redis is; `None` where neither the queue nor the notifications go through it.
pub(crate) fn redis(condition: &Condition) -> Option<Component> {
    let parts: Vec<&PartCondition> = [&condition.queue, &condition.notifier]
        .into_iter()
        .filter(|part| part.adapter == REDIS)
        .collect();
    let first = parts.first()?;
    Some(Component {
        healthy: parts.iter().all(|part| part.is_healthy()),
        adapter: first.adapter.clone(),
        message: parts.iter().find_map(|part| part.trouble.clone()),
    })
}

impl From<&PartCondition> for Component {
    fn from(part: &PartCondition) -> Self {
        Self {
            healthy: part.is_healthy(),
            adapter: part.adapter.clone(),
            message: part.trouble.clone(),
        }
    }
}
