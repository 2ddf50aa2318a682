//! Same bytes, same answer, as who uploads them sees it.

use bytes::Bytes;
use reqwest::StatusCode;
use serde_json::{Value, json as value};

use crate::{
    USER, documents, engine,
    form::Form,
    server::{Server, json, problem},
};

const STRANGER: &str = "22222222-2222-2222-2222-222222222222";

/// The answer to an upload of the document, with these further fields.
async fn upload(server: &Server, user: &str, fields: &[(&str, &str)]) -> Value {
    let form = Form::new()
        .file("letter.pdf", &documents::born_digital())
        .field("userId", user);
    let form = fields
        .iter()
        .fold(form, |form, (name, value)| form.field(name, value));
    let answer = server.form("/api/tasks", form).send().await.unwrap();
    json(answer, StatusCode::ACCEPTED).await["data"].take()
}

fn id_of(answer: &Value) -> &str {
    answer["taskId"].as_str().unwrap()
}

#[tokio::test]
async fn a_file_that_was_read_is_not_read_again_unless_asked() {
    let Some(server) = engine::server(&[("OCR_REUSE_RESULTS", "true")]).await else {
        return;
    };
    let first = upload(&server, USER, &[]).await;
    assert_eq!(first["sameAs"], Value::Null);
    let first = id_of(&first).to_owned();
    assert_eq!(server.ended(&first).await["status"], "completed");

    let second = upload(&server, USER, &[]).await;
    assert_eq!(second["sameAs"], first.as_str());
    let task = server.ended(id_of(&second)).await;
    assert_eq!(
        (&task["status"], &task["same_as"]),
        (&value!("completed"), &value!(first))
    );
    let text = |id: &str| format!("/api/tasks/{id}/text");
    let original = server.get(&text(&first)).await.text().await.unwrap();
    let taken = server.get(&text(id_of(&second))).await.text().await.unwrap();
    assert_eq!(taken, original);

    let again = upload(&server, USER, &[("readAgain", "true")]).await;
    assert_eq!(again["sameAs"], Value::Null);
    let task = server.ended(id_of(&again)).await;
    assert_eq!(
        (&task["status"], &task["same_as"]),
        (&value!("completed"), &Value::Null)
    );

    let retried = server
        .post(&format!("/api/tasks/{}/retry?userId={USER}", id_of(&second)))
        .await;
    json(retried, StatusCode::OK).await;
    assert_eq!(server.ended(id_of(&second)).await["same_as"], Value::Null);

    let foreign = upload(&server, STRANGER, &[]).await;
    assert_eq!(foreign["sameAs"], Value::Null);
    assert_eq!(server.ended(id_of(&foreign)).await["same_as"], Value::Null);
}

#[tokio::test]
async fn each_file_of_a_batch_says_what_it_is_the_same_as() {
    let Some(server) = engine::server(&[("OCR_REUSE_RESULTS", "true")]).await else {
        return;
    };
    let first = upload(&server, USER, &[]).await;
    server.ended(id_of(&first)).await;
    let form = Form::new()
        .file("new.pdf", &documents::small())
        .file("letter.pdf", &documents::born_digital())
        .field("userId", USER);
    let answer = server.form("/api/tasks", form).send().await.unwrap();
    let answer = json(answer, StatusCode::ACCEPTED).await;
    assert_eq!(answer["data"]["sameAs"], Value::Null, "{answer}");
    let tasks = &answer["data"]["tasks"];
    assert_eq!(
        (&tasks[0]["sameAs"], &tasks[1]["sameAs"]),
        (&Value::Null, &first["taskId"])
    );
}

/// The task of this file once it has ended, and its pages.
async fn read(server: &Server, name: &str, file: &Bytes, fields: &[(&str, &str)]) -> (Value, Vec<Value>) {
    let form = Form::new().file(name, file).field("userId", USER);
    let form = fields
        .iter()
        .fold(form, |form, (name, value)| form.field(name, value));
    let answer = server.form("/api/tasks", form).send().await.unwrap();
    let answer = json(answer, StatusCode::ACCEPTED).await;
    let id = id_of(&answer["data"]);
    let task = server.ended(id).await;
    assert_eq!(task["status"], "completed", "{task}");
    let pages = server.get(&format!("/api/tasks/{id}/pages")).await;
    let mut pages = json(pages, StatusCode::OK).await;
    let Value::Array(pages) = pages["data"]["pages"].take() else {
        panic!("pages are a list: {pages}");
    };
    (task, pages)
}

#[tokio::test]
async fn the_same_picture_in_another_kind_of_file_is_not_read_again_unless_asked() {
    let Some(server) = engine::server(&[("OCR_REUSE_RESULTS", "true")]).await else {
        return;
    };
    let (scan, same_scan) = (documents::scan(2), documents::same_scan(2));
    let (first, read_first) = read(&server, "scan.pdf", &scan, &[]).await;
    assert_eq!(read_first[0]["sameAs"], Value::Null);
    let (second, taken) = read(&server, "scan.tiff", &same_scan, &[]).await;
    assert_eq!(second["same_as"], Value::Null, "the bytes are others");
    for (index, (page, earlier)) in taken.iter().zip(&read_first).enumerate() {
        let same = value!({"taskId": first["id"], "page": index + 1});
        assert_eq!((&page["sameAs"], &page["number"]), (&same, &earlier["number"]));
        assert_eq!(page["blocks"], earlier["blocks"]);
        assert_eq!(page["digest"], earlier["digest"]);
    }
    let (_, again) = read(&server, "scan.tiff", &same_scan, &[("readAgain", "true")]).await;
    assert_eq!(again.len(), 2);
    assert!(again.iter().all(|page| page["sameAs"].is_null()));
}

#[tokio::test]
async fn whether_to_read_again_is_true_or_false() {
    let server = Server::without_engine().await;
    let form = Form::new()
        .file("letter.pdf", &documents::small())
        .field("readAgain", "perhaps")
        .field("userId", USER);
    let refused = server.form("/api/tasks", form).send().await.unwrap();
    let refused = problem(refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("readAgain"), "{detail}");
}

#[tokio::test]
async fn what_becomes_of_text_layers_is_one_of_four() {
    let server = Server::without_engine().await;
    let form = |mode: &str| {
        Form::new()
            .file("letter.pdf", &documents::small())
            .field("textLayer", mode)
            .field("userId", USER)
    };
    let refused = server.form("/api/tasks", form("always")).send().await.unwrap();
    let refused = problem(refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("auto, force, skip, redo"), "{detail}");
    let accepted = server.form("/api/tasks", form("force")).send().await.unwrap();
    assert_eq!(accepted.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn an_upload_says_otherwise_than_the_server() {
    let Some(server) = engine::server(&[("OCR_TEXT_LAYER", "force")]).await else {
        return;
    };
    let source = async |fields: &[(&str, &str)]| {
        let answer = upload(&server, USER, fields).await;
        let id = id_of(&answer);
        assert_eq!(server.ended(id).await["status"], "completed");
        let pages = server.get(&format!("/api/tasks/{id}/pages?userId={USER}")).await;
        json(pages, StatusCode::OK).await["data"]["pages"][0]["source"].take()
    };
    assert_eq!(source(&[]).await, "ocr");
    assert_eq!(source(&[("textLayer", "auto")]).await, "text-layer");
}
