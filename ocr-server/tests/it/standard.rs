//! The same flow on every choice of adapters, and the standard profile as several processes.

use ocr_testkit::services::{postgres, redis, s3::S3Server};
use reqwest::StatusCode;
use serde_json::{Value, json as value};
use sqlx::{Connection as _, PgConnection};

use crate::{
    USER, documents, engine,
    server::{Server, json},
    socket::Socket,
};

const STORES: [&str; 2] = ["sqlite", "postgres"];
const QUEUES: [&str; 3] = ["sqlite", "postgres", "redis"];
const BLOBS: [&str; 2] = ["fs", "s3"];
const NOTIFIERS: [&str; 3] = ["memory", "postgres", "redis"];

/// Servers that a combination may need, and how ours find them.
pub(crate) struct Services {
    postgres: postgres::Database,
    pub(crate) redis: redis::Database,
    s3: S3Server,
}

impl Services {
    pub(crate) async fn start() -> Self {
        let (postgres, redis, s3) = tokio::join!(postgres::database(), redis::database(), S3Server::start());
        Self {
            postgres,
            redis,
            s3: s3.unwrap(),
        }
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE_URL", self.postgres.url().to_owned()),
            ("REDIS_URL", self.redis.url()),
            ("AWS_ENDPOINT_URL_S3", self.s3.endpoint().to_owned()),
            ("OCR_S3_PATH_STYLE", "true".into()),
            ("AWS_ACCESS_KEY_ID", S3Server::ACCESS_KEY_ID.into()),
            ("AWS_SECRET_ACCESS_KEY", S3Server::SECRET_ACCESS_KEY.into()),
            ("DB_POOL_SIZE", "5".into()),
        ]
    }
}

/// A server with an engine, these services and settings of its own.
pub(crate) async fn server(services: &Services, more: &[(&'static str, &str)]) -> Option<Server> {
    let mut all = engine::settings()?;
    all.extend(services.settings());
    all.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Server::set_up_storage(&all).await;
    Some(Server::start(&all).await)
}

/// Upload, live updates, text, both links, deletion.
async fn flow(server: &Server, choice: &str) {
    let (mut socket, _) = Socket::open(server, USER).await;
    let id = server.submit("born.pdf", &documents::born_digital()).await;
    let told = |status: &'static str, id: String| {
        move |message: &Value| message["data"]["taskId"] == id.as_str() && message["data"]["status"] == status
    };
    socket.until(told("completed", id.clone())).await;
    let task = server.ended(&id).await;
    assert_eq!(
        (&task["status"], &task["page_count"]),
        (&value!("completed"), &value!(2)),
        "{choice}"
    );
    let text = server
        .get(&format!("/api/tasks/{id}/text"))
        .await
        .text()
        .await
        .unwrap();
    assert!(
        text.contains("quick brown fox") && text.contains("1,234.56"),
        "{choice}: {text}"
    );
    for (path, member) in [("download", "downloadUrl"), ("result", "resultUrl")] {
        let link = json(
            server.get(&format!("/api/tasks/{id}/{path}")).await,
            StatusCode::OK,
        )
        .await;
        let url = link["data"][member].as_str().unwrap();
        let answer = server.http.get(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{choice}: {url}");
        assert!(!answer.bytes().await.unwrap().is_empty(), "{choice}");
    }
    let deleted = server
        .http
        .delete(server.url(&format!("/api/tasks/{id}?userId={USER}")))
        .send();
    assert_eq!(deleted.await.unwrap().status(), StatusCode::OK, "{choice}");
    let list = json(
        server.get(&format!("/api/tasks?userId={USER}")).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(list["data"]["stats"]["total"], 0, "{choice}");
}

#[tokio::test]
async fn every_combination_of_adapters_reads_a_document() {
    for store in STORES {
        for queue in QUEUES {
            for blobs in BLOBS {
                for notifier in NOTIFIERS {
                    let services = Services::start().await;
                    let chosen = [
                        ("OCR_STORE", store),
                        ("OCR_QUEUE", queue),
                        ("OCR_BLOBS", blobs),
                        ("OCR_NOTIFIER", notifier),
                    ];
                    let Some(server) = server(&services, &chosen).await else {
                        return;
                    };
                    flow(&server, &format!("{store} + {queue} + {blobs} + {notifier}")).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn what_goes_in_at_one_server_is_seen_at_another_and_outlives_its_worker() {
    let services = Services::start().await;
    let standard = |roles| {
        [
            ("OCR_PROFILE", "standard"),
            ("OCR_ROLES", roles),
            ("OCR_LEASE", "2"),
        ]
    };
    let Some(watched) = server(&services, &standard("api,health,listener")).await else {
        return;
    };
    let Some(mut doomed) = server(&services, &standard("api,health,worker")).await else {
        return;
    };
    let (mut socket, _) = Socket::open(&watched, USER).await;
    let id = doomed.submit("scan.pdf", &documents::scan(4)).await;
    // Other tests publish on the same channels.
    let ours = |message: &Value| message["data"]["taskId"] == id.as_str();
    let page_done = |message: &Value| {
        ours(message)
            && message["data"]["progress"]
                .as_u64()
                .is_some_and(|done| done >= 25)
    };
    socket.until(page_done).await;
    doomed.kill();
    let Some(_heir) = server(&services, &standard("api,health,worker")).await else {
        return;
    };
    let completed = |message: &Value| ours(message) && message["data"]["status"] == "completed";
    let story = socket.until(completed).await;
    let task = watched.task(&id).await;
    assert_eq!(
        (&task["status"], &task["page_count"]),
        (&value!("completed"), &value!(4)),
        "{story:#?}"
    );
}

#[tokio::test]
async fn a_change_by_hand_reaches_open_pages_once_however_many_processes_listen() {
    let services = Services::start().await;
    let settings = [("OCR_PROFILE", "standard"), ("OCR_ROLES", "api,health,listener")];
    let Some(_other_listener) = server(&services, &settings).await else {
        return;
    };
    let Some(server) = server(&services, &settings).await else {
        return;
    };
    let (mut socket, _) = Socket::open(&server, USER).await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let mut database = PgConnection::connect(services.postgres.url()).await.unwrap();
    let mut told = Vec::new();
    for status in ["completed", "failed", "completed", "failed"] {
        sqlx::query("UPDATE tasks SET status = $1::task_status, error_message = repeat('x', 5000000)")
            .bind(status)
            .execute(&mut database)
            .await
            .unwrap();
        let heard = |message: &Value| {
            message["type"] == "db_change"
                && message["data"]["status"] == status
                && message["data"]["recordId"] == id
        };
        told.extend(socket.until(heard).await);
    }
    assert_eq!(server.task(&id).await["status"], "failed");
    let mut cursors: Vec<String> = told.iter().map(|message| message["cursor"].to_string()).collect();
    cursors.retain(|cursor| cursor != "null");
    let all = cursors.len();
    cursors.sort_unstable();
    cursors.dedup();
    assert_eq!(cursors.len(), all, "{told:#?}");
}
