//! Where the server is.

use std::{fmt, time::Duration};

use derive_setters::Setters;
use ocr_core::{Error, ErrorKind, Result};
use redis::{
    Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo,
};
use secrecy::{ExposeSecret, SecretString};

/// Where the server is and how to talk to it.
#[derive(Debug, Clone, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct RedisConfig {
    /// Name or address of the machine.
    #[setters(into)]
    pub host: String,
    /// Its TCP port, 6379 as a rule.
    pub port: u16,
    /// User, where the server has more than the default one.
    #[setters(into)]
    pub username: Option<String>,
    /// Password, where the server wants one.
    #[setters(into)]
    pub password: Option<SecretString>,
    /// Number of the database.
    pub database: u16,
    /// Whether to speak TLS and verify the server's certificate.
    pub tls: bool,
    /// What every key and channel begins with; nothing unless several platforms share a database.
    #[setters(into)]
    pub key_prefix: String,
    /// To connect and sign in: 3 s.
    pub connect_timeout: Duration,
    /// To answer one command: 5 s.
    pub response_timeout: Duration,
}

impl RedisConfig {
    /// The server at `host` and TCP port `port`, without a password.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            username: None,
            password: None,
            database: 0,
            tls: false,
            key_prefix: String::new(),
            connect_timeout: Duration::from_secs(3),
            response_timeout: Duration::from_secs(5),
        }
    }

    /// The server at `redis://user:password@host:port/database`, or `rediss://` for TLS.
    ///
    /// # Errors
    /// `Config` for anything else.
    pub fn from_url(url: &SecretString) -> Result<Self> {
        // The source is left out: it may repeat the password.
        let invalid = || {
            let message = "the URL of Redis must be redis:// or rediss://, with host, port and database";
            Error::new(ErrorKind::Config, message).at("redis", "open")
        };
        let info = url
            .expose_secret()
            .into_connection_info()
            .map_err(|_| invalid())?;
        let (host, port, tls) = match info.addr() {
            ConnectionAddr::Tcp(host, port) => (host.clone(), *port, false),
            ConnectionAddr::TcpTls { host, port, .. } => (host.clone(), *port, true),
            _ => return Err(invalid()),
        };
        let settings = info.redis_settings();
        Ok(Self {
            username: settings.username().map(Into::into),
            password: settings.password().map(Into::into),
            database: u16::try_from(settings.db()).map_err(|_| invalid())?,
            tls,
            ..Self::new(host, port)
        })
    }

    /// A client for the server. Nothing is sent yet.
    pub(super) fn client(&self) -> Result<Client> {
        let addr = if self.tls {
            // Fails when the program has installed one already, which is as good.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
            ConnectionAddr::TcpTls {
                host: self.host.clone(),
                port: self.port,
                insecure: false,
                tls_params: None,
            }
        } else {
            ConnectionAddr::Tcp(self.host.clone(), self.port)
        };
        let mut settings = RedisConnectionInfo::default()
            .set_db(self.database.into())
            // Its connections take messages and answers at once.
            .set_protocol(ProtocolVersion::RESP3);
        if let Some(username) = &self.username {
            settings = settings.set_username(username);
        }
        if let Some(password) = &self.password {
            settings = settings.set_password(password.expose_secret());
        }
        let failed = |error| {
            Error::new(ErrorKind::Config, "the address of Redis is not valid")
                .with_source(error)
                .at("redis", "open")
        };
        let info: ConnectionInfo = addr.into_connection_info().map_err(failed)?;
        Client::open(info.set_redis_settings(settings)).map_err(failed)
    }
}

impl fmt::Display for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.host, self.port, self.database)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_url_says_everything() {
        let config = RedisConfig::from_url(&"rediss://me:secret@redis.example:6380/3".into()).unwrap();
        assert_eq!(config.to_string(), "redis.example:6380/3");
        assert_eq!(config.username.as_deref(), Some("me"));
        assert_eq!(
            config.password.as_ref().map(ExposeSecret::expose_secret),
            Some("secret")
        );
        assert!(config.tls);
        let plain = RedisConfig::from_url(&"redis://localhost".into()).unwrap();
        assert_eq!(plain.to_string(), "localhost:6379/0");
        assert!(!plain.tls && plain.password.is_none());
    }

    #[test]
    fn no_password_is_printed() {
        for url in [
            "redis://:secret@host/0",
            "redis://:secret@host/x",
            "http://:secret@host",
        ] {
            let printed = format!("{:?}", RedisConfig::from_url(&url.into()));
            assert!(
                !printed.contains("secret@") && !printed.contains("\"secret\""),
                "{printed}"
            );
        }
    }
}
