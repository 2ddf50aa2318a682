-- Who may sign in. An account belongs to a row of users, which owns documents with or without one.
CREATE TABLE accounts (
    user_id       TEXT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    login         TEXT NOT NULL UNIQUE,
    -- A PHC string of Argon2id; null until a password was chosen.
    password_hash TEXT,
    role          TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    disabled      INTEGER NOT NULL DEFAULT 0,
    created_at    TEXT NOT NULL,
    last_sign_in  TEXT
);

-- Of secrets only SHA-256 is kept, in hex.
CREATE TABLE sessions (
    id           TEXT PRIMARY KEY NOT NULL,
    user_id      TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    token_hash   TEXT NOT NULL UNIQUE,
    created_at   TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    agent        TEXT NOT NULL,
    address      TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE api_keys (
    id           TEXT PRIMARY KEY NOT NULL,
    user_id      TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    prefix       TEXT NOT NULL,
    token_hash   TEXT NOT NULL UNIQUE,
    scope        TEXT NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    created_at   TEXT NOT NULL,
    expires_at   TEXT,
    last_used_at TEXT
);
CREATE INDEX api_keys_user ON api_keys (user_id);

-- Links to set up or to choose a password, and tickets of live connections: what ends with a user, session or key
-- goes with its row.
CREATE TABLE one_time_tokens (
    token_hash TEXT PRIMARY KEY NOT NULL,
    purpose    TEXT NOT NULL CHECK (purpose IN ('set_up', 'reset', 'live')),
    user_id    TEXT REFERENCES accounts (user_id) ON DELETE CASCADE,
    session_id TEXT REFERENCES sessions (id) ON DELETE CASCADE,
    key_id     TEXT REFERENCES api_keys (id) ON DELETE CASCADE,
    expires_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX one_time_tokens_expiry ON one_time_tokens (expires_at);
CREATE INDEX one_time_tokens_session ON one_time_tokens (session_id);
CREATE INDEX one_time_tokens_key ON one_time_tokens (key_id);
CREATE INDEX one_time_tokens_user ON one_time_tokens (user_id);

-- Attempts to sign in, by account and by address.
CREATE TABLE sign_in_attempts (
    key     TEXT PRIMARY KEY NOT NULL,
    count   INTEGER NOT NULL,
    last_at TEXT NOT NULL
) WITHOUT ROWID;

-- Who did what. Rows refer to nothing, so that they outlive what they are about, and stay as they are.
CREATE TABLE audit_log (
    id      TEXT PRIMARY KEY NOT NULL,
    at      TEXT NOT NULL,
    actor   TEXT,
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX audit_log_actor ON audit_log (actor, id);

CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are not changed');
END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are not removed');
END;
