//! What the platform and a page process say to each other: one JSON value a line, over the child's
//! standard input and output.

use ocr_core::{
    Error, ErrorKind,
    model::{Feature, PageText, QuarterTurn, TextLayerMode},
    page::RecognizerCapabilities,
};
use serde::{Deserialize, Serialize};

use crate::page::RenderLimits;

/// From the platform to the page process.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(super) enum Request {
    /// Opens a document in place of the one that was open.
    Open {
        /// Its size; so many bytes follow the line.
        bytes: u64,
    },
    /// Reads a page of the open document.
    Page {
        /// One-based.
        number: u32,
        /// BCP 47 tags of the expected languages.
        languages: Vec<String>,
        /// What is to be found beyond the text.
        features: Vec<Feature>,
        /// What becomes of text that the page has already.
        #[serde(default)]
        text_layer: TextLayerMode,
        /// Threads to use, at least 1.
        threads: usize,
    },
    /// Decodes a page of the open document and says which picture it is. What was decoded is kept for the next request,
    /// which may be to read that page.
    Look {
        /// One-based.
        number: u32,
        /// What is to be found beyond the text.
        features: Vec<Feature>,
        /// What becomes of text that the page has already.
        #[serde(default)]
        text_layer: TextLayerMode,
    },
    /// Forgets a page that was looked at.
    Forget,
    /// Draws a page of the open document for people to look at.
    Picture {
        /// One-based.
        number: u32,
        /// Maximum number of pixels across, once the page is turned.
        width: u32,
        /// How to turn it.
        turn: QuarterTurn,
    },
    /// Says what is known of a page of the open document without recognising it.
    Facts {
        /// One-based.
        number: u32,
    },
    /// Draws a page of the open document for an engine elsewhere.
    Render {
        /// One-based.
        number: u32,
        /// What the engine takes.
        limits: RenderLimits,
    },
}

impl Request {
    /// What it is about, for sentences.
    pub(super) fn subject(&self) -> String {
        match self {
            Self::Open { .. } | Self::Forget => "the document".into(),
            Self::Page { number, .. }
            | Self::Look { number, .. }
            | Self::Picture { number, .. }
            | Self::Facts { number }
            | Self::Render { number, .. } => format!("page {number}"),
        }
    }

    /// The same with the least memory.
    pub(super) fn with_one_thread(mut self) -> Self {
        if let Self::Page { threads, .. } = &mut self {
            *threads = 1;
        }
        self
    }
}

/// From the page process to the platform. Each request has one answer; `Ready` comes unasked, once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub(super) enum Response {
    /// The engine is loaded.
    Ready {
        /// What the engine can do.
        #[serde(flatten)]
        capabilities: RecognizerCapabilities,
    },
    /// The document is open.
    Opened {
        /// How many pages it has.
        pages: u32,
    },
    /// A page was read.
    Page {
        /// What it says.
        page: Box<PageText>,
    },
    /// A page was looked at.
    Looked {
        /// What tells its picture from others, in hex digits; absent where its text depends on more.
        picture: Option<String>,
        /// How long it took, in milliseconds.
        elapsed_ms: u64,
    },
    /// What was looked at is forgotten.
    Forgotten,
    /// A page was drawn.
    Picture {
        /// A JPEG file as base64.
        jpeg: String,
    },
    /// What is known of a page.
    Facts {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Dots per inch, when known.
        dpi: Option<f32>,
        /// The text layer, where it is exact and complete.
        text: Option<Box<PageText>>,
    },
    /// A page was drawn for an engine elsewhere.
    Rendered {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Dots per inch, when known.
        dpi: Option<f32>,
        /// Whether it has fewer pixels than the page.
        reduced: bool,
        /// A JPEG file as base64.
        jpeg: String,
    },
    /// What was asked failed; the child lives on.
    Failed {
        /// What went wrong.
        kind: ErrorKind,
        /// A sentence for the owner of the document.
        message: String,
    },
}

impl Response {
    pub(super) fn failed(error: &Error) -> Self {
        Self::Failed {
            kind: error.kind(),
            message: error.message().into(),
        }
    }
}
