//! Where the servers are: yours, or those that are started for this run.

use std::{env, sync::Arc};

use anyhow::{Context, Result, anyhow, bail};
use ocr_adapters::{aws::AwsCredentials, s3::S3Config};
use ocr_testkit::services::{postgres, redis, s3::S3Server};

/// Variables that say where your servers are.
const NAMES: [&str; 3] = ["DATABASE_URL", "REDIS_URL", "S3_BUCKET_NAME"];

/// Addresses of the servers, and what keeps those alive that are ours.
#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) database_url: String,
    pub(crate) redis_url: String,
    pub(crate) bucket: S3Config,
    _ours: Option<(postgres::Database, redis::Database, S3Server)>,
}

impl Services {
    /// Yours where the variables name them, else servers of this machine, for this run only.
    ///
    /// # Errors
    /// With what to set, install or start.
    pub(crate) async fn from_environment_or_own() -> Result<Self> {
        let missing: Vec<&str> = NAMES.into_iter().filter(|name| env::var(name).is_err()).collect();
        match missing.len() {
            0 => Self::yours(),
            3 => Self::own().await.context(
                "there are no servers: start Postgres, Redis and S3 and name them by DATABASE_URL, REDIS_URL and \
                 S3_BUCKET_NAME, or make it possible to start some for this run",
            ),
            _ => bail!(
                "set {} too, or none of {}",
                missing.join(" and "),
                NAMES.join(", ")
            ),
        }
    }

    fn yours() -> Result<Self> {
        let endpoint = env::var("AWS_ENDPOINT_URL_S3").ok();
        Ok(Self {
            database_url: env::var("DATABASE_URL")?,
            redis_url: env::var("REDIS_URL")?,
            bucket: S3Config::new(env::var("S3_BUCKET_NAME")?)
                .with_region(env::var("AWS_REGION").ok())
                // Most servers other than AWS want the bucket in the path.
                .with_path_style(endpoint.is_some())
                .with_endpoint(endpoint),
            _ours: None,
        })
    }

    async fn own() -> Result<Self> {
        let (database, cache) = tokio::join!(postgres::start(), redis::start());
        let (database, cache) = (
            database.map_err(|reason| anyhow!(reason))?,
            cache.map_err(|reason| anyhow!(reason))?,
        );
        println!("servers of this machine, for this run only");
        let database = postgres::database_on(Arc::new(database)).await;
        let cache = redis::database_on(Arc::new(cache)).await;
        let s3 = S3Server::start().await?;
        Ok(Self {
            database_url: database.url().to_owned(),
            redis_url: cache.url(),
            bucket: S3Config::new("ocr-platform-example")
                .with_region("us-east-1".to_owned())
                .with_path_style(true)
                .with_endpoint(s3.endpoint().to_owned())
                .with_credentials(AwsCredentials::new(
                    S3Server::ACCESS_KEY_ID,
                    S3Server::SECRET_ACCESS_KEY,
                )),
            _ours: Some((database, cache, s3)),
        })
    }
}
