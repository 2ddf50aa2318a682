//! The provider that people sign in with.

use anyhow::{Result, anyhow, bail};
use openidconnect::url::Url;

use super::{choices::AuthMode, declared, sources::Sources};
use crate::oidc::{OidcSettings, is_protected};

/// The provider, where people sign in with one.
pub(super) fn provider(sources: &Sources) -> Result<Option<OidcSettings>> {
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
        bail!("OCR_OIDC_ISSUER={issuer} must be an https address without ? and #, or one of this machine");
    }
    let scopes: String = sources.parsed(declared::OIDC_SCOPES)?;
    Ok(Some(OidcSettings {
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
