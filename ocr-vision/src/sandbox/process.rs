//! One page process as the platform sees it: started, asked, killed.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use ocr_core::{Error, ErrorKind, Result, page::RecognizerCapabilities};
use ocr_documents::DocumentError;
use tokio::{
    fs::File,
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::Instant,
};

use super::{
    config::ProcessPoolConfig,
    ending,
    protocol::{Request, Response},
};

/// Maximum bytes of an answer. A page process that a document has taken over must not exhaust the memory of
/// the platform.
const MAX_ANSWER: u64 = 64 << 20;
/// How much of a document is passed on at once.
const PIECE: usize = 256 << 10;
/// How long a process that was killed may take to end.
const ENDING: Duration = Duration::from_secs(5);

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum AskError {
    /// The process ended, or was killed because it took too long or said too much. The kind of the error says what there
    /// was too much of.
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
        let answer = tokio::time::timeout(config.start_timeout, answer(&mut process.output)).await;
        match answer.unwrap_or_else(|_| Err(Silence::Slow(config.start_timeout))) {
            Ok(Response::Ready { capabilities }) => process.capabilities = capabilities,
            Ok(Response::Failed { kind, message }) => {
                return Err(AskError::Answered(Error::new(kind, message)));
            }
            Ok(other) => return Err(AskError::Answered(unexpected(&other))),
            Err(silence) => {
                let error = Error::from(process.died(silence).await);
                return Err(AskError::NotStarted(not_started(error)));
            }
        }
        Ok(process)
    }

    fn spawn(config: &ProcessPoolConfig) -> std::io::Result<Self> {
        let mut command = Command::new(&config.program);
        // A group of its own, so that what it starts can be killed with it.
        #[cfg(unix)]
        command.process_group(0);
        if let Some(environment) = &config.environment {
            command
                .env_clear()
                .envs(environment.iter().map(|(name, value)| (name, value)));
        }
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

    /// Opens `path` unless it is open already; returns its number of pages. The process gets the bytes and never the
    /// file: it has no access to any.
    pub(super) async fn open(&mut self, path: &Path, timeout: Duration) -> Result<u32, AskError> {
        if let Some((open, pages)) = &self.open
            && open == path
        {
            return Ok(*pages);
        }
        self.open = None;
        let unreadable = |error| AskError::Answered(DocumentError::Io(error).into());
        let file = File::open(path).await.map_err(unreadable)?;
        let bytes = file.metadata().await.map_err(unreadable)?.len();
        let mut file = BufReader::with_capacity(PIECE, file);
        match self
            .exchange(&Request::Open { bytes }, &mut file, bytes, timeout)
            .await?
        {
            Response::Opened { pages } => {
                self.open = Some((path.to_owned(), pages));
                Ok(pages)
            }
            other => Err(AskError::Answered(unexpected(&other))),
        }
    }

    pub(super) async fn ask(&mut self, request: &Request, timeout: Duration) -> Result<Response, AskError> {
        self.exchange(request, &mut tokio::io::empty(), 0, timeout).await
    }

    /// Sends `request` and the `bytes` bytes of `document` that follow it, and reads the answer.
    async fn exchange(
        &mut self,
        request: &Request,
        document: &mut (impl AsyncBufRead + Unpin),
        bytes: u64,
        timeout: Duration,
    ) -> Result<Response, AskError> {
        let mut line = serde_json::to_vec(request).map_err(|error| {
            let message = "a request to a page process could not be written";
            AskError::Answered(Error::new(ErrorKind::Internal, message).with_source(error))
        })?;
        line.push(b'\n');
        // Until all is sent and the whole answer is read, the process cannot be used again: the next request would be
        // taken for the rest of this one.
        self.alive = false;
        let mut sent = false;
        let answer = tokio::time::timeout(timeout, async {
            let sending = send(&mut self.input, &line, document, bytes);
            let answering = answer(&mut self.output);
            tokio::pin!(sending, answering);
            loop {
                // The answer first: a process that refuses a document reads no more of it.
                tokio::select! {
                    biased;
                    answer = &mut answering => return answer,
                    outcome = &mut sending, if !sent => {
                        outcome?;
                        sent = true;
                    }
                }
            }
        })
        .await;
        let response = match answer.unwrap_or(Err(Silence::Slow(timeout))) {
            Ok(response) => response,
            Err(Silence::NoDocument(error)) => {
                return Err(AskError::Answered(DocumentError::Io(error).into()));
            }
            Err(silence) => return Err(self.died(silence).await),
        };
        self.alive = sent;
        match response {
            Response::Failed { kind, message } => Err(AskError::Answered(Error::new(kind, message))),
            other => Ok(other),
        }
    }

    /// Whether it ended while nobody asked it anything.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends what is left of the process, and says what it died of.
    async fn died(&mut self, silence: Silence) -> AskError {
        self.kill();
        let status = tokio::time::timeout(ENDING, self.child.wait()).await;
        let kind = match (&silence, status) {
            (Silence::Slow(_), _) => ErrorKind::OutOfTime,
            (Silence::Gone(_), Ok(Ok(status))) => ending::of(status),
            _ => ErrorKind::Crashed,
        };
        let why: Box<dyn std::error::Error + Send + Sync> = match silence {
            Silence::Gone(why) | Silence::Nonsense(why) => why,
            Silence::Slow(timeout) => format!("no answer within {} s", timeout.as_secs()).into(),
            Silence::NoDocument(error) => error.into(),
        };
        let error = Error::new(kind, "the process that read this page stopped");
        AskError::Died(error.with_source(why).at("local", "page"))
    }

    /// Kills the process and everything it started.
    fn kill(&self) {
        #[cfg(unix)]
        if let Some(group) = self.child.id().and_then(|id| i32::try_from(id).ok())
            && let Some(group) = rustix::process::Pid::from_raw(group)
        {
            // Fails only when all of it has ended.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for PageProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Why there is no answer.
#[derive(Debug)]
enum Silence {
    /// The process has closed a pipe.
    Gone(Box<dyn std::error::Error + Send + Sync>),
    /// It took longer than this.
    Slow(Duration),
    /// It said too much, or what cannot be understood.
    Nonsense(Box<dyn std::error::Error + Send + Sync>),
    /// The document could not be read here.
    NoDocument(std::io::Error),
}

impl Silence {
    fn gone(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Gone(why.into())
    }
}

/// Sends a request and the document that follows it.
async fn send(
    input: &mut ChildStdin,
    line: &[u8],
    document: &mut (impl AsyncBufRead + Unpin),
    bytes: u64,
) -> Result<(), Silence> {
    input.write_all(line).await.map_err(Silence::gone)?;
    let mut left = bytes;
    while left > 0 {
        let piece = document.fill_buf().await.map_err(Silence::NoDocument)?;
        if piece.is_empty() {
            return Err(Silence::NoDocument(std::io::ErrorKind::UnexpectedEof.into()));
        }
        let length = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        input.write_all(&piece[..length]).await.map_err(Silence::gone)?;
        document.consume(length);
        left -= length as u64;
    }
    Ok(())
}

/// Reads an answer.
async fn answer(output: &mut BufReader<ChildStdout>) -> Result<Response, Silence> {
    let mut line = Vec::new();
    match output.take(MAX_ANSWER).read_until(b'\n', &mut line).await {
        Ok(_) if line.ends_with(b"\n") => {
            serde_json::from_slice(&line).map_err(|error| Silence::Nonsense(error.into()))
        }
        Ok(length) if length as u64 == MAX_ANSWER => Err(Silence::Nonsense("its answer was too long".into())),
        Ok(_) => Err(Silence::gone("it ended")),
        Err(error) => Err(Silence::gone(error)),
    }
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
