//! Who may do what, and who sees what was done.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{PASSWORD, Visitor, admin, employ, id_of, send, server, signed_in, submit, token, try_sign_in};
use crate::{
    USER, documents,
    form::Form,
    server::{Server, json, problem},
    socket::Socket,
};

/// What is open to everybody: it is how one signs in.
const OPEN: [&str; 7] = [
    "/api/session",
    "/api/sign-in",
    "/api/set-up",
    "/api/reset-password",
    "/api/auth/token",
    "/api/auth/refresh",
    "/api/auth/revoke",
];
/// What is open to whoever opened a link to a document: see [`super::shares`].
const SHARED: &str = "/api/shared/";
/// The id of nothing.
const MISSING: &str = "99999999-9999-9999-9999-999999999999";

/// Every operation of the API that needs a sign-in, with ids in its path, and whether it takes a `userId`.
pub(super) fn operations(description: &Value) -> Vec<(Method, String, bool)> {
    let mut found = Vec::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        if !path.starts_with("/api/") || path.starts_with(SHARED) || OPEN.contains(&path.as_str()) {
            continue;
        }
        let place: Vec<&str> = path
            .split('/')
            .map(|part| match part {
                "{number}" => "1",
                part if part.starts_with('{') => MISSING,
                part => part,
            })
            .collect();
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array();
            let owned = parameters
                .into_iter()
                .flatten()
                .any(|parameter| parameter["name"] == "userId" && parameter["in"] == "query");
            let method = method.to_uppercase().parse().unwrap();
            found.push((method, place.join("/"), owned));
        }
    }
    found
}

/// Generated from the description of the API, so that an operation without a rule does not go unseen.
#[tokio::test]
async fn every_operation_asks_who_one_is_and_what_one_may() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let wanted = json!({"name": "reader", "scope": "read"});
    let key = json(
        ada.post(&server, "/api/account/keys", &wanted).await,
        StatusCode::CREATED,
    )
    .await;
    let reader = Visitor::with_key(key["data"]["secret"].as_str().unwrap());
    let description = json(server.get("/openapi.json").await, StatusCode::OK).await;
    let operations = operations(&description);
    assert!(operations.len() > 30, "{}", operations.len());
    for (method, path, owned) in operations {
        let nobody = server.http.request(method.clone(), server.url(&path)).send();
        let what = format!("{method} {path}");
        assert_eq!(nobody.await.unwrap().status(), StatusCode::UNAUTHORIZED, "{what}");
        let asks = ["/api/live-tickets", "/api/tasks/export", "/api/estimate"].contains(&path.as_str());
        let changes = method != Method::GET && !asks;
        if changes {
            let refused = reader.asks(&server, method.clone(), &path).send().await.unwrap();
            assert_eq!(
                refused.status(),
                StatusCode::FORBIDDEN,
                "{what} with a key that reads"
            );
        }
        if path.starts_with("/api/admin/") {
            let refused = ada.asks(&server, method.clone(), &path).send().await.unwrap();
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{what} as a user");
        }
        // A form is looked at before the owner that it may name.
        if owned && what != "POST /api/tasks" {
            let named = format!("{path}?userId={MISSING}");
            let refused = ada.asks(&server, method, &named).send().await.unwrap();
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{what} of somebody else");
        }
    }
}

