//! A TCP proxy that freezes and cuts: a server that hangs or goes away, without touching the server.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// Bytes moved at once.
const BUFFER: usize = 16 * 1024;

/// A proxy in front of one server. Needs the runtime it was made in; ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct State {
    frozen: bool,
    /// Grows with every cut; connections from before it end.
    cuts: u64,
}

impl Proxy {
    /// A proxy in front of `server`, a host and port.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn to(server: impl Into<String>) -> Self {
        let server = server.into();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = watch::Sender::new(State::default());
        let watched = state.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, server.clone(), watched.subscribe()));
            }
        });
        Self {
            address,
            state,
            accepting,
        }
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on nothing passes. Connections are kept and accepted, as by a server that hangs.
    pub fn freeze(&self) {
        self.state.send_modify(|state| state.frozen = true);
    }

    /// Everything passes again, what was held up first.
    pub fn thaw(&self) {
        self.state.send_modify(|state| state.frozen = false);
    }

    /// Breaks every connection there is. New ones are served.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn serve(client: TcpStream, server: String, mut state: watch::Receiver<State>) {
    let cuts = state.borrow_and_update().cuts;
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let there = pass(from_client, to_server, state.clone());
    let back = pass(from_server, to_client, state.clone());
    tokio::select! {
        _ = there => {}
        _ = back => {}
        _ = state.wait_for(|state| state.cuts != cuts) => {}
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<State>,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = from.read(&mut buffer).await?;
        if state.wait_for(|state| !state.frozen).await.is_err() || read == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..read]).await?;
    }
}
