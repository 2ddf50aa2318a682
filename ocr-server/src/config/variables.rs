//! The table of environment variables, for `doctor` and the reference.

/// One environment variable.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The value when it is not set.
    pub default: &'static str,
    /// What it does.
    pub about: &'static str,
}

const fn variable(name: &'static str, default: &'static str, about: &'static str) -> Variable {
    Variable { name, default, about }
}

/// Variables of the standard profile (Postgres, Redis, S3). The embedded profile accepts and
/// reports them, and does not need them.
pub(super) const STANDARD_PROFILE: &[&str] = &[
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "S3_BUCKET_NAME",
    "KMS_KEY_ID",
    "DB_HOST",
    "DB_PORT",
    "DB_NAME",
    "DB_USER",
    "DB_PASSWORD",
    "REDIS_HOST",
    "REDIS_PORT",
    "NODE_ENV",
    "WORKER_POLL_TIMEOUT",
];

/// Every variable the server reads.
pub const VARIABLES: &[Variable] = &[
    variable("PORT", "8080", "port of the API and of the page"),
    variable("HEALTH_PORT", "5000", "port of the health server"),
    variable("OCR_BIND", "127.0.0.1", "address to listen on"),
    variable(
        "OCR_DATA_DIR",
        "~/.local/share/ocr-server",
        "database, documents and secret",
    ),
    variable(
        "OCR_MODELS_DIR",
        "~/.cache/ocr-server/models",
        "model weights of the local engine",
    ),
    variable(
        "OCR_PULL_MODELS",
        "true",
        "fetch missing models when the server starts",
    ),
    variable(
        "OCR_ALLOW_PUBLIC_NO_AUTH",
        "false",
        "serve other machines although nobody has to sign in",
    ),
    variable(
        "OCR_PUBLIC_URL",
        "from each request",
        "address under which clients reach the server",
    ),
    variable("MAX_FILE_SIZE", "52428800", "most bytes of an upload"),
    variable("OCR_MAX_PAGES", "500", "most pages of a document"),
    variable("OCR_WORKERS", "processors + 1", "documents read at once"),
    variable("OCR_PAGE_PROCESSES", "processors", "pages read at once"),
    variable("OCR_PAGE_MEMORY_MB", "3072", "address space of a page process"),
    variable("OCR_PAGE_TIMEOUT", "60", "seconds a page may take"),
    variable(
        "OCR_ENGINE",
        "best installed",
        "engine used unless a task names one: ppocr or tesseract",
    ),
    variable("OCR_MODEL_VARIANT", "recommended", "models of the local engine"),
    variable(
        "OCR_LEASE",
        "15",
        "seconds a worker may be silent before its task is given to another",
    ),
    variable(
        "OCR_SHUTDOWN_GRACE",
        "10",
        "seconds running documents may take to finish at shutdown",
    ),
    variable("OCR_LOG", "info", "log filter, as in info,ocr_core=debug"),
    variable("OCR_LOG_FORMAT", "text", "text or json"),
    variable("AWS_REGION", "", "standard profile"),
    variable("AWS_ACCESS_KEY_ID", "", "standard profile"),
    variable("AWS_SECRET_ACCESS_KEY", "", "standard profile"),
    variable("S3_BUCKET_NAME", "", "standard profile"),
    variable("KMS_KEY_ID", "", "standard profile"),
    variable("DB_HOST", "", "standard profile"),
    variable("DB_PORT", "", "standard profile"),
    variable("DB_NAME", "", "standard profile"),
    variable("DB_USER", "", "standard profile"),
    variable("DB_PASSWORD", "", "standard profile"),
    variable("REDIS_HOST", "", "standard profile"),
    variable("REDIS_PORT", "", "standard profile"),
    variable("NODE_ENV", "", "standard profile"),
    variable("WORKER_POLL_TIMEOUT", "", "standard profile"),
];
