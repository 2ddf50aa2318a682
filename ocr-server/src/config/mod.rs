//! Settings: from the environment, a file and defaults.

mod choices;
mod declared;
mod limits;
mod oidc;
mod policies;
mod services;
mod sources;
mod table;

pub use choices::{
    AuthMode, BlobChoice, LogFormat, NotifierChoice, PPOCR, Profile, QueueChoice, Role, Roles, SandboxMode,
    StoreChoice, TESSERACT, TEXTRACT,
};
pub use declared::SETTINGS;
pub use limits::Dollars;
pub use services::{
    AwsSettings, MessageSettings, PostgresSettings, QuotaSettings, RedisSettings, S3Settings,
    TextractSettings,
};
pub use sources::{Origin, Sources};
pub use table::{DefaultValue, Setting};

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Result, anyhow, bail};
use ocr_adapters::DiskRoom;
use ocr_core::{model::TextLayerMode, platform::Policies};

use crate::{
    http::{RateSettings, Site, TlsFiles, TrustedProxies},
    oidc::OidcSettings,
};

/// Sections that have no effect unless an adapter of theirs is chosen.
const STANDARD_SECTIONS: [&str; 6] = ["postgres.", "redis.", "aws.", "s3.", "textract.", "oidc."];

/// Everything the server can be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What this process does.
    pub roles: Roles,
    /// Where tasks are kept.
    pub store: StoreChoice,
    /// What hands out work.
    pub queue: QueueChoice,
    /// Where documents are kept.
    pub blobs: BlobChoice,
    /// What tells other processes of events.
    pub notifier: NotifierChoice,
    /// Address of the servers.
    pub bind: IpAddr,
    /// TCP port of the API.
    pub port: u16,
    /// TCP port of the health server.
    pub health_port: u16,
    /// TCP port of the page server.
    pub web_port: u16,
    /// Whether somebody asked for the page server or its TCP port, so that it must be had.
    pub web_wanted: bool,
    /// Where database, documents and secret live.
    pub data_dir: PathBuf,
    /// Bytes of the disk of that directory that documents leave free.
    pub min_free_disk: u64,
    /// Maximum number of open connections from one address.
    pub connections_per_address: usize,
    /// Certificate and key of the API and the page, where they have TLS of their own.
    pub tls: Option<TlsFiles>,
    /// TCP port on which HTTP is answered with the address over TLS.
    pub redirect_port: Option<u16>,
    /// Proxies that are believed from where a request came.
    pub trusted_proxies: TrustedProxies,
    /// Where model weights live.
    pub models_dir: PathBuf,
    /// Whether missing models may be fetched when the server starts.
    pub pull_models: bool,
    /// Who may use the server.
    pub auth: AuthMode,
    /// The provider, where people sign in with one.
    pub oidc: Option<OidcSettings>,
    /// Serve other machines although nobody has to sign in.
    pub allow_public_no_auth: bool,
    /// Address under which clients reach the server, for links; from each request when absent.
    pub public_url: Option<String>,
    /// Documents read at the same time.
    pub workers: usize,
    /// Pages read at the same time.
    pub page_processes: usize,
    /// Address space of a page process, in bytes.
    pub page_memory: u64,
    /// Time a page may take.
    pub page_timeout: Duration,
    /// Whether page processes give up files, network and system calls that they do not need.
    pub sandbox: SandboxMode,
    /// Maximum number of pages of a document.
    pub max_pages: u32,
    /// Maximum number of pixels of a page.
    pub max_pixels: u64,
    /// Engine used unless a task names one; the best one installed when absent.
    pub engine: Option<String>,
    /// Models of the local engine: cascade, small or tiny.
    pub model_variant: Option<String>,
    /// Limits and durations of the platform.
    pub policies: Policies,
    /// Requests that somebody may make.
    pub rate: RateSettings,
    /// How long an idle worker waits before it asks the queue although nothing woke it.
    pub poll: Duration,
    /// How long running documents may take to finish at shutdown.
    pub grace: Duration,
    /// Postgres, where it is chosen.
    pub postgres: PostgresSettings,
    /// Redis, where it is chosen.
    pub redis: RedisSettings,
    /// AWS, where a service of it is chosen.
    pub aws: AwsSettings,
    /// S3, where it is chosen.
    pub s3: S3Settings,
    /// The engine of AWS, where it is chosen.
    pub textract: TextractSettings,
    /// Engine that reads again what the first one is unsure of.
    pub cascade_engine: Option<String>,
    /// Mean confidence of a page below which it goes there, 0..=1.
    pub cascade_threshold: f32,
    /// Engine that reads while the first one is out of order.
    pub fallback_engine: Option<String>,
    /// What is logged, and how.
    pub log: LogSettings,
    /// Variables that are set but have no effect with the chosen adapters.
    pub ignored: Vec<String>,
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// Filter, as in `info,ocr_core=debug`; by command when absent.
    pub filter: Option<String>,
    /// How it is written.
    pub format: LogFormat,
}

