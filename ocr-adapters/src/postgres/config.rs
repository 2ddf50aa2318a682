//! Where the database is and how it is used.

use std::{str::FromStr as _, time::Duration};

use derive_setters::Setters;
use ocr_core::{Error, ErrorKind, Result};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use tracing::log::LevelFilter;

/// Where the database is and how it is used. The password is kept out of logs and `Debug`.
#[derive(Debug, Clone, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct PgConfig {
    /// How to reach the database.
    pub address: PgAddress,
    /// Maximum number of connections of this process, besides the one that listens: 20.
    pub pool_size: u32,
    /// How long a call waits for a connection: 3 s.
    pub acquire_timeout: Duration,
    /// How long a call may take once it has a connection: 5 s. The server gives up then too.
    pub call_timeout: Duration,
    /// Whether to use LISTEN and NOTIFY: yes. Without, waiting is by polling, as poolers need it that
    /// share connections between transactions.
    pub listen: bool,
    /// How often to look for events and changes where nobody tells us: 250 ms.
    pub poll_interval: Duration,
    /// How long reading the change log waits for transactions that overlap with the newest change:
    /// 250 ms. Until they end, what they overlap with cannot be given out.
    pub overlap_wait: Duration,
}

/// How to reach the database.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum PgAddress {
    /// `postgres://user:password@host:5432/database?sslmode=require`
    Url(SecretString),
    /// The same in parts.
    Parts {
        /// Name or address of the server, or the directory of its socket.
        host: String,
        /// TCP port: 5432 is usual.
        port: u16,
        /// Name of the database.
        database: String,
        /// Name of the user.
        user: String,
        /// Password, where the server asks for one.
        password: Option<SecretString>,
    },
}

impl PgConfig {
    /// The database at `url`, with default settings.
    pub fn from_url(url: impl Into<SecretString>) -> Self {
        Self::new(PgAddress::Url(url.into()))
    }

    /// The database at `address`, with default settings.
    pub fn new(address: PgAddress) -> Self {
        Self {
            address,
            pool_size: 20,
            acquire_timeout: Duration::from_secs(3),
            call_timeout: Duration::from_secs(5),
            listen: true,
            poll_interval: Duration::from_millis(250),
            overlap_wait: Duration::from_millis(250),
        }
    }

    /// How to connect, without limits that a migration or a listener would run into.
    pub(super) fn patient_options(&self) -> Result<PgConnectOptions> {
        let options = match &self.address {
            PgAddress::Url(url) => PgConnectOptions::from_str(url.expose_secret()).map_err(|_| {
                // The cause may quote the URL, which holds the password.
                Error::new(
                    ErrorKind::Config,
                    "the URL of the database is not valid; write postgres://user:password@host:5432/database",
                )
                .at("postgres", "configure")
            })?,
            PgAddress::Parts {
                host,
                port,
                database,
                user,
                password,
            } => {
                let options = PgConnectOptions::new_without_pgpass()
                    .host(host)
                    .port(*port)
                    .database(database)
                    .username(user);
                match password {
                    Some(password) => options.password(password.expose_secret()),
                    None => options,
                }
            }
        };
        Ok(options
            .application_name("ocr-platform")
            .log_statements(LevelFilter::Trace))
    }

    /// How to connect for calls: the server ends what takes too long, and transactions that were left.
    pub(super) fn options(&self) -> Result<PgConnectOptions> {
        let limit = self.call_timeout.as_millis();
        Ok(self.patient_options()?.options([
            ("statement_timeout", limit.to_string()),
            ("idle_in_transaction_session_timeout", (2 * limit).to_string()),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let url = "postgres://me:hunter2@localhost/db";
        let parts = PgAddress::Parts {
            host: "localhost".into(),
            port: 5432,
            database: "db".into(),
            user: "me".into(),
            password: Some("hunter2".into()),
        };
        for config in [PgConfig::from_url(url), PgConfig::new(parts)] {
            assert!(!format!("{config:?}").contains("hunter2"));
            config.options().unwrap();
        }
        let error = PgConfig::from_url("hunter2").options().unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
