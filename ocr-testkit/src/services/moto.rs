//! AWS as moto plays it: a Python program that keeps everything in memory and checks no signature.

use std::{env, ffi::OsString, io, path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
};

/// Names the Python that has moto.
const PYTHON: &str = "OCR_TEST_MOTO";
/// Where `cargo xtask test` installs moto, below the directory of build output.
const INSTALLED: &str = "tools/moto";
/// What moto prints before its address.
const ADDRESS: &str = "Running on ";
/// Maximum time moto may take to start on a busy machine.
const START_TIME: Duration = Duration::from_mins(1);

/// A moto server on a free port of this machine. It ends when dropped.
#[derive(Debug)]
pub struct Moto {
    endpoint: String,
    _process: Child,
}

impl Moto {
    /// Starts a server: with the Python that `OCR_TEST_MOTO` names, or with what `cargo xtask test`
    /// has installed.
    ///
    /// # Errors
    /// When there is no moto or it does not start; the message says what to do.
    pub async fn start() -> io::Result<Self> {
        let mut command = python()?;
        let mut process = command
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| missing(&error.to_string()))?;
        let Some(errors) = process.stderr.take() else {
            return Err(missing("it has no output"));
        };
        let mut lines = BufReader::new(errors).lines();
        let endpoint = tokio::time::timeout(START_TIME, address(&mut lines))
            .await
            .map_err(|_| missing("it did not say its address in time"))??;
        // A pipe that nobody reads would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self {
            endpoint,
            _process: process,
        })
    }

    /// Its base URL, for every service; buckets are named in the path.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

/// Python with moto on its path.
fn python() -> io::Result<Command> {
    if let Some(python) = env::var_os(PYTHON) {
        return Ok(Command::new(python));
    }
    let folder = installed().ok_or_else(|| missing("it is not installed"))?;
    let mut command = Command::new(OsString::from("python3"));
    command.env("PYTHONPATH", folder);
    Ok(command)
}

/// The directory with moto, beside the test that runs.
fn installed() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    let folders = program.ancestors().map(|folder| folder.join(INSTALLED));
    folders.into_iter().find(|folder| folder.join("moto").is_dir())
}

async fn address(lines: &mut Lines<BufReader<ChildStderr>>) -> io::Result<String> {
    let mut said = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, address)) = line.split_once(ADDRESS) {
            return Ok(address.trim().to_owned());
        }
        said.push_str(&line);
        said.push('\n');
    }
    Err(missing(&said))
}

fn missing(why: &str) -> io::Error {
    io::Error::other(format!(
        "moto does not run; `cargo xtask test` installs it, or {PYTHON} names a Python that has \
         moto[server]: {why}"
    ))
}
