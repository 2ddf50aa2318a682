//! The health server: `/health` and `/status` on their own port.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use super::{
    caller,
    error::ApiError,
    router::guarded,
    routes::status::{Component, components, live, ready, redis},
    state::AppState,
};
use ocr_core::store::Scope;

/// The routes of the health server. Where people sign in, `/status` is for administrators.
pub fn health_router(state: AppState) -> Router {
    let routes = Router::new()
        .route("/health", get(health))
        .route("/status", get(status))
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .layer(middleware::from_fn_with_state(state.clone(), caller::identify));
    guarded(routes, state)
}

async fn health(State(state): State<AppState>) -> Response {
    let condition = state.service.condition().await;
    let parts = components(&condition);
    let connected = |healthy: bool| if healthy { "connected" } else { "disconnected" };
    let (queue, notifier) = (&condition.queue, &condition.notifier);
    let healthy = condition.is_ready();
    let mut body = json!({
        "status": if healthy { "healthy" } else { "unhealthy" },
        "database": connected(condition.store.is_healthy()),
        "queue": Component::from(queue),
        "notifier": Component::from(notifier),
        "storage": parts.get("storage"),
        "engine": parts.get("engine"),
        "timestamp": condition.at,
    });
    // A field of the contract, where there is a Redis to speak of.
    if let Some(redis) = redis(&condition) {
        body["redis"] = connected(redis.healthy).into();
    }
    let status = if healthy {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(body)).into_response()
}

async fn status(State(state): State<AppState>) -> Result<Response, ApiError> {
    let depth = state.service.queue_depth().await?;
    let tasks = state.service.stats(Scope::system()).await?;
    let uptime = (state.service.now() - state.settings.started_at).num_seconds();
    let body = json!({"queue_length": depth.ready + depth.delayed, "tasks": tasks, "uptime": uptime});
    Ok(Json(body).into_response())
}
