//! A network between browser and server that can be cut in part or whole.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU16, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// Bytes of a request in which its line is found.
const HEAD: usize = 8 * 1024;

#[derive(Debug, Default)]
struct State {
    target: AtomicU16,
    sockets: AtomicBool,
    events: AtomicBool,
    open: AtomicBool,
    changed: Notify,
}

/// Forwards connections to a server. Ends with the test.
pub(crate) struct Proxy {
    state: Arc<State>,
    port: u16,
}

impl Proxy {
    /// A proxy to the server at `target`, with everything open.
    pub(crate) async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        state.target.store(target, Ordering::SeqCst);
        for door in [&state.sockets, &state.events, &state.open] {
            door.store(true, Ordering::SeqCst);
        }
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, shared.clone()));
            }
        });
        Self { state, port }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The server is at another port now.
    pub(crate) fn retarget(&self, target: u16) {
        self.state.target.store(target, Ordering::SeqCst);
    }

    /// Lets WebSockets through, or cuts them.
    pub(crate) fn sockets(&self, open: bool) {
        self.set(&self.state.sockets, open);
    }

    /// Lets server-sent events through, or cuts them.
    pub(crate) fn events(&self, open: bool) {
        self.set(&self.state.events, open);
    }

    /// Lets anything through, or cuts everything.
    pub(crate) fn network(&self, open: bool) {
        self.set(&self.state.open, open);
    }

    fn set(&self, door: &AtomicBool, open: bool) {
        door.store(open, Ordering::SeqCst);
        self.state.changed.notify_waiters();
    }
}

/// What a connection carries, by its first request.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Socket,
    Events,
    Other,
}

impl State {
    fn lets_through(&self, kind: Kind) -> bool {
        let door = match kind {
            Kind::Socket => &self.sockets,
            Kind::Events => &self.events,
            Kind::Other => &self.open,
        };
        self.open.load(Ordering::SeqCst) && door.load(Ordering::SeqCst)
    }
}

async fn forward(mut client: TcpStream, state: Arc<State>) -> Option<()> {
    let mut head = vec![0; HEAD];
    let length = client.read(&mut head).await.ok()?;
    let text = String::from_utf8_lossy(&head[..length]).to_lowercase();
    let kind = if text.contains("upgrade: websocket") {
        Kind::Socket
    } else if text.starts_with("get /api/events") {
        Kind::Events
    } else {
        Kind::Other
    };
    if !state.lets_through(kind) {
        return None;
    }
    let target = state.target.load(Ordering::SeqCst);
    let mut server = TcpStream::connect(("127.0.0.1", target)).await.ok()?;
    // Each connection carries one kind of request: those that are kept alive would hide another.
    server
        .write_all(&without_keep_alive(&head[..length], kind))
        .await
        .ok()?;
    let mut copying = std::pin::pin!(tokio::io::copy_bidirectional(&mut client, &mut server));
    loop {
        let changed = state.changed.notified();
        if !state.lets_through(kind) {
            return None;
        }
        tokio::select! {
            _ = &mut copying => return Some(()),
            () = changed => {}
        }
    }
}

/// The head of a request, asking for the connection to be closed after it.
fn without_keep_alive(head: &[u8], kind: Kind) -> Vec<u8> {
    let text = String::from_utf8_lossy(head);
    if kind == Kind::Other && text.contains("Connection: keep-alive\r\n") {
        let at = text.find("Connection: keep-alive").unwrap_or_default();
        let mut changed = head[..at].to_vec();
        changed.extend_from_slice(b"Connection: close");
        changed.extend_from_slice(&head[at + "Connection: keep-alive".len()..]);
        return changed;
    }
    head.to_vec()
}
