//! Pages of documents for engines elsewhere, decoded where hostile bytes may be.

use std::sync::Arc;

use ocr_core::{Error, ErrorKind, Result, engine::DocumentSource};
use ocr_documents::{Document, Limits, PageFacts};

use super::{
    ProcessPool,
    engine::blocking,
    scan::{self, Scan, ScanLimits},
    source::DocumentFile,
};

/// Opens documents whose pages an engine elsewhere is to read. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PageSource(Place);

#[derive(Debug, Clone)]
enum Place {
    Processes(ProcessPool),
    InProcess(Limits),
}

impl PageSource {
    /// Decodes in the processes of `pool`, which need no recogniser: for documents of strangers.
    pub fn in_processes(pool: ProcessPool) -> Self {
        Self(Place::Processes(pool))
    }

    /// Decodes in threads of this process: for documents you trust.
    pub fn in_process(limits: Limits) -> Self {
        Self(Place::InProcess(limits))
    }

    /// Pages it makes sense to ask for at once.
    pub fn parallel(&self) -> usize {
        match &self.0 {
            Place::Processes(pool) => pool.size(),
            Place::InProcess(_) => 2,
        }
    }

    /// Fetches a document, verifies its checksum and counts its pages.
    ///
    /// # Errors
    /// `InvalidInput` for a document that cannot be read, `Corrupt` for one that is not what was stored.
    pub async fn open(&self, document: &DocumentSource) -> Result<OpenPages> {
        let file = DocumentFile::fetch(document).await?;
        let opened = self.open_file(&file).await.map_err(|error| match error.kind() {
            // It was taken for a document we read; that it is none is a fault of its bytes.
            ErrorKind::Unsupported => Error::new(ErrorKind::InvalidInput, error.message()).with_source(error),
            _ => error,
        })?;
        Ok(OpenPages { file, opened })
    }

    async fn open_file(&self, file: &DocumentFile) -> Result<Opened> {
        Ok(match &self.0 {
            Place::Processes(pool) => Opened::Elsewhere {
                count: pool.open(file.path()).await?,
                pool: pool.clone(),
            },
            Place::InProcess(limits) => {
                let (path, limits) = (file.path().to_owned(), *limits);
                let document = blocking(move || Ok(Document::open_path(path, limits)?)).await?;
                Opened::Here(Arc::new(document))
            }
        })
    }
}

/// A document whose pages can be looked at, in any order and several at once.
#[derive(Debug)]
pub struct OpenPages {
    file: DocumentFile,
    opened: Opened,
}

#[derive(Debug)]
enum Opened {
    Elsewhere { pool: ProcessPool, count: u32 },
    Here(Arc<Document>),
}

impl OpenPages {
    /// Number of pages, at least 1.
    pub fn count(&self) -> u32 {
        match &self.opened {
            Opened::Elsewhere { count, .. } => *count,
            Opened::Here(document) => document.page_count(),
        }
    }

    /// Size and text layer of page `number` (one-based).
    ///
    /// # Errors
    /// `InvalidInput` for a page that cannot be read.
    pub async fn facts(&self, number: u32) -> Result<PageFacts> {
        match &self.opened {
            Opened::Elsewhere { pool, .. } => pool.facts(self.file.path(), number).await,
            Opened::Here(document) => {
                let document = Arc::clone(document);
                blocking(move || scan::facts(&document, number)).await
            }
        }
    }

    /// A picture of page `number` (one-based) within `limits`.
    ///
    /// # Errors
    /// `InvalidInput` for a page that cannot be drawn.
    pub async fn scan(&self, number: u32, limits: ScanLimits) -> Result<Scan> {
        match &self.opened {
            Opened::Elsewhere { pool, .. } => pool.scan(self.file.path(), number, limits).await,
            Opened::Here(document) => {
                let document = Arc::clone(document);
                blocking(move || scan::scan(&document, number, limits)).await
            }
        }
    }
}
