//! The table of settings: for the file, the environment, `config show` and the reference.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its place in the file: `section.name`.
    pub key: &'static str,
    /// The environment variable that sets it; `OCR__SECTION__NAME` does too.
    pub variable: &'static str,
    /// The value when it is not set, or what it is computed from.
    pub default: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Whether its value is never shown.
    pub secret: bool,
}

const fn setting(
    key: &'static str,
    variable: &'static str,
    default: &'static str,
    about: &'static str,
) -> Setting {
    Setting {
        key,
        variable,
        default,
        about,
        secret: false,
    }
}

const fn secret(key: &'static str, variable: &'static str, about: &'static str) -> Setting {
    Setting {
        key,
        variable,
        default: "",
        about,
        secret: true,
    }
}

/// Every setting, by section.
pub const SETTINGS: &[Setting] = &[
    setting(
        "profile",
        "OCR_PROFILE",
        "embedded",
        "embedded (SQLite, a directory) or standard (Postgres, Redis, S3): the defaults of the four adapters below",
    ),
    setting(
        "roles",
        "OCR_ROLES",
        "api,worker,listener,health,web",
        "what this process does",
    ),
    setting(
        "store",
        "OCR_STORE",
        "by profile",
        "where tasks are kept: sqlite, postgres or memory",
    ),
    setting(
        "queue",
        "OCR_QUEUE",
        "by profile",
        "what hands out work: sqlite, postgres, redis or memory",
    ),
    setting(
        "blobs",
        "OCR_BLOBS",
        "by profile",
        "where documents are kept: fs, s3, or memory, which has no links to files",
    ),
    setting(
        "notifier",
        "OCR_NOTIFIER",
        "by profile",
        "what tells other processes: memory (this process only), postgres or redis",
    ),
    setting("node_env", "NODE_ENV", "", "known to the contract; has no effect"),
    setting("server.bind", "OCR_BIND", "127.0.0.1", "address to listen on"),
    setting("server.port", "PORT", "8080", "port of the API and of the page"),
    setting(
        "server.health_port",
        "HEALTH_PORT",
        "5000",
        "port of the health server",
    ),
    setting("server.web_port", "WEB_PORT", "3000", "port of the page server"),
    setting(
        "server.allow_public_no_auth",
        "OCR_ALLOW_PUBLIC_NO_AUTH",
        "false",
        "serve other machines although nobody has to sign in",
    ),
    setting(
        "server.public_url",
        "OCR_PUBLIC_URL",
        "from each request",
        "address under which clients reach the server, for links",
    ),
    setting(
        "server.max_file_size",
        "MAX_FILE_SIZE",
        "52428800",
        "most bytes of an upload",
    ),
    setting(
        "server.shutdown_grace",
        "OCR_SHUTDOWN_GRACE",
        "10",
        "seconds running documents may take to finish at shutdown",
    ),
    setting(
        "data.dir",
        "OCR_DATA_DIR",
        "~/.local/share/ocr-server",
        "database, documents, uploads under way, and the secret that signs URLs",
    ),
    setting(
        "models.dir",
        "OCR_MODELS_DIR",
        "~/.cache/ocr-server/models",
        "model weights of the local engine",
    ),
    setting(
        "models.pull",
        "OCR_PULL_MODELS",
        "true",
        "fetch missing models when the server starts",
    ),
    setting(
        "models.variant",
        "OCR_MODEL_VARIANT",
        "cascade",
        "models of ppocr: small, cascade or tiny",
    ),
    setting(
        "recognition.engine",
        "OCR_ENGINE",
        "best installed",
        "engine used unless a task names one",
    ),
    setting(
        "recognition.cascade_engine",
        "OCR_CASCADE_ENGINE",
        "",
        "engine that reads again what the first one is unsure of",
    ),
    setting(
        "recognition.cascade_threshold",
        "OCR_CASCADE_THRESHOLD",
        "0.8",
        "mean confidence, 0 to 1, below which a page goes to that engine",
    ),
    setting(
        "recognition.fallback_engine",
        "OCR_FALLBACK_ENGINE",
        "",
        "engine that reads while the first one is out of order",
    ),
    setting(
        "recognition.workers",
        "OCR_WORKERS",
        "processors + 1",
        "documents read at once",
    ),
    setting(
        "recognition.page_processes",
        "OCR_PAGE_PROCESSES",
        "processors",
        "pages read at once, each in a process of its own",
    ),
    setting(
        "recognition.page_memory_mb",
        "OCR_PAGE_MEMORY_MB",
        "3072",
        "address space of a page process, in MiB",
    ),
    setting(
        "recognition.page_timeout",
        "OCR_PAGE_TIMEOUT",
        "60",
        "seconds a page may take",
    ),
    setting(
        "recognition.max_pages",
        "OCR_MAX_PAGES",
        "500",
        "most pages of a document",
    ),
    setting(
        "recognition.max_pixels",
        "OCR_MAX_PIXELS",
        "100000000",
        "most pixels of a page; more of them need more memory",
    ),
    setting(
        "recognition.lease",
        "OCR_LEASE",
        "15",
        "seconds a worker may be silent before its task is given to another",
    ),
    setting(
        "recognition.poll",
        "WORKER_POLL_TIMEOUT",
        "1",
        "seconds after which an idle worker asks the queue although nothing woke it",
    ),
    secret(
        "postgres.url",
        "DATABASE_URL",
        "the database as a URL, in place of the five below",
    ),
    setting("postgres.host", "DB_HOST", "localhost", "host of Postgres"),
    setting("postgres.port", "DB_PORT", "5432", "port of Postgres"),
    setting(
        "postgres.name",
        "DB_NAME",
        "ocr_platform_dev",
        "name of the database",
    ),
    setting(
        "postgres.user",
        "DB_USER",
        "ocr_platform_user",
        "user of the database",
    ),
    secret("postgres.password", "DB_PASSWORD", "password of that user"),
    setting(
        "postgres.pool_size",
        "DB_POOL_SIZE",
        "20",
        "connections of this process",
    ),
    setting(
        "postgres.listen",
        "OCR_DB_LISTEN",
        "true",
        "be woken by LISTEN; false polls, for poolers that cannot listen",
    ),
    secret(
        "redis.url",
        "REDIS_URL",
        "Redis as a URL, in place of the three below",
    ),
    setting("redis.host", "REDIS_HOST", "localhost", "host of Redis"),
    setting("redis.port", "REDIS_PORT", "6379", "port of Redis"),
    secret("redis.password", "REDIS_PASSWORD", "password of Redis"),
    setting(
        "redis.key_prefix",
        "OCR_REDIS_KEY_PREFIX",
        "",
        "what every key and channel begins with, where several platforms share a server",
    ),
    setting(
        "aws.region",
        "AWS_REGION",
        "us-east-1",
        "region of S3 and Textract",
    ),
    secret(
        "aws.access_key_id",
        "AWS_ACCESS_KEY_ID",
        "key of AWS; without it, the usual places of AWS tools are searched",
    ),
    secret(
        "aws.secret_access_key",
        "AWS_SECRET_ACCESS_KEY",
        "secret of that key",
    ),
    secret(
        "aws.session_token",
        "AWS_SESSION_TOKEN",
        "token of that key, when it is valid for some time only",
    ),
    setting(
        "s3.bucket",
        "S3_BUCKET_NAME",
        "ocr-platform-storage-dev",
        "bucket of documents and results",
    ),
    setting(
        "s3.kms_key_id",
        "KMS_KEY_ID",
        "",
        "key that encrypts documents; the bucket's own without it",
    ),
    setting(
        "s3.endpoint",
        "AWS_ENDPOINT_URL_S3",
        "",
        "address of a server that speaks S3, in place of AWS",
    ),
    setting(
        "s3.path_style",
        "OCR_S3_PATH_STYLE",
        "false",
        "buckets in the path of URLs, for servers that need it",
    ),
    setting(
        "textract.enabled",
        "OCR_TEXTRACT",
        "false",
        "offer the engine of AWS; documents that ask for it are sent there, and paid for",
    ),
    setting(
        "textract.endpoint",
        "AWS_ENDPOINT_URL_TEXTRACT",
        "",
        "address of a server that speaks Textract, in place of AWS",
    ),
    setting(
        "textract.processes",
        "OCR_TEXTRACT_PROCESSES",
        "1",
        "worker processes that share the quotas of the account",
    ),
    setting(
        "textract.topic_arn",
        "OCR_TEXTRACT_TOPIC_ARN",
        "",
        "topic that Textract tells of finished jobs; without it, it is asked",
    ),
    setting(
        "textract.role_arn",
        "OCR_TEXTRACT_ROLE_ARN",
        "",
        "role with which Textract may publish to that topic",
    ),
    setting(
        "textract.queue_url",
        "OCR_TEXTRACT_QUEUE_URL",
        "",
        "queue that subscribes to that topic",
    ),
    setting(
        "textract.prices_file",
        "OCR_TEXTRACT_PRICES_FILE",
        "",
        "prices in place of those this program comes with, as a file like ocr-adapters/src/textract/prices.toml",
    ),
    setting(
        "textract.pages_this_month",
        "OCR_TEXTRACT_PAGES_THIS_MONTH",
        "0",
        "pages the account has analysed this month, which decides the price of the next",
    ),
    setting(
        "textract.quota.detect_text",
        "OCR_TEXTRACT_QUOTA_DETECT_TEXT",
        "by region",
        "DetectDocumentText a second that the account may call",
    ),
    setting(
        "textract.quota.analyze",
        "OCR_TEXTRACT_QUOTA_ANALYZE",
        "by region",
        "AnalyzeDocument a second",
    ),
    setting(
        "textract.quota.start_text",
        "OCR_TEXTRACT_QUOTA_START_TEXT",
        "by region",
        "StartDocumentTextDetection a second",
    ),
    setting(
        "textract.quota.start_analysis",
        "OCR_TEXTRACT_QUOTA_START_ANALYSIS",
        "by region",
        "StartDocumentAnalysis a second",
    ),
    setting(
        "textract.quota.get_text",
        "OCR_TEXTRACT_QUOTA_GET_TEXT",
        "by region",
        "GetDocumentTextDetection a second",
    ),
    setting(
        "textract.quota.get_analysis",
        "OCR_TEXTRACT_QUOTA_GET_ANALYSIS",
        "by region",
        "GetDocumentAnalysis a second",
    ),
    setting(
        "textract.quota.jobs",
        "OCR_TEXTRACT_QUOTA_JOBS",
        "by region",
        "jobs at the same time",
    ),
    setting(
        "log.filter",
        "OCR_LOG",
        "info",
        "log filter, as in info,ocr_core=debug",
    ),
    setting("log.format", "OCR_LOG_FORMAT", "text", "text or json"),
];
