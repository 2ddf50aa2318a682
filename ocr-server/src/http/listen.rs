//! The accept loop. It sets timeouts for slow clients, which `axum::serve` does not.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::{
    connection_permit::{Addresses, ConnectionPermit},
    peer::{PeerAddress, TrustedProxies},
    tls::Tls,
};

/// How long a request may take to send its head.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long open requests may take to finish at shutdown.
const DRAIN: Duration = Duration::from_secs(10);
/// Most connections at once; beyond it new ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 10_000;

/// The answer to a connection more than an address may have.
const TOO_MANY: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nConnection: close\r\n\
Content-Length: 0\r\n\r\n";

/// Opens a port.
///
/// # Errors
/// When it is taken, naming it.
pub async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("the address {address} cannot be used"))
}

/// Serves whatever `routers` holds when a client connects, from the first change of it until `shutdown`
/// is cancelled; then lets open requests finish. Clients that are earlier wait.
/// One address may have `per_address` connections; one more is told so and closed. Requests through one of `proxies`
/// come from the address that it names. With `tls`, clients have to begin with its handshake.
pub async fn serve(
    listener: TcpListener,
    mut routers: watch::Receiver<Router>,
    per_address: usize,
    proxies: TrustedProxies,
    tls: Option<Tls>,
    shutdown: CancellationToken,
) {
    tokio::select! {
        biased;
        () = shutdown.cancelled() => return,
        changed = routers.changed() => if changed.is_err() {
            return;
        },
    }
    let connections = TaskTracker::new();
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let addresses = Addresses::new(per_address);
    loop {
        let accepted = async {
            let permit = Arc::clone(&permits).acquire_owned().await.ok()?;
            Some((permit, listener.accept().await))
        };
        let (permit, stream, peer) = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = accepted => match accepted {
                Some((permit, Ok((stream, peer)))) => (permit, stream, peer),
                Some((_, Err(error))) => {
                    // Out of file descriptors, mostly: wait until some are free again.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
                None => break,
            },
        };
        let _ = stream.set_nodelay(true);
        let Some(address) = addresses.enter(peer.ip()) else {
            tracing::debug!(%peer, "an address has too many connections");
            if tls.is_some() {
                // Nothing can be said before a handshake, which is what there are too many of.
                continue;
            }
            // Not `try_write`: the runtime does not know yet that a new socket can be written.
            let _ = stream
                .into_std()
                .and_then(|mut stream| std::io::Write::write_all(&mut stream, TOO_MANY));
            continue;
        };
        let (router, shutdown) = (routers.borrow().clone(), shutdown.clone());
        let permit = ConnectionPermit::new(permit, address, connections.token());
        let origin = (peer.ip(), proxies.clone());
        match tls.clone() {
            None => connections.spawn(converse(stream, router, permit, origin, shutdown)),
            Some(tls) => connections.spawn(secured(tls, stream, router, permit, origin, shutdown)),
        };
    }
    connections.close();
    if tokio::time::timeout(DRAIN, connections.wait()).await.is_err() {
        tracing::info!("closing connections that did not finish in time");
    }
}

/// The same over TLS. A client whose handshake fails is not answered.
async fn secured(
    tls: Tls,
    stream: TcpStream,
    router: Router,
    permit: ConnectionPermit,
    origin: (IpAddr, TrustedProxies),
    shutdown: CancellationToken,
) {
    let accepted = tokio::select! {
        biased;
        () = shutdown.cancelled() => return,
        accepted = tls.accept(stream) => accepted,
    };
    match accepted {
        Ok(stream) => converse(stream, router, permit, origin, shutdown).await,
        Err(error) => tracing::debug!(%error, "a handshake failed"),
    }
}

/// Answers the requests of one connection, from that address or through a proxy. After `shutdown` the current one is
/// the last.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    permit: ConnectionPermit,
    (connected, proxies): (IpAddr, TrustedProxies),
    shutdown: CancellationToken,
) {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT);
    let service = TowerToHyperService::new(router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(permit.clone());
        let peer = PeerAddress::of(connected, request.headers(), &proxies);
        request.extensions_mut().insert(peer);
        request
    }));
    let connection = builder
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test(start_paused = true)]
    async fn a_head_that_dribbles_is_cut_off() {
        let (mut client, server) = tokio::io::duplex(1024);
        let connections = TaskTracker::new();
        let permit = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let address = Addresses::new(1).enter([127, 0, 0, 1].into()).unwrap();
        let permit = ConnectionPermit::new(permit, address, connections.token());
        let origin = ([127, 0, 0, 1].into(), TrustedProxies::default());
        connections.spawn(converse(
            server,
            Router::new(),
            permit,
            origin,
            CancellationToken::new(),
        ));
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            .await
            .unwrap();
        let mut sent = 0;
        while sent < 600 && client.write_all(b"x").await.is_ok() {
            sent += 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert!(sent <= 11, "the connection was open for {sent} seconds");
        let _ = client.read_to_end(&mut Vec::new()).await;
        connections.close();
        connections.wait().await;
    }
}
