//! Parameters that are refused by name.

use reqwest::StatusCode;
use serde_json::Value;

use crate::{
    USER, documents,
    form::Form,
    server::{Server, problem},
};

/// The detail of an answer that refuses a parameter.
async fn refused(response: reqwest::Response) -> String {
    let problem: Value = problem(response, StatusCode::UNPROCESSABLE_ENTITY).await;
    let detail = problem["detail"].as_str().unwrap().to_owned();
    for inner in ["deserialize", "invalid digit", "expected", "missing field"] {
        assert!(!detail.contains(inner), "{detail}");
    }
    detail
}

#[tokio::test]
async fn a_query_is_refused_by_the_name_of_its_parameter() {
    let server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let list = format!("/api/tasks?userId={USER}");
    for (path, parts) in [
        (
            format!("{list}&sort=random"),
            ["sort", "limit, q, setAside, status"],
        ),
        (format!("{list}&limit=-1"), ["limit", "1 to 100"]),
        (format!("{list}&deleted=1"), ["deleted", "true or false"]),
        (format!("{list}&userId={USER}"), ["userId", "more than once"]),
        (format!("/api/tasks/{id}/text?from=5&to=1"), ["from=5", "to=1"]),
        (format!("/api/tasks/{id}/text?from=0"), ["from", "from 1"]),
        (
            format!("/api/tasks/{id}/text?format=html"),
            ["format", "text, markdown"],
        ),
        (format!("/api/tasks/{id}/pages?from=9&to=8"), ["from=9", "to=8"]),
    ] {
        let detail = refused(server.get(&path).await).await;
        assert!(parts.iter().all(|part| detail.contains(part)), "{path}: {detail}");
    }
}

#[tokio::test]
async fn a_form_is_refused_by_the_name_of_its_field() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let form = || Form::new().file("a.pdf", &bytes).field("userId", USER);
    let other = "22222222-2222-2222-2222-222222222222";
    let in_query = format!("/api/tasks?userId={USER}");
    for (path, form, part) in [
        ("/api/tasks", form().field("lang", "en"), "lang"),
        ("/api/tasks", form().field("userId", other), "userId"),
        ("/api/tasks", form().field("languages", "--help"), "languages"),
        (
            "/api/tasks",
            form().field("languages", "../../etc/passwd"),
            "languages",
        ),
        (
            &in_query,
            Form::new().field("userId", other).file("a.pdf", &bytes),
            "userId",
        ),
        (
            &in_query,
            Form::new().field("engine", "x").file("a.pdf", &bytes),
            "engine",
        ),
    ] {
        let detail = refused(server.form(path, form).send().await.unwrap()).await;
        assert!(detail.contains(part), "{detail}");
    }
    let languages = format!("{in_query}&languages=-l");
    let form = Form::new().file("a.pdf", &bytes);
    let detail = refused(server.form(&languages, form).send().await.unwrap()).await;
    assert!(detail.contains("BCP 47"), "{detail}");
    let fits = server
        .form(&in_query, form_with_owner(&bytes))
        .send()
        .await
        .unwrap();
    assert_eq!(fits.status(), StatusCode::ACCEPTED);
}

fn form_with_owner(bytes: &[u8]) -> Form {
    Form::new().field("userId", USER).file("a.pdf", bytes)
}

#[tokio::test]
async fn the_description_has_a_policy_and_missing_pages_are_problems() {
    let server = Server::without_engine().await;
    let docs = server.get("/docs/").await;
    let policy = docs.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("script-src 'self';"),
        "{policy}"
    );
    let missing = server.get("/docs/nothing.html").await;
    assert_eq!(problem(missing, StatusCode::NOT_FOUND).await["code"], "not_found");
}
