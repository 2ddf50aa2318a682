//! A second factor over HTTP.

use ocr_core::clock::{Clock, SystemClock};
use ocr_testkit::authenticator::one_time_code;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{PASSWORD, Visitor, employ, id_of, server};
use crate::{
    server::{Server, json},
    snapshots::{MISSING, REFUSAL, SUCCESS, compare},
};

const PATH: &str = "/api/account/second-factor";

fn now() -> u64 {
    SystemClock.now().timestamp().unsigned_abs()
}

/// The password alone is not enough now; a code is, and once.
async fn asked_for_at_sign_in(server: &Server, secret: &str) {
    let sign_in = async |code: Option<&str>| {
        let body = json!({"name": "ada", "password": PASSWORD, "code": code});
        server.post_json("/api/sign-in", &body).await.status()
    };
    assert_eq!(sign_in(None).await, StatusCode::FORBIDDEN);
    // That of the present half minute has been used.
    let next = one_time_code(secret, now() + 30);
    assert_eq!(sign_in(Some(&next)).await, StatusCode::OK);
    assert_eq!(sign_in(Some(&next)).await, StatusCode::UNAUTHORIZED);
}

async fn post(server: &Server, visitor: &Visitor, under: &str, body: &Value) -> reqwest::Response {
    visitor.post(server, &format!("{PATH}{under}"), body).await
}

#[tokio::test]
async fn a_second_factor_is_added_and_refused_as_it_must_be() {
    let server = server().await;
    let ada = employ(&server, "ada", &["--admin"]).await;
    let state = format!("GET {PATH}");
    compare(&state, REFUSAL, server.get(PATH).await).await;
    compare(&state, SUCCESS, ada.get(&server, PATH).await).await;
    let add = format!("POST {PATH}");
    let wrong = json!({"password": "not it, but long enough"});
    compare(&add, REFUSAL, post(&server, &ada, "", &wrong).await).await;
    let right = json!({"password": PASSWORD});
    compare(&add, SUCCESS, post(&server, &ada, "", &right).await).await;
    let confirm = format!("POST {PATH}/confirm");
    let odd = post(&server, &ada, "/confirm", &json!({"code": "odd"})).await;
    compare(&confirm, REFUSAL, odd).await;
    // What is not confirmed yet gives way.
    let added = json(post(&server, &ada, "", &right).await, StatusCode::CREATED).await;
    let secret = added["data"]["secret"].as_str().unwrap();
    let code = json!({"code": one_time_code(secret, now())});
    let confirmed = post(&server, &ada, "/confirm", &code).await;
    compare(&confirm, SUCCESS, confirmed).await;
    asked_for_at_sign_in(&server, secret).await;
    let remove = format!("POST {PATH}/remove");
    compare(&remove, REFUSAL, post(&server, &ada, "/remove", &wrong).await).await;
    compare(&remove, SUCCESS, post(&server, &ada, "/remove", &right).await).await;
    let operation = "DELETE /api/admin/users/{user_id}/second-factor";
    let missing = format!("/api/admin/users/{MISSING}/second-factor");
    compare(operation, REFUSAL, ada.delete(&server, &missing).await).await;
    post(&server, &ada, "", &right).await;
    let own = format!("/api/admin/users/{}/second-factor", id_of(&server, &ada).await);
    compare(operation, SUCCESS, ada.delete(&server, &own).await).await;
    let gone = ada.delete(&server, &own).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}
