//! What users may use: quotas, what is told of them, and limits of requests.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    USER,
    accounts::{admin, employ},
    documents, engine,
    server::{Server, json, problem},
    snapshots::{REFUSAL, SUCCESS, compare},
};

/// The status of a quota in what `GET /api/usage` answers.
fn quota<'a>(usage: &'a Value, name: &str) -> &'a Value {
    let quotas = usage["data"]["quotas"].as_array().unwrap();
    quotas.iter().find(|quota| quota["quota"] == name).unwrap()
}

#[tokio::test]
async fn a_quota_refuses_with_what_is_used_and_when_it_begins_anew() {
    let server = Server::start(&[
        ("OCR_ROLES", "api,listener,health"),
        ("OCR_QUOTA_DOCUMENTS_PER_DAY", "1"),
        ("OCR_QUOTA_BYTES_PER_MONTH", "1000000"),
    ])
    .await;
    server.submit("one.pdf", &documents::small()).await;
    let refused = server.send_file("two.pdf", &documents::small()).await;
    let wait = refused.headers()[header::RETRY_AFTER].to_str().unwrap();
    let wait: u64 = wait.parse().unwrap();
    assert!((1..=86_400).contains(&wait), "{wait}");
    let refused = problem(refused, StatusCode::TOO_MANY_REQUESTS).await;
    assert_eq!(refused["code"], "quota_exceeded");
    let detail = refused["detail"].as_str().unwrap();
    assert!(
        detail.contains("documents_per_day") && detail.contains("1 of 1"),
        "{detail}"
    );
    let size = documents::small().len();
    let upload = json!({"userId": USER, "filename": "three.pdf", "size": size});
    for path in [
        "/api/uploads".to_owned(),
        format!("/api/uploads/parts?userId={USER}"),
    ] {
        let refused = server.post_json(&path, &upload).await;
        let refused = problem(refused, StatusCode::TOO_MANY_REQUESTS).await;
        assert_eq!(refused["code"], "quota_exceeded", "{path}");
    }
    let usage = server.get(&format!("/api/usage?userId={USER}")).await;
    let usage = json(usage, StatusCode::OK).await;
    assert_eq!(usage["data"]["today"]["documents"], 1);
    assert_eq!(usage["data"]["month"]["bytes"], size);
    let documents = quota(&usage, "documents_per_day");
    assert_eq!(
        (&documents["limit"], &documents["remaining"]),
        (&json!(1), &json!(0))
    );
    assert!(documents["resetsAt"].is_string());
    let bytes = quota(&usage, "bytes_per_month");
    assert_eq!(bytes["remaining"], 1_000_000 - size);
    let open = quota(&usage, "open_tasks");
    assert_eq!((&open["limit"], &open["used"]), (&Value::Null, &json!(1)));
}

