//! The platform's side: a pool of warm page processes.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ocr_core::{Error, ErrorKind, Result, model::PageText};
use ocr_documents::PageFacts;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Semaphore,
    time::Instant,
};

use super::{
    driver::ReadOptions,
    protocol::{Request, Response},
    scan::{Scan, ScanLimits},
};

/// How page processes are run.
#[derive(Debug, Clone)]
pub struct ProcessPoolConfig {
    /// The program, usually this one.
    pub program: PathBuf,
    /// Arguments that make it a page process.
    pub args: Vec<OsString>,
    /// Pages read at once, each in its own process.
    pub size: usize,
    /// Time to start and load the models.
    pub start_timeout: Duration,
    /// Time a page, or the opening of a document, may take.
    pub page_timeout: Duration,
    /// How long an idle process is kept warm.
    pub idle_timeout: Duration,
    /// Pages after which a process is replaced, so that slow leaks of decoders stay small.
    pub pages_per_process: u32,
}

impl ProcessPoolConfig {
    /// `program args`, `size` pages at once; 60 s to start, 60 s a page, warm for 60 s, 1000 pages.
    pub fn new(program: PathBuf, args: Vec<OsString>, size: usize) -> Self {
        const MINUTE: Duration = Duration::from_mins(1);
        Self {
            program,
            args,
            size: size.max(1),
            start_timeout: MINUTE,
            page_timeout: MINUTE,
            idle_timeout: MINUTE,
            pages_per_process: 1000,
        }
    }
}

/// A pool of warm page processes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ProcessPool {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: ProcessPoolConfig,
    slots: Semaphore,
    busy: AtomicUsize,
    idle: Mutex<Vec<PageProcess>>,
}

impl ProcessPool {
    /// A pool without processes; they are started as they are needed.
    pub fn new(config: ProcessPoolConfig) -> Self {
        let slots = Semaphore::new(config.size);
        Self {
            inner: Arc::new(Inner {
                config,
                slots,
                busy: AtomicUsize::new(0),
                idle: Mutex::default(),
            }),
        }
    }

    /// Pages read at once.
    pub fn size(&self) -> usize {
        self.inner.config.size
    }

    /// Starts a process, if none is warm, and returns the version of its engine.
    pub(super) async fn version(&self) -> Result<String> {
        let _slot = self.slot().await?;
        let process = self.process(None).await?;
        let version = process.version.clone();
        self.give_back(process);
        Ok(version)
    }

    /// Opens the document at `path` and returns its number of pages.
    pub(super) async fn open(&self, path: &Path) -> Result<u32> {
        let _slot = self.slot().await?;
        let mut process = self.process(Some(path)).await?;
        let pages = process.open(path, self.inner.config.page_timeout).await;
        self.settle(process, pages)
    }

    /// Reads page `number` of the document at `path`. A process that dies over it is replaced and
    /// the page tried once more; the second time the page is to blame.
    pub(super) async fn page(&self, path: &Path, number: u32, options: &ReadOptions) -> Result<PageText> {
        let _slot = self.slot().await?;
        let busy = self.inner.busy.fetch_add(1, Ordering::Relaxed) + 1;
        let _busy = Busy(&self.inner.busy);
        // Threads of a page only help while other processors have nothing to do.
        let threads = (self.size() / busy.max(1)).max(1);
        match self.page_once(path, number, options, threads).await {
            Err(error) if error.kind() == ErrorKind::Internal => {
                tracing::warn!(
                    ?error,
                    page = number,
                    "a page process died; trying the page once more"
                );
                self.page_once(path, number, options, 1)
                    .await
                    .map_err(|error| match error.kind() {
                        ErrorKind::Internal => Error::new(
                            ErrorKind::InvalidInput,
                            format!("page {number} needs more memory or time than is allowed"),
                        )
                        .with_source(error),
                        _ => error,
                    })
            }
            other => other,
        }
    }

    async fn page_once(
        &self,
        path: &Path,
        number: u32,
        options: &ReadOptions,
        threads: usize,
    ) -> Result<PageText> {
        let request = Request::Page {
            number,
            languages: options.languages.clone(),
            threads,
        };
        match self.ask(path, &request).await? {
            Response::Page { page } => Ok(*page),
            other => Err(unexpected(&other)),
        }
    }

    /// Draws page `number` of the document at `path`, at most `width` pixels across; a JPEG as base64.
    pub(super) async fn picture(
        &self,
        path: &Path,
        number: u32,
        width: u32,
        quarter_turns: u8,
    ) -> Result<String> {
        let _slot = self.slot().await?;
        let request = Request::Picture {
            number,
            width,
            quarter_turns,
        };
        match self.ask(path, &request).await? {
            Response::Picture { jpeg } => Ok(jpeg),
            other => Err(unexpected(&other)),
        }
    }

    /// What is known of page `number` of the document at `path` without recognising it.
    pub(super) async fn facts(&self, path: &Path, number: u32) -> Result<PageFacts> {
        let _slot = self.slot().await?;
        match self.ask(path, &Request::Facts { number }).await? {
            Response::Facts {
                width,
                height,
                dpi,
                text,
            } => Ok(PageFacts {
                width,
                height,
                dpi,
                text: text.map(|text| *text),
            }),
            other => Err(unexpected(&other)),
        }
    }

