//! The examples of the API's contract, field by field.

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    USER, documents, engine,
    form::Form,
    server::{Server, json},
    socket::Socket,
};

fn is_time(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.parse::<DateTime<Utc>>().is_ok())
}

fn is_uuid(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<Uuid>().is_ok())
}

#[tokio::test]
async fn health_is_as_promised() {
    let server = Server::without_engine().await;
    let body = json(server.get("/health").await, StatusCode::OK).await;
    assert_eq!(body["success"], true);
    assert_eq!(body["service"], "OCR Platform Backend API");
    assert!(is_time(&body["timestamp"]), "{body}");
    assert_eq!(body["components"]["database"]["healthy"], true);
    assert_eq!(body["components"]["queue"]["healthy"], true);
    assert_eq!(body["components"]["notifier"]["healthy"], true);
    assert!(body["components"].get("redis").is_none(), "there is none: {body}");
    let engine = &body["components"]["engine"];
    assert_eq!(engine["healthy"], false);
    assert!(
        engine["message"].as_str().is_some_and(|text| !text.is_empty()),
        "{body}"
    );
}

#[tokio::test]
async fn the_health_server_is_as_promised() {
    let server = Server::without_engine().await;
    let get = |path| server.http.get(server.health_url(path)).send();
    let body = json(get("/health").await.unwrap(), StatusCode::OK).await;
    assert_eq!(body["status"], "healthy");
    assert_eq!(body["database"], "connected");
    assert!(body.get("redis").is_none(), "there is none: {body}");
    assert_eq!(body["queue"]["adapter"], "sqlite");
    assert_eq!(body["notifier"]["adapter"], "memory");
    assert!(is_time(&body["timestamp"]), "{body}");

    server.submit("a.pdf", &documents::small()).await;
    let body = json(get("/status").await.unwrap(), StatusCode::OK).await;
    assert!(body["queue_length"].is_u64() && body["uptime"].is_i64(), "{body}");
    assert_eq!(body["tasks"]["total"], 1);
    assert_eq!(body["tasks"]["pending"], 1);
    for status in ["processing", "completed", "failed"] {
        assert_eq!(body["tasks"][status], 0, "{body}");
    }
}

#[tokio::test]
async fn an_upload_is_as_promised_wherever_the_owner_stands() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let after = Form::new().file("a.pdf", &bytes).field("userId", USER);
    let before = Form::new().field("userId", USER).file("a.pdf", &bytes);
    let in_query = Form::new().file("a.pdf", &bytes);
    let query = format!("/api/tasks?userId={USER}");
    for (path, form) in [("/api/tasks", after), ("/api/tasks", before), (&query, in_query)] {
        let response = server.form(path, form).send().await.unwrap();
        let location = response
            .headers()
            .get("location")
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let body = json(response, StatusCode::ACCEPTED).await;
        assert_eq!(body["success"], true);
        assert!(is_uuid(&body["data"]["taskId"]), "{body}");
        assert_eq!(body["data"]["message"], "File uploaded and queued for processing");
        let task = json(server.get(&location).await, StatusCode::OK).await;
        assert_eq!(task["data"]["task"]["id"], body["data"]["taskId"]);
    }
}

