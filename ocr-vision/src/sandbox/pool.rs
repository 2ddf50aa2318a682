//! The platform's side: a pool of warm page processes.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ocr_core::{
    Error, ErrorKind, Result,
    model::{PageText, QuarterTurn},
    page::{RecognizeOptions, RecognizerCapabilities},
};
use ocr_documents::PageFacts;
use tokio::{sync::Semaphore, time::Instant};

use super::{
    config::ProcessPoolConfig,
    ending,
    process::{AskError, PageProcess, unexpected},
    protocol::{Request, Response},
    read_unless_known::Lookup,
};
use crate::{
    known::KnownPages,
    page::{RenderLimits, RenderedPage},
};

/// A pool of warm page processes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ProcessPool {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: ProcessPoolConfig,
    permits: Semaphore,
    busy: AtomicUsize,
    idle: Mutex<Vec<PageProcess>>,
}

impl ProcessPool {
    /// A pool without processes; they are started as they are needed.
    pub fn new(mut config: ProcessPoolConfig) -> Self {
        // Without a process everybody would wait for ever.
        config.size = config.size.max(1);
        let permits = Semaphore::new(config.size);
        Self {
            inner: Arc::new(Inner {
                config,
                permits,
                busy: AtomicUsize::new(0),
                idle: Mutex::default(),
            }),
        }
    }

    /// Pages read at once.
    pub fn size(&self) -> usize {
        self.inner.config.size
    }

    /// How long what is not used is kept.
    pub(crate) fn idle_timeout(&self) -> Duration {
        self.inner.config.idle_timeout
    }

    /// What the engine in the processes can do: starts one, if none is warm, and asks it.
    pub(crate) async fn capabilities(&self) -> Result<RecognizerCapabilities> {
        let _permit = self.permit().await?;
        let process = self.process(None).await?;
        let capabilities = process.capabilities.clone();
        self.give_back(process);
        Ok(capabilities)
    }

    /// Opens the document at `path` and returns its number of pages.
    pub(crate) async fn open(&self, path: &Path) -> Result<u32> {
        let _permit = self.permit().await?;
        // What follows the request is added where the file is read.
        match self.ask(path, Request::Open { bytes: 0 }).await? {
            Response::Opened { pages } => Ok(pages),
            other => Err(unexpected(&other)),
        }
    }

    /// Reads page `number` of the document at `path`, on as many threads as there is room for; one that is known is
    /// taken over.
    pub(crate) async fn page(
        &self,
        path: &Path,
        number: u32,
        options: &RecognizeOptions,
        known: &KnownPages,
    ) -> Result<PageText> {
        let _permit = self.permit().await?;
        let busy = self.inner.busy.fetch_add(1, Ordering::Relaxed) + 1;
        let _busy = Busy(&self.inner.busy);
        let request = Request::Page {
            number,
            languages: options.languages.clone(),
            features: options.features.clone(),
            text_layer: options.text_layer,
            // Threads of a page only help while other processors have nothing to do.
            threads: (self.size() / busy.max(1)).max(1),
        };
        let lookup = known.are_wanted().then_some(Lookup {
            number,
            options,
            known,
        });
        match self.ask_unless_known(path, request, lookup).await? {
            Response::Page { page } => Ok(*page),
            other => Err(unexpected(&other)),
        }
    }

    /// Draws page `number` of the document at `path`, turned, at most `width` pixels across: a JPEG.
    pub(crate) async fn picture(
        &self,
        path: &Path,
        number: u32,
        width: u32,
        turn: QuarterTurn,
    ) -> Result<Bytes> {
        let _permit = self.permit().await?;
        let request = Request::Picture { number, width, turn };
        match self.ask(path, request).await? {
            Response::Picture { jpeg } => decoded(&jpeg),
            other => Err(unexpected(&other)),
        }
    }

    /// What is known of page `number` of the document at `path` without recognising it.
    pub(crate) async fn facts(&self, path: &Path, number: u32) -> Result<PageFacts> {
        let _permit = self.permit().await?;
        match self.ask(path, Request::Facts { number }).await? {
            Response::Facts {
                width,
                height,
                dpi,
                text,
            } => Ok(PageFacts::new(width, height)
                .with_dpi(dpi)
                .with_text(text.map(|text| *text))),
            other => Err(unexpected(&other)),
        }
    }

