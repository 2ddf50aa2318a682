//! A running server, and the requests every test makes of it.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use serde_json::Value;
use tempfile::TempDir;

use crate::{USER, form::Form};

/// Longest time anything may take; nothing is expected to come near it.
pub(crate) const PATIENCE: Duration = Duration::from_mins(3);
/// Time between two looks at something that is awaited.
const LOOK: Duration = Duration::from_millis(50);

/// A server process. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    port: u16,
    health_port: u16,
    /// Holds the data directory, and beside it what the server writes to standard error.
    folder: TempDir,
    settings: Vec<(String, String)>,
    pub(crate) http: Client,
}

impl Server {
    /// A server without an engine and without workers: tasks stay pending.
    pub(crate) async fn without_engine() -> Self {
        Self::start(&[("OCR_ROLES", "api,listener,health")]).await
    }

    /// A server with these environment variables, and no engine unless they provide one.
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings: Vec<(String, String)> = settings
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let (port, health_port) = free_ports();
        let child = spawn(folder.path(), port, health_port, &settings);
        let mut server = Self {
            child,
            port,
            health_port,
            folder,
            settings,
            http,
        };
        server.wait_until_up().await;
        server
    }

    /// Creates the bucket that these settings name, where they choose one.
    pub(crate) async fn set_up_storage(settings: &[(&str, &str)]) {
        let settings: Vec<(String, String)> = settings
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        let chosen =
            |name: &str, value: &str| settings.iter().any(|(known, set)| known == name && set == value);
        let standard = chosen("OCR_PROFILE", "standard") && !chosen("OCR_BLOBS", "fs");
        if standard || chosen("OCR_BLOBS", "s3") {
            // The storage may be served by this very thread.
            let setup = move || program(&settings).args(["storage", "setup"]).output();
            let output = tokio::task::spawn_blocking(setup).await.unwrap().unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }

    /// Starts the server again on the same data.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        (self.port, self.health_port) = free_ports();
        self.child = spawn(self.folder.path(), self.port, self.health_port, &self.settings);
        self.wait_until_up().await;
    }

    /// Starts the server again on the same data, with more settings.
    pub(crate) async fn restart_with(&mut self, settings: &[(&str, &str)]) {
        let more = settings
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        self.settings.extend(more);
        self.restart().await;
    }

    async fn wait_until_up(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let api = self.http.get(self.url("/livez")).send().await;
            let health = self.http.get(self.health_url("/livez")).send().await;
            if api.is_ok() && health.is_ok() {
                return;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                // Another process took a port between our look and the server's.
                assert!(
                    self.log().contains("cannot be used"),
                    "the server ended with {status}: {}",
                    self.log()
                );
                (self.port, self.health_port) = free_ports();
                self.child = spawn(self.folder.path(), self.port, self.health_port, &self.settings);
            }
            assert!(
                Instant::now() < deadline,
                "the server does not answer: {}",
                self.log()
            );
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Ends the process as a power cut would.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the process to end, and waits until it has.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        let sent = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "the server ignores SIGTERM: {}",
                self.log()
            );
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What the server wrote to standard error, of all its starts.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.folder.path().join("log")).unwrap()).into_owned()
    }

    pub(crate) fn data(&self) -> PathBuf {
        data_in(self.folder.path())
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn health_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.health_port)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.http.get(self.url(path)).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str) -> Response {
        self.http.post(self.url(path)).send().await.unwrap()
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Response {
        self.http.post(self.url(path)).json(body).send().await.unwrap()
    }

    pub(crate) async fn patch_json(&self, path: &str, body: &Value) -> Response {
        self.http.patch(self.url(path)).json(body).send().await.unwrap()
    }

    /// A request that sends `form`.
    pub(crate) fn form(&self, path: &str, form: Form) -> RequestBuilder {
        let (content_type, body) = form.finish();
        self.http
            .post(self.url(path))
            .header(header::CONTENT_TYPE, content_type)
            .body(body)
    }

    /// Sends one file as curl does: the file, then the owner.
    pub(crate) async fn send_file(&self, name: &str, bytes: &[u8]) -> Response {
        let form = Form::new().file(name, bytes).field("userId", USER);
        self.form("/api/tasks", form).send().await.unwrap()
    }

    /// Sends one file that must be accepted, and returns its task.
    pub(crate) async fn submit(&self, name: &str, bytes: &[u8]) -> String {
        let answer = json(self.send_file(name, bytes).await, StatusCode::ACCEPTED).await;
        answer["data"]["taskId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn task(&self, id: &str) -> Value {
        let mut answer = json(self.get(&format!("/api/tasks/{id}")).await, StatusCode::OK).await;
        answer["data"]["task"].take()
    }

    /// Where the file of a task can be had.
    pub(crate) async fn download_url(&self, id: &str) -> String {
        let link = self.get(&format!("/api/tasks/{id}/download")).await;
        let link = json(link, StatusCode::OK).await;
        link["data"]["downloadUrl"].as_str().unwrap().to_owned()
    }

    /// The file of a task, from where it can be had.
    pub(crate) async fn original(&self, id: &str) -> Response {
        let url = self.download_url(id).await;
        self.http.get(url).send().await.unwrap()
    }

    /// Waits until the task is completed, failed or cancelled.
    pub(crate) async fn ended(&self, id: &str) -> Value {
        let ended = |task: &Value| {
            matches!(
                task["status"].as_str(),
                Some("completed" | "failed" | "cancelled")
            )
        };
        self.task_when(id, ended).await
    }

    /// Waits until the task looks as `reached` says.
    pub(crate) async fn task_when(&self, id: &str, reached: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let task = self.task(id).await;
            if reached(&task) {
                return task;
            }
            assert!(
                Instant::now() < deadline,
                "the task stays as {task}: {}",
                self.log()
            );
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- log of the server\n{}", self.log());
        }
    }
}

