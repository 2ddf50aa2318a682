//! Documents opened where untrusted bytes may be decoded: in child processes, or here for documents you trust.

mod file;

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use ocr_core::{
    Error, ErrorKind, Result,
    engine::DocumentSource,
    model::{PageText, QuarterTurn},
    page::{PageRecognizer, RecognizeOptions, RecognizerCapabilities},
};
use ocr_documents::{Document, Limits, PageFacts};
use tokio::sync::Semaphore;

use self::file::DocumentFile;
use crate::{
    known::KnownPages,
    page::{self, LookedAt, RenderLimits, RenderedPage},
    sandbox::ProcessPool,
};

/// Pages read at once in this process, unless it is said otherwise.
const PARALLEL: usize = 2;
/// How long what is open here is kept by those who keep it.
const KEPT: Duration = Duration::from_mins(1);

/// Opens documents, here or in child processes. Cheap to clone.
///
/// ```no_run
/// use ocr_documents::Limits;
/// use ocr_vision::document::DocumentOpener;
///
/// # async fn example() -> ocr_core::Result<()> {
/// let opener = DocumentOpener::in_process(Limits::default());
/// let document = opener.open_file("contract.pdf".as_ref()).await?;
/// let facts = document.facts(1).await?;
/// println!("page 1 of {}: {} x {}", document.page_count(), facts.width, facts.height);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DocumentOpener(Decoder);

/// Who decodes.
#[derive(Debug, Clone)]
enum Decoder {
    Processes(ProcessPool),
    Here(Here),
}

/// Threads of this process.
#[derive(Debug, Clone)]
struct Here {
    limits: Limits,
    recognizer: Option<Arc<dyn PageRecognizer>>,
    parallel: usize,
    permits: Arc<Semaphore>,
}

impl DocumentOpener {
    /// Decodes, and recognises if they have an engine, in the processes of `pool`: for documents of strangers.
    pub fn in_processes(pool: ProcessPool) -> Self {
        Self(Decoder::Processes(pool))
    }

    /// Decodes in threads of this process: for documents you trust. A decoder that runs away or asks for too
    /// much memory takes the process with it.
    pub fn in_process(limits: Limits) -> Self {
        Self(Decoder::Here(Here {
            limits,
            recognizer: None,
            parallel: PARALLEL,
            permits: Arc::new(Semaphore::new(PARALLEL)),
        }))
    }

    /// The same with pages read by `recognizer`, `parallel` at once, where this process decodes; child processes
    /// have an engine of their own.
    pub fn with_recognizer(mut self, recognizer: Arc<dyn PageRecognizer>, parallel: usize) -> Self {
        if let Decoder::Here(here) = &mut self.0 {
            here.parallel = parallel.max(1);
            here.permits = Arc::new(Semaphore::new(here.parallel));
            here.recognizer = Some(recognizer);
        }
        self
    }

    /// Pages it makes sense to ask for at once.
    pub fn parallel(&self) -> usize {
        match &self.0 {
            Decoder::Processes(pool) => pool.size(),
            Decoder::Here(here) => here.parallel,
        }
    }

    /// Whether a page that is being read can be given up.
    pub(crate) fn is_killable(&self) -> bool {
        matches!(self.0, Decoder::Processes(_))
    }

    /// How long a document that nobody looks at is worth keeping.
    pub(crate) fn kept_for(&self) -> Duration {
        match &self.0 {
            Decoder::Processes(pool) => pool.idle_timeout(),
            Decoder::Here(_) => KEPT,
        }
    }

    /// What the engine that reads the pages can do. Child processes are asked: one is started if none is warm.
    ///
    /// # Errors
    /// When no process can be started, or there is no engine.
    pub async fn capabilities(&self) -> Result<RecognizerCapabilities> {
        match &self.0 {
            Decoder::Processes(pool) => pool.capabilities().await,
            Decoder::Here(here) => Ok(here.recognizer()?.capabilities()),
        }
    }

    /// Fetches a document, verifies its checksum and counts its pages.
    ///
    /// # Errors
    /// `InvalidInput` or `Unsupported` for a document that cannot be read, `Corrupt` for one that is not what was
    /// stored.
    pub async fn open(&self, document: &DocumentSource) -> Result<OpenDocument> {
        self.opened(DocumentFile::fetch(document).await?).await
    }

    /// Opens a file of this machine.
    ///
    /// # Errors
    /// As [`DocumentOpener::open`].
    pub async fn open_file(&self, path: &Path) -> Result<OpenDocument> {
        self.opened(DocumentFile::in_place(path)).await
    }

    async fn opened(&self, file: DocumentFile) -> Result<OpenDocument> {
        let content = match &self.0 {
            Decoder::Processes(pool) => Content::Elsewhere {
                pages: pool.open(file.path()).await?,
                pool: pool.clone(),
            },
            Decoder::Here(here) => {
                let (path, limits) = (file.path().to_owned(), here.limits);
                let document = blocking(move || Ok(Document::open_path(path, limits)?)).await?;
                Content::Here {
                    document: Arc::new(document),
                    here: here.clone(),
                }
            }
        };
        Ok(OpenDocument { file, content })
    }
}

