//! A TCP proxy between the processes and a server they use: the network, as far as they can tell.

use std::{io, net::Ipv4Addr, time::Duration};

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

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Network {
    /// Everything passes.
    #[default]
    Well,
    /// Every connection is broken, and new ones are broken at once.
    Cut,
    /// Connections stay and are accepted, but nothing passes.
    Silent,
    /// Each piece is held up for this long.
    Slow(Duration),
}

/// A proxy in front of one server of this machine. Ends when dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    network: watch::Sender<Network>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// A proxy in front of the server at `port`.
    pub(crate) async fn to(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let own = listener.local_addr()?.port();
        let network = watch::Sender::new(Network::Well);
        let watched = network.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, port, watched.subscribe()));
            }
        });
        Ok(Self {
            port: own,
            network,
            accepting,
        })
    }

    /// Where clients connect to.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on the network is like this.
    pub(crate) fn set(&self, network: Network) {
        self.network.send_replace(network);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.set(Network::Cut);
    }
}

async fn serve(client: TcpStream, port: u16, mut network: watch::Receiver<Network>) {
    if *network.borrow() == Network::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        _ = pass(from_client, to_server, network.clone()) => {}
        _ = pass(from_server, to_client, network.clone()) => {}
        _ = network.wait_for(|network| *network == Network::Cut) => {}
    }
}

/// Ends with the connection: one side that is done ends both.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut network: watch::Receiver<Network>,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = from.read(&mut buffer).await?;
        let heard = network.wait_for(|network| *network != Network::Silent).await;
        let Ok(now) = heard.map(|network| *network) else {
            return Ok(());
        };
        if read == 0 {
            return Ok(());
        }
        if let Network::Slow(delay) = now {
            tokio::time::sleep(delay).await;
        }
        to.write_all(&buffer[..read]).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends back what it gets.
    async fn echo() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        port
    }

    async fn answer(stream: &mut TcpStream) -> Option<u8> {
        stream.write_all(b"x").await.ok()?;
        let answer = tokio::time::timeout(Duration::from_millis(300), stream.read_u8());
        answer.await.ok()?.ok()
    }

    #[tokio::test]
    async fn a_network_is_silent_cut_and_well_again() {
        let proxy = Proxy::to(echo().await).await.unwrap();
        let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()));
        let mut stream = connect().await.unwrap();
        assert_eq!(answer(&mut stream).await, Some(b'x'));
        proxy.set(Network::Silent);
        assert_eq!(answer(&mut stream).await, None);
        proxy.set(Network::Well);
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
        proxy.set(Network::Cut);
        assert!(stream.read_u8().await.is_err());
        assert_eq!(answer(&mut connect().await.unwrap()).await, None);
        proxy.set(Network::Well);
        assert_eq!(answer(&mut connect().await.unwrap()).await, Some(b'x'));
    }
}
