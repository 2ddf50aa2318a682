//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use ocr_core::model::TextLayerMode;
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
    /// Read what lands in a folder, and write the results into another one, until stopped.
    Watch(WatchArgs),
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
    /// Say why a task waits or has failed, and what happens next.
    Explain {
        /// The task, a UUID.
        task: String,
    },
    /// Look after accounts, for OCR_AUTH=local, and after documents that failed.
    Admin {
        /// What to do with them.
        #[command(subcommand)]
        action: AdminAction,
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

/// What to do with accounts, and with documents that failed.
#[derive(Debug, Clone, Subcommand)]
pub enum AdminAction {
    /// Look after documents that failed although they are not to blame; also where nobody has to sign in.
    DeadLetters {
        /// What to do with them.
        #[command(subcommand)]
        action: DeadLetterAction,
    },
    /// Make an account, and print the link with which its owner chooses a password.
    CreateUser {
        /// Name or e-mail address to sign in with.
        name: String,
        /// Let it look after accounts and documents of others.
        #[arg(long)]
        admin: bool,
        /// Read the password from standard input, in place of the link.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the accounts.
    ListUsers,
    /// Refuse an account to sign in and end its sessions.
    DisableUser {
        /// Its name.
        name: String,
        /// Allow it again instead.
        #[arg(long)]
        enable: bool,
    },
    /// Print a link with which the owner of an account chooses another password.
    ResetLink {
        /// Its name.
        name: String,
    },
    /// Remove the second factor of somebody who lost it.
    RemoveSecondFactor {
        /// Name of the account.
        name: String,
    },
    /// Make another key to sign access tokens with. What the present one signed is believed for an hour.
    RotateKeys {
        /// Believe nothing any more that the present one signed, as when somebody else may have it.
        #[arg(long)]
        at_once: bool,
    },
    /// Let the owner of an account sign in with the provider of OCR_AUTH=oidc.
    LinkIdentity {
        /// Its name.
        name: String,
        /// What the provider calls them: the claim sub.
        subject: String,
    },
    /// Print the audit log, newest first: when, who, what, to what, from where.
    Audit {
        /// Maximum number of entries, 1 to 200.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=200))]
        limit: u16,
        /// Something else to do with it.
        #[command(subcommand)]
        action: Option<AuditCommand>,
    },
    /// Write all that belongs to a user to a file: documents with results and corrections, searches, usage, account, and what
    /// the audit log says of them. manifest.json in it has the SHA-256 of each file.
    ExportUser {
        /// Name of the account, or the id of an owner who has none.
        user: String,
        /// The ZIP file that is made; there must be none of this name.
        #[arg(long)]
        out: std::path::PathBuf,
    },
    /// Forget a user: documents, text, searches, account, and in the audit log who they were. It cannot be taken back; called
    /// again after it was interrupted, it goes on.
    EraseUser {
        /// Name of the account, or the id of an owner who has none.
        user: String,
        /// Do it; without, only say what would be done.
        #[arg(long)]
        yes: bool,
    },
    /// Print or change what a user may use. Without a change, print what they used and what is left of each quota.
    Quota {
        /// Name of the account, or the UUID of an owner.
        user: String,
        /// A quota and its limit, such as pages_per_day=500, spend_per_month=12.50 (US dollars) or open_tasks=none; with
        /// nothing behind the sign the default of the server holds.
        set: Vec<String>,
    },
    /// Print what users used today and this month: of those that are named, or of everybody together.
    Usage {
        /// Names of accounts, or UUIDs of owners.
        users: Vec<String>,
    },
    /// Give an account the documents of owners who have none, as from before there were accounts; without owners, list
    /// them.
    Adopt {
        /// Name of the account.
        name: String,
        /// Old owners, UUIDs.
        owners: Vec<String>,
        /// All of them.
        #[arg(long, conflicts_with = "owners")]
        all: bool,
    },
}

/// What to do with the audit log.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditCommand {
    /// Go along the chain and say which entry is the first that is not as it was written; fails when there is one.
    Verify {
        /// A place of the chain that was kept elsewhere, as `SEQ HASH`: fails when it is not in the chain.
        #[arg(long)]
        expect: Option<String>,
    },
    /// Write the whole log to standard output, in the order of its chain.
    Export {
        /// jsonl or csv.
        #[arg(long, default_value = "jsonl")]
        format: String,
    },
}

/// What to do with documents that failed although they are not to blame.
#[derive(Debug, Clone, Subcommand)]
pub enum DeadLetterAction {
    /// List them, newest first: since when, task, owner, cause, code, file, last error.
    List {
        /// Which ones.
        #[command(flatten)]
        filter: DeadLetterFilter,
    },
    /// Show one: its cause, each attempt with its times, worker, engine and error, and what it cost.
    Show {
        /// The task, a UUID.
        task: String,
    },
    /// Let them go on where they failed, with all their attempts again.
    Redrive {
        /// The tasks, UUIDs.
        #[arg(required_unless_present = "all")]
        tasks: Vec<String>,
        /// All of them, within the filter and the limit.
        #[arg(long, conflicts_with = "tasks")]
        all: bool,
        /// Which ones, with --all.
        #[command(flatten)]
        filter: DeadLetterFilter,
        /// Maximum number of them with --all, 1 to 500.
        #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=500))]
        limit: u16,
    },
}

/// Which dead letters.
#[derive(Debug, Clone, Args)]
pub struct DeadLetterFilter {
    /// Only those of this user, a UUID.
    #[arg(long)]
    pub user: Option<String>,
    /// Only those whose last failure has this code, such as poison or timeout.
    #[arg(long)]
    pub code: Option<String>,
    /// Only files whose name has this in it.
    #[arg(long)]
    pub name: Option<String>,
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
    /// List what is stored and belongs to no task, as crashes leave it behind, 10000 at most. A running server removes
    /// it by itself after OCR_ORPHAN_GRACE.
    Orphans {
        /// Only what is so many minutes old. Fewer than an upload may take only while no server runs: the bytes of a document
        /// are stored before its task.
        #[arg(long, default_value_t = 24 * 60)]
        minutes: u32,
        /// Remove it too.
        #[arg(long)]
        remove: bool,
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
    /// What becomes of text that a PDF has already: auto (used where it can be seen and makes sense), force (each page is
    /// read from its picture), skip (pages with text are left alone), redo (an old recognition is replaced, real
    /// text kept).
    #[arg(long, default_value_t, value_name = "MODE")]
    pub text_layer: TextLayerMode,
    /// Write files into this directory instead of standard output.
    #[arg(short, long)]
    pub output: Option<PathBuf>,
}

/// Arguments of `watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// The folder; what lies in folders within it is not read.
    pub folder: PathBuf,
    /// Write results into this folder, which is created where there is none.
    #[arg(short, long)]
    pub out: PathBuf,
    /// Formats of the results, separated by commas: pdf (searchable), text, markdown, json and others; an unknown one
    /// is refused with the list of all.
    #[arg(long, value_delimiter = ',', value_parser = format_name, default_value = "text")]
    pub format: Vec<String>,
    /// What becomes of a file that was read. One that could not be read stays where it is.
    #[arg(long, value_enum, default_value_t)]
    pub after: Afterwards,
    /// The user to whom the documents belong, a UUID; the page of a server shows those of its user.
    #[arg(long, default_value = DEMO_USER)]
    pub user: String,
    /// Seconds for which a file must not change before it is read, 1 to 3600.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub settle: u64,
}

/// The user of a page whose settings name no other.
const DEMO_USER: &str = "11111111-1111-1111-1111-111111111111";

/// What becomes of a file that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Afterwards {
    /// It stays.
    #[default]
    Keep,
    /// It is moved into the folder `done` beside it.
    Move,
    /// It is removed.
    Delete,
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
