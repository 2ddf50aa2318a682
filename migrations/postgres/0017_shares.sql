-- Links with which somebody else can read one document. Of their secrets only SHA-256 is kept, in hex.
CREATE TABLE shares (
    id             UUID PRIMARY KEY,
    task_id        UUID NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    token_hash     TEXT NOT NULL UNIQUE,
    -- A PHC string of Argon2id; null for a link without a password.
    password_hash  TEXT,
    -- Names with spaces between them.
    formats        TEXT NOT NULL DEFAULT '',
    max_opens      BIGINT,
    opens          BIGINT NOT NULL DEFAULT 0,
    created_at     TIMESTAMPTZ NOT NULL,
    expires_at     TIMESTAMPTZ NOT NULL,
    last_opened_at TIMESTAMPTZ
);
CREATE INDEX shares_task ON shares (task_id);

-- Who opened a link reads on with a secret of their own.
CREATE TABLE share_visits (
    token_hash TEXT PRIMARY KEY,
    share_id   UUID NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX share_visits_share ON share_visits (share_id, expires_at);

CREATE FUNCTION end_shares() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM shares WHERE task_id = NEW.id;
    RETURN NULL;
END $$;

-- A link ends with its document, and when that has another owner: who made it may not give it away any more.
CREATE TRIGGER tasks_end_shares AFTER UPDATE OF deleted_at, user_id ON tasks
    FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL OR NEW.user_id IS DISTINCT FROM OLD.user_id)
    EXECUTE FUNCTION end_shares();