#[tokio::test]
async fn how_many_documents_everybody_has_is_told_to_administrators() {
    let server = server().await;
    let root = employ(&server, "root", &["--admin"]).await;
    let ada = employ(&server, "ada", &[]).await;
    let ask = |path: &str| server.http.get(server.health_url(path));
    problem(ask("/status").send().await.unwrap(), StatusCode::UNAUTHORIZED).await;
    let as_ada = ask("/status").header(&ada.name, &ada.value);
    problem(as_ada.send().await.unwrap(), StatusCode::FORBIDDEN).await;
    let as_root = ask("/status").header(&root.name, &root.value);
    let status = json(as_root.send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(status["tasks"]["total"], 0);
    for path in ["/health", "/livez", "/readyz"] {
        let open = ask(path).send().await.unwrap().status();
        assert!(
            open != StatusCode::UNAUTHORIZED && open != StatusCode::FORBIDDEN,
            "{path}: {open}"
        );
    }
}

#[tokio::test]
async fn two_users_never_see_each_other() {
    let server = server().await;
    let (ada, grace) = (
        employ(&server, "ada", &[]).await,
        employ(&server, "grace", &[]).await,
    );
    let id = submit(&server, &ada).await;
    let owner = id_of(&server, &ada).await;
    let list = json(ada.get(&server, "/api/tasks").await, StatusCode::OK).await;
    assert_eq!(list["data"]["tasks"][0]["user_id"], owner);
    let named = format!("/api/tasks?userId={owner}");
    json(ada.get(&server, &named).await, StatusCode::OK).await;
    let others = json(grace.get(&server, "/api/tasks").await, StatusCode::OK).await;
    assert_eq!(others["data"]["stats"]["total"], 0);
    problem(grace.get(&server, &named).await, StatusCode::FORBIDDEN).await;
    for path in ["", "/pages", "/text", "/download", "/result", "/pages/1/image"] {
        let path = format!("/api/tasks/{id}{path}");
        problem(grace.get(&server, &path).await, StatusCode::NOT_FOUND).await;
        let named = format!("{path}?userId={owner}");
        problem(grace.get(&server, &named).await, StatusCode::FORBIDDEN).await;
    }
    for action in ["cancel", "retry", "restore", "copy"] {
        let path = format!("/api/tasks/{id}/{action}");
        problem(
            grace.post(&server, &path, &json!({})).await,
            StatusCode::NOT_FOUND,
        )
        .await;
    }
    let path = format!("/api/tasks/{id}");
    problem(grace.delete(&server, &path).await, StatusCode::NOT_FOUND).await;
    let form = Form::new()
        .file("b.pdf", &documents::small())
        .field("userId", &owner);
    problem(send(&server, &grace, form).await, StatusCode::FORBIDDEN).await;
    let begin = json!({"userId": owner, "filename": "a.pdf", "size": 5});
    problem(
        grace.post(&server, "/api/uploads", &begin).await,
        StatusCode::FORBIDDEN,
    )
    .await;
    json(ada.delete(&server, &path).await, StatusCode::OK).await;
}

#[tokio::test]
async fn an_administrator_names_whose_documents_they_see() {
    let server = server().await;
    let root = employ(&server, "root", &["--admin"]).await;
    let ada = employ(&server, "ada", &[]).await;
    let id = submit(&server, &ada).await;
    let owner = id_of(&server, &ada).await;
    let path = format!("/api/tasks/{id}");
    problem(root.get(&server, &path).await, StatusCode::NOT_FOUND).await;
    json(
        root.get(&server, &format!("{path}?userId={owner}")).await,
        StatusCode::OK,
    )
    .await;
    problem(ada.get(&server, "/api/admin/users").await, StatusCode::FORBIDDEN).await;
    let change = |body: Value| {
        let request = root.asks(&server, Method::PATCH, &format!("/api/admin/users/{owner}"));
        request.json(&body).send()
    };
    let disabled = change(json!({"disabled": true})).await.unwrap();
    json(disabled, StatusCode::OK).await;
    problem(ada.get(&server, "/api/tasks").await, StatusCode::UNAUTHORIZED).await;
    problem(
        try_sign_in(&server, "ada", PASSWORD).await,
        StatusCode::UNAUTHORIZED,
    )
    .await;
    let enabled = change(json!({"disabled": false, "role": "admin"})).await.unwrap();
    assert_eq!(
        json(enabled, StatusCode::OK).await["data"]["user"]["role"],
        "admin"
    );
    let invited = json!({"name": "joan"});
    let made = json(
        root.post(&server, "/api/admin/users", &invited).await,
        StatusCode::CREATED,
    )
    .await;
    let link = token(made["data"]["link"].as_str().unwrap());
    let reset = json!({"token": link, "password": PASSWORD});
    json(
        server.post_json("/api/reset-password", &reset).await,
        StatusCode::OK,
    )
    .await;
    signed_in(&server, "joan").await;
}

#[tokio::test]
async fn a_key_does_what_its_scope_says_until_it_is_revoked() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let id = submit(&server, &ada).await;
    let make = async |scope: &str| {
        let body = json!({"name": "scanner", "scope": scope});
        ada.post(&server, "/api/account/keys", &body).await
    };
    problem(make("admin").await, StatusCode::FORBIDDEN).await;
    problem(make("everything").await, StatusCode::UNPROCESSABLE_ENTITY).await;
    let made = json(make("read").await, StatusCode::CREATED).await;
    let reader = Visitor::with_key(made["data"]["secret"].as_str().unwrap());
    json(
        reader.get(&server, &format!("/api/tasks/{id}")).await,
        StatusCode::OK,
    )
    .await;
    problem(
        reader.delete(&server, &format!("/api/tasks/{id}")).await,
        StatusCode::FORBIDDEN,
    )
    .await;
    problem(
        reader.get(&server, "/api/account/keys").await,
        StatusCode::FORBIDDEN,
    )
    .await;
    let written = json(make("write").await, StatusCode::CREATED).await;
    let writer = Visitor::with_key(written["data"]["secret"].as_str().unwrap());
    submit(&server, &writer).await;
    let path = format!(
        "/api/account/keys/{}",
        made["data"]["key"]["id"].as_str().unwrap()
    );
    json(ada.delete(&server, &path).await, StatusCode::OK).await;
    problem(reader.get(&server, "/api/tasks").await, StatusCode::UNAUTHORIZED).await;
}

