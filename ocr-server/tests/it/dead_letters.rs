//! Documents that failed although they are not to blame: listed, looked at, redriven, explained.

use reqwest::StatusCode;
use serde_json::Value;

use crate::{
    USER, documents,
    form::Form,
    server::{Server, json, problem},
    snapshots::{MISSING, REFUSAL, SUCCESS, compare},
};

/// Somebody else.
const OTHER: &str = "22222222-2222-2222-2222-222222222222";

/// A document that is given up a second after it was sent, because nobody reads here.
pub(crate) async fn too_late(server: &Server) -> String {
    let form = Form::new()
        .file("late.pdf", &documents::small())
        .field("userId", USER)
        .field("deadlineSeconds", "1");
    let sent = json(
        server.form("/api/tasks", form).send().await.unwrap(),
        StatusCode::ACCEPTED,
    )
    .await;
    let id = sent["data"]["taskId"].as_str().unwrap().to_owned();
    assert_eq!(server.ended(&id).await["status"], "failed");
    id
}

#[tokio::test]
async fn a_deadline_makes_a_dead_letter_that_can_be_redriven() {
    let server = Server::without_engine().await;
    let id = too_late(&server).await;
    let task = server.task(&id).await;
    assert_eq!(task["error_code"], "deadline_passed", "{task}");
    assert!(task["deadline_at"].is_string(), "{task}");

    let ok = async |path: &str| json(server.get(path).await, StatusCode::OK).await;
    let listed = ok(&format!(
        "/api/dead-letters?userId={USER}&code=deadline_passed&q=LATE"
    ))
    .await;
    let [letter] = &listed["data"]["deadLetters"].as_array().unwrap()[..] else {
        panic!("{listed}");
    };
    assert_eq!(
        (&letter["task"]["id"], &letter["cause"]),
        (&Value::from(id.clone()), &Value::from("deadline_passed"))
    );
    for elsewhere in [format!("userId={OTHER}"), format!("userId={USER}&code=timeout")] {
        let none = ok(&format!("/api/dead-letters?{elsewhere}")).await;
        assert_eq!(
            none["data"]["deadLetters"],
            Value::Array(Vec::new()),
            "{elsewhere}"
        );
    }
    let filtered = ok(&format!("/api/tasks?userId={USER}&setAside=true")).await;
    assert_eq!(filtered["data"]["tasks"][0]["id"], id.as_str());
    server.submit("waits.pdf", &documents::small()).await;
    let table = server
        .get(&format!("/api/tasks/export.csv?userId={USER}&setAside=true"))
        .await;
    let table = table.text().await.unwrap();
    assert!(table.contains(",late.pdf,failed,"), "{table}");
    assert_eq!(table.lines().count(), 2, "{table}");
    let why = ok(&format!("/api/tasks/{id}/explain?userId={USER}")).await;
    assert_eq!(why["data"]["holding"], "dead_letter");

    let redrive = format!("/api/dead-letters/{id}/redrive");
    problem(server.post(&redrive).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    let theirs = server.post(&format!("{redrive}?userId={OTHER}")).await;
    problem(theirs, StatusCode::NOT_FOUND).await;
    for _ in 0..2 {
        let again = json(
            server.post(&format!("{redrive}?userId={USER}")).await,
            StatusCode::OK,
        )
        .await;
        assert_eq!(
            again["data"]["task"]["status"], "pending",
            "asking twice is asking once"
        );
    }
    let all = server
        .post(&format!("/api/dead-letters/redrive?userId={OTHER}&limit=5"))
        .await;
    assert_eq!(json(all, StatusCode::OK).await["data"]["redriven"], 0);
}

#[tokio::test]
async fn a_task_that_waits_is_explained_without_a_word_about_others() {
    let server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let why = json(
        server
            .get(&format!("/api/tasks/{id}/explain?userId={USER}"))
            .await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(why["data"]["status"], "pending", "{why}");
    let holding = why["data"]["holding"].as_str().unwrap();
    assert!(["turn", "no_engine"].contains(&holding), "{why}");
    let theirs = server
        .get(&format!("/api/tasks/{id}/explain?userId={OTHER}"))
        .await;
    problem(theirs, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_deadline_beyond_the_maximum_is_refused() {
    let server = Server::without_engine().await;
    for (seconds, part) in [
        ("0", "1 to 604800"),
        ("99999999", "1 to 604800"),
        ("soon", "deadlineSeconds"),
    ] {
        let form = Form::new()
            .file("a.pdf", &documents::small())
            .field("userId", USER)
            .field("deadlineSeconds", seconds);
        let refused = server.form("/api/tasks", form).send().await.unwrap();
        let problem = problem(refused, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert!(problem["detail"].as_str().unwrap().contains(part), "{problem}");
    }
}

#[tokio::test]
async fn its_operations_answer_as_their_snapshots() {
    let server = Server::without_engine().await;
    let id = too_late(&server).await;
    let one = |task: &str, rest: &str| format!("/api/dead-letters/{task}{rest}?userId={USER}");
    let list = |query: &str| format!("/api/dead-letters?userId={query}");
    compare("GET /api/dead-letters", SUCCESS, server.get(&list(USER)).await).await;
    compare(
        "GET /api/dead-letters",
        REFUSAL,
        server.get(&list("nobody")).await,
    )
    .await;
    let operation = "GET /api/dead-letters/{task_id}";
    compare(operation, SUCCESS, server.get(&one(&id, "")).await).await;
    compare(operation, REFUSAL, server.get(&one(MISSING, "")).await).await;
    let operation = "GET /api/tasks/{task_id}/explain";
    let explain = |task: &str| format!("/api/tasks/{task}/explain?userId={USER}");
    compare(operation, SUCCESS, server.get(&explain(&id)).await).await;
    compare(operation, REFUSAL, server.get(&explain(MISSING)).await).await;
    let operation = "POST /api/dead-letters/{task_id}/redrive";
    compare(operation, SUCCESS, server.post(&one(&id, "/redrive")).await).await;
    compare(operation, REFUSAL, server.post(&one(MISSING, "/redrive")).await).await;
    let operation = "POST /api/dead-letters/redrive";
    let several = format!("{operation}?userId={USER}").replace("POST ", "");
    compare(
        operation,
        SUCCESS,
        server.post(&format!("{several}&code=poison")).await,
    )
    .await;
    compare(
        operation,
        REFUSAL,
        server.post(&format!("{several}&limit=501")).await,
    )
    .await;
}
