//! Signing in and out, and what protects it.

use reqwest::{RequestBuilder, StatusCode, header};
use serde_json::json;

use super::{PASSWORD, Visitor, browser, employ, server, signed_in, submit, token, try_sign_in};
use crate::{
    USER, documents,
    server::{Server, json, problem},
};

#[tokio::test]
async fn nothing_is_answered_to_nobody() {
    let server = server().await;
    let session = json(server.get("/api/session").await, StatusCode::OK).await;
    assert_eq!(
        session["data"],
        json!({"auth": "local", "user": null, "setUpNeeded": true})
    );
    for path in [
        "/api/tasks",
        &format!("/api/tasks?userId={USER}"),
        "/api/engines",
        "/api/formats",
        &format!("/api/changes?userId={USER}"),
        &format!("/api/search?q=x&userId={USER}"),
        "/api/account/keys",
        "/api/admin/users",
        &format!("/api/events?userId={USER}"),
    ] {
        let refused = server.get(path).await;
        assert_eq!(refused.headers()[header::WWW_AUTHENTICATE], "Bearer", "{path}");
        assert_eq!(
            problem(refused, StatusCode::UNAUTHORIZED).await["code"],
            "unauthenticated"
        );
    }
    let upload = server.send_file("a.pdf", &documents::small()).await;
    problem(upload, StatusCode::UNAUTHORIZED).await;
    for open in ["/", "/assets/style.css", "/livez", "/docs/errors"] {
        assert_eq!(server.get(open).await.status(), StatusCode::OK, "{open}");
    }
    for forged in ["Bearer x", "Bearer ", "Basic YTpi", "Bearer ocr_\"'--"] {
        let request = server.http.get(server.url("/api/tasks"));
        let refused = request
            .header(header::AUTHORIZATION, forged)
            .send()
            .await
            .unwrap();
        problem(refused, StatusCode::UNAUTHORIZED).await;
    }
}

#[tokio::test]
async fn the_first_account_is_made_with_the_link_that_was_printed() {
    let server = server().await;
    let printed = server.log();
    assert!(printed.contains("/#/set-up?token="), "{printed}");
    let body = json!({"token": token(&printed), "name": "Ada", "password": PASSWORD});
    let made = server.post_json("/api/set-up", &body).await;
    let ada = browser(&made);
    assert_eq!(json(made, StatusCode::OK).await["data"]["user"]["role"], "admin");
    let users = json(ada.get(&server, "/api/admin/users").await, StatusCode::OK).await;
    assert_eq!(users["data"]["users"][0]["name"], "ada");
    problem(
        server.post_json("/api/set-up", &body).await,
        StatusCode::FORBIDDEN,
    )
    .await;
}

