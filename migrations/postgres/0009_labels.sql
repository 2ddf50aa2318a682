-- Under what documents are filed: labels, one collection at most, one note at most.
CREATE TABLE filings (
    task_id UUID NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    -- label, collection or note.
    kind    TEXT NOT NULL,
    -- What all ways to write a name have in common; empty for a note.
    key     TEXT COLLATE "C" NOT NULL,
    -- The name or note as it was written.
    text    TEXT NOT NULL,
    PRIMARY KEY (task_id, kind, key)
);
CREATE INDEX filings_key ON filings (kind, key, task_id);

-- The same as it is searched: folded, with a line break before and behind each label.
ALTER TABLE search_documents ADD COLUMN labels TEXT NOT NULL DEFAULT '';
ALTER TABLE search_documents ADD COLUMN collection TEXT NOT NULL DEFAULT '';
ALTER TABLE search_documents ADD COLUMN note TEXT NOT NULL DEFAULT '';

-- Queries that users gave a name, to ask them again.
CREATE TABLE saved_searches (
    id         UUID PRIMARY KEY,
    user_id    UUID NOT NULL,
    -- What all ways to write the name have in common.
    key        TEXT COLLATE "C" NOT NULL,
    name       TEXT NOT NULL,
    query      TEXT NOT NULL,
    UNIQUE (user_id, key)
);