impl LogSettings {
    fn read(sources: &Sources) -> Result<Self> {
        Ok(Self {
            filter: sources.text(declared::LOG_FILTER),
            format: sources.parsed(declared::LOG_FORMAT)?,
        })
    }
}

/// The four adapters.
struct Adapters {
    store: StoreChoice,
    queue: QueueChoice,
    blobs: BlobChoice,
    notifier: NotifierChoice,
}

impl Adapters {
    /// Those that are set, and the profile's where none is.
    fn read(sources: &Sources) -> Result<Self> {
        let profile = match sources.parsed(declared::PROFILE)? {
            Profile::Embedded => Self {
                store: StoreChoice::Sqlite,
                queue: QueueChoice::Sqlite,
                blobs: BlobChoice::Fs,
                notifier: NotifierChoice::Memory,
            },
            Profile::Standard => Self {
                store: StoreChoice::Postgres,
                queue: QueueChoice::Redis,
                blobs: BlobChoice::S3,
                notifier: NotifierChoice::Redis,
            },
        };
        Ok(Self {
            store: sources.or(declared::STORE, profile.store)?,
            queue: sources.or(declared::QUEUE, profile.queue)?,
            blobs: sources.or(declared::BLOBS, profile.blobs)?,
            notifier: sources.or(declared::NOTIFIER, profile.notifier)?,
        })
    }
}

/// Certificate and key, if both are set.
///
/// # Errors
/// When only one of them is.
fn tls_files(sources: &Sources) -> Result<Option<TlsFiles>> {
    let certificate = sources.path(declared::SERVER_TLS_CERT);
    match (certificate, sources.path(declared::SERVER_TLS_KEY)) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
        _ => bail!("OCR_TLS_CERT and OCR_TLS_KEY go together: set both or neither"),
    }
}