#[tokio::test]
async fn a_session_ends_when_its_owner_says_so() {
    let server = server().await;
    let here = employ(&server, "ada", &[]).await;
    let there = signed_in(&server, "ada").await;
    let listed = json(here.get(&server, "/api/account/sessions").await, StatusCode::OK).await;
    let sessions = listed["data"]["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions
        .iter()
        .find(|session| session["current"] == false)
        .unwrap();
    let path = format!("/api/account/sessions/{}", other["id"].as_str().unwrap());
    json(here.delete(&server, &path).await, StatusCode::OK).await;
    problem(there.get(&server, "/api/tasks").await, StatusCode::UNAUTHORIZED).await;
    let third = signed_in(&server, "ada").await;
    let wrong = json!({"present": "wrong horse battery", "password": "another one"});
    problem(
        here.post(&server, "/api/account/password", &wrong).await,
        StatusCode::FORBIDDEN,
    )
    .await;
    let right = json!({"present": PASSWORD, "password": "another one"});
    json(
        here.post(&server, "/api/account/password", &right).await,
        StatusCode::OK,
    )
    .await;
    problem(third.get(&server, "/api/tasks").await, StatusCode::UNAUTHORIZED).await;
    let out = here.post(&server, "/api/sign-out", &json!({})).await;
    let taken = out.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(taken.contains("Max-Age=0"), "{taken}");
    problem(here.get(&server, "/api/tasks").await, StatusCode::UNAUTHORIZED).await;
    problem(
        try_sign_in(&server, "ada", PASSWORD).await,
        StatusCode::UNAUTHORIZED,
    )
    .await;
}

#[tokio::test]
async fn another_site_changes_nothing_in_the_name_of_a_browser() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let id = submit(&server, &ada).await;
    let path = server.url(&format!("/api/tasks/{id}"));
    let delete = || server.http.delete(&path).header(&ada.name, &ada.value);
    let refused = |request: RequestBuilder| async { request.send().await.unwrap() };
    for request in [
        delete(),
        delete().header("sec-fetch-site", "cross-site"),
        delete().header("sec-fetch-site", "same-site"),
        delete().header("origin", "https://evil.example"),
        delete().header("origin", "null"),
    ] {
        problem(refused(request).await, StatusCode::FORBIDDEN).await;
    }
    let ours = delete().header("origin", server.url(""));
    assert_eq!(ours.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn wrong_passwords_are_slowed_and_cost_nothing_when_they_are_huge() {
    let server = server().await;
    employ(&server, "ada", &[]).await;
    let huge = "x".repeat(60_000);
    problem(
        try_sign_in(&server, "ada", &huge).await,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    let larger = "x".repeat(1_000_000);
    problem(
        try_sign_in(&server, "ada", &larger).await,
        StatusCode::PAYLOAD_TOO_LARGE,
    )
    .await;
    let mut statuses = Vec::new();
    for number in 0..8 {
        let request = server
            .http
            .post(server.url("/api/sign-in"))
            .header("x-forwarded-for", format!("203.0.113.{number}"));
        let body = json!({"name": "ada", "password": "wrong horse battery"});
        statuses.push(request.json(&body).send().await.unwrap().status());
    }
    assert_eq!(statuses[0], StatusCode::UNAUTHORIZED);
    assert_eq!(statuses[7], StatusCode::TOO_MANY_REQUESTS, "{statuses:?}");
}

#[tokio::test]
async fn behind_a_proxy_that_is_trusted_attempts_are_counted_by_client() {
    let server = Server::start(&[
        ("OCR_AUTH", "local"),
        ("OCR_ROLES", "api,listener,health"),
        ("OCR_TRUSTED_PROXIES", "127.0.0.1"),
    ])
    .await;
    let attempt = async |client: String| {
        let request = server.http.post(server.url("/api/sign-in"));
        let body = json!({"name": "ada", "password": "wrong horse battery"});
        let request = request.header("x-forwarded-for", client).json(&body);
        request.send().await.unwrap().status()
    };
    for number in 0..8 {
        let status = attempt(format!("192.0.2.9, 203.0.113.{number}")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{number}");
    }
    let mut statuses = Vec::new();
    for number in 0..8 {
        statuses.push(attempt(format!("192.0.2.{number}, 198.51.100.1")).await);
    }
    assert_eq!(statuses[7], StatusCode::TOO_MANY_REQUESTS, "{statuses:?}");
}

#[tokio::test]
async fn secrets_are_neither_logged_nor_stored() {
    let server = Server::start(&[
        ("OCR_AUTH", "local"),
        ("OCR_ROLES", "api,listener,health"),
        ("OCR_LOG", "trace"),
    ])
    .await;
    let ada = employ(&server, "ada", &[]).await;
    let body = json!({"name": "scanner", "scope": "read"});
    let made = json(
        ada.post(&server, "/api/account/keys", &body).await,
        StatusCode::CREATED,
    )
    .await;
    let key = made["data"]["secret"].as_str().unwrap().to_owned();
    Visitor::with_key(&key).get(&server, "/api/tasks").await;
    let (_, cookie) = ada.value.split_once("ocr=").unwrap();
    let mut kept = server.log();
    for file in std::fs::read_dir(server.data()).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_string_lossy().starts_with("ocr.sqlite") {
            kept.push_str(&String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()));
        }
    }
    assert!(kept.contains("$argon2id$"));
    for secret in [PASSWORD, &key, cookie] {
        assert!(!kept.contains(secret), "{secret}");
    }
}
