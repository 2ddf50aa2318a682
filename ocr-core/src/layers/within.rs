//! A limit on the time of a call.

use std::time::Duration;

use crate::{Error, ErrorKind, Result};

/// Maximum time a single call to a port may take.
const PORT_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs a call to a port with a limit on its time.
pub(crate) async fn within<T>(operation: &'static str, call: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(PORT_TIMEOUT, call)
        .await
        .unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Timeout, "a service did not answer in time").at("worker", operation))
        })
}
