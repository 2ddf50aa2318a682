//! Access tokens of programs.

use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};

use super::{PASSWORD, Visitor, admin, employ, server};
use crate::{
    server::{Server, json},
    snapshots::{REFUSAL, SUCCESS, compare},
};

async fn asked(server: &Server, scope: &str) -> Response {
    let body = json!({"name": "ada", "password": PASSWORD, "scope": scope});
    server.post_json("/api/auth/token", &body).await
}

/// Tokens of ada, after their answer was looked at.
async fn tokens(response: Response) -> (Visitor, String) {
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let answer = json(response, StatusCode::OK).await;
    let token = |name: &str| answer["data"][name].as_str().unwrap().to_owned();
    (Visitor::with_key(&token("accessToken")), token("refreshToken"))
}

async fn send(server: &Server, operation: &str, refresh: &str) -> Response {
    let path = format!("/api/auth/{operation}");
    server.post_json(&path, &json!({"refreshToken": refresh})).await
}

#[tokio::test]
async fn a_program_works_with_tokens_until_they_are_taken_back() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let (reader, _) = tokens(asked(&server, "read").await).await;
    assert_eq!(reader.get(&server, "/api/tasks").await.status(), StatusCode::OK);
    let refused = reader.delete(&server, "/api/trash").await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    for own in ["/api/account/keys", "/api/account/export"] {
        let refused = reader.get(&server, own).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{own}");
    }

    let (program, refresh) = tokens(asked(&server, "write").await).await;
    let outside = server.http.request(Method::POST, server.url("/api/live-tickets"));
    let outside = outside
        .header(&program.name, &program.value)
        .send()
        .await
        .unwrap();
    assert_eq!(
        outside.status(),
        StatusCode::CREATED,
        "no page of ours, and no cookie"
    );
    let (next, _) = tokens(send(&server, "refresh", &refresh).await).await;
    assert_eq!(next.get(&server, "/api/tasks").await.status(), StatusCode::OK);
    json(send(&server, "revoke", &refresh).await, StatusCode::OK).await;
    for gone in [&program, &next] {
        assert_eq!(
            gone.get(&server, "/api/tasks").await.status(),
            StatusCode::UNAUTHORIZED
        );
    }

    let by_browser = ada.post(&server, "/api/auth/token", &json!({})).await;
    let (program, _) = tokens(by_browser).await;
    assert_eq!(program.get(&server, "/api/tasks").await.status(), StatusCode::OK);
    admin(&server, &["disable-user", "ada"], "");
    assert_eq!(
        program.get(&server, "/api/tasks").await.status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn keys_that_sign_are_published_and_replaced() {
    let server = server().await;
    employ(&server, "ada", &[]).await;
    let published = async || {
        let keys = server.get("/.well-known/jwks.json").await;
        let keys = json(keys, StatusCode::OK).await;
        keys["keys"].as_array().unwrap().clone()
    };
    assert_eq!(published().await, Vec::<Value>::new());
    let (program, _) = tokens(asked(&server, "read").await).await;
    let before = published().await;
    assert_eq!(before.len(), 1);
    assert_eq!(
        (&before[0]["kty"], &before[0]["crv"]),
        (&json!("OKP"), &json!("Ed25519"))
    );
    assert_eq!(before[0].get("d"), None, "the private half stays here");
    let told = admin(&server, &["rotate-keys"], "");
    assert!(!told.contains(before[0]["kid"].as_str().unwrap()), "{told}");
    assert_eq!(program.get(&server, "/api/tasks").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn answers() {
    let server = server().await;
    employ(&server, "ada", &[]).await;
    let operation = "POST /api/auth/token";
    compare(operation, REFUSAL, asked(&server, "everything").await).await;
    compare(operation, SUCCESS, asked(&server, "write").await).await;
    let (_, refresh) = tokens(asked(&server, "write").await).await;
    let operation = "POST /api/auth/refresh";
    compare(operation, REFUSAL, send(&server, "refresh", "guessed").await).await;
    compare(operation, SUCCESS, send(&server, "refresh", &refresh).await).await;
    let operation = "POST /api/auth/revoke";
    let odd = server.post_json("/api/auth/revoke", &json!({})).await;
    compare(operation, REFUSAL, odd).await;
    compare(operation, SUCCESS, send(&server, "revoke", &refresh).await).await;
    let operation = "GET /.well-known/jwks.json";
    let unknown = server.get("/.well-known/jwks.json?sort=random").await;
    compare(operation, REFUSAL, unknown).await;
    compare(operation, SUCCESS, server.get("/.well-known/jwks.json").await).await;
}
