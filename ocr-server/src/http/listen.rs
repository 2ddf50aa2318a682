//! The accept loop. It sets timeouts for slow clients, which `axum::serve` does not.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::connection_permit::ConnectionPermit;

/// How long a request may take to send its head.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long open requests may take to finish at shutdown.
const DRAIN: Duration = Duration::from_secs(10);
/// Most connections at once; beyond it new ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 10_000;

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
pub async fn serve(listener: TcpListener, mut routers: watch::Receiver<Router>, shutdown: CancellationToken) {
    tokio::select! {
        biased;
        () = shutdown.cancelled() => return,
        changed = routers.changed() => if changed.is_err() {
            return;
        },
    }
    let connections = TaskTracker::new();
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = async {
            let permit = Arc::clone(&permits).acquire_owned().await.ok()?;
            Some((permit, listener.accept().await))
        };
        let (permit, stream) = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = accepted => match accepted {
                Some((permit, Ok((stream, _)))) => (permit, stream),
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
        let (router, shutdown) = (routers.borrow().clone(), shutdown.clone());
        let permit = ConnectionPermit::new(permit, connections.token());
        connections.spawn(converse(stream, router, permit, shutdown));
    }
    connections.close();
    if tokio::time::timeout(DRAIN, connections.wait()).await.is_err() {
        tracing::info!("closing connections that did not finish in time");
    }
}

/// Answers the requests of one connection. After `shutdown` the current one is the last.
async fn converse(stream: TcpStream, router: Router, permit: ConnectionPermit, shutdown: CancellationToken) {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT);
    let service = TowerToHyperService::new(router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(permit.clone());
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