    /// Draws page `number` of the document at `path` for an engine elsewhere.
    pub(crate) async fn render(
        &self,
        path: &Path,
        number: u32,
        limits: RenderLimits,
    ) -> Result<RenderedPage> {
        let _permit = self.permit().await?;
        match self.ask(path, Request::Render { number, limits }).await? {
            Response::Rendered {
                width,
                height,
                dpi,
                reduced,
                jpeg,
            } => Ok(RenderedPage {
                width,
                height,
                dpi,
                reduced,
                jpeg: decoded(&jpeg)?,
            }),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks about the document at `path`, as [`ProcessPool::ask_unless_known`].
    async fn ask(&self, path: &Path, request: Request) -> Result<Response> {
        self.ask_unless_known(path, request, None).await
    }

    /// Asks about the document at `path`, unless it is a page that is known. A process that dies over it is replaced
    /// and asked once more; the second time, what it was asked about is to blame.
    async fn ask_unless_known(
        &self,
        path: &Path,
        request: Request,
        lookup: Option<Lookup<'_>>,
    ) -> Result<Response> {
        let error = match self.ask_once(path, &request, lookup).await {
            Err(AskError::Died(error)) => error,
            outcome => return outcome.map_err(Error::from),
        };
        let subject = request.subject();
        tracing::warn!(?error, subject, "a page process died; trying once more");
        match self.ask_once(path, &request.with_one_thread(), lookup).await {
            Err(AskError::Died(error)) => {
                let message = ending::sentence(error.kind(), &subject);
                let blamed = Error::new(error.kind(), message);
                // Memory and time run out the same way each time; another end may be chance, and is tried again until
                // the document counts as poison.
                let blamed = match error.kind() {
                    ErrorKind::Crashed => blamed.crashed(),
                    _ => blamed,
                };
                Err(blamed.with_source(error))
            }
            outcome => outcome.map_err(Error::from),
        }
    }

    /// Asks a warm process, opening the document there first if need be.
    async fn ask_once(
        &self,
        path: &Path,
        request: &Request,
        lookup: Option<Lookup<'_>>,
    ) -> Result<Response, AskError> {
        let timeout = self.inner.config.page_timeout;
        let mut process = self.process(Some(path)).await?;
        let answer = async {
            let pages = process.open(path, timeout).await?;
            if let Request::Open { .. } = request {
                return Ok(Response::Opened { pages });
            }
            process.pages += 1;
            match lookup {
                Some(lookup) => lookup.ask(&mut process, request, timeout).await,
                None => process.ask(request, timeout).await,
            }
        }
        .await;
        // One that does not answer any more is dropped, and so killed.
        if process.alive {
            self.give_back(process);
        }
        answer
    }

    async fn permit(&self) -> Result<tokio::sync::SemaphorePermit<'_>> {
        self.inner.permits.acquire().await.map_err(|error| {
            Error::new(ErrorKind::Unavailable, "the engine is shutting down").with_source(error)
        })
    }

    /// A warm process, one that has `path` open if there is one; else a new one.
    async fn process(&self, path: Option<&Path>) -> Result<PageProcess, AskError> {
        let warm = {
            let mut idle = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner);
            // The system may have ended one for want of memory: no page is to blame for that.
            idle.retain_mut(|process| !process.has_ended());
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

/// The bytes of a picture that came as text.
fn decoded(jpeg: &str) -> Result<Bytes> {
    let jpeg = STANDARD.decode(jpeg).map_err(|error| {
        let message = "a page process drew something else than a picture";
        Error::new(ErrorKind::Internal, message).with_source(error)
    })?;
    Ok(jpeg.into())
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A pool whose page processes are a shell script that says `greeting` and then runs `script`.
    fn pool(script: &str) -> ProcessPool {
        let ready = r#"echo '{"answer":"ready","version":"1"}'"#;
        let args = ["-c".into(), format!("{ready}\n{script}").into()];
        ProcessPool::new(ProcessPoolConfig {
            start_timeout: Duration::from_secs(20),
            ..ProcessPoolConfig::new("/bin/sh".into(), args.into(), 1)
        })
    }

    #[test]
    fn a_pool_of_none_has_one_process() {
        let config = ProcessPoolConfig::new("none".into(), Vec::new(), 1).with_size(0);
        assert_eq!(ProcessPool::new(config).size(), 1);
    }

    /// A document without bytes, so that what a script reads are requests.
    const EMPTY: &str = "/dev/null";

    const OPENS: &str = r#"read line; echo '{"answer":"opened","pages":3}'"#;

    #[tokio::test]
    async fn a_document_that_kills_two_processes_is_to_blame() {
        for (ending, kind, message) in [
            ("exit 1", ErrorKind::Crashed, "the document stopped"),
            (
                "kill -ABRT $$",
                ErrorKind::OutOfMemory,
                "the document needs more memory",
            ),
            (
                "kill -XCPU $$",
                ErrorKind::OutOfTime,
                "the document needs more time",
            ),
        ] {
            let pool = pool(&format!("read line; {ending}"));
            let error = pool.open(Path::new(EMPTY)).await.unwrap_err();
            assert_eq!(error.kind(), kind);
            assert_eq!(error.is_crash(), kind == ErrorKind::Crashed);
            assert!(error.message().starts_with(message), "{error}");
        }
    }

    #[tokio::test]
    async fn a_page_that_takes_longer_than_is_allowed_is_told_so() {
        let ready = r#"echo '{"answer":"ready","version":"1"}'; read line; exec sleep 600"#;
        let args = ["-c".into(), ready.into()];
        let config = ProcessPoolConfig::new("/bin/sh".into(), args.into(), 1);
        let pool = ProcessPool::new(config.with_page_timeout(Duration::from_millis(50)));
        let error = pool.open(Path::new(EMPTY)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfTime);
        assert_eq!(error.message(), "the document needs more time than is allowed");
    }

    #[tokio::test]
    async fn the_process_gets_the_bytes_of_the_document() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("document");
        std::fs::write(&file, "first\nsecond\n").unwrap();
        let told = folder.path().join("told");
        let pool = pool(&format!(
            "read line; read first; read second; echo \"$line $first $second\" > '{}'; \
             echo '{{\"answer\":\"opened\",\"pages\":2}}'; read line",
            told.display()
        ));
        assert_eq!(pool.open(&file).await.unwrap(), 2);
        let told = std::fs::read_to_string(told).unwrap();
        assert_eq!(told.trim_end(), r#"{"ask":"open","bytes":13} first second"#);
    }

    #[tokio::test]
    async fn a_file_that_is_gone_is_not_the_documents_fault() {
        let error = pool("read line")
            .open(Path::new("/nonexistent"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }

    #[tokio::test]
    async fn a_warm_process_that_ended_is_not_asked() {
        let pool = pool(&format!("{OPENS}; kill -KILL $$"));
        pool.open(Path::new(EMPTY)).await.unwrap();
        let idle = || pool.inner.idle.lock().unwrap();
        while !idle().iter_mut().all(PageProcess::has_ended) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        pool.open(Path::new(EMPTY)).await.unwrap();
        assert_eq!(idle().len(), 1);
    }

    #[tokio::test]
    async fn page_processes_have_the_environment_that_they_are_given() {
        let ready =
            r#"echo "{\"answer\":\"ready\",\"version\":\"$OCR_TEST_SAID${HOME:-no home}\"}"; read line"#;
        let config = ProcessPoolConfig::new("/bin/sh".into(), vec!["-c".into(), ready.into()], 1);
        let environment = vec![("OCR_TEST_SAID".into(), "said, ".into())];
        let pool = ProcessPool::new(config.with_environment(Some(environment)));
        assert_eq!(pool.capabilities().await.unwrap().version, "said, no home");
    }

    #[tokio::test]
    async fn whatever_is_asked_of_a_page_that_kills_names_it() {
        let pool = pool(&format!("{OPENS}; read line"));
        let path = Path::new(EMPTY);
        let limits = RenderLimits {
            max_side: 1,
            max_bytes: 1,
        };
        let errors = [
            pool.page(path, 2, &RecognizeOptions::default(), &KnownPages::default())
                .await
                .unwrap_err(),
            pool.picture(path, 2, 1, QuarterTurn::None).await.unwrap_err(),
            pool.facts(path, 2).await.unwrap_err(),
            pool.render(path, 2, limits).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Crashed);
            assert!(error.message().starts_with("page 2 stopped"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_defect_that_a_living_process_tells_is_not_the_pages_fault() {
        let failed = r#"read line; echo '{"answer":"failed","kind":"internal","message":"odd model"}'"#;
        let pool = pool(&format!("{OPENS}; {failed}; read line"));
        let read = pool
            .page(
                Path::new(EMPTY),
                1,
                &RecognizeOptions::default(),
                &KnownPages::default(),
            )
            .await;
        let error = read.unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::Internal, "odd model")
        );
    }

    #[tokio::test]
    async fn a_process_that_does_not_start_is_not_the_documents_fault() {
        let args = ["-c".into(), "exit 1".into()];
        let pool = ProcessPool::new(ProcessPoolConfig::new("/bin/sh".into(), args.into(), 1));
        let error = pool.open(Path::new(EMPTY)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_kept() {
        let pool = pool("read line; tr '\\0' a < /dev/zero");
        let error = pool.open(Path::new(EMPTY)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Crashed);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_a_page_process_started_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let note = folder.path().join("started");
        let pool = pool(&format!(
            "read line; sleep 600 > /dev/null & echo $! > '{}'",
            note.display()
        ));
        pool.open(Path::new(EMPTY)).await.unwrap_err();
        let started = std::fs::read_to_string(&note).unwrap();
        let stat = PathBuf::from(format!("/proc/{}/stat", started.trim()));
        // What has ended may wait for somebody to collect it.
        let runs = || std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
        while runs() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
