//! A temporary server of this machine, supervised by a shell that stops it when this process ends.
//!
//! The shell waits for orders on a pipe. When the pipe closes, because the server was dropped or
//! because this process is gone in whatever way, it ends the server and removes its directory.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

/// Arguments: directory, signal that ends the server, and the server with its arguments. Each line of
/// input starts the server again; the end of the input ends everything.
const SUPERVISOR: &str = r#"
directory=$1 signal=$2
shift 2
start() { "$@" >>"$directory/log" 2>&1 </dev/null & server=$!; echo "$server"; }
stop() { kill -CONT "$server"; kill "-$signal" "$server"; wait "$server"; }
start "$@"
while read -r order; do stop; start "$@"; done
stop
rm -rf "$directory"
"#;

/// Lines of the server's log that an error quotes.
const LOG_LINES: usize = 15;

/// A running throw-away server.
#[derive(Debug)]
pub(super) struct LocalServer {
    supervisor: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    directory: PathBuf,
}

impl LocalServer {
    /// Starts `server` (a program and its arguments) in `directory`, which is removed after it.
    /// `signal` is the name of the signal that ends it.
    pub(super) fn start(directory: TempDir, signal: &str, server: &[String]) -> Result<Self, String> {
        let mut supervisor = Command::new("sh")
            .args(["-c", SUPERVISOR, "sh"])
            .arg(directory.path())
            .arg(signal)
            .args(server)
            .current_dir(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // What ends a group of tests must not end the one who cleans up after them.
            .process_group(0)
            .spawn()
            .map_err(|error| format!("sh cannot be started: {error}"))?;
        let (Some(orders), Some(answers)) = (supervisor.stdin.take(), supervisor.stdout.take()) else {
            return Err("sh has no pipes".into());
        };
        let mut started = Self {
            supervisor,
            orders: Some(orders),
            answers: BufReader::new(answers),
            directory: directory.keep(),
        };
        started.wait_for_start()?;
        Ok(started)
    }

    /// Ends the server by its signal and starts it again on the same port and directory.
    pub(super) fn restart(&mut self) -> Result<(), String> {
        let Some(orders) = &mut self.orders else {
            return Err("the server has ended".into());
        };
        writeln!(orders, "again").map_err(|error| error.to_string())?;
        self.wait_for_start()
    }

    /// The last lines that the server logged.
    pub(super) fn log(&self) -> String {
        let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }

    /// The supervisor prints the process id of each server it has started.
    fn wait_for_start(&mut self) -> Result<(), String> {
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .map_err(|error| error.to_string())?;
        match line.trim().parse::<u32>() {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("the server did not start\n{}", self.log())),
        }
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        drop(self.orders.take());
        // Fails only when the supervisor is gone already.
        let _ = self.supervisor.wait();
    }
}

/// A new directory for a server, owned by `user` where one is given.
pub(super) fn directory(user: Option<&str>) -> Result<TempDir, String> {
    let failed = |error: std::io::Error| format!("no temporary directory for a server: {error}");
    let directory = tempfile::Builder::new()
        .prefix("ocr-test-")
        .tempdir()
        .map_err(failed)?;
    if let Some(user) = user {
        let id = |flag| -> Result<u32, String> {
            printed(Command::new("id").args([flag, user]))?
                .trim()
                .parse()
                .map_err(|_| format!("there is no user {user}"))
        };
        chown(directory.path(), Some(id("-u")?), Some(id("-g")?)).map_err(failed)?;
    }
    Ok(directory)
}

/// A port of the loopback address that nobody uses now.
pub(super) fn free_port() -> Result<u16, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port: {error}"))
}

/// The program `name`: on the path, or else in one of `folders`, the last of them first.
pub(super) fn program(name: &str, folders: Vec<PathBuf>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(folders.into_iter().rev())
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// Folders `<parent>/*/bin`, in the order of their names.
pub(super) fn versioned_folders(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("bin"))
        .collect();
    folders.sort();
    folders
}

/// Whether this process may do everything, which some servers refuse to start under.
pub(super) fn is_root() -> bool {
    printed(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Runs a program to its end and returns what it prints.
pub(super) fn printed(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name} failed: {}", said.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
