//! What the platform knows: tasks, files, results and recognised text.

mod account;
mod api_key;
mod attempt;
mod audit;
mod audit_chain;
mod change;
mod completion;
mod dead_letter;
mod feature;
mod fence;
mod filing;
pub mod geometry;
mod identity;
mod media_type;
mod one_time_token;
mod principal;
mod quota;
mod refresh_chain;
mod same_page;
mod scope;
mod second_factor;
mod selection;
mod session;
mod share;
mod signing_key;
mod state;
mod status;
mod structure;
mod task;
mod text;
mod text_layer;
mod usage;

pub use account::{Account, AccountChange, PasswordHash, Role, TokenHash};
pub use api_key::{ApiKey, KeyScope};
pub use attempt::{Attempt, AttemptEnd, AttemptNote, MAX_ATTEMPTS_KEPT, TaskHistory};
pub use audit::{AuditAction, AuditEntry, AuditLevel, AuditOrigin};
pub use audit_chain::{AuditAnchor, AuditRecord, AuditSeal, ChainBreak, ChainVerifier, SealedRecord};
pub use change::{Change, ChangeCursor, ChangeOperation};
pub(crate) use completion::{DEADLINE_PASSED, POISON};
pub use completion::{DOCUMENT_FAULTS, ResultSummary, TaskFailure};
pub use dead_letter::DeadLetterCause;
pub use feature::Feature;
pub use fence::Fence;
pub use filing::{
    CollectionChange, Filing, FilingChange, FilingKind, FilingName, MAX_FILING_NAME_CHARS, MAX_LABELS,
    MAX_NOTE_CHARS,
};
pub use geometry::{Point, Polygon, QuarterTurn, Rect};
pub use identity::Identity;
pub use media_type::{ContentInspector, MediaType};
pub use one_time_token::{OneTimeToken, TokenPurpose};
pub use principal::{Caller, Credential, Principal};
pub use quota::{MAX_QUOTA, Quota, QuotaPeriod, QuotaStatus, Quotas};
pub use refresh_chain::{RefreshChain, RefreshSalt};
pub use same_page::SamePage;
pub use scope::Scope;
pub use second_factor::{SecondFactor, TotpSecret};
pub use selection::PageSelection;
pub use session::Session;
pub use share::{Share, ShareVisit};
pub use signing_key::{PrivateKey, SigningKey};
pub use state::{Outcome, TaskState, Transition};
pub use status::TaskStatus;
pub use structure::{Answer, Cell, CellKind, Field, Selection, Table};
pub use task::{Idempotency, NewTask, Progress, StoredFile, Task, TaskOptions, TaskStats};
pub use text::{
    Block, BlockKind, DOCUMENT_TEXT_VERSION, DocumentText, EngineInfo, Line, PageText, TextOrigin, Word,
};
pub use text_layer::TextLayerMode;
pub use usage::Usage;
