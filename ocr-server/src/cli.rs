//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use ocr_formats::Formats;

use crate::config::Roles;

/// Reads documents: upload a PDF or picture, get its text, word boxes and confidence.
#[derive(Debug, Parser)]
#[command(name = "ocr-server", version, about)]
pub struct Cli {
    /// What to do; `serve` when absent.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API and work on documents (the default).
    Serve(ServeArgs),
    /// Read local files, without a server.
    Scan(ScanArgs),
    /// Fetch, list and verify the model weights of the local engine.
    Models {
        /// What to do with them.
        #[command(subcommand)]
        action: ModelsAction,
    },
    /// Bring the database schema up to date.
    Migrate,
    /// Search in everything that was read.
    Search(SearchArgs),
    /// Write what a user corrected as pictures of lines with their text, to train engines with.
    TrainingPairs(TrainingPairsArgs),
    /// Look after the search index.
    Index {
        /// What to do with it.
        #[command(subcommand)]
        action: IndexAction,
    },
    /// Manage where documents are kept.
    Storage {
        /// What to do with it.
        #[command(subcommand)]
        action: StorageAction,
    },
    /// Look at the configuration.
    Config {
        /// What to do with it.
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Check every part of the configuration and say what is missing.
    Doctor,
    /// Ask the health server of this machine whether it is ready.
    Probe,
    /// Print the OpenAPI description of the HTTP API.
    Openapi,
    /// Read pages for another process of this program.
    #[command(hide = true)]
    PageProcess {
        /// Engine to load; without one, pages are only drawn.
        #[arg(long)]
        engine: Option<String>,
    },
}

/// Arguments of `serve`.
#[derive(Debug, Default, Args)]
pub struct ServeArgs {
    /// What this process does: api, worker, listener, indexer, health and web, or some of them, between commas.
    #[arg(long)]
    pub role: Option<Roles>,
}

/// Arguments of `search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words, "phrases", -unwanted, OR, beginnings*, near, and filters such as name: and date:. What begins with - stands behind
    /// `--`.
    #[arg(required = true)]
    pub query: Vec<String>,
    /// Only documents of this user, a UUID; of all when absent.
    #[arg(long)]
    pub user: Option<String>,
    /// Maximum number of pages, 1 to 100.
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
}

/// Arguments of `training-pairs`.
#[derive(Debug, Args)]
pub struct TrainingPairsArgs {
    /// The user whose corrections are written, a UUID.
    #[arg(long)]
    pub user: String,
    /// The archive to write (tar); one that is there is replaced.
    #[arg(short, long)]
    pub out: PathBuf,
}

/// What to do with the search index.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum IndexAction {
    /// Build it anew from what is stored.
    Rebuild,
    /// Compare it with what is stored; fails when they differ.
    Verify,
}

/// What to do with the storage of documents.
#[derive(Debug, Clone, Subcommand)]
pub enum StorageAction {
    /// Create the bucket and make its settings what the platform expects; says what it changed.
    Setup {
        /// Origins of pages that upload straight into the bucket, as `https://ocr.example.com`.
        #[arg(long)]
        origin: Vec<String>,
    },
}

/// What to do with the configuration.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigAction {
    /// Print every setting, its value and where that comes from; secrets are not shown.
    Show,
    /// Print the reference of all settings as Markdown.
    Reference,
}

/// Arguments of `scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// PDF, PNG, JPEG, TIFF, WEBP, BMP, GIF or JPEG 2000 files.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Formats of the output, separated by commas: pdf (searchable), text, markdown, json and others; an unknown one
    /// is refused with the list of all. With `-o` and no format, NAME.txt and NAME.json are written.
    #[arg(long, value_delimiter = ',', value_parser = format_name)]
    pub format: Vec<String>,
    /// Engine to use; the best one that is installed when absent.
    #[arg(long)]
    pub engine: Option<String>,
    /// Pages to read, such as 1-3,7.
    #[arg(long)]
    pub pages: Option<String>,
    /// Expected languages as BCP 47 tags, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub lang: Vec<String>,
    /// Write files into this directory instead of standard output.
    #[arg(short, long)]
    pub output: Option<PathBuf>,
}

/// The name of a format that there is.
fn format_name(name: &str) -> Result<String, String> {
    let known = Formats::standard();
    known.get(name).map_err(|error| error.message().to_owned())?;
    Ok(name.to_owned())
}

/// What to do with models.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ModelsAction {
    /// Fetch what is missing.
    Pull,
    /// Say which models there are and whether they are installed.
    List,
    /// Check the installed files against their checksums.
    Verify,
}
