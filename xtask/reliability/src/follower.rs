//! Clients that follow what changes, over a WebSocket or as server-sent events, and go on after a break from the
//! last change they have seen.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    task::JoinHandle,
    time::{interval, timeout},
};
use tokio_tungstenite::{connect_async, tungstenite::Message};

use crate::client::{BEGINNING, Change, Client, OPEN};

/// How often a WebSocket client asks whether the server is there.
const PING: Duration = Duration::from_secs(3);
/// Silence after which a WebSocket client gives its connection up.
const SOCKET_SILENCE: Duration = Duration::from_secs(9);
/// The same of server-sent events, where the server says every 15 s that it is there.
const EVENTS_SILENCE: Duration = Duration::from_secs(20);
/// Time between two connections.
const AGAIN: Duration = Duration::from_millis(300);

/// How changes are followed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    /// `ws://`
    Socket,
    /// `GET /api/events`
    Events,
}

/// What a follower knows.
#[derive(Debug, Clone)]
pub(crate) struct Belief {
    /// The status of each task.
    pub(crate) tasks: BTreeMap<String, String>,
    /// When it heard of the end of each, for the first time.
    pub(crate) ended_at: BTreeMap<String, Instant>,
    /// Connections so far.
    pub(crate) connections: usize,
    /// How often it was told that it missed something.
    pub(crate) lags: usize,
    cursor: String,
}

impl Default for Belief {
    fn default() -> Self {
        Self {
            tasks: BTreeMap::new(),
            ended_at: BTreeMap::new(),
            connections: 0,
            lags: 0,
            cursor: BEGINNING.to_owned(),
        }
    }
}

impl Belief {
    /// Takes a change in.
    fn learn(&mut self, change: &Change) {
        let (Some(task), "tasks") = (&change.task_id, change.table.as_str()) else {
            return;
        };
        match &change.status {
            _ if change.operation == "DELETE" => drop(self.tasks.remove(task)),
            Some(status) => {
                if !OPEN.contains(&status.as_str()) {
                    self.ended_at.entry(task.clone()).or_insert_with(Instant::now);
                }
                self.tasks.insert(task.clone(), status.clone());
            }
            None => {}
        }
    }

    /// Tasks that have come to an end.
    pub(crate) fn ended(&self) -> usize {
        let ended = self
            .tasks
            .values()
            .filter(|status| !OPEN.contains(&status.as_str()));
        ended.count()
    }
}

/// A client that follows until it is dropped.
#[derive(Debug)]
pub(crate) struct Follower {
    belief: Arc<Mutex<Belief>>,
    task: JoinHandle<()>,
}

impl Follower {
    /// Follows by way of the servers at `bases`, the next one after each break.
    pub(crate) fn start(way: Way, client: Client, mut bases: Vec<String>) -> Self {
        if matches!(way, Way::Events) {
            // Whichever server is broken, somebody should notice.
            bases.reverse();
        }
        let belief = Arc::new(Mutex::new(Belief::default()));
        let session = Session {
            client,
            belief: Arc::clone(&belief),
        };
        let task = tokio::spawn(async move {
            for base in bases.iter().cycle() {
                lock(&session.belief).connections += 1;
                // Breaks are what this is about; why does not matter.
                let _ = match way {
                    Way::Socket => session.socket(base).await,
                    Way::Events => session.events(base).await,
                };
                tokio::time::sleep(AGAIN).await;
            }
        });
        Self { belief, task }
    }

    /// What it knows now.
    pub(crate) fn belief(&self) -> Belief {
        lock(&self.belief).clone()
    }

    /// How many tasks have ended, as far as it knows.
    pub(crate) fn ended(&self) -> usize {
        lock(&self.belief).ended()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Session {
    client: Client,
    belief: Arc<Mutex<Belief>>,
}

impl Session {
    fn query(&self) -> String {
        format!(
            "userId={}&since={}",
            self.client.user(),
            lock(&self.belief).cursor
        )
    }

    async fn socket(&self, base: &str) -> Result<()> {
        let address = format!("{}/?{}", base.replacen("http", "ws", 1), self.query());
        let (mut socket, _) = timeout(SOCKET_SILENCE, connect_async(address)).await??;
        let mut ping = interval(PING);
        loop {
            tokio::select! {
                _ = ping.tick() => {
                    let question = json!({"type": "ping"}).to_string();
                    timeout(SOCKET_SILENCE, socket.send(Message::text(question))).await??;
                }
                message = timeout(SOCKET_SILENCE, socket.next()) => {
                    let message = message?.context("the connection ended")??;
                    if let Message::Text(text) = message {
                        self.hear(base, &text).await?;
                    }
                }
            }
        }
    }

    async fn events(&self, base: &str) -> Result<()> {
        let path = format!("/api/events?{}", self.query());
        let mut response = timeout(EVENTS_SILENCE, self.client.stream(base, &path)).await??;
        let mut unread = String::new();
        loop {
            let chunk = timeout(EVENTS_SILENCE, response.chunk()).await??;
            let chunk = chunk.context("the events ended")?;
            unread.push_str(std::str::from_utf8(&chunk)?);
            while let Some((event, rest)) = unread.split_once("\n\n") {
                if let Some(data) = event.lines().find_map(|line| line.strip_prefix("data: ")) {
                    self.hear(base, data).await?;
                }
                unread = rest.to_owned();
            }
        }
    }

    async fn hear(&self, base: &str, text: &str) -> Result<()> {
        let mut message: Value = serde_json::from_str(text)?;
        match message["type"].as_str() {
            Some("db_change") => {
                let Some(cursor) = message["cursor"].as_str().map(ToOwned::to_owned) else {
                    bail!("a change without its place");
                };
                let change: Change = serde_json::from_value(message["data"].take())?;
                let mut belief = lock(&self.belief);
                belief.learn(&change);
                belief.cursor = cursor;
            }
            Some("lagged") => {
                let since = {
                    let mut belief = lock(&self.belief);
                    belief.lags += 1;
                    belief.cursor.clone()
                };
                let (changes, next) = self.client.changes(base, &since).await?;
                let mut belief = lock(&self.belief);
                for change in &changes {
                    belief.learn(change);
                }
                belief.cursor = next;
            }
            _ => {}
        }
        Ok(())
    }
}

/// A panic of another holder leaves nothing half done here.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(table: &str, operation: &str, status: Option<&str>) -> Change {
        Change {
            table: table.into(),
            operation: operation.into(),
            task_id: Some("1".into()),
            status: status.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn the_last_change_of_a_task_is_what_counts() {
        let mut belief = Belief::default();
        belief.learn(&change("tasks", "INSERT", Some("pending")));
        assert_eq!(belief.ended(), 0);
        belief.learn(&change("tasks", "UPDATE", Some("completed")));
        belief.learn(&change("results", "INSERT", None));
        assert_eq!((belief.tasks["1"].as_str(), belief.ended()), ("completed", 1));
        belief.learn(&change("tasks", "DELETE", Some("completed")));
        assert!(belief.tasks.is_empty());
    }
}
