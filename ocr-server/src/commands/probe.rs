//! `ocr-server probe`

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::config::Settings;

/// Longest time a server may take to answer; it gives its own parts three seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most bytes of an answer that are read.
const LONGEST_ANSWER: u64 = 4096;

/// Asks the health server of this machine whether it is ready: the check of a container that has no
/// other program.
pub(super) async fn run(settings: &Settings) -> Result<ExitCode> {
    let bind = settings.health_address();
    // Where it listens everywhere, it listens here.
    let host = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    let address = SocketAddr::new(host, bind.port());
    let answer = tokio::time::timeout(PATIENCE, ask(address))
        .await
        .with_context(|| format!("{address} did not answer in time"))?
        .with_context(|| format!("{address} does not answer; the health server has the role health"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let first = head.lines().next().unwrap_or_default();
    if first.split(' ').nth(1) != Some("200") {
        bail!("{address} is not ready: {body}");
    }
    println!("{body}");
    Ok(ExitCode::SUCCESS)
}

async fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
