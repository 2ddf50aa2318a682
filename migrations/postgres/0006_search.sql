-- The search index: copies of what was read, folded. It can be emptied and built anew.

-- Documents as they are searched: names are folded.
CREATE TABLE search_documents (
    task_id    UUID PRIMARY KEY,
    user_id    UUID NOT NULL,
    filename   TEXT NOT NULL,
    status     TEXT NOT NULL,
    media_type TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    pages      BIGINT NOT NULL
);
CREATE INDEX search_documents_user ON search_documents (user_id);

-- Tokens with their positions, made by the platform and by no text search configuration. Skeletons stand at the
-- position of their token with U+E002 before them.
CREATE TABLE search_pages (
    task_id    UUID NOT NULL REFERENCES search_documents (task_id) ON DELETE CASCADE,
    number     BIGINT NOT NULL,
    confidence REAL,
    engine     TEXT NOT NULL,
    language   TEXT NOT NULL,
    tokens     TSVECTOR NOT NULL,
    PRIMARY KEY (task_id, number)
);
CREATE INDEX search_pages_tokens ON search_pages USING gin (tokens);

-- Skeletons in which errors of typing are forgiven, and on how many pages they stand. Reversed, to be found by their end.
CREATE TABLE search_vocabulary (
    word     TEXT COLLATE "C" PRIMARY KEY,
    reversed TEXT COLLATE "C" NOT NULL,
    pages    BIGINT NOT NULL
);
CREATE INDEX search_vocabulary_reversed ON search_vocabulary (reversed);

-- Up to where in the change log the index has everything: one row, or none while it has not been built.
CREATE TABLE search_position (
    one BOOLEAN PRIMARY KEY CHECK (one),
    xid TEXT NOT NULL,
    seq BIGINT NOT NULL
);
