//! How the services of the standard profile are reached.

use std::path::PathBuf;

use anyhow::{Result, bail};
#[cfg(any(feature = "s3", feature = "textract"))]
use ocr_adapters::aws::AwsCredentials;
#[cfg(any(feature = "s3", feature = "textract"))]
use secrecy::ExposeSecret;
use secrecy::SecretString;

use super::{declared, sources::Sources, table::Setting};

/// Times that a page may be paid for again: more than this is a slip.
const MAX_PAGE_REPEATS: u32 = 10;

/// A Postgres database.
#[derive(Debug, Clone)]
pub struct PostgresSettings {
    /// The whole address, in place of the five that follow.
    pub url: Option<SecretString>,
    /// Host.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Name of the database.
    pub name: String,
    /// User.
    pub user: String,
    /// Password of the user.
    pub password: Option<SecretString>,
    /// Maximum number of connections of this process.
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
    /// TCP port.
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
    /// Times that a page is asked for again when a job has left it unread.
    pub page_repeats: u32,
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

impl PostgresSettings {
    pub(super) fn read(sources: &Sources) -> Result<Self> {
        Ok(Self {
            url: sources.secret(declared::POSTGRES_URL),
            host: sources.parsed(declared::POSTGRES_HOST)?,
            port: sources.parsed(declared::POSTGRES_PORT)?,
            name: sources.parsed(declared::POSTGRES_NAME)?,
            user: sources.parsed(declared::POSTGRES_USER)?,
            password: sources.secret(declared::POSTGRES_PASSWORD),
            pool_size: sources.parsed(declared::POSTGRES_POOL_SIZE)?,
            listen: sources.parsed(declared::POSTGRES_LISTEN)?,
        })
    }
}

impl RedisSettings {
    pub(super) fn read(sources: &Sources) -> Result<Self> {
        Ok(Self {
            url: sources.secret(declared::REDIS_URL),
            host: sources.parsed(declared::REDIS_HOST)?,
            port: sources.parsed(declared::REDIS_PORT)?,
            password: sources.secret(declared::REDIS_PASSWORD),
            key_prefix: sources.text(declared::REDIS_KEY_PREFIX).unwrap_or_default(),
        })
    }
}

impl AwsSettings {
    pub(super) fn read(sources: &Sources) -> Result<Self> {
        Ok(Self {
            region: sources.parsed(declared::AWS_REGION)?,
            access_key_id: sources.secret(declared::AWS_ACCESS_KEY_ID),
            secret_access_key: sources.secret(declared::AWS_SECRET_ACCESS_KEY),
            session_token: sources.secret(declared::AWS_SESSION_TOKEN),
        })
    }

    /// The key, when it and its secret are set.
    #[cfg(any(feature = "s3", feature = "textract"))]
    pub(crate) fn credentials(&self) -> Option<AwsCredentials> {
        let (id, secret) = (self.access_key_id.as_ref()?, self.secret_access_key.clone()?);
        Some(AwsCredentials::new(id.expose_secret(), secret).with_session_token(self.session_token.clone()))
    }
}

impl TextractSettings {
    pub(super) fn read(sources: &Sources) -> Result<Self> {
        let parts = [
            declared::TEXTRACT_TOPIC_ARN,
            declared::TEXTRACT_ROLE_ARN,
            declared::TEXTRACT_QUEUE_URL,
        ];
        let messages = match parts.map(|setting| sources.text(setting)) {
            [Some(topic_arn), Some(role_arn), Some(queue_url)] => Some(MessageSettings {
                topic_arn,
                role_arn,
                queue_url,
            }),
            [None, None, None] => None,
            _ => bail!(
                "{} belong together: set all or none",
                parts.map(|setting| setting.key).join(", ")
            ),
        };
        let page_repeats: u32 = sources.parsed(declared::TEXTRACT_PAGE_REPEATS)?;
        if page_repeats > MAX_PAGE_REPEATS {
            let key = declared::TEXTRACT_PAGE_REPEATS.key;
            bail!("{key} must be at most {MAX_PAGE_REPEATS}");
        }
        Ok(Self {
            enabled: sources.parsed(declared::TEXTRACT_ENABLED)?,
            endpoint: sources.text(declared::TEXTRACT_ENDPOINT),
            processes: sources.parsed(declared::TEXTRACT_PROCESSES)?,
            messages,
            prices_file: sources.path(declared::TEXTRACT_PRICES_FILE),
            pages_this_month: sources.parsed(declared::TEXTRACT_PAGES_THIS_MONTH)?,
            page_repeats,
            quota: QuotaSettings::read(sources)?,
        })
    }
}

impl QuotaSettings {
    fn read(sources: &Sources) -> Result<Self> {
        let pace = |setting: Setting| match sources.value::<f64>(setting)? {
            Some(pace) if !(pace.is_finite() && pace > 0.0) => bail!("{} must be more than 0", setting.key),
            pace => Ok(pace),
        };
        let jobs = sources.value(declared::TEXTRACT_QUOTA_JOBS)?;
        if jobs == Some(0) {
            bail!("{} must be at least 1", declared::TEXTRACT_QUOTA_JOBS.key);
        }
        Ok(Self {
            detect_text: pace(declared::TEXTRACT_QUOTA_DETECT_TEXT)?,
            analyze: pace(declared::TEXTRACT_QUOTA_ANALYZE)?,
            start_text: pace(declared::TEXTRACT_QUOTA_START_TEXT)?,
            start_analysis: pace(declared::TEXTRACT_QUOTA_START_ANALYSIS)?,
            get_text: pace(declared::TEXTRACT_QUOTA_GET_TEXT)?,
            get_analysis: pace(declared::TEXTRACT_QUOTA_GET_ANALYSIS)?,
            jobs,
        })
    }
}

impl S3Settings {
    pub(super) fn read(sources: &Sources) -> Result<Self> {
        Ok(Self {
            bucket: sources.parsed(declared::S3_BUCKET)?,
            kms_key_id: sources.text(declared::S3_KMS_KEY_ID),
            endpoint: sources.text(declared::S3_ENDPOINT),
            path_style: sources.parsed(declared::S3_PATH_STYLE)?,
        })
    }
}