#[tokio::test]
async fn a_live_connection_ends_with_the_sign_in() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let grace = employ(&server, "grace", &[]).await;
    let (owner, other) = (id_of(&server, &ada).await, id_of(&server, &grace).await);
    let mine = format!("userId={owner}");
    let refused = async |query: &str, header| Socket::ask(&server, query, header).await.err();
    let cookie = Some(("cookie", ada.value.as_str()));
    assert_eq!(refused(&mine, None).await, Some(401));
    assert_eq!(refused(&format!("userId={other}"), cookie).await, Some(403));
    let mut socket = Socket::ask(&server, "", cookie).await.unwrap();
    assert_eq!(socket.next().await["userId"], owner);
    submit(&server, &grace).await;
    submit(&server, &ada).await;
    let told = socket.until(|message| message["type"] == "task_update").await;
    assert!(!told.iter().any(|message| message.to_string().contains(&other)));

    let ticket = async || {
        let made = ada.post(&server, "/api/live-tickets", &json!({})).await;
        let made = json(made, StatusCode::CREATED).await;
        format!("ticket={}", made["data"]["ticket"].as_str().unwrap())
    };
    let once = ticket().await;
    let mut second = Socket::ask(&server, &once, None).await.unwrap();
    assert_eq!(second.next().await["userId"], owner);
    assert_eq!(refused(&once, None).await, Some(401));
    let events = server.get(&format!("/api/events?{}", ticket().await)).await;
    assert_eq!(events.status(), StatusCode::OK);

    json(
        ada.post(&server, "/api/sign-out", &json!({})).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(socket.closed().await, 4401);
    assert_eq!(second.closed().await, 4401);
    assert!(
        events.text().await.unwrap().contains("connected"),
        "the events end"
    );
}

#[tokio::test]
async fn what_is_done_is_in_the_audit_log_for_administrators() {
    let server = server().await;
    let root = employ(&server, "root", &["--admin"]).await;
    let ada = employ(&server, "ada", &[]).await;
    let id = submit(&server, &ada).await;
    let wrong = try_sign_in(&server, "ada", "wrong horse battery").await;
    problem(wrong, StatusCode::UNAUTHORIZED).await;
    json(
        ada.delete(&server, &format!("/api/tasks/{id}")).await,
        StatusCode::OK,
    )
    .await;
    let audit = "/api/admin/audit";
    problem(ada.get(&server, audit).await, StatusCode::FORBIDDEN).await;
    let page = json(root.get(&server, audit).await, StatusCode::OK).await;
    let entries = page["data"]["entries"].as_array().unwrap();
    let actions: Vec<&str> = entries
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "access_refused",
            "document_deleted",
            "sign_in_failed",
            "document_submitted",
            "signed_in",
            "account_created",
            "signed_in",
            "account_created"
        ]
    );
    assert_eq!(entries[1]["actorName"], "ada");
    assert_eq!(entries[1]["object"], id);
    assert_eq!(entries[1]["address"], "127.0.0.1");
    assert_eq!(entries[2]["object"], "ada");
    let only = format!("{audit}?action=document_deleted");
    let only = json(root.get(&server, &only).await, StatusCode::OK).await;
    assert_eq!(only["data"]["entries"].as_array().unwrap().len(), 1);
    for odd in ["action=dance", "actor=x", "before=x"] {
        let refused = root.get(&server, &format!("{audit}?{odd}")).await;
        problem(refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    assert!(admin(&server, &["audit"], "").contains("document_deleted"));
}

#[tokio::test]
async fn where_nobody_signs_in_a_change_names_the_owner() {
    let server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let path = format!("/api/tasks/{id}");
    json(server.get(&path).await, StatusCode::OK).await;
    for action in ["cancel", "retry", "restore"] {
        let refused = server.post(&format!("{path}/{action}")).await;
        problem(refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let delete = server.http.delete(server.url(&path)).send().await.unwrap();
    problem(delete, StatusCode::UNPROCESSABLE_ENTITY).await;
    let session = json(server.get("/api/session").await, StatusCode::OK).await;
    assert_eq!(session["data"]["auth"], "none");
    problem(try_sign_in(&server, "ada", PASSWORD).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn documents_from_before_pass_to_an_account() {
    let mut server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    server.restart_with(&[("OCR_AUTH", "local")]).await;
    let ada = employ(&server, "ada", &[]).await;
    let path = format!("/api/tasks/{id}");
    problem(ada.get(&server, &path).await, StatusCode::NOT_FOUND).await;
    let listed = admin(&server, &["adopt", "ada"], "");
    assert!(listed.contains(USER), "{listed}");
    let adopted = admin(&server, &["adopt", "ada", "--all"], "");
    assert!(adopted.contains("1 documents"), "{adopted}");
    let task = json(ada.get(&server, &path).await, StatusCode::OK).await;
    assert_eq!(task["data"]["task"]["filename"], "a.pdf");
    assert!(admin(&server, &["list-users"], "").contains("ada"));
}
