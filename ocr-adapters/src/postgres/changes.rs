//! Wakes those who follow the change log when a row changes, whoever changed it.

use std::{fmt, time::Duration};

use tokio_util::sync::{CancellationToken, DropGuard};

use super::{PgDatabase, listen::Channel};

/// Minimum time between two wake-ups; what changes in between is told by the second.
const PAUSE: Duration = Duration::from_millis(10);

/// Calls back when tasks, files or results change, until dropped.
///
/// Listens to the channel `db_changes`, which the triggers of the schema notify. After a connection
/// was lost it calls back as well, because something may have been missed. It is only a wake-up:
/// followers of the change log must poll as well.
pub struct ChangeWake {
    _stop: DropGuard,
}

impl fmt::Debug for ChangeWake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeWake").finish_non_exhaustive()
    }
}

impl ChangeWake {
    /// Calls `wake`, which must not block, from a task of the current runtime.
    pub fn start(database: &PgDatabase, wake: impl Fn() + Send + 'static) -> Self {
        let mut changed = database.listener().subscribe(Channel::Changes);
        let stop = CancellationToken::new();
        // Ends by itself when the database is dropped.
        let following = async move {
            while changed.changed().await.is_ok() {
                wake();
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::spawn(stop.clone().run_until_cancelled_owned(following));
        Self {
            _stop: stop.drop_guard(),
        }
    }
}
