//! A server on which people sign in.

use std::io::Write as _;

use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    USER, documents,
    form::Form,
    server::{Server, json, problem, program},
    socket::Socket,
};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Somebody's browser or program, by the header that says who it is.
#[derive(Clone)]
pub(crate) struct Visitor {
    name: header::HeaderName,
    value: String,
}

impl Visitor {
    fn with_key(key: &str) -> Self {
        Self {
            name: header::AUTHORIZATION,
            value: format!("Bearer {key}"),
        }
    }

    fn asks(&self, server: &Server, method: Method, path: &str) -> RequestBuilder {
        let request = server.http.request(method, server.url(path));
        request
            .header(&self.name, &self.value)
            .header("sec-fetch-site", "same-origin")
    }

    pub(crate) async fn get(&self, server: &Server, path: &str) -> Response {
        self.asks(server, Method::GET, path).send().await.unwrap()
    }

    async fn post(&self, server: &Server, path: &str, body: &Value) -> Response {
        let request = self.asks(server, Method::POST, path).json(body);
        request.send().await.unwrap()
    }

    async fn delete(&self, server: &Server, path: &str) -> Response {
        self.asks(server, Method::DELETE, path).send().await.unwrap()
    }
}

pub(crate) async fn server() -> Server {
    Server::start(&[("OCR_AUTH", "local"), ("OCR_ROLES", "api,listener,health")]).await
}

/// Runs `ocr-server admin` on the data of a running server.
pub(crate) fn admin(server: &Server, arguments: &[&str], input: &str) -> String {
    let mut child = program(&[("OCR_AUTH".into(), "local".into())])
        .env("OCR_DATA_DIR", server.data())
        .arg("admin")
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The secret of the one-time link that a text holds.
fn token(text: &str) -> String {
    let (_, token) = text.rsplit_once("?token=").expect("there is a link");
    token.split_whitespace().next().unwrap().to_owned()
}

async fn try_sign_in(server: &Server, name: &str, password: &str) -> Response {
    let body = json!({"name": name, "password": password});
    server.post_json("/api/sign-in", &body).await
}

/// The browser of somebody who has just signed in.
fn browser(response: &Response) -> Visitor {
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    Visitor {
        name: header::COOKIE,
        value: format!("theme=dark; {}", cookie.split(';').next().unwrap()),
    }
}

pub(crate) async fn sign_in(server: &Server, name: &str) -> Visitor {
    let response = try_sign_in(server, name, PASSWORD).await;
    assert_eq!(response.status(), StatusCode::OK);
    browser(&response)
}

/// An account with a browser in which it is signed in.
pub(crate) async fn employ(server: &Server, name: &str, more: &[&str]) -> Visitor {
    let arguments = [&["create-user", name, "--password-stdin"][..], more].concat();
    admin(server, &arguments, &format!("{PASSWORD}\n"));
    sign_in(server, name).await
}

async fn id_of(server: &Server, visitor: &Visitor) -> String {
    let session = json(visitor.get(server, "/api/session").await, StatusCode::OK).await;
    session["data"]["user"]["id"].as_str().unwrap().to_owned()
}

async fn send(server: &Server, visitor: &Visitor, form: Form) -> Response {
    let (content_type, body) = form.finish();
    let request = visitor.asks(server, Method::POST, "/api/tasks");
    request
        .header(header::CONTENT_TYPE, content_type)
        .body(body)
        .send()
        .await
        .unwrap()
}

pub(crate) async fn submit(server: &Server, visitor: &Visitor) -> String {
    let form = Form::new().file("a.pdf", &documents::small());
    let answer = json(send(server, visitor, form).await, StatusCode::ACCEPTED).await;
    answer["data"]["taskId"].as_str().unwrap().to_owned()
}

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
    sign_in(&server, "joan").await;
}

#[tokio::test]
async fn a_session_ends_when_its_owner_says_so() {
    let server = server().await;
    let here = employ(&server, "ada", &[]).await;
    let there = sign_in(&server, "ada").await;
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
    let third = sign_in(&server, "ada").await;
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
            "document_deleted",
            "sign_in_failed",
            "signed_in",
            "account_created",
            "signed_in",
            "account_created"
        ]
    );
    assert_eq!(entries[0]["actorName"], "ada");
    assert_eq!(entries[0]["object"], id);
    assert_eq!(entries[0]["address"], "127.0.0.1");
    assert_eq!(entries[1]["object"], "ada");
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
