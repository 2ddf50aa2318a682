//! Limits of requests, around every operation of the API.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};
use ocr_core::{Error, ErrorKind, rate_limiter::RateDecision};

use super::{
    error::ApiError,
    rate_gate::{Class, RateGate, Rule, rules, seconds, tell},
    state::AppState,
};

/// Refuses a request beyond a limit of whoever makes it, and tells what is left in every answer.
pub(crate) async fn limited(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let gate = &state.rate;
    let Some(class) = Class::of(request.method(), request.uri().path()) else {
        return next.run(request).await;
    };
    let rules = rules(gate, class, request.extensions(), state.accounts.is_some());
    let (told, refused) = taken(gate, rules).await;
    let mut response = match refused {
        None => next.run(request).await,
        Some(error) => error.into_response(),
    };
    tell(&mut response, &told);
    response
}

/// The answer to somebody whose credentials are wrong. Trying them counts against the limit of the address.
pub(super) async fn stranger(state: &AppState, request: &Parts, wrong: Error) -> Response {
    let gate = &state.rate;
    let Some(class) = Class::of(&request.method, request.uri.path()) else {
        return ApiError::from(wrong).into_response();
    };
    let rules = rules(gate, class, &request.extensions, state.accounts.is_some());
    let (told, refused) = taken(gate, rules).await;
    let mut response = refused.unwrap_or_else(|| wrong.into()).into_response();
    tell(&mut response, &told);
    response
}

/// Counts a request against each of these limits, up to the first that refuses it.
async fn taken(gate: &RateGate, rules: Vec<Rule>) -> (Vec<(Rule, RateDecision)>, Option<ApiError>) {
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
    (told, refused)
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
