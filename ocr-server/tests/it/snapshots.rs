//! What each operation of the API answers, as a whole: one snapshot of a success and one of a refusal.
//! The tests beside this one say what must be so; these show every change of the rest.
//!
//! `cargo insta review` or `INSTA_UPDATE=always` renews the snapshots in `snapshots/`.

use std::{path::Path, process::Command, time::Duration};

use bytes::Bytes;
use futures::StreamExt;
use insta::Settings;
use ocr_testkit::documents::{PASSWORD, locked_pdf};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    USER, documents, engine,
    form::Form,
    server::{Server, json},
};

/// Nobody's task, and nobody's file.
pub(crate) const MISSING: &str = "00000000-0000-0000-0000-000000000000";
pub(crate) const SUCCESS: &str = "success";
pub(crate) const REFUSAL: &str = "refusal";

/// What is another each time, and what is put in its place.
const CHANGING: [(&str, &str); 17] = [
    ("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[id]"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?", "[time]"),
    (r#""day": "[0-9-]+""#, r#""day": "[day]""#),
    (r#""from": "[0-9-]+""#, r#""from": "[day]""#),
    (r"127\.0\.0\.1:\d+", "[address]"),
    ("signature=[0-9a-f]+", "signature=[signature]"),
    (r"expires=\d+", "expires=[expires]"),
    (r#""(cursor|nextCursor|next)": "[^"\[]+""#, r#""$1": "[cursor]""#),
    (
        r#""(\w*(?:[mM]s|[sS]econds)|uptime|latency)": [0-9.]+"#,
        r#""$1": "[duration]""#,
    ),
    // It depends on what else the index holds at that moment.
    (r#""score": [0-9.e-]+"#, r#""score": "[score]""#),
    (r#""engine": "(ppocr|tesseract)""#, r#""engine": "[engine]""#),
    (r#""version": "[^"]+""#, r#""version": "[version]""#),
    (r"id: \S+", "id: [cursor]"),
    (
        r#""(secret|ticket|prefix|accessToken|refreshToken|uri|x)": "[^"]+""#,
        r#""$1": "[secret]""#,
    ),
    (r"token=[\w-]+", "token=[secret]"),
    (
        r#""recoveryCodes": \[[^\]]+\]"#,
        r#""recoveryCodes": "[secrets]""#,
    ),
    // A claim before the engine is ready gives the task back.
    (r#""attempt": [1-9]\d*"#, r#""attempt": "[attempt]""#),
];

/// The name of the snapshots of an operation such as `GET /api/tasks/{task_id}`.
fn name_of(operation: &str, case: &str) -> String {
    let words: Vec<&str> = operation
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty() && *word != "api")
        .collect();
    format!("{}-{case}", words.join("-").to_lowercase())
}

/// Compares the whole of an answer with its snapshot.
pub(crate) async fn compare(operation: &str, case: &str, response: Response) {
    let status = response.status().as_u16();
    let header = |name: header::HeaderName| {
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let content_type = header(header::CONTENT_TYPE);
    let (location, retry_after) = (header(header::LOCATION), header(header::RETRY_AFTER));
    let body = body(content_type.as_deref().unwrap_or_default(), response).await;
    let mut answer =
        json!({"operation": operation, "status": status, "contentType": content_type, "body": body});
    for (name, value) in [("location", location), ("retryAfter", retry_after)] {
        if let Some(value) = value {
            answer[name] = value.into();
        }
    }
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_sort_maps(true);
    for (pattern, replacement) in CHANGING {
        settings.add_filter(pattern, replacement);
    }
    settings.bind(|| insta::assert_json_snapshot!(name_of(operation, case), answer));
}

/// A body as JSON: text as a string, and of a picture no more than that it is one.
async fn body(content_type: &str, response: Response) -> Value {
    if content_type.starts_with("image/") {
        let picture = response.bytes().await.unwrap();
        assert!(picture.len() > 100, "a picture");
        return "[a picture]".into();
    }
    if content_type == "application/zip" {
        let archive = response.bytes().await.unwrap();
        assert!(archive.starts_with(b"PK"), "an archive");
        return "[an archive]".into();
    }
    if content_type.starts_with("application/x-ndjson") {
        // How many there are depends on what is sealed by now.
        return "[lines of JSON]".into();
    }
    if content_type.starts_with("text/event-stream") {
        // It never ends; the first piece is told at once.
        let first = response.bytes_stream().next().await.unwrap().unwrap();
        return String::from_utf8(first.to_vec()).unwrap().into();
    }
    let text = response.text().await.unwrap();
    match serde_json::from_str(&text) {
        Ok(body) if content_type.contains("json") => body,
        _ => text.into(),
    }
}

#[tokio::test]
async fn tasks_that_wait() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let get = async |path: &str| server.get(path).await;
    let post = async |path: &str| server.post(&format!("{path}?userId={USER}")).await;
    let delete = async |id: &str| {
        let request = server
            .http
            .delete(server.url(&format!("/api/tasks/{id}?userId={USER}")));
        request.send().await.unwrap()
    };

    compare(
        "POST /api/tasks",
        SUCCESS,
        server.send_file("a b.pdf", &bytes).await,
    )
    .await;
    compare(
        "POST /api/tasks",
        REFUSAL,
        server.send_file("a.pdf", b"8BPS").await,
    )
    .await;
    let list = get(&format!("/api/tasks?userId={USER}&limit=5")).await;
    compare("GET /api/tasks", SUCCESS, list).await;
    compare("GET /api/tasks", REFUSAL, get("/api/tasks?userId=nobody").await).await;
    let table = get(&format!("/api/tasks/export.csv?userId={USER}")).await;
    compare("GET /api/tasks/export.csv", SUCCESS, table).await;
    let table = get("/api/tasks/export.csv").await;
    compare("GET /api/tasks/export.csv", REFUSAL, table).await;

    let id = server.submit("second.pdf", &bytes).await;
    let of = |id: &str, rest: &str| format!("/api/tasks/{id}{rest}");
    for (operation, rest) in [
        ("GET /api/tasks/{task_id}", ""),
        ("GET /api/tasks/{task_id}/download", "/download"),
        ("GET /api/tasks/{task_id}/audit", "/audit"),
        ("GET /api/tasks/{task_id}/pages", "/pages"),
    ] {
        compare(operation, SUCCESS, get(&of(&id, rest)).await).await;
        compare(operation, REFUSAL, get(&of(MISSING, rest)).await).await;
    }
    for (case, format) in [(SUCCESS, "text"), (REFUSAL, "papyrus")] {
        let wanted = json!({"tasks": [id], "formats": [format]});
        let archive = server.post_json("/api/tasks/export", &wanted).await;
        compare("POST /api/tasks/export", case, archive).await;
    }
    for (operation, rest) in [
        ("GET /api/tasks/{task_id}/result", "/result"),
        ("GET /api/tasks/{task_id}/text", "/text"),
    ] {
        compare(operation, REFUSAL, get(&of(&id, rest)).await).await;
    }
    compare(
        "POST /api/tasks/{task_id}/retry",
        REFUSAL,
        post(&of(&id, "/retry")).await,
    )
    .await;
    let copy = server.post_json(&of(&id, "/copy"), &json!({})).await;
    compare("POST /api/tasks/{task_id}/copy", SUCCESS, copy).await;
    let copy = server.post_json(&of(MISSING, "/copy"), &json!({})).await;
    compare("POST /api/tasks/{task_id}/copy", REFUSAL, copy).await;
    compare(
        "POST /api/tasks/{task_id}/cancel",
        SUCCESS,
        post(&of(&id, "/cancel")).await,
    )
    .await;
    compare(
        "POST /api/tasks/{task_id}/cancel",
        REFUSAL,
        post(&of(&id, "/cancel")).await,
    )
    .await;
    compare(
        "POST /api/tasks/{task_id}/retry",
        SUCCESS,
        post(&of(&id, "/retry")).await,
    )
    .await;
    compare("DELETE /api/tasks/{task_id}", SUCCESS, delete(&id).await).await;
    compare("DELETE /api/tasks/{task_id}", REFUSAL, delete("not-an-id").await).await;
    compare(
        "POST /api/tasks/{task_id}/restore",
        SUCCESS,
        post(&of(&id, "/restore")).await,
    )
    .await;
    compare(
        "POST /api/tasks/{task_id}/restore",
        REFUSAL,
        post(&of(&id, "/restore")).await,
    )
    .await;
}

#[tokio::test]
async fn the_trash() {
    let server = Server::without_engine().await;
    let delete = async |path: String| server.http.delete(server.url(&path)).send().await.unwrap();
    let one = format!(
        "/api/trash/{}?userId={USER}",
        server.submit("a.pdf", &documents::small()).await
    );
    let operation = "DELETE /api/trash/{task_id}";
    compare(operation, REFUSAL, delete(one.clone()).await).await;
    assert!(delete(one.replace("trash", "tasks")).await.status().is_success());
    compare(operation, SUCCESS, delete(one).await).await;
    let other = server.submit("b.pdf", &documents::small()).await;
    assert!(
        delete(format!("/api/tasks/{other}?userId={USER}"))
            .await
            .status()
            .is_success()
    );
    let operation = "DELETE /api/trash";
    compare(operation, REFUSAL, delete("/api/trash".into()).await).await;
    compare(
        operation,
        SUCCESS,
        delete(format!("/api/trash?userId={USER}")).await,
    )
    .await;
}

#[tokio::test]
async fn filings() {
    let server = Server::without_engine().await;
    let id = server.submit("filed.pdf", &documents::small()).await;
    let filing = format!("/api/tasks/{id}/filing?userId={USER}");
    let operation = "PATCH /api/tasks/{task_id}/filing";
    let change = json!({"addLabels": ["tax", "Büro"], "collection": "2024", "note": "call back"});
    compare(operation, SUCCESS, server.patch_json(&filing, &change).await).await;
    compare(operation, REFUSAL, server.patch_json(&filing, &json!({})).await).await;
    let filings = format!("/api/filings?userId={USER}");
    let body = json!({"taskIds": [id], "change": {"removeLabels": ["büro"]}});
    compare(
        "PATCH /api/filings",
        SUCCESS,
        server.patch_json(&filings, &body).await,
    )
    .await;
    let body = json!({"taskIds": [], "change": change});
    compare(
        "PATCH /api/filings",
        REFUSAL,
        server.patch_json(&filings, &body).await,
    )
    .await;
    let names = server.get(&format!("/api/filings/names?userId={USER}")).await;
    compare("GET /api/filings/names", SUCCESS, names).await;
    let unnamed = server.get("/api/filings/names").await;
    compare("GET /api/filings/names", REFUSAL, unnamed).await;
}

#[tokio::test]
async fn a_document_that_was_read() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("read.pdf", &documents::born_digital()).await;
    assert_eq!(server.ended(&id).await["status"], "completed");
    let get = async |rest: &str| server.get(&format!("/api/tasks/{id}{rest}")).await;
    compare("GET /api/tasks/{task_id} completed", SUCCESS, get("").await).await;
    compare(
        "GET /api/tasks/{task_id}/pages completed",
        SUCCESS,
        get("/pages").await,
    )
    .await;
    compare("GET /api/tasks/{task_id}/result", SUCCESS, get("/result").await).await;
    compare("GET /api/tasks/{task_id}/text", SUCCESS, get("/text").await).await;
    let image = "GET /api/tasks/{task_id}/pages/{number}/image";
    compare(image, SUCCESS, get("/pages/1/image?width=200").await).await;
    compare(image, REFUSAL, get("/pages/3/image").await).await;
    let locked = server.submit("locked.pdf", &locked_pdf()).await;
    server.ended(&locked).await;
    let unlock = async |password: &str| {
        let path = format!("/api/tasks/{locked}/unlock?userId={USER}");
        server.post_json(&path, &json!({"password": password})).await
    };
    let operation = "POST /api/tasks/{task_id}/unlock";
    compare(operation, REFUSAL, unlock("another").await).await;
    compare(operation, SUCCESS, unlock(PASSWORD).await).await;
    let search = format!("/api/search?userId={USER}&q=fox");
    // The index follows the store.
    while json(server.get(&search).await, StatusCode::OK).await["data"]["hits"] == json!([]) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    compare("GET /api/search", SUCCESS, server.get(&search).await).await;
}

#[tokio::test]
async fn a_page_that_is_corrected() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("read.pdf", &documents::born_digital()).await;
    assert_eq!(server.ended(&id).await["status"], "completed");
    let page = "/api/tasks/{task_id}/pages/{number}/corrections";
    let at = |task: &str, action: &str| {
        let path = page.replace("{task_id}", task).replace("{number}", "1");
        format!("{path}{action}?userId={USER}")
    };
    let read = format!("GET {page}");
    compare(&read, SUCCESS, server.get(&at(&id, "")).await).await;
    compare(&read, REFUSAL, server.get(&at(MISSING, "")).await).await;

    let change = |version: u32| {
        let operation = json!({"op": "set-text", "word": 3, "text": "elephant"});
        json!({"version": version, "operations": [operation]})
    };
    let seen = |version: u32| json!({ "version": version });
    for (action, accepted, refused) in [
        ("", change(0), change(7)),
        ("/undo", seen(1), seen(7)),
        ("/redo", seen(2), seen(7)),
        ("/carry-over", seen(3), seen(7)),
    ] {
        if action == "/carry-over" {
            read_otherwise(&server);
        }
        let operation = format!("POST {page}{action}");
        let path = at(&id, action);
        compare(&operation, REFUSAL, server.post_json(&path, &refused).await).await;
        compare(&operation, SUCCESS, server.post_json(&path, &accepted).await).await;
    }
    for (path, right, wrong) in [
        ("/api/review", "below=1", "below=7"),
        ("/api/review/common", "limit=5", "limit=0"),
    ] {
        let operation = format!("GET {path}");
        let asked = async |query: &str| server.get(&format!("{path}?userId={USER}&{query}")).await;
        compare(&operation, SUCCESS, asked(right).await).await;
        compare(&operation, REFUSAL, asked(wrong).await).await;
    }
}

/// Puts another word into what was read, as reading it again with another engine may.
fn read_otherwise(server: &Server) {
    let script = "import sqlite3, sys; database = sqlite3.connect(sys.argv[1]); \
                  database.execute(\"UPDATE result_pages SET body = replace(body, 'brown', 'black')\"); \
                  database.commit()";
    let database = server.data().join("ocr.sqlite");
    let mut python = Command::new("python3");
    let changed = python.args(["-c", script]).arg(database).status().unwrap();
    assert!(changed.success());
}

#[tokio::test]
async fn uploads() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let upload = json!({"userId": USER, "filename": "direct.pdf", "size": bytes.len()});
    let empty = json!({"userId": USER, "filename": "direct.pdf", "size": 0});
    let begin = async |path: &str, upload: &Value| server.post_json(path, upload).await;
    let begun = async |path: &str| -> Value { begin(path, &upload).await.json().await.unwrap() };
    let named = json!({"userId": USER, "filename": "direct.pdf"});

    compare("POST /api/uploads", SUCCESS, begin("/api/uploads", &upload).await).await;
    compare("POST /api/uploads", REFUSAL, begin("/api/uploads", &empty).await).await;
    let answer = begun("/api/uploads").await;
    let complete = format!(
        "/api/uploads/{}/complete",
        answer["data"]["fileId"].as_str().unwrap()
    );
    let operation = "POST /api/uploads/{file_id}/complete";
    compare(operation, REFUSAL, server.post_json(&complete, &named).await).await;
    let url = answer["data"]["uploadUrl"].as_str().unwrap();
    let put = server.http.put(url).body(bytes.clone()).send().await.unwrap();
    assert!(put.status().is_success(), "{put:?}");
    compare(operation, SUCCESS, server.post_json(&complete, &named).await).await;

    let query = format!("?userId={USER}");
    let operation = "POST /api/uploads/parts";
    let beginning = format!("/api/uploads/parts{query}");
    compare(operation, SUCCESS, begin(&beginning, &upload).await).await;
    compare(operation, REFUSAL, begin(&beginning, &empty).await).await;
    let answer = begun(&beginning).await;
    let path = format!(
        "/api/uploads/parts/{}",
        answer["data"]["fileId"].as_str().unwrap()
    );
    let part = async |number: &str, bytes: Bytes| {
        let url = server.url(&format!("{path}/{number}{query}"));
        server.http.put(url).body(bytes).send().await.unwrap()
    };
    let operation = "PUT /api/uploads/parts/{file_id}/{number}";
    compare(operation, REFUSAL, part("4000000", bytes.clone()).await).await;
    let complete = format!("{path}/complete{query}");
    let operation = "POST /api/uploads/parts/{file_id}/complete";
    compare(operation, REFUSAL, server.post_json(&complete, &upload).await).await;
    let operation = "PUT /api/uploads/parts/{file_id}/{number}";
    compare(operation, SUCCESS, part("0", bytes.clone()).await).await;
    let operation = "GET /api/uploads/parts/{file_id}";
    compare(operation, SUCCESS, server.get(&format!("{path}{query}")).await).await;
    let wrong = format!("/api/uploads/parts/not-an-id{query}");
    compare(operation, REFUSAL, server.get(&wrong).await).await;
    let operation = "POST /api/uploads/parts/{file_id}/complete";
    compare(operation, SUCCESS, server.post_json(&complete, &upload).await).await;
}

#[tokio::test]
async fn the_server_itself() {
    let server = Server::without_engine().await;
    server.submit("a.pdf", &documents::small()).await;
    for path in ["/health", "/livez", "/readyz", "/api/engines", "/api/formats"] {
        compare(&format!("GET {path}"), SUCCESS, server.get(path).await).await;
    }
    for path in ["/api/engines", "/api/formats"] {
        let unknown = server.get(&format!("{path}?sort=random")).await;
        compare(&format!("GET {path}"), REFUSAL, unknown).await;
    }
    let unclear = server
        .get(&format!("/api/search?userId={USER}&q=date:soon"))
        .await;
    compare("GET /api/search", REFUSAL, unclear).await;
    for path in ["/api/changes", "/api/stats", "/api/events"] {
        let operation = format!("GET {path}");
        let ours = server.get(&format!("{path}?userId={USER}")).await;
        compare(&operation, SUCCESS, ours).await;
        compare(
            &operation,
            REFUSAL,
            server.get(&format!("{path}?userId=nobody")).await,
        )
        .await;
    }
    for path in ["/health", "/status"] {
        let answer = server.http.get(server.health_url(path)).send().await.unwrap();
        compare(&format!("GET {path} of the health server"), SUCCESS, answer).await;
    }
    let broken = Form::new().field("userId", USER);
    compare(
        "POST /api/tasks without a file",
        REFUSAL,
        server.form("/api/tasks", broken).send().await.unwrap(),
    )
    .await;
}

#[test]
fn every_operation_has_a_snapshot_of_a_success_and_of_a_refusal() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let description = std::fs::read_to_string(folder.join("openapi.json")).unwrap();
    let description: Value = serde_json::from_str(&description).unwrap();
    let mut missing = Vec::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let statuses = operation["responses"].as_object().unwrap();
            let refuses = statuses.keys().any(|status| status.starts_with('4'));
            for case in [Some(SUCCESS), refuses.then_some(REFUSAL)].into_iter().flatten() {
                let name = name_of(&format!("{method} {path}"), case);
                let file = folder.join(format!("tests/it/snapshots/{name}.snap"));
                if !file.is_file() {
                    missing.push(name);
                }
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}
