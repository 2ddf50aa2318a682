-- Refresh tokens of programs: of each session the one that works now, as SHA-256 in hex, how many there were before it,
-- and the salt that the next one follows from. All null for a session of a browser.
ALTER TABLE sessions ADD COLUMN refresh_scope TEXT CHECK (refresh_scope IN ('read', 'write', 'admin'));
ALTER TABLE sessions ADD COLUMN refresh_hash TEXT;
ALTER TABLE sessions ADD COLUMN refresh_generation BIGINT;
ALTER TABLE sessions ADD COLUMN refresh_salt TEXT;
ALTER TABLE sessions ADD COLUMN refresh_rotated_at TIMESTAMPTZ;

-- Keys with which access tokens are signed (Ed25519), both halves as base64url. One without an end signs; another that
-- took its place gives it one.
CREATE TABLE signing_keys (
    id          UUID PRIMARY KEY,
    private_key TEXT NOT NULL,
    public_key  TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ
);

-- Second factors. Recovery codes that are left, as SHA-256 in hex with spaces between; every change raises the version.
CREATE TABLE second_factors (
    user_id   UUID PRIMARY KEY REFERENCES accounts (user_id) ON DELETE CASCADE,
    secret    TEXT NOT NULL,
    confirmed BOOLEAN NOT NULL,
    last_step BIGINT NOT NULL,
    recovery  TEXT NOT NULL,
    version   BIGINT NOT NULL
);
