//! What becomes of a document.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    USER, documents, engine,
    form::Form,
    server::{Server, json, problem},
    socket::Socket,
};

fn status(message: &Value) -> Option<&str> {
    (message["type"] == "task_update")
        .then(|| message["data"]["status"].as_str())
        .flatten()
}

#[tokio::test]
async fn a_scan_goes_in_and_its_words_come_out() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let (mut socket, _) = Socket::open(&server, USER).await;
    let id = server.submit("scan.pdf", &documents::scan(6)).await;
    let messages = socket
        .until(|message| matches!(status(message), Some("completed" | "failed")))
        .await;
    let mut seen: Vec<&str> = messages.iter().filter_map(status).collect();
    seen.dedup();
    assert_eq!(seen, ["pending", "processing", "completed"]);

    let task = server.task(&id).await;
    assert_eq!(task["page_count"], 6);
    assert!(task["word_count"].as_u64().unwrap() >= 30, "{task}");
    let confidence = task["confidence_score"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&confidence));
    assert!(
        task["s3_result_key"]
            .as_str()
            .unwrap()
            .starts_with(&format!("results/{USER}/"))
    );

    let link = json(
        server.get(&format!("/api/tasks/{id}/result")).await,
        StatusCode::OK,
    )
    .await;
    let url = link["data"]["resultUrl"].as_str().unwrap();
    let document = json(server.http.get(url).send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(document["taskId"], id);
    check_pages(document["pages"].as_array().unwrap());

    let pages = json(
        server.get(&format!("/api/tasks/{id}/pages?from=2&to=4")).await,
        StatusCode::OK,
    )
    .await;
    let numbers: Vec<u64> = pages["data"]["pages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| page["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [2, 3, 4]);

    let text = server.get(&format!("/api/tasks/{id}/text")).await;
    assert_eq!(text.headers()["content-type"], "text/plain; charset=utf-8");
    let text = text.text().await.unwrap();
    assert_eq!(text.split('\u{c}').count(), 6);
    for word in documents::WORDS {
        assert!(text.contains(word), "{word} is not in {text}");
    }
}

/// Six pages in order, each with the known words, and every word inside of its page.
fn check_pages(pages: &[Value]) {
    assert_eq!(pages.len(), 6);
    for (number, page) in (1..).zip(pages) {
        assert_eq!(page["number"], number);
        let mut words = Vec::new();
        collect_words(page, &mut words);
        for known in documents::WORDS {
            assert!(
                words.iter().any(|word| word["text"] == known),
                "{known} is not on page {number}: {words:?}"
            );
        }
        for word in words {
            let corners = word["polygon"].as_array().unwrap_or_else(|| panic!("{word}"));
            assert_eq!(corners.len(), 4, "{word}");
        }
    }
}