    /// Draws page `number` of the document at `path` for an engine elsewhere.
    pub(super) async fn scan(&self, path: &Path, number: u32, limits: ScanLimits) -> Result<Scan> {
        let _slot = self.slot().await?;
        match self.ask(path, &Request::Scan { number, limits }).await? {
            Response::Scan {
                width,
                height,
                dpi,
                reduced,
                jpeg,
            } => Ok(Scan {
                width,
                height,
                dpi,
                reduced,
                jpeg: decoded(&jpeg)?,
            }),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks a warm process about the document at `path`, opening it there first if need be.
    async fn ask(&self, path: &Path, request: &Request) -> Result<Response> {
        let timeout = self.inner.config.page_timeout;
        let mut process = self.process(Some(path)).await?;
        let answer = async {
            process.open(path, timeout).await?;
            process.ask(request, timeout).await
        }
        .await;
        process.pages += 1;
        self.settle(process, answer)
    }

    async fn slot(&self) -> Result<tokio::sync::SemaphorePermit<'_>> {
        self.inner.slots.acquire().await.map_err(|error| {
            Error::new(ErrorKind::Unavailable, "the engine is shutting down").with_source(error)
        })
    }

    /// A warm process, one that has `path` open if there is one; else a new one.
    async fn process(&self, path: Option<&Path>) -> Result<PageProcess> {
        let warm = {
            let mut idle = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let same = idle
                .iter()
                .rposition(|process| process.open_path().is_some() && process.open_path() == path);
            let chosen = same.or_else(|| idle.len().checked_sub(1));
            chosen.map(|index| idle.swap_remove(index))
        };
        match warm {
            Some(process) => Ok(process),
            None => PageProcess::start(&self.inner.config).await,
        }
    }

    /// Keeps a process that lives; drops, and so kills, one that does not answer any more.
    fn settle<T>(&self, process: PageProcess, outcome: Result<T>) -> Result<T> {
        if process.alive {
            self.give_back(process);
        }
        outcome
    }

    fn give_back(&self, mut process: PageProcess) {
        if process.pages >= self.inner.config.pages_per_process {
            return;
        }
        process.idle_since = Instant::now();
        self.inner
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(process);
        let pool = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(pool.inner.config.idle_timeout).await;
            pool.retire_idle();
        });
    }

    fn retire_idle(&self) {
        let timeout = self.inner.config.idle_timeout;
        let mut idle = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|process| process.idle_since.elapsed() < timeout);
    }
}

/// Counts a page as being read until dropped.
struct Busy<'a>(&'a AtomicUsize);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One child. Killed when dropped.
#[derive(Debug)]
struct PageProcess {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    version: String,
    open: Option<(PathBuf, u32)>,
    pages: u32,
    alive: bool,
    idle_since: Instant,
}

impl PageProcess {
    async fn start(config: &ProcessPoolConfig) -> Result<Self> {
        let failed = |error: std::io::Error| {
            Error::new(ErrorKind::Unavailable, "a page process could not be started").with_source(error)
        };
        let mut child = Command::new(&config.program)
            .args(&config.args)
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.ok_or_else(|| failed(std::io::Error::other("no pipes")))?;
        let output = BufReader::new(output).lines();
        let mut process = Self {
            _child: child,
            input,
            output,
            version: String::new(),
            open: None,
            pages: 0,
            alive: true,
            idle_since: Instant::now(),
        };
        match process.answer(config.start_timeout).await? {
            Response::Ready { version } => process.version = version,
            Response::Failed { kind, message } => return Err(Error::new(kind, message)),
            other => return Err(unexpected(&other)),
        }
        Ok(process)
    }

    fn open_path(&self) -> Option<&Path> {
        self.open.as_ref().map(|(path, _)| path.as_path())
    }

    /// Opens `path` unless it is open already; returns its number of pages.
    async fn open(&mut self, path: &Path, timeout: Duration) -> Result<u32> {
        if let Some((open, pages)) = &self.open
            && open == path
        {
            return Ok(*pages);
        }
        self.open = None;
        match self
            .ask(
                &Request::Open {
                    path: path.to_owned(),
                },
                timeout,
            )
            .await?
        {
            Response::Opened { pages } => {
                self.open = Some((path.to_owned(), pages));
                Ok(pages)
            }
            other => Err(unexpected(&other)),
        }
    }

    async fn ask(&mut self, request: &Request, timeout: Duration) -> Result<Response> {
        let mut line = serde_json::to_vec(request).map_err(|error| self.died(error))?;
        line.push(b'\n');
        // Until the answer has come whole, dropping this future leaves a process out of step.
        self.alive = false;
        if let Err(error) = self.input.write_all(&line).await {
            return Err(self.died(error));
        }
        let response = self.answer(timeout).await?;
        self.alive = true;
        match response {
            Response::Failed { kind, message } => Err(Error::new(kind, message)),
            other => Ok(other),
        }
    }

    async fn answer(&mut self, timeout: Duration) -> Result<Response> {
        let line = tokio::time::timeout(timeout, self.output.next_line()).await;
        let line = match line {
            Ok(Ok(Some(line))) => line,
            Ok(Ok(None)) => return Err(self.died("it ended")),
            Ok(Err(error)) => return Err(self.died(error)),
            Err(_) => return Err(self.died(format!("no answer within {} s", timeout.as_secs()))),
        };
        serde_json::from_str(&line).map_err(|error| self.died(error))
    }

    fn died(&mut self, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        self.alive = false;
        Error::new(ErrorKind::Internal, "the process that read this page stopped")
            .with_source(why)
            .at("local", "page")
    }
}

/// The bytes of a picture that came as text.
pub(super) fn decoded(jpeg: &str) -> Result<Bytes> {
    let jpeg = STANDARD.decode(jpeg).map_err(|error| {
        let message = "a page process drew something else than a picture";
        Error::new(ErrorKind::Internal, message).with_source(error)
    })?;
    Ok(jpeg.into())
}

fn unexpected(response: &Response) -> Error {
    Error::new(
        ErrorKind::Internal,
        "a page process gave an answer to another question",
    )
    .with_context("answer", std::any::type_name_of_val(response))
}
