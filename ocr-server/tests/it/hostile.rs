//! Files and names made to do harm, from the test corpus where it is there.

use ocr_testkit::requirements::corpus;
use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::{
    USER, documents, engine,
    server::{Server, json},
};

#[tokio::test]
async fn names_are_labels_and_never_paths() {
    let names = [
        "../../x.pdf",
        "C:\\x.pdf",
        "a\r\nSet-Cookie: b.pdf",
        "\u{202e}fdp.exe",
        "\"; x=.pdf",
        "CON",
        "-rf",
        "😀",
    ];
    let mut names: Vec<String> = names.map(str::to_owned).into();
    names.push("x".repeat(400));
    let server = Server::without_engine().await;
    for name in names {
        let answer = server.send_file(&name, &documents::small()).await;
        assert_is_label(&server, &name, answer).await;
    }
}

#[tokio::test]
async fn names_of_the_corpus_are_labels_and_never_paths() {
    let Some(folder) = corpus("hostile") else { return };
    let text = std::fs::read_to_string(folder.join("filenames.json")).unwrap();
    // Half of a surrogate pair can be written in JSON but is not text: no client can send it as a name.
    let text = text.replace(r"\ud800", r"\ufffd");
    let entries: Vec<Value> = serde_json::from_str(&text).unwrap();
    let server = Server::without_engine().await;
    let mut labels = 0;
    for entry in &entries {
        let name = entry["name"].as_str().unwrap();
        let answer = server.send_file(name, &documents::small()).await;
        // A name that no header can hold breaks the form.
        if answer.status() != StatusCode::UNPROCESSABLE_ENTITY {
            assert_is_label(&server, name, answer).await;
            labels += 1;
        }
    }
    assert!(labels * 10 >= entries.len() * 9, "{labels} names are kept");
}

/// Asserts that the file of an accepted upload is kept under a name that leads nowhere.
async fn assert_is_label(server: &Server, name: &str, answer: Response) {
    let answer = json(answer, StatusCode::ACCEPTED).await;
    let id = answer["data"]["taskId"].as_str().unwrap();
    let task = server.task(id).await;
    let shown = task["filename"].as_str().unwrap();
    assert!(
        !shown.is_empty() && shown.len() <= 255,
        "{name:?} is shown as {shown:?}"
    );
    assert!(
        !shown.contains(['/', '\\', '\u{202e}']) && !shown.chars().any(char::is_control),
        "{shown:?}"
    );
    let key = task["s3_key"].as_str().unwrap();
    let file_id = task["file_id"].as_str().unwrap();
    let stored = key
        .strip_prefix(&format!("uploads/{USER}/{file_id}_"))
        .unwrap_or_else(|| panic!("{key}"));
    assert!(
        stored
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)),
        "{key}"
    );
    let file = server.original(id).await;
    assert_eq!(file.status(), StatusCode::OK, "{name:?}");
    assert!(
        file.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment;")
    );
    assert!(!file.headers().contains_key("set-cookie"));
    assert_eq!(file.bytes().await.unwrap(), documents::small());
}

#[tokio::test]
async fn hostile_files_end_and_the_server_goes_on() {
    let Some(folder) = corpus("hostile") else { return };
    // Tight limits: what is refused is refused the same way, only sooner.
    let limits = [("OCR_PAGE_TIMEOUT", "10"), ("OCR_PAGE_MEMORY_MB", "2048")];
    let Some(server) = engine::server(&limits).await else {
        return;
    };
    let mut accepted = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let response = server.send_file(&name, &std::fs::read(&path).unwrap()).await;
        let status = response.status();
        assert!(
            status == StatusCode::ACCEPTED || status.is_client_error(),
            "{status} for {name}"
        );
        if status == StatusCode::ACCEPTED {
            let answer = json(response, status).await;
            accepted.push((name, answer["data"]["taskId"].as_str().unwrap().to_owned()));
        }
    }
    assert!(!accepted.is_empty());
    for (name, id) in accepted {
        let task = server.ended(&id).await;
        let failed = task["status"] == "failed";
        assert!(
            !failed
                || task["error_message"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
            "{name}: {task}"
        );
        if name.contains("control_good") {
            assert!(!failed, "{name}: {task}");
        }
    }
    let id = server.submit("good.pdf", &documents::scan(1)).await;
    assert_eq!(server.ended(&id).await["status"], "completed");
}
