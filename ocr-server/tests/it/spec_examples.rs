//! Every example of the contract, field by field: on one process with SQLite, and on Postgres, Redis and
//! S3. More fields than the contract names are allowed; other types are not.

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use serde_json::{Value, json as value};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use uuid::Uuid;

use crate::{
    USER, documents, engine,
    server::{Server, json},
    socket::Socket,
    standard::{self, Services},
};

/// Fails unless `found` has what `shape` names. A text in `shape` is the name of a type, or after `=`
/// the very text; a list in it has one element, which every element must fit.
fn fits(shape: &Value, found: &Value, place: &str) {
    match shape {
        Value::Object(members) => {
            for (name, shape) in members {
                let member = found.get(name);
                let member = member.unwrap_or_else(|| panic!("{place}.{name} is missing in {found}"));
                fits(shape, member, &format!("{place}.{name}"));
            }
        }
        Value::Array(shapes) => {
            let elements = found
                .as_array()
                .unwrap_or_else(|| panic!("{place} is no list: {found}"));
            assert!(!elements.is_empty(), "{place} is empty");
            for element in elements {
                fits(&shapes[0], element, &format!("{place}[]"));
            }
        }
        Value::String(kind) => assert!(is(kind, found), "{place} is {found}, not {kind}"),
        other => assert_eq!(found, other, "{place}"),
    }
}

fn is(kind: &str, found: &Value) -> bool {
    let text = || found.as_str().unwrap_or_default();
    match kind {
        "uuid" => text().parse::<Uuid>().is_ok(),
        "time" => text().parse::<DateTime<Utc>>().is_ok(),
        "text" => !text().is_empty(),
        "url" => text().starts_with("http"),
        "count" => found.is_u64(),
        "share" => found.as_f64().is_some_and(|share| (0.0..=1.0).contains(&share)) && found.is_f64(),
        "percent" => found.as_u64().is_some_and(|percent| percent <= 100),
        "status" => ["pending", "processing", "completed", "failed"].contains(&text()),
        "operation" => ["INSERT", "UPDATE", "DELETE"].contains(&text()),
        exactly => Some(text()) == exactly.strip_prefix('='),
    }
}

fn stats() -> Value {
    value!({"total": "count", "pending": "count", "processing": "count", "completed": "count", "failed": "count"})
}

fn update() -> Value {
    value!({"taskId": "uuid", "status": "status", "message": "text", "progress": "percent"})
}

/// Somebody with `redis-cli`: what Redis answers that looks like JSON.
struct Cli {
    lines: Lines<BufReader<OwnedReadHalf>>,
    commands: OwnedWriteHalf,
}

impl Cli {
    /// Connects to `redis://:PASSWORD@HOST:PORT/DATABASE`.
    async fn connect(url: &str) -> Self {
        let (start, database) = url.rsplit_once('/').unwrap();
        let (login, address) = start
            .rsplit_once('@')
            .unwrap_or(("", start.trim_start_matches("redis://")));
        let (answers, commands) = TcpStream::connect(address).await.unwrap().into_split();
        let mut cli = Self {
            lines: BufReader::new(answers).lines(),
            commands,
        };
        if let Some((_, password)) = login.rsplit_once(':') {
            cli.send(&format!("AUTH {password}")).await;
        }
        cli.send(&format!("SELECT {database}")).await;
        cli
    }

    async fn send(&mut self, command: &str) {
        let line = format!("{command}\r\n");
        self.commands.write_all(line.as_bytes()).await.unwrap();
    }

    /// The next JSON of our user's.
    async fn json(&mut self) -> Value {
        let search = async {
            loop {
                let line = self.lines.next_line().await.unwrap().expect("Redis answers");
                // Tests of other processes share the channels, and may have other users.
                if line.starts_with('{') && line.contains(USER) {
                    return serde_json::from_str(&line).unwrap();
                }
            }
        };
        tokio::time::timeout(crate::server::PATIENCE, search)
            .await
            .expect("it is told in time")
    }
}

/// What is asked of a server before there is anything to read.
async fn greetings(server: &Server) -> Socket {
    let (mut socket, greeting) = Socket::open(server, USER).await;
    let connected = value!({
        "type": "=connected", "message": "=WebSocket connection established", "userId": format!("={USER}"),
        "timestamp": "time",
    });
    fits(&connected, &greeting, "connected");
    socket.ping().await;
    let pong = value!({"type": "=pong", "timestamp": "time"});
    fits(&pong, &socket.next().await, "pong");

    let health = value!({
        "success": true, "service": "=OCR Platform Backend API", "timestamp": "time",
        "components": {"database": {"healthy": true}},
    });
    fits(
        &health,
        &json(server.get("/health").await, StatusCode::OK).await,
        "health",
    );
    let ask = async |path| {
        let answer = server.http.get(server.health_url(path)).send().await.unwrap();
        json(answer, StatusCode::OK).await
    };
    let health = value!({
        "status": "=healthy", "database": "=connected", "timestamp": "time",
    });
    fits(&health, &ask("/health").await, "health of the health server");
    let status = value!({"queue_length": "count", "tasks": stats(), "uptime": "count"});
    fits(&status, &ask("/status").await, "status");
    socket
}

