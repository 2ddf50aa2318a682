-- Ids are hyphenated lower-case UUIDs; times are UTC as YYYY-MM-DDTHH:MM:SS.ffffffZ, so that they
-- sort as text and read well in the sqlite3 shell.

CREATE TABLE users (
    id         TEXT PRIMARY KEY NOT NULL,
    email      TEXT UNIQUE,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    last_login TEXT
);

CREATE TABLE files (
    id              TEXT PRIMARY KEY NOT NULL,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    filename        TEXT NOT NULL,
    stored_filename TEXT NOT NULL UNIQUE,
    mime_type       TEXT NOT NULL,
    file_size       INTEGER NOT NULL,
    sha256          TEXT NOT NULL DEFAULT '',
    s3_bucket       TEXT NOT NULL,
    s3_key          TEXT NOT NULL,
    s3_version_id   TEXT,
    created_at      TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
);
CREATE INDEX files_user ON files (user_id);
CREATE INDEX files_key ON files (s3_key);

CREATE TABLE tasks (
    id               TEXT PRIMARY KEY NOT NULL,
    user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    file_id          TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    status           TEXT NOT NULL DEFAULT 'pending'
                     CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    error_message    TEXT,
    error_code       TEXT,
    options          TEXT NOT NULL DEFAULT '{}',
    attempt          INTEGER NOT NULL DEFAULT 0,
    failures         INTEGER NOT NULL DEFAULT 0,
    max_attempts     INTEGER NOT NULL DEFAULT 3,
    lease_expires_at TEXT,
    run_after        TEXT,
    pages_done       INTEGER,
    pages_total      INTEGER,
    -- Grows with every change the platform makes, so that triggers can tell a change made by hand.
    version          INTEGER NOT NULL DEFAULT 0,
    created_at       TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    updated_at       TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    deleted_at       TEXT,
    purge_after      TEXT
);
CREATE INDEX tasks_list ON tasks (user_id, created_at DESC, id DESC);
CREATE INDEX tasks_list_all ON tasks (created_at DESC, id DESC);
CREATE INDEX tasks_file ON tasks (file_id);
CREATE INDEX tasks_open ON tasks (created_at) WHERE status IN ('pending', 'processing') AND deleted_at IS NULL;
CREATE INDEX tasks_trash ON tasks (purge_after) WHERE deleted_at IS NOT NULL;

CREATE TABLE results (
    id                 TEXT PRIMARY KEY NOT NULL,
    task_id            TEXT NOT NULL UNIQUE REFERENCES tasks (id) ON DELETE CASCADE,
    s3_result_key      TEXT NOT NULL,
    confidence_score   REAL,
    page_count         INTEGER NOT NULL DEFAULT 0,
    word_count         INTEGER NOT NULL DEFAULT 0,
    processing_time_ms INTEGER NOT NULL DEFAULT 0,
    engine             TEXT NOT NULL DEFAULT '',
    created_at         TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
);
CREATE INDEX results_key ON results (s3_result_key);

-- Recognised pages of a task, kept while it runs and after, so that a new attempt goes on where the
-- last one stopped.
CREATE TABLE result_pages (
    task_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    number  INTEGER NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (task_id, number)
) WITHOUT ROWID;