impl Settings {
    /// Settings from what somebody set.
    ///
    /// # Errors
    /// For a value that cannot be understood or must not be.
    pub fn new(sources: &Sources) -> Result<Self> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let adapters = Adapters::read(sources)?;
        let mut settings = Self {
            roles: sources.parsed(declared::ROLES)?,
            store: adapters.store,
            queue: adapters.queue,
            blobs: adapters.blobs,
            notifier: adapters.notifier,
            bind: sources.parsed(declared::SERVER_BIND)?,
            port: sources.parsed(declared::SERVER_PORT)?,
            health_port: sources.parsed(declared::SERVER_HEALTH_PORT)?,
            web_port: sources.parsed(declared::SERVER_WEB_PORT)?,
            web_wanted: sources.is_set(declared::SERVER_WEB_PORT) || sources.is_set(declared::ROLES),
            models_dir: sources
                .path(declared::MODELS_DIR)
                .unwrap_or_else(default_models_dir),
            data_dir: sources.path(declared::DATA_DIR).unwrap_or_else(default_data_dir),
            min_free_disk: sources.parsed(declared::DATA_MIN_FREE)?,
            connections_per_address: sources.parsed(declared::SERVER_CONNECTIONS_PER_ADDRESS)?,
            tls: tls_files(sources)?,
            redirect_port: sources.value(declared::SERVER_REDIRECT_PORT)?,
            trusted_proxies: sources.or(declared::SERVER_TRUSTED_PROXIES, TrustedProxies::default())?,
            pull_models: sources.parsed(declared::MODELS_PULL)?,
            auth: sources.parsed(declared::SERVER_AUTH)?,
            oidc: oidc::provider(sources)?,
            allow_public_no_auth: sources.parsed(declared::SERVER_ALLOW_PUBLIC_NO_AUTH)?,
            public_url: sources
                .text(declared::SERVER_PUBLIC_URL)
                .map(|url| url.trim_end_matches('/').to_owned()),
            workers: sources.or(declared::RECOGNITION_WORKERS, processors + 1)?,
            page_processes: sources.or(declared::RECOGNITION_PAGE_PROCESSES, processors)?,
            page_memory: sources
                .parsed::<u64>(declared::RECOGNITION_PAGE_MEMORY_MB)?
                .saturating_mul(1024 * 1024),
            page_timeout: sources.seconds(declared::RECOGNITION_PAGE_TIMEOUT)?,
            sandbox: sources.parsed(declared::RECOGNITION_SANDBOX)?,
            max_pages: sources.parsed(declared::RECOGNITION_MAX_PAGES)?,
            max_pixels: sources.parsed(declared::RECOGNITION_MAX_PIXELS)?,
            engine: sources.text(declared::RECOGNITION_ENGINE),
            model_variant: sources.text(declared::MODELS_VARIANT),
            policies: policies::read(sources)?,
            rate: limits::rates(sources)?,
            poll: sources.seconds(declared::RECOGNITION_POLL)?,
            grace: sources.seconds(declared::SERVER_SHUTDOWN_GRACE)?,
            postgres: PostgresSettings::read(sources)?,
            redis: RedisSettings::read(sources)?,
            aws: AwsSettings::read(sources)?,
            s3: S3Settings::read(sources)?,
            textract: TextractSettings::read(sources)?,
            cascade_engine: sources.text(declared::RECOGNITION_CASCADE_ENGINE),
            cascade_threshold: sources.parsed(declared::RECOGNITION_CASCADE_THRESHOLD)?,
            fallback_engine: sources.text(declared::RECOGNITION_FALLBACK_ENGINE),
            log: LogSettings::read(sources)?,
            ignored: Vec::new(),
        };
        settings.ignored = settings.without_effect(sources);
        settings.validate()?;
        Ok(settings)
    }

    /// What is set for services of which no adapter is chosen.
    fn without_effect(&self, sources: &Sources) -> Vec<String> {
        let s3 = self.blobs == BlobChoice::S3;
        let textract = self.textract.enabled;
        let used = [
            self.uses_postgres(),
            self.uses_redis(),
            s3 || textract,
            s3,
            textract,
            self.oidc.is_some(),
        ];
        let unused: Vec<&str> = STANDARD_SECTIONS
            .into_iter()
            .zip(used)
            .filter_map(|(section, used)| (!used).then_some(section))
            .collect();
        SETTINGS
            .iter()
            .filter(|setting| unused.iter().any(|section| setting.key.starts_with(section)))
            .filter(|setting| **setting != declared::TEXTRACT_ENABLED && sources.is_set(**setting))
            .map(|setting| setting.variable.to_owned())
            .collect()
    }

    fn validate(&self) -> Result<()> {
        self.site()?;
        if !self.bind.is_loopback() && !self.allow_public_no_auth && self.auth == AuthMode::None {
            bail!(
                "OCR_BIND={} would serve everybody on the network without a sign-in; set OCR_AUTH=local or oidc to have \
                 people sign in, or OCR_ALLOW_PUBLIC_NO_AUTH=true if that is what you want",
                self.bind
            );
        }
        if self.oidc.is_some() && self.public_url.is_none() && !self.bind.is_loopback() {
            bail!("OCR_AUTH=oidc needs OCR_PUBLIC_URL: the provider sends browsers back there");
        }
        if self.workers == 0 || self.page_processes == 0 || self.max_pages == 0 || self.max_pixels == 0 {
            bail!("OCR_WORKERS, OCR_PAGE_PROCESSES, OCR_MAX_PAGES and OCR_MAX_PIXELS must be at least 1");
        }
        if self.tls.is_none() && self.redirect_port.is_some() {
            bail!("OCR_HTTP_REDIRECT_PORT leads to TLS: set OCR_TLS_CERT and OCR_TLS_KEY too");
        }
        if self.connections_per_address == 0 {
            bail!("OCR_CONNECTIONS_PER_ADDRESS must be at least 1");
        }
        if self.poll.is_zero() {
            bail!("WORKER_POLL_TIMEOUT must be at least 1 second");
        }
        if !(0.0..=1.0).contains(&self.cascade_threshold) {
            bail!("OCR_CASCADE_THRESHOLD must be between 0 and 1");
        }
        let known = [PPOCR, TESSERACT, TEXTRACT];
        for (variable, name) in [
            ("OCR_ENGINE", &self.engine),
            ("OCR_CASCADE_ENGINE", &self.cascade_engine),
            ("OCR_FALLBACK_ENGINE", &self.fallback_engine),
        ] {
            if let Some(name) = name.as_deref().filter(|name| !known.contains(name)) {
                bail!(
                    "{variable}={name} is not known; choose one of {}",
                    known.join(", ")
                );
            }
        }
        let mode = self.policies.text_layer;
        if self.engine.as_deref() == Some(TEXTRACT)
            && matches!(mode, TextLayerMode::Skip | TextLayerMode::Redo)
        {
            bail!("OCR_TEXT_LAYER={mode} is nothing that OCR_ENGINE=textract can do; choose auto or force");
        }
        let both = self.roles.has(Role::Api) && self.roles.has(Role::Health);
        if both && self.port == self.health_port && self.port != 0 {
            bail!("PORT and HEALTH_PORT are both {}; give each its own", self.port);
        }
        if self.postgres.pool_size == 0 {
            bail!("DB_POOL_SIZE must be at least 1");
        }
        Ok(())
    }

    /// Whether an adapter of SQLite is chosen.
    pub fn uses_sqlite(&self) -> bool {
        self.store == StoreChoice::Sqlite || self.queue == QueueChoice::Sqlite
    }

    /// Whether an adapter of Postgres is chosen.
    pub fn uses_postgres(&self) -> bool {
        self.store == StoreChoice::Postgres
            || self.queue == QueueChoice::Postgres
            || self.notifier == NotifierChoice::Postgres
    }

    /// Whether an adapter of Redis is chosen.
    pub fn uses_redis(&self) -> bool {
        self.queue == QueueChoice::Redis || self.notifier == NotifierChoice::Redis
    }

    /// The bucket from which Textract may take documents itself; `None` where it does not hold them, or
    /// is on a server that Textract does not know. Documents are then sent to it page by page.
    pub fn textract_bucket(&self) -> Option<String> {
        // Textract in AWS can only read buckets in AWS; another endpoint may know any bucket.
        let known = is_aws(self.s3.endpoint.as_deref()) || !is_aws(self.textract.endpoint.as_deref());
        (self.blobs == BlobChoice::S3 && known).then(|| self.s3.bucket.clone())
    }

    /// The site of the public address.
    ///
    /// # Errors
    /// When the address is none of a web site.
    pub fn site(&self) -> Result<Option<Site>> {
        let site = |url: &String| {
            url.parse()
                .map_err(|error| anyhow!("OCR_PUBLIC_URL={url}: {error}"))
        };
        self.public_url.as_ref().map(site).transpose()
    }

    /// Where browsers reach the server: the public address, or the one it listens at.
    pub fn base_url(&self) -> String {
        self.public_url
            .clone()
            .unwrap_or_else(|| format!("{}://{}", self.scheme(), self.api_address()))
    }

    /// `https` where the server has TLS itself, else `http`.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Whether other machines may use the server.
    pub fn is_public(&self) -> bool {
        self.allow_public_no_auth || (self.auth != AuthMode::None && !self.bind.is_loopback())
    }

    /// The room on the disk of the data directory.
    pub fn disk_room(&self) -> DiskRoom {
        DiskRoom::new(&self.data_dir, self.min_free_disk)
    }

    /// Where the API listens.
    pub fn api_address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.port)
    }

    /// Where the health server listens.
    pub fn health_address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.health_port)
    }

    /// Where the page server listens.
    pub fn web_address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.web_port)
    }
}

/// Whether an endpoint, where there is one, is of AWS.
fn is_aws(endpoint: Option<&str>) -> bool {
    let Some(endpoint) = endpoint else { return true };
    let (_, rest) = endpoint.split_once("://").unwrap_or(("", endpoint));
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")
}

fn default_data_dir() -> PathBuf {
    user_dir("XDG_DATA_HOME", ".local/share").join("ocr-server")
}

fn default_models_dir() -> PathBuf {
    user_dir("XDG_CACHE_HOME", ".cache").join("ocr-server/models")
}

/// A directory of the XDG base directory specification, or below the current one where there is no
/// home.
fn user_dir(variable: &str, below_home: &str) -> PathBuf {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set(variable)
        .or_else(|| set("HOME").map(|home| home.join(below_home)))
        .unwrap_or_else(|| PathBuf::from(".ocr-server"))
}

#[cfg(test)]
mod tests;
