//! A WebSocket client that remembers what it was told.

use std::time::Instant;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderName},
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

    /// Connects with this query and header; the status when that is refused.
    pub(crate) async fn ask(server: &Server, query: &str, header: Option<(&str, &str)>) -> Result<Self, u16> {
        let url = format!("ws://127.0.0.1:{}/ws?{query}", server.port());
        let mut request = url.into_client_request().unwrap();
        if let Some((name, value)) = header {
            let name = HeaderName::try_from(name).unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
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
