//! How the services of the standard profile are reached.

use std::path::PathBuf;

use anyhow::{Result, bail};
#[cfg(any(feature = "s3", feature = "textract"))]
use ocr_adapters::aws::AwsCredentials;
#[cfg(any(feature = "s3", feature = "textract"))]
use secrecy::ExposeSecret;
use secrecy::SecretString;

use super::sources::Sources;

/// A Postgres database.
#[derive(Debug, Clone)]
pub struct PostgresSettings {
    /// The whole address, in place of the five that follow.
    pub url: Option<SecretString>,
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Name of the database.
    pub name: String,
    /// User.
    pub user: String,
    /// Password of the user.
    pub password: Option<SecretString>,
    /// Most connections of this process.
    pub pool_size: u32,
    /// Whether to LISTEN, or only to poll.
    pub listen: bool,
}

/// A Redis server.
#[derive(Debug, Clone)]
pub struct RedisSettings {
    /// The whole address, in place of the three that follow.
    pub url: Option<SecretString>,
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Password.
    pub password: Option<SecretString>,
    /// What every key and channel begins with.
    pub key_prefix: String,
}

/// AWS in general.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// Region of every service.
    pub region: String,
    /// Id of a key; the usual places of AWS tools are searched without it and its secret.
    pub access_key_id: Option<SecretString>,
    /// Secret of that key.
    pub secret_access_key: Option<SecretString>,
    /// Token of a key that is valid for some time only.
    pub session_token: Option<SecretString>,
}

/// A bucket.
#[derive(Debug, Clone)]
pub struct S3Settings {
    /// Its name.
    pub bucket: String,
    /// Key that encrypts what is written.
    pub kms_key_id: Option<String>,
    /// Address of another server than AWS.
    pub endpoint: Option<String>,
    /// Buckets in the path of URLs.
    pub path_style: bool,
}

/// The engine of AWS.
#[derive(Debug, Clone)]
pub struct TextractSettings {
    /// Whether documents may be sent to it.
    pub enabled: bool,
    /// Address of another server than AWS.
    pub endpoint: Option<String>,
    /// Processes that share the account's quotas.
    pub processes: u32,
    /// How it tells of jobs that are done; without, it is asked.
    pub messages: Option<MessageSettings>,
    /// A table of prices in place of the one this program comes with.
    pub prices_file: Option<PathBuf>,
    /// Pages analysed this month, which decides the price of the next.
    pub pages_this_month: u64,
    /// Quotas of the account that differ from those of a new one in its region.
    pub quota: QuotaSettings,
}

/// Quotas of an account; those of a new one in its region where absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuotaSettings {
    /// `DetectDocumentText` a second.
    pub detect_text: Option<f64>,
    /// `AnalyzeDocument` a second.
    pub analyze: Option<f64>,
    /// `StartDocumentTextDetection` a second.
    pub start_text: Option<f64>,
    /// `StartDocumentAnalysis` a second.
    pub start_analysis: Option<f64>,
    /// `GetDocumentTextDetection` a second.
    pub get_text: Option<f64>,
    /// `GetDocumentAnalysis` a second.
    pub get_analysis: Option<f64>,
    /// Jobs at the same time.
    pub jobs: Option<usize>,
}

/// A topic of the service and the queue that its messages arrive in.
#[derive(Debug, Clone)]
pub struct MessageSettings {
    /// ARN of the topic.
    pub topic_arn: String,
    /// ARN of the role that may publish to it.
    pub role_arn: String,
    /// URL of the queue.
    pub queue_url: String,
}

fn secret(sources: &Sources, key: &str) -> Option<SecretString> {
    sources.text(key).map(SecretString::from)
}

impl PostgresSettings {
    pub(super) fn read(sources: &Sources) -> Result<Self> {
        Ok(Self {
            url: secret(sources, "postgres.url"),
            host: sources.or("postgres.host", "localhost".to_owned())?,
            port: sources.or("postgres.port", 5432)?,
            name: sources.or("postgres.name", "ocr_platform_dev".to_owned())?,
            user: sources.or("postgres.user", "ocr_platform_user".to_owned())?,
            password: secret(sources, "postgres.password"),
            pool_size: sources.or("postgres.pool_size", 20)?,
            listen: sources.or("postgres.listen", true)?,
        })
    }
}

impl RedisSettings {
    pub(super) fn read(sources: &Sources) -> Result<Self> {
        Ok(Self {
            url: secret(sources, "redis.url"),
            host: sources.or("redis.host", "localhost".to_owned())?,
            port: sources.or("redis.port", 6379)?,
            password: secret(sources, "redis.password"),
            key_prefix: sources.text("redis.key_prefix").unwrap_or_default(),
        })
    }
}

impl AwsSettings {
    pub(super) fn read(sources: &Sources) -> Result<Self> {
        Ok(Self {
            region: sources.or("aws.region", "us-east-1".to_owned())?,
            access_key_id: secret(sources, "aws.access_key_id"),
            secret_access_key: secret(sources, "aws.secret_access_key"),
            session_token: secret(sources, "aws.session_token"),
        })
    }

    /// The key, when it and its secret are set.
    #[cfg(any(feature = "s3", feature = "textract"))]
    pub(crate) fn credentials(&self) -> Option<AwsCredentials> {
        Some(AwsCredentials {
            access_key_id: self.access_key_id.as_ref()?.expose_secret().to_owned(),
            secret_access_key: self.secret_access_key.clone()?,
            session_token: self.session_token.clone(),
        })
    }
}

impl TextractSettings {
    pub(super) fn read(sources: &Sources) -> Result<Self> {
        let parts = ["textract.topic_arn", "textract.role_arn", "textract.queue_url"];
        let messages = match parts.map(|key| sources.text(key)) {
            [Some(topic_arn), Some(role_arn), Some(queue_url)] => Some(MessageSettings {
                topic_arn,
                role_arn,
                queue_url,
            }),
            [None, None, None] => None,
            _ => bail!("{} belong together: set all or none", parts.join(", ")),
        };
        Ok(Self {
            enabled: sources.or("textract.enabled", false)?,
            endpoint: sources.text("textract.endpoint"),
            processes: sources.or("textract.processes", 1)?,
            messages,
            prices_file: sources.path("textract.prices_file"),
            pages_this_month: sources.or("textract.pages_this_month", 0)?,
            quota: QuotaSettings::read(sources)?,
        })
    }
}

impl QuotaSettings {
    fn read(sources: &Sources) -> Result<Self> {
        let pace = |key: &str| match sources.value::<f64>(key)? {
            Some(pace) if !(pace.is_finite() && pace > 0.0) => bail!("{key} must be more than 0"),
            pace => Ok(pace),
        };
        let jobs = sources.value("textract.quota.jobs")?;
        if jobs == Some(0) {
            bail!("textract.quota.jobs must be at least 1");
        }
        Ok(Self {
            detect_text: pace("textract.quota.detect_text")?,
            analyze: pace("textract.quota.analyze")?,
            start_text: pace("textract.quota.start_text")?,
            start_analysis: pace("textract.quota.start_analysis")?,
            get_text: pace("textract.quota.get_text")?,
            get_analysis: pace("textract.quota.get_analysis")?,
            jobs,
        })
    }
}

impl S3Settings {
    pub(super) fn read(sources: &Sources) -> Result<Self> {
        Ok(Self {
            bucket: sources.or("s3.bucket", "ocr-platform-storage-dev".to_owned())?,
            kms_key_id: sources.text("s3.kms_key_id"),
            endpoint: sources.text("s3.endpoint"),
            path_style: sources.or("s3.path_style", false)?,
        })
    }
}
