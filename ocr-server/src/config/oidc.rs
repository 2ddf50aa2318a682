//! The provider that people sign in with.

use anyhow::{Result, anyhow, bail};
use openidconnect::url::Url;
use secrecy::SecretString;

use super::{choices::AuthMode, declared, sources::Sources};
use crate::oidc::is_protected;

/// A provider that speaks OpenID Connect.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// Its name, an address below which it describes itself.
    pub issuer: String,
    /// What this server is called there.
    pub client_id: String,
    /// With what it proves that; none for a client that keeps no secret.
    pub client_secret: Option<SecretString>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Whether whoever signs in for the first time is given an account.
    pub create_users: bool,
    /// The claim with somebody's groups.
    pub groups_claim: String,
    /// The group whose members are administrators, and nobody else; roles are kept here when absent.
    pub admin_group: Option<String>,
}

impl OidcSettings {
    /// The provider, where people sign in with one.
    pub(super) fn read(sources: &Sources) -> Result<Option<Self>> {
        if sources.parsed::<AuthMode>(declared::SERVER_AUTH)? != AuthMode::Oidc {
            return Ok(None);
        }
        let needed = |setting: super::Setting| {
            sources
                .text(setting)
                .ok_or_else(|| anyhow!("OCR_AUTH=oidc needs {}", setting.variable))
        };
        let issuer = needed(declared::OIDC_ISSUER)?;
        let url = Url::parse(&issuer).map_err(|error| anyhow!("OCR_OIDC_ISSUER={issuer}: {error}"))?;
        if !is_protected(&url) || url.query().is_some() || url.fragment().is_some() {
            bail!(
                "OCR_OIDC_ISSUER={issuer} must be an https address without ? and #, or one of this machine"
            );
        }
        let scopes: String = sources.parsed(declared::OIDC_SCOPES)?;
        Ok(Some(Self {
            issuer,
            client_id: needed(declared::OIDC_CLIENT_ID)?,
            client_secret: sources.secret(declared::OIDC_CLIENT_SECRET),
            scopes: scopes
                .split([' ', ','])
                .filter(|scope| !scope.is_empty() && *scope != "openid")
                .map(str::to_owned)
                .collect(),
            create_users: sources.parsed(declared::OIDC_CREATE_USERS)?,
            groups_claim: sources.parsed(declared::OIDC_GROUPS_CLAIM)?,
            admin_group: sources.text(declared::OIDC_ADMIN_GROUP),
        }))
    }
}