impl Here {
    fn recognizer(&self) -> Result<&Arc<dyn PageRecognizer>> {
        self.recognizer
            .as_ref()
            .ok_or_else(|| Error::new(ErrorKind::Internal, "there is no engine to read pages with"))
    }
}

/// A document whose pages can be read and looked at, in any order and several at once.
#[derive(Debug)]
pub struct OpenDocument {
    file: DocumentFile,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// In whatever process reads its pages.
    Elsewhere { pool: ProcessPool, pages: u32 },
    /// Here.
    Here { document: Arc<Document>, here: Here },
}

impl OpenDocument {
    /// Number of pages, at least 1.
    pub fn page_count(&self) -> u32 {
        match &self.content {
            Content::Elsewhere { pages, .. } => *pages,
            Content::Here { document, .. } => document.page_count(),
        }
    }

    /// Reads page `number` (one-based): its text layer where that is exact and nothing beyond the text is wanted,
    /// its pixels otherwise. Child processes choose the number of threads themselves.
    ///
    /// # Errors
    /// `InvalidInput` for a page that cannot be read, `Unsupported` for a feature the engine does not find.
    pub async fn read(&self, number: u32, options: &RecognizeOptions) -> Result<PageText> {
        self.read_unless_known(number, options, &KnownPages::default())
            .await
    }

    /// The same, taking over a page that is known.
    pub(crate) async fn read_unless_known(
        &self,
        number: u32,
        options: &RecognizeOptions,
        known: &KnownPages,
    ) -> Result<PageText> {
        match &self.content {
            Content::Elsewhere { pool, .. } => pool.page(self.file.path(), number, options, known).await,
            Content::Here { document, here } => {
                let recognizer = Arc::clone(here.recognizer()?);
                let _permit = here.permits.acquire().await.map_err(|error| {
                    Error::new(ErrorKind::Unavailable, "the engine is shutting down").with_source(error)
                })?;
                let (document, options) = (Arc::clone(document), options.clone());
                if !known.are_wanted() {
                    return blocking(move || page::read(&*recognizer, &document, number, &options)).await;
                }
                read_here(recognizer, document, number, options, known).await
            }
        }
    }

    /// Size and text layer of page `number` (one-based).
    ///
    /// # Errors
    /// `InvalidInput` for a page that cannot be read.
    pub async fn facts(&self, number: u32) -> Result<PageFacts> {
        match &self.content {
            Content::Elsewhere { pool, .. } => pool.facts(self.file.path(), number).await,
            Content::Here { document, .. } => {
                let document = Arc::clone(document);
                blocking(move || page::facts(&document, number)).await
            }
        }
    }

    /// A picture of page `number` (one-based) within `limits`, for an engine elsewhere.
    ///
    /// # Errors
    /// `InvalidInput` for a page that cannot be drawn.
    pub async fn render(&self, number: u32, limits: RenderLimits) -> Result<RenderedPage> {
        match &self.content {
            Content::Elsewhere { pool, .. } => pool.render(self.file.path(), number, limits).await,
            Content::Here { document, .. } => {
                let document = Arc::clone(document);
                blocking(move || page::render(&document, number, limits)).await
            }
        }
    }

    /// Page `number` (one-based) for people: turned, a JPEG of at most `width` pixels across. Never enlarged.
    ///
    /// # Errors
    /// `NotFound` for a page the document does not have, `InvalidInput` for one that cannot be drawn.
    pub async fn picture(&self, number: u32, width: u32, turn: QuarterTurn) -> Result<Bytes> {
        match &self.content {
            Content::Elsewhere { pool, .. } => pool.picture(self.file.path(), number, width, turn).await,
            Content::Here { document, .. } => {
                let document = Arc::clone(document);
                blocking(move || page::picture(&document, number, width, turn).map(Bytes::from)).await
            }
        }
    }
}

/// Reads a page in this process, unless it is known.
async fn read_here(
    recognizer: Arc<dyn PageRecognizer>,
    document: Arc<Document>,
    number: u32,
    options: RecognizeOptions,
    known: &KnownPages,
) -> Result<PageText> {
    let (looked_at, wanted) = (Arc::clone(&document), options.clone());
    let (page, picture) = blocking(move || {
        let mut page = LookedAt::look(&looked_at, number, &wanted)?;
        let picture = page.picture();
        Ok((page, picture))
    })
    .await?;
    let digest = picture.and_then(|picture| known.digest(&options, &picture));
    if let Some(digest) = &digest
        && let Some(page) = known.find(digest, number, page.elapsed()).await
    {
        return Ok(page);
    }
    let page = blocking(move || page.read(&*recognizer, &document, &options)).await?;
    Ok(known.remember(page, digest))
}

/// Runs CPU-bound work on a blocking thread.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Error::new(ErrorKind::Internal, "the page reader stopped").with_source(error))
    })
}
