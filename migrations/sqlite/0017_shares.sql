-- Links with which somebody else can read one document. Of their secrets only SHA-256 is kept, in hex.
CREATE TABLE shares (
    id             TEXT PRIMARY KEY NOT NULL,
    task_id        TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    token_hash     TEXT NOT NULL UNIQUE,
    -- A PHC string of Argon2id; null for a link without a password.
    password_hash  TEXT,
    -- Names with spaces between them.
    formats        TEXT NOT NULL DEFAULT '',
    max_opens      INTEGER,
    opens          INTEGER NOT NULL DEFAULT 0,
    created_at     TEXT NOT NULL,
    expires_at     TEXT NOT NULL,
    last_opened_at TEXT
) WITHOUT ROWID;
CREATE INDEX shares_task ON shares (task_id);

-- Who opened a link reads on with a secret of their own.
CREATE TABLE share_visits (
    token_hash TEXT PRIMARY KEY NOT NULL,
    share_id   TEXT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    expires_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX share_visits_share ON share_visits (share_id, expires_at);

-- A link ends with its document, and when that has another owner: who made it may not give it away any more.
CREATE TRIGGER tasks_end_shares AFTER UPDATE OF deleted_at, user_id ON tasks
WHEN NEW.deleted_at IS NOT NULL OR NEW.user_id <> OLD.user_id BEGIN
    DELETE FROM shares WHERE task_id = NEW.id;
END;
