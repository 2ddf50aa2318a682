//! A client of the HTTP API, as anybody could write one.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use reqwest::multipart::{Form, Part};
use serde::Deserialize;
use serde_json::Value;

/// Statuses of tasks that have not come to an end.
pub(crate) const OPEN: [&str; 2] = ["pending", "processing"];

/// Longest time for which an answer is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);
/// Tasks asked for at once; the server gives no more.
const LIST: usize = 100;
/// The position before all changes.
pub(crate) const BEGINNING: &str = "0.0";

/// A user of the API.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    user: String,
}

/// What came of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 2xx: the task that was made.
    Accepted(String),
    /// Another status.
    Refused(u16),
    /// The connection broke, or no answer came within [`PATIENCE`].
    None,
}

/// A row of the list of tasks.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Row {
    /// The task.
    pub(crate) id: String,
    /// The name that the file was given.
    pub(crate) filename: String,
    /// Where the task is in its life.
    pub(crate) status: String,
    /// Why it failed.
    pub(crate) error_code: Option<String>,
    s3_key: Option<String>,
    s3_result_key: Option<String>,
}

impl Row {
    /// Keys of the blobs it refers to.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        [&self.s3_key, &self.s3_result_key]
            .into_iter()
            .filter_map(|key| key.as_deref())
    }
}

/// A row of the change log.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    /// The table that changed.
    pub(crate) table: String,
    /// What was done to it.
    pub(crate) operation: String,
    /// The task that it is about.
    pub(crate) task_id: Option<String>,
    /// The status of the task after it.
    pub(crate) status: Option<String>,
}

impl Client {
    /// A client that acts for `user`, a UUID.
    pub(crate) fn new(user: String) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { http, user })
    }

    /// Its user.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// Uploads a file; with the same `key` it can be repeated. Says how long the answer took, too.
    pub(crate) async fn upload(
        &self,
        base: &str,
        name: &str,
        bytes: Vec<u8>,
        key: Option<&str>,
    ) -> (Answer, Duration) {
        let form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
        let mut request = self.http.post(format!("{base}/api/tasks?userId={}", self.user));
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let begun = Instant::now();
        let answer = match request.multipart(form).send().await {
            Ok(response) if response.status().is_success() => accepted(response).await,
            Ok(response) => Answer::Refused(response.status().as_u16()),
            Err(_) => Answer::None,
        };
        (answer, begun.elapsed())
    }

    /// Uploads a file with nothing of its name escaped. Gives the status and the body of the answer.
    pub(crate) async fn upload_raw(&self, base: &str, name: &[u8], bytes: &[u8]) -> (Option<u16>, Value) {
        let head = b"--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"";
        let mut body = head.to_vec();
        body.extend(name);
        body.extend(b"\"\r\nContent-Type: application/octet-stream\r\n\r\n");
        body.extend(bytes);
        body.extend(b"\r\n--boundary--\r\n");
        let request = self
            .http
            .post(format!("{base}/api/tasks?userId={}", self.user))
            .header("Content-Type", "multipart/form-data; boundary=boundary")
            .body(body);
        match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                (Some(status), response.json().await.unwrap_or_default())
            }
            Err(_) => (None, Value::Null),
        }
    }

    /// The status of `DELETE path` for the user; `None` when no answer came.
    pub(crate) async fn delete(&self, base: &str, path: &str) -> Option<u16> {
        let address = format!("{base}{path}?userId={}", self.user);
        let response = self.http.delete(address).send().await.ok()?;
        Some(response.status().as_u16())
    }

    /// All tasks of the user.
    pub(crate) async fn tasks(&self, base: &str) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/tasks?userId={}&limit={LIST}{cursor}", self.user);
            let mut page = self.data(base, &path).await?;
            let found: Vec<Row> = serde_json::from_value(page["tasks"].take())?;
            rows.extend(found);
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(rows),
            }
        }
    }

    /// How many tasks of the user there are by status, as the server counts them.
    pub(crate) async fn counts(&self, base: &str) -> Result<BTreeMap<String, usize>> {
        let path = format!("/api/tasks?userId={}&limit=1", self.user);
        let mut page = self.data(base, &path).await?;
        Ok(serde_json::from_value(page["stats"].take())?)
    }

    /// One task.
    pub(crate) async fn task(&self, base: &str, id: &str) -> Result<Row> {
        let path = format!("/api/tasks/{id}?userId={}", self.user);
        let mut data = self.data(base, &path).await?;
        Ok(serde_json::from_value(data["task"].take())?)
    }

    /// The text of a task.
    pub(crate) async fn text(&self, base: &str, id: &str) -> Result<String> {
        let response = self
            .get(base, &format!("/api/tasks/{id}/text?userId={}", self.user))
            .await?;
        Ok(response.text().await?)
    }

    /// The file of a task, by the signed URL that the server gives.
    pub(crate) async fn original(&self, base: &str, id: &str) -> Result<Vec<u8>> {
        let response = self.http.get(self.signed_url(base, id).await?).send().await?;
        Ok(response.error_for_status()?.bytes().await?.to_vec())
    }

    /// A URL by which the file of a task can be had.
    pub(crate) async fn signed_url(&self, base: &str, id: &str) -> Result<String> {
        let path = format!("/api/tasks/{id}/download?userId={}", self.user);
        let data = self.data(base, &path).await?;
        let url = data["downloadUrl"].as_str();
        url.map(ToOwned::to_owned)
            .with_context(|| format!("{path} gave no URL"))
    }

    /// Everything that changed since `since`, and the position after it.
    pub(crate) async fn changes(&self, base: &str, since: &str) -> Result<(Vec<Change>, String)> {
        let mut all = Vec::new();
        let mut since = since.to_owned();
        loop {
            let path = format!("/api/changes?userId={}&since={since}", self.user);
            let mut page = self.data(base, &path).await?;
            let changes: Vec<Change> = serde_json::from_value(page["changes"].take())?;
            all.extend(changes);
            since = page["nextCursor"].as_str().unwrap_or(&since).to_owned();
            if page["hasMore"] != true {
                return Ok((all, since));
            }
        }
    }

    /// An answer that goes on for as long as the connection does.
    pub(crate) async fn stream(&self, base: &str, path: &str) -> Result<reqwest::Response> {
        let endless = Duration::from_hours(24);
        let response = self
            .http
            .get(format!("{base}{path}"))
            .timeout(endless)
            .send()
            .await?;
        Ok(response.error_for_status()?)
    }

    /// The status of `GET path`, once all of the answer is there.
    pub(crate) async fn ask(&self, base: &str, path: &str) -> Option<u16> {
        let response = self.http.get(format!("{base}{path}")).send().await.ok()?;
        let status = response.status().as_u16();
        response.bytes().await.ok()?;
        Some(status)
    }

    async fn data(&self, base: &str, path: &str) -> Result<Value> {
        let mut body: Value = self.get(base, path).await?.json().await?;
        Ok(body["data"].take())
    }

    async fn get(&self, base: &str, path: &str) -> Result<reqwest::Response> {
        let response = self.http.get(format!("{base}{path}")).send().await?;
        if !response.status().is_success() {
            bail!("GET {path} was answered with {}", response.status());
        }
        Ok(response)
    }
}

async fn accepted(response: reqwest::Response) -> Answer {
    let body: Value = response.json().await.unwrap_or_default();
    match body["data"]["taskId"].as_str() {
        Some(task) => Answer::Accepted(task.to_owned()),
        // The status was seen, the body was cut off: it is repeated.
        None => Answer::None,
    }
}
