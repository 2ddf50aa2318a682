//! Limits of requests, around every operation of the API.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ocr_core::{Error, ErrorKind, rate_limiter::RateDecision};

use super::{
    error::ApiError,
    rate_gate::{Class, Rule, rules, seconds, tell},
    state::AppState,
};

/// Refuses a request beyond a limit of whoever makes it, and tells what is left in every answer.
pub(crate) async fn limited(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let gate = &state.rate;
    let Some(class) = Class::of(request.method(), request.uri().path()) else {
        return next.run(request).await;
    };
    let rules = rules(gate, class, request.extensions(), state.accounts.is_some());
    let mut told = Vec::new();
    let mut refused = None;
    for rule in rules {
        let Some(decision) = gate.take(&rule.key, rule.limit).await else {
            continue;
        };
        if !decision.allowed {
            refused = Some(refusal(&rule, &decision));
        }
        told.push((rule, decision));
        if refused.is_some() {
            break;
        }
    }
    let mut response = match refused {
        None => next.run(request).await,
        Some(error) => error.into_response(),
    };
    tell(&mut response, &told);
    response
}

fn refusal(rule: &Rule, decision: &RateDecision) -> ApiError {
    let message = format!(
        "too many requests: at most {} a minute that count as {}",
        rule.limit.requests, rule.name
    );
    let wait = Duration::from_secs(seconds(decision.retry_after).max(1));
    Error::new(ErrorKind::RateLimited, message)
        .with_retry_after(wait)
        .into()
}
