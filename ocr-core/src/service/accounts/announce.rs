//! Tells live connections that a session may have ended.

use tokio::sync::watch;

/// Tells whoever waits that a session or key of this process may have ended.
#[derive(Debug, Clone, Default)]
pub struct Endings(watch::Sender<u64>);

impl Endings {
    /// Something has ended.
    pub(super) fn announce(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// The endings from now on: `changed` returns after each.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}
