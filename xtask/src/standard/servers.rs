//! Redis, the stand-in for S3, and what our processes are told of them.

use anyhow::Result;

use super::{
    home, postgres,
    running::{Daemon, Question},
};
use crate::process::{command, target_directory};

const REDIS_PORT: u16 = 6379;
const S3_PORT: u16 = 5555;

/// Settings of every process of ours.
pub(super) fn environment() -> Vec<(&'static str, String)> {
    vec![
        ("OCR_PROFILE", "standard".into()),
        ("OCR_DATA_DIR", home().join("data").display().to_string()),
        ("DB_HOST", "127.0.0.1".into()),
        ("DB_NAME", postgres::DATABASE.into()),
        ("DB_USER", postgres::USER.into()),
        ("DB_PASSWORD", postgres::PASSWORD.into()),
        ("REDIS_HOST", "127.0.0.1".into()),
        ("AWS_ENDPOINT_URL_S3", format!("http://127.0.0.1:{S3_PORT}")),
        ("OCR_S3_PATH_STYLE", "true".into()),
        ("AWS_ACCESS_KEY_ID", "local".into()),
        ("AWS_SECRET_ACCESS_KEY", "local-secret".into()),
    ]
}

pub(super) fn redis() -> Daemon {
    Daemon {
        name: "redis",
        port: Some(REDIS_PORT),
        question: Question::Redis,
    }
}

pub(super) fn start_redis() -> Result<()> {
    let mut server = command("redis-server");
    server.args(["--port", &REDIS_PORT.to_string(), "--bind", "127.0.0.1"]);
    server
        .args(["--appendonly", "yes", "--dir"])
        .arg(home().join("data"));
    redis().start(&mut server)?;
    redis().wait_until_ready()
}

pub(super) fn s3() -> Daemon {
    Daemon {
        name: "s3",
        port: Some(S3_PORT),
        question: Question::Http("/moto-api/"),
    }
}

pub(super) fn start_s3() -> Result<()> {
    let mut server = command("python3");
    server.env("PYTHONPATH", target_directory().join("tools/moto"));
    s3().start(server.args(["-m", "moto.server", "-p", &S3_PORT.to_string()]))?;
    s3().wait_until_ready()
}
