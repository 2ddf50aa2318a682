-- Who may sign in. An account belongs to a row of users, which owns documents with or without one.
CREATE TABLE accounts (
    user_id       UUID PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    login         TEXT COLLATE "C" NOT NULL UNIQUE,
    -- A PHC string of Argon2id; null until a password was chosen.
    password_hash TEXT,
    role          TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    disabled      BOOLEAN NOT NULL DEFAULT false,
    created_at    TIMESTAMPTZ NOT NULL,
    last_sign_in  TIMESTAMPTZ
);

-- Of secrets only SHA-256 is kept, in hex.
CREATE TABLE sessions (
    id           UUID PRIMARY KEY,
    user_id      UUID NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    token_hash   TEXT NOT NULL UNIQUE,
    created_at   TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL,
    agent        TEXT NOT NULL,
    address      TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE api_keys (
    id           UUID PRIMARY KEY,
    user_id      UUID NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    prefix       TEXT NOT NULL,
    token_hash   TEXT NOT NULL UNIQUE,
    scope        TEXT NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ
);
CREATE INDEX api_keys_user ON api_keys (user_id);

-- Links to set up or to choose a password, and tickets of live connections: what ends with a user, session or key
-- goes with its row.
CREATE TABLE one_time_tokens (
    token_hash TEXT PRIMARY KEY,
    purpose    TEXT NOT NULL CHECK (purpose IN ('set_up', 'reset', 'live')),
    user_id    UUID REFERENCES accounts (user_id) ON DELETE CASCADE,
    session_id UUID REFERENCES sessions (id) ON DELETE CASCADE,
    key_id     UUID REFERENCES api_keys (id) ON DELETE CASCADE,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX one_time_tokens_expiry ON one_time_tokens (expires_at);
CREATE INDEX one_time_tokens_session ON one_time_tokens (session_id);
CREATE INDEX one_time_tokens_key ON one_time_tokens (key_id);
CREATE INDEX one_time_tokens_user ON one_time_tokens (user_id);

-- Attempts to sign in, by account and by address.
CREATE TABLE sign_in_attempts (
    key     TEXT PRIMARY KEY,
    count   BIGINT NOT NULL,
    last_at TIMESTAMPTZ NOT NULL
);

-- Who did what. Rows refer to nothing, so that they outlive what they are about, and stay as they are.
CREATE TABLE audit_log (
    id      UUID PRIMARY KEY,
    at      TIMESTAMPTZ NOT NULL,
    actor   UUID,
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX audit_log_actor ON audit_log (actor, id);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit log are neither changed nor removed';
END $$;

CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
