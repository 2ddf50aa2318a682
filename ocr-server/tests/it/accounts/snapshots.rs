//! What the operations of accounts answer, as a whole: see [`crate::snapshots`].

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::{PASSWORD, Visitor, browser, employ, server, token};
use crate::{
    server::{Server, json},
    snapshots::{MISSING, REFUSAL, SUCCESS, compare},
};

const NEW_PASSWORD: &str = "another horse, another battery";

#[tokio::test]
async fn signing_in() {
    let server = server().await;
    compare("GET /api/session", SUCCESS, server.get("/api/session").await).await;
    let unknown = server.get("/api/session?sort=random").await;
    compare("GET /api/session", REFUSAL, unknown).await;
    let first = |token: String| json!({"token": token, "name": "ada", "password": PASSWORD});
    let set_up = async |token: String| server.post_json("/api/set-up", &first(token)).await;
    compare("POST /api/set-up", REFUSAL, set_up("guessed".into()).await).await;
    let made = set_up(token(&server.log())).await;
    let ada = browser(&made);
    compare("POST /api/set-up", SUCCESS, made).await;

    let sign_in = async |password: &str| {
        let login = json!({"name": "ada", "password": password});
        server.post_json("/api/sign-in", &login).await
    };
    compare(
        "POST /api/sign-in",
        REFUSAL,
        sign_in("guessed, and long enough").await,
    )
    .await;
    compare("POST /api/sign-in", SUCCESS, sign_in(PASSWORD).await).await;

    let ticket = "POST /api/live-tickets";
    let of_nobody = server.post("/api/live-tickets").await;
    compare(ticket, REFUSAL, of_nobody).await;
    let of_ada = ada.post(&server, "/api/live-tickets", &Value::Null).await;
    compare(ticket, SUCCESS, of_ada).await;

    let sign_out = "POST /api/sign-out";
    compare(sign_out, REFUSAL, server.post("/api/sign-out").await).await;
    compare(
        sign_out,
        SUCCESS,
        ada.post(&server, "/api/sign-out", &Value::Null).await,
    )
    .await;
}

#[tokio::test]
async fn ones_own_account() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    for path in ["/api/account/sessions", "/api/account/keys"] {
        let operation = format!("GET {path}");
        compare(&operation, REFUSAL, server.get(path).await).await;
    }
    compare(
        "GET /api/account/sessions",
        SUCCESS,
        ada.get(&server, "/api/account/sessions").await,
    )
    .await;

    let export = "GET /api/account/export";
    compare(export, REFUSAL, server.get("/api/account/export").await).await;
    let own = ada.get(&server, "/api/account/export").await;
    compare(export, SUCCESS, own).await;

    let create = "POST /api/account/keys";
    let wanted = |scope: &str| json!({"name": "scanner", "scope": scope, "days": 30});
    let key = async |scope: &str| ada.post(&server, "/api/account/keys", &wanted(scope)).await;
    compare(create, REFUSAL, key("everything").await).await;
    compare(create, SUCCESS, key("write").await).await;
    let keys = ada.get(&server, "/api/account/keys").await;
    compare("GET /api/account/keys", SUCCESS, keys).await;
    let of = async |kind: &str| first_of(&server, &ada, kind).await;

    for (kind, parameter) in [("keys", "key_id"), ("sessions", "session_id")] {
        let operation = format!("DELETE /api/account/{kind}/{{{parameter}}}");
        let end = async |id: &str| ada.delete(&server, &format!("/api/account/{kind}/{id}")).await;
        compare(&operation, REFUSAL, end(MISSING).await).await;
        if kind == "sessions" {
            change_password(&server, &ada).await;
        }
        compare(&operation, SUCCESS, end(&of(kind).await).await).await;
    }
}

async fn change_password(server: &Server, visitor: &Visitor) {
    let operation = "POST /api/account/password";
    let change = async |present: &str| {
        let body = json!({"present": present, "password": NEW_PASSWORD});
        visitor.post(server, "/api/account/password", &body).await
    };
    compare(operation, REFUSAL, change("not it, but long enough").await).await;
    compare(operation, SUCCESS, change(PASSWORD).await).await;
}

/// The first of one's keys or sessions.
async fn first_of(server: &Server, visitor: &Visitor, kind: &str) -> String {
    let listed = visitor.get(server, &format!("/api/account/{kind}")).await;
    let listed = json(listed, StatusCode::OK).await;
    listed["data"][kind][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn accounts_of_others() {
    let server = server().await;
    let ada = employ(&server, "ada", &["--admin"]).await;
    let bob = employ(&server, "bob", &[]).await;
    for path in [
        "/api/admin/users",
        "/api/admin/audit",
        "/api/admin/audit/export",
        "/api/admin/dead-letters",
    ] {
        let operation = format!("GET {path}");
        compare(&operation, REFUSAL, bob.get(&server, path).await).await;
        compare(&operation, SUCCESS, ada.get(&server, path).await).await;
    }
    let redrive = "/api/admin/dead-letters/redrive";
    let operation = format!("POST {redrive}");
    compare(
        &operation,
        REFUSAL,
        bob.post(&server, redrive, &Value::Null).await,
    )
    .await;
    compare(
        &operation,
        SUCCESS,
        ada.post(&server, redrive, &Value::Null).await,
    )
    .await;
    let create = "POST /api/admin/users";
    let add = async |name: &str| {
        ada.post(&server, "/api/admin/users", &json!({"name": name}))
            .await
    };
    compare(create, REFUSAL, add("bob").await).await;
    let made = add("grace").await;
    let text = made.text().await.unwrap();
    let grace: Value = serde_json::from_str(&text).unwrap();
    let grace = grace["data"]["user"]["id"].as_str().unwrap().to_owned();
    compare(create, SUCCESS, add("joan").await).await;

    let change = "PATCH /api/admin/users/{user_id}";
    let disable = async |id: &str| -> Response {
        let path = format!("/api/admin/users/{id}");
        let request = ada.asks(&server, Method::PATCH, &path);
        request.json(&json!({"disabled": true})).send().await.unwrap()
    };
    compare(change, REFUSAL, disable(MISSING).await).await;

    let quotas = format!("/api/admin/users/{grace}/quotas");
    let limits = json!({"quotas": {"pages_per_day": 500, "spend_per_month": null}});
    for (visitor, case) in [(&bob, REFUSAL), (&ada, SUCCESS)] {
        let put = visitor.asks(&server, Method::PUT, &quotas).json(&limits);
        let set = put.send().await.unwrap();
        compare("PUT /api/admin/users/{user_id}/quotas", case, set).await;
        let told = visitor.get(&server, &quotas).await;
        compare("GET /api/admin/users/{user_id}/quotas", case, told).await;
    }

    let reset = "POST /api/admin/users/{user_id}/reset-link";
    let link = async |id: &str| {
        let path = format!("/api/admin/users/{id}/reset-link");
        ada.post(&server, &path, &Value::Null).await
    };
    compare(reset, REFUSAL, link(MISSING).await).await;
    compare(reset, SUCCESS, link(&grace).await).await;
    let given = json(link(&grace).await, StatusCode::CREATED).await;
    let choose = async |token: String| {
        let body = json!({"token": token, "password": NEW_PASSWORD});
        server.post_json("/api/reset-password", &body).await
    };
    let operation = "POST /api/reset-password";
    compare(operation, REFUSAL, choose("guessed".into()).await).await;
    let given = given["data"]["link"].as_str().unwrap();
    compare(operation, SUCCESS, choose(token(given)).await).await;
    compare(change, SUCCESS, disable(&grace).await).await;
}