#[tokio::test]
async fn who_has_this_machine_is_not_counted_where_nobody_signs_in() {
    let server = Server::start(&[("OCR_ROLES", "api,listener,health"), ("OCR_RATE_READ", "1")]).await;
    for _ in 0..3 {
        let answer = server.get(&format!("/api/tasks?userId={USER}")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(!answer.headers().contains_key("ratelimit"));
    }
}

#[tokio::test]
async fn each_user_has_a_rate_of_their_own() {
    let server = Server::start(&[
        ("OCR_AUTH", "local"),
        ("OCR_ROLES", "api,listener,health"),
        ("OCR_RATE_SEARCH", "2"),
    ])
    .await;
    let (ada, grace) = (
        employ(&server, "ada", &[]).await,
        employ(&server, "grace", &[]).await,
    );
    let search = "/api/search?q=x";
    for left in ["1", "0"] {
        let answer = ada.get(&server, search).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let headers = answer.headers();
        assert_eq!(headers["ratelimit-policy"], "\"search\";q=2;w=60");
        let told = headers["ratelimit"].to_str().unwrap();
        assert!(told.starts_with(&format!("\"search\";r={left};t=")), "{told}");
    }
    let refused = ada.get(&server, search).await;
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    assert!(refused.headers()["ratelimit"].to_str().unwrap().contains(";r=0;"));
    let refused = problem(refused, StatusCode::TOO_MANY_REQUESTS).await;
    assert_eq!(refused["code"], "rate_limited");
    let other = grace.get(&server, search).await;
    assert_eq!(other.status(), StatusCode::OK);
    let reads = ada.get(&server, "/api/tasks").await;
    assert_eq!(reads.status(), StatusCode::OK, "another class");
    let nobody = server.get("/api/session").await;
    assert!(nobody.headers().contains_key("ratelimit"), "by address");
}

#[tokio::test]
async fn who_tries_credentials_is_counted_by_address() {
    let server = Server::start(&[
        ("OCR_AUTH", "local"),
        ("OCR_ROLES", "api,listener,health"),
        ("OCR_RATE_READ", "1"),
    ])
    .await;
    let answer = server.get("/api/tasks").await;
    problem(answer, StatusCode::UNAUTHORIZED).await;
    let answer = server.get("/api/tasks").await;
    let refused = problem(answer, StatusCode::TOO_MANY_REQUESTS).await;
    assert_eq!(refused["code"], "rate_limited");
}

#[tokio::test]
async fn administrators_set_limits_of_a_user() {
    let server = crate::accounts::server().await;
    let root = employ(&server, "root", &["--admin"]).await;
    let ada = employ(&server, "ada", &[]).await;
    let told = admin(
        &server,
        &["quota", "ada", "documents_per_day=0", "spend_per_day=1.5"],
        "",
    );
    assert!(
        told.contains("documents_per_day\tlimit 0\tused 0\tleft 0"),
        "{told}"
    );
    assert!(told.contains("spend_per_day\tlimit 1.500000"), "{told}");
    let usage = json(ada.get(&server, "/api/usage").await, StatusCode::OK).await;
    assert_eq!(quota(&usage, "documents_per_day")["limit"], 0);
    assert_eq!(quota(&usage, "spend_per_day")["limit"], 1_500_000);
    let session = json(ada.get(&server, "/api/session").await, StatusCode::OK).await;
    let id = session["data"]["user"]["id"].as_str().unwrap();
    let path = format!("/api/admin/users/{id}/quotas");
    let own = json(root.get(&server, &path).await, StatusCode::OK).await;
    let wanted = json!({"documents_per_day": 0, "spend_per_day": 1_500_000});
    assert_eq!(own["data"]["quotas"], wanted);
    let set = async |quotas: Value| {
        let request = root
            .asks(&server, Method::PUT, &path)
            .json(&json!({"quotas": quotas}));
        request.send().await.unwrap()
    };
    problem(set(json!({"pages": 1})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    json(set(json!({"open_tasks": null})).await, StatusCode::OK).await;
    let usage = json(ada.get(&server, "/api/usage").await, StatusCode::OK).await;
    assert_eq!(quota(&usage, "documents_per_day")["limit"], Value::Null);
    let log = json(root.get(&server, "/api/admin/audit").await, StatusCode::OK).await;
    assert!(log.to_string().contains("quotas_changed"), "{log}");
    let used = admin(&server, &["usage", "ada"], "");
    assert!(used.contains("ada\ttoday\t0 documents"), "{used}");
}

#[tokio::test]
async fn a_key_may_have_a_limit_of_its_own() {
    let server = crate::accounts::server().await;
    let ada = employ(&server, "ada", &[]).await;
    let wanted = json!({"name": "scanner", "scope": "read", "requestsPerMinute": 1});
    let request = ada.asks(&server, Method::POST, "/api/account/keys").json(&wanted);
    let made = json(request.send().await.unwrap(), StatusCode::CREATED).await;
    assert_eq!(made["data"]["key"]["requestsPerMinute"], 1);
    let secret = made["data"]["secret"].as_str().unwrap();
    let ask = async || {
        let request = server.http.get(server.url("/api/tasks")).bearer_auth(secret);
        request.send().await.unwrap()
    };
    let first = ask().await;
    assert_eq!(
        first.headers()["ratelimit-policy"],
        "\"key\";q=1;w=60, \"read\";q=1200;w=60"
    );
    assert_eq!(first.status(), StatusCode::OK);
    problem(ask().await, StatusCode::TOO_MANY_REQUESTS).await;
    assert_eq!(
        ada.get(&server, "/api/tasks").await.status(),
        StatusCode::OK,
        "its owner"
    );
    let odd = json!({"name": "scanner", "scope": "read", "requestsPerMinute": 0});
    let request = ada.asks(&server, Method::POST, "/api/account/keys").json(&odd);
    problem(request.send().await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
}

#[tokio::test]
async fn its_operations_answer_as_their_snapshots() {
    let server = Server::without_engine().await;
    server.submit("one.pdf", &documents::small()).await;
    let usage = server.get(&format!("/api/usage?userId={USER}")).await;
    compare("GET /api/usage", SUCCESS, usage).await;
    compare("GET /api/usage", REFUSAL, server.get("/api/usage").await).await;
    let estimate = "POST /api/estimate";
    let path = format!("/api/estimate?userId={USER}");
    let none = server.post_json(&path, &json!({"pages": 0})).await;
    compare(estimate, REFUSAL, none).await;
    let Some(reading) = engine::server(&[]).await else {
        return;
    };
    let id = reading.submit("read.pdf", &documents::born_digital()).await;
    reading.ended(&id).await;
    let some = reading.post_json(&path, &json!({"pages": 12})).await;
    compare(estimate, SUCCESS, some).await;
}
