//! How page processes are run.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use derive_setters::Setters;

/// How page processes are run.
#[derive(Debug, Clone, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct ProcessPoolConfig {
    /// The program, usually this one.
    #[setters(into)]
    pub program: PathBuf,
    /// Arguments that make it a page process.
    pub args: Vec<OsString>,
    /// The whole environment of page processes, so that no secret is in their memory; that of this process where `None`.
    pub environment: Option<Vec<(OsString, OsString)>>,
    /// Pages read at once, each in its own process; 0 counts as 1.
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
            environment: None,
            size,
            start_timeout: MINUTE,
            page_timeout: MINUTE,
            idle_timeout: MINUTE,
            pages_per_process: 1000,
        }
    }
}
