//! What a task comes to: its result in numbers, or why it failed.

use serde::{Deserialize, Serialize};

use crate::{builder::builder, id::TaskId};

/// What recognition found, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResultSummary {
    /// Key of the result document: `results/<user_id>/<file_id>_result.json`, with the number of the attempt
    /// before `.json` when it was not the first.
    pub key: String,
    /// Mean word confidence in 0..=1; `None` without words.
    pub confidence: Option<f32>,
    /// Pages read.
    pub page_count: u32,
    /// Words found.
    pub word_count: u64,
    /// Time spent reading it, in milliseconds: from the beginning of its first page on, so that waiting for a page
    /// process does not count.
    pub processing_time_ms: u64,
    /// Engine that read it.
    pub engine: String,
    /// Pages that engines billed.
    #[serde(default)]
    pub billed_pages: u32,
    /// What engines charged, in millionths of a US dollar.
    #[serde(default)]
    pub cost_micros: u64,
    /// The task of the same owner and the same bytes whose result was taken over in place of reading; `None` where
    /// an engine read. That task may be gone by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<TaskId>,
}

impl ResultSummary {
    /// The result under `key`, read by `engine`: no page and no word so far.
    pub fn new(key: impl Into<String>, engine: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            confidence: None,
            page_count: 0,
            word_count: 0,
            processing_time_ms: 0,
            engine: engine.into(),
            billed_pages: 0,
            cost_micros: 0,
            same_as: None,
        }
    }
}

builder!(ResultSummary {
    with_confidence(confidence: impl Into<Option<f32>>) "The same with this mean confidence, in 0..=1."
    with_page_count(page_count: u32) "The same of this many pages."
    with_word_count(word_count: u64) "The same of this many words."
    with_processing_time_ms(processing_time_ms: u64) "The same, made in this many milliseconds."
    with_billed_pages(billed_pages: u32) "The same, billed for this many pages."
    with_cost_micros(cost_micros: u64) "The same for this price, in millionths of a US dollar."
    with_same_as(same_as: impl Into<Option<TaskId>>) "The same, taken over from this task."
});

/// Why an attempt failed, for the owner of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskFailure {
    /// Stable snake_case code.
    pub code: String,
    /// One sentence that says what is wrong and what to do.
    pub message: String,
}

impl TaskFailure {
    /// A failure with this stable code and this sentence.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }

    /// The worker stopped while it read; another one goes on.
    pub(crate) fn worker_lost() -> Self {
        Self::new("worker_lost", "the worker stopped while reading this document")
    }

    /// The document killed whoever read it, as often as is allowed.
    pub(crate) fn poison(crashes: u32) -> Self {
        let message = format!(
            "reading this document stopped the process that read it {crashes} times; it is set aside so that it \
             harms no other: tell the operator, who can have it tried again"
        );
        Self::new(POISON, message)
    }

    /// The time that the task may take was over before it had ended.
    pub(crate) fn deadline_passed() -> Self {
        let message = "the document was not read before its deadline; send it again with a later one, or have it tried again";
        Self::new(DEADLINE_PASSED, message)
    }

    /// Whether the document itself is to blame, so that another attempt at the same bytes comes to the same.
    pub fn is_documents_own(&self) -> bool {
        DOCUMENT_FAULTS.contains(&self.code.as_str())
    }
}

/// Code of a document that killed whoever read it.
pub(crate) const POISON: &str = "poison";
/// Code of a task that took too long.
pub(crate) const DEADLINE_PASSED: &str = "deadline_passed";

/// Codes of failures for which the document itself is to blame.
pub const DOCUMENT_FAULTS: &[&str] = &[
    "invalid_input",
    "password_required",
    "unsupported",
    "unsupported_media_type",
    "too_large",
    "too_many_pages",
    "too_many_pixels",
    "out_of_memory",
    "out_of_time",
];