async fn upload(server: &Server) -> String {
    let answer = json(
        server.send_file("document.pdf", &documents::born_digital()).await,
        StatusCode::ACCEPTED,
    )
    .await;
    let accepted = value!({
        "success": true,
        "data": {"taskId": "uuid", "message": "=File uploaded and queued for processing"},
    });
    fits(&accepted, &answer, "upload");
    answer["data"]["taskId"].as_str().unwrap().to_owned()
}

/// Follows a document to its end, and deletes it.
async fn life(server: &Server, socket: &mut Socket, id: &str) {
    let completed = |message: &Value| {
        message["type"] == "db_change"
            && message["data"]["recordId"] == id
            && message["data"]["status"] == "completed"
    };
    told(&socket.until(completed).await);
    let list = json(
        server.get(&format!("/api/tasks?userId={USER}")).await,
        StatusCode::OK,
    )
    .await;
    let task = value!({
        "id": format!("={id}"), "user_id": format!("={USER}"), "filename": "=document.pdf", "status": "=completed",
        "created_at": "time", "s3_key": "text", "s3_result_key": "text", "confidence_score": "share",
        "page_count": "count", "word_count": "count",
    });
    fits(
        &value!({"success": true, "data": {"tasks": [task], "stats": stats()}}),
        &list,
        "list",
    );
    for (path, member) in [("download", "downloadUrl"), ("result", "resultUrl")] {
        let answer = json(
            server.get(&format!("/api/tasks/{id}/{path}")).await,
            StatusCode::OK,
        )
        .await;
        fits(&value!({"success": true, "data": {member: "url"}}), &answer, path);
    }
    let delete = server
        .http
        .delete(server.url(&format!("/api/tasks/{id}?userId={USER}")))
        .send();
    let deleted = value!({"success": true, "message": "=Task and associated files deleted successfully"});
    fits(
        &deleted,
        &json(delete.await.unwrap(), StatusCode::OK).await,
        "delete",
    );
    told(
        &socket
            .until(|message| message["data"]["operation"] == "DELETE")
            .await,
    );
}

/// Every message of a WebSocket has the shape of its type.
fn told(messages: &[Value]) {
    for message in messages {
        let data = match message["type"].as_str() {
            Some("task_update") => update(),
            Some("db_change") => value!({
                "table": "text", "operation": "operation", "recordId": "uuid", "message": "text",
            }),
            other => panic!("{other:?} is in no example: {message}"),
        };
        fits(&value!({"data": data, "timestamp": "time"}), message, "message");
        if message["data"]["table"] == "tasks" {
            fits(&value!({"status": "status"}), &message["data"], "change of tasks");
        }
    }
}

#[tokio::test]
async fn the_examples_hold_on_the_embedded_profile() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let mut socket = greetings(&server).await;
    let id = upload(&server).await;
    life(&server, &mut socket, &id).await;
}

#[tokio::test]
async fn the_examples_hold_on_the_standard_profile() {
    let services = Services::start().await;
    let standard = |roles| [("OCR_PROFILE", "standard"), ("OCR_ROLES", roles)];
    let Some(server) = standard::server(&services, &standard("api,health,listener")).await else {
        return;
    };
    let mut socket = greetings(&server).await;
    // Only here is there a Redis to speak of.
    let health = json(server.get("/health").await, StatusCode::OK).await;
    fits(
        &value!({"components": {"redis": {"healthy": true}}}),
        &health,
        "health of Redis",
    );
    let health = server.http.get(server.health_url("/health")).send();
    let health = json(health.await.unwrap(), StatusCode::OK).await;
    fits(
        &value!({"redis": "=connected"}),
        &health,
        "Redis at the health server",
    );
    let (mut updates, mut changes) = (
        Cli::connect(&services.redis.url()).await,
        Cli::connect(&services.redis.url()).await,
    );
    updates.send("SUBSCRIBE ocr:task:updates").await;
    changes.send("SUBSCRIBE ocr:db:changes").await;
    let id = upload(&server).await;

    // No worker runs yet, so the item stays where anybody can see it.
    let mut queue = Cli::connect(&services.redis.url()).await;
    server.task_when(&id, |_| true).await;
    let depth = async || {
        let status = server
            .http
            .get(server.health_url("/status"))
            .send()
            .await
            .unwrap();
        json(status, StatusCode::OK).await["queue_length"].clone()
    };
    while depth().await != 1 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    queue.send("LRANGE ocr:task:queue 0 -1").await;
    let item = value!({"taskId": format!("={id}"), "userId": format!("={USER}"), "fileId": "uuid"});
    fits(&item, &queue.json().await, "queue item");

    let Some(_worker) = standard::server(&services, &standard("api,health,worker")).await else {
        return;
    };
    life(&server, &mut socket, &id).await;
    let mut update = update();
    update["userId"] = format!("={USER}").into();
    fits(&update, &updates.json().await, "message on ocr:task:updates");
    let change = value!({
        "type": "=db_change",
        "data": {"table": "text", "operation": "operation", "record_id": "uuid", "user_id": format!("={USER}")},
    });
    fits(&change, &changes.json().await, "message on ocr:db:changes");
}
