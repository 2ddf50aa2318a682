//! An S3 server within the process that tests, with signatures checked.

mod objects;

use std::{io, net::Ipv4Addr};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};

use objects::Objects;

/// An S3 server on a free port of this machine, over a temporary directory. It ends when dropped.
#[derive(Debug)]
pub struct S3Server {
    endpoint: String,
    objects: Objects,
    // Dropped first: no request is under way when the directory goes.
    _connections: JoinSet<()>,
    _folder: TempDir,
}

impl S3Server {
    /// The access key it knows.
    pub const ACCESS_KEY_ID: &str = "AKIATESTKIT";
    /// The secret of that key.
    pub const SECRET_ACCESS_KEY: &str = "a secret of the testkit";

    /// Starts a server without buckets, on the current runtime.
    ///
    /// # Errors
    /// When no directory can be made or no port be had.
    pub async fn start() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let objects = Objects::new(folder.path())?;
        let mut builder = S3ServiceBuilder::new(objects.clone());
        builder.set_auth(SimpleAuth::from_single(
            Self::ACCESS_KEY_ID,
            Self::SECRET_ACCESS_KEY,
        ));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let mut connections = JoinSet::new();
        connections.spawn(serve(listener, builder.build()));
        Ok(Self {
            endpoint,
            objects,
            _connections: connections,
            _folder: folder,
        })
    }

    /// Its base URL; buckets are named in the path.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Multipart uploads that were begun and neither completed nor aborted.
    pub fn open_uploads(&self) -> usize {
        self.objects.open_uploads()
    }
}

async fn serve(listener: TcpListener, service: S3Service) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        let service = service.clone();
        connections.spawn(async move {
            let connection = Builder::new(TokioExecutor::new());
            // A disconnected client is not an error.
            let _ = connection.serve_connection(TokioIo::new(socket), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}
