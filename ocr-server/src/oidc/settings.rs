//! Which provider people sign in with, and what is believed of it.

use secrecy::SecretString;

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
