//! Page processes without what they do not need, as the operator sees it.

use ocr_testkit::requirements::Requirement;
use ocr_vision::sandbox::Confinement;

use crate::{
    documents, engine,
    server::{Server, program},
};

/// Whether this machine can take everything from a page process.
fn complete() -> Option<()> {
    let found = match Confinement::of_this_system() {
        Confinement::Complete => Ok(()),
        other => Err(other),
    };
    Requirement::Sandbox.or_skip(found)
}

/// What the doctor says with `OCR_SANDBOX=mode`.
async fn doctor(mode: &'static str) -> String {
    let data = tempfile::tempdir().unwrap();
    let mut command = program(&[]);
    command
        .arg("doctor")
        .env("OCR_DATA_DIR", data.path().join("data"))
        .env("OCR_SANDBOX", mode);
    let output = tokio::task::spawn_blocking(move || command.output());
    String::from_utf8(output.await.unwrap().unwrap().stdout).unwrap()
}

#[tokio::test]
async fn the_doctor_says_how_far_page_processes_are_confined() {
    let said = doctor("off").await;
    let expected = "note  page processes: confinement is none: OCR_SANDBOX=off";
    assert!(said.contains(expected), "{said}");
    let Some(()) = complete() else { return };
    for mode in ["auto", "require"] {
        let said = doctor(mode).await;
        assert!(
            said.contains("ok    page processes: confined completely"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_server_says_once_that_page_processes_are_not_confined() {
    let server = Server::start(&[("OCR_SANDBOX", "off")]).await;
    let log = server.log();
    let told = log.matches("page processes are not confined completely").count();
    assert_eq!(told, 1, "{log}");
}

#[tokio::test]
async fn documents_are_read_where_everything_else_is_refused() {
    let Some(()) = complete() else { return };
    let Some(server) = engine::server(&[("OCR_SANDBOX", "require")]).await else {
        return;
    };
    let id = server.submit("scan.pdf", &documents::scan(1)).await;
    let task = server.ended(&id).await;
    assert_eq!(task["status"], "completed", "{task}");
    let picture = server.get(&format!("/api/tasks/{id}/pages/1/image")).await;
    assert_eq!(picture.status(), reqwest::StatusCode::OK);
}