/// The JSON of an answer that must have `status`.
pub(crate) async fn json(response: Response, status: StatusCode) -> Value {
    let (found, text) = (response.status(), response.text().await.unwrap());
    assert_eq!(found, status, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The detail of a refusal that must have `status`, after checking that it is a problem document.
pub(crate) async fn problem(response: Response, status: StatusCode) -> Value {
    let content_type = response.headers().get(header::CONTENT_TYPE).cloned();
    let body = json(response, status).await;
    assert_eq!(content_type.unwrap(), "application/problem+json", "{body}");
    assert_eq!(body["success"], false);
    assert_eq!(body["status"], status.as_u16());
    for field in ["type", "title", "code", "detail"] {
        assert!(
            body[field].as_str().is_some_and(|text| !text.is_empty()),
            "{field} of {body}"
        );
    }
    body
}

/// The program, told of nothing but `settings`, and with neither models nor tesseract.
pub(crate) fn program(settings: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ocr-server"));
    command
        .env_clear()
        .env("OCR_MODELS_DIR", "/nonexistent")
        .env("OCR_PULL_MODELS", "false")
        .env("OCR_ENGINE", "ppocr")
        // Tests of reading send the same document again and again.
        .env("OCR_REUSE_RESULTS", "false")
        .envs(settings.iter().map(|(name, value)| (name, value)));
    command
}

fn data_in(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn spawn(folder: &Path, port: u16, health_port: u16, settings: &[(String, String)]) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .unwrap();
    program(settings)
        .env("OCR_DATA_DIR", data_in(folder))
        .env("PORT", port.to_string())
        .env("HEALTH_PORT", health_port.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

fn free_ports() -> (u16, u16) {
    let bind = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (one, other) = (bind(), bind());
    (
        one.local_addr().unwrap().port(),
        other.local_addr().unwrap().port(),
    )
}
