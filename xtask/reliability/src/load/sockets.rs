//! WebSockets that are held open, and asked now and then whether the server is there.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::JoinHandle,
    time::{interval, timeout},
};
use tokio_tungstenite::{
    connect_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

/// Longest time for a connection, and for the answer to a ping.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes that each socket reads at once: the usual number would be hundreds of megabytes for thousands of them.
const READ: usize = 4096;
/// How often a socket that nothing is asked of looks after itself.
const IDLE: Duration = Duration::from_secs(20);

/// Told when the answer to a ping is there: `true`, or when none comes.
type Answer = tokio::sync::oneshot::Sender<bool>;

/// A socket that is open until it is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    questions: UnboundedSender<Answer>,
    task: JoinHandle<()>,
}

impl Socket {
    /// Opens a socket for `user`.
    pub(crate) async fn open(base: &str, user: &str) -> Result<Self> {
        let address = format!("{}/?userId={user}", base.replacen("http", "ws", 1));
        let config = WebSocketConfig::default().read_buffer_size(READ);
        let (mut socket, _) = timeout(PATIENCE, connect_async_with_config(address, Some(config), false))
            .await
            .context("no answer")??;
        let (questions, mut asked) = unbounded_channel::<Answer>();
        let task = tokio::spawn(async move {
            let mut waiting: Vec<Answer> = Vec::new();
            let mut idle = interval(IDLE);
            loop {
                let sent = tokio::select! {
                    Some(answer) = asked.recv() => {
                        waiting.push(answer);
                        socket.send(Message::text(json!({"type": "ping"}).to_string())).await
                    }
                    _ = idle.tick() => socket.send(Message::Pong(Vec::new().into())).await,
                    message = socket.next() => match message {
                        Some(Ok(Message::Text(text))) => {
                            if is_pong(&text) && !waiting.is_empty() {
                                // Whoever asked may have lost patience.
                                let _ = waiting.remove(0).send(true);
                            }
                            Ok(())
                        }
                        Some(Ok(_)) => Ok(()),
                        _ => return,
                    },
                };
                if sent.is_err() {
                    return;
                }
            }
        });
        Ok(Self { questions, task })
    }

    /// Whether it is still open.
    pub(crate) fn is_open(&self) -> bool {
        !self.task.is_finished()
    }

    /// Asks whether the server is there; how it answered by when.
    pub(crate) async fn ping(&self) -> (bool, Instant) {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let is_sent = self.questions.send(answer).is_ok();
        let is_there = is_sent && matches!(timeout(PATIENCE, answered).await, Ok(Ok(true)));
        (is_there, Instant::now())
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn is_pong(text: &str) -> bool {
    // Most are something else, and there may be thousands a second.
    text.contains("pong")
        && serde_json::from_str::<Value>(text).is_ok_and(|message| message["type"] == "pong")
}
