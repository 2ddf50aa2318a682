//! Resident memory, as far as the system tells. Nothing is known where there is no `/proc`.

use std::fs;

use anyhow::Result;
use sqlx::PgPool;

/// Resident bytes of this process, in which SQLite runs, and the most it ever had.
pub(crate) fn own() -> (u64, u64) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    (bytes(&status, "VmRSS:"), bytes(&status, "VmHWM:"))
}

/// Resident bytes of the server of `pool` with all of its processes. What they share counts once.
pub(crate) async fn of_server(pool: &PgPool) -> Result<u64> {
    let mut processes: Vec<i32> = sqlx::query_scalar("SELECT pid FROM pg_stat_activity")
        .fetch_all(pool)
        .await?;
    let parent = processes.first().and_then(|process| {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        number(&status, "PPid:")
    });
    processes.extend(parent.and_then(|parent| i32::try_from(parent).ok()));
    let resident = processes.iter().map(|process| {
        // A process may end while it is looked at.
        let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
        bytes(&rollup, "Pss:")
    });
    Ok(resident.sum())
}

fn bytes(text: &str, name: &str) -> u64 {
    number(text, name).unwrap_or_default() * 1024
}

/// The number behind `name`, which begins a line.
fn number(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kibibytes_are_read_by_their_name() {
        let status = "Name:\tx\nPPid:\t12\nVmHWM:\t    2048 kB\nVmRSS:\t     900 kB\n";
        assert_eq!(bytes(status, "VmRSS:"), 900 * 1024);
        assert_eq!(bytes(status, "VmHWM:"), 2048 * 1024);
        assert_eq!(number(status, "PPid:"), Some(12));
        assert_eq!(bytes(status, "VmSwap:"), 0);
    }
}