#[tokio::test]
async fn the_list_is_as_promised() {
    let server = Server::without_engine().await;
    let id = server.submit("document.pdf", &documents::small()).await;
    let body = json(
        server.get(&format!("/api/tasks?userId={USER}")).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(body["success"], true);
    assert!(body["data"]["nextCursor"].is_null());
    assert_eq!(body["data"]["stats"]["total"], 1);
    assert_eq!(body["data"]["stats"]["pending"], 1);
    let task = &body["data"]["tasks"][0];
    assert_eq!(task["id"], id);
    assert_eq!(task["user_id"], USER);
    assert_eq!(task["filename"], "document.pdf");
    assert_eq!(task["status"], "pending");
    assert!(is_time(&task["created_at"]), "{task}");
    let key = format!(
        "uploads/{USER}/{}_document.pdf",
        task["file_id"].as_str().unwrap()
    );
    assert_eq!(task["s3_key"], key);
    for field in ["s3_result_key", "confidence_score", "page_count", "word_count"] {
        assert!(task.get(field).is_some_and(Value::is_null), "{field} of {task}");
    }

    let nobody = "22222222-2222-2222-2222-222222222222";
    let body = json(
        server.get(&format!("/api/tasks?userId={nobody}")).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(body["data"]["tasks"], serde_json::json!([]));
    assert_eq!(body["data"]["stats"]["total"], 0);
}

#[tokio::test]
async fn downloads_and_deletion_are_as_promised() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let id = server.submit("my file.pdf", &bytes).await;
    let body = json(
        server.get(&format!("/api/tasks/{id}/download")).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(body["success"], true);
    let file = server
        .http
        .get(body["data"]["downloadUrl"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(file.status(), StatusCode::OK);
    assert_eq!(file.headers()["content-type"], "application/pdf");
    assert!(
        file.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment; filename=\"my file.pdf\"")
    );
    assert_eq!(file.bytes().await.unwrap(), bytes);

    let body = json(
        server
            .http
            .delete(server.url(&format!("/api/tasks/{id}?userId={USER}")))
            .send()
            .await
            .unwrap(),
        StatusCode::OK,
    )
    .await;
    assert_eq!(body["success"], true);
    assert_eq!(body["message"], "Task and associated files deleted successfully");
}

#[tokio::test]
async fn the_socket_greets_and_answers_pings() {
    let server = Server::without_engine().await;
    let (mut socket, greeting) = Socket::open(&server, USER).await;
    assert_eq!(greeting["type"], "connected");
    assert_eq!(greeting["message"], "WebSocket connection established");
    assert_eq!(greeting["userId"], USER);
    assert!(is_time(&greeting["timestamp"]), "{greeting}");
    socket.ping().await;
    let pong = socket.next().await;
    assert_eq!(pong["type"], "pong");
    assert!(is_time(&pong["timestamp"]), "{pong}");
}

#[tokio::test]
async fn the_socket_says_goodbye_when_the_server_stops() {
    let mut server = Server::without_engine().await;
    let (socket, _) = Socket::open(&server, USER).await;
    let (status, code) = tokio::join!(server.terminate(), socket.closed());
    assert!(status.success(), "{status}");
    assert_eq!(code, 1001);
}

#[tokio::test]
async fn the_socket_tells_changes_of_rows_to_their_owner_only() {
    let server = Server::without_engine().await;
    let (mut socket, _) = Socket::open(&server, USER).await;
    let (mut stranger, _) = Socket::open(&server, "22222222-2222-2222-2222-222222222222").await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let messages = socket
        .until(|message| message["type"] == "db_change" && message["data"]["table"] == "tasks")
        .await;
    let change = messages.last().unwrap();
    assert!(is_time(&change["timestamp"]), "{change}");
    assert_eq!(change["data"]["operation"], "INSERT");
    assert_eq!(change["data"]["recordId"], id);
    assert_eq!(change["data"]["status"], "pending");
    assert_eq!(change["data"]["message"], "Database insert on tasks");
    stranger.ping().await;
    assert_eq!(stranger.next().await["type"], "pong");
}

#[tokio::test]
async fn the_socket_tells_progress_page_by_page() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let (mut socket, _) = Socket::open(&server, USER).await;
    let id = server.submit("scan.pdf", &documents::scan(5)).await;
    let ended = |message: &Value| {
        message["type"] == "task_update"
            && matches!(message["data"]["status"].as_str(), Some("completed" | "failed"))
    };
    let messages = socket.until(ended).await;
    let updates: Vec<&Value> = messages
        .iter()
        .filter(|message| message["type"] == "task_update")
        .collect();
    for update in &updates {
        assert_eq!(update["data"]["taskId"], id);
        assert!(is_time(&update["timestamp"]), "{update}");
    }
    let page_2 = updates
        .iter()
        .find(|update| update["data"]["message"] == "Processing page 2 of 5");
    let page_2 = page_2.unwrap_or_else(|| panic!("{updates:#?}"));
    assert_eq!(page_2["data"]["status"], "processing");
    assert_eq!(page_2["data"]["progress"], 40);
    assert_eq!(updates.last().unwrap()["data"]["status"], "completed");
}
