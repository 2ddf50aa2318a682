//! Links that work once.

use ocr_core::service::Secret;

/// Where the secret of a one-time link leads on the page: it is behind `#`, which browsers send to no server, so that no log
/// has it.
pub(crate) fn one_time(base: &str, screen: &str, secret: &Secret) -> String {
    format!("{base}/#/{screen}?token={}", secret.expose())
}
