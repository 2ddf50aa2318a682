//! What a server has to bear beside the requests of a soak: thousands of WebSockets, some of which never read, and
//! clients that never finish a header.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result};
use futures::{
    StreamExt as _,
    future::{join_all, try_join_all},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{dribble::Dribblers, samples::percentile, sockets::Socket};
use crate::proc;

/// One WebSocket of so many never reads.
const SILENT: usize = 10;
/// Clients that never finish a header.
const DRIBBLERS: usize = 100;
/// WebSockets that are opened at the same time.
const AT_ONCE: usize = 50;
/// Bytes that the kernel keeps for a client that does not read: few, so that the server notices.
const KEPT: u32 = 4096;
/// How long the server may take to come to rest once all are connected.
const REST: Duration = Duration::from_secs(3);
/// Longest time for a connection, and for the next message of one that was not read from.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest time in which all is read that was sent to one that was not read from.
const ALL: Duration = Duration::from_secs(30);
/// Connections beside those of the WebSockets.
const OTHERS: usize = 1000;
/// Open files that are enough; programs that look through all they might have open would take their time with more.
const ENOUGH: u64 = 65_536;

/// All of these clients.
#[derive(Debug)]
pub(super) struct Soak {
    reading: Vec<Socket>,
    silent: Vec<WebSocketStream<TcpStream>>,
    slow: Dribblers,
    /// Resident memory of the server in bytes, before the WebSockets and with them.
    resident: (u64, u64),
}

/// Settings of a server that has so many clients on one address, and no limits of use.
pub(super) fn settings(clients: usize) -> Vec<(&'static str, String)> {
    vec![
        ("OCR_CONNECTIONS_PER_ADDRESS", (clients + OTHERS).to_string()),
        ("OCR_RATE_READ", "0".into()),
        ("OCR_RATE_WRITE", "0".into()),
    ]
}

/// Lets this process and those it starts have as many files and connections open as the system allows, and as are enough.
pub(super) fn raise_limit_of_connections() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: Some(limit.maximum.unwrap_or(ENOUGH).min(ENOUGH)),
        maximum: limit.maximum,
    };
    // None is no limit.
    if limit
        .current
        .is_none_or(|current| Some(current) >= raised.current)
    {
        return Ok(());
    }
    setrlimit(Resource::Nofile, raised).context("the limit of open files could not be raised")
}

impl Soak {
    /// Connects `clients` WebSockets of `user` to the server at `base`, whose process is `pid`, and the slow clients.
    pub(super) async fn start(base: &str, user: &str, clients: usize, pid: u32) -> Result<Self> {
        let before = proc::resident(pid);
        let (mut reading, mut silent) = (Vec::new(), Vec::new());
        for first in (0..clients).step_by(AT_ONCE) {
            let numbers = first..clients.min(first + AT_ONCE);
            let (quiet, eager): (Vec<usize>, Vec<usize>) =
                numbers.partition(|number| number.is_multiple_of(SILENT));
            reading.extend(try_join_all(eager.iter().map(|_| Socket::open(base, user))).await?);
            silent.extend(try_join_all(quiet.iter().map(|_| connect(base, user))).await?);
        }
        sleep(REST).await;
        Ok(Self {
            resident: (before, proc::resident(pid)),
            reading,
            silent,
            slow: Dribblers::start(address(base), DRIBBLERS),
        })
    }

    /// Lines about what became of them; ends them.
    pub(super) async fn report(self) -> Vec<String> {
        let (before, with) = self.resident;
        let clients = self.reading.len() + self.silent.len();
        let each = with.saturating_sub(before) / (clients.max(1) as u64);
        let closed = self.reading.iter().filter(|socket| !socket.is_open()).count();
        let all_silent = self.silent.len();
        let ended = join_all(self.silent.into_iter().map(is_ended)).await;
        let ended = ended.into_iter().filter(|ended| *ended).count();
        let held = self.slow.held();
        let shown = [0.5, 1.0].map(|share| percentile(&held, share).as_secs_f64());
        vec![
            format!("{clients} WebSockets: {each} bytes of the server for each"),
            format!(
                "{closed} of {} that read were closed by the server",
                self.reading.len()
            ),
            format!("{ended} of {all_silent} that never read were closed by the server"),
            format!(
                "{} connections with a header that does not end were held for {:.1} s (p50), {:.1} s at the maximum",
                held.len(),
                shown[0],
                shown[1]
            ),
        ]
    }
}

/// Host and port of a server.
fn address(base: &str) -> &str {
    base.strip_prefix("http://").unwrap_or(base)
}

/// A WebSocket that nobody reads from.
async fn connect(base: &str, user: &str) -> Result<WebSocketStream<TcpStream>> {
    let server: SocketAddr = address(base).parse()?;
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(KEPT)?;
    let connected = async {
        let stream = socket.connect(server).await?;
        let (socket, _) = client_async(format!("ws://{server}/?userId={user}"), stream).await?;
        anyhow::Ok(socket)
    };
    timeout(PATIENCE, connected).await.context("no answer")?
}

/// Whether the server has ended this connection, once all is read that it had sent.
async fn is_ended(mut socket: WebSocketStream<TcpStream>) -> bool {
    let read = async {
        loop {
            match timeout(PATIENCE, socket.next()).await {
                Ok(Some(Ok(message))) if message.is_close() => return true,
                Ok(Some(Ok(_))) => {}
                Ok(_) => return true,
                Err(_) => return false,
            }
        }
    };
    timeout(ALL, read).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_have_all_its_clients_on_one_address() {
        let settings = settings(5000);
        assert!(settings.contains(&("OCR_CONNECTIONS_PER_ADDRESS", "6000".to_owned())));
        assert_eq!(address("http://127.0.0.1:80"), "127.0.0.1:80");
    }

    #[test]
    fn the_limit_of_connections_is_as_high_as_it_may_be() {
        raise_limit_of_connections().unwrap();
        let limit = getrlimit(Resource::Nofile);
        let highest = limit.maximum.unwrap_or(ENOUGH).min(ENOUGH);
        assert!(limit.current.is_none_or(|current| current >= highest));
    }
}
