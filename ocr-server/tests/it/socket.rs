//! A WebSocket client that remembers what it was told.

use std::time::Instant;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::server::{PATIENCE, Server};

/// A live connection.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects as `user` and reads the greeting.
    pub(crate) async fn open(server: &Server, user: &str) -> (Self, Value) {
        let url = format!("ws://127.0.0.1:{}/?userId={user}", server.port());
        let (socket, _) = connect_async(url.into_client_request().unwrap()).await.unwrap();
        let mut socket = Self(socket);
        let greeting = socket.next().await;
        (socket, greeting)
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next())
                .await
                .expect("a message comes in time");
            if let Message::Text(text) = message.expect("the connection is open").unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// The messages up to and with the first that `is_last` accepts.
    pub(crate) async fn until(&mut self, is_last: impl Fn(&Value) -> bool) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        let mut messages = Vec::new();
        loop {
            let message = self.next().await;
            let last = is_last(&message);
            messages.push(message);
            if last {
                return messages;
            }
            assert!(Instant::now() < deadline, "it never came: {messages:#?}");
        }
    }

    /// The code with which the server closes the connection, whatever it says before.
    pub(crate) async fn closed(mut self) -> u16 {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next())
                .await
                .expect("a message comes in time");
            if let Message::Close(frame) = message.expect("a closing frame comes").unwrap() {
                return frame.expect("a reason is given").code.into();
            }
        }
    }

    pub(crate) async fn ping(&mut self) {
        let text = json!({"type": "ping"}).to_string();
        self.0.send(Message::text(text)).await.unwrap();
    }
}
