//! Every setting of the server, declared once: its place in the file, its variable, its default and what it
//! does. Values are read, shown and documented from here.

use super::table::settings;

settings! {
    PROFILE: "profile", "OCR_PROFILE", Value("embedded"),
        "embedded (SQLite, a directory) or standard (Postgres, Redis, S3): the defaults of the four adapters below";
    ROLES: "roles", "OCR_ROLES", Value("api,worker,listener,indexer,health,web"),
        "what this process does";
    STORE: "store", "OCR_STORE", Computed("by profile"),
        "where tasks are kept: sqlite, postgres or memory";
    QUEUE: "queue", "OCR_QUEUE", Computed("by profile"),
        "what hands out work: sqlite, postgres, redis or memory";
    BLOBS: "blobs", "OCR_BLOBS", Computed("by profile"),
        "where documents are kept: fs, s3, or memory, which has no links to files";
    NOTIFIER: "notifier", "OCR_NOTIFIER", Computed("by profile"),
        "what tells other processes: memory (this process only), postgres or redis";
    NODE_ENV: "node_env", "NODE_ENV", Unset,
        "accepted for compatibility; has no effect";
    SERVER_BIND: "server.bind", "OCR_BIND", Value("127.0.0.1"),
        "address to listen on";
    SERVER_PORT: "server.port", "PORT", Value("8080"),
        "TCP port of the API and of the page";
    SERVER_HEALTH_PORT: "server.health_port", "HEALTH_PORT", Value("5000"),
        "TCP port of the health server";
    SERVER_WEB_PORT: "server.web_port", "WEB_PORT", Value("3000"),
        "TCP port of the page server";
    SERVER_AUTH: "server.auth", "OCR_AUTH", Value("none"),
        "who may use the server: none (whoever connects, on this machine only), local (accounts of this server) or oidc (accounts of people whom a provider knows)";
    SERVER_ALLOW_PUBLIC_NO_AUTH: "server.allow_public_no_auth", "OCR_ALLOW_PUBLIC_NO_AUTH", Value("false"),
        "serve other machines although nobody has to sign in";
    SERVER_PUBLIC_URL: "server.public_url", "OCR_PUBLIC_URL", Computed("from each request"),
        "address under which clients reach the server, for links";
    SERVER_MAX_FILE_SIZE: "server.max_file_size", "MAX_FILE_SIZE", Value("52428800"),
        "maximum number of bytes of an upload";
    SERVER_CONNECTIONS_PER_ADDRESS: "server.connections_per_address", "OCR_CONNECTIONS_PER_ADDRESS", Value("1000"),
        "maximum number of open connections from one address; a proxy in front of the server is one address";
    SERVER_TLS_CERT: "server.tls_cert", "OCR_TLS_CERT", Unset,
        "PEM file with the certificate of the API and the page, and those that lead to its authority; read again when it changes";
    SERVER_TLS_KEY: "server.tls_key", "OCR_TLS_KEY", Unset,
        "PEM file with the private key of that certificate";
    SERVER_REDIRECT_PORT: "server.redirect_port", "OCR_HTTP_REDIRECT_PORT", Unset,
        "TCP port on which HTTP is answered with the same address over TLS";
    SERVER_TRUSTED_PROXIES: "server.trusted_proxies", "OCR_TRUSTED_PROXIES", Unset,
        "IP addresses of proxies whose X-Forwarded-For is believed, so that attempts to sign in are counted by client";
    SERVER_SHUTDOWN_GRACE: "server.shutdown_grace", "OCR_SHUTDOWN_GRACE", Value("10"),
        "seconds running documents may take to finish at shutdown";
    SERVER_DOWNLOAD_URL_TTL: "server.download_url_ttl", "OCR_DOWNLOAD_URL_TTL", Value("3600"),
        "seconds for which a signed URL for reading is valid";
    SERVER_UPLOAD_URL_TTL: "server.upload_url_ttl", "OCR_UPLOAD_URL_TTL", Value("900"),
        "seconds for which a signed URL for writing is valid";
    SERVER_SHARE_MAX_DAYS: "server.share_max_days", "OCR_SHARE_MAX_DAYS", Value("30"),
        "maximum number of days for which a link works with which somebody else can read a document; 0 makes none";
    OIDC_ISSUER: "oidc.issuer", "OCR_OIDC_ISSUER", Unset,
        "address of the OpenID Connect provider, exactly as it writes it; https, or this machine";
    OIDC_CLIENT_ID: "oidc.client_id", "OCR_OIDC_CLIENT_ID", Unset,
        "what this server is called at the provider";
    OIDC_CLIENT_SECRET: "oidc.client_secret", "OCR_OIDC_CLIENT_SECRET", Secret,
        "with what it proves that; not needed for a client that the provider calls public";
    OIDC_SCOPES: "oidc.scopes", "OCR_OIDC_SCOPES", Value("openid profile email"),
        "what the provider is asked for, with spaces between";
    OIDC_CREATE_USERS: "oidc.create_users", "OCR_OIDC_CREATE_USERS", Value("false"),
        "give an account to whoever signs in with the provider for the first time";
    OIDC_GROUPS_CLAIM: "oidc.groups_claim", "OCR_OIDC_GROUPS_CLAIM", Value("groups"),
        "claim of the ID token with the groups of somebody; dots lead into objects";
    OIDC_ADMIN_GROUP: "oidc.admin_group", "OCR_OIDC_ADMIN_GROUP", Unset,
        "group whose members are administrators, and nobody else, from their next sign-in on; without, roles are kept here";
    AUDIT_LEVEL: "audit.level", "OCR_AUDIT", Computed("off with OCR_AUTH=none, else all"),
        "what is recorded of documents: off, changes (and refusals), or all (also views, downloads and exports)";
    AUDIT_RETENTION: "audit.retention", "OCR_AUDIT_RETENTION", Value("0"),
        "days for which entries of the audit log are kept; 0 keeps them for ever";
    DATA_DIR: "data.dir", "OCR_DATA_DIR", Computed("~/.local/share/ocr-server"),
        "database, documents, uploads under way, and the secret that signs URLs";
    DATA_TRASH_RETENTION: "data.trash_retention", "OCR_TRASH_RETENTION", Value("30"),
        "days in which a deleted task can be restored";
    DATA_CHANGE_RETENTION: "data.change_retention", "OCR_CHANGE_RETENTION", Value("7"),
        "days for which changes are kept for clients that come back";
    DATA_ORPHAN_GRACE: "data.orphan_grace", "OCR_ORPHAN_GRACE", Value("24"),
        "hours after which a stored file that no task refers to is removed";
    DATA_MIN_FREE: "data.min_free_bytes", "OCR_MIN_FREE_DISK_BYTES", Value("268435456"),
        "bytes of the disk of the data directory that documents leave free; with fewer, uploads get 507 and tasks wait";
    MODELS_DIR: "models.dir", "OCR_MODELS_DIR", Computed("~/.cache/ocr-server/models"),
        "model weights of the local engine";
    MODELS_PULL: "models.pull", "OCR_PULL_MODELS", Value("true"),
        "fetch missing models when the server starts";
    MODELS_VARIANT: "models.variant", "OCR_MODEL_VARIANT", Computed("cascade"),
        "models of ppocr: small, cascade or tiny";
    RECOGNITION_ENGINE: "recognition.engine", "OCR_ENGINE", Computed("best installed"),
        "engine used unless a task names one";
    RECOGNITION_CASCADE_ENGINE: "recognition.cascade_engine", "OCR_CASCADE_ENGINE", Unset,
        "engine that reads again what the first one is unsure of";
    RECOGNITION_CASCADE_THRESHOLD: "recognition.cascade_threshold", "OCR_CASCADE_THRESHOLD", Value("0.8"),
        "mean confidence, 0 to 1, below which a page goes to that engine";
    RECOGNITION_FALLBACK_ENGINE: "recognition.fallback_engine", "OCR_FALLBACK_ENGINE", Unset,
        "engine that reads while the first one is out of order";
    RECOGNITION_WORKERS: "recognition.workers", "OCR_WORKERS", Computed("processors + 1"),
        "documents read at the same time";
    RECOGNITION_PAGE_PROCESSES: "recognition.page_processes", "OCR_PAGE_PROCESSES", Computed("processors"),
        "pages read at the same time, each in a process of its own";
    RECOGNITION_PAGE_MEMORY_MB: "recognition.page_memory_mb", "OCR_PAGE_MEMORY_MB", Value("3072"),
        "address space of a page process, in MiB";
    RECOGNITION_PAGE_TIMEOUT: "recognition.page_timeout", "OCR_PAGE_TIMEOUT", Value("60"),
        "seconds a page may take";
    RECOGNITION_SANDBOX: "recognition.sandbox", "OCR_SANDBOX", Value("auto"),
        "page processes give up network and files: auto (as far as possible), require (completely, or no start) or off";
    RECOGNITION_MAX_PAGES: "recognition.max_pages", "OCR_MAX_PAGES", Value("500"),
        "maximum number of pages of a document";
    RECOGNITION_MAX_PIXELS: "recognition.max_pixels", "OCR_MAX_PIXELS", Value("100000000"),
        "maximum number of pixels of a page; more of them need more memory";
    RECOGNITION_LEASE: "recognition.lease", "OCR_LEASE", Value("15"),
        "seconds a worker may be silent before its task is given to another";
    RECOGNITION_MAX_ATTEMPTS: "recognition.max_attempts", "OCR_MAX_ATTEMPTS", Value("3"),
        "failures after which a task is given up";
    RECOGNITION_MAX_CRASHES: "recognition.max_crashes", "OCR_MAX_CRASHES", Value("3"),
        "crashes of whoever reads it after which a task is set aside as poison";
    RECOGNITION_TASK_DEADLINE: "recognition.task_deadline", "OCR_TASK_DEADLINE", Value("0"),
        "seconds a task may take from its submission to its end, unless it names deadlineSeconds; 0 is as long as it takes";
    RECOGNITION_MAX_TASK_DEADLINE: "recognition.max_task_deadline", "OCR_MAX_TASK_DEADLINE", Value("604800"),
        "maximum of the two: seconds that a task may ask for";
    RECOGNITION_ATTEMPT_TIMEOUT: "recognition.attempt_timeout", "OCR_ATTEMPT_TIMEOUT", Value("3600"),
        "maximum number of seconds one attempt at a task may take";
    RECOGNITION_RETRY_BASE_DELAY: "recognition.retry_base_delay", "OCR_RETRY_BASE_DELAY", Value("2"),
        "seconds before a failed task is tried again; doubled with each failure";
    RECOGNITION_RETRY_MAX_DELAY: "recognition.retry_max_delay", "OCR_RETRY_MAX_DELAY", Value("60"),
        "maximum number of seconds before a failed task is tried again";
    RECOGNITION_REUSE_RESULTS: "recognition.reuse_results", "OCR_REUSE_RESULTS", Value("true"),
        "give a file the result of the same bytes of the same user, unless the upload says readAgain";
    RECOGNITION_REUSE_PAGES: "recognition.reuse_pages", "OCR_REUSE_PAGES", Value("90"),
        "days, maximum 3650, for which a page gives its text to the same picture of the same user; 0 or without OCR_REUSE_RESULTS, never";
    RECOGNITION_TEXT_LAYER: "recognition.text_layer", "OCR_TEXT_LAYER", Value("auto"),
        "what becomes of text that a PDF has already, unless an upload says textLayer: auto, force, skip or redo";
    RECOGNITION_POLL: "recognition.poll", "WORKER_POLL_TIMEOUT", Value("1"),
        "seconds after which an idle worker asks the queue although nothing woke it";
    LIMITS_READS: "limits.reads_per_minute", "OCR_RATE_READ", Value("1200"),
        "maximum number of requests a minute that read, of one user or address; 0 is no limit, 1000000 the maximum";
    LIMITS_WRITES: "limits.writes_per_minute", "OCR_RATE_WRITE", Value("1200"),
        "the same for requests that send or change something";
    LIMITS_SEARCHES: "limits.searches_per_minute", "OCR_RATE_SEARCH", Value("300"),
        "the same for searches and exports";
    LIMITS_OPEN_TASKS: "limits.open_tasks", "OCR_QUOTA_OPEN_TASKS", Unset,
        "maximum number of documents of one user that wait or are read at the same time; 10^15 at most, as below";
    LIMITS_DOCUMENTS_PER_DAY: "limits.documents_per_day", "OCR_QUOTA_DOCUMENTS_PER_DAY", Unset,
        "maximum number of documents that a user sends in a day (UTC)";
    LIMITS_DOCUMENTS_PER_MONTH: "limits.documents_per_month", "OCR_QUOTA_DOCUMENTS_PER_MONTH", Unset,
        "maximum number of documents that a user sends in a month";
    LIMITS_BYTES_PER_DAY: "limits.bytes_per_day", "OCR_QUOTA_BYTES_PER_DAY", Unset,
        "maximum number of bytes of the documents that a user sends in a day";
    LIMITS_BYTES_PER_MONTH: "limits.bytes_per_month", "OCR_QUOTA_BYTES_PER_MONTH", Unset,
        "maximum number of bytes of the documents that a user sends in a month";
    LIMITS_PAGES_PER_DAY: "limits.pages_per_day", "OCR_QUOTA_PAGES_PER_DAY", Unset,
        "pages read for a user in a day, after which nothing more of theirs is accepted";
    LIMITS_PAGES_PER_MONTH: "limits.pages_per_month", "OCR_QUOTA_PAGES_PER_MONTH", Unset,
        "the same in a month";
    LIMITS_SPEND_PER_DAY: "limits.spend_per_day", "OCR_QUOTA_SPEND_PER_DAY", Unset,
        "US dollars that engines may charge for a user in a day, such as 2.50; documents beyond wait";
    LIMITS_SPEND_PER_MONTH: "limits.spend_per_month", "OCR_QUOTA_SPEND_PER_MONTH", Unset,
        "the same in a month";
    LIMITS_BUDGET_PER_DAY: "limits.budget_per_day", "OCR_BUDGET_PER_DAY", Unset,
        "US dollars that engines may charge for all users together in a day; documents beyond wait";
    LIMITS_BUDGET_PER_MONTH: "limits.budget_per_month", "OCR_BUDGET_PER_MONTH", Unset,
        "the same in a month";
    POSTGRES_URL: "postgres.url", "DATABASE_URL", Secret,
        "the database as a URL, in place of the five below";
    POSTGRES_HOST: "postgres.host", "DB_HOST", Value("localhost"),
        "host of Postgres";
    POSTGRES_PORT: "postgres.port", "DB_PORT", Value("5432"),
        "TCP port of Postgres";
    POSTGRES_NAME: "postgres.name", "DB_NAME", Value("ocr_platform_dev"),
        "name of the database";
    POSTGRES_USER: "postgres.user", "DB_USER", Value("ocr_platform_user"),
        "user of the database";
    POSTGRES_PASSWORD: "postgres.password", "DB_PASSWORD", Secret,
        "password of that user";
    POSTGRES_POOL_SIZE: "postgres.pool_size", "DB_POOL_SIZE", Value("20"),
        "maximum number of connections of this process";
    POSTGRES_LISTEN: "postgres.listen", "OCR_DB_LISTEN", Value("true"),
        "use LISTEN to learn of changes at once; false only polls, for connection poolers that cannot listen";
    REDIS_URL: "redis.url", "REDIS_URL", Secret,
        "Redis as a URL, in place of the three below";
    REDIS_HOST: "redis.host", "REDIS_HOST", Value("localhost"),
        "host of Redis";
    REDIS_PORT: "redis.port", "REDIS_PORT", Value("6379"),
        "TCP port of Redis";
    REDIS_PASSWORD: "redis.password", "REDIS_PASSWORD", Secret,
        "password of Redis";
    REDIS_KEY_PREFIX: "redis.key_prefix", "OCR_REDIS_KEY_PREFIX", Unset,
        "what every key and channel begins with, where several platforms share a server";
    AWS_REGION: "aws.region", "AWS_REGION", Value("us-east-1"),
        "region of S3 and Textract";
    AWS_ACCESS_KEY_ID: "aws.access_key_id", "AWS_ACCESS_KEY_ID", Secret,
        "key of AWS; without it, the usual places of AWS tools are searched";
    AWS_SECRET_ACCESS_KEY: "aws.secret_access_key", "AWS_SECRET_ACCESS_KEY", Secret,
        "secret of that key";
    AWS_SESSION_TOKEN: "aws.session_token", "AWS_SESSION_TOKEN", Secret,
        "token of that key, when it is valid for some time only";
    S3_BUCKET: "s3.bucket", "S3_BUCKET_NAME", Value("ocr-platform-storage-dev"),
        "bucket of documents and results";
    S3_KMS_KEY_ID: "s3.kms_key_id", "KMS_KEY_ID", Unset,
        "key that encrypts documents; the bucket's own without it";
    S3_ENDPOINT: "s3.endpoint", "AWS_ENDPOINT_URL_S3", Unset,
        "address of a server that speaks S3, in place of AWS";
    S3_PATH_STYLE: "s3.path_style", "OCR_S3_PATH_STYLE", Value("false"),
        "buckets in the path of URLs, for servers that need it";
    TEXTRACT_ENABLED: "textract.enabled", "OCR_TEXTRACT", Value("false"),
        "offer the engine of AWS; documents that ask for it are sent there, and paid for";
    TEXTRACT_ENDPOINT: "textract.endpoint", "AWS_ENDPOINT_URL_TEXTRACT", Unset,
        "address of a server that speaks Textract, in place of AWS";
    TEXTRACT_PROCESSES: "textract.processes", "OCR_TEXTRACT_PROCESSES", Value("1"),
        "worker processes that share the quotas of the account";
    TEXTRACT_TOPIC_ARN: "textract.topic_arn", "OCR_TEXTRACT_TOPIC_ARN", Unset,
        "topic that Textract tells of finished jobs; without it, it is asked";
    TEXTRACT_ROLE_ARN: "textract.role_arn", "OCR_TEXTRACT_ROLE_ARN", Unset,
        "role with which Textract may publish to that topic";
    TEXTRACT_QUEUE_URL: "textract.queue_url", "OCR_TEXTRACT_QUEUE_URL", Unset,
        "queue that subscribes to that topic";
    TEXTRACT_PRICES_FILE: "textract.prices_file", "OCR_TEXTRACT_PRICES_FILE", Unset,
        "prices in place of those this program comes with, as a file like ocr-adapters/src/textract/prices.toml";
    TEXTRACT_PAGES_THIS_MONTH: "textract.pages_this_month", "OCR_TEXTRACT_PAGES_THIS_MONTH", Value("0"),
        "pages the account has analysed this month, which decides the price of the next";
    TEXTRACT_PAGE_REPEATS: "textract.page_repeats", "OCR_TEXTRACT_PAGE_REPEATS", Value("2"),
        "times that a page is asked and paid for again, by itself, when a job has left it unread; 0 to 10";
    TEXTRACT_QUOTA_DETECT_TEXT: "textract.quota.detect_text", "OCR_TEXTRACT_QUOTA_DETECT_TEXT", Computed("by region"),
        "DetectDocumentText a second that the account may call";
    TEXTRACT_QUOTA_ANALYZE: "textract.quota.analyze", "OCR_TEXTRACT_QUOTA_ANALYZE", Computed("by region"),
        "AnalyzeDocument a second";
    TEXTRACT_QUOTA_START_TEXT: "textract.quota.start_text", "OCR_TEXTRACT_QUOTA_START_TEXT", Computed("by region"),
        "StartDocumentTextDetection a second";
    TEXTRACT_QUOTA_START_ANALYSIS: "textract.quota.start_analysis", "OCR_TEXTRACT_QUOTA_START_ANALYSIS", Computed("by region"),
        "StartDocumentAnalysis a second";
    TEXTRACT_QUOTA_GET_TEXT: "textract.quota.get_text", "OCR_TEXTRACT_QUOTA_GET_TEXT", Computed("by region"),
        "GetDocumentTextDetection a second";
    TEXTRACT_QUOTA_GET_ANALYSIS: "textract.quota.get_analysis", "OCR_TEXTRACT_QUOTA_GET_ANALYSIS", Computed("by region"),
        "GetDocumentAnalysis a second";
    TEXTRACT_QUOTA_JOBS: "textract.quota.jobs", "OCR_TEXTRACT_QUOTA_JOBS", Computed("by region"),
        "jobs at the same time";
    LOG_FILTER: "log.filter", "OCR_LOG", Computed("info"),
        "log filter, as in info,ocr_core=debug";
    LOG_FORMAT: "log.format", "OCR_LOG_FORMAT", Value("text"),
        "text or json";
}
