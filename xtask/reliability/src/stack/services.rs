//! Postgres, Redis and a stand-in for S3, each behind a proxy.

use std::{net::Ipv4Addr, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Mutex,
};

use super::postgres::Postgres;
use crate::{
    process::{Launch, Process, free_port, until},
    proxy::{Network, Proxy},
};

/// Longest time a server of these may take to start.
const START: Duration = Duration::from_mins(1);
/// Longest time Redis may take to answer a command of ours.
const ANSWER: Duration = Duration::from_secs(5);
/// The bucket.
const BUCKET: &str = "reliability";

/// A Redis that keeps nothing.
#[derive(Debug)]
pub(crate) struct Redis {
    /// Its process.
    pub(crate) process: Mutex<Process>,
    /// Its TCP port.
    pub(crate) port: u16,
}

impl Redis {
    /// Starts a server.
    pub(crate) async fn start(directory: &Path, logs: &Path) -> Result<Self> {
        let port = free_port()?;
        let launch = Launch::new("redis", "redis-server", logs)
            .with_arguments(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .with_arguments(["--save", "", "--appendonly", "no", "--dir"])
            .with_arguments([directory.display()]);
        let redis = Self {
            process: Mutex::new(launch.start()?),
            port,
        };
        redis.wait().await?;
        Ok(redis)
    }

    /// Waits until it answers.
    pub(crate) async fn wait(&self) -> Result<()> {
        until("Redis answers", START, || async {
            self.command("PING")
                .await
                .is_ok_and(|answer| answer.starts_with("+PONG"))
        })
        .await
    }

    /// The beginning of the answer to a command.
    pub(crate) async fn command(&self, command: &str) -> Result<String> {
        let asked = async {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
            stream.write_all(format!("{command}\r\n").as_bytes()).await?;
            let mut answer = vec![0; 256];
            let read = stream.read(&mut answer).await?;
            answer.truncate(read);
            Ok(String::from_utf8_lossy(&answer).into_owned())
        };
        tokio::time::timeout(ANSWER, asked)
            .await
            .context("Redis does not answer")?
    }
}

/// The servers that our processes use, and the network between.
#[derive(Debug)]
pub(crate) struct Services {
    /// The store.
    pub(crate) postgres: Mutex<Postgres>,
    /// The queue and the notifier.
    pub(crate) redis: Redis,
    /// The ways to the store, the queue and the blobs.
    pub(crate) networks: [Mutex<Proxy>; 3],
    _blobs: Process,
    blobs_port: u16,
    ports: [u16; 3],
}

impl Services {
    /// Starts all of them in `directory`.
    pub(crate) async fn start(directory: &Path, logs: &Path) -> Result<Self> {
        let postgres = Postgres::start(&directory.join("postgres"), logs).await?;
        let redis = Redis::start(directory, logs).await?;
        let blobs_port = free_port()?;
        let blobs = Launch::new("s3", "python3", logs)
            .with_arguments(["-m", "moto.server", "-H", "127.0.0.1", "-p"])
            .with_arguments([blobs_port])
            .start()?;
        until("the stand-in for S3 answers", START, || async move {
            reqwest::get(format!("http://127.0.0.1:{blobs_port}/moto-api/"))
                .await
                .is_ok()
        })
        .await
        .context("moto is needed as a stand-in for S3: cargo xtask installs it")?;
        let networks = [
            Proxy::to(postgres.port()).await?,
            Proxy::to(redis.port).await?,
            Proxy::to(blobs_port).await?,
        ];
        Ok(Self {
            ports: [networks[0].port(), networks[1].port(), networks[2].port()],
            networks: networks.map(Mutex::new),
            postgres: Mutex::new(postgres),
            redis,
            _blobs: blobs,
            blobs_port,
        })
    }

    /// Settings of our processes.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let [postgres, redis, blobs] = self.ports;
        vec![
            ("OCR_PROFILE", "standard".into()),
            ("DATABASE_URL", Postgres::url(postgres)),
            ("DB_POOL_SIZE", "10".into()),
            ("REDIS_URL", format!("redis://127.0.0.1:{redis}")),
            ("AWS_ENDPOINT_URL_S3", format!("http://127.0.0.1:{blobs}")),
            ("OCR_S3_PATH_STYLE", "true".into()),
            ("S3_BUCKET_NAME", BUCKET.into()),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_ACCESS_KEY_ID", "local".into()),
            ("AWS_SECRET_ACCESS_KEY", "local-secret".into()),
        ]
    }

    /// Makes the network well.
    pub(crate) async fn heal(&self) {
        for network in &self.networks {
            network.lock().await.set(Network::Well);
        }
    }

    /// Keys of all blobs.
    pub(crate) async fn blobs(&self) -> Result<Vec<String>> {
        let mut keys = Vec::new();
        let mut after = String::new();
        loop {
            let address = format!("http://127.0.0.1:{}/{BUCKET}", self.blobs_port);
            let page = reqwest::get(format!("{address}?list-type=2&start-after={after}")).await?;
            let page = page.text().await?;
            let found = page
                .split("<Key>")
                .skip(1)
                .filter_map(|rest| rest.split("</Key>").next());
            let before = keys.len();
            keys.extend(found.map(ToOwned::to_owned));
            match keys.last() {
                Some(last) if keys.len() > before && page.contains("<IsTruncated>true") => {
                    after.clone_from(last);
                }
                _ => return Ok(keys),
            }
        }
    }
}
