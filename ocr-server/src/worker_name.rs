//! What the workers of this process are called in the history of tasks.

/// Where Linux says what the machine is called; a container has the name of the container there.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";

/// Host and process, as `ocr-7f/4711`; `worker/4711` where the host has no name to be read.
pub(crate) fn worker_name() -> String {
    let host = std::fs::read_to_string(HOST_NAME).unwrap_or_default();
    let host = Some(host.trim())
        .filter(|host| !host.is_empty())
        .unwrap_or("worker");
    format!("{host}/{}", std::process::id())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_worker_is_named_by_its_process() {
        let name = super::worker_name();
        let (host, process) = name.split_once('/').unwrap();
        assert!(!host.is_empty());
        assert_eq!(process, std::process::id().to_string());
    }
}
