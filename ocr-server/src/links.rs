//! Links whose secret the page reads.

use ocr_core::{id::ShareId, service::Secret};

/// Where the secret of a one-time link leads on the page: it is behind `#`, which browsers send to no server, so that no log
/// has it.
pub(crate) fn one_time(base: &str, screen: &str, secret: &Secret) -> String {
    format!("{base}/#/{screen}?token={}", secret.expose())
}

/// Where a link to a document leads. Its secret is behind `#` for the same reason, and no `Referer` has it.
pub(crate) fn shared(base: &str, share: ShareId, secret: &Secret) -> String {
    format!("{base}/shared/{share}#token={}", secret.expose())
}
