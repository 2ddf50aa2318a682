//! Adapters that this program may have been built without.

/// The error for an adapter that this program was built without.
pub(crate) fn not_built(what: &str, feature: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "this program was built without {what}; build ocr-server with --features {feature}, or choose another"
    )
}
