//! From the claims of a token to somebody who signs in.

use std::collections::HashMap;

use ocr_core::{
    account_store::{Identity, Role},
    service::IdentifiedSignIn,
};
use openidconnect::{AdditionalClaims, IdTokenClaims, core::CoreGenderClaim};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    OidcSettings,
    failure::{OidcError, OidcFailure},
};

/// The claims that the standard does not name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct OtherClaims(HashMap<String, Value>);

impl AdditionalClaims for OtherClaims {}

/// The claims of a token.
pub(super) type OidcClaims = IdTokenClaims<OtherClaims, CoreGenderClaim>;

/// Whoever a verified token is about.
///
/// # Errors
/// `Token` for a subject that can be none.
pub(super) fn identified(
    claims: &OidcClaims,
    settings: &OidcSettings,
) -> Result<IdentifiedSignIn, OidcError> {
    let identity = Identity::new(claims.issuer().as_str(), claims.subject().as_str())
        .map_err(|error| OidcFailure::Token.because(error))?;
    let username = claims.preferred_username().map(|name| name.as_str().to_owned());
    let email = claims.email().map(|email| email.as_str().to_owned());
    Ok(IdentifiedSignIn::new(identity)
        .with_names(username.into_iter().chain(email).collect())
        .with_role(role(claims.additional_claims(), settings))
        .with_create(settings.create_users))
}

/// What the groups of somebody let them do; nothing is said unless the settings name the group of administrators.
fn role(claims: &OtherClaims, settings: &OidcSettings) -> Option<Role> {
    let admins = settings.admin_group.as_deref()?;
    let admin = groups(claims, &settings.groups_claim).any(|group| group == admins);
    Some(if admin { Role::Admin } else { Role::User })
}

/// The groups of the claim of this name: a text, or a list of texts. A name with dots is looked for as it is, and then
/// as a way through objects.
fn groups<'c>(claims: &'c OtherClaims, name: &str) -> impl Iterator<Item = &'c str> {
    let found = claims.0.get(name).or_else(|| {
        let mut steps = name.split('.');
        let first = claims.0.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    });
    let (one, several) = match found {
        Some(Value::String(group)) => (Some(group.as_str()), None),
        Some(Value::Array(groups)) => (None, Some(groups)),
        _ => (None, None),
    };
    one.into_iter()
        .chain(several.into_iter().flatten().filter_map(Value::as_str))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_are_found_where_providers_put_them() {
        let claims: OtherClaims = serde_json::from_value(json!({
            "groups": ["staff", "ocr-admins", 7],
            "role": "ocr-admins",
            "https://ocr.example/roles": ["a"],
            "realm_access": {"roles": ["b"]},
        }))
        .unwrap();
        let of = |name: &str| groups(&claims, name).collect::<Vec<_>>();
        assert_eq!(of("groups"), ["staff", "ocr-admins"]);
        assert_eq!(of("role"), ["ocr-admins"]);
        assert_eq!(of("https://ocr.example/roles"), ["a"]);
        assert_eq!(of("realm_access.roles"), ["b"]);
        for none in ["", "realm_access", "realm_access.x.y", "missing"] {
            assert!(of(none).is_empty(), "{none}");
        }
    }
}
