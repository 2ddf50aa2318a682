-- The search index: copies of what was read, folded. It can be emptied and built anew.

-- Documents as they are searched: names are folded.
CREATE TABLE search_documents (
    task_id    TEXT PRIMARY KEY NOT NULL,
    user_id    TEXT NOT NULL,
    filename   TEXT NOT NULL,
    status     TEXT NOT NULL,
    media_type TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    pages      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX search_documents_user ON search_documents (user_id);

CREATE TABLE search_pages (
    id         INTEGER PRIMARY KEY,
    task_id    TEXT NOT NULL REFERENCES search_documents (task_id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    confidence REAL,
    engine     TEXT NOT NULL,
    language   TEXT NOT NULL,
    UNIQUE (task_id, number)
);

-- Tokens with spaces between them, under the id of their page. The tokenizer takes every character beyond ASCII as
-- part of a token, so what is a token is decided by the platform alone.
CREATE VIRTUAL TABLE search_text USING fts5 (words, skeletons, tokenize = 'ascii');

-- Skeletons in which errors of typing are forgiven, and on how many pages they stand. Reversed, to be found by their end.
CREATE TABLE search_vocabulary (
    word     TEXT PRIMARY KEY NOT NULL,
    reversed TEXT NOT NULL,
    pages    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX search_vocabulary_reversed ON search_vocabulary (reversed);

-- Up to where in the change log the index has everything: one row, or none while it has not been built.
CREATE TABLE search_position (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    xid TEXT NOT NULL,
    seq INTEGER NOT NULL
);
