//! Configuration shared by all AWS clients.

use aws_config::{BehaviorVersion, ConfigLoader, Region, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::Credentials;
use derive_setters::Setters;
use secrecy::{ExposeSecret, SecretString};

/// Access key and secret.
#[derive(Debug, Clone, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct AwsCredentials {
    /// Access key id.
    #[setters(into)]
    pub access_key_id: String,
    /// Secret access key.
    #[setters(into)]
    pub secret_access_key: SecretString,
    /// Session token of temporary credentials.
    #[setters(into)]
    pub session_token: Option<SecretString>,
}

impl AwsCredentials {
    /// A key that does not expire: this id and secret, without a session token.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<SecretString>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
        }
    }

    fn provider(&self) -> Credentials {
        Credentials::new(
            &self.access_key_id,
            self.secret_access_key.expose_secret(),
            self.session_token
                .as_ref()
                .map(|token| token.expose_secret().to_owned()),
            None,
            "settings",
        )
    }
}

/// Where a service is and who calls it. What is absent comes from the environment, the profile, the
/// container or the machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServiceAccess<'a> {
    pub(crate) region: Option<&'a str>,
    /// Base URL of a server that is not AWS.
    pub(crate) endpoint: Option<&'a str>,
    pub(crate) credentials: Option<&'a AwsCredentials>,
}

impl ServiceAccess<'_> {
    /// A loader of the configuration for clients of the service. Nothing is sent yet.
    pub(crate) fn loader(self, timeouts: TimeoutConfig, retries: RetryConfig) -> ConfigLoader {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .timeout_config(timeouts)
            .retry_config(retries);
        if let Some(region) = self.region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        if let Some(endpoint) = self.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        if let Some(credentials) = self.credentials {
            loader = loader.credentials_provider(credentials.provider());
        }
        loader
    }
}
