//! Settings, from the environment.

mod variables;

pub use variables::{VARIABLES, Variable};

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// Everything the server can be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address of the API and health servers.
    pub bind: IpAddr,
    /// Port of the API.
    pub port: u16,
    /// Port of the health server.
    pub health_port: u16,
    /// Where database, documents and secret live.
    pub data_dir: PathBuf,
    /// Where model weights live.
    pub models_dir: PathBuf,
    /// Whether missing models may be fetched when the server starts.
    pub pull_models: bool,
    /// Serve other machines although nobody has to sign in.
    pub allow_public_no_auth: bool,
    /// Address under which clients reach the server, for links; from each request when absent.
    pub public_url: Option<String>,
    /// Most bytes of an upload.
    pub max_file_size: u64,
    /// Documents read at once.
    pub workers: usize,
    /// Pages read at once.
    pub page_processes: usize,
    /// Address space of a page process, in bytes.
    pub page_memory: u64,
    /// Time a page may take.
    pub page_timeout: Duration,
    /// Most pages of a document.
    pub max_pages: u32,
    /// Engine used unless a task names one; the best one installed when absent.
    pub engine: Option<String>,
    /// Models of the local engine: cascade, small or tiny.
    pub model_variant: Option<String>,
    /// How long a worker may be silent before its task is given to another.
    pub lease: Duration,
    /// How long running documents may take to finish at shutdown.
    pub grace: Duration,
    /// Variables of the standard profile that are set but have no effect here.
    pub ignored: Vec<&'static str>,
}

impl Settings {
    /// Settings from the environment of this process.
    pub fn from_env() -> Result<Self> {
        Self::from_lookup(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// Settings from any source of variables.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let read = Reader { lookup };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let data_dir = read.path("OCR_DATA_DIR").unwrap_or_else(default_data_dir);
        let page_processes = read.or("OCR_PAGE_PROCESSES", processors)?;
        let settings = Self {
            bind: read.or("OCR_BIND", IpAddr::V4(Ipv4Addr::LOCALHOST))?,
            port: read.or("PORT", 8080)?,
            health_port: read.or("HEALTH_PORT", 5000)?,
            models_dir: read.path("OCR_MODELS_DIR").unwrap_or_else(default_models_dir),
            data_dir,
            pull_models: read.or("OCR_PULL_MODELS", true)?,
            allow_public_no_auth: read.or("OCR_ALLOW_PUBLIC_NO_AUTH", false)?,
            public_url: read
                .text("OCR_PUBLIC_URL")
                .map(|url| url.trim_end_matches('/').to_owned()),
            max_file_size: read.or("MAX_FILE_SIZE", 50 * 1024 * 1024)?,
            workers: read.or("OCR_WORKERS", processors + 1)?,
            page_processes,
            page_memory: read
                .or::<u64>("OCR_PAGE_MEMORY_MB", 3072)?
                .saturating_mul(1024 * 1024),
            page_timeout: Duration::from_secs(read.or("OCR_PAGE_TIMEOUT", 60)?),
            max_pages: read.or("OCR_MAX_PAGES", 500)?,
            engine: read.text("OCR_ENGINE"),
            model_variant: read.text("OCR_MODEL_VARIANT"),
            lease: Duration::from_secs(read.or("OCR_LEASE", 15)?),
            grace: Duration::from_secs(read.or("OCR_SHUTDOWN_GRACE", 10)?),
            ignored: variables::STANDARD_PROFILE
                .iter()
                .copied()
                .filter(|name| read.text(name).is_some())
                .collect(),
        };
        settings.validate()?;
        Ok(settings)
    }

    fn validate(&self) -> Result<()> {
        if !self.bind.is_loopback() && !self.allow_public_no_auth {
            bail!(
                "OCR_BIND={} would serve everybody on the network without a sign-in; set \
                 OCR_ALLOW_PUBLIC_NO_AUTH=true if that is what you want",
                self.bind
            );
        }
        if self.workers == 0 || self.page_processes == 0 || self.max_pages == 0 {
            bail!("OCR_WORKERS, OCR_PAGE_PROCESSES and OCR_MAX_PAGES must be at least 1");
        }
        if self.lease < Duration::from_secs(1) {
            bail!("OCR_LEASE must be at least 1 second");
        }
        Ok(())
    }

    /// Where the API listens.
    pub fn api_address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.port)
    }

    /// Where the health server listens.
    pub fn health_address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.health_port)
    }
}

struct Reader<F> {
    lookup: F,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    fn or<T>(&self, name: &str, default: T) -> Result<T>
    where
        T: FromStr,
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        match self.text(name) {
            None => Ok(default),
            Some(text) => text
                .trim()
                .parse()
                .with_context(|| format!("{name}={text} cannot be understood")),
        }
    }
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
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings> {
        Settings::from_lookup(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.api_address().to_string(), "127.0.0.1:8080");
        assert_eq!(settings.health_address().to_string(), "127.0.0.1:5000");
        assert_eq!(settings.max_file_size, 52_428_800);
    }

    #[test]
    fn a_public_address_without_sign_in_must_be_forced() {
        assert!(settings(&[("OCR_BIND", "0.0.0.0")]).is_err());
        assert!(settings(&[("OCR_BIND", "0.0.0.0"), ("OCR_ALLOW_PUBLIC_NO_AUTH", "true")]).is_ok());
    }

    #[test]
    fn a_bad_value_is_named() {
        let error = settings(&[("PORT", "eighty")]).unwrap_err();
        assert!(error.to_string().contains("PORT=eighty"), "{error}");
    }

    #[test]
    fn settings_of_the_other_profile_are_reported() {
        let settings = settings(&[("REDIS_HOST", "localhost"), ("DB_HOST", "localhost")]).unwrap();
        assert_eq!(settings.ignored, ["DB_HOST", "REDIS_HOST"]);
    }

    #[test]
    fn every_variable_is_documented() {
        let asked = std::sync::Mutex::new(Vec::new());
        let _ = Settings::from_lookup(|name| {
            asked.lock().unwrap().push(name.to_owned());
            None
        });
        for name in asked.lock().unwrap().iter() {
            assert!(
                VARIABLES.iter().any(|variable| variable.name == name),
                "{name} is not in the table"
            );
        }
    }
}
