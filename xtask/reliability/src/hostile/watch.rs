//! What the processes of a server take and whom they talk to, looked at all the time.

use std::{
    collections::BTreeSet,
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::task::JoinHandle;

use crate::proc;

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// States of a TCP connection that somebody opened: established, and being opened.
const OPEN: [&str; 2] = ["01", "02"];

/// The maximum of what was seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Peaks {
    /// Resident memory of the server in bytes.
    pub(super) server: u64,
    /// Resident memory of the largest of its children.
    pub(super) child: u64,
    /// Connections that the processes opened themselves, `address:port` in hexadecimal.
    pub(super) outbound: BTreeSet<String>,
}

/// Looks until dropped.
#[derive(Debug)]
pub(super) struct Watch {
    peaks: Arc<Mutex<Peaks>>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Looks at the process `server`, which listens on `ports`, and at its children.
    pub(super) fn start(server: u32, ports: Vec<u16>) -> Self {
        let peaks = Arc::new(Mutex::new(Peaks::default()));
        let seen = Arc::clone(&peaks);
        let task = tokio::spawn(async move {
            loop {
                let ports = ports.clone();
                let looked = tokio::task::spawn_blocking(move || look(server, &ports));
                if let Ok(now) = looked.await {
                    add(&mut seen.lock().unwrap_or_else(PoisonError::into_inner), now);
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        Self { peaks, task }
    }

    /// What was seen since the last call.
    pub(super) fn take(&self) -> Peaks {
        std::mem::take(&mut self.peaks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn add(peaks: &mut Peaks, now: Peaks) {
    peaks.server = peaks.server.max(now.server);
    peaks.child = peaks.child.max(now.child);
    peaks.outbound.extend(now.outbound);
}

fn look(server: u32, ports: &[u16]) -> Peaks {
    let children = proc::descendants(server);
    let mut sockets: BTreeSet<u64> = proc::sockets(server).into_iter().collect();
    let mut child = 0;
    for one in &children {
        sockets.extend(proc::sockets(one.pid));
        child = child.max(proc::resident(one.pid));
    }
    let tables = ["tcp", "tcp6"].map(|table| fs::read_to_string(format!("/proc/net/{table}")));
    let outbound = tables
        .iter()
        .flatten()
        .flat_map(|table| opened(table, &sockets, ports))
        .collect();
    Peaks {
        server: proc::resident(server),
        child,
        outbound,
    }
}

/// Remote ends of connections in a table of the kernel that belong to one of `sockets` and did not come in by
/// one of `ports`.
fn opened(table: &str, sockets: &BTreeSet<u64>, ports: &[u16]) -> Vec<String> {
    let lines = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (local, remote, state) = (fields.get(1)?, fields.get(2)?, fields.get(3)?);
        let inode: u64 = fields.get(9)?.parse().ok()?;
        let port = u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()?;
        let is_ours = OPEN.contains(state) && sockets.contains(&inode) && !ports.contains(&port);
        is_ours.then(|| (*remote).to_owned())
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_connections_that_were_opened_by_the_processes_count() {
        let table = "  sl  local_address rem_address   st\n\
            0: 0100007F:1F90 0100007F:AAAA 01 0:0 0:0 0 0 0 11\n\
            1: 0100007F:BBBB 08080808:0050 01 0:0 0:0 0 0 0 12\n\
            2: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 13\n\
            3: 0100007F:CCCC 09090909:0050 02 0:0 0:0 0 0 0 99\n";
        let found = opened(table, &[11, 12, 13].into(), &[0x1F90]);
        assert_eq!(found, ["08080808:0050"]);
    }
}
