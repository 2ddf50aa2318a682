//! The cookie of a session.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use ocr_core::{
    Error, ErrorKind, Result,
    service::{SESSION_LIFETIME, Secret},
};

use super::{HttpSettings, site::Site};
use crate::oidc::ARRIVAL_LIFETIME;

/// Name of the cookie where the site has TLS: browsers take it from this very host only, over TLS, for all paths.
const SECURE: &str = "__Host-ocr";
/// Name of the cookie without TLS, which is meant for this machine.
const PLAIN: &str = "ocr";
/// The same of the cookie of a browser that is sent to a provider of sign-ins.
const SECURE_ARRIVAL: &str = "__Host-ocr-oidc";
const PLAIN_ARRIVAL: &str = "ocr-oidc";

pub(super) fn is_secure(settings: &HttpSettings) -> bool {
    settings.tls || settings.site.as_ref().is_some_and(Site::is_https)
}

fn name(settings: &HttpSettings) -> &'static str {
    if is_secure(settings) { SECURE } else { PLAIN }
}

fn arrival_name(settings: &HttpSettings) -> &'static str {
    if is_secure(settings) {
        SECURE_ARRIVAL
    } else {
        PLAIN_ARRIVAL
    }
}

/// The secret that the cookie of a request holds.
pub(crate) fn read<'r>(headers: &'r HeaderMap, settings: &HttpSettings) -> Option<&'r str> {
    value_of(name(settings), headers)
}

/// What the cookie of a browser holds that comes back from a provider.
pub(crate) fn read_arriving<'r>(headers: &'r HeaderMap, settings: &HttpSettings) -> Option<&'r str> {
    value_of(arrival_name(settings), headers)
}

/// The value of the cookie `wanted` of a request.
pub(super) fn value_of<'r>(wanted: &str, headers: &'r HeaderMap) -> Option<&'r str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted).then_some(value))
}

/// The header that gives a browser the cookie of a session.
///
/// # Errors
/// `Internal` when the secret does not fit into a header, which none of ours does.
pub(crate) fn given(secret: &Secret, settings: &HttpSettings) -> Result<HeaderValue> {
    written(name(settings), secret.expose(), SESSION_LIFETIME, settings)
}

/// The header that takes the cookie away.
///
/// # Errors
/// As [`given`].
pub(crate) fn taken(settings: &HttpSettings) -> Result<HeaderValue> {
    written(name(settings), "", Duration::ZERO, settings)
}

/// The header that gives a browser its cookie for the way to a provider and back.
///
/// # Errors
/// As [`given`].
pub(crate) fn arriving(value: &str, settings: &HttpSettings) -> Result<HeaderValue> {
    written(arrival_name(settings), value, ARRIVAL_LIFETIME, settings)
}

/// The header that takes that cookie away.
///
/// # Errors
/// As [`given`].
pub(crate) fn arrived(settings: &HttpSettings) -> Result<HeaderValue> {
    written(arrival_name(settings), "", Duration::ZERO, settings)
}

fn written(name: &str, value: &str, lifetime: Duration, settings: &HttpSettings) -> Result<HeaderValue> {
    let secure = if is_secure(settings) { "; Secure" } else { "" };
    let text = format!(
        "{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        lifetime.as_secs()
    );
    let mut header = HeaderValue::try_from(text)
        .map_err(|error| Error::new(ErrorKind::Internal, "a cookie cannot be written").with_source(error))?;
    header.set_sensitive(true);
    Ok(header)
}
