//! What a page process may reach beside its pipes.

use std::path::PathBuf;

use derive_setters::Setters;

/// Whether a page process gives up what it does not need.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Confine {
    /// As far as this system can do it.
    #[default]
    WherePossible,
    /// Completely; where that cannot be done, no page process starts.
    Required,
    /// Not at all: memory and time are limited, files and network are those of the user.
    Off,
}

/// What a page process may reach beside its pipes. The document comes through a pipe, so that without more it reaches
/// the libraries of the system and nothing else.
#[derive(Debug, Clone, Default, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct PageProcessAccess {
    /// Files, and directories with all that is in them, that it may read: model weights. What does not exist is left
    /// out.
    pub read: Vec<PathBuf>,
    /// Programs that it may run, and files and directories that these need, which may be read and run too. Empty means
    /// that it runs no program at all.
    pub run: Vec<PathBuf>,
    /// Whether the rest is given up.
    pub confine: Confine,
}

impl PageProcessAccess {
    /// Nothing but the libraries of the system; the rest is given up where that is possible.
    pub fn none() -> Self {
        Self::default()
    }
}