/// Every object below `value` that stands in a list called `words`.
fn collect_words<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("words", Value::Array(words)) => found.extend(words),
                    _ => collect_words(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_words(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn a_born_digital_document_is_read_exactly() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("letter.pdf", &documents::born_digital()).await;
    assert_eq!(server.ended(&id).await["status"], "completed");
    let text = server
        .get(&format!("/api/tasks/{id}/text"))
        .await
        .text()
        .await
        .unwrap();
    let pages: Vec<Vec<&str>> = text
        .split('\u{c}')
        .map(|page| page.split_whitespace().collect())
        .collect();
    let first = "The quick brown fox jumps over the lazy dog"
        .split(' ')
        .collect::<Vec<_>>();
    assert_eq!(pages, [first, vec!["Second", "page,", "1,234.56", "EUR"]]);
}

#[tokio::test]
async fn the_trash_gives_back_what_was_put_there() {
    let server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let path = format!("/api/tasks/{id}");
    let restore = format!("{path}/restore");
    let trash = format!("/api/tasks?userId={USER}&deleted=true");
    let delete = || async { server.http.delete(server.url(&path)).send().await.unwrap() };

    json(delete().await, StatusCode::OK).await;
    for gone in [
        path.clone(),
        format!("{path}/download"),
        format!("{path}/pages"),
        format!("{path}/text"),
    ] {
        problem(server.get(&gone).await, StatusCode::NOT_FOUND).await;
    }
    problem(delete().await, StatusCode::NOT_FOUND).await;
    let listed = json(server.get(&trash).await, StatusCode::OK).await;
    assert_eq!(listed["data"]["tasks"][0]["id"], id);
    assert_eq!(listed["data"]["stats"]["total"], 0);

    let restored = json(server.post(&restore).await, StatusCode::OK).await;
    assert_eq!(restored["data"]["task"]["status"], "pending");
    assert_eq!(server.task(&id).await["id"], id);
    problem(server.post(&restore).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_cancelled_task_can_be_run_again() {
    let server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let (cancel, retry) = (
        format!("/api/tasks/{id}/cancel"),
        format!("/api/tasks/{id}/retry"),
    );
    problem(server.post(&retry).await, StatusCode::CONFLICT).await;
    for _ in 0..2 {
        let cancelled = json(server.post(&cancel).await, StatusCode::OK).await;
        assert_eq!(cancelled["data"]["task"]["status"], "cancelled");
    }
    let again = json(server.post(&retry).await, StatusCode::OK).await;
    assert_eq!(again["data"]["task"]["status"], "pending");
}

#[tokio::test]
async fn a_running_task_can_be_cancelled_and_finishes_when_run_again() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("scan.pdf", &documents::scan(6)).await;
    server.task_when(&id, |task| task["status"] == "processing").await;
    json(
        server.post(&format!("/api/tasks/{id}/cancel")).await,
        StatusCode::OK,
    )
    .await;
    problem(
        server.get(&format!("/api/tasks/{id}/result")).await,
        StatusCode::CONFLICT,
    )
    .await;
    json(
        server.post(&format!("/api/tasks/{id}/retry")).await,
        StatusCode::OK,
    )
    .await;
    let task = server.ended(&id).await;
    assert_eq!(
        (&task["status"], &task["page_count"]),
        (&json!("completed"), &json!(6))
    );
    problem(
        server.post(&format!("/api/tasks/{id}/cancel")).await,
        StatusCode::CONFLICT,
    )
    .await;
}

#[tokio::test]
async fn of_several_files_each_says_what_became_of_it() {
    let server = Server::without_engine().await;
    let good = documents::small();
    let files = || {
        Form::new()
            .file("a.pdf", &good)
            .file("bad.pdf", b"MZ no document")
            .file("b.pdf", &good)
    };
    let in_form = server.form("/api/tasks", files().field("userId", USER));
    let in_query = server.form(&format!("/api/tasks?userId={USER}"), files());
    for request in [in_form, in_query] {
        let body = json(request.send().await.unwrap(), StatusCode::ACCEPTED).await;
        let tasks = body["data"]["tasks"].as_array().unwrap();
        let names: Vec<&str> = tasks
            .iter()
            .map(|task| task["filename"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["a.pdf", "bad.pdf", "b.pdf"]);
        assert_eq!(tasks[0]["taskId"], body["data"]["taskId"]);
        assert!(tasks[0]["taskId"].is_string() && tasks[2]["taskId"].is_string());
        assert_eq!(tasks[1]["code"], "unsupported", "{body}");
        assert!(tasks[1].get("taskId").is_none());
    }
}

#[tokio::test]
async fn a_form_that_goes_wrong_after_a_file_still_names_its_task() {
    let server = Server::start(&[("OCR_ROLES", "api,health"), ("MAX_FILE_SIZE", "100000")]).await;
    let good = documents::small();
    let begun = || Form::new().file("a.pdf", &good);
    let mut big = good.to_vec();
    big.resize(3_000_000, b' ');
    for (form, filename, code) in [
        (begun().field("note", &"x".repeat(5000)), "", "invalid_input"),
        (
            begun().file("big.pdf", &big).file("c.pdf", &good),
            "big.pdf",
            "too_large",
        ),
        (
            begun()
                .file("no.pdf", &[b"MZ", &big[..]].concat())
                .file("c.pdf", &good),
            "no.pdf",
            "unsupported",
        ),
        (
            (0..60).fold(begun(), |form, _| form.field("note", "x")),
            "",
            "invalid_input",
        ),
    ] {
        let request = server.form(&format!("/api/tasks?userId={USER}"), form);
        let body = json(request.send().await.unwrap(), StatusCode::ACCEPTED).await;
        let tasks = body["data"]["tasks"].as_array().unwrap();
        assert_eq!(tasks.len(), 2, "{body}");
        assert_eq!(tasks[0]["taskId"], body["data"]["taskId"]);
        assert_eq!(
            (&tasks[1]["filename"], &tasks[1]["code"]),
            (&json!(filename), &json!(code))
        );
    }
}

#[tokio::test]
async fn a_repeated_request_is_one_task() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let send = |user: &'static str, name: &'static str, key: &'static str| {
        let form = Form::new().file(name, &bytes).field("userId", user);
        server
            .form("/api/tasks", form)
            .header("Idempotency-Key", key)
            .send()
    };
    let first = json(send(USER, "a.pdf", "key-1").await.unwrap(), StatusCode::ACCEPTED).await;
    let again = send(USER, "a.pdf", "key-1").await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(
        json(again, StatusCode::ACCEPTED).await["data"]["taskId"],
        first["data"]["taskId"]
    );
    problem(
        send(USER, "other.pdf", "key-1").await.unwrap(),
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    let other = "22222222-2222-2222-2222-222222222222";
    let theirs = json(send(other, "a.pdf", "key-1").await.unwrap(), StatusCode::ACCEPTED).await;
    assert_ne!(theirs["data"]["taskId"], first["data"]["taskId"]);
    let list = json(
        server.get(&format!("/api/tasks?userId={USER}")).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(list["data"]["stats"]["total"], 1);
}

#[tokio::test]
async fn a_result_is_had_in_every_format_that_is_listed() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("letter.pdf", &documents::born_digital()).await;
    assert_eq!(server.ended(&id).await["status"], "completed");
    let list = json(server.get("/api/formats").await, StatusCode::OK).await;
    let formats = list["data"]["formats"].as_array().unwrap();
    let names: Vec<&str> = formats
        .iter()
        .map(|format| format["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "pdf",
            "pdf-a",
            "pdf-tagged",
            "docx",
            "docx-positioned",
            "xlsx",
            "text",
            "text-layout",
            "markdown",
            "html",
            "json",
            "words",
            "tables",
            "hocr",
            "alto",
            "page-xml"
        ]
    );
    for format in formats {
        let (name, extension) = (
            format["name"].as_str().unwrap(),
            format["extension"].as_str().unwrap(),
        );
        let path = format!("/api/tasks/{id}/result?format={name}");
        let (first, second) = (server.get(&path).await, server.get(&path).await);
        if name == "pdf-a" {
            // Its font is not embedded, which PDF/A insists on.
            assert_eq!(first.status(), StatusCode::UNPROCESSABLE_ENTITY);
            continue;
        }
        assert_eq!(first.status(), StatusCode::OK, "{name}");
        assert_eq!(
            first.headers()["content-type"],
            format["mediaType"].as_str().unwrap()
        );
        let disposition = first.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            disposition.starts_with("attachment; filename=\"letter"),
            "{disposition}"
        );
        assert!(disposition.ends_with(&format!(".{extension}")), "{disposition}");
        let (first, second) = (first.bytes().await.unwrap(), second.bytes().await.unwrap());
        assert!(!first.is_empty() && first == second, "{name}");
    }
    let refused = server
        .get(&format!("/api/tasks/{id}/result?format=papyrus"))
        .await;
    let problem = crate::server::problem(refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(
        problem["detail"].as_str().unwrap().contains("markdown"),
        "{problem}"
    );
}
