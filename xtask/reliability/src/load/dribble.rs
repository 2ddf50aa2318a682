//! Clients that send the header of a request one byte a second, and never its end.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};

/// Time between two bytes.
const BYTE: Duration = Duration::from_secs(1);
/// How long a server may hold such a connection before the client ends it.
const LONGEST: Duration = Duration::from_mins(2);
/// Time before the next connection.
const AGAIN: Duration = Duration::from_millis(500);
/// How the header begins.
const BEGINNING: &[u8] = b"GET /readyz HTTP/1.1\r\nHost: slow\r\nX-Slow: ";

/// Slow clients, until they are dropped.
#[derive(Debug)]
pub(super) struct Dribblers {
    /// How long each connection was held by the server.
    held: Arc<Mutex<Vec<Duration>>>,
    _clients: JoinSet<()>,
}

impl Dribblers {
    /// Starts `count` clients of the server at `address`.
    pub(super) fn start(address: &str, count: usize) -> Self {
        let held = Arc::new(Mutex::new(Vec::new()));
        let mut clients = JoinSet::new();
        for _ in 0..count {
            let (address, held) = (address.to_owned(), Arc::clone(&held));
            clients.spawn(async move {
                loop {
                    let begun = Instant::now();
                    // However it ends: how long it took is what counts, unless there was no connection.
                    if let Ok(mut stream) = TcpStream::connect(&address).await {
                        let _ = timeout(LONGEST, dribble(&mut stream)).await;
                        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
                        held.push(begun.elapsed());
                    }
                    sleep(AGAIN).await;
                }
            });
        }
        Self {
            held,
            _clients: clients,
        }
    }

    /// How long each connection was held that has ended, in order of length.
    pub(super) fn held(&self) -> Vec<Duration> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
        held.sort();
        held
    }
}

/// Sends on until the server answers or ends the connection.
async fn dribble(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(BEGINNING).await?;
    let mut answer = [0; 64];
    loop {
        match timeout(BYTE, stream.read(&mut answer)).await {
            Ok(read) => {
                read?;
                return Ok(());
            }
            Err(_) => stream.write_all(b"x").await?,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_connection_is_held_until_the_server_ends_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let dribblers = Dribblers::start(&address, 1);
        let (mut first, _) = listener.accept().await.unwrap();
        let mut begun = vec![0; BEGINNING.len()];
        first.read_exact(&mut begun).await.unwrap();
        assert_eq!(begun, BEGINNING);
        assert!(dribblers.held().is_empty());
        drop(first);
        let (_second, _) = listener.accept().await.unwrap();
        assert_eq!(dribblers.held().len(), 1);
    }
}
