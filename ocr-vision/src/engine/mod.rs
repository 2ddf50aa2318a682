//! The engine port over a page recogniser.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    engine::{Cancellation, EngineCapabilities, OcrContext, OcrEngine, OcrRequest, PageStream},
    model::{EngineInfo, MediaType, PageText},
    page::{PageRecognizer, RecognizeOptions},
};
use ocr_documents::{Document, Limits};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{
    ProcessPool,
    driver::{self, ReadOptions},
    page_process::read_page,
    source::DocumentFile,
};

/// Where pages are decoded and recognised.
#[derive(Debug, Clone)]
pub enum Execution {
    /// In child processes that can be killed: for documents of strangers.
    Processes(ProcessPool),
    /// In threads of this process: for documents you trust. A decoder that runs away or asks for
    /// too much memory takes the process with it.
    InProcess {
        /// Reads the pages.
        recognizer: Arc<dyn PageRecognizer>,
        /// Pages read at once.
        parallel: usize,
        /// Limits of the document reader.
        limits: Limits,
    },
}

/// An engine that reads pages on this machine.
#[derive(Debug, Clone)]
pub struct LocalEngine {
    name: &'static str,
    version: String,
    languages: Vec<String>,
    reader: Reader,
}

impl LocalEngine {
    /// The engine `name`, in version `version`, which reads `languages` (BCP 47; empty means any).
    pub fn new(
        name: &'static str,
        version: impl Into<String>,
        languages: Vec<String>,
        execution: Execution,
    ) -> Self {
        let reader = match execution {
            Execution::Processes(pool) => Reader::Processes(pool),
            Execution::InProcess {
                recognizer,
                parallel,
                limits,
            } => {
                let parallel = parallel.max(1);
                Reader::InProcess {
                    recognizer,
                    parallel,
                    limits,
                    slots: Arc::new(Semaphore::new(parallel)),
                }
            }
        };
        Self {
            name,
            version: version.into(),
            languages,
            reader,
        }
    }

    /// Reads a file of this machine, without any store.
    pub async fn read_file(
        &self,
        path: &Path,
        options: ReadOptions,
        cancel: CancellationToken,
    ) -> Result<PageStream> {
        let file = DocumentFile::InPlace(path.to_owned());
        driver::read(self.reader.clone(), self.info(), file, options, cancel).await
    }

    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: self.name.into(),
            version: self.version.clone(),
        }
    }
}

#[async_trait]
impl OcrEngine for LocalEngine {
    fn name(&self) -> &'static str {
        self.name
    }

    fn capabilities(&self) -> EngineCapabilities {
        EngineCapabilities {
            media_types: MediaType::ALL.to_vec(),
            languages: self.languages.clone(),
            features: Vec::new(),
            cancellation: match self.reader {
                Reader::Processes(_) => Cancellation::Immediate,
                Reader::InProcess { .. } => Cancellation::BetweenPages,
            },
            version: self.version.clone(),
        }
    }

    async fn check(&self) -> Result<()> {
        match &self.reader {
            Reader::Processes(pool) => pool.version().await.map(drop),
            Reader::InProcess { .. } => Ok(()),
        }
    }

    async fn recognize(&self, request: OcrRequest, context: OcrContext) -> Result<PageStream> {
        request.check(self.name, &self.capabilities())?;
        let file = DocumentFile::fetch(&request.document).await?;
        let options = ReadOptions {
            languages: request.languages,
            pages: request.pages,
            skip: request.skip,
        };
        driver::read(self.reader.clone(), self.info(), file, options, context.cancel).await
    }
}

/// Reads pages, here or in child processes.
#[derive(Debug, Clone)]
pub(super) enum Reader {
    Processes(ProcessPool),
    InProcess {
        recognizer: Arc<dyn PageRecognizer>,
        parallel: usize,
        limits: Limits,
        slots: Arc<Semaphore>,
    },
}

/// A document that is open for reading.
pub(super) enum OpenDocument {
    /// In whatever process reads its pages.
    Elsewhere { pages: u32 },
    /// Here.
    Here(Arc<Document>),
}

impl OpenDocument {
    pub(super) fn page_count(&self) -> u32 {
        match self {
            Self::Elsewhere { pages } => *pages,
            Self::Here(document) => document.page_count(),
        }
    }
}

impl Reader {
    /// Pages read at once.
    pub(super) fn parallel(&self) -> usize {
        match self {
            Self::Processes(pool) => pool.size(),
            Self::InProcess { parallel, .. } => *parallel,
        }
    }

    pub(super) async fn open(&self, file: &DocumentFile) -> Result<OpenDocument> {
        match self {
            Self::Processes(pool) => Ok(OpenDocument::Elsewhere {
                pages: pool.open(file.path()).await?,
            }),
            Self::InProcess { limits, .. } => {
                let (path, limits) = (file.path().to_owned(), *limits);
                let document = blocking(move || Ok(Document::open_path(path, limits)?)).await?;
                Ok(OpenDocument::Here(Arc::new(document)))
            }
        }
    }

    pub(super) async fn page(
        &self,
        document: &OpenDocument,
        file: &DocumentFile,
        number: u32,
        options: &ReadOptions,
    ) -> Result<PageText> {
        match (self, document) {
            (
                Self::InProcess {
                    recognizer, slots, ..
                },
                OpenDocument::Here(document),
            ) => {
                let _slot = slots.acquire().await.map_err(|error| {
                    Error::new(ErrorKind::Unavailable, "the engine is shutting down").with_source(error)
                })?;
                let (recognizer, document) = (Arc::clone(recognizer), Arc::clone(document));
                let options = RecognizeOptions {
                    languages: options.languages.clone(),
                    ..RecognizeOptions::default()
                };
                blocking(move || read_page(&*recognizer, &document, number, &options)).await
            }
            (Self::Processes(pool), _) => pool.page(file.path(), number, options).await,
            (Self::InProcess { .. }, OpenDocument::Elsewhere { .. }) => Err(Error::new(
                ErrorKind::Internal,
                "the document is open in another process",
            )),
        }
    }
}

/// Runs work that keeps a processor busy where it may.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Error::new(ErrorKind::Internal, "the page reader stopped").with_source(error))
    })
}
