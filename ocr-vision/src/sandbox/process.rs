//! One page process as the platform sees it: started, asked, killed.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use ocr_core::{Error, ErrorKind, Result, page::RecognizerCapabilities};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::Instant,
};

use super::{
    config::ProcessPoolConfig,
    protocol::{Request, Response},
};

/// Maximum bytes of an answer. A page process that a document has taken over must not exhaust the memory of
/// the platform.
const MAX_ANSWER: u64 = 64 << 20;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum AskError {
    /// The process ended, or was killed because it took too long or said too much.
    Died(Error),
    /// No process could be started.
    NotStarted(Error),
    /// The process is still usable: it answered with an error, or the request could not be sent.
    Answered(Error),
}

impl From<AskError> for Error {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Died(error) | AskError::NotStarted(error) | AskError::Answered(error) => error,
        }
    }
}

/// One child. Killed when dropped, with everything it started.
#[derive(Debug)]
pub(super) struct PageProcess {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub(super) capabilities: RecognizerCapabilities,
    open: Option<(PathBuf, u32)>,
    /// Pages it was asked about.
    pub(super) pages: u32,
    /// Whether it can be asked again.
    pub(super) alive: bool,
    pub(super) idle_since: Instant,
}

impl PageProcess {
    pub(super) async fn start(config: &ProcessPoolConfig) -> Result<Self, AskError> {
        let mut process = Self::spawn(config).map_err(|error| AskError::NotStarted(not_started(error)))?;
        match process.answer(config.start_timeout).await {
            Ok(Response::Ready { capabilities }) => process.capabilities = capabilities,
            Ok(Response::Failed { kind, message }) => {
                return Err(AskError::Answered(Error::new(kind, message)));
            }
            Ok(other) => return Err(AskError::Answered(unexpected(&other))),
            Err(error) => return Err(AskError::NotStarted(not_started(Error::from(error)))),
        }
        Ok(process)
    }

    fn spawn(config: &ProcessPoolConfig) -> std::io::Result<Self> {
        let mut command = Command::new(&config.program);
        // A group of its own, so that what it starts can be killed with it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command
            .args(&config.args)
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.ok_or_else(|| std::io::Error::other("no pipes"))?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
            capabilities: RecognizerCapabilities::default(),
            open: None,
            pages: 0,
            alive: true,
            idle_since: Instant::now(),
        })
    }

    pub(super) fn open_path(&self) -> Option<&Path> {
        self.open.as_ref().map(|(path, _)| path.as_path())
    }

    /// Opens `path` unless it is open already; returns its number of pages.
    pub(super) async fn open(&mut self, path: &Path, timeout: Duration) -> Result<u32, AskError> {
        if let Some((open, pages)) = &self.open
            && open == path
        {
            return Ok(*pages);
        }
        self.open = None;
        let request = Request::Open {
            path: path.to_owned(),
        };
        match self.ask(&request, timeout).await? {
            Response::Opened { pages } => {
                self.open = Some((path.to_owned(), pages));
                Ok(pages)
            }
            other => Err(AskError::Answered(unexpected(&other))),
        }
    }

    pub(super) async fn ask(&mut self, request: &Request, timeout: Duration) -> Result<Response, AskError> {
        let mut line = serde_json::to_vec(request).map_err(|error| {
            let message = "the name of the file is not UTF-8; rename it";
            AskError::Answered(Error::new(ErrorKind::InvalidInput, message).with_source(error))
        })?;
        line.push(b'\n');
        // Until the whole answer is read, the process cannot be used again: the next request would read
        // the rest of this answer.
        self.alive = false;
        if let Err(error) = self.input.write_all(&line).await {
            return Err(died(error));
        }
        let response = self.answer(timeout).await?;
        self.alive = true;
        match response {
            Response::Failed { kind, message } => Err(AskError::Answered(Error::new(kind, message))),
            other => Ok(other),
        }
    }

    async fn answer(&mut self, timeout: Duration) -> Result<Response, AskError> {
        let mut line = Vec::new();
        let mut bounded = (&mut self.output).take(MAX_ANSWER);
        match tokio::time::timeout(timeout, bounded.read_until(b'\n', &mut line)).await {
            Ok(Ok(_)) if line.ends_with(b"\n") => {}
            Ok(Ok(length)) if length as u64 == MAX_ANSWER => return Err(died("its answer was too long")),
            Ok(Ok(_)) => return Err(died("it ended")),
            Ok(Err(error)) => return Err(died(error)),
            Err(_) => return Err(died(format!("no answer within {} s", timeout.as_secs()))),
        }
        serde_json::from_slice(&line).map_err(died)
    }
}

impl Drop for PageProcess {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.child.id().and_then(|id| i32::try_from(id).ok())
            && let Some(group) = rustix::process::Pid::from_raw(group)
        {
            // Fails only when all of it has ended.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

fn died(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> AskError {
    let error = Error::new(ErrorKind::Internal, "the process that read this page stopped").crashed();
    AskError::Died(error.with_source(why).at("local", "page"))
}

fn not_started(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Unavailable, "a page process could not be started").with_source(why)
}

pub(super) fn unexpected(response: &Response) -> Error {
    Error::new(
        ErrorKind::Internal,
        "a page process gave an answer to another question",
    )
    .with_context("answer", std::any::type_name_of_val(response))
}