CREATE TABLE idempotency_keys (
    user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    task_id     TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    created_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    PRIMARY KEY (user_id, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_task ON idempotency_keys (task_id);

CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    message      TEXT NOT NULL,
    hidden_until TEXT,
    created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
);

-- What changed, for clients that catch up. Written by triggers, so that a change made by another
-- process or by hand is in it too.
CREATE TABLE change_log (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    table_name TEXT NOT NULL,
    operation  TEXT NOT NULL,
    record_id  TEXT NOT NULL,
    task_id    TEXT,
    user_id    TEXT NOT NULL,
    status     TEXT,
    at         TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
);
CREATE INDEX change_log_user ON change_log (user_id, seq);

-- How many live tasks of an owner stand where.
CREATE TABLE task_counts (
    user_id TEXT NOT NULL,
    status  TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (user_id, status)
) WITHOUT ROWID;

CREATE TABLE queue_items (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id      TEXT NOT NULL UNIQUE,
    user_id      TEXT NOT NULL,
    file_id      TEXT NOT NULL,
    priority     INTEGER NOT NULL DEFAULT 0,
    not_before   TEXT,
    attempt      INTEGER NOT NULL DEFAULT 0,
    leased_until TEXT,
    dead_reason  TEXT,
    dead_at      TEXT
);
-- The last fence given out, counted over all tasks, so that one that is removed and queued again gets
-- no token it had before.
CREATE TABLE queue_fence (value INTEGER NOT NULL);
INSERT INTO queue_fence (value) VALUES (0);
CREATE INDEX queue_items_ready ON queue_items (priority DESC, seq) WHERE dead_at IS NULL;

CREATE TRIGGER tasks_change_trigger_insert AFTER INSERT ON tasks BEGIN
    INSERT INTO change_log (table_name, operation, record_id, task_id, user_id, status, at)
    VALUES ('tasks', 'INSERT', NEW.id, NEW.id, NEW.user_id, NEW.status, NEW.updated_at);
    INSERT INTO task_counts (user_id, status, count)
    SELECT NEW.user_id, NEW.status, 1 WHERE NEW.deleted_at IS NULL
    ON CONFLICT (user_id, status) DO UPDATE SET count = count + 1;
END;

-- Only what a client can see: leases and progress change too often and are told otherwise, and the
-- trash is nobody's business.
CREATE TRIGGER tasks_change_trigger_update
AFTER UPDATE OF user_id, file_id, status, error_message, deleted_at ON tasks
WHEN OLD.deleted_at IS NULL OR NEW.deleted_at IS NULL BEGIN
    UPDATE tasks SET updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
    WHERE id = NEW.id AND NEW.version = OLD.version;
    INSERT INTO change_log (table_name, operation, record_id, task_id, user_id, status, at)
    VALUES (
        'tasks',
        CASE
            WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN 'DELETE'
            WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL THEN 'INSERT'
            ELSE 'UPDATE'
        END,
        NEW.id, NEW.id, NEW.user_id, NEW.status,
        (SELECT updated_at FROM tasks WHERE id = NEW.id)
    );
    UPDATE task_counts SET count = count - 1
    WHERE user_id = OLD.user_id AND status = OLD.status AND OLD.deleted_at IS NULL;
    INSERT INTO task_counts (user_id, status, count)
    SELECT NEW.user_id, NEW.status, 1 WHERE NEW.deleted_at IS NULL
    ON CONFLICT (user_id, status) DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER tasks_change_trigger_delete AFTER DELETE ON tasks WHEN OLD.deleted_at IS NULL BEGIN
    INSERT INTO change_log (table_name, operation, record_id, task_id, user_id, status)
    VALUES ('tasks', 'DELETE', OLD.id, OLD.id, OLD.user_id, OLD.status);
    UPDATE task_counts SET count = count - 1 WHERE user_id = OLD.user_id AND status = OLD.status;
END;

CREATE TRIGGER files_change_trigger_insert AFTER INSERT ON files BEGIN
    INSERT INTO change_log (table_name, operation, record_id, user_id, at)
    VALUES ('files', 'INSERT', NEW.id, NEW.user_id, NEW.created_at);
END;

CREATE TRIGGER files_change_trigger_update AFTER UPDATE ON files BEGIN
    INSERT INTO change_log (table_name, operation, record_id, task_id, user_id)
    VALUES ('files', 'UPDATE', NEW.id, (SELECT id FROM tasks WHERE file_id = NEW.id), NEW.user_id);
END;

CREATE TRIGGER files_change_trigger_delete AFTER DELETE ON files BEGIN
    INSERT INTO change_log (table_name, operation, record_id, user_id)
    VALUES ('files', 'DELETE', OLD.id, OLD.user_id);
END;

CREATE TRIGGER results_change_trigger_insert AFTER INSERT ON results BEGIN
    INSERT INTO change_log (table_name, operation, record_id, task_id, user_id, at)
    SELECT 'results', 'INSERT', NEW.id, NEW.task_id, user_id, NEW.created_at FROM tasks WHERE id = NEW.task_id;
END;

CREATE TRIGGER results_change_trigger_update AFTER UPDATE ON results BEGIN
    INSERT INTO change_log (table_name, operation, record_id, task_id, user_id)
    SELECT 'results', 'UPDATE', NEW.id, NEW.task_id, user_id FROM tasks WHERE id = NEW.task_id;
END;

-- A result that goes with its task has no owner to tell any more; the task's own DELETE tells it.
CREATE TRIGGER results_change_trigger_delete AFTER DELETE ON results BEGIN
    INSERT INTO change_log (table_name, operation, record_id, task_id, user_id)
    SELECT 'results', 'DELETE', OLD.id, OLD.task_id, user_id FROM tasks WHERE id = OLD.task_id;
END;
